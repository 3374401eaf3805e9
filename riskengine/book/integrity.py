"""Integrity across the tables of a guarantee book: every fault of every row at once.

What contradicts itself is rejected, and takes with it what cannot stand without it: a loan
its guarantees and pledges, a layer its programme, a programme its guarantees.  What may be
true but wants a look is kept and referred: a guarantee past its last day is still owed
while the guarantee period runs, so it counts until somebody says that it is released.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from riskengine.book.findings import Column, Table, Tables, stated
from riskengine.book.programmes import check_layers
from riskengine.book.tables import ASSET_COLUMNS
from riskengine.faults import FaultKind
from riskengine.gates.tapes import Rows, rows_of
from riskengine.words import Text

FEN = 100.0
"""Fen of a yuan."""
SLACK_FEN = 1.0
"""How far two amounts may be apart by rounding [fen]."""
SLACK_SHARE = 1e-9
"""How far shares may add up to more than 1 by rounding [1]."""
WHOLE = Text("担保金额", "the amount guaranteed")
BOTH = Text("担保金额（解保与在保合计）", "the amount guaranteed, with what is still in force")
PAID = Text("代偿金额（收回与核销合计）", "the amount compensated, with what was written off")
LOAN = Text("贷款余额", "the loan's balance")
PART_OF_LOAN = Text("贷款余额乘担保比例", "the loan's balance times the share guaranteed")
REST = Text("担保比例之外的部分", "what the guarantee leaves of the loss")


def check_book(tables: Tables, day: float) -> None:
    """Hold the tables of a book against one another.

    Parameters
    ----------
    tables : mapping of str to Table
        Tables that passed the door; what is found is noted in them.
    day : float
        Day of valuation, days since 1970-01-01.

    Examples
    --------
    >>> check_book({}, 20000.0)
    """
    if (borrowers := tables.get("borrowers")) is not None:
        _same_person(borrowers)
    if (statements := tables.get("statements")) is not None:
        _statements(statements)
    if (layers := tables.get("layers")) is not None:
        check_layers(layers, tables.get("funds"))
    if (loans := tables.get("loans")) is None:
        return
    _with_borrowers(loans, borrowers)
    if (guarantees := tables.get("guarantees")) is not None:
        _with_loan(guarantees, loans)
        _with_programme(guarantees, layers)
        _states(guarantees)
        _amounts(guarantees, loans)
        _shares(guarantees)
        _to_look_at(guarantees, day)
    if (pledges := tables.get("pledges")) is not None:
        _with_loan(pledges, loans)
        _secured(pledges, loans)


def _with_borrowers(loans: Table, borrowers: Table | None) -> None:
    """A loan that names a borrower has that borrower."""
    if borrowers is not None:
        named = loans.tape.text("borrower_id")
        row = rows_of(named, borrowers.tape.batch.ids)
        loans.stop(stated(named) & (row < 0), "borrower_id", FaultKind.UNKNOWN_BORROWER)


def _with_loan(table: Table, loans: Table) -> None:
    """A guarantee or a pledge that names a loan has that loan, and it was not rejected."""
    named = table.tape.text("loan_id")
    row = rows_of(named, loans.tape.batch.ids)
    told = np.append(loans.stopped, False)[row] | loans.lost_at_door("loan_id", named)
    table.stop(told, "loan_id", FaultKind.REJECTED_LOAN)
    table.stop(stated(named) & (row < 0) & ~told, "loan_id", FaultKind.UNKNOWN_LOAN)


def _with_programme(guarantees: Table, layers: Table | None) -> None:
    """A guarantee that names a programme has all its layers."""
    if layers is not None:
        named = guarantees.tape.text("programme_id")
        whole = layers.tape.text("programme_id").filter(pa.array(~layers.stopped))
        lost = stated(named) & (rows_of(named, whole) < 0)
        guarantees.stop(lost, "programme_id", FaultKind.UNKNOWN_PROGRAMME)


def _states(guarantees: Table) -> None:
    """The state agrees with the days and the amounts."""
    in_force = guarantees.is_code("state", "in_force")
    normal = guarantees.is_code("state", "normal_release")
    released = ~np.isnan(guarantees.number("released_on"))
    guarantees.stop(in_force & released, "released_on", FaultKind.RELEASED_IN_FORCE)
    guarantees.stop(~in_force & ~released, "released_on", FaultKind.RELEASED_STATE)
    balance = guarantees.number("in_force_balance_yuan")
    guarantees.stop(
        ~in_force & (balance > 0.0), "in_force_balance_yuan", FaultKind.RELEASED_BALANCE
    )
    paid = guarantees.number("compensated_yuan")
    on = guarantees.number("compensated_on")
    missing = ~in_force & ~normal & (np.isnan(on) | ~(paid > 0.0))
    guarantees.stop(missing, "compensated_on", FaultKind.NOT_COMPENSATED)
    guarantees.stop(normal & (paid > 0.0), "compensated_yuan", FaultKind.COMPENSATED_NORMAL)


def _amounts(guarantees: Table, loans: Table) -> None:
    """No amount of a guarantee is above what it is a part of."""
    row = rows_of(guarantees.tape.text("loan_id"), loans.tape.batch.ids)
    owed = np.append(loans.number("balance_yuan"), np.nan)[row]
    share, amount = guarantees.number("guaranteed_share"), guarantees.number("amount_yuan")
    balance = guarantees.number("in_force_balance_yuan")
    in_force = guarantees.is_code("state", "in_force")
    _above(guarantees, "in_force_balance_yuan", balance, amount, WHOLE)
    _above(guarantees, "in_force_balance_yuan", np.where(in_force, balance, np.nan),
           owed * share, PART_OF_LOAN)  # fmt: skip
    both = balance + guarantees.number("released_yuan")
    _above(guarantees, "released_yuan", np.where(balance > amount, np.nan, both), amount, BOTH)
    paid = guarantees.number("compensated_yuan")
    _above(guarantees, "compensated_yuan", paid, amount, WHOLE)
    settled = np.nan_to_num(guarantees.number("recovered_yuan"))
    settled = settled + np.nan_to_num(guarantees.number("written_off_yuan"))
    _above(guarantees, "recovered_yuan", settled, np.nan_to_num(paid), PAID)
    overdue = guarantees.number("overdue_principal_yuan")
    _above(guarantees, "overdue_principal_yuan", overdue, owed, LOAN)


def _above(table: Table, column: str, amount: Column, most: Column, limit: Text) -> None:
    """Stop rows whose amount is more than a fen above its limit; NaN where nothing is compared."""
    above = np.rint(amount * FEN) > np.rint(most * FEN) + SLACK_FEN
    if above.any():
        table.stop(above, column, FaultKind.ABOVE, most=_money(most), limit=limit)


def _money(amounts: Column) -> list[str]:
    """Amounts as messages show them."""
    return [f"{amount:,.2f}" for amount in amounts.tolist()]


def _shares(guarantees: Table) -> None:
    """Shares of one loss are no more than all of it."""
    share = guarantees.number("guaranteed_share")
    own, bank = guarantees.number("own_share"), guarantees.number("bank_share")
    above = own > share + SLACK_SHARE
    guaranteed = guarantees.contract.by_name["guaranteed_share"].title
    guarantees.stop(above, "own_share", FaultKind.ABOVE, most=_shown(share), limit=guaranteed)
    guarantees.stop(bank > 1.0 - share + SLACK_SHARE, "bank_share", FaultKind.ABOVE,
                    most=_shown(1.0 - share), limit=REST)  # fmt: skip
    loan = guarantees.tape.text("loan_id").dictionary_encode().indices.to_numpy()
    in_force = guarantees.is_code("state", "in_force")
    total = np.bincount(loan, np.where(in_force, share, 0.0))[loan] if loan.size else share
    guarantees.stop(in_force & (total > 1.0 + SLACK_SHARE), "guaranteed_share",
                    FaultKind.SHARES_ABOVE_ONE, total=_shown(total))  # fmt: skip


def _shown(shares: Column) -> list[str]:
    """Shares as messages show them."""
    return [f"{share:.6g}" for share in shares.tolist()]


def _to_look_at(guarantees: Table, day: float) -> None:
    """What may be true of a guarantee and wants a look."""
    in_force = guarantees.is_code("state", "in_force")
    past = in_force & (guarantees.number("ends_on") < day)
    guarantees.refer(past, "ends_on", FaultKind.PAST_ITS_END)
    received = guarantees.number("fee_received_yuan")
    booked = guarantees.number("fee_income_to_date_yuan")
    ahead = np.rint(booked * FEN) > np.rint(received * FEN) + SLACK_FEN
    guarantees.refer(ahead, "fee_income_to_date_yuan", FaultKind.FEE_AHEAD, most=_money(received))


def _secured(pledges: Table, loans: Table) -> None:
    """Amounts secured on one loan cover its balance, where every pledge on it states one."""
    row = rows_of(pledges.tape.text("loan_id"), loans.tape.batch.ids)
    limit = pledges.number("secured_limit_yuan")
    held: Rows = np.flatnonzero(row >= 0)
    size = loans.tape.size
    total = np.bincount(row[held], limit[held], minlength=size).astype(np.float64)
    count = np.bincount(row[held], minlength=size)
    owed = loans.number("balance_yuan")
    below = (count > 0) & (np.rint(total * FEN) + SLACK_FEN < np.rint(owed * FEN))
    loans.refer(below, "balance_yuan", FaultKind.UNDER_BALANCE, total=_money(total))


def _same_person(borrowers: Table) -> None:
    """One identity number is one borrower."""
    number = pc.utf8_upper(pc.utf8_trim_whitespace(borrowers.tape.text("identity_number")))
    known = stated(number)
    index = number.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
    count = np.append(np.bincount(index[known], minlength=1), 0)
    twice = known & (count[np.where(known, index, -1)] > 1)
    borrowers.refer(twice, "identity_number", FaultKind.SAME_PERSON)


def _statements(statements: Table) -> None:
    """Assets add up to their total, net assets are no more, and a day has one statement."""
    names = [column.name for column in ASSET_COLUMNS] + ["compensation_receivable_yuan"]
    items = np.stack([statements.number(name) for name in names])
    kinds = np.count_nonzero(~np.isnan(items), axis=0)
    itemised = np.any(~np.isnan(items[:-1]), axis=0)
    total, held = np.nansum(items, axis=0), statements.number("total_assets_yuan")
    off = itemised & (np.abs(total - held) > kinds)
    statements.stop(off, "total_assets_yuan", FaultKind.ASSETS_DO_NOT_ADD_UP,
                    total=_money(total), slack=kinds)  # fmt: skip
    limit = statements.contract.by_name["total_assets_yuan"].title
    _above(statements, "net_assets_yuan", statements.number("net_assets_yuan"), held, limit)
    scope = np.where(statements.number("consolidated") == 1.0, 1.0, 0.0)
    same = np.stack([statements.number("as_of"), scope], axis=1)
    _, index, count = np.unique(same, axis=0, return_inverse=True, return_counts=True)
    twice = count[index.reshape(-1)] > 1
    statements.stop(twice, "as_of", FaultKind.SAME_DAY_TWICE)
