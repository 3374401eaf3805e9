"""Does the score put bad loans above good ones: AUC and Gini with their error.

Scores rise with risk (log odds of bad, or PD).  Ties count half.  Weights are
sampling weights: an estimate for the population that they stand for, with the
standard error of the sample at hand.

Source: DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845 (placement
values); Hanley and McNeil (1982), Radiology 143, 29-36 (planning).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from models.evaluate.checks import (
    Array,
    Interval,
    Significance,
    fault,
    normal_quantile,
    numbers,
    outcomes,
    same_length,
    two_sided,
    weights,
)


@dataclass(frozen=True, slots=True)
class Auc:
    """Area under the ROC curve with its error.

    Parameters
    ----------
    auc, gini, standard_error : float
        Area in [0, 1], 2 area - 1, DeLong standard error of the area [1].
    interval : Interval
        Interval of the area.
    n, bads : int
        Loans and bad ones among them.
    test : Significance
        Against an area of one half.
    """

    auc: float
    gini: float
    standard_error: float
    interval: Interval
    n: int
    bads: int
    test: Significance


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two correlated areas and the test of their difference.

    Parameters
    ----------
    first, second, difference, standard_error : float
        Areas, first minus second, and the standard error of that [1].
    interval : Interval
        Interval of the difference.
    correlation : float
        Correlation of the two estimates, in [-1, 1].
    test : Significance
        Against equal areas.
    n, bads : int
        Loans and bad ones among them.
    """

    first: float
    second: float
    difference: float
    standard_error: float
    interval: Interval
    correlation: float
    test: Significance
    n: int
    bads: int


def placements(y: Array, score: Array, weight: Array) -> tuple[Array, Array, float]:
    """Placement values of each bad among the goods and of each good among the bads.

    Parameters
    ----------
    y, score, weight : (n,) float64
        Outcomes, scores, weights; checked already.

    Returns
    -------
    tuple of (bads,) and (goods,) float64 and float
        Share of goods below each bad, share of bads above each good, ties half; and
        the area, which without weights is summed in whole halves, so that the order
        of the rows changes no bit.
    """
    bad = y == 1.0
    values, pairs = [], []
    for inside, other in ((bad, ~bad), (~bad, bad)):
        order = np.argsort(score[other], kind="stable")
        ranked = score[other][order]
        mass = np.concatenate(([0.0], np.cumsum(weight[other][order])))
        low = mass[np.searchsorted(ranked, score[inside], "left")]
        high = mass[np.searchsorted(ranked, score[inside], "right")]
        values.append(0.5 * (low + high) / mass[-1])
        pairs.append(float(np.sum(0.5 * weight[inside] * (low + high))))
    return values[0], 1.0 - values[1], pairs[0] / float(weight[bad].sum() * weight[~bad].sum())


def checked(y: ArrayLike, score: ArrayLike, weight: ArrayLike | None) -> tuple[Array, ...]:
    """Outcomes, scores and weights of equal length.

    Parameters
    ----------
    y, score : (n,) array-like
        Outcomes (1 bad) and scores [any unit].
    weight : (n,) array-like or None
        Sampling weights [1], > 0.

    Returns
    -------
    tuple of three (n,) float64
        The three, checked.

    Raises
    ------
    ModelError
        For one class only, numbers that are not finite, or unequal lengths.
    """
    outcome, ranks = outcomes(y), numbers(score, "score")
    same_length(y=outcome, score=ranks)
    return outcome, ranks, weights(weight, outcome.size)


def delong(
    y: ArrayLike, scores: list[ArrayLike], weight: ArrayLike | None = None
) -> tuple[Array, Array]:
    """Areas of several scores of the same loans, and their covariance.

    Parameters
    ----------
    y : (n,) array-like
        Outcomes [1]: 1 bad, 0 good.
    scores : list of (n,) array-like
        Scores that rise with risk [any unit].
    weight : (n,) array-like, optional
        Sampling weights [1], > 0.

    Returns
    -------
    tuple of (k,) and (k, k) float64
        Areas and covariance [1]; the covariance is NaN with fewer than two loans
        of a class.

    Raises
    ------
    ModelError
        For one class only, numbers that are not finite, or unequal lengths.

    Notes
    -----
    O(k n log n).  With weights the variance is that of the linearised ratio of
    weighted sums; with equal weights it is DeLong's to the last digits.
    """
    above, below, found = [], [], []
    for score in scores:
        outcome, ranks, mass = checked(y, score, weight)
        first, second, area = placements(outcome, ranks, mass)
        above.append(first)
        below.append(second)
        found.append(area)
    bad, areas = outcome == 1.0, np.array(found)
    covariance = np.zeros((areas.size, areas.size))
    for values, share in ((above, mass[bad]), (below, mass[~bad])):
        if share.size < 2:
            return areas, np.full_like(covariance, np.nan)
        centred = share / share.sum() * (np.stack(values) - areas[:, None])
        covariance += centred @ centred.T * (share.size / (share.size - 1.0))
    return areas, covariance


