"""Row kernels of ecological assets: plain Python twins, properties."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskengine.kernels.carbon import forward_price, issuance_value
from riskengine.kernels.carbon_issuance import carbon_issuance_rows
from riskengine.kernels.ecology_rows import (
    carbon_tonnes_rows,
    carbon_units_rows,
    compensation_rows,
    expected_price,
    log_level,
    offtake,
)

NAN, INF = math.nan, math.inf
MARKET = (60.0, 0.2, 70.0, 0.3, 0.6, 0.5, 0.125)
PROJECT = {
    "tonnes": 12_000.0, "start": 0.0, "through": NAN, "end": 20.0, "interval": 5.0,
    "deduction": 0.1, "developer": 0.35, "fee": 150_000.0, "first_fee": 0.0, "price": NAN,
    "volume": NAN, "contract_end": NAN, "error": 0.25,
}  # fmt: skip
POLICY = np.array([1.0, 0.005, 0.01, 0.25, 0.95, 0.15, 5.0, 0.35, 150_000.0, 250_000.0])
CHANCES = np.array([[0.2, 0.6, 1.0], [1.0, 0.8, 0.0], [NAN, NAN, 1.0]])
ALL = np.ones(1, dtype=bool)
FIRST = np.zeros(1, dtype=np.int64)


def issued(rate: float = 0.125, stage: int = 1, **changes: float) -> np.ndarray:
    x = np.array(list((PROJECT | changes).values()))[:, None]
    market = np.array(MARKET)[:, None].copy()
    market[6] = rate
    out = np.full((10, 1), NAN)
    carbon_issuance_rows(x, np.array([stage]), CHANCES, market, FIRST, POLICY, ALL, out)
    return out[:, 0]


def test_issuance_equals_the_formula_of_the_notes() -> None:
    """Sum q (1 - k) P (1 - f) pi v^t less costs, all issues as one array."""
    ends = np.array([5.0, 10.0, 15.0, 20.0])
    level = log_level(70.0, 0.6, 0.5)
    prices = np.array([forward_price(60.0, level, 0.6, 0.5, t + 1.0) for t in ends])
    alive = np.exp(-0.005 * ends)
    revenue, _, _ = issuance_value(
        ends + 1.0, np.full(4, 60_000.0), prices, 0.8 * alive, np.zeros(4), 0.1, 0.35, 0.125
    )
    _, costs, _ = issuance_value(
        ends, np.zeros(4), prices, alive, 150_000.0 * alive, 0.1, 0.35, 0.125
    )
    found = issued()
    assert found[3] == pytest.approx(revenue, rel=1e-12)
    assert found[4] == pytest.approx(costs, rel=1e-12)
    assert found[0] == pytest.approx(revenue - costs, rel=1e-12)


@given(st.floats(0.03, 0.3), st.floats(0.0, 3e5), st.floats(0.0, 3e5), st.floats(10.0, 150.0))
@settings(deadline=None, max_examples=60)
def test_issuance_falls_in_rate_and_cost_and_a_lender_counts_less(
    rate: float, cost: float, volume: float, price: float
) -> None:
    facts = {"rate": rate, "fee": cost, "price": price, "volume": volume}
    base = issued(**facts)
    assert issued(**{**facts, "rate": rate + 0.01})[3] < base[3]
    assert issued(**{**facts, "fee": cost + 1000.0})[0] <= base[0]
    assert base[2] <= max(base[0], base[8]) + 1e-9
    assert base[2] <= base[8] + 1e-9
    assert base[7] == pytest.approx(min(volume, base[6]), rel=1e-12)
    dearer = issued(**{**facts, "price": price + 10.0})
    assert dearer[8] >= base[8]
    assert dearer[0] == base[0]


def test_a_contract_at_the_market_price_changes_nothing_but_certainty() -> None:
    free = issued()
    prices = free[3] / free[6]
    assert prices > 0.0
    none = issued(price=60.0, volume=0.0)
    assert none[8] == pytest.approx(free[0], rel=1e-12)
    assert none[9] == pytest.approx(free[1], rel=1e-12)
    whole = issued(price=60.0, volume=INF)
    assert whole[9] < whole[1]


def test_what_is_usual_stands_in_for_what_is_not_given() -> None:
    given = issued(interval=5.0, developer=0.35, fee=150_000.0, start=0.0)
    usual = issued(interval=NAN, developer=NAN, fee=NAN, start=NAN)
    np.testing.assert_array_equal(usual, given)
    planned = issued(stage=0, first_fee=NAN)
    assert planned[4] == pytest.approx(250_000.0 + 0.2 * given[4], rel=1e-12)
    assert planned[6] == given[6]


@given(st.floats(0.5, 10.0), st.floats(0.0, 12.0), st.floats(-6.0, 6.0), st.floats(0.5, 40.0))
@settings(deadline=None, max_examples=60)
def test_factors_a_step_are_the_factors_of_the_time(
    interval: float, volume: float, start: float, term: float
) -> None:
    """Batch by batch with every factor taken from its time: `issuance_value` and the notes."""
    end = start + term
    level, begin, finish = log_level(70.0, 0.6, 0.5), start, 0.0
    revenue, spent, earned = 0.0, 0.0, 0.0
    number = 0
    while finish < end or number == 0:
        number += 1
        finish = min(max(start + interval, 0.0) + (number - 1) * interval, end)
        if finish <= begin:
            break
        checked = max(finish, 0.0)
        alive = math.exp(-0.005 * checked)
        price = forward_price(60.0, level, 0.6, 0.5, checked + 1.0)
        credit = 12_000.0 * (finish - begin) * 0.9
        revenue += credit * price * 0.65 * 0.8 * alive * 1.125 ** -(checked + 1.0)
        spent += 150_000.0 * alive * 1.125**-checked
        earned += credit
        begin = finish
    found = issued(interval=interval, start=start, end=end, price=60.0, volume=1e3 * volume)
    np.testing.assert_allclose(found[[3, 4, 6]], [revenue, spent, earned], rtol=1e-11)
    assert found[7] == pytest.approx(min(1e3 * volume, earned), rel=1e-12)


def test_an_expected_price_is_the_forward_price() -> None:
    for kappa in (0.0, 0.2, 1.5):
        for years in (0.0, 0.3, 25.0):
            near = math.exp(-kappa * years)
            found = expected_price(math.log(20.0), 3.0, kappa, 0.3, near, years)
            assert found == pytest.approx(forward_price(20.0, 3.0, kappa, 0.3, years), rel=1e-14)


def test_an_offtake_that_ran_out_is_none() -> None:
    assert offtake(60.0, 500.0, 1.0) == (60.0, 500.0, 1.0)
    assert offtake(60.0, NAN, NAN) == (60.0, INF, INF)
    for price, volume, last in (offtake(60.0, 500.0, -0.1), offtake(NAN, 500.0, 1.0)):
        assert math.isnan(price)
        assert volume == 0.0
        assert last in (-0.1, 1.0)


def test_tonnes_that_cannot_be_believed_are_none() -> None:
    x = np.array([[1000.0] * 5, [NAN, 0.5, 0.5, NAN, NAN], [NAN, NAN, 800.0, 2001.0, 2000.0]])
    out = np.empty((2, 5))
    carbon_tonnes_rows(x, np.array([[0.9], [0.3]]), np.zeros(5, int), np.array([0.25, 2.0]), out)
    np.testing.assert_allclose(out[0], [900.0, 500.0, 800.0, NAN, 2000.0])
    np.testing.assert_allclose(out[1], [math.hypot(0.25, 0.3), 0.25, 0.25, 0.25, 0.25])


@pytest.mark.parametrize("contract", [False, True])
def test_units_compiled_equal_plain_python(contract: bool) -> None:
    rng = np.random.default_rng(4)
    market = np.array([*MARKET, 0.3, NAN])[:, None] * rng.uniform(0.8, 1.2, (9, 6))
    market[8, ::2] = 1e5
    index, x = rng.integers(0, 6, 60), np.full((4, 60), NAN)
    x[0] = rng.uniform(1e3, 2e4, 60)
    x[1] = np.where(rng.random(60) < 0.5, NAN, 55.0)
    x[2], x[3] = rng.uniform(0.0, 2e4, 60), rng.uniform(-1.0, 5.0, 60)
    wanted = rng.random(60) < 0.9
    compiled, plain = np.full((6, 60), NAN), np.full((6, 60), NAN)
    policy = np.array([0.25, 0.01, 0.1, 0.95])
    carbon_units_rows(x, market, index, contract, policy, wanted, compiled)
    slow = getattr(carbon_units_rows, "py_func", carbon_units_rows)
    slow(x, market, index, contract, policy, wanted, plain)
    np.testing.assert_allclose(compiled, plain, rtol=1e-13)
    none = np.isnan(x[1]) | (x[3] < 0.0) if contract else False
    np.testing.assert_array_equal(np.isnan(compiled[0]), ~wanted | none)


def test_compensation_by_hand_and_its_cap() -> None:
    x, out = np.array([[80_000.0], [20.0]]), np.empty((6, 1))
    policy = np.array([0.0, 0.0, 0.01, 15.0, 0.1, 0.25, 10.0])
    compensation_rows(x, np.array([[0.05], [0.0]]), FIRST, policy, ALL, out)
    assert out[0, 0] == pytest.approx(997_000.0, rel=1e-3)  # regulation notes E4
    assert out[1, 0] == 0.1
    assert out[2, 0] == pytest.approx(80_000.0 * (1.0 - 1.06**-20.0) / 0.06, rel=1e-12)
    x[1] = 100.0
    compensation_rows(x, np.array([[0.03], [0.0]]), FIRST, policy, ALL, out)
    assert out[2, 0] == 15.0 * 80_000.0
    x[1] = NAN
    compensation_rows(x, np.array([[0.03], [0.0]]), FIRST, policy, ALL, out)
    assert out[4, 0] == 10.0
    assert out[1, 0] == pytest.approx(math.hypot(0.1, 0.25), rel=1e-14)
