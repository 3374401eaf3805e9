"""Normal distribution against scipy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from riskengine.kernels.normal import (
    normal_cdf,
    normal_density,
    normal_quantile,
    normal_survival,
)

ROUNDING = 1e-15
FINITE = st.floats(-37.0, 37.0)


@given(FINITE)
def test_both_tails_are_those_of_scipy(x: float) -> None:
    tolerance = (1.0 + x * x) * ROUNDING
    assert normal_cdf(x) == pytest.approx(special.ndtr(x), rel=tolerance)
    assert normal_survival(x) == normal_cdf(-x)


@given(st.floats(1e-300, 1.0, exclude_max=True))
def test_quantile_is_that_of_scipy(p: float) -> None:
    assert normal_quantile(p) == pytest.approx(special.ndtri(p), rel=1e-14, abs=1e-17)


@pytest.mark.parametrize("p", [1e-307, 1e-17, 0.25, 0.75, 1.0 - 2**-53])
def test_quantile_at_the_seams(p: float) -> None:
    assert normal_quantile(p) == pytest.approx(special.ndtri(p), rel=1e-13)


@given(st.integers(1, 2**50))
def test_quantile_next_to_the_median_keeps_its_digits(steps: int) -> None:
    offset = steps * 2.0**-53
    slope_only = offset * math.sqrt(2.0 * math.pi)
    curvature = slope_only**3 / 6.0 + 7.0 * slope_only**5 / 120.0
    found = normal_quantile(0.5 + offset)
    if slope_only < 1e-2:
        assert found == pytest.approx(slope_only + curvature, rel=1e-12)
    assert normal_quantile(0.5 - offset) == -found


@given(st.floats(-8.0, 8.0))
def test_quantile_undoes_the_cdf(x: float) -> None:
    p, tail = normal_cdf(x), normal_survival(x)
    found = normal_quantile(p) if p < 0.5 else -normal_quantile(tail)
    assert found == pytest.approx(x, rel=1e-13, abs=1e-15)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_quantile_rises(p: float, q: float) -> None:
    low, high = sorted((p, q))
    assert normal_quantile(low) <= normal_quantile(high)


def test_ends_and_outside() -> None:
    assert normal_quantile(0.0) == -math.inf
    assert normal_quantile(1.0) == math.inf
    assert normal_quantile(0.5) == 0.0
    for p in (-1e-9, 1.0 + 1e-9, math.nan):
        assert math.isnan(normal_quantile(p))


def test_density_is_the_slope() -> None:
    for x in np.linspace(-3.0, 3.0, 25):
        slope = (normal_cdf(x + 1e-5) - normal_cdf(x - 1e-5)) / 2e-5
        assert normal_density(x) == pytest.approx(slope, rel=1e-8)
