"""Ids of records: a letter that tells what it is of, and 122 random bits (RFC 9562, version 4)."""

import uuid

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
        Such as ``d-`` and 32 hexadecimal digits.
    """
    return f"{letter}-{uuid.uuid4().hex}"


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
