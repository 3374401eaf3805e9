"""Stages, explicit years and resale against written-out lists of incomes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.kernels import discount, income
from tests.reference import income as slow
from tests.reference.plain import assert_same_in_plain_python
from tests.reference.ranges import GROWTHS, POSITIVE_RATES, RATES

VALUE = 1e-10
"""Relative tolerance of a value."""
CENT = 1e-7
"""Where values cancel to nothing."""

INCOMES = st.lists(st.floats(-100.0, 1000.0), max_size=8).map(np.array).map(np.float64)
INCOME = st.floats(1.0, 1000.0)


@given(INCOMES, INCOME, GROWTHS, RATES, st.integers(0, 50))
def test_explicit_years_then_growth_is_the_sum_over_years(incomes, later, growth, rate, years):
    got = income.explicit_then_growing_value(incomes, later, growth, rate, float(years))
    wanted = slow.explicit_then_growing_value(incomes, later, growth, rate, float(years))
    assert got == pytest.approx(wanted, rel=VALUE, abs=CENT)


@given(INCOMES, INCOME, RATES, st.floats(0.0, 60.0))
def test_level_is_growth_of_nothing(incomes, later, rate, years):
    level = income.explicit_then_level_value(incomes, later, rate, years)
    assert level == income.explicit_then_growing_value(incomes, later, 0.0, rate, years)


@given(INCOME, st.integers(0, 8), GROWTHS, RATES, st.floats(0.0, 60.0))
def test_explicit_years_of_the_formula_change_nothing(first, explicit, growth, rate, years):
    """At whole years; within a year a growing income is the formula's own interpolation."""
    incomes = np.array([first * (1.0 + growth) ** t for t in range(explicit)])
    whole = max(math.floor(years), explicit)
    got = income.explicit_then_growing_value(
        incomes, first * (1.0 + growth) ** explicit, growth, rate, float(whole)
    )
    assert got == pytest.approx(
        first * discount.growing_annuity_factor(rate, growth, float(whole)), rel=VALUE, abs=CENT
    )


@given(
    st.lists(INCOME, max_size=8).map(np.array).map(np.float64),
    INCOME,
    RATES,
    st.floats(0.0, 60.0),
    st.floats(0.0, 3.0),
)
def test_explicit_then_level_rises_with_the_term_and_without_jumps(
    incomes, later, rate, years, more
):
    now = income.explicit_then_level_value(incomes, later, rate, years)
    longer = income.explicit_then_level_value(incomes, later, rate, years + more)
    assert longer >= now * (1.0 - VALUE)
    instant = 1e-3
    soon = income.explicit_then_level_value(incomes, later, rate, years + instant)
    most = 1000.0 * instant / 0.95 ** (years + 1.0)
    assert soon - now <= most * 1.1


@given(POSITIVE_RATES, INCOMES, INCOME)
def test_explicit_then_perpetuity(rate, incomes, later):
    got = income.explicit_then_level_value(incomes, later, rate, math.inf)
    wanted = slow.explicit_then_perpetuity(incomes, later, rate)
    assert got == pytest.approx(wanted, rel=VALUE, abs=CENT)


@given(INCOME, GROWTHS, st.integers(0, 30), GROWTHS, RATES, st.integers(0, 30))
def test_growth_in_stages_is_the_sum_over_years(first, early, early_years, late, rate, later_years):
    arguments = (first, early, float(early_years), late, rate, float(early_years + later_years))
    assert income.growing_stages_value(*arguments) == pytest.approx(
        slow.growing_stages_value(*arguments), rel=VALUE
    )


def test_no_first_stage_is_none():
    for early in (0.0, 1e-12):
        got = income.growing_stages_value(100.0, 0.2, early, 0.03, 0.08, 20.0)
        wanted = 100.0 * discount.growing_annuity_factor(0.08, 0.03, 20.0)
        assert got == pytest.approx(wanted, rel=1e-9)


@given(st.floats(0.0, 5.0), st.floats(0.0, 0.3), st.floats(-0.05, 0.05))
def test_stages_meet_without_a_jump(early_years, early, late):
    now, soon = (
        income.growing_stages_value(100.0, early, years, late, 0.08, 20.0)
        for years in (early_years, early_years + 1e-6)
    )
    assert soon == pytest.approx(now, rel=1e-5)


