"""Workouts, finished and open: hand computations, simulation, refusals."""

import math

import numpy as np
import pytest

from riskengine.credit.recovery import Flows, recovered_share, run_off, workout_losses
from riskengine.credit.rows import CreditError

NONE = Flows([], [], [0, 0])


def test_workout_of_the_notes() -> None:
    """LGD-WORKOUT-01."""
    came = Flows([300.0, 250.0, 150.0], [0.5, 1.25, 2.0], [0, 3])
    went = Flows([40.0, 30.0], [0.5, 1.25], [0, 2])
    found = workout_losses([1000.0], 0.08, came, went)
    assert found.loss_share[0] == pytest.approx(0.421392205243, abs=1e-10)
    assert found.recovered_yuan[0] == pytest.approx(644.346247484, rel=0.0, abs=5e-10)
    assert found.spent_yuan[0] == pytest.approx(65.7384527273, rel=0.0, abs=1e-10)


def test_workout_bad_input() -> None:
    assert workout_losses([0.0], 0.05, NONE, NONE).status.tolist() == [2]
    with pytest.raises(CreditError, match="numbers of loans"):
        workout_losses([1.0], 0.05, NONE, Flows([], [], [0, 0, 0]))
    with pytest.raises(CreditError, match="differ in length"):
        workout_losses([1.0], 0.05, Flows([1.0], [], [0, 1]), NONE)
    with pytest.raises(CreditError, match="rising"):
        workout_losses([1.0], 0.05, Flows([1.0], [1.0], [0, 2]), NONE)
    with pytest.raises(CreditError, match="rows"):
        workout_losses([1.0, 2.0], 0.05, NONE, NONE)


def test_recovered_share_without_censoring_is_the_plain_share() -> None:
    flows = Flows([30.0, 20.0, 50.0], [1.0, 3.0, 2.0], [0, 2, 3])
    found = recovered_share([100.0, 100.0], [math.inf, math.inf], flows)
    assert found.share == pytest.approx([0.15, 0.4, 0.5], rel=1e-12)
    assert found.watched_yuan.tolist() == [200.0, 170.0, 120.0]


def slow_share(
    exposure: list[float], watched: list[float], loans: list[list[tuple[float, float]]]
) -> dict[float, float]:
    """The same, loop by loop."""
    left, out = 1.0, {}
    for t in sorted({when for loan in loans for _, when in loan}):
        at_risk = sum(
            e - sum(amount for amount, when in loan if when < t)
            for e, w, loan in zip(exposure, watched, loans, strict=True) if w >= t
        )  # fmt: skip
        left *= 1.0 - sum(a for loan in loans for a, when in loan if when == t) / at_risk
        out[t] = 1.0 - left
    return out


def test_recovered_share_by_the_slow_twin() -> None:
    rng = np.random.default_rng(11)
    exposure, watched, loans = [], [], []
    for _ in range(40):
        exposure.append(float(rng.uniform(50.0, 150.0)))
        watched.append(float(rng.choice([1.0, 2.0, 3.0, math.inf])))
        when = np.sort(rng.choice([0.5, 1.0, 1.5, 2.0, 2.5, 3.0], size=3, replace=False))
        loans.append([(float(rng.uniform(0.0, 16.0)), float(t)) for t in when if t <= watched[-1]])
    flat = [pair for loan in loans for pair in loan]
    starts = np.cumsum([0, *(len(loan) for loan in loans)])
    found = recovered_share(
        exposure, watched, Flows([a for a, _ in flat], [t for _, t in flat], starts)
    )
    expected = slow_share(exposure, watched, loans)
    assert dict(zip(found.years.tolist(), found.share.tolist(), strict=True)) == pytest.approx(
        expected, rel=1e-11
    )


def test_open_workouts_are_no_losses() -> None:
    """60 % comes back at a constant rate; half the loans are watched for a year only."""
    rng = np.random.default_rng(5)
    n = 4000
    comes, when = rng.random(n) < 0.6, rng.exponential(1.0, n)
    watched = np.where(np.arange(n) % 2 == 0, 1.0, 8.0)
    seen = comes & (when <= watched)
    starts = np.concatenate([[0], np.cumsum(seen)])
    flows = Flows(np.full(seen.sum(), 100.0), when[seen], starts)
    found = recovered_share(np.full(n, 100.0), watched, flows)
    assert abs(found.share[-1] - 0.6) < 3.5 * math.sqrt(0.24 / (n / 2))
    naive = 100.0 * seen.sum() / (100.0 * n)
    assert naive < 0.52


def test_recovered_share_refuses_contradictions() -> None:
    one = Flows([40.0], [1.0], [0, 1])
    cases = [
        (([100.0], [0.5], one), "beyond the time watched"),
        (([30.0], [2.0], one), "more came back"),
        (([0.0], [2.0], one), "exposures must be"),
        (([100.0], [math.nan], one), "exposures must be"),
        (([100.0], [2.0], Flows([-1.0], [1.0], [0, 1])), "negative or missing"),
        (([100.0, 100.0], [2.0, 2.0], one), "different loans"),
    ]
    for case, said in cases:
        with pytest.raises(CreditError, match=said):
            recovered_share(*case)


def test_run_off() -> None:
    no = math.nan
    found = run_off([[10.0, 15.0, 18.0], [20.0, 30.0, no], [40.0, no, no]])
    assert found.factors == pytest.approx([45.0 / 30.0, 18.0 / 15.0])
    assert found.final == pytest.approx([18.0, 36.0, 72.0])
    assert found.developed == pytest.approx([1.0, 1.0 / 1.2, 1.0 / 1.8])


def test_run_off_finds_the_pattern_that_made_the_triangle() -> None:
    pattern, size = np.array([0.2, 0.5, 0.8, 1.0]), np.array([100.0, 250.0, 80.0, 300.0])
    whole = np.outer(size, pattern)
    triangle = np.where(np.add.outer(np.arange(4), np.arange(4)) < 4, whole, math.nan)
    assert run_off(triangle).final == pytest.approx(size, rel=1e-12)


@pytest.mark.parametrize(
    ("triangle", "said"),
    [
        ([[1.0, math.nan, 2.0]], "gaps"),
        ([[math.nan, 1.0]], "gaps"),
        ([[2.0, 1.0]], "fall"),
        ([[-1.0, 1.0]], "negative"),
        ([[0.0, 1.0]], "measure its growth"),
        ([[1.0, math.inf]], "gaps"),
    ],
)
def test_run_off_refuses(triangle: list[list[float]], said: str) -> None:
    with pytest.raises(CreditError, match=said):
        run_off(triangle)
