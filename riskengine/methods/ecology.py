"""Ecological assets (生态资产): carbon units, carbon still to be issued, compensation.

Carbon is valued at a price that reverts to its mean, never at spot times tonnes.
What is not issued yet counts batch by batch with its chances and costs; a lender
counts only volumes that a buyer has contracted for.
"""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels import ecology_rows
from riskengine.methods.inputs import Codes, Column, Inputs
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE, Approach, Method, Working
from riskengine.rights.ecology import ECOLOGY
from riskengine.words import Text

KINDS = ECOLOGY.by_name["kind"].codes
PROGRAMMES = ECOLOGY.by_name["programme"].codes
PROJECTS = ECOLOGY.by_name["project_type"].codes
REGISTERED = ECOLOGY.by_name["stage"].codes.index("registered")
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
        Price [yuan/t], its log error [1], long-run price [yuan/t] (today's where
        nothing is known), its log error [1], reversion [1/year], volatility
        [1/sqrt(year)].
    """
    programme = inputs.code("programme")
    spot = inputs.quotes("carbon_price", PROGRAMMES, programme)
    mean = inputs.quotes("carbon_long_run_price", PROGRAMMES, programme)
    price, error = spot.column("value"), spot.column("log_error")
    known = mean.column("level") > 0.0
    return (
        price, error, np.where(known, mean.column("value"), price),
        np.where(known, mean.column("log_error"), error),
        inputs.quotes("carbon_reversion").column("value"),
        inputs.quotes("carbon_volatility").column("value"),
    )  # fmt: skip


def carbon_tonnes(inputs: Inputs) -> tuple[Column, Column]:
    """Tonnes that a project takes up in a year, before deductions.

    Parameters
    ----------
    inputs : Inputs
        Ecological assets.

    Returns
    -------
    tuple of (n,) float64
        Tonnes [t/year], given or area times yield, NaN where they cannot be
        believed for the area; log error [1].
    """
    area, given = inputs.number("area_mu"), inputs.number("yield_t_per_mu_year")
    quote = inputs.quotes("carbon_yield", PROJECTS, inputs.code("project_type"))
    stated = inputs.number("expected_t_per_year")
    derived = area * np.where(np.isnan(given), quote.column("value"), given)
    tonnes = np.where(np.isnan(stated), derived, stated)
    own = inputs.rule("ecology.yield_error")
    known = ~np.isnan(stated) | ~np.isnan(given)
    error = np.where(known, own, np.hypot(own, quote.column("log_error")))
    beyond = tonnes > area * inputs.rule("ecology.yield_limit")
    return np.where(beyond, np.nan, tonnes), error


def carbon_contract(inputs: Inputs) -> tuple[Column, Column, Column]:
    """Price, volume and end of the offtake contract.

    Parameters
    ----------
    inputs : Inputs
        Ecological assets.

    Returns
    -------
    tuple of (n,) float64
        Price [yuan/t], NaN where there is no contract; volume [t], 0 without one,
        and end [year], both infinite where the contract does not say.
    """
    price = inputs.number("contract_price_yuan_per_t")
    end = inputs.years_to("contract_end")
    price = np.where(end < 0.0, np.nan, price)
    volume = np.where(np.isnan(price), 0.0, inputs.number("contract_volume_t", float("inf")))
    return price, volume, np.where(np.isnan(end), np.inf, end)


def _units(
    inputs: Inputs, contract: bool, wanted: NDArray[np.bool_], out: NDArray[np.float64]
) -> None:
    """Value issued units, openly or under their contract."""
    price, error, mean, mean_error, reversion, volatility = carbon_prices(inputs)
    contract_price, volume, _ = carbon_contract(inputs)
    turnover = inputs.quotes("carbon_turnover", PROGRAMMES, inputs.code("programme"))
    model = "ecology.contract_error" if contract else "ecology.spot_model_error"
    x = inputs.stack(
        inputs.number("quantity_t"), price, error, mean, mean_error, reversion, volatility,
        inputs.quotes("carbon_discount_rate").column("value"),
        inputs.quotes("years_to_sell", (ECOLOGY.table,)).column("value"),
        turnover.column("value"), inputs.rule("ecology.market_share"),
        inputs.rule("income.rate_stress"), inputs.rule(model), contract_price, volume,
        inputs.rule("ecology.delivery_chance"),
    )  # fmt: skip
    ecology_rows.carbon_units_rows(x, contract, wanted, out)


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
    out[6] = np.where(wanted, inputs.quotes("allowance_price").column("value"), np.nan)


def issuance_block(inputs: Inputs) -> NDArray[np.float64]:
    """Gather what the value of issuance still to come needs.

    Parameters
    ----------
    inputs : Inputs
        Ecological assets.

    Returns
    -------
    (27, n) float64
        As `riskengine.kernels.ecology_rows.carbon_issuance_rows` documents.
    """
    tonnes, error = carbon_tonnes(inputs)
    start, through = inputs.years_to("crediting_start"), inputs.years_to("issued_through")
    start = np.where(np.isnan(start), 0.0, start)
    deduction, share = inputs.number("buffer_share"), inputs.number("developer_share")
    usual = inputs.rule_by_code("ecology.buffer_share", "programme")
    registered = inputs.code("stage") >= REGISTERED
    interval = inputs.number("issuance_interval_years", inputs.rule("ecology.issuance_interval"))
    pending = inputs.number("validation_cost_yuan", inputs.rule("ecology.validation_cost"))
    price, volume, end = carbon_contract(inputs)
    return inputs.stack(
        tonnes, error, np.fmax(start, through), inputs.years_to("crediting_end"), interval,
        inputs.rule("ecology.issuance_lag"), np.where(np.isnan(deduction), usual, deduction),
        np.where(np.isnan(share), inputs.rule("ecology.developer_share"), share),
        *carbon_prices(inputs), inputs.quotes("carbon_discount_rate").column("value"),
        inputs.rule_by_code("ecology.registration_chance", "stage"),
        inputs.rule_by_code("ecology.issuance_chance", "stage"), inputs.rule("ecology.loss_hazard"),
        inputs.number("verification_cost_yuan", inputs.rule("ecology.verification_cost")),
        np.where(registered, 0.0, pending), inputs.rule("income.rate_stress"),
        inputs.rule("ecology.issuance_model_error"), price, volume, end,
        inputs.rule("ecology.delivery_chance"), inputs.rule("ecology.contract_error"),
    )  # fmt: skip


def ecology_issuance(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the value of carbon still to be issued, at the market's expected price.

    Parameters
    ----------
    inputs : Inputs
        Ecological assets.
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        As `riskengine.kernels.ecology_rows.carbon_issuance_rows`.
    """
    out[:] = _issuance(inputs)[:8]
    out[:, ~wanted] = np.nan


