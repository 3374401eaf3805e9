"""The one door for tables: raw columns in, checked float64 columns out.

Every fault of every row is found and listed; rows without fault go on.  Behind
this door columns are float64 (numbers; days since 1970-01-01; flags 1, 0, NaN)
or int64 (codes, -1 where missing), one-dimensional and of equal length.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from riskengine.columns import TEXT_LENGTH, Column, Contract
from riskengine.dates import EPOCH, day_number
from riskengine.errors import PortfolioError
from riskengine.faults import Fault, FaultKind
from riskengine.kernels.check import count_missing, mark_outside
from riskengine.regions import is_region_code
from riskengine.words import Text

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[Any]

EARLIEST, LATEST = day_number(date(1900, 1, 1)), day_number(date(2200, 12, 31))
"""Dates outside are taken for slips."""

TRUE_WORDS = frozenset({"true", "yes", "y", "1", "是", "有", "1.0"})
FALSE_WORDS = frozenset({"false", "no", "n", "0", "否", "无", "0.0"})


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one table that passed the door.

    Parameters
    ----------
    contract : Contract
        What the columns mean.
    ids : pyarrow.Array
        Identifiers.
    rows : (n,) int64
        Row numbers in the table, from 1.
    columns : mapping of str to array
        Checked columns by name.
    regions : tuple of str
        Distinct region codes.
    region_index : (n,) int64
        Region of each row.
    """

    contract: Contract
    ids: pa.Array
    rows: NDArray[np.int64]
    columns: Mapping[str, Array]
    regions: tuple[str, ...]
    region_index: NDArray[np.int64]

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Checked:
    """What the door let through and what it stopped.

    Parameters
    ----------
    batch : Batch
        Rows without fault.
    faults : tuple of Fault
        Every fault of every other row.
    rejected : int
        Rows with at least one fault.
    """

    batch: Batch
    faults: tuple[Fault, ...]
    rejected: int


class _Door:
    """Collects faults while the columns of one batch are read."""

    def __init__(self, contract: Contract, table: pa.RecordBatch, first_row: int) -> None:
        self.contract = contract
        self.table = table
        self.size = table.num_rows
        self.first_row = first_row
        self.bad: NDArray[np.bool_] | None = None
        self.faults: list[Fault] = []

    def stop(self, kind: FaultKind, column: Column, wrong: NDArray[np.bool_], **facts: Any) -> None:
        """Record one fault for every marked row."""
        if not wrong.any():
            return
        if self.bad is None:
            self.bad = np.zeros(self.size, dtype=bool)
        self.bad |= wrong
        identifier = self.table.column(self.contract.identifier.name)
        cells = self.table.column(column.name) if column.name in self.table.schema.names else None
        for row in np.flatnonzero(wrong).tolist():
            self.faults.append(Fault(
                kind, self.contract.table, self.first_row + row, str(identifier[row].as_py() or ""),
                column, "" if cells is None else _shown(column, cells[row]), facts,
            ))  # fmt: skip

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
    shown = text if len(text) <= TEXT_LENGTH else f"{text[:TEXT_LENGTH]}…"
    return "".join(letter if letter.isprintable() else "�" for letter in shown)


def check(
    contract: Contract,
    table: pa.RecordBatch,
    valued_on: date,
    first_row: int = 1,
    duplicates: NDArray[np.bool_] | None = None,
) -> Checked:
    """Check one batch of a table against its contract.

    Parameters
    ----------
    contract : Contract
        The declaration.
    table : pyarrow.RecordBatch
        Raw columns under their declared names; missing columns count as empty.
    valued_on : datetime.date
        Valuation date, for dates that must not lie after it.
    first_row : int
        Row number of the first row, from 1.
    duplicates : (n,) bool or None
        Rows whose identifier stands elsewhere in the table; None looks inside
        this batch only.

    Returns
    -------
    Checked
        Good rows and all faults.
    """
    door = _Door(contract, table, first_row)
    columns: dict[str, Array] = {}
    ids = _identifiers(door)
    marks = _repeated(ids) if duplicates is None else duplicates
    door.stop(FaultKind.DUPLICATE, contract.identifier, marks)
    regions: tuple[str, ...] = ()
    region_index = np.zeros(door.size, dtype=np.int64)
    for column in contract.columns[1:]:
        if column.name == "region_code":
            regions, region_index = _regions(door, column)
        elif column.kind == "text":
            _texts(door, column)
        else:
            columns[column.name] = READERS[column.kind](door, column)
    _agreement(door, columns, valued_on)
    rows = np.arange(first_row, first_row + door.size, dtype=np.int64)
    if door.bad is None:
        return Checked(Batch(contract, ids, rows, columns, regions, region_index), (), 0)
    good = ~door.bad
    kept = {name: values[good] for name, values in columns.items()}
    batch = Batch(
        contract, ids.filter(pa.array(good)), rows[good], kept, regions, region_index[good]
    )
    order = sorted(door.faults, key=lambda fault: fault.row)
    return Checked(batch, tuple(order), int(door.bad.sum()))


