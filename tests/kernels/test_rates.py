"""Rates: parts, blends and conversions, and the ways back."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.kernels import discount, rates
from tests.reference.plain import assert_same_in_plain_python

RATE = 1e-10
"""Relative tolerance of a rate."""

PARTS = st.floats(0.0, 0.3)
VALUES = st.floats(1.0, 1e7)


@given(PARTS, PARTS, PARTS, PARTS, PARTS)
def test_parts_add_up(risk_free, risk, management, illiquidity, benefits):
    total = math.fsum([risk_free, risk, management, illiquidity, -benefits])
    got = rates.accumulated_rate(risk_free, risk, management, illiquidity, benefits)
    assert got == pytest.approx(total, rel=RATE, abs=1e-15)


@given(PARTS, PARTS)
def test_a_premium_as_a_share_is_a_premium(risk_free, share):
    assert rates.shared_premium_rate(risk_free, share) == pytest.approx(
        rates.accumulated_rate(risk_free, risk_free * share, 0.0, 0.0, 0.0), rel=RATE
    )


@given(VALUES, VALUES, PARTS, PARTS, PARTS)
def test_a_blend_earns_what_its_parts_earn(land, building, land_rate, building_rate, wear):
    rate = rates.blended_rate(land, building, land_rate, building_rate, wear)
    earned = land * land_rate + building * building_rate + building * wear
    assert rate * (land + building) == pytest.approx(earned, rel=RATE)
    assert min(land_rate, building_rate + wear) * (1 - RATE) <= rate
    assert rate <= max(land_rate, building_rate + wear) * (1 + RATE)


@given(VALUES, VALUES, PARTS, PARTS, PARTS)
def test_a_part_is_found_from_the_blend(land, building, land_rate, building_rate, wear):
    rate = rates.blended_rate(land, building, land_rate, building_rate, wear)
    found = rates.land_rate_from_blended(rate, land, building, building_rate, wear)
    assert found == pytest.approx(land_rate, rel=RATE, abs=1e-14 * (land + building) / land)
    other = rates.land_rate_from_blended(rate, building, land, land_rate, 0.0)
    assert other == pytest.approx(
        building_rate + wear, rel=RATE, abs=1e-14 * (land + building) / building
    )


@given(PARTS, PARTS, st.floats(1.0, 80.0))
def test_recapture_returns_the_asset_in_equal_shares(rate, tax, years):
    """Income at this rate pays interest and tax on what is left, and a share of the asset."""
    first_income = 100.0 * rates.rate_with_recapture(rate, tax, years)
    assert first_income - 100.0 * (rate + tax) == pytest.approx(100.0 / years, rel=1e-9)
    assert rates.rate_with_recapture(rate, tax, math.inf) == rate + tax


@given(st.floats(-0.2, 1.0), st.sampled_from([1.0, 2.0, 4.0, 12.0, 365.0]))
def test_nominal_and_effective_rates_are_inverse(rate, periods):
    nominal = periods * discount.periodic_rate(rate, periods)
    assert rates.effective_rate(nominal, periods) == pytest.approx(rate, rel=1e-9, abs=1e-14)
    factor = 1.0
    for _ in range(int(periods)):
        factor *= 1.0 + nominal / periods
    assert 1.0 + rates.effective_rate(nominal, periods) == pytest.approx(factor, rel=1e-9)


@given(st.floats(0.001, 0.3), st.floats(-0.05, 0.2), st.floats(0.5, 80.0))
def test_real_incomes_at_real_rates_are_worth_the_same(nominal, inflation, years):
    """Income that keeps up with prices: nominal at the nominal rate, level at the real one."""
    real = rates.real_rate(nominal, inflation)
    level = discount.annuity_factor(real, years)
    growing = discount.growing_annuity_factor(nominal, inflation, years) * (1.0 + inflation)
    assert growing == pytest.approx(level, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("accumulated_rate", (0.03, 0.03, 0.01, 0.015, 0.005)),
        ("shared_premium_rate", (0.05, 0.6)),
        ("blended_rate", (40.0, 60.0, 0.06, 0.08, 0.02)),
        ("land_rate_from_blended", (0.084, 40.0, 60.0, 0.08, 0.02)),
        ("rate_with_recapture", (0.06, 0.01, 20.0)),
        ("effective_rate", (0.09, 12.0)),
        ("real_rate", (0.071, 0.02)),
    ],
)
def test_compiled_equals_plain_python(name, arguments):
    assert_same_in_plain_python(getattr(rates, name), *arguments)
