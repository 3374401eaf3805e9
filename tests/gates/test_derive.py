"""What the engine derives of a pledge, against examples worked by hand; and what goes before what."""

import math
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from riskengine.casefile.evaluate import Bench, evaluate
from riskengine.casefile.read import case_of, tape_of
from riskengine.gates.derive import BY_LOAN_DAYS, DERIVED
from riskengine.gates.gather import facts_of
from riskengine.gates.papers import papers_refer
from riskengine.gates.plan import plan_of
from riskengine.gates.secured import Secured
from riskengine.gates.tables import LOANS
from riskengine.market import demonstration
from riskengine.pledging.assess import Assessed
from riskengine.pledging.join import borrowers
from riskengine.rights import RIGHTS
from riskengine.rules import statute, statute_of
from riskengine.rules.facts import declared_facts

DAY = date(2026, 11, 23)
NAN, INF = math.nan, math.inf
LOAN = {"lender_type": "bank", "balance_yuan": 100_000, "matures_on": date(2027, 11, 23)}
FULL: dict[str, dict[str, Any]] = {
    "land": {"kind": "lease_yearly", "area_mu": 20, "land_use": "irrigated"},
    "homestead": {"kind": "farmhouse", "building_area_m2": 180},
    "forest": {"kind": "timber", "area_mu": 50},
    "construction": {"kind": "grant", "area_m2": 2000},
    "equity": {"kind": "household_share", "shares": 10},
    "ecology": {"kind": "value_account"},
}
"""The fewest cells that make a right of each kind."""
POLICY = {"kind": "full_cost", "sum_insured_yuan": 16_000, "ends_on": date(2027, 12, 31)}


@cache
def bench() -> Bench:
    return Bench(demonstration(), statute_of)


def assessed(
    table: str,
    cells: dict[str, Any] | None = None,
    loan: dict[str, Any] | None = None,
    policies: tuple[dict[str, Any], ...] = (),
    day: date = DAY,
) -> Assessed:
    """One right with its papers, valued and judged."""
    right = {"table": table, "region_code": "370983", **FULL[table], **(cells or {})}
    content = {"right": [{**right, "policy": list(policies)}], "loan": loan or {}}
    return evaluate(case_of(content, day), bench())[0]


def derived(fact: str, of: Secured) -> Any:
    """A derived fact of the one right: number or word; NaN where not known."""
    found = float((DERIVED[of.table].get(fact) or DERIVED[""][fact])(of)[0])
    declared = declared_facts()[fact]
    if declared.kind == "code" and not math.isnan(found):
        words = declared.words or RIGHTS[of.table].by_name[fact].codes
        return list(words)[int(found)]
    return found


def known(found: Assessed, fact: str) -> Any:
    """A fact as the gates saw it; None where it is not known."""
    plan = plan_of(statute(), found.of.table, found.of.valued_on)
    facts = facts_of(found.of, plan)
    if fact in plan.words:
        code = int(facts.coded[fact][0])
        return None if code < 0 else plan.words[fact][code]
    number = float(facts.numbers[fact][0])
    return None if math.isnan(number) else number


