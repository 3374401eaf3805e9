"""Collective asset equity in vectorised NumPy and pandas."""

import numpy as np
import pandas as pd

from tests.reference.twin_common import quotes, years_from

NAN = np.nan
KINDS = (
    "member_share", "labour_share", "household_share", "land_share", "fund_share",
    "fixed_dividend",
)  # fmt: skip
TRANSFERS = ("inside_collective", "county_market", "repurchase_only", "none", "not_stated")


def by_code(rules, name, codes, index):
    """A rule's table by the code of each row; rows without a code take the last one."""
    table = rules.table(name)
    return np.array([table[code] for code in codes])[index]


def history(frame, rules, fixed):
    """Mean dividend, its error and the lowest to count on."""
    enough, one = rules.number("equity.history_years"), rules.number("equity.year_error")
    yearly = frame[[f"dividend_{year}_yuan_per_share_year" for year in range(1, 6)]]
    count = yearly.count(axis=1)
    mean = yearly.mean(axis=1)
    scatter = (yearly.std(axis=1) / mean).where((count >= enough) & (mean > 0.0), one)
    spread = scatter.clip(lower=one)
    years = count.where(count > 0, frame["dividend_mean_years"])
    mean = mean.where(count > 0, frame["dividend_mean_yuan_per_share_year"])
    error = (spread / np.sqrt(years)).clip(lower=rules.number("equity.dividend_error"))
    error = error.where(years >= enough, rules.number("equity.short_history_error"))
    latest = frame["dividend_1_yuan_per_share_year"]
    low = pd.concat([mean, latest.where(latest.notna(), mean)], axis=1).min(axis=1, skipna=False)
    charter = frame["fixed_dividend_yuan_per_share_year"]
    mean, low = np.where(fixed, charter, mean), np.where(fixed, charter, low)
    error = np.where(fixed, rules.number("equity.fixed_dividend_error"), error)
    received = (frame["dividend_received_yuan"] / frame["shares"]).to_numpy()
    off = np.abs(received / latest.to_numpy() - 1.0) > rules.number("equity.received_tolerance")
    return (
        np.where(off, np.fmin(mean, received), mean),
        np.where(off, rules.number("equity.contradiction_error"), error),
        np.where(off, np.fmin(low, received), low),
    )


def perpetuity(rate, growth, hazard, years):
    """Value of 1 growing yearly until the term ends or the share lapses."""
    risky = (1.0 + rate) * np.exp(hazard) - 1.0
    return (1.0 - ((1.0 + growth) / (1.0 + risky)) ** years) / (risky - growth)


def restricted(frame, rules, kept, rate, rate_error, hazard, years, dividend, error, low):
    """Dividend value under its discounts and limits."""
    growth = rules.number("equity.dividend_growth")
    stress = rules.number("income.rate_stress")
    shares = frame["shares"].to_numpy()
    cash = 1.0 - frame["dividend_in_kind_share"].fillna(0.0).to_numpy()
    limit = shares * frame[["repurchase_price_yuan_per_share", "net_assets_yuan_per_share"]].min(
        axis=1
    )
    limit = limit.fillna(np.inf).to_numpy()
    free = shares * dividend * perpetuity(rate, growth, hazard, years)
    dearer = shares * dividend * perpetuity(rate * np.exp(rate_error), growth, hazard, years)
    stressed = perpetuity(rate + stress, min(growth, 0.0), hazard, years)
    swing = np.where(dearer > 0.0, np.log(free / dearer), 0.0)
    error = np.sqrt(
        error**2 + swing**2 + rules.number("equity.restriction_error") ** 2
        + rules.number("equity.model_error") ** 2
    )  # fmt: skip
    return {
        "value": np.minimum(free * kept, limit), "log_error": error,
        "prudent": np.minimum(shares * low * cash * stressed * kept, limit),
    }  # fmt: skip


@np.errstate(all="ignore")
def twin_equity(batch, market, rules):
    """Every method of collective equity: value, log error, prudent value."""
    frame = pd.DataFrame(dict(batch.columns))
    kind = frame["kind"].to_numpy()
    fixed = kind == KINDS.index("fixed_dividend")
    nowhere = np.zeros(batch.size, dtype=np.int64)
    rate = quotes(batch, market, "equity_discount_rate", ("*",), nowhere)
    ends = years_from(market.day, frame["share_end"].to_numpy())
    years = np.where(np.isnan(ends), np.inf, np.maximum(ends, 0.0))
    hazard = by_code(rules, "equity.lapse_hazard", KINDS, kind)
    transfer = frame["transfer_restriction"].to_numpy()
    unsold, few = (
        by_code(rules, f"equity.{name}_discount", TRANSFERS, transfer)
        for name in ("marketability", "restriction")
    )
    pool = (1.0 - unsold) * (1.0 - few)
    kept = pool * (1.0 - rules.number("equity.control_discount"))
    shared = (
        frame, rules, kept, rate["value"].to_numpy(), rate["log_error"].to_numpy(), hazard, years,
    )  # fmt: skip
    payout = quotes(batch, market, "equity_payout", ("*",), nowhere)
    given = frame["payout_share"].to_numpy()
    share = np.where(np.isnan(given), np.minimum(payout["value"], 1.0), given)
    loose = np.where(np.isnan(given), payout["log_error"], 0.0)
    allowed = (
        frame["distributable_income_yuan_per_year"] * share / frame["total_shares"]
    ).to_numpy()
    guess = np.hypot(rules.number("equity.payout_error"), loose)
    shares, blank = frame["shares"].to_numpy(), np.full(batch.size, NAN)
    control = 1.0 - rules.number("equity.net_asset_control_discount")
    price = shares * frame["repurchase_price_yuan_per_share"].to_numpy()
    distributable = restricted(*shared, allowed, guess, allowed)
    return {
        "dividend": restricted(*shared, *history(frame, rules, fixed)),
        "distributable": {name: np.where(fixed, NAN, v) for name, v in distributable.items()},
        "net_asset": {
            "value": shares * frame["net_assets_yuan_per_share"].to_numpy() * control * pool,
            "log_error": np.full(batch.size, rules.number("equity.net_asset_error")),
            "prudent": blank,
        },
        "repurchase": {
            "value": price, "prudent": price,
            "log_error": np.full(batch.size, rules.number("equity.repurchase_error")),
        },
    }  # fmt: skip
