"""Synthetic collective construction land."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from riskengine.sample.places import dates_around, sample_regions, sometimes

USES = ("industrial", "warehouse", "commercial", "tourism", "rental_housing", "public")
LEVEL = dict(zip(USES, (180.0, 200.0, 650.0, 520.0, 560.0, 260.0), strict=True))
"""Usual price of land of each use [yuan/m2]."""


def sample_construction(rng: np.random.Generator, size: int, valued_on: date) -> Mapping[str, Any]:
    """Draw synthetic collective construction land.

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
        Columns of the construction table, without identifiers.
    """
    day, none = np.datetime64(valued_on), np.datetime64("NaT", "D")
    kind = rng.choice(np.array(["grant", "contribution", "lease"]), size, p=[0.75, 0.10, 0.15])
    use = rng.choice(np.array(USES), size, p=[0.45, 0.15, 0.20, 0.10, 0.06, 0.04])
    level = np.array([LEVEL[name] for name in use]) * rng.lognormal(0.0, 0.2, size)
    lease = kind == "lease"
    flat = np.isin(use, ["industrial", "warehouse", "public"])
    ratio = np.where(flat, rng.uniform(0.6, 1.8, size), rng.uniform(0.8, 2.8, size))
    ratio = np.round(ratio, 2).astype(np.float64)
    area = np.round(rng.lognormal(np.log(9000.0), 0.9, size), 1)
    began = dates_around(rng, size, day, -9.0, -0.1)
    term = dates_around(rng, size, day, 12.0, 48.0)
    benchmark = rng.random(size) < 0.5
    built = rng.random(size) < 0.45
    let = built & (rng.random(size) < 0.8)
    ground = ~let & (rng.random(size) < 0.25)
    planned = np.round(rng.lognormal(np.log(1350.0), 0.15, size), 0)
    price = 1.12 * (1.2 * level / ratio + 1.23 * planned) * rng.lognormal(0.0, 0.02, size)
    paid = rng.random(size) < 0.6
    return {
        "kind": kind, "region_code": sample_regions(rng, size), "area_m2": area, "land_use": use,
        "granted_on": np.where(rng.random(size) < 0.9, began, none),
        "term_end": np.where(rng.random(size) < 0.98, term, none),
        "plot_ratio": sometimes(rng, ratio, 0.9),
        "benchmark_price_yuan_per_m2": np.where(benchmark, np.round(1.2 * level, 0), np.nan),
        "benchmark_on": np.where(benchmark, dates_around(rng, size, day, -5.0, -0.2), none),
        "benchmark_ownership": np.where(
            benchmark, np.where(rng.random(size) < 0.3, "collective", "state"), ""
        ),
        "benchmark_factors": np.where(benchmark, np.round(rng.uniform(-0.15, 0.15, size), 3), np.nan),
        "development_gap_yuan_per_m2": sometimes(rng, np.round(rng.uniform(-30.0, 30.0, size), 0), 0.1),
        "land_rent_yuan_per_m2_year": np.where(ground, np.round(0.065 * level, 2), np.nan),
        "rent_payable_yuan_per_m2_year": np.where(lease, np.round(0.03 * level, 2), np.nan),
        "rent_paid_through": np.where(lease, dates_around(rng, size, day, 0.0, 3.0), none),
        "floor_rent_yuan_per_m2_year": np.where(
            let, np.round((140.0 + 0.09 * level) * rng.lognormal(0.0, 0.08, size), 1), np.nan
        ),
        "vacancy_share": sometimes(rng, np.round(rng.uniform(0.0, 0.3, size), 2), 0.3),
        "building_area_m2": np.where(built, np.round(area * np.minimum(ratio, 1.2), 1), np.nan),
        "building_structure": np.where(
            rng.random(size) < 0.95, np.where(flat, "light_steel", "reinforced_concrete"), ""
        ),
        "building_cost_yuan_per_m2": sometimes(rng, np.round(rng.lognormal(np.log(1300.0), 0.2, size), 0), 0.5),
        "building_built_on": np.where(built, dates_around(rng, size, day, -12.0, -0.3), none),
        "completed_price_yuan_per_m2": np.where(~let & (rng.random(size) < 0.8), np.round(price, 0), np.nan),
        "development_cost_yuan_per_m2": np.where(~let & (rng.random(size) < 0.95), planned, np.nan),
        "acquisition_cost_yuan_per_m2": np.where(paid, np.round(0.55 * level, 0), np.nan),
        "works_cost_yuan_per_m2": np.where(paid, np.round(0.25 * level, 0), np.nan),
        "works_years": np.where(paid, np.round(rng.uniform(0.5, 2.5, size), 1), np.nan),
        "levy_share": sometimes(rng, np.round(rng.uniform(0.2, 0.5, size), 2), 0.6),
        "road_distance_km": sometimes(rng, np.round(rng.exponential(1.5, size), 1), 0.6),
    }  # fmt: skip
