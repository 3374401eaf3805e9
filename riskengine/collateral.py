"""From market value to lending value: haircuts, forced sale, prior claims, caps."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.lending import lending_rows
from riskengine.market.quotes import side_by_side
from riskengine.market.snapshot import ANY
from riskengine.methods.inputs import Codes, Inputs
from riskengine.methods.method import Approach

LENDING_FIGURES = (
    "lending_basis_yuan", "volatility_haircut", "total_haircut", "forced_sale_value_yuan",
    "months_to_sell", "lending_value_yuan",
)  # fmt: skip
"""Figures in the order of `riskengine.kernels.lending.lending_rows`."""


def lending(
    inputs: Inputs, approach: Approach, case: Codes, reconciled: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What may be lent on every right, before the law of its pledge is asked.

    Parameters
    ----------
    inputs : Inputs
        The rights, the market and the rules.
    approach : Approach
        How this kind of right is valued.
    case : (n,) int64
        Case of every right.
    reconciled : (10, n) float64
        As `riskengine.kernels.reconcile.interval_rows` fills it.

    Returns
    -------
    (6, n) float64
        Figures named by `LENDING_FIGURES`.
    """
    table = approach.contract.table
    caps = inputs.rules.table("lending.loan_to_value_cap")
    inputs.asked["rule:lending.loan_to_value_cap"] = "lending.loan_to_value_cap"
    cap = np.array([float(caps[name]) for name in approach.cases])
    terms, sale_index = sale_quotes(inputs, table)
    has_arrears = "rent_arrears_yuan" in approach.contract.by_name
    claims = inputs.stack(
        inputs.number("last_price_yuan"), -inputs.years_to("last_price_on"),
        inputs.number("prior_claims_yuan"),
        inputs.number("rent_arrears_yuan") if has_arrears else 0.0,
    )  # fmt: skip
    policy = np.array([
        inputs.rule("reconcile.divergence_ratio"), inputs.rule("lending.last_price_age"),
        inputs.rule("lending.normal_quantile"), inputs.rule("lending.buffer"),
        inputs.rule("lending.prior_claim_ratio"),
    ])  # fmt: skip
    sales = np.array([sale_terms(inputs, *column) for column in terms.T.tolist()]).T
    out = np.empty((len(LENDING_FIGURES), inputs.size))
    lending_rows(
        reconciled, claims, cap, case, np.ascontiguousarray(sales), sale_index, policy, out
    )
    return out


TERMS = ("volatility", "years_to_sell", "liquidity_haircut", "sale_cost")
"""Market quantities that say on what terms a right sells."""


def sale_quotes(inputs: Inputs, table: str) -> tuple[NDArray[np.float64], Codes]:
    """Return the distinct terms on which rights of one kind sell, and those of each right.

    Put side by side once per batch.

    Parameters
    ----------
    inputs : Inputs
        The rights and the market.
    table : str
        Kind of right.

    Returns
    -------
    sets : (4, q) float64
        Volatility [1/sqrt(year)], time to sell [year], liquidity haircut [1], cost of sale [1].
    index : (n,) int64
        Column of ``sets`` for each right.
    """
    return inputs.once(
        "terms of sale", lambda: side_by_side(*(inputs.quotes(name, (table,)) for name in TERMS))
    )


def sale_terms(
    inputs: Inputs, volatility: float, years: float, liquidity: float, cost: float
) -> tuple[float, ...]:
    """What a sale takes under one set of market terms: places share few of them.

    Parameters
    ----------
    inputs : Inputs
        The rules.
    volatility : float
        Volatility of prices [1/sqrt(year)].
    years : float
        Time to sell [year].
    liquidity, cost : float
        Liquidity haircut and cost of sale over the price [1].

    Returns
    -------
    tuple of float
        One column of ``sales`` of `riskengine.kernels.lending.lending_rows`.
    """
    shares = sale_shares(inputs, volatility, years, liquidity, cost)
    kept = shares.buyers * shares.cost * shares.model * shares.waited
    auction = shares.auction * shares.waited * shares.cost
    return shares.variance, shares.trend, kept, auction, 12.0 * years, shares.fall


