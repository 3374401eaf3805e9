"""Dividends, discounts for restrictions, and carbon against slow twins."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.kernels.carbon import (
    buffer_share,
    credit_revenue,
    forward_price,
    half_life,
    issuance_rows,
    issuance_value,
    issued_credits,
    log_price_mean,
    log_price_variance,
)
from riskengine.kernels.equity import (
    chaffe_discount,
    combined_discount,
    finnerty_discount,
    lapsing_dividend_value,
    longstaff_discount,
    planned_dividend_value,
    restricted_share_value,
    staged_dividend_value,
    two_stage_dividend_value,
)
from riskengine.kernels.simulation import log_price_step
from tests.reference import twin_equity as twin

REL = 1e-10
SHARE = st.floats(0.0, 1.0)
RATE = st.floats(0.06, 0.2)
GROWTH = st.floats(-0.1, 0.3)
LATER = st.floats(-0.1, 0.05)
VOLATILITY = st.floats(0.0, 1.5)
TERM = st.floats(0.0, 10.0)


@given(GROWTH, st.integers(0, 20), LATER, RATE)
def test_two_stages_are_their_dividends(first, years, later, rate) -> None:
    stage, price, value = two_stage_dividend_value(1.0, first, float(years), later, rate)
    expected = twin.dividends(1.0, [first] * years, rate, 0.0)
    assert stage == pytest.approx(expected, rel=REL)
    whole = twin.dividends(1.0, [first] * years, rate, 0.0, later)
    assert value == pytest.approx(whole, rel=REL)
    assert price == pytest.approx((value - stage) * (1.0 + rate) ** years, rel=1e-7, abs=1e-7)


@given(st.lists(st.tuples(GROWTH, st.integers(0, 8)), max_size=4), LATER, RATE)
def test_stages_are_their_dividends(stages, later, rate) -> None:
    growths = np.array([*(g for g, _ in stages), later])
    years = np.array([*(float(n) for _, n in stages), math.inf])
    every = [g for g, n in stages for _ in range(n)]
    found = staged_dividend_value(2.0, growths, years, rate)
    assert found == pytest.approx(twin.dividends(2.0, every, rate, 0.0, later), rel=REL)


@given(GROWTH, st.floats(0.0, 20.0), LATER, RATE)
def test_two_stages_are_stages(first, years, later, rate) -> None:
    pair = np.array([first, later]), np.array([years, math.inf])
    assert two_stage_dividend_value(1.0, first, years, later, rate)[2] == pytest.approx(
        staged_dividend_value(1.0, *pair, rate), rel=REL
    )


@given(st.lists(st.floats(0.0, 1e3), min_size=1, max_size=10), LATER, RATE, st.floats(0.0, 0.2))
def test_planned_dividends_survive_or_lapse(plan, later, rate, hazard) -> None:
    column = np.array(plan)
    factor = math.exp(-hazard) / (1.0 + rate)
    stage = sum(d * factor**t for t, d in enumerate(plan, 1))
    assert planned_dividend_value(column, -1.0, rate, hazard) == pytest.approx(stage, rel=REL)
    tail = factor ** len(plan) * twin.dividends(plan[-1], [], rate, hazard, later)
    found = planned_dividend_value(column, later, rate, hazard)
    assert found == pytest.approx(stage + tail, rel=REL)


@given(GROWTH, RATE, st.floats(0.0, 0.3), st.integers(0, 40))
def test_a_share_that_may_lapse_is_worth_less(growth, rate, hazard, years) -> None:
    found = lapsing_dividend_value(1.0 + growth, growth, rate, hazard, float(years))
    expected = twin.dividends(1.0, [growth] * years, rate, hazard)
    assert found == pytest.approx(expected, rel=REL)
    safe = lapsing_dividend_value(1.0 + growth, growth, rate, 0.0, float(years))
    assert found <= safe * (1 + REL)


def test_growth_at_the_rate_has_no_finite_value() -> None:
    assert two_stage_dividend_value(1.0, 0.1, 5.0, 0.1, 0.1)[2] == math.inf
    assert two_stage_dividend_value(1.0, 0.1, 5.0, 0.2, 0.1)[2] == math.inf


@given(st.lists(SHARE, max_size=5))
def test_discounts_multiply(discounts) -> None:
    found = combined_discount(np.array(discounts))
    assert 0.0 <= found <= 1.0
    assert found <= sum(discounts) + REL
    assert found >= max(discounts, default=0.0) - REL
    assert found == pytest.approx(combined_discount(np.array(discounts[::-1])), abs=REL)
    assert restricted_share_value(100.0, np.array(discounts), math.nan) == pytest.approx(
        100.0 * (1.0 - found), abs=1e-9
    )


def test_a_repurchase_price_caps_the_value() -> None:
    third = np.array([0.25])
    assert restricted_share_value(100.0, third, 60.0) == 60.0
    assert restricted_share_value(100.0, third, 90.0) == 75.0
    assert restricted_share_value(100.0, third, math.nan) == 75.0


@given(VOLATILITY, TERM)
def test_discounts_are_those_of_the_printed_forms(volatility, years) -> None:
    longstaff = longstaff_discount(volatility, years)
    assert longstaff == pytest.approx(twin.longstaff(volatility, years), rel=1e-12, abs=1e-14)
    if volatility**2 * years > 1e-30:
        expected = twin.finnerty(volatility, years)
        assert finnerty_discount(volatility, years) == pytest.approx(expected, rel=1e-13)


@given(st.floats(0.05, 1.0), st.floats(0.1, 5.0), st.floats(0.0, 0.1), st.floats(0.0, 0.05))
def test_put_is_its_integral(volatility, years, force, payout) -> None:
    found = chaffe_discount(volatility, years, force, payout)
    assert found == pytest.approx(twin.put(volatility, years, force, payout), abs=1e-9)


@given(VOLATILITY, TERM, st.floats(1.0, 2.0))
def test_discounts_have_bounds_and_grow_with_risk(volatility, years, step) -> None:
    for discount in (longstaff_discount, finnerty_discount):
        now, riskier, longer = (
            discount(volatility, years),
            discount(volatility * step, years),
            discount(volatility, years * step),
        )
        assert 0.0 <= now <= riskier + 1e-15
        assert now <= longer + 1e-15
    average, lookback = finnerty_discount(volatility, years), longstaff_discount(volatility, years)
    assert average <= 0.3229
    assert average <= lookback + 1e-15
    put = chaffe_discount(volatility, years, 0.0, 0.0)
    assert 0.0 <= put <= 1.0
    assert put <= lookback + 1e-12


@pytest.mark.parametrize("variance", [1e-16, 1e-8, 1e-3, 0.999999, 1.0, 1.000001, 30.0, 900.0])
def test_finnerty_has_no_seam(variance) -> None:
    found = finnerty_discount(math.sqrt(variance), 1.0)
    assert found == pytest.approx(twin.finnerty(math.sqrt(variance), 1.0), rel=1e-13)


def test_without_risk_there_is_no_discount() -> None:
    assert longstaff_discount(0.0, 5.0) == finnerty_discount(0.0, 5.0) == 0.0
    assert chaffe_discount(0.0, 5.0, 0.03, 0.0) == 0.0
    assert chaffe_discount(0.3, 0.0, 0.03, 0.0) == 0.0


# Carbon.

PRICE, SPEED = st.floats(10.0, 200.0), st.floats(0.05, 2.0)


@given(PRICE, PRICE, SPEED, st.floats(0.05, 0.8), st.floats(0.01, 10.0))
def test_forward_is_the_mean_of_the_lognormal(price, level, speed, volatility, years) -> None:
    a = math.log(level)
    mean = log_price_mean(math.log(price), a, speed, years)
    variance = log_price_variance(speed, volatility, years)
    assert forward_price(price, a, speed, volatility, years) == pytest.approx(
        twin.lognormal_mean(mean, variance), rel=1e-9
    )
    steps = [log_price_step(math.log(price), a, speed, volatility, years, z) for z in (-1, 0, 1)]
    assert steps[1] == pytest.approx(mean, rel=REL)
    assert 0.5 * (steps[2] - steps[0]) == pytest.approx(math.sqrt(variance), rel=1e-9)


@given(PRICE, PRICE, SPEED, st.floats(0.05, 0.8), st.floats(0.1, 5.0), st.floats(0.1, 5.0))
def test_two_steps_of_time_are_one(price, level, speed, volatility, first, second) -> None:
    x, a = math.log(price), math.log(level)
    halfway = log_price_mean(x, a, speed, first)
    assert log_price_mean(halfway, a, speed, second) == pytest.approx(
        log_price_mean(x, a, speed, first + second), rel=REL
    )
    fading = math.exp(-2.0 * speed * second)
    both = log_price_variance(speed, volatility, first) * fading
    both += log_price_variance(speed, volatility, second)
    assert both == pytest.approx(log_price_variance(speed, volatility, first + second), rel=1e-9)


@given(PRICE, PRICE, SPEED)
def test_half_life_halves_the_distance(price, level, speed) -> None:
    x, a = math.log(price), math.log(level)
    after = log_price_mean(x, a, speed, half_life(speed))
    assert after - a == pytest.approx(0.5 * (x - a), abs=1e-12)


@given(st.floats(0.0, 0.8), st.floats(0.0, 10.0))
def test_slow_reversion_has_its_limit(volatility, years) -> None:
    limit = log_price_variance(0.0, volatility, years)
    assert limit == volatility * volatility * years
    assert log_price_variance(1e-12, volatility, years) == pytest.approx(limit, rel=1e-9)
    assert log_price_mean(3.0, 4.0, 0.0, years) == 3.0


@given(st.floats(0.0, 50.0), st.floats(-5.0, 0.0), st.floats(0.0, 30.0), st.floats(0.5, 6.0))
def test_batches_hold_all_credits(yearly, start, length, interval) -> None:
    end = start + length
    expected = twin.batches(yearly, start, end, interval)
    years, quantities = np.full(70, -1.0), np.full(70, -1.0)
    filled = issuance_rows(yearly, start, end, interval, years, quantities)
    assert filled == len(expected)
    for k, (year, quantity) in enumerate(expected):
        assert years[k] == pytest.approx(year, abs=1e-9)
        assert quantities[k] == pytest.approx(quantity, abs=1e-8)
    assert not years[filled:].any()
    assert quantities.sum() == pytest.approx(yearly * length, abs=1e-7)


@given(
    st.lists(
        st.tuples(
            st.floats(0.0, 20.0), st.floats(0.0, 1e3), st.floats(0.0, 200.0), SHARE,
            st.floats(0.0, 500.0),
        ),
        max_size=6,
    ),
    SHARE, SHARE, st.floats(0.0, 0.2),
)  # fmt: skip
def test_issuance_is_its_parts(rows, deduction, developer, rate) -> None:
    columns = np.array(rows, dtype=float).reshape(-1, 5).T
    revenue, costs, value = issuance_value(*columns, deduction, developer, rate)
    expected = [
        (q * (1 - deduction) * p * (1 - developer) * chance / (1 + rate) ** t,
         cost / (1 + rate) ** t)
        for t, q, p, chance, cost in rows
    ]  # fmt: skip
    assert revenue == pytest.approx(sum(r for r, _ in expected), rel=1e-9, abs=1e-9)
    assert costs == pytest.approx(sum(c for _, c in expected), rel=1e-9, abs=1e-9)
    assert value == revenue - costs


@given(st.floats(0.0, 300.0), st.floats(0.0, 300.0), st.floats(1.0, 3e3), SHARE)
def test_credits_and_their_buffer(stock, baseline, area, deduction) -> None:
    gross = issued_credits(stock, baseline, 0.0, area, 0.0)
    issued = issued_credits(stock, baseline, 0.0, area, deduction)
    assert 0.0 <= issued <= gross
    assert issued_credits(stock, baseline, 10.0, area, deduction) <= issued
    if gross > 1e-6:
        assert buffer_share(gross, issued) == pytest.approx(deduction, abs=1e-12)
    assert credit_revenue(issued, 10.0, 1.0) == 0.0
