"""Five-tier class: every threshold of the rules, debtors, restructuring, the old matrix."""

import math
from datetime import date

import pytest

from riskengine.credit.five_tier import TIER_WORDS, TIERS, five_tier
from riskengine.credit.rows import CreditError
from riskengine.errors import RuleNotFound
from riskengine.rules import statute

RULES = statute().at(date(2026, 11, 24))


def test_days_overdue() -> None:
    days = [0, 1, 90, 91, 270, 271, 360, 361]
    found = five_tier({"overdue_days": days}, RULES)
    assert found.tier.tolist() == [0, 1, 1, 2, 2, 3, 3, 4]
    assert found.non_performing.tolist() == [False] * 3 + [True] * 5
    assert found.grounds[found.ground[3]] == "classification.substandard_overdue"
    assert found.ground[0] == -1


def test_the_matrix_of_2007_is_not_used() -> None:
    """Many tables on the web still print 90, 180 and 360 days: 181 days is not doubtful."""
    old = RULES.table("classification.old_matrix_not_used")["old"]
    assert old == [90.0, 180.0, 360.0]
    found = five_tier({"overdue_days": [old[1] + 1.0]}, RULES)
    assert TIERS[found.tier[0]] == "substandard"


def test_operational_delay() -> None:
    facts = {"overdue_days": [1, 7, 8, 7], "operational_overdue": [1, 1, 1, math.nan]}
    assert five_tier(facts, RULES).tier.tolist() == [0, 0, 1, 1]


def test_share_of_expected_loss() -> None:
    """Half of the balance is doubtful, nine tenths a loss, both closed; only where impaired."""
    facts = {
        "overdue_days": [0] * 6, "credit_impaired": [1, 1, 1, 1, 0, math.nan],
        "ecl_share": [0.49, 0.5, 0.89, 0.9, 0.95, 0.95],
    }  # fmt: skip
    assert five_tier(facts, RULES).tier.tolist() == [2, 3, 3, 4, 0, 0]


@pytest.mark.parametrize(
    ("fact", "bad", "tier"),
    [
        ("loan_use_changed", 1, 1), ("repaid_by_new_borrowing", 1, 1),
        ("external_rating_cut_sharply", 1, 2), ("evades_debt", 1, 3),
        ("in_bankruptcy_liquidation", 1, 4),
    ],
)  # fmt: skip
def test_other_grounds(fact: str, bad: float, tier: int) -> None:
    found = five_tier({"overdue_days": 0, fact: [0.0, bad]}, RULES)
    assert found.tier.tolist() == [0, tier]
    assert found.grounds[found.ground[1]].startswith("classification.")


def test_compliant_renewal_is_no_new_borrowing() -> None:
    facts = {"overdue_days": 0, "repaid_by_new_borrowing": 1, "compliant_small_renewal": [0, 1]}
    assert five_tier(facts, RULES).tier.tolist() == [1, 0]


def test_non_retail_grounds_spare_households() -> None:
    facts = {
        "overdue_days": [0, 0],
        "share_overdue_at_all_banks": [0.21, 0.21],
        "bad_debt_elsewhere": 1,
    }
    found = five_tier(facts, RULES, retail=[True, False], debtor=["a", "b"])
    assert found.tier.tolist() == [0, 2]
    edge = five_tier(
        {"overdue_days": 0, "share_overdue_at_all_banks": [0.2]}, RULES, retail=False, debtor=["b"]
    )
    assert edge.tier.tolist() == [0]


def test_a_firm_is_classed_whole_a_household_loan_by_loan() -> None:
    facts = {"overdue_days": [0, 100, 0, 100]}
    found = five_tier(
        facts, RULES, retail=[True, True, False, False], debtor=["h", "h", "firm", "firm"]
    )
    assert found.tier.tolist() == [0, 2, 2, 2]
    assert found.own_tier.tolist() == [0, 2, 0, 2]
    assert found.grounds[found.ground[2]] == "debtor"


def test_restructured_loans_are_observed() -> None:
    facts = {
        "overdue_days": 0, "restructured": [1, 1, 1, 0], "restructured_months": [11, 12, 12, 1],
        "payment_periods_since_restructuring": [2, 1, 2, 0],
    }  # fmt: skip
    assert five_tier(facts, RULES).tier.tolist() == [1, 1, 0, 0]


def test_a_better_class_is_waited_for() -> None:
    found = five_tier(
        {"overdue_days": [0, 0, 0, 100]}, RULES, earlier=[2, 2, 0, 1],
        good_payment_months=[5, 6, 0, 9],
    )  # fmt: skip
    assert found.tier.tolist() == [2, 0, 0, 2]
    assert found.grounds[found.ground[0]] == "not_yet_raised"


def test_collateral_does_not_stop_the_downgrade() -> None:
    assert RULES.value("classification.collateral_stops_downgrade") is False
    facts = {"overdue_days": [91.0], "collateral_cover": [10.0], "fully_secured": [1.0]}
    assert five_tier(facts, RULES).tier.tolist() == [2]


def test_what_was_not_judged_is_named() -> None:
    found = five_tier({"overdue_days": 0}, RULES)
    assert "classification.loss_bankruptcy" in found.not_judged
    assert not set(found.not_judged) & set(found.grounds)
    assert TIER_WORDS[0].en == "normal"


def test_refusals() -> None:
    for bad in (
        lambda: five_tier({}, RULES),
        lambda: five_tier({"overdue_days": [math.nan]}, RULES),
        lambda: five_tier({"overdue_days": [-1.0]}, RULES),
        lambda: five_tier({"overdue_days": [1, 2], "ecl_share": [0.1, 0.2, 0.3]}, RULES),
        lambda: five_tier({"overdue_days": [1]}, RULES, retail=False),
        lambda: five_tier({"overdue_days": [1]}, RULES, retail=[0.5]),
        lambda: five_tier({"overdue_days": [1]}, RULES, earlier=[7]),
    ):
        with pytest.raises(CreditError):
            bad()
    with pytest.raises(RuleNotFound):
        five_tier({"overdue_days": 0}, statute().at(date(2023, 6, 30)))
