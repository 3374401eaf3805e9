"""Forest rights: the compiled path against its vectorised twin, and what must hold of values."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskengine.demo import published_cases
from riskengine.kernels.forestry import stumpage_value
from riskengine.market import demonstration
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE
from riskengine.rights.forest import FOREST
from riskengine.rules import statute
from riskengine.sample import SAMPLES
from riskengine.single import value_records
from riskengine.table import check, from_pandas
from riskengine.valuation import STATUSES, Flag, statuses, value
from tests.reference.twin_common import whole
from tests.reference.twin_forest import twin_forest

DAY = date(2026, 11, 24)
MARKET = demonstration().on(DAY)
RULES = statute().at(DAY)
REL = 1e-9
CASES = Path(__file__).parents[2] / "examples" / "published_cases"


def valued(rows, day: date = DAY):
    frame = pd.DataFrame(rows)
    if "right_id" not in frame:
        frame.insert(0, "right_id", [f"S{k}" for k in range(len(frame))])
    found = check(FOREST, from_pandas(FOREST, frame), day)
    assert not found.faults, found.faults[:3]
    return value(found.batch, demonstration().on(day), statute().at(day))


def output(found, name: str) -> np.ndarray:
    names = [method.name for method in found.approach.methods]
    return found.methods[names.index(name)]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    drawn = pd.DataFrame(SAMPLES["forest"](np.random.default_rng(12), 20_000, DAY))
    drawn.insert(0, "right_id", [f"S{k}" for k in range(len(drawn))])
    return drawn


@pytest.fixture(scope="module")
def sample(frame):
    return valued(frame)


def test_every_method_equals_its_twin(sample) -> None:
    twin = twin_forest(sample.batch, MARKET, RULES)
    names = [method.name for method in sample.approach.methods]
    assert set(names) - set(twin) == {"comparison", "learned"}
    for name, expected in twin.items():
        found = output(sample, name)
        known = ~np.isnan(found[VALUE])
        assert known.any(), name
        np.testing.assert_array_equal(known, ~np.isnan(expected["value"]), err_msg=name)
        for row, figure in ((VALUE, "value"), (LOG_ERROR, "log_error"), (PRUDENT, "prudent")):
            np.testing.assert_allclose(
                found[row][known], expected[figure][known], rtol=REL, atol=1e-6,
                err_msg=f"{name} {figure}",
            )  # fmt: skip


def test_reconciliation_and_lending_equal_their_twin(sample) -> None:
    outputs = {
        method.name: {"value": o[VALUE], "log_error": o[LOG_ERROR], "prudent": o[PRUDENT]}
        for method, o in zip(sample.approach.methods, sample.methods, strict=True)
    }
    figures, weights, lent = whole(
        sample.batch, MARKET, RULES, sample.approach, outputs, sample.case
    )
    np.testing.assert_allclose(sample.weights, weights, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(sample.reconciled, figures, rtol=1e-8, atol=1e-6)
    np.testing.assert_allclose(sample.lent, lent, rtol=1e-8, atol=1e-6)


def test_every_case_and_kind_is_valued(sample) -> None:
    for case, name in enumerate(sample.approach.cases):
        rows = sample.case == case
        assert rows.any(), name
        assert (~np.isnan(sample.reconciled[0, rows])).any(), name


def test_order_and_size_of_batches_change_nothing(frame, sample) -> None:
    few = frame.iloc[:3000]
    turned = valued(few.iloc[::-1])
    halves = [valued(few.iloc[:1111]), valued(few.iloc[1111:])]
    whole_ = np.array([o[VALUE, :3000] for o in sample.methods])
    np.testing.assert_array_equal(whole_, np.array([o[VALUE, ::-1] for o in turned.methods]))
    joined = [np.concatenate([h.methods[k][VALUE] for h in halves]) for k in range(len(whole_))]
    np.testing.assert_array_equal(whole_, np.array(joined))


STAND = {
    "kind": "timber", "region_code": "350427", "area_mu": 100.0, "species": "fir",
    "term_end": "2060-11-24", "stand_age_years": 18.0, "volume_m3_per_mu": 9.5,
    "right_scope": "trees",
}  # fmt: skip
ORCHARD = {
    "kind": "economic", "region_code": "430481", "area_mu": 50.0, "species": "tea_oil",
    "term_end": "2056-11-24", "stand_age_years": 20.0, "income_yuan_per_mu_year": 1500.0,
    "cost_yuan_per_mu_year": 600.0,
}  # fmt: skip
GROVE = {
    "kind": "bamboo", "region_code": "330523", "area_mu": 20.0, "species": "moso",
    "term_end": "2046-11-24", "on_year_income_yuan_per_mu": 600.0,
    "off_year_income_yuan_per_mu": 200.0,
}  # fmt: skip
BARE = {
    "kind": "woodland", "region_code": "350427", "area_mu": 100.0, "species": "fir",
    "right_scope": "land", "term_end": "2066-11-24",
}  # fmt: skip


def worth(row, **changes) -> float:
    return float(valued([{**row, **changes}]).reconciled[0, 0])


def test_age_and_rotation_decide_the_class() -> None:
    ages = [5.0, 10.0, 11.0, 20.0, 22.0, 26.0, 35.0, 36.0, None]
    found = valued([{**STAND, "stand_age_years": age} for age in ages])
    names = [found.approach.cases[k].removeprefix("forest_timber_") for k in found.case]
    assert names == [
        "young", "young", "middle", "middle", "near_mature", "mature", "mature", "over_mature",
        "unknown",
    ]  # fmt: skip
    short = valued([{**STAND, "stand_age_years": 22.0, "rotation_age_years": 21.0}])
    assert short.approach.cases[short.case[0]] == "forest_timber_mature"
    north = valued([{**STAND, "species": "poplar", "region_code": r, "stand_age_years": 17.0}
                    for r in ("430181", "230882")])  # fmt: skip
    assert [north.approach.cases[k] for k in north.case] == [
        "forest_timber_mature", "forest_timber_near_mature",
    ]  # fmt: skip


def test_bearing_age_decides_the_stage() -> None:
    found = valued([{**ORCHARD, "stand_age_years": age} for age in (5.0, 6.0, 9.0, None)])
    names = [found.approach.cases[k].removeprefix("forest_economic_") for k in found.case]
    assert names == ["pre_bearing", "early", "full", "full"]
    assert np.isnan(found.reconciled[0, 3])


@pytest.mark.parametrize("row", [STAND, ORCHARD, GROVE, BARE], ids=lambda row: str(row["kind"]))
def test_scale_free_in_area(row) -> None:
    assert worth(row, area_mu=2.5 * row["area_mu"]) == pytest.approx(2.5 * worth(row), rel=REL)


@pytest.mark.parametrize("age", [4.0, 15.0, 23.0, 30.0])
def test_a_longer_term_is_never_worth_less(age) -> None:
    rows = [
        {**STAND, "stand_age_years": age, "term_end": f"{year}-11-24"} for year in range(2027, 2060)
    ]
    assert np.all(np.diff(valued(rows).reconciled[0]) >= -1e-6)


@pytest.mark.parametrize(
    ("row", "method"),
    [(ORCHARD, "income"), (GROVE, "annuity"), (BARE, "land_expectation"), (BARE, "rent")],
)
def test_yearly_income_grows_with_the_term(row, method) -> None:
    rows = [{**row, "term_end": f"{year}-11-24"} for year in range(2042, 2085, 3)]
    values = output(valued(rows), method)[VALUE]
    assert np.all(np.diff(values) >= -1e-6)
    assert values[-1] > values[0]


def test_waits_chances_and_quotas_cost() -> None:
    mature = {**STAND, "stand_age_years": 30.0}
    for row in (STAND, mature):
        waits = [worth(row, permit_delay_years=float(years)) for years in range(4)]
        assert np.all(np.diff(waits) < 0.0)
        assert worth(row, permit_chance=0.5) < worth(row, permit_chance=0.9)
    assert (
        output(valued([{**mature, "quota_share": 0.2}]), "stumpage")[VALUE, 0]
        < (output(valued([mature]), "stumpage")[VALUE, 0])
    )
    found = valued([{**mature, "permit_delay_years": 3.0, "term_end": "2028-11-24"}])
    assert found.reconciled[0, 0] == 0.0
    assert found.flags[0] & Flag.WORTHLESS


def test_insurance_against_fire_is_worth_something() -> None:
    assert worth(STAND, fire_insured=True) > worth(STAND)


def test_a_term_that_ends_before_there_are_logs_leaves_nothing() -> None:
    assert worth(STAND, stand_age_years=5.0, term_end="2031-11-24") == 0.0
    found = output(valued([{**STAND, "stand_age_years": 5.0, "term_end": "2041-11-24"}]),
                   "replacement")  # fmt: skip
    assert 0.0 < found[6, 0] <= 1.0


def test_near_mature_stands_are_lent_on_what_felling_today_would_bring() -> None:
    row = {**STAND, "stand_age_years": 23.0}
    found = valued([row])
    today = output(found, "stumpage")
    assert output(found, "harvest_present_value")[PRUDENT, 0] <= today[PRUDENT, 0] * (1 + REL)


def test_stumpage_is_the_general_formula() -> None:
    found = valued([{**STAND, "stand_age_years": 30.0, "log_price_yuan_per_m3": 800.0}])
    sales, costs, profit, margin = output(found, "stumpage")[3:7, 0]
    price = sales / RULES.table("forest.outturn")["fir"]
    general = stumpage_value(
        1.0, np.array([0.7]), np.array([price]), 200.0, 0.0, RULES.number("forest.design_cost"),
        RULES.number("forest.sales_tax_share"), RULES.number("forest.profit_share"), 0,
    )  # fmt: skip
    assert (sales, costs, profit, margin) == pytest.approx(general, rel=1e-6)


def test_the_forestry_fund_was_paid_before_2016() -> None:
    shares = [statute().at(date(year, 7, 1)).number("forest.sales_tax_share")
              for year in (2008, 2010, 2017)]  # fmt: skip
    assert shares == [0.20, 0.10, 0.0]


def test_a_survey_lifts_the_limits_of_quality() -> None:
    thick = {**STAND, "volume_m3_per_mu": 30.0, "height_m": 20.0, "reference_height_m": 10.0}
    capped, free = (
        output(valued([{**thick, "survey_attached": flag}]), "harvest_present_value")
        for flag in (False, True)
    )
    assert free[VALUE, 0] > capped[VALUE, 0]
    thin = output(valued([{**STAND, "volume_m3_per_mu": 0.5}]), "harvest_present_value")
    assert thin[6, 0] < 0.1


def test_land_is_added_only_where_the_right_covers_it() -> None:
    trees, both = valued([STAND]), valued([{**STAND, "right_scope": "land_and_trees"}])
    assert trees.reconciled[5, 0] == 0.0
    assert both.reconciled[5, 0] > 0.0
    paid = valued([{**STAND, "right_scope": "land_and_trees",
                    "contract_rent_yuan_per_mu_year": 500.0}])  # fmt: skip
    assert paid.reconciled[5, 0] == 0.0
    assert paid.reconciled[0, 0] < trees.reconciled[0, 0]
    unstated = valued([{**STAND, "right_scope": None}])
    assert unstated.reconciled[5, 0] == 0.0


def test_survival_follows_the_norm() -> None:
    young = {**STAND, "stand_age_years": 3.0, "volume_m3_per_mu": None}
    full, half, failed, unknown = (
        output(valued([{**young, "survival_share": share}]), "replacement")
        for share in (0.9, 0.6, 0.3, None)
    )
    assert half[VALUE, 0] == pytest.approx(0.6 * full[VALUE, 0], rel=REL)
    assert failed[VALUE, 0] == 0.0
    assert unknown[VALUE, 0] == full[VALUE, 0]
    assert unknown[PRUDENT, 0] < full[PRUDENT, 0]
    assert unknown[LOG_ERROR, 0] > full[LOG_ERROR, 0]


def test_an_on_year_first_is_worth_more() -> None:
    on, off, unknown = (worth(GROVE, next_year_on=flag) for flag in (True, False, None))
    assert off < unknown < on
    assert worth({**GROVE, "cost_yuan_per_mu_year": 100.0}) < unknown


def test_welfare_forest_is_its_payment_for_the_years_that_count() -> None:
    row = {"kind": "welfare", "region_code": "331127", "area_mu": 1000.0}
    found = output(valued([row]), "annuity")
    assert found[4, 0] == RULES.number("forest.welfare_horizon")
    assert found[PRUDENT, 0] <= 15.0 * 1000.0 * found[3, 0] * (1 + REL)
    short = output(valued([{**row, "term_end": "2031-11-24"}]), "annuity")
    assert short[VALUE, 0] < found[VALUE, 0]


def test_missing_facts_make_methods_abstain() -> None:
    for missing, method in (
        ("term_end", "harvest_present_value"), ("volume_m3_per_mu", "harvest_present_value"),
        ("species", "stumpage"),
    ):  # fmt: skip
        found = valued([{**STAND, missing: None}])
        assert np.isnan(output(found, method)[VALUE, 0]), missing
        assert found.flags[0] & Flag.MANDATORY_MISSING


@pytest.mark.parametrize(
    ("row", "column", "wild"),
    [({**STAND, "stand_age_years": 30.0}, "log_price_yuan_per_m3", 1200.0),
     (ORCHARD, "income_yuan_per_mu_year", 6360.0)],
)  # fmt: skip
def test_figures_that_nobody_believes_are_not_used(row, column, wild) -> None:
    found = valued([{**row, column: wild}])
    assert found.flags[0] & Flag.MANDATORY_MISSING
    assert not valued([{**row, column: 0.9 * wild if wild < 2000 else 4000.0}]).flags[0] & (
        Flag.MANDATORY_MISSING
    )


def test_published_cases_come_out_as_expected() -> None:
    cases = [case for case in published_cases(CASES, demonstration()) if case.table == "forest"]
    assert len(cases) >= 30
    wrong = [(case.right_id, case.status, case.expected) for case in cases if not case.as_expected]
    assert not wrong
    welfare = next(case for case in cases if case.right_id == "CASE-103")
    assert welfare.engine == pytest.approx(welfare.published, rel=0.02)


def test_payments_of_sanmen_add_up() -> None:
    with (CASES / "forest.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["right_id"].startswith("CASE-104")]
    paid = sum(float(r["area_mu"]) * float(r["compensation_yuan_per_mu_year"]) for r in rows)
    assert paid == pytest.approx(12_607_070.0)


def test_traps_are_rejected_or_sent_to_a_person() -> None:
    with (CASES / "traps" / "forest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 8
    for row in rows:
        expected = row.pop("expected")
        facts = {name: cell or None for name, cell in row.items() if name in FOREST.by_name}
        _, found = value_records("forest", [facts], DAY, demonstration(), {})
        status = "rejected" if found is None else STATUSES[statuses(found.flags)[0]]
        assert status == expected or (expected, status) == ("refer", "no_value"), row["right_id"]
