"""Farmhouses with homestead use right (农房与宅基地): cost less wear, and rent where let."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels import homestead
from riskengine.methods.building import building_cost, pulled
from riskengine.methods.comparison import comparison_method
from riskengine.methods.comparison_plan import is_deals
from riskengine.methods.comparison_rights import HOMESTEAD_PLAN
from riskengine.methods.inputs import Codes, Column, Inputs
from riskengine.methods.learned import HOMESTEAD_LEARNED
from riskengine.methods.method import Approach, Method, Working
from riskengine.methods.tables import code_tables
from riskengine.rights.homestead import BUYER_POOLS, HOMESTEAD
from riskengine.words import Text

KINDS = HOMESTEAD.by_name["kind"].codes
VILLAGE = next(k for k, pool in enumerate(BUYER_POOLS) if pool.code == "village")
CASES = ("homestead_house", "homestead_let", "homestead_use_right")
"""Rows of the method matrix: a house lived in, a house let, a right to use a house for years."""


def homestead_case(inputs: Inputs) -> Codes:
    """Position in `CASES` of every right, from its kind and whether the house is let.

    Parameters
    ----------
    inputs : Inputs
        Farmhouses.

    Returns
    -------
    (n,) int64
        Positions.
    """
    use_right = inputs.code("kind") == KINDS.index("use_right")
    let = inputs.number("let") == 1.0
    case: Codes = np.where(use_right, 2, np.where(let, 1, 0)).astype(np.int64)
    return case


def homestead_term(inputs: Inputs) -> Column:
    """Years for which a right still runs: a homestead has no end, a lease stops at its legal limit.

    Parameters
    ----------
    inputs : Inputs
        Farmhouses.

    Returns
    -------
    (n,) float64
        Remaining term [year], >= 0; infinite for a homestead without end.
    """

    def term() -> Column:
        out = np.empty(inputs.size)
        homestead.homestead_term_rows(
            inputs.years_to("term_start"), inputs.years_to("term_end"), _use_right(inputs),
            inputs.rule("homestead.lease_ceiling"), out,
        )  # fmt: skip
        return out

    return inputs.once("homestead.term", term)


def _use_right(inputs: Inputs) -> NDArray[np.bool_]:
    """Mark the rights to use a house for years."""
    marks: NDArray[np.bool_] = inputs.code("kind") == KINDS.index("use_right")
    return marks


def _houses(inputs: Inputs) -> NDArray[np.float64]:
    """Age, life and residual share of every house, (3, n)."""

    def houses() -> NDArray[np.float64]:
        ages = code_tables(inputs, "structure", "homestead.life", "homestead.residual_share")
        out = np.empty((3, inputs.size))
        homestead.house_rows(
            inputs.number("effective_age_years"), inputs.years_to("built_on"),
            inputs.number("life_years"), inputs.code("structure"), ages, out,
        )  # fmt: skip
        return out

    return inputs.once("homestead.houses", houses)


def _house_rent(inputs: Inputs) -> NDArray[np.float64]:
    """Market rent of a house: the place's, pulled by the rent known or agreed for it, (2, n)."""

    def rent() -> NDArray[np.float64]:
        known = inputs.number("market_rent_yuan_per_m2_year")
        agreed = inputs.number("contract_rent_yuan_per_year") / inputs.number("building_area_m2")
        known = np.where(np.isnan(known) & (agreed > 0.0), agreed, known)
        quotes = inputs.quotes("house_rent")
        prices = np.stack([quotes.fields("value"), quotes.fields("log_error")])
        error = inputs.rule("homestead.rent_evidence_error")
        return pulled(inputs, prices, quotes.index, known, error)

    return inputs.once("homestead.rent", rent)


def _counted_plot(inputs: Inputs) -> Column:
    """Area of the homestead up to the province's standard; NaN where it is not known."""
    standards = inputs.rules.table("homestead.plot_standard")
    inputs.asked["rule:homestead.plot_standard"] = ""
    limits = np.array([float(standards.get(region[:2], "inf")) for region in inputs.batch.regions])
    plot: Column = np.minimum(inputs.number("plot_area_m2"), limits[inputs.batch.region_index])
    return plot


def _plot_price(inputs: Inputs) -> NDArray[np.float64]:
    """Paid price of homesteads here: the row's own or the county's, never another's, (2, n)."""
    quotes = inputs.quotes("homestead_price")
    near = quotes.fields("level") >= inputs.rule("homestead.land_level")
    prices = np.stack([
        np.where(near, quotes.fields("value"), np.nan), quotes.fields("log_error")
    ])  # fmt: skip
    own = inputs.number("exit_price_yuan_per_m2")
    return pulled(inputs, prices, quotes.index, own, inputs.rule("homestead.exit_price_error"))


