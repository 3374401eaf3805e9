"""Days, and years between them.  Nothing here asks what day it is."""

from collections.abc import Callable
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels import calendar
from riskengine.kernels.compiling import plain

EPOCH = date(1970, 1, 1)
REACH = 350
"""Years for which anniversaries are laid out; valid dates lie within them."""


def day_number(day: date) -> int:
    """Days since 1970-01-01.

    Parameters
    ----------
    day : datetime.date
        Calendar date.

    Returns
    -------
    int
        Day number, negative before 1970.

    Examples
    --------
    >>> day_number(date(2026, 11, 24))
    20781
    """
    return (day - EPOCH).days


def years_from(day: date, days: NDArray[np.float64]) -> NDArray[np.float64]:
    """Years from one date to each of many day numbers, by anniversaries.

    Parameters
    ----------
    day : datetime.date
        Date to count from.
    days : (n,) float64
        Days since 1970-01-01; NaN is missing.

    Returns
    -------
    (n,) float64
        Years [year]; NaN where missing.
    """
    out = np.empty(days.size)
    calendar.years_between_rows(float(day_number(day)), anniversaries(day), days, out)
    return out


@cache
def anniversaries(day: date) -> NDArray[np.float64]:
    """Day numbers of the anniversaries of a date, `REACH` years either way.

    Parameters
    ----------
    day : datetime.date
        The date; 29 February of a common year is 1 March.

    Returns
    -------
    (2 REACH + 1,) float64
        Days since 1970-01-01, rising.
    """
    number: Callable[[int, int, int], int] = plain(calendar.day_from_civil)
    years = range(day.year - REACH, day.year + REACH + 1)
    return np.array([number(year, day.month, day.day) for year in years], dtype=np.float64)
