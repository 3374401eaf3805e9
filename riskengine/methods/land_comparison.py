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
    NORMAL_75,
    PRICE,
    SILENT,
    USED,
    compare,
    has_deals,
)
from riskengine.methods.comparison_blocks import candidates, ready_deals
from riskengine.methods.comparison_plan import CATEGORIES, Plan, shared_code
from riskengine.methods.land import LAND_INCOME, USES, rent_category
from riskengine.methods.land_factors import farm_factor, farm_score
from riskengine.methods.land_price import INCOME_ROWS, value_at_rent
from riskengine.methods.method import PRUDENT, VALUE, Codes, Column, Inputs, Method, Working
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
        As `riskengine.kernels.lease.land_income_rows`, then the workings of the
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
        As `riskengine.kernels.lease.land_income_rows`, then score [1] and price of a
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
    deals = Inputs(inputs.comparables.batch, inputs.market, inputs.rules)
    scores = farm_score(deals)
    fewest = inputs.rule("comparison.minimum_cases")
    starts, stops = candidates(inputs, LAND_PLAN, ready.index)
    point, scatter = np.full(inputs.size, np.nan), np.full(inputs.size, np.nan)
    for level, order in enumerate(ready.index.order):
        stretch = starts[level] * (order.size + 1) + stops[level]
        for both in np.unique(stretch[np.isnan(point)]).tolist():
            start, stop = divmod(both, order.size + 1)
            known = scores[order[start:stop]]
            rents = ready.blocks[level][0, start:stop] / ready.blocks[level][2, start:stop]
            told = ~np.isnan(known)
            if told.sum() < fewest:
                continue
            rows = np.isnan(point) & (stretch == both)
            logs = np.log(rents[told] / known[told])
            point[rows] = price_per_point(rents, known)
            scatter[rows] = np.std(logs, ddof=1) / np.sqrt(told.sum())
    return point, scatter


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
