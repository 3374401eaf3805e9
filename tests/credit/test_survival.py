"""Kaplan-Meier and Aalen-Johansen: the textbook case, statsmodels, bootstrap, properties."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from riskengine.credit.rows import CreditError
from riskengine.credit.survival import aalen_johansen, kaplan_meier

TIME = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
EVENT = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
LOANS = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 3)), min_size=2, max_size=60)


def test_freireich() -> None:
    """PD-KM-01."""
    rows = [
        [6, 21, 3, 0.8571428571, 0.07636035483], [7, 17, 1, 0.8067226891, 0.08693528518],
        [10, 15, 1, 0.7529411765, 0.09634965299], [13, 12, 1, 0.6901960784, 0.1068147078],
        [16, 11, 1, 0.6274509804, 0.1140538653], [22, 7, 1, 0.5378151261, 0.1282337517],
        [23, 6, 1, 0.4481792717, 0.1345914568],
    ]  # fmt: skip
    found = kaplan_meier(TIME, EVENT)
    table = np.column_stack(
        [found.time, found.at_risk, found.events, found.survival, found.standard_error]
    )
    assert table == pytest.approx(np.array(rows), abs=1e-8)


@given(LOANS)
@settings(max_examples=40)
def test_kaplan_meier_is_that_of_statsmodels(loans: list[tuple[int, int]]) -> None:
    time, event = np.array(loans).T
    event = (event > 0).astype(int)
    if not event.any():
        return
    found = kaplan_meier(time, event)
    with np.errstate(divide="ignore", invalid="ignore"):
        other = SurvfuncRight(time, event)
    assert found.time.tolist() == other.surv_times.tolist()
    assert found.survival == pytest.approx(other.surv_prob, abs=1e-12)
    alive = found.survival > 1e-12
    assert found.standard_error[alive] == pytest.approx(other.surv_prob_se[alive], abs=1e-12)


@given(LOANS)
@settings(max_examples=40)
def test_incidence_is_that_of_statsmodels(loans: list[tuple[int, int]]) -> None:
    time, cause = np.array(loans).T
    if not (cause > 0).any():
        return
    found = aalen_johansen(time, cause)
    assert found.incidence.sum(axis=0) + found.survival == pytest.approx(np.ones(found.time.size))
    assert found.survival == pytest.approx(kaplan_meier(time, cause > 0).survival, abs=1e-12)
    for row, one in enumerate(found.causes):
        alone = np.where(cause == one, 1, np.where(cause > 0, 2, 0))
        with np.errstate(divide="ignore", invalid="ignore"):
            other = CumIncidenceRight(time, alone)
        at = (
            np.searchsorted(found.time, other.times[other.times <= found.time[-1]], side="right")
            - 1
        )
        expected = np.asarray(other.cinc[0])[: at.size]
        assert found.incidence[row, at[at >= 0]] == pytest.approx(expected[at >= 0], abs=1e-12)


def test_without_competition_it_is_kaplan_meier() -> None:
    plain, competing = kaplan_meier(TIME, EVENT), aalen_johansen(TIME, EVENT)
    assert competing.incidence[0] == pytest.approx(1.0 - plain.survival, rel=1e-12)
    assert competing.standard_error[0] == pytest.approx(plain.standard_error, rel=1e-9)


def test_standard_error_of_the_incidence_by_bootstrap() -> None:
    rng = np.random.default_rng(8)
    default, leave, end = (
        rng.exponential(8.0, 300),
        rng.exponential(5.0, 300),
        rng.uniform(2.0, 8.0, 300),
    )
    time = np.minimum(np.minimum(default, leave), end)
    cause = np.where(default == time, 1, np.where(leave == time, 2, 0))
    found = aalen_johansen(time, cause)
    at = int(np.searchsorted(found.time, 4.0)) - 1
    drawn = []
    for _ in range(400):
        again = rng.integers(0, 300, 300)
        one = aalen_johansen(time[again], cause[again])
        drawn.append(one.incidence[0, np.searchsorted(one.time, 4.0) - 1])
    assert found.standard_error[0, at] == pytest.approx(np.std(drawn), rel=0.15)


def test_censoring_the_other_ends_overstates_default() -> None:
    """1 - Kaplan-Meier with renewals as censored: the usual mistake."""
    rng = np.random.default_rng(2)
    default, renewed = rng.exponential(10.0, 5000), rng.exponential(2.0, 5000)
    time = np.minimum(default, renewed)
    right = aalen_johansen(time, np.where(default < renewed, 1, 2)).incidence[0, -1]
    wrong = 1.0 - kaplan_meier(time, default < renewed).survival[-1]
    assert abs(right - 1.0 / 6.0) < 3.5 * math.sqrt(5.0 / 36.0 / 5000.0)
    assert wrong > 2.0 * right


def test_nothing_happened() -> None:
    assert kaplan_meier([1.0, 2.0], [0, 0]).time.size == 0
    assert aalen_johansen([1.0, 2.0], [0, 0]).causes == ()


@pytest.mark.parametrize(
    ("time", "event"),
    [
        ([], []),
        ([1.0], [1, 0]),
        ([-1.0], [1]),
        ([math.nan], [1]),
        ([1.0], [0.5]),
        ([1.0], [-1]),
        ([1.0], [math.nan]),
    ],
)
def test_refused(time: list[float], event: list[float]) -> None:
    with pytest.raises(CreditError):
        kaplan_meier(time, event)
