"""Rent in instalments and net income against one payment after another."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.kernels import rent
from tests.reference import income as slow
from tests.reference.plain import assert_same_in_plain_python
from tests.reference.ranges import MONEY, RATES, SHARES

FACTOR = 1e-11
"""Relative tolerance of a factor."""


@given(RATES, st.integers(1, 12), st.floats(0.0, 1.0))
def test_instalments_are_payment_after_payment(rate, payments, advance):
    assert rent.instalment_factor(rate, float(payments), advance) == pytest.approx(
        slow.instalments_over_one_payment(rate, payments, advance), rel=FACTOR
    )


@given(RATES)
def test_yearly_rent_in_advance_and_mid_year(rate):
    assert rent.instalment_factor(rate, 1.0, 0.0) == pytest.approx(1.0, rel=FACTOR)
    assert rent.instalment_factor(rate, 1.0, 1.0) == pytest.approx(1.0 + rate, rel=FACTOR)
    assert rent.instalment_factor(rate, 1.0, 0.5) == pytest.approx(
        math.sqrt(1.0 + rate), rel=FACTOR
    )


def test_two_years_rent_at_once():
    """Two years' rent of 1 paid at the end of every second year, in years' ends: 2 against 1.1 + 1."""
    assert rent.instalment_factor(0.1, 0.5, 0.0) == pytest.approx(2.0 / 2.1, rel=FACTOR)
    assert rent.instalment_factor(0.1, 0.5, 1.0) == pytest.approx(2.0 * 1.21 / 2.1, rel=FACTOR)


@given(st.floats(0.001, 0.6), st.floats(0.5, 12.0), st.floats(0.0, 1.0), st.floats(0.0, 0.2))
def test_earlier_payment_is_worth_more(rate, payments, advance, more):
    base = rent.instalment_factor(rate, payments, advance)
    assert rent.instalment_factor(rate, payments, min(1.0, advance + more)) >= base * (1.0 - FACTOR)
    assert (1.0 - FACTOR) * rent.instalment_factor(rate, payments, 0.0) <= base
    assert base <= (1.0 + FACTOR) * rent.instalment_factor(rate, payments, 1.0)


@given(MONEY, SHARES, SHARES, MONEY, MONEY)
def test_net_rent_is_what_is_left(gross, vacancy, cost, other, fixed):
    received = gross - gross * vacancy
    wanted = received - received * cost + other - fixed
    scale = gross + other + fixed
    assert rent.net_rent(gross, vacancy, other, cost, fixed) == pytest.approx(
        wanted, rel=FACTOR, abs=FACTOR * scale
    )


@given(MONEY, MONEY, SHARES, SHARES)
def test_farm_income_is_what_is_left(gross, costs, management, profit):
    wanted = gross - gross * management - costs - costs * profit
    assert rent.farm_net_income(gross, costs, management, profit) == pytest.approx(
        wanted, rel=FACTOR, abs=FACTOR * (gross + costs)
    )


@given(st.lists(st.floats(-1e4, 1e4) | st.just(math.nan), max_size=8))
def test_olympic_mean_drops_the_extremes(values):
    got = rent.olympic_mean(np.array(values, dtype=np.float64))
    assert got == pytest.approx(slow.olympic_mean(values), rel=1e-9, abs=1e-8, nan_ok=True)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("instalment_factor", (0.08, 4.0, 1.0)),
        ("instalment_factor", (0.0, 4.0, 1.0)),
        ("net_rent", (1000.0, 0.2, 10.0, 0.25, 50.0)),
        ("farm_net_income", (2000.0, 1100.0, 0.03, 0.1)),
        ("olympic_mean", (np.array([300.0, 900.0, math.nan, 100.0, 400.0]),)),
        ("olympic_mean", (np.array([math.nan]),)),
    ],
)
def test_compiled_equals_plain_python(name, arguments):
    assert_same_in_plain_python(getattr(rent, name), *arguments)
