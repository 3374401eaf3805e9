"""Bernoulli mixtures: published calibration, moments, tails by two roads, correlations."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from riskengine.portfolio.exposures import BookError
from riskengine.portfolio.homogeneous import default_count
from riskengine.portfolio.mixtures import (
    Mixing,
    asset_correlation,
    asset_correlation_of_joint,
    calibrated,
    default_correlation,
    joint_chance,
)

KINDS = ("beta", "probit", "logit")


def test_published_calibration() -> None:
    """PF-BMIX-01."""
    for kind, right in (
        ("beta", (3.0720191, 59.6222484)), ("probit", (-1.71126154, 0.26386805)),
        ("logit", (-3.10300172, 0.55594512)),
    ):  # fmt: skip
        law = calibrated(kind, 0.049, 0.0157)
        assert (law.first, law.second) == pytest.approx(right, rel=2e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("pd", "correlation"), [(0.0005, 0.001), (0.02, 0.05), (0.3, 0.4)])
def test_calibration_comes_back(kind: str, pd: float, correlation: float) -> None:
    law = calibrated(kind, pd, correlation)
    assert law.default_chance == pytest.approx(pd, rel=1e-10)
    assert law.default_correlation == pytest.approx(correlation, rel=1e-8)
    assert law.moment(3) >= law.moment(2) ** 2 / law.moment(1)
    assert law.moment(0) == pytest.approx(1.0)


def test_beta_is_the_beta_binomial() -> None:
    law = calibrated("beta", 0.049, 0.0157)
    exact = stats.betabinom(100, law.first, law.second)
    np.testing.assert_allclose(law.law(100), exact.pmf(np.arange(101)), rtol=1e-9)
    for d in (0, 4, 20, 60):
        tail = float(np.sum(exact.pmf(np.arange(100, d, -1))))  # scipy's own sf is 1 - cdf
        assert law.exceeding(d, 100) == pytest.approx(tail, rel=1e-9, abs=0.0)
    assert law.beyond(0.1) == pytest.approx(stats.beta.sf(0.1, law.first, law.second), rel=1e-12)


def test_probit_is_the_gaussian_copula() -> None:
    law = calibrated("probit", 0.02, 0.03)
    pool = default_count(1000, asset_correlation(0.02, 0.02, 0.03), default_chance=0.02)
    for d in (0, 30, 200):
        assert law.exceeding(d, 1000) == pytest.approx(pool.exceeding(d), rel=1e-10, abs=0.0)


@pytest.mark.parametrize("kind", KINDS)
def test_law_of_the_count(kind: str) -> None:
    law = calibrated(kind, 0.1, 0.1)
    p = law.law(30)
    assert np.sum(p) == pytest.approx(1.0, abs=1e-12)
    assert np.arange(31) @ p == pytest.approx(3.0, rel=1e-10)
    away = np.arange(31) - 3.0
    variance = 30 * 0.09 * (1.0 + 29 * 0.1)
    assert away**2 @ p == pytest.approx(variance, rel=1e-8)
    assert law.exceeding(-1, 30) == 1.0 and law.exceeding(30, 30) == 0.0
    assert law.exceeding(300000, 10**6) == pytest.approx(law.beyond(0.3), rel=1e-4)


@given(st.floats(1e-4, 0.9), st.floats(1e-4, 0.9), st.floats(-0.95, 0.99))
@settings(max_examples=40)
def test_correlations_come_back(one: float, other: float, rho: float) -> None:
    both = joint_chance(one, other, rho)
    if both < 1e-12 or min(one, other) - both < 1e-9 or both - max(one + other - 1, 0) < 1e-9:
        return
    assert asset_correlation_of_joint(one, other, both) == pytest.approx(rho, abs=1e-6)
    found = default_correlation(one, other, rho)
    assert asset_correlation(one, other, found) == pytest.approx(rho, abs=1e-6)


def test_limits_of_correlation() -> None:
    assert joint_chance(0.1, 0.3, 1.0) == pytest.approx(0.1)
    assert joint_chance(0.1, 0.3, 0.0) == pytest.approx(0.03, rel=1e-14)
    assert joint_chance(0.0, 0.3, 0.5) == 0.0 and joint_chance(1.0, 0.3, 0.5) == 0.3
    assert default_correlation(0.1, 0.1, 1.0) == pytest.approx(1.0)
    assert asset_correlation_of_joint(0.1, 0.3, 0.1) == 1.0
    assert asset_correlation_of_joint(0.1, 0.3, 0.0) == -1.0
    assert asset_correlation(0.02, 0.02, 1.0) == 1.0


def test_bad_arguments_are_refused() -> None:
    for action in (
        lambda: calibrated("beta", 0.0, 0.1), lambda: calibrated("probit", 0.1, 1.0),
        lambda: calibrated("logit", 0.1, 0.0), lambda: calibrated("logit", 0.1, 0.9999),
        lambda: calibrated("logit", math.nan, 0.1), lambda: Mixing("gamma", 1.0, 1.0),
        lambda: Mixing("beta", -1.0, 1.0), lambda: Mixing("probit", 0.0, 0.0),
        lambda: Mixing("probit", math.nan, 1.0), lambda: joint_chance(0.1, 1.2, 0.0),
        lambda: joint_chance(0.1, 0.2, math.nan), lambda: default_correlation(0.0, 0.1, 0.1),
        lambda: asset_correlation(0.01, 0.5, 0.9), lambda: Mixing("beta", 1.0, 1.0).beyond(1.0),
        lambda: Mixing("beta", 1.0, 1.0).exceeding(1, 0), lambda: Mixing("beta", 1.0, 1.0).law(0),
    ):  # fmt: skip
        with pytest.raises(BookError):
            action()