THIRTY_EIGHT_DAYS = 38 / 365
"""From an anniversary on 23 November to 31 December, of a year that holds no 29 February."""
DIVIDENDS = {"dividend_1_yuan_per_share_year": 300, "dividend_2_yuan_per_share_year": 360}
CASES: list[tuple[str, dict[str, Any], dict[str, Any], str, Any]] = [
    # The loan.
    ("land", {}, LOAN, "secured_party", "financial_institution"),
    ("land", {}, {**LOAN, "lender_type": "rural_bank"}, "secured_party", "financial_institution"),
    ("land", {}, {**LOAN, "lender_type": "guarantee_company"}, "secured_party", "guarantee_company"),
    ("land", {}, {**LOAN, "lender_type": "small_loan_company"}, "secured_party", "other"),
    ("land", {}, {**LOAN, "lender_type": "other"}, "secured_party", "other"),
    ("land", {}, {"balance_yuan": 1, "matures_on": DAY}, "secured_party", NAN),
    ("land", {}, {}, "secured_party", NAN),
    ("land", {}, LOAN, "lender_is_financial_institution", 1.0),
    ("land", {}, {**LOAN, "lender_type": "policy_bank"}, "lender_is_financial_institution", 1.0),
    ("land", {}, {**LOAN, "lender_type": "guarantee_company"}, "lender_is_financial_institution", NAN),
    ("land", {}, {**LOAN, "lender_type": "small_loan_company"}, "lender_is_financial_institution", 0.0),
    ("land", {}, {**LOAN, "lender_type": "other"}, "lender_is_financial_institution", 0.0),
    ("land", {}, {}, "lender_is_financial_institution", NAN),
    ("forest", {}, LOAN, "loan_amount_yuan", 100_000.0),
    ("forest", {}, {}, "loan_amount_yuan", NAN),
    ("land", {}, LOAN, "loan_term_years", 1.0),
    ("land", {}, {**LOAN, "starts_on": date(2025, 11, 23)}, "loan_term_years", 2.0),
    ("land", {}, {**LOAN, "matures_on": date(2028, 12, 31)}, "loan_term_years", 2 + THIRTY_EIGHT_DAYS),
    ("land", {}, {}, "loan_term_years", NAN),
    ("land", {}, LOAN, "pledged_years", 1.0),
    ("land", {}, LOAN, "years_since_due", -1.0),
    ("land", {}, {**LOAN, "matures_on": date(2023, 11, 23)}, "years_since_due", 3.0),
    ("land", {}, LOAN, "limitation_expired", 0.0),
    ("land", {}, {**LOAN, "matures_on": date(2023, 11, 23)}, "limitation_expired", 0.0),
    ("land", {}, {**LOAN, "matures_on": date(2023, 11, 22)}, "limitation_expired", 1.0),
    ("land", {}, {}, "limitation_expired", NAN),
    # Multiples.
    ("equity", {**DIVIDENDS}, {**LOAN, "balance_yuan": 9_900}, "loan_to_dividend_multiple", 3.0),
    ("equity", {"dividend_mean_yuan_per_share_year": 500, "dividend_mean_years": 4},
     {**LOAN, "balance_yuan": 10_000}, "loan_to_dividend_multiple", 2.0),
    ("equity", {"kind": "fixed_dividend", "fixed_dividend_yuan_per_share_year": 100},
     {**LOAN, "balance_yuan": 5_000}, "loan_to_dividend_multiple", 5.0),
    ("equity", {"dividend_1_yuan_per_share_year": 0}, LOAN, "loan_to_dividend_multiple", INF),
    ("equity", {"dividend_1_yuan_per_share_year": 0}, {}, "loan_to_dividend_multiple", NAN),
    ("equity", {}, LOAN, "loan_to_dividend_multiple", NAN),
    ("ecology", {"kind": "compensation", "income_yuan_per_year": 80_000},
     {**LOAN, "balance_yuan": 1_200_000}, "compensation_multiple", 15.0),
    ("forest", {"kind": "welfare", "area_mu": 5_000, "compensation_yuan_per_mu_year": 16},
     {**LOAN, "balance_yuan": 1_280_000}, "compensation_multiple", 16.0),
    ("forest", {"kind": "welfare", "area_mu": 5_000}, LOAN, "compensation_multiple", NAN),
    ("land", {"facilities_cost_yuan": 200_000, "facilities_built_on": date(2021, 11, 23),
              "facilities_life_years": 20}, {**LOAN, "balance_yuan": 75_000},
     "loan_to_depreciated_cost", 0.5),
    ("land", {"facilities_cost_yuan": 200_000, "facilities_built_on": date(1996, 11, 23),
              "facilities_life_years": 20}, LOAN, "loan_to_depreciated_cost", INF),
    ("land", {"facilities_cost_yuan": 200_000}, LOAN, "loan_to_depreciated_cost", NAN),
    # Terms.
    ("land", {"contract_end": date(2055, 11, 23), "lease_end": date(2031, 11, 23)}, LOAN,
     "tail_years", 4.0),
    ("land", {"contract_end": date(2027, 5, 23), "lease_end": date(2031, 11, 23)}, LOAN,
     "tail_years", 181 / 365 - 1.0),
    ("land", {"kind": "household"}, {}, "tail_years", NAN),
    ("homestead", {}, LOAN, "tail_years", INF),
    ("land", {"lease_end": date(2031, 11, 23)}, {}, "transfer_term_years", 5.0),
    ("land", {"lease_end": date(2031, 11, 22)}, {}, "transfer_term_years", NAN),
    ("land", {"lease_end": date(2030, 11, 23), "transfer_starts_on": date(2025, 11, 23)}, {},
     "transfer_term_years", 5.0),
    ("land", {}, {}, "transfer_term_years", NAN),
    ("land", {"lease_end": date(2046, 11, 23)}, {}, "lease_term_years", NAN),
    ("land", {"lease_end": date(2047, 11, 23)}, {}, "lease_term_years", 21.0),
    ("land", {"lease_end": date(2030, 11, 23), "transfer_starts_on": date(2010, 11, 23)}, {},
     "lease_term_years", 20.0),
    ("land", {"lease_end": date(2031, 11, 23), "contract_end": date(2028, 11, 23)}, {},
     "lease_years_beyond_contract", 3.0),
    ("land", {"lease_end": date(2027, 11, 23), "contract_end": date(2028, 11, 23)}, {},
     "lease_years_beyond_contract", 0.0),
    ("land", {"lease_end": date(2027, 11, 23)}, {}, "lease_years_beyond_contract", NAN),
    ("land", {"rent_prepaid_through": date(2027, 11, 23)}, LOAN, "rent_paid_to_maturity", 1.0),
    ("land", {"rent_prepaid_through": date(2027, 11, 22)}, LOAN, "rent_paid_to_maturity", 0.0),
    ("land", {"rent_prepaid_through": date(2027, 11, 22)}, {}, "rent_paid_to_maturity", NAN),
    ("land", {}, LOAN, "rent_paid_to_maturity", NAN),
    ("land", {"rent_arrears_yuan": 0}, {}, "rent_paid_as_agreed", 1.0),
    ("land", {"rent_arrears_yuan": 0.01}, {}, "rent_paid_as_agreed", 0.0),
    ("land", {}, {}, "rent_paid_as_agreed", NAN),
    ("construction", {"land_use": "industrial", "granted_on": date(2020, 11, 23),
                      "term_end": date(2070, 11, 23)}, {}, "term_over_cap_years", 0.0),
    ("construction", {"land_use": "industrial", "granted_on": date(2020, 11, 23),
                      "term_end": date(2072, 11, 23)}, {}, "term_over_cap_years", 2.0),
    ("construction", {"land_use": "commercial", "granted_on": date(2020, 11, 23),
                      "term_end": date(2070, 11, 23)}, {}, "term_over_cap_years", 10.0),
    ("construction", {"land_use": "warehouse", "granted_on": date(2020, 11, 23),
                      "term_end": date(2071, 11, 23)}, {}, "term_over_cap_years", 1.0),
    ("construction", {"land_use": "industrial"}, {}, "term_over_cap_years", NAN),
    ("construction", {"granted_on": date(2020, 11, 23), "term_end": date(2072, 11, 23)}, {},
     "term_over_cap_years", NAN),
    # What is pledged.
    ("land", {"certified_area_mu": 20}, {}, "registered_area_share", 1.0),
    ("land", {"certified_area_mu": 16}, {}, "registered_area_share", 1.25),
    ("land", {"certified_area_mu": 20, "pledged_area_mu": 10}, {}, "registered_area_share", 0.5),
    ("land", {"certified_area_mu": 0}, {}, "registered_area_share", NAN),
    ("land", {}, {}, "registered_area_share", NAN),
    ("homestead", {"certified_area_m2": 150}, {}, "registered_area_share", 1.2),
    ("construction", {"certified_area_m2": 2000}, {}, "registered_area_share", 1.0),
    ("equity", {}, {}, "registered_area_share", 1.0),
    ("land", {}, {}, "claim_over_registered_share", 1.0),
    ("land", {"secured_limit_yuan": 90_000, "registered_limit_yuan": 60_000}, {},
     "claim_over_registered_share", 1.5),
    ("land", {"secured_limit_yuan": 90_000}, {}, "claim_over_registered_share", NAN),
    ("land", {"region_code": "330782104"}, {}, "local_rule_found", 1.0),
    ("land", {"region_code": "330106"}, {}, "local_rule_found", 1.0),
    ("land", {"region_code": "360111"}, {}, "local_rule_found", NAN),
    # By kind of right.
    ("land", {"land_use": "paddy"}, {}, "crop", "grain"),
    ("land", {"land_use": "orchard"}, {}, "crop_priority", "fruit"),
    ("land", {"land_use": "pond"}, {}, "crop", "pond"),
    ("land", {"land_use": "grassland"}, {}, "crop", NAN),
    ("land", {"permanent_basic_farmland": True}, {}, "on_permanent_basic_farmland", 1.0),
    ("land", {}, {}, "on_permanent_basic_farmland", NAN),
    ("land", {"land_use": "vegetable", "facilities_cost_yuan": 1}, {}, "with_greenhouse", 1.0),
    ("land", {"land_use": "vegetable"}, {}, "with_greenhouse", 0.0),
    ("land", {"facilities_cost_yuan": 1}, {}, "with_greenhouse", 0.0),
    ("homestead", {"other_dwelling": True}, {}, "second_dwelling", 1.0),
    ("homestead", {}, {}, "second_dwelling", NAN),
    ("homestead", {}, {}, "buyer_pool", "village"),
    ("homestead", {"buyer_pool": "county"}, {}, "buyer_pool", "county"),
    ("homestead", {"built_on": date(2012, 11, 23)}, {}, "house_age_years", 14.0),
    ("homestead", {"built_on": date(2012, 11, 23), "effective_age_years": 20}, {},
     "house_age_years", 20.0),
    ("homestead", {}, {}, "house_age_years", NAN),
    ("homestead", {"structure": "simple"}, {}, "simple_structure", 1.0),
    ("homestead", {"structure": "earth_timber"}, {}, "simple_structure", 0.0),
    ("homestead", {}, {}, "simple_structure", NAN),
    ("forest", {}, {}, "forest_type", "timber"),
    ("forest", {"kind": "bamboo"}, {}, "forest_type", "timber"),
    ("forest", {"kind": "welfare"}, {}, "forest_type", NAN),
    ("forest", {"kind": "woodland"}, {}, "crop", "forest"),
    ("forest", {"species": "fir", "stand_age_years": 4}, {}, "age_class", "young"),
    ("forest", {"species": "fir", "stand_age_years": 4}, {}, "stand_class", "young_timber"),
    ("forest", {}, {}, "age_class", NAN),
    ("forest", {"kind": "economic", "species": "tea_oil", "stand_age_years": 1}, {},
     "bearing_stage", "pre_bearing"),
    ("forest", {"kind": "economic", "species": "fruit", "stand_age_years": 12}, {},
     "stand_class", "fruit_trees"),
    ("forest", {"kind": "economic", "species": "tea_oil", "stand_age_years": 12}, {},
     "stand_class", "other_economic"),
    ("forest", {"kind": "bamboo", "species": "moso"}, {}, "stand_class", "moso_bamboo"),
    ("forest", {"kind": "welfare"}, {}, "stand_class", "none"),
    ("forest", {"kind": "welfare"}, {}, "public_welfare", 1.0),
    ("forest", {}, {}, "public_welfare", NAN),
    ("forest", {"kind": "welfare"}, {}, "welfare_forest_area_mu", 50.0),
    ("equity", DIVIDENDS, {}, "dividend_history_years", 2.0),
    ("equity", {**DIVIDENDS, "dividend_mean_yuan_per_share_year": 300, "dividend_mean_years": 6}, {},
     "dividend_history_years", 6.0),
    ("equity", {}, {}, "dividend_history_years", 0.0),
    ("equity", {}, {}, "valuation_basis", "distributions"),
    ("equity", {"transfer_restriction": "inside_collective"}, {}, "buyer_is_member", 1.0),
    ("equity", {"transfer_restriction": "county_market"}, {}, "buyer_is_member", 0.0),
    ("equity", {"transfer_restriction": "not_stated"}, {}, "buyer_is_member", NAN),
    ("equity", {}, {}, "buyer_is_member", NAN),
    ("equity", {"total_shares": 400}, {}, "member_share_of_all", 0.025),
    ("equity", {}, {}, "member_share_of_all", NAN),
    ("ecology", {"kind": "carbon_issued", "programme": "ccer", "quantity_t": 900}, {},
     "units_issued", 900.0),
    ("ecology", {}, {}, "units_issued", 0.0),
    ("ecology", {"area_mu": 400, "expected_t_per_year": 800}, {}, "yield_t_per_mu_year", 2.0),
    ("ecology", {"area_mu": 400}, {}, "yield_t_per_mu_year", NAN),
    ("ecology", {"crediting_start": date(2023, 11, 23), "crediting_end": date(2043, 11, 23)}, {},
     "crediting_years", 20.0),
    ("ecology", {"crediting_end": date(2043, 11, 23)}, {}, "crediting_years", NAN),
    ("ecology", {"area_mu": 1_000}, {}, "welfare_forest_area_mu", 1_000.0),
    ("ecology", {"kind": "compensation", "income_yuan_per_year": 9e4}, {}, "programme", "other"),
    # What the engine's own way of valuing settles.
    ("land", {}, {}, "cites_repealed_law", 0.0), ("land", {}, {}, "valued_at_lawful_use", 1.0),
    ("forest", {}, {}, "replanting_cost_deducted", 1.0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "cells", "loan", "fact", "wanted"), CASES, ids=[f"{c[0]}-{c[3]}" for c in CASES]
)
def test_derived_facts_against_examples_worked_by_hand(
    table: str, cells: dict[str, Any], loan: dict[str, Any], fact: str, wanted: Any
) -> None:
    found = derived(fact, assessed(table, cells, loan).of)
    if isinstance(wanted, str):
        assert found == wanted
    else:
        assert found == pytest.approx(wanted, rel=1e-12, nan_ok=True)


