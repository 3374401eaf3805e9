"""What each table asks of the records of a case: how cells are read, what must be there."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache, lru_cache
from math import isfinite, isnan, nan
from sys import float_info
from typing import Any, NamedTuple

from riskengine.cells import EARLIEST, LATEST, PARSERS
from riskengine.columns import Column, Contract
from riskengine.dates import EPOCH
from riskengine.gates.tables import LOANS, pledges, policies
from riskengine.rights import RIGHTS

REGION = "region_code"
"""The one text that a value rests on."""
EXACT = 2**53
"""Whole numbers below it are themselves as floats."""
FIRST_DAY = EPOCH.toordinal()
"""Day 0 of all numbers of days."""
LONGEST_DAY = 20
"""Longest text that is looked at as a day beside the door: what is remembered stays small."""

ReadCell = Callable[[Any, float], float | None]
"""From a cell and the day of valuation to its number: NaN for nothing, None where in doubt."""


class Reader(NamedTuple):
    """What one table asks of a record.

    Parameters
    ----------
    contract : Contract
        Its columns.
    cells : mapping of str to mapping of type to ReadCell
        How cells of each column but texts are read, by their type.
    required, texts : tuple of str
        Columns that must be there: numbers, and texts but the region.
    region : bool
        Whether the region must be there.
    required_for : mapping of int to tuple of str
        What a kind of right, by its position, must have besides.
    full : bool
        Whether every column is laid out, stated or not.
    later : mapping of str to tuple of str
        Columns that must not lie before a column.
    flags, days, past : frozenset of str
        Columns of flags, of days, and of days that must not lie after the day of valuation.
    ranges : mapping of str to (float, float)
        Closed ranges of numbers and days, of columns that admit both ends.
    words : mapping of str to mapping of str to (float, str)
        Position and code of every word of a column of codes.
    """

    contract: Contract
    cells: Mapping[str, Mapping[type, ReadCell]]
    required: tuple[str, ...]
    texts: tuple[str, ...]
    region: bool
    required_for: Mapping[int, tuple[str, ...]]
    full: bool
    later: Mapping[str, tuple[str, ...]]
    flags: frozenset[str]
    days: frozenset[str]
    past: frozenset[str]
    ranges: Mapping[str, tuple[float, float]]
    words: Mapping[str, Mapping[str, tuple[float, str]]]


@cache
def reader_of(table: str) -> Reader:
    """Return the reader of one table.

    Parameters
    ----------
    table : str
        Kind of right, ``loans``, ``pledges`` or ``policies``.

    Returns
    -------
    Reader
        What it asks of a record.
    """
    others = {"loans": LOANS, "pledges": pledges(), "policies": policies()}
    contract = RIGHTS[table] if table in RIGHTS else others[table]
    columns, past = contract.columns, frozenset(contract.not_after_valued_on)
    kinds = contract.by_name["kind"].codes if table in RIGHTS else ()
    required = [column for column in columns if column.required]
    return Reader(
        contract,
        {c.name: _cell_readers(c, c.name in past) for c in columns if c.kind != "text"},
        tuple(c.name for c in required if c.kind != "text"),
        tuple(c.name for c in required if c.kind == "text" and c.name != REGION),
        any(column.name == REGION for column in required),
        {k: tuple(c.name for c in columns if kind in c.required_for)
         for k, kind in enumerate(kinds)},
        table in RIGHTS,
        {earlier: tuple(after for before, after in contract.orders if before == earlier)
         for earlier, _ in contract.orders},
        frozenset(c.name for c in columns if c.kind == "flag"),
        frozenset(c.name for c in columns if c.kind == "date"), past,
        {c.name: _range(c) for c in columns if c.kind in ("number", "date") and not c.low_open},
        {c.name: _words(c) for c in columns if c.kind == "code"},
    )  # fmt: skip


def _words(column: Column) -> dict[str, tuple[float, str]]:
    """Position and code of every word of a column of codes."""
    return {
        word: (float(k), choice.code)
        for k, choice in enumerate(column.choices)
        for word in (choice.code, choice.title.zh)
    }


def _range(column: Column) -> tuple[float, float]:
    """Closed range of the finite numbers, or days, of a column."""
    if column.kind == "date":
        return float(EARLIEST), float(LATEST)
    return max(column.low, -float_info.max), min(column.high, float_info.max)


def _cell_readers(column: Column, not_later: bool) -> Mapping[type, ReadCell]:
    """How cells of one column are read, by their type."""
    match column.kind:
        case "flag":
            return {bool: lambda cell, _: 1.0 if cell else 0.0, str: _written(column, _any)}
        case "code":
            numbers = {word: number for word, (number, _) in _words(column).items()}
            return {str: lambda cell, _: numbers.get(cell)}
        case "date":
            check = _within(float(EARLIEST), float(LATEST), False, not_later)
            return {
                date: lambda cell, day: check(float(cell.toordinal() - FIRST_DAY), day),
                str: _written(column, check),
            }
    check = _within(column.low, column.high, column.low_open, not_later)
    return {
        float: check, str: _written(column, check),
        int: lambda cell, day: check(float(cell), day) if abs(cell) < EXACT else None,
    }  # fmt: skip


def _any(number: float, _day: float) -> float | None:
    """A number in a column that admits what can be written."""
    return number


def _within(low: float, high: float, low_open: bool, not_later: bool) -> ReadCell:
    """Hold a number against the range of a column."""

    def check(number: float, day: float) -> float | None:
        if low <= number <= high and isfinite(number):
            if (low_open and number == low) or (not_later and number > day):
                return None
            return number
        return nan if isnan(number) else None

    return check


def _written(column: Column, check: ReadCell) -> ReadCell:
    """Read a number, a day or a flag in writing."""
    parse = PARSERS[column.kind]

    def read_text(cell: str, day: float) -> float | None:
        text = cell.strip()
        number = parse(text) if text and cell.isprintable() else None
        return None if number is None or isnan(number) else check(number, day)

    return read_text


@lru_cache(maxsize=1 << 14)
def day_in(text: str) -> tuple[float, date] | None:
    """Return the day that a text stands for; the same days are written again and again.

    Parameters
    ----------
    text : str
        At most `LONGEST_DAY` characters.

    Returns
    -------
    (float, datetime.date) or None
        Days since 1970-01-01, and the day; None where the text is in doubt.
    """
    bare = text.strip()
    number = PARSERS["date"](bare) if bare and text.isprintable() else None
    if number is None or not EARLIEST <= number <= LATEST:
        return None
    return number, EPOCH + timedelta(days=int(number))


@cache
def names_of(table: str) -> tuple[str, ...]:
    """Return the columns of a table that hold numbers.

    Parameters
    ----------
    table : str
        The table.

    Returns
    -------
    tuple of str
        All but texts.
    """
    columns = reader_of(table).contract.columns
    return tuple(c.name for c in columns if c.kind != "text" and c.name != REGION)


@cache
def codes_of(table: str) -> tuple[str, ...]:
    """Return the columns of a table that hold words.

    Parameters
    ----------
    table : str
        The table.

    Returns
    -------
    tuple of str
        Its codes.
    """
    return tuple(c.name for c in reader_of(table).contract.columns if c.kind == "code")
