"""How much more may be guaranteed for each client and in each county, and what binds first.

A client's liability jumps where its total passes the limit of the lower weight.  Headroom
follows that jump: it is the largest new guarantee after which every limit still holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from riskengine.guarantee.concentration import Concentration, concentration
from riskengine.guarantee.contracts import (
    KINDS,
    Column,
    Contracts,
    Index,
    Mask,
    Statement,
    fen,
    refused,
    total,
)
from riskengine.guarantee.switches import Switches
from riskengine.guarantee.weights import (
    FARM,
    SMALL,
    Scale,
    amounts,
    liability_balance,
    net_assets_fen,
    scale_of,
    small_agri_test,
    weighed,
)
from riskengine.rules import Rules
from riskengine.words import Text

LIMITS = ("client", "group", "leverage")
"""Limits of one client's headroom, by their number in ``binds``."""
LIMIT_WORDS = {
    "client": Text("单户限额", "limit of one client"),
    "group": Text("关联方限额", "limit of related parties"),
    "leverage": Text("放大倍数", "leverage"),
    "fund": Text("补偿基金", "compensation fund"),
    "quota": Text("县域额度", "quota of the county"),
    "suspended": Text("代偿率超过暂停线", "compensation rate at the line that suspends"),
}
"""What people read for each limit."""
NONE_FEN = 9e15
"""More than any book [fen]: where no limit binds."""


@dataclass(frozen=True, slots=True)
class Headroom:
    """How much more may be guaranteed for each client.

    Parameters
    ----------
    clients : (m,) int64
        Codes of the clients, rising.
    by_limit_yuan : (3, m) float64
        Largest new guarantee under each of `LIMITS` [yuan], >= 0, down to the fen.
    headroom_yuan : (m,) float64
        The smallest of them [yuan].
    binds : (m,) int64
        Position in `LIMITS` of the limit that binds first.
    """

    clients: Index
    by_limit_yuan: Column
    headroom_yuan: Column
    binds: Index


@dataclass(frozen=True, slots=True)
class CountyHeadroom:
    """How much more may be guaranteed in one county.

    Parameters
    ----------
    county : int
        Its code.
    in_force_yuan, liability_yuan : float
        Balance in force and liability balance [yuan].
    new_clients_yuan : float
        Largest sum of new guarantees for new clients, each within the limits of one
        client [yuan].
    known_clients_yuan : float
        Largest sum for the clients that the county has [yuan].
    binds : str
        What binds first for new clients: a key of `LIMIT_WORDS`.
    """

    county: int
    in_force_yuan: float
    liability_yuan: float
    new_clients_yuan: float
    known_clients_yuan: float
    binds: str


def leverage_limit(
    contracts: Contracts, statement: Statement, rules: Rules, switches: Switches
) -> float | None:
    """Limit of liability over net assets: 10 or 15 times (GI-LEV-01, GI-LEV-02).

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    statement : mapping
        Facts of the institution; ``serves_mainly_small_agri`` goes before the test.
    rules : Rules
        The rules of the day.
    switches : Switches
        Readings chosen.

    Returns
    -------
    float or None
        The limit [1], the lower one where the test is not settled; None before the rule.
    """
    serves = statement.get("serves_mainly_small_agri")
    if serves is None:
        serves = small_agri_test(contracts, rules, switches).serves
    name = "leverage_limit_small_agri" if serves else "leverage_limit"
    held = rules.held(f"guarantee_company.{name}")
    return None if held is None else float(held)


def headroom_of_clients(
    contracts: Contracts, statement: Statement, rules: Rules, switches: Switches, *,
    kind: str = "loan_other", own_share: float = 1.0,
) -> Headroom:  # fmt: skip
    """Largest new guarantee for each client under every limit.

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    statement : mapping
        Facts of the institution.
    rules : Rules
        The rules of the day.
    switches : Switches
        Readings chosen.
    kind : str
        Kind of the new guarantee: one of `riskengine.guarantee.contracts.KINDS`.
    own_share : float
        Share of it that the institution bears [1], in (0, 1].

    Returns
    -------
    Headroom
        Of every client that the contracts name.

    Raises
    ------
    RatioError
        If net assets are not known, or kind or share are none.
    RuleNotFound
        On a day before the limits.
    """
    assets = net_assets_fen(statement, rules, switches)
    if assets is None:
        raise refused("net_assets_yuan", "未知，无法计算余量", "is not known: no headroom")
    if kind not in KINDS or not 0.0 < own_share <= 1.0:
        raise refused(
            "own_share", "新增业务的种类或自担比例无效", "or kind of new business is none"
        )
    new = KINDS.index(kind), own_share
    test = concentration(contracts, statement, rules, switches)
    others = test.group_fen[test.group] - test.client_fen
    narrow = scale_of(rules, switches, concentration=True)
    wide = scale_of(rules, switches)
    whole = weighed(contracts, wide)
    ceiling = float(leverage_limit(contracts, statement, rules, switches) or 0.0) * assets
    caps = (
        (narrow, rules.number("guarantee_company.single_client_limit") * assets + 0 * others),
        (narrow, rules.number("guarantee_company.client_group_limit") * assets - others),
        (wide, ceiling - whole.total_fen + whole.client_fen),
    )
    laid = _Regimes(contracts, whole.client, whole.threshold_fen)
    room = np.array([laid.room(scale, np.floor(cap), new) for scale, cap in caps]) / 100.0
    return Headroom(test.clients, room, room.min(axis=0), room.argmin(axis=0).astype(np.int64))


