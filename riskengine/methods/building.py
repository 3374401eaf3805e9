"""What it costs to build, for every right that has buildings."""

import numpy as np

from riskengine.methods.inputs import Column, Inputs


def building_cost(inputs: Inputs, structure: str) -> tuple[Column, Column]:
    """Cost of building today: the place's, scaled to the structure, pulled by the row's own.

    Parameters
    ----------
    inputs : Inputs
        Rights with a ``building_cost_yuan_per_m2`` column.
    structure : str
        Code column of the structure.

    Returns
    -------
    tuple of (n,) float64
        Cost [yuan/m2] and standard error of its logarithm [1].
    """

    def cost() -> tuple[Column, Column]:
        quotes = inputs.quotes("building_cost")
        grown = np.exp(
            quotes.column("age_years") * np.log1p(inputs.rule("homestead.building_cost_growth"))
        )
        ratio = inputs.rule_by_code("homestead.structure_cost_ratio", structure)
        return inputs.combine(
            quotes.column("value") * grown * ratio, quotes.column("log_error"),
            inputs.number("building_cost_yuan_per_m2"),
            inputs.rule("homestead.building_cost_evidence_error"),
        )  # fmt: skip

    return inputs.once("building_cost", cost)