def _identifiers(door: _Door) -> pa.Array:
    """Identifier of every row as text."""
    column = door.contract.identifier
    ids = _as_text(door.table.column(column.name))
    _text_faults(door, column, ids)
    return ids


def _repeated(ids: pa.Array) -> NDArray[np.bool_]:
    """Mark every row whose identifier occurs more than once."""
    encoded = pc.dictionary_encode(ids)
    index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    counts = np.bincount(index[index >= 0], minlength=1)
    repeated: NDArray[np.bool_] = (index >= 0) & (counts[index] > 1)
    return repeated


def _as_text(cells: pa.Array) -> pa.Array:
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


def _text_faults(door: _Door, column: Column, text: pa.Array) -> None:
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


def _texts(door: _Door, column: Column) -> None:
    """Check a text column that values nothing."""
    cells = door.plain(column)
    if cells is not None:
        _text_faults(door, column, _as_text(cells))
    elif column.required:
        door.stop(FaultKind.MISSING, column, np.ones(door.size, dtype=bool))


def _regions(door: _Door, column: Column) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Distinct region codes and the code of each row."""
    cells = door.plain(column)
    if cells is None:
        door.stop(FaultKind.MISSING, column, np.ones(door.size, dtype=bool))
        return ("",), np.zeros(door.size, dtype=np.int64)
    encoded = cells if pa.types.is_dictionary(cells.type) else pc.dictionary_encode(_as_text(cells))
    codes = tuple((text or "").strip() for text in _as_text(encoded.dictionary).to_pylist())
    index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    door.stop(FaultKind.MISSING, column, index < 0)
    unknown = np.array([not is_region_code(code) for code in codes] + [False])
    door.stop(FaultKind.UNKNOWN_REGION, column, unknown[index])
    return codes or ("",), np.maximum(index, 0)


def _blank(door: _Door, column: Column) -> NDArray[np.float64]:
    """A column with nothing in it."""
    if column.required:
        door.stop(FaultKind.MISSING, column, np.ones(door.size, dtype=bool))
    return np.full(door.size, np.nan)


def _parsed(door: _Door, column: Column, cells: pa.Array, kind: FaultKind) -> NDArray[np.float64]:
    """A text column read cell by cell, once per distinct text."""
    encoded = cells if pa.types.is_dictionary(cells.type) else pc.dictionary_encode(cells)
    texts = _as_text(encoded.dictionary).to_pylist()
    read = PARSERS[column.kind]
    values = [read(text.strip()) if text and text.strip() else np.nan for text in texts]
    lookup = np.array([np.nan if v is None else v for v in values] + [np.nan])
    failed = np.array([v is None for v in values] + [False])
    index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    if failed.any():
        door.stop(kind, column, failed[index])
    parsed: NDArray[np.float64] = lookup[index]
    return parsed


def _numbers(door: _Door, column: Column) -> NDArray[np.float64]:
    """A number column, checked for presence and range."""
    cells = door.plain(column)
    if cells is None:
        return _blank(door, column)
    kinds = (pa.types.is_floating, pa.types.is_integer, pa.types.is_decimal)
    if any(is_kind(cells.type) for is_kind in kinds):
        values = _floats(cells)
    else:
        values = _parsed(door, column, cells, FaultKind.NOT_A_NUMBER)
    if column.required and count_missing(values):
        door.stop(FaultKind.MISSING, column, np.isnan(values) & ~_stopped(door, column))
    outside = np.empty(door.size, dtype=bool)
    if mark_outside(values, column.low, column.high, column.low_open, outside):
        door.stop(FaultKind.OUT_OF_RANGE, column, outside, range=column.range_text())
    return values


def _stopped(door: _Door, column: Column) -> NDArray[np.bool_]:
    """Rows already stopped for a cell of this column, so that one cell has one fault."""
    marks = np.zeros(door.size, dtype=bool)
    for fault in door.faults:
        if fault.column is column:
            marks[fault.row - door.first_row] = True
    return marks


def _days(door: _Door, column: Column) -> NDArray[np.float64]:
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
    if column.required and count_missing(values):
        door.stop(FaultKind.MISSING, column, np.isnan(values) & ~_stopped(door, column))
    outside = np.empty(door.size, dtype=bool)
    if mark_outside(values, EARLIEST, LATEST, False, outside):
        door.stop(FaultKind.OUT_OF_RANGE, column, outside, range="[1900-01-01, 2200-12-31]")
    return values


def _flags(door: _Door, column: Column) -> NDArray[np.float64]:
    """A yes-or-no column as 1, 0 and NaN."""
    cells = door.plain(column)
    if cells is None:
        return _blank(door, column)
    if pa.types.is_boolean(cells.type):
        return _floats(cells.cast(pa.int8()))
    return _parsed(door, column, cells, FaultKind.NOT_A_FLAG)


def _codes(door: _Door, column: Column) -> NDArray[np.int64]:
    """A code column as positions in its choices, -1 where missing."""
    cells = door.plain(column)
    if cells is None:
        _blank(door, column)
        return np.full(door.size, -1, dtype=np.int64)
    encoded = cells if pa.types.is_dictionary(cells.type) else pc.dictionary_encode(_as_text(cells))
    known = {word: k for k, c in enumerate(column.choices) for word in (c.code, c.title.zh)}
    texts = [(text or "").strip() for text in _as_text(encoded.dictionary).to_pylist()]
    lookup = np.array([known.get(text, -1 if not text else -2) for text in texts] + [-1])
    index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    values: NDArray[np.int64] = lookup[index].astype(np.int64)
    if (lookup == -2).any():
        door.stop(FaultKind.UNKNOWN_CODE, column, values == -2, choices=", ".join(column.codes))
    if column.required:
        door.stop(FaultKind.MISSING, column, values == -1)
    return values


def _agreement(door: _Door, columns: Mapping[str, Array], valued_on: date) -> None:
    """Facts that must agree across columns."""
    contract = door.contract
    kind = contract.by_name.get("kind")
    for column in contract.columns:
        if column.required_for and kind is not None:
            wanted = np.isin(columns["kind"], [kind.codes.index(k) for k in column.required_for])
            values = columns[column.name]
            missing = values == -1 if column.kind == "code" else np.isnan(values)
            if (missing & wanted).any():
                door.stop(FaultKind.MISSING, column, missing & wanted & ~_stopped(door, column))
    for earlier, later in contract.orders:
        door.stop(
            FaultKind.DATES_OUT_OF_ORDER, contract.by_name[earlier],
            columns[earlier] > columns[later], later=contract.by_name[later].title,
        )  # fmt: skip
    for name in contract.not_after_valued_on:
        door.stop(
            FaultKind.AFTER_VALUED_ON, contract.by_name[name],
            columns[name] > day_number(valued_on), day=valued_on.isoformat(),
        )  # fmt: skip


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


def match_headings(contract: Contract, headings: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Match the headings of a file to a contract's columns.

    Parameters
    ----------
    contract : Contract
        The declaration.
    headings : iterable of str
        Headings as written.

    Returns
    -------
    dict of str to str
        Declared name by heading as written.
    list of str
        Headings that mean no column and are left aside.

    Raises
    ------
    PortfolioError
        If two headings mean one column, a required column is missing, or a
        heading gives a wrong unit.
    """
    matched: dict[str, str] = {}
    unknown: list[str] = []
    faults: list[Text] = []
    for heading in headings:
        column = contract.column_for(heading)
        if column is None:
            fault = _wrong_unit(contract, heading)
            faults.extend([fault] if fault else [])
            unknown.append(heading)
        elif column.name in matched.values():
            faults.append(Text(f"列“{heading}”重复", f"column {heading!r} is given twice"))
        else:
            matched[heading] = column.name
    faults += [
        Text(f"缺少必填列“{column.heading}”", f"required column {column.name} is missing")
        for column in contract.columns
        if column.required and column.name not in matched.values()
    ]
    if faults:
        raise PortfolioError(
            Text(
                f"表 {contract.title.zh}：" + "；".join(fault.zh for fault in faults),
                f"table {contract.table}: " + "; ".join(fault.en for fault in faults),
            ),
            Text(
                "请用 template 命令生成的模板",
                "use the template written by the template command",
            ),
        )
    return matched, unknown


