"""Faults that a second reader found in the forest part, each held by a case."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskengine.kernels.forest import land_rows, stumpage_rows
from riskengine.market import demonstration
from riskengine.methods.forest_stands import timber_block, timber_policy
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE
from riskengine.rights.forest import FOREST
from riskengine.rules import statute
from riskengine.sample import SAMPLES
from riskengine.table import check, from_pandas
from riskengine.valuation import STATUSES, Flag, Valuation, statuses, value
from tests.reference.twin_forest import twin_forest

DAY = date(2026, 11, 24)
MARKET = demonstration().on(DAY)
RULES = statute().at(DAY)
REL = 1e-9
STAND: dict[str, Any] = {
    "kind": "timber", "region_code": "350427", "area_mu": 100.0, "species": "fir",
    "term_end": "2060-11-24", "stand_age_years": 18.0, "volume_m3_per_mu": 9.5,
    "right_scope": "trees",
}  # fmt: skip
ORCHARD: dict[str, Any] = {
    "kind": "economic", "region_code": "430481", "area_mu": 50.0, "species": "tea_oil",
    "right_scope": "land_and_trees", "term_end": "2056-11-24", "stand_age_years": 20.0,
    "income_yuan_per_mu_year": 1500.0, "cost_yuan_per_mu_year": 600.0,
}  # fmt: skip
GROVE: dict[str, Any] = {
    "kind": "bamboo", "region_code": "330523", "area_mu": 20.0, "species": "moso",
    "right_scope": "land_and_trees", "term_end": "2046-11-24",
    "on_year_income_yuan_per_mu": 600.0, "off_year_income_yuan_per_mu": 200.0,
}  # fmt: skip
BARE: dict[str, Any] = {
    "kind": "woodland", "region_code": "350427", "area_mu": 100.0, "species": "fir",
    "right_scope": "land", "term_end": "2066-11-24",
}  # fmt: skip
BARREN = {**BARE, "species": "masson_pine"}
"""Land on which planting loses at the published costs."""


def valued(rows: Any) -> Valuation:
    frame = pd.DataFrame(rows)
    if "right_id" not in frame:
        frame.insert(0, "right_id", [f"S{k}" for k in range(len(frame))])
    found = check(FOREST, from_pandas(FOREST, frame), DAY)
    assert not found.faults, found.faults[:3]
    return value(found.batch, MARKET, RULES)


def output(found: Valuation, name: str) -> np.ndarray:
    names = [method.name for method in found.approach.methods]
    return found.methods[names.index(name)]


def status(found: Valuation) -> str:
    return STATUSES[statuses(found.flags)[0]]


def agrees_with_twin(found: Valuation, label: str) -> None:
    for name, expected in twin_forest(found.batch, MARKET, RULES).items():
        figures = output(found, name)
        known = ~np.isnan(figures[VALUE])
        np.testing.assert_array_equal(known, ~np.isnan(expected["value"]), err_msg=name)
        assert not np.isnan(figures[LOG_ERROR, known]).any(), (label, name)
        for row, figure in ((VALUE, "value"), (LOG_ERROR, "log_error"), (PRUDENT, "prudent")):
            np.testing.assert_allclose(
                figures[row][known], expected[figure][known], rtol=REL, atol=1e-6,
                err_msg=f"{label} {name} {figure}",
            )  # fmt: skip


def test_land_on_which_planting_loses_keeps_its_rent_and_goes_to_a_person() -> None:
    found = valued([BARREN])
    expectation, rent = output(found, "land_expectation"), output(found, "rent")
    assert np.isnan(expectation[VALUE, 0])
    assert expectation[PRUDENT, 0] == 0.0
    assert expectation[3, 0] == 0.0
    assert expectation[4, 0] > 0.0
    assert found.reconciled[0, 0] == rent[VALUE, 0] > 0.0
    assert status(found) == "refer"
    assert found.lent[0, 0] == 0.0
    assert found.lent[-1, 0] == 0.0


@pytest.mark.parametrize(
    "changes",
    [{"contract_rent_yuan_per_mu_year": 500.0}, {"term_end": "2026-11-24"},
     {"kind": "timber", "term_end": "2026-11-24"}],
)  # fmt: skip
def test_land_that_neither_bears_nor_lets_is_worth_nothing(changes) -> None:
    found = valued([{**BARREN, **changes}])
    assert found.reconciled[0, 0] == 0.0
    assert found.flags[0] & (Flag.WORTHLESS | Flag.EXPIRED)
    assert not found.flags[0] & Flag.NO_VALUE


def test_woodland_without_the_land_is_not_valued() -> None:
    assert np.isnan(valued([{**BARE, "right_scope": "trees"}]).reconciled[0, 0])
    unstated = valued([{**BARE, "right_scope": None}]).reconciled[0, 0]
    assert unstated == valued([BARE]).reconciled[0, 0]


def test_bare_land_bears_what_is_told_of_its_site() -> None:
    table, told = (
        output(valued([{**BARE, "harvest_volume_m3_per_mu": volume}]), "land_expectation")
        for volume in (None, 20.0)
    )
    assert told[VALUE, 0] > table[VALUE, 0]
    assert told[4, 0] == pytest.approx(20.0 / 15.0 * table[4, 0], rel=REL)
    empty = output(valued([{**BARE, "volume_m3_per_mu": 0.0}]), "land_expectation")
    assert empty[LOG_ERROR, 0] == table[LOG_ERROR, 0]


def test_young_stands_are_compared_by_height_and_grown_ones_by_diameter() -> None:
    tall = {"height_m": 2.1, "reference_height_m": 2.0}
    thick = {"diameter_cm": 13.0, "reference_diameter_cm": 10.0}
    young = {**STAND, "stand_age_years": 3.0, "survival_share": 0.9}
    plain, both = (
        output(valued([{**young, **facts}]), "replacement") for facts in ({}, {**tall, **thick})
    )
    assert both[VALUE, 0] == pytest.approx(1.05 * plain[VALUE, 0], rel=REL)
    plain, both = (
        output(valued([{**STAND, **facts}]), "harvest_present_value")
        for facts in ({}, {**tall, **thick})
    )
    assert both[8, 0] == pytest.approx(1.3 * plain[8, 0], rel=REL)


def test_bamboo_that_earns_nothing_is_worth_nothing() -> None:
    nothing = {"on_year_income_yuan_per_mu": 0.0, "off_year_income_yuan_per_mu": 0.0}
    assert valued([{**GROVE, **nothing}]).reconciled[0, 0] == 0.0


@pytest.mark.parametrize("row", [ORCHARD, GROVE], ids=["orchard", "grove"])
def test_a_scope_left_out_is_never_worth_more_than_trees_alone(row) -> None:
    held, trees, unstated = (
        valued([{**row, "right_scope": scope}]).reconciled[0, 0]
        for scope in ("land_and_trees", "trees", None)
    )
    assert unstated == trees < held


@pytest.mark.parametrize(
    "row",
    [{**ORCHARD, "income_yuan_per_mu_year": 1000.0, "cost_yuan_per_mu_year": 960.0},
     {**GROVE, "cost_yuan_per_mu_year": 250.0, "next_year_on": True},
     {**GROVE, "cost_yuan_per_mu_year": 250.0, "next_year_on": False}],
    ids=["orchard", "on-year", "off-year"],
)  # fmt: skip
def test_crops_of_thin_margin_never_lose_by_a_longer_term(row) -> None:
    days = [DAY + timedelta(days=days) for days in range(0, 25_000, 91)]
    values = valued([{**row, "term_end": str(day)} for day in days]).reconciled[0]
    assert np.all(np.diff(values) >= -1e-6)
    assert values[-1] > 0.0


@pytest.mark.parametrize("share", [0.33, 0.77, 0.99])
@pytest.mark.parametrize("age", [11.0, 15.0, 20.0, 24.0])
def test_a_quota_never_makes_a_longer_term_worth_less(age, share) -> None:
    days = [DAY + timedelta(days=days) for days in range(0, 8_000, 37)]
    rows = [
        {**STAND, "stand_age_years": age, "quota_share": share, "term_end": str(day)}
        for day in days
    ]
    values = output(valued(rows), "harvest_present_value")[VALUE]
    assert np.all(np.diff(values) >= -1e-6)


def test_felling_in_parts_begins_before_the_term_cuts_it_off() -> None:
    row = {**STAND, "stand_age_years": 20.0, "term_end": "2032-11-24"}
    whole, parts = (
        output(valued([{**row, "quota_share": share}]), "harvest_present_value")
        for share in (None, 0.25)
    )
    assert 0.75 * whole[VALUE, 0] < parts[VALUE, 0] <= whole[VALUE, 0]
    assert parts[3, 0] < whole[3, 0]


def test_rent_payable_never_raises_a_replacement_cost() -> None:
    young = {**STAND, "stand_age_years": 5.0}
    free, bound = (
        output(valued([{**young, "contract_rent_yuan_per_mu_year": rent}]), "replacement")
        for rent in (None, 300.0)
    )
    assert bound[VALUE, 0] == free[VALUE, 0]


def test_timber_of_unknown_age_goes_to_a_person() -> None:
    found = valued([{**STAND, "stand_age_years": None}])
    assert found.reconciled[0, 0] > 0.0
    assert found.flags[0] & Flag.MANDATORY_MISSING
    assert status(found) == "refer"


def test_a_stand_without_species_has_an_interval() -> None:
    told = {"outturn_share": 0.7, "log_price_yuan_per_m3": 800.0}
    found = valued([{**STAND, **told, "species": None}])
    stumpage = output(found, "stumpage")
    assert stumpage[VALUE, 0] > 0.0
    assert stumpage[LOG_ERROR, 0] > 0.0


def test_the_year_in_progress_does_not_delay_a_felling_today() -> None:
    found = valued([{**STAND, "stand_age_years": 30.0}])
    out, policy = np.full((9, 1), np.nan), timber_policy(found.inputs)
    policy[-1] = 1.0
    stumpage_rows(timber_block(found.inputs), policy, np.ones(1, dtype=bool), out)
    assert out[VALUE, 0] == pytest.approx(output(found, "stumpage")[VALUE, 0], rel=REL)


def test_land_without_a_rate_is_left_and_nothing_hangs() -> None:
    found = valued([BARE])
    block, out = timber_block(found.inputs).copy(), np.full((6, 1), np.nan)
    block[:, 17] = np.nan
    one = np.ones(1, dtype=bool)
    land_rows(block, timber_policy(found.inputs), np.array([0.2, 0.3]), one, one, out)
    assert np.isnan(out[VALUE, 0])


OPTIONAL = [column.name for column in FOREST.columns if not column.required]


def test_no_column_left_out_breaks_anything() -> None:
    drawn = pd.DataFrame(SAMPLES["forest"](np.random.default_rng(77), 400, DAY))
    parts = []
    for name in OPTIONAL:
        if name in drawn:
            part = drawn.copy()
            part[name] = None
            parts.append(part)
    frame = pd.concat(parts, ignore_index=True)
    frame.insert(0, "right_id", [f"S{k}" for k in range(len(frame))])
    agrees_with_twin(valued(frame), "left out")


def test_values_never_fall_with_the_term() -> None:
    days = [DAY + timedelta(days=int(k)) for k in (0, 30, 183, 365, *range(500, 25_000, 397))]
    drawn = pd.DataFrame(SAMPLES["forest"](np.random.default_rng(78), 120, DAY))
    frame = drawn.loc[np.repeat(np.arange(120), len(days))].reset_index(drop=True)
    frame["term_end"] = np.tile(np.array(days, dtype="datetime64[D]"), 120)
    frame.insert(0, "right_id", [f"S{k}" for k in range(len(frame))])
    found = valued(frame)
    agrees_with_twin(found, "terms")
    for method in found.approach.methods:
        if method.name not in ("expectation", "comparison"):
            by_term = output(found, method.name)[VALUE].reshape(120, -1)
            assert not (np.diff(by_term, axis=1) < -1e-6 - 1e-9 * by_term[:, 1:]).any(), method.name
