"""Money behind the counts of `sba_cohorts`: charge-offs and the guarantor's net loss.

Amounts are known for a sample of loans approved to fiscal 2006 only (`sba7a_loans`), so a
cohort's charge-offs in money are its count, known exactly, times the mean of the sample.
Debentures, guaranteed whole, are left out.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special

from riskengine.portfolio.exposures import Column
from tests.realdata.sba_cohorts import (
    ENDS,
    FEWEST,
    KNOWN_AFTER,
    SCORES,
    History,
    Predictive,
    cohort_fit,
    predictive,
)  # fmt: skip

LOANS, RECOVERIES = "sba7a_loans.parquet", "sba7a_recovery_by_fy.parquet"
DRAWS = 2000
LAST_MATURE = 2020
"""Later fiscal years are still recovering, says the table of recoveries."""
MATURE_AFTER = 4
"""Years until a fiscal year's recoveries count as known."""


def charge_offs(folder: Path, sector: str) -> pd.DataFrame:
    """Sampled loans that were charged off: cohort, months lived, year of charge-off, amount."""
    loans = pd.read_parquet(folder / LOANS)
    kept = (loans["default"] == 1) & (loans.sba_appv != loans.gr_appv) & loans.chgoff_date.notna()
    kept &= (loans.naics // 10000 == 11) if sector == "11" else (loans.source == "strat30k")
    loans = loans[kept & loans.disbursement_date.notna()]
    return pd.DataFrame({
        "cohort": loans.approval_fy.astype(int),
        "months": (loans.chgoff_date - loans.disbursement_date).dt.days / 30.4375,
        "year": (loans.chgoff_date + pd.DateOffset(months=3)).dt.year,
        "amount": loans.chgoff_prin.astype(float),
        "guaranteed": (loans.sba_appv / loans.gr_appv * loans.chgoff_prin).astype(float),
    })  # fmt: skip


@dataclass(frozen=True)
class MoneyForecast:
    """Loss of a cohort in dollars: foreseen, and what came where it is known.

    ``known`` is the last cohort used, ``sampled`` the earlier charge-offs that amounts were
    drawn from, ``realised`` the count times the mean of ``behind`` sampled loans of the cohort.
    """

    cohort: int
    known: int
    sampled: int
    mean: float
    low: float
    high: float
    charged_off: int
    realised: float
    realised_error: float
    behind: int


def gross(folder: Path, of: History, cohort: int) -> MoneyForecast:
    """Principal charged off; amounts from cohorts known then and charged off by then."""
    law, place = _law(of, cohort)
    loans = charge_offs(folder, of.sector)
    now = cohort - 1 + KNOWN_AFTER[of.age]
    past = loans[(loans.cohort < cohort) & (loans.year <= now)].amount.to_numpy()
    own = loans[(loans.cohort == cohort) & (loans.months <= of.age)].amount.to_numpy()
    drawn = _drawn(law, past, of.at_risk[place], cohort)
    count = int(of.charged_off[place])
    error = count * float(own.std(ddof=1)) / np.sqrt(own.size)
    return MoneyForecast(
        cohort, cohort - 1, past.size, *_told(drawn), count, count * float(own.mean()),
        float(error), own.size,
    )  # fmt: skip


def net(folder: Path, of: History, cohort: int) -> tuple[MoneyForecast, float]:
    """Guaranteed part less recoveries, and the mean recovery of mature years used.

    The amounts of these cohorts are not in the data: "realised" is the realised count at
    the mean amount of the past.
    """
    law, place = _law(of, cohort)
    now = cohort - 1 + KNOWN_AFTER[of.age]
    table = pd.read_parquet(folder / RECOVERIES)
    mature = table[table.fiscal_year <= min(now - MATURE_AFTER, LAST_MATURE)]
    recovery = float(mature.recovery_rate_pct_of_purchase.mean()) / 100.0
    past = charge_offs(folder, of.sector).guaranteed.to_numpy() * (1.0 - recovery)
    drawn = _drawn(law, past, of.at_risk[place], cohort)
    count = int(of.charged_off[place])
    found = MoneyForecast(
        cohort, cohort - 1, past.size, *_told(drawn), count, count * float(past.mean()), np.nan, 0
    )
    return found, recovery


def _law(of: History, cohort: int) -> tuple[Predictive, int]:
    place = int(np.flatnonzero(of.years == cohort)[0])
    assert place >= FEWEST
    known = zip(of.charged_off[:place], of.at_risk[:place], strict=True)
    return predictive(np.sum([cohort_fit(k, n) for k, n in known], axis=0)), place


def _drawn(law: Predictive, amounts: Column, at_risk: float, seed: int) -> Column:
    """Losses: a count from its law, amounts by a bootstrap of a bootstrap."""
    rng = np.random.Generator(np.random.Philox(seed))
    score = np.interp(rng.random(DRAWS), law.below, SCORES)
    counts = rng.binomial(int(at_risk), special.ndtr(score))
    out = np.empty(DRAWS)
    for i, count in enumerate(counts):
        share = rng.multinomial(amounts.size, np.full(amounts.size, 1.0 / amounts.size))
        drawn = rng.multinomial(count, share / amounts.size)
        out[i] = drawn @ amounts
    return out


def _told(losses: Column) -> tuple[float, float, float]:
    low, high = np.quantile(losses, ENDS)
    return float(losses.mean()), float(low), float(high)
