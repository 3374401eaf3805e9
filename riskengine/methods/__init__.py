"""The methods of valuation, one file per right; the formulas are in the kernels."""

from collections.abc import Mapping

from riskengine.methods.construction import CONSTRUCTION_APPROACH
from riskengine.methods.ecology import ECOLOGY_APPROACH
from riskengine.methods.equity import EQUITY_APPROACH
from riskengine.methods.forest import FOREST_APPROACH
from riskengine.methods.homestead import HOMESTEAD_APPROACH
from riskengine.methods.inputs import Inputs
from riskengine.methods.land import CASES, LAND_INCOME, land_case, land_term
from riskengine.methods.land_attachments import LAND_CROPS, LAND_FACILITIES
from riskengine.methods.land_comparison import LAND_COMPARISON, LAND_SCORE
from riskengine.methods.land_price import LAND_BENCHMARK, LAND_COST
from riskengine.methods.learned import LAND_LEARNED
from riskengine.methods.method import Approach, Method, Working
from riskengine.rights.land import LAND

LAND_APPROACH = Approach(
    LAND,
    (
        LAND_INCOME, LAND_COMPARISON, LAND_BENCHMARK, LAND_COST, LAND_LEARNED, LAND_SCORE,
        LAND_FACILITIES, LAND_CROPS,
    ),
    CASES, land_case, land_term, ("land_rent",) * len(CASES),
)  # fmt: skip

APPROACHES: Mapping[str, Approach] = {
    approach.contract.table: approach
    for approach in (
        LAND_APPROACH,
        FOREST_APPROACH,
        EQUITY_APPROACH,
        ECOLOGY_APPROACH,
        HOMESTEAD_APPROACH,
        CONSTRUCTION_APPROACH,
    )
}
"""How each kind of right is valued, by table name."""

__all__ = ["APPROACHES", "Approach", "Inputs", "Method", "Working"]
