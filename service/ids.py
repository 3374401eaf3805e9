"""Ids of records: a letter that tells what it is of, and a UUID of version 7 (RFC 9562, 5.7).

Ids begin with the millisecond in which they were made, so that indexes grow at their end: with
random ones every decision would touch a page of its own in each of them.
"""

import os

from service.clock import milliseconds

BOOK, DECISION, ERASURE, JOB, REVIEW = "b", "d", "e", "j", "r"


def new_id(letter: str) -> str:
    """Return an id that nothing else has.

    Parameters
    ----------
    letter : str
        What it is of: `BOOK`, `DECISION`, `ERASURE`, `JOB` or `REVIEW`.

    Returns
    -------
    str
        Such as ``d-`` and 32 hexadecimal digits; 74 of the 128 bits are random.
    """
    drawn = int.from_bytes(os.urandom(10))
    high, low = drawn >> 68, drawn & (1 << 62) - 1  # 12 bits and 62
    return f"{letter}-{milliseconds():012x}{7 << 12 | high:04x}{2 << 62 | low:016x}"


def pattern_of(letter: str) -> str:
    """Return the regular expression that such an id fits as a whole.

    Parameters
    ----------
    letter : str
        What it is of.

    Returns
    -------
    str
        As JSON Schema takes it.

    Examples
    --------
    >>> pattern_of(DECISION)
    '^d-[0-9a-f]{32}$'
    """
    return f"^{letter}-[0-9a-f]{{32}}$"
