"""Loss given default: the notes' cases, properties, second routes."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from riskengine.kernels.beta import beta_parameters, beta_quantile
from riskengine.kernels.hazard import cloglog_hazard, monthly_rows, shorter_chance
from riskengine.kernels.normal import normal_quantile
from riskengine.kernels.recovery import (
    downturn_share,
    frye_jacobs,
    inflated_cdf,
    inflated_moments,
    inflated_quantile,
    workout_rows,
)
from riskengine.kernels.wrong_way import conditional_default_chance

HERMITE = np.polynomial.hermite_e.hermegauss(80)
SHARES, SHAPES = st.floats(0.01, 0.99), st.floats(0.2, 20.0)


def workouts(
    loans: list[list[float]], recoveries: list[list[tuple[float, float]]],
    costs: list[list[tuple[float, float]]],
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Ragged arrays of a few loans, through the kernel."""
    flat = []
    for flows in (recoveries, costs):
        every = np.array([pair for loan in flows for pair in loan], dtype=float).reshape(-1, 2)
        starts = np.cumsum([0, *(len(loan) for loan in flows)])
        flat += [every[:, 0].copy(), every[:, 1].copy(), starts]
    x = np.array(loans, dtype=float).T.copy()
    out, status = np.empty((3, len(loans))), np.empty(len(loans), dtype=np.int64)
    workout_rows(x, *flat, out, status)
    return out, status


def test_workout_of_the_notes() -> None:
    """LGD-WORKOUT-01; the first figure is printed to 1e-9, so half of that is all it can show."""
    came, went = [(300.0, 0.5), (250.0, 1.25), (150.0, 2.0)], [(40.0, 0.5), (30.0, 1.25)]
    out, status = workouts([[1000.0, 0.0, 0.08]], [came], [went])
    assert status.tolist() == [0]
    assert out[0, 0] == pytest.approx(644.346247484, rel=0.0, abs=5e-10)
    assert out[1:, 0] == pytest.approx((65.7384527273, 0.421392205243), rel=0.0, abs=1e-10)


def test_workouts_are_not_clipped_before_they_are_averaged() -> None:
    """Clipped to [0, 1] first, as published practice does, the mean loss is too high here."""
    out, _ = workouts([[100.0, 0.0, 0.0]] * 2, [[(120.0, 1.0)], [(20.0, 1.0)]], [[], []])
    assert out[2].tolist() == pytest.approx([-0.2, 0.8])
    assert out[2].mean() == pytest.approx(0.3)
    assert np.clip(out[2], 0.0, 1.0).mean() == pytest.approx(0.4)


def test_lender_and_guarantor_have_two_losses() -> None:
    """The guarantor pays 80 after half a year and recovers 30 a year later."""
    out, status = workouts(
        [[100.0, 0.0, 0.05], [80.0, 0.5, 0.05]],
        [[(80.0, 0.5), (5.0, 1.5)], [(30.0, 1.5)]],
        [[], [(2.0, 1.0)]],
    )
    lender = 1.0 - (80.0 * 1.05**-0.5 + 5.0 * 1.05**-1.5) / 100.0
    guarantor = 1.0 - (30.0 / 1.05 - 2.0 * 1.05**-0.5) / 80.0
    assert status.tolist() == [0, 0]
    assert out[2] == pytest.approx([lender, guarantor], rel=1e-12)


def test_bad_workouts_are_marked() -> None:
    none: list[tuple[float, float]] = []
    out, status = workouts(
        [[0.0, 0.0, 0.05], [math.nan, 0.0, 0.05], [100.0, 0.0, -1.0], [100.0, 0.0, 0.05],
         [100.0, 0.0, 0.05], [100.0, 0.0, 0.05]],
        [none, none, none, [(math.nan, 1.0)], [(10.0, math.nan)], none],
        [none] * 6,
    )  # fmt: skip
    assert status.tolist() == [2, 1, 2, 1, 1, 0]
    assert np.isnan(out[:, :5]).all()
    assert out[2, 5] == 1.0


def test_frye_jacobs_of_the_notes() -> None:
    """LGD-FJ-01; published as 0.3197."""
    assert frye_jacobs(0.05, 0.08, 0.4, 0.2) == pytest.approx(0.319739687195, abs=1e-10)


@given(st.floats(0.001, 0.3), st.floats(0.05, 0.95), st.floats(0.01, 0.5))
def test_frye_jacobs_keeps_the_expected_loss(chance: float, share: float, rho: float) -> None:
    """E[cPD cLGD] over the states is PD LGD; with LGD rising with the default rate."""
    z, weights = HERMITE
    threshold = normal_quantile(chance)
    rates = np.array([conditional_default_chance(threshold, math.sqrt(rho) * s, rho) for s in z])
    usable = rates > 1e-280
    losses = np.array([r * frye_jacobs(r, chance, share, rho) for r in rates[usable]])
    found = weights[usable] @ losses / weights.sum()
    assert found == pytest.approx(chance * share, rel=2e-4)
    low, high = (
        frye_jacobs(chance, chance, share, rho),
        frye_jacobs(min(2.0 * chance, 1.0), chance, share, rho),
    )
    assert high >= low


