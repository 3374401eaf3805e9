"""Synthetic ecological assets."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.rights.ecology import ECOLOGY
from riskengine.sample.places import dates_around, sample_regions, sometimes

PROJECTS = ("plantation", "bamboo", "shrub", "natural_forest")


def sample_ecology(rng: np.random.Generator, size: int, valued_on: date) -> Mapping[str, Any]:
    """Draw synthetic carbon units, issuance contracts and compensation incomes.

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
        Columns of the ecology table, without identifiers.
    """
    day, none = np.datetime64(valued_on), np.datetime64("NaT", "D")
    code = {name: np.array(ECOLOGY.by_name[name].codes) for name in ("kind", "programme", "stage")}
    kind = rng.choice(code["kind"], size, p=[0.35, 0.35, 0.27, 0.03])
    issued, coming = kind == "carbon_issued", kind == "carbon_contracted"
    income = kind == "compensation"
    programme = rng.choice(code["programme"], size, p=[0.5, 0.2, 0.15, 0.08, 0.01, 0.06])
    carbon = issued | coming
    start = dates_around(rng, size, day, -8.0, 0.5)
    contract = carbon & (rng.random(size) < 0.4)
    return {
        "kind": kind, "region_code": sample_regions(rng, size),
        "programme": _where(carbon, programme),
        "project_type": _where(carbon, rng.choice(np.array(PROJECTS), size)),
        "quantity_t": np.where(issued, np.round(rng.lognormal(9.0, 1.2, size), 2) + 1.0, np.nan),
        "stage": _where(coming, rng.choice(code["stage"], size, p=[0.1, 0.2, 0.5, 0.2])),
        "issued_on": np.where(issued, dates_around(rng, size, day, -3.0, 0.0), none),
        **_carbon(rng, size, coming),
        "crediting_start": np.where(coming, start, none),
        "crediting_end": np.where(
            coming, start + (rng.integers(20, 41, size) * 365).astype("timedelta64[D]"), none
        ),
        "issued_through": np.where(
            coming & (rng.random(size) < 0.3), dates_around(rng, size, day, -3.0, 0.0), none
        ),
        "contract_price_yuan_per_t": np.where(contract, np.round(rng.lognormal(3.9, 0.35, size), 2), np.nan),
        "contract_volume_t": np.where(
            contract & (rng.random(size) < 0.8), np.round(rng.lognormal(9.3, 1.0, size), 0), np.nan
        ),
        "contract_end": np.where(contract, dates_around(rng, size, day, 1.0, 12.0), none),
        "income_yuan_per_year": np.where(income, np.round(rng.lognormal(10.5, 1.2, size), 2), np.nan),
        "income_end": np.where(
            income & (rng.random(size) < 0.7), dates_around(rng, size, day, 1.0, 30.0), none
        ),
    }  # fmt: skip


def _where(marked: NDArray[np.bool_], words: NDArray[Any]) -> NDArray[Any]:
    """Words where marked, nothing elsewhere."""
    cells = np.full(marked.size, None, dtype=object)
    cells[marked] = words[marked]
    return cells


def _carbon(
    rng: np.random.Generator, size: int, coming: NDArray[np.bool_]
) -> dict[str, NDArray[np.float64]]:
    """Figures of issuance still to come."""
    area = np.round(rng.lognormal(np.log(15000.0), 0.9, size), 1) + 1.0
    annual = np.where(rng.random(size) < 0.2, np.round(area * 0.5, 0) + 1.0, np.nan)
    figures = {
        "area_mu": area,
        "yield_t_per_mu_year": sometimes(rng, np.round(rng.uniform(0.15, 1.4, size), 3), 0.8),
        "expected_t_per_year": annual,
        "issuance_interval_years": sometimes(rng, rng.integers(3, 6, size).astype(float), 0.7),
        "developer_share": sometimes(rng, np.round(rng.uniform(0.2, 0.5, size), 2), 0.6),
        "buffer_share": sometimes(rng, np.full(size, 0.1), 0.4),
        "verification_cost_yuan": sometimes(rng, np.round(rng.lognormal(11.9, 0.3, size), 0), 0.4),
        "validation_cost_yuan": sometimes(rng, np.round(rng.lognormal(12.3, 0.3, size), 0), 0.2),
    }
    return {name: np.where(coming, values, np.nan) for name, values in figures.items()}
