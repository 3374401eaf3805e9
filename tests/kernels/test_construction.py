"""Collective against state land, banded levies, floor prices."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.kernels import construction, land_price
from tests.reference import construction as slow
from tests.reference.plain import assert_same_in_plain_python
from tests.reference.ranges import MONEY, SHARES

VALUE = 1e-9
"""Relative tolerance of an amount."""

RATIOS = np.array([0.5, 1.0, 2.0])
RATES = np.array([0.3, 0.4, 0.5, 0.6])
BANDS = st.lists(st.floats(0.1, 3.0), min_size=0, max_size=4).map(sorted)


@given(MONEY, BANDS, st.data())
def test_bands_are_slice_after_slice(amount, widths, data):
    bounds = np.cumsum(np.array(widths)) * 1e5
    rates = np.array(
        data.draw(st.lists(SHARES, min_size=bounds.size + 1, max_size=bounds.size + 1))
    )
    assert construction.banded_amount(amount, bounds, rates) == pytest.approx(
        slow.banded_amount(amount, bounds, rates), rel=VALUE
    )


@given(MONEY, MONEY)
def test_land_appreciation_tax_is_its_printed_form(price, deductions):
    """Top rate on all the gain less quick deductions of 0, 5, 15 and 35 % of deductions."""
    got = construction.progressive_levy(price, deductions, RATIOS, RATES)
    wanted = slow.progressive_levy(price, deductions, RATIOS, RATES)
    assert got == pytest.approx(wanted, rel=VALUE, abs=VALUE * (price + deductions))


@given(st.floats(1.0, 1e6), st.sampled_from([0.5, 1.0, 2.0]))
def test_the_levy_does_not_jump_between_bands(deductions, ratio):
    at, above = (
        construction.progressive_levy(deductions * (1.0 + ratio) + more, deductions, RATIOS, RATES)
        for more in (0.0, 1e-6 * deductions)
    )
    assert 0.0 <= above - at <= 0.6 * 1e-6 * deductions * 1.01


@given(MONEY, MONEY, MONEY)
def test_a_higher_price_leaves_more_and_owes_more(price, deductions, more):
    low, high = (
        construction.progressive_levy(amount, deductions, RATIOS, RATES)
        for amount in (price, price + more)
    )
    slack = VALUE * (price + more + deductions)
    assert low <= high + slack
    assert high - low <= 0.6 * more + slack
    assert 0.0 <= low <= 0.6 * max(price - deductions, 0.0) + slack


@given(MONEY, MONEY, SHARES)
def test_one_band_is_the_levy(price, cost, rate):
    levy = construction.appreciation_levy(price, cost, rate)
    flat = construction.banded_amount(price - cost, np.empty(0), np.array([rate]))
    assert levy == pytest.approx(flat, rel=VALUE, abs=VALUE)
    assert land_price.net_of_levy(price, cost, rate, 0.0) == pytest.approx(
        price - levy, rel=VALUE, abs=VALUE * price
    )


@given(st.floats(1.0, 1e5), st.floats(0.0, 0.6))
def test_a_gap_is_found_from_matched_prices(state_price, gap):
    collective = construction.collective_price(state_price, gap)
    difference = math.log(state_price) - math.log(collective)
    assert construction.gap_from_log_difference(difference) == pytest.approx(
        gap, rel=1e-7, abs=1e-12
    )


@given(st.floats(1.0, 1e5), st.floats(0.1, 9.0))
def test_floor_price_and_land_price_go_there_and_back(price, ratio):
    floor = construction.floor_price(price, ratio)
    assert land_price.unit_land_price(floor, ratio) == pytest.approx(price, rel=VALUE)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("collective_price", (500.0, 0.2)),
        ("gap_from_log_difference", (0.2,)),
        ("appreciation_levy", (100.0, 40.0, 0.3)),
        ("banded_amount", (150.0, np.array([100.0]), np.array([0.3, 0.4]))),
        ("progressive_levy", (260.0, 100.0, RATIOS, RATES)),
        ("progressive_levy", (260.0, 0.0, RATIOS, RATES)),
        ("floor_price", (900.0, 3.0)),
    ],
)
def test_compiled_equals_plain_python(name, arguments):
    assert_same_in_plain_python(getattr(construction, name), *arguments)
