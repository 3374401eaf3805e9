"""Compensation funds of a book through their claims, month by month."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from riskengine.book.layers import Claims, Groups
from riskengine.guarantee.fund_path import Fund, FundSummary, fund_paths, summarise_funds
from riskengine.portfolio.exposures import Column

LEVELS = (0.05, 0.5, 0.95)
"""Levels at which the balance is told [1]."""


def funds_of(
    rows: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    in_force_yuan: Mapping[str, float],
    months: int,
) -> list[Fund]:
    """Return the terms of the funds that a book claims on.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of the table of funds.
    names : sequence of str
        Funds asked for.
    in_force_yuan : mapping of str to float
        Guarantees in force behind each fund [yuan]: they do not run off over the horizon, so
        that the floor of a top-up stays where it is.
    months : int
        Horizon [month].

    Returns
    -------
    list of Fund
        In the order of the names; what a fund does not state is 0.
    """
    held = {row["fund_id"]: row for row in rows}
    return [_fund(name, held[name], in_force_yuan.get(name, 0.0), months) for name in names]


def _fund(name: str, row: Mapping[str, Any], in_force: float, months: int) -> Fund:
    """Terms of one fund."""

    def number(column: str) -> float:
        return float(row.get(column) or 0.0)

    flat = np.ones(months, dtype=np.int64)
    return Fund(
        fund_id=name, opening_fen=round(number("balance_yuan") * 100.0),
        income_fen=flat * round(number("income_yuan_per_month") * 100.0),
        in_force_fen=flat * round(in_force * 100.0), interest_rate_per_month=0.0,
        claim_delay_months=round(number("claim_delay_months")),
        recovery_share=number("recovery_share"),
        recovery_delay_months=round(number("recovery_delay_months")),
        floor_share=number("top_up_floor_share"),
        top_up_to_fen=round(number("top_up_to_yuan") * 100.0),
        committed_fen=round(number("committed_yuan") * 100.0),
        top_up_delay_months=round(number("top_up_delay_months")),
    )  # fmt: skip


def behind_funds(groups: Groups, guaranteed_yuan: Column) -> dict[str, float]:
    """Return the guarantees in force behind each fund.

    Parameters
    ----------
    groups : Groups
        Schemes of sharing.
    guaranteed_yuan : (n,) float64
        Amount guaranteed by each contract [yuan].

    Returns
    -------
    dict of str to float
        Sum by fund [yuan].
    """
    by_group = np.bincount(groups.member, guaranteed_yuan, len(groups.names))
    found: dict[str, float] = {}
    for amount, programme in zip(by_group.tolist(), groups.programmes, strict=True):
        for name in {layer.fund_id for layer in programme.layers if layer.fund_id}:
            found[name] = found.get(name, 0.0) + amount
    return found


def run_funds(funds: Sequence[Fund], claims: Claims) -> FundSummary:
    """Run funds through the claims of a book.

    Parameters
    ----------
    funds : sequence of Fund
        The funds, in the order of the claims.
    claims : Claims
        What is asked of each, paths of equal weight.

    Returns
    -------
    FundSummary
        Chances, months, unpaid claims and balances.
    """
    paths = fund_paths(funds, claims.claims_fen)
    return summarise_funds(paths, levels=LEVELS, batches=claims.blocks)
