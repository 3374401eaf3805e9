"""Contracts and statement of a book in the shape that the institution's ratios ask for."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np

from riskengine.book.joins import borrower_rows, county_of, word_of
from riskengine.book.read import GuaranteeBook
from riskengine.dates import day_number
from riskengine.gates.tapes import Tape, plain_rows, rows_of
from riskengine.guarantee.contracts import KINDS, STATES, Contracts, contracts_of
from riskengine.portfolio.exposures import Column, Index

PIGS = "pigs"
EPOCH = date(1970, 1, 1)


def ratio_contracts(book: GuaranteeBook) -> tuple[Contracts | None, tuple[str, ...]]:
    """Return all guarantees of a book, released ones included.

    Parameters
    ----------
    book : GuaranteeBook
        The tables.

    Returns
    -------
    contracts : Contracts or None
        None where the book has no guarantees.
    counties : tuple of str
        Counties by their number; "" where not known.
    """
    tape = book.guarantees
    if tape is None:
        return None, ()
    loan = rows_of(tape.text("loan_id"), book.loans.batch.ids)
    borrowers = book.borrowers
    who = borrower_rows(book)[loan]
    of_loan = book.loans.columns_at(loan)
    of_borrower = {} if borrowers is None else borrowers.columns_at(who)
    counties, county = np.unique(county_of(book, loan, who), return_inverse=True)
    nothing = np.full(tape.size, np.nan)
    columns = tape.batch.columns

    def own(name: str) -> Column:
        return np.asarray(columns.get(name, nothing), dtype=np.float64)

    def flag(name: str) -> Index:
        held = np.asarray(of_borrower.get(name, nothing), dtype=np.float64)
        return np.where(np.isnan(held), -1, held).astype(np.int64)

    share = own("guaranteed_share")
    kind = np.asarray(columns.get("kind", np.full(tape.size, -1)), dtype=np.int64)
    commodity = word_of(book, loan, who, "commodity")
    found = contracts_of(
        client=np.where(who >= 0, who, book.loans.size + loan), group=_groups(borrowers, who),
        county=county.reshape(-1).astype(np.int64),
        kind=np.where(kind < 0, KINDS.index("other"), kind),
        state=np.asarray(columns["state"], dtype=np.int64),
        in_force_balance_yuan=own("in_force_balance_yuan"),
        own_share=np.minimum(own("own_share") / share, 1.0), bank_share=own("bank_share"),
        amount_yuan=own("amount_yuan"), fee_rate_per_year=own("fee_rate_per_year"),
        loan_rate_per_year=np.asarray(of_loan.get("rate_per_year", nothing), dtype=np.float64),
        started_on=own("starts_on"), ends_on=own("ends_on"), released_on=own("released_on"),
        compensated_on=own("compensated_on"), released_yuan=own("released_yuan"),
        compensated_yuan=own("compensated_yuan"), recovered_yuan=own("recovered_yuan"),
        written_off_yuan=own("written_off_yuan"),
        overdue_days=np.asarray(of_loan.get("overdue_days", nothing), dtype=np.float64),
        overdue_principal_yuan=own("overdue_principal_yuan"),
        is_pig=np.where(commodity == "", -1, commodity == PIGS), small_agri=flag("small_agri"),
        poverty_alleviation=flag("poverty_item"),
    )  # fmt: skip
    assert tuple(tape.batch.contract.by_name["state"].codes) == STATES
    return found, tuple(map(str, counties))


def statement_of(book: GuaranteeBook, valued_on: date) -> Mapping[str, Any]:
    """Return the newest statement of a book, its day included.

    Parameters
    ----------
    book : GuaranteeBook
        The tables.
    valued_on : datetime.date
        Day of valuation.

    Returns
    -------
    mapping of str to object
        Facts by name, money in yuan; empty where there is no statement.  Asset ratios want
        the one that is not consolidated, which goes before a consolidated one of its day.
    """
    if book.statements is None:
        return {}
    rows = [
        row for row in plain_rows(book.statements) if row["as_of"] <= float(day_number(valued_on))
    ]
    if not rows:
        return {}
    last = max(rows, key=lambda row: (row["as_of"], row.get("consolidated") != 1.0))
    flags = {
        column.name for column in book.statements.batch.contract.columns if column.kind == "flag"
    }
    facts = {
        name: bool(cell) if name in flags else cell
        for name, cell in last.items()
        if cell is not None and name != "statement_id"
    }
    return facts | {"as_of": EPOCH + timedelta(days=int(last["as_of"]))}


def _groups(borrowers: Tape | None, borrower: Index) -> Index:
    """Related parties of each guarantee by number, -1 alone."""
    if borrowers is None or not borrowers.size:
        return np.full(borrower.size, -1, dtype=np.int64)
    named = borrowers.text("group_id").fill_null("").to_numpy(zero_copy_only=False).astype(str)
    words, place = np.unique(named, return_inverse=True)
    codes = np.where(words[place.reshape(-1)] == "", -1, place.reshape(-1))
    return np.append(codes, -1)[borrower].astype(np.int64)
