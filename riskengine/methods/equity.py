"""Collective asset equity (集体资产股权): cash dividends, discounted and restricted.

Members hold a right to income, never a part of the assets: dividends are the value,
book net assets and the repurchase price only limit it.
"""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels import equity_rows
from riskengine.methods.inputs import Codes, Column, Inputs
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE, Approach, Method, Working
from riskengine.rights.equity import DIVIDEND_YEARS, EQUITY
from riskengine.words import Text

KINDS = EQUITY.by_name["kind"].codes
NOT_STATED = EQUITY.by_name["transfer_restriction"].codes.index("not_stated")
FIXED = KINDS.index("fixed_dividend")
CASES = (
    "equity_status", "equity_status", "equity_share", "equity_share", "equity_share",
    "equity_fixed",
)  # fmt: skip
"""Row of the method matrix for each kind of share."""


def equity_case(inputs: Inputs) -> Codes:
    """Position in `CASES` of every right: its kind.

    Parameters
    ----------
    inputs : Inputs
        Shares.

    Returns
    -------
    (n,) int64
        Positions.
    """
    return inputs.code("kind")


def equity_term(inputs: Inputs) -> Column:
    """Years for which a share still runs; without end where none is given.

    Parameters
    ----------
    inputs : Inputs
        Shares.

    Returns
    -------
    (n,) float64
        Remaining term [year], >= 0, infinite for shares without an end.
    """
    years = inputs.years_to("share_end")
    return np.where(np.isnan(years), np.inf, np.maximum(years, 0.0))


def share_discounts(inputs: Inputs) -> tuple[Column, Column]:
    """Discounts for lack of a market and for who may buy, by transfer restriction.

    Parameters
    ----------
    inputs : Inputs
        Shares.

    Returns
    -------
    tuple of (n,) float64
        Discounts for marketability and for restriction [1]; a restriction that is
        not known counts as not stated in the charter.
    """
    code = inputs.code("transfer_restriction")
    column, stated = "transfer_restriction", code >= 0
    market, buyers = (
        np.where(stated, inputs.rule_by_code(f"equity.{name}", column),
                 float(inputs.rules.table(f"equity.{name}")["not_stated"]))
        for name in ("marketability_discount", "restriction_discount")
    )  # fmt: skip
    return market, buyers


def dividend_history(inputs: Inputs) -> NDArray[np.float64]:
    """What the years show: mean dividend, its error, the lowest to count on, years.

    Parameters
    ----------
    inputs : Inputs
        Shares.

    Returns
    -------
    (4, n) float64
        As `riskengine.kernels.equity_rows.dividend_history_rows`; for a fixed
        dividend the dividend of the charter.
    """
    years = [
        inputs.number(f"dividend_{year}_yuan_per_share_year")
        for year in range(1, DIVIDEND_YEARS + 1)
    ]
    x = inputs.stack(
        *years, inputs.number("dividend_mean_yuan_per_share_year"),
        inputs.number("dividend_mean_years"),
    )  # fmt: skip
    policy = np.array([
        inputs.rule("equity.history_years"), inputs.rule("equity.year_error"),
        inputs.rule("equity.dividend_error"), inputs.rule("equity.short_history_error"),
    ])  # fmt: skip
    out = np.empty((4, inputs.size))
    equity_rows.dividend_history_rows(x, policy, out)
    fixed = inputs.code("kind") == FIXED
    if fixed.any():
        charter = inputs.number("fixed_dividend_yuan_per_share_year")
        out[0], out[2] = np.where(fixed, charter, out[0]), np.where(fixed, charter, out[2])
        out[1] = np.where(fixed, inputs.rule("equity.fixed_dividend_error"), out[1])
        out[3] = np.where(fixed, np.nan, out[3])
    _hold_against_receipts(inputs, out)
    return out


