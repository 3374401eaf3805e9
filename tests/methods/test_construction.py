"""Collective construction land: the compiled path against its twin, and what must hold of values."""

import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import riskengine.market
from riskengine.comparables import Comparables
from riskengine.market import demonstration, load
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE
from riskengine.rights.comparables import COMPARABLES
from riskengine.rights.construction import CONSTRUCTION
from riskengine.rules import statute
from riskengine.sample import SAMPLES
from riskengine.table import check, from_pandas
from riskengine.valuation import Flag, value
from tests.reference.twin_construction import twin_construction

DAY = date(2026, 11, 24)
TENURES = ("state", "collective")
REL = 1e-9
MARKET = demonstration().on(DAY)
RULES = statute().at(DAY)

LAND = {
    "kind": "grant", "region_code": "341282101201", "area_m2": 10_000.0, "land_use": "industrial",
    "granted_on": "2021-11-24", "term_end": "2071-11-24", "plot_ratio": 1.2,
}  # fmt: skip
RENTED = LAND | {"land_rent_yuan_per_m2_year": 12.0}
PRICED = LAND | {
    "benchmark_price_yuan_per_m2": 500.0, "benchmark_on": "2024-01-01",
    "benchmark_ownership": "collective", "benchmark_factors": -0.13,
}  # fmt: skip
DEVELOPED = LAND | {
    "land_use": "commercial", "term_end": "2061-11-24", "plot_ratio": 2.0,
    "completed_price_yuan_per_m2": 5000.0, "development_cost_yuan_per_m2": 1800.0,
    "development_years": 2.0,
}  # fmt: skip


def valued(rows: pd.DataFrame | list[dict[str, object]], day: date = DAY, deals=None):
    frame = pd.DataFrame(rows)
    if "right_id" not in frame:
        frame.insert(0, "right_id", [f"S{k}" for k in range(len(frame))])
    found = check(CONSTRUCTION, from_pandas(CONSTRUCTION, frame), day)
    assert not found.faults, found.faults[:3]
    return value(found.batch, demonstration().on(day), statute().at(day), comparables=deals)


def deals(tenure: str, term: float = 45.0) -> Comparables:
    """Five equal deals of industrial land in the county, 300 yuan a square metre."""
    frame = pd.DataFrame([
        {
            "comparable_id": f"D{k}", "table": "construction", "category": "industrial",
            "region_code": "341282101200", "deal_on": f"2026-{6 + k:02d}-01", "term_years": term,
            "basis": "price_per_m2", "unit_price_yuan": 300.0, "land_tenure": tenure,
            "plot_ratio": 1.2,
        }
        for k in range(5)
    ])  # fmt: skip
    found = check(COMPARABLES, from_pandas(COMPARABLES, frame), DAY)
    assert not found.faults, found.faults[:3]
    return Comparables(found.batch)


def position(valuation, name: str) -> int:
    return [m.name for m in valuation.approach.methods].index(name)


def method(valuation, name: str, row: int = VALUE):
    return valuation.methods[position(valuation, name)][row]


def working(valuation, name: str, figure: str):
    chosen = valuation.approach.methods[position(valuation, name)]
    row = [w.name for w in chosen.workings].index(figure)
    return valuation.methods[position(valuation, name)][3 + row]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pd.DataFrame(SAMPLES["construction"](np.random.default_rng(13), 20_000, DAY))


@pytest.fixture(scope="module")
def sample(frame):
    return valued(frame)


@pytest.mark.parametrize(
    "name", ["income", "residual", "benchmark", "deal_price", "cost", "buildings"]
)
def test_method_equals_its_twin(sample, name: str) -> None:
    expected = twin_construction(sample.batch, MARKET, RULES)[name]
    output = sample.methods[position(sample, name)]
    wanted = sample.roles[sample.case, position(sample, name)] > 0
    known = ~np.isnan(output[VALUE])
    np.testing.assert_array_equal(known, wanted & ~np.isnan(expected["value"]))
    assert known.sum() > 5_000
    for row, figure in ((VALUE, "value"), (LOG_ERROR, "log_error"), (PRUDENT, "prudent")):
        np.testing.assert_allclose(
            output[row][known], expected[figure][known], rtol=REL, atol=1e-6, err_msg=figure
        )


def test_every_case_is_valued(sample) -> None:
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


