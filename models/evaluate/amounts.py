"""Tests of models of value and of recovery: level, order, quantiles, and who is nearer.

LGD and values are amounts, not classes: the mean must be right in money, the order
must find the losses, and a quantile must be passed as often as it says.

Source: ECB, Instructions for reporting the validation results of internal models
(2019), 2.6 (t-test of LGD); Li, Bhariok, Keenan and Santilli (2009), J. Risk Model
Validation 3 (loss capture); Koenker and Bassett (1978) (pinball loss); Wilcoxon
(1945).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from models.evaluate.brier import equal_count_groups
from models.evaluate.checks import (
    Array,
    Interval,
    Significance,
    fault,
    numbers,
    same_length,
    share_interval,
    weights,
)
from models.evaluate.paired import cluster_labels


@dataclass(frozen=True, slots=True)
class LevelTest:
    """Is the mean of realised less predicted zero.

    Parameters
    ----------
    n, clusters : int
        Rows, and units taken as independent.
    realised, predicted, difference : float
        Weighted means and realised less predicted [unit of the target]; above 0 the
        model is too low.
    interval : Interval
        Of the difference, by t.
    too_low, both : Significance
        t-test one-sided (the model understates) and two-sided.
    wilcoxon : Significance
        Signed ranks, two-sided: of the median where errors are symmetric, which
        those of LGD are not; read the t-test for the level.
    """

    n: int
    clusters: int
    realised: float
    predicted: float
    difference: float
    interval: Interval
    too_low: Significance
    both: Significance
    wilcoxon: Significance


@dataclass(frozen=True, slots=True)
class Level:
    """One group of a table of predicted against realised.

    Parameters
    ----------
    group, n : int
        Group by rising prediction from 0 on, rows.
    predicted, realised : float
        Means [unit of the target].
    interval : Interval
        Of the realised mean, by t; NaN with one row.
    """

    group: int
    n: int
    predicted: float
    realised: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class LossCapture:
    """How early an order by prediction finds the losses.

    Parameters
    ----------
    ratio : float
        Loss capture ratio: area above chance of this order over that of the best
        order, 1 at best, 0 by chance.
    share, captured, best : (n + 1,) float64
        Share of exposure, share of losses found in the model's order and in the
        best; ties of the prediction find theirs evenly.
    """

    ratio: float
    share: Array
    captured: Array
    best: Array


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often realised values lie where a quantile or an interval says.

    Parameters
    ----------
    group : str
        Group, ``all`` for every row.
    n, inside : int
        Rows, and those at or below the quantile, or inside the interval.
    coverage, wanted : float
        Share found and share promised [1].
    interval : Interval
        Clopper-Pearson, of the share.
    test : Significance
        Binomial, two-sided, mid-p.
    width : float
        Mean width of the interval [unit of the target]; NaN for a quantile.
    """

    group: str
    n: int
    inside: int
    coverage: float
    wanted: float
    interval: Interval
    test: Significance
    width: float


def level_test(
    realised: ArrayLike,
    predicted: ArrayLike,
    weight: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    confidence: float = 0.95,
) -> LevelTest:
    """t-test and Wilcoxon test of realised less predicted.

    Parameters
    ----------
    realised, predicted : (n,) array-like
        LGD, or log values [unit of the target].
    weight : (n,) array-like, optional
        Weights such as exposure [yuan], > 0: the mean is then in money.
    clusters : (n,) array-like, optional
        Place or year; errors inside one are added before the error is taken.
    confidence : float
        Confidence of the interval, in (0, 1).

    Returns
    -------
    LevelTest
        The tests; NaN with fewer than two units.

    Raises
    ------
    ModelError
        For numbers that are not finite, or unequal lengths.

    Notes
    -----
    Realised LGD above 1 or below 0 is left as it is: clipped values have another
    mean.
    """
    found, said = numbers(realised, "realised"), numbers(predicted, "predicted")
    same_length(realised=found, predicted=said)
    mass = weights(weight, found.size)
    mass = mass / mass.sum()
    error = found - said
    mean = float(mass @ error)
    label, units = cluster_labels(found.size, clusters)
    pulled = np.bincount(label, mass * (error - mean), minlength=units)
    spread = math.sqrt(float(pulled @ pulled) * units / (units - 1.0)) if units > 1 else math.nan
    t = mean / spread if spread > 0.0 else math.nan
    half = float(special.stdtrit(max(units - 1, 1), 0.5 + 0.5 * confidence)) * spread
    upper = float(special.stdtr(max(units - 1, 1), -t))
    both = 2.0 * float(special.stdtr(max(units - 1, 1), -abs(t)))
    signed = Significance("Wilcoxon signed ranks", 0.0, 1.0)
    if np.any(error != 0.0):
        ranks = stats.wilcoxon(error)
        signed = Significance("Wilcoxon signed ranks", float(ranks.statistic), float(ranks.pvalue))
    return LevelTest(
        found.size, units, float(mass @ found), float(mass @ said), mean,
        Interval(mean - half, mean + half, confidence, "t"),
        Significance("t, model too low", t, upper, units - 1),
        Significance("t, two-sided", t, both, units - 1),
        signed,
    )  # fmt: skip


