"""What comes back of compensation: to date, by cohort, and by calendar period."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike

from riskengine.guarantee.compensation import paid, payment_unknown
from riskengine.guarantee.contracts import Column, Contracts, Index, fen, refused, total
from riskengine.guarantee.figures import Figure, quotient, within
from riskengine.rules import Rules
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Cohorts:
    """Recoveries by year of compensation.

    Parameters
    ----------
    year : (k,) int64
        Calendar years of compensation, rising.
    compensated_yuan, recovered_yuan : (k,) float64
        Paid in the year, and got back of it to date [yuan].
    recovery_rate : (k,) float64
        Their quotient [1].
    """

    year: Index
    compensated_yuan: Column
    recovered_yuan: Column
    recovery_rate: Column


def recovery_rate(contracts: Contracts, rules: Rules) -> Figure:
    """Recovered over compensated, of all years to date.

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    rules : Rules
        The rules of the day.

    Returns
    -------
    Figure
        The rate [1].
    """
    rows = paid(contracts, None, rules.day)
    lacking = payment_unknown(contracts) | (rows & np.isnan(contracts.recovered_yuan))
    return quotient(
        int(fen(contracts.recovered_yuan[rows]).sum()),
        int(fen(contracts.compensated_yuan[rows]).sum()),
        Text("累计追偿收回", "recovered to date"), Text("累计代偿额", "compensated to date"),
        int(lacking.sum()),
    )  # fmt: skip


def recovery_by_cohort(contracts: Contracts, until: date) -> Cohorts:
    """Recoveries by year of compensation: each year's payments and what came back of them.

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    until : datetime.date
        Last day of compensation that counts.

    Returns
    -------
    Cohorts
        One a year with compensation.  Late years have had less time to recover.
    """
    rows = paid(contracts, None, until)
    years = contracts.compensated_on[rows].astype("datetime64[D]").astype("datetime64[Y]")
    year, member = np.unique(years.astype(np.int64) + 1970, return_inverse=True)
    member = member.reshape(-1)
    out = total(fen(contracts.compensated_yuan[rows]), member, year.size) / 100.0
    back = total(fen(contracts.recovered_yuan[rows]), member, year.size) / 100.0
    return Cohorts(year, out, back, back / out)


def calendar_recovery_rate(
    contracts: Contracts, recovered_on: ArrayLike, recovered_yuan: ArrayLike, since: date,
    until: date,
) -> Figure:  # fmt: skip
    """Recovered in a period over compensated in it, whatever year it was paid for.

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    recovered_on : (k,) array-like
        Day of every recovery since 1970-01-01.
    recovered_yuan : (k,) array-like
        Its amount [yuan], >= 0.
    since, until : datetime.date
        First and last day.

    Returns
    -------
    Figure
        The rate [1]; above 1 where old claims are collected.

    Raises
    ------
    RatioError
        If days and amounts are not of one length, or an amount is negative or no number.
    """
    days = np.asarray(recovered_on, dtype=np.float64)
    amounts = np.asarray(recovered_yuan, dtype=np.float64)
    if days.shape != amounts.shape or not np.all((amounts >= 0.0) & np.isfinite(amounts)):
        raise refused("recovered_yuan", "日期与金额不符或金额无效", "does not fit its days")
    rows = paid(contracts, since, until)
    return quotient(
        int(fen(amounts[within(days, since, until)]).sum()),
        int(fen(contracts.compensated_yuan[rows]).sum()),
        Text("期内追偿收回", "recovered in the period"),
        Text("期内代偿额", "compensated in the period"), int(payment_unknown(contracts).sum()),
    )  # fmt: skip
