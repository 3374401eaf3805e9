"""Bare woodland: exact twins, identities, and how the best age moves."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import optimize

from riskengine.kernels.cubic_rotation import (
    best_cubic_age,
    cubic_volume,
    gain_of_waiting,
    planted_land_value,
)
from riskengine.kernels.discount import discount_factor
from riskengine.kernels.felling import (
    best_felling_age,
    finite_land_value,
    truncated_land_value,
)
from riskengine.kernels.lease import rate_with_hazard
from riskengine.kernels.rotation import (
    forest_value,
    land_expectation_value,
    perpetual_value,
    rotation_value,
)
from tests.reference import twin_forestry as twin

REL = 1e-10
AGES = np.arange(8.0, 41.0)
NONE = np.empty(0)
MONEY = st.floats(0.0, 5e4).map(lambda x: round(x, 2))
RATE = st.floats(0.01, 0.12).map(lambda x: round(x, 4))
FLOWS = st.lists(
    st.tuples(st.integers(0, 39), st.floats(-3e3, 3e3).map(lambda x: round(x, 2))), max_size=5
)
AMENITIES = st.lists(st.floats(0.0, 300.0).map(lambda x: round(x, 2)), max_size=45)


def columns(flows: list[tuple[int, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([float(t) for t, _ in flows]), np.array([f for _, f in flows])


def growth(scale: float = 600.0, speed: float = 0.09) -> np.ndarray:
    """Harvest income by age: a stand that grows as Richards said."""
    return scale * 90.0 * (-np.expm1(-speed * AGES)) ** 3


def best(scale=600.0, planting=6000.0, rate=0.05, amenity=0.0, criterion=0) -> float:
    amenities = amenity * np.arange(1.0, 61.0)
    return best_felling_age(
        AGES, growth(scale), np.zeros(1), np.array([-planting]), 0.0, amenities, rate, criterion
    )[0]


@given(MONEY, st.integers(5, 40), FLOWS, st.floats(-300.0, 300.0), AMENITIES, RATE)
def test_one_rotation_and_for_ever_are_their_payments(
    income, felling, flows, annual, amenities, rate
) -> None:
    years, amounts = columns(flows)
    arguments = income, float(felling), years, amounts, annual, np.array(amenities), rate
    scale = income + 40.0 * abs(annual) + sum(map(abs, amounts)) + sum(amenities) + 1.0
    one = rotation_value(*arguments)
    assert one == pytest.approx(
        float(twin.rotation(income, felling, flows, annual, amenities, rate)),
        rel=REL, abs=REL * scale,
    )  # fmt: skip
    value, rent = land_expectation_value(*arguments)
    expected = float(twin.faustmann(income, felling, flows, annual, amenities, rate))
    assert value == pytest.approx(expected, rel=REL, abs=REL * scale * 100)
    assert rent == pytest.approx(value * rate, rel=REL, abs=1e-300)
    factor = discount_factor(rate, float(felling))
    assert value == pytest.approx(one / (1.0 - factor), rel=REL, abs=1e-9)


def test_what_falls_on_the_felling_day_and_after() -> None:
    amenities, at = np.full(9, 1.0), np.array([0.0, 4.9, 5.0, 6.0])
    flows = np.array([10.0, 100.0, 1e3, 1e4])
    assert rotation_value(0.0, 5.0, NONE, NONE, 0.0, amenities, 0.0) == 5.0
    assert rotation_value(0.0, 5.5, NONE, NONE, 0.0, amenities, 0.0) == 5.0
    assert rotation_value(0.0, 5.0, at, flows, 0.0, NONE, 0.0) == 110.0
    forest, trees = forest_value(7.0, 5.0, at, flows, 0.0, 0.0, 4.9, 30.0, 20.0)
    assert forest == 127.0
    assert trees == 97.0


@given(MONEY, st.floats(5.0, 40.0), RATE)
def test_land_is_worth_one_rotation_and_the_land_after_it(one, felling, rate) -> None:
    value = perpetual_value(one, felling, rate)
    assert value == pytest.approx(one + value * discount_factor(rate, felling), rel=REL)


@given(MONEY, FLOWS, RATE, st.integers(5, 40))
def test_forest_at_planting_is_the_land_and_at_felling_the_harvest(
    income, flows, rate, felling
) -> None:
    years, amounts = columns(flows)
    terms = income, float(felling), years, amounts, -20.0
    land, _ = land_expectation_value(*terms, NONE, rate)
    forest, trees = forest_value(*terms, rate, 0.0, land, land)
    scale = income + sum(map(abs, amounts)) + abs(land) + 1.0
    assert forest == pytest.approx(land, rel=REL, abs=REL * scale)
    assert trees == pytest.approx(0.0, abs=1e-8 * scale)
    ripe, trees = forest_value(*terms, rate, float(felling), land, land)
    assert ripe == pytest.approx(income + land, rel=REL, abs=REL * scale)
    assert trees == pytest.approx(income, rel=REL, abs=1e-8 * scale)


@given(MONEY, RATE, st.integers(1, 38))
def test_forest_grows_by_its_interest_between_payments(income, rate, age) -> None:
    plant = np.zeros(1), np.array([-1000.0])
    land, _ = land_expectation_value(income, 40.0, *plant, 0.0, NONE, rate)
    now, _ = forest_value(income, 40.0, *plant, 0.0, rate, float(age), land, land)
    later, _ = forest_value(income, 40.0, *plant, 0.0, rate, age + 1.0, land, land)
    assert later == pytest.approx(now * (1.0 + rate), rel=REL)


SINGLES = st.dictionaries(
    st.integers(3, 25), st.floats(-500.0, 2e3).map(lambda x: round(x, 2)), min_size=1, max_size=6
)


def plan(singles: dict[int, float], rate: float, years: float) -> tuple[float, float]:
    """Best plan when the values of single rotations are given: harvests that bring them about."""
    ages = np.array(sorted(singles), dtype=float)
    harvests = np.array([singles[int(a)] / discount_factor(rate, a) for a in ages])
    return finite_land_value(ages, harvests, NONE, NONE, 0.0, NONE, rate, years)


@given(SINGLES, RATE, st.integers(0, 60))
def test_finite_land_is_the_best_of_the_plans_it_tries(singles, rate, years) -> None:
    value, age = plan(singles, rate, float(years))
    expected = float(twin.best_uniform_plan(singles, rate, years))
    assert value == pytest.approx(expected, rel=1e-9, abs=1e-7)
    assert math.isnan(age) == (expected == 0.0)
    everything = float(twin.best_plan(singles, rate, years))
    assert value <= everything * (1.0 + 1e-9) + 1e-7


@given(SINGLES, RATE, st.floats(0.0, 60.0), st.floats(0.0, 20.0))
def test_finite_land_grows_with_its_term_and_never_beats_for_ever(
    singles, rate, years, more
) -> None:
    value, _ = plan(singles, rate, years)
    longer, _ = plan(singles, rate, years + more)
    perpetual, _ = plan(singles, rate, math.inf)
    assert value <= longer * (1 + 1e-9) + 1e-9
    assert longer <= perpetual * (1 + 1e-9) + 1e-9


@given(SINGLES, RATE, st.floats(0.0, 60.0))
def test_no_single_age_beats_the_best_plan(singles, rate, years) -> None:
    value, _ = plan(singles, rate, years)
    tails = np.array(sorted(singles), dtype=float), np.array([singles[a] for a in sorted(singles)])
    for age, one in singles.items():
        fixed = truncated_land_value(one, float(age), *tails, rate, years)
        assert fixed <= value * (1 + 1e-9) + 1e-7


@given(st.floats(100.0, 2e3), st.integers(5, 30), RATE)
def test_finite_land_comes_near_perpetual_land(one, age, rate) -> None:
    perpetual = perpetual_value(one, float(age), rate)
    for rotations in (1, 4, 400):
        years = float(rotations * age)
        value = truncated_land_value(one, float(age), NONE, NONE, rate, years)
        expected = perpetual * (1.0 - discount_factor(rate, years))
        assert value == pytest.approx(expected, rel=1e-9)
    forever = truncated_land_value(one, float(age), NONE, NONE, rate, math.inf)
    assert forever == perpetual


@pytest.mark.parametrize(("years", "rotations"), [(9.9, 0), (10.0, 1), (19.9, 1), (20.0, 2)])
def test_a_rotation_that_ends_with_the_term_counts(years, rotations) -> None:
    value, _ = plan({10: 100.0}, 0.05, years)
    assert value == pytest.approx(sum(100.0 * 1.05 ** (-10 * k) for k in range(rotations)), rel=REL)
    tail = np.array([10.0]), np.array([100.0])
    assert truncated_land_value(100.0, 10.0, *tail, 0.05, years) == pytest.approx(value, rel=REL)


def test_a_term_too_short_for_any_age_is_worth_nothing() -> None:
    value, age = plan({10: 500.0, 20: 900.0}, 0.05, 9.999)
    assert value == 0.0
    assert math.isnan(age)


def test_without_interest_a_finite_term_still_has_a_value() -> None:
    value = truncated_land_value(100.0, 20.0, np.array([10.0]), np.array([30.0]), 0.0, 50.0)
    assert value == pytest.approx(230.0, rel=REL)


# How the best age moves (valuation notes, 2.4).

SCALE, PLANTING = st.floats(300.0, 1500.0), st.floats(500.0, 1.5e4)
STEP = st.floats(1.1, 2.0)


@given(SCALE, PLANTING, RATE, STEP)
def test_dearer_money_fells_earlier(scale, planting, rate, step) -> None:
    assert best(scale, planting, rate * step) <= best(scale, planting, rate)


@given(SCALE, PLANTING, RATE, STEP)
def test_dearer_planting_fells_later(scale, planting, rate, step) -> None:
    assert best(scale, planting * step, rate) >= best(scale, planting, rate)


@given(SCALE, PLANTING, RATE, STEP)
def test_dearer_timber_fells_earlier_unless_planting_is_free(scale, planting, rate, step) -> None:
    assert best(scale * step, planting, rate) <= best(scale, planting, rate)
    assert best(2.0 * scale, 0.0, rate) == best(scale, 0.0, rate)


@given(SCALE, PLANTING, RATE, st.floats(1.0, 60.0))
def test_amenities_that_grow_with_age_fell_later(scale, planting, rate, amenity) -> None:
    assert best(scale, planting, rate, amenity) >= best(scale, planting, rate)


@given(SCALE, PLANTING, RATE, st.floats(0.001, 0.03))
def test_hazard_fells_earlier(scale, planting, rate, hazard) -> None:
    risky = rate_with_hazard(rate, hazard)
    assert best(scale, planting, risky) <= best(scale, planting, rate)


@given(SCALE, PLANTING, RATE)
def test_faustmann_never_waits_longer_than_fisher_where_land_is_worth_something(
    scale, planting, rate
) -> None:
    land = best_felling_age(
        AGES, growth(scale), np.zeros(1), np.array([-planting]), 0.0, NONE, rate, 0
    )[1]
    assume(land > 0.0)
    assert best(scale, planting, rate) <= best(scale, planting, rate, criterion=1)


def test_best_age_of_the_increment_and_of_nothing() -> None:
    harvests = growth()
    assert best(criterion=2) == AGES[np.argmax(harvests / AGES)]
    age, value = best_felling_age(NONE, NONE, NONE, NONE, 0.0, NONE, 0.05, 0)
    assert math.isnan(age)
    assert math.isnan(value)


# The cubic stand in continuous time.

CUBIC = st.tuples(st.floats(0.5, 3.0), st.floats(10.0, 20.0))  # price, and b over -c / 1e-2
FORCE = st.floats(0.021, 0.1)  # above 1/50: the increment is ripe at 50


def coefficients(bend: float) -> tuple[float, float, float]:
    return bend, 0.1 * bend, -0.001 * bend


@given(CUBIC, st.floats(0.0, 200.0), FORCE)
def test_continuous_best_age_is_that_of_a_search(stand, cost, force) -> None:
    price, bend = stand
    terms = coefficients(bend)
    found = best_cubic_age(price, cost, *terms, force, 0, 1.0, 90.0)
    grid = np.linspace(1.0, 90.0, 1781)
    values = [twin.cubic_value(t, price, cost, terms, force, math) for t in grid]
    near = grid[int(np.argmax(values))]
    slow = optimize.minimize_scalar(
        lambda t: -twin.cubic_value(t, price, cost, terms, force, math),
        bounds=(max(near - 0.1, 1.0), min(near + 0.1, 90.0)), method="bounded",
        options={"xatol": 1e-9},
    )  # fmt: skip
    assert found == pytest.approx(slow.x, abs=1e-4)
    assert planted_land_value(found, price, cost, *terms, force) >= -slow.fun * (1 - 1e-12) - 1e-9


@given(CUBIC, FORCE)
def test_fisher_and_the_increment_solve_their_conditions(stand, force) -> None:
    price, bend = stand
    a, b, c = terms = coefficients(bend)
    fisher = best_cubic_age(price, 99.0, *terms, force, 1, 1.0, 90.0)
    grown = a + 2.0 * b * fisher + 3.0 * c * fisher**2
    assert grown / cubic_volume(fisher, *terms) == pytest.approx(force, rel=1e-9)
    ripe = best_cubic_age(price, 99.0, *terms, force, 2, 1.0, 90.0)
    assert ripe == pytest.approx(-b / (2.0 * c), rel=1e-9)
    assert fisher < ripe


@given(CUBIC, st.floats(1.0, 200.0), FORCE, STEP)
def test_continuous_age_moves_as_theory_says(stand, cost, force, step) -> None:
    price, bend = stand
    terms = coefficients(bend)

    def age(p=price, c=cost, d=force, criterion=0) -> float:
        return best_cubic_age(p, c, *terms, d, criterion, 1.0, 90.0)

    slack = 1e-9
    assert age(d=force * step) <= age() + slack
    assert age(c=cost * step) >= age() - slack
    assert age(p=price * step) <= age() + slack
    assert age(p=price * step, c=cost * step) == pytest.approx(age(), rel=1e-9)
    assert age(p=price * step, criterion=1) == pytest.approx(age(criterion=1), rel=1e-12)
    if planted_land_value(age(), price, cost, *terms, force) > cost:  # bare land has a value
        assert age() <= age(criterion=1) + slack


def test_legal_ages_bind() -> None:
    terms = 1.0, 150.0, 10.0, 1.0, -0.01, 0.05
    assert best_cubic_age(*terms, 0, 30.0, 60.0) == 30.0
    assert best_cubic_age(*terms, 0, 5.0, 20.0) == 20.0
    assert gain_of_waiting(20.0, *terms, 0) > 0.0 > gain_of_waiting(30.0, *terms, 0)
