"""Collective construction land by what it earns: rent, development, and its buildings."""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.construction_land import development_rows, land_rent_rows
from riskengine.methods.building import building_cost
from riskengine.methods.construction_facts import (
    SHARED,
    common_block,
    construction_term,
    land_yield,
    policy_of,
    rules_of,
)
from riskengine.methods.inputs import Column, Inputs
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE, Method, Working
from riskengine.words import Text


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


def _floor_rent(inputs: Inputs) -> Column:
    """Net rent of a square metre of floor."""
    kept = (1.0 - _share(inputs, "vacancy")) * (1.0 - _share(inputs, "operating_cost"))
    rent: Column = inputs.number("floor_rent_yuan_per_m2_year") * kept
    return rent


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
    area = inputs.number("building_area_m2", 0.0)
    value, left = _buildings(inputs)
    ground = inputs.number("land_rent_yuan_per_m2_year")
    block = inputs.stack(
        ground * (1.0 - inputs.rule("construction.land_rent_cost")), _floor_rent(inputs) * area,
        value, land_yield(inputs) + inputs.rule("construction.building_rate_premium"),
        np.where(area > 0.0, left, np.nan),
    )  # fmt: skip
    errors = rules_of(inputs, "rent_evidence_error", "income_model_error")
    land_rent_rows(common_block(inputs), block, policy_of(inputs), errors, wanted, out)


def has_scheme(inputs: Inputs, wanted: NDArray[np.bool_]) -> bool:
    """Whether the completed floor of any right has a price or a rent.

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
    return bool((wanted & ~(np.isnan(price) & np.isnan(rent))).any())


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
    cost, error = building_cost(inputs, "building_structure")
    planned = inputs.number("development_cost_yuan_per_m2")
    evidence = inputs.rule("homestead.building_cost_evidence_error")
    years = inputs.number("development_years")
    usual = inputs.rule_by_code("construction.development_years", "land_use")
    block = inputs.stack(
        inputs.number("plot_ratio"), inputs.number("completed_price_yuan_per_m2"),
        _floor_rent(inputs), land_yield(inputs) + inputs.rule("construction.building_rate_premium"),
        np.where(np.isnan(planned), cost, planned), np.where(np.isnan(planned), error, evidence),
        np.where(np.isnan(years), usual, years),
    )  # fmt: skip
    shares = rules_of(inputs, "fee_share", "selling_share", "developer_profit")
    errors = rules_of(inputs, "rent_evidence_error", "residual_model_error")
    development_rows(common_block(inputs), block, policy_of(inputs), shares, errors, wanted, out)


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