def test_every_derived_fact_has_an_example() -> None:
    shown = {fact for _, _, _, fact, _ in CASES} | ELSEWHERE
    every = {fact for facts in DERIVED.values() for fact in facts}
    assert sorted(every - shown) == []


ELSEWHERE = {
    "loan_to_value", "loan_to_mean_price_value", "house_value_yuan", "insurer_notified",
    "house_insured",
}  # fmt: skip
"""Facts that follow from the value or from policies: below."""


def test_derived_facts_are_those_declared_so() -> None:
    for table, facts in DERIVED.items():
        for fact in facts:
            declared = declared_facts()[fact]
            on_paper_too = {
                "crop",
                "forest_type",
                "on_permanent_basic_farmland",
                "rent_arrears_yuan",
                "local_rule_found",
            }
            right = declared.source == "right" and table in RIGHTS
            assert declared.source == "derived" or fact in on_paper_too or right, fact


@pytest.mark.parametrize("table", list(RIGHTS))
def test_debt_over_market_value(table: str) -> None:
    found = assessed(table, LAND if table == "land" else None, LOAN)
    value = float(found.valuation.reconciled[0, 0])
    wanted = 100_000 / value if value > 0.0 else (INF if value == 0.0 else NAN)
    assert derived("loan_to_value", found.of) == pytest.approx(wanted, nan_ok=True)
    if table == "ecology":
        assert derived("loan_to_mean_price_value", found.of) == pytest.approx(wanted, nan_ok=True)
    if table == "homestead":
        assert derived("house_value_yuan", found.of) == pytest.approx(value, nan_ok=True)
    without = derived("loan_to_value", assessed(table, LAND if table == "land" else None).of)
    assert math.isnan(without), "no loan, no ratio"


