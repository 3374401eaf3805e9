"""Collective construction land by comparison with deals, state land less the gap of ownership."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.construction_land import held_rows
from riskengine.methods.comparison import comparison_method
from riskengine.methods.comparison_plan import is_deals
from riskengine.methods.comparison_rights import CONSTRUCTION_PLAN
from riskengine.methods.construction_facts import construction_term, holding, policy_of
from riskengine.methods.inputs import Column, Inputs
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE


def _term(inputs: Inputs) -> Column:
    """Term of a deal as dealt, of a right as registered within the longest term of its use."""
    return inputs.number("term_years") if is_deals(inputs) else construction_term(inputs)


CONSTRUCTION_DEALS = replace(CONSTRUCTION_PLAN, term=_term)
DEALS = comparison_method(CONSTRUCTION_DEALS)
"""Comparison before anything that the holder still owes."""


def construction_comparison(
    inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]
) -> None:
    """Fill the value by comparison, less rent payable; the prudent value net of tax and levy.

    Parameters
    ----------
    inputs : Inputs
        Construction land.
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        Value [yuan], log error [1], prudent value [yuan] and the workings of every
        comparison.
    """
    DEALS.evaluate(inputs, wanted, out)
    price, error = out[[VALUE, PRUDENT]], out[LOG_ERROR].copy()
    out[:3] = np.nan
    held_rows(holding(inputs), policy_of(inputs), price, error, out)


CONSTRUCTION_COMPARISON = replace(
    DEALS,
    formula=f"{DEALS.formula} - rent payable; state land x (1 - gap of ownership)",
    evaluate=construction_comparison,
)