def level_table(
    realised: ArrayLike, predicted: ArrayLike, groups: int = 10, confidence: float = 0.95
) -> tuple[Level, ...]:
    """Mean realised against mean predicted in groups of equal count.

    Parameters
    ----------
    realised, predicted : (n,) array-like
        As `level_test`.
    groups : int
        Groups wanted; ties of the prediction stay together.
    confidence : float
        Confidence, in (0, 1).

    Returns
    -------
    tuple of Level
        Groups by rising prediction.

    Raises
    ------
    ModelError
        As `level_test`.
    """
    found, said = numbers(realised, "realised"), numbers(predicted, "predicted")
    same_length(realised=found, predicted=said)
    label = equal_count_groups(said, groups)
    rows = []
    for group in range(int(label.max()) + 1):
        inside = found[label == group]
        mean, half = float(inside.mean()), math.nan
        if inside.size > 1:
            error = float(inside.std(ddof=1)) / math.sqrt(inside.size)
            half = float(special.stdtrit(inside.size - 1, 0.5 + 0.5 * confidence)) * error
        ends = Interval(mean - half, mean + half, confidence, "t")
        rows.append(Level(group, inside.size, float(said[label == group].mean()), mean, ends))
    return tuple(rows)


def loss_capture(
    realised: ArrayLike, predicted: ArrayLike, exposure: ArrayLike | None = None
) -> LossCapture:
    """Loss capture curve and ratio, the Gini of amounts.

    Parameters
    ----------
    realised, predicted : (n,) array-like
        Loss rates [1].
    exposure : (n,) array-like, optional
        Exposure at default [yuan], > 0; equal when left out.

    Returns
    -------
    LossCapture
        Ratio (NaN when all loss rates are equal, or losses do not add up to more
        than 0) and curves, highest prediction first.

    Raises
    ------
    ModelError
        As `level_test`, or for exposures that are not above 0.
    """
    found, said = numbers(realised, "realised"), numbers(predicted, "predicted")
    same_length(realised=found, predicted=said)
    mass = weights(exposure, found.size)
    total = float(mass @ found)
    share, captured = _captured(said, found, mass)
    best_share, best = _captured(found, found, mass)
    above = float(np.trapezoid(captured, share)) - 0.5
    possible = float(np.trapezoid(best, best_share)) - 0.5
    ratio = above / possible if total > 0.0 and possible > 1e-15 else math.nan
    return LossCapture(ratio, share, captured, np.interp(share, best_share, best))


def _captured(order_by: Array, loss: Array, mass: Array) -> tuple[Array, Array]:
    """Shares of exposure and of losses after each block of ties, highest first."""
    order = np.argsort(-order_by, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(order_by[order])), order.size - 1)
    share = np.cumsum(mass[order])[ends]
    captured = np.cumsum((mass * loss)[order])[ends]
    total = captured[-1] if captured[-1] != 0.0 else math.nan
    start = np.zeros(1)
    return np.concatenate((start, share / share[-1])), np.concatenate((start, captured / total))


def coverage(
    realised: ArrayLike,
    wanted: float,
    high: ArrayLike,
    low: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
) -> tuple[Coverage, ...]:
    """How often a quantile or an interval covers, in all rows and in each group.

    Parameters
    ----------
    realised : (n,) array-like
        What came [unit of the target].
    wanted : float
        Share promised: at or below ``high``, or inside both ends; in (0, 1).
    high, low : (n,) array-like
        Upper end, and lower end of an interval (left out for a quantile).
    groups : (n,) array-like, optional
        Group of each row.
    confidence : float
        Confidence of the interval of the share, in (0, 1).

    Returns
    -------
    tuple of Coverage
        ``all`` first, then the groups in rising order of their names.

    Raises
    ------
    ModelError
        For numbers that are not finite, unequal lengths, or ends that cross.
    """
    found, top = numbers(realised, "realised"), numbers(high, "high")
    bottom = np.full(top.size, -np.inf) if low is None else numbers(low, "low")
    same_length(realised=found, high=top, low=bottom)
    if np.any(bottom > top):
        raise fault(
            f"有 {np.count_nonzero(bottom > top)} 行下限高于上限",
            f"the lower end lies above the upper in {np.count_nonzero(bottom > top)} rows",
            "请先整理分位数使其不交叉", "put the quantiles in order first",
        )  # fmt: skip
    inside = (found >= bottom) & (found <= top)
    names = np.full(found.size, "") if groups is None else np.asarray(groups).astype(str)
    same_length(realised=found, groups=names)
    parts = [("all", np.ones(found.size, dtype=bool))]
    if groups is not None:
        parts += [(str(name), names == name) for name in np.unique(names)]
    rows = []
    for name, rows_of in parts:
        n, count = int(rows_of.sum()), int(inside[rows_of].sum())
        width = math.nan if low is None else float(np.mean((top - bottom)[rows_of]))
        ends = share_interval(count, n, confidence)
        rows.append(
            Coverage(name, n, count, count / n, wanted, ends, _share_test(count, n, wanted), width)
        )
    return tuple(rows)


def _share_test(count: int, n: int, wanted: float) -> Significance:
    """Two-sided mid-p binomial test of a share."""
    half = 0.5 * float(stats.binom.pmf(count, n, wanted))
    upper = float(stats.binom.sf(count, n, wanted)) + half
    lower = float(stats.binom.cdf(count, n, wanted)) - half
    return Significance("binomial, mid-p", count / n, min(1.0, 2.0 * min(upper, lower)))


def pinball_loss(realised: ArrayLike, quantile: ArrayLike, level: float) -> float:
    """Mean pinball loss of a quantile.

    Parameters
    ----------
    realised, quantile : (n,) array-like
        What came and the quantile said [unit of the target].
    level : float
        Level of the quantile, in (0, 1).

    Returns
    -------
    float
        Loss [unit of the target], >= 0; least for the true quantile.

    Raises
    ------
    ModelError
        For numbers that are not finite, or unequal lengths.

    Examples
    --------
    >>> pinball_loss([1.0, 3.0], [2.0, 2.0], 0.75)
    0.5
    """
    found, said = numbers(realised, "realised"), numbers(quantile, "quantile")
    same_length(realised=found, quantile=said)
    error = found - said
    return float(np.mean(np.maximum(level * error, (level - 1.0) * error)))