LAND = {"kind": "household", "contract_end": date(2055, 12, 31)}


def test_the_debt_of_a_pledge_goes_no_further_than_its_limit() -> None:
    found = assessed("land", {**LAND, "secured_limit_yuan": 40_000}, LOAN)
    assert found.of.secured_yuan[0] == 40_000.0


@pytest.mark.parametrize(
    ("limits", "most"),
    [
        ({"secured_limit_yuan": 50_000}, 50_000.0),
        ({"registered_limit_yuan": 30_000}, 30_000.0),
        ({"secured_limit_yuan": 50_000, "registered_limit_yuan": 30_000}, 30_000.0),
        ({"secured_limit_yuan": 0}, 0.0),
        ({"secured_limit_yuan": 1e9}, INF),
    ],
)
def test_a_pledge_lends_no_more_than_contract_and_register_secure(
    limits: dict[str, float], most: float
) -> None:
    large = {**LAND, "area_mu": 200}
    alone = float(assessed("land", large, LOAN).lending_value_yuan[0])
    assert alone > 50_000.0
    found = assessed("land", {**large, **limits}, LOAN)
    assert float(found.lending_value_yuan[0]) == min(alone, most)


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({}, 0.0),
        ({"rank": 1}, 0.0),
        ({"rank": 2}, None),
        ({"rank": 2, "prior_claims_yuan": 30_000}, 30_000.0),
    ],
)
def test_a_rank_behind_another_is_not_cleared_by_a_search_of_the_registers(
    cells: dict[str, float], wanted: float | None
) -> None:
    seen = {"registry_inspected_on": DAY}
    assert known(assessed("land", {**LAND, **seen, **cells}), "prior_claims_yuan") == wanted