def _wrong_unit(contract: Contract, heading: str) -> Text | None:
    """A known title with another unit in brackets."""
    title, bracket, unit = heading.translate(str.maketrans("（）", "()")).partition("(")
    column = contract.column_for(title) if bracket else None
    if column is None or not column.unit:
        return None
    return Text(
        f"列“{heading}”的单位应为{column.heading}，不是 {unit.rstrip(')')}",
        f"column {heading!r} must be in {column.unit}, not {unit.rstrip(')')}",
    )


def from_pandas(contract: Contract, frame: "pd.DataFrame") -> pa.RecordBatch:
    """Turn a pandas frame into raw columns under their declared names.

    Parameters
    ----------
    contract : Contract
        The declaration.
    frame : pandas.DataFrame
        Any of the accepted headings; further columns are left aside.

    Returns
    -------
    pyarrow.RecordBatch
        Raw columns, unchecked.

    Raises
    ------
    PortfolioError
        As `match_headings`.
    """
    matched, _ = match_headings(contract, [str(name) for name in frame.columns])
    arrays = [_from_series(frame[heading]) for heading in matched]
    return pa.RecordBatch.from_arrays(arrays, names=list(matched.values()))


def _from_series(series: "pd.Series[Any]") -> pa.Array:
    """One pandas column; mixed ones become text, to be read cell by cell."""
    try:
        array = pa.Array.from_pandas(series)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        cells = zip(series.tolist(), series.isna().tolist(), strict=True)
        text = [None if missing else str(cell) for cell, missing in cells]
        array = pa.array(text, pa.string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
