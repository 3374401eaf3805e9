"""Farmhouses: the compiled path against its vectorised twin, and what must hold of values."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from riskengine.market import demonstration
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE
from riskengine.rights.homestead import HOMESTEAD
from riskengine.rules import statute
from riskengine.sample import SAMPLES
from riskengine.table import check, from_pandas
from riskengine.valuation import Flag, value
from tests.reference.twin_homestead import twin_homestead

DAY = date(2026, 11, 24)
REL = 1e-9
MARKET = demonstration().on(DAY)
RULES = statute().at(DAY)

HOUSE = {
    "kind": "farmhouse", "region_code": "341302101201", "building_area_m2": 200.0,
    "structure": "brick_concrete", "built_on": "2006-11-24", "building_cost_yuan_per_m2": 1200.0,
    "buyer_pool": "village",
}  # fmt: skip
USE_RIGHT = {
    "kind": "use_right", "region_code": "330803101201", "building_area_m2": 140.0,
    "term_end": "2036-11-24", "market_rent_yuan_per_m2_year": 40.0,
}  # fmt: skip


def valued(rows: pd.DataFrame | list[dict[str, object]], day: date = DAY):
    frame = pd.DataFrame(rows)
    if "right_id" not in frame:
        frame.insert(0, "right_id", [f"S{k}" for k in range(len(frame))])
    found = check(HOMESTEAD, from_pandas(HOMESTEAD, frame), day)
    assert not found.faults, found.faults[:3]
    return value(found.batch, demonstration().on(day), statute().at(day))


def method(valuation, name: str, row: int = VALUE):
    names = [m.name for m in valuation.approach.methods]
    return valuation.methods[names.index(name)][row]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pd.DataFrame(SAMPLES["homestead"](np.random.default_rng(12), 20_000, DAY))


@pytest.fixture(scope="module")
def sample(frame):
    return valued(frame)


@pytest.mark.parametrize("name", ["cost", "income"])
def test_method_equals_its_twin(sample, name: str) -> None:
    expected = twin_homestead(sample.batch, MARKET, RULES)[name]
    names = [m.name for m in sample.approach.methods]
    output = sample.methods[names.index(name)]
    wanted = sample.roles[sample.case, names.index(name)] > 0
    known = ~np.isnan(output[VALUE])
    np.testing.assert_array_equal(known, wanted & ~np.isnan(expected["value"]))
    assert known.sum() > 5_000
    for row, figure in ((VALUE, "value"), (LOG_ERROR, "log_error"), (PRUDENT, "prudent")):
        np.testing.assert_allclose(
            output[row][known], expected[figure][known], rtol=REL, atol=1e-6, err_msg=figure
        )


def test_every_kind_and_case_is_valued(sample) -> None:
    for case in range(len(sample.approach.cases)):
        rows = sample.case == case
        assert rows.any()
        assert np.mean(sample.reconciled[0][rows] > 0.0) > 0.8


def test_prudent_is_never_above_the_value(sample) -> None:
    for output in sample.methods:
        known = ~np.isnan(output[VALUE])
        assert np.all(output[PRUDENT][known] <= output[VALUE][known] * (1.0 + REL))


def test_row_order_and_chunks_change_nothing(frame, sample) -> None:
    order = np.random.default_rng(3).permutation(2_000)
    shuffled = valued(frame.iloc[:2_000].iloc[order])
    np.testing.assert_array_equal(shuffled.reconciled, sample.reconciled[:, :2_000][:, order])
    parts = [valued(frame.iloc[start : start + 500]).reconciled for start in range(0, 2_000, 500)]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), sample.reconciled[:, :2_000])


def test_a_house_half_way_through_its_life() -> None:
    found = valued([HOUSE])
    names = [w.name for w in found.approach.methods[0].workings]
    shown = dict(zip(names, found.methods[0][3:, 0], strict=True))
    assert shown["newness"] == pytest.approx(1.0 - 0.98 * 20.0 / 50.0, rel=REL)
    assert shown["homestead_value"] == 0.0
    open_value = shown["replacement_cost"] * shown["newness"]
    assert method(found, "cost")[0] == pytest.approx(0.5 * open_value, rel=REL)


def test_value_scales_with_area() -> None:
    scaled = ("building_area_m2",)
    for row in (HOUSE, USE_RIGHT):
        found = valued([row, row | {name: 2.0 * row[name] for name in scaled}])
        assert found.reconciled[0, 1] == pytest.approx(2.0 * found.reconciled[0, 0], rel=REL)


def test_wear_lowers_and_inspection_pulls() -> None:
    ages = ["2025-01-01", "2016-01-01", "2006-01-01", "1990-01-01", "1930-01-01"]
    values = method(valued([HOUSE | {"built_on": day} for day in ages]), "cost")
    assert np.all(np.diff(values) < 0.0) and values[-1] > 0.0
    inspected = [HOUSE | {"inspected_newness": q} for q in (0.2, 0.5, 0.8)]
    assert np.all(np.diff(method(valued(inspected), "cost")) > 0.0)


def test_wear_of_parts_leaves_out_their_replacement_cost() -> None:
    """Newness by breakdown of the published example HO-01: 77.6 of 180 are worn."""
    row = HOUSE | {
        "building_area_m2": 500.0, "building_cost_yuan_per_m2": 3600.0,
        "effective_age_years": 10.0, "life_years": 50.0,
        "repair_cost_yuan": 2e4, "equipment_cost_yuan": 6e5, "equipment_on": "2016-11-24",
        "equipment_life_years": 15.0, "fitout_cost_yuan": 3e5, "fitout_on": "2023-11-24",
        "fitout_life_years": 5.0, "structure": "reinforced_concrete", "built_on": "2010-01-01",
    }  # fmt: skip
    output = valued([row]).methods[0][:, 0]
    cost = output[3]
    expected = 2e4 + 4e5 + 1.8e5 + (cost - 2e4 - 9e5) / 5.0
    assert output[4] == pytest.approx(expected, rel=REL)


def test_a_wider_circle_of_buyers_is_worth_more() -> None:
    pools = ("village", "township", "county", "open")
    values = method(valued([HOUSE | {"buyer_pool": pool} for pool in pools]), "cost")
    assert np.all(np.diff(values) > 0.0)
    unnamed = {name: cell for name, cell in HOUSE.items() if name != "buyer_pool"}
    assert method(valued([unnamed]), "cost")[0] == values[0]


def test_a_homestead_counts_only_where_a_price_is_paid() -> None:
    plot = HOUSE | {"plot_area_m2": 300.0}
    priced = plot | {"exit_price_yuan_per_m2": 100.0}
    elsewhere, paid, zhejiang = (
        method(valued([row]), "cost")[0]
        for row in (plot, priced, priced | {"region_code": "330803101201"})
    )
    house = method(valued([HOUSE]), "cost")[0]
    assert elsewhere == house
    assert paid == pytest.approx(house + 0.5 * 300.0 * 100.0, rel=REL)
    moved = method(valued([HOUSE | {"region_code": "330803101201"}]), "cost")[0]
    assert zhejiang == pytest.approx(moved + 0.5 * 160.0 * 100.0, rel=REL)
    lender = [method(valued([row]), "cost", PRUDENT)[0] for row in (HOUSE, priced)]
    assert lender[0] == lender[1]


def test_a_building_that_reverts_is_written_off_within_the_term() -> None:
    term = HOUSE | {"term_end": "2036-11-24"}
    free, reverts = method(valued([term, term | {"reverts_uncompensated": True}]), "cost")
    assert reverts == pytest.approx(free * (1.0 / 3.0) / (1.0 - 0.98 * 0.4), rel=REL)


def test_a_sole_dwelling_keeps_back_rent() -> None:
    rented = HOUSE | {"market_rent_yuan_per_m2_year": 20.0}
    plain, sole = method(valued([rented, rented | {"sole_dwelling": True}]), "cost", PRUDENT)
    rent = method(valued([rented | {"let": True}]), "income", 3)[0] / (0.65 * 0.72)
    assert sole == pytest.approx(max(plain - 8.0 * rent, 0.0), rel=REL)


def test_a_use_right_is_worth_more_the_longer_it_runs_up_to_the_legal_limit() -> None:
    ends = ["2027-11-24", "2031-11-24", "2036-11-24", "2046-11-24", "2066-11-24"]
    values = method(valued([USE_RIGHT | {"term_end": end} for end in ends]), "income")
    assert np.all(np.diff(values[:4]) > 0.0)
    assert values[4] == values[3]
    started = USE_RIGHT | {"term_end": "2046-11-24", "term_start": "2016-11-24"}
    assert valued([started]).term[0] == pytest.approx(10.0, rel=REL)


def test_rent_payable_and_a_higher_rate_lower_a_use_right() -> None:
    plain, owing, onerous = method(
        valued([
            USE_RIGHT, USE_RIGHT | {"rent_payable_yuan_per_year": 500.0},
            USE_RIGHT | {"rent_payable_yuan_per_year": 1e6},
        ]), "income",
    )  # fmt: skip
    assert plain > owing > onerous == 0.0
    output = valued([USE_RIGHT]).methods[2][:, 0]
    assert output[PRUDENT] < output[VALUE]


def test_contract_rent_counts_while_it_runs() -> None:
    """CASE-28: 5,600 yuan a year for ten years; 41,216 yuan at 6 %, less at the engine's 8 %."""
    row = USE_RIGHT | {
        "contract_rent_yuan_per_year": 5600.0, "contract_rent_until": "2036-11-24",
        "tenant_bears_costs": True,
    }  # fmt: skip
    found = method(valued([row]), "income")[0]
    assert found == pytest.approx(5600.0 * (1.0 - 1.08**-10.0) / 0.08, rel=REL)
    assert found < 41_216.0


