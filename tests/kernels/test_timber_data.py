"""The growth curve against remeasured plots of eucalypt (real data, beside the repository)."""

import numpy as np
import pandas as pd

from riskengine.kernels.timber import growth_ratio
from riskengine.rules import statute

ERROR_HELD = 0.21
"""Largest log error by plot-grouped cross-validation that the engine may claim to keep."""


def pairs(frame: pd.DataFrame) -> pd.DataFrame:
    """Every earlier and later measurement of one plot."""
    both = frame.merge(frame, on="plot", suffixes=("", "_later"))
    return both[both["years_later"] > both["years"] + 0.5]


def log_error(maturity: float, both: pd.DataFrame) -> np.ndarray:
    """Logarithm of measured over projected volume."""
    grown = [
        growth_ratio(maturity, a, b) for a, b in zip(both.years, both.years_later, strict=True)
    ]
    return np.log(both.volume_m3_ha_later / (both.volume_m3_ha * np.array(grown))).to_numpy()


def best_maturity(both: pd.DataFrame) -> float:
    """Least squares in closed form: ln V2/V1 = b (1/t1 - 1/t2)."""
    reach = 1 / both.years - 1 / both.years_later
    growth = np.log(both.volume_m3_ha_later / both.volume_m3_ha)
    return float((reach * growth).sum() / (reach**2).sum())


def test_growth_projects_plots_it_has_not_seen(shared_data) -> None:
    frame = pd.read_parquet(shared_data / "eucalyptus_yield_plots.parquet")
    frame = frame.assign(years=frame["age_months"] / 12, plot=frame["plot"].astype(str))
    plots = np.random.default_rng(0).permutation(frame["plot"].unique())
    errors, ages = [], []
    for fold in range(5):
        out = frame["plot"].isin(plots[fold::5])
        ages.append(best_maturity(pairs(frame[~out])))
        errors.append(log_error(ages[-1], pairs(frame[out])))
    error = np.concatenate(errors)
    assert len(error) > 150
    rules = statute().at(pd.Timestamp("2026-11-24").date())
    ruled = rules.table("forest.maturity_age")["eucalyptus"]
    assert abs(np.mean(ages) - ruled) < 0.3
    assert np.sqrt((error**2).mean()) < ERROR_HELD
    assert abs(error.mean()) < 0.05
    one_year = pairs(frame).query("years_later - years < 1.5")
    assert log_error(ruled, one_year).std() < 0.16
    growth = np.log(growth_ratio(ruled, 3.0, 6.0))
    claimed = rules.number("forest.growth_error") * growth
    assert 0.1 < claimed < 0.25
