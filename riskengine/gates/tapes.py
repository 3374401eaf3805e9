"""Tables of pledges, loans and policies as they pass the door, with the texts that tie them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from riskengine.cells import shown_text
from riskengine.columns import Column, Contract
from riskengine.dates import EPOCH
from riskengine.faults import Fault, FaultKind
from riskengine.table import Batch, check

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tape:
    """Rows of one table that passed the door.

    Parameters
    ----------
    batch : Batch
        Checked columns; of a wide table only those that the file holds.
    texts : mapping of str to pyarrow.Array
        Text columns.
    faults : tuple of Fault
        Every fault of the rows that were stopped.
    rejected : int
        Rows that were stopped.
    """

    batch: Batch
    texts: Mapping[str, pa.Array]
    faults: tuple[Fault, ...] = ()
    rejected: int = 0

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.batch.size

    def text(self, name: str) -> pa.Array:
        """Return a text column.

        Parameters
        ----------
        name : str
            Column.

        Returns
        -------
        pyarrow.Array
            The column; all null where the file has none.
        """
        found = self.texts.get(name)
        return pa.nulls(self.size, pa.string()) if found is None else found

    def take(self, rows: Rows) -> "Tape":
        """Return some rows, in the order asked for.

        Parameters
        ----------
        rows : (k,) int64
            Positions, from 0.

        Returns
        -------
        Tape
            The rows.
        """
        index = pa.array(rows)
        texts = {name: column.take(index) for name, column in self.texts.items()}
        return Tape(self.batch.take(rows), texts)

    def columns_at(self, rows: Rows) -> dict[str, NDArray[Any]]:
        """Return every column at some rows, nothing where there is no row.

        Parameters
        ----------
        rows : (k,) int64
            Positions; -1 for none.

        Returns
        -------
        dict of str to array
            Numbers NaN and codes -1 where there is no row.
        """
        found = {}
        for name, column in self.batch.columns.items():
            nothing = -1 if column.dtype.kind == "i" else np.nan
            padded = np.concatenate([column, np.array([nothing], dtype=column.dtype)])
            found[name] = padded[rows]
        return found


def read_tape(
    contract: Contract, raw: pa.RecordBatch, valued_on: date, *, most_told: int = 1 << 30
) -> Tape:
    """Check one table and keep its texts.

    Parameters
    ----------
    contract : Contract
        What it holds.
    raw : pyarrow.RecordBatch
        Raw columns under their declared names.
    valued_on : datetime.date
        Day of valuation.
    most_told : int
        Most faults that are told of one row, >= 1.

    Returns
    -------
    Tape
        Rows without fault, and the faults of the others.
    """
    checked = check(narrowed(contract, raw.schema.names), raw, valued_on, most_told=most_told)
    good = pa.array(checked.batch.rows - 1)
    texts = {
        column.name: raw.column(column.name).cast(pa.string()).take(good)
        for column in contract.columns
        if column.kind == "text" and column.name in raw.schema.names
    }
    return Tape(checked.batch, texts, checked.faults, checked.rejected)


def narrowed(contract: Contract, names: list[str]) -> Contract:
    """Return a contract without the optional columns that a file does not hold.

    Parameters
    ----------
    contract : Contract
        A wide table.
    names : list of str
        Columns that the file holds.

    Returns
    -------
    Contract
        The same for those columns.
    """
    kept = tuple(c for c in contract.columns if c.required or c.name in names)
    held = {column.name for column in kept}
    return Contract(
        contract.table, contract.title, kept,
        tuple(pair for pair in contract.orders if held.issuperset(pair)),
        tuple(name for name in contract.not_after_valued_on if name in held),
    )  # fmt: skip


def rows_of(wanted: pa.Array, ids: pa.Array) -> Rows:
    """Find rows by identifier.

    Parameters
    ----------
    wanted : pyarrow.Array
        Identifiers looked for; null for none.
    ids : pyarrow.Array
        Identifiers of a table.

    Returns
    -------
    (k,) int64
        Row of each; -1 where there is none.
    """
    found = pc.index_in(wanted.cast(pa.string()), value_set=ids.cast(pa.string()))
    rows: Rows = found.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return np.where(wanted.is_null().to_numpy(zero_copy_only=False), -1, rows)


def matched(wanted: pa.Array, ids: pa.Array) -> tuple[Rows, Rows]:
    """Find all rows by identifier, where one may stand in several.

    Parameters
    ----------
    wanted : pyarrow.Array
        Identifiers looked for; null for none.
    ids : pyarrow.Array
        Identifiers of a table, repeated or not.

    Returns
    -------
    tuple of (k,) int64
        Positions in ``wanted``, and the row of each match, by position and row.
    """
    distinct = ids.cast(pa.string()).unique()
    place = rows_of(ids, distinct)
    order = np.argsort(place, kind="stable")
    count = np.bincount(place, minlength=len(distinct))
    first = np.cumsum(count) - count
    found = rows_of(wanted, distinct)
    held = np.flatnonzero(found >= 0)
    many = count[found[held]]
    position = np.repeat(held, many)
    within = np.arange(position.size) - np.repeat(np.cumsum(many) - many, many)
    return position, order[np.repeat(first[found[held]], many) + within]


def plain_rows(tape: Tape) -> list[dict[str, Any]]:
    """Return a small table as plain rows, words for codes.

    Parameters
    ----------
    tape : Tape
        The table.

    Returns
    -------
    list of dict
        Cells by declared column; None where nothing is stated.
    """
    contract = tape.batch.contract
    columns = {column.name: _plain(tape, column) for column in contract.columns}
    return [{name: cells[row] for name, cells in columns.items()} for row in range(tape.size)]


def _plain(tape: Tape, column: Column) -> list[Any]:
    """One column as plain cells."""
    if column is tape.batch.contract.identifier:
        return list(tape.batch.ids.to_pylist())
    if column.name == "region_code" and tape.batch.regions:
        names = (*tape.batch.regions, "")
        return [names[index] or None for index in tape.batch.region_index.tolist()]
    if column.kind == "text":
        return [text or None for text in tape.text(column.name).to_pylist()]
    held = tape.batch.columns.get(column.name)
    if held is None:
        return [None] * tape.size
    if column.kind == "code":
        words = (*column.codes, None)
        return [words[code] for code in held.tolist()]
    return [None if np.isnan(number) else number for number in held.tolist()]


def faults_at(
    tape: Tape, marks: NDArray[np.bool_], column: Column, kind: FaultKind, **facts: Any
) -> list[Fault]:
    """Return one fault for every marked row.

    Parameters
    ----------
    tape : Tape
        The rows.
    marks : (n,) bool
        Rows at fault.
    column : Column
        Column at fault.
    kind : FaultKind
        What is wrong.
    **facts : object
        Fill the places in the message; of a list or an array each row takes its own.

    Returns
    -------
    list of Fault
        In row order.
    """
    batch = tape.batch
    return [
        Fault(
            kind, batch.contract.table, int(batch.rows[row]),
            shown_text(str(batch.ids[row].as_py())), column,
            _shown(tape, column, row),
            {name: fact[row] if isinstance(fact, list | np.ndarray) else fact
             for name, fact in facts.items()},
        )
        for row in np.flatnonzero(marks).tolist()
    ]  # fmt: skip


def _shown(tape: Tape, column: Column, row: int) -> str:
    """A checked cell as it may be shown; empty where there is none."""
    if column.kind == "text":
        text = tape.texts[column.name][row].as_py() if column.name in tape.texts else None
        shown = "" if text is None else str(text)
        return "*" * min(len(shown), 8) if column.personal else shown_text(shown)
    number = tape.batch.columns[column.name][row] if column.name in tape.batch.columns else np.nan
    if np.isnan(number) or (column.kind == "code" and number < 0):
        return ""
    if column.kind == "code":
        return column.codes[int(number)]
    if column.kind == "date":
        return (EPOCH + timedelta(days=int(number))).isoformat()
    return f"{number:.15g}"
