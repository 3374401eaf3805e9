"""Scenarios: laws, weights, streams; where they are drawn."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import special, stats

from riskengine.portfolio.exposures import BookError, FactorModel
from riskengine.portfolio.scenarios import draw, draw_points, nominal, weights_at
from riskengine.portfolio.shift import distances, likeliest_ways, toward, widened, worst_directions
from tests.portfolio.books import one_factor, sixteen_factors

MODEL = sixteen_factors()


def shifted(*centres, nu=math.inf):
    plain = nominal(one_factor(0.2), nu) if nu < math.inf else nominal(MODEL)
    shifts = np.zeros((len(centres), plain.dimension))
    shifts[:, 0] = centres
    return replace(plain, shifts=shifts, shares=np.full(len(centres), 0.9 / len(centres)))


def test_nominal_factors_have_their_correlation_and_weights_of_one():
    found = draw(nominal(MODEL), 8192, seed=2)
    assert np.all(found.weights == 1.0) and np.all(found.mixing == 1.0)
    np.testing.assert_allclose(np.cov(found.factors.T), MODEL.correlation, atol=0.02)


@pytest.mark.parametrize("centres", [(-3.0,), (-3.0, -5.0)])
@pytest.mark.parametrize("sampling", ["sobol", "random"])
def test_weights_have_mean_one_and_a_bound(centres, sampling):
    proposal = shifted(*centres)
    means = []
    for block in range(16):
        found = draw(proposal, 1024, seed=4, block=block, sampling=sampling)
        assert (
            found.weights.min() > 0.0
            and found.weights.max() <= proposal.largest_weight == pytest.approx(10.0)
        )
        means.append((found.weights.mean(), found.weights @ (found.factors[:, 0] < -2.0) / 1024))
    error = np.std(means, axis=0, ddof=1) / 4.0
    assert np.all(np.abs(np.mean(means, axis=0) - [1.0, special.ndtr(-2.0)]) < 4.0 * error + 1e-12)


def test_one_component_is_drawn_by_the_quantile_of_the_mixture():
    points = draw_points(shifted(-3.0), 4096, seed=1)[:, 0]

    def below(x):
        return 0.9 * special.ndtr(x + 3.0) + 0.1 * special.ndtr(x)

    assert stats.kstest(below(points), "uniform").statistic < 1e-3
    direct = np.exp(-0.5 * points**2)
    direct /= 0.9 * np.exp(-0.5 * (points + 3.0) ** 2) + 0.1 * np.exp(-0.5 * points**2)
    full = np.zeros((4096, 16))
    full[:, 0] = points
    np.testing.assert_allclose(weights_at(shifted(-3.0), full), direct, rtol=1e-12)


@pytest.mark.parametrize("nu", [0.7, 4.0, 30.0])
def test_the_mixing_is_chi_square_and_makes_a_t(nu):
    found = draw(nominal(one_factor(0.2), nu), 8192, seed=3)
    assert stats.kstest(nu * found.mixing**2, stats.chi2(nu).cdf).statistic < 2e-3
    t = found.factors[:, 0] / found.mixing
    assert stats.kstest(t, stats.t(nu).cdf).statistic < 5e-3


def test_the_same_key_gives_the_same_bits_and_another_block_other_points():
    proposal = shifted(-2.0)
    one, two = (draw(proposal, 64, seed=5, block=b) for b in (0, 1))
    assert np.array_equal(one.factors, draw(proposal, 64, seed=5).factors)
    assert not np.array_equal(one.factors, two.factors)
    assert not np.array_equal(one.factors, draw(proposal, 64, seed=6).factors)


def test_a_singular_correlation_is_drawn_as_it_is():
    twins = FactorModel(
        ("a", "b"), np.ones((2, 2)), ("s",), np.full((1, 2), 0.2), np.zeros((1, 2)), np.zeros(1)
    )
    found = draw(nominal(twins), 256, seed=1)
    np.testing.assert_allclose(found.factors[:, 0], found.factors[:, 1], atol=1e-7)


@pytest.mark.parametrize(("arguments", "said"), [
    ({"size": 1000}, "power of two"), ({"size": 0}, "cannot draw"),
    ({"size": 8, "sampling": "halton"}, "cannot draw"),
])  # fmt: skip
def test_what_cannot_be_drawn_is_refused(arguments, said):
    with pytest.raises(BookError, match=said):
        draw(nominal(MODEL), seed=1, **arguments)


@pytest.mark.parametrize("nu", [0.0, -1.0, math.nan])
def test_bad_degrees_of_freedom_are_refused(nu):
    with pytest.raises(BookError, match="degrees of freedom"):
        nominal(MODEL, nu)


def test_the_likeliest_way_of_one_direction_is_found_exactly():
    direction = np.array([-0.6, -0.8, 0.0])

    def loss(points):
        return np.exp(points @ direction)

    found = worst_directions(loss, np.eye(3) - 0.5, 3.0)
    np.testing.assert_allclose(found, [direction], atol=1e-6)
    way = likeliest_ways(loss, found, math.exp(2.5)).points
    np.testing.assert_allclose(way, [2.5 * direction], atol=1e-6)
    assert distances(loss, found[:1], 1e30)[0] == pytest.approx(12.0)


def test_two_ways_become_two_components():
    def loss(points):
        return np.exp(3.0 * points[:, 0]) + np.exp(-3.0 * points[:, 0]) + np.exp(2.0 * points[:, 1])

    ways = likeliest_ways(
        loss, worst_directions(loss, np.array([[1.0, 0.1], [-1.0, 0.1]]), 3.0), math.exp(9.0)
    )
    assert sorted(np.round(ways.points[:, 0]).tolist()) == [-3.0, 3.0]
    plain = replace(nominal(MODEL), axes=np.eye(2), root=np.eye(2), shifts=np.zeros((0, 2)))
    aimed = toward(plain, loss, ways, np.zeros((1, 2)))
    np.testing.assert_allclose(aimed.shares, [0.45, 0.45], rtol=1e-6)
    np.testing.assert_allclose(aimed.axes.T @ aimed.axes, np.eye(2), atol=1e-12)
    assert widened(aimed, np.zeros((3, 2)), np.ones(3)) is aimed


def test_no_slope_no_direction():
    found = worst_directions(lambda points: np.ones(len(points)), np.eye(2), 3.0)
    assert found.shape == (0, 2)
    assert likeliest_ways(lambda points: np.ones(len(points)), found, 2.0).points.shape == (0, 2)