@pytest.mark.parametrize("missing", ["built_on", "structure"])
def test_missing_facts_make_the_cost_method_abstain(missing: str) -> None:
    found = valued([{name: cell for name, cell in HOUSE.items() if name != missing}])
    assert np.isnan(method(found, "cost")[0])
    assert int(found.flags[0]) & int(Flag.MANDATORY_MISSING)


def test_a_right_run_out_is_worth_nothing() -> None:
    found = valued([USE_RIGHT | {"term_end": "2025-11-24"}])
    assert found.reconciled[0, 0] == 0.0
    assert int(found.flags[0]) & int(Flag.EXPIRED)


def test_a_lease_of_more_than_twenty_years_counts_twenty() -> None:
    let = HOUSE | {"let": True, "contract_rent_yuan_per_year": 9_000.0}
    ends = ["2046-11-24", "2080-01-01"]
    values = method(valued([let | {"contract_rent_until": end} for end in ends]), "income")
    assert values[0] == values[1]


def test_facts_left_out_never_raise_what_is_lent_on_a_sole_dwelling() -> None:
    """The household keeps a dwelling, whichever method speaks."""
    let = HOUSE | {
        "let": True, "sole_dwelling": True, "contract_rent_yuan_per_year": 9_000.0,
        "contract_rent_until": "2040-11-24",
    }  # fmt: skip
    found = valued(
        [let, let | {"structure": None}, let | {"structure": None, "sole_dwelling": False}]
    )
    assert np.isnan(method(found, "cost")[1])
    assert found.lent[5, 1] <= found.lent[5, 0]
    assert method(found, "income", PRUDENT)[1] < method(found, "income", PRUDENT)[2]


def test_the_end_of_a_term_without_reversion_takes_nothing_from_a_new_house() -> None:
    new = HOUSE | {"built_on": "2026-11-24"}
    found = valued([new, new | {"term_end": "2026-11-24"}])
    assert method(found, "cost")[0] == method(found, "cost")[1]
