"""Collective operating construction land (集体经营性建设用地): five ways, and what stands on it."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.construction_land import construction_rows
from riskengine.methods.building import building_cost
from riskengine.methods.method import (
    LOG_ERROR,
    PRUDENT,
    VALUE,
    Approach,
    Codes,
    Column,
    Inputs,
    Method,
    Working,
)
from riskengine.rights.construction import CONSTRUCTION
from riskengine.words import Text

KINDS = CONSTRUCTION.by_name["kind"].codes
USES = CONSTRUCTION.by_name["land_use"].codes
OWNERS = CONSTRUCTION.by_name["benchmark_ownership"].codes
CASES = ("construction_income", "construction_residual", "construction_bare")
"""Rows of the method matrix: land that earns a rent, land to be developed, neither known."""

WAYS = ("deal_price", "benchmark", "income", "residual", "cost")
"""Methods in the order in which `riskengine.kernels.construction_land` numbers them."""


def construction_case(inputs: Inputs) -> Codes:
    """Position in `CASES` of every right, by the facts that are known of it.

    Parameters
    ----------
    inputs : Inputs
        Construction land.

    Returns
    -------
    (n,) int64
        Positions: income where a rent is known, else residual where the completed
        floor has a price or a rent, else bare.
    """
    floor = ~np.isnan(inputs.number("floor_rent_yuan_per_m2_year"))
    built = inputs.number("building_area_m2", 0.0) > 0.0
    land = ~np.isnan(inputs.number("land_rent_yuan_per_m2_year"))
    completed = floor | ~np.isnan(inputs.number("completed_price_yuan_per_m2"))
    case: Codes = np.where(land | (floor & built), 0, np.where(completed, 1, 2)).astype(np.int64)
    return case


def construction_term(inputs: Inputs) -> Column:
    """Years for which a right still runs: the registered end, within the longest term of its use.

    Parameters
    ----------
    inputs : Inputs
        Construction land.

    Returns
    -------
    (n,) float64
        Remaining term [year], >= 0; NaN where end or use is not known.
    """

    def term() -> Column:
        longest = inputs.rule_by_code("construction.statutory_term", "land_use")
        elapsed = np.nan_to_num(-inputs.years_to("granted_on"))
        return np.maximum(np.minimum(inputs.years_to("term_end"), longest - elapsed), 0.0)

    return inputs.once("construction.term", term)


def _rate(inputs: Inputs) -> Column:
    """Yield of land of the use."""
    quotes = inputs.quotes("construction_yield", USES, inputs.code("land_use"))
    return quotes.column("value")


def _share(inputs: Inputs, name: str) -> Column:
    """A share given for the parcel, or the rule's for its use."""
    given = inputs.number(f"{name}_share")
    found: Column = np.where(
        np.isnan(given), inputs.rule_by_code(f"construction.{name}", "land_use"), given
    )
    return found


def _buildings(inputs: Inputs) -> tuple[Column, Column]:
    """Value of the buildings and the years left to them, within the term of the land."""

    def buildings() -> tuple[Column, Column]:
        cost, _ = building_cost(inputs, "building_structure")
        life = inputs.number("building_life_years")
        by_structure = inputs.rule_by_code("homestead.life", "building_structure")
        life = np.where(np.isnan(life), by_structure, life)
        residual = inputs.rule_by_code("homestead.residual_share", "building_structure")
        age = -inputs.years_to("building_built_on")
        own = np.maximum(life - age, 0.0)
        left = np.minimum(own, construction_term(inputs))
        residual = np.where(left < own, 0.0, residual)
        with np.errstate(invalid="ignore"):
            newness = 1.0 - (1.0 - residual) * age / (age + left)
        return inputs.number("building_area_m2", 0.0) * cost * newness, left

    return inputs.once("construction.buildings", buildings)


def _benchmark(inputs: Inputs) -> tuple[Column, Column, Column, Column]:
    """Benchmark price, its log error, its age, and 1 where it is for state land."""
    own = inputs.number("benchmark_price_yuan_per_m2")
    age = np.nan_to_num(-inputs.years_to("benchmark_on"))
    collective = inputs.code("benchmark_ownership") == OWNERS.index("collective")
    level = inputs.rule("construction.benchmark_level")
    state = np.where(collective, 0.0, 1.0)
    error = np.full(inputs.size, inputs.rule("construction.benchmark_evidence_error"))
    for quantity, owned in (("construction_benchmark", 0.0), ("construction_state_benchmark", 1.0)):
        quotes = inputs.quotes(quantity, USES, inputs.code("land_use"))
        taken = np.isnan(own) & (quotes.column("level") >= level)
        own = np.where(taken, quotes.column("value"), own)
        error = np.where(taken, quotes.column("log_error"), error)
        age = np.where(taken, quotes.column("age_years"), age)
        state = np.where(taken, owned, state)
    return own, error, age, state


