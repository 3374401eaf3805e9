"""Land by benchmark price, cost and score: from test snapshots, against the formulas."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from riskengine.comparables import Comparables
from riskengine.market import demonstration
from riskengine.market.snapshot import Observation
from riskengine.methods import APPROACHES
from riskengine.methods.inputs import Inputs
from riskengine.methods.land_factors import FACTORS, farm_factor, farm_score
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE
from riskengine.methods.run import ROLES
from riskengine.rights.comparables import COMPARABLES
from riskengine.rights.land import LAND
from riskengine.rules import statute
from riskengine.table import check, from_pandas
from riskengine.valuation import value

DAY = date(2026, 11, 24)
REL = 1e-9
RULES = statute().at(DAY)
DEMONSTRATION = demonstration()
PRICE = Observation(
    "land_benchmark_price", "370983", "irrigated", 18000.0, DAY, 1, "O", "test", "a test's county"
)
COUNTY = replace(
    DEMONSTRATION, observations=(*DEMONSTRATION.observations, PRICE), digest="test"
).on(DAY)
NAMES = [method.name for method in APPROACHES["land"].methods]
HOUSEHOLD = {
    "kind": "household", "region_code": "370983101200", "area_mu": 10.0, "land_use": "irrigated",
    "contract_end": "2046-11-24",
}  # fmt: skip
WASTELAND = {
    "kind": "wasteland", "region_code": "370983101200", "area_mu": 100.0, "land_use": "wasteland",
    "contract_end": "2056-11-24", "market_rent_yuan_per_mu_year": 60.0,
}  # fmt: skip


def batch_of(rows):
    frame = pd.DataFrame(rows)
    frame.insert(0, "right_id", [f"S{k}" for k in range(len(frame))])
    found = check(LAND, from_pandas(LAND, frame), DAY)
    assert not found.faults, found.faults[:3]
    return found.batch


def output(name, rows, market=COUNTY, deals=None):
    return value(batch_of(rows), market, RULES, {}, deals).methods[NAMES.index(name)]


def annuity(rate, years):
    return (1.0 - (1.0 + rate) ** -years) / rate


def rate_of(kind="household"):
    return COUNTY.quote("land_discount_rate", "370983", kind).value


def test_a_benchmark_price_is_cut_to_the_term_of_the_right() -> None:
    lease = {
        **HOUSEHOLD, "kind": "lease_prepaid", "lease_end": "2036-11-24",
        "rent_prepaid_through": "2036-11-24", "contract_rent_yuan_per_mu_year": 500.0,
    }  # fmt: skip
    found = output("benchmark", [lease])
    rate, full = rate_of(), RULES.table("land_price.full_term")["irrigated"]
    term = annuity(rate, 10.0) / annuity(rate, full)
    assert found[VALUE, 0] == pytest.approx(10.0 * 18000.0 * term, rel=1e-9)
    assert found[8, 0] == pytest.approx(18000.0, rel=REL)
    assert found[9, 0] == 0.0
    assert found[LOG_ERROR, 0] > RULES.number("land_price.benchmark_model_error")
    assert found[PRUDENT, 0] < found[VALUE, 0]


def test_rent_payable_is_taken_off_the_benchmark_too() -> None:
    yearly = {
        **HOUSEHOLD, "kind": "lease_yearly", "lease_end": "2036-11-24",
        "contract_rent_yuan_per_mu_year": 500.0,
    }  # fmt: skip
    prepaid = {**yearly, "kind": "lease_prepaid", "rent_prepaid_through": "2036-11-24"}
    owed, paid = (output("benchmark", [row])[VALUE, 0] for row in (yearly, prepaid))
    assert owed < paid
    dear = output("benchmark", [{**yearly, "contract_rent_yuan_per_mu_year": 5000.0}])
    assert dear[VALUE, 0] == 0.0


def test_better_facts_raise_the_benchmark_price() -> None:
    best = {"soil_grade": 1.0, "irrigated_share": 1.0, "slope_degrees": 0.0}
    worst = {"soil_grade": 10.0, "irrigated_share": 0.0, "slope_degrees": 25.0}
    prices = [output("benchmark", [{**HOUSEHOLD, **f}])[8, 0] for f in (worst, {}, best)]
    assert prices[0] < prices[1] < prices[2]
    tables = [RULES.table(f"land_price.correction_{name}")["corrections"] for name in best]
    assert prices[2] == pytest.approx(18000.0 * (1.0 + sum(max(t) for t in tables)), rel=REL)


def test_without_a_county_price_the_benchmark_does_not_answer() -> None:
    assert np.isnan(output("benchmark", [HOUSEHOLD], DEMONSTRATION.on(DAY))).all()
    elsewhere = output("benchmark", [{**HOUSEHOLD, "region_code": "370982101200"}, HOUSEHOLD])
    assert np.isnan(elsewhere[VALUE, 0])
    assert elsewhere[VALUE, 1] > 0.0
    assert np.isnan(output("benchmark", [{**HOUSEHOLD, "land_use": "pond"}])[VALUE, 0])


def test_the_cost_of_reclaimed_land() -> None:
    facts = {
        "acquisition_cost_yuan_per_mu": 1000.0, "development_cost_yuan_per_mu": 1500.0,
        "development_years": 2.0,
    }  # fmt: skip
    found = output("cost", [{**WASTELAND, **facts}])
    interest = COUNTY.quote("reference_lending_rate", "", "one_year").value
    on_land = 1000.0 * ((1 + interest) ** 2 - 1.0)
    on_works = 1500.0 * ((1 + interest) ** 1 - 1.0)
    profit, gain = (RULES.number(f"land_price.cost_{n}") for n in ("profit_share", "appreciation"))
    price = (2500.0 * (1 + profit) + on_land + on_works) * (1 + gain)
    assert found[8, 0] == pytest.approx(price, rel=REL)
    assert found[9, 0] == pytest.approx(on_land + on_works, rel=REL)
    rate = rate_of("wasteland")
    term = annuity(rate, 30.0) / annuity(rate, RULES.table("land_price.full_term")["wasteland"])
    assert found[VALUE, 0] == pytest.approx(100.0 * price * term, rel=1e-9)


@pytest.mark.parametrize(
    "hole", ["acquisition_cost_yuan_per_mu", "development_cost_yuan_per_mu", "development_years"]
)
def test_a_cost_that_is_not_whole_does_not_answer(hole) -> None:
    facts = {
        "acquisition_cost_yuan_per_mu": 1000.0, "development_cost_yuan_per_mu": 1500.0,
        "development_years": 2.0, hole: None,
    }  # fmt: skip
    assert np.isnan(output("cost", [{**WASTELAND, **facts}])[VALUE, 0])


def test_cost_values_wasteland_only() -> None:
    facts = {
        "acquisition_cost_yuan_per_mu": 1000.0, "development_cost_yuan_per_mu": 1500.0,
        "development_years": 2.0,
    }  # fmt: skip
    assert np.isnan(output("cost", [{**HOUSEHOLD, **facts}])[VALUE, 0])


def deals(grades):
    rows = [
        {"comparable_id": f"D{k}", "table": "land", "category": "irrigated",
         "region_code": "370983101200", "deal_on": DAY - timedelta(days=9 * k),
         "basis": "rent_per_mu_year", "unit_price_yuan": rent, "soil_grade": grade}
        for k, (rent, grade) in enumerate(grades)
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    return Comparables(check(COMPARABLES, from_pandas(COMPARABLES, frame), DAY).batch)


def test_a_score_times_the_price_of_a_point() -> None:
    listed = [(900.0, 1.0), (700.0, 4.0), (500.0, 7.0)]
    found = output("score", [{**HOUSEHOLD, "soil_grade": 4.0}], deals=deals(listed))
    table = RULES.table("land_price.correction_soil_grade")["corrections"]
    span = max(table) - min(table)
    points = [100.0 * (k - min(table)) / span for k in table[:3]]
    point = np.mean([rent / p for (rent, _), p in zip(listed, points, strict=True)])
    assert found[8, 0] == pytest.approx(points[1], rel=REL)
    assert found[9, 0] == pytest.approx(point, rel=REL)
    assert found[3, 0] == pytest.approx(points[1] * point, rel=REL)


def test_a_score_is_shown_and_never_counts() -> None:
    role = RULES.table("methods.land_household")["score"]
    assert ROLES[role] == ROLES["check"]
    listed = [(900.0, 1.0), (700.0, 4.0), (500.0, 7.0)]
    found = value(batch_of([{**HOUSEHOLD, "soil_grade": 4.0}]), COUNTY, RULES, {}, deals(listed))
    assert found.weights[NAMES.index("score"), 0] == 0.0


def test_without_scored_deals_there_is_no_score() -> None:
    unscored = deals([(900.0, None), (700.0, None), (500.0, None)])
    assert np.isnan(output("score", [{**HOUSEHOLD, "soil_grade": 4.0}], deals=unscored)[VALUE, 0])
    listed = deals([(900.0, 1.0), (700.0, 4.0), (500.0, 7.0)])
    assert np.isnan(output("score", [HOUSEHOLD], deals=listed)[VALUE, 0])


def test_factors_and_scores_move_together() -> None:
    rng = np.random.default_rng(4)
    low = {name: LAND.by_name[name].low for name in FACTORS}
    rows = [
        {**HOUSEHOLD, **{name: float(low[name] + rng.uniform(0.01, 1.0)) for name in FACTORS}}
        for _ in range(50)
    ]
    inputs = Inputs(batch_of([*rows, HOUSEHOLD]), COUNTY, RULES)
    factor, score = farm_factor(inputs), farm_score(inputs)
    assert np.isnan([factor[-1], score[-1]]).all()
    assert ((factor[:-1] > 0.3) & (factor[:-1] < 1.4)).all()
    assert ((score[:-1] > 0.0) & (score[:-1] <= 100.0)).all()


def test_weights_of_the_score_add_up() -> None:
    assert sum(RULES.table("land_price.score_weights").values()) == pytest.approx(1.0, rel=REL)
    assert set(RULES.table("land_price.score_weights")) == set(FACTORS)
