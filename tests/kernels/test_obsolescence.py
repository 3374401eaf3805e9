"""Functional and external losses against sums over years, and their limits."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.kernels import obsolescence
from tests.reference import discount as slow
from tests.reference.plain import assert_same_in_plain_python
from tests.reference.ranges import MONEY, RATES, SHARES

VALUE = 1e-10
"""Relative tolerance of an amount."""


@given(MONEY, MONEY, MONEY)
def test_a_missing_function_costs_the_cheaper_way_out(alone, included, rent_loss):
    loss = obsolescence.deficiency_loss(alone, included, rent_loss)
    assert loss == (0.0 if min(alone, rent_loss) < included else min(alone, rent_loss) - included)
    assert loss <= obsolescence.deficiency_loss(alone, included, math.inf)


def test_an_outdated_function_with_nothing_old_is_a_missing_one():
    assert obsolescence.outdated_function_loss(
        0.0, 0.0, 0.0, 0.0, 120.0, 100.0
    ) == obsolescence.deficiency_loss(120.0, 100.0, math.inf)


@given(MONEY, MONEY, MONEY, MONEY)
def test_what_is_already_written_off_counts_once(cost, removal, salvage, alone):
    new = obsolescence.outdated_function_loss(cost, 0.0, removal, salvage, alone, 0.0)
    old = obsolescence.outdated_function_loss(cost, cost, removal, salvage, alone, 0.0)
    scale = cost + removal + salvage + alone
    assert new - old == pytest.approx(cost, rel=VALUE, abs=VALUE * scale)


@given(MONEY, MONEY, RATES, st.integers(0, 60))
def test_an_excess_is_carried_year_after_year(useless, carrying, rate, years):
    wanted = useless + slow.value_of_years([carrying] * years, rate)
    assert obsolescence.superadequacy_loss(useless, carrying, rate, float(years)) == pytest.approx(
        wanted, rel=VALUE
    )


@given(MONEY, RATES, st.integers(0, 60), SHARES)
def test_land_and_building_bear_the_rent_loss_between_them(rent_loss, rate, years, share):
    building, land = (
        obsolescence.external_loss(rent_loss, rate, float(years), part)
        for part in (share, 1.0 - share)
    )
    assert building + land == pytest.approx(
        slow.value_of_years([rent_loss] * years, rate), rel=VALUE, abs=VALUE
    )


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("deficiency_loss", (120.0, 100.0, 150.0)),
        ("outdated_function_loss", (80.0, 60.0, 5.0, 3.0, 120.0, 100.0)),
        ("superadequacy_loss", (30.0, 10.0, 0.1, 18.4)),
        ("external_loss", (10.0, 0.1, 18.4, 0.4)),
    ],
)
def test_compiled_equals_plain_python(name, arguments):
    assert_same_in_plain_python(getattr(obsolescence, name), *arguments)
