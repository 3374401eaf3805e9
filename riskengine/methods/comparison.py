"""Market comparison (市场比较法), one arithmetic for every kind of right.

A `Plan` says how one kind of right is compared: what a deal must share with it,
which prices count, which facts correct them.  Candidates are looked for in the
township, then the county, then the province, until enough of them stay within
the limits of correction; a wider place adds to the error.

How a kind of right takes part
------------------------------
1. `riskengine.methods.comparison_rights` holds its plan, such as ``FOREST_PLAN``.
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

import numpy as np
from numpy.typing import NDArray

from riskengine.comparables import LEVELS
from riskengine.kernels.comparison import comparison_rows
from riskengine.methods.comparison_blocks import (
    candidate_cells,
    policy,
    ready_deals,
    subject_block,
)
from riskengine.methods.comparison_plan import Plan
from riskengine.methods.inputs import Inputs
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE, Method, Working
from riskengine.methods.reconcile import NORMAL_75
from riskengine.words import Text

PRICE, ERROR, USED, SILENT, GROSS, LEVEL = range(6)
"""Rows of what `compare` finds."""


def has_deals(inputs: Inputs, _wanted: NDArray[np.bool_]) -> bool:
    """Whether there is a table of comparable deals.

    Parameters
    ----------
    inputs : Inputs
        Rights.
    _wanted : (n,) bool
        Not looked at.

    Returns
    -------
    bool
        True when deals were handed in.
    """
    return inputs.comparables is not None


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
    fewest, most = inputs.rule("comparison.minimum_cases"), inputs.rule("comparison.largest_cases")
    inputs.asked["rule:comparison.level_error"] = "comparison.level_error"
    inputs.asked["rule:comparison.drift"] = "comparison.drift"
    level_errors = inputs.rules.table("comparison.level_error")
    drift = float(inputs.rules.table("comparison.drift")[plan.table])
    subjects, limits = subject_block(inputs, plan), policy(inputs, plan)
    found = np.full((5, inputs.size), np.nan)
    for k, (name, level) in enumerate(zip(LEVELS, ready.levels, strict=True)):
        cells = candidate_cells(inputs, plan, level)
        enough = level.stops - level.starts >= fewest
        needed = wanted & np.isnan(out[PRICE]) & enough[cells]
        if not needed.any():
            continue
        comparison_rows(
            level.starts[cells], level.stops[cells], subjects, ready.blocks[k], limits, int(most),
            needed, found,
        )  # fmt: skip
        taken = needed & (found[USED] >= fewest)
        found[ERROR] = np.sqrt(
            found[ERROR] ** 2 + (float(level_errors[name]) ** 2 + drift**2 * found[SILENT])
        )
        np.copyto(out[:LEVEL], found, where=taken)
        np.copyto(out[LEVEL], k + 1.0, where=taken)
    return out


COMPARISON_WORKINGS = (
    Working("comparable_price", Text("比准单价", "price by comparison"), "yuan"),
    Working("comparables_used", Text("采用实例数", "deals used"), "1"),
    Working("unindexed_years", Text("无指数覆盖的年数", "time without an index"), "year"),
    Working("gross_adjustment", Text("修正总额", "gross adjustment"), "1"),
    Working(
        "comparison_level",
        Text("取例范围（1乡镇2县3省）", "where (1 township, 2 county, 3 province)"), "1",
    ),
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
        has_deals,
    )  # fmt: skip
