"""Champion against challenger."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as other_mcnemar

from models.evaluate import brier, compare_probabilities, compare_values, ks, mcnemar
from models.evaluate.paired import cluster_labels, paired_bootstrap, resampled
from riskengine.errors import ModelError


def two_models(seed: int, n: int = 1500) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes, good probabilities and blurred ones."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(-1.5, 1.0, n)
    y = (rng.random(n) < 1.0 / (1.0 + np.exp(-logit))).astype(float)
    blurred = logit + rng.normal(0.0, 1.0, n)
    return y, 1.0 / (1.0 + np.exp(-logit)), 1.0 / (1.0 + np.exp(-blurred))


def test_figures_are_those_of_each_model_and_the_better_one_wins() -> None:
    y, good, poor = two_models(1)
    weight = np.random.default_rng(1).uniform(0.5, 2.0, y.size)
    square, loss, distance = compare_probabilities(y, good, poor, weight, resamples=200)
    assert square.first == pytest.approx(brier(y, good, weight).score, rel=1e-12)
    assert square.second == pytest.approx(brier(y, poor, weight).score, rel=1e-12)
    assert distance.first == pytest.approx(ks(y, good, weight).ks, rel=1e-12)
    assert distance.second == pytest.approx(ks(y, poor, weight).ks, rel=1e-12)
    by_hand = -np.average(np.where(y == 1, np.log(good), np.log1p(-good)), weights=weight)
    assert loss.first == pytest.approx(by_hand, rel=1e-12)
    assert square.interval.high < 0.0
    assert loss.interval.high < 0.0
    assert distance.interval.low > 0.0
    assert max(one.test.p_value for one in (square, loss, distance)) < 0.02


def test_the_bootstrap_error_of_a_mean_is_the_known_one() -> None:
    y, good, poor = two_models(2)
    square = compare_probabilities(y, good, poor, resamples=600)[0]
    difference = (good - y) ** 2 - (poor - y) ** 2
    half = 1.959964 * difference.std() / math.sqrt(y.size)
    found = 0.5 * (square.interval.high - square.interval.low)
    assert found == pytest.approx(half, rel=0.12)


def test_seed_decides_and_equal_models_do_not_differ() -> None:
    y, good, poor = two_models(3, n=300)
    first = compare_probabilities(y, good, poor, resamples=50, seed=4)
    assert first == compare_probabilities(y, good, poor, resamples=50, seed=4)
    assert first != compare_probabilities(y, good, poor, resamples=50, seed=5)
    for one in compare_probabilities(y, good, good, resamples=50):
        assert (one.difference, one.test.p_value) == (0.0, 1.0)


def test_clusters_are_drawn_whole() -> None:
    places = np.array(["a", "a", "b", "c", "c", "c"])
    for times in resampled(6, 20, 0, places):
        assert times[0] == times[1]
        assert times[3] == times[4] == times[5]
        assert times[0] + times[2] + times[3] == 3.0
    assert cluster_labels(6, places)[1] == 3
    with pytest.raises(ModelError):
        cluster_labels(6, places[:5])
    with pytest.raises(ModelError):
        cluster_labels(6, ["a"] * 6)


def test_shared_luck_widens_the_interval() -> None:
    rng = np.random.default_rng(5)
    place = np.repeat(np.arange(40), 25)
    d = rng.normal(0.0, 1.0, 40)[place] + rng.normal(0.0, 0.3, 1000)

    def figure(times: np.ndarray) -> tuple[float, float]:
        return float(times @ d / times.sum()), 0.0

    alone = paired_bootstrap("mean", figure, 1000, resamples=300)
    whole = paired_bootstrap("mean", figure, 1000, place, resamples=300)
    width = [one.interval.high - one.interval.low for one in (alone, whole)]
    assert width[1] > 3.0 * width[0]
    assert whole.clusters == 40


def test_mcnemar_is_that_of_statsmodels() -> None:
    y, good, poor = two_models(6, n=500)
    every, bads, goods = mcnemar(y, good, poor, 0.3)
    right = [(p >= 0.3) == (y == 1) for p in (good, poor)]
    table = [
        [int(np.sum(right[0] & right[1])), int(np.sum(right[0] & ~right[1]))],
        [int(np.sum(~right[0] & right[1])), int(np.sum(~right[0] & ~right[1]))],
    ]
    assert every.exact_p == pytest.approx(other_mcnemar(table, exact=True).pvalue, rel=1e-10)
    assert every.mid_p < every.exact_p
    assert bads.n + goods.n == every.n
    assert bads.first_only + goods.first_only == every.first_only
    same = mcnemar(y, good, good, 0.3)[0]
    assert (same.exact_p, same.mid_p) == (1.0, 1.0)


def test_values_use_the_cod_of_ratio_studies() -> None:
    rng = np.random.default_rng(7)
    price = np.exp(rng.normal(10.0, 0.8, 200))
    near = price * np.exp(rng.normal(0.0, 0.1, 200))
    far = price * np.exp(rng.normal(0.0, 0.3, 200))
    cod, error, ranks = compare_values(price, near, far, resamples=100)
    middle = np.median(near / price)
    by_hand = 100.0 * np.abs(near / price - middle).mean() / middle
    assert cod.first == pytest.approx(by_hand, rel=1e-12)
    assert cod.interval.high < 0.0
    assert error.second == pytest.approx(np.abs(np.log(far / price)).mean(), rel=1e-12)
    signed = np.abs(np.log(near / price)) - np.abs(np.log(far / price))
    assert ranks.p_value == pytest.approx(stats.wilcoxon(signed).pvalue, rel=1e-12)
    assert compare_values(price, near, near, resamples=10)[2].p_value == 1.0
    with pytest.raises(ModelError):
        compare_values(price, near, -far)
