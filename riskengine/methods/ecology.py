"""Ecological assets (生态资产): carbon units, carbon still to be issued, compensation.

Carbon is valued at a price that reverts to its mean, never at spot times tonnes.
What is not issued yet counts batch by batch with its chances and costs; a lender
counts only volumes that a buyer has contracted for.
"""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels import ecology_rows
from riskengine.kernels.carbon_issuance import carbon_issuance_rows
from riskengine.methods.ecology_facts import (
    PROGRAMMES,
    carbon_market,
    contract_facts,
    issuance_chances,
    issuance_facts,
    issuance_policy,
    rules_of,
)
from riskengine.methods.inputs import Codes, Column, Inputs
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE, Approach, Method, Working
from riskengine.rights.ecology import ECOLOGY
from riskengine.words import Text

KINDS = ECOLOGY.by_name["kind"].codes
CASES = ("ecology_issued", "ecology_contracted", "ecology_compensation", "ecology_account")
"""Row of the method matrix for each kind of asset."""
LEADING = ("carbon_price", "carbon_price", "compensation_discount_rate", "carbon_price")
"""Market quantity that each case leans on most."""


def ecology_case(inputs: Inputs) -> Codes:
    """Position in `CASES` of every right: its kind.

    Parameters
    ----------
    inputs : Inputs
        Ecological assets.

    Returns
    -------
    (n,) int64
        Positions.
    """
    return inputs.code("kind")


def ecology_term(inputs: Inputs) -> Column:
    """Years for which an asset still runs: crediting, compensation, or no end at all.

    Parameters
    ----------
    inputs : Inputs
        Ecological assets.

    Returns
    -------
    (n,) float64
        Remaining term [year], >= 0; NaN where the end is not known.
    """
    kind = inputs.code("kind")
    crediting = kind == KINDS.index("carbon_contracted")
    years = np.where(
        kind == KINDS.index("compensation"), inputs.years_to("income_end"),
        np.where(crediting, inputs.years_to("crediting_end"), np.inf),
    )  # fmt: skip
    return np.maximum(years, 0.0)


def carbon_prices(inputs: Inputs) -> tuple[Column, ...]:
    """Price of carbon today and in the long run, its reversion and its swing.

    Parameters
    ----------
    inputs : Inputs
        Ecological assets.

    Returns
    -------
    tuple of (n,) float64
        First six rows of `riskengine.methods.ecology_facts.carbon_market`, row by row.
    """
    market, index = carbon_market(inputs)
    return tuple(row[index] for row in market[:6])


def issuance_block(inputs: Inputs) -> NDArray[np.float64]:
    """Return what a forecast of issuance still to come looks at, the usual filled in.

    Parameters
    ----------
    inputs : Inputs
        Ecological assets.

    Returns
    -------
    (20, n) float64
        Tonnes a year [t/year], their log error [1], start, end and interval of issue,
        lag [year], deduction and developer's share [1], the seven figures of
        `riskengine.methods.ecology_facts.carbon_market`, chances of registration and of
        issue [1], hazard of loss [1/year], cost of each issue and of registration to
        come [yuan].
    """
    x, chances, policy = issuance_facts(inputs), issuance_chances(inputs), issuance_policy(inputs)
    registration, issue, ahead = chances[inputs.code("stage")].T
    interval, share, fee, first = (
        np.where(np.isnan(given), usual, given)
        for given, usual in zip(x[[4, 6, 7, 8]], policy[6:], strict=True)
    )
    market, index = carbon_market(inputs)
    return inputs.stack(
        x[0], x[12], np.fmax(np.nan_to_num(x[1]), x[2]), x[3], interval, policy[0], x[5], share,
        *market[:, index], registration, issue, policy[1], fee, first * ahead,
    )  # fmt: skip


def _units(
    inputs: Inputs, contract: bool, wanted: NDArray[np.bool_], out: NDArray[np.float64]
) -> None:
    """Value issued units, openly or under their contract."""
    market, index = inputs.once("ecology.units_market", lambda: carbon_market(
        inputs, inputs.quotes("years_to_sell", (ECOLOGY.table,)),
        inputs.quotes("carbon_turnover", PROGRAMMES, inputs.code("programme")),
    ))  # fmt: skip
    x = inputs.once(
        "ecology.units", lambda: inputs.stack(inputs.number("quantity_t"), *contract_facts(inputs))
    )
    policy = np.array([
        inputs.rule("ecology.market_share"), inputs.rule("income.rate_stress"),
        inputs.rule("ecology.contract_error" if contract else "ecology.spot_model_error"),
        inputs.rule("ecology.delivery_chance"),
    ])  # fmt: skip
    ecology_rows.carbon_units_rows(x, market, index, contract, policy, wanted, out)


