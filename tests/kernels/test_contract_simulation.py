"""Kernels of the contract simulation: what a scenario does, the month, the loops."""

import math

import numpy as np
import pytest

from riskengine.kernels.contract_simulation import (
    default_month,
    sale_over_debt,
    segment_states,
    simulate_cells,
)
from riskengine.kernels.wrong_way import conditional_shortfall

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
KEY = np.array([3, 0], dtype=np.uint64)
MONTHS = np.array([[[1.0, 1.0]], [[0.0, 1.0]]])


def test_states_are_weighted_factors_and_the_delay_keeps_its_mean() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(3, 2)), np.array([[0.5, 0.0], [0.0, 0.0], [0.3, 0.4]])
    factors, slow = rng.normal(size=(4, 2)), np.array([0.0, 0.5, 0.8])
    out = np.empty((4, 3, 3))
    segment_states(factors, a, b, slow, np.sum(b * b, axis=1), out)
    assert np.allclose(out[..., 0], factors @ a.T, rtol=1e-14)
    assert np.allclose(out[..., 1], factors @ b.T, rtol=1e-14)
    assert np.all(out[:, 0, 2] == 0.0)
    one = np.empty((60, 1, 3))
    segment_states(
        NODES[:, None], np.ones((1, 1)), np.array([[0.5]]), np.array([0.8]), np.array([0.25]), one
    )
    mean = WEIGHTS @ one[:, 0, 2] / WEIGHTS.sum()
    assert abs(mean) < 1e-13  # E[T(z)] = T0


def test_the_mean_of_sales_gives_the_conditional_put() -> None:
    forward, spread, sale, share, cost, excess = 1.2, 0.4, -1.1, 0.36, 0.05, 0.7
    u = np.linspace(-9.0, 9.0, 181)
    level = math.log(forward) - 0.5 * spread**2
    sold = np.array(
        [sale_over_debt(level, spread, cost, sale, excess, math.sqrt(1 - share), x) for x in u]
    )
    density = np.exp(-0.5 * u * u) / math.sqrt(2.0 * math.pi)
    put = np.sum(np.maximum(1.0 - sold, 0.0) * density) * 0.1
    wanted = conditional_shortfall(1.0, forward * math.exp(-cost * excess), spread, sale, share)
    assert put == pytest.approx(wanted, rel=2e-3)


def test_a_month_is_drawn_from_its_column_or_its_other() -> None:
    chances, others = np.array([0.25, 1.0]), np.array([1.0, 1.0])
    drawn = [default_month(np.uint64(k << 28), chances, others) for k in range(16)]
    assert drawn == [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]


def book(thresholds: list[float], collateral: bool) -> np.ndarray:
    """One cell: a debt of 1,000 fen each, in falling order of threshold."""
    rows = np.zeros((len(thresholds), 8))
    rows[:, 0] = thresholds
    rows[:, 1], rows[:, 3], rows[:, 5] = 1000.0, 0.3, 0.8
    rows[:, 2] = -0.2 if collateral else -math.inf
    return rows


@pytest.mark.parametrize("collateral", [False, True])
def test_certain_and_impossible_contracts(collateral: bool) -> None:
    rows = book([math.inf, math.inf, -1.0, -1.2, -45.0], collateral)
    cells = np.array([[0, 2, 0], [2, 4, 0], [4, 5, 0]])
    out = np.zeros((40, 1, 2, 2), dtype=np.int64)
    states = np.zeros((40, 1, 3))
    simulate_cells(
        KEY, np.array([0, 0]), cells, rows, states, np.array([[0.1, 0.9]]), np.ones(40), MONTHS, out
    )
    losses, claims = out[..., 0].sum(axis=(1, 2)), out[..., 1].sum(axis=(1, 2))
    if collateral:
        assert np.all(losses >= 0) and np.all(losses <= 4000) and len(set(losses)) > 20
    else:
        assert losses.min() == 2000 and set(losses) <= {2000, 3000, 4000} and len(set(losses)) > 1
        assert np.all(claims == 0.8 * losses)


def test_thinning_keeps_each_contract_s_own_chance() -> None:
    rows = book([-0.2, -0.5, -1.1], False)
    rows[:, 6] = [0, 1, 2]
    out = np.zeros((600, 3, 2, 2), dtype=np.int64)
    states = np.zeros((600, 1, 3))
    simulate_cells(
        KEY,
        np.array([5, 1]),
        np.array([[0, 3, 0]]),
        rows,
        states,
        np.array([[0.0, 1.0]]),
        np.ones(600),
        MONTHS,
        out,
    )
    seen = out[..., 0].sum(axis=2).mean(axis=0) / 1000.0
    wanted = np.array([0.4207403, 0.3085375, 0.1356661])
    assert np.all(np.abs(seen - wanted) < 4.0 * np.sqrt(wanted * (1 - wanted) / 600))