@pytest.mark.parametrize(
    ("number", "refers"), [("110105194912310021", True), ("11010519491231002X", False), ("", False)]
)
def test_the_number_of_the_borrower_is_checked_with_the_papers(number: str, refers: bool) -> None:
    found = assessed("land", LAND, {**LOAN, "loan_id": "1", "borrower_code": number})
    loans = tape_of(LOANS, [{**LOAN, "loan_id": "1", "borrower_code": number}], DAY)
    codes = borrowers(found.pledges, loans)
    places = pa.array(found.of.rights.regions)
    assert papers_refer(found.pledges, codes, "land", places, DAY).tolist() == [refers]


# Policies.


@pytest.mark.parametrize(
    ("policies", "told", "insured"),
    [
        ((), "true", "false"),
        (({},), None, "false"),
        (({"insurer_notified": True},), "true", "false"),
        (({"insurer_notified_on": DAY},), "true", "false"),
        (({"insurer_notified": False, "insurer_notified_on": DAY},), "false", "false"),
        (({"insurer_notified": False},), "false", "false"),
        (({"insurer_notified": True}, {}), None, "false"),
        (({"insurer_notified": True}, {"insurer_notified": False}), "false", "false"),
        (({"ends_on": date(2026, 11, 22), "insurer_notified": False},), "true", "false"),
        (({"ends_on": DAY, "insurer_notified": False},), "false", "false"),
        (({"starts_on": date(2026, 11, 24), "insurer_notified": False},), "true", "false"),
        (({"starts_on": DAY, "insurer_notified": False},), "false", "false"),
        (({"kind": "house", "insurer_notified": True},), "true", "true"),
        (({"kind": "house", "ends_on": date(2026, 11, 22)},), "true", "false"),
    ],
)
def test_policies_that_run_and_insurers_that_were_told(
    policies: tuple[dict[str, Any], ...], told: str | None, insured: str
) -> None:
    found = assessed("homestead", None, LOAN, tuple({**POLICY, **one} for one in policies))
    words = {0.0: "false", 1.0: "true"}
    assert words.get(derived("insurer_notified", found.of)) == told
    assert words.get(derived("house_insured", found.of)) == insured


