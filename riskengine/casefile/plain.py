"""Cells of a case read one by one, where they are plain; what is not goes through the door.

A cell is plain where its text could only be read in one way: a float, a truth value, a day,
a declared word, a number or a day in writing.  `read` gives what the door of
`riskengine.table` gives, and the same faults, since it sends every record in doubt there.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from math import isfinite, isnan, nan
from sys import float_info
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.casefile.read import Record, tape_of
from riskengine.cells import EARLIEST, LATEST, PARSERS
from riskengine.columns import TEXT_LENGTH, Column, Contract
from riskengine.dates import EPOCH, day_number
from riskengine.gates.tables import LOANS, pledges, policies
from riskengine.regions import is_region_code
from riskengine.rights import RIGHTS
from riskengine.single import check_records, told

HIDDEN = re.compile(r"[\x00-\x1f\x7f]")
"""Characters that no text may hold."""
REGION = "region_code"
"""The one text that a value rests on."""
EXACT = 2**53
"""Whole numbers below it are themselves as floats."""
FIRST_DAY = EPOCH.toordinal()


class Row(NamedTuple):
    """One record that passed the door.

    Parameters
    ----------
    cells : mapping of str to object
        Its cells, texts that stand for something else read.
    numbers : mapping of str to float
        Numbers of the cells that hold something: flags 1 and 0, days since 1970-01-01, codes
        as positions in their choices.
    region : str
        Region code; empty where none is stated.
    """

    cells: Record
    numbers: Mapping[str, float]
    region: str


NOBODY = Row({}, {}, "")
"""A row in which nothing is known."""


ReadCell = Callable[[Any, float], float | None]
"""From a cell and the day of valuation to its number: NaN for nothing, None where in doubt."""


class _Reader(NamedTuple):
    """What one table asks of a record."""

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
def _reader(table: str) -> _Reader:
    """The reader of one table."""
    others = {"loans": LOANS, "pledges": pledges(), "policies": policies()}
    contract = RIGHTS[table] if table in RIGHTS else others[table]
    past = frozenset(contract.not_after_valued_on)
    kinds = contract.by_name["kind"].codes if table in RIGHTS else ()
    required = [column for column in contract.columns if column.required]
    return _Reader(
        contract,
        {
            column.name: _cell_readers(column, column.name in past)
            for column in contract.columns
            if column.kind != "text"
        },
        tuple(c.name for c in required if c.kind != "text"),
        tuple(c.name for c in required if c.kind == "text" and c.name != REGION),
        any(column.name == REGION for column in required),
        {
            k: tuple(c.name for c in contract.columns if kind in c.required_for)
            for k, kind in enumerate(kinds)
        },
        table in RIGHTS,
        {
            earlier: tuple(after for before, after in contract.orders if before == earlier)
            for earlier, _ in contract.orders
        },
        frozenset(column.name for column in contract.columns if column.kind == "flag"),
        frozenset(column.name for column in contract.columns if column.kind == "date"),
        past,
        {
            column.name: _range(column)
            for column in contract.columns
            if column.kind in ("number", "date") and not column.low_open
        },
        {
            column.name: {
                word: (float(k), choice.code)
                for k, choice in enumerate(column.choices)
                for word in (choice.code, choice.title.zh)
            }
            for column in contract.columns
            if column.kind == "code"
        },
    )


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
            words = {word: k for k, c in enumerate(column.choices) for word in (c.code, c.title.zh)}
            numbers = {word: float(k) for word, k in words.items()}
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


def read(table: str, record: Record, valued_on: date) -> Row:
    """Check one record of a table.

    Parameters
    ----------
    table : str
        Kind of right, ``loans``, ``pledges`` or ``policies``.
    record : mapping of str to object
        Cells by declared column.
    valued_on : datetime.date
        Day of valuation.

    Returns
    -------
    Row
        Its cells and numbers.

    Raises
    ------
    PortfolioError
        Listing every fault of the record.
    """
    row = plain(table, record, valued_on)
    return _through_the_door(table, record, valued_on) if row is None else row


def plain(table: str, record: Record, valued_on: date) -> Row | None:
    """Read a record all of whose cells are plain and right.

    Parameters
    ----------
    table, record, valued_on
        As `read`.

    Returns
    -------
    Row or None
        None where anything is in doubt.
    """
    reader = _reader(table)
    found = _read_cells(reader, record, float(day_number(valued_on)))
    if found is None:
        return None
    cells, numbers = found
    region = cells.get(REGION, "").strip()
    if (region or reader.region) and not is_region_code(region):
        return None
    return Row(cells, numbers, region) if _whole(reader, cells, numbers) else None


def _read_cells(
    reader: _Reader, record: Record, day: float
) -> tuple[dict[str, Any], dict[str, float]] | None:
    """Cells and numbers of a record; None where one is in doubt."""
    flags, ranges, words = reader.flags, reader.ranges, reader.words
    cells: dict[str, Any] = {}
    numbers: dict[str, float] = {}
    for name, cell in record.items():
        how = type(cell)
        if how is bool and name in flags:  # the plainest cells, without a call
            numbers[name], cells[name] = (1.0 if cell else 0.0), cell
            continue
        if how is str and name in words:
            word = words[name].get(cell)
            if word is not None:
                numbers[name], cells[name] = word
                continue
        elif (how is float or how is date) and name in ranges:
            number = cell if how is float else float(cell.toordinal() - FIRST_DAY)
            low, high = ranges[name]
            if (
                low <= number <= high and (how is date) == (name in reader.days)
                and (number <= day or name not in reader.past)
            ):  # fmt: skip
                numbers[name], cells[name] = number, cell
                continue
        if cell is None or cell == "":
            continue
        if not _read_cell(reader, name, cell, day, cells, numbers):
            return None
    return cells, numbers


def _read_cell(
    reader: _Reader, name: str, cell: Any, day: float, cells: dict[str, Any],
    numbers: dict[str, float],
) -> bool:  # fmt: skip
    """Read a cell that holds something; say whether it is in no doubt."""
    by_type, how = reader.cells.get(name), type(cell)
    if by_type is None:
        cells[name] = cell
        return name in reader.contract.by_name and _is_text(cell)
    read_cell = by_type.get(how)
    number = None if read_cell is None else read_cell(cell, day)
    if number is not None and not isnan(number):
        numbers[name] = number
        cells[name] = _content(reader, name, number) if how is str else cell
    return number is not None


def again(table: str, before: Row, record: Record, valued_on: date) -> Row:
    """Read a record that differs from one read before in a few cells.

    Parameters
    ----------
    table, record, valued_on
        As `read`.
    before : Row
        The record read before, all of whose cells it has.

    Returns
    -------
    Row
        As `read` gives it.

    Raises
    ------
    PortfolioError
        As `read`.
    """
    held, numbers = before.cells, dict(before.numbers)
    for name, cell in record.items():
        if held.get(name) is not cell:
            number = None if type(cell) is str else number_in(table, name, cell, valued_on)
            if number is None:
                return read(table, record, valued_on)
            numbers[name] = number
    if held.keys() <= record.keys() and _whole(_reader(table), record, numbers):
        return Row(record, numbers, before.region)
    return read(table, record, valued_on)


def number_in(table: str, name: str, cell: Any, valued_on: date) -> float | None:
    """Read one plain cell.

    Parameters
    ----------
    table, name : str
        Table and column.
    cell : object
        The cell, holding something.
    valued_on : datetime.date
        Day of valuation.

    Returns
    -------
    float or None
        As `Row.numbers` has it; None where it is in doubt.
    """
    by_type = _reader(table).cells.get(name, {})
    read_cell = by_type.get(type(cell))
    number = None if read_cell is None else read_cell(cell, float(day_number(valued_on)))
    return None if number is None or isnan(number) else number


def _is_text(cell: Any) -> bool:
    """Whether a text may stand as it is."""
    if type(cell) is not str or len(cell) > TEXT_LENGTH:
        return False
    if cell.isascii():
        return cell.isprintable()
    return HIDDEN.search(cell) is None and cell == cell.encode(errors="replace").decode()


def _content(reader: _Reader, name: str, number: float) -> Any:
    """What the number of a text stands for."""
    column = reader.contract.by_name[name]
    match column.kind:
        case "flag":
            return bool(number)
        case "code":
            return column.codes[int(number)]
        case "date":
            return EPOCH + timedelta(days=int(number))
    return number


def _whole(reader: _Reader, cells: Record, numbers: Mapping[str, float]) -> bool:
    """Whether what a table asks for is there and agrees."""
    wanted = reader.required
    if reader.required_for:
        wanted += reader.required_for.get(int(numbers.get("kind", -1.0)), ())
    for name in wanted:
        if name not in numbers:
            return False
    for name in reader.texts:
        if name not in cells:
            return False
    for earlier in reader.later.keys() & numbers.keys():
        for later in reader.later[earlier]:
            if numbers[earlier] > numbers.get(later, nan):
                return False
    return True


def _through_the_door(table: str, record: Record, valued_on: date) -> Row:
    """A record as the door of its table reads it."""
    contract = _reader(table).contract
    if table in RIGHTS:
        checked = check_records(table, [record], valued_on)
        if not checked.batch.size:
            raise told(checked.faults)
        batch = checked.batch
    else:
        batch = tape_of(contract, [record], valued_on).batch
    numbers = {}
    for name, column in batch.columns.items():
        number = float(column[0])
        missing = number < 0.0 if contract.by_name[name].kind == "code" else isnan(number)
        if not missing:
            numbers[name] = number
    return Row(record, numbers, batch.regions[int(batch.region_index[0])] if batch.regions else "")


def columns_of(table: str, rows: Sequence[Row]) -> dict[str, NDArray[Any]]:
    """Lay rows of one table out as columns.

    Parameters
    ----------
    table : str
        The table.
    rows : sequence of Row
        Its rows.

    Returns
    -------
    dict of str to (n,) float64 or int64
        As the door of `riskengine.table` gives them: every column of a kind of right, of a
        wider table those that any row holds or all must.
    """
    reader, size = _reader(table), len(rows)
    if reader.full:
        names = _names(table)
    else:
        held = set(reader.required).union(*(row.numbers for row in rows))
        names = tuple(name for name in _names(table) if name in held)
    place = {name: k * size for k, name in enumerate(names)}
    where, numbers = list[int](), list[float]()
    for row in rows:
        where.extend(map(place.__getitem__, row.numbers))
        numbers.extend(row.numbers.values())
    block = np.full(len(names) * size, nan)
    block[np.array(where, dtype=np.int64) + np.repeat(
        np.arange(size), [len(row.numbers) for row in rows]
    )] = numbers  # fmt: skip
    columns: dict[str, NDArray[Any]] = dict(
        zip(names, block.reshape(len(names), size), strict=True)
    )
    for name in _codes(table):
        if name in columns:
            column = columns[name]
            columns[name] = np.where(np.isnan(column), -1.0, column).astype(np.int64)
    return columns


@cache
def _names(table: str) -> tuple[str, ...]:
    """Columns of a table that hold numbers."""
    columns = _reader(table).contract.columns
    return tuple(c.name for c in columns if c.kind != "text" and c.name != REGION)


@cache
def _codes(table: str) -> tuple[str, ...]:
    """Columns of a table that hold words."""
    return tuple(c.name for c in _reader(table).contract.columns if c.kind == "code")
