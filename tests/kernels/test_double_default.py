"""Failing together: known values, quadrature, limits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from riskengine.kernels.double_default import (
    all_default,
    both_default_rows,
    shortfall_at_default,
    shortfall_at_default_rows,
)
from riskengine.kernels.normal import normal_quantile

NODES = np.polynomial.legendre.leggauss(24)


def test_both() -> None:
    out = np.empty(4)
    both_default_rows(
        np.array([[0.5, 0.02, 0.02, 1.0], [0.5, 0.05, 0.05, 0.3], [0.5, 0.0, 1.0, 0.7]]), out
    )
    assert out == pytest.approx([1.0 / 3.0, 0.001, 0.02, 0.3], rel=1e-12)


def test_all_of_two_is_the_bivariate_one() -> None:
    out = np.empty(1)
    both_default_rows(np.array([[0.03], [0.08], [0.2]]), out)
    k = np.array([normal_quantile(0.03), normal_quantile(0.08)])
    found = all_default(k, np.full(2, math.sqrt(0.2)), *NODES)
    assert found == pytest.approx(out[0], rel=1e-12)
    three = all_default(np.append(k, k[0]), np.full(3, math.sqrt(0.2)), *NODES)
    law = stats.multivariate_normal(np.zeros(3), np.full((3, 3), 0.2) + 0.8 * np.eye(3))
    assert three == pytest.approx(law.cdf(np.append(k, k[0])), rel=2e-3)


@given(st.floats(-4.0, 4.0), st.floats(0.001, 0.999), st.floats(-0.95, 0.95))
def test_shortfall_at_default_by_quadrature(d: float, pd: float, r: float) -> None:
    k, root = stats.norm.ppf(pd), math.sqrt(1.0 - r * r)
    wanted, _ = integrate.quad(
        lambda x: (d - x) * stats.norm.pdf(x) * stats.norm.cdf((k - r * x) / root), -12.0, d,
        epsabs=1e-14, limit=200, points=[min(max(k / r, -12.0), d) if abs(r) > 0.01 else d],
    )  # fmt: skip
    assert shortfall_at_default(d, k, r) == pytest.approx(wanted, abs=1e-12)


def test_shortfall_at_default_at_its_limits() -> None:
    put = 0.5 * stats.norm.cdf(0.5) + stats.norm.pdf(0.5)
    assert shortfall_at_default(0.5, math.inf, 0.4) == pytest.approx(put)
    assert shortfall_at_default(0.5, -math.inf, 0.4) == 0.0
    for r in (1.0, -1.0):
        near = shortfall_at_default(0.5, -1.0, r * (1.0 - 1e-12))
        assert shortfall_at_default(0.5, -1.0, r) == pytest.approx(near, abs=1e-6)
        assert shortfall_at_default(0.5, 1.0, r) == pytest.approx(
            shortfall_at_default(0.5, 1.0, r * (1.0 - 1e-12)), abs=1e-6
        )
    out = np.empty(1)
    shortfall_at_default_rows(np.array([[0.5], [1.0], [0.3]]), out)
    assert out[0] == pytest.approx(put)
