"""Official current agricultural use values of Ohio soils, 2010-2014, by the income method.

The recipe beside the data, and one thing it does not say: soils of regions 10 and
11 (organic soils, flood plains) are valued on corn and soybeans in equal parts.
That was inferred from mismatches seen across all five years: it is no blind check.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from riskengine.kernels.discount import annuity_factor
from riskengine.kernels.rent import farm_net_income

SOILS, PARAMETERS = "ohio_cauv_soils.parquet", "ohio_cauv_parameters.parquet"
CROPS = ("corn", "soy", "wheat")
LOWLAND = (10, 11)
LOWLAND_SHARES = {"corn": 0.5, "soy": 0.5, "wheat": 0.0}
LEAST = {2010: 200.0, 2011: 300.0, 2012: 350.0, 2013: 350.0, 2014: 350.0}
LEAST_INDEX = 56


@dataclass(frozen=True)
class Year:
    """How many soils of a year come out to the dollar."""

    year: int
    soils: int
    exact: float
    exact_without_lowland: float
    largest_difference: float


def half_up(values: np.ndarray) -> np.ndarray:
    """Round to whole numbers, halves up, as the official tables do."""
    return np.floor(values + 0.5)


def net_return(soil: pd.DataFrame, given: pd.Series, lowland: bool = True) -> np.ndarray:
    """Net return of every soil over its rotation [dollar/acre/year]."""
    low = soil["soil_region"].isin(LOWLAND).to_numpy() & lowland
    total = np.zeros(len(soil))
    for crop in CROPS:
        base = given[f"{crop}_base_odt"]
        grown = half_up((soil[f"{crop}_base"] * given[f"{crop}_yield_adj_odt"]).to_numpy())
        cost = given[f"{crop}_cost_add_odt"] * (grown - base) + given[f"{crop}_cost_odt"]
        net = [
            farm_net_income(gross, spent, 0.0, 0.0)
            for gross, spent in zip(grown * given[f"{crop}_price_odt"], cost, strict=True)
        ]
        share = np.where(low, LOWLAND_SHARES[crop], given[f"{crop}_rotate_odt"])
        total += share * np.array(net)
    return total


def use_value(soil: pd.DataFrame, given: pd.Series, year: int, lowland: bool = True) -> np.ndarray:
    """Value of every soil: net return for ever, to ten dollars, not below the year's least."""
    forever = annuity_factor(given["cap_rate_odt"], math.inf)
    value = 10.0 * half_up(net_return(soil, given, lowland) * forever / 10.0)
    poor = soil["prod_index"].to_numpy() < LEAST_INDEX
    return np.where(poor, LEAST[year], np.maximum(value, LEAST[year]))


def study(folder: Path) -> list[Year]:
    """Every year against the official values."""
    soils = pd.read_parquet(folder / SOILS)
    parameters = pd.read_parquet(folder / PARAMETERS).set_index("year")
    found = []
    for year, soil in soils.groupby("year"):
        official, given = soil["cropland"].to_numpy(float), parameters.loc[year]
        value = use_value(soil, given, int(year))
        bare = use_value(soil, given, int(year), lowland=False)
        found.append(Year(
            int(year), len(soil), float((value == official).mean()),
            float((bare == official).mean()), float(np.abs(value - official).max()),
        ))  # fmt: skip
    return found
