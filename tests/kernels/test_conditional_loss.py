"""Conditional moments against direct formulas, one cell of each kind."""

import math

import numpy as np
import pytest
from scipy import integrate, special, stats

from riskengine.kernels.conditional_loss import (
    common_parts,
    conditional_means,
    conditional_moments,
    longer_sale,
    put_mean,
    put_moments,
    segment_means,
    segment_moments,
    weighted_cells,
)
from riskengine.kernels.normal_table import fill_normal_table
from riskengine.kernels.wrong_way import conditional_shortfall


@pytest.fixture(scope="module")
def table():
    found = np.empty((8192, 4))
    fill_normal_table(found)
    return found


def small_book(table):
    """Two plain cells, a put and a sure sale in one segment, nothing in another."""
    cells = np.zeros((8, 4))
    cells[0] = -2.0, -1.0, -1.5, -1.2
    cells[1] = 10.0, 20.0, 30.0, 40.0
    cells[2], cells[3] = cells[1] * 2.0, cells[1] * 3.0
    cells[4], cells[5], cells[6] = (0, 0, 0.4, -0.1), (0, 0, 0.2, 0.1), (0, 0, 0.3, 0.25)
    cells[7] = 0, 0, math.exp(0.09), 0
    bounds = np.array([[0, 2, 3, 4], [4, 4, 4, 4]])
    return table, cells, bounds, np.array([[0.5, 0.02, 1.1], [0.0, 0.0, 1.0]])


def common(factors):
    """Common parts of default and of sale of the two segments."""
    loadings = np.arange(0, 6, 2), np.array([0, 1, 0, 1]), np.array([0.4, 0.2, 0.1, 0.1])
    y = np.empty((len(factors), 2))
    common_parts(*loadings, factors, y)
    return y, 0.5 * y


def by_hand(z, m):
    """Means and variances for a scale of 1, written out with scipy."""
    y, x = 0.4 * z[0] + 0.2 * z[1], 0.2 * z[0] + 0.1 * z[1]
    p = special.ndtr(np.array([-2.0, -1.0, -1.5, -1.2]) * m - y)
    t = math.exp(-0.5 * x - 0.02) - 1.0
    d = 0.4 - 1.1 * x + 0.2 * t
    sale = math.exp(0.045 - 0.3 * d)
    put = special.ndtr(d) - sale * special.ndtr(d - 0.3)
    square = special.ndtr(d) - 2 * sale * special.ndtr(d - 0.3)
    square += sale**2 * math.exp(0.09) * special.ndtr(d - 0.6)
    sure = max(1.0 - math.exp(-0.1 + 0.25 * x - 0.1 * t), 0.0)
    lost, twice = np.array([1, 1, put, sure]), np.array([1, 1, square, sure**2])
    return p * lost, p * twice - (p * lost) ** 2


def test_means_variances_and_weighted_sums(table):
    book = small_book(table)
    factors = np.array([[-2.0, -1.0], [0.5, 0.0], [4.0, 4.0], [-3.0, 2.0]])
    mixing = np.array([1.0, 0.7, 1.0, 1.3])
    mean, out = np.empty(4), np.empty((4, 3))
    given = common(factors)
    conditional_means(*book, *given, mixing, mean)
    conditional_moments(*book, *given, mixing, out)
    one, both = np.empty((4, 2)), np.empty((4, 2, 2))
    segment_means(*book, *given, mixing, one)
    segment_moments(*book, *given, mixing, both)
    np.testing.assert_allclose(one.sum(axis=1), mean, rtol=1e-12)
    np.testing.assert_allclose(both.sum(axis=1), out[:, :2], rtol=1e-12)
    assert not one[:, 1].any()
    first, second = np.array([0.5, 0.0, 1.5, 2.0]), np.array([1.0, 0.0, 0.0, 3.0])
    sums, expected = np.zeros((2, 2, 4)), np.zeros((2, 4))
    weights = (np.stack((first, 2.0 * first)), np.stack((second, 3.0 * second)))
    weighted_cells(*book, *given, mixing, *weights, sums)
    for s in range(4):
        q, v = by_hand(factors[s], mixing[s])
        scale = np.array([10.0, 20.0, 30.0, 40.0])
        assert mean[s] == pytest.approx(scale @ q, rel=1e-9)
        assert out[s] == pytest.approx([scale @ q, 2 * scale @ v, 3 * scale @ v], rel=1e-9)
        expected += np.stack((first[s] * q, second[s] * v))
    np.testing.assert_allclose(sums[0], expected, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(sums[1], expected * [[2.0], [3.0]], rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("forward", [0.2, 0.9, 1.1, 5.0])
@pytest.mark.parametrize("spread", [1e-3, 0.3, 1.5, 5.0])
def test_the_put_against_quadrature_and_the_exact_kernel(table, forward, spread):
    d = (0.5 * spread**2 - math.log(forward)) / spread
    mean, square = put_moments(table, d, spread, math.exp(spread**2))
    assert mean == put_mean(table, d, spread)
    assert mean == pytest.approx(conditional_shortfall(1.0, forward, spread, 0.0, 0.0), abs=1e-12)
    if spread > 0.01:

        def lost(x):
            return (1.0 - math.exp(spread * (x - d))) ** 2 * stats.norm.pdf(x)

        whole = integrate.quad(
            lost, max(d - 12.0, -39.0), d, limit=200, points=(min(d, 0.0) - 0.5,)
        )[0]
        assert square == pytest.approx(whole, abs=1e-9)


def test_limits_of_the_put(table):
    assert put_moments(table, -20.0, 0.3, 1.0) == (0.0, 0.0)
    assert put_mean(table, -20.0, 0.3) == 0.0
    mean, square = put_moments(table, 1.0, 7.0, 0.0)
    assert mean == square == put_mean(table, 1.0, 7.0)
    assert put_mean(table, 50.0, 0.3) == pytest.approx(
        1.0 - math.exp(0.3 * (0.15 - 50.0)), abs=1e-12
    )


def test_a_wait_keeps_its_mean_and_sums_are_sums():
    nodes, weights = special.roots_hermitenorm(60)
    slow = np.array([0.4, 0.5 * 0.16 * 0.25, 1.0])
    mean = sum(w * longer_sale(slow, 0.5 * x) for x, w in zip(nodes, weights, strict=True))
    assert mean / weights.sum() == pytest.approx(0.0, abs=1e-14)
    assert common(np.array([[1.0, -1.0]]))[0].ravel().tolist() == pytest.approx([0.2, 0.0])
