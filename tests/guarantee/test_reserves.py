"""Statutory reserves, what tax law deducts, and adequacy against a need."""

from dataclasses import fields
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.errors import RuleNotFound
from riskengine.guarantee.contracts import RatioError
from riskengine.guarantee.reserves import (
    Measures,
    general_reserve,
    regulatory_reserves,
    reserve_adequacy,
    tax_reserves,
)
from riskengine.guarantee.switches import Switches
from riskengine.rules import statute

RULES = statute().at(date(2026, 12, 31))


def test_gu_res_01_statutory_reserves() -> None:
    """GU-RES-01 of the credit notes."""
    found = regulatory_reserves(8400000, 520000000, 31000000, RULES, Switches())
    assert found.unearned_yuan == pytest.approx(4200000, abs=1e-6)
    assert found.least_provision_yuan == pytest.approx(5200000, abs=1e-6)
    assert found.cap_yuan == pytest.approx(52000000, abs=1e-6)
    assert found.closing_compensation_yuan == pytest.approx(36200000, abs=1e-6)


@pytest.mark.parametrize(
    ("opening", "way", "provision"),
    [
        # Liability 520 million: 1 % is 5.2 million, 10 % is 52 million (GI-RES-03).
        (46.8, "up_to_the_cap", 5.2), (51.0, "up_to_the_cap", 1.0), (52.0, "up_to_the_cap", 0.0),
        (60.0, "up_to_the_cap", 0.0), (51.0, "full_until_reached", 5.2),
        (52.0, "full_until_reached", 0.0), (51.0, "release_above_cap", 1.0),
        (60.0, "release_above_cap", -8.0),
    ],
)  # fmt: skip
def test_the_difference_at_ten_per_cent(opening: float, way: str, provision: float) -> None:
    found = regulatory_reserves(
        0.0, 520e6, opening * 1e6, RULES, Switches(reserve_differential=way)
    )
    assert found.provision_yuan == pytest.approx(provision * 1e6, abs=1e-6)
    assert found.closing_compensation_yuan == pytest.approx((opening + provision) * 1e6, abs=1e-6)


def test_gi_res_02_the_unearned_reserve_is_no_difference_to_last_year() -> None:
    fees = [regulatory_reserves(f, 0.0, 0.0, RULES, Switches()).unearned_yuan for f in (8e6, 2e6)]
    assert fees == [4e6, 1e6]


def test_what_was_used_is_provided_again() -> None:
    found = regulatory_reserves(0.0, 520e6, 52e6, RULES, Switches(), used_yuan=2e6)
    assert found.provision_yuan == 2e6
    with pytest.raises(RatioError, match="more than the reserve"):
        regulatory_reserves(0.0, 520e6, 1.0, RULES, Switches(), used_yuan=2.0)


@given(st.integers(0, 10**11), st.integers(0, 10**13), st.integers(0, 10**12))
def test_reserves_never_pass_the_cap_by_providing(fees: int, liability: int, opening: int) -> None:
    found = regulatory_reserves(fees / 100.0, liability / 100.0, opening / 100.0, RULES, Switches())
    assert 0.0 <= found.provision_yuan <= found.least_provision_yuan
    assert found.closing_compensation_yuan <= max(found.cap_yuan, opening / 100.0)


def test_gi_res_04_tax_deducts_what_was_provided_up_to_its_own_caps() -> None:
    found = tax_reserves(5e6, 9e6, 8.4e6, 520e6, RULES)
    assert (found.unearned_yuan, found.compensation_yuan) == (4.2e6, 5.2e6)
    less = tax_reserves(1e6, 2e6, 8.4e6, 520e6, RULES)
    assert (less.unearned_yuan, less.compensation_yuan) == (1e6, 2e6)


def test_gi_riskcoef_general_reserve_by_class() -> None:
    balance = dict.fromkeys(("normal", "special_mention", "substandard", "doubtful", "loss"), 100.0)
    found = general_reserve(balance, RULES)
    assert list(found.values()) == [1.5, 3.0, 30.0, 60.0, 100.0]
    with pytest.raises(RatioError, match="no class of the five"):
        general_reserve({"sound": 1.0}, RULES)


def test_acc_05_the_three_measures_have_no_sum() -> None:
    regulatory = regulatory_reserves(8.4e6, 520e6, 31e6, RULES, Switches())
    tax = tax_reserves(4.2e6, 5.2e6, 8.4e6, 520e6, RULES)
    kept = Measures(regulatory, tax, 41e6)
    assert [column.name for column in fields(kept)] == [
        "regulatory", "tax", "accounting_expected_loss_yuan"
    ]  # fmt: skip
    # A larger accounting liability moves neither of the others.
    assert Measures(regulatory, tax, 90e6).regulatory == kept.regulatory
    assert RULES.value("guarantee_accounting.measures_kept_apart") == [
        "regulatory_reserves", "tax_reserves", "accounting_expected_loss"
    ]  # fmt: skip


def test_adequacy_against_a_need() -> None:
    found = reserve_adequacy(40e6, 50e6)
    assert (found.cover, found.shortfall_yuan) == (0.8, 10e6)
    assert reserve_adequacy(1.0, 0.0).cover == float("inf")


@pytest.mark.parametrize("amount", [-1.0, float("nan"), float("inf")])
def test_amounts_that_are_none(amount: float) -> None:
    with pytest.raises(RatioError, match="finite and not negative"):
        regulatory_reserves(amount, 0.0, 0.0, RULES, Switches())
    with pytest.raises(RatioError, match="finite and not negative"):
        reserve_adequacy(amount, 1.0)


def test_before_the_measures_there_is_no_reserve() -> None:
    with pytest.raises(RuleNotFound):
        regulatory_reserves(1.0, 1.0, 1.0, statute().at(date(2010, 3, 7)), Switches())
