"""The lending value of pledges as a waterfall that adds up to the fen."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.collateral import SaleShares, sale_quotes, sale_shares
from riskengine.gates.judge import Facts
from riskengine.gates.secured import Column, Secured
from riskengine.gates.tapes import Tape
from riskengine.kernels.waterfall import waterfall_rows
from riskengine.methods.inputs import Inputs
from riskengine.pledging import terms
from riskengine.rights import RIGHTS
from riskengine.rules import Rules
from riskengine.valuation import Valuation
from riskengine.words import Text

STEPS: Mapping[str, Text] = {
    "market_value": Text("市场价值", "market value"),
    "prudent_basis": Text("审慎基础（低分位、压力值、最近成交价取低）",
                          "prudent basis: the lower of quartile, stress and last price"),
    "remaining_term": Text("剩余可用年限", "years that can be counted"),
    "counted_part": Text("登记与红线内可计部分", "part that register and red lines let count"),
    "prior_claims": Text("在先债权", "claims that rank before"),
    "rent_arrears": Text("欠付租金", "rent in arrears"),
    "sitting_tenant": Text("在先租赁", "sitting tenant"),
    "price_fall": Text("价格波动与持有期", "swing of the price while it is held"),
    "sale_route": Text("处置途径（司法拍卖或约定处置）",
                       "way of sale: court auction or agreed sale"),
    "sale_cost": Text("处置费用", "cost of sale"),
    "interest": Text("变现期利息", "interest to the sale"),
    "model_buffer": Text("模型误差与安全垫", "model error and buffer"),
    "legal_weakness": Text("法律瑕疵折扣", "haircuts of the law"),
    "insurance": Text("已转让的保险金", "assigned insurance money"),
    "cap": Text("抵押率上限", "loan-to-value cap"),
    "verdict": Text("能否受理", "verdict of the gates"),
    "compensation_fund": Text("风险补偿资金", "compensation fund"),
}  # fmt: skip
"""Steps in the order of `riskengine.kernels.waterfall.waterfall_rows`."""


def lending_steps(
    valuation: Valuation,
    of: Secured,
    rights: NDArray[np.int64],
    facts: Facts,
    verdict: tuple[NDArray[np.uint8], Column, Column],
    policies: Tape | None,
) -> NDArray[np.int64]:
    """Return what is left of the value of every pledge after each step.

    Parameters
    ----------
    valuation : Valuation
        Values of the rights.
    of : Secured
        The pledges.
    rights : (n,) int64
        Position of each pledge's right in the valuation.
    facts : Facts
        Facts of the pledges.
    verdict : tuple of (n,) uint8, (n,) float64, (l, n) float64
        Outcome, shares left by haircuts and limits, as the gates found them.
    policies : Tape or None
        Insurance policies.

    Returns
    -------
    (17, n) int64
        Amounts [0.01 yuan] in the order of `STEPS`; the last is the lending value.

    Notes
    -----
    The market value rests on the nation's rules alone; what a lender counts of it, and up to
    which cap, rests on those of the institution too.  A court sells for the reserves of
    judicial auctions (70 %, then 56 %); an agreed sale is open where the contract grants it
    and, on leased land, the contractor has agreed to a re-transfer beforehand (Rural Land
    Contract Law, art. 46).
    """
    outcome, keeps, limits = verdict
    sold = sales_of(valuation, of)
    base, nation = sold.cap[of.case], sold.national_cap[of.case]
    cap = np.fmin(terms.cap_share(of, limits, base), np.where(base < nation, base, np.inf))
    policy = sold.policy
    fixed = _at_any_term(valuation, of, rights, facts, sold)
    claims = np.stack([*fixed[:5], terms.insurance_money(of, policies), *terms.fund_terms(of)])
    shares = np.stack([*fixed[5:7], keeps, terms.own_cap(of, cap), fixed[7]])
    out = np.empty((len(STEPS), of.size), dtype=np.int64)
    figures = np.ascontiguousarray(valuation.reconciled[:, rights])
    waterfall_rows(figures, claims, shares, outcome, sold.sales, sold.set_of[rights], policy, out)
    return out


def _at_any_term(
    valuation: Valuation, of: Secured, rights: NDArray[np.int64], facts: Facts, sold: "Sales"
) -> list[Column]:
    """Claims and shares on which the days of the loan have no bearing."""
    if of.again is not None:
        once, which = of.again
        rights, facts = rights[: once.size], facts.first(once.size)
        found = np.stack(_at_any_term(valuation, once, rights, facts, sold))
        return list(found.take(which, axis=1))
    rate = sold.rate[rights]
    before = terms.known(of.right("prior_claims_yuan")) + of.senior_yuan * sold.policy[3]
    counted = terms.counted_share(of, facts, valuation.reconciled[5][rights])
    return [
        of.right("last_price_yuan"), -of.years_to("right.last_price_on"), before,
        of.right("rent_arrears_yuan"), terms.tenant_claim(of, rate),
        terms.share_of_term(of, rate, terms.usable_years(of)), counted * of.own_share,
        agreed_sale(of, facts),
    ]  # fmt: skip


class Sales(NamedTuple):
    """On what terms the rights of a valuation sell, and what a lender makes of it.

    Parameters
    ----------
    sets : (4, q) float64
        As `sale_quotes` gives them.
    set_of : (n,) int64
        Column of ``sets`` for each right.
    shares : tuple of SaleShares
        Shares left by a sale, one a column of ``sets``.
    sales : (8, q) float64
        The same as `riskengine.kernels.waterfall.waterfall_rows` takes them.
    rate : (n,) float64
        Rate at which the income of each right is discounted [1/year].
    policy : (4,) float64
        Numbers of the lender's rules, in the order of the kernel.
    cap, national_cap : (cases,) float64
        Largest lending value over market value of each case, by the lender's rules and the
        nation's [1].
    """

    sets: Column
    set_of: NDArray[np.int64]
    shares: tuple[SaleShares, ...]
    sales: Column
    rate: Column
    policy: Column
    cap: Column
    national_cap: Column


def sales_of(valuation: Valuation, of: Secured) -> Sales:
    """Return on what terms the rights of a valuation sell, worked out once for each lender.

    Parameters
    ----------
    valuation : Valuation
        Values of the rights.
    of : Secured
        Pledges on them, with the rules of the lender.

    Returns
    -------
    Sales
        The terms.
    """
    inputs = replace(valuation.inputs, rules=of.rules)
    kept, found = inputs.once(
        f"sales by rules {id(of.rules)}", lambda: (of.rules, _sales(inputs, valuation, of))
    )
    assert kept is of.rules  # kept with what it led to, so that its identity stays its own
    return found


def _sales(inputs: Inputs, valuation: Valuation, of: Secured) -> Sales:
    """On what terms the rights of a valuation sell."""
    sets, index = sale_quotes(inputs, of.table)
    shares = tuple(sale_shares(inputs, *column) for column in sets.T.tolist())
    buffer = 1.0 - inputs.rule("lending.buffer")
    policy = np.array([
        inputs.rule("reconcile.divergence_ratio"), inputs.rule("lending.last_price_age"),
        inputs.rule("lending.normal_quantile"), inputs.rule("lending.prior_claim_ratio"),
    ])  # fmt: skip
    sales = np.array([
        (sale.variance, sale.trend, sale.fall, sale.buyers, sale.auction, sale.cost, sale.waited,
         sale.model * buffer)
        for sale in shares
    ]).T  # fmt: skip
    return Sales(
        sets, index, shares, np.ascontiguousarray(sales), terms.rate_of(inputs, of.table), policy,
        _caps(of.rules, of), _caps(valuation.inputs.rules, of),
    )  # fmt: skip


def _caps(rules: Rules, of: Secured) -> Column:
    """The engine's cap on each case."""
    caps = rules.table("lending.loan_to_value_cap")
    return np.array([float(caps[name]) for name in of.cases])


def agreed_sale(of: Secured, facts: Facts) -> Column:
    """Say where a sale without a court is open.

    Parameters
    ----------
    of : Secured
        The pledges.
    facts : Facts
        Their facts.

    Returns
    -------
    (n,) float64
        1 where the contract lets the lender sell and, of leased land, the contractor has
        agreed to a re-transfer; else 0.
    """
    agreed = of.pledge("agreed_sale") == 1.0
    consent = facts.coded.get("retransfer_consent")
    if of.table == "land" and consent is not None:
        leased = np.take(LEASED, of.rights.columns["kind"])
        agreed = agreed & (~leased | (consent == 1))
    return np.where(agreed, 1.0, 0.0)


LEASES = (1, 2, 3)
"""Positions of leases among the kinds of land management right."""
KINDS = len(RIGHTS["land"].by_name["kind"].codes)
LEASED = np.array([k in LEASES for k in range(KINDS)] + [False])
"""Whether each kind is a lease; the last for a kind that is not known."""
