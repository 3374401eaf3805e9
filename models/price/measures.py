"""Out-of-time figures of a price model, of its groups and of the models it must beat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.appraisal import ratio_study

Floats = NDArray[np.float64]

LEAST = 100
"""Test deals from which a group's cover is held against the nominal one."""


@dataclass(frozen=True)
class GroupLine:
    """What test deals say of one group.

    Parameters
    ----------
    group : str
        Group.
    deals, answered : int
        Test deals, and those that the model did not abstain from.
    median_ape, median_ratio : float
        Median absolute error as a share of the price, and median of estimate over price.
    cover, bound_cover : float
        Share of prices inside the interval, and not below the lower bound, of those answered.
    width : float
        Mean length of the interval of the log price.
    plain_cover, plain_width : float
        The same of plain split conformal: one width for all.
    """

    group: str
    deals: int
    answered: int
    median_ape: float
    median_ratio: float
    cover: float
    bound_cover: float
    width: float
    plain_cover: float
    plain_width: float


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


def group_lines(
    labels: Sequence[str], y: Floats, ends: Floats, plain: tuple[Floats, float]
) -> list[GroupLine]:
    """Figures of every group and of all.

    Parameters
    ----------
    labels : sequence of str
        Group of each test deal.
    y : (n,) float64
        Log price.
    ends : (4, n) float64
        Middle, low and high end, lower bound [log]; NaN where the model abstained.
    plain : tuple
        Middle by the plain model, (n,) float64, and its half width [log].

    Returns
    -------
    list of GroupLine
        Groups in order of name, then ``all``.
    """
    names = np.array(labels, dtype=object)
    rows = {name: names == name for name in sorted(set(labels))}
    rows["all"] = np.ones(y.size, dtype=bool)
    return [
        _line(name, y[own], ends[:, own], plain[0][own], plain[1]) for name, own in rows.items()
    ]


def _line(name: str, y: Floats, ends: Floats, middle: Floats, half: float) -> GroupLine:
    plain = float((np.abs(y - middle) <= half).mean()), 2.0 * half
    told = ~np.isnan(ends[0])
    if not told.any():
        return GroupLine(name, y.size, 0, *(np.nan,) * 5, *plain)
    middle, low, high, bound = ends[:, told]
    price, ratio = y[told], np.exp(middle - y[told])
    inside = (low <= price) & (price <= high)
    return GroupLine(
        name, y.size, price.size, float(np.median(np.abs(ratio - 1.0))), float(np.median(ratio)),
        float(inside.mean()), float((price >= bound).mean()), float((high - low).mean()), *plain,
    )  # fmt: skip


def beats(models: Mapping[str, Mapping[str, float]], name: str) -> bool:
    """Say whether a model may ship: less dispersed out of time than every other one.

    Parameters
    ----------
    models : mapping of str to mapping
        Figures of each model, as `accuracy`.
    name : str
        The one that would ship.

    Returns
    -------
    bool
        True when its COD is below that of all others.
    """
    own = models[name]["cod"]
    return all(own < figures["cod"] for other, figures in models.items() if other != name)
