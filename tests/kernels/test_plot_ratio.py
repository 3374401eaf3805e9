"""Plot-ratio coefficients against numpy's interpolation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.kernels import plot_ratio
from tests.reference.plain import assert_same_in_plain_python

FACTOR = 1e-12
"""Relative tolerance of a coefficient."""

RATIOS = np.array([0.5, 1.0, 1.5, 2.0, 3.0])
COEFFICIENTS = np.array([0.7, 1.0, 1.2, 1.8, 2.1])
INSIDE = st.floats(0.5, 3.0)


@given(st.floats(0.0, 4.0) | st.sampled_from([*RATIOS, math.nan, math.inf]))
def test_linear_inside_the_table_and_nothing_outside(ratio):
    got = plot_ratio.plot_ratio_coefficient(ratio, RATIOS, COEFFICIENTS)
    wanted = np.interp(ratio, RATIOS, COEFFICIENTS, left=math.nan, right=math.nan)
    assert got == pytest.approx(wanted, rel=FACTOR, nan_ok=True)


def test_a_table_of_one_point():
    one = np.array([1.5]), np.array([1.2])
    assert plot_ratio.plot_ratio_coefficient(1.5, *one) == 1.2
    assert math.isnan(plot_ratio.plot_ratio_coefficient(1.4, *one))


@given(INSIDE, INSIDE, INSIDE)
def test_corrections_chain(first, second, third):
    def factor(subject, comparable):
        return plot_ratio.plot_ratio_factor(subject, comparable, RATIOS, COEFFICIENTS)

    assert factor(first, third) == pytest.approx(
        factor(first, second) * factor(second, third), rel=FACTOR
    )
    assert factor(first, first) == 1.0
    assert (factor(first, second) >= 1.0) == (first >= second) or factor(
        first, second
    ) == pytest.approx(1.0, rel=FACTOR)


@pytest.mark.parametrize("outside", [0.4, 3.1, math.nan])
def test_no_factor_outside_the_table(outside):
    assert math.isnan(plot_ratio.plot_ratio_factor(outside, 1.5, RATIOS, COEFFICIENTS))
    assert math.isnan(plot_ratio.plot_ratio_factor(1.5, outside, RATIOS, COEFFICIENTS))


@pytest.mark.parametrize("ratio", [0.5, 1.6, 3.0, 3.5])
def test_compiled_equals_plain_python(ratio):
    assert_same_in_plain_python(plot_ratio.plot_ratio_coefficient, ratio, RATIOS, COEFFICIENTS)
    assert_same_in_plain_python(plot_ratio.plot_ratio_factor, ratio, 1.2, RATIOS, COEFFICIENTS)
