"""Collective operating construction land (集体经营性建设用地): which ways apply to which right."""

import numpy as np

from riskengine.methods.construction_comparison import CONSTRUCTION_COMPARISON
from riskengine.methods.construction_facts import construction_term
from riskengine.methods.construction_income import (
    CONSTRUCTION_BUILDINGS,
    CONSTRUCTION_INCOME,
    CONSTRUCTION_RESIDUAL,
)
from riskengine.methods.construction_price import (
    CONSTRUCTION_BENCHMARK,
    CONSTRUCTION_COST,
    CONSTRUCTION_DEAL_PRICE,
)
from riskengine.methods.inputs import Codes, Inputs
from riskengine.methods.method import Approach
from riskengine.rights.construction import CONSTRUCTION

CASES = ("construction_income", "construction_residual", "construction_bare")
"""Rows of the method matrix: land that earns a rent, land to be developed, neither known."""


def construction_case(inputs: Inputs) -> Codes:
    """Position in `CASES` of every right, by the facts that are known of it.

    Parameters
    ----------
    inputs : Inputs
        Construction land.

    Returns
    -------
    (n,) int64
        Positions: income where a rent is known, else residual where the completed
        floor has a price or a rent, else bare.
    """
    floor = ~np.isnan(inputs.number("floor_rent_yuan_per_m2_year"))
    built = inputs.number("building_area_m2", 0.0) > 0.0
    land = ~np.isnan(inputs.number("land_rent_yuan_per_m2_year"))
    completed = floor | ~np.isnan(inputs.number("completed_price_yuan_per_m2"))
    case: Codes = np.where(land | (floor & built), 0, np.where(completed, 1, 2)).astype(np.int64)
    return case


CONSTRUCTION_APPROACH = Approach(
    CONSTRUCTION,
    (
        CONSTRUCTION_COMPARISON, CONSTRUCTION_INCOME, CONSTRUCTION_RESIDUAL,
        CONSTRUCTION_BENCHMARK, CONSTRUCTION_DEAL_PRICE, CONSTRUCTION_COST, CONSTRUCTION_BUILDINGS,
    ),
    CASES, construction_case, construction_term, ("construction_price",) * len(CASES),
)  # fmt: skip
