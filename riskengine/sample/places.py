"""Where synthetic rights lie: real county codes with invented townships and villages."""

import numpy as np
from numpy.typing import NDArray

COUNTIES = (
    "370983", "341302", "320321", "410122", "430181", "511181", "230882", "640521", "330523",
    "350427", "421126", "532627", "620725", "610924", "360827", "500240", "211422", "450126",
)  # fmt: skip
"""Counties of GB/T 2260 in which sample rights are placed."""


def sample_regions(rng: np.random.Generator, size: int) -> NDArray[np.str_]:
    """Draw village codes: a real county, an invented township and village.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    size : int
        Rows.

    Returns
    -------
    (size,) str
        12-digit codes.
    """
    villages = np.array([
        f"{county}{100 + township:03d}{200 + village:03d}"
        for county in COUNTIES for township in range(6) for village in range(4)
    ])  # fmt: skip
    return villages[rng.integers(0, villages.size, size)]


def dates_around(
    rng: np.random.Generator, size: int, day: np.datetime64, low_years: float, high_years: float
) -> NDArray[np.datetime64]:
    """Draw days uniformly between two distances from a day.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    size : int
        Rows.
    day : numpy.datetime64
        Day to count from.
    low_years, high_years : float
        Distances [year], negative for the past.

    Returns
    -------
    (size,) datetime64[D]
        Days.
    """
    drawn = np.round(rng.uniform(low_years * 365.25, high_years * 365.25, size)).astype(np.int64)
    return day + drawn.astype("timedelta64[D]")


def sometimes(
    rng: np.random.Generator, values: NDArray[np.float64], chance: float
) -> NDArray[np.float64]:
    """Keep a figure with a chance, else leave it missing.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    values : (n,) float64
        Figures, any unit.
    chance : float
        Chance that a cell is filled, in [0, 1].

    Returns
    -------
    (n,) float64
        Figures with NaN where missing.
    """
    return np.where(rng.random(values.size) < chance, values, np.nan)
