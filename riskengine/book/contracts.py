"""The guarantees in force of a book, each with its loan, its borrower and its security."""

from dataclasses import dataclass, fields, replace
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskengine.book.joins import borrower_rows, county_of, word_of
from riskengine.book.read import GuaranteeBook
from riskengine.book.security import Security
from riskengine.dates import years_from
from riskengine.faults import Fault, FaultKind
from riskengine.gates.tables import LOANS
from riskengine.gates.tapes import Tape, faults_at, rows_of
from riskengine.portfolio.exposures import Column, Index
from riskengine.rights import RIGHTS

IN_FORCE = 0
"""Position of "in force" among the states of a guarantee."""


@dataclass(frozen=True, slots=True)
class BookContracts:
    """Contracts whose loss is measured, one a row: guarantees in force, or plain loans.

    Parameters
    ----------
    ids : pyarrow.Array
        Identifier of the guarantee; of the loan where the book has no guarantees.
    rows : (n,) int64
        Row in the table that it comes from, from 0.
    loan : (n,) int64
        Row of its loan in the book.
    client, group : (n,) int64
        Codes of borrowers and of related parties; a client without a group is its own.
    county, commodity, right_kind, programme : (n,) str
        Six digits; what the borrower lives on; leading kind of right pledged; scheme of
        sharing; "" where not known or none.
    debt_yuan : (n,) float64
        Part of the loan's balance that stands under the contract [yuan].
    guaranteed_share : (n,) float64
        Share of its loss guaranteed to the lender [1].
    default_chance, origination_chance : (n,) float64
        PD of 12 months, today and at origination [1]; the second NaN where not known.
    overdue_days : (n,) float64
        Days overdue [day]; 0 where not stated.
    months_left, months_since : (n,) float64
        Months to the loan's maturity, >= 0, and since it was paid out [month].
    rate_per_year : (n,) float64
        Effective rate, or the loan's own [1/year]; NaN where not known.
    repayment : (n,) int64
        Position among bullet, equal principal, annuity, interest only; -1 not known.
    fee_rate_per_year, fee_received_yuan, fee_income_yuan : (n,) float64
        Fee [1/year], received and booked [yuan]; NaN where not known.
    loss_share : (n,) float64
        The institution's own LGD [1]; NaN for the one of the security.
    forward, spread, sale_years, without_extension : (n,) float64
        Expected proceeds of the security over debt [1], log deviation [1], time to the
        money [year], share left without a second-round extension [1].
    value_yuan : (n,) float64
        Market value of the rights, the contract's part [yuan].
    watch_list, restructured, retail : (n,) bool
        What the loan or its borrower is marked with.
    """

    ids: pa.Array
    rows: Index
    loan: Index
    client: Index
    group: Index
    county: NDArray[np.str_]
    commodity: NDArray[np.str_]
    right_kind: NDArray[np.str_]
    programme: NDArray[np.str_]
    debt_yuan: Column
    guaranteed_share: Column
    default_chance: Column
    origination_chance: Column
    overdue_days: Column
    months_left: Column
    months_since: Column
    rate_per_year: Column
    repayment: Index
    fee_rate_per_year: Column
    fee_received_yuan: Column
    fee_income_yuan: Column
    loss_share: Column
    forward: Column
    spread: Column
    sale_years: Column
    without_extension: Column
    value_yuan: Column
    watch_list: NDArray[np.bool_]
    restructured: NDArray[np.bool_]
    retail: NDArray[np.bool_]

    @property
    def size(self) -> int:
        """Number of contracts."""
        return int(self.debt_yuan.size)

    @property
    def guaranteed_yuan(self) -> Column:
        """Amount guaranteed [yuan], (n,)."""
        return self.debt_yuan * self.guaranteed_share

    def take(self, rows: Index) -> "BookContracts":
        """Return some contracts, in the order asked for.

        Parameters
        ----------
        rows : (k,) int64
            Positions, from 0.

        Returns
        -------
        BookContracts
            Those contracts.
        """
        columns = {
            field.name: getattr(self, field.name)[rows] for field in fields(self)[1:]
        }  # fmt: skip
        return replace(self, ids=self.ids.take(pa.array(rows)), **columns)


def in_force(
    book: GuaranteeBook, security: Security, valued_on: date
) -> tuple[BookContracts, list[Fault]]:
    """Return the contracts of a book whose loss can be measured.

    Parameters
    ----------
    book : GuaranteeBook
        The tables.
    security : Security
        What stands behind each loan.
    valued_on : datetime.date
        Day of valuation.

    Returns
    -------
    contracts : BookContracts
        Guarantees in force with a PD and a county; of a book without guarantees, loans with
        a balance, whose loss the lender bears.
    faults : list of Fault
        One for each of the two that a contract lacks.
    """
    tape = book.loans if book.guarantees is None else book.guarantees
    whole = _loans_alone(book) if book.guarantees is None else _guarantees(book)
    contracts = _joined(book, whole, security, valued_on)
    faults: list[Fault] = []
    lost = np.zeros(contracts.size, dtype=bool)
    for name, missing in (
        ("default_chance", np.isnan(contracts.default_chance)),
        ("region_code", contracts.county == ""),
    ):  # fmt: skip
        marks = np.zeros(tape.size, dtype=bool)
        marks[contracts.rows[missing]] = True
        faults += faults_at(tape, marks, LOANS.by_name[name], FaultKind.MISSING)
        lost |= missing
    return contracts.take(np.flatnonzero(~lost)), faults


