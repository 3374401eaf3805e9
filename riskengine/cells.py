"""Reading the cells of one batch, column by column, and noting what is wrong with them."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from riskengine.columns import TEXT_LENGTH, Column, Contract
from riskengine.dates import EPOCH, day_number
from riskengine.faults import Fault, FaultKind
from riskengine.identity.texts import without_people
from riskengine.kernels.check import mark_outside
from riskengine.regions import is_region_code

EARLIEST, LATEST = day_number(date(1900, 1, 1)), day_number(date(2200, 12, 31))
"""Dates outside are taken for slips."""

TRUE_WORDS = frozenset({"true", "yes", "y", "1", "是", "有", "1.0"})
FALSE_WORDS = frozenset({"false", "no", "n", "0", "否", "无", "0.0"})


MOST_TOLD = 5
"""Most faults that are told of one row of a file; the others of it are counted."""


class Door:
    """Collects faults while the columns of one batch are read.

    Of a row no more than so many faults are told; of the others only kind and column are
    kept, so that a file of nothing but faults needs no more memory than one without.
    """

    def __init__(
        self, contract: Contract, table: pa.RecordBatch, first_row: int, most_told: int
    ) -> None:
        self.contract = contract
        self.table = table
        self.size = table.num_rows
        self.first_row = first_row
        self.most_told = most_told
        self.bad: NDArray[np.bool_] | None = None
        self.faults: list[Fault] = []
        self._told = np.zeros(0, dtype=np.int64)
        self._stopped: dict[str, NDArray[np.bool_]] = {}
        self._others: list[tuple[tuple[FaultKind, str], NDArray[np.bool_]]] = []
        self._last: dict[int, int] = {}
        self._named: dict[int, tuple[int, str]] = {}

    def stop(self, kind: FaultKind, column: Column, wrong: NDArray[np.bool_], **facts: Any) -> None:
        """Record one fault for every marked row."""
        if not wrong.any():
            return
        if self.bad is None:
            self.bad = np.zeros(self.size, dtype=bool)
            self._told = np.zeros(self.size, dtype=np.int64)
        self.bad |= wrong
        marks = self._stopped.setdefault(column.name, np.zeros(self.size, dtype=bool))
        marks |= wrong
        telling = wrong & (self._told < self.most_told)
        if (wrong & ~telling).any():
            self._others.append(((kind, column.name), wrong & ~telling))
        self._told += telling
        cells = self.table.column(column.name) if column.name in self.table.schema.names else None
        shown: dict[str, str] = {}
        for row in np.flatnonzero(telling).tolist():
            number, named = self._named.get(row) or self._name(row)
            text = "" if cells is None else _shown(column, cells[row])
            self._last[row] = len(self.faults)
            self.faults.append(Fault(
                kind, self.contract.table, number, named, column, shown.setdefault(text, text),
                facts,
            ))  # fmt: skip

    def _name(self, row: int) -> tuple[int, str]:
        """Number and identifier of a row; every fault of it holds the same two."""
        identifier = self.contract.identifier
        cell = self.table.column(identifier.name)[row]
        named = self._named[row] = self.first_row + row, _shown(identifier, cell)
        return named

    def stopped(self, column: Column) -> NDArray[np.bool_]:
        """Rows already stopped for a cell of this column, so that one cell has one fault."""
        return self._stopped.get(column.name, np.zeros(self.size, dtype=bool))

    def told(self) -> tuple[Fault, ...]:
        """Return the faults by row; the last of a row says which others it has."""
        if self._others:
            pairs = [pair for pair, _ in self._others]
            marks = np.stack([wrong for _, wrong in self._others], axis=1)
            known: dict[bytes, tuple[tuple[FaultKind, str], ...]] = {}
            for row in np.flatnonzero(marks.any(axis=1)).tolist():
                key = marks[row].tobytes()
                if key not in known:
                    known[key] = tuple(pairs[at] for at in np.flatnonzero(marks[row]).tolist())
                at = self._last[row]
                self.faults[at] = replace(self.faults[at], others=known[key])
        return tuple(sorted(self.faults, key=lambda fault: fault.row))

    def plain(self, column: Column) -> pa.Array | None:
        """One raw column, dictionaries unpacked, or None where it is all missing."""
        if column.name not in self.table.schema.names:
            return None
        cells = self.table.column(column.name)
        return None if cells.null_count == self.size else cells


def _shown(column: Column, cell: pa.Scalar) -> str:
    """A cell as it may be shown: masked where personal, cut where long."""
    try:
        content = cell.as_py()
    except (OverflowError, ValueError):
        content = "?"  # a date beyond the calendar has no Python value
    text = "" if content is None else str(content)
    if column.personal:
        return "*" * min(len(text), 8)
    return shown_text(text)


def shown_text(text: str) -> str:
    """Return a text as faults may show it.

    Parameters
    ----------
    text : str
        What a cell holds.

    Returns
    -------
    str
        Identity numbers masked, cut where it is long, without what cannot be printed.

    Examples
    --------
    >>> shown_text("11010519491231002X")
    '110***********002X'
    """
    plain = without_people(text)
    shown = plain if len(plain) <= TEXT_LENGTH else f"{plain[:TEXT_LENGTH]}…"
    if shown.isprintable():
        return shown
    return "".join(letter if letter.isprintable() else "�" for letter in shown)


def as_text(cells: pa.Array) -> pa.Array:
    """Any column as plain text without blanks around it."""
    if pa.types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    if pa.types.is_floating(cells.type):
        cells = pc.cast(cells, pa.int64(), safe=False) if _whole(cells) else cells
    return cells if pa.types.is_string(cells.type) else pc.cast(cells, pa.string())


def _whole(cells: pa.Array) -> bool:
    """Whether every number of a column is whole, as Excel stores codes."""
    values = cells.drop_null().to_numpy(zero_copy_only=False)
    return bool(np.all(np.isfinite(values) & (np.floor(values) == values)))


def text_faults(door: Door, column: Column, text: pa.Array) -> None:
    """Missing, over-long and unprintable texts."""
    length = pc.utf8_length(text).fill_null(0).to_numpy(zero_copy_only=False)
    if column.required:
        door.stop(FaultKind.MISSING, column, length == 0)
    door.stop(FaultKind.TOO_LONG, column, length > TEXT_LENGTH, limit=TEXT_LENGTH)
    hidden = pc.match_substring_regex(text, r"[\x00-\x1f\x7f]")
    door.stop(FaultKind.UNPRINTABLE, column, _truth(hidden))


def _floats(cells: pa.Array) -> NDArray[np.float64]:
    """Arrow numbers as float64, missing as NaN; integers beyond 2^53 are rounded."""
    values: NDArray[np.float64] = cells.cast(pa.float64(), safe=False).to_numpy(
        zero_copy_only=False
    )
    return values


def _truth(marks: pa.Array) -> NDArray[np.bool_]:
    """Arrow truth values as numpy, missing as False."""
    truth: NDArray[np.bool_] = marks.fill_null(False).to_numpy(zero_copy_only=False)
    return truth


def check_text(door: Door, column: Column) -> None:
    """Check a text column that values nothing."""
    cells = door.plain(column)
    if cells is not None:
        text_faults(door, column, as_text(cells))
    elif column.required:
        door.stop(FaultKind.MISSING, column, np.ones(door.size, dtype=bool))


def read_regions(door: Door, column: Column) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Distinct region codes and the code of each row; "" where none is stated nor needed."""
    cells = door.plain(column)
    if cells is None:
        if column.required:
            door.stop(FaultKind.MISSING, column, np.ones(door.size, dtype=bool))
        return ("",), np.zeros(door.size, dtype=np.int64)
    encoded = cells if pa.types.is_dictionary(cells.type) else pc.dictionary_encode(as_text(cells))
    codes = tuple((text or "").strip() for text in as_text(encoded.dictionary).to_pylist())
    index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    unknown = np.array([not is_region_code(code) for code in codes] + [False])
    if column.required:
        door.stop(FaultKind.MISSING, column, index < 0)
    else:
        unknown[:-1] &= np.array([code != "" for code in codes], dtype=bool)
        index, codes = np.where(index < 0, len(codes), index), (*codes, "")
    door.stop(FaultKind.UNKNOWN_REGION, column, unknown[index])
    return codes or ("",), np.maximum(index, 0)