NAMED = {**POLICY, "insurer_notified": True, "named_insured": True}


@pytest.mark.parametrize(
    ("changes", "money"),
    [
        ({}, 3_200.0),  # a fifth of 16,000
        ({"expected_loss_share": 0.5, "next_season_inputs_yuan": 1_000}, 7_000.0),
        ({"next_season_inputs_yuan": 90_000}, 0.0),
        ({"insurer_notified": False}, 0.0),
        ({"insurer_notified": None, "insurer_notified_on": DAY}, 3_200.0),
        ({"insurer_notified": None}, 0.0),
        ({"named_insured": False}, 0.0),
        ({"kind": "house"}, 0.0),
        ({"ends_on": date(2027, 11, 22)}, 0.0),  # lapses the day before the loan falls due
        ({"ends_on": date(2027, 11, 23)}, 3_200.0),
        ({"starts_on": date(2026, 11, 24)}, 0.0),
        ({"group_policy": True}, 0.0),
        ({"group_policy": True, "insured_signed": True, "insured_list_posted": True,
          "insured_area_listed": True}, 3_200.0),
    ],
)  # fmt: skip
def test_insurance_money_that_counts(changes: dict[str, Any], money: float) -> None:
    found = assessed("land", LAND, LOAN, ({**NAMED, **changes},))
    left = dict(zip(("before", "after"), found.steps[12:14, 0].tolist(), strict=True))
    assert left["after"] - left["before"] == pytest.approx(money * 100.0, abs=1)