@dataclass(frozen=True, slots=True)
class _Own:
    """What a contract says of itself."""

    tape: Tape
    rows: Index
    loan: Index
    debt: Column
    share: Column


def _guarantees(book: GuaranteeBook) -> _Own:
    """Guarantees in force, with the part of the loan that stands under each.

    Several guarantees of one loan share it, and its security, as their amounts stand.
    """
    assert book.guarantees is not None
    tape = book.guarantees
    loan = rows_of(tape.text("loan_id"), book.loans.batch.ids)
    rows = np.flatnonzero((tape.batch.columns["state"] == IN_FORCE) & (loan >= 0))
    own = tape.batch.columns["guaranteed_share"][rows]
    share = np.bincount(loan[rows], own, book.loans.size)[loan[rows]].astype(np.float64)
    debt = tape.batch.columns["in_force_balance_yuan"][rows] / share
    return _Own(tape, rows, loan[rows], debt, share)


def _loans_alone(book: GuaranteeBook) -> _Own:
    """Loans of a lender: nobody guarantees anything."""
    balance = book.loans.batch.columns["balance_yuan"]
    rows = np.flatnonzero(balance > 0.0)
    return _Own(book.loans, rows, rows, balance[rows], np.zeros(rows.size))


def _joined(
    book: GuaranteeBook, own: _Own, security: Security, valued_on: date
) -> BookContracts:  # fmt: skip
    """Contracts with the columns of their loans and borrowers."""
    loans, borrowers = book.loans, book.borrowers
    borrower = borrower_rows(book)
    who = borrower[own.loan]
    of_loan = loans.columns_at(own.loan)
    of_borrower = {} if borrowers is None else borrowers.columns_at(who)
    size = own.rows.size

    def number(columns: dict[str, NDArray[np.generic]], name: str) -> Column:
        return np.asarray(columns.get(name, np.full(size, np.nan)), dtype=np.float64)

    def of_either(name: str) -> Column:
        first = number(of_loan, name)
        return np.where(np.isnan(first), number(of_borrower, name), first)

    def of_contract(name: str) -> Column:
        held = own.tape.batch.columns.get(name)
        return np.full(size, np.nan) if held is None else np.asarray(held, dtype=float)[own.rows]

    rate = number(of_loan, "effective_rate_per_year")
    part = np.divide(
        own.debt, number(of_loan, "balance_yuan"), out=np.zeros(size),
        where=number(of_loan, "balance_yuan") > 0.0,
    )  # fmt: skip
    proceeds = security.mean_yuan[own.loan] * part
    kinds = np.array([*RIGHTS, ""], dtype=str)
    kind = word_of(book, own.loan, who, "borrower_kind")
    client, group = _clients(loans, borrowers, borrower, own.loan)
    return BookContracts(
        own.tape.batch.ids.take(pa.array(own.rows)), own.rows, own.loan, client, group,
        county_of(book, own.loan, who), word_of(book, own.loan, who, "commodity"),
        kinds[security.kind[own.loan]], _text(own.tape, "programme_id", own.rows),
        own.debt, own.share, of_either("default_chance"),
        number(of_loan, "origination_default_chance"),
        np.nan_to_num(number(of_loan, "overdue_days")),
        np.maximum(12.0 * np.nan_to_num(years_from(valued_on, number(of_loan, "matures_on"))), 0.0),
        np.maximum(-12.0 * np.nan_to_num(years_from(valued_on, number(of_loan, "starts_on"))), 0.0),
        np.where(np.isnan(rate), number(of_loan, "rate_per_year"), rate),
        np.asarray(of_loan.get("repayment", np.full(size, -1)), dtype=np.int64),
        of_contract("fee_rate_per_year"), of_contract("fee_received_yuan"),
        of_contract("fee_income_to_date_yuan"), number(of_loan, "loss_share"),
        np.divide(proceeds, own.debt, out=np.zeros(size), where=own.debt > 0.0),
        security.spread[own.loan], security.sale_years[own.loan],
        security.without_extension[own.loan], security.value_yuan[own.loan] * part,
        number(of_loan, "watch_list") == 1.0, ~np.isnan(number(of_loan, "restructured_on")),
        np.isin(kind, ("farm_household", "family_farm", "")),
    )  # fmt: skip


def _text(tape: Tape, name: str, rows: Index) -> NDArray[np.str_]:
    """A text column at some rows, "" where nothing is stated or there is no row."""
    if not tape.size:
        return np.full(rows.size, "", dtype=str)
    held = tape.text(name).fill_null("").to_numpy(zero_copy_only=False).astype(str)
    return np.where(rows >= 0, held[np.maximum(rows, 0)], "")


def _clients(
    loans: Tape, borrowers: Tape | None, borrower: Index, loan: Index
) -> tuple[Index, Index]:
    """Codes of clients and of their groups; a loan without a borrower is its own client."""
    alone = -1 - np.arange(loans.size)
    client = np.where(borrower >= 0, borrower, alone)[loan]
    if borrowers is None:
        return _coded(client), _coded(client)
    named = _text(borrowers, "group_id", np.maximum(borrower, -1)[loan])
    words, place = np.unique(named, return_inverse=True)
    place = place.reshape(-1)
    offset = int(client.max(initial=0)) + 1
    group = np.where(words[place] == "", client, offset + place)
    return _coded(client), _coded(group)


def _coded(values: Index) -> Index:
    """Codes from 0 in place of any whole numbers."""
    return np.unique(values, return_inverse=True)[1].reshape(-1).astype(np.int64)