def auc(
    y: ArrayLike, score: ArrayLike, weight: ArrayLike | None = None, confidence: float = 0.95
) -> Auc:
    """Area under the ROC curve with DeLong's error.

    Parameters
    ----------
    y, score, weight : (n,) array-like
        As `delong`.
    confidence : float
        Confidence of the interval, in (0, 1).

    Returns
    -------
    Auc
        Area, Gini, standard error, interval on the logit scale (so it stays in
        [0, 1]), and the test against one half.  At an area of 0 or 1 DeLong's
        error is 0, which is no knowledge: the interval is then the one of Newcombe
        (2006) that solves |area - t| = z SE(t) with the planning error.

    Raises
    ------
    ModelError
        As `delong`.

    Examples
    --------
    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).auc
    0.75
    """
    areas, covariance = delong(y, [score], weight)
    outcome = np.asarray(y, dtype=np.float64)
    n, bads = outcome.size, int(outcome.sum())
    area = float(areas[0])
    error = math.sqrt(covariance[0, 0]) if covariance[0, 0] >= 0.0 else math.nan
    z = (area - 0.5) / error if error > 0.0 else math.nan
    interval = _area_interval(area, error, bads, n - bads, confidence)
    test = Significance("DeLong, area one half", z, two_sided(z))
    return Auc(area, 2.0 * area - 1.0, error, interval, n, bads, test)


def _area_interval(area: float, error: float, bads: int, goods: int, confidence: float) -> Interval:
    """Interval of an area: logit of DeLong's, or the planning one at the ends."""
    z = normal_quantile(confidence)
    if math.isnan(error):
        return Interval(math.nan, math.nan, confidence, "none: fewer than two of a class")
    if 0.0 < area < 1.0 and error > 0.0:
        middle, half = special.logit(area), z * error / (area * (1.0 - area))
        low, high = special.expit([middle - half, middle + half])
        return Interval(float(low), float(high), confidence, "DeLong, logit")
    ends = []
    for end in (0.0, 1.0):
        inner, outer = area, end
        for _ in range(100):
            halfway = 0.5 * (inner + outer)
            inside = abs(area - halfway) <= z * planning_error(halfway, bads, goods)
            inner, outer = (halfway, outer) if inside else (inner, halfway)
        ends.append(inner)
    return Interval(ends[0], ends[1], confidence, "score, Hanley-McNeil error")


def planning_error(area: float, bads: int, goods: int) -> float:
    """Standard error of an area expected before there are data.

    Hanley and McNeil's exponential form: Q1 = A / (2 - A), Q2 = 2 A^2 / (1 + A).

    Parameters
    ----------
    area : float
        Area hoped for, in [0, 1].
    bads, goods : int
        Loans of each class, >= 1.

    Returns
    -------
    float
        Standard error [1]; for planning only, `auc` measures it.

    Examples
    --------
    >>> round(planning_error(0.854285714286, 50, 140), 9)
    0.035600684
    """
    both_bad = area / (2.0 - area)
    both_good = 2.0 * area * area / (1.0 + area)
    square = area * area
    total = area * (1.0 - area) + (bads - 1) * (both_bad - square)
    return math.sqrt((total + (goods - 1) * (both_good - square)) / (bads * goods))


def compare_auc(
    y: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    weight: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Comparison:
    """DeLong's paired test of two scores of the same loans.

    Parameters
    ----------
    y, first, second, weight : (n,) array-like
        As `delong`.
    confidence : float
        Confidence of the interval, in (0, 1).

    Returns
    -------
    Comparison
        Difference, interval, two-sided test.  Two scores that rank alike differ
        by 0 with p-value 1.

    Raises
    ------
    ModelError
        As `delong`.

    Notes
    -----
    For two fixed scores on fresh loans.  It is not a test of nested models fitted
    to the same rows (Demler et al. 2012): their difference is never negative.
    """
    areas, covariance = delong(y, [first, second], weight)
    outcome = np.asarray(y, dtype=np.float64)
    difference = float(areas[0] - areas[1])
    variance = float(covariance[0, 0] + covariance[1, 1] - 2.0 * covariance[0, 1])
    scale = float(covariance[0, 0] + covariance[1, 1])
    error = math.sqrt(variance) if variance > 1e-14 * scale else 0.0 * variance
    if error > 0.0:
        z = difference / error
        p_value = two_sided(z)
    else:
        z, p_value = (0.0, 1.0) if difference == 0.0 and error == 0.0 else (math.nan, math.nan)
    half = normal_quantile(confidence) * error
    spread = math.sqrt(covariance[0, 0] * covariance[1, 1])
    return Comparison(
        float(areas[0]), float(areas[1]), difference, error,
        Interval(difference - half, difference + half, confidence, "DeLong"),
        float(covariance[0, 1] / spread) if spread > 0.0 else math.nan,
        Significance("DeLong, equal areas", z, p_value), outcome.size, int(outcome.sum()),
    )  # fmt: skip


def bads_needed(
    area: float, half_width: float, goods_per_bad: float, confidence: float = 0.95
) -> int:
    """Bad loans needed for an interval of a given half width, by the planning error.

    Parameters
    ----------
    area : float
        Area hoped for, in (0, 1).
    half_width : float
        Half width wanted [1], in (0, 0.5).
    goods_per_bad : float
        Goods for each bad [1], > 0.
    confidence : float
        Confidence, in (0, 1).

    Returns
    -------
    int
        Bad loans, >= 2.

    Raises
    ------
    ModelError
        If an argument lies outside.

    Examples
    --------
    >>> bads_needed(0.7, 0.05, 10.0)
    141
    """
    if not (0.0 < area < 1.0 and 0.0 < half_width < 0.5 and goods_per_bad > 0.0):
        raise fault(
            "面积、半宽或好坏比超出范围",
            "area, half width or goods per bad lie outside their ranges",
            "面积在 (0, 1)，半宽在 (0, 0.5)，好坏比大于 0",
            "area in (0, 1), half width in (0, 0.5), goods per bad above 0",
        )
    wanted = half_width / normal_quantile(confidence)
    low, high = 1, 2
    while planning_error(area, high, max(1, round(high * goods_per_bad))) > wanted:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        wide = planning_error(area, middle, max(1, round(middle * goods_per_bad))) > wanted
        low, high = (middle, high) if wide else (low, middle)
    return high
