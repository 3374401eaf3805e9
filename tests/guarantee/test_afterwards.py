"""Funds that ran dry and money that comes back: nothing is lost on the way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.guarantee.afterwards import recover, returned, returned_in_book
from riskengine.guarantee.algebra import pay, pay_book
from riskengine.guarantee.amounts import Amount
from riskengine.guarantee.programme import Programme, shared_by
from riskengine.guarantee.terms import (
    FirstLossFund,
    InsuranceAssignment,
    QuotaShare,
    RateCap,
    Recoveries,
    ReGuarantee,
)
from riskengine.portfolio.exposures import BookError

PROGRAMME = Programme("x", (
    InsuranceAssignment(amount=Amount(yuan=1.0)),
    RateCap(party="guarantor", share=0.8, cap=Amount(yuan=30.0)),
    ReGuarantee(party="province", share=0.4),
    FirstLossFund(party="county_fund", share=0.5, fund_id="F", cedes_from="guarantor"),
))  # fmt: skip

LOSSES = st.lists(
    st.lists(st.integers(0, 3000), min_size=4, max_size=4), min_size=1, max_size=3
).map(lambda paths: np.array(paths).T)


@given(
    LOSSES, st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.integers(0, 6),
    st.permutations(["bank", "guarantor", "province", "county_fund"]), st.integers(0, 4),
)  # fmt: skip
def test_what_comes_back_is_all_accounted_for(losses, share, cost, delay, order, ranked) -> None:
    paid = pay(PROGRAMME, losses, 10**6)
    terms = Recoveries(
        share=share, delay_months=delay, cost_share=cost, order=tuple(order[:ranked])
    )
    found = recover(paid, terms)
    entitled = sum(paid.of(party) for party in order)
    gross = np.rint(share * entitled).astype(np.int64)
    arrived = found.amounts_fen.sum(axis=0) + found.costs_fen
    expected = np.zeros_like(gross)
    if delay < 4:
        expected[delay:] = gross[: 4 - delay]
    assert np.array_equal(arrived, expected)
    assert np.array_equal(found.later_fen, gross.sum(axis=0) - expected.sum(axis=0))
    for party, amounts in zip(found.parties, found.amounts_fen, strict=True):
        if delay < 4:
            assert np.all(amounts[delay:] <= paid.of(party)[: 4 - delay])
    assert not found.amounts_fen[found.parties.index("insurer")].any()


def test_the_order_of_subrogation_makes_whole_one_after_the_other() -> None:
    paid = pay(shared_by("2:8", {"bank": 0.2, "guarantor": 0.8}), [1000], 10**6)
    for order, expected in (((), [100, 400]), (("bank",), [200, 300]), (("guarantor",), [0, 500])):
        found = recover(paid, Recoveries(share=0.5, order=order))
        assert found.amounts_fen[:, 0, 0].tolist() == expected


@pytest.mark.parametrize(
    "terms",
    [
        Recoveries(share=1.1),
        Recoveries(share=float("nan")),
        Recoveries(share=0.5, cost_share=-0.1),
        Recoveries(share=0.5, delay_months=-1),
        Recoveries(share=0.5, order=("bank", "bank")),
        Recoveries(share=0.5, order=("insurer",)),
        Recoveries(share=0.5, order=("borrower",)),
    ],
)
def test_recoveries_that_cannot_be_are_refused(terms: Recoveries) -> None:
    with pytest.raises(BookError, match="recoveries"):
        recover(pay(PROGRAMME, [100], 10**6), terms)


@given(LOSSES, st.floats(0.0, 1.0))
def test_what_a_fund_cannot_pay_falls_back_to_the_ceding_party(losses, share) -> None:
    asked = pay(PROGRAMME, losses, 10**6)
    unpaid = (share * asked.layers_fen[3]).astype(np.int64)
    found = returned(PROGRAMME, asked, {"F": unpaid})
    assert np.array_equal(found.amounts_fen.sum(axis=0), losses)
    assert np.array_equal(found.of("county_fund"), asked.of("county_fund") - unpaid)
    assert np.array_equal(found.of("guarantor"), asked.of("guarantor") + unpaid)
    assert np.array_equal(found.layers_fen[3], asked.layers_fen[3] - unpaid)
    assert np.array_equal(asked.amounts_fen.sum(axis=0), losses)


def test_unpaid_claims_that_fit_no_layer_are_refused() -> None:
    asked = pay(PROGRAMME, [1000], 10**6)
    with pytest.raises(BookError, match="G must be one layer's"):
        returned(PROGRAMME, asked, {"G": [[1]]})
    with pytest.raises(BookError, match="F must be one layer's"):
        returned(PROGRAMME, asked, {"F": [[10**6]]})
    twice = Programme("x", (
        QuotaShare(party="county_fund", share=0.1, fund_id="F"),
        QuotaShare(party="government", share=0.1, fund_id="F"),
    ))  # fmt: skip
    with pytest.raises(BookError, match="F must be one layer's"):
        returned(twice, pay(twice, [1000], 10**6), {"F": [[0]]})


def test_a_fund_of_many_programmes_falls_back_by_period() -> None:
    losses = np.random.default_rng(4).integers(0, 5000, (2, 3, 5))
    asked = pay_book([PROGRAMME, PROGRAMME], losses, [10**6] * 2)
    unpaid = asked.claims_fen // 3
    found = returned_in_book([PROGRAMME, PROGRAMME], asked, unpaid)
    assert np.array_equal(found.period_fen.sum(axis=0), losses.sum(axis=0))
    assert np.array_equal(found.claims_fen, asked.claims_fen - unpaid)
    fund = found.parties.index("county_fund")
    assert np.array_equal(found.period_fen[fund], found.claims_fen[0])
    assert np.array_equal(found.group_fen, asked.group_fen)
    with pytest.raises(BookError, match="no more unpaid"):
        returned_in_book([PROGRAMME, PROGRAMME], asked, asked.claims_fen + 1)
    other = Programme("y", (QuotaShare(party="county_fund", share=0.1, fund_id="F"),))
    mixed = pay_book([PROGRAMME, other], losses, [10**6] * 2)
    with pytest.raises(BookError, match="different parties"):
        returned_in_book([PROGRAMME, other], mixed, mixed.claims_fen)
