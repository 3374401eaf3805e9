"""Charge-offs of SBA loans by year of approval: correlation, forecasts of later cohorts.

A cohort is a fiscal year of approval; its count is the loans charged off within 36, 60 or
84 months of disbursement.  The cohort of year c is known for 60 months at the end of year
c + 5, for 36 months at the end of c + 3: no forecast uses a cohort before that.

The model: given the cohort's state Z the count is binomial with chance N(mu - sigma Z),
mu = N^-1(PD) / sqrt(1 - rho), sigma^2 = rho / (1 - rho); cohorts are independent.  They are
not (see `echo`), and the results say what that costs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special, stats

from riskengine.portfolio.asset_correlation import CorrelationEstimate, by_counts, by_moments
from riskengine.portfolio.exposures import Column
from riskengine.portfolio.mixtures import asset_correlation_of_joint

FILE = "sba7a_vintage_sector.parquet"
SECTORS = ("ALL", "11", "23", "62")
"""All, agriculture, construction, health: those published with the data, chosen before."""
KNOWN_AFTER = {36: 3, 60: 5}
"""Fiscal years from approval until the last loan of a cohort has reached the age."""
FEWEST = 4
"""Cohorts that a forecast needs."""
ENDS = 0.05, 0.95
MU, SIGMA = np.arange(-5.0, 1.01, 0.05), np.arange(0.02, 2.0, 0.04)
"""Grid of the posterior; mu and sigma are uniform before the data (Gelman, Bayesian
Analysis 1 (2006) 515: proper from three groups on)."""
SCORES = np.arange(-5.5, 2.0, 0.01)
"""Normal scores of the chance of charge-off at which its law is kept."""


@dataclass(frozen=True)
class History:
    """Cohorts of a sector at an age: years, loans at risk, charge-offs."""

    sector: str
    age: int
    years: Column
    at_risk: Column
    charged_off: Column

    @property
    def rates(self) -> Column:
        """Share charged off."""
        return self.charged_off / self.at_risk


def history(folder: Path, sector: str, age: int) -> History:
    """Read one; ALL is the sum of the sectors."""
    table = pd.read_parquet(folder / FILE)
    table = table[(table.age_months == age) & ((table.naics2 == sector) | (sector == "ALL"))]
    found = table.groupby("cohort_fy")[["n_at_risk", "n_chargeoffs"]].sum()
    years, columns = found.index.to_numpy(), found.to_numpy(float).T
    return History(sector, age, years, columns[0], columns[1])


def pooled(at_risk: Column, charged_off: Column) -> tuple[float, float]:
    """PD and correlation as published: loans weighed alike, and pairs of loans alike.

    PD = sum k / sum n; Phi2(c, c; rho) = sum k (k - 1) / sum n (n - 1).  Biased wherever
    sizes and rates of cohorts go together: a large cohort has n of the level's weight and
    n^2 of the pairs'.  See `bias`.
    """
    chance = float(charged_off.sum() / at_risk.sum())
    pairs = np.sum(charged_off * (charged_off - 1.0)) / np.sum(at_risk * (at_risk - 1.0))
    if pairs <= chance * chance:
        return chance, 0.0
    return chance, asset_correlation_of_joint(chance, chance, float(pairs))


@dataclass(frozen=True)
class Correlations:
    """Three estimates of one history, and how cohorts hang together."""

    of: History
    pooled: tuple[float, float]
    moments: CorrelationEstimate
    likelihood: CorrelationEstimate
    size_and_rate: float
    echo: float

    @property
    def overlapping_error(self) -> float:
        """Error of the correlation when cohorts follow a first-order autoregression.

        The variance of a sample variance grows by (1 + phi^2) / (1 - phi^2) (Bartlett,
        J. R. Stat. Soc. Suppl. 8 (1946) 27).
        """
        square = self.echo**2
        return self.likelihood.correlation_error * float(np.sqrt((1 + square) / (1 - square)))


def correlations(of: History) -> Correlations:
    """Estimate."""
    score = special.ndtri((of.charged_off + 0.5) / (of.at_risk + 1.0))
    return Correlations(
        of, pooled(of.at_risk, of.charged_off), by_moments(of.rates, of.at_risk),
        by_counts(of.charged_off, of.at_risk),
        float(stats.spearmanr(of.at_risk, of.rates).statistic),
        float(np.corrcoef(score[1:], score[:-1])[0, 1]),
    )  # fmt: skip


@dataclass(frozen=True)
class Bias:
    """Mean and spread over many drawn histories of each estimate of the correlation."""

    truth: float
    histories: int
    pooled: tuple[float, float]
    moments: tuple[float, float]
    likelihood: tuple[float, float]


def bias(
    sizes: Column, chance: float, correlation: float, *, link: float, histories: int, seed: int
) -> Bias:
    """Draw histories with a known correlation and the true sizes, and estimate it again.

    The sizes are dealt out to the states so that their rank correlation with the rates is
    ``link``; 0 deals them at random.
    """
    rng = np.random.Generator(np.random.Philox(seed))
    found = np.empty((histories, 3))
    level, root = special.ndtri(chance), np.sqrt(correlation)
    tie = 2.0 * np.sin(np.pi / 6.0 * link)  # Pearson's of a normal pair with this rank one
    for row in found:
        z = rng.standard_normal(sizes.size)
        order = -tie * z + np.sqrt(1.0 - tie * tie) * rng.standard_normal(sizes.size)
        at_risk = np.sort(sizes)[np.argsort(np.argsort(order))]
        rates = special.ndtr((level - root * z) / np.sqrt(1.0 - correlation))
        failed = rng.binomial(at_risk.astype(np.int64), rates).astype(float)
        row[0] = pooled(at_risk, failed)[1]
        row[1] = by_moments(failed / at_risk, at_risk).correlation
        row[2] = by_counts(failed, at_risk).correlation
    mean, spread = found.mean(axis=0), found.std(axis=0, ddof=1)
    each = [(float(m), float(s)) for m, s in zip(mean, spread, strict=True)]
    return Bias(correlation, histories, *each)


def cohort_fit(charged_off: float, at_risk: float) -> Column:
    """Log-likelihood of one cohort over the grid of mu and sigma, (mu, sigma)."""
    alive = at_risk - charged_off

    def height(u: Column) -> Column:
        return charged_off * special.log_ndtr(u) + alive * special.log_ndtr(-u)

    coarse = np.linspace(-9.0, 5.0, 7001)
    top = height(coarse).max()
    inside = coarse[height(coarse) > top - 35.0]
    u = np.linspace(inside[0] - 0.002, inside[-1] + 0.002, 301)
    mass = np.exp(height(u) - top) * (u[1] - u[0]) / np.sqrt(2.0 * np.pi)
    away = (u - MU[:, None, None]) / SIGMA[:, None]
    found: Column = np.exp(-0.5 * away * away) @ mass / SIGMA
    return top + np.log(np.maximum(found, 1e-300))


@dataclass(frozen=True)
class Predictive:
    """Law of the chance of charge-off of a cohort to come, over normal scores."""

    below: Column
    mean: float

    def at_most(self, count: float, at_risk: float) -> float:
        """P(K <= k): the mean of P(chance <= B), B beta (k + 1, n - k)."""
        if count < 0.0 or count >= at_risk:
            return float(count >= 0.0)
        nodes, weights = np.polynomial.legendre.leggauss(24)
        chance = special.betaincinv(count + 1.0, at_risk - count, 0.5 + 0.5 * nodes)
        return float(0.5 * weights @ np.interp(special.ndtri(chance), SCORES, self.below))

    def quantile(self, level: float, at_risk: float) -> int:
        """Smallest k with P(K <= k) >= level."""
        low, high = -1, int(at_risk)
        while high - low > 1:
            middle = (low + high) // 2
            reached = self.at_most(middle, at_risk) >= level
            low, high = (low, middle) if reached else (middle, high)
        return high


def predictive(fit: Column) -> Predictive:
    """Mix over the posterior of mu and sigma."""
    weight = np.exp(fit - fit.max())
    i, j = np.nonzero(weight > 1e-6)
    share = weight[i, j] / weight[i, j].sum()
    below = sum(
        share[part] @ special.ndtr((SCORES - MU[i[part], None]) / SIGMA[j[part], None])
        for part in np.array_split(np.arange(i.size), i.size // 512 + 1)
    )
    mean = share @ special.ndtr(MU[i] / np.sqrt(1.0 + SIGMA[j] ** 2))
    return Predictive(np.asarray(below), float(mean))


def plugged(estimate: CorrelationEstimate) -> Predictive:
    """Take the most likely parameters as if they were known."""
    root = np.sqrt(1.0 - estimate.correlation)
    sigma = max(np.sqrt(estimate.correlation) / root, 1e-3)
    mu = special.ndtri(estimate.default_chance) / root
    return Predictive(special.ndtr((SCORES - mu) / sigma), estimate.default_chance)


@dataclass(frozen=True)
class Forecast:
    """What was foreseen of a cohort and what came.

    ``known`` is the last cohort used, ``rank`` the probability integral transform
    P(K < k) + P(K = k) / 2.
    """

    cohort: int
    known: int
    at_risk: int
    charged_off: int
    mean: float
    low: int
    high: int
    rank: float
    plug_low: int
    plug_high: int

    @property
    def covered(self) -> bool:
        """Whether the 90 % interval held the count."""
        return self.low <= self.charged_off <= self.high

    @property
    def plug_covered(self) -> bool:
        """Whether the interval without the uncertainty of parameters did."""
        return self.plug_low <= self.charged_off <= self.plug_high


@dataclass(frozen=True)
class Forecasts:
    """Forecasts of a history.

    ``coming_of_age`` are made when the cohort before becomes known (the cohort is then
    nearly of age itself), ``at_approval`` when its loans are about to be approved, from
    cohorts known at the end of the year before.
    """

    of: History
    coming_of_age: tuple[Forecast, ...]
    at_approval: tuple[Forecast, ...]


def forecasts(of: History) -> Forecasts:
    """Forecast every cohort from those known then; nothing looks ahead."""
    fits = [cohort_fit(k, n) for k, n in zip(of.charged_off, of.at_risk, strict=True)]
    laws = {
        used: (
            predictive(np.sum(fits[:used], axis=0)),
            plugged(by_counts(of.charged_off[:used], of.at_risk[:used])),
        )
        for used in range(FEWEST, of.years.size)
    }

    def ahead(gap: int) -> Iterator[Forecast]:
        for place in range(FEWEST - 1 + gap, of.years.size):
            used = place - gap + 1
            yield forecast(of, place, used, *laws[used])

    late = tuple(ahead(KNOWN_AFTER[of.age] + 1))
    return Forecasts(of, tuple(ahead(1)), late)


def forecast(of: History, place: int, used: int, law: Predictive, plain: Predictive) -> Forecast:
    """Compare one cohort with its forecast from the first cohorts."""
    n, k = of.at_risk[place], of.charged_off[place]
    return Forecast(
        int(of.years[place]), int(of.years[used - 1]), int(n), int(k), float(n * law.mean),
        law.quantile(ENDS[0], n), law.quantile(ENDS[1], n),
        0.5 * (law.at_most(k, n) + law.at_most(k - 1, n)),
        plain.quantile(ENDS[0], n), plain.quantile(ENDS[1], n),
    )  # fmt: skip


def control(draws: int, seed: int) -> tuple[float, float, float]:
    """Forecast the ninth of nine drawn cohorts of 600 loans that do follow the model.

    Returns the shares inside the interval, with parameters uncertain and taken as known,
    and the mean rank: what a right forecast looks like.
    """
    rng, at_risk = np.random.Generator(np.random.Philox(seed)), np.full(9, 600.0)
    chance, rho = 0.04, 0.11
    found = np.empty((draws, 3))
    for row in found:
        z = rng.standard_normal(9)
        rates = special.ndtr((special.ndtri(chance) - np.sqrt(rho) * z) / np.sqrt(1.0 - rho))
        failed = rng.binomial(600, rates).astype(float)
        fit = np.sum([cohort_fit(k, 600.0) for k in failed[:8]], axis=0)
        plain = plugged(by_counts(failed[:8], at_risk[:8]))
        one = forecast(
            History("", 60, np.arange(9.0), at_risk, failed), 8, 8, predictive(fit), plain
        )
        row[:] = one.covered, one.plug_covered, one.rank
    covered, plain_covered, rank = found.mean(axis=0)
    return float(covered), float(plain_covered), float(rank)
