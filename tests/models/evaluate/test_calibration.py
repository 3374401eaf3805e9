"""Brier, ECE, Hosmer-Lemeshow, Spiegelhalter, Cox, binomial and Jeffreys tests."""

import itertools
import math

import numpy as np
import pytest
import riskval
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats
from sklearn.metrics import brier_score_loss

from models.evaluate import (
    backtest,
    brier,
    calibration_error,
    cox_calibration,
    equal_count_groups,
    grade_tests,
    holm_adjusted,
    hosmer_lemeshow,
    hosmer_lemeshow_groups,
    share_interval,
    sidak_adjusted,
    spiegelhalter,
    sum_distribution,
)
from models.evaluate.backtest import factor_nodes
from riskengine.credit.cycle import chance_in_state
from riskengine.errors import ModelError

LBW = np.array([
    [19, 0, 1.1766], [19, 2, 2.0252], [19, 6, 3.1701], [19, 1, 4.3034], [19, 7, 4.8925],
    [19, 7, 5.6421], [19, 6, 6.5367], [19, 7, 8.1768], [19, 10, 10.3114], [18, 13, 12.7653],
])  # fmt: skip


def drawn(seed: int, n: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes that follow their probabilities."""
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.01, 0.5, n)
    return (rng.random(n) < p).astype(float), p


# Brier and expected calibration error


def test_pd_brier_01() -> None:
    """PD-BRIER-01."""
    found = brier([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3])
    assert found.score == pytest.approx(0.0375, abs=1e-12)


@given(st.integers(0, 10_000), st.sampled_from([None, 1, 4, 10]), st.booleans())
def test_brier_parts_sum_exactly(seed: int, groups: int | None, weighted: bool) -> None:
    rng = np.random.default_rng(seed)
    p = np.round(rng.random(80), 1 if groups is None else 6)
    y = (rng.random(80) < p).astype(float)
    weight = rng.uniform(0.1, 3.0, 80) if weighted else None
    found = brier(y, p, weight, groups)
    parts = found.reliability - found.resolution + found.uncertainty
    parts += found.within_variance - found.within_covariance
    assert parts == pytest.approx(found.score, abs=1e-14)
    assert found.score == pytest.approx(brier_score_loss(y, p, sample_weight=weight), abs=1e-14)
    if groups is None:
        assert found.within_variance == found.within_covariance == 0.0


def test_murphy_parts_of_wide_groups_do_not_sum() -> None:
    # Published-but-wrong: three terms over deciles of distinct p miss the score.
    y, p = drawn(1)
    found = brier(y, p, groups=4)
    three = found.reliability - found.resolution + found.uncertainty
    assert abs(three - found.score) > 1e-4


def test_error_of_a_calibrated_model_is_what_chance_gives() -> None:
    y, p = drawn(2)
    found = calibration_error(y, p, resamples=300)
    assert found.error > 0.0
    assert found.error == pytest.approx(found.under_null, rel=1.0)
    assert found.interval.low > 0.0  # the bootstrap alone would call this model wrong
    assert found.p_value > 0.05
    assert found.groups == 10
    assert calibration_error(y, p, resamples=300) == found
    wrong = calibration_error(y, 0.6 * p, resamples=300)
    assert wrong.p_value == pytest.approx(1.0 / 301.0)
    label = equal_count_groups(p, 10)
    gaps = [abs(y[label == k].sum() - p[label == k].sum()) for k in range(10)]
    assert found.error == pytest.approx(sum(gaps) / y.size, rel=1e-12)


def test_groups_keep_ties_together_and_are_of_equal_count() -> None:
    p = np.random.default_rng(0).random(1000)
    assert np.bincount(equal_count_groups(p, 10)).tolist() == [100] * 10
    tied = np.repeat([0.1, 0.2, 0.3], [800, 100, 100])
    assert np.bincount(equal_count_groups(tied, 10)).tolist() == [800, 100, 100]
    mixed = np.random.default_rng(1).permutation(1000)
    assert np.array_equal(equal_count_groups(p[mixed], 7), equal_count_groups(p, 7)[mixed])
    with pytest.raises(ModelError):
        equal_count_groups(p, 0)


# Hosmer-Lemeshow, Spiegelhalter, Cox


def test_pd_hl_01() -> None:
    """PD-HL-01."""
    found = hosmer_lemeshow_groups(*LBW.T, origin="in_sample")
    assert found.test.degrees == 8
    assert found.test.statistic == pytest.approx(9.65243, abs=0.002)
    assert found.test.p_value == pytest.approx(0.290273, abs=0.002)
    outside = hosmer_lemeshow_groups(*LBW.T, origin="out_of_sample")
    assert outside.test.degrees == 10
    assert outside.test.p_value > found.test.p_value


def test_hosmer_lemeshow_is_that_of_riskval_on_the_same_groups() -> None:
    y, p = drawn(3, n=1000)
    found = hosmer_lemeshow(y, p, "out_of_sample")
    other = riskval.hosmer_lemeshow(y, p, df=10)
    # Groups differ by at most the row at an edge: riskval interpolates its quantiles.
    assert found.test.statistic == pytest.approx(other.statistic, rel=0.02)
    assert found.test.p_value == pytest.approx(stats.chi2.sf(found.test.statistic, 10), rel=1e-12)
    by_hand = sum(
        (o - e) ** 2 / (e * (1 - e / n))
        for n, o, e in zip(found.n, found.observed, found.expected, strict=True)
    )
    assert found.test.statistic == pytest.approx(by_hand, rel=1e-12)


def test_simulated_p_agrees_with_chi_square_where_cells_are_full() -> None:
    y, p = drawn(4, n=1500)
    found = hosmer_lemeshow(y, p, "out_of_sample", simulations=999)
    assert found.smallest_expected > 5.0
    error = 4.0 * math.sqrt(found.test.p_value * (1.0 - found.test.p_value) / 999)
    assert found.simulated_p == pytest.approx(found.test.p_value, abs=error + 0.02)


def test_tied_scores_lower_the_degrees() -> None:
    rng = np.random.default_rng(5)
    p = rng.choice([0.05, 0.1, 0.3, 0.5], 400)
    y = (rng.random(400) < p).astype(float)
    assert hosmer_lemeshow(y, p, "out_of_sample").test.degrees == 4
    assert hosmer_lemeshow(y, p, "in_sample").test.degrees == 2


@pytest.mark.parametrize("origin", ["", "test", None])
def test_origin_must_be_said(origin: str | None) -> None:
    with pytest.raises(ModelError):
        hosmer_lemeshow_groups(*LBW.T, origin=origin)


def test_impossible_groups_are_refused() -> None:
    with pytest.raises(ModelError):
        hosmer_lemeshow_groups([10, 10, 10], [0, 1, 1], [0.0, 1.0, 2.0], "out_of_sample")
    with pytest.raises(ModelError):
        hosmer_lemeshow_groups([10, 10], [0, 1], [1.0, 1.0], "in_sample")
    with pytest.raises(ModelError):
        hosmer_lemeshow([0, 1], [0.0, 0.5], "out_of_sample")


def test_spiegelhalter_is_that_of_riskval_and_of_the_brier_score() -> None:
    y, p = drawn(6)
    found, other = spiegelhalter(y, p), riskval.spiegelhalter_z(y, p)
    assert found.statistic == pytest.approx(other.statistic, rel=1e-10)
    assert found.p_value == pytest.approx(other.pvalue, rel=1e-9)
    promised = np.sum(p * (1.0 - p))
    variance = np.sum((1.0 - 2.0 * p) ** 2 * p * (1.0 - p))
    by_brier = (y.size * brier(y, p).score - promised) / math.sqrt(variance)
    assert found.statistic == pytest.approx(by_brier, rel=1e-9)
    assert math.isnan(spiegelhalter([0, 1], [0.5, 0.5]).p_value)


def test_cox_line_is_that_of_statsmodels_and_riskval() -> None:
    y, p = drawn(7)
    found = cox_calibration(y, p)
    logit = special.logit(p)
    line = sm.GLM(y, sm.add_constant(logit), family=sm.families.Binomial()).fit(tol=1e-12)
    assert [found.intercept, found.slope] == pytest.approx(line.params.tolist(), abs=1e-8)
    half = stats.norm.ppf(0.975) * line.bse
    assert found.slope_interval.high - found.slope == pytest.approx(half[1], rel=1e-7)
    assert found.intercept_interval.high - found.intercept == pytest.approx(half[0], rel=1e-7)
    shift = sm.GLM(y, np.ones(y.size), family=sm.families.Binomial(), offset=logit).fit(tol=1e-12)
    assert found.in_the_large == pytest.approx(shift.params[0], abs=1e-8)
    assert found.level_test.statistic == pytest.approx(
        2 * (shift.llf - np.sum(special.log_expit(np.where(y == 1, logit, -logit)))), abs=1e-7
    )
    joint = riskval.cox_calibration_test(y, p)
    assert found.joint.statistic == pytest.approx(joint.statistic, abs=1e-8)
    assert found.joint.p_value == pytest.approx(joint.pvalue, rel=1e-7)
    slope = riskval.calibration_slope(y, p)
    assert found.slope_test.statistic == pytest.approx(slope.detail["lr_statistic"], abs=1e-8)


def test_slope_sees_a_spread_that_the_level_does_not() -> None:
    rng = np.random.default_rng(8)
    truth = rng.normal(-2.0, 0.8, 20_000)
    y = (rng.random(truth.size) < special.expit(truth)).astype(float)
    level = 0.0
    for _ in range(50):  # widen the spread, hold the mean
        level += special.expit(truth).mean() - special.expit(level + 2.0 * truth).mean()
    found = cox_calibration(y, special.expit(level + 2.0 * truth))
    assert found.slope == pytest.approx(0.5, abs=0.05)
    assert found.slope_test.p_value < 1e-6


def test_separated_and_constant_forecasts_have_no_slope() -> None:
    separated = cox_calibration([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])
    assert math.isnan(separated.slope)
    assert not math.isnan(separated.in_the_large)
    constant = cox_calibration([0, 1, 0, 1], [0.3] * 4)
    assert math.isnan(constant.slope)
    assert constant.in_the_large == pytest.approx(-special.logit(0.3), abs=1e-9)
    with pytest.raises(ModelError):
        cox_calibration([0, 0], [0.1, 0.2])


# Counts


def test_pd_jeff_01() -> None:
    """PD-JEFF-01."""
    found = backtest(1000, 12, 0.01)
    assert found.jeffreys.upper == pytest.approx(0.252381226151, abs=1e-10)
    assert found.binomial.upper == pytest.approx(0.302649913857, abs=1e-10)
    assert found.normal_z == pytest.approx(0.635641726164, abs=1e-10)


def test_pd_jeff_02() -> None:
    """PD-JEFF-02."""
    found = backtest(500, 0, 0.005)
    assert found.jeffreys.upper == pytest.approx(0.974872092953, abs=1e-10)
    assert found.binomial.upper == 1.0
    assert found.normal_z == pytest.approx(-1.58510656237, abs=1e-10)


@given(st.integers(1, 400), st.floats(0.0, 1.0), st.floats(1e-6, 0.999))
def test_tails_are_those_of_scipy(n: int, share: float, pd: float) -> None:
    defaults = round(share * n)
    found = backtest(n, defaults, pd)
    assert found.binomial.upper == pytest.approx(stats.binom.sf(defaults - 1, n, pd), rel=1e-9)
    assert found.binomial.lower == pytest.approx(stats.binom.cdf(defaults, n, pd), rel=1e-9)
    posterior = stats.beta(defaults + 0.5, n - defaults + 0.5)
    assert found.jeffreys.upper == pytest.approx(posterior.cdf(pd), rel=1e-9, abs=1e-300)
    assert found.jeffreys.upper + found.jeffreys.lower == pytest.approx(1.0, abs=1e-12)
    assert found.correlated_binomial == found.binomial


def test_riskval_agrees_on_jeffreys_and_binomial() -> None:
    found = backtest(800, 17, 0.015)
    assert found.jeffreys.upper == pytest.approx(
        riskval.jeffreys_test(800, 17, 0.015).pvalue, rel=1e-12
    )
    other = riskval.binomial_test(800, 17, 0.015)
    assert found.binomial.upper == pytest.approx(other.pvalue, rel=1e-12)


def test_far_tails_keep_their_digits() -> None:
    found = backtest(10_000, 400, 0.01)
    assert 0.0 < found.binomial.upper < 1e-100
    assert found.binomial.upper == pytest.approx(stats.binom.sf(399, 10_000, 0.01), rel=1e-8)


@pytest.mark.parametrize(("n", "d", "rho"), [(50, 3, 0.1), (1000, 35, 0.2), (20_000, 500, 0.05)])
def test_correlated_tails_are_those_of_a_plain_sum_over_the_factor(
    n: int, d: int, rho: float
) -> None:
    found = backtest(n, d, 0.02, rho)
    step = 16.0 / 40_000
    factor = np.arange(-8.0, 8.0, step) + 0.5 * step
    p = chance_in_state(0.02, factor, rho)
    mass = stats.norm.pdf(factor) * step
    assert found.correlated_binomial.upper == pytest.approx(
        float(mass @ stats.binom.sf(d - 1, n, p)), rel=1e-7
    )
    assert found.correlated_jeffreys.upper == pytest.approx(
        float(mass @ special.betainc(d + 0.5, n - d + 0.5, p)), rel=1e-7
    )
    assert found.correlated_jeffreys.upper > found.jeffreys.upper  # milder on a bad year


@pytest.mark.parametrize(("n", "rho"), list(itertools.product((10, 10**6), (1e-4, 0.05, 0.9))))
def test_nodes_hold_the_normal_and_the_mean(n: int, rho: float) -> None:
    for rate in (0.0, 0.02, 1.0):
        factor, mass = factor_nodes(n, rate, 0.02, rho)
        assert mass.sum() == pytest.approx(1.0, abs=1e-13)
        assert mass @ chance_in_state(0.02, factor, rho) == pytest.approx(0.02, rel=1e-12)


def test_correlation_goes_to_independence() -> None:
    plain, near = backtest(500, 9, 0.01), backtest(500, 9, 0.01, 1e-9)
    assert near.correlated_binomial.upper == pytest.approx(plain.binomial.upper, rel=1e-4)
    assert near.correlated_jeffreys.both == pytest.approx(plain.jeffreys.both, rel=1e-4)


def test_sum_of_grades_is_that_of_every_outcome() -> None:
    sizes, pds = [2, 3, 1], [0.1, 0.2, 0.4]
    start, mass = sum_distribution(sizes, pds)
    every = np.zeros(7)
    flat = np.repeat(pds, sizes)
    for outcome in itertools.product((0, 1), repeat=6):
        chance = math.prod(p if hit else 1.0 - p for p, hit in zip(flat, outcome, strict=True))
        every[sum(outcome)] += chance
    assert start == 0
    np.testing.assert_allclose(mass, every, rtol=1e-12)


def test_portfolio_comes_first_and_is_exact() -> None:
    n, d, pd = [200, 300, 100], [2, 9, 12], [0.01, 0.03, 0.1]
    found = grade_tests(n, d, pd)
    start, mass = sum_distribution(n, pd)
    at = sum(d) - start
    assert found.portfolio.binomial.upper == pytest.approx(mass[at:].sum(), rel=1e-12)
    # Hoeffding: one mean PD for all spreads wider, so it refuses no more often in the tail.
    wide = stats.binom.sf(60, 600, np.dot(n, pd) / 600)
    assert mass[61 - start :].sum() < wide
    assert [grade.defaults for grade in found.grades] == d
    assert found.grades[1].jeffreys == backtest(300, 9, 0.03).jeffreys
    correlated = grade_tests(n, d, pd, correlation=0.1)
    assert correlated.holm[2] > found.holm[2] - 1e-12


def test_holm_and_sidak() -> None:
    p = np.array([0.01, 0.04, 0.03, 0.005])
    from statsmodels.stats.multitest import multipletests

    np.testing.assert_allclose(holm_adjusted(p), multipletests(p, method="holm")[1], rtol=1e-12)
    np.testing.assert_allclose(sidak_adjusted(p), multipletests(p, method="sidak")[1], rtol=1e-12)
    assert sidak_adjusted([1.0, 1e-20]).tolist() == [1.0, 2e-20]
    assert holm_adjusted([]).size == 0


@given(st.integers(0, 60), st.integers(0, 60))
def test_share_interval_is_that_of_scipy(count: int, more: int) -> None:
    n = count + more
    found = share_interval(count, n)
    if n == 0:
        assert math.isnan(found.low)
        return
    other = stats.binomtest(count, n).proportion_ci(0.95, "exact")
    assert found.low == pytest.approx(other.low, abs=1e-12)
    assert found.high == pytest.approx(other.high, abs=1e-12)


@pytest.mark.parametrize(
    ("n", "d", "pd", "rho"),
    [(0, 0, 0.1, 0.0), (5, 6, 0.1, 0.0), (5, -1, 0.1, 0.0), (5, 1, 0.0, 0.0), (5, 1, 1.0, 0.0),
     (5, 1, 0.1, 1.0), (5, 1, 0.1, -0.1), (5, 1, math.nan, 0.0)],
)  # fmt: skip
def test_counts_outside_are_refused(n: int, d: int, pd: float, rho: float) -> None:
    with pytest.raises(ModelError):
        backtest(n, d, pd, rho)
