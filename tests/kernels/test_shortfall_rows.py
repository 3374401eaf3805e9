"""Rows of shortfall: equal to the formulas one by one; every bad row marked."""

import math

import numpy as np
import pytest

from riskengine.kernels.normal import normal_quantile
from riskengine.kernels.shortfall import (
    chance_short,
    economic_loss_share,
    expected_shortfall_of_sale,
    mixed_shortfall,
    net_forward,
    sale_spread,
)
from riskengine.kernels.shortfall_rows import (
    conditional_rows,
    layer_rows,
    loan_to_value_rows,
    quantile_shortfall_rows,
    shortfall_rows,
    timed_shortfall_rows,
    wrong_way_rows,
)
from riskengine.kernels.wrong_way import wrong_way_loss_share, wrong_way_shortfall

NAN = math.nan
GOOD = [100.0, 120.0, 0.2, 0.01, 0.25, 2.0, 0.1, 0.04, 0.9]


def cases(good: list[float], **changed: tuple[int, float]) -> np.ndarray:
    rows = [good]
    for place, value in changed.values():
        row = list(good)
        row[place] = value
        rows.append(row)
    return np.ascontiguousarray(np.array(rows).T)


def test_shortfall_rows() -> None:
    x = cases(GOOD, no_debt=(0, 0.0), no_value=(1, 0.0), missing=(4, NAN), short=(2, 1.1),
              endless=(5, math.inf), negative=(1, -1.0), unsure=(8, 0.0))  # fmt: skip
    out, status = np.empty((5, x.shape[1])), np.empty(x.shape[1], dtype=np.int64)
    shortfall_rows(x, out, status)
    assert status.tolist() == [0, 4, 0, 1, 2, 2, 2, 0]
    forward, spread = net_forward(120.0, 0.2, 0.01, 2.0), sale_spread(0.25, 2.0, 0.1)
    lost = mixed_shortfall(100.0, expected_shortfall_of_sale(100.0, forward, spread), 0.9)
    short = 0.9 * chance_short(100.0, forward, spread) + 0.1
    expected = [forward, lost, short, lost / 100.0, economic_loss_share(100.0, lost, 0.04, 2.0)]
    assert out[:, 0] == pytest.approx(expected, rel=1e-14)
    assert out[1:3, 1].tolist() == [0.0, 0.0] and np.isnan(out[3:, 1]).all()
    assert out[1:, 2] == pytest.approx([100.0, 1.0, 1.0, 1.0])
    assert np.isnan(out[:, 3:7]).all()
    assert out[1:, 7] == pytest.approx([100.0, 1.0, 1.0, 1.0])


def test_one_time_is_that_time() -> None:
    x = cases(GOOD, no_debt=(0, 0.0), missing=(0, NAN))
    plain, timed = np.empty((5, 3)), np.empty((4, 3))
    status, again = np.empty(3, dtype=np.int64), np.empty(3, dtype=np.int64)
    shortfall_rows(x, plain, status)
    timed_shortfall_rows(x, np.array([1.0]), np.array([1.0]), timed, again)
    assert again.tolist() == status.tolist() == [0, 4, 1]
    assert timed[:, 0] == pytest.approx(plain[1:, 0], rel=1e-13)


def test_wrong_way_rows() -> None:
    good = [100.0, 110.0, 0.3, 0.03, 0.2]
    x = cases(good, never=(3, 0.0), always=(3, 1.0), no_debt=(0, 0.0), beyond=(4, 1.01),
              missing=(2, NAN), worthless=(1, 0.0), wide=(3, 1.5))  # fmt: skip
    out, status = np.empty((3, x.shape[1])), np.empty(x.shape[1], dtype=np.int64)
    wrong_way_rows(x, out, status)
    assert status.tolist() == [0, 0, 0, 4, 2, 1, 0, 2]
    assert out[0, 0] == wrong_way_shortfall(100.0, 110.0, 0.3, normal_quantile(0.03), 0.2)
    assert out[1, 0] == pytest.approx(wrong_way_loss_share(100.0, 110.0, 0.3, 0.03, 0.2))
    assert out[:2, 1].tolist() == [0.0, 1.0]
    assert out[1, 2] == pytest.approx(out[2, 2], rel=1e-14)
    assert out[:, 6] == pytest.approx([3.0, 1.0, 1.0])


