"""Days, and years between them.  Nothing here asks what day it is."""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels import calendar

EPOCH = date(1970, 1, 1)


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
    calendar.years_between_rows(float(day_number(day)), days, out)
    return out
