"""Farmhouses with homestead use right (农房与宅基地): cost less wear, and rent where let."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels import homestead
from riskengine.methods.building import building_cost
from riskengine.methods.comparison import comparison_method
from riskengine.methods.comparison_plan import is_deals
from riskengine.methods.comparison_rights import HOMESTEAD_PLAN
from riskengine.methods.inputs import Codes, Column, Inputs
from riskengine.methods.method import Approach, Method, Working
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
        stated = inputs.years_to("term_end")
        elapsed = np.fmax(-inputs.years_to("term_start"), 0.0)
        allowed = inputs.rule("homestead.lease_ceiling") - np.nan_to_num(elapsed)
        use_right = inputs.code("kind") == KINDS.index("use_right")
        years = np.where(
            use_right, np.minimum(stated, allowed), np.where(np.isnan(stated), np.inf, stated)
        )
        return np.maximum(years, 0.0)

    return inputs.once("homestead.term", term)


def _age(inputs: Inputs) -> Column:
    """Effective age of the house, else its real age."""

    def age() -> Column:
        given = inputs.number("effective_age_years")
        return np.where(np.isnan(given), -inputs.years_to("built_on"), given)

    return inputs.once("homestead.age", age)


def _life(inputs: Inputs) -> Column:
    """Economic life given for the house, else by structure."""

    def life() -> Column:
        given = inputs.number("life_years")
        return np.where(np.isnan(given), inputs.rule_by_code("homestead.life", "structure"), given)

    return inputs.once("homestead.life", life)


def _house_rent(inputs: Inputs) -> tuple[Column, Column]:
    """Market rent of a house: the place's, pulled by the rent known or agreed for it."""

    def rent() -> tuple[Column, Column]:
        quotes = inputs.quotes("house_rent")
        known = inputs.number("market_rent_yuan_per_m2_year")
        agreed = inputs.number("contract_rent_yuan_per_year") / inputs.number("building_area_m2")
        known = np.where(np.isnan(known) & (agreed > 0.0), agreed, known)
        return inputs.combine(
            quotes.column("value"), quotes.column("log_error"), known,
            inputs.rule("homestead.rent_evidence_error"),
        )  # fmt: skip

    return inputs.once("homestead.rent", rent)


def _counted_plot(inputs: Inputs) -> Column:
    """Area of the homestead up to the province's standard; 0 where it is not known."""
    standards = inputs.rules.table("homestead.plot_standard")
    inputs.asked["rule:homestead.plot_standard"] = ""
    limits = np.array([float(standards.get(region[:2], "inf")) for region in inputs.batch.regions])
    plot: Column = np.minimum(inputs.number("plot_area_m2", 0.0), limits[inputs.batch.region_index])
    return plot


def _plot_price(inputs: Inputs) -> tuple[Column, Column]:
    """Paid price of homesteads here: the row's own or the county's, never another county's."""
    quotes = inputs.quotes("homestead_price")
    near = quotes.column("level") >= inputs.rule("homestead.land_level")
    return inputs.combine(
        np.where(near, quotes.column("value"), np.nan), quotes.column("log_error"),
        inputs.number("exit_price_yuan_per_m2"), inputs.rule("homestead.exit_price_error"),
    )  # fmt: skip


def _pool(inputs: Inputs, rule: str) -> Column:
    """Discount of the buyers' circle; the village where none is named."""
    table = inputs.rules.table(rule)
    found = inputs.rule_by_code(rule, "buyer_pool")
    return np.where(np.isnan(found), float(table[BUYER_POOLS[VILLAGE].code]), found)


def _part(inputs: Inputs, part: str) -> tuple[Column, Column, Column]:
    """Cost, age and life of a short-lived part, as old as the house where its date is missing."""
    age = -inputs.years_to(f"{part}_on")
    return (
        inputs.number(f"{part}_cost_yuan", 0.0),
        np.where(np.isnan(age), _age(inputs), age),
        inputs.number(f"{part}_life_years", inputs.rule(f"homestead.{part}_life")),
    )


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
    cost, cost_error = building_cost(inputs, "structure")
    price, price_error = _plot_price(inputs)
    rent, _ = _house_rent(inputs)
    area = inputs.number("building_area_m2")
    block = inputs.stack(
        area, cost, cost_error, _age(inputs), _life(inputs), homestead_term(inputs),
        inputs.number("reverts_uncompensated", 0.0),
        inputs.rule_by_code("homestead.residual_share", "structure"),
        inputs.number("repair_cost_yuan", 0.0), *_part(inputs, "fitout"),
        *_part(inputs, "equipment"), inputs.number("inspected_newness"),
        inputs.rule("homestead.inspection_weight"), inputs.number("functional_loss_yuan", 0.0),
        inputs.number("external_loss_yuan", 0.0), _counted_plot(inputs), price, price_error,
        _pool(inputs, "homestead.buyer_discount"),
        _pool(inputs, "homestead.prudent_buyer_discount"),
        inputs.rule("homestead.buyer_discount_error"), inputs.rule("homestead.cost_model_error"),
        inputs.number("sole_dwelling", 0.0),
        inputs.rule("homestead.minimum_housing_rent_years") * rent * area,
    )  # fmt: skip
    homestead.homestead_cost_rows(block, wanted, out)


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
    rent, error = _house_rent(inputs)
    contract = inputs.number("contract_rent_yuan_per_year")
    agreed = np.maximum(np.nan_to_num(inputs.years_to("contract_rent_until")), 0.0)
    runs = np.where(np.isnan(contract), 0.0, agreed)
    left = np.maximum(_life(inputs) - _age(inputs), 0.0)
    lived = np.fmin(np.fmax(left, np.where(runs > 0.0, runs, np.nan)), homestead_term(inputs))
    use_right = inputs.code("kind") == KINDS.index("use_right")
    bounded = np.where(np.isnan(left) & (runs == 0.0), np.nan, lived)
    block = inputs.stack(
        inputs.number("building_area_m2"), rent, error,
        inputs.number("vacancy_share", inputs.rule("homestead.vacancy")),
        inputs.number("operating_cost_share", inputs.rule("homestead.operating_cost")),
        np.nan_to_num(contract), runs, inputs.number("tenant_bears_costs", 0.0),
        inputs.number("rent_payable_yuan_per_year", 0.0),
        np.maximum(np.nan_to_num(inputs.years_to("rent_paid_through")), 0.0),
        np.where(use_right, homestead_term(inputs), bounded),
        inputs.quotes("homestead_yield").column("value"), inputs.number("rent_in_advance", 0.0),
        inputs.rule("homestead.income_model_error"), inputs.rule("income.rate_stress"),
    )  # fmt: skip
    homestead.homestead_income_rows(block, wanted, out)


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
    HOMESTEAD, (HOMESTEAD_COST, HOMESTEAD_COMPARISON, HOMESTEAD_INCOME), CASES, homestead_case,
    homestead_term, ("building_cost", "building_cost", "house_rent"),
)  # fmt: skip
