"""What a loan or a guarantee has to cost: break-even, full, ceiling, and the fee advised.

Source: GU-FEE of the credit notes, as `riskengine.guarantee.fees` computes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np

from riskengine.guarantee.fees import guarantee_fees, segment
from riskengine.scoring.loss import Losses
from riskengine.scoring.policy import Policy

GRIDS = (12, 36, 60, 120, 240, 600)
"""Months that are laid out for a price [month]: a loan always on the same grid."""


@dataclass(frozen=True, slots=True)
class Price:
    """Yearly price over the balance in force; over the guaranteed balance of a guarantee.

    Parameters
    ----------
    of : {"guarantee_fee", "risk_premium"}
        What is priced: the fee of the guarantee, or what the rate of a plain loan holds for
        risk and cost, above the cost of money.
    break_even : float
        Pays for expected losses alone [1/year].
    operating, capital : float
        Operating cost and cost of capital [1/year].
    full : float
        All of it [1/year].
    ceiling : float
        Highest fee that the client may bear [1/year]; NaN where there is none.
    charged : float
        Fee of the application [1/year]; NaN where none is stated.
    advised : float
        Full price, up to the ceiling [1/year].
    """

    of: str
    break_even: float
    operating: float
    capital: float
    full: float
    ceiling: float
    charged: float
    advised: float


@dataclass(frozen=True, slots=True)
class Terms:
    """What a price depends on besides the loss.

    Parameters
    ----------
    guarantee : mapping of str to object
        Typed cells; empty for a plain loan.
    facts : mapping of str to object
        Facts of the guarantee, with its band of amount.
    rate_per_year : float
        Rate of the loan, at which is discounted [1/year].
    policy : Policy
        Numbers of the day.
    """

    guarantee: Mapping[str, Any]
    facts: Mapping[str, Any]
    rate_per_year: float
    policy: Policy


def own_share(guarantee: Mapping[str, Any]) -> float:
    """Return the part of a guaranteed loss that stays with the guarantor.

    Parameters
    ----------
    guarantee : mapping of str to object
        Typed cells.

    Returns
    -------
    float
        1 less the national fund's share of what it re-guarantees [1].
    """
    fund = guarantee.get("national_fund_share", 0.0)
    return 1.0 - float(fund if guarantee.get("re_guaranteed_by_national_fund") else 0.0)


def ceiling(facts: Mapping[str, Any], policy: Policy) -> float:
    """Return the highest fee that a client may bear (AGR-FEE-01).

    Parameters
    ----------
    facts : mapping of str to object
        Facts of the guarantee.
    policy : Policy
        Numbers of the day.

    Returns
    -------
    float
        Fee [1/year]; NaN where no rule speaks.
    """
    if not facts.get("agri_policy_guarantor"):
        return float("nan")
    names = []
    if facts.get("poverty_alleviation"):
        names.append("poverty_fee_most")
    band = facts.get("amount_band")
    if band is not None:
        inside = band in ("policy", "policy_pig")
        names.append("policy_fee_most" if inside else "other_fee_most")
    known = [policy.fees_most[name] for name in names if name in policy.fees_most]
    return min(known, default=float("nan"))


def prices(found: Losses, terms: Sequence[Terms]) -> list[Price]:
    """Return the prices of loans and guarantees.

    Parameters
    ----------
    found : Losses
        Expected losses.
    terms : sequence of Terms
        What each price depends on.

    Returns
    -------
    list of Price
        One a loan.

    Notes
    -----
    Months; claims at the end and fees at the start of each; LGD given a default in the life
    of the loan; discounted at the loan's own rate.
    """
    grid = [next(size for size in GRIDS if loss.months <= size) for loss in found.each]
    prices_found: list[Price | None] = [None] * len(terms)
    for size in sorted(set(grid)):
        rows = [k for k, one in enumerate(grid) if one == size]
        for k, price in zip(rows, _priced(found, terms, rows, size), strict=True):
            prices_found[k] = price
    return [price for price in prices_found if price is not None]


def _priced(found: Losses, terms: Sequence[Terms], rows: list[int], size: int) -> list[Price]:
    """Prices of loans that are laid out over as many months."""
    told = [terms[k] for k in rows]
    blocks = []
    for block in (found.exposure_yuan, found.hazard):
        laid = np.zeros((len(rows), size))
        months = min(size, block.shape[0])
        laid[:, :months] = block[:months, rows].T
        blocks.append(laid)
    guaranteed = np.array([float(one.guarantee.get("guaranteed_share", 1.0)) for one in told])
    lgd = np.array([found.each[k].lgd_life for k in rows])
    rates = np.array([one.rate_per_year for one in told])
    figures = segment(
        blocks[0] * guaranteed[:, None], np.clip(blocks[1], 0.0, 1.0),
        np.array([own_share(one.guarantee) for one in told]), lgd[:, None], rates,
        period_years=1.0 / 12.0,
    )  # fmt: skip
    fees = guarantee_fees(
        figures, operating=np.array([one.policy.operating_cost for one in told]),
        capital_share=np.array([one.policy.capital_share for one in told]),
        cost_of_capital=np.array([one.policy.cost_of_capital for one in told]),
    )  # fmt: skip
    columns = np.stack([fees.pure, fees.operating, fees.capital, fees.gross]).T.tolist()
    return [_price(one, *row) for one, row in zip(told, columns, strict=True)]


def _price(told: Terms, pure: float, operating: float, capital: float, full: float) -> Price:
    """One price with what may be charged."""
    most = ceiling(told.facts, told.policy)
    return Price(
        "guarantee_fee" if told.guarantee else "risk_premium", pure, operating, capital, full,
        most, float(told.guarantee.get("fee_rate_per_year", float("nan"))),
        full if isnan(most) else min(full, most),
    )  # fmt: skip
