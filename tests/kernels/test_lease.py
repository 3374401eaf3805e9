"""Leases against year-by-year twins; lessor and lessee share the land between them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.kernels import discount, lease
from tests.reference import lease as slow
from tests.reference.plain import assert_same_in_plain_python
from tests.reference.ranges import GROWTHS, POSITIVE_RATES, RATES

VALUE = 1e-9
"""Relative tolerance of a value of rent."""
CENT = 1e-6
"""Where values cancel to nothing, of rents around 1,000 yuan."""

RENTS = st.floats(1.0, 3000.0)
HAZARDS = st.just(0.0) | st.floats(1e-4, 0.3)
YEARS = st.integers(0, 40)
STEP_YEARS = st.integers(1, 12)
SHARES = st.just(0.0) | st.floats(-0.2, 0.3).filter(lambda share: abs(share) > 1e-3)
AMOUNTS = st.just(0.0) | st.floats(-20.0, 100.0)


@given(RATES, HAZARDS, st.floats(0.0, 50.0))
def test_one_rate_carries_discount_and_hazard(rate, hazard, years):
    both = discount.discount_factor(rate, years) * math.exp(-hazard * years)
    joint = discount.discount_factor(lease.rate_with_hazard(rate, hazard), years)
    assert joint == pytest.approx(both, rel=VALUE)


@given(RENTS, GROWTHS, RATES, HAZARDS, YEARS, YEARS, YEARS)
def test_rent_is_the_sum_over_years(rent, growth, rate, hazard, start, length, sure):
    arguments = (rent, growth, rate, hazard, float(start), float(start + length), float(sure))
    assert lease.rent_value(*arguments) == pytest.approx(
        slow.rent_value(*arguments), rel=VALUE, abs=CENT
    )


@given(RENTS, SHARES, AMOUNTS, st.integers(0, 20))
def test_stepped_rent_is_step_after_step(rent, share, amount, steps):
    arguments = (rent, share, amount, float(steps))
    assert lease.stepped_rent(*arguments) == pytest.approx(
        slow.stepped_rent(*arguments), rel=VALUE, abs=CENT
    )


@given(RENTS, SHARES, AMOUNTS, STEP_YEARS, st.data(), RATES, HAZARDS, YEARS, YEARS)
def test_steps_at_whole_years_are_the_sum_over_years(
    rent, share, amount, step_years, data, rate, hazard, start, length
):
    elapsed = data.draw(st.integers(0, step_years))
    arguments = (
        rent, share, amount, float(step_years), float(elapsed),
        rate, hazard, float(start), float(start + length),
    )  # fmt: skip
    assert lease.stepped_rent_value(*arguments) == pytest.approx(
        slow.stepped_rent_value(*arguments), rel=VALUE, abs=CENT
    )


@given(RENTS, RATES, HAZARDS, st.floats(0.0, 30.0), st.floats(0.0, 30.0))
def test_steps_of_nothing_are_a_level_rent(rent, rate, hazard, start, length):
    end = start + length
    level = lease.stepped_rent_value(rent, 0.1, 50.0, math.inf, 0.0, rate, hazard, start, end)
    still = lease.stepped_rent_value(rent, 0.0, 0.0, 3.0, 1.0, rate, hazard, start, end)
    assert still == pytest.approx(level, rel=VALUE, abs=CENT)


@given(
    RENTS, GROWTHS, RATES, HAZARDS, st.floats(0.0, 30.0), st.floats(0.0, 20.0), st.floats(0.0, 20.0)
)
def test_windows_add_up(rent, growth, rate, hazard, sure, first, second):
    whole, early, late = (
        lease.rent_value(rent, growth, rate, hazard, start, end, sure)
        for start, end in ((0.0, first + second), (0.0, first), (first, first + second))
    )
    assert early + late == pytest.approx(whole, rel=VALUE, abs=CENT)


@given(RENTS, SHARES, AMOUNTS, STEP_YEARS, RATES, st.floats(0.0, 20.0), st.floats(0.0, 20.0))
def test_windows_of_a_stepped_rent_add_up(rent, share, amount, step_years, rate, first, second):
    whole, early, late = (
        lease.stepped_rent_value(rent, share, amount, float(step_years), 0.0, rate, 0.0, start, end)
        for start, end in ((0.0, first + second), (0.0, first), (first, first + second))
    )
    assert early + late == pytest.approx(whole, rel=VALUE, abs=CENT)


@given(
    RENTS, GROWTHS, RENTS, SHARES, AMOUNTS, STEP_YEARS,
    st.floats(0.0, 1.0), st.floats(0.0, 30.0), st.floats(0.0, 30.0), st.floats(0.0, 30.0), RATES,
)  # fmt: skip
def test_lessor_and_lessee_hold_the_unencumbered_right(
    rent, growth, contract, share, amount, step_years, prepaid, paid, lease_years, later, rate
):
    """Rent paid before today is gone from both sides: the lessor has it as cash."""
    market, payable = lease.lease_value(
        rent, growth, contract, share, amount, float(step_years), 0.0,
        prepaid, paid, lease_years, rate, 0.0,
    )  # fmt: skip
    reversion = lease.rent_value(rent, growth, rate, 0.0, lease_years, lease_years + later, 0.0)
    lessee, lessor = market - payable, payable + reversion
    unencumbered = rent * discount.growing_annuity_factor(rate, growth, lease_years + later)
    assert lessee + lessor == pytest.approx(unencumbered, rel=VALUE, abs=CENT)


@given(RENTS, RENTS, st.floats(0.0, 30.0), st.floats(0.0, 5.0), POSITIVE_RATES, HAZARDS)
def test_profit_rent_rises_with_the_term(rent, contract, years, more, rate, hazard):
    def profit(term):
        market, payable = lease.lease_value(
            rent, 0.0, min(rent, contract), 0.0, 0.0, math.inf, 0.0, 0.0, 0.0, term, rate, hazard
        )
        return market - payable

    assert profit(years + more) >= profit(years) - CENT
    assert profit(years) >= -CENT


@given(
    RENTS, st.floats(0.0, 30.0), st.floats(0.0, 30.0), POSITIVE_RATES, HAZARDS, st.floats(0.0, 0.1)
)
def test_rent_falls_with_rate_and_hazard_and_rises_with_what_is_sure(
    rent, years, sure, rate, hazard, more
):
    def value(rate, hazard, sure):
        return lease.rent_value(rent, 0.0, rate, hazard, 0.0, years, sure)

    base = value(rate, hazard, sure)
    slack = VALUE * base + CENT
    assert value(rate + more, hazard, sure) <= base + slack
    assert value(rate, hazard + more, sure) <= base + slack
    assert value(rate, hazard, sure + 10.0 * more) >= base - slack
    assert base <= rent * years + slack


@given(RENTS, RENTS, st.floats(0.1, 30.0), st.floats(0.0, 40.0), POSITIVE_RATES)
def test_prepaid_rent_is_no_longer_owed(rent, contract, years, paid, rate):
    def payable(share):
        return lease.lease_value(
            rent, 0.0, contract, 0.0, 0.0, math.inf, 0.0, share, paid, years, rate, 0.0
        )[1]

    after = contract * (
        discount.annuity_factor(rate, years) - discount.annuity_factor(rate, min(paid, years))
    )
    assert payable(1.0) == pytest.approx(after, rel=VALUE, abs=CENT)
    assert payable(0.5) == pytest.approx((payable(0.0) + payable(1.0)) / 2.0, rel=VALUE, abs=CENT)
    assert payable(0.0) == pytest.approx(contract * discount.annuity_factor(rate, years), rel=VALUE)


def test_owner_of_the_right_owes_nothing():
    market, payable = lease.lease_value(
        800.0, 0.02, 0.0, 0.0, 0.0, math.inf, 0.0, 0.0, 0.0, math.inf, 0.06, 0.0
    )
    assert market == pytest.approx(800.0 / 0.04, rel=VALUE)
    assert payable == 0.0


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("rate_with_hazard", (0.06, 0.05)),
        ("rent_value", (800.0, 0.02, 0.06, 0.0, 1.5, 18.4, 0.0)),
        ("rent_value", (800.0, 0.02, 0.06, 0.05, 1.5, 18.4, 3.0)),
        ("stepped_rent", (800.0, 0.05, 20.0, 3.0)),
        ("stepped_rent_value", (800.0, 0.05, 20.0, 3.0, 1.0, 0.06, 0.05, 2.5, 18.4)),
        ("stepped_rent_value", (800.0, 0.0, 0.0, math.inf, 0.0, 0.06, 0.05, 2.5, 18.4)),
        ("lease_value", (900.0, 0.02, 800.0, 0.05, 0.0, 3.0, 1.0, 0.5, 4.5, 18.4, 0.06, 0.05)),
    ],
)
def test_compiled_equals_plain_python(name, arguments):
    assert_same_in_plain_python(getattr(lease, name), *arguments)
