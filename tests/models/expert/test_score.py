"""Scoring a frame: slow twin, bins at their ends, missing facts, vetoes, arrays of the release."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.expert import MasterScale, Source, card_features, published_cards, score_card
from models.expert.arrays import (
    default_probability,
    factor_offset,
    points_of,
    to_scorecard_arrays,
)  # fmt: skip
from models.expert.card import Card, Item
from models.expert.encode import encode
from riskengine.errors import ModelError
from riskengine.learned import features as learned
from riskengine.rules import statute_of

DAY = date(2026, 11, 24)
CARDS = published_cards()
SCORED = [name for name, card in CARDS.items() if card.blocks]


def sample(card: Card, n: int, seed: int, missing: float = 0.15) -> pd.DataFrame:
    """Random facts inside their ranges, ends of bins among them, some not known."""
    rng = np.random.default_rng(seed)
    columns = {}
    for item in card.items():
        if item.kind == "category":
            cells = rng.choice([option.code for option in item.options], n).astype(object)
        elif item.kind == "direct":
            steps = round((item.high - item.low) / item.step)
            cells = (item.low + item.step * rng.integers(0, steps + 1, n)).astype(object)
        else:
            ends = np.array([e.low for e in item.bins] + [item.high])
            inner = np.interp(rng.uniform(0, len(ends) - 1, n), np.arange(len(ends)), ends)
            cells = np.where(rng.random(n) < 0.3, rng.choice(ends, n), inner).astype(object)
        cells[rng.random(n) < missing] = None
        columns[item.field] = cells
    return pd.DataFrame(columns)


def slow_points(item: Item, cell: object) -> float:
    """The points of one fact, read off the card as a person would."""
    if pd.isna(cell):
        return item.missing
    if item.kind == "direct":
        return float(cell)
    if item.kind == "category":
        return next(option.points for option in item.options if option.code == cell)
    for entry in item.bins:
        if entry.low <= cell < entry.high or cell == entry.high == item.high:
            return entry.points
    raise AssertionError(cell)


@pytest.mark.parametrize("name", SCORED)
def test_points_equal_the_slow_twin(name: str) -> None:
    card = CARDS[name]
    frame = sample(card, 300, seed=1)
    scored = score_card(card, frame, DAY)
    for item in card.items():
        expected = [slow_points(item, cell) for cell in frame[item.field]]
        np.testing.assert_array_equal(scored[f"item.{item.name}"], expected)
    blocks = [f"block.{block.name}" for block in card.blocks]
    np.testing.assert_allclose(
        scored[blocks].sum(axis=1, skipna=False), scored["total"], rtol=1e-13
    )
    for block in card.blocks:
        column = scored[f"block.{block.name}"].dropna()
        assert column.between(block.least - 1e-9, block.weight + 1e-9).all()


def engine_score(arrays, x) -> np.ndarray:
    """The seam's scorecard scored as its description says, one cell after another."""
    out = np.zeros(x.shape[1])
    for i in range(x.shape[1]):
        for k in range(x.shape[0]):
            points = arrays["points"][arrays["point_starts"][k] : arrays["point_starts"][k + 1]]
            edges = arrays["edges"][arrays["edge_starts"][k] : arrays["edge_starts"][k + 1]]
            codes = arrays["code_bins"][arrays["code_starts"][k] : arrays["code_starts"][k + 1]]
            if math.isnan(x[k, i]):
                place = len(points) - 1
            elif arrays["is_category"][k]:
                place = codes[int(x[k, i])]
            else:
                place = sum(edge <= x[k, i] for edge in edges)
            out[i] += points[place]
    return out


