"""Cells of a case read one by one, where they are plain; what is not goes through the door.

A cell is plain where its text could only be read in one way: a float, a truth value, a day,
a declared word, a number or a day in writing.  `read` gives what the door of
`riskengine.table` gives, and the same faults, since it sends every record in doubt there.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from math import isinf, isnan, nan
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


class _Spec(NamedTuple):
    """What one column admits."""

    column: Column
    kind: str
    low: float
    high: float
    low_open: bool
    not_later: bool
    words: Mapping[str, int]


class _Reader(NamedTuple):
    """What one table asks of a record."""

    contract: Contract
    specs: Mapping[str, _Spec]
    required: tuple[str, ...]
    texts: tuple[str, ...]
    region: bool
    required_for: Mapping[int, tuple[str, ...]]
    orders: tuple[tuple[str, str], ...]
    full: bool


@cache
def _reader(table: str) -> _Reader:
    """The reader of one table."""
    others = {"loans": LOANS, "pledges": pledges(), "policies": policies()}
    contract = RIGHTS[table] if table in RIGHTS else others[table]
    past = set(contract.not_after_valued_on)
    kinds = contract.by_name["kind"].codes if table in RIGHTS else ()
    required = [column for column in contract.columns if column.required]
    plain = [c.name for c in required if c.kind != "text"]
    return _Reader(
        contract,
        {column.name: _spec(column, column.name in past) for column in contract.columns},
        tuple(plain),
        tuple(c.name for c in required if c.kind == "text" and c.name != "region_code"),
        any(column.name == "region_code" for column in required),
        {
            k: tuple(c.name for c in contract.columns if kind in c.required_for)
            for k, kind in enumerate(kinds)
        },
        contract.orders, table in RIGHTS,
    )  # fmt: skip


def _spec(column: Column, not_later: bool) -> _Spec:
    """What one column admits."""
    low, high = column.low, column.high
    if column.kind == "date":
        low, high = float(EARLIEST), float(LATEST)
    kind = "region" if column.name == "region_code" else column.kind
    words = {word: k for k, c in enumerate(column.choices) for word in (c.code, c.title.zh)}
    return _Spec(column, kind, low, high, column.low_open, not_later, words)


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
    reader, day = _reader(table), float(day_number(valued_on))
    specs = reader.specs
    cells: dict[str, Any] = {}
    numbers: dict[str, float] = {}
    region = ""
    for name, cell in record.items():
        if cell is None or cell == "":
            continue
        spec = specs.get(name)
        if spec is None:
            return None
        if spec.kind == "text" or spec.kind == "region":
            if type(cell) is not str or not _is_text(cell):
                return None
            if spec.kind == "region":
                region = cell.strip()
                if not is_region_code(region):
                    return None
            cells[name] = cell
            continue
        number = _number(spec, cell, day)
        if number is None:
            return None
        if number == number:
            numbers[name] = number
            cells[name] = _content(spec, number) if type(cell) is str else cell
    return Row(cells, numbers, region) if _whole(reader, cells, numbers, region) else None


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
    spec = _reader(table).specs.get(name)
    if spec is None or spec.kind in ("text", "region"):
        return None
    number = _number(spec, cell, float(day_number(valued_on)))
    return None if number is None or isnan(number) else number


def _is_text(cell: str) -> bool:
    """Whether a text may stand as it is."""
    if not 0 < len(cell) <= TEXT_LENGTH:
        return False
    return cell.isalnum() and cell.isascii() or (
        HIDDEN.search(cell) is None and cell == cell.encode(errors="replace").decode()
    )  # fmt: skip


def _number(spec: _Spec, cell: Any, day: float) -> float | None:
    """Number of a cell, NaN for nothing; None where it is in doubt."""
    how, kind = type(cell), spec.kind
    number: float | None
    if how is str:
        if kind == "code":
            word = spec.words.get(cell)
            return None if word is None else float(word)
        text = cell.strip()
        number = PARSERS[kind](text) if text and cell.isprintable() else None
    elif how is float or (how is int and -(2**53) < cell < 2**53):
        if kind != "number":
            return None
        number = float(cell)
    elif how is bool and kind == "flag":
        return 1.0 if cell else 0.0
    elif how is date and kind == "date":
        number = float((cell - EPOCH).days)
    else:
        return None
    if number is None or isnan(number):
        return None if how is str else number
    if kind != "flag" and (
        number < spec.low or number > spec.high or isinf(number)
        or (spec.low_open and number == spec.low) or (spec.not_later and number > day)
    ):  # fmt: skip
        return None
    return number


def _content(spec: _Spec, number: float) -> Any:
    """What the number of a text stands for."""
    match spec.kind:
        case "flag":
            return bool(number)
        case "code":
            return spec.column.codes[int(number)]
        case "date":
            return EPOCH + timedelta(days=int(number))
    return number


def _whole(
    reader: _Reader, cells: Record, numbers: Mapping[str, float], region: str
) -> bool:  # fmt: skip
    """Whether what a table asks for is there and agrees."""
    if reader.region and not region:
        return False
    for name in reader.required:
        if name not in numbers:
            return False
    for name in reader.texts:
        if name not in cells:
            return False
    if reader.required_for:
        for name in reader.required_for.get(int(numbers.get("kind", -1.0)), ()):
            if name not in numbers:
                return False
    for earlier, later in reader.orders:
        if numbers.get(earlier, nan) > numbers.get(later, nan):
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
    where = [place[name] + k for k, row in enumerate(rows) for name in row.numbers]
    block = np.full(len(names) * size, nan)
    block[where] = [number for row in rows for number in row.numbers.values()]
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
    return tuple(c.name for c in columns if c.kind != "text" and c.name != "region_code")


@cache
def _codes(table: str) -> tuple[str, ...]:
    """Columns of a table that hold words."""
    return tuple(c.name for c in _reader(table).contract.columns if c.kind == "code")
