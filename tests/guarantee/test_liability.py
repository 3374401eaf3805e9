"""Guarantee liability: the notes' case, no offset, amortisation, three measures."""

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.credit.exposure_path import exposure_path
from riskengine.credit.rows import CreditError
from riskengine.guarantee.liability import (
    ParallelMeasures,
    balance_share,
    guarantee_liability,
    parallel_measures,
    straight_line_share,
)
from riskengine.rules import statute

RULES = statute().at(date(2026, 11, 24))


def test_case_of_the_notes() -> None:
    """ECL-FGC-01: 30,000 for three years, one passed, ECL 26,500."""
    found = guarantee_liability(30000, straight_line_share(1, 3), 26500)
    assert found.unamortised_yuan[0] == pytest.approx(20000, abs=1e-9)
    assert found.liability_yuan[0] == pytest.approx(26500, abs=1e-9)
    assert found.income_yuan[0] == pytest.approx(10000, abs=1e-9)
    assert found.excess_yuan[0] == pytest.approx(6500, abs=1e-9)


def test_no_offset_between_contracts() -> None:
    """One contract over, one under: the book is more than the larger of its sums."""
    found = guarantee_liability([100.0, 100.0], 0.5, [80.0, 20.0])
    assert found.liability_yuan.sum() == 130.0 > max(100.0, 100.0)


@given(st.floats(0.0, 1e6), st.floats(0.0, 1.0), st.floats(0.0, 1e6))
def test_never_below_either(fee: float, share: float, loss: float) -> None:
    found = guarantee_liability(fee, share, loss)
    assert found.liability_yuan[0] >= max(loss, found.unamortised_yuan[0])
    assert found.income_yuan[0] + found.unamortised_yuan[0] == pytest.approx(fee, rel=1e-15)


def test_amortisation_by_balance() -> None:
    """120 repaid in three parts: 120, 80, 40 in force; half is earned after one period."""
    path = exposure_path(120.0, 3, "equal_principal")
    assert balance_share(path, 1)[0] == pytest.approx(0.5)
    assert balance_share(path, 3)[0] == pytest.approx(1.0)
    bullet = exposure_path([120.0, 50.0], 12)
    assert balance_share(bullet, 3) == pytest.approx(straight_line_share([3, 3], 12))
    assert straight_line_share(5, 3)[0] == 1.0
    with pytest.raises(CreditError):
        balance_share(exposure_path(0.0, 3), 1)


def test_ledger_rounds_half_even_once() -> None:
    found = guarantee_liability([0.0, 0.0, 0.0], 0.0, [0.125, 0.375, 2.0])
    assert found.liability_fen.tolist() == [12, 38, 200]
    assert found.liability_fen.dtype == np.int64


def test_three_measures_stand_side_by_side() -> None:
    """ACC-05: nothing adds them up or sets one against another."""
    found = parallel_measures(RULES, 3_000, 2_500, 4_000)
    assert found == ParallelMeasures(3_000, 2_500, 4_000)
    assert found.gaps() == {"regulatory_reserves": -1_000, "tax_reserves": -1_500}
    assert not {"total", "net", "sum"} & set(dir(found))
    with pytest.raises(CreditError):
        parallel_measures(RULES, -1, 0, 0)


@pytest.mark.parametrize(
    "given_figures",
    [
        (-1.0, 0.5, 1.0),
        (1.0, 1.5, 1.0),
        (1.0, 0.5, -1.0),
        (math.nan, 0.5, 1.0),
        (math.inf, 0.5, 1.0),
    ],
)
def test_a_negative_fee_is_refused(given_figures: tuple[float, float, float]) -> None:
    with pytest.raises(CreditError, match="negative"):
        guarantee_liability(*given_figures)


def test_times_are_refused() -> None:
    for passed, term in ((-1, 3), (1, 0), (math.nan, 3), (1, math.inf)):
        with pytest.raises(CreditError):
            straight_line_share(passed, term)
