"""Present values against 60-digit twins, and what must hold for any of them."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from riskengine.kernels import discount
from tests.reference import discount as slow
from tests.reference.plain import assert_same_in_plain_python
from tests.reference.ranges import GROWTHS, POSITIVE_RATES, RATES, TERMS, WHOLE_TERMS

VALUE = 1e-11
"""Relative tolerance of a factor against exact arithmetic."""
SERIES = 3e-9
"""Where a series replaces a cancelling form, relative."""
ORDER = 1e-13
"""Slack of an inequality that rounding may touch, relative."""


@given(RATES, TERMS)
def test_annuity_is_the_textbook_form(rate, years):
    assert discount.annuity_factor(rate, years) == pytest.approx(
        slow.annuity_factor(rate, years), rel=VALUE, abs=1e-300
    )


@given(RATES, WHOLE_TERMS)
def test_annuity_is_the_sum_over_years(rate, years):
    assert discount.annuity_factor(rate, float(years)) == pytest.approx(
        slow.value_of_years([1.0] * years, rate), rel=VALUE
    )


@given(RATES, TERMS, TERMS)
def test_annuity_rises_with_the_term(rate, first, second):
    short, long = sorted((first, second))
    near, far = (discount.annuity_factor(rate, years) for years in (short, long))
    assert 0.0 <= near <= far * (1.0 + ORDER)


@given(RATES, RATES, TERMS)
def test_annuity_falls_with_the_rate(first, second, years):
    low, high = sorted((first, second))
    dear, cheap = (discount.annuity_factor(rate, years) for rate in (low, high))
    assert cheap <= dear * (1.0 + ORDER)


@given(POSITIVE_RATES, TERMS)
def test_annuity_is_below_the_undiscounted_sum_and_the_perpetuity(rate, years):
    value = discount.annuity_factor(rate, years)
    assert value <= years * (1.0 + ORDER)
    assert value <= discount.annuity_factor(rate, math.inf) * (1.0 + ORDER)


@given(st.sampled_from([-1e-8, -1e-12, 1e-30, 1e-15, 1e-11, 1e-8]), st.floats(0.1, 120.0))
def test_annuity_tends_to_the_term(rate, years):
    series = years - years * (years + 1.0) * rate / 2.0
    assert discount.annuity_factor(rate, years) == pytest.approx(series, rel=1e-11)


@given(POSITIVE_RATES)
def test_perpetuity_is_one_over_the_rate(rate):
    assert discount.annuity_factor(rate, math.inf) == pytest.approx(1.0 / rate, rel=VALUE)
    assert discount.annuity_factor(rate, 0.0) == 0.0


@given(RATES, TERMS, st.floats(0.0, 1e-6))
def test_fractional_terms_are_continuous(rate, years, part):
    step = discount.annuity_factor(rate, years + part) - discount.annuity_factor(rate, years)
    most = 1.06 ** (years + 1.0) * 1.06
    assert -ORDER * most <= step <= most * part + 1e-12 * most


@given(RATES, TERMS, TERMS)
def test_splitting_the_term_adds_up(rate, first, second):
    """A(n + m) = A(n) + v^n A(m), at any fraction of a year."""
    whole = discount.annuity_factor(rate, first + second)
    parts = discount.annuity_factor(rate, first) + discount.discount_factor(
        rate, first
    ) * discount.annuity_factor(rate, second)
    assert parts == pytest.approx(whole, rel=1e-10)


@given(RATES, GROWTHS, TERMS)
def test_growing_annuity_is_the_textbook_form(rate, growth, years):
    assume(abs(rate - growth) > 1e-9)
    assert discount.growing_annuity_factor(rate, growth, years) == pytest.approx(
        slow.growing_annuity_factor(rate, growth, years), rel=1e-10
    )


@given(GROWTHS, st.sampled_from([-1e-9, -1e-13, 1e-15, 1e-12, 1e-9]), st.floats(0.1, 120.0))
def test_growth_equal_to_the_rate_is_a_limit(growth, gap, years):
    limit = years / (1.0 + growth)
    assert discount.growing_annuity_factor(growth, growth, years) == pytest.approx(limit, rel=VALUE)
    near = discount.growing_annuity_factor(growth + gap, growth, years)
    assert near == pytest.approx(limit, rel=150.0 * abs(gap) + VALUE)


@given(RATES, GROWTHS, WHOLE_TERMS)
def test_growing_annuity_is_the_sum_over_years(rate, growth, years):
    incomes = [(1.0 + growth) ** t for t in range(years)]
    assert discount.growing_annuity_factor(rate, growth, float(years)) == pytest.approx(
        slow.value_of_years(incomes, rate), rel=1e-10
    )


@given(st.floats(0.03, 0.6), st.floats(-0.1, 0.02))
def test_growing_perpetuity(rate, growth):
    assert discount.growing_annuity_factor(rate, growth, math.inf) == pytest.approx(
        1.0 / (rate - growth), rel=VALUE
    )


@given(st.floats(1.0, 100.0), st.floats(0.0, 20.0), st.floats(-0.02, 0.6), st.integers(1, 60))
def test_arithmetic_growth_is_the_sum_over_years(income, increment, rate, years):
    incomes = [income + increment * t for t in range(years)]
    assert discount.arithmetic_growth_value(income, increment, rate, float(years)) == pytest.approx(
        slow.value_of_years(incomes, rate), rel=SERIES
    )


@given(st.floats(1.0, 100.0), st.floats(0.0, 1.0), POSITIVE_RATES, st.floats(0.0, 60.0))
def test_arithmetic_growth_is_the_textbook_form(income, increment, rate, years):
    assert discount.arithmetic_growth_value(income, increment, rate, years) == pytest.approx(
        slow.arithmetic_growth_value(income, increment, rate, years), rel=SERIES, abs=1e-9
    )
    assert discount.arithmetic_growth_value(income, increment, rate, math.inf) == pytest.approx(
        slow.arithmetic_growth_value(income, increment, rate, math.inf), rel=VALUE
    )


@given(st.floats(0.0, 50.0), st.floats(0.0, 50.0), st.integers(0, 20), st.integers(0, 40), RATES)
def test_two_stages_are_the_sum_over_years(first, later, first_years, later_years, rate):
    incomes = [first] * first_years + [later] * later_years
    years = float(first_years + later_years)
    assert discount.two_stage_value(first, float(first_years), later, years, rate) == pytest.approx(
        slow.value_of_years(incomes, rate), rel=1e-10, abs=1e-10
    )


@given(POSITIVE_RATES, st.floats(0.5, 100.0), st.floats(0.5, 100.0))
def test_term_factor_goes_there_and_back(rate, first, second):
    there = discount.term_factor(rate, first, second)
    assert there * discount.term_factor(rate, second, first) == pytest.approx(1.0, rel=VALUE)
    assert (there > 1.0) == (first > second) or there == pytest.approx(1.0, rel=1e-9)


@given(st.floats(0.5, 100.0))
def test_term_factor_without_a_rate_is_the_ratio_of_terms(years):
    assert discount.term_factor(0.0, years, 40.0) == pytest.approx(years / 40.0, rel=VALUE)


@given(st.floats(-0.5, 3.0), st.floats(0.2, 365.0))
def test_periods_compound_to_the_year(rate, periods):
    period = discount.periodic_rate(rate, periods)
    assert math.log1p(period) * periods == pytest.approx(math.log1p(rate), rel=VALUE, abs=1e-15)


@given(
    st.floats(0.01, 0.3),
    st.floats(1e-30, 0.1) | st.sampled_from([0.0, 1e-9]),
    st.floats(1.0, 99.0),
    st.floats(0.0, 0.6),
)
def test_dual_rate_is_the_textbook_form(rate, sinking, years, tax):
    assert discount.dual_rate_years_purchase(rate, sinking, years, tax) == pytest.approx(
        slow.dual_rate_years_purchase(rate, sinking, years, tax), rel=1e-10
    )


@given(st.floats(0.01, 0.3), st.floats(1.0, 99.0))
def test_one_rate_without_tax_is_the_annuity(rate, years):
    assert discount.dual_rate_years_purchase(rate, rate, years, 0.0) == pytest.approx(
        discount.annuity_factor(rate, years), rel=1e-10
    )


@given(st.floats(0.002, 0.55), st.floats(1.0, 70.0))
def test_rate_is_found_from_the_price(rate, years):
    price = 3.0 * discount.annuity_factor(rate, years)
    assert discount.implied_rate(price, 3.0, years, 0.001, 0.6) == pytest.approx(rate, rel=1e-9)


@pytest.mark.parametrize("price", [1e9, 1e-9, math.nan])
def test_no_rate_outside_the_bracket(price):
    assert math.isnan(discount.implied_rate(price, 1.0, 10.0, 0.001, 0.6))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("discount_factor", (0.05, 18.4)),
        ("annuity_factor", (0.06, 18.4)),
        ("annuity_factor", (0.0, 18.4)),
        ("annuity_factor", (0.06, math.inf)),
        ("growing_annuity_factor", (0.06, 0.02, 18.4)),
        ("growing_annuity_factor", (0.06, 0.06, 18.4)),
        ("arithmetic_growth_value", (20.0, 2.0, 0.1, 18.4)),
        ("arithmetic_growth_value", (20.0, 2.0, 1e-9, 18.4)),
        ("arithmetic_growth_value", (20.0, 2.0, 0.1, math.inf)),
        ("two_stage_value", (15.0, 3.0, 20.0, 50.0, 0.06)),
        ("term_factor", (0.06, 50.0, 40.0)),
        ("periodic_rate", (0.08, 4.0)),
        ("dual_rate_years_purchase", (0.09, 0.03, 15.0, 0.3)),
        ("dual_rate_years_purchase", (0.09, 0.0, 15.0, 0.3)),
        ("implied_rate", (7.36, 1.0, 10.0, 0.001, 0.6)),
        ("implied_rate", (7.36, 1.0, 10.0, 0.3, 0.6)),
    ],
)
def test_compiled_equals_plain_python(name, arguments):
    assert_same_in_plain_python(getattr(discount, name), *arguments)
