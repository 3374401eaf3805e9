"""Out-of-time figures of a price model, in all and by group: the one place that measures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.evaluate.answers import share_interval
from riskengine.appraisal import ratio_study
from riskengine.learned.price import PriceEstimate

Floats = NDArray[np.float64]

CONFIDENCE = 0.95
"""Of the interval around a cover."""


@dataclass(frozen=True)
class GroupLine:
    """What later deals say of one group.

    Parameters
    ----------
    group : str
        Group.
    deals, answered : int
        Deals, and those that the model did not abstain from.
    median_ape, median_ratio : float
        Median absolute error as a share of the price, and median of estimate over price.
    cover, bound_cover : float
        Share of prices inside the interval, and not below the lower bound, of those answered.
    cover_low, cover_high : float
        Interval of the cover (Clopper-Pearson, 95 %).
    width : float
        Mean length of the interval of the log price.
    """

    group: str
    deals: int
    answered: int
    median_ape: float
    median_ratio: float
    cover: float
    bound_cover: float
    cover_low: float
    cover_high: float
    width: float


def accuracy(predicted: Floats, y: Floats) -> dict[str, float]:
    """Figures of predictions.

    Parameters
    ----------
    predicted, y : (n,) float64
        Predicted and true logarithms of price [log].

    Returns
    -------
    dict of str to float
        ``r2_log``, ``median_ape``, ``median_ratio``, ``cod``, ``prd``, ``prb``,
        ``within_20``, ``within_30``; the ratio study leaves nothing out.
    """
    off = np.abs(np.expm1(predicted - y))
    study = ratio_study(
        assessed=np.exp(predicted), sale_price=np.exp(y), trim=None, bootstrap=0
    ).overall.statistics
    spread = float(np.sum((y - y.mean()) ** 2))
    return {
        "r2_log": 1.0 - float(np.sum((y - predicted) ** 2)) / spread,
        "median_ape": float(np.median(off)), "median_ratio": study.median, "cod": study.cod,
        "prd": study.prd, "prb": study.prb, "within_20": float(np.mean(off < 0.2)),
        "within_30": float(np.mean(off < 0.3)),
    }  # fmt: skip


def group_lines(names: Sequence[str], y: Floats, told: PriceEstimate) -> tuple[GroupLine, ...]:
    """Figures of every group and of all.

    Parameters
    ----------
    names : sequence of str
        Group of each deal.
    y : (n,) float64
        Log price.
    told : PriceEstimate
        What the model says of each; NaN where it abstained.

    Returns
    -------
    tuple of GroupLine
        Groups in order of name, then ``all``; NaN where none was answered.
    """
    labels = np.array(names, dtype=object)
    ends = np.log(np.stack([told.price, told.low, told.high, told.bound]))
    rows = {name: labels == name for name in sorted(set(names))}
    rows["all"] = np.ones(y.size, dtype=bool)
    return tuple(_line(name, y[own], ends[:, own]) for name, own in rows.items())


def _line(name: str, y: Floats, ends: Floats) -> GroupLine:
    answered = ~np.isnan(ends[0])
    if not answered.any():
        return GroupLine(name, y.size, 0, *(np.nan,) * 7)
    middle, low, high, bound = ends[:, answered]
    price, ratio = y[answered], np.exp(middle - y[answered])
    inside = (low <= price) & (price <= high)
    span = share_interval(int(inside.sum()), price.size, CONFIDENCE)
    return GroupLine(
        name, y.size, price.size, float(np.median(np.abs(ratio - 1.0))), float(np.median(ratio)),
        float(inside.mean()), float((price >= bound).mean()), span.low, span.high,
        float((high - low).mean()),
    )  # fmt: skip
