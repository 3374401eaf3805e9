"""How a recovery model did on rows that it never saw: points, mean level, cover of quantiles."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, rankdata

from models.lgd.quantiles import pinball


def share_interval(hits: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of a share by the exact binomial (Clopper & Pearson, Biometrika 26 (1934) 404).

    Parameters
    ----------
    hits, n : float
        Rows that hit, and rows.
    confidence : float
        Confidence, in (0, 1).

    Returns
    -------
    tuple of float
        Lower and upper end, in [0, 1].

    Examples
    --------
    >>> tuple(round(end, 4) for end in share_interval(90, 100))
    (0.8238, 0.951)
    """
    tail = 0.5 * (1.0 - confidence)
    low = 0.0 if hits == 0 else float(beta.ppf(tail, hits, n - hits + 1.0))
    high = 1.0 if hits == n else float(beta.isf(tail, hits + 1.0, n - hits))
    return low, high


def point_figures(
    y: NDArray[np.float64], mean: NDArray[np.float64], median: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> dict[str, float]:  # fmt: skip
    """Return the figures of the two points.

    Parameters
    ----------
    y, mean, median, weight : (n,) float64
        Outcomes, predicted means and medians, weights.

    Returns
    -------
    dict of str to float
        ``mae`` of the median; ``mae_of_mean``, ``rmse``, ``r2``, ``spearman`` of the mean;
        ``observed`` and ``predicted`` mean level.
    """
    residual = y - mean
    spread = np.average((y - np.average(y, weights=weight)) ** 2, weights=weight)
    squared = np.average(residual**2, weights=weight)
    ranks = np.corrcoef(rankdata(y), rankdata(mean))[0, 1] if np.ptp(mean) > 0.0 else 0.0
    return {
        "n": float(y.size),
        "mae": float(np.average(np.abs(y - median), weights=weight)),
        "mae_of_mean": float(np.average(np.abs(residual), weights=weight)),
        "rmse": float(np.sqrt(squared)),
        "r2": float(1.0 - squared / spread) if spread > 0.0 else 0.0,
        "spearman": float(ranks),
        "observed": float(np.average(y, weights=weight)),
        "predicted": float(np.average(mean, weights=weight)),
    }


def cover_figures(
    y: NDArray[np.float64],
    quantiles: NDArray[np.float64],
    levels: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> dict[str, float]:
    """Return the figures of the quantiles.

    Parameters
    ----------
    y, weight : (n,) float64
        Outcomes and weights.
    quantiles : (levels, n) float64
        Predicted quantiles.
    levels : (levels,) float64
        Their levels, rising.

    Returns
    -------
    dict of str to float
        ``cover`` between the lowest and the highest level, both ends inside, with its
        interval; ``width``; ``below`` and ``above``; ``pinball`` over all levels.
    """
    lowest, highest = quantiles[0], quantiles[-1]
    inside = (y >= lowest) & (y <= highest)
    low, high = share_interval(float(inside.sum()), float(y.size))
    losses = [pinball(y, q, t, weight) for q, t in zip(quantiles, levels, strict=True)]
    return {
        "cover": float(np.average(inside, weights=weight)),
        "cover_low": low,
        "cover_high": high,
        "width": float(np.average(highest - lowest, weights=weight)),
        "below": float(np.average(y < lowest, weights=weight)),
        "above": float(np.average(y > highest, weights=weight)),
        "pinball": float(np.mean(losses)),
    }


def by_key(
    keys: NDArray[np.int64], y: NDArray[np.float64], mean: NDArray[np.float64],
    quantiles: NDArray[np.float64], levels: NDArray[np.float64], weight: NDArray[np.float64],
) -> Mapping[int, dict[str, float]]:  # fmt: skip
    """Return all figures for every year or group.

    Parameters
    ----------
    keys : (n,) int64
        Year or place of the group of each row.
    y, mean, weight : (n,) float64
        Outcomes, predicted means and weights.
    quantiles : (levels, n) float64
        Predicted quantiles.
    levels : (levels,) float64
        Their levels, with 0.5.

    Returns
    -------
    mapping of int to dict
        Figures by key, rising.
    """
    middle = int(np.argmin(np.abs(levels - 0.5)))
    found = {}
    for key in np.unique(keys):
        rows = keys == key
        part = quantiles[:, rows]
        found[int(key)] = point_figures(
            y[rows], mean[rows], part[middle], weight[rows]
        ) | cover_figures(y[rows], part, levels, weight[rows])
    return found
