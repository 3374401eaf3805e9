"""Expected loss of books: the notes' cases, a second library, threads, order, refusals."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.credit.cycle import point_in_time
from riskengine.credit.default_profiles import (
    DefaultProfiles,
    cumulative_profiles,
    grade_profiles,
    seasonal_profiles,
    split_at_maturity,
)
from riskengine.credit.expected_loss import (
    CHUNK,
    LifetimeLoss,
    lifetime_loss,
    provision_matrix,
    twelve_month_loss,
)
from riskengine.credit.exposure_path import ExposurePath, exposure_path
from riskengine.credit.loss_scenarios import Scenario, enough_scenarios, scenario_tables
from riskengine.credit.rows import CreditError
from riskengine.credit.term_structure import monthly_default
from riskengine.rules import statute

SCENARIOS = [
    Scenario("bad", 0.3, -1.5, loss_multiplier=0.0, loss_level=0.55),
    Scenario("base", 0.5, 0.0, loss_multiplier=0.0, loss_level=0.45),
    Scenario("good", 0.2, 1.0, loss_multiplier=0.0, loss_level=0.40),
]


def lifetime_case(timing: str = "end") -> LifetimeLoss:
    """Three years of ECL-LIFE-01."""
    cumulative = [0.01, 1.0 - 0.99 * 0.985, 1.0 - 0.99 * 0.985 * 0.98]
    profiles, chance = cumulative_profiles([cumulative], per_year=1)
    path = exposure_path(
        1e5, 3, "listed", listed=([100000.0, 70000.0, 40000.0], [0, 3]), per_year=1
    )
    return lifetime_loss(path, chance[0], 0.45, 0.06, profiles=profiles, timing=timing)


def test_example_8() -> None:
    """ECL-IE8, by both roads."""
    found = twelve_month_loss(1000000, 0.005, 0.25)
    assert found.expected_credit_loss_yuan == pytest.approx([1250], abs=1e-9)
    assert found.timing == "end"
    whole = lifetime_loss(exposure_path(1000000, 12), 0.005, 0.25, 0.0)
    assert whole.twelve_month_yuan == pytest.approx([1250], abs=1e-9)


def test_provision_matrix() -> None:
    """ECL-MATRIX-01."""
    loss, total = provision_matrix(
        [15000000.0, 7500000.0, 4000000.0, 2500000.0, 1000000.0],
        [0.003, 0.016, 0.036, 0.066, 0.106],
    )
    assert loss == pytest.approx([45000, 120000, 144000, 165000, 106000], abs=1e-6)
    assert total == pytest.approx(580000, abs=1e-6)
    for balance, rate in (([-1.0], [0.1]), ([1.0], [1.1]), ([math.nan], [0.1])):
        with pytest.raises(CreditError):
            provision_matrix(balance, rate)


def test_lifetime_case() -> None:
    """ECL-LIFE-01."""
    found = lifetime_case()
    assert found.by_period_yuan == pytest.approx(
        [424.528301887, 416.318084728, 294.751707786], abs=1e-8
    )
    assert found.lifetime_yuan[0] == pytest.approx(1135.5980944, abs=1e-8)
    assert found.twelve_month_yuan[0] == pytest.approx(424.528301887, abs=1e-8)
    assert 1.0 - found.default_chance[0] == pytest.approx(0.955647, abs=1e-8)


def test_timing_is_part_of_the_result() -> None:
    end, mid, exact = (lifetime_case(timing) for timing in ("end", "mid", "exact"))
    assert mid.lifetime_yuan[0] == pytest.approx(end.lifetime_yuan[0] * math.sqrt(1.06), rel=1e-12)
    assert exact.lifetime_yuan[0] == pytest.approx(mid.lifetime_yuan[0], rel=1e-3)
    assert (end.timing, mid.timing, exact.timing) == ("end", "mid", "exact")


def test_scenario_case() -> None:
    """ECL-SCEN-01; the mean scenario gives a third less, so it is no short cut."""
    chances = [float(point_in_time([0.02], [z], 0.12)[0]) for z in (-1.5, 0.0, 1.0)]
    assert chances == pytest.approx([0.0509834507237, 0.0142873869975, 0.00525505942102], abs=1e-10)
    for path in (exposure_path(1.0, 1, per_year=1), exposure_path(1.0, 12)):
        found = lifetime_loss(path, 0.02, 0.3, 0.0, scenarios=SCENARIOS, correlation=0.12)
        assert found.lifetime_yuan[0] == pytest.approx(0.0120473361975, abs=1e-10)
        lgd = np.array([0.55, 0.45, 0.40])
        assert found.by_scenario_yuan == pytest.approx(np.array(chances) * lgd, rel=1e-11)
    mean_z, mean_lgd = 0.3 * -1.5 + 0.2 * 1.0, 0.3 * 0.55 + 0.5 * 0.45 + 0.2 * 0.40
    mean = [Scenario("mean", 1, mean_z, loss_multiplier=0.0, loss_level=mean_lgd)]
    one = lifetime_loss(exposure_path(1.0, 12), 0.02, 0.3, 0.0, scenarios=mean, correlation=0.12)
    assert one.lifetime_yuan[0] == pytest.approx(0.00845880066001, abs=1e-10)


def test_factor_nought_is_not_no_factor() -> None:
    path = exposure_path(1.0, 12)
    plain = lifetime_loss(path, 0.02, 0.45, 0.0, correlation=0.12)
    median = lifetime_loss(
        path, 0.02, 0.45, 0.0, correlation=0.12, scenarios=[Scenario("z", 1, 0.0)]
    )
    assert plain.default_chance[0] == pytest.approx(0.02, rel=1e-13)
    assert median.default_chance[0] == pytest.approx(0.0142873869975, abs=1e-10)
    nodes, weights = np.polynomial.hermite_e.hermegauss(12)
    many = [Scenario(str(z), str(w), z) for z, w in zip(nodes, _exact(weights), strict=True)]
    back = lifetime_loss(path, 0.02, 0.45, 0.0, correlation=0.12, scenarios=many)
    assert back.default_chance[0] == pytest.approx(0.02, rel=1e-4)


def _exact(weights: np.ndarray) -> list[str]:
    """Weights as decimals of 12 digits that sum to 1 exactly."""
    parts = np.rint(weights / weights.sum() * 10**12).astype(int)
    parts[len(parts) // 2] += 10**12 - parts.sum()
    return [f"{part / 10**12:.12f}" for part in parts.tolist()]


def test_creditriskengine_agrees() -> None:
    """The same figures by another library: yearly, at the end of the year."""
    theirs = pytest.importorskip("creditriskengine.ecl.ifrs9.ecl_calc")
    marginal = np.array([0.01, 0.99 * 0.015, 0.99 * 0.985 * 0.02])
    ead = np.array([100000.0, 70000.0, 40000.0])
    assert lifetime_case().lifetime_yuan[0] == pytest.approx(
        theirs.ecl_lifetime(marginal, 0.45, ead, 0.06), rel=1e-12
    )
    ours = twelve_month_loss(1e6, 0.02, 0.4, 0.05, 1, per_year=1)
    assert ours.expected_credit_loss_yuan[0] == pytest.approx(
        theirs.ecl_12_month(0.02, 0.4, 1e6, 0.05), rel=1e-12
    )


def test_creditriskengine_shifts_the_same_pd() -> None:
    theirs = pytest.importorskip("creditriskengine.ecl.ifrs9.ttc_to_pit")
    path = exposure_path(1.0, 12)
    ours = lifetime_loss(
        path, 0.02, 1.0, 0.0, correlation=0.12, scenarios=[Scenario("bad", 1, -1.5)]
    )
    assert ours.default_chance[0] == pytest.approx(
        float(theirs.ttc_to_pit_pd(0.02, rho=0.12, z_factor=-1.5)), rel=1e-10
    )


# Roads that must meet.


@given(st.floats(1e-6, 0.5), st.floats(0.0, 0.15), st.integers(1, 40))
def test_bullet_lifetime_of_a_year_is_the_closed_form(pd: float, rate: float, months: int) -> None:
    for timing in ("end", "mid", "exact"):
        closed = twelve_month_loss(1e4, pd, 0.4, rate, months, timing=timing)
        path = lifetime_loss(exposure_path(1e4, months), pd, 0.4, rate, timing=timing)
        assert path.twelve_month_yuan[0] == pytest.approx(
            closed.expected_credit_loss_yuan[0], rel=1e-12
        )


def test_seasons_keep_the_year() -> None:
    harvest = [0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 4, 2]
    profiles = seasonal_profiles([harvest, [1] * 12], next_month=12)
    path = exposure_path([1.0] * 2, [24, 24])
    found = lifetime_loss(path, 0.06, 1.0, 0.0, profiles=profiles, profile=[0, 1])
    assert found.default_chance == pytest.approx([1.0 - 0.94**2] * 2, rel=1e-12)
    assert found.twelve_month_yuan == pytest.approx([0.06, 0.06], rel=1e-12)
    short = lifetime_loss(
        exposure_path([1.0] * 2, 8), 0.06, 1.0, 0.0, profiles=profiles, profile=[0, 1]
    )
    assert short.default_chance[0] < 0.31 * short.default_chance[1]


def test_grades_follow_their_generator() -> None:
    rates = [[-0.11, 0.1, 0.01], [0.05, -0.15, 0.1], [0.0, 0.0, 0.0]]
    profiles, chance = grade_profiles(rates, 36)
    assert chance == pytest.approx([0.0140663327124, 0.0931660664316], abs=1e-12)
    path = exposure_path([1.0, 1.0], 36)
    found = lifetime_loss(path, chance, 1.0, 0.0, profiles=profiles, profile=[0, 1])
    from scipy.linalg import expm

    assert found.default_chance == pytest.approx(expm(np.array(rates) * 3.0)[:2, 2], rel=1e-11)
    for bad in (rates[:2], [[-0.1, 0.1], [0.1, -0.1]]):
        with pytest.raises(CreditError):
            grade_profiles(bad, 36)


def test_mass_at_maturity() -> None:
    """24 months, everything at maturity: nothing in 12 months."""
    spread, mass = split_at_maturity(0.04, 24, 1.0)
    found = lifetime_loss(exposure_path(1.0, 24), spread, 1.0, 0.05, maturity_chance=mass)
    assert found.twelve_month_yuan[0] == 0.0
    assert found.default_chance[0] == pytest.approx(1.0 - 0.96**2, rel=1e-12)
    assert found.lifetime_yuan[0] == pytest.approx((1.0 - 0.96**2) / 1.05**2, rel=1e-12)
    half = split_at_maturity(0.04, 24, 0.5)
    part = lifetime_loss(exposure_path(1.0, 24), half[0], 1.0, 0.05, maturity_chance=half[1])
    assert part.default_chance[0] == pytest.approx(1.0 - 0.96**2, rel=1e-12)
    linear = np.full(24, math.log(-math.log1p(-half[0][0]) / 12.0))
    cumulative, _ = monthly_default(linear, [0, 24], due_month=23, maturity_chance=half[1][0])
    assert part.default_chance[0] == pytest.approx(cumulative[-1], rel=1e-12)
    moved = lifetime_loss(
        exposure_path(1.0, 24), spread, 1.0, 0.05, maturity_chance=mass, correlation=0.12,
        scenarios=[Scenario("bad", 1, -1.5)],
    )  # fmt: skip
    assert moved.default_chance[0] == pytest.approx(
        float(point_in_time([1.0 - 0.96**2], [-1.5], 0.12)[0]), rel=1e-11
    )
    for bad in ((1.0, 12, 0.5), (0.1, -1, 0.5), (0.1, 12, 1.5)):
        with pytest.raises(CreditError):
            split_at_maturity(*bad)


def test_days_of_months() -> None:
    """ACT/365F: a bullet that defaults at its end is discounted over its own days."""
    day = date(2026, 1, 31)
    found = lifetime_loss(
        exposure_path([1.0, 1.0, 1.0], [1, 2, 13]),
        0.0,
        1.0,
        0.05,
        maturity_chance=1.0,
        valued_on=day,
    )
    ends = (date(2026, 2, 28), date(2026, 3, 31), date(2027, 2, 28))
    wanted = [1.05 ** (-(end - day) / timedelta(days=365)) for end in ends]
    assert found.lifetime_yuan == pytest.approx(wanted, rel=1e-13)
    with pytest.raises(CreditError):
        lifetime_loss(exposure_path(1.0, 5, per_year=5), 0.1, 1.0, 0.0, valued_on=day)


def test_default_multiplier_path_stops_at_one() -> None:
    worse = [Scenario("path", 1, default_multiplier=[2.0, 1e9], loss_multiplier=[1.0, 3.0])]
    found = lifetime_loss(exposure_path(1.0, 3), 0.12, 0.5, 0.0, scenarios=worse)
    first = 2.0 * (1.0 - 0.88 ** (1.0 / 12.0))
    assert found.by_period_yuan == pytest.approx([0.5 * first, 1.0 - first, 0.0], rel=1e-12)
    assert found.default_chance[0] == 1.0


# A book.


def book(size: int) -> tuple[ExposurePath, dict[str, np.ndarray]]:
    rng = np.random.default_rng(7)
    plan = rng.choice(["bullet", "equal_principal", "annuity", "interest_at_end"], size).tolist()
    path = exposure_path(
        rng.uniform(1e4, 1e6, size), rng.integers(1, 40, size), plan, every=rng.integers(1, 4, size),
        rate_per_year=0.05, undrawn_yuan=1e3, conversion=0.5, share=0.8, interest_periods=3.0,
        costs_yuan=500.0,
    )  # fmt: skip
    return path, {
        "default_chance": rng.uniform(0.001, 0.3, size), "loss_share": rng.uniform(0.1, 0.9, size),
        "effective_rate": rng.uniform(0.02, 0.08, size), "correlation": rng.choice([0.04, 0.12], size),
    }  # fmt: skip


def test_threads_chunks_and_order() -> None:
    size = 2 * CHUNK + 77
    path, columns = book(size)
    one = lifetime_loss(path, **columns, scenarios=SCENARIOS)
    two = lifetime_loss(path, **columns, scenarios=SCENARIOS, threads=2)
    for name in (
        "twelve_month_yuan",
        "lifetime_yuan",
        "default_chance",
        "by_period_yuan",
        "by_scenario_yuan",
    ):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    turned = np.random.default_rng(1).permutation(size)
    other = ExposurePath(
        np.ascontiguousarray(path.rows[:, turned]), path.listed_yuan, path.starts, 12
    )
    mixed = lifetime_loss(
        other, **{name: values[turned] for name, values in columns.items()}, scenarios=SCENARIOS
    )
    np.testing.assert_array_equal(mixed.lifetime_yuan, one.lifetime_yuan[turned])
    assert mixed.by_period_yuan == pytest.approx(one.by_period_yuan, rel=1e-12)
    assert one.by_period_yuan.sum() == pytest.approx(one.lifetime_yuan.sum(), rel=1e-12)
    assert np.all(one.lifetime_yuan >= one.twelve_month_yuan)
    year = {"default_chance": columns["default_chance"], "loss_share": columns["loss_share"]}
    short = [twelve_month_loss(1e5, **year, effective_rate=0.05, threads=n) for n in (1, 2)]
    np.testing.assert_array_equal(
        short[0].expected_credit_loss_yuan, short[1].expected_credit_loss_yuan
    )


def test_a_bad_row_is_marked_and_left_out() -> None:
    path = exposure_path(
        [100.0, math.nan, 100.0, 100.0], [12, 12, 10**9, 12], share=[0.8, 0.8, 0.8, 1.2]
    )
    found = lifetime_loss(path, 0.02, 0.45, 0.05)
    assert found.status.tolist() == [0, 1, 2, 2]
    assert np.isnan(found.lifetime_yuan).tolist() == [False, True, True, True]
    assert found.by_period_yuan.sum() == pytest.approx(found.lifetime_yuan[0])
    bad = twelve_month_loss([1.0, -1.0], 0.02, 0.45)
    assert bad.status.tolist() == [0, 2]


def test_limits() -> None:
    path = exposure_path([100.0, 100.0, 0.0], [12, 12, 0])
    found = lifetime_loss(path, [0.0, 1.0, 0.5], 0.45, 0.0, correlation=0.12, scenarios=SCENARIOS)
    lgd = 0.3 * 0.55 + 0.5 * 0.45 + 0.2 * 0.40
    assert found.lifetime_yuan == pytest.approx([0.0, 100.0 * lgd, 0.0])
    assert found.default_chance == pytest.approx([0.0, 1.0, 0.0])
    empty = lifetime_loss(exposure_path([], []), [], [], [])
    assert empty.lifetime_yuan.size == 0
    assert twelve_month_loss([], 0.02, 0.45).expected_loss_yuan.size == 0


# Refusals.


@pytest.mark.parametrize(
    "scenarios",
    [
        [],
        [Scenario("a", 0.5)],
        [Scenario("a", 0.1), Scenario("b", 0.2), Scenario("c", "0.7000000001")],
        [Scenario("a", 1.2), Scenario("b", -0.2)],
        [Scenario("a", "nan")],
        [Scenario("a", "one")],
        [Scenario("a", 1, math.nan)],
        [Scenario("a", 1, [])],
        [Scenario("a", 1, default_multiplier=-1.0)],
        [Scenario("a", 1, loss_multiplier=[math.inf])],
    ],
)
def test_scenarios_are_refused(scenarios: list[Scenario]) -> None:
    with pytest.raises(CreditError):
        scenario_tables(scenarios, 12, 12)


def test_weights_are_summed_as_written() -> None:
    """Ten times 0.1 is 1 in decimals, whatever the sum of the floats says."""
    assert sum([0.1] * 10) != 1.0
    tables = scenario_tables([Scenario(str(k), 0.1) for k in range(10)], 3, 12)
    assert tables.weights.tolist() == [0.1] * 10
    assert tables.changed.tolist() == [True, False, False]


def test_too_few_scenarios() -> None:
    rules = statute().at(date(2026, 11, 24))
    enough_scenarios(SCENARIOS, rules)
    with pytest.raises(CreditError, match="at least 3"):
        enough_scenarios(SCENARIOS[:2], rules)


def test_refusals() -> None:
    path = exposure_path(1.0, 12)
    with pytest.raises(CreditError, match="timing"):
        lifetime_loss(path, 0.1, 0.4, 0.0, timing="begin")
    with pytest.raises(CreditError, match="profile"):
        lifetime_loss(path, 0.1, 0.4, 0.0, profile=1)
    with pytest.raises(CreditError, match="rows"):
        lifetime_loss(path, [0.1, 0.2], 0.4, 0.0)
    with pytest.raises(CreditError, match="length"):
        twelve_month_loss([1.0, 2.0], [0.1, 0.2, 0.3], 0.4)
    with pytest.raises(CreditError, match="per_year"):
        twelve_month_loss(1.0, 0.1, 0.4, per_year=0)
    for shapes in (np.ones(3), np.full((1, 2), -1.0), np.full((1, 1), math.inf)):
        with pytest.raises(CreditError):
            DefaultProfiles(shapes)
    for figures, month in (
        ([[1.0] * 11], 1),
        ([[0.0] * 12], 1),
        ([[1.0] * 12], 13),
        ([[-1.0] * 12], 2),
    ):
        with pytest.raises(CreditError):
            seasonal_profiles(figures, month)
    for cumulative in ([[0.1, 0.05]], [[0.1, 1.0]], [[0.0, 0.0]], [[0.1]]):
        with pytest.raises(CreditError):
            cumulative_profiles(cumulative, 2)