def test_conditional_rows_of_the_notes_with_one_and_two_factors() -> None:
    """LGD-COND-01: one factor, and the same variance split over two."""
    x = cases([100.0, 110.0, 0.3, 0.03], split=(0, 100.0), sure=(3, 1.0), missing=(1, NAN))
    z = normal_quantile(0.001)
    a, b = math.sqrt(0.12), 0.5
    defaults = np.array([[a, a * 0.6, a, a], [0.0, a * 0.8, 0.0, 0.0]])
    sales = np.array([[b, b * 0.6, b, b], [0.0, b * 0.8, 0.0, 0.0]])
    out, status = np.empty((3, 4)), np.empty(4, dtype=np.int64)
    conditional_rows(x, defaults, sales, np.array([z, 0.0]), out, status)
    assert out[:, 0] == pytest.approx((0.193851956175, 0.322623665619, 0.0625412286886), rel=1e-9)
    assert out[0, 2] == 1.0 and status.tolist() == [0, 0, 0, 1]
    conditional_rows(x, defaults, sales, np.array([0.6 * z, 0.8 * z]), out, status)
    assert out[:, 1] == pytest.approx((0.193851956175, 0.322623665619, 0.0625412286886), rel=1e-9)
    defaults[0] = [1.0, NAN, 0.2, 0.2]
    conditional_rows(x, defaults, sales, np.array([z, 0.0]), out, status)
    assert status.tolist() == [2, 1, 0, 1]


def test_layer_rows() -> None:
    debts, starts = np.array([60.0, 40.0, 10.0, NAN, 5.0, -1.0]), np.array([0, 2, 2, 4, 6])
    x = np.array([[96.0, 50.0, 50.0, 50.0], [0.3, 0.3, 0.3, 0.3]])
    out, status = np.empty(6), np.empty(4, dtype=np.int64)
    layer_rows(debts, starts, x, out, status)
    assert status.tolist() == [0, 0, 1, 2]
    assert out[:2].sum() == pytest.approx(expected_shortfall_of_sale(100.0, 96.0, 0.3), rel=1e-14)
    assert out[0] == expected_shortfall_of_sale(60.0, 96.0, 0.3) and np.isnan(out[2:]).all()


def test_quantile_rows() -> None:
    x = cases([100.0, 70.0, 96.0, 130.0, 0.1], turned=(1, 97.0), zero=(1, 0.0), no_debt=(0, 0.0))
    out, status = np.empty((3, 4)), np.empty(4, dtype=np.int64)
    quantile_shortfall_rows(x, normal_quantile(0.95), out, status)
    assert status.tolist() == [0, 2, 2, 4]
    assert out[2, 0] == pytest.approx(out[1, 0] / 100.0) and np.isnan(out[2, 3])


def test_loan_to_value_rows_of_the_notes() -> None:
    """LGD-LTV-01 and -02, then given default: a lower loan for the same chance."""
    x = np.array([
        [0.05, 1.0, 0.0, 0.0, 0.25, 2.0, 0.0, 0.05, 0.06],
        [0.01, 1.0, 0.0, 0.02, 0.2, 1.0, 0.0, 0.08, 0.045],
        [0.05, 0.03, 0.4, 0.0, 0.25, 2.0, 0.0, 0.05, 0.06],
        [0.05, 0.0, 0.4, 0.0, 0.25, 2.0, 0.0, 0.05, 0.06],
        [0.05, 0.03, 0.4, 0.0, NAN, 2.0, 0.0, 0.05, 0.06],
        [0.05, 0.03, 0.4, 0.0, 0.25, 2.0, 0.0, 0.05, -1.0],
    ]).T.copy()  # fmt: skip
    out, status = np.empty((3, 6)), np.empty(6, dtype=np.int64)
    loan_to_value_rows(x, out, status)
    assert status.tolist() == [0, 0, 0, 2, 1, 2]
    assert out[0, :2] == pytest.approx([0.444024877607, 0.552850272461], rel=1e-9)
    assert out[1, 2] == pytest.approx(0.444024877607, rel=1e-9)
    assert out[0, 2] < 0.8 * out[1, 2] and out[2, 2] > 0.15
