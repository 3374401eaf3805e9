"""Collective construction land by what it earns: rent, development, and its buildings."""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.construction_land import development_rows, land_rent_rows
from riskengine.kernels.standing import net_floor_rent_rows, standing_building_rows
from riskengine.methods.building import building_cost
from riskengine.methods.construction_facts import (
    SHARED,
    construction_term,
    holding,
    land_yield,
    policy_of,
    rules_of,
)
from riskengine.methods.inputs import Column, Inputs
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE, Method, Working
from riskengine.methods.tables import code_tables
from riskengine.words import Text


def _floor_rent(inputs: Inputs) -> Column:
    """Net rent of a square metre of floor."""

    def rent() -> Column:
        x = inputs.stack(
            inputs.number("floor_rent_yuan_per_m2_year"), inputs.number("vacancy_share"),
            inputs.number("operating_cost_share"),
        )  # fmt: skip
        usual = code_tables(
            inputs, "land_use", "construction.vacancy", "construction.operating_cost"
        )
        out = np.empty(inputs.size)
        net_floor_rent_rows(x, inputs.code("land_use"), usual, out)
        return out

    return inputs.once("construction.floor_rent", rent)


def _buildings(inputs: Inputs) -> NDArray[np.float64]:
    """Floor area, value and years left of the buildings, within the term of the land, (3, n)."""

    def buildings() -> NDArray[np.float64]:
        x = inputs.stack(
            inputs.number("building_area_m2"), inputs.number("building_life_years"),
            inputs.years_to("building_built_on"), construction_term(inputs),
        )  # fmt: skip
        ages = code_tables(
            inputs, "building_structure", "homestead.life", "homestead.residual_share"
        )
        out = np.empty((3, inputs.size))
        cost = building_cost(inputs, "building_structure")[0]
        standing_building_rows(x, cost, inputs.code("building_structure"), ages, out)
        return out

    return inputs.once("construction.buildings", buildings)


def construction_income(
    inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]
) -> None:
    """Fill the income value of land that is let, bare or with its buildings.

    Parameters
    ----------
    inputs : Inputs
        Construction land.
    wanted : (n,) bool
        Rows to value.
    out : (9, n) float64
        As `riskengine.kernels.construction_land.land_rent_rows`.
    """
    rates = land_yield(inputs)
    kept = 1.0 - inputs.rule("construction.land_rent_cost")
    rents = inputs.stack(inputs.number("land_rent_yuan_per_m2_year") * kept, _floor_rent(inputs))
    policy = policy_of(inputs, "building_rate_premium", "rent_evidence_error", "income_model_error")
    land_rent_rows(
        holding(inputs), rents, _buildings(inputs), rates.fields("value"),
        rates.index, policy, wanted, out,
    )  # fmt: skip


def has_scheme(inputs: Inputs, wanted: NDArray[np.bool_]) -> bool:
    """Whether the completed floor of any right has a price or a rent, or any right has run out.

    Parameters
    ----------
    inputs : Inputs
        Construction land.
    wanted : (n,) bool
        Rows to value.

    Returns
    -------
    bool
        True when one has.
    """
    price = inputs.number("completed_price_yuan_per_m2")
    rent = inputs.number("floor_rent_yuan_per_m2_year")
    known = ~(np.isnan(price) & np.isnan(rent)) | (construction_term(inputs) == 0.0)
    return bool((wanted & known).any())


def construction_residual(
    inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]
) -> None:
    """Fill the value by hypothetical development.

    Parameters
    ----------
    inputs : Inputs
        Construction land.
    wanted : (n,) bool
        Rows to value.
    out : (9, n) float64
        As `riskengine.kernels.construction_land.development_rows`.
    """
    (usual,) = code_tables(inputs, "land_use", "construction.development_years")
    years = inputs.number("development_years")
    block = inputs.stack(
        inputs.number("plot_ratio"), inputs.number("completed_price_yuan_per_m2"),
        _floor_rent(inputs), inputs.number("development_cost_yuan_per_m2"),
        np.where(np.isnan(years), usual[inputs.code("land_use")], years),
    )  # fmt: skip
    policy = np.array([
        *policy_of(
            inputs, "building_rate_premium", "rent_evidence_error", "residual_model_error"
        ),
        inputs.rule("homestead.building_cost_evidence_error"),
        *rules_of(inputs, "fee_share", "selling_share", "developer_profit"),
    ])  # fmt: skip
    rates = land_yield(inputs)
    development_rows(
        holding(inputs), block, building_cost(inputs, "building_structure"),
        rates.fields("value"), rates.index, policy, wanted, out,
    )  # fmt: skip


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
    _, value, left = _buildings(inputs)
    error = building_cost(inputs, "building_structure")[1]
    known = wanted & ~np.isnan(value)
    out[VALUE] = out[PRUDENT] = np.where(known, value, np.nan)
    fuzzy = np.hypot(error, inputs.rule("construction.buildings_error"))
    out[LOG_ERROR] = np.where(known, fuzzy, np.nan)
    out[3] = np.where(known, left, np.nan)


CONSTRUCTION_INCOME = Method(
    "income",
    Text("收益还原法", "income capitalisation"),
    "net land rent, or floor rent less what its buildings must earn, x annuity of the term",
    "GB/T 18508-2014, income capitalisation; land residual technique",
    (
        *SHARED,
        Working("net_land_rent", Text("土地净收益", "net income of the land"), "yuan/m2/year"),
        Working("annuity", Text("年金系数", "annuity factor"), "year"),
        Working("building_income", Text("建筑物应得收益", "income of the buildings"), "yuan/year"),
    ),
    construction_income,
)
CONSTRUCTION_RESIDUAL = Method(
    "residual",
    Text("剩余法", "hypothetical development"),
    "completed value x (1 - selling) / (1 + profit) - building x (1 + fees), discounted",
    "GB/T 18508-2014, residual method in its discounted form",
    (
        *SHARED,
        Working("completed_value", Text("开发完成价值现值", "completed value, discounted"), "yuan"),
        Working("building_cost", Text("建筑成本现值", "cost of building, discounted"), "yuan"),
        Working("floor_area", Text("可建面积", "floor area"), "m2"),
    ),
    construction_residual,
    has_scheme,
)
CONSTRUCTION_BUILDINGS = Method(
    "buildings",
    Text("地上建筑物", "buildings on the land"),
    "floor area x cost of building x newness within the term of the land",
    "GB/T 50291-2015, cost approach",
    (Working("building_years", Text("建筑剩余年限", "years left to the buildings"), "year"),),
    construction_buildings,
)
