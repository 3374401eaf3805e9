"""Tails of mixtures of normals and points."""

import numpy as np
import pytest
from scipy import stats

from riskengine.kernels.tail_sums import mixture_quantile, mixture_tail


def test_a_normal_has_its_own_tail():
    one = np.array([3.0]), np.array([2.0]), np.array([1.0])
    chance, lost, density = mixture_tail(*one, 5.0)
    assert chance == pytest.approx(stats.norm.sf(1.0), rel=1e-13)
    assert lost == pytest.approx(3.0 * stats.norm.sf(1.0) + 2.0 * stats.norm.pdf(1.0), rel=1e-13)
    assert density == pytest.approx(stats.norm.pdf(1.0) / 2.0, rel=1e-13)
    assert mixture_tail(*one, 1e9) == (0.0, 0.0, 0.0)
    for tail in (0.4, 1e-3, 1e-12):
        found = mixture_quantile(*one, tail, -20.0, 40.0)
        assert found == pytest.approx(3.0 + 2.0 * stats.norm.isf(tail), rel=1e-12)


def test_points_are_steps():
    points = np.array([1.0, 2.0, 3.0, 9.0]), np.zeros(4), np.array([0.5, 0.25, 0.25, 0.0])
    assert mixture_tail(*points, 2.0) == (0.25, 0.75, 0.0)
    assert mixture_quantile(*points, 0.25, 0.0, 4.0) == pytest.approx(2.0, rel=1e-13)
    assert mixture_quantile(*points, 0.2, 0.0, 4.0) == pytest.approx(3.0, rel=1e-13)


def test_normals_and_points_together():
    mixture = np.array([0.0, 4.0, 9.0]), np.array([1.0, 0.0, 0.5]), np.array([0.5, 0.3, 0.2])
    assert mixture_quantile(*mixture, 0.3, -10.0, 20.0) == pytest.approx(4.0, rel=1e-12)
    far = mixture_quantile(*mixture, 0.1, -10.0, 20.0)
    assert far == pytest.approx(9.0, rel=1e-12)
    assert mixture_tail(*mixture, far)[0] == pytest.approx(0.1, rel=1e-10)
    near = mixture_quantile(*mixture, 0.9, -10.0, 20.0)
    assert mixture_tail(*mixture, near)[0] == pytest.approx(0.9, rel=1e-12)


def test_two_hundred_halvings_are_enough_for_any_bracket_but_a_hopeless_one():
    one = np.array([1.0]), np.array([0.0]), np.array([1.0])
    assert mixture_quantile(*one, 0.5, -1e300, 1e300) == pytest.approx(1.0, abs=1e245)