@pytest.mark.parametrize(
    ("row", "name"), [(RENTED, "income"), (PRICED, "benchmark"), (DEVELOPED, "residual")]
)
def test_value_scales_with_area_and_rises_with_term(row: dict[str, object], name: str) -> None:
    ends = ["2031-11-24", "2041-11-24", "2051-11-24"]
    rows = [row, row | {"area_m2": 20_000.0}, *(row | {"term_end": end} for end in ends)]
    values = method(valued(rows), name)
    assert values[1] == pytest.approx(2.0 * values[0], rel=REL)
    if name == "residual":
        return
    assert 0.0 < values[2] < values[3] < values[4] < values[0]


def test_development_that_is_let_rises_with_term() -> None:
    row = DEVELOPED | {"completed_price_yuan_per_m2": None, "floor_rent_yuan_per_m2_year": 600.0}
    ends = ["2041-11-24", "2051-11-24", "2061-11-24"]
    values = method(valued([row | {"term_end": end} for end in ends]), "residual")
    assert np.all(np.diff(values) > 0.0)


def test_development_that_does_not_pay_gives_no_answer() -> None:
    found = valued([DEVELOPED | {"completed_price_yuan_per_m2": 1500.0}])
    assert np.isnan(method(found, "residual")[0])
    assert int(found.flags[0]) & int(Flag.MANDATORY_MISSING)
    assert found.reconciled[0, 0] > 0.0 or int(found.flags[0]) & int(Flag.NO_VALUE)


def test_benchmark_price_and_its_coefficients() -> None:
    """P0 (1 + sum K) K_date K_term K_FAR + D of the published example CL-02, without its levels."""
    row = PRICED | {
        "benchmark_date_factor": 1.06, "development_gap_yuan_per_m2": 20.0, "plot_ratio": None,
    }  # fmt: skip
    found = valued([row, row | {"benchmark_ownership": "state"}])
    rate, years = 0.065, 45.0
    term = (1.0 - (1.0 + rate) ** -years) / (1.0 - (1.0 + rate) ** -50.0)
    unit = 500.0 * 0.87 * 1.06 * term + 20.0
    assert working(found, "benchmark", "unit_price")[0] == pytest.approx(unit, rel=REL)
    state = 0.8 * 500.0 * 0.87 * 1.06 * term + 20.0
    assert working(found, "benchmark", "unit_price")[1] == pytest.approx(state, rel=REL)


def test_plot_ratio_coefficients_are_read_between_points_and_not_beyond() -> None:
    row = PRICED | {"land_use": "commercial", "term_end": "2061-11-24"}
    ratios = [1.5, 1.75, 2.0, 3.0, 3.1, 0.4]
    found = valued([row | {"plot_ratio": ratio} for ratio in ratios])
    factors = working(found, "benchmark", "plot_ratio_factor")
    np.testing.assert_allclose(factors[:4], [1.0, 1.05, 1.10, 1.27], rtol=REL)
    assert np.isnan(method(found, "benchmark")[4:]).all()


def test_an_unknown_plot_ratio_widens_the_error() -> None:
    found = valued([PRICED, PRICED | {"plot_ratio": None}])
    assert method(found, "benchmark")[0] == method(found, "benchmark")[1]
    errors = method(found, "benchmark", LOG_ERROR)
    assert errors[1] > errors[0]


def test_floor_rent_leaves_the_land_what_its_buildings_do_not_earn() -> None:
    built = LAND | {
        "floor_rent_yuan_per_m2_year": 300.0, "building_area_m2": 9_000.0,
        "building_structure": "brick_concrete", "building_built_on": "2016-11-24",
        "building_cost_yuan_per_m2": 1200.0,
    }  # fmt: skip
    found = valued([built])
    income = 300.0 * 0.9 * 0.82 * 9_000.0
    buildings, years = method(found, "buildings")[0], method(found, "buildings", 3)[0]
    assert years == 40.0
    burden = buildings * 0.09 / (1.0 - 1.09**-years)
    left = income - burden
    expected = left * (1.0 - 1.065**-45.0) / 0.065
    assert method(found, "income")[0] == pytest.approx(expected, rel=REL)
    assert found.reconciled[5, 0] == pytest.approx(buildings, rel=REL)
    poor = valued([built | {"floor_rent_yuan_per_m2_year": 60.0}])
    assert np.isnan(method(poor, "income")[0])