@pytest.mark.parametrize("name", SCORED)
@pytest.mark.parametrize("social", [True, False])
def test_released_arrays_score_the_same(name: str, social: bool) -> None:
    card = CARDS[name]
    if not card.items(social):
        with pytest.raises(ModelError, match="has no items"):
            to_scorecard_arrays(card, social=social)
        return
    frame = sample(card, 100, seed=2)
    scored = score_card(card, frame, DAY)
    features = card_features(card, social)
    x, unseen = learned.encode({f.name: frame[f.name] for f in features}, features)
    assert not unseen.any()
    arrays = to_scorecard_arrays(card, social=social)
    score = engine_score(arrays, x)
    if social:
        np.testing.assert_array_equal(score, scored["total"])
    else:
        scale = card.marks() / card.marks(social=False)
        np.testing.assert_allclose(score * scale, scored["total_without_social"], rtol=1e-13)
    np.testing.assert_allclose(points_of(arrays, x).sum(axis=0), score, rtol=1e-13)
    factor, offset = arrays["scale"]
    if card.scale is None:
        assert math.isnan(factor) and math.isnan(offset)
    elif not social:
        raw = -(score - offset) / factor
        expected = np.log(scored["pd_expert"] / (1.0 - scored["pd_expert"]))
        np.testing.assert_allclose(raw, expected, rtol=1e-9, atol=1e-9)


def test_arrays_have_the_shape_of_the_seam() -> None:
    card = CARDS["household_common"]
    arrays = to_scorecard_arrays(card)
    n = len(card.items(social=False))
    assert arrays["is_category"].dtype == bool and arrays["is_category"].shape == (n,)
    for key in ("edge_starts", "code_starts", "point_starts"):
        assert arrays[key].dtype == np.int64 and arrays[key].shape == (n + 1,)
    assert arrays["edges"].dtype == arrays["points"].dtype == np.float64
    assert arrays["edge_starts"][-1] == arrays["edges"].size
    assert arrays["point_starts"][-1] == arrays["points"].size
    bins = np.diff(arrays["edge_starts"]) + np.where(arrays["is_category"], 0, 1)
    bins += np.diff(arrays["code_starts"])
    np.testing.assert_array_equal(np.diff(arrays["point_starts"]), bins + 1)
    np.testing.assert_array_equal(arrays["calibration"], [0.0, 1.0])
    for key in ("low", "high", "may_miss"):
        assert arrays[key].shape == (n,)
    assert np.isfinite(arrays["low"]).all() and (arrays["low"] < arrays["high"]).all()
    features = card_features(card)
    assert not {"conduct_record", "village_opinion_points"} & {f.name for f in features}
    assert {f.name: f.direction for f in features}["expense_to_income"] == 1
    assert {f.name: f.direction for f in features}["net_assets_yuan"] == -1


def test_master_scale_passes_through_its_anchors() -> None:
    scale = MasterScale((90.0, 60.0), (0.01, 0.08), Source("expert", "memory"))
    np.testing.assert_allclose(
        default_probability(scale, np.array([90.0, 60.0])), [0.01, 0.08], rtol=1e-12
    )
    factor, offset = factor_offset(scale)
    # By hand: odds 99 at 90 and 11.5 at 60; points per doubling = 30 / log2(99 / 11.5).
    assert factor * math.log(2.0) == pytest.approx(30.0 / math.log2(99.0 / 11.5), rel=1e-12)
    tail = default_probability(scale, np.array([offset + 700.0 * factor]))
    assert 0.0 < tail[0] < 1e-300


def test_scaling_oracle() -> None:
    """PD-SCALE-01: 600 points at 50 to 1, 20 points double the odds."""
    scale = MasterScale((620.0, 600.0), (1.0 / 101.0, 1.0 / 51.0), Source("expert", "memory"))
    np.testing.assert_allclose(factor_offset(scale), [28.8539008178, 487.122876205], atol=1e-9)
    probability = default_probability(scale, np.array([560.0]))
    np.testing.assert_allclose(probability, [0.0740740740741], atol=1e-9)


def test_cut_offs_are_met_in_spite_of_rounding() -> None:
    """0.7 + 0.1 is 0.7999999999999999 in floats and still earns a band that begins at 0.8."""
    from models.expert.score import grades_of

    card = CARDS["bachu_household"]
    tenths = np.array([sum([0.1] * 800), 79.9999, 80.0 - 1e-5, np.nan])
    assert tenths[0] != 80.0
    assert grades_of(card, tenths) == ["AAA", "AA", "AA", None]


