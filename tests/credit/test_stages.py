"""Stages: the stretch that is left against what origination foresaw, days, reasons."""

import math
from datetime import date

import numpy as np
import pytest

from riskengine.credit.rows import CreditError
from riskengine.credit.stages import (
    REASONS,
    Policy,
    Standing,
    foreseen_chance,
    staged_loss,
    stages,
)
from riskengine.errors import RuleNotFound
from riskengine.rules import statute

RULES = statute().at(date(2026, 11, 24))
DOUBLING = Policy(relative_increase=1.0)


def test_what_origination_foresaw() -> None:
    flat = -np.expm1(np.arange(1, 61) * math.log1p(-0.01))
    found = foreseen_chance([flat], 0, [0, 12, 59, 60], [60, 48, 1, 12])
    wanted = [1.0 - 0.99**60, 1.0 - 0.99**48, 0.01, 1.0 - 0.99**12]
    assert found == pytest.approx(wanted, rel=1e-12)


def test_the_stored_scalar_hides_the_rise() -> None:
    """48 of 60 months are over; the PD of the last 12 has tripled.

    Against the lifetime PD of 60 months that origination stored as one number nothing rose.
    """
    flat = -np.expm1(np.arange(1, 61) * math.log1p(-0.01))
    now = 1.0 - (1.0 - foreseen_chance([flat], 0, 48, 12)) ** 3
    assert stages(now, foreseen_chance([flat], 0, 48, 12), 0, RULES, DOUBLING).stage[0] == 2
    assert stages(now, flat[-1], 0, RULES, DOUBLING).stage[0] == 1
    # Nothing changed: age alone moves nobody.
    same = foreseen_chance([flat], 0, [0, 20, 48], [60, 40, 12])
    assert stages(same, same, 0, RULES, DOUBLING).stage.tolist() == [1, 1, 1]


def test_days_overdue() -> None:
    """More than 30 days: stage 2; on the 90th day: stage 3 (IFRS 9 5.5.11 and B5.5.37)."""
    days = [0, 30, 31, 89, 90, 400]
    assert stages(0.02, 0.02, days, RULES, DOUBLING).stage.tolist() == [1, 1, 2, 2, 3, 3]
    closed = Policy(relative_increase=1.0, closed_backstop=True)
    assert stages(0.02, 0.02, days, RULES, closed).stage.tolist() == [1, 2, 2, 2, 3, 3]
    spared = stages(0.02, 0.02, days, RULES, DOUBLING, Standing(rebutted=1))
    assert spared.stage.tolist() == [1, 1, 1, 1, 3, 3]


def test_reasons() -> None:
    found = stages(
        [0.02, 0.05, 0.02, 0.05, 0.02, 0.02, 0.02], 0.02, [0, 0, 0, 95, 0, 0, 0], RULES, DOUBLING,
        Standing(
            watched=[0, 0, 1, 1, 0, 0, 0], impaired=[0, 0, 0, 0, 0, 1, 0],
            compensated=[0, 0, 0, 0, 0, 0, 1], tier=[1, 0, 0, 0, 2, 0, 0],
        ),
    )  # fmt: skip
    assert found.stage.tolist() == [1, 2, 2, 3, 3, 3, 3]
    assert found.reason.tolist() == [0, 1, 2, 5, 4, 6, 7]
    assert found.reasons[3] == 2 + 4 + 8 + 32
    assert all(text.zh and text.en for text in REASONS)


def test_low_risk_exemption_is_a_switch() -> None:
    now, then = [0.0005, 0.0005, 0.0005], 0.0001
    low = Standing(low_risk=[1, 0, 1], watched=[0, 0, 1])
    assert stages(now, then, 0, RULES, DOUBLING, low).stage.tolist() == [2, 2, 2]
    spared = stages(now, then, 0, RULES, Policy(1.0, exempt_low_risk=True), low)
    assert spared.stage.tolist() == [1, 2, 2]
    assert spared.exempt.tolist() == [True, False, False]
    late = stages(now, then, 31, RULES, Policy(1.0, exempt_low_risk=True), low)
    assert late.stage.tolist() == [2, 2, 2]


def test_least_increase() -> None:
    small = Policy(relative_increase=1.0, least_increase=0.005)
    assert stages([0.001, 0.02], [0.0001, 0.008], 0, RULES, small).stage.tolist() == [1, 2]


def test_staged_loss() -> None:
    assert staged_loss([1, 2, 3], [1.0, 1.0, math.nan], 5.0, 100.0, 0.4).tolist() == [1, 5, 40]
    with pytest.raises(CreditError):
        staged_loss([0], 1.0, 1.0, 1.0, 1.0)


def test_refusals() -> None:
    for bad in (
        lambda: stages(0.02, 0.02, -1, RULES, DOUBLING),
        lambda: stages(0.02, 0.02, math.nan, RULES, DOUBLING),
        lambda: stages(math.nan, 0.02, 0, RULES, DOUBLING),
        lambda: stages(0.02, 0.02, 0, RULES, DOUBLING, Standing(watched=2)),
        lambda: stages(0.02, 0.02, 0, RULES, DOUBLING, Standing(tier=5)),
        lambda: Policy(relative_increase=0.0),
        lambda: Policy(relative_increase=1.0, least_increase=-1.0),
        lambda: foreseen_chance([[0.2, 0.1]], 0, 0, 1),
        lambda: foreseen_chance([[0.2, 1.0]], 0, 0, 1),
        lambda: foreseen_chance([[0.1]], 1, 0, 1),
        lambda: foreseen_chance([[0.1]], 0, 0.5, 1),
    ):
        with pytest.raises(CreditError):
            bad()
    with pytest.raises(RuleNotFound):
        stages(0.02, 0.02, 0, statute().at(date(2020, 1, 1)), DOUBLING)
