"""Synthetic guaranteed loans of households, to try every command on: no person is in them.

The truth is known: log odds of default are a sum of the effects below, a bad year for
all, and chance.  Figures are invented within usual ranges; they describe no place.
"""

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

COUNTIES = ("370983", "410725", "511623", "430781", "610528")
"""Codes of five counties, for blocks in space; the figures have nothing to do with them."""

TRADES = ("grain", "vegetable", "fruit", "livestock", "fishery")

BAD_YEARS = {2022: 0.5, 2023: 0.2}
"""Years that raise everybody's log odds."""


def household_loans(rows: int = 12_000, seed: int = 20261126) -> pd.DataFrame:
    """Return synthetic loans with their outcomes.

    Parameters
    ----------
    rows : int
        Loans, >= 1.
    seed : int
        From which every figure follows.

    Returns
    -------
    pandas.DataFrame
        One loan a row: facts known at the decision, in the units of their names, and
        ``default`` within twelve months.  Column ``data`` says SYNTHETIC in each row.
    """
    rng = np.random.default_rng(seed)
    first = np.datetime64(date(2019, 1, 1))
    day = np.sort(first + rng.integers(0, 7 * 365, rows).astype("timedelta64[D]"))
    area = np.round(np.exp(rng.normal(3.2, 0.9, rows)), 1)
    income = np.round(np.exp(rng.normal(11.2, 0.6, rows)), -2)
    amount = np.round(income * np.exp(rng.normal(0.1, 0.6, rows)), -3).clip(10_000, 2_000_000)
    term_left = np.round(rng.gamma(3.0, 3.0, rows), 1)
    overdue = rng.poisson(0.35, rows)
    insured, trade = (
        rng.random(rows) < 0.55,
        rng.choice(TRADES, rows, p=(0.4, 0.2, 0.2, 0.15, 0.05)),
    )
    years_farming = rng.integers(1, 36, rows)
    debt = np.round(income * rng.gamma(1.2, 0.35, rows), -2)
    odds = _truth(day, amount / income, debt / income, overdue, insured, trade, term_left)
    outcome = rng.random(rows) < expit(odds - 0.02 * (years_farming - 15))
    table = pd.DataFrame({
        "data": "SYNTHETIC 合成数据", "loan_id": [f"SYN-{k:06d}" for k in range(1, rows + 1)],
        "decided_on": day.astype(str), "county": rng.choice(COUNTIES, rows), "trade": trade,
        "area_mu": area, "net_income_yuan_per_year": income, "amount_yuan": amount,
        "debt_yuan": debt, "right_term_left_years": term_left, "overdue_in_24_months": overdue,
        "insured": np.where(insured, "yes", "no"), "years_farming": years_farming,
        "household_head_sex": rng.choice(("female", "male"), rows), "default": outcome.astype(int),
    })  # fmt: skip
    unknown = rng.random(rows) < 0.06
    table.loc[unknown, "right_term_left_years"] = np.nan
    table.loc[rng.random(rows) < 0.04, "net_income_yuan_per_year"] = np.nan
    return table


def _truth(
    day: NDArray[np.datetime64], amount_share: NDArray[np.float64], debt_share: NDArray[np.float64],
    overdue: NDArray[np.int64], insured: NDArray[np.bool_], trade: NDArray[np.str_],
    term_left: NDArray[np.float64],
) -> NDArray[np.float64]:  # fmt: skip
    """Log odds of default."""
    year = day.astype("datetime64[Y]").astype(int) + 1970
    shock = np.array([BAD_YEARS.get(int(one), 0.0) for one in year])
    by_trade = np.select([trade == "livestock", trade == "fishery"], [0.45, 0.6], 0.0)
    return np.asarray(
        -4.1 + shock + 1.2 * np.log1p(amount_share) + 1.1 * debt_share
        + 0.7 * np.minimum(overdue, 4) - 0.6 * insured + by_trade
        - 0.06 * np.minimum(term_left, 15.0)
    )  # fmt: skip
