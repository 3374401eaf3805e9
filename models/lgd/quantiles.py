"""Conformal tables: raw quantiles are shifted until they hold on rows never fitted.

Level by level: for a level t of at least one half the shift is the smallest s with
P(y <= q + s) >= t for an exchangeable new row, the ceil((n + 1) t)-th smallest residual
y - q; for a lower level the largest s with P(y >= q + s) >= 1 - t, the floor((n + 1) t)-th.
Each tail is right by itself, so a named 95 % quantile is one.  With weights the ranks are
shares of weight, the new row having the largest weight seen.  Each group of enough rows
has its own shifts, the others share one.

Source: Romano, Patterson & Candes, Conformalized quantile regression, NeurIPS (2019),
theorem 2; Tibshirani, Barber, Candes & Ramdas, NeurIPS (2019) (weights); Vovk (groups).
"""

import math

import numpy as np
from numpy.typing import NDArray


def conformal_shift(
    residuals: NDArray[np.float64], level: float, weight: NDArray[np.float64] | None = None
) -> float:
    """Shift of one level.

    Parameters
    ----------
    residuals : (n,) float64
        Outcome less raw quantile on calibration rows.
    level : float
        Level, in (0, 1).
    weight : (n,) float64 or None
        Weights, > 0; all 1 when absent.

    Returns
    -------
    float
        Shift; minus or plus infinity where the rows are too few to speak of the level.

    Examples
    --------
    >>> residuals = np.arange(1.0, 20.0)
    >>> conformal_shift(residuals, 0.95), conformal_shift(residuals, 0.05)
    (19.0, 1.0)
    >>> conformal_shift(residuals[:-1], 0.95)
    inf
    """
    if level < 0.5:
        return -conformal_shift(-residuals, 1.0 - level, weight)
    if residuals.size == 0:
        return math.inf
    w = np.ones_like(residuals) if weight is None else weight
    order = np.argsort(residuals, kind="stable")
    reached = np.cumsum(w[order])
    # Rounding in the sum must not turn an exact rank into the next one.
    wanted = level * (reached[-1] + w.max()) * (1.0 - 1e-12)
    place = int(np.searchsorted(reached, wanted))
    return math.inf if place >= residuals.size else float(residuals[order[place]])


def conformal_table(
    y: NDArray[np.float64],
    raw: NDArray[np.float64],
    levels: NDArray[np.float64],
    groups: NDArray[np.float64],
    count: int,
    weight: NDArray[np.float64] | None = None,
    least: int = 100,
) -> NDArray[np.float64]:
    """Shifts by group and level.

    Parameters
    ----------
    y : (n,) float64
        Outcomes of calibration rows.
    raw : (levels, n) float64
        Raw quantiles of those rows.
    levels : (levels,) float64
        Levels, rising, in (0, 1).
    groups : (n,) float64
        Place of the group of each row; NaN for none.
    count : int
        Groups.
    weight : (n,) float64 or None
        Weights, > 0.
    least : int
        Rows that a group needs for shifts of its own.

    Returns
    -------
    (count + 1, levels) float64
        Shifts; the last row is for all rows together.
    """
    w = np.ones_like(y) if weight is None else weight
    overall = np.ones(y.size, dtype=bool)
    own = [groups == group for group in range(count)]
    chosen = [rows if rows.sum() >= least else overall for rows in own] + [overall]
    return np.array(
        [
            [conformal_shift((y - q)[rows], t, w[rows]) for q, t in zip(raw, levels, strict=True)]
            for rows in chosen
        ]
    )


def pinball(
    y: NDArray[np.float64],
    quantile: NDArray[np.float64],
    level: float,
    weight: NDArray[np.float64] | None = None,
) -> float:
    """Mean pinball loss of a quantile; half the mean absolute error at the median.

    Parameters
    ----------
    y, quantile : (n,) float64
        Outcomes and predicted quantiles.
    level : float
        Level, in (0, 1).
    weight : (n,) float64 or None
        Weights.

    Returns
    -------
    float
        Loss [unit of y].

    Examples
    --------
    >>> pinball(np.array([1.0, 0.0]), np.array([0.0, 1.0]), 0.5)
    0.5
    """
    residual = y - quantile
    return float(np.average(np.maximum(level * residual, (level - 1.0) * residual), weights=weight))
