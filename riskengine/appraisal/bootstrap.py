"""Percentile bootstrap intervals of every ratio statistic, seeded by stratum."""

import math
import zlib

import numpy as np
import numpy.typing as npt

from riskengine.appraisal.cells import Array
from riskengine.appraisal.intervals import Interval
from riskengine.kernels.ratio_resample import count_rows, resample_row

RESAMPLED = ("median", "mean", "weighted_mean", "cod", "cov", "prd", "prb", "mki", "ki")
"""Statistics that the bootstrap answers, in the order of the kernel's output."""


def bootstrap_intervals(
    columns: tuple[Array, Array, Array], price_order: npt.NDArray[np.int64],
    tied: npt.NDArray[np.bool_], resamples: int, key: tuple[int, str], confidence: float = 0.95,
) -> dict[str, Interval]:  # fmt: skip
    """Percentile bootstrap intervals of every ratio statistic.

    Parameters
    ----------
    columns : tuple of (n,) float64
        Ratios [1] in rising order, estimates and prices [yuan] in that order.
    price_order : (n,) int64
        Rows in rising order of price.
    tied : (n,) bool
        Whether a place of that order shares its rank with the place before it.
    resamples : int
        Number of resamples, >= 1.
    key : tuple of int and str
        Seed, >= 0, and name of the stratum: the key of the Philox generator,
        so that no stratum's draws depend on the others.
    confidence : float
        Confidence, in (0, 1).

    Returns
    -------
    dict of str to Interval
        By name as in `RESAMPLED`; NaN ends where fewer than half of the
        resamples define the statistic.

    Examples
    --------
    >>> ratio, price = np.array([0.9, 1.0, 1.1]), np.array([5.0, 6.0, 7.0])
    >>> found = bootstrap_intervals(
    ...     (ratio, ratio * price, price), np.arange(3), np.zeros(3, dtype=bool), 50, (7, ""))
    >>> found["mean"].low >= 0.9 and found["mean"].high <= 1.1
    True
    """
    count = columns[0].size
    seed, name = key
    words = np.array([seed % 2**64, zlib.crc32(name.encode())], dtype=np.uint64)
    generator = np.random.Generator(np.random.Philox(key=words))
    counts, scratch = np.empty(count, dtype=np.int64), np.empty(count)
    found = np.empty((resamples, len(RESAMPLED)))
    for resample in range(resamples):
        count_rows(generator.integers(0, count, size=count), counts)
        resample_row(*columns, price_order, tied, counts, scratch, found[resample])
    tail = 0.5 * (1.0 - confidence)
    intervals = {}
    for place, statistic in enumerate(RESAMPLED):
        values = found[np.isfinite(found[:, place]), place]
        low, high = math.nan, math.nan
        if 2 * values.size >= resamples:
            low, high = (float(end) for end in np.quantile(values, [tail, 1.0 - tail]))
        intervals[statistic] = Interval(low, high, confidence, "bootstrap")
    return intervals
