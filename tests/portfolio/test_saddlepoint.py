"""Saddlepoint over the factor: exact binomial mixtures, causes of a loss, refusals."""

import math

import numpy as np
import pytest
from scipy import stats

from riskengine.portfolio.exposures import BookError
from riskengine.portfolio.saddlepoint import independent_tail, one_factor_tail, tail_causes


def exact(n: int, p: float, rho: float, k: int) -> float:
    """P(at least k defaults) by a fine composite rule over the factor."""
    nodes, weights = np.polynomial.legendre.leggauss(16)
    edges = np.linspace(-11.0, 9.0, 1501)
    half = 0.5 * np.diff(edges)
    z = ((edges[:-1] + half)[:, None] + half[:, None] * nodes).ravel()
    mass = (half[:, None] * weights).ravel() * stats.norm.pdf(z)
    q = stats.norm.cdf((stats.norm.ppf(p) - math.sqrt(rho) * z) / math.sqrt(1.0 - rho))
    return float(mass @ stats.binom.sf(k - 1, n, q))


@pytest.mark.parametrize(
    ("n", "p", "rho", "k", "error"),
    [
        (100, 0.01, 0.2, 16, 3e-4), (100, 0.01, 0.2, 40, 3e-4), (400, 0.0033, 0.2, 30, 3e-5),
        (100, 0.01, 0.2, 1, 1e-12), (400, 0.02, 0.001, 14, 3e-4), (50, 0.02, 0.6, 45, 6e-3),
    ],
)  # fmt: skip
def test_alike_debts(n: int, p: float, rho: float, k: int, error: float) -> None:
    found = one_factor_tail(np.ones(n), p, rho, float(k), span=1.0)
    assert found == pytest.approx(exact(n, p, rho, k), rel=error)


def test_lattice_left_out() -> None:
    """Mixing over the factor hides part of the 32 to 43 %: still 13 % off."""
    found = one_factor_tail(np.ones(100), 0.01, 0.2, 16.0)
    assert 0.11 < 1.0 - found / exact(100, 0.01, 0.2, 16) < 0.14


def test_unequal_debts_by_simulation() -> None:
    rng = np.random.default_rng(4)
    sizes, p, rho = rng.integers(1, 20, 60).astype(float), rng.uniform(0.01, 0.1, 60), 0.15
    z = rng.standard_normal((200_000, 1))
    c = stats.norm.ppf(p)
    defaults = math.sqrt(rho) * z + math.sqrt(1 - rho) * rng.standard_normal((200_000, 60)) <= c
    losses = defaults @ sizes
    for x in (60.0, 120.0):
        chance = float(np.mean(losses >= x))
        error = math.sqrt(chance / 200_000)
        found = one_factor_tail(sizes, p, rho, x, span=1.0)
        assert abs(found - chance) < 3.5 * error + 1e-3 * chance


def test_no_common_factor() -> None:
    one = one_factor_tail([1.0] * 200, 0.05, 0.0, 20.0, span=1.0)
    assert one == independent_tail([1.0] * 200, 0.05, 20.0, span=1.0)
    near = one_factor_tail([1.0] * 200, 0.05, 1e-9, 20.0, span=1.0)
    assert near == pytest.approx(one, rel=1e-6)


def test_certain_and_empty_debts() -> None:
    with_sure = one_factor_tail(
        [1.0] * 50 + [10.0, 0.0], [0.05] * 50 + [1.0, 0.5], 0.2, 18.0, span=1.0
    )
    assert with_sure == pytest.approx(
        one_factor_tail([1.0] * 50, 0.05, 0.2, 8.0, span=1.0), rel=1e-9
    )
    assert one_factor_tail([1.0] * 5, 0.0, 0.2, 1.0) == 0.0
    assert one_factor_tail([1.0] * 5, 0.1, 0.2, 0.0) == pytest.approx(1.0, abs=1e-12)
    assert one_factor_tail([1.0] * 5, 0.1, 0.2, 6.0) == pytest.approx(0.0, abs=1e-12)
    assert one_factor_tail([], [], [], 1.0) == 0.0


def convolved(sizes: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Law of the sum of independent whole losses."""
    law = np.zeros(int(sizes.sum()) + 1)
    law[0] = 1.0
    for size, chance in zip(sizes.astype(int), chances, strict=True):
        if size:
            law[size:] = law[size:] * (1.0 - chance) + chance * law[:-size]
            law[:size] *= 1.0 - chance
    return law


def test_causes_add_up() -> None:
    """And are near E[L_i | L = x] from the law without each debt."""
    rng = np.random.default_rng(4)
    sizes, q = rng.integers(1, 20, 60).astype(float), rng.uniform(0.01, 0.1, 60)
    sizes, q = np.append(sizes, [5.0, 0.0]), np.append(q, [1.0, 0.5])
    found, x = tail_causes(sizes, q, 120.0), 120
    assert found.expected_loss.sum() == pytest.approx(120.0, rel=1e-10)
    assert found.expected_loss[60] == 5.0 and found.expected_loss[61] == 0.0 and found.argument > 0
    law = convolved(sizes, q)
    for i in range(0, 60, 7):
        others = convolved(np.delete(sizes, i), np.delete(q, i))
        exact = sizes[i] * q[i] * others[x - int(sizes[i])] / law[x]
        assert found.expected_loss[i] == pytest.approx(exact, rel=0.06)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: independent_tail([1.5], 0.1, 1.0, span=1.0), "no multiple of the span"),
        (lambda: independent_tail([1.0], 1.1, 1.0), "default_chance must be in"),
        (lambda: independent_tail([-1.0], 0.1, 1.0), "loss_on_default must be in"),
        (lambda: independent_tail([1.0], 0.1, math.nan), "loss holds"),
        (lambda: independent_tail([1.0], 0.1, 1.0, span=-1.0), "span must be in"),
        (lambda: one_factor_tail([1.0], 0.1, 1.0, 1.0), "1 - correlation must be in"),
        (lambda: tail_causes([1.0, 2.0], 0.1, 3.0), "between the least and the largest"),
    ],
)
def test_refusals(call: object, said: str) -> None:
    with pytest.raises(BookError, match=said):
        call()  # type: ignore[operator]
