"""Reconciliation against numpy.linalg and a slow twin."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.kernels.reconcile import (
    equicorrelated_weights,
    gather_rows,
    interval_rows,
    weigh_rows,
)
from riskengine.methods.reconcile import says

REL = 1e-10
ERRORS = st.lists(st.floats(0.05, 2.0), min_size=1, max_size=6)
POLICY = np.array([0.4, 1.35, 1.6448536269514722, 0.6744897501960817])


def weigh(errors: list[float], correlation: float) -> tuple[np.ndarray, float]:
    weights = np.empty(len(errors))
    return weights, equicorrelated_weights(np.array(errors), correlation, weights)


@given(ERRORS, st.floats(0.0, 0.95))
def test_weights_are_those_of_least_variance(errors: list[float], correlation: float) -> None:
    weights, error = weigh(errors, correlation)
    assert weights.sum() == pytest.approx(1.0, rel=REL)
    assert (weights >= 0.0).all()
    kept = weights > 0.0
    e = np.array(errors)[kept]
    covariance = np.outer(e, e) * (correlation + (1 - correlation) * np.eye(e.size))
    raw = np.linalg.solve(covariance, np.ones(e.size))
    np.testing.assert_allclose(weights[kept], raw / raw.sum(), rtol=1e-7, atol=1e-9)
    assert error == pytest.approx(math.sqrt(1 / raw.sum()), rel=1e-7)
    assert error <= min(errors) * (1 + REL)


def test_missing_methods_get_nothing() -> None:
    weights, error = weigh([math.nan, 0.2, math.nan], 0.4)
    assert weights.tolist() == [0.0, 1.0, 0.0]
    assert error == pytest.approx(0.2, rel=REL)
    assert math.isnan(weigh([math.nan], 0.4)[1])


def reconciled(figures, starts, roles):
    out, weights = np.empty((10, 1)), np.empty((starts.size, 1))
    asked = figures, starts, roles, says(roles, starts), np.array([0])
    room = np.empty((2, starts.size))
    assert gather_rows(*asked, out, weights) in (0, 1)
    weigh_rows(*asked, POLICY[0], *room, out, weights)
    interval_rows(POLICY[2], POLICY[3], out)
    return out[:, 0], weights[:, 0]


def run(values, errors, roles, prudents=None):
    missing = [math.nan] * len(values)
    figures = np.array([values, errors, missing if prudents is None else prudents], dtype=float)
    figures = np.ascontiguousarray(figures.T.reshape(-1, 1))
    return reconciled(figures, np.arange(0, 3 * len(values), 3), np.array([roles]))


def test_mandatory_methods_without_an_answer_are_counted() -> None:
    assert run([100.0, math.nan, math.nan], [0.2] * 3, [1, 1, 2])[0][9] == 1.0
    figures, roles = np.array([[100.0], [0.2], [math.nan]]), np.array([[1, 1]])
    out, weights = reconciled(figures, np.array([0, -1]), roles)
    assert out[0] == 100.0
    assert out[9] == 1.0
    assert weights.tolist() == [1.0, 0.0]


def test_two_equal_methods_meet_in_the_geometric_mean() -> None:
    out, weights = run([100.0, 121.0], [0.2, 0.2], [1, 2])
    assert weights.tolist() == pytest.approx([0.5, 0.5], rel=REL)
    assert out[0] == pytest.approx(110.0, rel=REL)
    assert out[6] == pytest.approx(1.21, rel=REL)
    assert out[7] == 100.0


def test_methods_that_scatter_more_than_their_errors_widen_the_interval() -> None:
    near, far = (run([100.0, other], [0.1, 0.1], [1, 2])[0][1] for other in (101.0, 200.0))
    assert near == pytest.approx(0.1 * math.sqrt(0.7), rel=REL)
    assert far > 3 * near


def test_check_only_methods_have_no_say() -> None:
    alone, _ = run([100.0], [0.2], [1])
    beside, weights = run([100.0, 900.0], [0.2, 0.01], [1, 3])
    assert beside[0] == alone[0]
    assert weights[1] == 0.0


def test_additions_are_added_with_their_own_error() -> None:
    out, _ = run([100.0, 50.0], [0.2, 0.4], [1, 4])
    assert out[0] == pytest.approx(150.0, rel=REL)
    assert out[1] == pytest.approx(math.hypot(20.0, 20.0) / 150.0, rel=REL)
    assert out[5] == 50.0


def test_a_mandatory_method_that_says_nothing_is_worth_makes_it_worth_nothing() -> None:
    out, weights = run([0.0, 100.0], [0.2, 0.2], [1, 2])
    assert out[0] == 0.0
    assert out[4] == 0.0


def test_no_method_is_no_value() -> None:
    out, _ = run([math.nan, math.nan], [0.2, 0.2], [1, 2])
    assert math.isnan(out[0])
    assert math.isnan(out[4])


def test_prudent_value_is_the_lowest_stated() -> None:
    out, _ = run([100.0, 110.0], [0.2, 0.2], [1, 2], [90.0, 80.0])
    assert out[8] == 80.0


@given(
    st.lists(
        st.tuples(st.floats(1.0, 1e9), st.floats(0.05, 1.0), st.sampled_from([1, 2, 3])),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_the_value_lies_between_its_methods(methods: list[tuple[float, float, int]]) -> None:
    values, errors, roles = (list(column) for column in zip(*methods, strict=True))
    out, _ = run(values, errors, roles)
    counted = [v for v, role in zip(values, roles, strict=True) if role in (1, 2)]
    if counted:
        assert min(counted) * (1 - 1e-9) <= out[0] <= max(counted) * (1 + 1e-9)
        assert out[2] <= out[3] <= out[0] <= out[4]
