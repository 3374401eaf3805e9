"""Haircuts, auctions, time to sell and workouts: twins and what must hold."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.kernels.disposal import (
    auction_floor,
    auction_recovery,
    chance_sold,
    default_recovery,
    expected_months,
    forced_sale_value,
    price_to_sell,
    sale_hazard,
)
from riskengine.kernels.haircut import (
    basket_haircut,
    covered_exposure,
    haircut_for_holding,
    haircut_for_revaluation,
    loan_to_value_max,
    total_haircut,
    value_at_risk,
    volatility_haircut,
)
from riskengine.kernels.normal import normal_quantile
from tests.reference import twin_uncertainty as twin

REL = 1e-10
SHARE = st.floats(0.0, 1.0)
SIGMA, YEARS, Z = st.floats(0.0, 0.8), st.floats(0.0, 5.0), st.floats(0.0, 4.0)
ERROR, DRIFT = st.floats(0.0, 0.5), st.floats(-0.1, 0.0)


@given(DRIFT, SIGMA, YEARS, Z, ERROR)
def test_market_haircut_is_the_printed_form(drift, sigma, years, z, error) -> None:
    spread = math.sqrt(sigma**2 * years + error**2)
    expected = 1.0 - math.exp(drift * years - z * spread)
    found = volatility_haircut(drift, sigma, years, z, error)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-14)
    assert 0.0 <= found < 1.0


@given(DRIFT, SIGMA, YEARS, Z, ERROR, st.floats(0.0, 1.0))
def test_market_haircut_grows_with_every_risk(drift, sigma, years, z, error, more) -> None:
    base = volatility_haircut(drift, sigma, years, z, error)
    slack = 1e-14
    assert volatility_haircut(drift, sigma + more, years, z, error) >= base - slack
    assert volatility_haircut(drift, sigma, years + more, z, error) >= base - slack
    assert volatility_haircut(drift, sigma, years, z + more, error) >= base - slack
    assert volatility_haircut(drift, sigma, years, z, error + more) >= base - slack
    assert volatility_haircut(drift - more, sigma, years, z, error) >= base - slack


@given(st.floats(0.01, 0.5), st.floats(0.1, 3.0), st.floats(0.8, 0.999))
def test_market_haircut_is_a_quantile(sigma, years, confidence) -> None:
    z = normal_quantile(confidence)
    haircut = volatility_haircut(0.0, sigma, years, z, 0.0)
    draws = np.random.default_rng(7).standard_normal(40_000)
    falls = 1.0 - np.exp(sigma * math.sqrt(years) * draws)
    inside = float((falls <= haircut).mean())
    assert abs(inside - confidence) < 4.0 * math.sqrt(confidence * (1 - confidence) / 40_000)


@given(SHARE, SHARE, SHARE, st.floats(0.0, 0.1), YEARS, SHARE, SHARE)
def test_haircuts_multiply_and_bound_the_loan(
    market, liquidity, cost, rate, years, model, buffer
) -> None:
    found = total_haircut(market, liquidity, cost, rate, years, model)
    kept = (1 - market) * (1 - liquidity) * (1 - cost) * (1 - model) / (1 + rate) ** years
    assert found == pytest.approx(1.0 - kept, abs=1e-12)
    assert max(market, liquidity, cost, model) - 1e-12 <= found <= 1.0
    lent = loan_to_value_max(found, buffer)
    assert 0.0 <= lent <= 1.0 - max(market, liquidity, cost, model) + 1e-12
    assert lent <= loan_to_value_max(found, 0.0)


@given(SHARE, st.floats(1.0, 60.0), st.floats(1.0, 60.0), st.floats(1.0, 400.0))
def test_scaling_of_haircuts(haircut, known, holding, revalued) -> None:
    there = haircut_for_holding(haircut, known, holding)
    assert haircut_for_holding(there, holding, known) == pytest.approx(haircut, rel=REL)
    assert haircut_for_revaluation(haircut, holding, 1.0) == pytest.approx(haircut, rel=REL)
    expected = haircut * math.sqrt((revalued + holding - 1.0) / holding)
    assert haircut_for_revaluation(haircut, holding, revalued) == pytest.approx(expected, rel=REL)


def test_basket_exposure_and_risk() -> None:
    shares, haircuts = np.array([0.5, 0.3, 0.2]), np.array([0.1, 0.2, 0.4])
    assert basket_haircut(shares, haircuts) == pytest.approx(0.19, rel=REL)
    assert covered_exposure(100.0, 0.1, 50.0, 0.2, 0.08) == pytest.approx(74.0, rel=REL)
    assert covered_exposure(100.0, 0.0, 500.0, 0.2, 0.0) == 0.0
    assert value_at_risk(100.0, 0.2, 252.0, 252.0, 2.0) == pytest.approx(40.0, rel=REL)


@given(st.floats(1.0, 1e6), st.floats(0.3, 1.0), st.floats(0.0, 0.4), st.integers(0, 4))
def test_floors_fall_by_their_cut(appraised, first, cut, rounds) -> None:
    expected = appraised * first * (1.0 - cut) ** rounds
    assert auction_floor(appraised, first, cut, float(rounds)) == pytest.approx(expected, rel=REL)


ROUNDS = st.lists(st.tuples(SHARE, SHARE, YEARS), max_size=4)


@given(ROUNDS, st.floats(0.0, 0.5), YEARS, st.floats(0.0, 0.2), SHARE, st.floats(0.0, 0.2))
def test_recovery_is_the_mean_of_all_ways(
    rounds, residual, residual_years, cost, cost_share, rate
) -> None:
    columns = np.array(rounds, dtype=float).reshape(-1, 3).T
    rest = residual, residual_years, cost, cost_share, rate
    found = auction_recovery(*columns, *rest)
    expected = twin.auction(*columns.tolist(), *rest)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(ROUNDS, st.floats(0.0, 1.0), YEARS, st.floats(0.0, 0.2), SHARE, st.floats(0.0, 0.2))
def test_recovery_never_exceeds_the_appraisal(
    rounds, residual, residual_years, cost, cost_share, rate
) -> None:
    prices, chances, years = np.array(rounds, dtype=float).reshape(-1, 3).T
    recovery, sold, waited = auction_recovery(
        prices, chances, years, residual, residual_years, cost, cost_share, rate
    )
    assert recovery <= 1.0 + 1e-12
    assert recovery >= -cost - 1e-12
    assert -1e-12 <= sold <= 1.0 + 1e-12
    assert waited <= max([*years, residual_years]) + 1e-9
    free, _, _ = auction_recovery(prices, chances, years, residual, residual_years, 0.0, 0.0, 0.0)
    assert recovery <= free + 1e-12


HAZARD, ETA = st.floats(0.05, 5.0), st.floats(0.2, 6.0)
SHAPE = st.floats(0.8, 1.2)


@given(HAZARD, ETA, st.floats(0.05, 5.0), st.floats(0.0, 0.99), SHAPE)
def test_a_price_cut_sells_in_time(hazard, eta, years, chance, shape) -> None:
    price = price_to_sell(hazard, eta, years, chance, shape)
    assert 0.0 <= price <= 1.0
    if price > 1e-12:
        sold = chance_sold(sale_hazard(hazard, price, eta), years, shape)
        assert sold >= chance - 1e-9
        if price < 1.0:
            assert sold == pytest.approx(chance, rel=1e-7)
    assert price_to_sell(hazard, eta, years, 0.5 * chance, shape) >= price
    assert price_to_sell(hazard, eta, 2.0 * years, chance, shape) >= price


@given(HAZARD, SHAPE)
def test_mean_time_is_the_integral_of_survival(hazard, shape) -> None:
    grid = np.linspace(0.0, 60.0 / hazard, 400_001)
    survival = np.exp(-((hazard * grid) ** shape))
    expected = 12.0 * np.trapezoid(survival, grid)
    assert expected_months(hazard, shape) == pytest.approx(expected, rel=1e-5)


def test_forced_sale_lies_between_its_two_ends() -> None:
    assert forced_sale_value(100.0, 40.0, 0.0) == 40.0
    assert forced_sale_value(100.0, 40.0, 1.0) == 100.0
    assert chance_sold(0.7, 0.0, 1.0) == 0.0


@given(st.floats(0.0, 24.0), st.floats(0.0, 0.2), SHARE, SHARE, SHARE)
def test_workout_is_its_parts(months, rate, haircut, cure, cured) -> None:
    recovery, lgd = default_recovery(
        100.0, 60.0, haircut, 0.2, 0.9, 5.0, 3.0, months, rate, cure, cured
    )
    factor = (1.0 + rate / 12.0) ** -months
    worked = (60.0 * (1.0 - haircut) + 18.0 + 5.0) * factor - 3.0
    assert recovery == pytest.approx((1 - cure) * worked + cure * cured * 100.0, abs=1e-9)
    assert lgd == pytest.approx(1.0 - recovery / 100.0, rel=REL)
    slower = default_recovery(
        100.0, 60.0, haircut, 0.2, 0.9, 5.0, 3.0, months + 6.0, rate, cure, cured
    )
    assert slower[0] <= recovery + 1e-9