def _cost_basis(inputs: Inputs) -> Column:
    """What the land cost its holder: acquisition and works, else the last price paid."""
    acquisition = inputs.number("acquisition_cost_yuan_per_m2")
    works = inputs.number("works_cost_yuan_per_m2")
    spent = (np.nan_to_num(acquisition) + np.nan_to_num(works)) * inputs.number("area_m2")
    unknown = np.isnan(acquisition) & np.isnan(works)
    basis: Column = np.where(unknown, inputs.number("last_price_yuan"), spent)
    return basis


def _rent_payable(inputs: Inputs) -> Column:
    """Rent that a lessee still owes; 0 for every other right."""
    leased = inputs.code("kind") == KINDS.index("lease")
    payable: Column = np.where(leased, inputs.number("rent_payable_yuan_per_m2_year"), 0.0)
    return payable


def _price_rows(inputs: Inputs) -> tuple[Column | float, ...]:
    """Rows 5 to 18 of the block: prices and what corrects them."""
    use = inputs.code("land_use")
    deals = inputs.quotes("construction_price", USES, use)
    typical = inputs.rule_by_code("construction.typical_plot_ratio", "land_use")
    stated = inputs.number("benchmark_plot_ratio")
    price, error, age, state = _benchmark(inputs)
    gap, deviation = (
        inputs.rule(f"construction.ownership_{name}") for name in ("gap", "gap_error")
    )
    given = inputs.number("benchmark_date_factor")
    grown = np.exp(age * np.log1p(inputs.rule("construction.price_growth")))
    return (
        inputs.rule_by_code("construction.statutory_term", "land_use"),
        inputs.number("plot_ratio"), typical, np.where(np.isnan(stated), typical, stated),
        use.astype(np.float64), deals.column("value"), deals.column("log_error"), price, error,
        gap * state, deviation / (1.0 - gap) * state, inputs.number("benchmark_factors", 0.0),
        np.where(np.isnan(given), grown, given), inputs.number("development_gap_yuan_per_m2", 0.0),
    )  # fmt: skip


def _income_rows(inputs: Inputs) -> tuple[Column | float, ...]:
    """Rows 19 to 28 of the block: rents, buildings and development."""
    net = (1.0 - _share(inputs, "vacancy")) * (1.0 - _share(inputs, "operating_cost"))
    floor = inputs.number("floor_rent_yuan_per_m2_year") * net
    area = inputs.number("building_area_m2", 0.0)
    value, left = _buildings(inputs)
    cost, error = building_cost(inputs, "building_structure")
    planned = inputs.number("development_cost_yuan_per_m2")
    evidence = inputs.rule("homestead.building_cost_evidence_error")
    years = inputs.number("development_years")
    usual = inputs.rule_by_code("construction.development_years", "land_use")
    ground = inputs.number("land_rent_yuan_per_m2_year")
    return (
        ground * (1.0 - inputs.rule("construction.land_rent_cost")), floor * area, value,
        _rate(inputs) + inputs.rule("construction.building_rate_premium"),
        np.where(area > 0.0, left, np.nan), inputs.number("completed_price_yuan_per_m2"), floor,
        np.where(np.isnan(planned), cost, planned), np.where(np.isnan(planned), error, evidence),
        np.where(np.isnan(years), usual, years),
    )  # fmt: skip


def _block(inputs: Inputs) -> NDArray[np.float64]:
    """Everything that `riskengine.kernels.construction_land.construction_rows` looks at."""
    levy = inputs.number("levy_share")
    levy = np.where(np.isnan(levy), inputs.rule("construction.levy"), levy)
    return inputs.stack(
        inputs.number("area_m2"), construction_term(inputs), _rate(inputs),
        np.maximum(np.nan_to_num(inputs.years_to("rent_paid_through")), 0.0), _rent_payable(inputs),
        *_price_rows(inputs), *_income_rows(inputs),
        inputs.number("acquisition_cost_yuan_per_m2"), inputs.number("works_cost_yuan_per_m2", 0.0),
        inputs.number("works_years", 0.0), np.minimum(levy, inputs.rule("construction.levy_cap")),
        _cost_basis(inputs),
    )  # fmt: skip


POLICY = (
    "income.rate_stress", "construction.plot_ratio_unknown_error",
    "construction.deal_price_model_error", "construction.benchmark_model_error",
    "construction.rent_evidence_error", "construction.income_model_error",
    "construction.fee_share", "construction.selling_share", "construction.developer_profit",
    "construction.residual_model_error", "construction.interest_rate",
    "construction.acquisition_profit", "construction.land_appreciation",
    "construction.cost_model_error", "construction.transfer_tax", "construction.gain_share",
)  # fmt: skip
"""Rules in the order of the kernel's policy."""