def facts(**changes) -> pd.DataFrame:
    row = {item.field: None for item in CARDS["household_common"].items()}
    return pd.DataFrame([{**row, **changes}])


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("abc", "no finite number"), (math.inf, "no finite number"), (-1.0, "lies outside [0, 1]"),
        (35.0, "lies outside [0, 1]; check the unit 1"), (True, "no finite number"),
    ],
)  # fmt: skip
def test_cells_that_cannot_be_read_are_marked(cell, told) -> None:
    scored = score_card(CARDS["household_common"], facts(working_members_share=cell), DAY)
    assert told in scored["reasons_en"].iloc[0] and scored["outcome"].iloc[0] == "refer"
    assert scored["item.working_members"].iloc[0] == 1.0
    assert "working_members" in scored["missing"].iloc[0]


def test_awarded_points_stay_on_their_grid() -> None:
    scored = score_card(CARDS["household_common"], facts(village_opinion_points=7.3), DAY)
    assert "off the step 0.5" in scored["reasons_en"].iloc[0]
    scored = score_card(CARDS["household_common"], facts(village_opinion_points="7.5"), DAY)
    assert scored["item.village_opinion"].iloc[0] == 7.5


@pytest.mark.parametrize("yes", [True, "是", "yes", 1, "1", 1.0, "TRUE"])
def test_words_for_yes(yes) -> None:
    scored = score_card(CARDS["household_common"], facts(main_activity_insured=yes), DAY)
    assert scored["item.insured"].iloc[0] == 3.0


def test_titles_are_read_and_unknown_words_are_not() -> None:
    scored = score_card(CARDS["household_common"], facts(conduct_record="好"), DAY)
    assert scored["item.conduct_record"].iloc[0] == 6.0
    scored = score_card(CARDS["household_common"], facts(conduct_record="很好"), DAY)
    assert scored["item.conduct_record"].iloc[0] == 0.0
    assert "none of the answers" in scored["reasons_en"].iloc[0]


def test_absent_columns_and_days_are_refused() -> None:
    card = CARDS["household_common"]
    with pytest.raises(ModelError, match="the frame lacks working_members_share, conduct_record"):
        score_card(card, pd.DataFrame({"x": [1]}), DAY)
    with pytest.raises(ModelError, match="not valid on 2025-12-31"):
        score_card(card, facts(), date(2025, 12, 31))


def test_an_empty_frame_and_one_row_equals_many() -> None:
    card = CARDS["household_common"]
    frame = sample(card, 40, seed=3)
    whole = score_card(card, frame, DAY)
    assert len(score_card(card, frame.iloc[:0], DAY)) == 0
    for row in (0, 7, 39):
        alone = score_card(card, frame.iloc[[row]], DAY)
        pd.testing.assert_frame_equal(alone, whole.iloc[[row]], check_dtype=False)


CLEAN = {
    "sealed_or_seized": False, "disputed": False, "undisclosed_pledge": False,
    "pledged_object": "land_management_right", "stated_value_excess": 0.1,
    "certificate_matches_register": True, "compulsory_insurance_in_force": True,
    "overdue_now": False, "overdue_times_24_months": 0, "longest_overdue_days_24_months": 0,
    "dishonest_debtor": False, "age_plus_term_years": 50, "debt_ratio_before": 0.2,
    "debt_ratio_after": 0.4, "farm_production_purpose": True, "loan_passed_on_or_consumed": False,
    "gambling_drugs_gang_or_evasion": False, "non_grain_use": False,
    "on_permanent_basic_farmland": False, "in_environment_closed_area": False,
    "guarantees_for_others_to_net_assets": 0.0, "ring_guarantee": False,
    "client_is_government_platform": False, "hidden_government_debt": False,
    "kind": "household", "rent_paid_to_maturity": None, "tail_years": 5.0,
}  # fmt: skip
LENDER = {"agri_policy_guarantor": True, "government_backed": True}


