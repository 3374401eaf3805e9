"""The one place where the service reads the clock."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Return the moment, in UTC.

    Returns
    -------
    datetime.datetime
        With its time zone.
    """
    return datetime.now(UTC)


def ticks() -> float:
    """Return seconds of a clock that only goes forward, for waiting times and limits.

    Returns
    -------
    float
        Seconds from an arbitrary start [s].
    """
    return time.monotonic()


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
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
