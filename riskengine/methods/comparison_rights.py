"""Plans of comparison for farmhouses, forest and construction land (farm land has its own).

Every fact is read alike from the table of a right and from the table of deals,
which bears the same names.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from riskengine.methods.comparison_plan import CATEGORIES, Plan, is_deals, shared_code
from riskengine.methods.inputs import Codes, Column, Inputs
from riskengine.rights.construction import CONSTRUCTION
from riskengine.rights.forest import FOREST


def _unit_price(deals: Inputs) -> Column:
    """Price of every deal as it was paid."""
    return deals.number("unit_price_yuan")


def _endless(inputs: Inputs) -> Column:
    """Term of a house: infinite where no end is stated."""
    if is_deals(inputs):
        return inputs.number("term_years", np.inf)
    stated = np.maximum(inputs.years_to("term_end"), 0.0)
    return np.where(np.isnan(stated), np.inf, stated)


def _house_score(inputs: Inputs) -> Column:
    """What wear and structure make of a house: 1 - s + s x structure x newness."""
    age = -inputs.years_to("built_on")
    if is_deals(inputs):
        age = age + inputs.years_to("deal_on")
    life = inputs.rule_by_code("homestead.life", "structure")
    residual = inputs.rule_by_code("homestead.residual_share", "structure")
    worn = np.maximum(1.0 - (1.0 - residual) * age / life, residual)
    seen = inputs.number("inspected_newness")
    newness = np.where(np.isnan(seen), worn, seen)
    structure = inputs.rule_by_code("homestead.structure_cost_ratio", "structure")
    share = inputs.rule("comparison.house_share")
    score: Column = 1.0 - share + share * structure * newness
    return score


HOMESTEAD_PLAN = Plan(
    table="homestead", by_kind=True, category=None, bases=("price_per_m2",), price=_unit_price,
    term=_endless, rate=lambda inputs: inputs.quotes("homestead_yield").column("value"),
    region_price="building_cost", traits=(_house_score,), area="building_area_m2",
)  # fmt: skip
"""Price of a square metre of house, sold within the village or beyond."""


def _species(inputs: Inputs) -> Codes:
    """Species of every stand, among those of deals."""
    return shared_code(inputs, "species", CATEGORIES)


def _forest_term(inputs: Inputs) -> Column:
    """Term of a forest right; timber is sold with the stand, whatever the term."""
    timber = inputs.batch.contract.by_name["kind"].codes.index("timber")
    term = inputs.number("term_years") if is_deals(inputs) else inputs.years_to("term_end")
    years: Column = np.where(inputs.code("kind") == timber, 1.0, np.maximum(term, 0.0))
    return years


def _forest_rate(inputs: Inputs) -> Column:
    """Investment return of the kind of forest."""
    kinds = FOREST.by_name["kind"].codes
    return inputs.quotes("forest_rate", kinds, inputs.code("kind")).column("value")


def _volume_score(inputs: Inputs) -> Column:
    """Standing volume to the share of the price that goes with it; 1 where there is no timber."""
    timber = inputs.batch.contract.by_name["kind"].codes.index("timber")
    volume = inputs.number("volume_m3_per_mu")
    with np.errstate(divide="ignore"):
        score = np.exp(inputs.rule("comparison.stand_share") * np.log(volume))
    found: Column = np.where(inputs.code("kind") == timber, score, 1.0)
    return found


FOREST_PLAN = Plan(
    table="forest", by_kind=True, category=_species, bases=("price_per_mu",), price=_unit_price,
    term=_forest_term, rate=_forest_rate, region_price="log_price", traits=(_volume_score,),
    area="area_mu",
)  # fmt: skip
"""Price of a mu of the same kind and species, corrected for standing volume."""


def _land_use(inputs: Inputs) -> Codes:
    """Use of construction land, among those of deals."""
    return shared_code(inputs, "land_use", CATEGORIES)


def _as_collective(deals: Inputs) -> Column:
    """Price of every deal as of collective land: state land less the gap of ownership."""
    state = deals.batch.contract.by_name["land_tenure"].codes.index("state")
    gap = deals.rule("construction.ownership_gap")
    price = deals.number("unit_price_yuan")
    return np.where(deals.code("land_tenure") == state, price * (1.0 - gap), price)


def _registered_term(inputs: Inputs) -> Column:
    """Term left of construction land, as dealt or as registered."""
    if is_deals(inputs):
        return inputs.number("term_years")
    return np.maximum(inputs.years_to("term_end"), 0.0)


def _construction_rate(inputs: Inputs) -> Column:
    """Yield of land of the use."""
    uses = CONSTRUCTION.by_name["land_use"].codes
    return inputs.quotes("construction_yield", uses, inputs.code("land_use")).column("value")


def _plot_ratio_score(inputs: Inputs) -> Column:
    """Coefficient of the plot ratio: linear within the table of the use, none beyond it."""
    table: Mapping[str, Sequence[float]] = inputs.rules.table("construction.plot_ratio_coefficient")
    inputs.asked["rule:construction.plot_ratio_coefficient"] = "construction.plot_ratio_coefficient"
    column = "category" if is_deals(inputs) else "land_use"
    ratio, use = inputs.number("plot_ratio"), inputs.code(column)
    score = np.full(inputs.size, np.nan)
    for k, name in enumerate(inputs.batch.contract.by_name[column].codes):
        if name in table:
            found = np.interp(ratio, table["ratio"], table[name], left=np.nan, right=np.nan)
            score = np.where(use == k, found, score)
    return score


CONSTRUCTION_PLAN = Plan(
    table="construction", by_kind=False, category=_land_use, bases=("price_per_m2",),
    price=_as_collective, term=_registered_term, rate=_construction_rate,
    region_price="construction_price", traits=(_plot_ratio_score,), area="area_m2",
)  # fmt: skip
"""Price of a square metre of land of the same use, state land less the gap of ownership."""
