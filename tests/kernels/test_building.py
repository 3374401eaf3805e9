"""Buildings, the land below them, prior claims and few buyers."""

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.kernels import building, discount
from tests.reference import discount as slow
from tests.reference.plain import assert_same_in_plain_python, exactly
from tests.reference.ranges import MONEY, SHARES

VALUE = 1e-9
"""Relative tolerance of an amount."""

RATES = st.floats(0.005, 0.3)
YEARS = st.integers(1, 60)


@exactly
def what_land_and_building_earn(net_income, value, rate, years, land_rate, land_years):
    """Land income year by year: what is left after an instalment that repays the building."""
    instalment = value / sum(((1 + rate) ** -t for t in range(1, int(years) + 1)), Decimal(0))
    left = net_income - instalment
    return sum((left / (1 + land_rate) ** t for t in range(1, int(land_years) + 1)), Decimal(0))


@given(MONEY, MONEY, MONEY, MONEY)
def test_depreciation_comes_off_and_stops_at_nothing(cost, physical, functional, external):
    wanted = max(math.fsum([cost, -physical, -functional, -external]), 0.0)
    got = building.building_value(cost, physical, functional, external)
    assert got == pytest.approx(
        wanted, rel=VALUE, abs=VALUE * (cost + physical + functional + external)
    )


@given(st.floats(1.0, 1e5), st.floats(1.0, 1e5), RATES, YEARS, RATES, YEARS)
def test_finite_residual_is_year_after_year(income, value, rate, years, land_rate, land_years):
    arguments = (income, value, rate, float(years), land_rate, float(land_years))
    scale = (income + value) * land_years
    assert building.finite_land_residual_value(*arguments) == pytest.approx(
        what_land_and_building_earn(*arguments), rel=VALUE, abs=1e-11 * scale
    )


@given(st.floats(1.0, 1e5), st.floats(1.0, 1e5), RATES, RATES)
def test_for_ever_the_finite_residual_is_the_perpetual_one(income, value, rate, land_rate):
    perpetual = building.land_residual_value(income, value, rate, land_rate)
    finite = building.finite_land_residual_value(income, value, rate, math.inf, land_rate, math.inf)
    assert finite == pytest.approx(perpetual, rel=VALUE, abs=1e-9 * (income + value) / land_rate)
    assert perpetual * land_rate + value * rate == pytest.approx(
        income, rel=VALUE, abs=1e-9 * value
    )


@given(st.floats(1.0, 1e5), RATES, YEARS, RATES, YEARS)
def test_without_a_building_the_land_earns_it_all(income, rate, years, land_rate, land_years):
    got = building.finite_land_residual_value(
        income, 0.0, rate, float(years), land_rate, float(land_years)
    )
    assert got == pytest.approx(
        income * slow.annuity_factor(land_rate, float(land_years)), rel=VALUE
    )


@given(
    st.floats(0.0, 1e6),
    st.floats(0.0, 1e6),
    st.floats(0.0, 1e6),
    st.floats(0.1, 1.0),
    st.floats(0.0, 1e6),
)
def test_prior_claims_take_the_value_that_secures_them(value, owed, balance, ratio, other):
    net = building.net_of_prior_claims(value, owed, balance, ratio, other)
    assert 0.0 <= net <= value
    wanted = value - owed - balance / ratio - other
    assert net == pytest.approx(max(wanted, 0.0), rel=VALUE, abs=1e-6)
    assert net <= max(value - owed - balance - other, 0.0) + 1e-6


@given(MONEY, SHARES)
def test_fewer_buyers_pay_less(value, pool_discount):
    restricted = building.restricted_buyer_value(value, pool_discount)
    assert 0.0 <= restricted <= value
    assert value - restricted == pytest.approx(value * pool_discount, rel=VALUE, abs=VALUE * value)


@given(st.floats(0.0, 20.0), st.floats(0.0, 5.0), st.floats(0.0, 5.0))
def test_the_chance_of_no_buyer_multiplies(arrival, first, second):
    def none(years):
        return 1.0 - building.sale_probability(arrival, years)

    assert none(first + second) == pytest.approx(none(first) * none(second), abs=1e-15)
    assert 0.0 <= building.sale_probability(arrival, first) <= 1.0


def test_the_chance_of_a_sale_is_that_of_simulated_buyers():
    """Poisson arrivals counted in 200,000 seeded years; tolerance: 4 standard errors."""
    counts = np.random.default_rng(7).poisson(0.8 * 1.5, 200_000)
    share = (counts > 0).mean()
    chance = building.sale_probability(0.8, 1.5)
    assert share == pytest.approx(
        chance, abs=4.0 * math.sqrt(chance * (1.0 - chance) / counts.size)
    )


@given(
    st.floats(0.0, 1e6),
    st.floats(0.0, 1.0),
    st.floats(0.0, 20.0),
    st.floats(0.0, 5.0),
    st.floats(0.0, 2.0),
)
def test_search_lies_between_floor_and_bid_and_rises_with_time(bid, share, arrival, years, more):
    floor = share * bid
    value = building.search_value(bid, floor, arrival, years)
    assert floor * (1 - VALUE) <= value <= bid * (1 + VALUE)
    assert building.search_value(bid, floor, arrival, years + more) >= value * (1 - VALUE)
    assert building.search_value(
        bid, floor, arrival, math.inf if arrival else 0.0
    ) == pytest.approx(bid if arrival else floor, rel=VALUE)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("building_value", (40.0, 1.0, 6.0, 3.0)),
        ("land_residual_value", (140.0, 700.0, 0.08, 0.06)),
        ("finite_land_residual_value", (140.0, 700.0, 0.08, 38.5, 0.06, 40.4)),
        ("net_of_prior_claims", (6000.0, 1000.0, 1000.0, 0.5, 20.0)),
        ("restricted_buyer_value", (600000.0, 0.25)),
        ("sale_probability", (2.0, 0.5)),
        ("search_value", (100.0, 20.0, 0.7, 1.5)),
    ],
)
def test_compiled_equals_plain_python(name, arguments):
    assert_same_in_plain_python(getattr(building, name), *arguments)


def test_residual_of_a_growing_land_term_tends_to_perpetuity():
    values = [
        building.finite_land_residual_value(140.0, 700.0, 0.08, 40.0, 0.06, years)
        for years in (20.0, 40.0, 400.0, math.inf)
    ]
    assert values == sorted(values)
    left = 140.0 - 700.0 / discount.annuity_factor(0.08, 40.0)
    assert values[-1] == pytest.approx(left / 0.06, rel=VALUE)