def _blank(door: Door, column: Column) -> NDArray[np.float64]:
    """A column with nothing in it."""
    if column.required:
        door.stop(FaultKind.MISSING, column, np.ones(door.size, dtype=bool))
    return np.full(door.size, np.nan)


def _parsed(door: Door, column: Column, cells: pa.Array, kind: FaultKind) -> NDArray[np.float64]:
    """A text column read cell by cell, once per distinct text."""
    encoded = cells if pa.types.is_dictionary(cells.type) else pc.dictionary_encode(cells)
    texts = as_text(encoded.dictionary).to_pylist()
    read = PARSERS[column.kind]
    values = [read(text.strip()) if text and text.strip() else np.nan for text in texts]
    lookup = np.array([np.nan if v is None else v for v in values] + [np.nan])
    failed = np.array([v is None for v in values] + [False])
    index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    if failed.any():
        door.stop(kind, column, failed[index])
    parsed: NDArray[np.float64] = lookup[index]
    return parsed


def _numbers(door: Door, column: Column) -> NDArray[np.float64]:
    """A number column, checked for presence and range."""
    cells = door.plain(column)
    if cells is None:
        return _blank(door, column)
    kinds = (pa.types.is_floating, pa.types.is_integer, pa.types.is_decimal)
    if any(is_kind(cells.type) for is_kind in kinds):
        values = _floats(cells)
    else:
        values = _parsed(door, column, cells, FaultKind.NOT_A_NUMBER)
    if column.required and np.isnan(values).any():
        door.stop(FaultKind.MISSING, column, np.isnan(values) & ~door.stopped(column))
    outside = np.empty(door.size, dtype=bool)
    if mark_outside(values, column.low, column.high, column.low_open, outside):
        door.stop(FaultKind.OUT_OF_RANGE, column, outside, range=column.range_text())
    return values


