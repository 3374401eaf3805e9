"""A guarantee book by half-year of start and by term, and what growth hides."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from riskengine.dates import day_number
from riskengine.guarantee.contracts import Column, Contracts, Index, fen, total
from riskengine.guarantee.figures import later, within
from riskengine.rules import Rules
from riskengine.words import Text

HALF_YEAR = 6
"""Months of a half-year."""


@dataclass(frozen=True, slots=True)
class Vintages:
    """Contracts by half-year of start.

    Parameters
    ----------
    year, half : (v,) int64
        Calendar year, and 1 or 2.
    contracts : (v,) int64
        Number of contracts.
    amount_yuan : (v,) float64
        Amount guaranteed [yuan].
    age_months : (a,) int64
        Ages of the columns [month]: 6, 12, ...
    compensated_share : (v, a) float64
        Compensated up to that age of each contract over the amount [1]; NaN where some
        contract of the half-year is younger on the day.
    overdue_share : (v,) float64
        Principal overdue and not compensated on the day over the amount [1].
    missing : int
        Contracts without day or amount of start: in no row.
    """

    year: Index
    half: Index
    contracts: Index
    amount_yuan: Column
    age_months: Index
    compensated_share: Column
    overdue_share: Column
    missing: int


@dataclass(frozen=True, slots=True)
class TermBands:
    """Contracts in force by agreed term.

    Parameters
    ----------
    bands : tuple of Text
        Names of the bands.
    contracts : (b,) int64
        Number of contracts.
    balance_yuan : (b,) float64
        Balance in force [yuan].
    missing : int
        Contracts in force without start or end: in no band.
    """

    bands: tuple[Text, ...]
    contracts: Index
    balance_yuan: Column
    missing: int


@dataclass(frozen=True, slots=True)
class Growth:
    """How much a compensation rate of a growing book hides.

    Parameters
    ----------
    multiple : float or None
        Amount started in the last 12 months over that of the 12 months before [1].
    matured_amount_yuan : float
        Amount of contracts whose agreed end has passed [yuan].
    matured_rate : float or None
        Compensated over amount of those contracts [1]: growth does not move it.
    note : Text or None
        What to say beside the rate on released guarantees; None where the book does not
        grow.
    """

    multiple: float | None
    matured_amount_yuan: float
    matured_rate: float | None
    note: Text | None


def vintages(contracts: Contracts, day: date) -> Vintages:
    """Compensation by half-year of start and age of contracts.

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    day : datetime.date
        Last day that counts.

    Returns
    -------
    Vintages
        One row a half-year with contracts.
    """
    today = float(day_number(day))
    known = ~np.isnan(contracts.started_on) & ~np.isnan(contracts.amount_yuan)
    rows = np.flatnonzero(known & (contracts.started_on <= today))
    start = contracts.started_on[rows]
    month = start.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    code, member = np.unique(month // HALF_YEAR, return_inverse=True)
    member = member.reshape(-1)
    amount = total(fen(contracts.amount_yuan[rows]), member, code.size) / 100.0
    last = ((code + 1) * HALF_YEAR).astype("datetime64[M]").astype("datetime64[D]")
    ends = (last.astype(np.int64) - 1).astype(np.float64)
    ages: list[int] = []
    while code.size and later(ends[:1], HALF_YEAR * (len(ages) + 1))[0] <= today:
        ages.append(HALF_YEAR * (len(ages) + 1))
    shares = np.full((code.size, len(ages)), np.nan)
    hit = np.flatnonzero(within(contracts.compensated_on[rows], None, day))
    paid_on = contracts.compensated_on[rows][hit]
    paid = fen(contracts.compensated_yuan[rows][hit])
    for k, age in enumerate(ages):
        by_then = np.where(paid_on <= later(start[hit], age), paid, 0)
        share = _over(total(by_then, member[hit], code.size) / 100.0, amount)
        shares[:, k] = np.where(later(ends, age) <= today, share, np.nan)
    late = np.where(contracts.overdue_days > 0.0, contracts.overdue_principal_yuan, 0.0)[rows]
    open_ = contracts.in_force[rows] & ~(contracts.compensated_yuan[rows] > 0.0)
    overdue = total(fen(np.where(open_, late, 0.0)), member, code.size) / 100.0
    return Vintages(
        code // 2 + 1970, code % 2 + 1, np.bincount(member, minlength=code.size), amount,
        np.array(ages, dtype=np.int64), shares, _over(overdue, amount),
        int(np.count_nonzero(~known)),
    )  # fmt: skip


def term_bands(contracts: Contracts, rules: Rules) -> TermBands:
    """Contracts in force by agreed term (AGR-CLASS-01: < 6, 6-12, 12-36, > 36 months).

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    rules : Rules
        The rules of the day, which hold the months between the bands.

    Returns
    -------
    TermBands
        The bands.  Exactly the first edge is in the second band; every later edge belongs
        to the band below it, so that a loan of one year is one of up to a year.

    Raises
    ------
    RuleNotFound
        On a day before the bands.
    """
    edges = [int(months) for months in rules.value("guarantee_policy.term_bands")]
    held = contracts.in_force
    known = held & ~np.isnan(contracts.started_on) & ~np.isnan(contracts.ends_on)
    start, end = contracts.started_on[known], contracts.ends_on[known]
    band = (end >= later(start, edges[0])).astype(np.int64)
    for months in edges[1:]:
        band += end > later(start, months)
    size = len(edges) + 1
    names = [Text(f"{edges[0]}个月以下", f"below {edges[0]} months")]
    names += [
        Text(f"{low}至{high}个月", f"{low} to {high} months") for low, high in pairwise(edges)
    ]
    names.append(Text(f"{edges[-1]}个月以上", f"above {edges[-1]} months"))
    return TermBands(
        tuple(names), np.bincount(band, minlength=size),
        total(contracts.balance_fen[known], band, size) / 100.0,
        int(np.count_nonzero(held & ~known)),
    )  # fmt: skip


def growth(contracts: Contracts, day: date) -> Growth:
    """How fast the book grows, and the compensation rate of contracts that have run off.

    A young book has released little of what it has started, and what defaults late has not
    defaulted yet: a rate on cumulative released guarantees understates (CASE-98 of the
    published figures: Guizhou at the end of 2019, 3.6 times, 0.25 % against 1.77 %).

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    day : datetime.date
        Last day that counts.

    Returns
    -------
    Growth
        Multiple, matured rate, and what to say.
    """
    today = np.array([float(day_number(day))])
    year, before = (float(later(today, -months)[0]) for months in (12, 24))
    amount, start = fen(contracts.amount_yuan), contracts.started_on
    new = int(amount[(start > year) & (start <= today[0])].sum())
    old = int(amount[(start > before) & (start <= year)].sum())
    done = within(contracts.ends_on, None, day)
    matured = int(amount[done].sum())
    paid = int(fen(contracts.compensated_yuan[done]).sum())
    multiple = new / old if old else None
    note = None
    if new > old:
        times = f"{multiple:.1f}" if multiple else ""
        note = Text(
            f"近12个月新增为前12个月的{times or '若干'}倍：按解除额计算的代偿率偏低，请看到期批次",
            f"business of the last 12 months is {times or 'many'} times that of the 12 before:"
            " a rate on released guarantees understates, look at vintages that have matured",
        )
    return Growth(multiple, matured / 100.0, paid / matured if matured else None, note)


def _over(part: Column, whole: Column) -> Column:
    """Quotients; NaN where there is nothing to divide by."""
    found: Column = np.divide(part, whole, out=np.full(whole.size, np.nan), where=whole > 0.0)
    return found
