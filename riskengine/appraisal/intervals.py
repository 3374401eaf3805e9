"""Intervals around ratio statistics: ranks for the median, t for means and slopes.

A median interval runs from one order statistic to another.  Three rules for
their ranks are in use and differ by one rank; the answer says which was used
and what it really covers.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal, TypeAlias

import numpy as np
from scipy import special

from riskengine.appraisal.cells import Array

RankRule: TypeAlias = Literal["draft", "2013", "exact"]
"""How ranks are found: IAAO exposure drafts 2025/2026, IAAO 2013, binomial."""

PRINTED_QUANTILES = {0.90: 1.645, 0.95: 1.96, 0.99: 2.576}
"""Two-sided normal quantiles as the standards print them."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval.

    Parameters
    ----------
    low, high : float
        Ends, both inside [unit of the statistic]; NaN when there is none.
    confidence : float
        Confidence asked for, in (0, 1).
    method : str
        ``ranks draft``, ``ranks 2013``, ``ranks exact``, ``t`` or ``bootstrap``.
    coverage : float
        Confidence really reached, known for ranks only, else NaN.
    """

    low: float
    high: float
    confidence: float
    method: str
    coverage: float = math.nan


def normal_quantile(confidence: float) -> float:
    """Two-sided normal quantile, rounded as printed where the standards print it.

    Parameters
    ----------
    confidence : float
        Confidence, in (0, 1).

    Returns
    -------
    float
        Quantile z [standard deviation].

    Examples
    --------
    >>> normal_quantile(0.90), round(normal_quantile(0.80), 4)
    (1.645, 1.2816)
    """
    printed = PRINTED_QUANTILES.get(round(confidence, 12))
    return printed if printed is not None else NormalDist().inv_cdf(0.5 + 0.5 * confidence)


def median_interval_ranks(
    count: int, confidence: float = 0.95, rule: RankRule = "draft"
) -> tuple[int, int]:
    """Ranks of the sorted ratios between which the median lies.

    draft: ceil(n/2 - z sqrt(n)/2) and floor(1 + n/2 + z sqrt(n)/2).
    2013: j = z sqrt(n)/2 (+ 0.5 if n is even) rounded up, counted from the median.
    exact: the narrowest symmetric pair with binomial cover >= confidence.

    Parameters
    ----------
    count : int
        Number of ratios n, >= 1.
    confidence : float
        Confidence, in (0, 1).
    rule : {"draft", "2013", "exact"}
        Rule for the ranks.

    Returns
    -------
    tuple of int
        Lower and upper rank, 1 <= lower <= upper <= n; the extremes when n is
        too small for the confidence.

    Notes
    -----
    Source: IAAO Standard on Ratio Studies (2013), median confidence interval;
    exposure drafts 2025/2026, 90 % intervals of the VEI.

    Examples
    --------
    >>> median_interval_ranks(14, 0.90), median_interval_ranks(36)
    ((4, 11), (13, 24))
    >>> median_interval_ranks(36, rule="2013"), median_interval_ranks(36, rule="exact")
    ((12, 25), (12, 25))
    """
    half_width = 0.5 * normal_quantile(confidence) * math.sqrt(count)
    if rule == "draft":
        low = math.ceil(0.5 * count - half_width)
        high = math.floor(1.0 + 0.5 * count + half_width)
    elif rule == "2013":
        steps = math.ceil(half_width + (0.5 if count % 2 == 0 else 0.0))
        low = count // 2 + 1 - steps
        high = (count + 1) // 2 + steps
    else:
        tail = 0.5 * (1.0 - confidence)
        low = int(np.count_nonzero(special.bdtr(np.arange(count // 2 + 1), count, 0.5) <= tail))
        high = count + 1 - low
    return max(1, low), min(count, high)


def rank_coverage(count: int, low: int, high: int) -> float:
    """Chance that the median of the population lies between two ranked ratios.

    sum over k = low .. high - 1 of C(n, k) / 2^n.

    Parameters
    ----------
    count : int
        Number of ratios n, >= 1.
    low, high : int
        Ranks, 1 <= low <= high <= n.

    Returns
    -------
    float
        Coverage, in [0, 1].

    Examples
    --------
    >>> round(rank_coverage(36, 13, 24), 3), round(rank_coverage(36, 12, 25), 3)
    (0.935, 0.971)
    """
    return float(special.bdtr(high - 1, count, 0.5) - special.bdtr(low - 1, count, 0.5))


def median_interval(ratios: Array, confidence: float = 0.95, rule: RankRule = "draft") -> Interval:
    """Interval of the median ratio, from order statistics.

    Parameters
    ----------
    ratios : (n,) float64
        Ratios [1] in rising order, n >= 1.
    confidence : float
        Confidence, in (0, 1).
    rule : {"draft", "2013", "exact"}
        Rule for the ranks.

    Returns
    -------
    Interval
        With the coverage really reached.

    Examples
    --------
    >>> median_interval(np.array([0.8, 0.9, 1.0]), 0.75).coverage
    0.75
    """
    low, high = median_interval_ranks(ratios.size, confidence, rule)
    coverage = rank_coverage(ratios.size, low, high)
    return Interval(
        float(ratios[low - 1]), float(ratios[high - 1]), confidence, f"ranks {rule}", coverage
    )


def t_interval(value: float, error: float, freedom: int, confidence: float = 0.95) -> Interval:
    """Interval of a mean or a slope, from its standard error.

    Parameters
    ----------
    value, error : float
        Statistic and its standard error [same unit].
    freedom : int
        Degrees of freedom; below 1 there is no interval.
    confidence : float
        Confidence, in (0, 1).

    Returns
    -------
    Interval
        ``value`` -+ t ``error``.

    Examples
    --------
    >>> round(t_interval(0.0, 1.0, 10).high, 3)
    2.228
    """
    width = math.nan
    if freedom >= 1:
        width = error * float(special.stdtrit(freedom, 0.5 + 0.5 * confidence))
    return Interval(value - width, value + width, confidence, "t")