def test_frye_jacobs_limits() -> None:
    assert frye_jacobs(0.1, 0.05, 0.0, 0.2) == 0.0
    assert frye_jacobs(0.1, 0.05, 1.0, 0.2) == pytest.approx(1.0, rel=1e-14)
    assert frye_jacobs(1.0, 0.05, 0.4, 0.2) == 1.0
    bad = [
        (0.0, 0.05, 0.4, 0.2),
        (0.1, 0.0, 0.4, 0.2),
        (0.1, 1.0, 0.4, 0.2),
        (0.1, 0.05, 1.1, 0.2),
        (0.1, 0.05, 0.4, 1.0),
        (math.nan, 0.05, 0.4, 0.2),
    ]
    assert all(math.isnan(frye_jacobs(*case)) for case in bad)


def test_downturn_of_the_notes() -> None:
    """LGD-DT-01."""
    found = [downturn_share(lgd, 0.08) for lgd in (0.1, 0.4, 0.45)]
    assert found == pytest.approx([0.172, 0.448, 0.494], abs=1e-12)
    assert downturn_share(1.0, 0.08) == 1.0


def test_beta_of_the_notes() -> None:
    """LGD-BETA-01."""
    a, b = beta_parameters(0.5113, 0.2545)
    assert (a, b) == pytest.approx((1.4612060827, 1.39661923062), abs=1e-8)
    assert beta_quantile(0.95, a, b) == pytest.approx(0.9151403886, abs=1e-8)
    assert stats.beta(a, b).std() == pytest.approx(0.2545, rel=1e-12)
    assert math.isnan(beta_parameters(0.5, 0.5)[0])


@given(st.floats(0.0, 0.5), st.floats(0.0, 0.5), SHAPES, SHAPES, SHARES)
@example(0.0, 0.0, 0.984375, 0.203125, 0.99)  # steeper near 1 than floating-point numbers are dense
def test_inflated_beta(none: float, whole: float, a: float, b: float, p: float) -> None:
    law = stats.beta(a, b)
    between = 1.0 - none - whole
    mean, deviation = inflated_moments(none, whole, a, b)
    assert mean == pytest.approx(whole + between * law.mean(), rel=1e-12)
    square = whole + between * (law.var() + law.mean() ** 2)
    assert deviation**2 == pytest.approx(square - mean**2, rel=1e-9, abs=1e-13)
    assert inflated_cdf(p, none, whole, a, b) == pytest.approx(
        none + between * law.cdf(p), rel=1e-11
    )
    x = inflated_quantile(p, none, whole, a, b)
    assert inflated_cdf(math.nextafter(x, 2.0), none, whole, a, b) >= p - 1e-9
    assert inflated_cdf(x - 1e-6, none, whole, a, b) <= p + 1e-9 or x == 0.0


def test_inflated_beta_at_its_ends() -> None:
    assert inflated_cdf(-0.1, 0.3, 0.2, 2.0, 2.0) == 0.0
    assert inflated_cdf(0.0, 0.3, 0.2, 2.0, 2.0) == 0.3
    assert inflated_cdf(1.0, 0.3, 0.2, 2.0, 2.0) == 1.0
    assert inflated_quantile(0.7, 0.5, 0.5, 2.0, 2.0) == 1.0
    assert math.isnan(inflated_quantile(1.5, 0.3, 0.2, 2.0, 2.0))


@given(st.floats(1e-12, 0.999), st.floats(0.01, 24.0))
def test_chances_of_parts_of_a_period(chance: float, part: float) -> None:
    whole = shorter_chance(shorter_chance(chance, part), 1.0 / part)
    if shorter_chance(chance, part) < 0.999:
        assert whole == pytest.approx(chance, rel=1e-9)
    assert shorter_chance(1.0, part) == 1.0
    assert shorter_chance(chance, 0.0) == shorter_chance(0.0, part) == 0.0


def test_monthly_hazards_by_hand() -> None:
    linear = np.array([-5.0, -4.0, -3.0, -6.0, -2.0])
    exposure, starts = np.array([1.0, 1.0, 0.5, 1.0, math.nan]), np.array([0, 3, 5])
    cumulative, marginal = np.empty(5), np.empty(5)
    monthly_rows(
        linear, exposure, starts, np.array([2, -1]), np.array([0.1, 0.0]), cumulative, marginal
    )
    alive, expected = 1.0, []
    for eta, part, mass in zip(linear[:3], exposure[:3], (0.0, 0.0, 0.1), strict=True):
        hazard = 1.0 - (1.0 - cloglog_hazard(eta, part)) * (1.0 - mass)
        expected.append(alive * hazard)
        alive *= 1.0 - hazard
    assert marginal[:3] == pytest.approx(expected, rel=1e-13)
    assert cumulative[:3] == pytest.approx(np.cumsum(expected), rel=1e-13)
    assert cumulative[3] == pytest.approx(cloglog_hazard(-6.0, 1.0)) and np.isnan(cumulative[4])