@dataclass(frozen=True, slots=True)
class _Regimes:
    """Clients whose total may grow past the limits of the lower weights."""

    contracts: Contracts
    client: Index
    threshold: Index

    def room(self, scale: Scale, cap: Column, new: tuple[int, float]) -> Column:
        """Largest new guarantee of each client with its liability at most at a cap [fen].

        Liability rises with the guarantee, with jumps at the limits, so that what keeps
        the cap is one stretch from 0.  Between two limits it is linear.
        """
        kind, share = new
        ends = [*sorted({int(scale.limits[SMALL]), int(scale.limits[FARM])}), None]
        tested = share if scale.threshold == "share_borne" else 1.0
        lowest = np.zeros(self.threshold.size)
        out = np.zeros(self.threshold.size)
        for end in ends:
            # Past every limit only the kinds without a limit keep their weight.
            reach = scale.limits >= (np.iinfo(np.int64).max if end is None else end)
            held = self._liability(scale, reach)
            slope = _slope(scale, kind, share, bool(reach[kind]))
            until = np.full(out.size, NONE_FEN)
            if end is not None:
                until = np.floor((end - self.threshold) / tested)
            open_ = until >= lowest
            fits = np.minimum(np.floor((cap - held) / slope), until)
            out = np.where(open_ & (fits >= lowest), np.maximum(out, fits), out)
            lowest = np.where(open_, until + 1.0, lowest)
        return out

    def _liability(self, scale: Scale, reach: Mask) -> Index:
        """Liability of each client where kinds keep their lower weight or not [fen]."""
        counted, weight = amounts(self.contracts, scale, reach[self.contracts.kind])
        held = np.rint(counted * weight).astype(np.int64)
        return total(held, self.client, self.threshold.size)


def headroom_of_counties(
    contracts: Contracts, statement: Statement, rules: Rules, switches: Switches, *,
    kind: str = "loan_other", own_share: float = 1.0,
    fund_yuan: Mapping[int, float] | None = None, fund_least: float | None = None,
    quota_yuan: Mapping[int, float] | None = None,
    compensation_rate: Mapping[int, float] | None = None,
) -> tuple[CountyHeadroom, ...]:  # fmt: skip
    """How much more may be guaranteed in each county, and what binds first.

    Parameters
    ----------
    contracts : Contracts
        The contracts.
    statement : mapping
        Facts of the institution.
    rules : Rules
        The rules of the day.
    switches : Switches
        Readings chosen.
    kind : str
        Kind of the new guarantees, each within the limit of its lower weight.
    own_share : float
        Share of them that the institution bears [1], in (0, 1].
    fund_yuan : mapping of int to float or None
        Compensation fund of counties that have one [yuan].
    fund_least : float or None
        Fund over balance in force, at least [1], > 0 (AGR-FUND-01); needed with funds.
    quota_yuan : mapping of int to float or None
        Balance in force that the institution's own plan allows a county [yuan].
    compensation_rate : mapping of int to float or None
        Compensation rate of counties [1]: at the suspension line nothing new (AGR-TRIG-01).

    Returns
    -------
    tuple of CountyHeadroom
        By code.  Leverage is one for all counties: their headroom does not add up.

    Raises
    ------
    RatioError
        As `headroom_of_clients`; if funds come without their least share.
    """
    if fund_yuan and not (fund_least and fund_least > 0.0):
        raise refused("fund_least", "有基金时须给出", "is needed where there are funds")
    each = headroom_of_clients(
        contracts, statement, rules, switches, kind=kind, own_share=own_share
    )
    liability = liability_balance(contracts, rules, switches)
    test = concentration(contracts, statement, rules, switches)
    assets = test.net_assets_fen or 0
    ceiling = float(leverage_limit(contracts, statement, rules, switches) or 0.0) * assets
    slope = _slope(scale_of(rules, switches), KINDS.index(kind), own_share, True)
    leverage = max(np.floor((ceiling - liability.total_fen) / slope), 0.0)
    stops = rules.held("guarantee_policy.suspension_rate")
    found = []
    balances = contracts.balance_fen
    for code, rows in contracts.by_county():
        balance = int(balances[rows].sum())
        rooms = {"leverage": float(leverage)}
        if fund_yuan and fund_least and code in fund_yuan:
            rooms["fund"] = float(fen(fund_yuan[code])) / fund_least - balance
        if quota_yuan and code in quota_yuan:
            rooms["quota"] = float(fen(quota_yuan[code])) - balance
        rate = (compensation_rate or {}).get(code)
        if rate is not None and stops is not None and rate >= float(stops):
            rooms["suspended"] = 0.0
        binds = min(rooms, key=lambda name: rooms[name])
        room = max(float(np.floor(rooms[binds])), 0.0) / 100.0
        known = _known_clients(each, test, np.unique(liability.client[rows]))
        found.append(CountyHeadroom(
            code, balance / 100.0, int(liability.liability_fen[rows].sum()) / 100.0, room,
            min(room, known), binds,
        ))  # fmt: skip
    return tuple(found)


def _known_clients(each: Headroom, test: Concentration, clients: Index) -> float:
    """Sum of what some clients may still get: each, and each group, within its limit."""
    group = test.group[clients]
    by_client = each.by_limit_yuan[0][clients]
    most = np.zeros(test.group_fen.size)
    np.maximum.at(most, group, each.by_limit_yuan[1][clients])
    asked = np.bincount(group, by_client, test.group_fen.size)
    return float(np.minimum(asked, most).sum())


def _slope(scale: Scale, kind: int, share: float, within: bool) -> float:
    """Liability of one more yuan of a new guarantee [1]."""
    whole = scale.counted == "full_balance" or (
        scale.counted == "full_balance_within_limits" and within and kind in (SMALL, FARM)
    )
    weight = scale.weights[kind] if within else scale.beyond[kind]
    return float(weight) * (1.0 if whole else share)
