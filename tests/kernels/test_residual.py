"""Hypothetical development: what the developer pays leaves him the profit asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.kernels import cost, land_price, residual
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


@given(AMOUNTS, SHARES, st.floats(0.0, 3.0), YEARS, RATES)
def test_tranches_are_discounted_one_by_one(amount, shares, start, width, rate):
    arguments = (amount, shares, start, width, rate)
    assert residual.tranche_value(*arguments) == pytest.approx(
        slow.tranche_value(*arguments), rel=VALUE
    )


@given(AMOUNTS, SHARES, YEARS, RATES)
def test_value_at_the_start_grows_into_cost_and_interest(amount, shares, width, rate):
    value = residual.tranche_value(amount, shares, 0.0, width, rate)
    interest = cost.tranche_interest(amount, shares, width, rate, 0.0)
    grown = value * (1.0 + rate) ** (shares.size * width)
    assert grown == pytest.approx(amount + interest, rel=VALUE)


@given(AMOUNTS, AMOUNTS, AMOUNTS, RATES, st.floats(0.0, 5.0), PARTS, PARTS, PARTS)
def test_the_static_price_breaks_even(
    completed, building, interest, rate, years, selling, on_cost, on_value
):
    arguments = (completed, building, interest, rate, years, selling, on_cost, on_value)
    land = residual.static_residual_price(*arguments)
    scale = completed + building + interest + abs(land)
    assert slow.static_left_over(land, *arguments) == pytest.approx(0.0, abs=1e-9 * scale)


@given(AMOUNTS, AMOUNTS, RATES, st.floats(0.0, 5.0), PARTS)
def test_dearer_building_and_dearer_money_leave_less(completed, building, rate, years, on_cost):
    def price(building, rate):
        return residual.static_residual_price(
            completed, building, 0.0, rate, years, 0.05, on_cost, 0.0
        )

    base = price(building, rate)
    slack = VALUE * (completed + building)
    assert price(building * 1.1, rate) <= base + slack
    assert base <= completed
    if base > 0.0:
        assert price(building, rate + 0.01) <= base + slack


@given(AMOUNTS, AMOUNTS, st.floats(0.01, 0.2), PARTS)
def test_without_money_at_work_both_forms_agree(completed, building, fees, profit):
    """At a rate of 0 discounting and interest are nothing."""
    static = residual.static_residual_price(
        completed, building * (1.0 + fees), 0.0, 0.0, 2.0, 0.05, profit, 0.0
    )
    discounted = land_price.residual_price(completed, building, fees, 0.05, profit)
    assert static == pytest.approx(discounted, rel=1e-9, abs=1e-9 * (completed + building))


def test_known_amounts_are_simply_taken_off():
    land = residual.static_residual_price(
        1000.0, 400.0 + 24.0, 50.0 + 100.0, 0.0, 0.0, 0.05, 0.0, 0.0
    )
    assert land == pytest.approx(1000.0 - 50.0 - 400.0 - 24.0 - 50.0 - 100.0, rel=VALUE)


TRANCHES = np.array([0.6, 0.4])


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("tranche_value", (1000.0, TRANCHES, 0.5, 1.0, 0.1)),
        ("static_residual_price", (1000.0, 400.0, 20.0, 0.1, 2.4, 0.05, 0.2, 0.03)),
    ],
)
def test_compiled_equals_plain_python(name, arguments):
    assert_same_in_plain_python(getattr(residual, name), *arguments)
