"""Likelihood of default counts: a brute sum over the factor, closed forms, limits."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from riskengine.kernels.bivariate import bivariate_normal_cdf
from riskengine.kernels.default_counts import count_likelihood_rows, log_count_likelihood


def brute(d: float, n: float, c: float, rho: float) -> float:
    """A plain sum over 200,001 states."""
    z = np.linspace(-16.0, 16.0, 200_001)
    u = (c - math.sqrt(rho) * z) / math.sqrt(1.0 - rho)
    v = d * stats.norm.logcdf(u) + (n - d) * stats.norm.logsf(u) + stats.norm.logpdf(z)
    return float(v.max() + math.log(integrate.trapezoid(np.exp(v - v.max()), z)))


@pytest.mark.parametrize(
    ("d", "n", "c", "rho"),
    [
        (3, 100, -2.0, 0.1), (0, 100_000, -2.0, 0.1), (5000, 100_000, -2.0, 0.1),
        (100, 100, -2.0, 0.1), (0, 10, -2.0, 0.8), (2000, 1_000_000, -2.0, 0.01), (1, 5, -1.0, 1e-4),
    ],
)  # fmt: skip
def test_against_a_plain_sum(d: int, n: int, c: float, rho: float) -> None:
    found = log_count_likelihood(float(d), float(n), c, rho)
    assert found == pytest.approx(brute(d, n, c, rho), abs=3e-10)


def test_closed_forms() -> None:
    """One debt is its PD, two are a bivariate normal."""
    c = -1.7
    for rho in (0.05, 0.6):
        assert log_count_likelihood(1.0, 1.0, c, rho) == pytest.approx(
            stats.norm.logcdf(c), abs=1e-11
        )
        both = math.log(bivariate_normal_cdf(c, c, rho))
        assert log_count_likelihood(2.0, 2.0, c, rho) == pytest.approx(both, abs=1e-11)
        none = math.log(bivariate_normal_cdf(-c, -c, rho))
        assert log_count_likelihood(0.0, 2.0, c, rho) == pytest.approx(none, abs=1e-11)


def test_no_correlation_is_the_binomial() -> None:
    found = log_count_likelihood(3.0, 50.0, -1.5, 0.0)
    p = stats.norm.cdf(-1.5)
    assert found == pytest.approx(3 * math.log(p) + 47 * math.log1p(-p), rel=1e-13)
    near = log_count_likelihood(3.0, 50.0, -1.5, 1e-9)
    assert near == pytest.approx(found, rel=1e-6)


def test_probabilities_of_all_counts_add_up() -> None:
    n = 30
    total = sum(
        math.comb(n, d) * math.exp(log_count_likelihood(float(d), float(n), -1.2, 0.3))
        for d in range(n + 1)
    )
    assert total == pytest.approx(1.0, abs=1e-11)


def test_rows_add_up() -> None:
    d, n, c = np.array([1.0, 4.0]), np.array([100.0, 120.0]), np.array([-2.0, -1.9])
    each = [log_count_likelihood(*row, 0.1) for row in zip(d, n, c, strict=True)]
    assert count_likelihood_rows(d, n, c, 0.1) == pytest.approx(sum(each), rel=1e-15)
