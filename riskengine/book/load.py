"""A portfolio folder read, valued and laid out: what every command on a book begins with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from riskengine.book.contracts import in_force
from riskengine.book.exposures import Measured, measured
from riskengine.book.factors import Loadings
from riskengine.book.read import GuaranteeBook, read_guarantee_book
from riskengine.book.security import Security, nothing_secured, security_of
from riskengine.book.tables import book_tables
from riskengine.errors import PortfolioError
from riskengine.faults import Fault
from riskengine.folder import TableFile, find_tables, open_table, read_whole
from riskengine.gates.tables import policies
from riskengine.gates.tapes import Tape, plain_rows, read_tape
from riskengine.guarantee.programme import Programme, programmes_from_rows
from riskengine.market.snapshot import Snapshot
from riskengine.pledgebook.read import Book
from riskengine.pledgebook.stream import open_pledges
from riskengine.pledging.assess import LawOf
from riskengine.rights import RIGHTS
from riskengine.rights.comparables import COMPARABLES
from riskengine.rules import RuleBook
from riskengine.words import Text

HALF_YEAR = 0.5
"""When in a year a default comes, in the mean [year]."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a book is measured by.

    Parameters
    ----------
    valued_on : datetime.date
        Day of valuation.
    market : Snapshot
        Market figures.
    law : callable
        The law of a place, from its region code.
    learned : mapping of str to object
        Released price models by table.
    loadings : Loadings
        Common causes of default, and what is assumed.
    months : int
        Horizon [month], >= 1.
    national : RuleBook or None
        The nation's rules by which rights are valued; None for all that are known today.
    """

    valued_on: date
    market: Snapshot
    law: LawOf
    learned: Mapping[str, Any]
    loadings: Loadings
    months: int = 12
    national: RuleBook | None = None


@dataclass(frozen=True, slots=True)
class LoadedBook:
    """A book ready to be measured.

    Parameters
    ----------
    setting : Setting
        What it is measured by.
    files : tuple of TableFile
        Tables that it came from.
    book : GuaranteeBook
        The tables.
    security : Security
        What stands behind each loan.
    measured : Measured
        Contracts in force as exposures.
    programmes : mapping of str to Programme
        Schemes of sharing.
    faults : tuple of Fault
        Every fault of every row that was rejected or cannot be measured.
    rows_in, rows_rejected : dict of str to int
        Rows by table.
    contracts_in : int
        Contracts in force, those that cannot be measured included.
    """

    setting: Setting
    files: tuple[TableFile, ...]
    book: GuaranteeBook
    security: Security
    measured: Measured
    programmes: Mapping[str, Programme]
    faults: tuple[Fault, ...]
    rows_in: dict[str, int]
    rows_rejected: dict[str, int]
    contracts_in: int


def load_book(source: Path, work: Path, setting: Setting) -> LoadedBook:
    """Read a portfolio folder and value what secures its loans.

    Parameters
    ----------
    source : pathlib.Path
        Folder or workbook with at least a table of loans.
    work : pathlib.Path
        Folder for spools.
    setting : Setting
        What it is measured by.

    Returns
    -------
    LoadedBook
        Ready to be measured.

    Raises
    ------
    PortfolioError
        If a file cannot be read as a whole, or nothing is left to measure.
    """
    files = find_tables(source, (*RIGHTS.values(), COMPARABLES, *book_tables(), policies()))
    book = read_guarantee_book(files, work, setting.valued_on)
    security, rights = _security(book, files, work, setting)
    rejected = dict(book.rows_rejected)
    if "pledges" in rejected:
        rejected["pledges"] += sum(fault.table == "pledges" for fault in rights)
    contracts, lacking = in_force(book, security, setting.valued_on)
    if not contracts.size:
        raise _nothing(lacking)
    rules = setting.law("").at(setting.valued_on)
    days = float(rules.number("expected_loss.stage_three_days"))
    rows = [] if book.layers is None else plain_rows(book.layers)
    programmes, _ = programmes_from_rows(rows)
    lost = {(fault.table, fault.row) for fault in lacking}
    faults = sorted(
        [*book.faults, *rights, *lacking], key=lambda fault: (fault.table, fault.row)
    )  # fmt: skip
    return LoadedBook(
        setting, tuple(files), book, security,
        measured(contracts, setting.loadings, setting.months, days), programmes, tuple(faults),
        dict(book.rows_in), rejected, contracts.size + len(lost),
    )  # fmt: skip


def _nothing(lacking: list[Fault]) -> PortfolioError:
    """Why nothing can be measured."""
    lost = len({fault.row for fault in lacking})
    columns = sorted({fault.column.name for fault in lacking})
    zh = f"：{lost}份合同缺{'、'.join(columns)}" if lost else ""
    en = f": {lost} contracts lack {', '.join(columns)}" if lost else ""
    return PortfolioError(
        Text(f"没有可计量的在保合同{zh}",
             f"there is no contract in force that can be measured{en}"),
        Text("补填所缺的列，用 check 命令查看其他问题",
             "fill in what lacks, see other faults with the check command"),
    )  # fmt: skip


def _security(
    book: GuaranteeBook, files: list[TableFile], work: Path, setting: Setting
) -> tuple[Security, list[Fault]]:
    """Values of what is pledged, and the faults of pledges and rights found on the way."""
    if book.pledges is None or not book.pledges.size:
        return nothing_secured(book.loans.size), []
    policies_in = _policies(files, work, setting.valued_on)
    around = Book(
        book.pledges, book.loans, policies_in, book.faults, book.rows_in, dict(book.rows_rejected)
    )
    stream = open_pledges(
        files, work, setting.valued_on, market=setting.market, law=setting.law,
        learned=setting.learned, book=around, national=setting.national,
    )  # fmt: skip
    together = setting.loadings.assumed["pledges_together"]
    found = security_of(stream, book.loans.size, HALF_YEAR, together)
    before = set(map(id, book.faults))
    return found, [fault for fault in stream.faults if id(fault) not in before]


def security_under(loaded: LoadedBook, work: Path, setting: Setting) -> Security:
    """Return what secures the loans of a loaded book under another setting.

    Parameters
    ----------
    loaded : LoadedBook
        The book.
    work : pathlib.Path
        Folder for spools.
    setting : Setting
        Another day, market, law or model.

    Returns
    -------
    Security
        One row a loan.
    """
    return _security(loaded.book, list(loaded.files), work, setting)[0]


def _policies(files: list[TableFile], work: Path, valued_on: date) -> Tape | None:
    """Insurance policies, where the portfolio has them."""
    for file in files:
        if file.contract is policies():
            return read_tape(file.contract, read_whole(open_table(file, work)), valued_on)
    return None


def counties(loaded: LoadedBook) -> tuple[str, ...]:
    """Return the counties of a book.

    Parameters
    ----------
    loaded : LoadedBook
        The book.

    Returns
    -------
    tuple of str
        Six digits each, rising.
    """
    return tuple(map(str, np.unique(loaded.measured.contracts.county)))
