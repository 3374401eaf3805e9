"""Calibration against scipy and scikit-learn's isotonic regression."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, log_expit
from sklearn.isotonic import IsotonicRegression

from riskengine.kernels.calibrate import calibrate_rows, log_odds_rows, probability, table_log_odds

NONE = np.zeros(0)


@given(st.floats(-709.0, 800.0))
def test_probability_is_scipys_expit(log_odds) -> None:
    ours, theirs = probability(log_odds), float(expit(log_odds))
    assert abs(ours - theirs) <= 2.0 * np.spacing(theirs)


def test_small_probabilities_keep_their_digits() -> None:
    """Below -709 scipy's expit is 0 where the truth is still a number."""
    for log_odds in (-20.0, -300.0, -700.5, -740.0):
        assert probability(log_odds) == pytest.approx(math.exp(log_expit(log_odds)), rel=1e-12)
    assert probability(-1e9) == 0.0
    assert probability(1e9) == 1.0
    assert math.isnan(probability(math.nan))


def test_rows_on_the_line() -> None:
    raw, out = np.array([-3.0, 0.0, 2.0, math.nan]), np.empty(4)
    calibrate_rows(raw, -0.7, 1.3, NONE, NONE, out)
    np.testing.assert_allclose(out, expit(-0.7 + 1.3 * raw), rtol=1e-15)
    calibrate_rows(raw, 0.0, 1.0, NONE, NONE, out)
    np.testing.assert_array_equal(out[:3], [probability(score) for score in raw[:3]])


def test_a_table_is_scikit_learns_isotonic_regression() -> None:
    """PD-ISO-01, interpolated and clipped outside."""
    x, y = np.arange(5.0), np.array([0.02, 0.05, 0.03, 0.04, 0.1])
    theirs = IsotonicRegression(out_of_bounds="clip").fit(x, y, [100, 50, 100, 50, 20])
    knots, values = theirs.X_thresholds_, theirs.y_thresholds_
    np.testing.assert_allclose(
        [table_log_odds(at, knots, values) for at in x],
        [0.02, 0.0366666666667, 0.0366666666667, 0.04, 0.1], atol=1e-12,
    )  # fmt: skip
    raw, out = np.linspace(-2.0, 6.0, 81), np.empty(81)
    log_odds_rows(raw, 5.0, -1.0, knots, values, out)
    np.testing.assert_allclose(out, theirs.predict(raw), rtol=1e-14)
    calibrate_rows(raw, 5.0, -1.0, knots, values, out)
    np.testing.assert_allclose(out, expit(theirs.predict(raw)), rtol=1e-14)


@given(
    st.lists(st.floats(-9.0, 9.0), min_size=1, max_size=9, unique=True),
    st.lists(st.floats(0.0, 1.0), min_size=9, max_size=9),
    st.lists(st.floats(-12.0, 12.0), min_size=2, max_size=20),
)
def test_a_table_never_falls_and_stays_inside(xs, ys, raws) -> None:
    knots, values = np.sort(xs), np.sort(ys)[: len(xs)]
    raw = np.sort(np.concatenate([raws, knots]))
    told = np.array([table_log_odds(score, knots, values) for score in raw])
    assert (np.diff(told) >= 0.0).all()
    assert told.min() >= values[0]
    assert told.max() <= values[-1]
    np.testing.assert_allclose(told, np.interp(raw, knots, values), rtol=1e-12, atol=1e-15)
    assert [table_log_odds(knot, knots, values) for knot in knots] == values.tolist()


def test_a_missing_score_stays_missing() -> None:
    out = np.empty(1)
    calibrate_rows(np.array([math.nan]), 0.0, 1.0, np.array([0.0, 1.0]), np.array([0.1, 0.2]), out)
    assert math.isnan(out[0])
