"""SBA cohorts: published correlations reproduced and corrected, later cohorts foreseen.

The table published with the data pools loans: PD = sum k / sum n, and the chance that two
loans of a cohort are both charged off = sum k (k - 1) / sum n (n - 1).  All its figures are
reproduced.  But pairs weigh a cohort by n^2 and the level by n.  In agriculture the large
cohorts are the good ones (rank correlation -0.56 at 60 months), so pairs see little of the
crisis: rho 0.035, where cohorts weighed alike give 0.12 and the likelihood 0.11.  In all
sectors the large cohorts are the bad ones (+0.63), and pooling overstates: 0.31 against
0.13 to 0.19.  Drawn histories of known correlation 0.12 show the same (`test_bias`).

Forecasts hold their interval and are wrong all the same: see `test_what_fails`.
"""

import math

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from riskengine.kernels.default_counts import log_count_likelihood
from riskengine.portfolio.asset_correlation import CorrelationEstimate
from riskengine.portfolio.homogeneous import default_count
from tests.realdata import sba_cohorts, sba_money
from tests.realdata.sba_cohorts import MU, SIGMA, History

PUBLISHED = {
    ("ALL", 36): ("4.25", ".238"), ("ALL", 60): ("9.94", ".310"), ("ALL", 84): ("13.8", ".283"),
    ("11", 36): ("0.89", ".039"), ("11", 60): ("3.38", ".035"), ("11", 84): ("5.86", ".026"),
    ("23", 36): (None, ".258"), ("23", 60): (None, ".386"), ("23", 84): (None, ".363"),
    ("62", 36): (None, ".134"), ("62", 60): (None, ".161"), ("62", 84): (None, ".135"),
}  # fmt: skip
"""sba7a_vintage_sector.md: PD [%] and rho as printed."""


@pytest.mark.parametrize(("sector", "age"), PUBLISHED)
def test_published_table(shared_data, sector: str, age: int) -> None:
    of = sba_cohorts.history(shared_data, sector, age)
    chance, rho = sba_cohorts.pooled(of.at_risk, of.charged_off)
    told_chance, told_rho = PUBLISHED[sector, age]
    assert f"{rho:.3f}"[1:] == told_rho
    if told_chance is not None:
        places = len(told_chance.split(".")[1])
        assert f"{100.0 * chance:.{places}f}" == told_chance


@pytest.mark.parametrize("age", [36, 60, 84])
def test_agriculture_is_no_exception(shared_data, age: int) -> None:
    """Weighed alike, agriculture is as correlated as the rest, not a third or a fifth of it."""
    found = sba_cohorts.correlations(sba_cohorts.history(shared_data, "11", age))
    for estimate in (found.moments, found.likelihood):
        assert 0.09 < estimate.correlation < 0.125
        assert estimate.correlation > 2.3 * found.pooled[1]
    every = sba_cohorts.correlations(sba_cohorts.history(shared_data, "ALL", age))
    apart = found.likelihood.correlation - every.likelihood.correlation
    assert abs(apart) < found.likelihood.correlation_error
    assert every.pooled[1] > 1.4 * every.moments.correlation
    assert found.size_and_rate < 0.0 < every.size_and_rate
    # Neighbours echo: twice the error that independent cohorts would have.
    assert 0.65 < found.echo < 0.85
    assert 1.5 < found.overlapping_error / found.likelihood.correlation_error < 2.5


def test_likelihood_by_a_second_route(shared_data) -> None:
    """Simpson's rule over the normal score and a plain search find the same maximum."""
    of = sba_cohorts.history(shared_data, "11", 60)
    found = sba_cohorts.correlations(of).likelihood

    def misfit(x: np.ndarray) -> float:
        mu, sigma = x
        return -sum(one(k, n, mu, sigma) for k, n in zip(of.charged_off, of.at_risk, strict=True))

    best = optimize.minimize(misfit, [-1.8, 0.4], method="Nelder-Mead", options={"xatol": 1e-4})
    spread = best.x[1] ** 2
    assert found.correlation == pytest.approx(spread / (1.0 + spread), rel=2e-3)
    chance = stats.norm.cdf(best.x[0] / math.sqrt(1.0 + spread))
    assert found.default_chance == pytest.approx(chance, rel=1e-3)
    assert found.log_likelihood == pytest.approx(-best.fun, abs=1e-5)


