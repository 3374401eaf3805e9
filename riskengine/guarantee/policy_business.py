"""Policy business of agri and government-backed guarantors: bands, mix, fees.

Source: Cainong (2020) 15, Caijin (2025) 11, Guobanfa (2019) 6, as the rows AGR and GOV of the
notes have them.  Rules of one contract are judged by the gates of ``guarantee``; a rule known
from memory only never blocks.
"""

from dataclasses import dataclass

import numpy as np

from riskengine.dates import day_number
from riskengine.gates.judge import Facts, judge
from riskengine.gates.plan import Gate, plan_of
from riskengine.guarantee.contracts import Column, Contracts, Index, Mask, Statement, fen, total
from riskengine.guarantee.figures import Figure, quotient, within
from riskengine.guarantee.switches import Switches, reading
from riskengine.rules import Rules
from riskengine.words import Text

BANDS = ("policy", "policy_pig", "outside_policy_inside_control", "outside_control")
"""Bands of amount, by the words of the fact ``amount_band``."""
UNKNOWN_BAND = -1
NEED = frozenset({"guarantee_fee_share", "amount_band", "bank_share", "client_amount_yuan"})
"""Facts of one contract that the columns tell."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How many contracts in force keep one rule of the single contract.

    Parameters
    ----------
    gate : Gate
        The rule and what it says.
    judged : int
        Contracts in force.
    failed, unknown : (k,) int64
        Positions of those that fail, and of those that lack a fact.
    """

    gate: Gate
    judged: int
    failed: Index
    unknown: Index


def client_amounts(contracts: Contracts, rows: Mask, amounts: Index) -> Index:
    """Return the total of each contract's client.

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    rows : (n,) bool
        Contracts that add to the totals.
    amounts : (n,) int64
        Their amounts [fen].

    Returns
    -------
    (n,) int64
        Totals [fen], of every contract.
    """
    member = contracts.member
    return total(np.where(rows, amounts, 0), member, contracts.clients.size)[member]


def amount_bands(contracts: Contracts, rules: Rules, switches: Switches) -> Index:
    """Band of amount of every contract, by its client's total (AGR-BAND-01, AGR-BAND-02).

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
    (n,) int64
        Positions in `BANDS`; -1 where whether it is for pigs decides and is not known.

    Raises
    ------
    RuleNotFound
        On a day before the bands.
    """
    by_balance = reading("band_amount", rules, switches) == "in_force_balance"
    each = contracts.balance_fen if by_balance else fen(contracts.amount_yuan)
    whole = client_amounts(contracts, contracts.in_force, each)
    least, most, pigs, control = (
        int(fen(rules.number(f"guarantee_policy.{name}")))
        for name in (
            "policy_amount_least", "policy_amount_most", "policy_amount_most_pigs",
            "dual_control_amount_most",
        )
    )  # fmt: skip
    band = np.full(contracts.size, BANDS.index("outside_policy_inside_control"))
    band[whole > control] = BANDS.index("outside_control")
    band[(whole >= least) & (whole <= most)] = BANDS.index("policy")
    between = (whole > most) & (whole <= pigs)
    band[between & (contracts.is_pig == 1)] = BANDS.index("policy_pig")
    band[between & (contracts.is_pig < 0)] = UNKNOWN_BAND
    if not by_balance:
        lacking = contracts.in_force & np.isnan(contracts.amount_yuan)
        band[client_amounts(contracts, lacking, np.ones(band.size, np.int64)) > 0] = UNKNOWN_BAND
    return band.astype(np.int64)


def policy_share(contracts: Contracts, rules: Rules, switches: Switches) -> Figure:
    """Policy business over the balance in force (AGR-DUAL-01).

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
        The share [1]; contracts whose band is not known are not in the numerator.

    Raises
    ------
    RuleNotFound
        On a day before the bands.
    """
    band = amount_bands(contracts, rules, switches)
    inside = (band == BANDS.index("policy")) | (band == BANDS.index("policy_pig"))
    balance = contracts.balance_fen
    return quotient(
        int(balance[inside].sum()), int(balance.sum()),
        Text("政策性业务在保余额", "policy business in force"),
        Text("在保余额", "balance in force"),
        int(np.count_nonzero(contracts.in_force & (band == UNKNOWN_BAND))),
    )  # fmt: skip


