"""LGD and value tests: level, capture, coverage, pinball loss."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import mean_pinball_loss

from models.evaluate import auc, coverage, level_table, level_test, loss_capture, pinball_loss
from riskengine.errors import ModelError


def lgd(seed: int, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Realised and predicted LGD, right in the mean, two-humped."""
    rng = np.random.default_rng(seed)
    predicted = rng.uniform(0.2, 0.7, n)
    return rng.beta(0.6 * predicted, 0.6 * (1.0 - predicted)), predicted


def test_level_is_that_of_scipy() -> None:
    realised, predicted = lgd(1)
    found = level_test(realised, predicted)
    other = stats.ttest_rel(realised, predicted)
    assert found.both.statistic == pytest.approx(other.statistic, rel=1e-12)
    assert found.both.p_value == pytest.approx(other.pvalue, rel=1e-10)
    one_sided = stats.ttest_rel(realised, predicted, alternative="greater")
    assert found.too_low.p_value == pytest.approx(one_sided.pvalue, rel=1e-10)
    ends = other.confidence_interval(0.95)
    assert [found.interval.low, found.interval.high] == pytest.approx(
        [ends.low, ends.high], rel=1e-10
    )
    assert found.wilcoxon.p_value == pytest.approx(
        stats.wilcoxon(realised - predicted).pvalue, rel=1e-12
    )
    low = level_test(realised + 0.2, predicted)
    assert low.too_low.p_value < 1e-6
    assert low.difference > 0.0


def test_weights_are_money_and_clusters_are_years() -> None:
    realised, predicted = lgd(2)
    exposure = np.random.default_rng(2).lognormal(10.0, 1.0, 400)
    found = level_test(realised, predicted, exposure)
    assert found.realised == pytest.approx(np.average(realised, weights=exposure))
    same = level_test(realised, predicted, np.full(400, 7.0))
    assert same.both.statistic == pytest.approx(level_test(realised, predicted).both.statistic)
    year = np.repeat(np.arange(8), 50)
    shared = predicted + np.random.default_rng(3).normal(0.0, 0.1, 8)[year]
    alone, whole = level_test(shared, predicted), level_test(shared, predicted, clusters=year)
    assert whole.clusters == whole.both.degrees + 1 == 8
    assert whole.interval.high - whole.interval.low > 3.0 * (
        alone.interval.high - alone.interval.low
    )
    assert math.isnan(level_test([0.5], [0.4]).both.p_value)
    assert level_test([0.5, 0.4], [0.5, 0.4]).wilcoxon.p_value == 1.0


def test_losses_are_not_clipped_before_the_mean() -> None:
    # Published-but-wrong: clipping to [0, 1] first moves the mean of a fair model.
    rng = np.random.default_rng(4)
    realised = rng.normal(0.15, 0.3, 5000)
    fair, clipped = level_test(realised, np.full(5000, 0.15)), level_test(
        np.clip(realised, 0.0, 1.0), np.full(5000, 0.15)
    )  # fmt: skip
    assert fair.both.p_value > 0.01
    assert clipped.both.p_value < 1e-10


def test_table_by_prediction() -> None:
    realised, predicted = lgd(5)
    rows = level_table(realised, predicted)
    assert [row.n for row in rows] == [40] * 10
    assert all(a.predicted < b.predicted for a, b in itertools.pairwise(rows))
    assert np.average([row.realised for row in rows]) == pytest.approx(realised.mean())
    covered = [row.interval.low <= row.predicted <= row.interval.high for row in rows]
    assert sum(covered) >= 7
    assert len(level_table(realised, np.full(400, 0.5))) == 1


def test_capture_of_yes_or_no_losses_is_the_gini() -> None:
    rng = np.random.default_rng(6)
    y = (rng.random(300) < 0.3).astype(float)
    score = np.round(y + rng.standard_normal(300), 1)
    found = loss_capture(y, score)
    assert found.ratio == pytest.approx(auc(y, score).gini, abs=1e-12)
    assert loss_capture(y, y).ratio == pytest.approx(1.0)
    assert loss_capture(y, -y).ratio == pytest.approx(-1.0)
    assert loss_capture(y, np.zeros(300)).ratio == 0.0
    assert math.isnan(loss_capture(np.full(5, 0.4), np.arange(5.0)).ratio)


def test_capture_weighs_by_exposure() -> None:
    realised, predicted = lgd(7)
    twice = np.where(np.arange(400) < 200, 2.0, 1.0)
    found = loss_capture(realised, predicted, twice)
    longer = np.concatenate((np.arange(400), np.arange(200)))
    assert found.ratio == pytest.approx(
        loss_capture(realised[longer], predicted[longer]).ratio, rel=1e-10
    )
    assert found.captured[-1] == found.best[-1] == 1.0
    assert np.all(found.best - found.captured > -1e-12)


def test_coverage_by_group() -> None:
    rng = np.random.default_rng(8)
    group = np.repeat(["north", "south"], [600, 400])
    spread = np.where(group == "south", 2.0, 1.0)
    y = rng.normal(0.0, spread)
    half = stats.norm.ppf(0.95)
    every, north, south = coverage(y, 0.9, np.full(1000, half), np.full(1000, -half), group)
    assert [every.group, north.group, south.group] == ["all", "north", "south"]
    assert north.test.p_value > 0.01
    assert south.test.p_value < 1e-6
    assert south.interval.high < 0.9
    assert every.width == pytest.approx(2.0 * half)
    assert every.inside == north.inside + south.inside
    quantile = coverage(y, 0.95, half * spread)[0]
    assert math.isnan(quantile.width)
    assert quantile.interval.low < 0.95 < quantile.interval.high
    with pytest.raises(ModelError):
        coverage(y, 0.9, np.full(1000, -1.0), np.full(1000, 1.0))
    with pytest.raises(ModelError):
        coverage(y, 0.9, np.full(1000, 1.0), groups=group[:5])


@given(st.integers(0, 1000), st.floats(0.01, 0.99))
def test_pinball_is_that_of_scikit_learn(seed: int, level: float) -> None:
    rng = np.random.default_rng(seed)
    y, q = rng.standard_normal((2, 20))
    assert pinball_loss(y, q, level) == pytest.approx(
        mean_pinball_loss(y, q, alpha=level), rel=1e-12
    )


def test_true_quantile_has_the_least_loss() -> None:
    y = np.random.default_rng(9).standard_normal(20_000)
    losses = [pinball_loss(y, np.full(20_000, q), 0.9) for q in (0.9, stats.norm.ppf(0.9), 1.7)]
    assert losses[1] == min(losses)
