"""Published systems as cards: what was published is there, what was not is said."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.expert import card_toml, load_card, published_cards, published_systems, score_card
from models.expert.fairness import PROTECTED
from models.expert.load import CARDS
from riskengine.rules import statute_of

DAY = date(2026, 11, 24)
CARDS_BY_NAME = published_cards()


def points_of_blocks(name: str) -> list[float]:
    return [block.weight for block in CARDS_BY_NAME[name].blocks]


def test_weights_are_those_of_the_practice_notes() -> None:
    assert points_of_blocks("cooperative_procedure") == [30.0, 25.0, 35.0, 10.0]
    assert points_of_blocks("farm_common") == [15.0, 15.0, 25.0, 20.0, 15.0, 10.0]
    assert points_of_blocks("brazil_farm") == [60.0, 40.0]
    for name in ("household_common", "farm_common", "cooperative_procedure", "brazil_farm"):
        assert CARDS_BY_NAME[name].marks() == 100.0
    household = {block.name: block.weight for block in CARDS_BY_NAME["household_common"].blocks}
    assert 10.0 <= household["family"] + household["conduct"] <= 15.0
    assert 20.0 <= household["assets"] <= 25.0 and 25.0 <= household["income"] <= 30.0
    assert 20.0 <= household["credit"] <= 25.0 and household["opinion"] == 10.0
    assert household["bonus"] <= 5.0


def test_every_system_is_accounted_for() -> None:
    systems = published_systems()
    assert [entry["number"] for entry in systems] == list(range(1, 17))
    named = {card for entry in systems for card in entry["cards"]}
    assert named | {"red_lines", "household_common", "farm_common"} == set(CARDS_BY_NAME)
    assert all(entry["why_zh"] and entry["why_en"] for entry in systems)


def test_memory_never_blocks_and_own_choices_say_so() -> None:
    for card in CARDS_BY_NAME.values():
        for veto in card.vetoes:
            if veto.source and veto.source.seen == "memory":
                assert veto.outcome != "block", veto.name
        for item in card.items():
            if item.source.seen == "memory":
                assert "engine's choice" in item.source.cite, item.name
        if card.scale is not None:
            assert (
                card.scale.source.seen == "memory" and "not an estimate" in card.scale.source.cite
            )


def test_vetoes_hold_no_number_that_a_rule_holds() -> None:
    """Amounts that the practice notes give with a rule id come from that rule alone."""
    by_name = {veto.name: veto for veto in CARDS_BY_NAME["red_lines"].vetoes}
    for name, mark in (
        ("property_sealed", "SEC-OWN-03b"), ("title_disputed", "SEC-OWN-03a"),
        ("overdue_record", "AGR-LIM-01e"), ("age_plus_term", "AGR-LIM-01d"),
        ("debt_ratio_after", "AGR-LIM-01c"), ("purpose_outside_farming", "AGR-SCOPE-01"),
        ("basic_farmland_use", "RED-PBF-01a"), ("government_platform", "GOV-DEBT-01a"),
        ("rent_unpaid", "LMR-RENT-01a"), ("right_ends_early", "LMR-TERM-05a"),
    ):  # fmt: skip
        veto = by_name[name]
        assert veto.amount is None
        assert statute_of(veto.region).rule(veto.rules[0]).code == mark


@pytest.mark.parametrize("name", sorted(CARDS_BY_NAME))
def test_a_card_written_down_reads_back(name: str, tmp_path) -> None:
    card = CARDS_BY_NAME[name]
    path = tmp_path / f"{name}.toml"
    path.write_text(card_toml(card), encoding="utf-8")
    assert repr(load_card(path)) == repr(card)
    assert card_toml(load_card(path)) == card_toml(card)


def test_no_card_asks_what_may_not_be_asked() -> None:
    words = [word for kind in PROTECTED for word in kind.words]
    for path in CARDS.glob("*.toml"):
        card = CARDS_BY_NAME.get(path.stem)
        titles = [item.title.zh for item in card.items()] if card else []
        assert not [title for title in titles for word in words if word in title]


@pytest.mark.parametrize(
    ("points", "grade"),
    [(100.0, "AAA"), (80.0, "AAA"), (79.5, "AA"), (70.0, "AA"), (60.0, "A"), (59.5, "不评级")],
)
def test_bachu_bands(points: float, grade: str) -> None:
    scored = score_card(
        CARDS_BY_NAME["bachu_household"], pd.DataFrame({"household_points": [points]}), DAY
    )
    assert list(scored["grade"]) == [grade]


@pytest.mark.parametrize(
    ("grade", "assets", "income", "line"),
    [
        ("A", 100_000.0, 60_000.0, 50_000.0 + 10_000.0 + 18_000.0),
        ("AA", 0.0, 0.0, 80_000.0),
        ("AAA", 500_000.0, 300_000.0, 200_000.0),  # 240,000 before the cap
        ("一般", 500_000.0, 300_000.0, 0.0),  # no base, no line
        ("A", None, 60_000.0, np.nan),
        (None, 1.0, 1.0, np.nan),
        ("A", -5.0, 60_000.0, np.nan),
    ],
)
def test_household_line(grade, assets, income, line) -> None:
    frame = pd.DataFrame({
        "grade": [grade], "family_assets_yuan": [assets],
        "family_operating_income_yuan_per_year": [income],
    })  # fmt: skip
    scored = score_card(CARDS_BY_NAME["household_line"], frame, DAY)
    np.testing.assert_allclose(scored["line_yuan"], [line], rtol=1e-12)
    assert scored["outcome"].iloc[0] == ("refer" if grade is None else "pass")


def test_jinan_items_score_as_published() -> None:
    frame = pd.DataFrame({
        "offences": ["none", "past", "this_year", None],
        "family_conduct": ["harmony", "harmony", "frequent_quarrels", None],
    })  # fmt: skip
    scored = score_card(CARDS_BY_NAME["jinan_conduct"], frame, DAY)
    assert list(scored["total"]) == [4.0, 3.0, -4.0, 0.0]
    assert scored["total_without_social"].isna().all()


@pytest.mark.parametrize(
    ("change", "hit"),
    [
        ({}, ()), ({"credit_household_share": 0.699}, ("household_share",)),
        ({"credit_household_share": 0.70}, ()), ({"bad_loan_share": 0.05}, ("npl_stock",)),
        ({"new_bad_loan_share": 0.01}, ("npl_new",)),
        ({"debt_free_borrower_share": 0.849}, ("debt_free",)),
    ],
)  # fmt: skip
def test_credit_village_thresholds(change, hit) -> None:
    """Shares of at least 70 % and 85 % include their figure; below 5 % and 1 % do not."""
    good = {"credit_household_share": 0.7, "debt_free_borrower_share": 0.85,
            "bad_loan_share": 0.049, "new_bad_loan_share": 0.0099}  # fmt: skip
    card = CARDS_BY_NAME["credit_village"]
    scored = score_card(card, pd.DataFrame([{**good, **change}]), DAY)
    assert scored["vetoes"].iloc[0] == hit
    assert scored["grade"].iloc[0] == (None if hit else "信用村")
    unknown = score_card(card, pd.DataFrame([{**good, "bad_loan_share": None}]), DAY)
    assert unknown["grade"].iloc[0] is None and unknown["outcome"].iloc[0] == "refer"


@pytest.mark.parametrize(
    ("points", "held", "grade"),
    [
        (95.0, "none", "county"), (95.0, "county", "city"), (95.0, "city", "province"),
        (95.0, "province", "province"), (85.0, "none", "county"), (75.0, "city", "county"),
        (60.0, "county", "none"), (95.0, None, None), (None, "county", None),
    ],
)  # fmt: skip
def test_village_levels_are_climbed_one_by_one(points, held, grade) -> None:
    frame = pd.DataFrame(
        {"village_points": [points], "level_held": [held], "basic_conditions_met": ["是"]}
    )
    scored = score_card(CARDS_BY_NAME["zhejiang_village"], frame, DAY)
    assert scored["grade"].iloc[0] == grade
    assert scored["outcome"].iloc[0] == ("pass" if grade else "refer")