# What an officer states, and when.


def test_what_is_stated_goes_before_what_is_derived() -> None:
    cells = {"land_use": "orchard"}
    assert known(assessed("land", cells), "crop") == "fruit"
    assert known(assessed("land", {**cells, "crop": "grain"}), "crop") == "grain"
    farmland = {"permanent_basic_farmland": True}
    assert known(assessed("land", farmland), "on_permanent_basic_farmland") == "true"
    stated = {**farmland, "on_permanent_basic_farmland": False}
    assert known(assessed("land", stated), "on_permanent_basic_farmland") == "false"


def test_a_column_of_the_right_goes_before_what_is_derived() -> None:
    cells = {"area_mu": 400, "expected_t_per_year": 800, "yield_t_per_mu_year": 0.5}
    cells |= {"kind": "carbon_contracted", "programme": "ccer", "stage": "registered",
              "crediting_end": date(2043, 11, 23)}  # fmt: skip
    assert known(assessed("ecology", cells), "yield_t_per_mu_year") == 0.5
    del cells["yield_t_per_mu_year"]
    assert known(assessed("ecology", cells), "yield_t_per_mu_year") == 2.0


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({}, None),
        ({"contractor_consent": True}, "true"),
        ({"contractor_consent": False}, "false"),
        ({"contractor_consent_on": date(2026, 11, 1)}, "true"),
        ({"contractor_consent_on": DAY}, "true"),
        ({"contractor_consent": False, "contractor_consent_on": date(2026, 11, 1)}, "false"),
        ({"contractor_consent": True, "contractor_consent_until": date(2026, 11, 22)}, "false"),
        ({"contractor_consent": True, "contractor_consent_until": DAY}, "true"),
        ({"contractor_consent_on": date(2025, 1, 1), "contractor_consent_until": date(2026, 1, 1)},
         "false"),
        ({"contractor_consent_until": date(2027, 1, 1)}, None),
        ({"contractor_consent_on": date(2026, 11, 1), "created_on": date(2026, 11, 1)}, "true"),
        ({"contractor_consent_on": date(2026, 11, 2), "created_on": date(2026, 11, 1)}, "false"),
    ],
)  # fmt: skip
def test_a_paper_holds_from_its_day_to_the_day_on_which_it_lapses(
    cells: dict[str, Any], wanted: str | None
) -> None:
    assert known(assessed("land", cells), "contractor_consent") == wanted


