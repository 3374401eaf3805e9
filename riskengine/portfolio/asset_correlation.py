"""Asset correlation and PD out of a history of yearly default rates, with standard errors.

Three roads to the same two numbers.  `by_moments`: PD and correlation with the mean and
the variance of the rates.  `by_rates`: the largest likelihood of the rates as those of
large pools.  `by_counts`: the largest likelihood of defaults among so many debts, which
knows that a rate of few debts scatters by itself.  Years are taken as independent.

Source: Gordy, J. Banking & Finance 24 (2000) 119, appendix C; Gordy & Heitfield, Federal
Reserve Board (2002); Duellmann & Trapp, Deutsche Bundesbank (2004); credit notes 4.1.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskengine.kernels.default_counts import count_likelihood_rows
from riskengine.portfolio.columns import column_table, within
from riskengine.portfolio.exposures import BookError, Column
from riskengine.portfolio.mixtures import correlation_of_excess
from riskengine.words import Text

MOST = 0.9999
"""Largest correlation that is looked for."""


@dataclass(frozen=True, slots=True)
class CorrelationEstimate:
    """PD and asset correlation of a history.

    Parameters
    ----------
    default_chance, correlation : float
        PD and asset correlation [1]; a correlation of 0 means that rates scatter no more
        than by chance.
    default_chance_error, correlation_error : float
        Standard errors [1]; NaN where the correlation is 0 (no interior maximum).
    log_likelihood : float
        At the estimate, without binomial coefficients; NaN for moments.
    years : int
        Years used.
    """

    default_chance: float
    correlation: float
    default_chance_error: float
    correlation_error: float
    log_likelihood: float
    years: int


def correlation_of_variance(default_chance: float, variance: float) -> float:
    """Asset correlation that gives the loss of a large pool a variance.

    Parameters
    ----------
    default_chance : float
        PD [1], in (0, 1).
    variance : float
        Variance of the default rate [1], any.

    Returns
    -------
    float
        rho [1] with Phi2(c, c; rho) - PD^2 = variance, c = N^-1(PD); 0 for a variance <= 0.

    Raises
    ------
    BookError
        If the PD is out of range, or the variance is PD (1 - PD) or more.

    Examples
    --------
    >>> round(correlation_of_variance(0.01, 0.009625651591**2), 9)
    0.1
    """
    given = column_table(default_chance=default_chance, variance=variance)
    within("default_chance", given[0], 0.0, 1.0, ends=False)
    if variance >= default_chance * (1.0 - default_chance):
        raise BookError(
            Text("违约率的方差不小于PD(1-PD)", "the variance of the rates reaches PD (1 - PD)"),
            Text("请检查违约率", "check the rates"),
        )
    if variance <= 0.0:
        return 0.0
    return correlation_of_excess(default_chance, default_chance, variance)


def by_moments(rates: ArrayLike, obligors: ArrayLike | None = None) -> CorrelationEstimate:
    """PD and correlation with the mean and variance of the rates.

    Parameters
    ----------
    rates : array-like
        Default rate of each year [1], in [0, 1]; three years or more.
    obligors : array-like or None
        Debts at the start of each year [count], >= 2: the scatter of a binomial is then
        taken off the variance.

    Returns
    -------
    CorrelationEstimate
        Errors by leaving out one year at a time (jackknife).

    Raises
    ------
    BookError
        If the rates are out of range, too few, or all 0 or all 1.

    Examples
    --------
    >>> found = by_moments([0.01, 0.02, 0.015, 0.04, 0.012])
    >>> round(found.default_chance, 4), round(found.correlation, 4)
    (0.0194, 0.0583)
    """
    given = _history(rates=rates, obligors=1.0 if obligors is None else obligors)
    if obligors is not None:
        within("obligors", given[1], 2.0, np.inf)

    def pair(rows: Column) -> tuple[float, float]:
        rate, count = rows
        mean, spread = float(rate.mean()), float(rate.var(ddof=1))
        if obligors is not None:
            # Var(d / n) = Var(L) + E[L (1 - L)] / n; d (n - d) / n (n - 1) estimates the mean.
            spread -= float(np.mean(rate * (1.0 - rate) / (count - 1.0)))
        if not 0.0 < mean < 1.0:
            return mean, 0.0
        return mean, correlation_of_variance(mean, min(spread, MOST * mean * (1.0 - mean)))

    mean, rho = pair(given)
    years = given.shape[1]
    others = np.array([pair(np.delete(given, k, axis=1)) for k in range(years)])
    error = np.sqrt((years - 1) * np.var(others, axis=0))
    known = rho > 0.0
    return CorrelationEstimate(
        mean, rho, float(error[0]), float(error[1]) if known else np.nan, np.nan, years
    )


def by_rates(rates: ArrayLike) -> CorrelationEstimate:
    """PD and correlation of the largest likelihood, each rate that of a very large pool.

    N^-1(rate) is normal with mean c / sqrt(1 - rho) and variance rho / (1 - rho).

    Parameters
    ----------
    rates : array-like
        Default rate of each year [1], in (0, 1); three years or more.

    Returns
    -------
    CorrelationEstimate
        In closed form, errors from the information matrix.

    Raises
    ------
    BookError
        If a rate is 0, 1 or out of range (use `by_counts`), or there are too few.

    Examples
    --------
    >>> found = by_rates([0.01, 0.02, 0.015, 0.04, 0.012])
    >>> round(found.default_chance, 4), round(found.correlation, 4)
    (0.0192, 0.0393)
    """
    from scipy.special import ndtr, ndtri

    rate = within("rates", _history(rates=rates)[0], 0.0, 1.0, ends=False)
    level, years = ndtri(rate), rate.size
    mean, spread = float(level.mean()), float(level.var())
    chance, rho = float(ndtr(mean / np.sqrt(1.0 + spread))), spread / (1.0 + spread)
    if spread == 0.0:
        return CorrelationEstimate(chance, 0.0, np.nan, np.nan, np.inf, years)
    # Delta method from Var(mean) = spread / T, Var(spread) = 2 spread^2 / T.
    point = mean / np.sqrt(1.0 + spread)
    slope = np.exp(-0.5 * point * point) / np.sqrt(2.0 * np.pi)
    by_mean, by_spread = 1.0 / np.sqrt(1.0 + spread), -0.5 * point / (1.0 + spread)
    error = slope * np.sqrt(by_mean**2 * spread / years + by_spread**2 * 2.0 * spread**2 / years)
    rho_error = np.sqrt(2.0 / years) * spread / (1.0 + spread) ** 2
    fit = -0.5 * years * (np.log(2.0 * np.pi * spread) + 1.0)
    fit += float(np.sum(0.5 * level * level)) + 0.5 * years * np.log(2.0 * np.pi)
    return CorrelationEstimate(
        chance, float(rho), float(error), float(rho_error), float(fit), years
    )


def by_counts(
    defaults: ArrayLike, obligors: ArrayLike, default_chance: ArrayLike | None = None
) -> CorrelationEstimate:
    """PD and correlation of the largest likelihood of default counts.

    Parameters
    ----------
    defaults : array-like
        Defaults of each year [count], in [0, obligors].
    obligors : array-like
        Debts at the start of each year [count], > 0; three years or more.
    default_chance : array-like or None
        PD of each year where it is known [1], in (0, 1): only the correlation is then
        estimated, and the PD reported is their mean.

    Returns
    -------
    CorrelationEstimate
        Errors from the curvature of the likelihood.

    Raises
    ------
    BookError
        If counts are out of range, too few, or nobody (or everybody) defaulted.

    Examples
    --------
    >>> found = by_counts([10, 22, 13, 41, 12], [1000] * 5)
    >>> round(found.default_chance, 4), round(found.correlation, 4)
    (0.0195, 0.039)
    """
    from scipy.optimize import minimize, minimize_scalar
    from scipy.special import ndtri

    known = default_chance is not None
    given = _history(
        defaults=defaults, obligors=obligors, default_chance=0.5 if default_chance is None else
        default_chance,
    )  # fmt: skip
    failed, count, chance = given
    within("obligors", count, 0.0, np.inf, low_end=False)
    within("obligors - defaults", count - failed, 0.0, np.inf)
    within("default_chance", chance, 0.0, 1.0, ends=False)
    pooled = float(failed.sum() / count.sum())
    if not known and not 0.0 < pooled < 1.0:
        raise BookError(
            Text("全部年份无违约或全部违约", "nobody or everybody defaulted in all years"),
            Text("请用低违约组合方法（Pluto-Tasche）", "use a method for low defaults"),
        )
    levels = ndtri(chance) if known else np.full(failed.size, ndtri(pooled))

    def fit(shift: float, rho: float) -> float:
        return float(count_likelihood_rows(failed, count, levels + shift, rho))

    if known:
        # In the log of rho / (1 - rho), between 1e-8 and 1 - 1e-4.
        found = minimize_scalar(
            lambda x: -fit(0.0, _share(x)), bounds=(-18.0, 9.0), method="bounded",
            options={"xatol": 1e-10},
        )  # fmt: skip
        best = np.array([0.0, _share(float(found.x))])
    else:
        start = np.array([0.0, np.log(0.1)])
        found = minimize(  # type: ignore[call-overload]
            lambda x: -fit(x[0], _share(x[1])) if abs(x[1]) < 20.0 else np.inf, start,
            method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 2000},
        )  # fmt: skip
        best = np.array([found.x[0], _share(float(found.x[1]))])
    return _estimate(fit, levels, best, known, float(chance.mean()), pooled)


def _share(x: float) -> float:
    """Correlation by its log odds."""
    return float(1.0 / (1.0 + np.exp(-x)))


def _estimate(
    fit: Callable[[float, float], float], levels: Column, best: Column, known: bool,
    mean_chance: float, pooled: float,
) -> CorrelationEstimate:  # fmt: skip
    """Estimate with errors; a correlation that gains nothing over 0 is 0."""
    from scipy.special import ndtr

    top, flat = fit(*best), fit(0.0, 0.0)
    if best[1] < 1e-6 or top <= flat + 1e-9:
        chance = mean_chance if known else pooled
        return CorrelationEstimate(chance, 0.0, np.nan, np.nan, flat, levels.size)
    if known:
        step = np.array([0.0, 1e-3 * best[1] * (1.0 - best[1])])
        bend = (fit(*(best + step)) - 2.0 * top + fit(*(best - step))) / step[1] ** 2
        error = float(np.sqrt(-1.0 / bend))
        return CorrelationEstimate(mean_chance, float(best[1]), 0.0, error, top, levels.size)
    steps = np.diag([2e-3, 2e-3 * best[1] * (1.0 - best[1])])
    bend = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            corners = [fit(*(best + a * steps[i] + b * steps[j])) for a in (1, -1) for b in (1, -1)]
            turn = corners[0] - corners[1] - corners[2] + corners[3]
            bend[i, j] = turn / (4.0 * steps[i, i] * steps[j, j])
    spread = np.linalg.inv(-bend)
    point = float(levels[0] + best[0])
    slope = float(np.exp(-0.5 * point * point) / np.sqrt(2.0 * np.pi))
    return CorrelationEstimate(
        float(ndtr(point)), float(best[1]), slope * float(np.sqrt(spread[0, 0])),
        float(np.sqrt(spread[1, 1])), top, levels.size,
    )  # fmt: skip


def _history(**columns: ArrayLike) -> Column:
    """Columns of a history of three years or more."""
    given = column_table(**columns)
    for name in columns.keys() & {"rates"}:
        within(name, given[list(columns).index(name)], 0.0, 1.0)
    for name in columns.keys() & {"defaults"}:
        within(name, given[list(columns).index(name)], 0.0, np.inf)
    if given.shape[1] < 3:
        raise BookError(
            Text(f"只有{given.shape[1]}年", f"a history of {given.shape[1]} years says nothing"),
            Text("至少需要三年", "give three years or more"),
        )
    return given
