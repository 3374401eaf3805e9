"""Losses become payments to the fen: oracles, conservation, order of law, path dependence."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskengine.guarantee import algebra
from riskengine.guarantee.algebra import pay, pay_book
from riskengine.guarantee.amounts import Amount
from riskengine.guarantee.encoding import DENOMINATORS, weights
from riskengine.guarantee.programme import shared_by
from riskengine.guarantee.structure import Programme
from riskengine.guarantee.terms import (
    PARTIES,
    Deductible,
    ExcessLayer,
    FirstLossFund,
    InsuranceAssignment,
    QuotaShare,
    RateCap,
    ReGuarantee,
    StopLoss,
)
from riskengine.portfolio.exposures import BookError
from riskengine.words import Text
from tests.reference.guarantee import largest_remainder, pay_path

VOLUME = 1_000_000_00
TWO_EIGHT = shared_by("2:8", {"bank": 0.2, "guarantor": 0.8})


def by_party(programme, loss, volume=VOLUME, **more):
    found = pay(programme, [loss], volume, **more)
    return dict(zip(found.parties, found.amounts_fen[:, 0, 0].tolist(), strict=True))


# GU-SHARE-01


def test_gu_share_01() -> None:
    names = {
        "guarantor": Text("担保", "guarantor"),
        "provincial_reguarantor": Text("省再担保", "provincial re-guarantor"),
        "bank": Text("银行", "bank"),
        "local_government": Text("政府", "local government"),
    }
    shares = {
        "guarantor": 0.4,
        "provincial_reguarantor": 0.3,
        "bank": 0.2,
        "local_government": 0.1,
    }
    layers = tuple(QuotaShare(party=party, share=share) for party, share in shares.items())
    found = by_party(Programme("4321", layers, names), 33333335)
    expected = {
        "guarantor": "133333.34",
        "provincial_reguarantor": "100000.01",
        "bank": "66666.67",
        "local_government": "33333.33",
    }
    assert {party: f"{fen / 100:.2f}" for party, fen in found.items()} == expected


def test_shares_taken_as_floating_point_give_the_odd_fen_to_the_wrong_party() -> None:
    # As binary fractions 0.3 is a little less than it says and 0.1 a little more, so the two
    # remainders of GU-SHARE-01 are no tie; the shares of a contract are decimals.
    binary = [Fraction(share) for share in (0.4, 0.3, 0.2, 0.1)]
    rests = [33333335 * share % 1 for share in binary]
    assert rests[3] > rests[1]
    assert weights([0.4, 0.3, 0.2, 0.1]) == ([4, 3, 2, 1], 10)


def test_ties_go_by_the_order_of_the_list() -> None:
    half = {"guarantor": 0.5, "bank": 0.5}
    assert by_party(shared_by("50:50", half), 101) == {"bank": 50, "guarantor": 51}
    half = {"bank": 0.5, "guarantor": 0.5}
    assert by_party(shared_by("50:50", half), 101) == {"bank": 51, "guarantor": 50}
    only = {"guarantor": 0.5}
    assert by_party(shared_by("50:50", only), 101) == {"bank": 50, "guarantor": 51}


@given(
    st.lists(st.integers(1, 97), min_size=1, max_size=5),
    st.integers(0, 10**15),
)
def test_shares_are_those_of_exact_fractions(parts: list[int], loss: int) -> None:
    whole = sum(parts) + 3
    parties = [party for party in PARTIES if party != "bank"][: len(parts)]
    programme = Programme("x", tuple(
        QuotaShare(party=party, share=part / whole)
        for party, part in zip(parties, parts, strict=True)
    ))  # fmt: skip
    found = by_party(programme, loss)
    exact = largest_remainder(loss, [Fraction(part, whole) for part in parts])
    assert [found[party] for party in parties] == exact


def test_shares_that_are_no_ratios_are_counted_to_the_seventh_decimal() -> None:
    shares = np.random.default_rng(2).dirichlet(np.ones(4)).tolist()
    numerators, whole = weights(shares)
    assert sum(numerators) == whole < DENOMINATORS
    assert np.allclose(np.array(numerators) / whole, shares, rtol=0.0, atol=1e-7)
    assert weights([0.1, 0.2]) == ([1, 2], 10)
    assert weights([0.0]) == ([0], 1)
    # 1 / 9973 and its like have a common denominator that is too large to be exact.
    assert weights([1 / 9973, 1 / 9967])[1] < DENOMINATORS


# Conservation and the slow twin


def sums(low: float, high: float) -> st.SearchStrategy[Amount]:
    return st.one_of(
        st.integers(int(low * 100), int(high * 100)).map(lambda fen: Amount(yuan=fen / 100)),
        st.integers(0, 50).map(lambda k: Amount(rate=k / 1000)),
    )


SHARES = st.sampled_from([0.0, 0.1, 0.25, 1 / 3, 0.35, 0.4, 0.8, 0.9999, 1.0])
SMALL = st.sampled_from([0.05, 0.1, 0.2, 1 / 7, 0.25, 1 / 3])
BASIS = st.sampled_from(["loss", "year", "cumulative"])


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    layers = []
    maybe = st.booleans()
    if draw(maybe):
        layers.append(
            InsuranceAssignment(amount=draw(sums(0, 9)), share=draw(SHARES), basis=draw(BASIS))
        )
    if draw(maybe):
        layers.append(
            Deductible(
                party=draw(st.sampled_from(["bank", "borrower"])), amount=draw(sums(0, 20)),
                attach=draw(sums(0, 3)), share=draw(SHARES), basis=draw(BASIS),
            )
        )  # fmt: skip
    layers.append(
        RateCap(party="guarantor", share=draw(SMALL), cap=draw(sums(0, 90)), basis=draw(BASIS))
    )
    others = draw(st.sampled_from([(), ("bank",), ("government", "bank"), ("county_fund",)]))
    layers.extend(QuotaShare(party=party, share=draw(SMALL)) for party in others)
    if draw(maybe):
        layers.append(
            ReGuarantee(
                party="province", share=draw(SMALL), cap=draw(sums(0, 50)), basis=draw(BASIS)
            )
        )
        layers.append(ReGuarantee(party="national", share=draw(SMALL)))
    if draw(maybe):
        basis, giver = draw(BASIS), draw(st.sampled_from(["bank", "guarantor"]))
        ends = sorted(draw(st.sets(st.integers(0, 3000), min_size=3, max_size=3)))
        for k, party in enumerate(("government", giver)):
            layers.append(
                ExcessLayer(
                    party=party, attach=Amount(yuan=ends[k] / 100),
                    detach=Amount(yuan=ends[k + 1] / 100), share=draw(SHARES), basis=basis,
                    cedes_from=giver, aggregate=draw(st.none() | sums(0, 40)),
                    aggregate_basis=draw(BASIS),
                )
            )  # fmt: skip
    if draw(maybe):
        layers.append(
            StopLoss(
                party="insurer", attach=Amount(rate=draw(st.integers(0, 9)) / 100, of="premium"),
                limit=draw(st.none() | st.just(Amount(rate=0.9, of="premium"))), basis=draw(BASIS),
                cedes_from="guarantor", share=draw(SHARES),
            )
        )  # fmt: skip
    if draw(maybe):
        layers.append(
            FirstLossFund(
                party="county_fund", share=draw(SHARES), balance=draw(st.none() | sums(0, 30)),
                attach=draw(sums(0, 3)), cedes_from="guarantor", basis=draw(BASIS),
            )
        )  # fmt: skip
    return Programme("drawn", tuple(layers))


@settings(max_examples=120)
@given(
    programmes(),
    st.lists(st.lists(st.integers(0, 4000), min_size=6, max_size=6), min_size=1, max_size=4),
)
def test_parties_add_up_to_the_loss_and_agree_with_the_slow_twin(
    programme: Programme, paths: list[list[int]]
) -> None:
    losses = np.array(paths).T
    found = pay(programme, losses, 100_000, premium_fen=3_333, periods_per_year=4)
    assert np.array_equal(found.amounts_fen.sum(axis=0), losses)
    assert found.amounts_fen.min() >= 0
    assert found.layers_fen.min() >= 0
    for i, path in enumerate(paths):
        for t, slow in enumerate(pay_path(programme, path, 100_000, 3_333, 4)):
            told = dict(zip(found.parties, found.amounts_fen[:, t, i].tolist(), strict=True))
            assert told == {party: slow.get(party, 0) for party in found.parties}


def test_amounts_by_layer_are_amounts_by_party_seen_from_the_terms() -> None:
    programme = Programme("x", (
        QuotaShare(party="guarantor", share=0.8),
        ReGuarantee(party="province", share=0.4, layer_id="re"),
    ))  # fmt: skip
    found = pay(programme, [[1000, 77]], VOLUME)
    assert found.layers == ("quota_share 1", "re")
    assert found.layers_fen[:, 0].tolist() == [[800, 62], [320, 25]]
    assert found.of("guarantor").tolist() == [[480, 37]]
    assert found.of("insurer").tolist() == [[0, 0]]


# The order of law


def test_own_security_comes_first_then_insurance_then_the_guarantor() -> None:
    found = pay(TWO_EIGHT, [1000, 1000], VOLUME, recovered_fen=[300, 1200], payout_fen=[200, 500])
    assert dict(zip(found.parties, found.amounts_fen[:, 0].tolist(), strict=True)) == {
        "bank": [100, 0], "guarantor": [400, 0], "insurer": [200, 0], "borrower": [300, 1000],
    }  # fmt: skip
    assert found.amounts_fen.sum(axis=0).tolist() == [[1000, 1000]]


def test_assigned_insurance_lowers_what_is_guaranteed() -> None:
    layer = InsuranceAssignment(amount=Amount(yuan=3.0))
    insured = Programme("x", (layer, *TWO_EIGHT.layers))
    assert by_party(insured, 1000) == {"bank": 140, "guarantor": 560, "insurer": 300}
    assert by_party(insured, 200) == {"bank": 0, "guarantor": 0, "insurer": 200}


def test_a_deductible_is_ceded_no_further() -> None:
    borne = Programme("x", (
        Deductible(party="bank", amount=Amount(yuan=4.0)),
        QuotaShare(party="guarantor", share=0.5),
        ReGuarantee(party="province", share=0.5),
    ))  # fmt: skip
    assert by_party(borne, 1000) == {"bank": 700, "guarantor": 150, "province": 150}
    corridor = Programme("x", (
        QuotaShare(party="guarantor", share=1.0),
        Deductible(party="guarantor", attach=Amount(yuan=2.0), amount=Amount(yuan=3.0),
                   cedes_from="guarantor"),
        ReGuarantee(party="province", share=1.0),
    ))  # fmt: skip
    assert by_party(corridor, 1000) == {"bank": 0, "guarantor": 300, "province": 700}


@pytest.mark.parametrize(("inclusive", "paid"), [(True, 80), (False, 0)])
def test_whether_a_franchise_is_reached_by_equality_is_a_switch(inclusive: bool, paid: int) -> None:
    layer = Deductible(
        party="bank", amount=Amount(yuan=1.0), basis="loss", franchise=True, inclusive=inclusive
    )
    programme = Programme("x", (layer, *TWO_EIGHT.layers))
    assert by_party(programme, 99)["guarantor"] == 0
    assert by_party(programme, 100)["guarantor"] == paid
    assert by_party(programme, 110)["guarantor"] == 88


def test_a_fund_pays_until_it_is_empty() -> None:
    fund = FirstLossFund(party="county_fund", share=0.5, balance=Amount(yuan=5.0))
    found = pay(Programme("x", (fund, *TWO_EIGHT.layers)), [[600], [600], [600]], VOLUME)
    assert found.of("county_fund")[:, 0].tolist() == [300, 200, 0]
    assert found.of("guarantor")[:, 0].tolist() == [240, 320, 480]
    assert found.open_funds == ()


def test_a_fund_without_a_balance_is_asked_and_said_so() -> None:
    fund = FirstLossFund(party="county_fund", fund_id="F1")
    found = pay(Programme("x", (fund,)), [700], VOLUME)
    assert found.of("county_fund").tolist() == [[700]]
    assert found.open_funds == ("F1",)


# Caps along paths


def test_a_cap_counts_what_was_paid_over_its_basis() -> None:
    losses = [[500], [700], [500], [700]]
    expected = {
        "loss": [400, 480, 400, 480],
        "year": [400, 80, 400, 80],
        "cumulative": [400, 80, 0, 0],
    }
    for basis, paid in expected.items():
        cap = RateCap(party="guarantor", share=0.8, cap=Amount(yuan=4.8), basis=basis)
        found = pay(Programme("x", (cap,)), losses, VOLUME, periods_per_year=2)
        assert found.of("guarantor")[:, 0].tolist() == paid


def test_a_rate_cap_is_one_of_the_guaranteed_part_or_of_the_volume() -> None:
    cap = RateCap(party="guarantor", share=0.8, cap=Amount(rate=0.05))
    assert by_party(Programme("x", (cap,)), 10**8, 10**8)["guarantor"] == 4_000_000
    other = replace(cap, cap_on="volume")
    assert by_party(Programme("x", (other,)), 10**8, 10**8)["guarantor"] == 5_000_000


def test_the_payment_for_the_mean_loss_is_not_the_mean_payment() -> None:
    """Jensen: a cap is concave, an excess layer convex; expected-value shortcuts are wrong."""
    losses = np.random.default_rng(3).gamma(0.5, 10_000.0, (12, 500)).astype(np.int64)
    mean = np.full((12, 1), losses.sum(axis=0).mean() / 12).astype(np.int64)
    cap = RateCap(party="guarantor", share=0.8, cap=Amount(yuan=500.0))
    excess = ExcessLayer(party="province", attach=Amount(yuan=700.0), detach=None)
    for layer, party, sign in ((cap, "guarantor", 1), (excess, "province", -1)):
        programme = Programme("x", (layer,))
        shortcut = pay(programme, mean, VOLUME).of(party).sum()
        right = pay(programme, losses, VOLUME).of(party).sum(axis=0).mean()
        assert sign * (shortcut - right) > 0.05 * right


def test_the_path_of_a_year_matters_not_only_its_sum() -> None:
    stop = StopLoss(party="insurer", attach=Amount(rate=0.5, of="premium"), limit=None)
    programme = Programme("x", (stop,))
    early = pay(programme, [[900], [0]], VOLUME, premium_fen=1000, periods_per_year=1)
    even = pay(programme, [[450], [450]], VOLUME, premium_fen=1000, periods_per_year=1)
    assert early.of("insurer").sum() == 400
    assert even.of("insurer").sum() == 0


def test_reinstatements_are_an_aggregate_limit() -> None:
    layer = ExcessLayer(
        party="province", attach=Amount(yuan=1.0), detach=Amount(yuan=3.0), basis="loss",
        aggregate=Amount(yuan=5.0), aggregate_basis="year",
    )  # fmt: skip
    found = pay(Programme("x", (layer,)), [[500], [250], [500], [500]], VOLUME)
    assert found.of("province")[:, 0].tolist() == [200, 150, 150, 0]


# Many groups, threads, order


def drawn_book() -> tuple[list[Programme], np.ndarray]:
    fund = FirstLossFund(party="county_fund", share=0.4, fund_id="F")
    cap = RateCap(party="guarantor", share=0.8, cap=Amount(rate=0.003))
    programmes = [TWO_EIGHT, Programme("a", (fund, cap)), Programme("b", (cap,))]
    losses = np.random.default_rng(8).integers(0, 90_000, (3, 5, 700))
    return programmes, losses


def test_a_book_is_the_sum_of_its_groups() -> None:
    programmes, losses = drawn_book()
    book = pay_book(programmes, losses, [VOLUME] * 3)
    single = [pay(p, losses[g], VOLUME) for g, p in enumerate(programmes)]
    for k, party in enumerate(book.parties):
        assert np.array_equal(book.period_fen[k], sum(one.of(party) for one in single))
        for g, one in enumerate(single):
            assert np.array_equal(book.group_fen[k, g], one.of(party).sum(axis=0))
    assert book.funds == ("F",)
    assert np.array_equal(book.claims_fen[0], single[1].of("county_fund"))
    assert np.array_equal(book.period_fen.sum(axis=0), losses.sum(axis=0))


def test_threads_blocks_and_order_of_paths_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    programmes, losses = drawn_book()
    one = pay_book(programmes, losses, [VOLUME] * 3)
    two = pay_book(programmes, losses, [VOLUME] * 3, threads=2)
    monkeypatch.setattr(algebra, "BLOCK", 33)
    small = pay_book(programmes, losses, [VOLUME] * 3)
    turned = pay_book(programmes, losses[:, :, ::-1], [VOLUME] * 3)
    for other in (two, small):
        assert np.array_equal(one.period_fen, other.period_fen)
        assert np.array_equal(one.group_fen, other.group_fen)
    assert np.array_equal(one.period_fen, turned.period_fen[:, :, ::-1])


def test_what_if_is_one_call() -> None:
    programmes, losses = drawn_book()
    before = pay(programmes[2], losses[2], VOLUME).of("guarantor").sum()
    wider = replace(programmes[2].layers[0], cap=Amount(rate=0.006))
    after = pay(Programme("b", (wider,)), losses[2], VOLUME).of("guarantor").sum()
    assert before < after <= 2 * before


# Bad input and limits


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        ([-1], "must not be negative"),
        ([0.5], "must be whole fen"),
        ([float("nan")], "must be whole fen"),
        ([2**52], "too large"),
        ([[2**51], [2**51]], "too large"),
        ([[[1]]], r"must be \(paths,\)"),
    ],
)
def test_losses_that_are_none_are_refused(losses: object, said: str) -> None:
    with pytest.raises(BookError, match=said):
        pay(TWO_EIGHT, losses, VOLUME)


def test_other_arguments_that_do_not_fit_are_refused() -> None:
    with pytest.raises(BookError, match="volume_fen"):
        pay(TWO_EIGHT, [1], -1)
    with pytest.raises(BookError, match="volume_fen"):
        pay(TWO_EIGHT, [1], 0.5)
    with pytest.raises(BookError, match="recovered_fen"):
        pay(TWO_EIGHT, [1, 2], 1, recovered_fen=[1])
    with pytest.raises(BookError, match="at least 1"):
        pay(TWO_EIGHT, [1], 1, periods_per_year=0)
    with pytest.raises(BookError, match="groups, periods, paths"):
        pay_book([TWO_EIGHT], [[1]], [1])


def test_nothing_to_pay_is_nothing_paid() -> None:
    assert pay(TWO_EIGHT, np.zeros((3, 0), dtype=np.int64), VOLUME).amounts_fen.shape == (2, 3, 0)
    book = pay_book([], np.zeros((0, 3, 2), dtype=np.int64), [])
    assert book.period_fen.tolist() == [[[0, 0]] * 3]
    capped = Programme("x", (RateCap(party="guarantor", share=1.0, cap=Amount(rate=0.05)),))
    assert by_party(capped, 500, 0) == {"bank": 500, "guarantor": 0}


def test_the_largest_losses_are_exact() -> None:
    loss = 2**52 - 1
    found = by_party(shared_by("x", {"guarantor": 1 / 3}), loss)
    assert found == {"bank": loss - (loss + 1) // 3, "guarantor": (loss + 1) // 3}
