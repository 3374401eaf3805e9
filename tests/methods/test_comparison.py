"""The comparison method: against a twin on plain cells, and what must hold of it."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from riskengine.comparables import Comparables
from riskengine.market import demonstration
from riskengine.methods.comparison import ERROR, LEVEL, PRICE, USED, compare, comparison_method
from riskengine.methods.comparison_grid import PLANS, comparison_grid
from riskengine.methods.comparison_rights import CONSTRUCTION_PLAN
from riskengine.methods.inputs import Inputs
from riskengine.methods.land_comparison import LAND_PLAN
from riskengine.methods.method import PRUDENT, VALUE
from riskengine.rights import RIGHTS
from riskengine.rights.comparables import COMPARABLES
from riskengine.rules import statute
from riskengine.sample import SAMPLES
from riskengine.sample.comparables import sample_comparables
from riskengine.table import check, from_pandas
from riskengine.valuation import value
from tests.reference.twin_deals import Twin

DAY = date(2026, 11, 24)
REL = 1e-9
MARKET = demonstration().on(DAY)
RULES = statute().at(DAY)
TABLES = ("land", "homestead", "forest", "construction")


def deals_of(rows) -> Comparables:
    frame = pd.DataFrame(rows)
    if "comparable_id" not in frame:
        frame.insert(0, "comparable_id", [f"D{k}" for k in range(len(frame))])
    found = check(COMPARABLES, from_pandas(COMPARABLES, frame), DAY)
    assert not found.faults, found.faults[:3]
    return Comparables(found.batch)


def rights_of(table, rows):
    frame = pd.DataFrame(rows)
    frame.insert(0, "right_id", [f"S{k}" for k in range(len(frame))])
    found = check(RIGHTS[table], from_pandas(RIGHTS[table], frame), DAY)
    assert not found.faults, found.faults[:3]
    return found.batch


def compared(table, rows, deals, market=MARKET):
    batch = rights_of(table, rows)
    inputs = Inputs(batch, market, RULES, {}, deals)
    return compare(inputs, PLANS[table], np.ones(batch.size, dtype=bool))


def days(frame):
    """Rows as dictionaries of plain cells, days as dates."""
    frame = frame.astype(object)
    for name in frame.columns:
        if any(isinstance(cell, pd.Timestamp) for cell in frame[name]):
            frame[name] = [None if pd.isna(c) else c.date() for c in frame[name]]
    return frame.to_dict("records")


@pytest.fixture(scope="module")
def book():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(sample_comparables(rng, 6000, DAY))
    frame.insert(0, "comparable_id", [f"D{k}" for k in range(len(frame))])
    return frame


@pytest.mark.parametrize("table", TABLES)
def test_the_method_equals_its_twin(book, table) -> None:
    rows = pd.DataFrame(SAMPLES[table](np.random.default_rng(8), 500, DAY))
    found = compared(table, rows, deals_of(book))
    twin = Twin(table, days(book), MARKET, RULES)
    answered = 0
    for k, row in enumerate(days(rows)):
        expected = twin.find(row)
        if expected is None:
            assert np.isnan(found[PRICE, k])
            continue
        answered += 1
        np.testing.assert_allclose(found[[PRICE, ERROR, USED, LEVEL], k], expected, rtol=REL)
    assert answered > 50


@pytest.mark.parametrize("table", TABLES)
def test_the_grid_adds_up_to_the_price(book, table) -> None:
    rows = pd.DataFrame(SAMPLES[table](np.random.default_rng(9), 200, DAY))
    deals = deals_of(book)
    inputs = Inputs(rights_of(table, rows), MARKET, RULES, {}, deals)
    found = compare(inputs, PLANS[table], np.ones(inputs.size, dtype=bool))
    for row in np.flatnonzero(~np.isnan(found[PRICE]))[:20].tolist():
        lines = comparison_grid(inputs, row)
        assert sum(line.used for line in lines) == found[USED, row]
        assert sum(line.weight for line in lines) == pytest.approx(1.0, rel=REL)
        total = sum(line.weight * line.adjusted_price for line in lines if line.used)
        assert total == pytest.approx(found[PRICE, row], rel=REL)
        for line in lines:
            factors = (
                line.date_factor,
                line.region_factor,
                line.individual_factor,
                line.term_factor,
            )
            assert line.adjusted_price == pytest.approx(
                line.price * np.prod(factors), rel=REL, nan_ok=True
            )
            assert line.deal_on <= DAY


def test_chunks_and_order_change_nothing(book) -> None:
    rows = pd.DataFrame(SAMPLES["land"](np.random.default_rng(10), 300, DAY))
    whole = compared("land", rows, deals_of(book))
    parts = [compared("land", rows[k : k + 100], deals_of(book)) for k in (0, 100, 200)]
    np.testing.assert_array_equal(whole, np.concatenate(parts, axis=1))
    back = compared("land", rows[::-1], deals_of(book))
    np.testing.assert_array_equal(whole, back[:, ::-1])


RIGHT = {
    "kind": "household", "region_code": "370983101200", "area_mu": 10.0, "land_use": "irrigated",
    "contract_end": "2046-11-24",
}  # fmt: skip


def deal(rent=800.0, region="370983101200", on=DAY - timedelta(days=30), **facts):
    return {
        "table": "land", "category": "irrigated", "region_code": region, "deal_on": on,
        "basis": "rent_per_mu_year", "unit_price_yuan": rent, **facts,
    }  # fmt: skip


def price(deals, **facts):
    return compared("land", [{**RIGHT, **facts}], deals_of(deals))[:, 0]


def test_like_deals_give_their_price_and_the_usual_error() -> None:
    found = price([deal() for _ in range(4)])
    assert found[PRICE] == pytest.approx(800.0, rel=REL)
    assert found[USED] == 4
    assert found[ERROR] > RULES.table("comparison.usual_error")["land"]


def test_prices_twice_as_high_give_twice_the_value() -> None:
    rents = (700.0, 820.0, 930.0)
    low, high = (price([deal(k * rent) for rent in rents]) for k in (1.0, 2.0))
    assert high[PRICE] == pytest.approx(2.0 * low[PRICE], rel=REL)
    assert high[ERROR] == pytest.approx(low[ERROR], rel=REL)


def test_two_deals_are_too_few() -> None:
    assert np.isnan(price([deal(), deal()])[PRICE])


@pytest.mark.parametrize(
    "facts",
    [
        {"arms_length": False}, {"related_party": True}, {"distressed": True},
        {"on": DAY + timedelta(days=1)}, {"on": DAY - timedelta(days=740)},
        {"category": "vegetable"}, {"table": "forest"}, {"basis": "price_per_m2"},
    ],
)  # fmt: skip
def test_deals_that_do_not_speak_are_left_out(facts) -> None:
    odd = [deal(5000.0, **facts) for _ in range(5)]
    found = price([*(deal() for _ in range(3)), *odd])
    assert found[PRICE] == pytest.approx(800.0, rel=REL)
    assert np.isnan(price(odd)[PRICE])


def test_a_wider_place_is_less_sure() -> None:
    near, county, province = (
        price([deal(region=region) for _ in range(3)])
        for region in ("370983101999", "370983102200", "370983999200")
    )
    assert near[LEVEL] == 1.0
    assert county[LEVEL] == province[LEVEL] == 2.0
    far = price([deal(region="370982101200") for _ in range(3)])
    assert far[LEVEL] == 3.0
    assert near[ERROR] < county[ERROR] < far[ERROR]


def test_the_township_is_asked_first() -> None:
    found = price([
        *(deal(900.0) for _ in range(3)), *(deal(600.0, "370983102200") for _ in range(9)),
    ])  # fmt: skip
    assert found[PRICE] == pytest.approx(900.0, rel=REL)


def test_deals_too_different_send_the_search_further() -> None:
    poor = [deal(soil_grade=10.0, slope_degrees=25.0, irrigated_share=0.0) for _ in range(3)]
    rich = {"soil_grade": 1.0, "slope_degrees": 0.0, "irrigated_share": 1.0}
    assert np.isnan(price(poor, **rich)[PRICE])
    found = price([*poor, *(deal(700.0, "370983102200", **rich) for _ in range(3))], **rich)
    assert found[LEVEL] == 2.0
    assert found[PRICE] == pytest.approx(700.0, rel=REL)


def test_a_better_parcel_lets_for_more() -> None:
    deals = [deal(soil_grade=5.0) for _ in range(3)]
    rents = [price(deals, soil_grade=grade)[PRICE] for grade in (2.0, 5.0, 8.0)]
    assert rents[0] > rents[1] > rents[2]
    assert rents[1] == pytest.approx(800.0, rel=REL)


def test_a_price_speaks_as_the_rent_it_stands_for() -> None:
    rate = MARKET.quote("land_discount_rate", "", "*").value
    paid = 800.0 * (1.0 - (1.0 + rate) ** -12.0) / rate
    sold = [
        {**deal(paid, term_years=12.0), "basis": "price_per_mu"} for _ in range(3)
    ]  # fmt: skip
    assert price(sold)[PRICE] == pytest.approx(800.0, rel=REL)
    assert np.isnan(price([{**one, "term_years": None} for one in sold])[PRICE])


def test_protected_land_is_not_compared_with_what_it_may_not_grow() -> None:
    deals = [{**deal(1500.0), "category": "vegetable"} for _ in range(3)]
    assert price(deals, land_use="vegetable")[PRICE] == pytest.approx(1500.0, rel=REL)
    assert np.isnan(price(deals, land_use="vegetable", permanent_basic_farmland=True)[PRICE])


def test_state_land_counts_less_its_gap() -> None:
    site = {
        "table": "construction", "category": "industrial", "region_code": "370983101200",
        "deal_on": "2026-05-01", "basis": "price_per_m2", "unit_price_yuan": 500.0,
        "term_years": 40.0, "plot_ratio": 1.0,
    }  # fmt: skip
    right = {
        "kind": "grant", "region_code": "370983101200", "area_m2": 1000.0, "plot_ratio": 1.0,
        "land_use": "industrial", "term_end": "2066-11-24",
    }  # fmt: skip
    own, state = (
        compared("construction", [right], deals_of([{**site, "land_tenure": who}] * 3))[PRICE, 0]
        for who in ("collective", "state")
    )
    assert own == pytest.approx(500.0, rel=1e-6)
    gap = RULES.number("construction.ownership_gap")
    assert state == pytest.approx(own * (1.0 - gap), rel=REL)


def test_an_index_moves_old_deals_to_today() -> None:
    snapshot = demonstration()
    level = next(seen for seen in snapshot.observations if seen.quantity == "price_index")
    moved = tuple(
        replace(level, category="land", region="CN", value=v, observed_on=day)
        for v, day in ((100.0, date(2024, 1, 1)), (110.0, DAY))
    )
    market = replace(snapshot, observations=snapshot.observations + moved, digest="moved").on(DAY)
    old = deals_of([deal(on=date(2025, 6, 1)) for _ in range(3)])
    still, rising = (compared("land", [RIGHT], old, m)[:, 0] for m in (MARKET, market))
    assert still[PRICE] == pytest.approx(800.0, rel=REL)
    share = (DAY - date(2025, 6, 1)).days / (DAY - date(2024, 1, 1)).days
    assert rising[PRICE] == pytest.approx(800.0 * 1.1**share, rel=1e-3)
    assert rising[ERROR] < still[ERROR]


def test_the_rent_found_goes_through_the_income_formula() -> None:
    deals = deals_of([deal() for _ in range(3)])
    batch = rights_of("land", [{**RIGHT, "market_rent_yuan_per_mu_year": 800.0}])
    found = value(batch, MARKET, RULES, {}, deals)
    names = [method.name for method in found.approach.methods]
    income, comparison = (found.methods[names.index(n)] for n in ("income", "comparison"))
    assert comparison[VALUE, 0] / income[VALUE, 0] == pytest.approx(800.0 / income[3, 0], rel=REL)
    assert comparison[PRUDENT, 0] < comparison[VALUE, 0]
    assert found.weights[names.index("comparison"), 0] > 0.0


def test_a_method_of_price_times_area() -> None:
    method = comparison_method(CONSTRUCTION_PLAN)
    assert method.name == "comparison"
    site = {
        "table": "construction", "category": "industrial", "region_code": "370983101200",
        "deal_on": "2026-05-01", "basis": "price_per_m2", "unit_price_yuan": 500.0,
        "term_years": 40.0, "plot_ratio": 1.0,
    }  # fmt: skip
    rows = [
        {"kind": "grant", "region_code": "370983101200", "area_m2": area, "plot_ratio": 1.0,
         "land_use": "industrial", "term_end": "2066-11-24"}
        for area in (1000.0, 3000.0)
    ]  # fmt: skip
    inputs = Inputs(rights_of("construction", rows), MARKET, RULES, {}, deals_of([site] * 3))
    both, out = np.ones(2, dtype=bool), np.empty((3 + len(method.workings), 2))
    assert method.run(inputs, both, out)
    assert out[VALUE, 1] == pytest.approx(3.0 * out[VALUE, 0], rel=REL)
    assert (out[PRUDENT] < out[VALUE]).all()
    assert not method.run(replace(inputs, comparables=None), both, out)


def test_without_deals_land_keeps_its_other_methods() -> None:
    batch = rights_of("land", [RIGHT])
    bare, empty = (value(batch, MARKET, RULES, {}, c) for c in (None, deals_of([deal()])))
    np.testing.assert_array_equal(bare.reconciled, empty.reconciled)
    assert LAND_PLAN.table == "land"
