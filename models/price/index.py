"""The level of prices over time: shrunken period effects, flat beyond the last one.

Every period has a level of its own, drawn to the mean of all by its credibility; a
group's deviation in a period is drawn to none.  Beyond the last period the level
stays, or the last drift dies away by a damping factor: a boom is never carried on.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.price.credible import credible_means
from riskengine.kernels.credibility import credibility_factor
from riskengine.learned.price_parts import time_level

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class TimeIndex:
    """Levels of prices against the last period.

    Parameters
    ----------
    first : int
        Number of the first period.
    level : (groups + 1, periods) float64
        Log level of every group, and last of all, 0 in the last period.
    drift : (groups + 1,) float64
        Last drift [log/period].
    damping : float
        Share of it that goes on into each later period, in [0, 1).
    ratio : float
        Variance within a cell over variance between cells: deals that weigh as much
        as the level before when a new period comes; infinite where cells do not differ.
    """

    first: int
    level: Floats
    drift: Floats
    damping: float
    ratio: float

    def arrays(self) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
        """Return what a release holds of the index."""
        return {
            "index_first": np.array([self.first], dtype=np.int64), "index_level": self.level,
            "index_drift": self.drift, "index_damping": np.array([self.damping]),
        }  # fmt: skip

    def at(self, period: Codes, group: Codes) -> tuple[Floats, Floats]:
        """Return level and prudent level of rows.

        Parameters
        ----------
        period, group : (n,) int64
            Period and group of each.

        Returns
        -------
        tuple of (n,) float64
            As `riskengine.learned.price_parts.time_level` [log].
        """
        level, prudent = np.zeros(period.size), np.zeros(period.size)
        arrays = self.arrays()
        for one in np.unique(period):
            rows = period == one
            level[rows], prudent[rows] = time_level(arrays, group[rows], int(one))
        return level, prudent


def time_index(
    values: Floats, period: Codes, group: Codes, groups: int, damping: float
) -> TimeIndex:
    """Find the level of every period.

    Parameters
    ----------
    values : (n,) float64
        What is left of each log price without its facts and places [log].
    period, group : (n,) int64
        Period and group; -1 is a group that is not known.
    groups : int
        Number of groups.
    damping : float
        As `TimeIndex`.

    Returns
    -------
    TimeIndex
        The index.
    """
    first, last = int(period.min()), int(period.max())
    periods = last - first + 1
    at = (period - first).astype(np.int64)
    _, factor, effect = credible_means(values, at, periods)
    overall = _filled(np.where(factor > 0.0, effect, np.nan))
    known = group >= 0
    left = values[known] - overall[at[known]]
    cell = group[known] * periods + at[known]
    _, weight, deviation = credible_means(left, cell, groups * periods)
    level = np.vstack([overall + deviation.reshape(groups, periods), overall])
    level = level - level[:, -1:]
    drift = np.full(groups + 1, -level[-1, -2] if periods > 1 else 0.0)
    counts = np.bincount(cell, minlength=groups * periods)
    useful = weight > 0.0
    ratio = np.inf
    if useful.any():
        ratio = float(np.median(counts[useful] * (1.0 / weight[useful] - 1.0)))
    return TimeIndex(first, np.ascontiguousarray(level), drift, damping, ratio)


def rolled(
    index: TimeIndex, errors: Floats, period: Codes, group: Codes, ratio: float
) -> TimeIndex:
    """Bring the index up to later deals without fitting the model again.

    Parameters
    ----------
    index : TimeIndex
        Index of the model.
    errors : (n,) float64
        Log price of each later deal less the model's at the level of its last period.
    period, group : (n,) int64
        Period, beyond the last one of the index, and group.
    ratio : float
        Deals that weigh as much as the level before, > 0; `TimeIndex.ratio` is one
        choice.

    Returns
    -------
    TimeIndex
        One more column for every later period, each level drawn to the one before by
        its credibility n / (n + ratio); levels stand against the new last period.
    """
    level, last = index.level, index.first + index.level.shape[1] - 1
    groups = level.shape[0] - 1
    for new in range(last + 1, int(period.max(initial=last)) + 1):
        column = level[:, -1].copy()
        here = period == new
        column += _step(errors[here], column[-1], ratio)
        for g in range(groups):
            rows = here & (group == g)
            column[g] += _step(errors[rows], column[g], ratio)
        level = np.column_stack([level, column])
    if level.shape[1] == index.level.shape[1]:
        return index
    drift = np.full(groups + 1, level[-1, -1] - level[-1, -2])
    return replace(index, level=np.ascontiguousarray(level - level[:, -1:]), drift=drift)


def _step(errors: Floats, level: float, ratio: float) -> float:
    """How far a level moves to the mean of new errors."""
    if not errors.size:
        return 0.0
    return float(credibility_factor(float(errors.size), ratio) * (errors.mean() - level))


def _filled(levels: Floats) -> Floats:
    """Levels with periods that tell nothing taken as the one before, or the first known."""
    known = np.flatnonzero(~np.isnan(levels))
    if not known.size:
        return np.zeros(levels.size)
    places = np.searchsorted(known, np.arange(levels.size), side="right") - 1
    return levels[known[np.maximum(places, 0)]]
