"""Standing trees, orchards and lists of payments against exact fractions."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.kernels.discount import annuity_factor
from riskengine.kernels.forestry import (
    harvest_present_value,
    market_stumpage,
    permit_factor,
    stumpage_value,
    years_ahead,
    young_replacement_cost,
)
from riskengine.kernels.orchard import (
    alternate_year_value,
    fruit_present_value,
    full_bearing_value,
)
from riskengine.kernels.payments import accumulated_value, dated_value, stream_value
from riskengine.kernels.stand import (
    bounded_quality,
    fruit_quality,
    grown_quality,
    survival_coefficient,
    young_quality,
)
from tests.reference import twin_forestry as twin

REL = 1e-11
MONEY = st.floats(-1e4, 1e4).map(lambda x: round(x, 2))
COST = st.floats(0.0, 1e4).map(lambda x: round(x, 2))
RATE = st.floats(0.0, 0.2).map(lambda x: round(x, 4))
SHARE = st.floats(0.0, 1.0).map(lambda x: round(x, 3))
NONE = np.empty(0)


def close(found: float, expected: object, scale: float = 1.0) -> None:
    assert found == pytest.approx(float(expected), rel=REL, abs=REL * scale)


@given(st.lists(MONEY, max_size=30), RATE)
def test_streams_are_their_payments(amounts: list[float], rate: float) -> None:
    column, scale = np.array(amounts), 1.0 + sum(map(abs, amounts))
    arrears = twin.present(enumerate(amounts, 1), rate)
    close(stream_value(column, rate, 0.0), arrears, scale)
    close(stream_value(column, rate, 1.0), twin.present(enumerate(amounts), rate), scale)
    years = np.arange(1.0, len(amounts) + 1)
    close(dated_value(years, column, rate), arrears, scale)
    grown = arrears * (1 + twin.exact(rate)) ** len(amounts)
    close(accumulated_value(column, rate, 0.0), grown, scale * (1 + rate) ** 30)


@given(
    COST, st.lists(st.tuples(SHARE, COST), min_size=1, max_size=4), COST, COST, COST, SHARE, SHARE,
    st.sampled_from([0, 1, 2, 3, 4]),
)  # fmt: skip
def test_stumpage_is_its_twin(volume, assortments, direct, other, fee, tax, profit, base) -> None:
    shares, prices = (np.array(column) for column in zip(*assortments, strict=True))
    found = stumpage_value(volume, shares, prices, direct, other, fee, tax, profit, base)
    expected = twin.stumpage(volume, assortments, direct, other, fee, tax, profit, base)
    scale = 1.0 + sum(map(abs, expected))
    for a, b in zip(found, expected, strict=True):
        close(a, b, scale)


@given(COST, SHARE, COST, COST, SHARE)
def test_the_base_of_profit_orders_stumpage(volume, share, price, cost, profit) -> None:
    one = np.array([share]), np.array([price])
    value = [
        stumpage_value(volume, *one, cost, 0.5 * cost, 3.0, 0.05, profit, base)[3]
        for base in (2, 1, 3, 0)
    ]
    scale = 1.0 + sum(map(abs, value))
    assert all(a >= b - REL * scale for a, b in pairwise(value))


@given(
    COST, st.integers(15, 40), st.lists(st.tuples(st.integers(5, 45), MONEY), max_size=3), COST,
    st.integers(1, 45), SHARE, RATE, st.booleans(), st.integers(0, 4), SHARE,
)  # fmt: skip
def test_harvest_is_its_payments(
    income, felling, thinnings, yearly, age, quality, rate, in_progress, delay, chance
) -> None:
    ages = np.array([float(a) for a, _ in thinnings])
    amounts = np.array([d for _, d in thinnings])
    incomes, costs, value = harvest_present_value(
        income, float(felling), ages, amounts, yearly, NONE, float(age), quality, rate,
        in_progress, float(delay), chance,
    )  # fmt: skip
    expected = twin.harvest(
        income, felling, thinnings, yearly, age, quality, rate, in_progress, delay, chance
    )
    scale = 1.0 + income + sum(abs(d) for d in amounts) + 50.0 * yearly
    close(incomes, expected[0], scale)
    close(costs, expected[1], scale)
    close(value, expected[0] - expected[1], scale)


def test_a_thinning_due_now_counts_and_one_at_the_felling_does_not() -> None:
    def incomes(thinning_age: float) -> float:
        return harvest_present_value(
            0.0, 26.0, np.array([thinning_age]), np.array([100.0]), 0.0, NONE, 16.0, 1.0, 0.0,
            False, 0.0, 1.0,
        )[0]  # fmt: skip

    assert [incomes(age) for age in (15.9, 16.0, 25.9, 26.0)] == [0.0, 100.0, 100.0, 0.0]


@given(COST, st.floats(0.1, 2.0), RATE, st.booleans())
def test_quality_never_multiplies_costs(income, quality, rate, in_progress) -> None:
    def costs(k: float) -> float:
        return harvest_present_value(
            income, 26.0, NONE, NONE, 53.0, np.array([9.0, 9.0]), 14.0, k, rate, in_progress,
            0.0, 1.0,
        )[1]  # fmt: skip

    assert costs(quality) == costs(1.0)
    close(costs(1.0), 53.0 * annuity_factor(rate, 12.0) + 9.0 * annuity_factor(rate, 2.0))


@given(COST, RATE, st.floats(0.0, 10.0), SHARE)
def test_a_permit_that_waits_takes_value(income, rate, delay, chance) -> None:
    def incomes(wait: float, probability: float) -> float:
        return harvest_present_value(
            income, 26.0, NONE, NONE, 0.0, NONE, 20.0, 1.0, rate, False, wait, probability
        )[0]

    close(incomes(delay, chance), permit_factor(rate, delay, chance) * incomes(0.0, 1.0), income)
    assert incomes(delay, chance) <= incomes(0.0, 1.0) * (1 + REL)


def test_conventions_of_age_meet_and_never_turn_negative() -> None:
    assert years_ahead(30.0, 26.0, True) == 0.0
    assert years_ahead(26.0, 26.0, True) == 1.0
    assert years_ahead(26.0, 26.0, False) == 0.0
    felled = harvest_present_value(
        100.0, 26.0, NONE, NONE, 5.0, NONE, 30.0, 1.0, 0.06, False, 0.0, 1.0
    )
    assert felled == (100.0, 0.0, 100.0)


@given(st.lists(COST, min_size=1, max_size=10), RATE, SHARE)
def test_replacement_cost_is_the_sum_of_the_books(costs, rate, quality) -> None:
    n = len(costs)
    growth = 1 + twin.exact(rate)
    expected = sum(twin.exact(c) * growth ** (n - i + 1) for i, c in enumerate(costs, 1))
    found = young_replacement_cost(np.array(costs), rate, quality)
    close(found, twin.exact(quality) * expected, 1.0 + sum(costs))


@given(st.lists(MONEY, max_size=6), MONEY, st.integers(0, 40), RATE, SHARE, COST)
def test_orchard_is_its_payments(early, full, years, rate, quality, salvage) -> None:
    crops = [*early, *([full] * years)]
    expected = twin.exact(quality) * twin.present(enumerate(crops, 1), rate)
    expected += twin.present([(len(crops), salvage)], rate)
    found = fruit_present_value(np.array(early), full, float(years), rate, quality, salvage)
    scale = 1.0 + sum(map(abs, crops)) + salvage
    close(found, expected, scale)
    if not early and years:
        age = 80.0 - years
        close(full_bearing_value(full, age, 80.0, rate, quality, salvage, False), found, scale)
        shifted = full_bearing_value(full, age + 1.0, 80.0, rate, quality, salvage, True)
        close(shifted, found, scale)


@given(MONEY, MONEY, RATE, st.integers(0, 61))
def test_bamboo_is_its_crops_by_turns(first, second, rate, years) -> None:
    crops = [(t, first if t % 2 else second) for t in range(1, years + 1)]
    found = alternate_year_value(first, second, rate, float(years))
    close(found, twin.present(crops, rate), 1.0 + 60.0 * (abs(first) + abs(second)))


@given(COST, COST, st.floats(0.001, 0.2), st.floats(0.0, 60.0))
def test_bamboo_grows_with_its_term_and_equal_crops_are_an_annuity(a, b, rate, years) -> None:
    value = alternate_year_value(a, b, rate, years)
    scale = 1.0 + 60.0 * (a + b)
    assert alternate_year_value(a, b, rate, years + 0.5) >= value - REL * scale
    close(alternate_year_value(a, a, rate, years), a * annuity_factor(rate, years), scale)
    perpetual = alternate_year_value(a, b, rate, math.inf)
    assert perpetual >= value - REL * scale
    average = 0.5 * (a + b) * annuity_factor(rate, math.inf)
    assert (perpetual >= average * (1 - REL)) == (a >= b) or math.isclose(a, b, rel_tol=1e-9)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_survival_never_lowers_quality(low, high) -> None:
    low, high = sorted((low, high))
    for required, failed, scale in ((0.85, 0.4, 1.0), (0.8, 0.0, 0.8), (0.85, 0.4, 0.85)):
        first, second = (survival_coefficient(s, required, failed, scale) for s in (low, high))
        assert 0.0 <= first <= second <= 1.0


def test_regional_styles_of_survival() -> None:
    assert survival_coefficient(0.85, 0.85, 0.4, 1.0) == 1.0
    assert survival_coefficient(0.84, 0.85, 0.4, 1.0) == 0.84
    assert survival_coefficient(0.4, 0.85, 0.4, 1.0) == 0.4
    assert survival_coefficient(0.399, 0.85, 0.4, 1.0) == 0.0
    assert survival_coefficient(0.6, 0.8, 0.0, 0.8) == pytest.approx(0.75, rel=REL)
    assert math.isnan(survival_coefficient(math.nan, 0.8, 0.0, 0.8))


def test_quality_is_a_product_of_ratios_within_bounds() -> None:
    assert young_quality(0.9, 2.1, 2.0) == pytest.approx(0.945, rel=REL)
    assert grown_quality(12.0, 10.0, 14.0, 16.0) == pytest.approx(1.05, rel=REL)
    assert fruit_quality(1.2, 0.9, 1.0, 1.0, 1.0) == pytest.approx(0.9, rel=REL)
    assert fruit_quality(1.2, 0.9, 1.0, 1.0, math.inf) == pytest.approx(1.08, rel=REL)
    assert bounded_quality(0.3, 0.5, 1.5, False) == 0.5
    assert bounded_quality(0.3, 0.5, 1.5, True) == 0.3
    assert math.isnan(bounded_quality(math.nan, 0.5, 1.5, False))


@given(COST, COST, SHARE, SHARE, st.floats(0.1, 0.9))
def test_splitting_a_stand_changes_nothing(volume, price, quality, index, part) -> None:
    whole = market_stumpage(volume, price, quality, index)
    parts = market_stumpage(part * volume, price, quality, index)
    parts += market_stumpage((1.0 - part) * volume, price, quality, index)
    close(parts, whole)
