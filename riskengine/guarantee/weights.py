"""Liability balance of guarantees: what of each balance counts, and by which weight.

Source: Measures for Measuring the Liability Balance of Financing Guarantees (2018), as the
rows GI-W of the notes have them; every number is a rule of the day.
"""

from dataclasses import dataclass

import numpy as np

from riskengine.guarantee.contracts import (
    KINDS,
    Column,
    Contracts,
    Index,
    Mask,
    Statement,
    fen,
    money,
    total,
)
from riskengine.guarantee.switches import Switches, reading
from riskengine.rules import Rules

SMALL, FARM, HOUSING, OTHER_LOAN, BOND_AA = 0, 1, 2, 3, 4
WEIGHT_RULES = (
    "small_micro_weight", "farm_household_weight", "housing_weight", "other_loan_weight",
    "bond_weight_rated", "bond_weight_other", "other_financing_weight",
)  # fmt: skip
"""Rules of ``guarantee_weights`` that hold the weight of each kind, in the order of `KINDS`."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Weights and limits of a day, with the readings taken.

    Parameters
    ----------
    weights : (7,) float64
        Weight of each kind within its limit [1].
    beyond : (7,) float64
        Weight of each kind beyond its limit [1].
    limits : (7,) int64
        Largest client total that gets the first weight, itself included [fen].
    counted : str
        Reading ``balance_counted`` of `Switches`.
    threshold : str
        Reading ``threshold_balance`` of `Switches`.
    """

    weights: Column
    beyond: Column
    limits: Index
    counted: str
    threshold: str


@dataclass(frozen=True, slots=True)
class Liability:
    """Liability balance of every contract.

    Parameters
    ----------
    clients : (m,) int64
        Codes of the clients, rising.
    client : (n,) int64
        Position of each contract's client among them.
    threshold_fen : (m,) int64
        Each client's total that is held against the limits [fen].
    counted_fen : (n,) int64
        Balance on which the weight is put [fen].
    weight : (n,) float64
        Weight [1].
    liability_fen : (n,) int64
        Liability balance [fen]; 0 for contracts that are released.
    shares_missing : int
        Contracts in force whose share is not known: they count whole.
    """

    clients: Index
    client: Index
    threshold_fen: Index
    counted_fen: Index
    weight: Column
    liability_fen: Index
    shares_missing: int

    @property
    def total_fen(self) -> int:
        """Liability balance of the book [fen]."""
        return int(self.liability_fen.sum())

    @property
    def client_fen(self) -> Index:
        """Liability balance of every client [fen]: (m,) int64."""
        return total(self.liability_fen, self.client, self.clients.size)


@dataclass(frozen=True, slots=True)
class SmallAgri:
    """Whether an institution mainly serves small firms and farming.

    Parameters
    ----------
    balance_share, client_share : (float, float)
        Smallest and largest share of the balance in force and of the clients [1] that are
        small or farming: they differ where flags are not known; NaN without contracts.
    serves : bool or None
        Whether both reach their limits; None where the flags do not settle it.
    """

    balance_share: tuple[float, float]
    client_share: tuple[float, float]
    serves: bool | None


def scale_of(rules: Rules, switches: Switches, *, concentration: bool = False) -> Scale:
    """Lay out the weights and limits of a day.

    Parameters
    ----------
    rules : Rules
        The rules of the day.
    switches : Switches
        Readings chosen.
    concentration : bool
        Weights of the concentration test: bonds of issuers rated AA or above count less
        (GI-CON-03).

    Returns
    -------
    Scale
        The weights.

    Raises
    ------
    RuleNotFound
        On a day before the weights.

    Notes
    -----
    Before housing guarantees had a weight of their own they were other loan guarantees.
    Where the limits stand in two rules, the lower one holds.
    """
    held = [rules.held(f"guarantee_weights.{name}") for name in WEIGHT_RULES]
    general = rules.number("guarantee_weights.other_loan_weight")
    weights = np.array([general if weight is None else float(weight) for weight in held])
    if concentration:
        bond = rules.held("guarantee_company.bond_concentration_weight")
        weights[BOND_AA] = weights[BOND_AA] if bond is None else float(bond)
    beyond = weights.copy()
    beyond[[SMALL, FARM]] = general
    limits = np.full(len(KINDS), np.iinfo(np.int64).max)
    after = rules.held("guarantee_weights.limits_after_2021") or {}
    for kind, name in ((SMALL, "small_micro"), (FARM, "farm_household")):
        limit = rules.number(f"guarantee_weights.{name}_limit")
        limits[kind] = fen(min(limit, float(after.get(name, limit))))
        limits[kind] -= not reading(f"{name}_limit_inclusive", rules, switches)
    return Scale(
        weights, beyond, limits, reading("balance_counted", rules, switches),
        reading("threshold_balance", rules, switches),
    )  # fmt: skip


