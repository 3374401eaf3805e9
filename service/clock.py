"""The one place where the service reads the clock."""

import time
from datetime import UTC, date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
"""Beijing time, all year: the days that laws, contracts and reviews count by."""


def now() -> datetime:
    """Return the moment, in UTC.

    Returns
    -------
    datetime.datetime
        With its time zone.
    """
    return datetime.now(UTC)


def milliseconds() -> int:
    """Return the moment as ids begin with it.

    Returns
    -------
    int
        Milliseconds since 1970-01-01 in UTC [ms].
    """
    return time.time_ns() // 1_000_000


def ticks() -> float:
    """Return seconds of a clock that only goes forward, for waiting times and limits.

    Returns
    -------
    float
        Seconds from an arbitrary start [s].
    """
    return time.monotonic()


def day_of(moment: datetime) -> date:
    """Return the calendar day on which a moment falls in China.

    Parameters
    ----------
    moment : datetime.datetime
        With its time zone.

    Returns
    -------
    datetime.date
        The day in Beijing time: for eight hours a day it is not that of UTC.

    Examples
    --------
    >>> day_of(datetime(2026, 11, 25, 16, 0, tzinfo=UTC)).isoformat()
    '2026-11-26'
    """
    return moment.astimezone(CHINA).date()


def stamp(moment: datetime) -> str:
    """Return a moment as records hold it.

    Parameters
    ----------
    moment : datetime.datetime
        With its time zone.

    Returns
    -------
    str
        ISO 8601 in UTC with microseconds; sorts as time does.

    Examples
    --------
    >>> stamp(datetime(2026, 11, 26, 8, 0, tzinfo=UTC))
    '2026-11-26T08:00:00.000000Z'
    """
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
