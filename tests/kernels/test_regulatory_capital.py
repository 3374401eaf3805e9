"""Supervisory formulas, number by number: ends of their ranges and every status."""

import math

import numpy as np
import pytest

from riskengine.kernels.regulatory_capital import (
    capital_rows,
    maturity_factor,
    supervisory_correlation,
)

CORPORATE = [0.12, 0.24, 50.0, 0.04, 5.0, 50.0, 0.11852, 0.05478, 2.5, 1.0, 5.0, 0.0, 0.001]
MORTGAGE = [0.15, 0.15, 0.0, 0.0, 5.0, 50.0, 0.0, 0.0, 2.5, 1.0, 5.0, 0.0, 0.001]
FINE = [0.01, 0.45, 2.5, math.inf, 1.0, math.nan]


def rows(*given: tuple[int, list[float]]) -> tuple[np.ndarray, list[int]]:
    x = np.array([row for _, row in given]).T.copy()
    kind = np.array([code for code, _ in given])
    out, status = np.empty((3, kind.size)), np.empty(kind.size, dtype=np.int64)
    capital_rows(np.array([CORPORATE, MORTGAGE]), kind, x, 0, kind.size, out, status)
    return out, status.tolist()


def test_correlation_ends() -> None:
    at = lambda p, s: supervisory_correlation(p, s, *CORPORATE[:6])  # noqa: E731
    assert at(0.0, math.inf) == pytest.approx(0.24, rel=1e-15)
    assert at(1.0, math.inf) == pytest.approx(0.12, rel=1e-15)
    assert at(0.0, 50.0) - at(0.0, 5.0) == pytest.approx(0.04, rel=1e-13)
    assert at(0.0, -3.0) == at(0.0, 5.0) < at(0.0, 27.5) < at(0.0, 50.0) == at(0.0, 1e9)
    assert at(0.0, 27.5) == pytest.approx(0.22, rel=1e-14)
    # As the text prints it.
    weight = (1.0 - math.exp(-50.0 * 0.01)) / (1.0 - math.exp(-50.0))
    assert at(0.01, 60.0) == pytest.approx(0.12 * weight + 0.24 * (1.0 - weight), rel=1e-14)


def test_maturity_factor() -> None:
    assert maturity_factor(0.01, 1.0, 0.11852, 0.05478, 2.5) == pytest.approx(1.0, rel=1e-14)
    assert maturity_factor(0.01, 4.0, 0.0, 0.0, 2.5) == 1.0
    # 1 - 1.5 b reaches 0 at ln PD = (0.11852 - sqrt(2 / 3)) / 0.05478.
    least = math.exp((0.11852 - math.sqrt(2.0 / 3.0)) / 0.05478)
    assert 2e-6 < least < 3.1e-6
    assert maturity_factor(1.01 * least, 2.5, 0.11852, 0.05478, 2.5) > 10.0
    assert math.isnan(maturity_factor(0.99 * least, 2.5, 0.11852, 0.05478, 2.5))


def test_every_status() -> None:
    changed = lambda **new: [new.get(f"c{k}", v) for k, v in enumerate(FINE)]  # noqa: E731
    out, status = rows(
        (0, FINE), (0, changed(c0=math.nan)), (0, changed(c0=1.1)), (0, changed(c1=-0.1)),
        (0, changed(c2=0.0)), (0, changed(c4=6.0)), (0, changed(c0=0.0)), (1, changed(c0=0.0)),
        (1, changed(c0=1.0)), (1, changed(c0=1.0, c5=0.3)), (1, changed(c0=1.0, c5=0.6)),
        (0, changed(c4=-1.0)), (0, changed(c0=1e-7)),
    )  # fmt: skip
    assert status == [0, 1, 2, 2, 2, 2, 3, 0, 1, 0, 0, 2, 3]
    bad = np.array(status) != 0
    assert np.isnan(out[:, bad]).all() and np.isfinite(out[:, ~bad]).all()
    assert out[1, 7] == out[2, 7] == 0.0
    # In default: what the loss given default exceeds the best estimate by.
    assert out[1:, 9] == pytest.approx([0.15, 0.3]) and out[1:, 10].tolist() == [0.0, 0.6]
