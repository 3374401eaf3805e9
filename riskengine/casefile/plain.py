"""Cells of a case read one by one, where they are plain; what is not goes through the door.

A cell is plain where its text could only be read in one way: a float, a truth value, a day,
a declared word, a number or a day in writing.  `read` gives what the door of
`riskengine.table` gives, and the same faults, since it sends every record in doubt there.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import chain, compress
from math import isnan, nan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.casefile.read import Record, tape_of
from riskengine.casefile.readers import (
    EXACT,
    FIRST_DAY,
    LONGEST_DAY,
    REGION,
    Reader,
    codes_of,
    day_in,
    names_of,
    reader_of,
)
from riskengine.columns import TEXT_LENGTH
from riskengine.dates import EPOCH, day_number
from riskengine.regions import is_region_code
from riskengine.rights import RIGHTS
from riskengine.single import check_records, told

HIDDEN = re.compile(r"[\x00-\x1f\x7f]")
"""Characters that no text may hold."""


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
    reader = reader_of(table)
    found = _read_cells(reader, record, float(day_number(valued_on)))
    if found is None:
        return None
    cells, numbers = found
    region = cells.get(REGION, "").strip()
    if (region or reader.region) and not is_region_code(region):
        return None
    return Row(cells, numbers, region) if _whole(reader, cells, numbers) else None


def _read_cells(
    reader: Reader, record: Record, day: float
) -> tuple[dict[str, Any], dict[str, float]] | None:
    """Cells and numbers of a record; None where one is in doubt."""
    flags, days, past = reader.flags, reader.days, reader.past
    ranges, words = reader.ranges, reader.words
    cells: dict[str, Any] = {}
    numbers: dict[str, float] = {}
    for name, cell in record.items():  # the plainest cells, without a call
        how = type(cell)
        if how is str:
            told: tuple[float, Any] | None = None
            if name in words:
                told = words[name].get(cell)
            elif name in days and len(cell) <= LONGEST_DAY:
                told = day_in(cell)
                if told is not None and told[0] > day and name in past:
                    told = None
            if told is not None:
                numbers[name], cells[name] = told
                continue
        elif how is bool:
            if name in flags:
                numbers[name], cells[name] = (1.0 if cell else 0.0), cell
                continue
        elif name in ranges and how in (float, int, date) and (how is date) == (name in days):
            number = cell.toordinal() - FIRST_DAY if how is date else cell
            low, high = ranges[name]
            if (
                low <= number <= high and (number <= day or name not in past)
                and (how is not int or -EXACT < number < EXACT)
            ):  # fmt: skip
                numbers[name], cells[name] = float(number), cell
                continue
        if cell is None or cell == "":
            continue
        if not _read_cell(reader, name, cell, day, cells, numbers):
            return None
    return cells, numbers


def _read_cell(
    reader: Reader, name: str, cell: Any, day: float, cells: dict[str, Any],
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
    if held.keys() <= record.keys() and _whole(reader_of(table), record, numbers):
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
    by_type = reader_of(table).cells.get(name, {})
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


def _content(reader: Reader, name: str, number: float) -> Any:
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


def _whole(reader: Reader, cells: Record, numbers: Mapping[str, float]) -> bool:
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
    contract = reader_of(table).contract
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
    reader, every = reader_of(table), names_of(table)
    keys = [tuple(row.numbers) for row in rows]
    counts = [len(row) for row in keys]
    numbers = np.fromiter(
        chain.from_iterable(row.numbers.values() for row in rows), np.float64, sum(counts)
    )
    places = {row: _places(table, row) for row in {reader.required, *keys}}
    held = np.full(len(every), reader.full)
    for place in places.values():
        held[place] = True
    line = np.cumsum(held) - 1
    block = np.full((int(line[-1]) + 1, len(rows)), nan)
    where = np.concatenate([places[row] for row in keys]) if rows else _places(table, ())
    block[line[where], np.repeat(np.arange(len(rows)), counts)] = numbers
    columns: dict[str, NDArray[Any]] = dict(zip(compress(every, held), block, strict=True))
    codes = tuple(name for name in codes_of(table) if name in columns)
    worded = block[line[_places(table, codes)]]
    columns.update(
        zip(codes, np.where(np.isnan(worded), -1.0, worded).astype(np.int64), strict=True)
    )
    return columns


@cache
def _place_of(table: str) -> Mapping[str, int]:
    """Position of every column of a table among those that hold numbers."""
    return {name: k for k, name in enumerate(names_of(table))}


@lru_cache(maxsize=4096)
def _places(table: str, names: tuple[str, ...]) -> NDArray[np.int64]:
    """Positions of some columns, worked out once for rows that state the same ones."""
    place = _place_of(table)
    return np.array([place[name] for name in names], dtype=np.int64)
