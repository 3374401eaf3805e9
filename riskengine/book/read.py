"""Reading a guarantee book: its tables through the door, then held against one another."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from riskengine.book.findings import Table
from riskengine.book.integrity import check_book
from riskengine.book.tables import book_tables
from riskengine.cells import MOST_TOLD, as_text
from riskengine.columns import Contract
from riskengine.dates import day_number
from riskengine.errors import PortfolioError
from riskengine.faults import Fault
from riskengine.folder import TableFile, open_table, read_whole
from riskengine.gates.tapes import Tape, read_tape
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class GuaranteeBook:
    """The tables of a guarantee book, rows without fault only.

    Parameters
    ----------
    loans : Tape
        Loans whose borrowers, where they name one, are there.
    borrowers, guarantees, layers, funds, statements, pledges : Tape or None
        The other tables; None where the portfolio has no such table.  Every guarantee has
        its loan and, where it names a programme and there are layers, all layers of it.
    faults : tuple of Fault
        Every fault of every rejected row, by table and row.
    referred : tuple of Fault
        What a person looks at on rows that are kept.
    rows_in, rows_rejected : dict of str to int
        Rows by table: rows in = rows kept + rows rejected.
    """

    loans: Tape
    borrowers: Tape | None
    guarantees: Tape | None
    layers: Tape | None
    funds: Tape | None
    statements: Tape | None
    pledges: Tape | None
    faults: tuple[Fault, ...]
    referred: tuple[Fault, ...]
    rows_in: dict[str, int]
    rows_rejected: dict[str, int]


def read_guarantee_book(files: list[TableFile], spool: Path, valued_on: date) -> GuaranteeBook:
    """Read the tables of a guarantee book and hold them against one another.

    Parameters
    ----------
    files : list of TableFile
        Tables of the portfolio, as `riskengine.folder.find_tables` lists them; those of
        other kinds are left aside.
    spool : pathlib.Path
        Folder for copies of tables that are not Parquet.
    valued_on : datetime.date
        Day of valuation.

    Returns
    -------
    GuaranteeBook
        The tables, all faults, and what wants a look.

    Raises
    ------
    PortfolioError
        If there are no loans, or a file cannot be read as a whole.
    """
    names = [contract.table for contract in book_tables()]
    tables: dict[str, Table] = {}
    faults: list[Fault] = []
    rows_in: dict[str, int] = {}
    for file in files:
        name = file.contract.table
        if name in names:
            opened = open_table(file, spool)
            tables[name] = _through_the_door(file.contract, read_whole(opened), valued_on)
            faults += opened.broken
            rows_in[name] = opened.rows + len(opened.broken)
    if "loans" not in tables:
        raise PortfolioError(
            Text("组合中没有贷款表 loans", "the portfolio has no table of loans"),
            Text("用 template 命令生成贷款表模板", "write one with the template command"),
        )
    check_book(tables, float(day_number(valued_on)))
    kept = {name: table.tape.take(np.flatnonzero(~table.stopped)) for name, table in tables.items()}
    others = {name: kept.get(name) for name in names if name != "loans"}
    return GuaranteeBook(
        loans=kept["loans"], **others,
        faults=_listed(names, [*faults, *(f for table in tables.values() for f in table.faults)]),
        referred=_listed(names, (f for table in tables.values() for f in table.referred_and_kept)),
        rows_in=rows_in, rows_rejected={name: rows_in[name] - kept[name].size for name in rows_in},
    )  # fmt: skip


def _through_the_door(contract: Contract, raw: pa.RecordBatch, valued_on: date) -> Table:
    """One table: rows without fault, and what the rejected ones were called."""
    tape = read_tape(contract, raw, valued_on, most_told=MOST_TOLD)
    bad = np.ones(raw.num_rows, dtype=bool)
    bad[tape.batch.rows - 1] = False
    lost = {}
    if bad.any():
        for column in contract.columns:
            if column.kind == "text" and column.name in raw.schema.names:
                lost[column.name] = as_text(raw.column(column.name)).filter(pa.array(bad))
    return Table(contract, Tape(tape.batch, tape.texts), lost, faults=list(tape.faults))


def _listed(names: list[str], faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Faults in the order of tables and rows."""
    return tuple(sorted(faults, key=lambda fault: (names.index(fault.table), fault.row)))
