"""What timber methods look at: the block of facts they share, and their policy."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.forest_stand import stand_rows
from riskengine.market.quotes import NO_QUOTE, Quotes
from riskengine.methods import forest_facts as facts
from riskengine.methods.inputs import Inputs

GROWING, GROWN, PLANTED, BARE = (0, 1, 2), (3, 4, 5), (0, 6, 7, 9), (11,)
"""Cases of timber below maturity, from there on, of what is valued by its planting, of land."""

FELLED = (*GROWING, *GROWN, *BARE)
ALL = (*FELLED, *PLANTED)
FACTS: Mapping[str, tuple[int, ...]] = {
    "volume_m3_per_mu": (*GROWING, *GROWN), "reference_volume_m3_per_mu": GROWING,
    "harvest_volume_m3_per_mu": (*GROWING, *BARE), "height_m": PLANTED,
    "reference_height_m": PLANTED, "diameter_cm": (1, 2, 7), "reference_diameter_cm": (1, 2, 7),
    "survival_share": PLANTED, "required_survival_share": PLANTED,
    "survey_attached": (*GROWING, *PLANTED), "outturn_share": FELLED,
    "log_price_yuan_per_m3": FELLED, "felling_cost_yuan_per_m3": FELLED,
    "permit_delay_years": FELLED, "permit_chance": FELLED, "quota_share": (*GROWING, *GROWN),
    "fire_insured": FELLED, "establishment_cost_yuan_per_mu": ALL,
    "tending_cost_yuan_per_mu_year": (*PLANTED, *BARE), "tending_years": (*PLANTED, *BARE),
    "woodland_rent_yuan_per_mu_year": ALL, "contract_rent_yuan_per_mu_year": ALL,
    "overhead_yuan_per_mu_year": (*GROWING, *PLANTED, *BARE),
}  # fmt: skip
"""Columns in the order of `riskengine.kernels.forest_stand.stand_rows`, after the ages, and
the cases whose methods look at them."""

EVIDENCE = (
    ("log_price_yuan_per_m3", "log_price_evidence_error"),
    ("felling_cost_yuan_per_m3", "cost_evidence_error"),
    ("establishment_cost_yuan_per_mu", "cost_evidence_error"),
    ("tending_cost_yuan_per_mu_year", "cost_evidence_error"),
    ("woodland_rent_yuan_per_mu_year", "cost_evidence_error"),
)
"""Columns that are weighed with the market, in the order of its quotes, and their errors."""

POLICY = (
    "log_price_evidence_error", "cost_evidence_error", "permit_delay", "permit_chance",
    "loss_hazard", "uninsured_share", "overhead", "planting_grant", "tending_years",
    "required_survival", "design_cost", "sales_tax_share", "profit_share", "profit_on_tax",
    "quality_low", "quality_high", "volume_error", "reference_error", "yield_table_error",
    "growth_error",
)  # fmt: skip
"""Rules in that kernel's order; the hazard takes the place of the uninsured share."""


def timber_block(inputs: Inputs) -> NDArray[np.float64]:
    """Gather the timber block of `riskengine.kernels.forest`.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    (n, 37) float64
        The block.
    """
    return inputs.once("forest.timber", lambda: _timber_block(inputs))


def _timber_block(inputs: Inputs) -> NDArray[np.float64]:
    """Gather facts, tables and market in the order that the kernel documents."""
    case = facts.forest_case(inputs)
    present = frozenset(np.flatnonzero(np.bincount(case)).tolist())
    x = inputs.stack(
        inputs.number("area_mu"), inputs.number("stand_age_years"),
        facts.age_of(inputs, "rotation"),
        *(
            np.nan if present.isdisjoint(cases) else inputs.number(name)
            for name, cases in FACTS.items()
        ),
        facts.forest_term(inputs),
    )  # fmt: skip
    policy = np.array([inputs.rule(f"forest.{name}") for name in POLICY])
    policy[5] *= policy[4]
    none = Quotes((NO_QUOTE,), np.zeros(inputs.size, dtype=np.int64))
    felled, planted = not present.isdisjoint(FELLED), not present.isdisjoint((*PLANTED, *BARE))
    quotes = (
        facts.species_quotes(inputs, "log_price") if felled else none,
        inputs.quotes("felling_cost") if felled else none,
        facts.species_quotes(inputs, "planting_cost"),
        facts.species_quotes(inputs, "tending_cost") if planted else none,
        inputs.quotes("woodland_rent"), facts.rate_quotes(inputs),
    )  # fmt: skip
    quoted = np.full((len(quotes), 2, max(len(each.table) for each in quotes)), np.nan)
    for room, each in zip(quoted, quotes, strict=True):
        for row, field in zip(room, ("value", "log_error"), strict=True):
            row[: len(each.table)] = each.fields(field)
    for (column, rule), prices, each in zip(EVIDENCE, quoted, quotes, strict=False):
        if not present.isdisjoint(FACTS[column]):
            error = inputs.rule(f"forest.{rule}")
            inputs.doubt(prices, each.index, inputs.number(column), error)
    index = np.stack([each.index for each in quotes])
    tables = ("maturity_age", "yield_at_rotation", "outturn", "log_price_ceiling")
    block = np.empty((inputs.size, 37))
    stand_rows(
        x, case, inputs.code("species"), facts.listed(inputs, *tables),
        quoted, index, policy, block,
    )  # fmt: skip
    return block


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
