"""Checking a portfolio without valuing it: all faults of all files at once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa

from riskengine.cells import MOST_TOLD
from riskengine.columns import Contract
from riskengine.comparables import Comparables
from riskengine.duplicates import duplicate_rows
from riskengine.faults import Fault
from riskengine.folder import TableFile, find_tables, open_table, read_rows, row_groups
from riskengine.gates.tables import LOANS, pledges, policies
from riskengine.rights import RIGHTS
from riskengine.rights.comparables import COMPARABLES
from riskengine.table import Batch, check

BATCH_ROWS = 65536
MOST_LISTED = 20_000
"""Most faults that a check lists; all are counted, and the rejected table holds every row."""
HandOn = Callable[[Sequence[Fault]], None]


def check_portfolio(source: Path, valued_on: date) -> dict[str, Any]:
    """Check every table of a portfolio.

    Parameters
    ----------
    source : pathlib.Path
        Folder, workbook or file.
    valued_on : datetime.date
        Valuation date.

    Returns
    -------
    dict
        rows_in, rows_rejected, faults_found, and the first `MOST_LISTED` faults that are
        told, as the rejected table has them: at most `riskengine.cells.MOST_TOLD` of a row.

    Raises
    ------
    PortfolioError
        If a file cannot be read as a whole.
    """
    return check_files(find_tables(source, around_tables()), valued_on)


def around_tables() -> tuple[Contract, ...]:
    """Return the tables of a portfolio of pledged rights.

    Returns
    -------
    tuple of Contract
        Rights, comparable deals, pledges, loans, policies.
    """
    return (*RIGHTS.values(), COMPARABLES, pledges(), LOANS, policies())


class Listed:
    """Faults as they are found: counted, handed on, and the first of them kept.

    Parameters
    ----------
    hand_on : callable or None
        Given all of them, some at a time.
    """

    def __init__(self, hand_on: HandOn | None = None) -> None:
        self.first: list[dict[str, object]] = []
        self.found = 0
        self._hand_on = hand_on

    def take(self, faults: Sequence[Fault]) -> None:
        """Take faults.

        Parameters
        ----------
        faults : sequence of Fault
            Those that are told; each may stand for others of its row.
        """
        self.found += sum(1 + len(fault.others) for fault in faults)
        self.first += [fault.record() for fault in faults[: MOST_LISTED - len(self.first)]]
        if self._hand_on is not None:
            self._hand_on(faults)


def check_files(
    files: Iterable[TableFile], valued_on: date, listed: Listed | None = None
) -> dict[str, Any]:
    """Check some tables, each by itself, in a stream.

    Parameters
    ----------
    files : iterable of TableFile
        The tables.
    valued_on : datetime.date
        Valuation date.
    listed : Listed or None
        What takes the faults.

    Returns
    -------
    dict
        As `check_portfolio`.

    Raises
    ------
    PortfolioError
        If a file cannot be read as a whole.
    """
    rows = rejected = 0
    told = listed or Listed()
    with TemporaryDirectory() as folder:
        for file in files:
            table = open_table(file, Path(folder))
            rows += table.rows + len(table.broken)
            rejected += len(table.broken)
            told.take(table.broken)
            marks = np.zeros(table.rows, dtype=bool)
            marks[duplicate_rows(table, Path(folder))] = True
            start = 0
            for raw in read_rows(table, range(len(row_groups(table))), BATCH_ROWS):
                end = start + raw.num_rows
                found = check(
                    table.contract, raw, valued_on, start + 1, marks[start:end],
                    most_told=MOST_TOLD,
                )  # fmt: skip
                told.take(found.faults)
                rejected += found.rejected
                start = end
    return {
        "rows_in": rows, "rows_rejected": rejected, "faults_found": told.found,
        "faults": told.first,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deals:
    """The comparable deals of a portfolio, checked.

    Parameters
    ----------
    comparables : Comparables or None
        Deals without fault; None where the portfolio has no such table.
    rows, rejected : int
        Deals given and deals with at least one fault.
    faults : tuple of Fault
        Every fault.
    """

    comparables: Comparables | None = None
    rows: int = 0
    rejected: int = 0
    faults: tuple[Fault, ...] = ()


def _by_identifier(batch: Batch) -> Batch:
    """The same rows in the order of their identifiers, so that file order changes nothing."""
    order = np.argsort(np.array(batch.ids.to_pylist(), dtype=object), kind="stable")
    return batch.take(order)


def read_deals(files: list[TableFile], spool: Path, valued_on: date) -> Deals:
    """Read the table of comparable deals, where there is one.

    Parameters
    ----------
    files : list of TableFile
        Tables of the portfolio.
    spool : pathlib.Path
        Folder for the copy of a table that is not Parquet.
    valued_on : datetime.date
        Valuation date.

    Returns
    -------
    Deals
        The deals; a deal that stands in two rows is rejected in both.

    Raises
    ------
    PortfolioError
        If the file cannot be read as a whole.
    """
    for file in files:
        if file.contract is COMPARABLES:
            table = open_table(file, spool)
            read = list(read_rows(table, range(len(row_groups(table))), BATCH_ROWS))
            if not read:
                return Deals(None, len(table.broken), len(table.broken), table.broken)
            whole = pa.Table.from_batches(read).combine_chunks().to_batches()[0]
            found = check(COMPARABLES, whole, valued_on, most_told=MOST_TOLD)
            return Deals(
                Comparables(_by_identifier(found.batch)), table.rows + len(table.broken),
                found.rejected + len(table.broken), (*table.broken, *found.faults),
            )  # fmt: skip
    return Deals()
