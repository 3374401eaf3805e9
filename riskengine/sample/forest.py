"""Synthetic forest rights."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from riskengine.sample.places import dates_around, sample_regions, sometimes

BY_KIND = {
    "timber": ("fir", "masson_pine", "eucalyptus", "poplar", "larch", "broadleaf"),
    "economic": ("tea_oil", "chestnut", "fruit", "tea"),
    "bamboo": ("moso",),
    "woodland": ("fir", "masson_pine", "eucalyptus"),
    "welfare": ("broadleaf", "masson_pine"),
}
"""Species that occur in each kind."""


def sample_forest(rng: np.random.Generator, size: int, valued_on: date) -> Mapping[str, Any]:
    """Draw synthetic forest rights.

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
        Columns of the forest table, without identifiers.
    """
    day = np.datetime64(valued_on)
    kind = rng.choice(np.array(list(BY_KIND)), size, p=[0.45, 0.2, 0.15, 0.1, 0.1])
    species = np.empty(size, dtype="<U16")
    for name, listed in BY_KIND.items():
        rows = kind == name
        species[rows] = rng.choice(np.array(listed), int(rows.sum()))
    timber, economic, bamboo = kind == "timber", kind == "economic", kind == "bamboo"
    age = np.where(timber | economic, np.round(rng.uniform(0.0, 45.0, size), 0), np.nan)
    age = np.where(bamboo, np.round(rng.uniform(3.0, 30.0, size), 0), age)
    height = np.round(2.0 + 0.5 * np.nan_to_num(age) * rng.lognormal(0.0, 0.1, size), 1)
    on_year = np.round(rng.lognormal(np.log(400.0), 0.4, size), 0)
    return {
        "kind": kind, "region_code": sample_regions(rng, size),
        "area_mu": np.round(rng.lognormal(np.log(80.0), 1.1, size), 1) + 0.5,
        "species": species, "term_end": dates_around(rng, size, day, 1.0, 60.0),
        "stand_age_years": age,
        "volume_m3_per_mu": sometimes(rng, np.where(timber, np.round(rng.uniform(1.0, 14.0, size), 2), np.nan), 0.8),
        "log_price_yuan_per_m3": sometimes(rng, np.where(timber, np.round(rng.lognormal(np.log(760.0), 0.15, size), 0), np.nan), 0.3),
        "survival_share": sometimes(rng, np.where(timber, np.round(rng.uniform(0.6, 1.0, size), 2), np.nan), 0.5),
        "height_m": np.where(timber, height, np.nan),
        "reference_height_m": np.where(timber, np.round(2.0 + 0.5 * np.nan_to_num(age), 1), np.nan),
        "income_yuan_per_mu_year": np.where(economic, np.round(rng.lognormal(np.log(2200.0), 0.4, size), 0), np.nan),
        "cost_yuan_per_mu_year": np.where(economic, np.round(rng.lognormal(np.log(900.0), 0.2, size), 0), np.nan),
        "on_year_income_yuan_per_mu": np.where(bamboo, on_year, np.nan),
        "off_year_income_yuan_per_mu": np.where(bamboo, np.round(0.4 * on_year, 0), np.nan),
        "compensation_yuan_per_mu_year": sometimes(rng, np.where(kind == "welfare", np.round(rng.uniform(14.0, 38.0, size), 1), np.nan), 0.7),
        "permit_delay_years": sometimes(rng, np.where(timber, np.round(rng.uniform(0.0, 3.0, size), 1), np.nan), 0.5),
        "permit_chance": sometimes(rng, np.where(timber, np.round(rng.uniform(0.7, 1.0, size), 2), np.nan), 0.5),
    }  # fmt: skip
