"""Beta distribution of yields against scipy."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from riskengine.kernels.beta import (
    beta_cdf,
    beta_parameters,
    beta_quantile,
    expected_shortfall_below,
    log_beta,
)

SHAPE = st.floats(0.2, 200.0)
SHARE = st.floats(0.0, 1.0)


@given(st.floats(0.02, 0.98), st.floats(0.05, 0.95))
def test_parameters_give_back_the_moments(mean, part) -> None:
    deviation = part * math.sqrt(mean * (1.0 - mean))
    a, b = beta_parameters(mean, deviation)
    assert stats.beta.mean(a, b) == pytest.approx(mean, rel=1e-12)
    assert stats.beta.std(a, b) == pytest.approx(deviation, rel=1e-10)


@pytest.mark.parametrize(("mean", "deviation"), [(0.5, 0.5), (0.5, 0.6), (0.7, 0.0), (0.0, 0.1)])
def test_impossible_moments_have_no_parameters(mean, deviation) -> None:
    assert all(math.isnan(x) for x in beta_parameters(mean, deviation))


@given(SHARE, SHAPE, SHAPE)
def test_cdf_is_that_of_scipy(x, a, b) -> None:
    expected = special.betainc(a, b, x)
    assert beta_cdf(x, a, b) == pytest.approx(expected, rel=1e-11, abs=1e-14)
    assert log_beta(a, b) == pytest.approx(special.betaln(a, b), rel=1e-12, abs=1e-12)


@given(st.floats(1e-6, 1.0 - 1e-6), st.floats(0.5, 200.0), st.floats(0.5, 200.0))
def test_quantile_is_that_of_scipy(p, a, b) -> None:
    found = beta_quantile(p, a, b)
    assert found == pytest.approx(special.betaincinv(a, b, p), rel=1e-9, abs=1e-12)
    assert beta_cdf(found, a, b) == pytest.approx(p, rel=1e-8, abs=1e-12)


def test_ends() -> None:
    assert beta_cdf(-0.1, 2.0, 3.0) == 0.0
    assert beta_cdf(1.1, 2.0, 3.0) == 1.0
    assert beta_quantile(0.0, 2.0, 3.0) == pytest.approx(0.0, abs=1e-12)
    assert beta_quantile(1.0, 2.0, 3.0) == pytest.approx(1.0, rel=1e-12)
    assert math.isnan(beta_quantile(1.1, 2.0, 3.0))


@given(st.floats(0.0, 1.2), st.floats(1.0, 30.0), st.floats(1.0, 30.0))
def test_shortfall_is_the_integral_of_the_cdf(guarantee, a, b) -> None:
    expected, _ = integrate.quad(
        lambda x: special.betainc(a, b, min(x, 1.0)), 0.0, guarantee, limit=200,
        points=[min(guarantee, 1.0)],
    )  # fmt: skip
    found = expected_shortfall_below(guarantee, a, b)
    assert found == pytest.approx(expected, abs=1e-9)
    assert 0.0 <= found <= guarantee
    assert found >= max(guarantee - a / (a + b), 0.0) - 1e-12


@given(SHARE, SHARE, st.floats(0.5, 30.0), st.floats(0.5, 30.0))
def test_cdf_and_shortfall_rise(x, y, a, b) -> None:
    low, high = sorted((x, y))
    assert beta_cdf(low, a, b) <= beta_cdf(high, a, b) + 1e-14
    assert expected_shortfall_below(low, a, b) <= expected_shortfall_below(high, a, b) + 1e-14
