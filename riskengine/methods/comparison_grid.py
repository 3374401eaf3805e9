"""The correction grid of one right: every candidate deal with its factors."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from riskengine.comparables import LEVELS
from riskengine.dates import EPOCH
from riskengine.kernels.comparison import (
    adjusted_price,
    adjustment_weight,
    gross_adjustment,
    pair_factors,
    within_limits,
)
from riskengine.kernels.discount import annuity_factor
from riskengine.methods.comparison import LEVEL, compare
from riskengine.methods.comparison_blocks import (
    candidate_cells,
    policy,
    ready_deals,
    subject_block,
)
from riskengine.methods.comparison_plan import Plan
from riskengine.methods.comparison_rights import FOREST_PLAN
from riskengine.methods.construction_comparison import CONSTRUCTION_DEALS
from riskengine.methods.homestead import HOMESTEAD_DEALS
from riskengine.methods.inputs import Inputs
from riskengine.methods.land_comparison import LAND_PLAN

PLANS = {plan.table: plan for plan in (LAND_PLAN, HOMESTEAD_DEALS, FOREST_PLAN, CONSTRUCTION_DEALS)}
"""How each kind of right is compared, by table name."""


@dataclass(frozen=True, slots=True)
class GridLine:
    """One candidate deal of one right.

    Parameters
    ----------
    comparable_id, region : str
        The deal and its place.
    deal_on : datetime.date
        Its day.
    level : str
        Where it was looked for: township, county, province.
    price : float
        Price per unit that counts [yuan/unit]: a rent, a price, state land less its gap.
    date_factor, region_factor, individual_factor, term_factor : float
        Corrections [1], subject over deal; NaN where a fact is missing.
    gross : float
        Gross adjustment, with what missing facts add [1].
    used : bool
        Whether it stays within the limits.
    weight : float
        Share in the value [1]; 0 when not used.
    adjusted_price : float
        Price of the subject by this deal [yuan/unit].
    """

    comparable_id: str
    region: str
    deal_on: date
    level: str
    price: float
    date_factor: float
    region_factor: float
    individual_factor: float
    term_factor: float
    gross: float
    used: bool
    weight: float
    adjusted_price: float


def comparison_grid(inputs: Inputs, row: int) -> list[GridLine]:
    """Return the candidates of one right, at the level that its value rests on.

    Parameters
    ----------
    inputs : Inputs
        Rights with a table of comparables.
    row : int
        Position of the right in its batch.

    Returns
    -------
    list of GridLine
        Newest first; where no level has deals enough near enough, those of the
        widest one.  Empty without deals, or for a kind of right that has no plan.
    """
    plan = PLANS.get(inputs.batch.contract.table)
    if inputs.comparables is None or plan is None:
        return []
    wanted = np.zeros(inputs.size, dtype=bool)
    wanted[row] = True
    found = compare(inputs, plan, wanted)[LEVEL, row]
    level = len(LEVELS) - 1 if np.isnan(found) else int(found) - 1
    lines = _lines(inputs, plan, row, level)
    total = sum(line[0] for line in lines)
    return [
        GridLine(*named, weight / total if weight else 0.0, adjusted)
        for weight, named, adjusted in lines
    ]


Named = tuple[str, str, date, str, float, float, float, float, float, float, bool]
Line = tuple[float, Named, float]


def _lines(inputs: Inputs, plan: Plan, row: int, level: int) -> list[Line]:
    """Raw weight, facts and adjusted price of every candidate of a level."""
    ready, limits = ready_deals(inputs, plan), policy(inputs, plan)
    deals = ready.levels[level]
    cell = candidate_cells(inputs, plan, deals)[row]
    subjects, block = subject_block(inputs, plan), ready.blocks[level]
    annuity = annuity_factor(subjects[2, row], subjects[1, row])
    first = int(deals.starts[cell])
    last = min(int(deals.stops[cell]), first + int(inputs.rule("comparison.largest_cases")))
    batch, lines = inputs.comparables.batch, []
    for j in range(first, last):
        situation, *factors, missing = pair_factors(subjects, row, annuity, block, j)
        used = bool(within_limits(situation, *factors, *limits[:4]))
        gross = gross_adjustment(situation, *factors) + missing * limits[5]
        weight = adjustment_weight(gross, limits[4]) if used else 0.0
        deal = int(deals.order[j])
        day = date.fromordinal(EPOCH.toordinal() + int(batch.columns["deal_on"][deal]))
        region = batch.regions[int(batch.region_index[deal])]
        named = (
            str(batch.ids[deal].as_py()), region, day, LEVELS[level], float(block[0, j]), *factors,
            float(gross), used,
        )  # fmt: skip
        adjusted = adjusted_price(block[0, j], situation, *factors)
        lines.append((float(weight), named, float(adjusted)))
    return lines
