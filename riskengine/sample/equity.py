"""Synthetic collective equity."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from riskengine.rights.equity import DIVIDEND_YEARS, EQUITY
from riskengine.sample.places import dates_around, sample_regions, sometimes


def sample_equity(rng: np.random.Generator, size: int, valued_on: date) -> Mapping[str, Any]:
    """Draw synthetic shares in collective assets.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    size : int
        Rows.
    valued_on : datetime.date
        Valuation date around which dates are drawn.

    Returns
    -------
    mapping of str to array
        Columns of the equity table, without identifiers.
    """
    kinds = np.array(EQUITY.by_name["kind"].codes)
    kind = rng.choice(kinds, size, p=[0.35, 0.10, 0.30, 0.05, 0.10, 0.10])
    transfers = np.array([*EQUITY.by_name["transfer_restriction"].codes, None], dtype=object)
    level = rng.lognormal(np.log(400.0), 0.9, size) * (rng.random(size) < 0.93)
    fixed = kind == "fixed_dividend"
    known = rng.integers(0, DIVIDEND_YEARS + 1, size)
    dividends = {
        f"dividend_{year}_yuan_per_share_year": np.where(
            (year <= known) & ~fixed, np.round(level * rng.lognormal(0.0, 0.15, size), 2), np.nan
        )
        for year in range(1, DIVIDEND_YEARS + 1)
    }
    mean_only = (known == 0) & ~fixed & (rng.random(size) < 0.7)
    shares = np.round(rng.lognormal(np.log(4.0), 0.8, size), 1) + 0.1
    slips = np.where(rng.random(size) < 0.03, 0.95, 1.0)
    received = shares * slips * dividends["dividend_1_yuan_per_share_year"]
    total = np.round(rng.lognormal(np.log(2500.0), 0.6, size), 0) + 1.0
    book = np.round((level + 20.0) / rng.uniform(0.01, 0.06, size), 0)
    end = dates_around(rng, size, np.datetime64(valued_on), 1.0, 30.0)
    return {
        "kind": kind, "region_code": sample_regions(rng, size),
        "shares": shares,
        "total_shares": sometimes(rng, total, 0.7),
        "transfer_restriction": rng.choice(transfers, size, p=[0.5, 0.15, 0.1, 0.05, 0.1, 0.1]),
        **dividends,
        "dividend_mean_yuan_per_share_year": np.where(mean_only, np.round(level, 2), np.nan),
        "dividend_mean_years": np.where(mean_only, rng.integers(1, 8, size), np.nan),
        "dividend_received_yuan": sometimes(rng, np.round(received, 2), 0.3),
        "fixed_dividend_yuan_per_share_year": np.where(fixed, np.round(level, 0), np.nan),
        "dividend_in_kind_share": sometimes(rng, np.round(rng.uniform(0.0, 0.6, size), 2), 0.2),
        "share_end": np.where(kind == "land_share", end, np.datetime64("NaT", "D")),
        "net_assets_yuan_per_share": sometimes(rng, book, 0.7),
        "distributable_income_yuan_per_year": sometimes(rng, np.round(level * total * 1.4, 0), 0.5),
        "payout_share": sometimes(rng, np.round(rng.uniform(0.4, 1.0, size), 2), 0.4),
        "repurchase_price_yuan_per_share": sometimes(
            rng, np.round(book * rng.uniform(0.2, 1.0, size), 0), 0.2
        ),
    }  # fmt: skip
