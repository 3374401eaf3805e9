"""Assets in three tiers and the ratios between them."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.errors import RuleNotFound
from riskengine.guarantee.assets import (
    asset_facts,
    asset_kind,
    asset_tiers,
    kinds_of_assets,
    sort_assets,
)
from riskengine.guarantee.contracts import RatioError
from riskengine.rules import statute

RULES = statute().at(date(2026, 11, 24))
ALONE = {"consolidated": False}


@pytest.mark.parametrize(
    ("row", "kind", "tiers"),
    [
        ("GI-A-01", "cash", (100, 0, 0)), ("GI-A-01", "margin_deposits", (100, 0, 0)),
        ("GI-A-01", "money_funds", (100, 0, 0)), ("GI-A-01", "treasury_bonds", (100, 0, 0)),
        ("GI-A-01", "bonds_aaa", (100, 0, 0)), ("GI-A-01", "bank_wealth_short", (100, 0, 0)),
        ("GI-A-02", "other_bank_wealth", (0, 100, 0)), ("GI-A-02", "bonds_aa_plus", (0, 100, 0)),
        ("GI-A-02", "equity_in_guarantors", (0, 100, 0)),
        ("GI-A-02", "equity_in_clients", (0, 20, 80)),
        ("GI-A-02", "entrusted_loans_to_clients", (0, 40, 60)),
        ("GI-A-02", "own_use_property", (0, 30, 70)),
        ("GI-A-03", "other_equity", (0, 0, 100)), ("GI-A-03", "receivables", (0, 0, 100)),
        ("GI-A-03", "other_property", (0, 0, 100)),
    ],
)  # fmt: skip
def test_each_kind_goes_to_its_tier(row: str, kind: str, tiers: tuple[int, ...]) -> None:
    found = sort_assets({kind: 1.0}, 1.0, RULES)
    assert (found.one_fen, found.two_fen, found.three_fen) == tiers, row


@pytest.mark.parametrize(
    ("sort", "facts", "kind"),
    [
        ("bank_wealth", {"months": 3.0}, "bank_wealth_short"),
        ("bank_wealth", {"months": 3.1}, "other_bank_wealth"),
        ("bank_wealth", {}, "other_bank_wealth"),
        ("bank_wealth", {"months": 12.0, "redeemable": True}, "bank_wealth_redeemable_any_time"),
        ("bonds", {"rating": "AAA"}, "bonds_aaa"), ("bonds", {"rating": "AA"}, "bonds_aa"),
        ("bonds", {"rating": "AA-"}, "other"),
        ("entrusted_loans", {"months": 6.0, "to_client": True}, "entrusted_loans_to_clients"),
        ("entrusted_loans", {"months": 7.0, "to_client": True}, "entrusted_loans_rest"),
        ("entrusted_loans", {"months": 6.0}, "entrusted_loans_rest"),
        ("equity", {"to_client": True}, "equity_in_clients"), ("equity", {}, "other_equity"),
    ],
)  # fmt: skip
def test_term_rating_and_debtor_decide(sort: str, facts: dict[str, Any], kind: str) -> None:
    assert asset_kind(sort, RULES, **facts) == kind
    assert kind in kinds_of_assets(RULES)


@given(st.dictionaries(st.sampled_from(sorted(kinds_of_assets(RULES))), st.integers(0, 10**12)))
def test_every_fen_is_in_one_tier(items: dict[str, int]) -> None:
    found = sort_assets({kind: fen / 100.0 for kind, fen in items.items()}, 5e8, RULES)
    assert sum((found.one_fen, found.two_fen, found.three_fen)) == sum(items.values())  # type: ignore[arg-type]
    assert sum(round(part.amount_yuan * 100.0) for part in found.placed) == sum(items.values())


def statement(**more: Any) -> dict[str, Any]:
    """A company at every edge: 60 %, 70 %, 20 % and 30 %."""
    said = {
        "net_assets_yuan": 50e6, "unearned_reserve_yuan": 4e6, "compensation_reserve_yuan": 6e6,
        "total_assets_yuan": 100e6, "compensation_receivable_yuan": 0.0,
        "tier_one_yuan": 20e6, "tier_two_yuan": 50e6, "tier_three_yuan": 30e6,
    }  # fmt: skip
    return said | ALONE | more


def test_gi_a_04_to_06_shares() -> None:
    found = asset_facts(statement(), RULES)
    assert {name: fact.value for name, fact in found.items()} == {
        "own_funds_share": 0.6, "tier_one_two_share": 0.7, "tier_one_share": 0.2,
        "tier_three_share": 0.3,
    }  # fmt: skip
    assert "20,000,000.00 / 100,000,000.00" in found["tier_one_share"].how.en


def test_compensation_receivable_leaves_the_base() -> None:
    more = asset_facts(statement(total_assets_yuan=120e6, compensation_receivable_yuan=20e6), RULES)
    assert more["tier_one_share"].value == 0.2
    assert more["own_funds_share"].value == 0.5


@pytest.mark.parametrize("consolidated", [True, None])
def test_gi_a_07_consolidated_statements_answer_nothing(consolidated: bool | None) -> None:
    found = asset_facts(statement(consolidated=consolidated), RULES)
    assert all(fact.value is None for fact in found.values())
    assert "GI-A-07" in found["tier_one_share"].how.en


@pytest.mark.parametrize(
    "missing", ["total_assets_yuan", "compensation_receivable_yuan", "tier_one_yuan"]
)
def test_what_is_missing_is_not_guessed(missing: str) -> None:
    assert asset_facts(statement(**{missing: None}), RULES)["tier_one_share"].value is None


def test_assets_that_no_item_explains_are_tier_three() -> None:
    found = asset_facts(statement(tier_three_yuan=10e6), RULES)
    assert found["tier_three_share"].value == 0.3
    over = asset_facts(statement(tier_three_yuan=40e6), RULES)
    assert over["tier_three_share"].value is None
    assert over["own_funds_share"].value == 0.6


def test_items_and_tiers_must_agree() -> None:
    items = {"cash_yuan": 20e6, "bonds_aa_yuan": 50e6, "receivables_yuan": 30e6}
    assert asset_tiers(statement(**items), RULES).one_fen == 2_000_000_000
    with pytest.raises(RatioError, match="does not agree"):
        asset_tiers(statement(**items | {"cash_yuan": 19e6}), RULES)


def test_own_use_property_needs_net_assets() -> None:
    with pytest.raises(RatioError, match="limits own-use property"):
        sort_assets({"own_use_property": 1.0}, None, RULES)
    assert sort_assets({"own_use_property": 1.0}, -5.0, RULES).two_fen == 0


@pytest.mark.parametrize("items", [{"gold": 1.0}, {"cash": -1.0}, {"cash": float("nan")}])
def test_items_that_are_none(items: dict[str, float]) -> None:
    with pytest.raises(RatioError):
        sort_assets(items, 1.0, RULES)
    with pytest.raises(RatioError):
        asset_kind("gold", RULES)


def test_before_the_measures_there_are_no_tiers() -> None:
    with pytest.raises(RuleNotFound):
        asset_facts(statement(), statute().at(date(2018, 4, 1)))
