"""Conformal tables: brute force, simulation, crepes and MAPIE as second opinions."""

import math

import numpy as np
import pytest
from crepes import ConformalRegressor
from mapie.regression import SplitConformalRegressor
from scipy import stats
from sklearn.base import BaseEstimator, RegressorMixin

from riskengine.kernels.conformal import (
    conformal_rank,
    group_quantiles,
    interval_score,
    mixed_quantile,
    sorted_quantile,
    weighted_quantile,
)
from riskengine.kernels.similar import distance, local_quantile_rows, nearest_rows

LEVELS = (0.5, 0.8, 0.9, 0.95)


@pytest.mark.parametrize("level", LEVELS)
def test_rank_is_exact_where_the_product_is_whole(level) -> None:
    for count in range(2000):
        exact = math.ceil((count + 1) * round(level * 100) / 100 - 1e-9)
        assert conformal_rank(count, level) == exact
        assert -(-(count + 1) * round(level * 100) // 100) == exact


def test_published_rank_without_the_plus_one_covers_too_little() -> None:
    """ceil(n level), as often printed, falls short of 90 %: exact by the beta law of coverage."""
    n = 19
    right, wrong = conformal_rank(n, 0.9), math.ceil(n * 0.9)
    assert (right, wrong) == (18, 18)
    n = 20
    right, wrong = conformal_rank(n, 0.9), math.ceil(n * 0.9)
    assert stats.beta.mean(right, n + 1 - right) >= 0.9 > stats.beta.mean(wrong, n + 1 - wrong)


def test_interval_score_is_zero_on_the_ends_and_negative_inside() -> None:
    assert interval_score(1.0, 2.0, 1.0) == interval_score(1.0, 2.0, 2.0) == 0.0
    assert interval_score(1.0, 2.0, 1.25) == -0.25
    assert interval_score(1.0, 2.0, 0.5) == 0.5


def test_cover_is_what_the_theory_says() -> None:
    """Mean cover over repeated draws is rank / (n + 1), within four standard errors."""
    rng, n, runs = np.random.default_rng(1), 57, 20_000
    scores = np.sort(rng.exponential(size=(runs, n)), axis=1)
    fresh = rng.exponential(size=runs)
    covered = np.array(
        [new <= sorted_quantile(own, 0.9) for own, new in zip(scores, fresh, strict=True)]
    )
    expected = conformal_rank(n, 0.9) / (n + 1)
    assert abs(covered.mean() - expected) < 4.0 * math.sqrt(expected * (1 - expected) / runs)


def _slow(scores, weights, new, level):
    order = np.argsort(scores, kind="stable")
    total = weights.sum() + new
    for k in order:
        if weights[scores <= scores[k]].sum() >= level * total - 1e-9 and weights[k] > 0:
            return scores[k]
    return math.inf


def test_weighted_quantile_by_brute_force() -> None:
    rng = np.random.default_rng(2)
    for _ in range(300):
        n = int(rng.integers(0, 30))
        scores = np.sort(rng.normal(size=n))
        weights = rng.integers(0, 4, n).astype(float)
        level = float(rng.choice(LEVELS))
        assert weighted_quantile(scores, weights, 1.0, level) == _slow(scores, weights, 1.0, level)
        assert weighted_quantile(scores, np.ones(n), 1.0, level) == sorted_quantile(scores, level)


def test_mixed_quantile_is_a_weighted_one() -> None:
    rng = np.random.default_rng(3)
    for _ in range(300):
        n, m = int(rng.integers(0, 40)), int(rng.integers(1, 60))
        own, parent = np.sort(rng.normal(size=n)), np.sort(rng.normal(1.0, 2.0, m))
        full, level = float(rng.integers(0, 60)), float(rng.choice(LEVELS))
        lent = max(full - n, 0.0) / m
        both = np.concatenate([own, parent])
        weights = np.concatenate([np.ones(n), np.full(m, lent)])
        order = np.argsort(both, kind="stable")
        expected = _slow(both[order], weights[order], 1.0, level)
        assert mixed_quantile(own, parent, full, level) == expected


def test_thin_groups_lie_between_their_own_and_all() -> None:
    own, parent = np.arange(40.0), np.arange(1000.0) + 100.0
    found = [mixed_quantile(own[:n], parent, 100.0, 0.9) for n in (0, 10, 20, 40)]
    assert found == sorted(found, reverse=True)
    assert mixed_quantile(own, parent, 40.0, 0.9) == sorted_quantile(own, 0.9)


class Zero(RegressorMixin, BaseEstimator):
    """A fitted model that predicts nothing."""

    def fit(self, x, y):
        self.fitted_ = True
        return self

    def predict(self, x):
        return np.zeros(len(x))


def test_groups_equal_crepes() -> None:
    rng = np.random.default_rng(4)
    groups = rng.integers(0, 5, 1234)
    residuals = rng.standard_t(4, 1234) * (1.0 + groups)
    order = np.lexsort((np.abs(residuals), groups))
    starts = np.searchsorted(groups[order], np.arange(6)).astype(np.int64)
    out = np.empty(6)
    group_quantiles(np.abs(residuals)[order], starts, 0.0, 0.9, out)
    peer = ConformalRegressor().fit(residuals, bins=groups)
    ends = peer.predict_int(np.zeros(5), bins=np.arange(5), confidence=0.9)
    np.testing.assert_allclose(out[:5], ends[:, 1], rtol=1e-15)
    plain = ConformalRegressor().fit(residuals).predict_int(np.zeros(1), confidence=0.9)
    np.testing.assert_allclose(out[5], plain[0, 1], rtol=1e-15)


def test_plain_split_equals_mapie() -> None:
    rng = np.random.default_rng(5)
    y = rng.normal(size=777)
    peer = SplitConformalRegressor(Zero().fit(None, None), confidence_level=0.9, prefit=True)
    peer.conformalize(np.zeros((777, 1)), y)
    _, ends = peer.predict_interval(np.zeros((1, 1)))
    np.testing.assert_allclose(ends[0, 1, 0], sorted_quantile(np.sort(np.abs(y)), 0.9), rtol=1e-15)


def _matrix(rng, n):
    x = np.stack([rng.normal(size=n), rng.integers(0, 3, n).astype(float), rng.normal(size=n)])
    x[0, rng.random(n) < 0.2] = np.nan
    return x


def test_nearest_by_brute_force() -> None:
    rng = np.random.default_rng(6)
    x, z, scale = _matrix(rng, 30), _matrix(rng, 50), np.array([2.0, 0.0, 1.0])
    every = np.array([[distance(x, i, z, j, scale) for j in range(50)] for i in range(30)])
    for near in (1, 3, 50, 51):
        out, wanted = np.full(30, -1.0), np.arange(30) % 4 != 0
        nearest_rows(x, wanted, z, scale, near, False, out)
        expected = np.sort(every, axis=1)[:, near - 1] if near <= 50 else np.full(30, np.inf)
        np.testing.assert_array_equal(out, np.where(wanted, expected, -1.0))
    np.testing.assert_allclose(every[0, 0], _gower(x[:, 0], z[:, 0], scale), rtol=1e-15)


def _gower(a, b, scale):
    parts = []
    for one, two, unit in zip(a, b, scale, strict=True):
        if np.isnan(one) or np.isnan(two):
            parts.append(float(np.isnan(one) != np.isnan(two)))
        else:
            parts.append(float(one != two) if unit == 0.0 else abs(one - two) / unit)
    return np.mean(parts)


def test_local_quantile_by_brute_force_and_in_its_limits() -> None:
    rng = np.random.default_rng(7)
    x, z, scale = _matrix(rng, 20), _matrix(rng, 200), np.array([2.0, 0.0, 1.0])
    group, other = rng.integers(-1, 3, 20), rng.integers(0, 3, 200)
    scores, wanted = np.sort(rng.normal(size=200)), np.ones(20, dtype=bool)

    def local(bandwidth, apart):
        out = np.empty(20)
        local_quantile_rows(x, group, wanted, z, other, scale, scores, bandwidth, apart, 0.9, out)
        return out

    found = local(0.3, 0.5)
    for i in range(20):
        far = np.array([distance(x, i, z, j, scale) for j in range(200)])
        far += 0.5 * ((group[i] < 0) | (other != group[i]))
        assert found[i] == _slow(scores, np.exp(-far / 0.3), 1.0, 0.9)
    np.testing.assert_array_equal(local(math.inf, 0.0), sorted_quantile(scores, 0.9))
    within = local(math.inf, math.inf)
    for i in range(20):
        own = scores[other == group[i]] if group[i] >= 0 else scores[:0]
        assert within[i] == sorted_quantile(np.ascontiguousarray(own), 0.9)


def test_far_rows_get_no_finite_width() -> None:
    z, scores, out = np.zeros((1, 50)), np.arange(50.0), np.empty(1)
    local_quantile_rows(
        np.full((1, 1), 10.0), np.zeros(1, np.int64), np.ones(1, bool), z, np.zeros(50, np.int64),
        np.ones(1), scores, 0.1, 0.0, 0.9, out,
    )  # fmt: skip
    assert math.isinf(out[0])