def test_term_is_cut_at_the_statutory_limit_of_the_use() -> None:
    rows = [
        LAND | {"land_use": use, "term_end": "2091-11-24"}
        for use in ("industrial", "commercial", "tourism", "warehouse")
    ]
    np.testing.assert_allclose(valued(rows).term, [45.0, 35.0, 35.0, 45.0], rtol=REL)


def test_rent_payable_lowers_a_lease() -> None:
    lease = RENTED | {"kind": "lease", "rent_payable_yuan_per_m2_year": 4.0}
    paid = lease | {"rent_paid_through": "2036-11-24"}
    onerous = lease | {"rent_payable_yuan_per_m2_year": 40.0}
    unknown = lease | {"rent_payable_yuan_per_m2_year": None}
    values = method(valued([RENTED, paid, lease, onerous, unknown]), "income")
    assert values[0] > values[1] > values[2] > values[3] == 0.0
    assert np.isnan(values[4])


def test_levy_by_the_date_and_the_county() -> None:
    row = PRICED | {
        "granted_on": "2014-11-24", "term_end": "2054-11-24", "benchmark_on": "2014-11-24",
        "acquisition_cost_yuan_per_m2": 100.0, "levy_share": None,
    }  # fmt: skip
    rows = [row, row | {"levy_share": 0.2}, row | {"levy_share": 0.8}]
    before, pilot, after = (
        valued(rows, day) for day in (date(2015, 6, 1), date(2017, 6, 1), date(2026, 6, 1))
    )
    for found, shares in (
        (before, (0.0, 0.2, 0.8)),
        (pilot, (0.5, 0.2, 0.5)),
        (after, (0.5, 0.2, 0.8)),
    ):
        price = method(found, "benchmark")
        expected = [
            p * 0.95 - share * max(p - 1e6, 0.0) for p, share in zip(price, shares, strict=True)
        ]
        np.testing.assert_allclose(
            method(found, "benchmark", PRUDENT), np.maximum(expected, 0.0), rtol=REL
        )


def test_gain_is_half_the_price_where_the_cost_is_unknown() -> None:
    found = valued([PRICED])
    price = method(found, "benchmark")[0]
    expected = price * 0.95 - 0.5 * 0.5 * price
    assert method(found, "benchmark", PRUDENT)[0] == pytest.approx(expected, rel=REL)


def test_deals_of_state_land_count_less_the_gap_of_ownership() -> None:
    prices = [method(valued([LAND], deals=deals(who)), "comparison")[0] for who in TENURES]
    assert prices[0] == pytest.approx(0.8 * prices[1], rel=REL)
    assert prices[1] == pytest.approx(300.0 * 10_000.0, rel=0.05)


def test_comparison_takes_off_rent_payable_tax_and_levy() -> None:
    """A lease owes its rent; the cost of the land is unknown, so that half the price is gain."""
    lease = LAND | {"kind": "lease", "rent_payable_yuan_per_m2_year": 5.0}
    found = valued([LAND, lease], deals=deals("collective"))
    value_, prudent = method(found, "comparison"), method(found, "comparison", PRUDENT)
    owed = 10_000.0 * 5.0 * (1.0 - 1.065**-45.0) / 0.065
    assert value_[1] == pytest.approx(value_[0] - owed, rel=REL)
    error = method(found, "comparison", LOG_ERROR)
    assert error[1] > error[0]
    low = prudent[0] / (1.0 - 0.05 - 0.5 * 0.5)
    assert low < value_[0]
    assert prudent[1] == pytest.approx(0.7 * (low - owed), rel=REL)


def test_comparison_and_income_together_need_no_person() -> None:
    rented = RENTED | {"land_rent_yuan_per_m2_year": 20.0}
    found = valued([rented, LAND], deals=deals("collective"))
    assert not int(found.flags[0]) & int(Flag.MANDATORY_MISSING)
    assert int(found.flags[1]) & int(Flag.MANDATORY_MISSING)


def test_without_rent_or_scheme_the_right_is_referred_but_valued() -> None:
    found = valued([LAND])
    assert found.approach.cases[int(found.case[0])] == "construction_bare"
    assert found.reconciled[0, 0] > 0.0
    assert int(found.flags[0]) & int(Flag.MANDATORY_MISSING)


