"""What each contract costs in the books: stage, class, expected credit loss, liability, fee."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from riskengine.book.contracts import BookContracts
from riskengine.book.exposures import Measured, default_forces, life_chance
from riskengine.credit.expected_loss import lifetime_loss
from riskengine.credit.exposure_path import exposure_path
from riskengine.credit.five_tier import TIERS, Classes, five_tier
from riskengine.credit.loss_scenarios import Scenario
from riskengine.credit.stages import (
    Policy,
    Stages,
    Standing,
    staged_loss,
    stages,
)
from riskengine.guarantee.liability import Liability, guarantee_liability, straight_line_share
from riskengine.portfolio.exposures import Column
from riskengine.rules import Rules

PLANS = ("bullet", "equal_principal", "annuity", "bullet")
"""Plan of the exposure path by the way of repayment; not stated counts as bullet."""
SCENARIOS = (
    Scenario("bad", "0.3", factor=-1.0), Scenario("middle", "0.4"),
    Scenario("good", "0.3", factor=1.0),
)  # fmt: skip
"""Scenarios where the institution brings none: a bad, a middle and a good course."""
POLICY = Policy(relative_increase=1.0)
"""A doubling of the PD is significant, where the institution says nothing else."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """The contracts of a book in its books, one a row.

    Parameters
    ----------
    loss_share : (n,) float64
        Expected LGD given default, low prices in bad times counted [1].
    stages : Stages
        Stage and reason.
    classes : Classes
        Five-tier class.
    twelve_month_yuan, lifetime_yuan : (n,) float64
        ECL of the guaranteed part [yuan]; of a plain loan of the whole.
    loss_yuan : (n,) float64
        ECL by stage [yuan].
    liability : Liability
        The higher of ECL and fee not earned, contract by contract.
    """

    loss_share: Column
    stages: Stages
    classes: Classes
    twelve_month_yuan: Column
    lifetime_yuan: Column
    loss_yuan: Column
    liability: Liability


def loss_shares(measured: Measured, expected_yuan: Column) -> Column:
    """Return the LGD that an expected loss holds.

    Parameters
    ----------
    measured : Measured
        The book.
    expected_yuan : (n,) float64
        Expected loss over the horizon [yuan].

    Returns
    -------
    (n,) float64
        ``EL / (EAD x PD)`` [1], in [0, 1]; severity where nothing can default.
    """
    held = measured.exposures
    base = held.debt_yuan * held.default_chance
    share = np.divide(expected_yuan, base, out=held.severity.copy(), where=base > 0.0)
    return np.clip(share, 0.0, 1.0)


def accounts(
    measured: Measured, expected_yuan: Column, rules: Rules, *,
    scenarios: Sequence[Scenario] = SCENARIOS, policy: Policy = POLICY,
    maturity_share: float = 0.0, threads: int = 1,
) -> Accounts:  # fmt: skip
    """Put every contract into the books.

    Parameters
    ----------
    measured : Measured
        The book.
    expected_yuan : (n,) float64
        Expected loss of each contract over the horizon [yuan].
    rules : Rules
        Rules of the valuation day.
    scenarios : sequence of Scenario
        Weighted courses.
    policy : Policy
        What rise of the PD is significant.
    maturity_share : float
        Share of a bullet loan's defaults that come when it falls due [1], in [0, 1).
    threads : int
        Threads, >= 1.

    Returns
    -------
    Accounts
        One row a contract.
    """
    contracts = measured.contracts
    share = loss_shares(measured, expected_yuan)
    covered = np.where(contracts.guaranteed_share > 0.0, contracts.guaranteed_share, 1.0)
    months = np.maximum(np.ceil(contracts.months_left), 1.0)
    rate = np.nan_to_num(contracts.rate_per_year)
    plans = [PLANS[code] if code >= 0 else "bullet" for code in contracts.repayment.tolist()]
    path = exposure_path(contracts.debt_yuan, months, plans, rate_per_year=rate, share=covered)
    flat, mass = default_forces(contracts, maturity_share)
    correlation = measured.model.default_share[measured.exposures.segment]
    found = lifetime_loss(
        path, -np.expm1(-flat), share, rate, scenarios=scenarios, correlation=correlation,
        maturity_chance=-np.expm1(-mass), threads=threads,
    )  # fmt: skip
    classes = _classes(contracts, share, rules)
    staged = _stages(contracts, classes, rules, policy, maturity_share)
    exposed = contracts.debt_yuan * covered
    loss = staged_loss(staged.stage, found.twelve_month_yuan, found.lifetime_yuan, exposed, share)
    return Accounts(
        share, staged, classes, found.twelve_month_yuan, found.lifetime_yuan, loss,
        _liability(contracts, loss),
    )  # fmt: skip


def _classes(contracts: BookContracts, share: Column, rules: Rules) -> Classes:
    """Five-tier class of each contract."""
    facts = {
        "overdue_days": contracts.overdue_days,
        "restructured": contracts.restructured.astype(np.float64),
        "ecl_share": np.where(contracts.overdue_days > 0.0, share, np.nan),
    }
    return five_tier(facts, rules, retail=contracts.retail, debtor=contracts.client)


def _stages(
    contracts: BookContracts, classes: Classes, rules: Rules, policy: Policy, share: float
) -> Stages:
    """Stage of each contract; without a PD of origination only days, list and class speak."""
    known = ~np.isnan(contracts.origination_chance)
    stored = np.where(known, contracts.origination_chance, contracts.default_chance)
    chance = life_chance(contracts, share)
    foreseen = life_chance(replace(contracts, default_chance=stored), share)
    standing = Standing(watched=contracts.watch_list, tier=classes.tier)
    return stages(chance, foreseen, contracts.overdue_days, rules, policy, standing)


def _liability(contracts: BookContracts, loss: Column) -> Liability:
    """Liability of each contract; fees not stated are none."""
    fee = np.nan_to_num(contracts.fee_received_yuan)
    term = np.maximum(contracts.months_since + contracts.months_left, 1e-9)
    booked = np.divide(
        contracts.fee_income_yuan, fee, out=np.full(fee.size, np.nan), where=fee > 0.0
    )
    straight = straight_line_share(contracts.months_since, term)
    earned = np.clip(np.where(np.isnan(booked), straight, booked), 0.0, 1.0)
    return guarantee_liability(fee, earned, loss)


def class_sums(of: Accounts, balance_yuan: Column) -> dict[str, tuple[int, float]]:
    """Return contracts and balance by five-tier class.

    Parameters
    ----------
    of : Accounts
        The accounts.
    balance_yuan : (n,) float64
        Balances [yuan].

    Returns
    -------
    dict of str to (int, float)
        Count and balance, best class first.
    """
    tier = of.classes.tier
    count = np.bincount(tier, minlength=len(TIERS))
    balance = np.bincount(tier, balance_yuan, len(TIERS))
    return {name: (int(count[k]), float(balance[k])) for k, name in enumerate(TIERS)}
