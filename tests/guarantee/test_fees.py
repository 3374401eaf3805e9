"""Fees: the notes' case, timing, capital, break-even claims, gap and interval."""

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.credit.expected_loss import lifetime_loss
from riskengine.credit.exposure_path import exposure_path
from riskengine.credit.rows import CreditError
from riskengine.guarantee.fees import (
    break_even_compensation,
    fee_interval,
    guarantee_fees,
    segment,
)
from riskengine.rules import statute

CASE = ([1000000.0] * 3, [0.02, 0.025, 0.03], 0.8, 0.55, 0.035)


def test_case_of_the_notes() -> None:
    """GU-FEE-01: fee in advance on the surviving balance, claims at the end of the year."""
    found = guarantee_fees(segment(*CASE, claims="end", fees="start"), operating=0.003)
    assert found.claims_yuan[0] == pytest.approx(29941.5033784, rel=1e-11)
    assert found.annuity_yuan[0] == pytest.approx(2838829.37758, rel=1e-11)
    assert found.pure[0] == pytest.approx(0.0105471303118, abs=1e-12)
    assert found.gross[0] == pytest.approx(0.0135471303118, abs=1e-12)
    assert (found.claims, found.fees) == ("end", "start")


def test_by_hand() -> None:
    balance, hazard, share, lgd, rate = CASE
    alive, claims, annuity = 1.0, 0.0, 0.0
    for t, h in enumerate(hazard):
        claims += share * lgd * balance[t] * alive * h * (1.0 + rate) ** -(t + 1)
        annuity += balance[t] * alive * (1.0 + rate) ** -t
        alive *= 1.0 - h
    found = guarantee_fees(segment(*CASE))
    assert found.pure[0] == pytest.approx(claims / annuity, rel=1e-13)


def test_timing_moves_the_fee() -> None:
    late = guarantee_fees(segment(*CASE, claims="end", fees="start")).pure[0]
    assert guarantee_fees(segment(*CASE, claims="mid")).pure[0] == pytest.approx(
        late * math.sqrt(1.035)
    )
    assert guarantee_fees(segment(*CASE, fees="end")).pure[0] == pytest.approx(late * 1.035)


def test_pure_fee_pays_the_expected_loss() -> None:
    """The claims are the lifetime ECL of the guarantee; the same contract by both roads."""
    months, pd = 24, 0.03
    path = exposure_path(1e6, months, "equal_principal", share=0.8)
    loss = lifetime_loss(path, pd, 0.55, 0.035).lifetime_yuan[0]
    hazard = 1.0 - (1.0 - pd) ** (1.0 / 12.0)
    balance = 1e6 * np.arange(months, 0, -1) / months
    months_of = segment(balance, hazard, 0.8, 0.55, 0.035, period_years=1.0 / 12.0)
    found = guarantee_fees(months_of)
    assert found.claims_yuan[0] == pytest.approx(loss, rel=1e-12)
    assert found.pure[0] == pytest.approx(loss / found.annuity_yuan[0], rel=1e-12)
    assert 0.0 < found.pure[0] < 0.8 * 0.55 * -math.log1p(-pd)


def test_full_fee() -> None:
    two = segment([[100.0, 50.0], [100.0, 100.0]], 0.02, 0.8, 0.5, 0.0)
    found = guarantee_fees(
        two, operating=0.003, capital_share=[0.1, 0.2], cost_of_capital=0.08, subsidy=[0.001, 0.0]
    )
    assert found.pure == pytest.approx([0.008, 0.008], rel=1e-12)
    assert found.capital == pytest.approx([0.008, 0.016], rel=1e-12)
    assert found.gross == pytest.approx([0.018, 0.027], rel=1e-12)
    by_period = guarantee_fees(two, capital_share=[[0.1, 0.0], [0.0, 0.0]], cost_of_capital=0.08)
    assert by_period.capital == pytest.approx([0.008 * 100.0 / (100.0 + 49.0), 0.0], rel=1e-12)


def test_gap_to_the_ceiling_of_the_rules() -> None:
    ceiling = statute().at(date(2026, 11, 24)).number("guarantee_policy.policy_fee_most")
    found = guarantee_fees(segment(*CASE), operating=0.003)
    assert found.gap(ceiling)[0] == pytest.approx(0.0135471303118 - 0.008, abs=1e-12)


