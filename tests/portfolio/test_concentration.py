"""Concentration: the oracle, slow twins, properties, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.portfolio.concentration import (
    concentration,
    concentration_by,
    diversification_index,
    effective_zones,
    group_amounts,
)
from riskengine.portfolio.exposures import BookError

AMOUNTS = st.lists(st.floats(0.01, 1e9), min_size=1, max_size=30)


def test_indices() -> None:
    """PF-HHI-01."""
    found = concentration([40, 25, 15, 10, 5, 5])
    assert found.herfindahl == pytest.approx(0.26, abs=1e-10)
    assert found.effective_number == pytest.approx(3.84615384615, abs=1e-10)
    assert found.largest_shares[2] == pytest.approx(0.8, abs=1e-10)
    assert found.gini == pytest.approx(0.4, abs=1e-10)
    assert found.hall_tideman == pytest.approx(0.277777777778, abs=1e-10)
    assert found.theil == pytest.approx(0.264269851811, abs=1e-10)
    assert found.entropy == pytest.approx(math.log(6) - 0.264269851811, abs=1e-10)
    assert (found.count, found.total) == (6, 100.0)


@given(AMOUNTS)
def test_slow_twins(amounts: list[float]) -> None:
    found, n, total = concentration(amounts), len(amounts), math.fsum(amounts)
    shares = [x / total for x in amounts]
    gaps = math.fsum(abs(a - b) for a in amounts for b in amounts)
    assert found.gini == pytest.approx(gaps / (2.0 * n * total), abs=1e-12)
    assert found.herfindahl == pytest.approx(math.fsum(s * s for s in shares), rel=1e-12)
    theil = math.fsum(s * math.log(n * s) for s in shares)
    assert found.theil == pytest.approx(theil, abs=1e-12)
    assert 1.0 / n - 1e-12 <= found.hall_tideman <= 1.0 + 1e-12
    assert 1.0 / n - 1e-12 <= found.herfindahl <= 1.0 + 1e-12
    turned = concentration(amounts[::-1])
    assert turned.herfindahl == found.herfindahl and turned.gini == found.gini


@given(AMOUNTS, st.floats(1e-3, 1e3))
def test_scale_changes_nothing(amounts: list[float], scale: float) -> None:
    one, other = concentration(amounts), concentration(np.multiply(amounts, scale))
    assert other.hall_tideman == pytest.approx(one.hall_tideman, rel=1e-10)
    assert other.theil == pytest.approx(one.theil, abs=1e-10)


def test_equal_and_single_members() -> None:
    even = concentration([5.0] * 8, largest=20)
    assert even.herfindahl == pytest.approx(1 / 8) == even.hall_tideman
    assert even.gini == pytest.approx(0.0, abs=1e-15) and even.theil == pytest.approx(
        0.0, abs=1e-15
    )
    assert even.largest_shares.tolist() == pytest.approx([k / 8 for k in range(1, 9)])
    one = concentration([7.0])
    assert (one.herfindahl, one.hall_tideman, one.gini, one.theil, one.entropy) == (
        1.0,
        1.0,
        0.0,
        0.0,
        0.0,
    )


def test_members_without_an_amount_count() -> None:
    found = concentration([1.0, 1.0, 0.0, 0.0])
    assert found.count == 4 and found.effective_number == 2.0
    assert found.gini == pytest.approx(0.5) and found.theil == pytest.approx(math.log(2.0))


def test_merging_members_concentrates() -> None:
    apart = concentration([40.0, 25.0, 15.0, 10.0, 5.0, 5.0])
    together = concentration([40.0, 25.0, 15.0, 10.0, 10.0])
    assert together.herfindahl > apart.herfindahl and together.entropy < apart.entropy


def test_groups() -> None:
    names, sums = group_amounts([1.0, 2.0, 4.0, 0.5], ["pig", "crop", "pig", "fish"])
    assert names.tolist() == ["crop", "fish", "pig"] and sums.tolist() == [2.0, 0.5, 5.0]
    found = concentration_by(
        [1.0, 2.0, 4.0], {"crop": ["a", "a", "b"], "county": [1, 2, 1]}, largest=1
    )
    assert found["crop"].largest_shares[0] == pytest.approx(4.0 / 7.0)
    assert found["county"].herfindahl == pytest.approx((25.0 + 4.0) / 49.0)


def test_order_of_rows_changes_no_sum() -> None:
    rng = np.random.default_rng(1)
    amounts, groups = rng.lognormal(5, 3, 2000), rng.integers(0, 7, 2000)
    order = rng.permutation(2000)
    assert (
        group_amounts(amounts, groups)[1].tolist()
        == group_amounts(amounts[order], groups[order])[1].tolist()
    )


def test_zones() -> None:
    assert effective_zones([1.0] * 5, np.eye(5)) == pytest.approx(5.0)
    assert effective_zones([1.0] * 5, np.ones((5, 5))) == pytest.approx(1.0)
    assert effective_zones([3.0, 1.0], np.eye(2)) == pytest.approx(1.6)
    assert effective_zones([1.0, 1.0], [[1.0, -1.0], [-1.0, 1.0]]) == math.inf


def test_diversification() -> None:
    assert diversification_index(80.0, 100.0) == 0.8


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: concentration([]), "no amount is above 0"),
        (lambda: concentration([0.0, 0.0]), "no amount is above 0"),
        (lambda: concentration([1.0, -1.0]), "amounts must be in"),
        (lambda: concentration([1.0, math.nan]), "amounts holds"),
        (lambda: concentration([1.0], largest=0), "largest must be in"),
        (lambda: group_amounts([1.0, 2.0], ["a"]), "one column of 2 rows"),
        (lambda: effective_zones([1.0, 1.0], np.eye(3)), "does not fit the weights"),
        (lambda: effective_zones([1.0, 1.0], [[1.0, 0.5], [0.2, 1.0]]), "does not fit the weights"),
        (lambda: effective_zones([0.0, 0.0], np.eye(2)), "no weight is above 0"),
        (lambda: diversification_index(1.0, 0.0), "fine_capital must be in"),
    ],
)
def test_refusals(call: object, said: str) -> None:
    with pytest.raises(BookError, match=said):
        call()  # type: ignore[operator]