@pytest.mark.parametrize("missing", ["term_end", "land_use"])
def test_missing_facts_make_every_method_abstain(missing: str) -> None:
    row = {name: cell for name, cell in (RENTED | PRICED).items() if name != missing}
    found = valued([row])
    assert all(np.isnan(output[VALUE, 0]) for output in found.methods[:6])


@pytest.mark.parametrize("row", [RENTED, PRICED, DEVELOPED, LAND])
@pytest.mark.parametrize("end", ["2026-11-24", "2025-01-01"])
def test_a_right_that_has_run_out_is_worth_nothing(row: dict[str, object], end: str) -> None:
    """Whatever is known of it: never "no method could answer"."""
    found = valued([row | {"term_end": end}])
    assert found.term[0] == 0.0
    assert found.reconciled[0, 0] == 0.0
    assert found.lent[5, 0] == 0.0
    assert int(found.flags[0]) & int(Flag.EXPIRED)
    assert not int(found.flags[0]) & int(Flag.NO_VALUE)


def test_an_error_of_the_price_grows_where_works_eat_it() -> None:
    """The error is of the benchmark price; the correction for works is known in yuan."""
    found = valued([PRICED | {"development_gap_yuan_per_m2": gap} for gap in (0.0, -300.0, 300.0)])
    unit, error = working(found, "benchmark", "unit_price"), method(found, "benchmark", LOG_ERROR)
    np.testing.assert_allclose(unit, unit[0] + np.array([0.0, -300.0, 300.0]), rtol=REL)
    relative = np.sqrt(np.expm1(error**2))
    np.testing.assert_allclose(relative * unit, relative[0] * unit[0], rtol=REL)


def test_land_that_cost_nothing_is_not_worth_nothing() -> None:
    free = {"acquisition_cost_yuan_per_m2": 0.0, "works_cost_yuan_per_m2": 0.0}
    found = valued([PRICED | free, PRICED | free | {"works_cost_yuan_per_m2": 50.0}])
    assert np.isnan(method(found, "cost")[0])
    assert method(found, "cost")[1] > 0.0
    assert found.lent[5, 0] > 0.0


def test_buildings_without_a_value_have_no_error_and_end_with_the_land() -> None:
    built = LAND | {
        "building_area_m2": 9_000.0, "building_structure": "brick_concrete",
        "building_built_on": "2026-11-24", "building_cost_yuan_per_m2": 1200.0,
    }  # fmt: skip
    found = valued([built, built | {"term_end": "2026-11-24"}, built | {"building_built_on": None}])
    values, errors = method(found, "buildings"), method(found, "buildings", LOG_ERROR)
    assert values[0] > 0.0 == values[1]
    assert np.isnan([values[2], errors[2]]).all()


def test_the_terms_of_a_county_with_published_benchmarks(tmp_path) -> None:
    """Near prices count by level, collective before state land less the gap, the own before both."""
    lines = (
        "quantity,region,category,value,unit,observed_on,observations,confidence,source,detail\n"
    )
    for quantity, region, price in (
        ("construction_benchmark", "341282", 400.0),
        ("construction_state_benchmark", "341282", 600.0),
        ("construction_state_benchmark", "3412", 900.0),
    ):
        lines += f"{quantity},{region},industrial,{price},yuan/m2,2026-11-01,1,O,test,\n"
    folder = tmp_path / "market"
    shutil.copytree(Path(riskengine.market.__file__).parent / "demonstration", folder)
    old = (folder / "construction.csv").read_text(encoding="utf-8")
    (folder / "construction.csv").write_text(old + lines.split("\n", 1)[1], encoding="utf-8")
    market = load(folder).on(DAY)
    frame = pd.DataFrame([LAND, LAND | {"region_code": "341203101201"}, PRICED])
    frame.insert(0, "right_id", ["A", "B", "C"])
    batch = check(CONSTRUCTION, from_pandas(CONSTRUCTION, frame), DAY).batch
    found = value(batch, market, RULES)
    near = market.quote("construction_benchmark", "341282101201", "industrial")
    price = working(found, "benchmark", "benchmark_price")
    assert price[0] == pytest.approx(near.value, rel=REL)
    assert np.isnan(price[1])
    assert price[2] == 500.0
    error = method(found, "benchmark", LOG_ERROR)[0]
    assert error == pytest.approx(np.sqrt(np.log1p(near.log_error**2 + 0.15**2)), rel=REL)
