"""Liability balance, leverage and the readings that practice disputes."""

from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.errors import RuleNotFound
from riskengine.guarantee.contracts import KINDS, Contracts, RatioError, contracts_of
from riskengine.guarantee.switches import Switches
from riskengine.guarantee.weights import (
    liability_balance,
    net_assets_fen,
    scale_of,
    small_agri_test,
)
from riskengine.rules import Rules, statute

DAY = date(2026, 11, 24)
MILLION = 1_000_000.0


def rules(day: date = DAY) -> Rules:
    return statute().at(day)


def book(**columns: Any) -> Contracts:
    """Contracts in force of one county, borne whole, where nothing else is said."""
    size = len(columns["in_force_balance_yuan"])
    filled = {
        "client": range(size), "county": [0] * size, "kind": [KINDS.index("loan_other")] * size,
        "state": [0] * size, "own_share": [1.0] * size,
    }  # fmt: skip
    return contracts_of(**(filled | columns))


def liability(contracts: Contracts, day: date = DAY, **switches: Any) -> float:
    return liability_balance(contracts, rules(day), Switches(**switches)).total_fen / 100.0


def of(kind: str, *balances: float, **columns: Any) -> Contracts:
    kinds = [KINDS.index(kind)] * len(balances)
    return book(kind=kinds, in_force_balance_yuan=list(balances), **columns)


def test_gu_lev_01_liability_and_multiple() -> None:
    counts = {"loan_small_micro": (80, 5e6), "loan_farm_household": (450, 2e6), "other": (1, 3e8)}
    kinds = [KINDS.index(kind) for kind, (count, _) in counts.items() for _ in range(count)]
    balances = [each for count, each in counts.values() for _ in range(count)]
    found = liability(book(kind=kinds, in_force_balance_yuan=balances))
    assert found == pytest.approx(1275000000.0, abs=1e-9)
    assert found / 120000000.0 == pytest.approx(10.625, abs=1e-9)


@pytest.mark.parametrize(
    ("row", "kind", "balance", "weight"),
    [
        ("GI-W-01", "loan_small_micro", 5.0, 0.75), ("GI-W-01", "loan_small_micro", 5.01, 1.0),
        ("GI-W-02", "loan_farm_household", 2.0, 0.75), ("GI-W-03", "housing", 9.0, 0.3),
        ("GI-W-04", "loan_other", 1.0, 1.0), ("GI-W-05", "bond_aa", 50.0, 0.8),
        ("GI-W-06", "bond_other", 50.0, 1.0), ("GI-W-07", "other", 3.0, 1.0),
    ],
)  # fmt: skip
def test_each_kind_has_its_weight(row: str, kind: str, balance: float, weight: float) -> None:
    assert liability(of(kind, balance * MILLION)) == pytest.approx(balance * weight * MILLION), row


@pytest.mark.parametrize(
    ("balance", "expected"), [(1.99, 1.4925), (2.00, 1.50), (2.01, 2.01)]
)  # fmt: skip
def test_e4_the_cliff_of_farm_households(balance: float, expected: float) -> None:
    found = liability(of("loan_farm_household", balance * MILLION))
    assert found == pytest.approx(expected * MILLION, rel=1e-12)


def test_e4_two_contracts_of_one_household_count_together_gi_w_09() -> None:
    assert liability(of("loan_farm_household", 1.2e6, 1.2e6, client=[7, 7])) == 2.4e6
    assert liability(of("loan_farm_household", 1.2e6, 1.2e6)) == 1.8e6


def test_e4_the_share_borne_and_the_script_of_one_company_gi_w_08() -> None:
    one = of("loan_small_micro", 5e6, own_share=[0.8])
    assert liability(one) == 3.00e6
    assert liability(one, balance_counted="full_balance") == 3.75e6
    assert liability(one, balance_counted="full_balance_within_limits") == 3.75e6
    beyond = of("loan_small_micro", 6e6, own_share=[0.8])
    assert liability(beyond, balance_counted="full_balance") == 6e6
    assert liability(beyond, balance_counted="full_balance_within_limits") == pytest.approx(4.8e6)


def test_a_strict_limit_is_a_reading_not_the_rule() -> None:
    exact = of("loan_small_micro", 5e6)
    assert liability(exact, small_micro_limit_inclusive=False) == 5e6
    assert liability(of("loan_farm_household", 2e6), farm_household_limit_inclusive=False) == 2e6
    below = of("loan_farm_household", 2e6 - 0.01)
    assert liability(below, farm_household_limit_inclusive=False) == 1_499_999.99


def test_the_limit_may_look_at_the_share_borne() -> None:
    six = of("loan_small_micro", 6e6, own_share=[0.8])
    assert liability(six) == pytest.approx(4.8e6)
    assert liability(six, threshold_balance="share_borne") == pytest.approx(3.6e6)


def test_re_guarantees_count_by_their_share_under_every_reading_gi_w_10() -> None:
    again = of("loan_farm_household", 1e6, own_share=[0.2], re_guarantee=[1])
    for way in ("share_borne", "full_balance", "full_balance_within_limits"):
        assert liability(again, balance_counted=way) == pytest.approx(0.15e6)


def test_released_contracts_count_nothing() -> None:
    two = of("loan_farm_household", 1.5e6, 1.5e6, client=[1, 1], state=[0, 1])
    assert liability(two) == 0.75 * 1.5e6


def test_a_share_not_known_counts_whole_and_is_told() -> None:
    found = liability_balance(of("loan_other", 1e6, own_share=[np.nan]), rules(), Switches())
    assert found.total_fen == 100_000_000
    assert found.shares_missing == 1


