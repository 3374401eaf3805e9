"""Bands of policy business, mix, and the rules of the single contract."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from riskengine.dates import day_number
from riskengine.errors import RuleNotFound
from riskengine.guarantee.contracts import Contracts, contracts_of
from riskengine.guarantee.policy_business import (
    BANDS,
    Kept,
    amount_bands,
    contract_rules,
    mix,
    policy_share,
)
from riskengine.guarantee.switches import Switches
from riskengine.rules import statute

DAY = date(2026, 11, 24)
RULES = statute().at(DAY)
AGRI = {"agri_policy_guarantor": True, "government_backed": True}


def book(*balances: float, **columns: Any) -> Contracts:
    size = len(balances)
    same = {
        "client": range(size), "county": [1] * size, "kind": [1] * size, "state": [0] * size,
        "is_pig": [0] * size, "small_agri": [1] * size, "poverty_alleviation": [0] * size,
        "started_on": [float(day_number(date(2026, 5, 1)))] * size,
    }  # fmt: skip
    return contracts_of(in_force_balance_yuan=balances, **(same | columns))


def band(balance: float, pig: int = 0) -> str:
    (found,) = amount_bands(book(balance, is_pig=[pig]), RULES, Switches())
    return BANDS[found]


@pytest.mark.parametrize(
    ("balance", "pig", "expected"),
    [
        # E4 of the notes, then every edge (AGR-BAND-01, AGR-BAND-02).
        (3.0e6, 0, "policy"), (3.0e6, 1, "policy"), (3.01e6, 1, "policy_pig"),
        (3.01e6, 0, "outside_policy_inside_control"), (10.01e6, 0, "outside_control"),
        (10.01e6, 1, "outside_control"), (1e5, 0, "policy"),
        (1e5 - 0.01, 0, "outside_policy_inside_control"), (1e7, 1, "policy_pig"),
        (1e7, 0, "outside_policy_inside_control"), (3e6 + 0.01, 1, "policy_pig"),
        (1e7 + 0.01, 1, "outside_control"),
    ],
)  # fmt: skip
def test_agr_band_01_02(balance: float, pig: int, expected: str) -> None:
    assert band(balance, pig) == expected


def test_bands_look_at_the_whole_client() -> None:
    found = amount_bands(book(2e6, 2e6, client=[1, 1]), RULES, Switches())
    assert {BANDS[k] for k in found} == {"outside_policy_inside_control"}
    unknown = amount_bands(book(4e6, 2e6, is_pig=[-1, -1]), RULES, Switches())
    assert unknown.tolist() == [-1, 0]


def test_a_client_paid_down_is_policy_business_by_its_amount_only() -> None:
    paid_down = book(9e4, amount_yuan=[2e5])
    assert amount_bands(paid_down, RULES, Switches()).tolist() == [2]
    way = Switches(band_amount="original_amount")
    assert amount_bands(paid_down, RULES, way).tolist() == [0]
    assert amount_bands(book(9e4), RULES, way).tolist() == [-1]


def test_agr_dual_01_policy_share() -> None:
    found = policy_share(book(7e5, 3e5, 9e4, 1e4, client=[1, 2, 3, 4]), RULES, Switches())
    assert found.value == 1e6 / 1.1e6
    assert policy_share(book(4e6, is_pig=[-1]), RULES, Switches()).missing == 1
    with pytest.raises(RuleNotFound):
        policy_share(book(1e6), statute().at(date(2020, 3, 31)), Switches())


def test_gov_mix_01_small_and_agri_and_small_tickets_of_it() -> None:
    some = book(5e6, 5.01e6, 2e6, small_agri=[1, 1, 0])
    agri, ticket = mix(some, RULES, Switches())
    assert agri.value == 10.01e6 / 12.01e6
    assert ticket.value == 5e6 / 10.01e6
    assert mix(some, RULES, Switches(small_ticket_base="all"))[1].value == 5e6 / 12.01e6


def test_gov_mix_01_by_amount_and_by_business_of_the_year() -> None:
    days = [float(day_number(date(year, 5, 1))) for year in (2026, 2025)]
    some = book(1e6, 3e6, amount_yuan=[2e6, 4e6], small_agri=[1, 0], started_on=days)
    shares = [mix(some, RULES, Switches(mix_amount=way))[0].value for way in (
        "in_force_balance", "original_amount", "year_amount"
    )]  # fmt: skip
    assert shares == [0.25, 1 / 3, 1.0]
    assert mix(book(1e6, small_agri=[-1]), RULES, Switches())[0].missing == 1
    assert mix(book(1e6), RULES, Switches(mix_amount="original_amount"))[0].missing == 1
    undated = book(1e6, amount_yuan=[1e6], started_on=[np.nan])
    assert mix(undated, RULES, Switches(mix_amount="year_amount"))[0].missing == 1


def kept(contracts: Contracts, statement: dict[str, Any] = AGRI) -> dict[str, Kept]:
    found = contract_rules(contracts, statement, RULES, Switches())
    return {one.gate.rule.code: one for one in found}


def test_agr_fee_01_caps_by_band_and_purpose() -> None:
    some = book(
        1e6, 1e6, 4e6, 4e6, 1e6, 1e6,
        fee_rate_per_year=[0.008, 0.0081, 0.015, 0.0151, 0.005, 0.0051],
        poverty_alleviation=[0, 0, 0, 0, 1, 1],
    )  # fmt: skip
    found = kept(some)
    assert found["AGR-FEE-01a"].failed.tolist() == [1]
    assert found["AGR-FEE-01c"].failed.tolist() == [3]
    assert found["AGR-FEE-01b"].failed.tolist() == [5]
    assert found["AGR-FEE-01a"].unknown.size == 0
    # The cap of 1.5 % is known from memory: a person looks, nothing is stopped.
    assert found["AGR-FEE-01c"].gate.value.seen == "memory"
    assert found["AGR-FEE-01c"].gate.rule.severity == "refer"


def test_a_fee_is_held_to_the_cap_of_the_day_of_the_contract() -> None:
    days = [float(day_number(day)) for day in (date(2020, 3, 31), date(2020, 4, 1))]
    some = book(1e6, 1e6, fee_rate_per_year=[0.02, 0.02], started_on=days)
    assert kept(some)["AGR-FEE-01a"].failed.tolist() == [1]
    undated = kept(book(1e6, fee_rate_per_year=[0.001], started_on=[np.nan]))["AGR-FEE-01a"]
    assert (undated.failed.size, undated.unknown.tolist()) == (0, [0])


def test_facts_that_are_not_known_neither_pass_nor_fail() -> None:
    assert kept(book(1e6))["AGR-FEE-01a"].unknown.tolist() == [0]
    nobody = kept(book(1e6, fee_rate_per_year=[0.02]), {})
    assert nobody["AGR-FEE-01a"].unknown.tolist() == [0]
    other = kept(book(1e6, fee_rate_per_year=[0.02]), {"agri_policy_guarantor": False})
    assert other["AGR-FEE-01a"].failed.size + other["AGR-FEE-01a"].unknown.size == 0


def test_gov_shr_01_and_gov_main_01_the_banks_share_and_the_focus() -> None:
    found = kept(book(1e6, 1e6, 1.1e7, bank_share=[0.2, 0.19, 0.3]))
    assert found["GOV-SHR-01a"].failed.tolist() == [1]
    assert found["GOV-MAIN-01b"].failed.tolist() == [2]


def test_released_contracts_are_not_judged() -> None:
    some = book(1e6, 0.0, fee_rate_per_year=[0.001, 0.5], state=[0, 1])
    assert kept(some)["AGR-FEE-01a"].failed.size == 0
    assert kept(some)["AGR-FEE-01a"].judged == 1


def test_agr_band_02_outside_the_dual_control_needs_the_board() -> None:
    found = kept(book(1.1e7, 4e6))
    assert found["AGR-BAND-02a"].failed.tolist() == [0, 1]
    assert found["AGR-BAND-02b"].unknown.tolist() == [0]
