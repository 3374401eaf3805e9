"""Large pools, number by number: limits, second routes, every branch."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from riskengine.kernels.bivariate import bivariate_normal_cdf
from riskengine.kernels.large_pool import (
    joint_excess,
    pool_cdf,
    pool_density,
    pool_factor,
    pool_quantile,
    pool_shortfall,
    pool_survival,
)
from riskengine.kernels.normal import normal_cdf, normal_quantile
from riskengine.kernels.pool_layers import pool_capped, pool_layer, pool_rows, pool_stop_loss

INF = math.inf


def tail_integral(p: float, rho: float, low: float, high: float) -> float:
    """Integral of P(L > x) over losses, in u = N^-1(x)."""
    c = stats.norm.ppf(p)

    def height(u: float) -> float:
        z = (c - math.sqrt(1.0 - rho) * u) / math.sqrt(rho)
        return float(stats.norm.pdf(u) * stats.norm.cdf(z))

    ends = np.linspace(max(stats.norm.ppf(low), -9.0), min(stats.norm.ppf(high), 9.0), 25)
    parts = [integrate.quad(height, a, b, epsabs=0.0, epsrel=1e-12)[0] for a, b in pairwise(ends)]
    return math.fsum(parts)


@pytest.mark.parametrize(
    ("p", "rho", "k"), [(0.02, 0.1, 0.05), (0.03, 0.15, 0.2), (0.5, 0.4, 0.9), (0.01, 0.02, 0.03)]
)
def test_stop_loss_is_the_integral_of_the_tail(p: float, rho: float, k: float) -> None:
    c = normal_quantile(p)
    assert pool_stop_loss(c, rho, k) == pytest.approx(tail_integral(p, rho, k, 1.0), rel=1e-11)
    assert pool_capped(c, rho, k) + pool_stop_loss(c, rho, k) == pytest.approx(p, rel=1e-13)


@pytest.mark.parametrize(("rho", "k"), [(0.1, 0.05), (0.1, 0.5), (0.01, 0.1), (0.1, 0.95)])
def test_one_term_for_two(rho: float, k: float) -> None:
    """The usual form, Phi2(c, z*; sqrt(rho)) - K N(z*)."""
    c = normal_quantile(0.02)
    z = pool_factor(c, rho, k)
    usual = bivariate_normal_cdf(c, z, math.sqrt(rho)) - k * normal_cdf(z)
    assert pool_stop_loss(c, rho, k) == pytest.approx(usual, rel=1e-11)


@pytest.mark.parametrize(
    ("a", "b"),
    [(0.05, 0.05001), (1e-4, 1.1e-4), (0.5, 0.50001), (0.01, 0.9), (0.05, 1.0), (0.02, 0.021)],
)
def test_layers_keep_their_digits(a: float, b: float) -> None:
    c = normal_quantile(0.02)
    exact = tail_integral(0.02, 0.1, a, b)
    assert pool_layer(c, 0.1, a, b) == pytest.approx(exact, rel=1e-10)


def test_layers_at_the_ends() -> None:
    c = normal_quantile(0.02)
    assert pool_layer(c, 0.1, 0.0, 1.0) == pytest.approx(0.02, rel=1e-13)
    assert pool_layer(c, 0.1, 0.0, 1e-9) == pytest.approx(1e-9, rel=1e-9)
    assert pool_layer(c, 0.1, 0.3, 0.3) == 0.0
    assert pool_layer(c, 0.1, 1.0, 2.0) == 0.0
    assert pool_layer(c, 0.0, 0.005, 0.01) == pytest.approx(0.005, rel=1e-12)
    assert pool_layer(c, 1.0, 0.4, 0.4001) == pytest.approx(0.02 * 0.0001, rel=1e-9)
    exact = tail_integral(0.02, 1e-5, 0.0195, 0.01951)
    assert pool_layer(c, 1e-5, 0.0195, 0.01951) == pytest.approx(exact, rel=1e-9)
    assert pool_stop_loss(c, 0.1, -0.5) == pytest.approx(0.52, rel=1e-15)
    assert pool_capped(c, 0.1, -0.5) == -0.5
    assert pool_capped(c, 0.1, 2.0) == pytest.approx(0.02, rel=1e-15)


def test_no_correlation_and_full_correlation() -> None:
    """rho 0: the PD for sure.  rho 1: all or nothing, an atom of size PD."""
    c = normal_quantile(0.03)
    for tail in (0.001, 0.02, 0.5):
        assert pool_quantile(c, 0.0, tail) == pytest.approx(0.03, rel=1e-14)
        assert pool_quantile(c, 1.0, tail) == (1.0 if tail < 0.03 else 0.0)
        assert pool_shortfall(c, 0.0, tail) == pytest.approx(0.03, rel=1e-13)
        assert pool_shortfall(c, 1.0, tail) == pytest.approx(min(0.03 / tail, 1.0), rel=1e-13)
    assert pool_survival(c, 0.0, 0.029) == 1.0 and pool_survival(c, 0.0, 0.031) == 0.0
    assert pool_cdf(c, 0.0, 0.029) == 0.0 and pool_cdf(c, 0.0, 0.031) == 1.0
    assert pool_survival(c, 1.0, 0.5) == pytest.approx(0.03, rel=1e-14)
    assert math.isnan(pool_density(c, 0.0, 0.03)) and math.isnan(pool_density(c, 1.0, 0.03))
    near = pool_quantile(c, 1e-12, 0.001)
    assert near == pytest.approx(0.03, rel=1e-5)
    assert pool_stop_loss(c, 0.0, 0.01) == pytest.approx(0.02, rel=1e-13)
    assert pool_stop_loss(c, 1.0, 0.25) == pytest.approx(0.03 * 0.75, rel=1e-13)


def test_certain_debts() -> None:
    assert pool_survival(-INF, 0.2, 0.0) == 0.0 and pool_survival(-INF, 0.2, -0.1) == 1.0
    assert pool_survival(INF, 0.2, 0.99) == 1.0 and pool_survival(INF, 0.2, 1.0) == 0.0
    assert pool_quantile(-INF, 0.2, 0.001) == 0.0 and pool_quantile(INF, 0.2, 0.001) == 1.0
    assert pool_shortfall(-INF, 0.2, 0.001) == 0.0 and pool_shortfall(INF, 0.2, 0.001) == 1.0
    assert pool_stop_loss(INF, 0.2, 0.25) == pytest.approx(0.75)
    assert pool_stop_loss(-INF, 0.2, 0.25) == pool_stop_loss(INF, 0.2, 1.5) == 0.0
    assert joint_excess(-INF, 0.1, 0.3) == joint_excess(0.1, INF, 0.3) == 0.0


def test_density_is_the_slope_of_the_law() -> None:
    c, step = normal_quantile(0.02), 1e-6
    for x in (0.001, 0.02, 0.3):
        fall = pool_survival(c, 0.1, x - step * x) - pool_survival(c, 0.1, x + step * x)
        assert pool_density(c, 0.1, x) == pytest.approx(fall / (2 * step * x), rel=1e-7)
    assert pool_density(c, 0.1, 0.0) == pool_density(c, 0.1, 1.0) == 0.0


@pytest.mark.parametrize("rho", [-1.0, -0.7, -0.3, 1e-9, 0.05, 0.4, 0.7, 1.0])
def test_joint_excess_by_quadrature(rho: float) -> None:
    first, second = normal_quantile(0.01), normal_quantile(0.2)
    found = joint_excess(first, second, rho)
    if abs(rho) == 1.0:
        assert found == pytest.approx(0.01 - 0.002 if rho > 0.0 else -0.002, rel=1e-12)
        return
    law = integrate.quad(
        lambda r: math.exp(
            -(first**2 - 2 * r * first * second + second**2) / (2 * (1 - r * r))
        ) / (2 * math.pi * math.sqrt(1 - r * r)),
        0.0, rho, epsabs=0.0, epsrel=1e-12,
    )[0]  # fmt: skip
    assert found == pytest.approx(law, rel=1e-11)


def test_rows() -> None:
    c = normal_quantile(0.03)
    x = np.array([[0.03], [0.15], [0.04], [0.07]])
    every = (
        pool_quantile(c, 0.15, 0.04), pool_shortfall(c, 0.15, 0.04), pool_survival(c, 0.15, 0.04),
        pool_cdf(c, 0.15, 0.04), pool_density(c, 0.15, 0.04), pool_stop_loss(c, 0.15, 0.04),
        pool_capped(c, 0.15, 0.04), pool_layer(c, 0.15, 0.04, 0.07), joint_excess(c, c, 0.15),
        pool_factor(c, 0.15, 0.04),
    )  # fmt: skip
    for kind, expected in enumerate(every):
        out = np.empty(1)
        pool_rows(kind, x, out)
        assert out[0] == expected
