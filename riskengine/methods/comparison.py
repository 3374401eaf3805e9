"""Market comparison (市场比较法), one arithmetic for every kind of right.

A `Plan` says how one kind of right is compared: what a deal must share with it,
which prices count, which facts correct them.  Candidates are looked for in the
township, then the county, then the province, until enough of them stay within
the limits of correction; a wider place adds to the error.

How a kind of right takes part
------------------------------
1. `riskengine.methods.comparison_plans` holds its plan, such as ``FOREST_PLAN``.
2. ``comparison_method(FOREST_PLAN)`` is a `Method` named ``comparison``: put it
   among the methods of the Approach.  Where what a lender may count on is less than
   the value (a levy, a tax), pass ``replace(PLAN, net=...)``.
3. The method matrix names ``comparison`` as mandatory or cross; without a table of
   comparables, or with too few deals near enough, the method does not answer.
4. ``valuation.value(..., comparables=Comparables(batch))`` hands the deals in.
5. `riskengine.methods.comparison_grid.comparison_grid` shows one right's deals with
   every factor.

Source: GB/T 28406-2012, 5.2; GB/T 18508-2014 and GB/T 50291-2015 (market comparison).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from riskengine.comparables import LEVELS, Comparables, DealIndex, index_deals
from riskengine.dates import day_number
from riskengine.kernels.comparison import comparison_rows
from riskengine.market.index import index_levels
from riskengine.market.snapshot import ANY
from riskengine.methods.method import (
    LOG_ERROR,
    PRUDENT,
    VALUE,
    Codes,
    Column,
    Inputs,
    Method,
    Working,
)
from riskengine.rights.comparables import COMPARABLES
from riskengine.words import Text

Fact = Callable[[Inputs], Column]
"""Reads one figure of rights, or the same figure of deals."""

CATEGORIES = COMPARABLES.by_name["category"].codes
KINDS = COMPARABLES.by_name["kind"].codes
NORMAL_75 = 0.6744897501960817
"""Standard normal quantile of P25."""

PRICE, ERROR, USED, SILENT, GROSS, LEVEL = range(6)
"""Rows of what `compare` finds."""


def gross_value(_inputs: Inputs, value: Column) -> Column:
    """Count on the whole value: no levy, no tax.

    Parameters
    ----------
    _inputs : Inputs
        Not looked at.
    value : (n,) float64
        Value [yuan].

    Returns
    -------
    (n,) float64
        The same value [yuan].
    """
    return value


@dataclass(frozen=True, slots=True)
class Plan:
    """How one kind of right is compared with deals.

    Parameters
    ----------
    table : str
        Table of the right.
    by_kind : bool
        Whether a deal must be of the same ``kind``.
    category : callable or None
        Position of every right in the categories of deals, -1 where it has none;
        None where the kind alone decides.
    bases : tuple of str
        Bases of price that count.
    price : callable
        Price of every deal per unit [yuan/unit]; NaN where it cannot be told.
    term : callable
        Term of every right or deal [year]; equal for both where term does not count.
    rate : callable
        Discount rate of every right [1/year].
    region_price : str
        Market quantity that says how places differ.
    traits : tuple of callable
        Scores of rights and of deals; their ratio corrects the price.
    area : str
        Column that the price per unit multiplies.
    net : callable
        What is left for a lender of a value [yuan].
    """

    table: str
    by_kind: bool
    category: Callable[[Inputs], Codes] | None
    bases: tuple[str, ...]
    price: Fact
    term: Fact
    rate: Fact
    region_price: str
    traits: tuple[Fact, ...]
    area: str
    net: Callable[[Inputs, Column], Column] = field(default=gross_value)


def shared_code(inputs: Inputs, column: str, shared: tuple[str, ...]) -> Codes:
    """Return a code column as positions in the codes that deals use.

    Parameters
    ----------
    inputs : Inputs
        Rights or deals.
    column : str
        Code column.
    shared : tuple of str
        Codes that deals use.

    Returns
    -------
    (n,) int64
        Positions, -1 where missing or not shared.
    """
    codes = inputs.batch.contract.by_name[column].codes
    lookup = np.array([shared.index(c) if c in shared else -1 for c in codes] + [-1])
    found: Codes = lookup[inputs.code(column)]
    return found


@dataclass(frozen=True, slots=True)
class Ready:
    """The deals of one kind of right on one day, as the kernel wants them.

    Parameters
    ----------
    index : DealIndex
        Where they lie.
    blocks : tuple of (5 + p, m) float64
        For each level, as `riskengine.kernels.comparison.comparison_rows` wants them.
    """

    index: DealIndex
    blocks: tuple[NDArray[np.float64], ...]


def is_deals(inputs: Inputs) -> bool:
    """Whether these are deals rather than rights.

    Parameters
    ----------
    inputs : Inputs
        Rights or deals.

    Returns
    -------
    bool
        True for the table of comparables.
    """
    return inputs.batch.contract.table == COMPARABLES.table


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
        category = (
            inputs.code("category") if is_deals(inputs) else plan.category(inputs)
        )
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
    market, regions = inputs.market, inputs.batch.regions
    if plan.region_price not in market.snapshot.quantities:
        return np.full(inputs.size, np.nan)
    width = len(CATEGORIES) if plan.category is not None else 1
    pairs = inputs.batch.region_index * width + np.maximum(keys, 0) % width
    scores = np.full(len(regions) * width, np.nan)
    for pair in np.flatnonzero(np.bincount(pairs, minlength=1)).tolist():
        category = CATEGORIES[pair % width] if plan.category is not None else ANY
        scores[pair] = market.quote(plan.region_price, regions[pair // width], category).value
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
        index = index_deals(
            np.where(counts, keys, -1), deals.batch.regions, deals.batch.region_index,
            deals.batch.columns["deal_on"],
        )  # fmt: skip
        return Ready(index, tuple(np.ascontiguousarray(block[:, k]) for k in index.order))

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
    names = ("factor_low", "factor_high", "product_low", "product_high", "gross_floor", "missing_gross")
    limits = [inputs.rule(f"comparison.{name}") for name in names]
    inputs.asked["rule:comparison.usual_error"] = "comparison.usual_error"
    usual = float(inputs.rules.table("comparison.usual_error")[plan.table])
    return np.array([
        *limits, usual, inputs.rule("comparison.usual_count"), inputs.rule("comparison.quantile"),
    ])  # fmt: skip


def candidates(inputs: Inputs, plan: Plan, index: DealIndex) -> NDArray[np.int64]:
    """Return where the candidates of every right lie.

    Parameters
    ----------
    inputs : Inputs
        Rights.
    plan : Plan
        How they are compared.
    index : DealIndex
        The deals.

    Returns
    -------
    (2, levels, n) int64
        Starts and stops at each level.
    """
    keys, regions = keys_of(inputs, plan), inputs.batch.regions
    width = len(KINDS) * len(CATEGORIES) + 1
    pairs = inputs.batch.region_index * width + keys + 1
    present = np.flatnonzero(np.bincount(pairs, minlength=1))
    found = np.zeros((2, len(LEVELS), int(present.max(initial=0)) + 1), dtype=np.int64)
    for pair in present.tolist():
        key = pair % width - 1
        for level in range(len(LEVELS) if key >= 0 else 0):
            found[:, level, pair] = index.stretch(level, key, regions[pair // width])
    stretches: NDArray[np.int64] = found[:, :, pairs]
    return stretches


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


def compare(inputs: Inputs, plan: Plan, wanted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Price every right by the deals nearest to it.

    Parameters
    ----------
    inputs : Inputs
        Rights.
    plan : Plan
        How they are compared.
    wanted : (n,) bool
        Rows to price.

    Returns
    -------
    (6, n) float64
        Price [yuan/unit], log error [1], deals used [1], mean time of which no index
        speaks [year], mean gross adjustment [1], level (1 township, 2 county, 3
        province); NaN where too few deals are near enough.
    """
    out = np.full((6, inputs.size), np.nan)
    if inputs.comparables is None:
        return out
    ready = ready_deals(inputs, plan)
    if not ready.blocks[-1].shape[1]:
        return out
    starts, stops = candidates(inputs, plan, ready.index)
    fewest, most = inputs.rule("comparison.minimum_cases"), inputs.rule("comparison.largest_cases")
    inputs.asked["rule:comparison.level_error"] = "comparison.level_error"
    inputs.asked["rule:comparison.drift"] = "comparison.drift"
    level_errors = inputs.rules.table("comparison.level_error")
    drift = float(inputs.rules.table("comparison.drift")[plan.table])
    subjects, limits = subject_block(inputs, plan), policy(inputs, plan)
    found = np.full((5, inputs.size), np.nan)
    for k, level in enumerate(LEVELS):
        needed = wanted & np.isnan(out[PRICE]) & (stops[k] - starts[k] >= fewest)
        if not needed.any():
            continue
        comparison_rows(
            starts[k], stops[k], subjects, ready.blocks[k], limits, int(most), needed, found
        )
        taken = needed & (found[USED] >= fewest)
        out[:LEVEL, taken] = found[:, taken]
        out[LEVEL, taken] = k + 1.0
        added = float(level_errors[level]) ** 2 + drift**2 * out[SILENT, taken]
        out[ERROR, taken] = np.sqrt(out[ERROR, taken] ** 2 + added)
    return out


