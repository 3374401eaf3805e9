"""What it costs to build, for every right that has buildings."""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.pulled import pulled_rows
from riskengine.methods.inputs import Codes, Column, Inputs
from riskengine.methods.tables import code_tables


def pulled(
    inputs: Inputs, prices: NDArray[np.float64], index: Codes, own: Column, own_error: float
) -> NDArray[np.float64]:
    """Return prices of places pulled by what is known of each right, which may contradict them.

    Parameters
    ----------
    inputs : Inputs
        Rights.
    prices : (2, q) float64
        Distinct prices of places and standard errors of their logarithms [1].
    index : (n,) int64
        Which of them each right takes.
    own : (n,) float64
        Price known of each, same unit; NaN where none.
    own_error : float
        Standard error of its logarithm [1].

    Returns
    -------
    (2, n) float64
        Price, same unit, and standard error of its logarithm [1].
    """
    out = np.empty((2, inputs.size))
    pulled_rows(prices, index, own, own_error, out)
    inputs.doubt(prices, index, own, own_error)
    return out


def building_cost(inputs: Inputs, structure: str) -> NDArray[np.float64]:
    """Cost of building today: the place's, scaled to the structure, pulled by the row's own.

    Parameters
    ----------
    inputs : Inputs
        Rights with a ``building_cost_yuan_per_m2`` column.
    structure : str
        Code column of the structure.

    Returns
    -------
    (2, n) float64
        Cost [yuan/m2] and standard error of its logarithm [1].
    """

    def cost() -> NDArray[np.float64]:
        quotes = inputs.quotes("building_cost")
        growth = np.log1p(inputs.rule("homestead.building_cost_growth"))
        today = quotes.fields("value") * np.exp(quotes.fields("age_years") * growth)
        (ratios,) = code_tables(inputs, structure, "homestead.structure_cost_ratio")
        prices = np.stack([
            np.outer(today, ratios).ravel(), np.repeat(quotes.fields("log_error"), ratios.size)
        ])  # fmt: skip
        index = quotes.index * ratios.size + inputs.code(structure) % ratios.size
        return pulled(
            inputs, prices, index, inputs.number("building_cost_yuan_per_m2"),
            inputs.rule("homestead.building_cost_evidence_error"),
        )  # fmt: skip

    return inputs.once("building_cost", cost)
