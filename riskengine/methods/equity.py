"""Collective asset equity (集体资产股权): cash dividends, discounted and restricted.

Members hold a right to income, never a part of the assets: dividends are the value,
book net assets and the repurchase price only limit it.
"""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels import equity_rows
from riskengine.methods.inputs import Codes, Column, Inputs
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE, Approach, Method, Working
from riskengine.methods.tables import code_tables
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

    def term() -> Column:
        years = inputs.years_to("share_end")
        return np.where(np.isnan(years), np.inf, np.maximum(years, 0.0))

    return inputs.once("equity.term", term)


def _kept(inputs: Inputs, control: str) -> Column:
    """What successive discounts leave, for control, market and buyers, by restriction, (r + 1,).

    A restriction that is not known counts as not stated in the charter.
    """
    tables = code_tables(
        inputs, "transfer_restriction", "equity.marketability_discount",
        "equity.restriction_discount",
    )  # fmt: skip
    tables[:, -1] = tables[:, NOT_STATED]
    kept: Column = (1.0 - inputs.rule(control)) * (1.0 - tables[0]) * (1.0 - tables[1])
    return kept


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
    fixed = inputs.code("kind") == FIXED
    charter = np.where(fixed, inputs.number("fixed_dividend_yuan_per_share_year"), np.nan)
    x = inputs.stack(
        *(inputs.number(f"dividend_{k}_yuan_per_share_year") for k in range(1, DIVIDEND_YEARS + 1)),
        inputs.number("dividend_mean_yuan_per_share_year"), inputs.number("dividend_mean_years"),
        charter, inputs.number("dividend_received_yuan"), inputs.number("shares"),
    )  # fmt: skip
    policy = _rules(
        inputs, "history_years", "year_error", "dividend_error", "short_history_error",
        "fixed_dividend_error", "received_tolerance", "contradiction_error",
    )  # fmt: skip
    out = np.empty((4, inputs.size))
    equity_rows.dividend_history_rows(x, policy, out)
    return out


def _rules(inputs: Inputs, *names: str) -> Column:
    """Rules of shares as one vector, each in its unit."""
    return np.array([inputs.rule(f"equity.{name}") for name in names])


def share_factors(inputs: Inputs) -> NDArray[np.float64]:
    """Return what a yuan of dividend is worth to a holder, once for all methods.

    Parameters
    ----------
    inputs : Inputs
        Shares.

    Returns
    -------
    (6, n) float64
        As `riskengine.kernels.equity_rows.share_factor_rows` fills it.
    """

    def factors() -> NDArray[np.float64]:
        x = inputs.stack(
            inputs.number("shares"), inputs.number("dividend_in_kind_share"), equity_term(inputs),
            inputs.number("repurchase_price_yuan_per_share"),
            inputs.number("net_assets_yuan_per_share"),
        )  # fmt: skip
        rate = inputs.quotes("equity_discount_rate")
        (hazards,) = code_tables(inputs, "kind", "equity.lapse_hazard")
        terms = np.stack([
            np.repeat(rate.fields("value"), hazards.size),
            np.repeat(rate.fields("log_error"), hazards.size),
            np.tile(hazards, len(rate.table)),
        ])  # fmt: skip
        growth, stress = inputs.rule("equity.dividend_growth"), inputs.rule("income.rate_stress")
        out = np.empty((6, inputs.size))
        equity_rows.share_factor_rows(
            x, terms, rate.index * hazards.size + inputs.code("kind"),
            inputs.code("transfer_restriction"), _kept(inputs, "equity.control_discount"),
            np.array([growth, stress]), out,
        )  # fmt: skip
        return out

    return inputs.once("equity.factors", factors)


def equity_dividend(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the dividend value of shares.

    Parameters
    ----------
    inputs : Inputs
        Shares.
    wanted : (n,) bool
        Rows to value.
    out : (12, n) float64
        As `riskengine.kernels.equity_rows.equity_dividend_rows`, then what three models
        say of marketability [1].
    """
    equity_rows.equity_dividend_rows(
        share_factors(inputs), inputs.number("net_assets_yuan_per_share"),
        dividend_history(inputs), _rules(inputs, "restriction_error", "model_error"), wanted,
        out[:9],
    )  # fmt: skip
    table = (EQUITY.table,)
    equity_rows.marketability_rows(
        inputs.stack(
            inputs.quotes("volatility", table).column("value"),
            inputs.quotes("years_to_sell", table).column("value"),
            inputs.quotes("risk_free_rate").column("value"),
            inputs.quotes("equity_discount_rate").column("value"),
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
        As `riskengine.kernels.equity_rows.distributable_rows`.
    """
    x = inputs.stack(
        inputs.number("distributable_income_yuan_per_year"), inputs.number("payout_share"),
        inputs.number("total_shares"),
    )  # fmt: skip
    quotes = inputs.quotes("equity_payout")
    payouts = np.stack([quotes.fields("value"), quotes.fields("log_error")])
    errors = _rules(inputs, "restriction_error", "model_error", "payout_error")
    equity_rows.distributable_rows(
        share_factors(inputs), inputs.number("net_assets_yuan_per_share"), x, payouts,
        quotes.index, errors, wanted, out,
    )  # fmt: skip


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
    kept = _kept(inputs, "equity.net_asset_control_discount")
    book = inputs.number("shares") * inputs.number("net_assets_yuan_per_share")
    known = wanted & ~np.isnan(book)
    np.multiply(book, kept[inputs.code("transfer_restriction")], out=out[VALUE], where=known)
    out[LOG_ERROR, known] = inputs.rule("equity.net_asset_error")
    np.copyto(out[3], book, where=known)
    np.copyto(out[4], inputs.quotes("equity_book_yield").column("value"), where=wanted)


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
    known = wanted & ~np.isnan(price)
    np.copyto(out[VALUE], price, where=known)
    np.copyto(out[PRUDENT], price, where=known)
    out[LOG_ERROR, known] = inputs.rule("equity.repurchase_error")


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
