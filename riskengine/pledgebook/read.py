"""The tables around the rights of a portfolio: pledges, loans, policies."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from riskengine.cells import MOST_TOLD
from riskengine.columns import Contract
from riskengine.errors import PortfolioError
from riskengine.faults import Fault, FaultKind
from riskengine.folder import TableFile, open_table, read_whole
from riskengine.gates.tables import LOANS, pledges, policies
from riskengine.gates.tapes import Rows, Tape, faults_at, read_tape, rows_of
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Book:
    """The tables around the rights.

    Parameters
    ----------
    pledges : Tape
        Pledges whose loans, where they name one, are there.
    loans, policies : Tape or None
        Loans and policies, where the portfolio has them.
    faults : tuple of Fault
        Every fault of every table.
    rows_in, rows_rejected : dict of str to int
        Rows by table.
    """

    pledges: Tape
    loans: Tape | None
    policies: Tape | None
    faults: tuple[Fault, ...]
    rows_in: dict[str, int]
    rows_rejected: dict[str, int]


def around() -> tuple[Contract, ...]:
    """Return the tables around the rights.

    Returns
    -------
    tuple of Contract
        Pledges, loans, policies.
    """
    return pledges(), LOANS, policies()


def read_book(files: list[TableFile], spool: Path, valued_on: date) -> Book:
    """Read the tables around the rights.

    Parameters
    ----------
    files : list of TableFile
        Tables of the portfolio.
    spool : pathlib.Path
        Folder for copies of tables that are not Parquet.
    valued_on : datetime.date
        Day of valuation.

    Returns
    -------
    Book
        The tables and all their faults.

    Raises
    ------
    PortfolioError
        If there are no pledges, or a file cannot be read as a whole.
    """
    tapes: dict[str, Tape] = {}
    faults: list[Fault] = []
    rows_in, rejected = {}, {}
    for file in files:
        if file.contract in around():
            table = open_table(file, spool)
            tape = read_tape(file.contract, read_whole(table), valued_on, most_told=MOST_TOLD)
            name = file.contract.table
            tapes[name] = tape
            faults += [*table.broken, *tape.faults]
            rows_in[name] = table.rows + len(table.broken)
            rejected[name] = tape.rejected + len(table.broken)
    if "pledges" not in tapes:
        raise PortfolioError(
            Text("组合中没有押品表 pledges", "the portfolio has no table of pledges"),
            Text("用 template 命令生成押品表模板", "write one with the template command"),
        )
    whole_pledges = tapes["pledges"]
    loans = tapes.get("loans")
    kept, told = _with_loans(whole_pledges, loans)
    rejected["pledges"] += len(told)
    return Book(
        whole_pledges.take(kept), loans, tapes.get("policies"), (*faults, *told), rows_in, rejected
    )


def _with_loans(pledged: Tape, loans: Tape | None) -> tuple[Rows, list[Fault]]:
    """Pledges that name no loan or one that is there, and a fault for every other."""
    named = pledged.text("loan_id")
    given = ~named.is_null().to_numpy(zero_copy_only=False)
    if loans is None:
        return np.arange(pledged.size), []
    lost = given & (rows_of(named, loans.batch.ids) < 0)
    named_by = pledges().by_name["loan_id"]
    return np.flatnonzero(~lost), faults_at(pledged, lost, named_by, FaultKind.UNKNOWN_LOAN)