def ecology_spot(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the value of issued units at the price expected when they can be sold.

    Parameters
    ----------
    inputs : Inputs
        Ecological assets.
    wanted : (n,) bool
        Rows to value.
    out : (7, n) float64
        As `riskengine.kernels.ecology_rows.carbon_units_rows`, then the price of
        national allowances [yuan/t].
    """
    _units(inputs, False, wanted, out[:6])
    np.copyto(out[6], inputs.quotes("allowance_price").column("value"), where=wanted)


def ecology_issuance(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the value of carbon still to be issued, at the market's expected price.

    Parameters
    ----------
    inputs : Inputs
        Ecological assets.
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        As `riskengine.kernels.carbon_issuance.carbon_issuance_rows`.
    """
    out[:] = _issuance(inputs)[:8]
    out[:, ~wanted] = np.nan


def _issuance(inputs: Inputs) -> NDArray[np.float64]:
    """Everything that `riskengine.kernels.carbon_issuance.carbon_issuance_rows` fills."""

    def filled() -> NDArray[np.float64]:
        out = np.full((10, inputs.size), np.nan)
        coming = inputs.code("kind") == KINDS.index("carbon_contracted")
        market, index = carbon_market(inputs)
        carbon_issuance_rows(
            issuance_facts(inputs), inputs.code("stage"), issuance_chances(inputs), market, index,
            issuance_policy(inputs), coming, out,
        )  # fmt: skip
        return out

    found: NDArray[np.float64] = inputs.once("ecology.issuance", filled)
    return found


def ecology_contract(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the value with volumes under contract at its price, the rest at the market's.

    A contract that no tonne falls under says nothing that the market does not.

    Parameters
    ----------
    inputs : Inputs
        Ecological assets.
    wanted : (n,) bool
        Rows to value.
    out : (5, n) float64
        Value [yuan], log error [1], prudent value [yuan], contract price [yuan/t],
        tonnes under contract [t].
    """
    kind = inputs.code("kind")
    issued = wanted & (kind == KINDS.index("carbon_issued"))
    coming = wanted & (kind == KINDS.index("carbon_contracted"))
    if issued.any():
        units = np.full((6, inputs.size), np.nan)
        _units(inputs, True, issued, units)
        np.copyto(out[:3], units[:3], where=units[5] > 0.0)
        out[4] = units[5]
    if coming.any():
        batches = _issuance(inputs)
        for row, source in ((VALUE, 8), (LOG_ERROR, 9), (PRUDENT, 2)):
            np.copyto(out[row], batches[source], where=coming & (batches[7] > 0.0))
        np.copyto(out[4], batches[7], where=coming)
    known = ~np.isnan(out[VALUE])
    out[PRUDENT, ~known] = np.nan
    np.copyto(out[3], inputs.number("contract_price_yuan_per_t"), where=wanted & known)


def ecology_income(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the value of compensation income.

    Parameters
    ----------
    inputs : Inputs
        Ecological assets.
    wanted : (n,) bool
        Rows to value.
    out : (6, n) float64
        As `riskengine.kernels.ecology_rows.compensation_rows`.
    """
    x = inputs.stack(inputs.number("income_yuan_per_year"), inputs.years_to("income_end"))
    quotes = inputs.quotes("compensation_discount_rate")
    rates = np.stack([quotes.fields("value"), quotes.fields("log_error")])
    policy = np.array([
        *rules_of(inputs, "compensation_growth", "compensation_hazard"),
        inputs.rule("income.rate_stress"),
        *rules_of(
            inputs, "compensation_multiple", "compensation_error", "compensation_end_error",
            "compensation_years",
        ),
    ])  # fmt: skip
    ecology_rows.compensation_rows(x, rates, quotes.index, policy, wanted, out)


ECOLOGY_SPOT = Method(
    "spot",
    Text("市价法", "market price"),
    "tonnes x E[price when sold] / (1 + r)^T, price reverting to its long-run mean",
    "Schwartz (1997) one-factor model; valuation notes 5.2",
    (
        Working("expected_price", Text("预期售价", "price expected at sale"), "yuan/t"),
        Working("years_to_sell", Text("平均变现时间", "mean time to sell"), "year"),
        Working("contract_t", Text("包销数量", "tonnes under contract"), "t"),
        Working("allowance_price", Text("全国配额价格", "price of allowances"), "yuan/t"),
    ),
    ecology_spot,
)
ECOLOGY_ISSUANCE = Method(
    "issuance",
    Text("签发收益法", "issuance income"),
    "sum tonnes (1 - buffer) E[price] (1 - developer) chance / (1 + r)^t - sum costs / (1 + r)^t",
    "CCER-14-001-V01 for deductions; valuation notes 5.2",
    (
        Working("revenue", Text("收入现值", "value of revenue"), "yuan"),
        Working("costs", Text("核查签发费用现值", "value of costs"), "yuan"),
        Working("revenue_per_t", Text("每吨净收入现值", "value of revenue a tonne"), "yuan/t"),
        Working("credits_t", Text("扣减后签发量", "credits after deduction"), "t"),
        Working("contract_t", Text("包销数量", "tonnes under contract"), "t"),
    ),
    ecology_issuance,
)
ECOLOGY_CONTRACT = Method(
    "contract",
    Text("包销合同法", "offtake contract"),
    "volume under contract x its price x chance that the buyer pays, the rest at market",
    "valuation notes section 10: contract price as cross-check",
    (
        Working("contract_price", Text("包销价", "contract price"), "yuan/t"),
        Working("contract_t", Text("包销数量", "tonnes under contract"), "t"),
    ),
    ecology_contract,
)
ECOLOGY_INCOME = Method(
    "income",
    Text("收益还原法", "income capitalisation"),
    "last year's compensation x annuity to its end, under a hazard of being stopped",
    "regulation notes ECO-PWF-01; GB/T 28406-2012, 5.1 (income capitalisation)",
    (
        Working("income", Text("年补偿收入", "compensation a year"), "yuan/year"),
        Working("years", Text("计算年限", "years counted"), "year"),
        Working("multiple", Text("价值为年收入的倍数", "value over a year's income"), "year"),
    ),
    ecology_income,
)

ECOLOGY_APPROACH = Approach(
    ECOLOGY, (ECOLOGY_SPOT, ECOLOGY_ISSUANCE, ECOLOGY_CONTRACT, ECOLOGY_INCOME), CASES,
    ecology_case, ecology_term, LEADING,
)  # fmt: skip
