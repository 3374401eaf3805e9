"""What a check of a code says: a level, the character at fault, and why in two languages."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from riskengine.words import Text

LONGEST = 64
"""Characters beyond which a text is refused unread; no code here is half as long."""

SHOWN_FIRST, SHOWN_LAST, LEAST_MASKED = 3, 4, 11
"""Characters that a masked code still shows, and the shortest code that shows any."""


class Level(StrEnum):
    """How serious a remark is; rising."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to say about a code.

    Parameters
    ----------
    level : Level
        WARN asks a person to look, FAIL says the code cannot be right.
    position : int
        Character at fault, from 1; 0 where the code as a whole is.
    text : Text
        What is wrong.  Never holds the code or a part of it: codes are personal data.
    """

    level: Level
    position: int
    text: Text


Remarks = tuple[Remark, ...]
"""Remarks on one code, by the order of the checks; empty when there is nothing to say."""


def warn(position: int, zh: str, en: str) -> Remark:
    """Make a remark that asks a person to look.

    Parameters
    ----------
    position : int
        Character at fault, from 1; 0 for the whole.
    zh, en : str
        What is wrong.

    Returns
    -------
    Remark
        The remark.
    """
    return Remark(Level.WARN, position, Text(zh, en))


def fail(position: int, zh: str, en: str) -> Remark:
    """Make a remark that a code cannot be right.

    Parameters
    ----------
    position : int
        Character at fault, from 1; 0 for the whole.
    zh, en : str
        What is wrong.

    Returns
    -------
    Remark
        The remark.
    """
    return Remark(Level.FAIL, position, Text(zh, en))


def worst(remarks: Iterable[Remark]) -> Level:
    """Return the most serious level among remarks.

    Parameters
    ----------
    remarks : iterable of Remark
        Remarks on one code or on many.

    Returns
    -------
    Level
        OK when there are none.

    Examples
    --------
    >>> worst([warn(1, "甲", "a"), fail(2, "乙", "b")]).value, worst([]).value
    ('fail', 'ok')
    """
    order = tuple(Level)
    return max((remark.level for remark in remarks), key=order.index, default=Level.OK)


def mask(code: str) -> str:
    """Hide the middle of a code, so that it can be shown.

    Parameters
    ----------
    code : str
        Any code or text.

    Returns
    -------
    str
        First 3 and last 4 characters with stars between, as long as the code; stars alone
        below 11 characters; eight stars beyond 64.  Characters that cannot be printed are
        hidden too.

    Examples
    --------
    >>> mask("11010519491231002X"), mask("60003734-1")
    ('110***********002X', '**********')
    """
    size = len(code)
    if size > LONGEST:
        return "*" * 8
    if size < LEAST_MASKED:
        return "*" * size
    first, last = code[:SHOWN_FIRST], code[-SHOWN_LAST:]
    hidden = "*" * (size - SHOWN_FIRST - SHOWN_LAST)
    return (
        "".join(c if c.isprintable() else "*" for c in first)
        + hidden
        + "".join(c if c.isprintable() else "*" for c in last)
    )
