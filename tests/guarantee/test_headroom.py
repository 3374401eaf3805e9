"""Concentration on clients and groups, and the largest new guarantee that keeps every limit."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskengine.guarantee.concentration import concentration
from riskengine.guarantee.contracts import KINDS, Contracts, RatioError, contracts_of
from riskengine.guarantee.headroom import (
    LIMITS,
    headroom_of_clients,
    headroom_of_counties,
    leverage_limit,
)
from riskengine.guarantee.switches import Switches
from riskengine.guarantee.weights import liability_balance
from riskengine.rules import statute

RULES = statute().at(date(2026, 11, 24))
PLAIN = Switches(net_assets_counted="as_stated")
THREE_HUNDRED = {"net_assets_yuan": 3e8, "serves_mainly_small_agri": False}


def book(*rows: tuple[int, int, int, str, float, float]) -> Contracts:
    """Contracts in force: client, group, county, kind, balance, share borne."""
    client, group, county, kind, balance, share = zip(*rows, strict=True)
    return contracts_of(
        client=client, group=group, county=county, kind=[KINDS.index(k) for k in kind],
        state=[0] * len(rows), in_force_balance_yuan=balance, own_share=share,
    )  # fmt: skip


def test_e4_limits_of_an_institution_with_net_assets_of_300_million() -> None:
    one = book((1, -1, 0, "loan_other", 0.0, 1.0))
    found = headroom_of_clients(one, THREE_HUNDRED, RULES, PLAIN)
    assert found.by_limit_yuan[:, 0].tolist() == [30e6, 45e6, 3.0e9]
    agri = THREE_HUNDRED | {"serves_mainly_small_agri": True}
    assert headroom_of_clients(one, agri, RULES, PLAIN).by_limit_yuan[2, 0] == 4.5e9
    assert LIMITS[found.binds[0]] == "client"


def test_gi_con_01_02_the_edge_itself_is_allowed() -> None:
    three = book(
        (1, 5, 0, "loan_other", 30e6, 1.0), (2, 5, 0, "loan_other", 15e6, 1.0),
        (3, -1, 0, "loan_other", 1e6, 1.0),
    )  # fmt: skip
    found = concentration(three, THREE_HUNDRED, RULES, PLAIN)
    assert found.client_fen.max() / found.net_assets_fen == 0.1
    assert found.group_fen.max() / found.net_assets_fen == 0.15
    assert found.clients[found.largest(2)].tolist() == [1, 2]
    assert found.group_fen[found.largest_groups(1)].tolist() == [4_500_000_000]
    room = headroom_of_clients(three, THREE_HUNDRED, RULES, PLAIN)
    assert room.headroom_yuan.tolist() == [0.0, 0.0, 29e6]
    assert [LIMITS[k] for k in room.binds] == ["client", "group", "client"]


def test_gi_con_03_bonds_rated_aa_count_sixty_per_cent_here_and_eighty_in_leverage() -> None:
    bond = book((1, -1, 0, "bond_aa", 50e6, 1.0))
    assert concentration(bond, THREE_HUNDRED, RULES, PLAIN).client_fen.tolist() == [3_000_000_000]
    assert liability_balance(bond, RULES, PLAIN).total_fen == 4_000_000_000
    room = headroom_of_clients(bond, THREE_HUNDRED, RULES, PLAIN, kind="bond_aa")
    assert room.by_limit_yuan[:, 0] == pytest.approx([0.0, 25e6, (3e9 - 40e6) / 0.8])


def test_a_client_in_two_groups_joins_them() -> None:
    joined = book(
        (1, 5, 0, "loan_other", 1e6, 1.0), (2, 5, 0, "loan_other", 2e6, 1.0),
        (2, 6, 0, "loan_other", 3e6, 1.0), (3, 6, 0, "loan_other", 4e6, 1.0),
        (4, -1, 0, "loan_other", 5e6, 1.0),
    )  # fmt: skip
    found = concentration(joined, THREE_HUNDRED, RULES, PLAIN)
    assert sorted(found.group_fen.tolist()) == [500_000_000, 1_000_000_000]


def test_headroom_follows_the_jump_of_the_weight() -> None:
    # Net assets of 18 million: 1.8 million a client. 2.0 million at 75 % is 1.5 and fits;
    # one fen more weighs 100 %: 2.000,000,01 does not.
    small = {"net_assets_yuan": 18e6, "serves_mainly_small_agri": True}
    one = book((1, -1, 0, "loan_farm_household", 1e6, 1.0))
    found = headroom_of_clients(one, small, RULES, PLAIN, kind="loan_farm_household")
    assert found.by_limit_yuan[0, 0] == 1e6
    strict = Switches(net_assets_counted="as_stated", farm_household_limit_inclusive=False)
    found = headroom_of_clients(one, small, RULES, strict, kind="loan_farm_household")
    assert found.by_limit_yuan[0, 0] == 1e6 - 0.01


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2), st.integers(-1, 1), st.sampled_from(KINDS[:5]),
            st.integers(0, 300_000_000), st.integers(2, 10),
        ),
        min_size=1, max_size=6,
    ),
    st.integers(10_000_000, 6_000_000_000), st.sampled_from(KINDS[:5]), st.integers(2, 10),
    st.sampled_from(["share_borne", "full_balance", "full_balance_within_limits"]),
    st.sampled_from(["contract_balance", "share_borne"]),
)  # fmt: skip
def test_the_headroom_fits_and_a_yuan_more_does_not(
    drawn: list[tuple[int, int, str, int, int]], assets: int, kind: str, tenths: int,
    counted: str, threshold: str,
) -> None:  # fmt: skip
    switches = Switches(
        net_assets_counted="as_stated", balance_counted=counted, threshold_balance=threshold
    )
    statement = {"net_assets_yuan": assets / 100.0, "serves_mainly_small_agri": False}
    rows = [(c, g, 0, k, b / 100.0, t / 10.0) for c, g, k, b, t in drawn]
    found = headroom_of_clients(
        book(*rows), statement, RULES, switches, kind=kind, own_share=tenths / 10.0
    )
    client = int(found.clients[0])
    group = max(g for c, g, *_ in drawn if c == client)

    def kept(more: float) -> list[bool]:
        """Limits of client, group and leverage once the new guarantee is on the books."""
        after = book(*rows, (client, group, 0, kind, more, tenths / 10.0))
        test = concentration(after, statement, RULES, switches)
        at = int(np.searchsorted(test.clients, client))
        whole = liability_balance(after, RULES, switches).total_fen
        return [
            test.client_fen[at] <= 0.1 * assets,
            test.group_fen[test.group[at]] <= 0.15 * assets, whole <= 10.0 * assets,
        ]  # fmt: skip

    for k in range(3):
        room = found.by_limit_yuan[k, 0]
        if room > 0.0:
            assert kept(room)[k]
        assert not kept(room + 1.0)[k]


def test_counties_and_what_binds_first() -> None:
    rows = book(
        (1, -1, 1, "loan_other", 25e6, 1.0), (2, -1, 2, "loan_other", 10e6, 0.5),
        (3, -1, 3, "loan_other", 1e6, 1.0), (4, -1, 4, "loan_other", 1e6, 1.0),
    )  # fmt: skip
    found = headroom_of_counties(
        rows, THREE_HUNDRED, RULES, PLAIN, fund_yuan={1: 3e6}, fund_least=0.1,
        quota_yuan={2: 15e6}, compensation_rate={3: 0.05, 4: 0.0499},
    )  # fmt: skip
    assert [one.binds for one in found] == ["fund", "quota", "suspended", "leverage"]
    assert [one.new_clients_yuan for one in found] == [5e6, 5e6, 0.0, 3e9 - 32e6]
    assert [one.known_clients_yuan for one in found] == [5e6, 5e6, 0.0, 29e6]
    assert [one.liability_yuan for one in found] == [25e6, 5e6, 1e6, 1e6]


def test_an_institution_without_net_assets_has_no_headroom() -> None:
    one = book((1, -1, 0, "loan_other", 1.0, 1.0))
    for assets in (0.0, -5.0):
        statement = THREE_HUNDRED | {"net_assets_yuan": assets}
        assert headroom_of_clients(one, statement, RULES, PLAIN).headroom_yuan.tolist() == [0.0]


@pytest.mark.parametrize(
    ("statement", "more", "said"),
    [
        ({}, {}, "net_assets_yuan is not known"), (THREE_HUNDRED, {"own_share": 0.0}, "own_share"),
        (THREE_HUNDRED, {"kind": "gift"}, "kind of new business"),
    ],
)  # fmt: skip
def test_headroom_that_cannot_be_computed(
    statement: dict[str, Any], more: dict[str, Any], said: str
) -> None:
    with pytest.raises(RatioError, match=said):
        headroom_of_clients(book((1, -1, 0, "other", 1.0, 1.0)), statement, RULES, PLAIN, **more)


def test_funds_need_their_least_share() -> None:
    with pytest.raises(RatioError, match="fund_least"):
        headroom_of_counties(
            book((1, -1, 0, "other", 1.0, 1.0)), THREE_HUNDRED, RULES, PLAIN, fund_yuan={0: 1.0}
        )


def test_the_leverage_limit_is_the_lower_one_while_the_test_is_open() -> None:
    one = book((1, -1, 0, "loan_farm_household", 1.0, 1.0))
    assert leverage_limit(one, {}, RULES, PLAIN) == 10.0
    by_kind = Switches(small_agri_counted_by="kind")
    assert leverage_limit(one, {}, RULES, by_kind) == 15.0
    assert leverage_limit(one, {}, statute().at(date(2017, 9, 30)), PLAIN) is None