COMPARISON_WORKINGS = (
    Working("comparable_price", Text("比准单价", "price by comparison"), "yuan"),
    Working("comparables_used", Text("采用实例数", "deals used"), "1"),
    Working("unindexed_years", Text("无指数覆盖的年数", "time without an index"), "year"),
    Working("gross_adjustment", Text("修正总额", "gross adjustment"), "1"),
    Working("comparison_level", Text("取例范围（1乡镇2县3省）", "where (1 township 2 county 3 province)"), "1"),
)  # fmt: skip
COMPARISON_TITLE = Text("市场比较法", "market comparison")
COMPARISON_FORMULA = "area x weighted mean of P K_date K_region K_individual K_term over near deals"


def comparison_method(plan: Plan) -> Method:
    """Return the comparison method of a kind of right whose value is price x area.

    Parameters
    ----------
    plan : Plan
        How it is compared.

    Returns
    -------
    Method
        Named ``comparison``.
    """

    def evaluate(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
        found = compare(inputs, plan, wanted)
        value = found[PRICE] * inputs.number(plan.area)
        out[VALUE], out[LOG_ERROR] = value, found[ERROR]
        out[PRUDENT] = plan.net(inputs, value * np.exp(-NORMAL_75 * found[ERROR]))
        out[3:] = found[[PRICE, USED, SILENT, GROSS, LEVEL]]

    return Method(
        "comparison", COMPARISON_TITLE, COMPARISON_FORMULA,
        "GB/T 28406-2012, 5.2; GB/T 18508-2014; GB/T 50291-2015", COMPARISON_WORKINGS, evaluate,
    )  # fmt: skip
