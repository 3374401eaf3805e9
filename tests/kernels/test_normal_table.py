"""The table of the normal probability: error, order, ends, and the sum that uses it."""

import math

import numpy as np
import pytest
from scipy import special

from riskengine.kernels.compiling import plain
from riskengine.kernels.normal_table import (
    fill_normal_table,
    summed_normal_cdf,
    tabled_normal_cdf,
    wide_normal_cdf,
)

COMPILED = plain(tabled_normal_cdf) is not tabled_normal_cdf


@pytest.fixture(scope="module")
def table():
    found = np.empty((8192 if COMPILED else 512, 4))
    fill_normal_table(found)
    return found


def at(table, x):
    return np.array([tabled_normal_cdf(table, value) for value in x])


def test_the_largest_error_is_below_7_3e_13_and_the_relative_below_1e_10(table):
    count = 7 if COMPILED else 1
    knots = np.arange(-6.0, 8.0, 16.0 / len(table))
    x = np.concatenate([knots + k * 16.0 / len(table) / count for k in range(count)])
    exact = special.ndtr(x)
    error = np.abs(at(table, x) - exact)
    assert error.max() < 7.3e-13
    assert (error / exact).max() < 1e-10


def test_between_the_knots_the_error_is_the_bound_of_hermite(table):
    x = np.arange(-5.0, 5.0, 16.0 / len(table)) + 8.0 / len(table)
    error = np.abs(at(table, x) - special.ndtr(x)).max()
    assert error < (16.0 / len(table)) ** 4 * 0.5507 / 384.0 * 1.05 + 3e-16


def test_it_never_falls(table):
    x = np.linspace(-8.5, 8.5, 100_001 if COMPILED else 2_001)
    assert np.diff(at(table, np.sort(x))).min() >= -1.2e-16


def test_far_tails_are_exact_and_the_ends_closed(table):
    for x in (-6.0000001, -10.0, -30.0):
        assert tabled_normal_cdf(table, x) == pytest.approx(special.ndtr(x), rel=1e-12)
    assert tabled_normal_cdf(table, -math.inf) == 0.0
    assert tabled_normal_cdf(table, math.inf) == tabled_normal_cdf(table, 8.0) == 1.0
    assert math.isnan(tabled_normal_cdf(table, math.nan))


@pytest.mark.parametrize(("first", "last"), [(0, 9), (0, 8), (3, 3), (4, 5)])
@pytest.mark.parametrize(
    ("mixing", "systematic"), [(1.0, 0.0), (0.4, -3.0), (1.0, 20.0), (1.0, -20.0)]
)
def test_the_sum_is_the_sum(table, first, last, mixing, systematic):
    thresholds = np.array([-math.inf, -9.0, -6.5, -2.0, -1.0, 0.3, 7.995, 9.0, math.inf])
    scales = np.arange(1.0, 10.0)
    expected = sum(
        scales[i] * special.ndtr(thresholds[i] * mixing - systematic) for i in range(first, last)
    )
    found = summed_normal_cdf(table, thresholds, scales, first, last, mixing, systematic)
    assert found == pytest.approx(expected, rel=1e-9 if COMPILED else 1e-5, abs=1e-300)


def test_the_whole_table_keeps_its_relative_precision_and_its_ends(table):
    x = np.linspace(-8.6, 8.6, 20_001 if COMPILED else 401)
    found = np.array([wide_normal_cdf(table, value) for value in x])
    np.testing.assert_allclose(found, special.ndtr(x), rtol=3e-10 if COMPILED else 2e-5)
    assert wide_normal_cdf(table, 9.0) == 1.0 and math.isnan(wide_normal_cdf(table, math.nan))
