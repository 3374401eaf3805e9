"""Layers on paths against the slow twin, on few paths: these tests also run uncompiled."""

import math

import numpy as np
import pytest

from riskengine.guarantee.algebra import pay
from riskengine.guarantee.amounts import Amount
from riskengine.guarantee.structure import Programme
from riskengine.guarantee.terms import (
    Deductible,
    ExcessLayer,
    FirstLossFund,
    InsuranceAssignment,
    QuotaShare,
    RateCap,
    ReGuarantee,
    StopLoss,
)
from riskengine.kernels.guarantee_layers import pay_paths, recovery_paths
from tests.reference.guarantee import pay_path

THIRD = 1 / 3
PROGRAMMES = {
    "shares": (
        QuotaShare(party="guarantor", share=THIRD),
        QuotaShare(party="province", share=THIRD),
        QuotaShare(party="government", share=0.15),
    ),
    "whole": (
        QuotaShare(party="guarantor", share=0.4),
        QuotaShare(party="bank", share=0.35),
        QuotaShare(party="county_fund", share=0.25),
    ),
    "capped": (
        InsuranceAssignment(amount=Amount(yuan=0.7), share=0.5),
        Deductible(party="bank", amount=Amount(yuan=1.5)),
        RateCap(party="guarantor", share=0.8, cap=Amount(rate=0.05)),
        ReGuarantee(party="province", share=0.4, cap=Amount(yuan=0.9), basis="year"),
        ReGuarantee(party="national", share=0.2),
        FirstLossFund(
            party="county_fund", share=0.5, balance=Amount(yuan=2.0), attach=Amount(yuan=1.0),
            cedes_from="guarantor",
        ),
    ),
    "tower": (
        ExcessLayer(party="guarantor", attach=Amount(yuan=1.0), detach=Amount(yuan=3.0), share=0.6),
        ExcessLayer(party="province", attach=Amount(yuan=1.0), detach=Amount(yuan=3.0), share=0.4),
        ExcessLayer(party="bank", attach=Amount(yuan=3.0), detach=Amount(yuan=4.0)),
        ExcessLayer(
            party="national", attach=Amount(yuan=4.0), detach=None, aggregate=Amount(yuan=9.0)
        ),
        StopLoss(party="government", attach=Amount(rate=0.01), limit=Amount(rate=0.02)),
    ),
    "franchise": (
        Deductible(party="bank", amount=Amount(yuan=1.0), basis="loss", franchise=True),
        Deductible(
            party="bank", amount=Amount(yuan=2.0), basis="loss", franchise=True, inclusive=False
        ),
        QuotaShare(party="guarantor", share=0.8),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMMES)
def test_every_path_is_that_of_the_slow_twin(name: str) -> None:
    programme = Programme(name, PROGRAMMES[name])
    losses = np.random.default_rng(5).integers(0, 300, (7, 5))
    losses[:, 0], losses[:, 1], losses[0, 2], losses[1, 2] = 0, 1, 100, 200
    found = pay(programme, losses, 10_000, periods_per_year=3)
    assert np.array_equal(found.amounts_fen.sum(axis=0), losses)
    for i in range(losses.shape[1]):
        for t, slow in enumerate(pay_path(programme, losses[:, i].tolist(), 10_000, year=3)):
            for party, amounts in zip(found.parties, found.amounts_fen, strict=True):
                assert amounts[t, i] == slow.get(party, 0), (name, i, t, party)


def test_only_the_block_asked_for_is_filled_and_slots_collect() -> None:
    losses = np.arange(12, dtype=np.int64).reshape(1, 2, 6)
    splits = np.array([[[1.0, 0.0, 0.0, 1.0, 2.0, 0.0, 0.0, math.inf, 2.0]]])
    takers = np.array([[[1.0, 1.0, 0.0, math.inf, 2.0, 0.0]]])
    one, none = np.ones(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    periods = np.zeros((2, 2, 6), dtype=np.int64)
    groups = np.zeros((2, 1, 6), dtype=np.int64)
    slots = np.zeros((1, 2, 6), dtype=np.int64)
    pay_paths(losses, splits, takers, one, none, 12, 2, 5, periods, groups, slots)
    # Half of each loss, the odd fen to the taker.
    assert periods[1].tolist() == [[0, 0, 1, 2, 2, 0], [0, 0, 4, 5, 5, 0]]
    assert periods[0].tolist() == [[0, 0, 1, 1, 2, 0], [0, 0, 4, 4, 5, 0]]
    assert groups[:, 0].tolist() == [[0, 0, 5, 5, 7, 0], [0, 0, 5, 7, 7, 0]]
    assert np.array_equal(slots[0], periods[1])


def recovered(paid, first, pro_rata, share, cost_share=0.0, delay=0):
    paid = np.array(paid, dtype=np.int64)[:, :, None]
    out = np.zeros_like(paid)
    costs, later = np.zeros(paid.shape[1:], dtype=np.int64), np.zeros(1, dtype=np.int64)
    first, pro_rata = np.array(first, dtype=np.int64), np.array(pro_rata, dtype=np.int64)
    recovery_paths(paid, first, pro_rata, share, cost_share, delay, out, costs, later)
    return out[:, :, 0].tolist(), costs[:, 0].tolist(), later.tolist()


def test_recoveries_go_first_in_order_then_in_proportion() -> None:
    paid = [[50, 0, 9], [30, 0, 9], [20, 0, 9]]
    assert recovered(paid, [], [0, 1, 2], 0.5) == (
        [[25, 0, 5], [15, 0, 5], [10, 0, 4]],
        [0] * 3,
        [0],
    )
    out, costs, later = recovered(paid, [2], [0, 1], 0.5, cost_share=0.1, delay=1)
    assert out == [[0, 16, 0], [0, 9, 0], [0, 20, 0]]
    assert costs == [0, 5, 0]
    assert later == [14]


def test_a_party_alone_gets_all_and_nobody_gets_more_than_it_paid() -> None:
    assert recovered([[7], [5]], [0, 1], [], 1.0) == ([[7], [5]], [0], [0])
    assert recovered([[7], [5]], [1], [], 1.0) == ([[0], [5]], [0], [0])


@pytest.mark.parametrize(
    ("amount", "weight", "whole"),
    [
        (49, 1, 49),  # 49 (1 / 49) is below 1 in floating point
        (999_999_937, 0, 1_000_000_007),
        (999_999_937, 1, 1_000_000_007),
    ],
)
def test_quotients_that_floats_miss_are_put_right(amount: int, weight: int, whole: int) -> None:
    if weight != 1 or whole != 49:
        # amount x weight is one below, or above, a multiple of the whole.
        inverse = pow(amount, -1, whole)
        weight = whole - inverse if weight == 0 else inverse
    out, _, _ = recovered([[weight], [whole - weight]], [], [0, 1], amount / whole)
    quotient, rest = divmod(amount * weight, whole)
    assert out[0][0] == quotient + (2 * rest >= whole)
    assert out[0][0] + out[1][0] == amount
