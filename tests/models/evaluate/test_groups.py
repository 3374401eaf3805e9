"""Monotone curves, reasons, subgroups and fairness."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from models.evaluate import (
    auc,
    backtest,
    fairness_table,
    grant_ratio,
    monotone_check,
    reason_agreement,
    reason_counts,
    share_difference,
    subgroup_table,
    top_reasons,
)
from riskengine.errors import ModelError
from riskengine.learned.features import Feature

FEATURES = (
    Feature("income", "number", direction=-1),
    Feature("debt", "number", direction=1),
    Feature("age", "number", direction=0),
    Feature("empty", "number", direction=1),
)


def matrix(seed: int, n: int = 300) -> np.ndarray:
    """Features of made-up clients; the last is never known."""
    x = np.random.default_rng(seed).standard_normal((4, n))
    x[0, ::7] = np.nan
    x[3] = np.nan
    return x


def test_monotone_scores_pass_to_the_last_bit() -> None:
    def score(x: np.ndarray) -> np.ndarray:
        return -0.3 * np.nan_to_num(x[0]) + np.floor(2.0 * x[1]) * 0.1 + x[2] ** 2

    found = monotone_check(score, matrix(1), FEATURES)
    assert [one.feature for one in found] == ["income", "debt"]
    assert all(one.violations == () for one in found)
    assert found[0].curves == 200
    assert found[0].steps == 200 * (found[0].grid.size - 1)
    assert np.all(np.diff(found[1].mean) >= 0.0)


def test_every_violation_is_listed_even_where_the_mean_rises() -> None:
    def score(x: np.ndarray) -> np.ndarray:
        odd = (x[2] > 2.0) & (x[1] > 0.0) & (x[1] < 0.5)
        return x[1] - 3.0 * odd

    x = matrix(2)
    income, debt = monotone_check(score, x, FEATURES, rows=300)
    assert income.violations == ()
    assert np.all(np.diff(debt.mean) > 0.0)
    assert {one.row for one in debt.violations} == set(np.flatnonzero(x[2] > 2.0).tolist())
    first = debt.violations[0]
    below, above = x[:, [first.row]].copy(), x[:, [first.row]].copy()
    below[1], above[1] = first.low, first.high
    assert score(below)[0] - score(above)[0] == pytest.approx(first.amount)
    assert monotone_check(score, x, FEATURES, tolerance=5.0)[1].violations == ()
    with pytest.raises(ModelError):
        monotone_check(score, x[:2], FEATURES)


def test_reasons_are_the_largest_rises() -> None:
    adds = np.array([[0.5, -1.0, 0.0], [0.2, -0.1, 0.3], [0.9, -0.2, 0.3]])
    assert top_reasons(adds, 2).tolist() == [[2, -1, 1], [0, -1, 2]]
    assert top_reasons(adds, 5)[3].tolist() == [-1, -1, -1]
    assert reason_counts(top_reasons(adds, 2), 3).tolist() == [1, 1, 2, 2]


def test_agreement_of_reasons() -> None:
    first = np.array([[0, 1, -1, 2], [1, -1, -1, 0]])
    second = np.array([[0, 2, -1, 0], [2, -1, -1, 2]])
    found = reason_agreement(first, second)
    assert found.n == 3  # the third has no reason in either
    assert found.same_first == pytest.approx(1 / 3)
    assert found.overlap == pytest.approx((1 / 3 + 0.0 + 1.0) / 3)
    same = reason_agreement(first, first)
    assert (same.overlap, same.same_first, same.interval.low) == (1.0, 1.0, 1.0)
    assert math.isnan(reason_agreement(first[:, 2:3], first[:, 2:3]).overlap)
    with pytest.raises(ModelError):
        reason_agreement(first, second[:, :2])


def book(seed: int, n: int = 3000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Calibrated loans of three counties, one of them small."""
    rng = np.random.default_rng(seed)
    county = rng.choice(["A", "B", "C"], n, p=[0.6, 0.38, 0.02])
    p = rng.beta(1.5, 8.0, n)
    return (rng.random(n) < p).astype(float), p, county


