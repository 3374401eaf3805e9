"""The one door for tables: raw columns in, checked float64 columns out.

Every fault of every row is found and listed; rows without fault go on.  Behind
this door columns are float64 (numbers; days since 1970-01-01; flags 1, 0, NaN)
or int64 (codes, -1 where missing), one-dimensional and of equal length.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from riskengine.cells import READERS, Door, as_text, check_text, read_regions, text_faults
from riskengine.columns import Contract
from riskengine.dates import day_number
from riskengine.faults import Fault, FaultKind
from riskengine.headings import match_headings

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class TakenColumns(Mapping[str, Array]):
    """Columns of some rows of a table, gathered when they are first asked for.

    Parameters
    ----------
    columns : mapping of str to array
        Columns of the whole table.
    rows : (k,) int64
        Rows taken.
    """

    columns: Mapping[str, Array]
    rows: NDArray[np.int64]
    _taken: dict[str, Array] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Array:
        """Return one column of the rows taken."""
        found = self._taken.get(name)
        if found is None:
            found = self._taken[name] = self.columns[name][self.rows]
        return found

    def put(self, name: str, values: Array) -> None:
        """Let a column be another one.

        Parameters
        ----------
        name : str
            Column, of the table or not.
        values : (k,) array
            What it holds for the rows taken.
        """
        self._taken[name] = values

    def __contains__(self, name: object) -> bool:
        """Whether there is such a column; nothing is gathered for it."""
        return name in self.columns or name in self._taken

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of columns."""
        return iter(self.columns)

    def __len__(self) -> int:
        """Count the columns."""
        return len(self.columns)


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
        return len(self.rows)

    def take(self, rows: NDArray[np.int64]) -> "Batch":
        """Return some rows, in the order asked for.

        Parameters
        ----------
        rows : (k,) int64
            Positions, from 0.

        Returns
        -------
        Batch
            The rows; columns are gathered when they are first asked for.
        """
        nameless = self.ids.null_count == self.size  # arrow's `take` would cost most of it
        return Batch(
            self.contract,
            pa.nulls(len(rows), self.ids.type) if nameless else self.ids.take(pa.array(rows)),
            self.rows[rows], TakenColumns(self.columns, rows), self.regions,
            self.region_index[rows],
        )  # fmt: skip


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


def check(
    contract: Contract,
    table: pa.RecordBatch,
    valued_on: date,
    first_row: int = 1,
    duplicates: NDArray[np.bool_] | None = None,
    *,
    most_told: int = 1 << 30,
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
    most_told : int
        Most faults that are told of one row, >= 1; the last that is told holds the others.

    Returns
    -------
    Checked
        Good rows and all faults.
    """
    door = Door(contract, table, first_row, most_told)
    columns: dict[str, Array] = {}
    ids = _identifiers(door)
    marks = _repeated(ids) if duplicates is None else duplicates
    door.stop(FaultKind.DUPLICATE, contract.identifier, marks)
    regions: tuple[str, ...] = ()
    region_index = np.zeros(door.size, dtype=np.int64)
    for column in contract.columns[1:]:
        if column.name == "region_code":
            regions, region_index = read_regions(door, column)
        elif column.kind == "text":
            check_text(door, column)
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
    return Checked(batch, door.told(), int(door.bad.sum()))


def _identifiers(door: Door) -> pa.Array:
    """Identifier of every row as text."""
    column = door.contract.identifier
    ids = as_text(door.table.column(column.name))
    text_faults(door, column, ids)
    return ids


def _repeated(ids: pa.Array) -> NDArray[np.bool_]:
    """Mark every row whose identifier occurs more than once."""
    encoded = pc.dictionary_encode(ids)
    index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    counts = np.bincount(index[index >= 0], minlength=1)
    repeated: NDArray[np.bool_] = (index >= 0) & (counts[index] > 1)
    return repeated


def _agreement(door: Door, columns: Mapping[str, Array], valued_on: date) -> None:
    """Facts that must agree across columns."""
    contract = door.contract
    kind = contract.by_name.get("kind")
    for column in contract.columns:
        if column.required_for and kind is not None:
            wanted = np.isin(columns["kind"], [kind.codes.index(k) for k in column.required_for])
            values = columns[column.name]
            missing = values == -1 if column.kind == "code" else np.isnan(values)
            if (missing & wanted).any():
                door.stop(FaultKind.MISSING, column, missing & wanted & ~door.stopped(column))
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
