"""From market value to lending value: haircuts, forced sale, prior claims, caps."""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.lending import lending_rows, sale_rows
from riskengine.market.quotes import side_by_side
from riskengine.market.snapshot import ANY
from riskengine.methods.inputs import Codes, Inputs
from riskengine.methods.method import Approach

LENDING_FIGURES = (
    "lending_basis_yuan", "volatility_haircut", "total_haircut", "forced_sale_value_yuan",
    "months_to_sell", "lending_value_yuan",
)  # fmt: skip
"""Figures in the order of `riskengine.kernels.lending.lending_rows`."""


def lending(
    inputs: Inputs, approach: Approach, case: Codes, reconciled: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What may be lent on every right, before the law of its pledge is asked.

    Parameters
    ----------
    inputs : Inputs
        The rights, the market and the rules.
    approach : Approach
        How this kind of right is valued.
    case : (n,) int64
        Case of every right.
    reconciled : (10, n) float64
        As `riskengine.kernels.reconcile.reconcile_rows` fills it.

    Returns
    -------
    (6, n) float64
        Figures named by `LENDING_FIGURES`.
    """
    table = approach.contract.table
    caps = inputs.rules.table("lending.loan_to_value_cap")
    inputs.asked["rule:lending.loan_to_value_cap"] = "lending.loan_to_value_cap"
    cap = np.array([float(caps[name]) for name in approach.cases])
    terms, sale_index = side_by_side(
        *(
            inputs.quotes(name, (table,))
            for name in ("volatility", "years_to_sell", "liquidity_haircut", "sale_cost")
        )
    )
    has_arrears = "rent_arrears_yuan" in approach.contract.by_name
    claims = inputs.stack(
        inputs.number("last_price_yuan"), -inputs.years_to("last_price_on"),
        inputs.number("prior_claims_yuan"),
        inputs.number("rent_arrears_yuan") if has_arrears else 0.0,
    )  # fmt: skip
    policy = np.array([
        inputs.rule("reconcile.divergence_ratio"), inputs.rule("lending.last_price_age"),
        inputs.rule("lending.normal_quantile"), inputs.rule("lending.drift"),
        inputs.rule("lending.model_haircut"), inputs.rule("lending.buffer"),
        inputs.market.quote("risk_free_rate", "", ANY).value,
        inputs.rule("lending.prior_claim_ratio"), inputs.rule("lending.first_reserve"),
        inputs.rule("lending.second_reserve"), inputs.rule("lending.first_round_chance"),
        inputs.rule("lending.later_round_chance"),
    ])  # fmt: skip
    sales = np.empty((5, terms.shape[1]))
    sale_rows(terms, policy, sales)
    out = np.empty((len(LENDING_FIGURES), inputs.size))
    lending_rows(reconciled, claims, cap, case, sales, sale_index, policy, out)
    return out
