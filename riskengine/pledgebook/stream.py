"""A book of pledges read and judged batch by batch, whatever is then made of it.

The rights lie in tables that need not fit in memory; pledges, loans and policies do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskengine.cells import MOST_TOLD, as_text, shown_text
from riskengine.checking import Deals, read_deals
from riskengine.duplicates import duplicate_rows
from riskengine.faults import Fault, FaultKind
from riskengine.folder import OpenTable, TableFile, open_table, read_rows, row_groups
from riskengine.gates.tapes import Rows, faults_at, rows_of
from riskengine.market.snapshot import Snapshot, SnapshotDay
from riskengine.pledgebook.claims import Claims, claims_of, standing, with_unknown_seniors
from riskengine.pledgebook.read import Book, read_book
from riskengine.pledging.assess import Assessed, LawOf, assess
from riskengine.pledging.join import Standing, as_lent_on, debts
from riskengine.rights import RIGHTS
from riskengine.rules import RuleBook, Rules, statute
from riskengine.table import Batch, check
from riskengine.valuation import Valuation, value

BATCH_ROWS = 65536


@dataclass(frozen=True, slots=True)
class PledgedTable:
    """One table of rights with the pledges on it.

    Parameters
    ----------
    table : OpenTable
        The rights.
    pledges : (k,) int64
        Rows of the pledges in the book.
    wanted : pyarrow.Array
        Identifiers of their rights.
    repeats : (n,) bool
        Rights whose identifier stands twice.
    """

    table: OpenTable
    pledges: Rows
    wanted: pa.Array
    repeats: NDArray[np.bool_]


@dataclass(slots=True)
class PledgeStream:
    """What a book of pledges is judged by, and how far the judging is.

    Parameters
    ----------
    valued_on : datetime.date
        Day of valuation.
    market : SnapshotDay
        Market of that day.
    rules : Rules
        The nation's rules of that day.
    law : callable
        The law of a place, from its region code.
    learned : mapping of str to object
        Released price models by table.
    deals : Deals
        Comparable deals of the portfolio.
    book : Book
        Pledges, loans, policies.
    claims : Claims
        What is claimed twice.
    standing : Standing
        What every pledge secures and what others leave to it.
    faults : list of Fault
        Every fault found so far.
    done : (n,) bool
        Pledges judged so far.
    tables : list of PledgedTable
        Rights with pledges on them.
    """

    valued_on: date
    market: SnapshotDay
    rules: Rules
    law: LawOf
    learned: Mapping[str, Any]
    deals: Deals
    book: Book
    claims: Claims
    standing: Standing
    faults: list[Fault]
    done: NDArray[np.bool_]
    tables: list[PledgedTable]


def open_pledges(
    files: list[TableFile], work: Path, valued_on: date, *, market: Snapshot, law: LawOf,
    learned: Mapping[str, Any], book: Book | None = None, national: RuleBook | None = None,
) -> PledgeStream:  # fmt: skip
    """Read everything around the rights and find what every pledge secures.

    Parameters
    ----------
    files : list of TableFile
        Tables of the portfolio.
    work : pathlib.Path
        Folder for spools.
    valued_on : datetime.date
        Day of valuation.
    market : Snapshot
        Market figures.
    law : callable
        The law of a place, from its region code.
    learned : mapping of str to object
        Released price models by table.
    book : Book or None
        Pledges, loans and policies, where they have been read already.
    national : RuleBook or None
        The nation's rules by which rights are valued; None for all that are known today.

    Returns
    -------
    PledgeStream
        Ready for `assessed`.

    Raises
    ------
    PortfolioError
        If there are no pledges, or a file cannot be read as a whole.
    """
    held = read_book(files, work, valued_on) if book is None else book
    deals = read_deals(files, work, valued_on)
    rules = (national or statute()).at(valued_on)
    nothing = np.zeros(0)
    stream = PledgeStream(
        valued_on, market.on(valued_on), rules, law, learned, deals, held,
        claims_of(held.pledges), Standing(nothing, nothing, nothing),
        [*held.faults, *deals.faults], np.zeros(held.pledges.size, dtype=bool), [],
    )  # fmt: skip
    opened = [_opened(file, stream, work) for file in files if file.contract.table in RIGHTS]
    stream.tables = [table for table in opened if table.pledges.size]
    _stand(stream)
    return stream


def assessed(stream: PledgeStream) -> Iterator[tuple[str, Assessed, Rows]]:
    """Judge the pledges, batch by batch.

    Parameters
    ----------
    stream : PledgeStream
        As `open_pledges` leaves it; its faults and what is done grow on the way.

    Yields
    ------
    tuple of (str, Assessed, (k,) int64)
        Kind of right, the pledges judged, and their rows in the book.
    """
    book = stream.book
    for table in stream.tables:
        everyone = np.arange(table.pledges.size)
        for batch, rows, place in _batches(table, everyone, stream, stream.faults):
            found = assess(
                _value(batch, stream), book.pledges.take(rows), place, book.loans, book.policies,
                standing=Standing(*(column[rows] for column in stream.standing)), law=stream.law,
            )  # fmt: skip
            stream.done[rows] = True
            yield table.table.contract.table, found, rows


def close_pledges(stream: PledgeStream) -> None:
    """Note the pledges whose rights were not found: they are rejected.

    Parameters
    ----------
    stream : PledgeStream
        After the last of `assessed`.
    """
    lost = ~stream.done
    named = stream.book.pledges.batch.contract.by_name["right_id"]
    stream.faults += faults_at(stream.book.pledges, lost, named, FaultKind.UNKNOWN_RIGHT)
    stream.faults.sort(key=lambda fault: (fault.table, fault.row))
    stream.book.rows_rejected["pledges"] += int(lost.sum())


def _opened(file: TableFile, stream: PledgeStream, work: Path) -> PledgedTable:
    """One table of rights, opened where pledges lie on it."""
    pledges = stream.book.pledges
    kind = list(RIGHTS).index(file.contract.table)
    rows = np.flatnonzero(pledges.batch.columns["right_kind"] == kind)
    table = open_table(file, work)
    repeats = np.zeros(table.rows, dtype=bool)
    if rows.size:
        repeats[duplicate_rows(table, work)] = True
        stream.faults += table.broken
    return PledgedTable(table, rows, pledges.text("right_id").take(pa.array(rows)), repeats)


def _batches(
    rights: PledgedTable, chosen: Rows, stream: PledgeStream, faults: list[Fault] | None = None
) -> Iterator[tuple[Batch, Rows, Rows]]:
    """Pledged rights of one table, batch by batch, with their pledges.

    The pledges are positions in the book, and of each the position of its right in the
    batch.  Faults of the rights that pledges lie on are noted where asked for; where not,
    no other row is looked at.
    """
    wanted = rights.wanted.take(pa.array(chosen))
    asked_ids = wanted.unique()
    asked = {shown_text(text) for text in asked_ids.to_pylist() if text is not None}
    identifier = rights.table.contract.identifier.name
    start, contract = 0, rights.table.contract
    groups = range(len(row_groups(rights.table)))
    for raw in read_rows(rights.table, groups, BATCH_ROWS):
        part, first = raw, start + 1
        marks = rights.repeats[start : start + raw.num_rows]
        start += raw.num_rows
        if faults is None:
            rows = np.flatnonzero(rows_of(as_text(raw.column(identifier)), asked_ids) >= 0)
            part, marks = raw.take(pa.array(rows)), marks[rows]
        checked = check(contract, part, stream.valued_on, first, marks, most_told=MOST_TOLD)
        if faults is not None:
            faults += [fault for fault in checked.faults if fault.right_id in asked]
        right = rows_of(wanted, checked.batch.ids)
        here = np.flatnonzero(right >= 0)
        if here.size:
            pledged, place = np.unique(right[here], return_inverse=True)
            yield checked.batch.take(pledged), rights.pledges[chosen[here]], place.reshape(-1)


def _value(batch: Batch, stream: PledgeStream) -> Valuation:
    """Values of one batch of rights."""
    counted = as_lent_on(batch)
    return value(counted, stream.market, stream.rules, stream.learned, stream.deals.comparables)


def _stand(stream: PledgeStream) -> None:
    """Find what every pledge of the book secures and what others leave to it.

    Only pledges that share a loan need the values of their rights for it.
    """
    pledges, loans = stream.book.pledges, stream.book.loans
    worth = np.ones(pledges.size)
    named = pledges.text("loan_id").dictionary_encode()
    index = named.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    shared = (index >= 0) & (np.bincount(index + 1)[index + 1] > 1)
    for table in stream.tables:
        chosen = np.flatnonzero(shared[table.pledges])
        if chosen.size:
            for batch, rows, place in _batches(table, chosen, stream):
                worth[rows] = _value(batch, stream).reconciled[0][place]
    debt = debts(pledges, loans, worth)
    stream.standing = Standing(debt, *standing(stream.claims, pledges, debt))
    stream.claims = with_unknown_seniors(stream.claims, pledges, debt)
