"""Pledges tied to the rights of one batch, to their loans and to the policies on them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskengine.dates import day_number
from riskengine.gates.secured import Column, Secured
from riskengine.gates.tapes import Rows, Tape, matched, rows_of
from riskengine.rights import RIGHTS
from riskengine.rules import Rules
from riskengine.table import Batch
from riskengine.valuation import Valuation


class Standing(NamedTuple):
    """What each pledge secures, and what other pledges on the same right leave to it.

    Parameters
    ----------
    debt : (n,) float64
        Debt secured [yuan], as `debts` shares it out; NaN where there is no loan.
    senior : (n,) float64
        Debts of earlier ranks on the same right [yuan].
    share : (n,) float64
        Share of the right among equal ranks [1].
    """

    debt: Column
    senior: Column
    share: Column


def alone(debt: Column) -> Standing:
    """Return the standing of pledges that no other shares a right with.

    Parameters
    ----------
    debt : (n,) float64
        Debt secured [yuan].

    Returns
    -------
    Standing
        Nothing before them, the whole right theirs.
    """
    return Standing(debt, np.zeros(debt.size), np.ones(debt.size))


NOT_STARTED = 2
"""Position of a second-round extension that has not begun."""


def as_lent_on(batch: Batch) -> Batch:
    """Return rights as a lender counts them: an extension that nobody signed is none.

    Parameters
    ----------
    batch : Batch
        Rights of one kind.

    Returns
    -------
    Batch
        The same; of land, a state of the second-round extension that is not stated has not
        begun (LMR-TERM-06).
    """
    name = "second_round_extension"
    if name not in batch.columns:
        return batch
    stated = batch.columns[name]
    counted = {**batch.columns, name: np.where(stated < 0, NOT_STARTED, stated)}
    return replace(batch, columns=counted)


def secured(
    valuation: Valuation,
    pledges: Tape,
    rights: Rows,
    loans: Tape | None,
    policies: Tape | None,
    standing: Standing,
    rules: Rules,
) -> Secured:
    """Tie pledges to what they belong to.

    Parameters
    ----------
    valuation : Valuation
        Values of the rights of one batch.
    pledges : Tape
        Pledges on rights of that batch.
    rights : (n,) int64
        Position of each pledge's right in the batch.
    loans : Tape or None
        The loans.
    policies : Tape or None
        Insurance policies on rights.
    standing : Standing
        What each pledge secures, and what others leave to it.
    rules : Rules
        What the lender counts by: the nation's rules of the day of valuation, an
        institution's over them.

    Returns
    -------
    Secured
        The pledges, one a row.
    """
    batch = valuation.batch
    loan = loan_rows(pledges, loans)
    columns = loans.columns_at(loan) if loans is not None else {}
    taken = batch.take(rights)
    covers = None
    if policies is not None and policies.size:
        covers = matched(policies.text("right_id"), taken.ids)
    return tied(valuation, pledges.batch, rights, columns, policies, covers, standing, rules, taken)


def tied(
    valuation: Valuation,
    pledges: Batch,
    rights: Rows,
    loans: Mapping[str, NDArray[Any]],
    policies: Tape | None,
    covers: tuple[Rows, Rows] | None,
    standing: Standing,
    rules: Rules,
    taken: Batch | None = None,
) -> Secured:
    """Put together pledges whose rights, loans and policies are found already.

    Parameters
    ----------
    valuation : Valuation
        Values of the rights of one batch.
    pledges : Batch
        The pledges.
    rights : (n,) int64
        Position of each pledge's right in the batch.
    loans : mapping of str to (n,) array
        Columns of the loan that each pledge secures; NaN or -1 where there is none.
    policies : Tape or None
        Insurance policies.
    covers : tuple of (k,) int64, or None
        Positions of policies, and of the pledges on whose right each stands.
    standing, rules
        As in `secured`.
    taken : Batch or None
        The right of each pledge, where it was gathered already.

    Returns
    -------
    Secured
        The pledges, one a row.
    """
    batch, day = valuation.batch, valuation.inputs.market.day
    table = batch.contract.table
    return Secured(
        table, day, rules, batch.take(rights) if taken is None else taken, pledges, loans,
        running(table, rights.size, policies, covers, float(day_number(day))), covers,
        valuation.reconciled[0][rights], valuation.term[rights], valuation.case[rights],
        valuation.approach.cases, standing.debt, standing.senior, standing.share,
    )  # fmt: skip


def loan_rows(pledges: Tape, loans: Tape | None) -> Rows:
    """Return the row of each pledge's loan.

    Parameters
    ----------
    pledges : Tape
        The pledges.
    loans : Tape or None
        The loans.

    Returns
    -------
    (n,) int64
        Row in the loans; -1 for none.
    """
    if loans is None:
        return np.full(pledges.size, -1, dtype=np.int64)
    return rows_of(pledges.text("loan_id"), loans.batch.ids)


def borrowers(pledges: Tape, loans: Tape | None) -> pa.Array:
    """Return the identity number of each pledge's borrower.

    Parameters
    ----------
    pledges : Tape
        The pledges.
    loans : Tape or None
        The loans.

    Returns
    -------
    pyarrow.Array
        Numbers as stated; null where there is no loan, or none is stated.
    """
    if loans is None:
        return pa.nulls(pledges.size, pa.string())
    loan = loan_rows(pledges, loans)
    return loans.text("borrower_code").take(pa.array(loan, mask=loan < 0))


def debts(pledges: Tape, loans: Tape | None, value: Column) -> Column:
    """Return the debt that each pledge secures.

    Parameters
    ----------
    pledges : Tape
        All pledges of the loans, on rights of every kind.
    loans : Tape or None
        The loans.
    value : (n,) float64
        Market value of each pledge's right [yuan].

    Returns
    -------
    (n,) float64
        The balance [yuan], shared among the pledges of one loan by value, no more than the
        amount secured; NaN where there is no loan.
    """
    if loans is None:
        return np.full(pledges.size, np.nan)
    loan = loan_rows(pledges, loans)
    balance = np.append(loans.batch.columns["balance_yuan"], np.nan)[loan]
    worth = np.where(np.isnan(value), 0.0, value)
    total = np.bincount(loan + 1, weights=worth)[loan + 1]
    count = np.bincount(loan + 1)[loan + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total > 0.0, worth / total, 1.0 / count)
    limit = pledges.batch.columns.get("secured_limit_yuan", np.full(pledges.size, np.nan))
    return np.where(loan < 0, np.nan, np.fmin(balance * share, limit))


def running(
    table: str, size: int, policies: Tape | None, covers: tuple[Rows, Rows] | None, day: float
) -> dict[str, Column]:
    """Return what the policies that run on a day say of each right.

    Parameters
    ----------
    table : str
        Kind of right.
    size : int
        Number of pledges.
    policies : Tape or None
        Insurance policies.
    covers : tuple of (k,) int64, or None
        Positions of policies, and of the pledges on whose right each stands.
    day : float
        Day of valuation, days since 1970-01-01 [day].

    Returns
    -------
    dict of str to (n,) float64
        As `riskengine.gates.secured.Secured.policies`.
    """
    if policies is None or covers is None:
        return {"live": np.zeros(size), "house": np.zeros(size), "told": np.full(size, np.nan)}
    columns = policies.batch.columns
    nothing = np.full(policies.size, np.nan)
    runs = columns["right_kind"] == list(RIGHTS).index(table)
    runs &= (columns["ends_on"] >= day) & ~(columns.get("starts_on", nothing) > day)
    notice = notices(policies, day)
    policy, pledge = covers

    def count(marks: NDArray[np.bool_]) -> Column:
        here = pledge[(runs & marks)[policy]]
        return np.bincount(here, minlength=size).astype(np.float64)

    live, told, refused = count(runs), count(notice == 1.0), count(notice == 0.0)
    all_told = np.where((live > 0.0) & (told == live), 1.0, np.nan)
    return {
        "live": live, "house": count(columns["kind"] == HOUSE),
        "told": np.where(refused > 0.0, 0.0, all_told),
    }  # fmt: skip


def notices(policies: Tape, day: float) -> Column:
    """Return whether the insurer of each policy was told of the pledge.

    Parameters
    ----------
    policies : Tape
        The policies.
    day : float
        Day of valuation, days since 1970-01-01 [day].

    Returns
    -------
    (n,) float64
        1 told, by word of the officer or because the day of the notice is stated, 0 not
        told [1]; NaN where neither is.
    """
    nothing = np.full(policies.size, np.nan)
    flag = policies.batch.columns.get("insurer_notified", nothing)
    told_on = policies.batch.columns.get("insurer_notified_on", nothing)
    return np.where(np.isnan(flag) & (told_on <= day), 1.0, flag)


HOUSE = 4
"""Position of house insurance among the kinds of policies."""
