"""Paths of exposure: terms in, exposures out, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.credit.exposure_path import exposure_path
from riskengine.credit.rows import CreditError


def test_what_a_guarantee_covers() -> None:
    """80 % of principal, three months of interest and 40 yuan of costs."""
    path = exposure_path(
        1000.0, 12, share=0.8, rate_per_year=0.06, interest_periods=3.0, costs_yuan=40.0
    )
    assert path.exposures()[0, 0] == pytest.approx(0.8 * (1000.0 * 1.015 + 40.0))


def test_a_line_is_drawn_by_default() -> None:
    path = exposure_path([1000.0], [6], undrawn_yuan=500.0, conversion=0.4)
    assert path.exposures().ravel().tolist() == [1200.0] * 6


@given(st.integers(1, 40), st.integers(1, 6), st.floats(0.0, 0.2))
def test_annuity_is_what_its_payments_are_worth(months: int, every: int, rate: float) -> None:
    path = exposure_path(1e5, months, "annuity", every=every, rate_per_year=rate)
    owed = path.exposures()[:, 0]
    each, count = rate * every / 12.0, -(-months // every)
    value = -math.expm1(-count * math.log1p(each)) / each if each else float(count)
    left = -(-np.arange(months, 0, -1) // every)
    worth = -np.expm1(-left * math.log1p(each)) / each if each else left
    assert owed == pytest.approx(1e5 * worth / value, rel=1e-10)
    assert np.all(np.diff(owed) <= 1e-9)


def test_plans_side_by_side() -> None:
    path = exposure_path(
        [60.0, 60.0, 9.0], [3, 3, 2], ["equal_principal", "bullet", "listed"],
        listed=([9.0, 4.0], [0, 0, 0, 2]),
    )  # fmt: skip
    assert path.exposures().T.round(9).tolist() == [[60, 40, 20], [60, 60, 60], [9, 4, 0]]
    assert (path.size, path.longest) == (3, 3)
    accrued = exposure_path(100.0, 2, "interest_at_end", rate_per_year=0.12)
    assert accrued.exposures("end")[:, 0].tolist() == [101.0, 102.0]
    assert accrued.exposures("mid")[:, 0] == pytest.approx([100.5, 101.5])


def test_balance_sums() -> None:
    path = exposure_path(120.0, 3, "equal_principal")
    passed, whole = path.balance_sums(2)
    assert (passed[0], whole[0]) == (200.0, 240.0)
    with pytest.raises(CreditError, match="passed"):
        path.balance_sums(4)


@pytest.mark.parametrize(
    "given_terms",
    [
        {"plan": "balloon"},
        {"plan": ["bullet", "bullet"]},
        {"plan": "listed"},
        {"plan": "listed", "listed": ([1.0, 2.0], [0, 2])},
        {"plan": "listed", "listed": ([1.0, 2.0, -1.0], [0, 3])},
        {"per_year": 13},
        {"every": [1, 2]},
    ],
)
def test_refusals(given_terms: dict) -> None:
    with pytest.raises(CreditError):
        exposure_path([100.0], 3, **given_terms)


@pytest.mark.parametrize(
    "given_terms",
    [{"share": 1.1}, {"conversion": -0.1}, {"costs_yuan": math.nan}, {"undrawn_yuan": -1.0}],
)
def test_bad_terms_do_not_hide_in_a_product(given_terms: dict) -> None:
    path = exposure_path(100.0, 3, **given_terms)
    assert not path.rows[6, 0] >= 0.0
    if "costs_yuan" in given_terms:
        with pytest.raises(CreditError):
            path.exposures()
    with pytest.raises(CreditError):
        exposure_path(100.0, 2.5).exposures()
