"""Price indices of a snapshot: the level on a past day over the level today."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.market.snapshot import Observation, SnapshotDay

PRICE_INDEX = "price_index"
"""Quantity whose observations are levels of an index; its category is a kind of right."""


@dataclass(frozen=True, slots=True)
class IndexLevels:
    """Levels of an index on past days.

    Parameters
    ----------
    ratio : (n,) float64
        Level on the day over the level today [1]; NaN where no index reaches.
    silent_years : (n,) float64
        Time up to today of which the index says nothing [year]; NaN likewise.
    """

    ratio: NDArray[np.float64]
    silent_years: NDArray[np.float64]


def index_levels(
    market: SnapshotDay,
    category: str,
    regions: Sequence[str],
    region_index: NDArray[np.int64],
    age_years: NDArray[np.float64],
) -> IndexLevels:
    """Return the index of each place on past days.

    The index of the smallest region with at least two observations speaks,
    log-linear between them, level after the last one, silent before the first.

    Parameters
    ----------
    market : SnapshotDay
        The market; later observations are not used.
    category : str
        Kind of right.
    regions : sequence of str
        Distinct region codes.
    region_index : (n,) int64
        Region of each row.
    age_years : (n,) float64
        Age of each row's day [year], >= 0.

    Returns
    -------
    IndexLevels
        One level a row.
    """
    ratio = np.full(region_index.size, np.nan)
    silent = np.full(region_index.size, np.nan)
    known = [
        seen
        for seen in market.snapshot.observations
        if seen.quantity == PRICE_INDEX
        and seen.category == category
        and seen.observed_on <= market.day
    ]
    for k, region in enumerate(regions):
        series = _series(known, region)
        if not series:
            continue
        ages = np.array([-(market.day - seen.observed_on).days / 365.25 for seen in series])
        logs = np.array([math.log(seen.value) for seen in series])
        rows = (region_index == k) & (-age_years >= ages[0])
        ratio[rows] = np.exp(np.interp(-age_years[rows], ages, logs) - logs[-1])
        silent[rows] = np.minimum(-ages[-1], age_years[rows])
    return IndexLevels(ratio, silent)


def _series(known: Sequence[Observation], region: str) -> list[Observation]:
    """Observations of the smallest region around a place that has two of them."""
    places = {seen.region for seen in known}
    around = sorted((place for place in places if region.startswith(place)), key=len, reverse=True)
    for place in [*around, "CN"]:
        series = sorted(
            (seen for seen in known if seen.region == place), key=lambda seen: seen.observed_on
        )
        if len({seen.observed_on for seen in series}) > 1:
            return series
    return []