def _hold_against_receipts(inputs: Inputs, out: NDArray[np.float64]) -> None:
    """Where less came in than shares times dividend says, count on that, and doubt both."""
    received = inputs.number("dividend_received_yuan") / inputs.number("shares")
    latest = inputs.number("dividend_1_yuan_per_share_year")
    doubtful = np.abs(received - latest) > inputs.rule("equity.received_tolerance") * latest
    if doubtful.any():
        out[0] = np.where(doubtful, np.fmin(out[0], received), out[0])
        out[1] = np.where(doubtful, inputs.rule("equity.contradiction_error"), out[1])
        out[2] = np.where(doubtful, np.fmin(out[2], received), out[2])


def _dividend_block(
    inputs: Inputs, dividend: Column, error: Column, low: Column
) -> NDArray[np.float64]:
    """What `riskengine.kernels.equity_rows.equity_dividend_rows` takes, at given dividends."""
    x: NDArray[np.float64] = inputs.once("equity.block", lambda: _share_block(inputs))
    x[1], x[2], x[3] = dividend, error, low
    return x


def _share_block(inputs: Inputs) -> NDArray[np.float64]:
    """The same with the dividends left open."""
    market, buyers = inputs.once("equity.discounts", lambda: share_discounts(inputs))
    rate = inputs.quotes("equity_discount_rate")
    return inputs.stack(
        inputs.number("shares"), np.nan, np.nan, np.nan,
        1.0 - inputs.number("dividend_in_kind_share", 0.0), inputs.rule("equity.dividend_growth"),
        rate.column("value"), rate.column("log_error"),
        inputs.rule_by_code("equity.lapse_hazard", "kind"), equity_term(inputs),
        inputs.rule("equity.control_discount"), market, buyers,
        inputs.number("repurchase_price_yuan_per_share"),
        inputs.number("net_assets_yuan_per_share"), inputs.rule("income.rate_stress"),
        inputs.rule("equity.restriction_error"), inputs.rule("equity.model_error"),
    )  # fmt: skip


