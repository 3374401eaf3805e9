"""What timber methods look at: stumpage, quality, and the block of facts they share."""

import numpy as np
from numpy.typing import NDArray

from riskengine.methods import forest_facts as facts
from riskengine.methods.forest_facts import by_species, given, priced
from riskengine.methods.inputs import Column, Inputs


def timber_block(inputs: Inputs) -> NDArray[np.float64]:
    """Gather the timber block of `riskengine.kernels.forest`.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    (30, n) float64
        The block.
    """
    return inputs.once("forest.timber", lambda: _timber_block(inputs))


def _timber_block(inputs: Inputs) -> NDArray[np.float64]:
    """Gather the block, in the order that the kernels document."""
    margin, rent = stumpage(inputs), facts.woodland_rent(inputs)[0]
    cost, cost_error = priced(
        inputs, "planting_cost", "establishment_cost_yuan_per_mu", "cost_evidence_error",
        species=True,
    )  # fmt: skip
    tending, _ = priced(
        inputs, "tending_cost", "tending_cost_yuan_per_mu_year", "cost_evidence_error",
        species=True,
    )  # fmt: skip
    return inputs.stack(
        inputs.number("area_mu"), np.maximum(margin[3], 0.0), margin[4],
        inputs.number("stand_age_years"), by_species(inputs, "rotation_age", "rotation_age_years"),
        by_species(inputs, "maturity_age"), by_species(inputs, "yield_at_rotation"),
        inputs.number("volume_m3_per_mu"), inputs.number("reference_volume_m3_per_mu"),
        inputs.number("harvest_volume_m3_per_mu"), *_quality(inputs), *_volume_errors(inputs),
        given(inputs, "permit_delay_years", inputs.rule("forest.permit_delay")),
        given(inputs, "permit_chance", inputs.rule("forest.permit_chance")),
        inputs.number("quota_share", 1.0), facts.forest_rate(inputs), facts.hazard(inputs),
        facts.forest_term(inputs), facts.land_charge(inputs), facts.overhead(inputs),
        np.maximum(cost - inputs.rule("forest.planting_grant"), 0.0), tending,
        given(inputs, "tending_years", inputs.rule("forest.tending_years")), cost, cost_error,
        inputs.number("survival_share"),
        given(inputs, "required_survival_share", inputs.rule("forest.required_survival")),
        np.where(np.isnan(rent), facts.land_charge(inputs), rent),
    )  # fmt: skip


def stumpage(inputs: Inputs) -> tuple[Column, Column, Column, Column, Column]:
    """Stumpage of one standing m3 by back-calculation, E = W - C - F (市场价倒算).

    One mean price for all assortments; `riskengine.kernels.forestry.stumpage_value`
    takes them one by one.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    tuple of (n,) float64
        Sales W, costs with taxes C, logger's profit F and stumpage E, any sign
        [yuan/m3 standing], and the relative error of E [1], 0 where E is not positive.
    """
    return inputs.once("forest.stumpage", lambda: _stumpage(inputs))


def _stumpage(inputs: Inputs) -> tuple[Column, Column, Column, Column, Column]:
    """Back-calculation, with price and felling cost as its sources of error."""
    price, price_error = facts.log_price(inputs)
    felling, felling_error = priced(
        inputs, "felling_cost", "felling_cost_yuan_per_m3", "cost_evidence_error"
    )
    outturn = by_species(inputs, "outturn", "outturn_share")
    names = ("sales_tax_share", "profit_share", "profit_on_tax")
    tax, share, on_tax = (inputs.rule(f"forest.{name}") for name in names)
    sales, output_cost = price * outturn, felling * outturn
    direct = output_cost + inputs.rule("forest.design_cost")
    profit = share * (direct + on_tax * tax * sales)
    costs = direct + tax * sales
    margin = sales - costs - profit
    by_price = price_error * sales * (1.0 - tax * (1.0 + share * on_tax))
    by_cost = felling_error * output_cost * (1.0 + share)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(margin > 0.0, np.hypot(by_price, by_cost) / margin, 0.0)
    return sales, costs, profit, margin, error


def _quality(inputs: Inputs) -> tuple[Column, Column]:
    """Quality K2, of young stands by height, of grown ones by diameter, and the largest K1."""
    surveyed = inputs.number("survey_attached") == 1.0
    height, diameter = (
        inputs.number(name) / inputs.number(f"reference_{name}")
        for name in ("height_m", "diameter_cm")
    )
    young = np.isin(facts.forest_case(inputs), facts.PLANTED)
    measured = np.where(young, height, diameter)
    measured = np.where(measured > 0.0, measured, 1.0)
    low, high = inputs.rule("forest.quality_low"), inputs.rule("forest.quality_high")
    held = np.minimum(np.maximum(measured, low), high)
    return np.where(surveyed, measured, held), np.where(surveyed, np.inf, high)


def _volume_errors(inputs: Inputs) -> tuple[Column, Column]:
    """Log error of the volume that a stand's felling rests on, and of its growth."""
    known = ~np.isnan(inputs.number("volume_m3_per_mu"))
    error = np.where(known, inputs.rule("forest.volume_error"), site_error(inputs))
    return error, np.where(known, inputs.rule("forest.growth_error"), 0.0)


def site_error(inputs: Inputs) -> Column:
    """Log error of the volume that a site bears at rotation age, whatever stands there today.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    (n,) float64
        Log error [1].
    """
    told = ~np.isnan(inputs.number("harvest_volume_m3_per_mu"))
    error: Column = np.where(
        told, inputs.rule("forest.reference_error"), inputs.rule("forest.yield_table_error")
    )
    return error


def timber_policy(inputs: Inputs) -> NDArray[np.float64]:
    """Gather the timber policy of `riskengine.kernels.forest`.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    (5,) float64
        The policy.
    """
    names = ("ripe_share", "replanting_share", "timber_model_error")
    return np.array([
        *(inputs.rule(f"forest.{name}") for name in names), inputs.rule("income.rate_stress"),
        inputs.rule("forest.age_in_progress"),
    ])  # fmt: skip
