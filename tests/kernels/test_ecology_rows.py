"""Row kernels of ecological assets: plain Python twins, properties."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskengine.kernels.carbon import forward_price, issuance_value
from riskengine.kernels.ecology_rows import (
    carbon_issuance_rows,
    carbon_units_rows,
    compensation_rows,
    log_level,
)

NAN, INF = math.nan, math.inf
UNITS = (1e4, 60.0, 0.2, 70.0, 0.3, 0.6, 0.5, 0.125, 0.3, NAN, 0.25, 0.01, 0.1, NAN, 0.0, 0.95)
PROJECT = (
    12_000.0, 0.25, 0.0, 20.0, 5.0, 1.0, 0.1, 0.35, 60.0, 0.2, 70.0, 0.3, 0.6, 0.5, 0.125, 1.0, 0.8,
    0.005, 150_000.0, 0.0, 0.01, 0.25, NAN, 0.0, INF, 0.95, 0.15,
)  # fmt: skip
RATE, COST, PRICE, VOLUME = 14, 18, 22, 23


def issued(*changes: tuple[int, float]) -> np.ndarray:
    x = np.array(PROJECT)[:, None].copy()
    for row, cell in changes:
        x[row] = cell
    out = np.full((10, 1), NAN)
    carbon_issuance_rows(x, np.ones(1, dtype=bool), out)
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
    facts = ((RATE, rate), (COST, cost), (PRICE, price), (VOLUME, volume))
    base = issued(*facts)
    assert issued(*facts, (RATE, rate + 0.01))[3] < base[3]
    assert issued(*facts, (COST, cost + 1000.0))[0] <= base[0]
    assert base[2] <= max(base[0], base[8]) + 1e-9
    assert base[2] <= base[8] + 1e-9
    assert base[7] == pytest.approx(min(volume, base[6]), rel=1e-12)
    dearer = issued(*facts, (PRICE, price + 10.0))
    assert dearer[8] >= base[8]
    assert dearer[0] == base[0]


def test_a_contract_at_the_market_price_changes_nothing_but_certainty() -> None:
    free = issued()
    prices = free[3] / free[6]
    assert prices > 0.0
    none = issued((PRICE, 60.0), (VOLUME, 0.0))
    assert none[8] == pytest.approx(free[0], rel=1e-12)
    assert none[9] == pytest.approx(free[1], rel=1e-12)
    whole = issued((PRICE, 60.0), (VOLUME, INF))
    assert whole[9] < whole[1]


@pytest.mark.parametrize("contract", [False, True])
def test_units_compiled_equal_plain_python(contract: bool) -> None:
    rng = np.random.default_rng(4)
    x = np.array(UNITS)[:, None] * rng.uniform(0.8, 1.2, (16, 60))
    x[9] = np.where(rng.random(60) < 0.5, NAN, 1e5)
    x[13] = np.where(rng.random(60) < 0.5, NAN, 55.0)
    x[14] = np.where(np.isnan(x[13]), 0.0, rng.uniform(0.0, 2e4, 60))
    wanted = rng.random(60) < 0.9
    compiled, plain = np.full((6, 60), NAN), np.full((6, 60), NAN)
    carbon_units_rows(x, contract, wanted, compiled)
    getattr(carbon_units_rows, "py_func", carbon_units_rows)(x, contract, wanted, plain)
    np.testing.assert_allclose(compiled, plain, rtol=1e-13)
    np.testing.assert_array_equal(
        np.isnan(compiled[0]), ~wanted | (np.isnan(x[13]) if contract else False)
    )


def test_compensation_by_hand_and_its_cap() -> None:
    x = np.array([80_000.0, 0.1, 0.0, 20.0, 0.05, 0.0, 0.0, 0.01, 15.0])[:, None]
    out = np.empty((6, 1))
    compensation_rows(x, np.ones(1, dtype=bool), out)
    assert out[0, 0] == pytest.approx(997_000.0, rel=1e-3)  # regulation notes E4
    assert out[1, 0] == 0.1
    assert out[2, 0] == pytest.approx(80_000.0 * (1.0 - 1.06**-20.0) / 0.06, rel=1e-12)
    x[3], x[4] = 100.0, 0.03
    compensation_rows(x, np.ones(1, dtype=bool), out)
    assert out[2, 0] == 15.0 * 80_000.0