def _issuance(inputs: Inputs) -> NDArray[np.float64]:
    """Everything that `riskengine.kernels.ecology_rows.carbon_issuance_rows` fills."""

    def filled() -> NDArray[np.float64]:
        out = np.full((10, inputs.size), np.nan)
        coming = inputs.code("kind") == KINDS.index("carbon_contracted")
        ecology_rows.carbon_issuance_rows(issuance_block(inputs), coming, out)
        return out

    found: NDArray[np.float64] = inputs.once("ecology.issuance", filled)
    return found


def ecology_contract(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the value with volumes under contract at its price, the rest at the market's.

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
        out[:3], out[4] = units[:3], units[5]
    if coming.any():
        batches = _issuance(inputs)
        for row, source in ((VALUE, 8), (LOG_ERROR, 9), (PRUDENT, 2), (4, 7)):
            out[row] = np.where(coming, batches[source], out[row])
    out[PRUDENT] = np.where(np.isnan(out[VALUE]), np.nan, out[PRUDENT])
    out[3] = np.where(wanted, carbon_contract(inputs)[0], np.nan)


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
    years = inputs.years_to("income_end")
    open_end = np.isnan(years)
    term = np.where(open_end, inputs.rule("ecology.compensation_years"), np.maximum(years, 0.0))
    error = inputs.rule("ecology.compensation_error")
    rate = inputs.quotes("compensation_discount_rate")
    x = inputs.stack(
        inputs.number("income_yuan_per_year"),
        np.where(open_end, np.hypot(error, inputs.rule("ecology.compensation_end_error")), error),
        inputs.rule("ecology.compensation_growth"), term, rate.column("value"),
        rate.column("log_error"), inputs.rule("ecology.compensation_hazard"),
        inputs.rule("income.rate_stress"), inputs.rule("ecology.compensation_multiple"),
    )  # fmt: skip
    ecology_rows.compensation_rows(x, wanted, out)


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
