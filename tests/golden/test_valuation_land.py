"""Published worked examples of land, homesteads and construction land against the kernels."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from riskengine.kernels.building import building_value, land_residual_value, net_of_prior_claims
from riskengine.kernels.comparison import adjusted_price
from riskengine.kernels.construction import (
    appreciation_levy,
    collective_price,
    floor_price,
    progressive_levy,
)
from riskengine.kernels.cost import (
    cost_approximation_price,
    land_cost_interest,
    replacement_cost,
)
from riskengine.kernels.depreciation import (
    breakdown_depreciation,
    remaining_life,
    straight_line_newness,
)
from riskengine.kernels.discount import (
    annuity_factor,
    arithmetic_growth_value,
    dual_rate_years_purchase,
    growing_annuity_factor,
    term_factor,
    two_stage_value,
)
from riskengine.kernels.income import (
    explicit_then_level_value,
    level_income,
    resale_gain_value,
    resale_value,
    term_and_rate_factor,
)
from riskengine.kernels.land_price import (
    benchmark_price,
    net_of_levy,
    residual_price,
    unit_land_price,
)
from riskengine.kernels.lease import lease_value
from riskengine.kernels.obsolescence import (
    deficiency_loss,
    outdated_function_loss,
    superadequacy_loss,
)
from riskengine.kernels.plot_ratio import plot_ratio_factor
from riskengine.kernels.rates import shared_premium_rate
from riskengine.kernels.rent import net_rent
from riskengine.kernels.residual import tranche_value
from tests.golden.oracle import hold, load

FILES = "valuation_land.toml", "valuation_homestead.toml", "valuation_construction.toml"
CASES = {name: case for file in FILES for name, case in load(file).items()}
SQUARE_METRES_PER_MU = 2000.0 / 3.0
Answer = dict[str, Any]


def level(*, income, rate, years) -> Answer:
    return {"value": income * annuity_factor(rate, years)}


def other_term(*, price, rate, years_subject, years_comparable) -> Answer:
    return {
        "price": price * term_factor(rate, years_subject, years_comparable),
        "income": level_income(price, rate, years_comparable),
    }


def two_levels(*, first_income, first_years, later_income, years, rate) -> Answer:
    explicit = np.full(first_years, first_income)
    return {
        "value": two_stage_value(first_income, float(first_years), later_income, years, rate),
        "explicit": explicit_then_level_value(explicit, later_income, rate, years),
    }


def arithmetic_for_ever(*, income, increment, rate) -> Answer:
    return {"value": arithmetic_growth_value(income, increment, rate, math.inf)}


def growing_for_ever(*, income, growth, rate) -> Answer:
    return {"value": income * growing_annuity_factor(rate, growth, math.inf)}


def profit_rent(*, market_rent, contract_rent, years, rate) -> Answer:
    market, payable = lease_value(
        market_rent, 0.0, contract_rent, 0.0, 0.0, math.inf, 0.0, 0.0, 0.0, years, rate, 0.0
    )
    return {"profit_rent": market_rent - contract_rent, "value": market - payable}


def dual_rate(*, market_rent, contract_rent, years, rate, sinking_rate, tax) -> Answer:
    purchase = dual_rate_years_purchase(rate, sinking_rate, years, tax)
    return {"years_purchase": purchase, "value": (market_rent - contract_rent) * purchase}


def ground_rent(*, net_income, outlay, build_years, years, rate) -> Answer:
    """Rent that leaves the builder nothing: paid over all years, earned after building."""
    earned = two_stage_value(0.0, build_years, net_income, years, rate)
    spent = tranche_value(outlay, np.ones(1), 0.0, build_years, rate)
    return {"rent": level_income(earned - spent, rate, years)}


def use_value(*, net_return, rent, rate, soil_index) -> Answer:
    value = net_return * annuity_factor(rate, math.inf)
    return {
        "income_value": value,
        "class_three": value / soil_index,
        "rental_value": rent * annuity_factor(rate, math.inf),
    }


def explicit(*, incomes, later_income, rate, years) -> Answer:
    return {"value": explicit_then_level_value(np.array(incomes), later_income, rate, years)}


def evened(*, incomes, rate, years) -> Answer:
    """The level income that forecast years are worth, over the whole term."""
    forecast = float(len(incomes))
    worth = explicit_then_level_value(np.array(incomes), 0.0, rate, forecast)
    return {"value": level_income(worth, rate, forecast) * annuity_factor(rate, years)}


def resold(*, income, years, price_then, rate) -> Answer:
    held = income * annuity_factor(rate, years)
    return {"value": resale_value(held, price_then, 0.0, rate, years)}


def resold_with_gain(*, income, increment, years, yearly_gain, selling_share, rate) -> Answer:
    held = arithmetic_growth_value(income, increment, rate, years)
    gain = (1.0 + yearly_gain) ** years - 1.0
    value = resale_gain_value(held, gain, selling_share, rate, years)
    return {"held": held, "kept": 1.0 - held / value, "value": value}


def premium_share(*, gross_income, costs, risk_free, premium_share, years) -> Answer:
    rate = shared_premium_rate(risk_free, premium_share)
    income = net_rent(gross_income, 0.0, 0.0, 0.0, costs)
    return {"rate": rate, "value": income * annuity_factor(rate, years)}


def two_rates(*, price, rate, years) -> Answer:
    return {
        "perpetual_at_12": price * term_and_rate_factor(0.12, math.inf, rate, years),
        "fifty_years_at_8": price * term_and_rate_factor(0.08, 50.0, rate, years),
    }


def undiscounted(*, rate, years) -> Answer:
    return {"overstated": years / annuity_factor(rate, years)}


def breakdown(*, cost, repair, items, age, life) -> Answer:
    costs, ages, lives = np.array(items).T.copy()
    physical, _, short_lived, long_lived = breakdown_depreciation(
        cost, repair, costs, ages, lives, age, life, 0.0
    )
    return {"physical": physical, "short_lived": short_lived, "long_lived": long_lived}


def anew_and_worn(
    *, build, management, shares, rate, tax, profit, repair, items, age, life
) -> Answer:
    cost, interest = replacement_cost(build, management, np.array(shares), 1.0, rate, tax, profit)
    worn = breakdown(cost=cost, repair=repair, items=items, age=age, life=life)
    return {"interest": interest, "cost": cost, "depreciation": worn["physical"]}


def newness(*, age, remaining, residual) -> Answer:
    return {"newness": straight_line_newness(age, remaining, residual)}


def land_residual(*, net_income, cost, newness, land_rate, building_rate) -> Answer:
    building = cost * newness
    land = land_residual_value(net_income, building, building_rate, land_rate)
    return {"land": land, "property": land + building}


def prior_claims(*, value, owed, balance, loan_to_value) -> Answer:
    return {"value": net_of_prior_claims(value, owed, balance, loan_to_value, 0.0)}


def three_losses(*, cost, physical, functional, external) -> Answer:
    return {"value": building_value(cost, physical, functional, external)}


def written_off(*, life, age, land_years) -> Answer:
    return {"written_off_over": age + remaining_life(life, age, land_years, True)}


def no_lift(
    *, area, rent_with, vacancy_with, rent_without, vacancy_without,
    cost_alone, cost_included, rate, years,
) -> Answer:  # fmt: skip
    better, now = (
        net_rent(area * rent, vacancy, 0.0, 0.0, 0.0)
        for rent, vacancy in ((rent_with, vacancy_with), (rent_without, vacancy_without))
    )
    lost = (better - now) * annuity_factor(rate, years)
    return {"rent_loss_value": lost, "loss": deficiency_loss(cost_alone, cost_included, lost)}


def old_lift(*, cost, old, depreciated, removal, salvage, cost_alone, cost_included) -> Answer:
    loss = outdated_function_loss(old, depreciated, removal, salvage, cost_alone, cost_included)
    return {"loss": loss, "value": building_value(cost, 0.0, loss, 0.0)}


def high_ceiling(*, area, useless_per_m2, carrying_cost, rate, years) -> Answer:
    return {"loss": superadequacy_loss(area * useless_per_m2, carrying_cost, rate, years)}


def compared(
    *, price, rate, years_subject, years_comparable, region, individual,
    plot_ratios, table_ratios, table_coefficients,
) -> Answer:  # fmt: skip
    term = term_factor(rate, years_subject, years_comparable)
    dense = plot_ratio_factor(*plot_ratios, np.array(table_ratios), np.array(table_coefficients))
    return {
        "term": term,
        "price": adjusted_price(price, 1.0, 1.0, 1.0 / region, dense / individual, term),
    }


def benchmark(*, price, corrections, date, term, plot_ratio, development) -> Answer:
    return {"price": benchmark_price(price, corrections, date, term, plot_ratio, development)}


def land_from_cost(
    *, acquisition, development, shares, tranche_years, rate, profit, appreciation, area
) -> Answer:
    interest = land_cost_interest(acquisition, development, np.array(shares), tranche_years, rate)
    price = cost_approximation_price(
        acquisition, development, 0.0, sum(interest),
        profit * (acquisition + development), appreciation, 1.0,
    )  # fmt: skip
    return {
        "on_acquisition": interest[0],
        "on_development": interest[1],
        "price": price,
        "total": area * price,
    }


def interest_on_land(*, acquisition, development, shares, tranche_years, rate) -> Answer:
    return {
        "interest": sum(
            land_cost_interest(acquisition, development, np.array(shares), tranche_years, rate)
        )
    }


def with_interest_given(*, acquisition, development, interest, profit, appreciation) -> Answer:
    earned = profit * (acquisition + development)
    return {
        "price": cost_approximation_price(
            acquisition, development, 0.0, interest, earned, appreciation, 1.0
        )
    }


def appreciated(*, outlay, appreciation) -> Answer:
    return {"price": cost_approximation_price(outlay, 0.0, 0.0, 0.0, 0.0, appreciation, 1.0)}


def misprinted_acquisition(
    *, acquisition_per_mu, development, shares, tranche_years, rate, profit, area
) -> Answer:
    acquisition = acquisition_per_mu / SQUARE_METRES_PER_MU
    whole = land_from_cost(
        acquisition=acquisition, development=development, shares=shares,
        tranche_years=tranche_years, rate=rate, profit=profit, appreciation=0.0, area=area,
    )  # fmt: skip
    return {
        "acquisition": acquisition,
        "interest": whole["on_acquisition"] + whole["on_development"],
        "profit": profit * (acquisition + development),
        "price": whole["price"],
        "total": whole["total"],
    }


def developed(*, floor, floor_price, years, rate, build, shares, fees, selling, profit) -> Answer:
    """The whole price falls due at the end: a tranche of no length."""
    completed = tranche_value(floor * floor_price, np.ones(1), years, 0.0, rate)
    building = tranche_value(build, np.array(shares), 0.0, 1.0, rate)
    land = residual_price(completed, building, fees, selling, profit)
    return {
        "completed": completed,
        "build": building,
        "fees": fees * building,
        "selling": selling * completed,
        "land": land,
        "land_exact": land,
    }


def floor_and_land(*, floor, total, plot_ratio) -> Answer:
    price = floor_price(total, floor)
    return {"floor_price": price, "land_price": unit_land_price(price, plot_ratio)}


def appreciation_tax(*, deductions, prices, upper_ratios, rates) -> Answer:
    bounds, shares = np.array(upper_ratios), np.array(rates)
    return {"levies": [progressive_levy(price, deductions, bounds, shares) for price in prices]}


def levied(*, price, cost, levy, tax, gap) -> Answer:
    collective = collective_price(price, gap)
    return {
        "collective": collective,
        "levy": appreciation_levy(collective, cost, levy),
        "net": net_of_levy(collective, cost, levy, tax),
    }


METHODS: dict[str, Callable[..., Answer]] = {
    "AG-01": level,
    "AG-02": other_term,
    "AG-03": two_levels,
    "AG-04": arithmetic_for_ever,
    "AG-04-MORE": arithmetic_for_ever,
    "AG-05": growing_for_ever,
    "AG-06": profit_rent,
    "AG-06-MORE": profit_rent,
    "AG-07": profit_rent,
    "AG-08": dual_rate,
    "AG-09": ground_rent,
    "AG-10": use_value,
    "EXPLICIT-FIVE-YEARS": explicit,
    "EVENED-INCOME": evened,
    "RESALE-AT-A-PRICE": resold,
    "RESALE-AT-A-GAIN": resold_with_gain,
    "PREMIUM-AS-A-SHARE": premium_share,
    "SHORTER-TERM": other_term,
    "TWO-RATES": two_rates,
    "UNDISCOUNTED": undiscounted,
    "WRONG-ELAPSED-YEARS": profit_rent,
    "HO-01": breakdown,
    "HO-01-MORE": breakdown,
    "HO-02": anew_and_worn,
    "HO-03": newness,
    "HO-04": land_residual,
    "HO-05": prior_claims,
    "HO-06": three_losses,
    "LIFE-BEGUN-IN-THE-TERM": written_off,
    "LIFE-BEGUN-IN-THE-TERM-50": written_off,
    "LIFE-BEFORE-THE-TERM": written_off,
    "NO-LIFT": no_lift,
    "OLD-LIFT": old_lift,
    "OLD-LIFT-MORE": old_lift,
    "CEILING-TOO-HIGH": high_ceiling,
    "WRONG-OFFICE-BASE": breakdown,
    "CL-01": compared,
    "CL-02": benchmark,
    "CL-03": land_from_cost,
    "CL-04": developed,
    "CL-05": floor_and_land,
    "UNEVEN-INTEREST": interest_on_land,
    "EVEN-INTEREST": interest_on_land,
    "SIMPLE-INTEREST": with_interest_given,
    "LAND-APPRECIATION-TAX": appreciation_tax,
    "NET-OF-LEVY": levied,
    "WRONG-APPRECIATION-LEFT-OUT": appreciated,
    "WRONG-ACQUISITION-255": misprinted_acquisition,
}


@pytest.mark.parametrize("case", CASES)
def test_worked_example(case: str) -> None:
    hold(CASES[case], METHODS[case](**CASES[case]["inputs"]))


def test_every_method_has_its_case() -> None:
    assert set(METHODS) == set(CASES)
    assert sum(len(load(file)) for file in FILES) == len(CASES)


def test_a_case_that_misses_fails() -> None:
    off = {**CASES["AG-01"], "expected": {"value": [195.68, 0.005]}}
    with pytest.raises(AssertionError):
        hold(off, METHODS["AG-01"](**off["inputs"]))
    wrong = {**CASES["HO-05"], "printed": {"value": 3000.0}}
    with pytest.raises(AssertionError):
        hold(wrong, METHODS["HO-05"](**wrong["inputs"]))


# How the wrong figures came about: each is reproduced by the slip that its source made.


def test_24_82_forgets_that_ten_years_have_passed() -> None:
    case = CASES["WRONG-ELAPSED-YEARS"]
    wrong = profit_rent(**{**case["inputs"], "years": 30.0})
    assert wrong["value"] == pytest.approx(case["printed"]["value"], abs=0.005)


def test_656_takes_off_what_the_items_lost() -> None:
    inputs = CASES["WRONG-OFFICE-BASE"]["inputs"]
    lost = inputs["repair"] + sum(cost * age / life for cost, age, life in inputs["items"])
    rest = (inputs["cost"] - lost) * inputs["age"] / inputs["life"]
    assert lost + rest == pytest.approx(656.0)


def test_413_77_is_the_outlay_without_appreciation() -> None:
    case = CASES["WRONG-APPRECIATION-LEFT-OUT"]
    wrong = appreciated(**{**case["inputs"], "appreciation": 0.0})
    assert wrong["price"] == pytest.approx(case["printed"]["price"])


def test_255_would_not_give_the_interest_that_is_printed_beside_it() -> None:
    inputs = CASES["WRONG-ACQUISITION-255"]["inputs"]
    misprint = {**inputs, "acquisition_per_mu": 255.0 * SQUARE_METRES_PER_MU}
    assert misprinted_acquisition(**misprint)["interest"] == pytest.approx(54.5, abs=0.05)
