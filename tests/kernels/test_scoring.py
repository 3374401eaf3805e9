"""Scores and the price of a point."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.kernels import scoring
from tests.reference.plain import assert_same_in_plain_python

VALUE = 1e-10
"""Relative tolerance of a score or a price."""

PAIRS = st.lists(st.tuples(st.floats(1.0, 1e4), st.floats(1.0, 100.0)), min_size=1, max_size=9)


@given(st.lists(st.tuples(st.floats(0.0, 100.0), st.floats(0.01, 1.0)), min_size=1, max_size=9))
def test_score_is_the_weighted_sum_and_lies_between(pairs):
    points, weights = np.array(pairs).T.copy()
    weights /= weights.sum()
    score = scoring.parcel_score(points, weights)
    assert score == pytest.approx(math.fsum(points * weights), rel=VALUE, abs=VALUE)
    assert points.min() - 1e-9 <= score <= points.max() + 1e-9


def test_a_missing_factor_leaves_no_score():
    assert math.isnan(scoring.parcel_score(np.array([80.0, math.nan]), np.array([0.7, 0.3])))


@given(PAIRS)
def test_price_of_a_point_is_the_mean_of_ratios(pairs):
    prices, scores = np.array(pairs).T.copy()
    got = scoring.price_per_point(prices, scores)
    assert got == pytest.approx(np.mean(prices / scores), rel=VALUE)
    holes = np.append(prices, [math.nan, 5.0, 5.0]), np.append(scores, [50.0, math.nan, 0.0])
    assert scoring.price_per_point(*holes) == got


@given(st.floats(1.0, 1e4), st.floats(1.0, 100.0))
def test_one_deal_is_worth_its_own_price(price, score):
    point = scoring.price_per_point(np.array([price]), np.array([score]))
    assert point * score == pytest.approx(price, rel=VALUE)


def test_no_deal_has_no_price():
    assert math.isnan(scoring.price_per_point(np.empty(0), np.empty(0)))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("parcel_score", (np.array([80.0, 60.0]), np.array([0.7, 0.3]))),
        ("price_per_point", (np.array([800.0, 900.0]), np.array([80.0, math.nan]))),
    ],
)
def test_compiled_equals_plain_python(name, arguments):
    assert_same_in_plain_python(getattr(scoring, name), *arguments)