def _days(door: Door, column: Column) -> NDArray[np.float64]:
    """A date column as days since 1970-01-01."""
    cells = door.plain(column)
    if cells is None:
        return _blank(door, column)
    if pa.types.is_timestamp(cells.type):
        cells = cells.cast(pa.date32(), safe=False)
    if pa.types.is_date(cells.type):
        values = _floats(cells.cast(pa.date32()).cast(pa.int32()))
    else:
        values = _parsed(door, column, cells, FaultKind.NOT_A_DATE)
    if column.required and np.isnan(values).any():
        door.stop(FaultKind.MISSING, column, np.isnan(values) & ~door.stopped(column))
    outside = np.empty(door.size, dtype=bool)
    if mark_outside(values, EARLIEST, LATEST, False, outside):
        door.stop(FaultKind.OUT_OF_RANGE, column, outside, range="[1900-01-01, 2200-12-31]")
    return values


def _flags(door: Door, column: Column) -> NDArray[np.float64]:
    """A yes-or-no column as 1, 0 and NaN."""
    cells = door.plain(column)
    if cells is None:
        return _blank(door, column)
    if pa.types.is_boolean(cells.type):
        return _floats(cells.cast(pa.int8()))
    return _parsed(door, column, cells, FaultKind.NOT_A_FLAG)


def _codes(door: Door, column: Column) -> NDArray[np.int64]:
    """A code column as positions in its choices, -1 where missing."""
    cells = door.plain(column)
    if cells is None:
        _blank(door, column)
        return np.full(door.size, -1, dtype=np.int64)
    encoded = cells if pa.types.is_dictionary(cells.type) else pc.dictionary_encode(as_text(cells))
    known = {word: k for k, c in enumerate(column.choices) for word in (c.code, c.title.zh)}
    texts = [(text or "").strip() for text in as_text(encoded.dictionary).to_pylist()]
    lookup = np.array([known.get(text, -1 if not text else -2) for text in texts] + [-1])
    index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    values: NDArray[np.int64] = lookup[index].astype(np.int64)
    if (lookup == -2).any():
        door.stop(FaultKind.UNKNOWN_CODE, column, values == -2, choices=", ".join(column.codes))
    if column.required:
        door.stop(FaultKind.MISSING, column, values == -1)
    return values


def _parse_number(text: str) -> float | None:
    """A number as people type it: full-width digits, thousands separators."""
    plain = text.translate(FULL_WIDTH).replace(",", "")
    try:
        return float(plain) if "_" not in plain else None
    except ValueError:
        return None


FULL_WIDTH = str.maketrans("０１２３４５６７８９．－，", "0123456789.-,")


def _parse_date(text: str) -> float | None:
    """A date as people type it: 2028-12-31, 2028/12/31, 20281231, 2028年12月31日."""
    plain = text.translate(FULL_WIDTH).rstrip("日")
    for mark in ("年", "月", "/", "."):
        plain = plain.replace(mark, "-")
    try:
        if len(plain) == len("20281231") and plain.isdigit():
            return float((datetime.strptime(plain, "%Y%m%d").date() - EPOCH).days)
        year, month, day = (int(part) for part in plain.split(" ")[0].split("T")[0].split("-"))
        return float((date(year, month, day) - EPOCH).days)
    except ValueError:
        return None


def _parse_flag(text: str) -> float | None:
    """Yes or no in either language."""
    word = text.lower()
    if word in TRUE_WORDS:
        return 1.0
    return 0.0 if word in FALSE_WORDS else None


PARSERS = {"number": _parse_number, "date": _parse_date, "flag": _parse_flag}
READERS = {"number": _numbers, "date": _days, "flag": _flags, "code": _codes}
