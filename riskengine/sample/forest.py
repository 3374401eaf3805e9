"""Synthetic forest rights."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.sample.places import dates_around, sample_regions, sometimes

BY_KIND = {
    "timber": ("fir", "masson_pine", "larch", "eucalyptus", "poplar", "broadleaf"),
    "economic": ("tea_oil", "chestnut", "fruit", "tea"),
    "bamboo": ("moso",),
    "woodland": ("fir", "masson_pine", "eucalyptus", "poplar"),
    "welfare": ("broadleaf", "masson_pine"),
}
"""Species that occur in each kind."""

RIPE_AGE = {
    "fir": 26.0, "masson_pine": 31.0, "larch": 41.0, "eucalyptus": 6.0, "poplar": 16.0,
    "broadleaf": 31.0,
}  # fmt: skip
"""Age at which invented stands are felled."""


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
    ripe = np.full(size, np.nan)
    for name, listed in BY_KIND.items():
        rows = np.flatnonzero(kind == name)
        species[rows] = rng.choice(np.array(listed), rows.size)
    for name, age in RIPE_AGE.items():
        ripe[species == name] = age
    scope = np.where(rng.random(size) < 0.7, "land_and_trees", "trees").astype("<U16")
    scope[kind == "woodland"] = "land"
    stand, crop = _stand(rng, kind == "timber", ripe), _crop(rng, kind)
    grown = np.round(rng.uniform(1.0, 28.0, size), 0)
    bearing = (kind == "economic") | (kind == "bamboo")
    stand["stand_age_years"] = np.where(bearing, grown, stand["stand_age_years"])
    return {
        "kind": kind, "region_code": sample_regions(rng, size),
        "area_mu": np.round(rng.lognormal(np.log(80.0), 1.1, size), 1) + 0.5,
        "species": species, "right_scope": scope,
        "term_end": np.where(rng.random(size) < 0.98, dates_around(rng, size, day, 1.0, 60.0), np.datetime64("NaT", "D")),
        "quota_share": sometimes(rng, np.where(kind == "timber", np.round(rng.uniform(0.2, 1.0, size), 2), np.nan), 0.2),
        "contract_rent_yuan_per_mu_year": sometimes(rng, np.round(rng.uniform(5.0, 60.0, size), 0), 0.2),
        "fire_insured": rng.random(size) < 0.4,
        **stand, **crop,
        "compensation_yuan_per_mu_year": sometimes(rng, np.where(kind == "welfare", np.round(rng.uniform(14.0, 38.0, size), 1), np.nan), 0.7),
    }  # fmt: skip


def _stand(
    rng: np.random.Generator, timber: NDArray[np.bool_], ripe: NDArray[np.float64]
) -> dict[str, Any]:
    """Facts of timber stands."""
    size = timber.size
    age = np.maximum(np.round(ripe * rng.uniform(0.02, 1.5, size), 0), 1.0)
    share = np.exp(0.7 * (1.0 - ripe / age))
    volume = np.round(9.0 * share * rng.lognormal(0.0, 0.25, size), 2)
    height = np.round(1.0 + 16.0 * share**0.5, 1)

    def some(values: NDArray[np.float64], chance: float) -> NDArray[np.float64]:
        return sometimes(rng, np.where(timber, values, np.nan), chance)

    return {
        "stand_age_years": some(age, 0.98),
        "rotation_age_years": some(ripe, 0.2),
        "volume_m3_per_mu": some(volume, 0.9),
        "reference_volume_m3_per_mu": some(np.round(9.0 * share, 2) + 0.01, 0.15),
        "harvest_volume_m3_per_mu": some(np.round(rng.uniform(6.0, 15.0, size), 1), 0.15),
        "diameter_cm": some(np.round(1.0 + 18.0 * share, 1), 0.2),
        "reference_diameter_cm": some(np.round(2.0 + 17.0 * share, 1), 0.5),
        "height_m": some(np.round(height * rng.lognormal(0.0, 0.1, size), 1), 0.6),
        "reference_height_m": some(height, 0.9),
        "survival_share": some(np.round(rng.uniform(0.5, 1.0, size), 2), 0.6),
        "survey_attached": rng.random(size) < 0.3,
        "outturn_share": some(np.round(rng.uniform(0.6, 0.75, size), 2), 0.3),
        "log_price_yuan_per_m3": some(np.round(rng.lognormal(np.log(700.0), 0.12, size), 0), 0.4),
        "felling_cost_yuan_per_m3": some(np.round(rng.uniform(150.0, 250.0, size), 0), 0.4),
        "permit_delay_years": some(np.round(rng.uniform(0.0, 3.0, size), 1), 0.4),
        "permit_chance": some(np.round(rng.uniform(0.7, 1.0, size), 2), 0.4),
        "tending_cost_yuan_per_mu_year": some(np.round(rng.uniform(120.0, 260.0, size), 0), 0.3),
        "tending_years": some(np.round(rng.uniform(1.0, 5.0, size), 0), 0.3),
        "overhead_yuan_per_mu_year": some(np.round(rng.uniform(2.0, 20.0, size), 0), 0.3),
        "establishment_cost_yuan_per_mu": some(np.round(rng.uniform(350.0, 700.0, size), 0), 0.5),
    }


def _crop(rng: np.random.Generator, kind: NDArray[np.str_]) -> dict[str, Any]:
    """Facts of orchards and bamboo."""
    size = kind.size
    economic, bamboo = kind == "economic", kind == "bamboo"
    gross = np.round(rng.lognormal(np.log(2200.0), 0.4, size), 0)
    on_year = np.round(rng.lognormal(np.log(500.0), 0.4, size), 0)
    known = rng.random(size) < 0.8
    return {
        "income_yuan_per_mu_year": np.where(economic & known, gross, np.nan),
        "cost_yuan_per_mu_year": np.where(economic & known, np.round(0.42 * gross, 0), np.nan),
        "on_year_income_yuan_per_mu": np.where(bamboo & known, on_year, np.nan),
        "off_year_income_yuan_per_mu": np.where(bamboo & known, np.round(0.4 * on_year, 0), np.nan),
        "next_year_on": rng.random(size) < 0.5,
    }
