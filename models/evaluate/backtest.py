"""Did a grade default more often than its PD says: counts against a probability.

The upper p-value is the one of supervision (PD too low), the lower one says PD too
high, the two-sided one asks whether the PD is right.  A one-sided test that passes
does not say that a model is calibrated.

Correlated forms: all loans of a year share one normal factor, so that the default
rate is p(y) = N((N^-1(PD) - sqrt(rho) y) / sqrt(1 - rho)); weather and prices make
independent tests refuse good models.  Both are reported.

Source: BCBS Working Paper 14 (2005); ECB, Instructions for reporting the validation
results of internal models (2019), 2.5.3 (Jeffreys); Vasicek (2002); Holm (1979).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from models.checks import Floats, numbers, probabilities, same_length
from models.evaluate.answers import share_interval
from models.quadrature import REACH, normal_nodes
from riskengine.appraisal.intervals import Interval
from riskengine.credit.cycle import chance_in_state
from riskengine.drift import holm_adjusted
from riskengine.errors import ModelError
from riskengine.words import Text

NODES = 32
"""Nodes of each panel of the factor."""


@dataclass(frozen=True, slots=True)
class Tails:
    """p-values of one test in three directions.

    Parameters
    ----------
    upper, lower, both : float
        Against a PD too low, too high, and wrong either way, in [0, 1].
    """

    upper: float
    lower: float
    both: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """Tests of one PD against its defaults.

    Parameters
    ----------
    n, defaults, pd, rate : float
        Loans, defaults, probability tested, observed rate [1].
    interval : Interval
        Clopper-Pearson interval of the rate.
    binomial : Tails
        Exact; conservative, because counts jump.
    jeffreys : Tails
        Posterior mass of Beta(D + 1/2, n - D + 1/2) below and above the PD.
    normal_z : float
        (D - n PD) / sqrt(n PD (1 - PD)) [1].
    normal : Tails
        Of that z; rough when n PD (1 - PD) is below about 10.
    correlation : float
        Asset correlation of the two below, in [0, 1).
    correlated_binomial, correlated_jeffreys : Tails
        The same with one common factor.
    """

    n: float
    defaults: float
    pd: float
    rate: float
    interval: Interval
    binomial: Tails
    jeffreys: Tails
    normal_z: float
    normal: Tails
    correlation: float
    correlated_binomial: Tails
    correlated_jeffreys: Tails


@dataclass(frozen=True, slots=True)
class GradeTests:
    """Tests of a rating scale: the portfolio first, then its grades.

    Parameters
    ----------
    portfolio : Backtest
        All grades together at their mean PD.  Its binomial tails are of the exact
        distribution of the sum; the others take one PD for all, which spreads a
        little wider (Hoeffding 1956) and errs on the side of keeping the null.
    grades : tuple of Backtest
        Each grade.
    holm, sidak : (grades,) float64
        Two-sided Jeffreys p-values (the correlated ones when the correlation is
        above 0) adjusted for the number of grades.
    holm_upper, sidak_upper : (grades,) float64
        The same for PD too low.
    """

    portfolio: Backtest
    grades: tuple[Backtest, ...]
    holm: Floats
    sidak: Floats
    holm_upper: Floats
    sidak_upper: Floats


def _tails(upper: float, lower: float) -> Tails:
    """Three directions from two; twice the smaller, at most 1."""
    return Tails(float(upper), float(lower), float(min(1.0, 2.0 * min(upper, lower))))


def _binomial_upper(count: Floats, n: Floats, p: Floats) -> Floats:
    """P(X >= count), by the incomplete beta function."""
    inside = special.betainc(np.maximum(count, 1.0), n - np.maximum(count, 1.0) + 1.0, p)
    return np.where(count <= 0.0, 1.0, inside)


def _binomial_lower(count: Floats, n: Floats, p: Floats) -> Floats:
    """P(X <= count)."""
    least = np.minimum(count, n - 1.0)
    return np.where(count >= n, 1.0, special.betaincc(least + 1.0, n - least, p))


def factor_nodes(n: float, rate: float, pd: float, correlation: float) -> tuple[Floats, Floats]:
    """Nodes and weights for integrals over the factor, dense where the count turns.

    Parameters
    ----------
    n, rate : float
        Loans and the rate at which the integrand turns [1].
    pd : float
        Long-run probability [1], in (0, 1).
    correlation : float
        Asset correlation [1], in (0, 1).

    Returns
    -------
    tuple of (k,) float64
        As `models.quadrature.normal_nodes`, on panels split around the factor at which
        the rate would be ``rate``.
    """
    rate = min(max(rate, 0.5 / n), 1.0 - 0.5 / n)
    root = math.sqrt(correlation)
    turn = (special.ndtri(pd) - math.sqrt(1.0 - correlation) * special.ndtri(rate)) / root
    slope = root / math.sqrt(1.0 - correlation)
    density = math.exp(-0.5 * special.ndtri(rate) ** 2) / math.sqrt(2.0 * math.pi)
    width = math.sqrt(rate * (1.0 - rate) / n) / (slope * density)
    steps = width * np.array([0.5, 1.0, 2.0, 4.0, 8.0])
    cuts = np.concatenate((np.linspace(-REACH, REACH, 11), turn - steps, turn + steps, [turn]))
    return normal_nodes(np.unique(np.clip(cuts, -REACH, REACH)), NODES)


def backtest(n: int, defaults: int, pd: float, correlation: float = 0.0) -> Backtest:
    """Exact, Jeffreys and normal tests of a PD, with and without correlation.

    Parameters
    ----------
    n : int
        Loans, >= 1.
    defaults : int
        Defaults among them, in [0, n].
    pd : float
        Probability tested [1], in (0, 1).
    correlation : float
        Asset correlation [1], in [0, 1); 0 makes both forms equal.

    Returns
    -------
    Backtest
        The tests.

    Raises
    ------
    ModelError
        If an argument lies outside.

    Notes
    -----
    The correlated Jeffreys test integrates the posterior mass below p(y) over the
    factor: the chance that this year's rate was below what the PD gives this year.
    It is Jeffreys' own at correlation 0.

    Examples
    --------
    >>> found = backtest(1000, 12, 0.01)
    >>> round(found.jeffreys.upper, 9), round(found.binomial.upper, 9)
    (0.252381226, 0.302649914)
    """
    if not (n >= 1 and 0 <= defaults <= n and 0.0 < pd < 1.0 and 0.0 <= correlation < 1.0):
        raise ModelError(
            Text(
                f"户数 {n}、违约 {defaults}、PD {pd:g} 或相关系数 {correlation:g} 超出范围",
                f"loans {n}, defaults {defaults}, PD {pd:g} or correlation {correlation:g} is out"
                " of range",
            ),
            Text(
                "户数至少 1，违约在 0 与户数之间，PD 在 (0, 1)，相关系数在 [0, 1)",
                "loans >= 1, defaults between 0 and loans, PD in (0, 1), correlation in [0, 1)",
            ),
        )
    size, count, at = float(n), float(defaults), np.asarray(pd)
    rate = count / size
    z = (count - size * pd) / math.sqrt(size * pd * (1.0 - pd))
    binomial, jeffreys = _pair(size, count, at, np.ones(1))
    correlated = binomial, jeffreys
    if correlation > 0.0:
        factor, mass = factor_nodes(size, rate, pd, correlation)
        correlated = _pair(size, count, chance_in_state(pd, factor, correlation), mass)
    return Backtest(
        size, count, float(pd), rate, share_interval(count, size), binomial, jeffreys, z,
        _tails(special.ndtr(-z), special.ndtr(z)), float(correlation), *correlated,
    )  # fmt: skip


def _pair(n: float, count: float, p: Floats, mass: Floats) -> tuple[Tails, Tails]:
    """Binomial and Jeffreys tails averaged over default rates p of the given mass."""
    binomial = _tails(
        min(np.sum(mass * _binomial_upper(np.asarray(count), np.asarray(n), p)), 1.0),
        min(np.sum(mass * _binomial_lower(np.asarray(count), np.asarray(n), p)), 1.0),
    )
    ends = count + 0.5, n - count + 0.5
    jeffreys = _tails(
        min(np.sum(mass * special.betainc(*ends, p)), 1.0),
        min(np.sum(mass * special.betaincc(*ends, p)), 1.0),
    )
    return binomial, jeffreys


def sum_distribution(n: ArrayLike, pd: ArrayLike) -> tuple[int, Floats]:
    """Distribution of the defaults of independent grades.

    Parameters
    ----------
    n : (grades,) array-like
        Loans of each grade.
    pd : (grades,) array-like
        Their PDs [1], in (0, 1).

    Returns
    -------
    tuple of int and (k,) float64
        Smallest count kept and the probabilities from it on.  Counts further than
        40 standard deviations (and 60 loans) from a grade's mean are left out.
    """
    start, whole = 0, np.ones(1)
    for size, p in zip(np.asarray(n, dtype=np.float64), np.asarray(pd, dtype=float), strict=True):
        reach = 60.0 + 40.0 * math.sqrt(size * p * (1.0 - p))
        low, high = max(0.0, math.floor(size * p - reach)), min(size, math.ceil(size * p + reach))
        count = np.arange(low, high + 1.0)
        ways = special.gammaln(size + 1) - special.gammaln(count + 1)
        ways -= special.gammaln(size - count + 1)
        mass = np.exp(ways + special.xlogy(count, p) + special.xlog1py(size - count, -p))
        whole, start = np.convolve(whole, mass), start + int(low)
    return start, whole / whole.sum()


def sidak_adjusted(p_values: ArrayLike) -> Floats:
    """Sidak's p-values: 1 - (1 - p)^k, for independent tests.

    Parameters
    ----------
    p_values : (k,) array-like
        p-values [1], in [0, 1].

    Returns
    -------
    (k,) float64
        Adjusted [1].

    Examples
    --------
    >>> sidak_adjusted([0.01, 0.04]).round(4).tolist()
    [0.0199, 0.0784]
    """
    p = np.asarray(p_values, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.asarray(-np.expm1(p.size * np.log1p(-p)))


def grade_tests(
    n: ArrayLike, defaults: ArrayLike, pd: ArrayLike, correlation: float = 0.0
) -> GradeTests:
    """Back-test a rating scale: portfolio first, then every grade, adjusted.

    Parameters
    ----------
    n, defaults, pd : (grades,) array-like
        Loans, defaults and PD of each grade; grades without loans are left out by
        the caller.
    correlation : float
        Asset correlation [1], in [0, 1).

    Returns
    -------
    GradeTests
        Portfolio, grades, Holm and Sidak.

    Raises
    ------
    ModelError
        As `backtest`.
    """
    size, count, p = (
        numbers(n, "n"),
        numbers(defaults, "defaults"),
        probabilities(pd, "pd", open_ends=True),
    )
    same_length(n=size, defaults=count, pd=p)
    grades = tuple(backtest(a, b, c, correlation) for a, b, c in zip(size, count, p, strict=True))
    total, mean = size.sum(), float(np.sum(size * p) / size.sum())
    whole = backtest(total, count.sum(), mean, correlation)
    start, mass = sum_distribution(size, p)
    at = int(count.sum()) - start
    exact = _tails(mass[max(at, 0) :].sum(), mass[: max(at + 1, 0)].sum())
    portfolio = Backtest(
        whole.n, whole.defaults, whole.pd, whole.rate, whole.interval, exact, whole.jeffreys,
        whole.normal_z, whole.normal, whole.correlation,
        exact if correlation == 0.0 else whole.correlated_binomial, whole.correlated_jeffreys,
    )  # fmt: skip
    both = np.array([grade.correlated_jeffreys.both for grade in grades])
    upper = np.array([grade.correlated_jeffreys.upper for grade in grades])
    return GradeTests(
        portfolio, grades, holm_adjusted(both), sidak_adjusted(both),
        holm_adjusted(upper), sidak_adjusted(upper),
    )  # fmt: skip
