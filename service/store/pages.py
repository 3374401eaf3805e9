"""Cursors of lists that are ordered by moment and id, newest first."""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, Table, tuple_

from service.refusals import bad_cursor

MOST = 200
"""Most rows of a page."""
PLACE = re.compile(r"\A([0-9T:.Z-]{27})\|([a-z]-[0-9a-f]{32})\Z")


def cursor_of(moment: str, identifier: str) -> str:
    """Return the cursor that stands behind a row.

    Parameters
    ----------
    moment, identifier : str
        Moment and id of the last row of a page.

    Returns
    -------
    str
        Base64 for addresses.

    Examples
    --------
    >>> place_of(cursor_of("2026-11-26T08:00:00.000000Z", "j-" + "0" * 32))[0]
    '2026-11-26T08:00:00.000000Z'
    """
    return base64.urlsafe_b64encode(f"{moment}|{identifier}".encode()).decode().rstrip("=")


def place_of(cursor: str) -> tuple[str, str]:
    """Return moment and id behind which a page begins.

    Parameters
    ----------
    cursor : str
        As `cursor_of` gave it.

    Returns
    -------
    tuple of (str, str)
        Moment and id.

    Raises
    ------
    Problem
        422 for one that no list gave.
    """
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        raw = ""
    found = PLACE.match(raw)
    if found is None:
        raise bad_cursor()
    return found[1], found[2]


def behind(query: Select[Any], table: Table, name: str, cursor: str | None) -> Select[Any]:
    """Return a query for the rows behind a cursor, newest first.

    Parameters
    ----------
    query : Select
        The rows.
    table : Table
        Table with ``made_at``.
    name : str
        Its column of ids.
    cursor : str or None
        Where the page before ended; None for the first.

    Returns
    -------
    Select
        Ordered.
    """
    identifier = table.c[name]
    if cursor is not None:
        query = query.where(tuple_(table.c.made_at, identifier) < tuple_(*place_of(cursor)))
    return query.order_by(table.c.made_at.desc(), identifier.desc())


def cut(rows: Sequence[Row[Any]], limit: int, name: str) -> tuple[list[Row[Any]], str | None]:
    """Return a page and the cursor behind it.

    Parameters
    ----------
    rows : list of Row
        One more than the page takes, where there are more.
    limit : int
        Rows of a page.
    name : str
        Column of ids.

    Returns
    -------
    list of Row
        The page.
    str or None
        Cursor of the next; None at the end.
    """
    page = list(rows[:limit])
    if len(rows) <= limit:
        return page, None
    last = page[-1]._mapping
    return page, cursor_of(last["made_at"], last[name])