def test_days_move_the_weights() -> None:
    house = of("housing", 1e6)
    assert liability(house, date(2018, 12, 31)) == 1e6
    assert liability(house, date(2019, 1, 1)) == 0.3e6
    with pytest.raises(RuleNotFound):
        liability(house, date(2018, 4, 1))


def test_gi_w_amd_limits_stay_500_and_200() -> None:
    for day in (date(2018, 4, 2), date(2021, 1, 1), date(2025, 4, 27), DAY):
        limits = scale_of(rules(day), Switches()).limits
        assert limits[[0, 1]].tolist() == [500_000_000, 200_000_000]


@pytest.mark.parametrize(
    ("agri", "serves"),
    [
        # 80 of 100 clients with half the balance: both edges belong to the test (GI-LEV-02).
        ([1] * 80 + [0] * 20, True),
        ([1] * 79 + [0] * 21, False),
        ([1] * 79 + [-1] + [0] * 20, None),
        ([-1] + [1] * 80 + [0] * 19, True),
    ],
)
def test_gi_lev_02_who_mainly_serves_small_firms_and_farming(
    agri: list[int], serves: bool | None
) -> None:
    balances = [1e6] * 80 + [4e6] * 20
    found = small_agri_test(of("loan_other", *balances, small_agri=agri), rules(), Switches())
    assert found.serves is serves


def test_balance_and_clients_must_both_be_reached() -> None:
    few = of("loan_other", *[1e6] * 5, 9e6, small_agri=[1] * 5 + [0])
    assert small_agri_test(few, rules(), Switches()).balance_share[0] == pytest.approx(5 / 14)
    assert small_agri_test(few, rules(), Switches()).serves is False


def test_by_kind_needs_no_flags() -> None:
    farms = of("loan_farm_household", 1e6, 1e6)
    assert small_agri_test(farms, rules(), Switches()).serves is None
    assert small_agri_test(farms, rules(), Switches(small_agri_counted_by="kind")).serves is True
    assert small_agri_test(farms, rules(date(2018, 4, 1)), Switches()).serves is None


def test_no_contracts_serve_nobody() -> None:
    empty = of("loan_other", 0.0)
    assert small_agri_test(empty, rules(), Switches()).serves is None


def test_net_assets_less_equity_in_other_guarantors() -> None:
    said = {"net_assets_yuan": 3e8, "equity_in_guarantors_yuan": 1e8}
    assert net_assets_fen(said, rules(), Switches()) == 20_000_000_000
    assert net_assets_fen(said, rules(), Switches(net_assets_counted="as_stated")) == 30_000_000_000
    assert net_assets_fen({"net_assets_yuan": 3e8}, rules(), Switches()) is None
    assert net_assets_fen({}, rules(), Switches()) is None
    with pytest.raises(RatioError, match="no finite amount"):
        net_assets_fen({"net_assets_yuan": float("inf")}, rules(), Switches())


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3), st.sampled_from(range(7)), st.integers(0, 700_000_000),
            st.integers(1, 10),
        ),
        min_size=1, max_size=12,
    ),
)  # fmt: skip
def test_liability_is_the_sum_that_a_clerk_would_add_up(
    drawn: list[tuple[int, int, int, int]],
) -> None:
    totals: dict[int, int] = {}
    for client, _, balance, _ in drawn:
        totals[client] = totals.get(client, 0) + balance
    weights = [Fraction(3, 4), Fraction(3, 4), Fraction(3, 10), 1, Fraction(4, 5), 1, 1]
    limits = {0: 500_000_000, 1: 200_000_000}
    expected = Fraction(0)
    for client, kind, balance, tenths in drawn:
        low = kind not in limits or totals[client] <= limits[kind]
        expected += balance * Fraction(tenths, 10) * (weights[kind] if low else 1)
    client, kind, balance, tenths = map(np.array, zip(*drawn, strict=True))
    found = liability_balance(
        book(
            client=client, kind=kind, in_force_balance_yuan=balance / 100.0, own_share=tenths / 10.0
        ),
        rules(), Switches(),
    )  # fmt: skip
    assert abs(found.total_fen - expected) <= Fraction(len(drawn), 2) + Fraction(1, 1000)
    order = np.argsort(-balance, kind="stable")
    again = book(
        client=client[order], kind=kind[order], in_force_balance_yuan=balance[order] / 100.0,
        own_share=tenths[order] / 10.0,
    )  # fmt: skip
    assert liability_balance(again, rules(), Switches()).total_fen == found.total_fen


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"client": [1], "county": [0], "kind": [0], "state": [0]}, "in_force_balance_yuan is missing"),
        ({"own_share": [1.1]}, "must be in"), ({"own_share": [-0.1]}, "must not be negative"),
        ({"fee_rate_per_year": [-0.01]}, "must not be negative"),
        ({"in_force_balance_yuan": [np.nan]}, "is missing of a contract in force"),
        ({"amount_yuan": [np.inf]}, "must be finite"), ({"amount_yuan": [1e14]}, "too large"),
        ({"kind": [7]}, "must be 0 to 6"), ({"state": [-1]}, "must be 0 to 2"),
        ({"client": [1.5]}, "whole codes"), ({"client": [np.nan]}, "whole codes"),
        ({"is_pig": [2]}, "must be 1, 0 or -1"), ({"county": ["x"]}, "does not hold numbers"),
        ({"amount_yuan": [1.0, 2.0]}, "one column of 1 rows"), ({"colour": [1]}, "no column"),
    ],
)  # fmt: skip
def test_columns_that_no_contract_can_have(columns: dict[str, Any], said: str) -> None:
    sound = {
        "client": [1],
        "county": [0],
        "kind": [0],
        "state": [0],
        "in_force_balance_yuan": [1.0],
    }
    given_ = columns if "in_force_balance_yuan is missing" in said else sound | columns
    with pytest.raises(RatioError, match=said):
        contracts_of(**given_)