def test_subgroups_hold_what_their_rows_hold() -> None:
    y, p, county = book(1)
    found = subgroup_table(y, p, county, cut=0.2)
    assert [one.group for one in found] == ["all", "A", "B", "C"]
    assert sum(one.n for one in found[1:]) == found[0].n == y.size
    a = county == "A"
    assert found[1].auc.auc == auc(y[a], p[a]).auc
    assert found[3].auc is None  # fewer than thirty bads
    assert found[1].observed_over_expected == pytest.approx(y[a].sum() / p[a].sum())
    assert found[1].level_p == backtest(a.sum(), y[a].sum(), p[a].mean()).jeffreys.both
    assert found[1].level_holm >= found[1].level_p
    assert found[1].good_refused.share == pytest.approx(np.mean(p[a & (y == 0)] >= 0.2))
    assert found[1].bad_granted.share == pytest.approx(np.mean(p[a & (y == 1)] < 0.2))
    assert found[0].granted.count == np.sum(p < 0.2)
    assert found[0].ratio_interval.low < 1.0 < found[0].ratio_interval.high


def test_a_group_whose_level_is_wrong_is_seen() -> None:
    y, p, county = book(2)
    p = np.where(county == "B", 0.5 * p, p)
    found = {one.group: one for one in subgroup_table(y, p, county, cut=0.2)}
    assert found["B"].level_holm < 1e-6
    assert found["B"].ratio_interval.low > 1.3
    assert found["A"].level_holm > 0.01


def test_fairness_says_whether_four_fifths_is_certain() -> None:
    rng = np.random.default_rng(3)
    group = np.repeat(["men", "women", "few"], [2000, 1500, 20])
    p = np.where(group == "women", rng.uniform(0.0, 0.5, 3520), rng.uniform(0.0, 0.3, 3520))
    p[-20:] = np.repeat([0.1, 0.25], 10)
    y = (rng.random(3520) < p).astype(float)
    found = {one.group: one for one in fairness_table(y, p, group, cut=0.2)}
    assert found["women"].reference == "men"
    assert found["women"].four_fifths == "below"
    assert found["women"].under_four_fifths
    assert found["women"].grant_p < 1e-6
    assert found["women"].opportunity_interval.high < 0.0
    assert found["few"].four_fifths == "uncertain"
    again = fairness_table(y, p, group, cut=0.2, reference="women")
    assert {one.group for one in again} == {"few", "men"}
    with pytest.raises(ModelError):
        fairness_table(y, p, group, cut=0.2, reference="other")


def test_ratio_and_difference_are_those_of_statsmodels() -> None:
    ratio, ends = grant_ratio(40, 100, 60, 120)
    low, high = confint_proportions_2indep(40, 100, 60, 120, compare="ratio", method="log")
    assert ratio == pytest.approx(0.8)
    assert [ends.low, ends.high] == pytest.approx([low, high], rel=1e-10)
    found = share_difference(40, 100, 60, 120)
    low, high = confint_proportions_2indep(40, 100, 60, 120, compare="diff", method="newcomb")
    assert [found.low, found.high] == pytest.approx([low, high], rel=1e-10)
    assert math.isnan(share_difference(0, 0, 1, 2).low)
    zero, wide = grant_ratio(0, 10, 5, 10)
    assert zero == 0.0
    assert 0.0 < wide.low < wide.high < math.inf
    assert math.isnan(grant_ratio(1, 10, 0, 10)[0])


def test_ratio_interval_covers() -> None:
    rng = np.random.default_rng(4)
    ours, theirs = rng.binomial(150, 0.56, 1000), rng.binomial(200, 0.7, 1000)
    inside = sum(
        e.low <= 0.8 <= e.high
        for e in (grant_ratio(a, 150, b, 200)[1] for a, b in zip(ours, theirs, strict=True))
    )
    assert inside / 1000 == pytest.approx(0.95, abs=3.0 * math.sqrt(0.95 * 0.05 / 1000))


def test_one_share_interval_is_exact() -> None:
    y, p, county = book(5)
    rate = subgroup_table(y, p, county, cut=0.1)[0].granted
    other = stats.binomtest(rate.count, rate.n).proportion_ci(0.95, "exact")
    assert [rate.interval.low, rate.interval.high] == pytest.approx(
        [other.low, other.high], abs=1e-12
    )
