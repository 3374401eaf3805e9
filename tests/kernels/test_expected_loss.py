"""Kernels of expected loss: closed forms against sums, periods against a slow twin, bad rows."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from riskengine.kernels.expected_loss import (
    decay,
    discounted_decay,
    force_in_state,
    small_mean,
    twelve_month_rows,
)
from riskengine.kernels.exposure_path import (
    balance_sum_rows,
    exposure_rows,
    payments_left,
    pays_at,
    repayment_step,
)
from riskengine.kernels.lifetime_loss import lifetime_rows
from riskengine.kernels.normal import normal_quantile

TIMINGS = (0, 1, 2)


def year(
    rows: list[tuple[float, ...]], per_year: int = 12, timing: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    x = np.array(rows).T.copy()
    out, status = np.empty((2, x.shape[1])), np.empty(x.shape[1], dtype=np.int64)
    twelve_month_rows(x, 0, x.shape[1], per_year, timing, out, status)
    return out, status


def year_by_sum(
    ead: float, pd: float, lgd: float, rate: float, periods: float, per_year: int, timing: int
) -> float:
    """Period by period, with the exact timing by quadrature."""
    force, delta = -math.log1p(-pd) / per_year, math.log1p(rate) / per_year
    nodes, weights = np.polynomial.legendre.leggauss(20)
    total = 0.0
    for t in range(int(min(periods, per_year))):
        alive = math.exp(-force * t)
        if timing == 2:
            u = 0.5 + 0.5 * nodes
            inside = force * np.exp(-(force + delta) * u)
            total += alive * math.exp(-delta * t) * 0.5 * float(weights @ inside)
        else:
            at = t + (1.0 if timing == 0 else 0.5)
            total += alive * -math.expm1(-force) * math.exp(-delta * at)
    return ead * lgd * total


def test_example_8() -> None:
    """ECL-IE8: 0.5 % x 25 % of 1,000,000 is 1,250."""
    out, status = year([(1e6, 0.005, 0.25, 0.0, 12.0)])
    assert out[1, 0] == pytest.approx(1250, abs=1e-9)
    assert out[0, 0] == pytest.approx(1250, abs=1e-9)
    assert status[0] == 0


@pytest.mark.parametrize("timing", TIMINGS)
@given(
    st.floats(1e-9, 0.9), st.floats(0.0, 0.5), st.integers(0, 30), st.sampled_from([1, 4, 12])
)  # fmt: skip
def test_closed_form_is_the_sum(
    timing: int, pd: float, rate: float, periods: int, per_year: int
) -> None:
    out, _ = year([(1e3, pd, 0.4, rate, float(periods))], per_year, timing)
    by_sum = year_by_sum(1e3, pd, 0.4, rate, periods, per_year, timing)
    assert out[1, 0] == pytest.approx(by_sum, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("timing", TIMINGS)
def test_fast_and_exact_roads_meet(timing: int) -> None:
    """PD 20 % and rate 20 % go the fast road; a hair above, the exact one."""
    for pd, rate in ((0.2, 0.1), (0.1, 0.2), (1e-13, 1e-13)):
        low, _ = year([(1.0, pd, 1.0, rate, 7.0)], 12, timing)
        high, _ = year([(1.0, pd * (1 + 1e-15), 1.0, rate * (1 + 1e-15) - 0.0, 7.0)], 12, timing)
        assert low[1, 0] == pytest.approx(high[1, 0], rel=2e-14)
        assert low[1, 0] == pytest.approx(year_by_sum(1.0, pd, 1.0, rate, 7, 12, timing), rel=1e-13)


def test_limits_of_twelve_months() -> None:
    rows = [
        (100.0, 0.0, 0.5, 0.05, 12.0),
        (100.0, 1.0, 0.5, 0.0, 12.0),
        (0.0, 0.02, 0.5, 0.05, 12.0),
        (100.0, 0.02, 0.0, 0.05, 12.0),
        (100.0, 0.02, 0.5, 0.05, 0.0),
        (100.0, 0.02, 0.5, -0.01, 12.0),
        (100.0, 0.02, 0.5, 0.05, 1e6),
    ]
    for timing in TIMINGS:
        out, status = year(rows, 12, timing)
        assert status.tolist() == [0] * 7
        assert out[1, :5].tolist() == [0.0, 50.0, 0.0, 0.0, 0.0]
        assert out[1, 5] == pytest.approx(year_by_sum(100.0, 0.02, 0.5, -0.01, 12, 12, timing))
        assert out[1, 6] == year([(100.0, 0.02, 0.5, 0.05, 12.0)], 12, timing)[0][1, 0]
    # Force and interest that cancel: every period counts the same.
    balanced = math.expm1(math.log1p(-0.3))
    for timing in TIMINGS:
        out, _ = year([(1.0, 0.3, 1.0, balanced, 12.0)], 12, timing)
        assert out[1, 0] == pytest.approx(
            year_by_sum(1.0, 0.3, 1.0, balanced, 12, 12, timing), rel=1e-12
        )


def test_bad_rows_of_twelve_months() -> None:
    good = [100.0, 0.02, 0.5, 0.05, 12.0]
    for place, value, expected in (
        (0, math.nan, 1), (0, -1.0, 2), (0, math.inf, 2), (1, 1.1, 2), (1, -0.1, 2),
        (2, 1.5, 2), (3, -1.0, 2), (3, -2.0, 2), (4, 2.5, 2), (4, math.inf, 2), (4, math.nan, 1),
    ):  # fmt: skip
        row = good.copy()
        row[place] = value
        out, status = year([tuple(row), tuple(good)])
        assert status.tolist() == [expected, 0]
        assert np.isnan(out[:, 0]).all()
        assert not np.isnan(out[:, 1]).any()


def test_small_arguments_keep_their_digits() -> None:
    x = np.array([1e-300, 1e-12, 1e-3, 0.05, 0.1, -0.1])
    assert [small_mean(v) for v in x] == pytest.approx(-np.expm1(-x) / x, rel=3e-16)
    assert [decay(v) for v in (0.1, 0.2, 50.0)] == pytest.approx(-np.expm1([-0.1, -0.2, -50.0]))
    assert discounted_decay(math.inf, 0.1) == 1.0
    assert discounted_decay(2.0, 0.5) == pytest.approx(0.8 * -math.expm1(-2.5), rel=1e-15)


def test_force_in_a_state_keeps_both_tails() -> None:
    for pd, z in ((1e-12, 2.0), (0.02, -1.5), (0.5, 0.0), (0.999, -3.0)):
        level = (stats.norm.ppf(pd) - math.sqrt(0.2) * z) / math.sqrt(0.8)
        wanted = -stats.norm.logsf(level)
        assert force_in_state(normal_quantile(pd), z, 0.2) == pytest.approx(wanted, rel=1e-11)


# Exposure paths.


def owed(rows: list[tuple[float, ...]], periods: int, part: float = 1.0) -> np.ndarray:
    x = np.array(rows).T.copy()
    out = np.empty((periods, x.shape[1]))
    exposure_rows(x, np.zeros(0), np.zeros(1, dtype=np.int64), part, out)
    return out


def test_plans_of_repayment() -> None:
    rate = 0.01
    rows = [(1200.0, 6.0, float(kind), 1.0, rate, 0.0, 1.0) for kind in range(4)]
    out = owed(rows, 7)
    assert out[:, 0].tolist() == [1200.0] * 6 + [0.0]
    assert out[:, 1] == pytest.approx([1200, 1000, 800, 600, 400, 200, 0])
    paid = 1200.0 * rate / (1.0 - (1.0 + rate) ** -6)
    wanted = [paid * (1.0 - (1.0 + rate) ** -k) / rate for k in range(6, 0, -1)]
    assert out[:6, 2] == pytest.approx(wanted, rel=1e-13)
    assert out[:6, 3] == pytest.approx([1200.0 * (1.0 + rate * (t + 1)) for t in range(6)])
    assert owed(rows[3:], 6, 0.5)[:, 0] == pytest.approx(
        [1200.0 * (1.0 + rate * (t + 0.5)) for t in range(6)]
    )


def test_payments_are_counted_back_from_the_last() -> None:
    """Ten months left, every quarter: after months 1, 4, 7 and 10."""
    assert [t + 1 for t in range(10) if pays_at(t, 10, 3)] == [1, 4, 7, 10]
    out = owed([(400.0, 10.0, 1.0, 3.0, 0.0, 0.0, 1.0)], 10)
    assert out[:, 0].tolist() == [400.0, *[300.0] * 3, *[200.0] * 3, *[100.0] * 3]
    assert repayment_step(2, 120.0, 12, 3, 0.0) == (1.0, 30.0)
    assert payments_left(0, 3) == 0
    assert repayment_step(1, 100.0, 0, 1, 0.0) == (1.0, 0.0)


def test_what_a_guarantee_adds() -> None:
    out = owed([(100.0, 1.0, 0.0, 1.0, 0.005, 40.0, 0.8 * 1.015)], 1)
    assert out[0, 0] == pytest.approx(0.8 * 1.015 * 100.0 + 40.0)


def test_listed_plans_and_balance_sums() -> None:
    x = np.array(
        [(9.0, 3.0, 4.0, 1.0, 0.0, 0.0, 1.0), (90.0, 3.0, 1.0, 1.0, 0.0, 0.0, 1.0)]
    ).T.copy()
    listed, first = np.array([9.0, 5.0, 2.0]), np.array([0, 3, 3])
    out = np.empty((3, 2))
    exposure_rows(x, listed, first, 1.0, out)
    assert out[:, 0].tolist() == [9.0, 5.0, 2.0]
    assert out[:, 1] == pytest.approx([90.0, 60.0, 30.0])
    sums = np.empty((2, 2))
    balance_sum_rows(x, listed, first, np.array([1.5, 3.0]), sums)
    assert sums.T.tolist() == [[11.5, 16.0], [180.0, 180.0]]


# Lifetime, against a slow twin.


def twin(
    x: np.ndarray, shape: np.ndarray, means: np.ndarray, weights: np.ndarray, factors: np.ndarray,
    paths: np.ndarray, lengths: np.ndarray, per_year: int, timing: int, listed: np.ndarray,
) -> tuple[float, float, float, np.ndarray]:  # fmt: skip
    """One contract, written as the formula reads."""
    m, rho, lgd, mass = int(x[1]), x[10], x[8], x[11]
    path = np.empty((max(m, 1), 1))
    first = np.array([0, listed.size])
    exposure_rows(x[:7, None].copy(), listed, first, 1.0 if timing == 0 else 0.5, path)
    full = np.empty((max(m, 1), 1))
    exposure_rows(x[:7, None].copy(), listed, first, 1.0, full)
    base = -math.log1p(-x[7]) / per_year if x[7] < 1 else 1e18
    year_loss = life = chance = 0.0
    by_period = np.zeros(paths.shape[1])

    def shifted(pd: float, z: float) -> float:
        if math.isnan(z) or rho == 0.0 or pd in (0.0, 1.0):
            return pd
        return float(stats.norm.cdf((stats.norm.ppf(pd) - math.sqrt(rho) * z) / math.sqrt(1 - rho)))

    for s, weight in enumerate(weights):
        alive, factor = 1.0, 1.0
        for t in range(m):
            y = t // per_year
            force = base * shape[t]
            whole = base * means[y]
            if 0.0 < whole < 36.0:
                force *= -math.log1p(-shifted(-math.expm1(-whole), factors[y, s])) / whole
            delta = math.log1p(x[9]) * lengths[t]
            hazard = min(-math.expm1(-force) * paths[0, t, s], 1.0)
            share = min(max(paths[1, t, s] + paths[2, t, s] * lgd, 0.0), 1.0)
            if timing == 2:
                f = -math.log1p(-hazard) if hazard < 1.0 else math.inf
                seen = 1.0 if f == math.inf else f / (f + delta) * -math.expm1(-f - delta)
            else:
                seen = hazard * math.exp(-delta * (1.0 if timing == 0 else 0.5))
            parts = [weight * alive * seen * share * path[t, 0] * factor]
            alive *= 1.0 - hazard
            factor *= math.exp(-delta)
            if t == m - 1:
                unpaid = min(shifted(mass, factors[y, s]) * paths[0, t, s], 1.0)
                parts.append(weight * alive * unpaid * share * full[t, 0] * factor)
                alive *= 1.0 - unpaid
            life += sum(parts)
            by_period[t] += sum(parts)
            year_loss += sum(parts) if t < per_year else 0.0
        chance += weight * (1.0 - alive)
    return year_loss, life, chance, by_period


def made(rng: np.random.Generator, size: int, per_year: int) -> np.ndarray:
    x = np.empty((12, size))
    x[0], x[1] = rng.uniform(1e3, 1e6, size), rng.integers(0, 2 * per_year + 6, size)
    x[2], x[3] = rng.integers(0, 4, size), rng.integers(1, 5, size)
    x[4], x[5], x[6] = 0.05 / per_year, rng.uniform(0.0, 100.0, size), rng.uniform(0.1, 1.0, size)
    x[7], x[8], x[9] = (
        rng.uniform(0.0, 0.9, size),
        rng.uniform(0, 1, size),
        rng.uniform(-0.1, 0.2, size),
    )
    x[10], x[11] = rng.choice([0.0, 0.12, 0.24], size), rng.choice([0.0, 0.05, 1.0], size)
    x[7, 0], x[7, 1], x[1, 0], x[1, 1] = 1.0, 0.0, 5.0, 6.0
    x[2, 2], x[1, 2] = 4.0, 7.0
    return x


@pytest.mark.parametrize("timing", TIMINGS)
def test_lifetime_against_the_slow_twin(timing: int) -> None:
    rng = np.random.default_rng(20261126 + timing)
    per_year, size = 4, 14
    x = made(rng, size, per_year)
    periods = 2 * per_year + 6
    shapes = rng.uniform(0.0, 3.0, (3, periods))
    shapes[0], shapes[2] = 1.0, 0.0
    at = np.arange(0, periods, per_year)
    means = np.add.reduceat(shapes, at, axis=1) / np.minimum(periods - at, per_year) * per_year
    weights = np.array([0.2, 0.5, 0.3])
    factors = np.array([[np.nan, -2.0, 1.0]] * len(at))
    factors[1, 1:] = (-1.0, 0.5)
    paths = np.ones((3, periods, 3))
    paths[0, 3:, 0], paths[0, 5, 1], paths[0, 2, 2] = 1.7, 80.0, 0.0
    paths[1], paths[1, 2:, 2], paths[2, :, 2] = 0.0, 0.3, 0.9
    kinds = rng.integers(0, 2, periods)
    lengths = np.array([0.24, 0.26])
    profile = rng.integers(0, 3, size)
    profile[3] = 2
    listed = np.array([7e4, 6e4, 5e4, 4e4, 3e4, 2e4, 1e4])
    starts = np.array([0, 0, 0, *[7] * (size - 2)])
    moves = np.ones(periods, dtype=bool)
    out, status = np.empty((3, size)), np.empty(size, dtype=np.int64)
    by_period, by_scenario = np.zeros(periods), np.zeros(3)
    lifetime_rows(
        (x, profile, listed, starts), (shapes, means, moves), (weights, factors, paths, moves),
        (kinds, lengths, per_year, timing), 0, size, out, status, by_period, by_scenario,
    )  # fmt: skip
    assert status.tolist() == [0] * size
    total = np.zeros(periods)
    for i in range(size):
        held = listed if i == 2 else np.zeros(0)
        year_loss, life, chance, parts = twin(
            x[:, i], shapes[profile[i]], means[profile[i]], weights, factors, paths,
            lengths[kinds], per_year, timing, held,
        )  # fmt: skip
        assert out[:, i] == pytest.approx([year_loss, life, chance], rel=2e-11, abs=1e-12)
        total += parts
    assert by_period == pytest.approx(total, rel=1e-11)
    assert by_scenario.sum() == pytest.approx(by_period.sum(), rel=1e-12)


@pytest.mark.parametrize("timing", TIMINGS)
def test_hazards_that_stand_still_are_kept(timing: int) -> None:
    """A flat profile, months of two lengths, and contracts that end while others go on."""
    good = np.array([100.0, 6.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.3, 0.5, 0.05, 0.1, 0.0])
    x = np.array([good, good]).T.copy()
    x[1, 0] = 2.0
    true = np.array([True, *[False] * 5])
    kinds, lengths = np.array([0, 1, 1, 0, 0, 1]), np.array([31 / 365, 28 / 365])
    factors, paths = np.full((1, 1), -1.0), np.ones((3, 6, 1))
    paths[1] = 0.0
    out, status = np.empty((3, 2)), np.empty(2, dtype=np.int64)
    lifetime_rows(
        (x, np.zeros(2, dtype=np.int64), np.zeros(0), np.zeros(1, dtype=np.int64)),
        (np.ones((1, 6)), np.full((1, 1), 12.0), true), (np.ones(1), factors, paths, true),
        (kinds, lengths, 12, timing), 0, 2, out, status, np.zeros(6), np.zeros(1),
    )  # fmt: skip
    for i in range(2):
        wanted = twin(
            x[:, i], np.ones(6), np.array([12.0]), np.ones(1), factors, paths, lengths[kinds], 12,
            timing, np.zeros(0),
        )  # fmt: skip
        assert out[:, i] == pytest.approx(wanted[:3], rel=1e-11)


def test_bad_rows_of_the_lifetime() -> None:
    good = np.array([100.0, 4.0, 0.0, 1.0, 0.01, 0.0, 1.0, 0.02, 0.5, 0.05, 0.1, 0.0])
    bad = [
        (0, math.nan, 1), (0, -1.0, 2), (1, 2.5, 2), (1, 5.0, 2), (2, 5.0, 2), (3, 0.0, 2),
        (7, 1.2, 2), (8, -0.1, 2), (9, -1.0, 2), (10, 1.0, 2), (11, 1.1, 2), (6, math.inf, 2),
    ]  # fmt: skip
    x = np.array([good, *[good] * len(bad)]).T.copy()
    for column, (place, value, _) in enumerate(bad, 1):
        x[place, column] = value
    size, true = x.shape[1], np.array([True, False, False, False])
    out, status = np.empty((3, size)), np.empty(size, dtype=np.int64)
    by_period, by_scenario = np.zeros(4), np.zeros(1)
    lifetime_rows(
        (x, np.zeros(size, dtype=np.int64), np.zeros(0), np.zeros(1, dtype=np.int64)),
        (np.ones((1, 4)), np.full((1, 1), 12.0), true),
        (np.ones(1), np.full((1, 1), -1.0), np.concatenate([np.ones((1, 4, 1)), np.zeros((1, 4, 1)), np.ones((1, 4, 1))]), true),
        (np.zeros(4, dtype=np.int64), np.array([1 / 12]), 12, 0), 0, size, out, status, by_period,
        by_scenario,
    )  # fmt: skip
    assert status.tolist() == [0, *[expected for _, _, expected in bad]]
    assert np.isnan(out[:, 1:]).all()
    assert by_period.sum() == pytest.approx(out[1, 0], rel=1e-14)
