"""One figure of a guarantee book, and the days that it is taken over."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from riskengine.dates import day_number
from riskengine.guarantee.contracts import Column, Mask
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the book.

    Parameters
    ----------
    value : float or None
        The figure; None where nothing can be divided or nothing is known.
    missing : int
        Contracts that lack a fact for it: it is then a figure of the others.
    how : Text
        Numerator and denominator in words and numbers.
    over_yuan, below_yuan : float or None
        Numerator and denominator of a share of amounts [yuan].
    """

    value: float | None
    missing: int
    how: Text
    over_yuan: float | None = None
    below_yuan: float | None = None


def within(days: Column, since: date | None, until: date) -> Mask:
    """Return which days lie in a period.

    Parameters
    ----------
    days : (n,) float64
        Days since 1970-01-01; NaN where not known.
    since : datetime.date or None
        First day; None from the beginning.
    until : datetime.date
        Last day.

    Returns
    -------
    (n,) bool
        False where the day is not known.
    """
    first = -np.inf if since is None else float(day_number(since))
    return (days >= first) & (days <= float(day_number(until)))


def later(days: Column, months: int) -> Column:
    """Days some calendar months later; the last day of a shorter month.

    Parameters
    ----------
    days : (n,) float64
        Days since 1970-01-01; NaN where not known.
    months : int
        Months, negative for earlier.

    Returns
    -------
    (n,) float64
        Days since 1970-01-01.

    Examples
    --------
    >>> later(np.array([float(day_number(date(2024, 1, 31)))]), 1) == day_number(date(2024, 2, 29))
    array([ True])
    """
    known = ~np.isnan(days)
    start = np.where(known, days, 0.0).astype(np.int64).astype("datetime64[D]")
    month = start.astype("datetime64[M]")
    into = start - month.astype("datetime64[D]")
    end = (month + (months + 1)).astype("datetime64[D]") - np.timedelta64(1, "D")
    found = np.minimum((month + months).astype("datetime64[D]") + into, end)
    return np.where(known, found.astype(np.int64).astype(np.float64), np.nan)


def quotient(over: int, below: int, upper: Text, lower: Text, missing: int) -> Figure:
    """One amount over another.

    Parameters
    ----------
    over, below : int
        The amounts [fen].
    upper, lower : Text
        What they are.
    missing : int
        Contracts that lack a fact.

    Returns
    -------
    Figure
        The quotient [1]; None where the lower amount is not above 0.
    """
    told = f"{over / 100:,.2f} / {below / 100:,.2f}"
    how = Text(f"{upper.zh}/{lower.zh} = {told}", f"{upper.en} / {lower.en} = {told}")
    value = over / below if below > 0 else None
    return Figure(value, missing, how, over / 100.0, below / 100.0)
