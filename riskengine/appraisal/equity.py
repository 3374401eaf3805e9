"""Vertical equity by groups of value: the VEI of the IAAO exposure drafts.

Each sale gets a value proxy, half price and half estimate.  Sales are cut into
groups of rising proxy, and the VEI is the difference of the last and the first
group's median ratio, per cent of the median of all.  Below 0: dear property is
assessed at lower ratios (regressive).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from riskengine.appraisal.cells import Array
from riskengine.appraisal.intervals import Interval, RankRule, median_interval
from riskengine.kernels.ratio import median_of_sorted, value_proxy_rows

GROUP_CONFIDENCE = 0.90
"""Confidence of the interval of a group's median, as the drafts set it."""

GROUPS_BY_COUNT = ((501, 10), (51, 4), (20, 2))
"""Sales at least, and groups then made, as the drafts set them; fewer sales, no VEI."""

CUTS: Mapping[str, tuple[Fraction, Fraction]] = MappingProxyType({
    "R4": (Fraction(0), Fraction(0)),
    "R5": (Fraction(0), Fraction(1, 2)),
    "R6": (Fraction(1), Fraction(0)),
    "R7": (Fraction(-1), Fraction(1)),
    "R8": (Fraction(1, 3), Fraction(1, 3)),
    "R9": (Fraction(1, 4), Fraction(3, 8)),
})  # fmt: skip
"""Percentile definitions of Hyndman and Fan: position (n + a) p + b, counted from 1."""

EDITIONS: Mapping[str, str] = MappingProxyType({"2025": "R1", "2026": "R7"})
"""Which percentile definition reproduces the tables of which draft; R1 is rank ceil(n p)."""


@dataclass(frozen=True, slots=True)
class ValueGroup:
    """Sales of like value.

    Parameters
    ----------
    count : int
        Sales.
    proxy_low, proxy_median, proxy_high : float
        Least, median and largest value proxy [yuan].
    median : float
        Median ratio [1].
    interval : Interval
        90 % rank interval of the median [1].
    """

    count: int
    proxy_low: float
    proxy_median: float
    proxy_high: float
    median: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class VerticalEquity:
    """The VEI of one sample.

    Parameters
    ----------
    vei : float
        100 (median of last group - median of first group) / median of all [%].
    significance : float
        100 (lower end of the group with the highest median - upper end of the
        group with the lowest) / median of all [%].  The drafts read it only
        where the VEI is beyond -+10; above 10 it then proves inequity.
    cut : str
        How the groups were cut: edition or percentile definition.
    groups : tuple of ValueGroup
        In rising order of value.
    """

    vei: float
    significance: float
    cut: str
    groups: tuple[ValueGroup, ...]


def group_number(count: int) -> int:
    """Return how many groups of value a sample is cut into.

    Parameters
    ----------
    count : int
        Sales n.

    Returns
    -------
    int
        0 for n < 20, 2 for 20-50, 4 for 51-500, 10 for n >= 501, ends closed.

    Examples
    --------
    >>> [group_number(count) for count in (19, 20, 50, 51, 500, 501)]
    [0, 2, 2, 4, 4, 10]
    """
    return next((groups for least, groups in GROUPS_BY_COUNT if count >= least), 0)


def group_ends(proxies: Array, groups: int, cut: str) -> list[int]:
    """Return where each group of value ends.

    A sale whose proxy equals a percentile belongs to the group below it, and
    equal proxies are never parted, so the order of rows cannot matter.

    Parameters
    ----------
    proxies : (n,) float64
        Value proxies [yuan] in rising order, n >= ``groups``.
    groups : int
        Number of groups, >= 1.
    cut : str
        ``2025``, ``2026`` or ``R1``, ``R4`` ... ``R9``.

    Returns
    -------
    list of int
        Sales up to and with each group; the last is n.

    Examples
    --------
    >>> rising = np.arange(54.0)
    >>> group_ends(rising, 4, "2026"), group_ends(rising, 4, "2025"), group_ends(rising, 4, "R6")
    ([14, 27, 40, 54], [14, 27, 41, 54], [13, 27, 41, 54])
    """
    definition = EDITIONS.get(cut, cut)
    ends = []
    for group in range(1, groups):
        share = Fraction(group, groups)
        if definition == "R1":
            rank = math.ceil(proxies.size * share)
        else:
            shift, start = CUTS[definition]
            rank = math.floor((proxies.size + shift) * share + start)
        rank = min(max(rank, 1), proxies.size)
        ends.append(int(np.searchsorted(proxies, proxies[rank - 1], side="right")))
    return [*ends, proxies.size]


def vertical_equity(
    assessed: Array, sale_price: Array, *, cut: str = "2026", rule: RankRule = "draft"
) -> VerticalEquity | None:
    """VEI, its significance and the groups behind it.

    Parameters
    ----------
    assessed, sale_price : (n,) float64
        Estimates and prices [yuan], > 0, in any order.
    cut : str
        ``2026`` (percentiles by R7), ``2025`` (rank ceil(n p)) or ``R1``,
        ``R4`` ... ``R9``.
    rule : {"draft", "2013", "exact"}
        Rule for the ranks of the groups' intervals.

    Returns
    -------
    VerticalEquity or None
        None below 20 sales, and where equal proxies leave a group empty.

    Notes
    -----
    Source: IAAO, Standard on Ratio Studies, exposure drafts 2025 and May 2026.
    The drafts give different numbers for the same sales because they cut
    differently: cite the edition.

    Examples
    --------
    >>> price = np.arange(1.0, 21.0)
    >>> found = vertical_equity(np.where(price > 10.0, 1.2, 1.0) * price, price)
    >>> round(found.vei, 6), [group.count for group in found.groups]
    (18.181818, [10, 10])
    """
    number = group_number(sale_price.size)
    if number == 0:
        return None
    ratios = assessed / sale_price
    median = median_of_sorted(np.sort(ratios))
    proxies = np.empty(ratios.size)
    value_proxy_rows(assessed, sale_price, median, proxies)
    order = np.argsort(proxies, kind="stable")
    ends = group_ends(proxies[order], number, cut)
    if any(end <= start for start, end in zip([0, *ends], ends, strict=False)):
        return None
    groups = tuple(
        _group(proxies[order[start:end]], ratios[order[start:end]], rule)
        for start, end in zip([0, *ends], ends, strict=False)
    )
    highest = max(groups, key=lambda group: group.median)
    lowest = min(groups, key=lambda group: group.median)
    return VerticalEquity(
        float(100.0 * (groups[-1].median - groups[0].median) / median),
        float(100.0 * (highest.interval.low - lowest.interval.high) / median), cut, groups,
    )  # fmt: skip


def _group(proxies: Array, ratios: npt.NDArray[np.float64], rule: RankRule) -> ValueGroup:
    """Measure one group; its proxies stand in rising order."""
    rising = np.sort(ratios)
    return ValueGroup(
        ratios.size, float(proxies[0]), float(median_of_sorted(proxies)), float(proxies[-1]),
        float(median_of_sorted(rising)), median_interval(rising, GROUP_CONFIDENCE, rule),
    )  # fmt: skip
