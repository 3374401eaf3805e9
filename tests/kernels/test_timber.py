"""Timber per mu: sourced items, the general formulas, and what must hold."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from riskengine.kernels.bearing import bearing_factor
from riskengine.kernels.felling import finite_land_value
from riskengine.kernels.forest import felled_volume
from riskengine.kernels.forestry import young_replacement_cost
from riskengine.kernels.orchard import full_bearing_value
from riskengine.kernels.timber import (
    best_rotation,
    growth_ratio,
    planted_cost,
    quota_factor,
    rotation_value,
    woodland_value,
)

REL = 1e-9
SIMPLE_PLANS = 0.95
"""What a few plans of fellings reach of the best of all."""
PLAN = {
    "felling": 4900.0, "rotation": 26.0, "maturity": 18.0, "ripe_share": 0.5, "delay": 0.5,
    "planted": 564.0, "yearly": 10.0, "rate": 0.065, "hazard": 0.005,
}  # fmt: skip


def test_young_stand_of_the_examination() -> None:  # FO-02: 20 ha, K 1.05
    assert 20 * 1.05 * planted_cost(5000.0, 2000.0, 3.0, 0.0, 0.1, 2.0) == pytest.approx(
        173250.0, abs=0.5
    )


def test_chestnut_of_the_examination() -> None:  # FO-09: 5 ha of 5 years, tending of two rates
    first = planted_cost(16600.0, 3600.0, 3.0, 600.0, 0.1, 5.0)
    later = sum(3000.0 * 1.1 ** (5 - year + 1) for year in (4, 5))
    assert 5 * (3.3 / 3.5) * (3.0 / 3.1) * (first + later) == pytest.approx(217873.87, abs=0.02)


@pytest.mark.parametrize("age", [1.0, 2.0, 3.0, 7.0])
def test_planted_cost_is_the_general_sum(age) -> None:
    costs = [700.0 + 40.0, *[200.0 + 40.0] * 2, *[40.0] * 10][: int(age)]
    general = young_replacement_cost(np.array(costs), 0.065, 1.0)
    assert planted_cost(700.0, 200.0, 3.0, 40.0, 0.065, age) == pytest.approx(general, rel=REL)


def test_land_of_the_forest_examination() -> None:  # FO-05 without its thinnings
    single = rotation_value(30.0, 30000.0, 30.0, 20.0, 1.0, 0.0, 1000.0, 300.0, 0.06, 0.0)
    npv = 30000 / 1.06**30 - 1000 - 300 * (1 - 1.06**-30) / 0.06
    assert single == pytest.approx(npv, rel=REL)
    endless = woodland_value(math.inf, 0.0, 30000.0, 30.0, 20.0, 1.0, 0.0, 1000.0, 300.0, 0.06, 0.0)
    assert endless == pytest.approx(npv / (1 - 1.06**-30), rel=REL)
    thinned = 1000 * 1.06**10 + 2000 * 1.06**5  # both in money of the felling
    assert endless + thinned / (1.06**30 - 1) == pytest.approx(1055.4, abs=0.05)


@given(st.floats(1.0, 60.0), st.floats(1.0, 120.0), st.floats(1.0, 120.0), st.floats(1.0, 120.0))
def test_growth_passes_through_any_point(maturity, first, second, third) -> None:
    whole = growth_ratio(maturity, first, second) * growth_ratio(maturity, second, third)
    assert whole == pytest.approx(growth_ratio(maturity, first, third), rel=1e-9)


def test_mean_growth_is_largest_at_the_maturity_age() -> None:
    ages = np.arange(1.0, 80.0, 0.5)
    mean = np.array([growth_ratio(18.0, 26.0, age) / age for age in ages])
    assert ages[mean.argmax()] == 18.0
    assert growth_ratio(18.0, 26.0, 0.0) == 0.0


def test_a_known_volume_scales_the_curve_within_its_limit() -> None:
    table = (math.nan, math.nan, 12.0, 26.0, 18.0)
    known, quality = felled_volume(3.0, *table, 10.0, 26.0, 1.5)
    assert known == pytest.approx(3.0 * growth_ratio(18.0, 10.0, 26.0), rel=REL)
    assert known == pytest.approx(12.0 * quality, rel=REL)
    thick, capped = felled_volume(30.0, *table, 10.0, 26.0, 1.5)
    assert (thick, capped) == (18.0, 1.5)
    thin, low = felled_volume(0.2, *table, 10.0, 26.0, 1.5)
    assert low < 0.1 and thin == pytest.approx(12.0 * low, rel=REL)
    own, _ = felled_volume(3.0, 4.0, math.nan, 12.0, 26.0, 18.0, 10.0, 26.0, 1.5)
    assert own == pytest.approx(3.0 * growth_ratio(18.0, 10.0, 26.0), rel=REL)
    told, _ = felled_volume(math.nan, math.nan, 15.0, 12.0, 26.0, 18.0, 10.0, 26.0, 1.5)
    assert told == 15.0


@given(st.floats(0.05, 1.0), st.floats(0.01, 0.2), st.floats(0.0, 40.0))
def test_quota_factor_is_the_sum_of_its_years(share, force, years) -> None:
    left, slow, year = 1.0, 0.0, 0
    while left > 1e-9 and year <= years:
        part = min(share, left)
        slow += part * math.exp(-force * year)
        left, year = left - part, year + 1
    assert quota_factor(share, force, years) == pytest.approx(slow, rel=1e-7)


def test_best_rotation_is_the_best_of_all_ages() -> None:
    for felling in (2500.0, 4900.0, 9000.0):
        plan = {**PLAN, "felling": felling}
        length, endless = best_rotation(False, **plan)
        scan = {
            26.5 - k: rotation_value(26.5 - k, **plan) / (1 - 1.065 ** -(26.5 - k))
            for k in range(14)
        }
        top = max(scan, key=scan.__getitem__)
        if scan[top] > 0.0:
            assert (length, endless) == (pytest.approx(top), pytest.approx(scan[top], rel=REL))
        else:
            assert endless <= 0.0


@given(
    st.floats(0.0, 120.0), st.floats(0.0, 10.0), st.floats(1000.0, 12000.0), st.floats(0.03, 0.12),
    st.floats(0.0, 900.0),
)  # fmt: skip
@example(104.924, 4.65, 2692.404, 0.0742884, 374.0805)  # equal part-year rotations beat the best
def test_longer_terms_are_never_worth_less(years, more, felling, rate, planting) -> None:
    plan = {**PLAN, "felling": felling, "rate": rate, "planted": planting}
    short, long = (woodland_value(term, planting, **plan) for term in (years, years + more))
    assert long >= short * (1 - 1e-9) - 1e-9
    assert long <= woodland_value(math.inf, planting, **plan) * (1 + 1e-9)


def test_a_truncated_term_is_worth_no_more_than_the_best_plan_of_fellings() -> None:
    plan = {**PLAN, "delay": 0.0, "planted": 200.0, "hazard": 0.0}
    ages = np.arange(13.0, 27.0)
    harvests = np.array([4900.0 * growth_ratio(18.0, 26.0, age) for age in ages])
    planting = np.array([-200.0])
    for term in (10.0, 20.0, 31.0, 45.0, 70.0):
        ours = woodland_value(term, 0.0, **plan)
        best, _ = finite_land_value(
            ages, harvests, np.zeros(1), planting, -10.0, np.empty(0), 0.065, term
        )
        assert ours <= best * (1 + 1e-9) + 1e-9 or term > 26.0
        assert ours >= SIMPLE_PLANS * best - 1e-9


def test_land_that_does_not_pay_or_is_too_short_is_left_alone() -> None:
    assert woodland_value(50.0, 0.0, **{**PLAN, "felling": 500.0}) == 0.0
    assert woodland_value(12.0, 0.0, **PLAN) == 0.0
    assert woodland_value(0.0, 0.0, **PLAN) == 0.0


def test_full_bearing_of_the_examination() -> None:  # FO-04
    value = 100 * 5200.0 * bearing_factor(0.1, 5.0, 3.0, 5.0, 76.0)
    assert value == pytest.approx(5196283.28, abs=0.02)
    assert value == pytest.approx(
        full_bearing_value(520000.0, 5.0, 80.0, 0.1, 1.0, 0.0, True), rel=REL
    )


@given(st.floats(0.0, 20.0), st.floats(0.0, 60.0), st.floats(0.02, 0.15))
def test_rising_bearing_is_the_sum_of_its_years(age, years, rate) -> None:
    slow, year = 0.0, 0
    while year < years:
        at = age + year + 1
        share = 0.0 if at < 6.0 else min((at - 6.0 + 1) / (9.0 - 6.0 + 1), 1.0)
        part = min(1.0, years - year)
        begin, end = (1 - (1 + rate) ** -year) / rate, (1 - (1 + rate) ** -(year + part)) / rate
        slow += share * (end - begin)
        year += 1
    found = bearing_factor(rate, age, 6.0, 9.0, years)
    assert found == pytest.approx(slow, rel=1e-9, abs=1e-12)
    assert found <= (1 - (1 + rate) ** -years) / rate * (1 + REL) + 1e-12
