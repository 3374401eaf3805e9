"""Weights of least variance and credibility against linear algebra and loops."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from riskengine.kernels.credibility import (
    credibility_factor,
    credible_mean,
    structure_parameters,
    variance_within,
)
from riskengine.kernels.reconcile import equicorrelated_weights
from riskengine.kernels.weights import (
    cholesky_solve,
    generalised_weights,
    inverse_variance_weights,
    least_variance_weights,
    weighted_mean,
)
from tests.reference import twin_uncertainty as twin

ERRORS = st.lists(st.floats(0.05, 2.0), min_size=1, max_size=6)


@st.composite
def covariances(draw, most: int = 6) -> np.ndarray:
    """Covariance matrices far enough from singular to compare digits."""
    k = draw(st.integers(1, most))
    entries = draw(st.lists(st.floats(-1.0, 1.0), min_size=k * k, max_size=k * k))
    root = np.array(entries).reshape(k, k)
    shared = draw(st.floats(0.0, 3.0))
    scale = np.array(draw(st.lists(st.floats(0.1, 3.0), min_size=k, max_size=k)))
    matrix = root @ root.T + shared + 0.05 * np.eye(k)
    return matrix * np.outer(scale, scale)


@given(ERRORS)
def test_independent_errors_weigh_by_inverse_variance(errors) -> None:
    variances = np.array(errors) ** 2
    weights, general = np.empty((2, variances.size))
    variance = inverse_variance_weights(variances, weights)
    assert weights.sum() == pytest.approx(1.0, rel=1e-12)
    assert variance == pytest.approx(1.0 / (1.0 / variances).sum(), rel=1e-12)
    same = least_variance_weights(np.diag(variances), general)
    np.testing.assert_allclose(general, weights, rtol=1e-9)
    assert same == pytest.approx(variance, rel=1e-9)


def test_unknown_variances_are_left_out() -> None:
    weights = np.empty(3)
    assert inverse_variance_weights(np.array([math.nan, 4.0, math.nan]), weights) == 4.0
    assert weights.tolist() == [0.0, 1.0, 0.0]
    assert weighted_mean(np.array([math.nan, 7.0, math.nan]), weights) == 7.0
    assert math.isnan(inverse_variance_weights(np.array([math.nan]), weights[:1]))
    assert math.isnan(weighted_mean(np.array([1.0]), np.zeros(1)))


@given(covariances())
def test_generalised_weights_are_those_of_linear_algebra(covariance) -> None:
    weights = np.empty(len(covariance))
    variance = generalised_weights(covariance, weights)
    raw = np.linalg.solve(covariance, np.ones(len(covariance)))
    np.testing.assert_allclose(weights, raw / raw.sum(), rtol=1e-6, atol=1e-8)
    assert variance == pytest.approx(1.0 / raw.sum(), rel=1e-7)
    assert variance <= covariance.diagonal().min() * (1 + 1e-9)


@given(covariances())
def test_floored_weights_are_the_best_of_all_subsets(covariance) -> None:
    weights = np.empty(len(covariance))
    variance = least_variance_weights(covariance, weights)
    assert weights.sum() == pytest.approx(1.0, rel=1e-12)
    assert (weights >= 0.0).all()
    expected, best = twin.best_weights(covariance)
    assert variance == pytest.approx(best, rel=1e-8)
    np.testing.assert_allclose(weights, expected, atol=1e-6)
    assert variance == pytest.approx(weights @ covariance @ weights, rel=1e-8)


@pytest.mark.parametrize("seed", range(5))
def test_floored_weights_are_those_of_an_optimiser(seed) -> None:
    root = np.random.default_rng(seed).normal(size=(5, 5))
    covariance = root @ root.T + 2.0 + 0.1 * np.eye(5)
    weights = np.empty(5)
    variance = least_variance_weights(covariance, weights)
    slow = optimize.minimize(
        lambda w: w @ covariance @ w, np.full(5, 0.2), jac=lambda w: 2.0 * covariance @ w,
        bounds=[(0.0, 1.0)] * 5, constraints={"type": "eq", "fun": lambda w: w.sum() - 1.0},
        method="SLSQP", options={"ftol": 1e-14},
    )  # fmt: skip
    assert variance == pytest.approx(slow.fun, rel=1e-8)


@given(ERRORS, st.floats(0.0, 0.95))
def test_closed_form_is_the_general_one(errors, correlation) -> None:
    e = np.array(errors)
    covariance = np.outer(e, e) * (correlation + (1.0 - correlation) * np.eye(e.size))
    closed, general = np.empty((2, e.size))
    error = equicorrelated_weights(e, correlation, closed)
    variance = least_variance_weights(covariance, general)
    np.testing.assert_allclose(closed, general, rtol=1e-6, atol=1e-8)
    assert error**2 == pytest.approx(variance, rel=1e-7)


@pytest.mark.parametrize(
    "matrix", [[[1.0, 1.0], [1.0, 1.0]], [[1.0, 2.0], [2.0, 1.0]], [[0.0]], [[math.nan]]]
)
def test_what_is_not_positive_definite_has_no_weights(matrix) -> None:
    covariance = np.array(matrix)
    weights = np.empty(len(covariance))
    for weigh in (generalised_weights, least_variance_weights):
        assert math.isnan(weigh(covariance, weights))
        assert np.isnan(weights).all()


def test_solving_on_some_rows_leaves_the_others() -> None:
    matrix = np.array([[2.0, 9.0, 1.0], [9.0, 1.0, 9.0], [1.0, 9.0, 2.0]])
    solution = np.full(3, 5.0)
    assert cholesky_solve(matrix, np.array([True, False, True]), np.empty((3, 3)), solution)
    np.testing.assert_allclose(solution, [1.0 / 3.0, 0.0, 1.0 / 3.0], rtol=1e-12)


# Credibility.

OBSERVATION = st.tuples(st.floats(100.0, 3e3), st.floats(0.1, 50.0))
GROUPS = st.lists(st.lists(OBSERVATION, min_size=2, max_size=6), min_size=2, max_size=6)


def fit(groups):
    flat = [pair for group in groups for pair in group]
    values, weights = np.array(flat, dtype=float).reshape(-1, 2).T.copy()
    starts = np.cumsum([0, *(len(group) for group in groups)])
    volumes, means, factors = np.empty((3, len(groups)))
    found = structure_parameters(values, weights, starts, volumes, means, factors)
    return found, volumes, means, factors


@given(GROUPS)
def test_structure_is_that_of_the_books(groups) -> None:
    found, volumes, means, factors = fit(groups)
    collective, within, between, expected = twin.structure(groups)
    spread = 1e-9 * max(abs(m) for m in means) ** 2
    assert found[0] == pytest.approx(collective, rel=1e-6)
    assert found[1] == pytest.approx(within, rel=1e-9, abs=spread)
    assert found[2] == pytest.approx(between, rel=1e-6, abs=spread)
    if between > 1e3 * spread or between == found[2] == 0.0:
        np.testing.assert_allclose(factors, expected, rtol=1e-5, atol=1e-9)
    assert ((factors >= 0.0) & (factors <= 1.0)).all()
    assert means.min() * (1 - 1e-9) <= found[0] <= means.max() * (1 + 1e-9)


@given(GROUPS, st.floats(0.5, 20.0))
def test_scales_of_weight_and_value_change_nothing_but_the_scale(groups, scale) -> None:
    found, _, _, factors = fit(groups)
    heavier, _, _, same = fit([[(x, w * scale) for x, w in group] for group in groups])
    assert heavier[1] == pytest.approx(found[1] * scale, rel=1e-9)
    assert heavier[2] == pytest.approx(found[2], rel=1e-6, abs=1e-3)
    if found[2] > 1.0:
        np.testing.assert_allclose(same, factors, rtol=1e-5)
    larger, _, _, _ = fit([[(x * scale, w) for x, w in group] for group in groups])
    assert larger[0] == pytest.approx(found[0] * scale, rel=1e-6)


def test_weights_of_nought_and_empty_groups_do_not_count() -> None:
    values = np.array([10.0, 12.0, 99.0, 20.0, 22.0])
    weights = np.array([1.0, 1.0, 0.0, 1.0, 1.0])
    starts = np.array([0, 3, 3, 5])
    volumes, means, factors = np.empty((3, 3))
    found = structure_parameters(values, weights, starts, volumes, means, factors)
    assert found == pytest.approx((16.0, 2.0, 49.0), rel=1e-12)
    assert math.isnan(means[1])
    assert factors[1] == 0.0
    assert credible_mean(means[1], found[0], factors[1]) == pytest.approx(16.0, rel=1e-12)


def test_equal_groups_are_given_no_credence() -> None:
    found, _, _, factors = fit([[(1.0, 1.0), (3.0, 1.0)], [(1.0, 1.0), (3.0, 1.0)]])
    assert found == pytest.approx((2.0, 2.0, 0.0), rel=1e-12)
    assert factors.tolist() == [0.0, 0.0]


def test_one_group_or_single_observations_tell_nothing() -> None:
    found, _, _, factors = fit([[(1.0, 1.0), (3.0, 1.0)]])
    assert found[:2] == (2.0, 2.0)
    assert math.isnan(found[2])
    assert math.isnan(factors[0])
    found, _, _, _ = fit([[(1.0, 1.0)], [(3.0, 1.0)]])
    assert found[0] == 2.0
    assert math.isnan(found[1])
    assert math.isnan(found[2])
    volumes, means = np.empty((2, 1))
    empty = variance_within(np.empty(0), np.empty(0), np.array([0, 0]), volumes, means)
    assert math.isnan(empty[0])
    assert empty[1] == 0.0


@given(st.floats(0.0, 1e3), st.floats(0.0, 1e3), st.floats(0.0, 100.0))
def test_credibility_grows_with_volume(volume, more, ratio) -> None:
    z = credibility_factor(volume, ratio)
    assert 0.0 <= z <= 1.0
    assert credibility_factor(volume + more, ratio) >= z - 1e-15
    assert credibility_factor(volume, math.inf) == 0.0
