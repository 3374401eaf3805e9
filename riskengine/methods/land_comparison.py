"""Land management rights by comparison with leases and transfers, and by scoring.

Deals speak as rents, or as prices that stand for a rent over their term; the rent
found goes through the same arithmetic of term and contract rent as market rent.
"""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.farm_price import price_as_rent_rows
from riskengine.kernels.scoring import price_per_point
from riskengine.market.snapshot import ANY
from riskengine.methods.comparison import (
    COMPARISON_TITLE,
    COMPARISON_WORKINGS,
    ERROR,
    GROSS,
    LEVEL,
    PRICE,
    SILENT,
    USED,
    compare,
    has_deals,
)
from riskengine.methods.comparison_blocks import Ready, candidate_cells, ready_deals
from riskengine.methods.comparison_plan import CATEGORIES, Plan, shared_code
from riskengine.methods.inputs import Codes, Column, Inputs
from riskengine.methods.land import (
    INCOME_ROWS,
    LAND_INCOME,
    USES,
    rent_category,
    value_at_rent,
)
from riskengine.methods.land_factors import farm_factor, farm_score
from riskengine.methods.method import PRUDENT, VALUE, Method, Working
from riskengine.methods.reconcile import NORMAL_75
from riskengine.rights.comparables import COMPARABLES
from riskengine.words import Text

RENT = COMPARABLES.by_name["basis"].codes.index("rent_per_mu_year")


def _use(inputs: Inputs) -> Codes:
    """Use at which a parcel lets, among those of deals; none where it must stay grain."""
    shared = shared_code(inputs, "land_use", CATEGORIES)
    return np.where(rent_category(inputs) == len(USES), -1, shared)


def _rent(deals: Inputs) -> Column:
    """Rent of every deal: paid, or what its price stands for over its term."""
    price = deals.number("unit_price_yuan")
    rate = np.full(deals.size, deals.market.quote("land_discount_rate", "", ANY).value)
    stands = np.empty(deals.size)
    price_as_rent_rows(price, rate, deals.number("term_years"), np.zeros(deals.size), stands)
    rent: Column = np.where(deals.code("basis") == RENT, price, stands)
    return rent


def _year(inputs: Inputs) -> Column:
    """One year: a yearly rent knows no term."""
    return np.ones(inputs.size)


LAND_PLAN = Plan(
    table="land", by_kind=False, category=_use, bases=("rent_per_mu_year", "price_per_mu"),
    price=_rent, term=_year, rate=_year, region_price="land_rent", traits=(farm_factor,),
    area="area_mu",
)  # fmt: skip
"""Rents of the same use, corrected for region, date and parcel."""


def land_comparison(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the value of land rights at the rent of comparable deals.

    Parameters
    ----------
    inputs : Inputs
        Land rights; without enough deals near enough nothing is filled.
    wanted : (n,) bool
        Rows to value.
    out : (13, n) float64
        As `riskengine.kernels.land.land_income_rows`, then the workings of the
        comparison.
    """
    found = compare(inputs, LAND_PLAN, wanted)
    value_at_rent(inputs, found[PRICE], found[ERROR], wanted, out)
    low = out[VALUE] * np.exp(-NORMAL_75 * out[1])
    out[PRUDENT] = np.minimum(out[PRUDENT], low)
    answered = ~np.isnan(out[VALUE])
    out[INCOME_ROWS:] = np.where(answered, found[[PRICE, USED, SILENT, GROSS, LEVEL]], np.nan)


def land_score(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the value of land rights at their points times the price of a point.

    Parameters
    ----------
    inputs : Inputs
        Land rights; without enough scored deals nothing is filled.
    wanted : (n,) bool
        Rows to value.
    out : (10, n) float64
        As `riskengine.kernels.land.land_income_rows`, then score [1] and price of a
        point [yuan/mu/year].
    """
    point, scatter = _price_of_a_point(inputs)
    score = farm_score(inputs)
    error = np.hypot(scatter, inputs.rule("land_price.score_model_error"))
    value_at_rent(inputs, score * point, error, wanted, out)
    out[INCOME_ROWS:] = np.where(np.isnan(out[VALUE]), np.nan, np.stack([score, point]))


def _price_of_a_point(inputs: Inputs) -> tuple[Column, Column]:
    """Price of a point among the nearest deals, and its log error, for every right."""
    ready = ready_deals(inputs, LAND_PLAN)
    fewest = inputs.rule("comparison.minimum_cases")
    key = ("points", inputs.market.day, inputs.market.snapshot.digest, inputs.rules.book.digest)
    points = inputs.comparables.once(key, lambda: _points(inputs, ready, fewest))
    point, scatter = np.full((2, inputs.size), np.nan)
    for level, known in zip(ready.levels, points, strict=True):
        cells = candidate_cells(inputs, LAND_PLAN, level)
        unknown = np.isnan(point)
        np.copyto(point, known[0][cells], where=unknown)
        np.copyto(scatter, known[1][cells], where=unknown)
    return point, scatter


def _points(inputs: Inputs, ready: Ready, fewest: float) -> list[Column]:
    """Price of a point and its log error in every cell of every level, (2, cells) each."""
    scores = farm_score(Inputs(inputs.comparables.batch, inputs.market, inputs.rules))
    tables = []
    for level, block in zip(ready.levels, ready.blocks, strict=True):
        table = np.full((2, level.starts.size), np.nan)
        rents, known = block[0] / block[2], scores[level.order]
        for cell in np.flatnonzero(level.stops - level.starts >= fewest).tolist():
            of_cell = slice(level.starts[cell], level.stops[cell])
            told = ~np.isnan(known[of_cell])
            if told.sum() < fewest:
                continue
            logs = np.log(rents[of_cell][told] / known[of_cell][told])
            table[0, cell] = price_per_point(rents[of_cell], known[of_cell])
            table[1, cell] = np.std(logs, ddof=1) / np.sqrt(told.sum())
        tables.append(table)
    return tables


LAND_COMPARISON = Method(
    "comparison",
    COMPARISON_TITLE,
    "income capitalisation at the weighted mean of P K_date K_region K_individual of near deals",
    "GB/T 28406-2012, 5.2",
    (*LAND_INCOME.workings, *COMPARISON_WORKINGS),
    land_comparison,
    has_deals,
)
LAND_SCORE = Method(
    "score",
    Text("评分估价法", "scoring"),
    "income capitalisation at score x mean(rent / score) of near deals",
    "GB/T 28406-2012, 5.5; a cross-check only",
    (
        *LAND_INCOME.workings,
        Working("score", Text("地块得分", "score of the parcel"), "point"),
        Working("price_per_point", Text("每分租金", "rent of a point"), "yuan/mu/year"),
    ),
    land_score,
    has_deals,
)
