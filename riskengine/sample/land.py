"""Synthetic land management rights."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from riskengine.rights.land import LAND
from riskengine.sample.places import dates_around, sample_regions, sometimes


def sample_land(rng: np.random.Generator, size: int, valued_on: date) -> Mapping[str, Any]:
    """Draw synthetic land management rights.

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
        Columns of the land table, without identifiers.
    """
    day = np.datetime64(valued_on)
    kinds = np.array(LAND.by_name["kind"].codes)
    uses = np.array(LAND.by_name["land_use"].codes)
    kind = rng.choice(kinds, size, p=[0.40, 0.35, 0.10, 0.10, 0.05])
    use = rng.choice(uses, size, p=[0.30, 0.25, 0.20, 0.10, 0.06, 0.04, 0.02, 0.03])
    leased = np.char.startswith(kind, "lease")
    rent = np.round(rng.lognormal(np.log(650.0), 0.30, size), 0)
    contract_end = dates_around(rng, size, day, 1.0, 31.0)
    lease_end = np.minimum(dates_around(rng, size, day, 0.5, 20.0), contract_end)
    built = np.where(rng.random(size) < 0.2, np.round(rng.lognormal(11.0, 0.8, size), 0), np.nan)
    has_crop = rng.random(size) < 0.3
    none = np.datetime64("NaT", "D")
    return {
        "kind": kind, "region_code": sample_regions(rng, size),
        "area_mu": np.round(rng.lognormal(np.log(40.0), 1.0, size), 1) + 0.1,
        "land_use": use,
        "permanent_basic_farmland": rng.random(size) < 0.5,
        "contract_end": contract_end,
        "lease_end": np.where(leased, lease_end, none),
        "contract_rent_yuan_per_mu_year": np.where(leased, rent, np.nan),
        "rent_step_years": np.where(leased & (rng.random(size) < 0.2), 3.0, np.nan),
        "rent_step_share": np.where(leased & (rng.random(size) < 0.2), 0.05, np.nan),
        "rent_reviewed_on": np.where(leased, dates_around(rng, size, day, -3.0, 0.0), none),
        "rent_prepaid_through": np.where(
            np.isin(kind, ["lease_prepaid", "lease_mixed"]), dates_around(rng, size, day, 0.0, 6.0), none
        ),
        "rent_prepaid_share": np.where(kind == "lease_mixed", np.round(rng.uniform(0.2, 0.8, size), 2), np.nan),
        "rent_in_advance": rng.random(size) < 0.6,
        "market_rent_yuan_per_mu_year": sometimes(rng, np.round(rent * rng.lognormal(0.05, 0.15, size), 0), 0.4),
        "soil_grade": sometimes(rng, np.round(rng.uniform(1.0, 10.0, size), 0), 0.6),
        "irrigated_share": sometimes(rng, np.round(rng.random(size), 2), 0.6),
        "slope_degrees": sometimes(rng, np.round(rng.exponential(3.0, size), 1).clip(0.0, 60.0), 0.5),
        "facilities_cost_yuan": built,
        "facilities_built_on": np.where(np.isnan(built), none, dates_around(rng, size, day, -12.0, -0.5)),
        "facilities_life_years": np.where(np.isnan(built), np.nan, 15.0),
        "crop_cost_yuan": np.where(has_crop, np.round(rng.lognormal(9.0, 0.7, size), 0), np.nan),
        "crop_cost_on": np.where(has_crop, dates_around(rng, size, day, -0.5, -0.1), none),
        "crop_income_yuan": np.where(has_crop, np.round(rng.lognormal(9.8, 0.7, size), 0), np.nan),
        "crop_finish_cost_yuan": np.where(has_crop, np.round(rng.lognormal(8.0, 0.5, size), 0), np.nan),
        "crop_harvest_on": np.where(has_crop, dates_around(rng, size, day, 0.05, 0.7), none),
    }  # fmt: skip
