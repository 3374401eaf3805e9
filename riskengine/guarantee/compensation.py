"""What was paid for clients and given up, what is overdue, what clients pay.

Definitions as agri-guarantee companies report them to the national system (rows GI-R of the
notes).  Sums are exact in fen; a figure that lacks a fact says of how many contracts.
"""

from datetime import date

import numpy as np

from riskengine.dates import day_number
from riskengine.guarantee.contracts import STATES, Contracts, Mask, fen
from riskengine.guarantee.figures import Figure, later, quotient, within
from riskengine.guarantee.switches import Switches, reading
from riskengine.rules import Rules
from riskengine.words import Text

COMPENSATED = STATES.index("compensated_release")


def paid(contracts: Contracts, since: date | None, until: date) -> Mask:
    """Return which contracts were compensated in a period, by day of payment.

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    since : datetime.date or None
        First day; None from the beginning.
    until : datetime.date
        Last day.

    Returns
    -------
    (n,) bool
        Contracts with a payment in the period.
    """
    return within(contracts.compensated_on, since, until) & (contracts.compensated_yuan > 0.0)


def compensation_rate(
    contracts: Contracts, rules: Rules, switches: Switches, *, cumulative: bool = False
) -> Figure:
    """Compensation over guarantees released, in the year or ever (GI-R-01, GI-R-02).

    Parameters
    ----------
    contracts : Contracts
        The contracts, those of earlier years included.
    rules : Rules
        The rules of the day; the year is the calendar year to that day.
    switches : Switches
        Readings chosen; ``compensation_denominator`` may ask for the balance in force.
    cumulative : bool
        Whether all years count.

    Returns
    -------
    Figure
        The rate [1].

    Examples
    --------
    >>> from riskengine.guarantee.contracts import contracts_of
    >>> from riskengine.rules import statute
    >>> day = float(day_number(date(2026, 6, 1)))
    >>> book = contracts_of(
    ...     client=[1, 2], county=[0, 0], kind=[1, 1], state=[1, 2],
    ...     in_force_balance_yuan=[0, 0], released_on=[day, day],
    ...     released_yuan=[9e6, 1e6], compensated_on=[day, day], compensated_yuan=[0, 2e5],
    ... )
    >>> compensation_rate(book, statute().at(date(2026, 11, 24)), Switches()).value
    0.02
    """
    since = None if cumulative else date(rules.day.year, 1, 1)
    rows = paid(contracts, since, rules.day)
    over = int(fen(contracts.compensated_yuan[rows]).sum())
    lacking = payment_unknown(contracts)
    if reading("compensation_denominator", rules, switches) == "in_force":
        below, said = int(contracts.balance_fen.sum()), Text("在保余额", "balance in force")
    else:
        out = contracts.released & within(contracts.released_on, since, rules.day)
        below = int(fen(contracts.released_yuan[out]).sum())
        lacking |= contracts.released & (
            np.isnan(contracts.released_on) | np.isnan(contracts.released_yuan)
        )
        said = Text("解除额", "guarantees released")
    span = Text("累计", "cumulative ") if cumulative else Text("当年", "of the year: ")
    upper = Text(f"{span.zh}代偿额", f"{span.en}compensation")
    lower = Text(f"{'' if said.zh == '在保余额' else span.zh}{said.zh}", said.en)
    return quotient(over, below, upper, lower, int(lacking.sum()))


def compensation_rate_of_counties(
    contracts: Contracts, rules: Rules, switches: Switches
) -> dict[int, Figure]:
    """Compensation rate of the year by county, as the triggers of AGR-TRIG-01 watch it.

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    rules : Rules
        The rules of the day.
    switches : Switches
        Readings chosen.

    Returns
    -------
    dict of int to Figure
        Rate [1] by code of the county.
    """
    return {
        county: compensation_rate(contracts.take(rows), rules, switches)
        for county, rows in contracts.by_county()
    }


def compensation_balance(contracts: Contracts, rules: Rules) -> Figure:
    """Compensated less recovered less written off (GI-R-06).

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    rules : Rules
        The rules of the day, which name what is added and subtracted.

    Returns
    -------
    Figure
        The balance [yuan].

    Raises
    ------
    RuleNotFound
        On a day before the definition.
    """
    rows = paid(contracts, None, rules.day)
    parts = rules.table("guarantee_ratios.compensation_balance")
    lacking = payment_unknown(contracts)
    balance = 0
    for sign, names in ((1, parts["add"]), (-1, parts["subtract"])):
        for name in names:
            amounts = getattr(contracts, f"{name}_yuan")
            balance += sign * int(fen(amounts[rows]).sum())
            lacking |= rows & np.isnan(amounts)
    return Figure(balance / 100.0, int(lacking.sum()), Text(
        f"累计代偿－追偿收回－核销 = {balance / 100:,.2f}",
        f"compensated less recovered less written off = {balance / 100:,.2f}",
    ))  # fmt: skip