def test_break_even_compensation() -> None:
    """A fee of 0.8 % for 1.5 years pays for 2.5 % of claims at 80 % share and 60 % LGD."""
    found = break_even_compensation(0.008, 1.5, 0.6, 0.8)
    assert found[0] == pytest.approx(0.025, rel=1e-12)
    assert break_even_compensation(0.008, 1.5, 0.6, 0.8, 0.009)[0] == 0.0
    # One year, no interest: claims at that rate cost just the fee.
    rate = break_even_compensation(0.01, 1.0, 0.5, 0.8)[0]
    assert guarantee_fees(segment([1.0], [rate], 0.8, 0.5, 0.0)).pure[0] == pytest.approx(0.01)
    for bad in ((0.01, 0.0, 0.5), (0.01, 1.0, 0.0), (-0.01, 1.0, 0.5), (0.01, 1.0, 0.5, 1.5)):
        with pytest.raises(CreditError):
            break_even_compensation(*bad)


@given(st.floats(0.001, 0.3), st.floats(0.0, 0.05))
def test_interval_holds_the_estimate(pd: float, error: float) -> None:
    figures = segment([100.0, 80.0], [pd, pd], 0.8, 0.5, 0.03)
    low, high = fee_interval(figures, error, 0.9)
    middle = guarantee_fees(figures).pure[0]
    assert low.pure[0] <= middle * (1 + 1e-12)
    assert high.pure[0] >= middle * (1 - 1e-12)
    if error == 0.0:
        assert low.pure[0] == middle == high.pure[0]


def test_interval_covers_what_it_says() -> None:
    """5,000 estimates of a PD of 3 % from 2,000 loans: the fee lies inside nine times of ten."""
    rng = np.random.default_rng(11)
    found = rng.binomial(2_000, 0.03, 5_000) / 2_000.0
    error = np.sqrt(found * (1.0 - found) / 2_000.0)
    low, high = fee_interval(segment([[1.0]], found[:, None], 0.8, 0.5, 0.0), error, 0.9)
    true = 0.8 * 0.5 * 0.03
    inside = np.mean((low.pure <= true) & (true <= high.pure))
    assert inside == pytest.approx(0.9, abs=0.02)


def test_certain_claims() -> None:
    found = guarantee_fees(segment([1.0, 1.0], [1.0, 0.5], 1.0, 1.0, 0.0))
    assert found.claims_yuan[0] == 1.0
    assert found.annuity_yuan[0] == 1.0


@pytest.mark.parametrize(
    "change",
    [
        {"hazard": [1.1]}, {"hazard": [math.nan]}, {"share": 1.2}, {"loss_share": -0.1},
        {"balance_yuan": [-1.0]}, {"balance_yuan": [math.inf]}, {"rate": -1.0},
        {"period_years": 0.0}, {"claims": "later"}, {"balance_yuan": [[1.0, 2.0]], "hazard": [[0.1] * 3]},
    ],
)  # fmt: skip
def test_segments_are_refused(change: dict) -> None:
    usual = {
        "balance_yuan": [1.0], "hazard": [0.02], "share": 0.8, "loss_share": 0.5, "rate": 0.03,
    }  # fmt: skip
    with pytest.raises(CreditError):
        segment(**{**usual, **change})


def test_costs_are_refused() -> None:
    figures = segment([1.0], [0.02], 0.8, 0.5, 0.03)
    for change in ({"operating": -0.1}, {"subsidy": math.nan}, {"capital_share": [0.1, 0.2]}):
        with pytest.raises(CreditError):
            guarantee_fees(figures, **change)
    with pytest.raises(CreditError, match="balance"):
        guarantee_fees(segment([0.0], [0.02], 0.8, 0.5, 0.03))
    for error, level in ((-0.1, 0.9), (0.01, 1.0)):
        with pytest.raises(CreditError):
            fee_interval(figures, error, level)
    with pytest.raises(CreditError, match="mean hazard"):
        fee_interval(segment([1.0], [0.0], 0.8, 0.5, 0.03), 0.01)
