"""Conditional loss of one debt: quadrature of its two normals, slopes by differences."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from riskengine.kernels.bivariate import bivariate_normal_cdf
from riskengine.kernels.conditional_moments import (
    hermite_sums,
    moments_given_factor,
    squared_shortfall,
    tail_means,
)
from riskengine.kernels.normal import normal_quantile

INF = math.inf
# c, a, b, r, severity, F, s, T0, k, h, variance
DEBTS = np.array([
    [normal_quantile(0.02), 0.3, 0.4, 0.0, 0.7, 1.1, 0.3, 1.5, 0.2, 0.06, 0.0],
    [normal_quantile(0.01), 0.5, 0.3, 0.2, 1.0, 0.8, 0.2, 1.5, 0.0, 0.06, 0.01],
    [normal_quantile(0.2), 0.2, 0.9, 0.3, 0.6, 0.5, 0.5, 1.0, 0.3, 0.05, 0.0],
    [normal_quantile(0.03), -0.3, 0.2, -0.2, 0.9, 1.5, 0.3, 2.0, 0.2, 0.04, 0.0],
    [normal_quantile(0.05), 0.4, 0.0, 0.0, 0.45, 0.0, 0.0, 0.0, 0.0, 0.0, 0.02],
    [normal_quantile(0.04), 0.35, 1.0, 0.0, 0.8, 0.9, 0.3, 1.0, 0.1, 0.05, 0.0],
    [normal_quantile(0.04), 0.35, 0.3, 1.0, 0.8, 0.9, 0.3, 0.0, 0.0, 0.0, 0.0],
    [normal_quantile(0.04), 0.35, 0.3, 0.0, 0.8, 1.2, 0.0, 0.0, 0.0, 0.0, 0.0],
    [INF, 0.35, 0.3, 0.1, 0.8, 0.9, 0.3, 0.0, 0.0, 0.0, 0.0],
    [-INF, 0.35, 0.3, 0.1, 0.8, 0.9, 0.3, 0.0, 0.0, 0.0, 0.0],
    [INF, 0.35, 0.0, 0.0, 0.8, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
]).T.copy()  # fmt: skip


def at(y: float) -> np.ndarray:
    out = np.empty((7, DEBTS.shape[1]))
    moments_given_factor(DEBTS, y, out)
    return out


def moments_by_quadrature(debt: np.ndarray, y: float) -> tuple[float, float]:
    """Mean and mean square over the sale's normal, default given it in closed form."""
    c, a, b, r, severity, forward, s, years, k, h, own = debt
    slow = years * math.exp(-k * b * y - 0.5 * (k * b) ** 2) - years
    spread = s * math.sqrt(1.0 - b * b)
    mean = forward * math.exp(s * b * y - 0.5 * (s * b) ** 2 - h * slow)
    u = (c - a * y) / math.sqrt(1.0 - a * a)
    d = (math.log(1.0 / mean) + 0.5 * spread**2) / spread

    def part(x: float, power: int) -> float:
        lost = 1.0 - mean * math.exp(-0.5 * spread**2 + spread * x)
        default = stats.norm.cdf((u - r * x) / math.sqrt(1.0 - r * r))
        return float(lost**power * default * stats.norm.pdf(x))

    first, second = (
        integrate.quad(part, -9.0, d, args=(power,), epsabs=1e-14, epsrel=1e-10, limit=200)[0]
        for power in (1, 2)
    )
    return severity * first, severity**2 * second + own * float(stats.norm.cdf(u))


@pytest.mark.parametrize("y", [-2.5, 0.3])
@pytest.mark.parametrize("i", [0, 1, 2, 3])
def test_moments_by_quadrature(i: int, y: float) -> None:
    found, expected = at(y)[:, i], moments_by_quadrature(DEBTS[:, i], y)
    assert found[2] == pytest.approx(expected[0], rel=1e-8)
    assert found[5] == pytest.approx(expected[1], rel=1e-8)


@pytest.mark.parametrize("y", [-2.7, -0.6, 0.9])
def test_slopes_are_slopes(y: float) -> None:
    step = 1e-4
    here, slope = at(y), (at(y + step) - at(y - step)) / (2.0 * step)
    for value, derivative in ((0, 1), (2, 3), (3, 4), (5, 6)):
        assert slope[value] == pytest.approx(here[derivative], rel=1e-6, abs=1e-9)


def test_certain_debts() -> None:
    out = at(-2.0)
    assert out[:2, 8].tolist() == [1.0, 0.0] and 0.0 < out[2, 8] < 0.8
    assert np.all(out[:, 9] == 0.0)
    assert out[:, 10].tolist() == pytest.approx([1.0, 0.0, 0.8, 0.0, 0.0, 0.64, 0.0])


def test_a_sale_without_spread_is_a_step() -> None:
    assert at(-2.0)[2:, 7].tolist() == [0.0] * 5
    short = DEBTS.copy()
    short[5, 7] = 0.75
    out = np.empty((7, short.shape[1]))
    moments_given_factor(short, -2.0, out)
    assert out[2, 7] == pytest.approx(0.8 * 0.25 * out[0, 7], rel=1e-13)
    assert out[3, 7] == pytest.approx(0.8 * 0.25 * out[1, 7], rel=1e-13)


def test_squared_shortfall_at_its_ends() -> None:
    assert squared_shortfall(0.0, 0.3, 0.0, 0.2) == 0.5
    assert squared_shortfall(1.2, 0.0, 0.0, 0.2) == 0.0
    assert squared_shortfall(1e9, 0.1, INF, 0.0) == 0.0
    assert squared_shortfall(1.0, 0.4, -INF, 0.3) == 0.0


def test_tail_means() -> None:
    out = np.empty(DEBTS.shape[1])
    tail_means(DEBTS, -1.0, out)
    found = integrate.quad(
        lambda y: float(at(y)[2, 4] * stats.norm.pdf(y)), -9.0, -1.0, epsrel=1e-10
    )[0]
    assert out[4] == pytest.approx(found, rel=1e-9)


def test_series_is_the_bivariate_normal() -> None:
    """Mehler's expansion: sums over orders are Phi2 of the pair less independence."""
    u, orders, rho = np.array([-2.1, 0.4, INF]), 60, 0.55
    sums = np.empty((2, orders, 2))
    hermite_sums(u, np.array([-0.3, 0.2, 0.1]), np.array([0, 1, 1]), np.array([3.0, 2.0, 9.0]),
                 np.array([0.5, -0.4, 9.0]), sums)  # fmt: skip
    power = rho ** np.arange(1, orders + 1)
    pair = bivariate_normal_cdf(u[0], u[1], rho)
    independent = bivariate_normal_cdf(u[0], u[1], 0.0)
    assert power @ (sums[0, :, 0] * sums[0, :, 1]) == pytest.approx(
        6.0 * (pair - independent), rel=1e-12
    )
    step = 1e-6

    def shifted(t: float) -> float:
        h, k = u[0] - 0.3 * t, u[1] + 0.2 * t
        excess = bivariate_normal_cdf(h, k, rho) - bivariate_normal_cdf(h, k, 0.0)
        return (3.0 + 0.5 * t) * (2.0 - 0.4 * t) * excess

    slope = power @ (sums[1, :, 0] * sums[0, :, 1] + sums[0, :, 0] * sums[1, :, 1])
    assert slope == pytest.approx((shifted(step) - shifted(-step)) / (2 * step), rel=1e-7)
