"""What the comparison kernel asks of rights and of deals, gathered once a batch or a run."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.comparables import Comparables, DealLevel, index_deals
from riskengine.dates import day_number
from riskengine.market.index import index_levels
from riskengine.market.snapshot import ANY
from riskengine.methods.comparison_plan import CATEGORIES, KINDS, Plan, is_deals, shared_code
from riskengine.methods.inputs import Codes, Column, Inputs


@dataclass(frozen=True, slots=True)
class Ready:
    """The deals of one kind of right on one day, as the kernel wants them.

    Parameters
    ----------
    levels : tuple of DealLevel
        Where they lie.
    blocks : tuple of (5 + p, m) float64
        For each level, as `riskengine.kernels.comparison.comparison_rows` wants them.
    """

    levels: tuple[DealLevel, ...]
    blocks: tuple[NDArray[np.float64], ...]


def keys_of(inputs: Inputs, plan: Plan) -> Codes:
    """Return what a deal and a right must share, as one number.

    Parameters
    ----------
    inputs : Inputs
        Rights or deals.
    plan : Plan
        How they are compared.

    Returns
    -------
    (n,) int64
        Kind x categories + category; -1 where a part that counts is missing.
    """
    zero = np.zeros(inputs.size, dtype=np.int64)
    kind = shared_code(inputs, "kind", KINDS) if plan.by_kind else zero
    category = zero
    if plan.category is not None:
        category = inputs.code("category") if is_deals(inputs) else plan.category(inputs)
    return np.where((kind < 0) | (category < 0), -1, kind * len(CATEGORIES) + category)


def region_scores(inputs: Inputs, plan: Plan, keys: Codes) -> Column:
    """Market price of each place: what one region is over another.

    Parameters
    ----------
    inputs : Inputs
        Rights or deals.
    plan : Plan
        How they are compared.
    keys : (n,) int64
        As `keys_of`.

    Returns
    -------
    (n,) float64
        Price, any unit; NaN where the snapshot knows nothing.
    """
    market = inputs.market
    if plan.region_price not in market.snapshot.quantities:
        return np.full(inputs.size, np.nan)
    places, number = market.places(plan.region_price, inputs.batch.regions)
    width = len(CATEGORIES) if plan.category is not None else 1
    pairs = number[inputs.batch.region_index] * width + np.maximum(keys, 0) % width
    scores = np.full(len(places) * width, np.nan)
    for pair in np.flatnonzero(np.bincount(pairs, minlength=1)).tolist():
        category = CATEGORIES[pair % width] if plan.category is not None else ANY
        scores[pair] = market.quote(plan.region_price, places[pair // width], category).value
    found: Column = scores[pairs]
    return found


def ready_deals(inputs: Inputs, plan: Plan) -> Ready:
    """Prepare the deals for one kind of right, once for all batches of a run.

    Parameters
    ----------
    inputs : Inputs
        Rights with a table of comparables.
    plan : Plan
        How they are compared.

    Returns
    -------
    Ready
        Deals that count, sorted.
    """
    deals: Comparables = inputs.comparables
    market, rules = inputs.market, inputs.rules

    def prepare() -> Ready:
        facts = Inputs(deals.batch, market, rules)
        oldest = rules.number("comparison.oldest_years")
        usable = deals.usable(plan.table, plan.bases, float(day_number(market.day)), oldest)
        keys, block = keys_of(facts, plan), deal_block(facts, plan)
        counts = usable & (block[0] > 0.0)
        levels = index_deals(
            np.where(counts, keys, -1), deals.batch.regions, deals.batch.region_index,
            deals.batch.columns["deal_on"],
        )  # fmt: skip
        blocks = tuple(np.ascontiguousarray(block[:, level.order]) for level in levels)
        return Ready(levels, blocks)

    key = (plan.table, market.day, market.snapshot.digest, rules.day, rules.book.digest)
    ready: Ready = deals.once(key, prepare)
    return ready


def deal_block(facts: Inputs, plan: Plan) -> NDArray[np.float64]:
    """Return everything the kernel asks of deals, in the order of their table.

    Parameters
    ----------
    facts : Inputs
        Deals.
    plan : Plan
        How they are compared.

    Returns
    -------
    (5 + p, m) float64
        As `riskengine.kernels.comparison.comparison_rows`; the age is the time of
        which no price index speaks.
    """
    age = np.maximum(-facts.years_to("deal_on"), 0.0)
    batch, rules = facts.batch, facts.rules
    levels = index_levels(facts.market, plan.table, batch.regions, batch.region_index, age)
    trend = float(rules.table("comparison.yearly_trend")[plan.table])
    by_trend = np.exp(-age * np.log1p(trend))
    return facts.stack(
        plan.price(facts), 1.0, np.where(np.isnan(levels.ratio), by_trend, levels.ratio),
        plan.term(facts), np.where(np.isnan(levels.silent_years), age, levels.silent_years),
        region_scores(facts, plan, keys_of(facts, plan)), *(trait(facts) for trait in plan.traits),
    )  # fmt: skip


def policy(inputs: Inputs, plan: Plan) -> NDArray[np.float64]:
    """Return the numbers of policy that the kernel asks for.

    Parameters
    ----------
    inputs : Inputs
        Rights.
    plan : Plan
        How they are compared.

    Returns
    -------
    (9,) float64
        As `riskengine.kernels.comparison.comparison_rows`.
    """
    names = (
        "factor_low", "factor_high", "product_low", "product_high", "gross_floor", "missing_gross",
    )  # fmt: skip
    limits = [inputs.rule(f"comparison.{name}") for name in names]
    inputs.asked["rule:comparison.usual_error"] = "comparison.usual_error"
    usual = float(inputs.rules.table("comparison.usual_error")[plan.table])
    return np.array([
        *limits, usual, inputs.rule("comparison.usual_count"), inputs.rule("comparison.quantile"),
    ])  # fmt: skip


def candidate_cells(inputs: Inputs, plan: Plan, level: DealLevel) -> Codes:
    """Return the cell in which the candidates of every right lie.

    Parameters
    ----------
    inputs : Inputs
        Rights.
    plan : Plan
        How they are compared.
    level : DealLevel
        The deals at one level.

    Returns
    -------
    (n,) int64
        Cells of the level.
    """
    keys = inputs.once(f"comparison.keys|{plan.table}", lambda: keys_of(inputs, plan))
    return level.cells(keys, inputs.batch.regions, inputs.batch.region_index)


def subject_block(inputs: Inputs, plan: Plan) -> NDArray[np.float64]:
    """Return everything the kernel asks of rights.

    Parameters
    ----------
    inputs : Inputs
        Rights.
    plan : Plan
        How they are compared.

    Returns
    -------
    (3 + p, n) float64
        As `riskengine.kernels.comparison.comparison_rows`.
    """
    return inputs.stack(
        1.0, plan.term(inputs), plan.rate(inputs),
        region_scores(inputs, plan, keys_of(inputs, plan)),
        *(trait(inputs) for trait in plan.traits),
    )  # fmt: skip