def loss_rate(contracts: Contracts, rules: Rules) -> Figure:
    """Written off over guarantees released, of all years.

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
    out = contracts.released & within(contracts.released_on, None, rules.day)
    lacking = payment_unknown(contracts) | (rows & np.isnan(contracts.written_off_yuan))
    lacking |= contracts.released & np.isnan(contracts.released_yuan)
    return quotient(
        int(fen(contracts.written_off_yuan[rows]).sum()),
        int(fen(contracts.released_yuan[out]).sum()),
        Text("累计核销损失", "written off to date"), Text("累计解除额", "released to date"),
        int(lacking.sum()),
    )  # fmt: skip


def overdue_uncompensated(contracts: Contracts, rules: Rules, *, long: bool = False) -> Figure:
    """Overdue principal not yet compensated, without the bank's share (GI-R-03).

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    rules : Rules
        The rules of the day.
    long : bool
        Whether only what is overdue for more than the months of the separate line counts.

    Returns
    -------
    Figure
        The amount [yuan]; a bank share that is not known takes nothing off.

    Raises
    ------
    RuleNotFound
        On a day before the definition.
    """
    rules.value("guarantee_ratios.overdue_uncompensated")
    open_ = contracts.in_force & ~(contracts.compensated_yuan > 0.0)
    rows = open_ & (contracts.overdue_days > 0.0)
    lacking = open_ & np.isnan(contracts.overdue_days)
    if long:
        months = int(rules.number("guarantee_ratios.overdue_uncompensated_line"))
        today = float(day_number(rules.day))
        rows &= today - contracts.overdue_days < later(np.array([today]), -months)[0]
    lacking |= rows & (np.isnan(contracts.overdue_principal_yuan) | np.isnan(contracts.bank_share))
    own = 1.0 - np.nan_to_num(contracts.bank_share[rows])
    amount = int(fen(contracts.overdue_principal_yuan[rows] * own).sum())
    over = Text(f"超过{months}个月", f" for more than {months} months") if long else Text("", "")
    return Figure(amount / 100.0, int(lacking.sum()), Text(
        f"逾期{over.zh}未代偿本金扣除银行分担 = {amount / 100:,.2f}",
        f"principal overdue{over.en}, not compensated, without the bank's share"
        f" = {amount / 100:,.2f}",
    ))  # fmt: skip


def mean_rate(contracts: Contracts, name: str, rules: Rules, switches: Switches) -> Figure:
    """Mean of a yearly rate over contracts in force (GI-R-04).

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    name : {"fee_rate_per_year", "loan_rate_per_year"}
        The rate.
    rules : Rules
        The rules of the day.
    switches : Switches
        Readings chosen; ``means`` may weigh by balance.

    Returns
    -------
    Figure
        The mean [1/year] of the contracts that have the rate.
    """
    rates = getattr(contracts, name)
    rows = contracts.in_force & ~np.isnan(rates)
    missing = int(np.count_nonzero(contracts.in_force & np.isnan(rates)))
    weighed = reading("means", rules, switches) == "balance_weighted"
    weights = contracts.balance_fen[rows].astype(np.float64) if weighed else np.ones(rows.sum())
    whole = float(weights.sum())
    value = float((rates[rows] * weights).sum()) / whole if whole > 0.0 else None
    return Figure(value, missing, Text(
        "在保合同按余额加权平均" if weighed else "在保合同简单平均",
        "mean of contracts in force, " + ("weighted by balance" if weighed else "each counts one"),
    ))  # fmt: skip


def financing_cost(contracts: Contracts, rules: Rules, switches: Switches) -> Figure:
    """Mean fee plus mean loan rate (GI-R-04).

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    rules : Rules
        The rules of the day.
    switches : Switches
        Readings chosen.

    Returns
    -------
    Figure
        The sum of both means [1/year].
    """
    both = [
        mean_rate(contracts, name, rules, switches)
        for name in ("fee_rate_per_year", "loan_rate_per_year")
    ]
    known = [one.value for one in both if one.value is not None]
    return Figure(
        sum(known) if len(known) == len(both) else None, max(one.missing for one in both),
        Text("平均担保费率＋平均贷款利率", "mean fee plus mean loan rate"),
    )  # fmt: skip


def payment_unknown(contracts: Contracts) -> Mask:
    """Return which contracts were compensated without amount or day being known.

    Parameters
    ----------
    contracts : Contracts
        The contracts.

    Returns
    -------
    (n,) bool
        Released by compensation without amount or day, or an amount without a day.
    """
    amount, undated = contracts.compensated_yuan, np.isnan(contracts.compensated_on)
    said = contracts.state == COMPENSATED
    return np.asarray((said & (np.isnan(amount) | undated)) | ((amount > 0.0) & undated))