@pytest.mark.parametrize(
    ("inspected", "created", "wanted"),
    [
        (None, None, None),
        (DAY, None, "false"),
        (date(2025, 11, 24), None, "false"),  # 364 days before
        (date(2025, 11, 22), None, None),  # 366 days before: too old
        (date(2018, 6, 1), date(2019, 3, 1), "false"),  # fresh when the security was created
        (date(2018, 2, 1), date(2019, 3, 1), None),
    ],
)
def test_an_inspection_answers_for_a_year(
    inspected: date | None, created: date | None, wanted: str | None
) -> None:
    cells = {"site_inspected_on": inspected, "created_on": created}
    assert known(assessed("land", cells), "illegal_building") == wanted
    assert known(assessed("land", cells), "disputed") is None, "found by another inspection"
    stated = assessed("land", {**cells, "illegal_building": True})
    assert known(stated, "illegal_building") == "true", "what was found goes before"


def test_inspections_clear_numbers_and_words_too() -> None:
    seen = {f"{name}_inspected_on": DAY for name in ("registry", "site", "contract", "map")}
    land, forest = assessed("land", seen), assessed("forest", seen)
    assert known(land, "idle_years") == 0.0
    assert known(assessed("land", {**seen, "idle_years": 2}), "idle_years") == 2.0
    assert known(assessed("construction", seen), "contract_content_complete") == "true"
    assert known(forest, "forest_use_category") == "commercial"


def test_nothing_adverse_is_left_open_after_all_five_inspections() -> None:
    seen = {f"{name}_inspected_on": DAY for name in
            ("registry", "site", "contract", "map", "borrower")}  # fmt: skip
    for table in RIGHTS:
        plan = plan_of(statute(), table, DAY)
        facts = facts_of(assessed(table, seen).of, plan)
        for name in (*plan.words, *plan.numbers):
            if declared_facts()[name].inspection:
                cell = facts.coded[name][0] if name in facts.coded else facts.numbers[name][0]
                assert not np.isnan(cell) and cell != -1, (table, name)


@pytest.mark.parametrize("table", list(RIGHTS))
@pytest.mark.parametrize("day", [date(2016, 6, 1), date(2019, 6, 1), date(2020, 6, 1)])
def test_days_before_a_rule_began_are_judged_without_it(table: str, day: date) -> None:
    loan = {**LOAN, "matures_on": date(2022, 1, 1)}
    found = assessed(table, None, loan, day=day)
    assert found.outcome.size == 1
    assert math.isnan(derived("limitation_expired", found.of))


@pytest.mark.parametrize("table", list(FULL))
def test_facts_that_hang_on_the_days_of_a_loan_are_named(table: str) -> None:
    lease = {
        "contract_end": date(2045, 1, 1), "lease_end": date(2040, 1, 1),
        "rent_prepaid_through": date(2030, 1, 1),
    }  # fmt: skip
    cells = lease if table == "land" else {}
    later = {"starts_on": date(2026, 1, 5), "matures_on": date(2035, 11, 23)}
    one = assessed(table, cells, LOAN).of
    other = assessed(table, cells, {**LOAN, **later}).of
    facts = {**DERIVED[""], **DERIVED[table]}
    moved = {
        name for name, derive in facts.items()
        if not np.array_equal(derive(one), derive(other), equal_nan=True)
    }  # fmt: skip
    assert moved <= BY_LOAN_DAYS
    assert {"loan_term_years", "years_since_due"} <= moved
