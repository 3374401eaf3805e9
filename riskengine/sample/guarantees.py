"""Synthetic guarantees on synthetic loans: in force, released, here and there compensated.

Of what was released 1.5 % was compensated, in the last year as before it.  Most rows are
sound; one in `FAULTY` contradicts its loan or itself, in four ways by turns.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from riskengine.sample.programmes import SPLITS, programme_of

Days = NDArray[np.datetime64]
Money = NDArray[np.float64]
NEVER = np.datetime64("NaT", "D")
COMPENSATED = 0.015
"""Amount compensated over amount released [1]."""
FAULTY = 397
"""One guarantee in so many is wrong."""
KIND = {
    "farm_household": "loan_farm_household", "family_farm": "loan_farm_household",
    "cooperative": "loan_small_micro", "small_micro_enterprise": "loan_small_micro",
    "enterprise": "loan_other", "other": "loan_other",
}  # fmt: skip
"""Kind of guarantee by kind of borrower."""
PAST = "SAMPLE-LOAN-PAST-"


def sample_guarantees(
    rng: np.random.Generator, loans: pa.Table, valued_on: date
) -> Mapping[str, Any]:
    """Draw synthetic guarantees on synthetic loans.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    loans : pyarrow.Table
        All loans, those that were repaid too.
    valued_on : datetime.date
        Day of the book.

    Returns
    -------
    mapping of str to array
        Columns of the guarantees, at most one on each loan.
    """
    day = np.datetime64(valued_on)
    loans = _taken(rng, loans)
    size, ids = loans.num_rows, loans["loan_id"].combine_chunks()
    past = pc.starts_with(ids, PAST).to_numpy(zero_copy_only=False)
    split, programme = programme_of(rng, _words(loans, "region_code").astype("U6"))
    share = np.array([SPLITS[name].guaranteed for name in split.tolist()])
    own = np.array([SPLITS[name].own for name in split.tolist()])
    amount = np.round(_numbers(loans, "principal_yuan") * share, 2)
    starts, ends = _days(loans, "starts_on"), _days(loans, "matures_on")
    history = _history(rng, past, amount, ends, day)
    fee = np.round(rng.uniform(0.005, 0.008, size), 4)
    fee = np.where(rng.random(size) < 0.03, np.round(rng.uniform(0.008, 0.015, size), 4), fee)
    term = np.maximum((ends - starts).astype(np.int64), 1)
    received = np.round(amount * fee * term / 365.0, 2)
    run = np.clip((day - starts).astype(np.int64) / term, 0.0, 1.0)
    kind = np.array([KIND[name] for name in _words(loans, "borrower_kind").tolist()])
    balance = _numbers(loans, "balance_yuan")
    late = np.where(_numbers(loans, "overdue_days") > 90.0, balance, np.round(balance * 0.2, 2))
    columns: dict[str, Any] = {
        "guarantee_id": pc.replace_substring(ids, "LOAN-", "GUARANTEE-"), "loan_id": ids,
        "programme_id": programme, "kind": kind, "guaranteed_share": share, "own_share": own,
        "amount_yuan": amount, "in_force_balance_yuan": np.round(balance * share, 2),
        "fee_rate_per_year": fee, "fee_received_yuan": received,
        "fee_income_to_date_yuan": np.floor(received * run * 100.0) / 100.0,
        "starts_on": starts, "ends_on": ends, **history,
        "overdue_principal_yuan": np.where(_numbers(loans, "overdue_days") > 0.0, late, 0.0),
        "bank_share": np.round(1.0 - share, 2),
    }  # fmt: skip
    return _with_faults(columns, day)


def _taken(rng: np.random.Generator, loans: pa.Table) -> pa.Table:
    """Loans that are guaranteed: most of those of banks that are owed or were repaid."""
    bank = _words(loans, "lender_type") != "guarantee_company"
    past = pc.starts_with(loans["loan_id"], PAST).to_numpy()
    owed = _numbers(loans, "balance_yuan") > 0.0
    chance = np.where(past, 0.95, np.where(owed, 0.75, 0.0))
    return loans.take(pa.array(np.flatnonzero(bank & (rng.random(bank.size) < chance))))


def _history(
    rng: np.random.Generator,
    past: NDArray[np.bool_],
    amount: Money,
    ends: Days,
    day: np.datetime64,
) -> dict[str, Any]:
    """State, releases, compensation and what came back of it."""
    size, none = past.size, np.full(past.size, np.nan)
    late = ends + rng.integers(60, 120, size).astype("timedelta64[D]")
    recent = (day - ends).astype(np.int64) <= 365
    share = rng.uniform(0.6, 1.0, size)
    paid = np.round(amount * share, 2)
    hit = np.zeros(size, dtype=bool)
    for group in (past & recent, past & ~recent):
        hit |= _up_to(rng, group, paid, COMPENSATED * float(amount[group].sum()))
    on = np.where(hit, np.minimum(late, day), NEVER)
    age = np.where(hit, (day - np.minimum(late, day)).astype(np.int64) / 365.25, 0.0)
    back = np.round(paid * np.minimum(rng.uniform(0.05, 0.3, size) * age, 0.6), 2)
    gone = np.where((age > 3.0) & (rng.random(size) < 0.3), np.round((paid - back) * 0.5, 2), 0.0)
    state = np.select([hit, past], ["compensated_release", "normal_release"], "in_force")
    return {
        "state": state,
        "released_on": np.where(hit, on, np.where(past, ends, NEVER)),
        "released_yuan": np.where(past, amount, none),
        "compensated_on": on, "compensated_yuan": np.where(hit, paid, none),
        "recovered_yuan": np.where(hit, back, none), "written_off_yuan": np.where(hit, gone, none),
    }  # fmt: skip


def _up_to(
    rng: np.random.Generator, group: NDArray[np.bool_], paid: Money, most: float
) -> NDArray[np.bool_]:
    """Rows of a group drawn until what they are paid comes to an amount."""
    hit = np.zeros(group.size, dtype=bool)
    total = 0.0
    for row in rng.permutation(np.flatnonzero(group)).tolist():
        if total + paid[row] <= most:
            hit[row] = True
            total += float(paid[row])
        if total >= 0.98 * most:
            break
    return hit


def _with_faults(columns: dict[str, Any], day: np.datetime64) -> Mapping[str, Any]:
    """Some rows wrong by turns: loan, balance, release, compensation."""
    size = len(columns["guarantee_id"])
    wrong = np.arange(FAULTY - 1, size, FAULTY)
    turn = np.full(size, -1)
    turn[wrong] = np.arange(wrong.size) % 4
    lost = pc.replace_substring(columns["loan_id"], "LOAN-", "LOAN-NONE-")
    columns["loan_id"] = pc.if_else(pa.array(turn == 0), lost, columns["loan_id"])
    amount, balance = columns["amount_yuan"], columns["in_force_balance_yuan"]
    columns["in_force_balance_yuan"] = np.where(turn == 1, amount * 1.5, balance)
    in_force = columns["state"] == "in_force"
    swapped = np.where(in_force, day, NEVER)
    columns["released_on"] = np.where(turn == 2, swapped, columns["released_on"])
    columns["compensated_yuan"] = np.where(turn == 3, amount * 1.2, columns["compensated_yuan"])
    return columns


def _words(loans: pa.Table, name: str) -> NDArray[np.str_]:
    """A column of words."""
    return np.asarray(loans[name].cast(pa.string()).to_numpy().astype(str))


def _numbers(loans: pa.Table, name: str) -> Money:
    """A column of numbers."""
    return np.asarray(loans[name].to_numpy(), dtype=np.float64)


def _days(loans: pa.Table, name: str) -> Days:
    """A column of days."""
    return np.asarray(loans[name].to_numpy()).astype("datetime64[D]")