class SaleShares(NamedTuple):
    """What each part of a sale leaves of the price under one set of market terms.

    Parameters
    ----------
    variance, trend : float
        Variance [1] and trend of the price over the time to sell, as a logarithm [1].
    fall : float
        What the market alone may leave [1].
    buyers : float
        Left by few buyers in an agreed sale [1].
    auction : float
        Expected from auctions by a court, before costs [1].
    cost, waited, model : float
        Left by the cost of sale, by interest to the sale and by model error [1].
    """

    variance: float
    trend: float
    fall: float
    buyers: float
    auction: float
    cost: float
    waited: float
    model: float


def sale_shares(
    inputs: Inputs, volatility: float, years: float, liquidity: float, cost: float
) -> SaleShares:
    """Take a sale apart under one set of market terms.

    Parameters
    ----------
    inputs : Inputs
        The rules.
    volatility : float
        Volatility of prices [1/sqrt(year)].
    years : float
        Time to sell [year].
    liquidity, cost : float
        Liquidity haircut and cost of sale over the price [1].

    Returns
    -------
    SaleShares
        What each part leaves.
    """
    drift, model = inputs.rule("lending.drift"), inputs.rule("lending.model_haircut")
    interest = math.log1p(inputs.market.quote("risk_free_rate", "", ANY).value)
    waited = math.exp(-years * interest)
    variance, trend = volatility * volatility * years, drift * years
    fall = math.exp(trend - inputs.rule("lending.normal_quantile") * math.sqrt(variance))
    sold = auction_share(inputs, math.exp(-0.25 * years * interest))
    return SaleShares(variance, trend, fall, 1.0 - liquidity, sold, 1.0 - cost, waited, 1.0 - model)


def _reserve(inputs: Inputs, name: str) -> float:
    """Reserve of an auction over the appraisal: by law, before it by policy."""
    law = f"law_enforcement.{name}"
    return inputs.rule(f"lending.{name}" if inputs.rules.held(law) is None else law)


def auction_share(inputs: Inputs, step: float) -> float:
    """Expected share of the appraisal from two auctions and a sell-off at the second reserve.

    Parameters
    ----------
    inputs : Inputs
        The rules: reserves and chances of sale.
    step : float
        Discount factor from one round to the next [1].

    Returns
    -------
    float
        Share [1], before costs, seen from the first round.

    Notes
    -----
    Source: Fa Shi (2016) 18, art. 10 and 26.
    """
    first = inputs.rule("lending.first_round_chance")
    later = inputs.rule("lending.later_round_chance")
    reserve = _reserve(inputs, "second_reserve")
    share = first * _reserve(inputs, "first_reserve")
    share += (1.0 - first) * later * reserve * step
    return share + (1.0 - first) * (1.0 - later) * later * reserve * step * step


def sale_at_reserve(
    value_yuan: float, reserve_share: float, cost_share: float, prior_yuan: float = 0.0
) -> float:
    """Return what a court sale at the reserve leaves to the lender.

    Parameters
    ----------
    value_yuan : float
        Appraisal or market price [yuan], >= 0.
    reserve_share : float
        Reserve over the appraisal [1], in [0, 1]: 0.70 in the first auction, 0.56 in the
        second and in the sell-off after it.
    cost_share : float
        Cost of the sale over the appraisal [1], in [0, 1].
    prior_yuan : float
        Claims paid before the lender's [yuan], >= 0.

    Returns
    -------
    float
        ``max(V (reserve - cost) - prior, 0)`` [yuan].

    Notes
    -----
    Source: practice formula REC-COURT; Fa Shi (2016) 18, arts 10 and 26.

    Examples
    --------
    >>> round(sale_at_reserve(1e6, 0.56, 0.05)), round(sale_at_reserve(1e6, 0.70, 0.05))
    (510000, 650000)
    """
    return max(value_yuan * reserve_share - value_yuan * cost_share - prior_yuan, 0.0)
