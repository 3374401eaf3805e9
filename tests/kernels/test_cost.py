"""What it costs to make the thing anew, against tranche-by-tranche twins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.kernels import cost
from tests.reference import cost as slow
from tests.reference.plain import assert_same_in_plain_python

VALUE = 1e-10
"""Relative tolerance of an amount."""

RATES = st.just(0.0) | st.floats(1e-6, 0.3)
AMOUNTS = st.floats(1.0, 1e7)
SHARES = (
    st.lists(st.floats(0.05, 1.0), min_size=1, max_size=5)
    .map(np.array)
    .map(lambda parts: parts / parts.sum())
)
YEARS = st.floats(0.25, 3.0)
PARTS = st.floats(0.0, 0.3)


@given(AMOUNTS, SHARES, YEARS, RATES, st.floats(0.0, 2.0))
def test_interest_runs_from_the_middle_of_each_tranche(amount, shares, width, rate, lag):
    arguments = (amount, shares, width, rate, lag)
    assert cost.tranche_interest(*arguments) == pytest.approx(
        slow.tranche_interest(*arguments), rel=VALUE
    )


@given(AMOUNTS, RATES, YEARS)
def test_later_spending_bears_less_interest(amount, rate, width):
    early, even, late = (
        cost.tranche_interest(amount, np.array([share, 1.0 - share]), width, rate, 0.0)
        for share in (0.8, 0.5, 0.2)
    )
    assert late <= even * (1 + VALUE)
    assert even <= early * (1 + VALUE)


@given(AMOUNTS, PARTS, SHARES, YEARS, RATES, AMOUNTS, AMOUNTS)
def test_replacement_cost_is_all_that_was_paid(build, management, shares, width, rate, tax, profit):
    whole, interest = cost.replacement_cost(build, management, shares, width, rate, tax, profit)
    spent = build + build * management
    assert interest == pytest.approx(
        slow.tranche_interest(spent, shares, width, rate, 0.0), rel=VALUE, abs=VALUE
    )
    assert whole == pytest.approx(spent + interest + tax + profit, rel=VALUE)


@given(AMOUNTS, AMOUNTS, PARTS, PARTS, PARTS)
def test_the_price_pays_for_everything(outlay, interest, on_cost, on_price, selling):
    price = cost.price_from_cost(outlay, interest, on_cost, on_price, selling)
    paid = outlay + interest + on_cost * outlay + on_price * price + selling * price
    assert price == pytest.approx(paid, rel=VALUE)


@given(AMOUNTS, AMOUNTS, SHARES, YEARS, RATES)
def test_acquisition_bears_interest_for_the_whole_time(
    acquisition, development, shares, width, rate
):
    on_acquisition, on_development = cost.land_cost_interest(
        acquisition, development, shares, width, rate
    )
    whole = shares.size * width
    assert on_acquisition == pytest.approx(
        slow.full_period_interest(acquisition, whole, rate), rel=VALUE, abs=VALUE
    )
    assert on_development == pytest.approx(
        slow.tranche_interest(development, shares, width, rate, 0.0), rel=VALUE, abs=VALUE
    )
    assert on_development / development <= on_acquisition / acquisition * (1 + VALUE)


@given(AMOUNTS, AMOUNTS, PARTS, st.floats(0.1, 1.0), st.floats(0.1, 9.0))
def test_cost_approximation_scales_and_appreciates(acquisition, development, gain, term, scale):
    parts = np.array([acquisition, development, 3.0, 5.0, 7.0])
    price = cost.cost_approximation_price(*parts, gain, term)
    assert price == pytest.approx(parts.sum() * (1 + gain) * term, rel=VALUE)
    assert cost.cost_approximation_price(*(scale * parts), gain, term) == pytest.approx(
        scale * price, rel=VALUE
    )


TRANCHES = np.array([0.6, 0.4])


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("tranche_interest", (824.0, TRANCHES, 1.0, 0.06, 0.5)),
        ("replacement_cost", (800.0, 0.03, TRANCHES, 1.0, 0.06, 50.0, 120.0)),
        ("price_from_cost", (800.0, 40.0, 0.1, 0.05, 0.08)),
        ("land_cost_interest", (225.0, 345.0, TRANCHES, 1.0, 0.06)),
        ("cost_approximation_price", (100.0, 150.0, 3.0, 21.36, 25.0, 0.12, 0.97)),
    ],
)
def test_compiled_equals_plain_python(name, arguments):
    assert_same_in_plain_python(getattr(cost, name), *arguments)