@given(INCOME, GROWTHS, st.floats(0.0, 30.0), RATES, st.floats(0.0, 30.0))
def test_equal_stages_are_one(first, growth, early_years, rate, later_years):
    years = early_years + later_years
    assert income.growing_stages_value(
        first, growth, early_years, growth, rate, years
    ) == pytest.approx(first * discount.growing_annuity_factor(rate, growth, years), rel=VALUE)


@given(st.floats(1.0, 1e6), RATES, st.floats(0.1, 99.0))
def test_level_income_pays_for_its_price(price, rate, years):
    rent = income.level_income(price, rate, years)
    assert rent * discount.annuity_factor(rate, years) == pytest.approx(price, rel=VALUE)


@given(POSITIVE_RATES, POSITIVE_RATES, st.floats(0.5, 99.0), st.floats(0.5, 99.0))
def test_two_rates_strip_and_capitalise(rate, other, years, other_years):
    factor = income.term_and_rate_factor(rate, years, other, other_years)
    stripped = income.level_income(100.0, other, other_years)
    assert 100.0 * factor == pytest.approx(
        stripped * discount.annuity_factor(rate, years), rel=VALUE
    )
    same = income.term_and_rate_factor(rate, years, rate, other_years)
    assert same == pytest.approx(discount.term_factor(rate, years, other_years), rel=VALUE)


@given(st.lists(INCOME, min_size=1, max_size=30), RATES, st.floats(0.0, 1e4), st.floats(0.0, 1.0))
def test_resale_is_the_sum_over_years(incomes, rate, price, selling):
    years = float(len(incomes))
    held = income.explicit_then_level_value(np.array(incomes), 0.0, rate, years)
    assert income.resale_value(held, price, selling, rate, years) == pytest.approx(
        slow.resale_value(incomes, price, selling, rate), rel=VALUE, abs=CENT
    )


@given(INCOME, POSITIVE_RATES, st.floats(0.5, 40.0))
def test_resale_at_the_perpetual_price_is_the_perpetuity(first, rate, years):
    price, held = first / rate, first * discount.annuity_factor(rate, years)
    assert income.resale_value(held, price, 0.0, rate, years) == pytest.approx(price, rel=VALUE)
    assert income.resale_gain_value(held, 0.0, 0.0, rate, years) == pytest.approx(price, rel=1e-8)


@given(
    st.floats(1.0, 1e4),
    st.floats(0.05, 0.3),
    st.floats(1.0, 20.0),
    st.floats(-0.5, 1.0),
    st.floats(0.0, 0.2),
)
def test_a_gain_is_found_again_in_the_resale(held, rate, years, gain, selling):
    value = income.resale_gain_value(held, gain, selling, rate, years)
    if math.isnan(value):
        assert (1.0 + gain) * (1.0 - selling) >= (1.0 + rate) ** years * (1.0 - VALUE)
        return
    again = income.resale_value(held, value * (1.0 + gain), selling, rate, years)
    assert again == pytest.approx(value, rel=1e-8)


EARLY = np.array([20.0, 22.0, 24.0])


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("explicit_then_growing_value", (EARLY, 30.0, 0.02, 0.1, 18.4)),
        ("explicit_then_growing_value", (EARLY, 30.0, 0.02, 0.1, 1.4)),
        ("explicit_then_level_value", (EARLY, 30.0, 0.1, math.inf)),
        ("growing_stages_value", (20.0, 0.05, 5.0, 0.01, 0.1, 18.4)),
        ("growing_stages_value", (20.0, 0.05, 0.0, 0.01, 0.1, math.inf)),
        ("level_income", (60.0, 0.06, 40.0)),
        ("term_and_rate_factor", (0.08, 50.0, 0.1, 70.0)),
        ("resale_value", (800.0, 5000.0, 0.06, 0.1, 6.5)),
        ("resale_gain_value", (800.0, 0.3, 0.06, 0.1, 6.5)),
        ("resale_gain_value", (800.0, 0.3, 0.06, 0.1, 1.0)),
    ],
)
def test_compiled_equals_plain_python(name, arguments):
    assert_same_in_plain_python(getattr(income, name), *arguments)