def homestead_cost(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the cost value of farmhouses.

    Parameters
    ----------
    inputs : Inputs
        Farmhouses.
    wanted : (n,) bool
        Rows to value.
    out : (9, n) float64
        As `riskengine.kernels.homestead.homestead_cost_rows`.
    """
    price, price_error = _plot_price(inputs)
    block = inputs.stack(
        inputs.number("building_area_m2"), homestead_term(inputs),
        inputs.number("reverts_uncompensated"), inputs.number("repair_cost_yuan"),
        inputs.number("fitout_cost_yuan"), inputs.years_to("fitout_on"),
        inputs.number("fitout_life_years"), inputs.number("equipment_cost_yuan"),
        inputs.years_to("equipment_on"), inputs.number("equipment_life_years"),
        inputs.number("inspected_newness"), inputs.number("functional_loss_yuan"),
        inputs.number("external_loss_yuan"), inputs.number("sole_dwelling"),
        _house_rent(inputs)[0], _counted_plot(inputs) * price, price_error,
    )  # fmt: skip
    discounts = code_tables(
        inputs, "buyer_pool", "homestead.buyer_discount", "homestead.prudent_buyer_discount"
    )
    discounts[:, -1] = discounts[:, VILLAGE]
    policy = np.array([
        inputs.rule("homestead.inspection_weight"), inputs.rule("homestead.buyer_discount_error"),
        inputs.rule("homestead.cost_model_error"), inputs.rule("homestead.fitout_life"),
        inputs.rule("homestead.equipment_life"),
        inputs.rule("homestead.minimum_housing_rent_years"),
    ])  # fmt: skip
    homestead.homestead_cost_rows(
        block, _houses(inputs), building_cost(inputs, "structure"), inputs.code("buyer_pool"),
        discounts, policy, wanted, out,
    )  # fmt: skip


def homestead_income(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the income value of houses that are let and of rights to use a house.

    Parameters
    ----------
    inputs : Inputs
        Farmhouses.
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        As `riskengine.kernels.homestead.homestead_income_rows`.
    """
    block = inputs.stack(
        inputs.number("building_area_m2"), inputs.number("contract_rent_yuan_per_year"),
        inputs.years_to("contract_rent_until"), inputs.number("tenant_bears_costs"),
        inputs.number("rent_payable_yuan_per_year"), inputs.years_to("rent_paid_through"),
        homestead_term(inputs), inputs.number("rent_in_advance"), inputs.number("vacancy_share"),
        inputs.number("operating_cost_share"), _use_right(inputs).astype(np.float64),
        inputs.number("sole_dwelling"),
    )  # fmt: skip
    rates = inputs.quotes("homestead_yield")
    policy = np.array([
        inputs.rule("income.rate_stress"), inputs.rule("homestead.vacancy"),
        inputs.rule("homestead.operating_cost"), inputs.rule("homestead.income_model_error"),
        inputs.rule("homestead.lease_ceiling"),
        inputs.rule("homestead.minimum_housing_rent_years"),
    ])  # fmt: skip
    homestead.homestead_income_rows(
        block, _house_rent(inputs), _houses(inputs), rates.fields("value"), rates.index, policy,
        wanted, out,
    )  # fmt: skip


HOMESTEAD_COST = Method(
    "cost",
    Text("成本法", "cost approach"),
    "(replacement cost x newness - obsolescence + paid homestead price) x (1 - buyers' discount)",
    "GB/T 50291-2015, cost approach; breakdown of depreciation",
    (
        Working("replacement_cost", Text("重置成本", "replacement cost"), "yuan"),
        Working("wear", Text("分解法物质折旧", "wear by breakdown"), "yuan"),
        Working("newness", Text("成新率", "newness"), "1"),
        Working("house_value", Text("房屋公开价值", "house, in the open"), "yuan"),
        Working("homestead_value", Text("宅基地公开价值", "homestead, in the open"), "yuan"),
        Working("buyer_discount", Text("受让范围折价", "discount of the buyers' circle"), "1"),
    ),
    homestead_cost,
)
HOMESTEAD_INCOME = Method(
    "income",
    Text("收益法", "income capitalisation"),
    "contract rent, then market rent x (1 - vacancy) x (1 - cost), less rent payable, discounted",
    "GB/T 50291-2015, income approach; working ranges of village lettings",
    (
        Working("net_market_rent", Text("市场净租金", "net market rent"), "yuan/year"),
        Working("contract_value", Text("合同租金现值", "value of rent under contract"), "yuan"),
        Working("market_value", Text("市场租金现值", "value of market rent"), "yuan"),
        Working("rent_payable_value", Text("应付租金现值", "value of rent payable"), "yuan"),
        Working("years", Text("计算年限", "years that count"), "year"),
    ),
    homestead_income,
)


def _dealt_term(inputs: Inputs) -> Column:
    """Term of a deal as dealt, endless where none is stated; of a right as the law cuts it."""
    if is_deals(inputs):
        return inputs.number("term_years", np.inf)
    return homestead_term(inputs)


HOMESTEAD_DEALS = replace(HOMESTEAD_PLAN, term=_dealt_term)
HOMESTEAD_COMPARISON = comparison_method(HOMESTEAD_DEALS)
"""Deals inside the circle of buyers speak for themselves: no further discount."""

HOMESTEAD_APPROACH = Approach(
    HOMESTEAD, (HOMESTEAD_COST, HOMESTEAD_COMPARISON, HOMESTEAD_INCOME, HOMESTEAD_LEARNED), CASES,
    homestead_case, homestead_term, ("building_cost", "building_cost", "house_rent"),
)  # fmt: skip
