"""Published worked examples of forest valuation against the kernels."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from riskengine.kernels.cubic_rotation import best_cubic_age, planted_land_value
from riskengine.kernels.discount import annuity_factor, discount_factor
from riskengine.kernels.felling import best_felling_age
from riskengine.kernels.forestry import (
    harvest_present_value,
    market_stumpage,
    stumpage_value,
    young_replacement_cost,
)
from riskengine.kernels.orchard import full_bearing_value
from riskengine.kernels.payments import dated_value
from riskengine.kernels.rotation import land_expectation_value, perpetual_value, rotation_value
from riskengine.kernels.stand import (
    fruit_quality,
    grown_quality,
    survival_coefficient,
    young_quality,
)
from tests.golden.oracle import hold, load

CASES = load("valuation_forest.toml")
NONE = np.empty(0)
Answer = dict[str, Any]


def mature_stand(*, area, volume, shares, prices, direct_cost, tax, profit) -> Answer:
    names = "sales", "costs", "profit", "value"
    parts = stumpage_value(
        area * volume, np.array(shares), np.array(prices), direct_cost, 0.0, 0.0, tax, profit, 0
    )
    return dict(zip(names, parts, strict=True))


def young_stand(*, area, survival, required, height, reference_height, costs, rate) -> Answer:
    kept = survival_coefficient(survival, required, 0.0, 1.0)
    quality = young_quality(kept, height, reference_height)
    return {"value": area * young_replacement_cost(np.array(costs), rate, quality)}


def quality(*, survival, required, height_ratio) -> Answer:
    kept = survival_coefficient(survival, required, 0.0, 1.0)
    return {"quality": young_quality(kept, height_ratio, 1.0)}


def orchard(*, area, income, cost, age, last_age, rate) -> Answer:
    net = area * (income - cost)
    return {"value": full_bearing_value(net, age, last_age, rate, 1.0, 0.0, True)}


def bare_land(*, felling_age, harvest, flow_years, flows, annual, rate) -> Answer:
    value, _ = land_expectation_value(
        harvest, felling_age, np.array(flow_years), np.array(flows), annual, NONE, rate
    )
    return {"value": value}


def bare_land_and_rent(**inputs) -> Answer:
    value = bare_land(**inputs)["value"]
    return {"value": value, "rent": value * inputs["rate"]}


def sustained(*, area, income, cost, rate) -> Answer:
    return {"value": area * (income - cost) * annuity_factor(rate, np.inf)}


def rotations(*, price, harvest_cost, plant, rate, ages, volumes) -> Answer:
    single = [
        rotation_value(
            (price - harvest_cost) * volume, age, np.zeros(1), np.array([-plant]), 0.0, NONE, rate
        )
        for age, volume in zip(ages, volumes, strict=True)
    ]
    perpetual = [perpetual_value(one, age, rate) for one, age in zip(single, ages, strict=True)]
    return {"single": single, "perpetual": perpetual}


def single_rotation(*, values, rate) -> Answer:
    ages = np.arange(1.0, len(values) + 1)
    present = [
        rotation_value(v, age, NONE, NONE, 0.0, NONE, rate)
        for v, age in zip(values, ages, strict=True)
    ]
    age, best = best_felling_age(ages, np.array(values), NONE, NONE, 0.0, NONE, rate, 1)
    assert age in (3.0, 4.0)
    return {"present": present, "best": best}


def chestnut(*, area, costs, rate, height, crown) -> Answer:
    ratio = fruit_quality(1.0, height[0] / height[1], crown[0] / crown[1], 1.0, 1.0)
    return {"value": area * young_replacement_cost(np.array(costs), rate, ratio)}


def cubic(*, price, cost, force, linear, square, cube) -> Answer:
    growth = linear, square, cube
    single, faustmann, increment = (
        best_cubic_age(price, cost, *growth, force, criterion, 1.0, 90.0) for criterion in (1, 0, 2)
    )
    value = planted_land_value(faustmann, price, cost, *growth, force)
    return {"single": single, "faustmann": faustmann, "increment": increment, "value": value}


def cubic_ages(**inputs) -> Answer:
    answer = cubic(**inputs)
    return {name: answer[name] for name in ("single", "faustmann")}


def slash_pine(*, rates, **inputs) -> Answer:
    return {"value": [bare_land(rate=rate, **inputs)["value"] for rate in rates]}


def middle_aged_fir(
    *, area, age, felling_age, volume, reference_volume, harvest_volume, stumpage, annual_cost, rate
) -> Answer:
    ratio = grown_quality(volume, reference_volume, 1.0, 1.0)
    in_progress, completed = (
        area
        * harvest_present_value(
            harvest_volume * stumpage, felling_age, NONE, NONE, annual_cost, NONE,
            age, ratio, rate, convention, 0.0, 1.0,
        )[2]
        for convention in (True, False)
    )  # fmt: skip
    return {"value": in_progress, "completed_less_in_progress": completed - in_progress}


def market(*, volume, price, quality, price_index) -> Answer:
    return {"value": market_stumpage(volume, price, quality, price_index)}


def profit_on_direct_cost(
    *, prices, shares, direct_cost, other_cost, design_fee, tax, profit
) -> Answer:
    costs = direct_cost, other_cost, design_fee, tax, profit, 1
    alone = [
        stumpage_value(1.0 / share, np.array([share]), np.array([price]), *costs)[3]
        for share, price in zip(shares, prices, strict=True)
    ]
    together = stumpage_value(1.0, np.array(shares), np.array(prices), *costs)[3]
    return {"per_m3": alone, "with_one_fee": together}


def thinnings(*, years, amounts, rate) -> Answer:
    two, three = (
        dated_value(np.array(years[:count]), np.array(amounts[:count]), rate) for count in (2, 3)
    )
    return {"two": two, "three": three}


def timberland(*, price, pruning, pruning_year, income, first, every, tax, rate) -> Answer:
    series = perpetual_value(income * discount_factor(rate, every), every, rate)
    value = series * discount_factor(rate, first - every) - price
    value -= pruning * discount_factor(rate, pruning_year) + tax / rate
    return {"value": value}


def lev_table(*, ages, harvests, rate) -> Answer:
    return {
        "value": [
            land_expectation_value(harvest, age, NONE, NONE, 0.0, NONE, rate)[0]
            for age, harvest in zip(ages, harvests, strict=True)
        ]
    }


def two_readings(
    *, volume, shares, net_prices, felling_age, thinning_ages, thinnings, costs, annual, rate
) -> Answer:
    harvest = stumpage_value(
        volume, np.array(shares), np.array(net_prices), 0.0, 0.0, 0.0, 0.0, 0.0, 2
    )[3]
    flows = np.array([*thinnings, *(-cost for cost in costs)])
    start, end = (
        land_expectation_value(
            harvest, felling_age, np.array([*thinning_ages, *(i + late for i in range(4))]), flows,
            annual, NONE, rate,
        )[0]
        for late in (0.0, 1.0)
    )  # fmt: skip
    overhead = -annual * annuity_factor(rate, np.inf)
    return {"harvest": harvest, "overhead": overhead, "year_start": start, "year_end": end}


METHODS: dict[str, Callable[..., Answer]] = {
    "FO-01": mature_stand,
    "FO-02": young_stand,
    "FO-03": quality,
    "FO-04": orchard,
    "FO-05": bare_land,
    "FO-06": sustained,
    "FO-07": rotations,
    "FO-07-MORE": rotations,
    "FO-08": single_rotation,
    "FO-09": chestnut,
    "FO-10": cubic,
    "FO-10-PRICE": cubic_ages,
    "FO-11": slash_pine,
    "LARCH-40": bare_land_and_rent,
    "FIR-200-MU": middle_aged_fir,
    "MARKET-2006": market,
    "FIR-21-STUMPAGE": profit_on_direct_cost,
    "SPRUCE-THINNINGS": thinnings,
    "WRONG-TIMBERLAND": timberland,
    "WRONG-LEV-TABLE": lev_table,
    "TWO-READINGS-FIR-2000": two_readings,
}


@pytest.mark.parametrize("case", CASES)
def test_worked_example(case: str) -> None:
    hold(CASES[case], METHODS[case](**CASES[case]["inputs"]))


def test_every_method_has_its_case() -> None:
    assert set(METHODS) == set(CASES)