def _plot_ratio_table(inputs: Inputs) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Plot ratios of the coefficient table and the coefficients of every use."""
    table = inputs.rules.table("construction.plot_ratio_coefficient")
    inputs.asked["rule:construction.plot_ratio_coefficient"] = "land_use"
    ratios = np.array(table["ratio"], dtype=np.float64)
    blank = [np.nan] * ratios.size
    return ratios, np.array([table.get(use, blank) for use in USES], dtype=np.float64)


def _fill(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64], way: str) -> None:
    """Fill the value by one way."""
    block = inputs.once("construction.block", lambda: _block(inputs))
    policy = np.array([inputs.rule(name) for name in POLICY])
    ratios, coefficients = _plot_ratio_table(inputs)
    construction_rows(block, policy, ratios, coefficients, WAYS.index(way), wanted, out)


def construction_buildings(
    inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]
) -> None:
    """Fill the value of the buildings that stand on the land.

    Parameters
    ----------
    inputs : Inputs
        Construction land.
    wanted : (n,) bool
        Rows to value.
    out : (4, n) float64
        Value [yuan], log error [1], prudent value [yuan], years left [year].
    """
    value, left = _buildings(inputs)
    _, error = building_cost(inputs, "building_structure")
    out[VALUE] = out[PRUDENT] = np.where(wanted, value, np.nan)
    out[LOG_ERROR] = np.hypot(error, inputs.rule("construction.buildings_error"))
    out[3] = np.where(wanted, left, np.nan)


def _method(
    name: str, title: Text, formula: str, source: str, *workings: tuple[str, str, str, str]
) -> Method:
    """A way to value the land, with its three workings and those that all share."""
    shared = (
        ("unit_price", "地价", "price of the land", "yuan/m2"),
        ("rent_payable_value", "应付租金现值", "value of rent payable", "yuan"),
        ("tax_and_levy", "税费与调节金", "tax and levy", "yuan"),
    )
    return Method(
        name, title, formula, source,
        tuple(Working(code, Text(zh, en), unit) for code, zh, en, unit in (*workings, *shared)),
        partial(_fill, way=name),
    )  # fmt: skip


TERM = ("term_factor", "年期修正系数", "term factor", "1")
PLOT_RATIO = ("plot_ratio_factor", "容积率修正系数", "plot-ratio factor", "1")

CONSTRUCTION_METHODS = (
    _method(
        "income", Text("收益还原法", "income capitalisation"),
        "net land rent, or floor rent less what its buildings must earn, x annuity of the term",
        "GB/T 18508-2014, income capitalisation; land residual technique",
        ("net_land_rent", "土地净收益", "net income of the land", "yuan/m2/year"),
        ("annuity", "年金系数", "annuity factor", "year"),
        ("building_income", "建筑物应得收益", "income that the buildings must earn", "yuan/year"),
    ),
    _method(
        "residual", Text("剩余法", "hypothetical development"),
        "completed value x (1 - selling) / (1 + profit) - building x (1 + fees), discounted",
        "GB/T 18508-2014, residual method in its discounted form",
        ("completed_value", "开发完成价值现值", "completed value, discounted", "yuan"),
        ("building_cost", "建筑成本现值", "cost of building, discounted", "yuan"),
        ("floor_area", "可建面积", "floor area", "m2"),
    ),
    _method(
        "benchmark", Text("基准地价系数修正法", "benchmark price corrected"),
        "P0 x (1 - collective discount) x (1 + sum K) x K_date x K_term x K_plot-ratio + D",
        "GB/T 18508-2014, benchmark price coefficients",
        ("benchmark_price", "采用的基准地价", "benchmark price used", "yuan/m2"), TERM, PLOT_RATIO,
    ),
    _method(
        "deal_price", Text("区域成交均价修正法", "deal prices of the area corrected"),
        "deal price of the use in the area x K_term x K_plot-ratio",
        "engine policy; GB/T 18508-2014, term and plot-ratio corrections",
        ("deal_price", "区域成交价", "deal price of the area", "yuan/m2"), TERM, PLOT_RATIO,
    ),
    _method(
        "cost", Text("成本逼近法", "cost approximation"),
        "(acquisition + works + interest + profit) x (1 + appreciation) x K_term",
        "GB/T 18508-2014, cost approximation",
        ("spent", "取得与开发成本", "acquisition and works", "yuan/m2"),
        ("interest", "利息", "interest", "yuan/m2"), TERM,
    ),
    Method(
        "buildings", Text("地上建筑物", "buildings on the land"),
        "floor area x cost of building x newness within the term of the land",
        "GB/T 50291-2015, cost approach",
        (Working("building_years", Text("建筑剩余年限", "years left to the buildings"), "year"),),
        construction_buildings,
    ),
)  # fmt: skip

CONSTRUCTION_APPROACH = Approach(
    CONSTRUCTION, CONSTRUCTION_METHODS, CASES, construction_case, construction_term,
    "construction_price",
)  # fmt: skip
