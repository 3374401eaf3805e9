"""AUC, DeLong, KS, ROC and CAP against oracles, scikit-learn, riskval and brute force."""

import itertools
import math

import numpy as np
import pytest
import riskval
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import expit
from sklearn.metrics import roc_auc_score, roc_curve

from models.evaluate import auc, bads_needed, cap, compare_auc, delong, ks, planning_error, roc
from riskengine.errors import ModelError

GRADES = np.arange(5.0)
GOODS, BADS = [50, 40, 30, 15, 5], [2, 4, 8, 14, 22]


def sample(seed: int, n: int = 400, ties: bool = True) -> tuple[np.ndarray, ...]:
    """Outcomes and two correlated scores."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.25).astype(float)
    common = rng.standard_normal(n)
    first = y + common + rng.standard_normal(n)
    second = 0.7 * y + common + rng.standard_normal(n)
    if ties:
        first, second = np.round(first, 1), np.round(second, 0)
    return y, first, second


def plain_delong(y: np.ndarray, scores: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """DeLong by every pair, as the article writes it."""
    areas, above, below = [], [], []
    for score in scores:
        bad, good = score[y == 1], score[y == 0]
        psi = (bad[:, None] > good).astype(float) + 0.5 * (bad[:, None] == good)
        areas.append(psi.mean())
        above.append(psi.mean(axis=1))
        below.append(psi.mean(axis=0))
    s10, s01 = np.cov(np.stack(above)), np.cov(np.stack(below))
    return np.array(areas), np.atleast_2d(s10 / above[0].size + s01 / below[0].size)


def test_pd_auc_01() -> None:
    """PD-AUC-01."""
    found = auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    assert found.auc == pytest.approx(0.75, abs=1e-12)
    assert found.gini == pytest.approx(0.5, abs=1e-12)


def test_pd_auc_03() -> None:
    """PD-AUC-03."""
    y = np.repeat([0.0, 1.0], [140, 50])
    score = np.concatenate((np.repeat(GRADES, GOODS), np.repeat(GRADES, BADS)))
    found = auc(y, score)
    assert found.auc == pytest.approx(0.854285714286, abs=1e-9)
    assert found.standard_error == pytest.approx(0.0315204982451, abs=1e-9)
    assert planning_error(found.auc, 50, 140) == pytest.approx(0.0356006838933, abs=1e-9)
    assert (found.n, found.bads) == (190, 50)


def test_pd_ks_01() -> None:
    """PD-KS-01."""
    y = [1, 1, 0, 1, 0, 0, 1, 0, 0, 0]
    score = [0.9, 0.8, 0.75, 0.6, 0.55, 0.5, 0.45, 0.3, 0.2, 0.1]
    assert ks(y, score).ks == pytest.approx(0.583333333333, abs=1e-12)
    assert auc(y, score).auc == pytest.approx(0.833333333333, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_area_and_covariance_are_those_of_every_pair(seed: int) -> None:
    y, first, second = sample(seed)
    areas, covariance = delong(y, [first, second])
    plain_areas, plain_covariance = plain_delong(y, [first, second])
    np.testing.assert_allclose(areas, plain_areas, rtol=1e-13)
    np.testing.assert_allclose(covariance, plain_covariance, rtol=1e-11)
    assert areas[0] == pytest.approx(roc_auc_score(y, first), abs=1e-13)
    assert areas[1] == pytest.approx(riskval.auc(y, expit(second)), abs=1e-13)


def test_weighted_area_is_that_of_scikit_learn_and_of_every_pair() -> None:
    y, score, _ = sample(7)
    weight = np.random.default_rng(1).uniform(0.2, 5.0, y.size)
    found = auc(y, score, weight)
    assert found.auc == pytest.approx(roc_auc_score(y, score, sample_weight=weight), abs=1e-12)
    bad, good = y == 1, y == 0
    pairs = (score[bad][:, None] > score[good]) + 0.5 * (score[bad][:, None] == score[good])
    mass = weight[bad][:, None] * weight[good]
    assert found.auc == pytest.approx((pairs * mass).sum() / mass.sum(), abs=1e-12)
    scaled = auc(y, score, 17.0 * weight)
    assert scaled.standard_error == pytest.approx(found.standard_error, rel=1e-12)
    assert auc(y, score, np.full(y.size, 3.0)).standard_error == pytest.approx(
        auc(y, score).standard_error, rel=1e-12
    )


def test_weighted_error_is_that_of_many_samples() -> None:
    rng = np.random.default_rng(3)
    found, said = [], []
    for _ in range(300):
        y = (rng.random(300) < 0.3).astype(float)
        weight = rng.choice([1.0, 4.0], 300)
        score = y * (0.5 + 0.3 * (weight > 1.0)) + rng.standard_normal(300)
        one = auc(y, score, weight)
        found.append(one.auc)
        said.append(one.standard_error)
    error = 3.0 / math.sqrt(2 * 300)  # three standard errors of a standard deviation
    assert np.mean(said) == pytest.approx(np.std(found), rel=error)


@given(st.integers(0, 10_000))
def test_area_does_not_move_under_rising_maps_and_turns_with_the_score(seed: int) -> None:
    y, score, _ = sample(seed, n=60)
    if y.min() == y.max():
        return
    area = auc(y, score).auc
    assert auc(y, np.exp(score)).auc == pytest.approx(area, abs=1e-14)
    assert auc(y, -score).auc == pytest.approx(1.0 - area, abs=1e-13)


def test_perfect_order_has_an_honest_interval() -> None:
    found = auc(np.repeat([0.0, 1.0], 5), np.arange(10.0))
    assert found.auc == 1.0
    assert found.standard_error == 0.0
    assert found.interval.low < 0.9
    assert found.interval.high == 1.0
    worst = auc(np.repeat([1.0, 0.0], 5), np.arange(10.0))
    assert worst.interval.low == 0.0
    assert worst.interval.high == pytest.approx(1.0 - found.interval.low, abs=1e-12)


def test_interval_covers() -> None:
    rng = np.random.default_rng(5)
    truth = stats.norm.cdf(1.5 / math.sqrt(2.0))
    inside = 0
    for _ in range(600):
        y = np.repeat([1.0, 0.0], [25, 100])
        found = auc(y, 1.5 * y + rng.standard_normal(125)).interval
        inside += found.low <= truth <= found.high
    assert inside / 600 == pytest.approx(0.95, abs=3.0 * math.sqrt(0.95 * 0.05 / 600))


def test_one_loan_of_a_class_has_no_error() -> None:
    found = auc([1, 0, 0], [3.0, 1.0, 2.0])
    assert math.isnan(found.standard_error)
    assert math.isnan(found.interval.low)


def test_equal_scores_do_not_differ() -> None:
    y, first, _ = sample(2)
    found = compare_auc(y, first, 2.0 * first + 1.0)
    assert (found.difference, found.test.p_value) == (0.0, 1.0)
    assert found.correlation == pytest.approx(1.0)


def test_paired_comparison_is_sharper_than_separate_errors() -> None:
    y, first, second = sample(4)
    found = compare_auc(y, first, second)
    separate = math.hypot(auc(y, first).standard_error, auc(y, second).standard_error)
    assert found.standard_error < separate
    assert found.correlation > 0.3
    back = compare_auc(y, second, first)
    assert back.difference == -found.difference
    assert back.test.p_value == pytest.approx(found.test.p_value, rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_curves_agree_with_area_ks_and_scikit_learn(seed: int) -> None:
    y, score, _ = sample(seed)
    weight = np.random.default_rng(seed).uniform(0.5, 2.0, y.size)
    curve = roc(y, score, weight)
    x, height, _ = roc_curve(y, score, sample_weight=weight, drop_intermediate=False)
    np.testing.assert_allclose(curve.x, x, atol=1e-12)
    np.testing.assert_allclose(curve.y, height, atol=1e-12)
    found = auc(y, score, weight)
    assert curve.area == pytest.approx(found.auc, abs=1e-12)
    assert ks(y, score, weight).ks == pytest.approx(np.abs(height - x).max(), abs=1e-12)
    rate = np.average(y, weights=weight)
    accuracy_ratio = (cap(y, score, weight).area - 0.5) / (0.5 * (1.0 - rate))
    assert accuracy_ratio == pytest.approx(found.gini, abs=1e-12)


def test_ks_is_that_of_scipy_and_riskval() -> None:
    y, score, _ = sample(9)
    found = ks(y, score)
    other = stats.ks_2samp(score[y == 1], score[y == 0])
    assert found.ks == pytest.approx(other.statistic, abs=1e-13)
    assert found.test.p_value == pytest.approx(other.pvalue, rel=1e-9)
    assert found.ks == pytest.approx(riskval.ks_statistic(y, expit(score)), abs=1e-13)


def test_ks_inside_a_block_of_ties_is_wrong() -> None:
    # Published-but-wrong: a walk row by row depends on the order of tied rows.
    y = np.array([1.0, 1.0, 0.0, 0.0])
    score = np.full(4, 0.3)
    walked = np.abs(np.cumsum(y) / 2.0 - np.cumsum(1.0 - y) / 2.0).max()
    assert walked == 1.0
    assert ks(y, score).ks == 0.0


def test_order_of_rows_changes_nothing() -> None:
    y, score, _ = sample(6)
    mixed = np.random.default_rng(0).permutation(y.size)
    assert auc(y, score).auc == auc(y[mixed], score[mixed]).auc
    assert ks(y, score) == ks(y[mixed], score[mixed])


def test_planning_asks_for_fewer_bads_for_better_scores() -> None:
    wanted = [bads_needed(area, 0.05, 10.0) for area in (0.6, 0.7, 0.8, 0.9)]
    assert wanted == sorted(wanted, reverse=True)
    for area, n in zip((0.6, 0.7, 0.8, 0.9), wanted, strict=True):
        assert 1.959964 * planning_error(area, n, 10 * n) <= 0.05 + 1e-9
        assert 1.959964 * planning_error(area, n - 1, 10 * (n - 1)) > 0.05


@pytest.mark.parametrize(
    ("y", "score", "weight"),
    [
        ([0, 0], [1.0, 2.0], None),
        ([0, 2], [1.0, 2.0], None),
        ([0, 1], [1.0, math.nan], None),
        ([0, 1], [1.0, math.inf], None),
        ([0, 1, 1], [1.0, 2.0], None),
        ([], [], None),
        ([0, 1], [1.0, 2.0], [1.0, 0.0]),
        ([0, 1], [1.0, 2.0], [1.0]),
        ([0, math.nan], [1.0, 2.0], None),
        ([[0, 1]], [[1.0, 2.0]], None),
    ],
)
def test_bad_input_is_refused_in_two_languages(y: list, score: list, weight: list | None) -> None:
    for measure in (auc, ks, roc, cap):
        with pytest.raises(ModelError) as caught:
            measure(y, score, weight)
        assert caught.value.say("zh") != caught.value.say("en")


def test_planning_refuses_arguments_outside() -> None:
    for area, half, ratio in itertools.product((0.0, 1.0), (0.05,), (1.0,)):
        with pytest.raises(ModelError):
            bads_needed(area, half, ratio)