@pytest.mark.parametrize(
    ("change", "hits", "outcome"),
    [
        ({}, (), "pass"),
        ({"sealed_or_seized": "是"}, ("property_sealed",), "block"),
        ({"disputed": True}, ("title_disputed",), "block"),
        ({"pledged_object": "private_plot"}, ("forbidden_kind",), "block"),
        ({"stated_value_excess": 0.30}, (), "pass"),
        ({"stated_value_excess": 0.31}, ("stated_value_excess",), "refer"),
        ({"dishonest_debtor": True}, ("dishonest_debtor",), "block"),
        ({"dishonest_debtor": None}, (), "refer"),
        ({"age_plus_term_years": 65}, (), "pass"),
        ({"age_plus_term_years": 66}, ("age_plus_term",), "refer"),
        ({"debt_ratio_after": 0.71}, ("debt_ratio_after",), "refer"),
        ({"farm_production_purpose": False}, ("purpose_outside_farming",), "block"),
        ({"non_grain_use": True}, (), "pass"),
        ({"non_grain_use": True, "on_permanent_basic_farmland": True}, ("basic_farmland_use",), "block"),
        ({"guarantees_for_others_to_net_assets": 1.2}, ("guarantees_above_net_worth",), "refer"),
        ({"kind": "lease_yearly", "rent_paid_to_maturity": False}, ("rent_unpaid",), "refer"),
        ({"kind": "lease_yearly"}, (), "refer"),
        ({"tail_years": -1.0}, ("right_ends_early",), "refer"),
    ],
)  # fmt: skip
def test_red_lines(change, hits, outcome) -> None:
    frame = pd.DataFrame([{**CLEAN, **change}])
    scored = score_card(CARDS["red_lines"], frame, DAY, facts=LENDER)
    assert scored["vetoes"].iloc[0] == hits
    assert scored["outcome"].iloc[0] == outcome
    assert bool(scored["reasons_zh"].iloc[0]) == (outcome != "pass")


@pytest.mark.parametrize(
    ("times", "run", "hit"),
    [(6, 200, False), (7, 89, False), (7, 90, True), (20, None, None), (6, None, False), (0, 0, False)],
)  # fmt: skip
def test_overdue_record_needs_both_limits_broken(times, run, hit) -> None:
    """A summary reads "> 6 overdue or a 90-day run" as the veto; the notice lets either suffice."""
    frame = pd.DataFrame([
        {**CLEAN, "overdue_times_24_months": times, "longest_overdue_days_24_months": run}
    ])  # fmt: skip
    scored = score_card(CARDS["red_lines"], frame, DAY, facts=LENDER)
    known = {True: "vetoes", None: "not_known"}
    for state, column in known.items():
        assert ("overdue_record" in scored[column].iloc[0]) == (hit is state)


def test_reasons_carry_source_and_cure_and_no_amount_of_the_card() -> None:
    frame = pd.DataFrame([{**CLEAN, "disputed": True}])
    scored = score_card(CARDS["red_lines"], frame, DAY, facts=LENDER)
    assert "Civil Code, art. 399(4)" in scored["reasons_en"].iloc[0]
    assert "权属不明或有争议" in scored["reasons_zh"].iloc[0]


def test_rules_of_the_day_and_gates_elsewhere() -> None:
    """On a day before a rule speaks it fails nobody; gates=False leaves rules to the engine."""
    card = CARDS["red_lines"]
    frame = pd.DataFrame([{**CLEAN, "age_plus_term_years": 90, "disputed": True}])
    book = statute_of("")
    assert (
        "age_plus_term" in score_card(card, frame, DAY, facts=LENDER, book=book)["vetoes"].iloc[0]
    )
    first = date(2024, 3, 27)
    assert "age_plus_term" in score_card(card, frame, first, facts=LENDER)["vetoes"].iloc[0]
    with pytest.raises(ModelError, match="not valid"):
        score_card(card, frame, date(2024, 3, 26), facts=LENDER)
    alone = score_card(card, frame, DAY, gates=False)
    assert alone["vetoes"].iloc[0] == () and alone["outcome"].iloc[0] == "pass"


def test_encode_keeps_order_of_faults() -> None:
    items = CARDS["household_common"].items()
    frame = pd.concat(
        [facts(net_assets_yuan="x"), facts(debt_ratio_before=99.0)], ignore_index=True
    )
    assert [(row, name) for row, name, _ in encode(items, frame).faults] == [
        (0, "net_assets"), (1, "debt_to_assets"),
    ]  # fmt: skip
