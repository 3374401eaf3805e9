"""Saddlepoint of independent defaults: the oracle, exact laws, ends, the Taylor branch."""

import math
from itertools import product

import numpy as np
import pytest
from scipy import stats

from riskengine.kernels.saddlepoint import (
    cumulants,
    saddlepoint,
    tail_probability,
    tail_rows,
    tilted_chance,
)

N, P = 200, 0.05
ONES, CHANCES = np.ones(N), np.full(N, P)


def test_lattice_binomial() -> None:
    """NUM-SP-01: 0.002665117785 against 0.00266457955 exactly."""
    found = tail_probability(ONES, CHANCES, 20.0, 1.0)
    assert found == pytest.approx(0.002665117785, rel=1e-8)
    assert stats.binom.sf(19, N, P) == pytest.approx(0.00266457955, rel=1e-8)


@pytest.mark.parametrize("x", [5, 9, 10, 11, 15, 20, 30, 60])
def test_error_on_a_lattice(x: int) -> None:
    found = tail_probability(ONES, CHANCES, float(x), 1.0)
    assert found == pytest.approx(stats.binom.sf(x - 1, N, P), rel=6e-4)


@pytest.mark.parametrize(("x", "low", "high"), [(20, 0.31, 0.33), (30, 0.42, 0.44)])
def test_without_the_lattice_correction(x: int, low: float, high: float) -> None:
    """Credit notes 4.6: 32 to 43 % off."""
    found = tail_probability(ONES, CHANCES, float(x), 0.0)
    assert low < 1.0 - found / stats.binom.sf(x - 1, N, P) < high


def test_ends_are_exact() -> None:
    sizes, q = np.array([2.0, 3.0, 4.0, 5.0]), np.array([0.1, 0.2, 1.0, 0.0])
    at = lambda x: tail_probability(sizes, q, x, 1.0)  # noqa: E731
    assert at(-1.0) == at(4.0) == 1.0
    assert at(4.5) == at(5.0) == at(6.0) == pytest.approx(1.0 - 0.9 * 0.8, rel=1e-14)
    assert at(9.0) == pytest.approx(0.02, rel=1e-14)
    assert at(9.5) == at(1e9) == 0.0
    assert math.isnan(saddlepoint(sizes, q, 4.0)) and math.isnan(saddlepoint(sizes, q, 9.0))


def test_unequal_debts_by_enumeration() -> None:
    sizes = np.array([1.0, 2.0, 3.0, 5.0, 4.0, 2.0, 1.0, 3.0, 2.0, 6.0])
    q = np.array([0.1, 0.05, 0.2, 0.02, 0.1, 0.3, 0.15, 0.08, 0.12, 0.03])
    law = np.zeros(int(sizes.sum()) + 1)
    for outcome in product((0, 1), repeat=10):
        law[int(sizes @ outcome)] += float(np.prod(np.where(outcome, q, 1.0 - q)))
    # Ten debts make a lumpy law: 2 to 6 % off (sixty: some 0.1 % in the tail).
    for x in (4, 9, 16, 20):
        exact = law[x:].sum()
        assert tail_probability(sizes, q, float(x), 1.0) == pytest.approx(exact, rel=0.06)


def test_saddlepoint_solves_its_equation() -> None:
    rng = np.random.default_rng(1)
    sizes, q = rng.lognormal(0.0, 2.0, 40), rng.uniform(0.0, 0.4, 40)
    mean, total = float(q @ sizes), float(sizes.sum())
    for x in (1e-6 * total, 0.5 * mean, 2.0 * mean, 0.9 * total, (1.0 - 1e-9) * total):
        t = saddlepoint(sizes, q, x)
        assert cumulants(sizes, q, t)[1] == pytest.approx(x, rel=1e-9)
    assert saddlepoint(sizes, q, mean) == pytest.approx(0.0, abs=1e-12)


def test_cumulants_are_derivatives() -> None:
    sizes, q = np.array([1.0, 2.5, 4.0]), np.array([0.1, 0.6, 1.0])
    step = 1e-5
    for t in (-2.0, 0.3, 12.0):
        here, up, down = (cumulants(sizes, q, t + d) for d in (0.0, step, -step))
        for k in range(4):
            assert (up[k] - down[k]) / (2 * step) == pytest.approx(here[k + 1], rel=1e-6, abs=1e-8)
    assert cumulants(np.array([3.0]), np.array([0.0]), 50.0) == (0.0,) * 5
    assert tilted_chance(0.3, 800.0) == 1.0 and tilted_chance(0.3, -800.0) == pytest.approx(0.0)


@pytest.mark.parametrize("span", [0.0, 1.0])
def test_taylor_series_meets_the_formula(span: float) -> None:
    """Just inside and outside |t| sqrt(K'') = 1e-3 the difference of 1 / u and 1 / w agrees."""
    sizes, q = np.array([1.0, 2.0, 3.0] * 10), np.linspace(0.02, 0.3, 30)
    _, mean, k2, _, _ = cumulants(sizes, q, 0.0)
    sd = math.sqrt(k2)
    jumps = []
    for side in (-1.0, 1.0):
        near, far = (tail_of(sizes, q, mean + side * s * sd, span) for s in (0.99e-3, 1.01e-3))
        slope = tail_of(sizes, q, mean + side * 1.03e-3 * sd, span) - far
        jumps.append(abs((far - near) - slope))
    assert max(jumps) < 2e-8


def tail_of(sizes: np.ndarray, q: np.ndarray, x: float, span: float) -> float:
    """The formula at any x; on a lattice a shifted debt of certain loss makes x a lattice point."""
    if span == 0.0:
        return tail_probability(sizes, q, x, 0.0)
    moved = math.ceil(x) - x
    return tail_probability(np.append(sizes, moved), np.append(q, 1.0), float(math.ceil(x)), 1.0)


def test_rows() -> None:
    out = np.empty(2)
    states = np.vstack([CHANCES, 2.0 * CHANCES])
    tail_rows(ONES, states, 20.0, 1.0, out)
    assert out[0] == tail_probability(ONES, CHANCES, 20.0, 1.0) < out[1]