def liability_balance(contracts: Contracts, rules: Rules, switches: Switches) -> Liability:
    """Liability balance: balance x share borne x weight (GI-W-01 to GI-W-10).

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
    Liability
        Of every contract, rounded once to the fen.

    Raises
    ------
    RuleNotFound
        On a day before the weights.

    Examples
    --------
    >>> from datetime import date
    >>> from riskengine.guarantee.contracts import contracts_of
    >>> from riskengine.rules import statute
    >>> book = contracts_of(
    ...     client=[1], county=[0], kind=[0], state=[0], in_force_balance_yuan=[5e6],
    ...     own_share=[0.8],
    ... )
    >>> liability_balance(book, statute().at(date(2026, 11, 24)), Switches()).total_fen / 100
    3000000.0
    """
    return weighed(contracts, scale_of(rules, switches))


def weighed(contracts: Contracts, scale: Scale) -> Liability:
    """Put a scale of weights on contracts.

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    scale : Scale
        Weights, limits and readings.

    Returns
    -------
    Liability
        Of every contract.
    """
    clients, client = contracts.clients, contracts.member
    threshold = total(threshold_rows(contracts, scale), client, clients.size)
    within = threshold[client] <= scale.limits[contracts.kind]
    counted, weight = amounts(contracts, scale, within)
    missing = int(np.count_nonzero(contracts.in_force & np.isnan(contracts.own_share)))
    liability = np.rint(counted * weight).astype(np.int64)
    return Liability(
        clients, client, threshold, np.rint(counted).astype(np.int64), weight, liability, missing
    )


def threshold_rows(contracts: Contracts, scale: Scale) -> Index:
    """Return what each contract adds to the client's total that limits test.

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    scale : Scale
        Weights, limits and readings.

    Returns
    -------
    (n,) int64
        Amounts [fen].
    """
    if scale.threshold == "contract_balance":
        return contracts.balance_fen
    borne: Index = np.rint(contracts.balance_fen * _share(contracts)).astype(np.int64)
    return borne


def amounts(contracts: Contracts, scale: Scale, within: Mask) -> tuple[Column, Column]:
    """Return balance counted and weight, given whose client is within the limit.

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    scale : Scale
        Weights, limits and readings.
    within : (n,) bool
        Whether the client's total is within the limit of the contract's kind.

    Returns
    -------
    counted : (n,) float64
        Balance counted [fen].
    weight : (n,) float64
        Weight [1].

    Notes
    -----
    A guarantee of another guarantor counts by its share under every reading (GI-W-10).
    """
    weight = np.where(within, scale.weights[contracts.kind], scale.beyond[contracts.kind])
    whole = np.zeros(contracts.size, dtype=np.bool_)
    if scale.counted == "full_balance":
        whole[:] = True
    elif scale.counted == "full_balance_within_limits":
        whole = within & np.isin(contracts.kind, (SMALL, FARM))
    share = np.where(whole & (contracts.re_guarantee != 1), 1.0, _share(contracts))
    return contracts.balance_fen.astype(np.float64) * share, weight


def small_agri_test(
    contracts: Contracts, rules: Rules, switches: Switches
) -> SmallAgri:  # fmt: skip
    """Whether small firms and farming make up enough of balance and clients (GI-LEV-02).

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
    SmallAgri
        Shares and what follows; a client counts when all its contracts in force do.
    """
    if reading("small_agri_counted_by", rules, switches) == "kind":
        surely = may = np.isin(contracts.kind, (SMALL, FARM))
    else:
        surely, may = contracts.small_agri == 1, contracts.small_agri != 0
    balance, held = contracts.balance_fen, contracts.in_force
    whole = int(balance.sum())
    member, size = contracts.member[held], contracts.clients.size
    there = np.bincount(member, minlength=size) > 0
    number = int(there.sum())
    nan = float("nan")
    shares, counts = [], []
    for flag in (surely, may):
        shares.append(int(balance[flag].sum()) / whole if whole else nan)
        others = np.bincount(member, ~flag[held], size)
        counts.append(int(np.sum(there & (others == 0))) / number if number else nan)
    least = rules.held("guarantee_company.small_agri_test")
    serves = None
    if least is not None:
        reached = [
            shares[k] >= least["balance_share"] and counts[k] >= least["client_share"]
            for k in (0, 1)
        ]
        serves = reached[0] if reached[0] == reached[1] and whole else None
    return SmallAgri((shares[0], shares[1]), (counts[0], counts[1]), serves)


def net_assets_fen(statement: Statement, rules: Rules, switches: Switches) -> int | None:
    """Net assets against which leverage and concentration are measured.

    Parameters
    ----------
    statement : mapping
        Facts of the institution; ``net_assets_yuan``, and ``equity_in_guarantors_yuan``
        under the reading that takes it off.
    rules : Rules
        The rules of the day.
    switches : Switches
        Readings chosen.

    Returns
    -------
    int or None
        Net assets [fen]; None where one of them is not known.
    """
    stated = money(statement, "net_assets_yuan")
    if stated is None or reading("net_assets_counted", rules, switches) == "as_stated":
        return stated
    equity = money(statement, "equity_in_guarantors_yuan")
    return None if equity is None else stated - equity


def _share(contracts: Contracts) -> Column:
    """Share borne [1]; the whole where it is not known."""
    return np.nan_to_num(contracts.own_share, nan=1.0)
