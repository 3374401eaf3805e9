"""Index insurance: the notes' case, simulation, quadrature, what the lender gets."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from riskengine.credit.rows import CreditError
from riskengine.guarantee.insurance import (
    IndexCover,
    assigned_payout,
    basis_risk,
    chance_paid,
    normal_shortfall,
    pure_rate,
)

COVER = IndexCover(500.0, 90.0, 400.0, 800.0)
NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)


def test_case_of_the_notes() -> None:
    """GU-INS-01."""
    assert normal_shortfall(500, 90, 400)[0] == pytest.approx(6.04129520002, rel=1e-9)
    assert pure_rate(COVER) == pytest.approx(0.0151032380001, rel=1e-9)
    assert chance_paid(COVER) == pytest.approx(0.133260262903, rel=1e-9)


@given(st.floats(-6.0, 6.0))
def test_shortfall_by_quadrature(d: float) -> None:
    x = d + 20.0 * (NODES - 1.0)
    wanted = 20.0 * float(WEIGHTS @ ((d - x) * stats.norm.pdf(x)))
    assert normal_shortfall(0.0, 1.0, d)[0] == pytest.approx(wanted, rel=1e-9)


def test_shortfall_far_out_keeps_its_digits() -> None:
    """At ten deviations the textbook form is off in the third digit."""
    exact = 7.47456025589e-25  # mpmath, 30 digits: -10 N(-10) + n(10)
    assert normal_shortfall(0.0, 1.0, -10.0)[0] == pytest.approx(exact, rel=1e-10)
    assert normal_shortfall(5.0, 0.0, [4.0, 7.0]).tolist() == [0.0, 2.0]


def drawn(correlation: float, size: int = 400_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    z = rng.standard_normal((2, size))
    return z[0], correlation * z[0] + math.sqrt(1.0 - correlation**2) * z[1]


def test_basis_risk_by_simulation() -> None:
    index, own = drawn(0.7)
    payout = 800.0 * np.maximum(400.0 - (500.0 + 90.0 * index), 0.0) / 400.0
    loss = 2.0 * np.maximum(450.0 - (520.0 + 120.0 * own), 0.0)
    found = basis_risk(COVER, 520.0, 120.0, 450.0, 2.0, 0.7)
    pairs = (
        (found.farm_loss_yuan, loss), (found.payout_yuan, payout),
        (found.uncovered_yuan, np.maximum(loss - payout, 0.0)),
        (found.windfall_yuan, np.maximum(payout - loss, 0.0)),
        (found.chance_unpaid, ((loss > 0.0) & (payout == 0.0)).astype(float)),
    )  # fmt: skip
    for value, sample in pairs:
        assert abs(value - sample.mean()) < 4.0 * sample.std() / math.sqrt(sample.size)


def test_a_perfect_index_leaves_nothing() -> None:
    """Same yield, same trigger, cover to the full value: no basis risk as r goes to 1."""
    left = [
        basis_risk(COVER, 500.0, 90.0, 400.0, 2.0, r).uncovered_yuan
        for r in (0.0, 0.5, 0.9, 0.999999)
    ]
    assert left == sorted(left, reverse=True)
    assert left[-1] < 0.02 * left[0]
    none = basis_risk(COVER, 500.0, 90.0, 400.0, 0.0, 0.5)
    assert (none.farm_loss_yuan, none.uncovered_yuan) == (0.0, 0.0)


def test_the_lender_gets_the_smaller_of_payout_and_debt() -> None:
    index, standing = drawn(0.3)
    payout = np.minimum(800.0 * np.maximum(400.0 - (500.0 + 90.0 * index), 0.0) / 400.0, 60.0)
    whole, given_default = assigned_payout(
        COVER, 60.0, notice_chance=0.9, default_chance=0.1, correlation=0.3
    )
    assert abs(whole[0] - 0.9 * payout.mean()) < 4.0 * payout.std() / math.sqrt(payout.size)
    taken = 0.9 * payout[standing <= stats.norm.ppf(0.1)]
    assert abs(given_default[0] - taken.mean()) < 4.0 * taken.std() / math.sqrt(taken.size)
    assert given_default[0] > whole[0]


def test_payout_limits() -> None:
    everything, same = assigned_payout(COVER, [1e9, 0.0])
    assert everything == pytest.approx([800.0 * pure_rate(COVER), 0.0], rel=1e-12)
    assert same == pytest.approx(everything, rel=1e-12)
    independent = assigned_payout(COVER, 60.0, default_chance=0.05)
    assert independent[1][0] == pytest.approx(independent[0][0], rel=1e-10)
    assert assigned_payout(IndexCover(500.0, 90.0, 400.0, 0.0), 60.0)[0].tolist() == [0.0]


def test_refusals() -> None:
    for bad in (
        lambda: IndexCover(0.0, 90.0, 400.0),
        lambda: IndexCover(500.0, math.nan, 400.0),
        lambda: IndexCover(500.0, 90.0, 400.0, -1.0),
        lambda: normal_shortfall(500.0, -1.0, 400.0),
        lambda: normal_shortfall(math.inf, 1.0, 400.0),
        lambda: assigned_payout(COVER, -1.0),
        lambda: assigned_payout(COVER, 1.0, default_chance=0.0),
        lambda: assigned_payout(COVER, 1.0, notice_chance=1.1),
        lambda: assigned_payout(COVER, 1.0, correlation=1.1),
        lambda: basis_risk(COVER, 500.0, 90.0, 400.0, 1.0, 1.0),
        lambda: basis_risk(COVER, -1.0, 90.0, 400.0, 1.0, 0.5),
    ):
        with pytest.raises(CreditError):
            bad()
