"""Synthetic farmhouses."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from riskengine.rights.homestead import HOMESTEAD
from riskengine.sample.places import dates_around, sample_regions, sometimes


def sample_homestead(rng: np.random.Generator, size: int, valued_on: date) -> Mapping[str, Any]:
    """Draw synthetic farmhouses with homestead use right.

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
        Columns of the homestead table, without identifiers.
    """
    day, none = np.datetime64(valued_on), np.datetime64("NaT", "D")
    structures = np.array(HOMESTEAD.by_name["structure"].codes)
    pools = np.array(HOMESTEAD.by_name["buyer_pool"].codes)
    use_right = rng.random(size) < 0.2
    let = use_right | (rng.random(size) < 0.25)
    area = np.round(rng.lognormal(np.log(170.0), 0.35, size), 1)
    built = dates_around(rng, size, day, -40.0, -0.2)
    cost = np.round(area * rng.lognormal(np.log(1150.0), 0.2, size), 0)
    fitted, equipped = rng.random(size) < 0.5, rng.random(size) < 0.2
    rented = let & (rng.random(size) < 0.5)
    rent = np.round(area * rng.lognormal(np.log(45.0), 0.4, size), -2) + 100.0
    began = dates_around(rng, size, day, -8.0, -0.05)
    return {
        "kind": np.where(use_right, "use_right", "farmhouse"),
        "region_code": sample_regions(rng, size), "building_area_m2": area,
        "plot_area_m2": sometimes(rng, np.round(rng.uniform(70.0, 260.0, size), 1), 0.8),
        "structure": rng.choice(structures, size, p=[0.30, 0.40, 0.18, 0.05, 0.03, 0.04]),
        "storeys": sometimes(rng, np.round(rng.uniform(1.0, 4.0, size), 0), 0.9),
        "built_on": np.where(rng.random(size) < 0.97, built, none),
        "building_cost_yuan_per_m2": sometimes(rng, np.round(cost / area, 0), 0.4),
        "repair_cost_yuan": sometimes(rng, np.round(0.03 * cost * rng.random(size), 0), 0.3),
        "fitout_cost_yuan": np.where(fitted, np.round(0.2 * cost, 0), np.nan),
        "fitout_on": np.where(fitted & (rng.random(size) < 0.6), np.maximum(built, began), none),
        "equipment_cost_yuan": np.where(equipped, np.round(0.08 * cost, 0), np.nan),
        "equipment_on": np.where(equipped & (rng.random(size) < 0.6), np.maximum(built, began), none),
        "inspected_newness": sometimes(rng, np.round(rng.uniform(0.35, 1.0, size), 2), 0.4),
        "functional_loss_yuan": sometimes(rng, np.round(0.05 * cost, 0), 0.05),
        "term_start": np.where(use_right, began, none),
        "term_end": np.where(use_right, dates_around(rng, size, day, 0.5, 25.0), none),
        "reverts_uncompensated": use_right & (rng.random(size) < 0.5),
        "buyer_pool": np.where(
            rng.random(size) < 0.9, rng.choice(pools, size, p=[0.7, 0.15, 0.12, 0.03]), ""
        ),
        "exit_price_yuan_per_m2": sometimes(rng, np.round(rng.lognormal(np.log(350.0), 0.5, size), 0), 0.1),
        "let": let,
        "market_rent_yuan_per_m2_year": sometimes(rng, np.round(rng.lognormal(np.log(45.0), 0.4, size), 1), 0.3),
        "contract_rent_yuan_per_year": np.where(rented, rent, np.nan),
        "contract_rent_until": np.where(rented, dates_around(rng, size, day, 0.1, 9.0), none),
        "tenant_bears_costs": rng.random(size) < 0.3,
        "rent_payable_yuan_per_year": np.where(use_right & (rng.random(size) < 0.3), np.round(0.4 * rent, 0), np.nan),
        "rent_paid_through": np.where(use_right, dates_around(rng, size, day, 0.0, 1.0), none),
        "rent_in_advance": rng.random(size) < 0.6,
        "vacancy_share": sometimes(rng, np.round(rng.uniform(0.1, 0.5, size), 2), 0.3),
        "sole_dwelling": rng.random(size) < 0.3,
        "other_dwelling": rng.random(size) < 0.6,
        "road_distance_km": sometimes(rng, np.round(rng.exponential(2.0, size), 1), 0.6),
    }  # fmt: skip
