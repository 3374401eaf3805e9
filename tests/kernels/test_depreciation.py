"""Wear of buildings against year-by-year twins."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.kernels import depreciation
from tests.reference import depreciation as slow
from tests.reference.plain import assert_same_in_plain_python

VALUE = 1e-10
"""Relative tolerance of a ratio or an amount."""

AGES = st.integers(0, 80)
LIVES = st.integers(1, 80)
RESIDUALS = st.just(0.0) | st.floats(0.001, 0.2)
COSTS = st.floats(1.0, 1e6)
ITEMS = st.lists(
    st.tuples(st.floats(0.01, 0.3), st.integers(0, 30), st.integers(1, 25)), max_size=3
)


def columns(cost, items):
    """Items given as shares of the cost, as arrays of cost, age and life."""
    table = np.array([(share * cost, age, life) for share, age, life in items], dtype=np.float64)
    return tuple(np.ascontiguousarray(column) for column in table.reshape(-1, 3).T)


@given(AGES, LIVES, RESIDUALS)
def test_straight_line_is_year_after_year(age, remaining, residual):
    assert depreciation.straight_line_newness(
        float(age), float(remaining), residual
    ) == pytest.approx(slow.straight_line_newness(age, remaining, residual), rel=VALUE, abs=VALUE)


@given(st.floats(0.0, 80.0), st.floats(0.1, 80.0), RESIDUALS, st.floats(0.0, 9.0))
def test_newness_falls_with_age_from_one_to_the_residual(age, remaining, residual, more):
    newness = depreciation.straight_line_newness(age, remaining, residual)
    older = depreciation.straight_line_newness(age + more, remaining, residual)
    assert residual - VALUE <= older <= newness + VALUE <= 1.0 + 2 * VALUE
    assert depreciation.straight_line_newness(0.0, remaining, residual) == 1.0
    assert depreciation.straight_line_newness(age + 1.0, 0.0, residual) == pytest.approx(
        residual, abs=VALUE
    )


@given(st.integers(0, 40), st.integers(40, 80), st.floats(0.01, 0.5))
def test_declining_balance_is_year_after_year(age, life, residual):
    got = depreciation.declining_newness(float(age), float(life), residual)
    assert got == pytest.approx(slow.declining_newness(age, life, residual), rel=VALUE)
    straight = depreciation.straight_line_newness(float(age), float(life - age), residual)
    assert got <= straight + VALUE


@given(st.integers(0, 40), st.integers(40, 80), RESIDUALS, st.floats(1e-9, 0.2))
def test_sinking_fund_is_payment_after_payment(age, life, residual, rate):
    got = depreciation.sinking_fund_newness(float(age), float(life), residual, rate)
    assert got == pytest.approx(
        slow.sinking_fund_newness(age, life, residual, rate), rel=VALUE, abs=VALUE
    )
    straight = depreciation.straight_line_newness(float(age), float(life - age), residual)
    assert got >= straight - VALUE
    assert depreciation.sinking_fund_newness(
        float(age), float(life), residual, 0.0
    ) == pytest.approx(straight, rel=VALUE)


@given(st.floats(1.0, 80.0), st.floats(0.0, 90.0), st.floats(0.0, 70.0))
def test_remaining_life_is_capped_only_where_the_building_reverts(life, age, land_years):
    own = depreciation.remaining_life(life, age, land_years, False)
    capped = depreciation.remaining_life(life, age, land_years, True)
    assert own == max(life - age, 0.0)
    assert capped == min(own, land_years)
    assert depreciation.remaining_life(life, age, math.inf, True) == own


def test_a_building_is_written_off_over_the_land_term_left_when_it_was_begun():
    for age in (0.0, 10.0, 36.0):
        land_years = 40.0 - 3.0 - age
        assert age + depreciation.remaining_life(60.0, age, land_years, True) == 37.0


@given(st.floats(0.0, 60.0), st.floats(0.1, 60.0), st.floats(0.0, 0.5))
def test_effective_age_is_found_from_newness(age, remaining, residual):
    newness = depreciation.straight_line_newness(age, remaining, residual)
    life = age + remaining
    assert depreciation.effective_age(newness, life, residual) == pytest.approx(
        age, rel=1e-8, abs=1e-8
    )


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.01, 5.0), st.floats(0.01, 5.0))
def test_blend_lies_between(first, second, weight, other):
    blend = depreciation.blended_newness(first, second, weight, other)
    assert min(first, second) - VALUE <= blend <= max(first, second) + VALUE
    assert blend == pytest.approx(
        depreciation.blended_newness(second, first, other, weight), rel=VALUE, abs=VALUE
    )


@given(COSTS, st.floats(0.0, 0.2), ITEMS, AGES, LIVES, RESIDUALS)
def test_breakdown_is_item_after_item(cost, repair, items, age, life, residual):
    arrays = columns(cost, items)
    got = depreciation.breakdown_depreciation(
        cost, repair * cost, *arrays, float(age), float(life), residual
    )
    wanted = slow.breakdown_depreciation(
        cost, repair * cost, zip(*arrays, strict=True), age, life, residual
    )
    assert got == pytest.approx(wanted, rel=VALUE, abs=VALUE * cost)


@given(COSTS, st.floats(0.0, 0.1), ITEMS, AGES, LIVES)
def test_a_building_loses_no_more_than_it_costs(cost, repair, items, age, life):
    physical, *parts = depreciation.breakdown_depreciation(
        cost, repair * cost, *columns(cost, items), float(age), float(life), 0.0
    )
    assert physical == pytest.approx(sum(parts), rel=VALUE, abs=VALUE)
    assert min(parts) >= 0.0
    assert physical <= cost * (1.0 + VALUE)


@given(COSTS, AGES, LIVES, RESIDUALS)
def test_without_items_the_breakdown_is_the_straight_line(cost, age, life, residual):
    none = np.empty(0)
    physical = depreciation.breakdown_depreciation(
        cost, 0.0, none, none, none, float(min(age, life)), float(life), residual
    )[0]
    newness = depreciation.straight_line_newness(
        float(min(age, life)), float(life - min(age, life)), residual
    )
    assert cost - physical == pytest.approx(cost * newness, rel=VALUE, abs=VALUE * cost)


def test_items_that_cost_more_than_the_building_leave_no_rest():
    assert depreciation.long_lived_depreciation(100.0, 120.0, 10.0, 50.0, 0.0) == 0.0


def test_the_long_lived_base_is_net_of_what_items_cost_not_of_what_they_lost():
    """Office of 20 million: 628 is right; 656 takes 160 and 150, the items' losses, off the base."""
    items = np.array([200.0, 250.0]), np.array([4.0, 9.0]), np.array([5.0, 15.0])
    physical, _, short_lived, long_lived = depreciation.breakdown_depreciation(
        2000.0, 10.0, *items, 10.0, 50.0, 0.0
    )
    assert (physical, short_lived, long_lived) == pytest.approx((628.0, 310.0, 308.0), rel=VALUE)


ITEM = np.array([60.0, 30.0]), np.array([10.0, 3.0]), np.array([15.0, 5.0])


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("straight_line_newness", (18.4, 22.0, 0.04)),
        ("declining_newness", (5.5, 10.0, 0.04)),
        ("sinking_fund_newness", (5.5, 10.0, 0.04, 0.06)),
        ("sinking_fund_newness", (5.5, 10.0, 0.04, 0.0)),
        ("remaining_life", (60.0, 10.0, 27.0, True)),
        ("effective_age", (0.568, 40.0, 0.04)),
        ("blended_newness", (0.8, 0.7, 0.4, 0.6)),
        ("worn_share", (7.0, 5.0)),
        ("long_lived_depreciation", (180.0, 92.0, 10.0, 50.0, 0.02)),
        ("breakdown_depreciation", (180.0, 2.0, *ITEM, 10.0, 50.0, 0.02)),
    ],
)
def test_compiled_equals_plain_python(name, arguments):
    assert_same_in_plain_python(getattr(depreciation, name), *arguments)