def one(k: float, n: float, mu: float, sigma: float) -> float:
    """Log-likelihood of a cohort; the top is taken out and put back."""
    middle = stats.norm.ppf((k + 0.5) / (n + 1.0))
    u = np.linspace(middle - 1.5, middle + 1.5, 1501)
    fit = k * stats.norm.logcdf(u) + (n - k) * stats.norm.logsf(u)
    area = integrate.simpson(np.exp(fit - fit.max() - 0.5 * ((u - mu) / sigma) ** 2), x=u)
    return float(fit.max() + math.log(area / (sigma * math.sqrt(2.0 * math.pi))))


@pytest.mark.parametrize(
    ("sector", "chance", "link", "way", "histories"),
    [("11", 0.04, -0.56, -1.0, 25), ("ALL", 0.08, 0.63, 1.0, 60)],
)
def test_bias(
    shared_data, sector: str, chance: float, link: float, way: float, histories: int
) -> None:
    """Known correlation 0.12, true sizes linked to rates as in the data: pooling is biased.

    Down by more than half for agriculture, up by a third for all sectors; the others are
    low by a tenth, as 20 cohorts make them.  RESULTS.md has 200 histories.
    """
    of = sba_cohorts.history(shared_data, sector, 60)
    found = sba_cohorts.bias(of.at_risk, chance, 0.12, link=link, histories=histories, seed=5)
    root = math.sqrt(histories)
    mean, spread = found.pooled
    assert way * (mean - found.truth) > 3.0 * spread / root
    for mean, spread in (found.moments, found.likelihood):
        assert abs(mean - 0.9 * found.truth) < 3.0 * spread / root


def test_an_echo_hides_scatter() -> None:
    """An autoregression of 0.8 over 20 cohorts: a third of the variance is not seen."""
    rng, echo = np.random.default_rng(3), 0.8
    x = rng.standard_normal((4000, 20))
    for t in range(1, 20):
        x[:, t] = echo * x[:, t - 1] + math.sqrt(1.0 - echo * echo) * x[:, t]
    assert np.var(x, axis=1, ddof=1).mean() == pytest.approx(0.67, abs=0.02)


@pytest.mark.parametrize(("k", "n"), [(0, 470), (1, 535), (48, 462), (24441, 88270)])
def test_grid_is_the_kernel(k: int, n: int) -> None:
    grid = sba_cohorts.cohort_fit(k, n)
    near = int(np.argmin(np.abs(MU - stats.norm.ppf((k + 0.5) / (n + 1.0)))))
    for i in (near - 8, near, near + 8):
        for j in (2, 9, 30):
            share = SIGMA[j] ** 2 / (1.0 + SIGMA[j] ** 2)
            want = log_count_likelihood(float(k), float(n), MU[i] * math.sqrt(1.0 - share), share)
            assert grid[i, j] == pytest.approx(want, abs=1e-3)


def test_predictive_is_the_exact_pool() -> None:
    """With parameters known the law of the count is that of the engine's equal names."""
    estimate = CorrelationEstimate(0.04, 0.11, math.nan, math.nan, math.nan, 20)
    law, pool = sba_cohorts.plugged(estimate), default_count(462, 0.11, default_chance=0.04)
    for count in (0, 2, 10, 48, 120):
        assert law.at_most(count, 462) == pytest.approx(pool.at_most(count), abs=2e-4)
    assert law.quantile(0.95, 462) == pool.quantile(0.95)
    mixed = sba_cohorts.predictive(np.log(two_points()))
    parts = [
        default_count(300, s * s / (1 + s * s), threshold=m / math.sqrt(1 + s * s)).at_most(9)
        for m, s in ((MU[60], SIGMA[7]), (MU[70], SIGMA[12]))
    ]
    assert mixed.at_most(9, 300) == pytest.approx(0.25 * parts[0] + 0.75 * parts[1], abs=2e-4)


def two_points() -> np.ndarray:
    weight = np.full((MU.size, SIGMA.size), 1e-300)
    weight[60, 7], weight[70, 12] = 1.0, 3.0
    return weight


def test_forecasts_hold_where_the_model_does() -> None:
    """A few drawn histories; RESULTS.md has 200."""
    covered, plain, rank = sba_cohorts.control(10, seed=2)
    assert covered >= 0.8
    assert plain <= covered
    assert abs(rank - 0.5) < 3.0 / math.sqrt(12.0 * 10.0)


