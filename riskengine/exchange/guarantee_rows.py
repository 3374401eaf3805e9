"""Rows of guarantees for exports, from a portfolio folder."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from riskengine.book.institution import ratio_contracts
from riskengine.book.joins import borrower_rows, county_of, word_of
from riskengine.book.read import GuaranteeBook, read_guarantee_book
from riskengine.book.tables import book_tables
from riskengine.dates import EPOCH
from riskengine.folder import find_tables
from riskengine.gates.tapes import Rows, Tape, plain_rows, rows_of
from riskengine.guarantee.switches import Switches
from riskengine.guarantee.weights import liability_balance
from riskengine.rules import Rules

Row = dict[str, Any]
RE_GUARANTORS = ("province", "national", "insurer")
GOVERNMENT = ("county_fund", "government")


def guarantee_rows(source: Path, valued_on: date, rules: Rules) -> list[Row]:
    """Return one row a guarantee of a portfolio; of a book without guarantees, one a loan.

    Parameters
    ----------
    source : pathlib.Path
        Portfolio folder with at least a table of loans.
    valued_on : datetime.date
        Day of valuation.
    rules : Rules
        Rules of that day, for the weights of the liability balance.

    Returns
    -------
    list of dict
        Cells of the table of guarantees, days as YYYY-MM-DD, with ``bank``,
        ``borrower_code`` (personal), ``borrower_kind``, ``commodity``, ``county``,
        ``overdue_days``, ``liability_weight``, ``liability_yuan`` and, where the layers of
        the programme say it, ``government_share`` and ``other_share``.

    Raises
    ------
    PortfolioError
        If there are no loans, or a file cannot be read as a whole.
    """
    files = find_tables(source, book_tables())
    with TemporaryDirectory() as spool:
        book = read_guarantee_book(files, Path(spool), valued_on)
    if book.guarantees is None:
        return _loans_alone(book)
    tape = book.guarantees
    loan = rows_of(tape.text("loan_id"), book.loans.batch.ids)
    around = _around(book, loan)
    weights, liability = _liabilities(book, rules)
    shares = _programme_shares(book)
    rows = []
    for k, row in enumerate(_with_days(tape)):
        rows.append({
            **row, **{name: cells[k] for name, cells in around.items()},
            "liability_weight": weights[k], "liability_yuan": liability[k],
            **_shares_of(row, shares),
        })  # fmt: skip
    return rows


def programme_shares(layers: list[Mapping[str, Any]]) -> dict[str, float] | None:
    """Return which share of a loss each party to a programme bears.

    Parameters
    ----------
    layers : list of mapping
        Layers of one programme by order: ``kind``, ``party``, ``share``, ``cedes_from``.

    Returns
    -------
    dict of str to float or None
        Shares by party [1]; None where a layer bears by sums or rates, so that no share
        holds for every loss.

    Examples
    --------
    >>> shares = programme_shares([
    ...     {"kind": "quota_share", "party": "bank", "share": 0.2},
    ...     {"kind": "quota_share", "party": "guarantor", "share": 0.8},
    ...     {"kind": "re_guarantee", "party": "province", "share": 0.25},
    ... ])
    >>> {party: round(share, 9) for party, share in shares.items()}
    {'bank': 0.2, 'guarantor': 0.6, 'province': 0.2}
    """
    held: dict[str, float] = {}
    for layer in layers:
        share, party = layer.get("share"), layer["party"]
        if share is None:
            return None
        if layer["kind"] == "quota_share" and layer.get("cedes_from") in (None, "bank"):
            held[party] = held.get(party, 0.0) + share
        elif layer["kind"] == "re_guarantee":
            giver = layer.get("cedes_from") or "guarantor"
            moved = share * held.get(giver, 0.0)
            held[giver] = held.get(giver, 0.0) - moved
            held[party] = held.get(party, 0.0) + moved
        else:
            return None
    return held


def _around(book: GuaranteeBook, loan: Rows) -> dict[str, list[Any]]:
    """What loan and borrower say of each contract."""
    who = borrower_rows(book)[loan]
    bank = _text_at(book.loans, "lender_id", loan)
    code = _text_at(book.loans, "borrower_code", loan)
    if book.borrowers is not None:
        of_borrower = _text_at(book.borrowers, "identity_number", who)
        code = [own or other for own, other in zip(code, of_borrower, strict=True)]
    overdue = book.loans.columns_at(loan).get("overdue_days", np.full(loan.size, np.nan))
    return {
        "bank": bank, "borrower_code": code,
        "borrower_kind": word_of(book, loan, who, "borrower_kind").tolist(),
        "commodity": word_of(book, loan, who, "commodity").tolist(),
        "county": county_of(book, loan, who).tolist(), "overdue_days": overdue.tolist(),
    }  # fmt: skip


def _text_at(tape: Tape, name: str, rows: Rows) -> list[str | None]:
    """A text column at some rows; None where there is no row."""
    held = [*tape.text(name).to_pylist(), None]
    return [held[row] for row in rows.tolist()]


def _with_days(tape: Tape) -> list[Row]:
    """Plain rows with days written out."""
    days = [column.name for column in tape.batch.contract.columns if column.kind == "date"]
    rows = plain_rows(tape)
    for row in rows:
        row |= {name: _day(row[name]) for name in days}
    return rows


def _day(number: float | None) -> str | None:
    return None if number is None else (EPOCH + timedelta(days=int(number))).isoformat()


def _liabilities(book: GuaranteeBook, rules: Rules) -> tuple[list[float], list[float]]:
    """Weight [1] and liability balance [yuan] of every guarantee."""
    contracts, _ = ratio_contracts(book)
    assert contracts is not None
    found = liability_balance(contracts, rules, Switches())
    return found.weight.tolist(), (found.liability_fen / 100.0).tolist()


def _programme_shares(book: GuaranteeBook) -> dict[str, dict[str, float] | None]:
    """Shares of the parties by programme."""
    if book.layers is None:
        return {}
    layers: dict[str, list[Mapping[str, Any]]] = {}
    for row in sorted(plain_rows(book.layers), key=lambda row: row["order"]):
        layers.setdefault(row["programme_id"], []).append(row)
    return {name: programme_shares(rows) for name, rows in layers.items()}


def _shares_of(row: Row, shares: Mapping[str, dict[str, float] | None]) -> Row:
    """Shares of government and of others, where layers and contract say the same."""
    found = shares.get(row.get("programme_id") or "")
    own = row.get("own_share")
    if not found or own is None or abs(found.get("guarantor", 0.0) - own) > SLACK:
        return {}
    return {
        "government_share": sum(found.get(party, 0.0) for party in GOVERNMENT),
        "other_share": sum(found.get(party, 0.0) for party in RE_GUARANTORS),
    }


SLACK = 1e-6
"""Difference of two shares that is rounding alone [1]."""


def _loans_alone(book: GuaranteeBook) -> list[Row]:
    """Loans as contracts that the lender bears whole."""
    everyone = np.arange(book.loans.size)
    around = _around(book, everyone)
    rows = []
    for k, loan in enumerate(_with_days(book.loans)):
        balance = loan["balance_yuan"]
        row = {
            "guarantee_id": None, "loan_id": loan["loan_id"], "starts_on": loan["starts_on"],
            "ends_on": loan["matures_on"], "amount_yuan": loan.get("principal_yuan"),
            "in_force_balance_yuan": balance, "state": "in_force" if balance > 0.0 else None,
        }  # fmt: skip
        rows.append(row | {name: cells[k] for name, cells in around.items()})
    return rows
