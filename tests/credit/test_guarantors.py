"""Guarantors who fail too, and groups that guarantee one another."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.special import ndtri

from riskengine.credit.clearing import clearing_vector, guarantee_circle
from riskengine.credit.double_default import (
    both_default,
    joint_liability_loss,
    several_shares_loss,
)
from riskengine.credit.rows import CreditError

MONEY = st.floats(0.0, 100.0)


def test_both_default() -> None:
    """Phi2(0, 0; 1/2) is 1/3; substitution of the guarantor's PD is far from it."""
    assert both_default(0.5, 0.5, 0.5)[0] == pytest.approx(1.0 / 3.0, rel=1e-12)
    low, high = both_default([0.03, 0.03], 0.05, [0.0, 0.3])
    assert low == pytest.approx(0.0015, rel=1e-12)
    assert 0.0015 < high < 0.03
    for bad in ((1.1, 0.1, 0.0), (0.1, math.nan, 0.0), (0.1, 0.1, 1.5)):
        with pytest.raises(CreditError):
            both_default(*bad)


def test_joint_liability() -> None:
    one = joint_liability_loss(0.05, [0.04], 0.2, loss_share=0.6)
    assert one == pytest.approx(0.6 * both_default(0.05, 0.04, 0.2)[0], rel=1e-12)
    assert joint_liability_loss(0.05, [], 0.2) == 0.05
    three = joint_liability_loss(0.05, [0.04, 0.04, 0.04], 0.0)
    assert three == pytest.approx(0.05 * 0.04**3, rel=1e-12)
    tied = joint_liability_loss(0.05, [0.04, 0.04, 0.04], 0.3)
    assert tied > 20.0 * three
    assert joint_liability_loss(0.05, [0.0, 0.5], 0.3) == 0.0
    assert joint_liability_loss(0.05, [1.0, 1.0], 0.3) == pytest.approx(0.05, rel=1e-12)
    part = joint_liability_loss(0.05, [0.04], 0.2, covered=0.8)
    assert part == pytest.approx(0.2 * 0.05 + 0.8 * both_default(0.05, 0.04, 0.2)[0])


def test_joint_liability_by_simulation() -> None:
    rng = np.random.default_rng(5)
    size, rho = 400_000, 0.3
    z = rng.standard_normal(size)
    failed = np.ones(size, dtype=bool)
    for pd in (0.2, 0.15, 0.3):
        latent = math.sqrt(rho) * z + math.sqrt(1.0 - rho) * rng.standard_normal(size)
        failed &= latent <= ndtri(pd)
    found = joint_liability_loss(0.2, [0.15, 0.3], rho)
    assert abs(failed.mean() - found) < 4.0 * math.sqrt(found / size)


def test_several_shares() -> None:
    half = several_shares_loss(0.05, [0.04, 0.1], [0.3, 0.5], 0.25)
    both = both_default(0.05, [0.04, 0.1], 0.25)
    assert half == pytest.approx(0.2 * 0.05 + 0.3 * both[0] + 0.5 * both[1], rel=1e-12)
    assert several_shares_loss(0.05, [0.04], [0.0], 0.25) == pytest.approx(0.05)
    with pytest.raises(CreditError, match="shares"):
        several_shares_loss(0.05, [0.04, 0.1], [0.6, 0.5], 0.25)
    with pytest.raises(CreditError):
        joint_liability_loss(0.05, [0.04], 1.0)
    with pytest.raises(CreditError):
        joint_liability_loss(0.05, [0.04], 0.2, loss_share=1.2)


# Clearing.


def systems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    size = draw(st.integers(1, 5))
    assets = np.array(draw(st.lists(MONEY, min_size=size, max_size=size)))
    owed = np.array(draw(st.lists(MONEY, min_size=size * size, max_size=size * size)))
    lender = np.array(draw(st.lists(st.floats(0.1, 100.0), min_size=size, max_size=size)))
    matrix = owed.reshape(size, size)
    np.fill_diagonal(matrix, 0.0)
    return assets, matrix, lender


