"""Synthetic comparable deals."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from riskengine.sample.places import dates_around, sample_regions, sometimes

TABLES = ("land", "homestead", "forest", "construction")
LAND_CATEGORIES = ("paddy", "irrigated", "dry", "vegetable", "orchard")
TIMBER = ("fir", "masson_pine", "eucalyptus")
SITES = ("industrial", "commercial")


def sample_comparables(rng: np.random.Generator, size: int, valued_on: date) -> Mapping[str, Any]:
    """Draw synthetic comparable deals around the sample's places.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    size : int
        Rows.
    valued_on : datetime.date
        Valuation date before which the deals were made.

    Returns
    -------
    mapping of str to array
        Columns of the table of comparables, without identifiers.
    """
    table = rng.choice(np.array(TABLES), size, p=[0.6, 0.15, 0.15, 0.1])
    land, house, wood, site = (table == name for name in TABLES)
    day = np.datetime64(valued_on)
    deal_on = dates_around(rng, size, day, -3.0, 0.0)
    typical = np.select([land, house, wood], [650.0, 900.0, 4000.0], 350.0)
    basis = np.select([land, wood], ["rent_per_mu_year", "price_per_mu"], "price_per_m2")
    category = np.select(
        [land, wood, site],
        [rng.choice(LAND_CATEGORIES, size), rng.choice(TIMBER, size), rng.choice(SITES, size)],
        "",
    )
    return {
        "table": table,
        "kind": np.select([house, wood], ["farmhouse", "timber"], ""),
        "category": category,
        "region_code": sample_regions(rng, size),
        "deal_on": deal_on,
        "basis": basis,
        "unit_price_yuan": np.round(typical * rng.lognormal(0.0, 0.25, size), 2),
        "term_years": np.where(site, np.round(rng.uniform(20.0, 45.0, size), 1), np.nan),
        "soil_grade": np.where(land, sometimes(rng, np.round(rng.uniform(1, 10, size)), 0.6), np.nan),
        "irrigated_share": np.where(land, sometimes(rng, np.round(rng.random(size), 2), 0.6), np.nan),
        "volume_m3_per_mu": np.where(wood, np.round(rng.uniform(5.0, 14.0, size), 1), np.nan),
        "structure": np.where(house, rng.choice(["brick_concrete", "brick_timber"], size), ""),
        "built_on": np.where(
            house, deal_on - rng.integers(400, 12000, size).astype("timedelta64[D]"),
            np.datetime64("NaT", "D"),
        ),
        "plot_ratio": np.where(site, np.round(rng.uniform(0.8, 2.0, size), 2), np.nan),
        "land_tenure": np.where(site, rng.choice(["collective", "state"], size), ""),
        "arms_length": rng.random(size) < 0.95,
        "related_party": rng.random(size) < 0.03,
        "distressed": rng.random(size) < 0.02,
    }  # fmt: skip