def equity_dividend(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the dividend value of shares.

    Parameters
    ----------
    inputs : Inputs
        Shares.
    wanted : (n,) bool
        Rows to value.
    out : (12, n) float64
        As `riskengine.kernels.equity_rows.equity_dividend_rows`, then years of
        history [year] and what three models say of marketability [1].
    """
    history = dividend_history(inputs)
    x = _dividend_block(inputs, history[0], history[1], history[2])
    equity_rows.equity_dividend_rows(x, wanted, out[:8])
    out[8] = np.where(wanted, history[3], np.nan)
    table = (EQUITY.table,)
    equity_rows.marketability_rows(
        inputs.stack(
            inputs.quotes("volatility", table).column("value"),
            inputs.quotes("years_to_sell", table).column("value"),
            inputs.quotes("risk_free_rate").column("value"), x[6],
        ),
        wanted, out[9:],
    )  # fmt: skip


def equity_distributable(
    inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]
) -> None:
    """Fill the value of the dividends that the collective's income would allow.

    Parameters
    ----------
    inputs : Inputs
        Shares.
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        As `riskengine.kernels.equity_rows.equity_dividend_rows`.
    """
    payout = inputs.number("payout_share")
    quote = inputs.quotes("equity_payout")
    given = ~np.isnan(payout)
    share = np.where(given, payout, np.minimum(quote.column("value"), 1.0))
    error = np.hypot(
        inputs.rule("equity.payout_error"), np.where(given, 0.0, quote.column("log_error"))
    )
    income = inputs.number("distributable_income_yuan_per_year")
    dividend = income * share / inputs.number("total_shares")
    equity_rows.equity_dividend_rows(
        _dividend_block(inputs, dividend, error, dividend), wanted, out
    )


def equity_net_asset(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the value of book net assets under the same restrictions: a check.

    Parameters
    ----------
    inputs : Inputs
        Shares.
    wanted : (n,) bool
        Rows to value.
    out : (5, n) float64
        Value [yuan], log error [1], no prudent value, book net assets [yuan], yield
        on book that other collectives pay [1/year].
    """
    market, buyers = inputs.once("equity.discounts", lambda: share_discounts(inputs))
    book = inputs.number("shares") * inputs.number("net_assets_yuan_per_share")
    control = inputs.rule("equity.net_asset_control_discount")
    value = book * (1.0 - control) * (1.0 - market) * (1.0 - buyers)
    out[VALUE] = np.where(wanted, value, np.nan)
    out[LOG_ERROR] = np.where(wanted, inputs.rule("equity.net_asset_error"), np.nan)
    out[3] = np.where(wanted, book, np.nan)
    out[4] = np.where(wanted, inputs.quotes("equity_book_yield").column("value"), np.nan)


def equity_repurchase(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill what the collective would pay: an upper limit.

    Parameters
    ----------
    inputs : Inputs
        Shares.
    wanted : (n,) bool
        Rows to value.
    out : (3, n) float64
        Value [yuan], log error [1], prudent value [yuan].
    """
    price = inputs.number("shares") * inputs.number("repurchase_price_yuan_per_share")
    out[VALUE] = out[PRUDENT] = np.where(wanted, price, np.nan)
    out[LOG_ERROR] = np.where(wanted, inputs.rule("equity.repurchase_error"), np.nan)


INCOME_WORKINGS = (
    Working("dividend", Text("采用的每股分红", "dividend used"), "yuan/share/year"),
    Working("income_value", Text("折扣前分红现值", "value of dividends before discounts"), "yuan"),
    Working("discount", Text("合计折扣", "discounts together"), "1"),
    Working("limit", Text("上限（赎回价、净资产）", "limit: repurchase price, net assets"), "yuan"),
    Working("yield_on_book", Text("分红占净资产", "dividend over net assets"), "1/year"),
)

EQUITY_DIVIDEND = Method(
    "dividend",
    Text("分红折现法", "dividend discount"),
    "min(shares x mean dividend x annuity with lapse x (1 - control)(1 - market)(1 - restriction),"
    " repurchase price, net assets)",
    "REO Law (2025), art. 36, 40, 42; successive discounts: Estate of Magnin, T.C. Memo 2001",
    (
        *INCOME_WORKINGS,
        Working("history", Text("分红历史", "years of dividends known"), "year"),
        Working("longstaff", Text("Longstaff流通性折扣上界", "bound of Longstaff"), "1"),
        Working("finnerty", Text("Finnerty流通性折扣", "discount of Finnerty"), "1"),
        Working("chaffe", Text("Chaffe流通性折扣", "discount of Chaffe"), "1"),
    ),
    equity_dividend,
)
EQUITY_DISTRIBUTABLE = Method(
    "distributable",
    Text("可分配收益推算", "dividends the income would allow"),
    "income x payout / total shares, valued as dividends are",
    "REO Law (2025), art. 42; shown only: what was never paid is not counted",
    INCOME_WORKINGS,
    equity_distributable,
)
EQUITY_NET_ASSET = Method(
    "net_asset",
    Text("净资产核对", "net assets, a check"),
    "shares x net assets x (1 - control)(1 - market)(1 - restriction)",
    "valuation notes 5.1: net asset value only as an upper check",
    (
        Working("book_value", Text("账面净资产", "book net assets"), "yuan"),
        Working("market_yield", Text("各地分红占净资产", "yield on book elsewhere"), "1/year"),
    ),
    equity_net_asset,
)
EQUITY_REPURCHASE = Method(
    "repurchase",
    Text("集体赎回价", "repurchase price"),
    "shares x price at which the collective may repurchase",
    "valuation notes 5.1: a repurchase price caps the value",
    (),
    equity_repurchase,
)

EQUITY_APPROACH = Approach(
    EQUITY, (EQUITY_DIVIDEND, EQUITY_DISTRIBUTABLE, EQUITY_NET_ASSET, EQUITY_REPURCHASE), CASES,
    equity_case, equity_term, ("equity_book_yield",) * len(CASES),
)  # fmt: skip