@given(st.composite(systems)())
def test_clearing_is_the_greatest(system: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    """Eisenberg & Noe, lemma 4: the vector solves max sum p, p <= owed, p <= assets + inflow."""
    assets, matrix, lender = system
    found = clearing_vector(assets, matrix, lender)
    total = matrix.sum(axis=1) + lender
    share = matrix / total[:, None]
    best = linprog(
        -np.ones(total.size), A_ub=np.eye(total.size) - share.T, b_ub=assets,
        bounds=list(zip(np.zeros(total.size), total, strict=True)),
    )  # fmt: skip
    assert found.paid_yuan == pytest.approx(best.x, rel=1e-7, abs=1e-6)
    inflow = assets + share.T @ found.paid_yuan
    assert found.paid_yuan == pytest.approx(np.minimum(total, inflow), rel=1e-9, abs=1e-9)
    assert found.rounds <= total.size + 1


def test_a_closed_circle_pays_in_full() -> None:
    """Nobody has anything, everybody owes the next one yuan: the greatest solution pays all."""
    ring = np.roll(np.eye(3), 1, axis=1)
    found = clearing_vector([0.0] * 3, ring, [0.0] * 3)
    assert found.paid_yuan.tolist() == [1.0] * 3
    assert not found.failed.any()


def test_members_pay_for_each_other() -> None:
    """Three households, 5 each; one can pay 3, the others stand with 9 and 6."""
    shares = (np.ones((3, 3)) - np.eye(3)) / 2.0
    found = guarantee_circle([3.0, 9.0, 6.0], [5.0] * 3, shares)
    assert found.to_lender_yuan == pytest.approx([5.0, 5.0, 5.0])
    assert found.paid_yuan == pytest.approx([3.0, 6.0, 6.0])
    assert found.failed.tolist() == [True, False, False]
    short = guarantee_circle([3.0, 9.0, 5.5], [5.0] * 3, shares)
    assert short.to_lender_yuan == pytest.approx([4.5, 5.0, 5.0])
    jointly = guarantee_circle([3.0, 9.0, 5.5], [5.0] * 3, shares, joint=True)
    assert jointly.to_lender_yuan == pytest.approx([5.0, 5.0, 5.0])
    assert jointly.paid_yuan.sum() == pytest.approx(15.0)


def test_calls_that_rank_with_own_debt_pull_others_down() -> None:
    ring = np.roll(np.eye(3), 1, axis=0)
    first = guarantee_circle([1.0, 5.0, 5.0], [5.0] * 3, ring)
    equal = guarantee_circle([1.0, 5.0, 5.0], [5.0] * 3, ring, own_debt_first=False)
    assert first.to_lender_yuan == pytest.approx([1.0, 5.0, 5.0])
    assert equal.failed.all()
    assert equal.paid_yuan == pytest.approx([1.0, 5.0, 5.0])
    assert equal.to_lender_yuan.sum() == pytest.approx(11.0)


@given(st.composite(systems)(), st.booleans())
def test_nothing_is_made_or_lost(
    system: tuple[np.ndarray, np.ndarray, np.ndarray], joint: bool
) -> None:
    assets, matrix, debts = system
    shares = matrix / np.maximum(matrix.sum(axis=0), 1.0)
    found = guarantee_circle(assets, debts, shares, joint=joint)
    assert np.all(found.paid_yuan <= assets * (1.0 + 1e-12) + 1e-9)
    assert np.all(found.to_lender_yuan <= debts * (1.0 + 1e-12))
    assert found.to_lender_yuan.sum() == pytest.approx(found.paid_yuan.sum(), rel=1e-9)
    assert np.all(found.to_lender_yuan >= np.minimum(assets, debts) - 1e-9)


def test_joint_members_pay_what_all_have() -> None:
    """Everybody liable for everybody: the lender gets the smaller of surplus and shortfall."""
    rng = np.random.default_rng(4)
    for _ in range(20):
        assets, debts = rng.uniform(0, 10, 6), rng.uniform(0, 10, 6)
        found = guarantee_circle(assets, debts, np.ones((6, 6)) - np.eye(6), joint=True)
        surplus = np.maximum(assets - debts, 0.0).sum()
        lacking = np.maximum(debts - assets, 0.0).sum()
        wanted = np.minimum(assets, debts).sum() + min(surplus, lacking)
        assert found.to_lender_yuan.sum() == pytest.approx(wanted, rel=1e-12)


def test_clearing_refusals() -> None:
    for bad in (
        lambda: clearing_vector([1.0], [[1.0]], [1.0]),
        lambda: clearing_vector([-1.0], [[0.0]], [1.0]),
        lambda: clearing_vector([1.0], [[0.0]], [1.0, 2.0]),
        lambda: clearing_vector([], np.zeros((0, 0)), []),
        lambda: guarantee_circle([1.0, 1.0], [1.0, 1.0], [[0.0, 1.5], [0.0, 0.0]]),
        lambda: guarantee_circle([1.0] * 3, [1.0] * 3, np.ones((3, 3)) - np.eye(3)),
        lambda: guarantee_circle([1.0], [math.nan], [[0.0]]),
        lambda: guarantee_circle([1.0], [1.0], [[0.0]], joint=True, own_debt_first=False),
    ):
        with pytest.raises(CreditError):
            bad()