def test_nothing_looks_ahead(shared_data) -> None:
    """Later counts change no earlier forecast."""
    of = sba_cohorts.history(shared_data, "11", 60)
    short = History(of.sector, of.age, of.years[:7], of.at_risk[:7], of.charged_off[:7])
    other = History(of.sector, of.age, of.years[:7], of.at_risk[:7], of.charged_off[:7].copy())
    other.charged_off[6] = 300.0
    some, more = sba_cohorts.forecasts(short), sba_cohorts.forecasts(other)
    assert some.coming_of_age[:2] == more.coming_of_age[:2]
    last, changed = some.coming_of_age[2], more.coming_of_age[2]
    assert (last.mean, last.low, last.high) == (changed.mean, changed.low, changed.high)
    assert (last.cohort, last.known) == (2007, 2006)
    assert last.rank < changed.rank and not changed.covered
    assert some.at_approval == ()  # 2007 was approved before 2002 was known


@pytest.fixture(scope="module")
def agriculture(shared_data):
    return sba_cohorts.forecasts(sba_cohorts.history(shared_data, "11", 60))


def test_agriculture_beside_what_came(agriculture) -> None:
    ahead = {x.cohort: x for x in agriculture.coming_of_age}
    assert (min(ahead), max(ahead)) == (2005, 2020)
    first = ahead[2005]
    assert (first.known, first.charged_off) == (2004, 38)
    assert first.mean == pytest.approx(28.0, abs=1.0)
    assert sum(x.covered for x in ahead.values()) == 15
    assert [x.cohort for x in ahead.values() if not x.covered] == [2019]
    # Parameters taken as known would have promised too much.
    assert sum(x.plug_covered for x in ahead.values()) == 11
    assert not ahead[2005].plug_covered and not ahead[2006].plug_covered
    early = agriculture.at_approval
    assert (early[0].cohort, early[0].known) == (2010, 2004)
    assert (sum(x.covered for x in early), len(early)) == (9, 11)
    assert sum(x.plug_covered for x in early) == 3


def test_what_fails(agriculture) -> None:
    """Ranks are no uniform numbers: high into the crisis, low in all the years after."""
    ranks = np.array([x.rank for x in agriculture.coming_of_age])
    assert np.all(ranks[:4] > 0.8)
    assert np.all(ranks[4:] < 0.35)
    assert stats.kstest(ranks, "uniform").pvalue < 0.01
    assert np.mean([x.rank for x in agriculture.at_approval]) < 0.15
    wide = [(x.high - x.low) / max(x.charged_off, 1) for x in agriculture.coming_of_age]
    assert min(wide[5:]) > 4.0


def test_money(shared_data) -> None:
    """Dollars of 2006, the last cohort with amounts, from earlier ones; net loss of later ones."""
    every = sba_cohorts.history(shared_data, "ALL", 60)
    found = sba_money.gross(shared_data, every, 2006)
    assert found.mean == pytest.approx(721e6, rel=0.01)
    assert found.realised == pytest.approx(1125e6, rel=0.001)
    assert found.low < found.realised < found.high
    assert found.realised_error < 0.06 * found.realised
    farms = sba_cohorts.history(shared_data, "11", 60)
    found = sba_money.gross(shared_data, farms, 2006)
    assert (found.behind, found.sampled) == (8, 53)
    assert found.low < found.realised < found.mean < found.high
    lost, recovery = sba_money.net(shared_data, farms, 2020)
    assert recovery == pytest.approx((36.98 + 34.33 + 37.23 + 38.60 + 37.22) / 500.0)
    assert lost.low < lost.realised < lost.mean
    assert sba_money.net(shared_data, farms, 2016)[1] == pytest.approx(0.3698)


def test_the_sample_is_of_the_same_loans(shared_data) -> None:
    """Weighted, the sample has the cohorts' counts within a sixth (it draws 9.5 % of them)."""
    every = sba_cohorts.history(shared_data, "ALL", 60)
    loans = sba_money.charge_offs(shared_data, "ALL")
    for cohort in (2002, 2003, 2004, 2005, 2006):
        sampled = np.sum((loans.cohort == cohort) & (loans.months <= 60.0))
        counted = every.charged_off[every.years == cohort][0]
        assert sampled * 157_558 / 15_000 == pytest.approx(counted, rel=1.0 / 6.0)