def mix(contracts: Contracts, rules: Rules, switches: Switches) -> tuple[Figure, Figure]:
    """Small firms and farming over all, and small tickets of them (GOV-MIX-01).

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
    small_agri, small_ticket : Figure
        The shares [1].

    Raises
    ------
    RuleNotFound
        On a day before the rule.
    """
    way = reading("mix_amount", rules, switches)
    rows = contracts.in_force
    if way == "year_amount":
        rows = within(contracts.started_on, rules.day.replace(month=1, day=1), rules.day)
    amounts = contracts.balance_fen if way == "in_force_balance" else fen(contracts.amount_yuan)
    lacking = rows & (contracts.small_agri < 0)
    if way != "in_force_balance":
        lacking |= rows & np.isnan(contracts.amount_yuan)
    if way == "year_amount":
        lacking |= np.isnan(contracts.started_on)
    missing = int(np.count_nonzero(lacking))
    agri = rows & (contracts.small_agri == 1)
    most = int(fen(rules.number("guarantee_policy.small_ticket_amount")))
    small = client_amounts(contracts, rows, amounts) <= most
    own, whole = int(amounts[agri].sum()), int(amounts[rows].sum())
    of_all = reading("small_ticket_base", rules, switches) == "all"
    said = Text("小微三农", "small firms and farming")
    ticket = Text("其中单户500万元及以下", "of it, clients up to the amount of small tickets")
    everything = Text("全部业务", "all business")
    return (
        quotient(own, whole, said, everything, missing),
        quotient(
            int(amounts[agri & small].sum()), whole if of_all else own, ticket,
            everything if of_all else said, missing,
        ),
    )  # fmt: skip


def contract_rules(
    contracts: Contracts, statement: Statement, rules: Rules, switches: Switches
) -> tuple[Kept, ...]:
    """Rules of the single contract that columns can tell: fee caps, bands, bank's share.

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    statement : mapping
        Facts of the institution; ``agri_policy_guarantor`` and ``government_backed``
        decide which rules apply.
    rules : Rules
        The rules of the day; a rule decided by the day of the contract is that of the day
        on which the contract started.
    switches : Switches
        Readings chosen.

    Returns
    -------
    tuple of Kept
        One for each rule that judges one of `NEED`, in the order of their marks.  The band
        of a contract is that of its client's total on the day; the total on the day of the
        contract is not in the columns.

    Raises
    ------
    RuleNotFound
        On a day before the bands.
    """
    plan = plan_of(rules.book, "guarantee", rules.day)
    coded = {name: _flag(statement.get(name), contracts.size) for name in (
        "agri_policy_guarantor", "government_backed"
    )}  # fmt: skip
    words = plan.words.get("amount_band", ())
    band = amount_bands(contracts, rules, switches)
    places = np.array([*(words.index(name) for name in BANDS if name in words), UNKNOWN_BAND])
    coded["amount_band"] = places[band].astype(np.int8)
    coded["pig_farming"] = contracts.is_pig
    coded["poverty_alleviation"] = contracts.poverty_alleviation
    client = client_amounts(contracts, contracts.in_force, contracts.balance_fen)
    numbers: dict[str, Column] = {
        "client_amount_yuan": client / 100.0, "guarantee_fee_share": contracts.fee_rate_per_year,
        "bank_share": contracts.bank_share,
    }  # fmt: skip
    undated = np.isnan(contracts.started_on)
    created = np.where(undated, float(day_number(rules.day)), contracts.started_on)
    judged = judge(plan, Facts(contracts.size, coded, numbers), created, rules.day)
    found: dict[str, Kept] = {}
    for k, gate in enumerate(plan.gates):
        if gate.fact not in NEED or gate.rule.severity == "param":
            continue
        fails, lacks = (
            (bits[k // 8] >> (k % 8) & 1).astype(np.bool_) & contracts.in_force
            for bits in (judged.found.failed, judged.found.unknown)
        )
        if gate.rule.decides == "created_on":
            lacks |= undated & contracts.in_force
            fails &= ~undated
        before = found.get(gate.rule.name)
        old = (before.failed, before.unknown) if before else ((), ())
        found[gate.rule.name] = Kept(
            gate, int(contracts.in_force.sum()),
            np.union1d(old[0], np.flatnonzero(fails)).astype(np.int64),
            np.union1d(old[1], np.flatnonzero(lacks)).astype(np.int64),
        )  # fmt: skip
    return tuple(kept for kept in found.values() if _speaks(kept, rules))


def _speaks(kept: Kept, rules: Rules) -> bool:
    """Whether a rule holds on the day, or on that of some contract."""
    spoken = kept.gate.rule.speaking(rules.day) is not None
    return spoken or bool(kept.failed.size or kept.unknown.size)


def _flag(said: object, size: int) -> np.ndarray:
    """One flag of the institution for all contracts."""
    code = -1 if said is None else int(bool(said))
    return np.full(size, code, dtype=np.int8)
