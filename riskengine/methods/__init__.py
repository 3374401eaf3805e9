"""The methods of valuation, one file per right; the formulas are in the kernels."""

from collections.abc import Mapping

from riskengine.methods.land import LAND_APPROACH
from riskengine.methods.method import Approach, Inputs, Method, Working

APPROACHES: Mapping[str, Approach] = {
    approach.contract.table: approach for approach in (LAND_APPROACH,)
}
"""How each kind of right is valued, by table name."""

__all__ = ["APPROACHES", "Approach", "Inputs", "Method", "Working"]
