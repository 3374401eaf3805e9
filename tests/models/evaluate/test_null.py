"""How often each test raises an alarm when nothing is wrong: at its nominal level.

Rates are held to 5 % within three standard errors of the simulation, or computed
exactly.  Tests of counts that cannot reach 5 % are stated with what they reach.
"""

import math

import numpy as np
import pytest
from scipy import special, stats

from models.evaluate import (
    auc,
    backtest,
    calibration_error,
    compare_auc,
    compare_probabilities,
    coverage,
    cox_calibration,
    drift,
    equal_count_groups,
    grade_tests,
    hosmer_lemeshow_groups,
    ks,
    level_test,
    mcnemar,
    psi,
    psi_of_shares,
    reference,
    share_change,
    spiegelhalter,
)
from riskengine.learned.features import Feature

LEVEL = 0.05


def nominal(p_values: list[float] | np.ndarray, level: float = LEVEL) -> None:
    """Alarms at the level, within three standard errors of the simulation."""
    p = np.asarray(p_values)
    error = 3.0 * math.sqrt(level * (1.0 - level) / p.size)
    assert np.mean(p <= level) == pytest.approx(level, abs=error)


def at_most(p_values: list[float] | np.ndarray, level: float = LEVEL) -> None:
    """No more alarms than the level, within three standard errors."""
    p = np.asarray(p_values)
    assert np.mean(p <= level) <= level + 3.0 * math.sqrt(level * (1.0 - level) / p.size)


def calibrated(seed: int, n: int, times: int) -> tuple[np.ndarray, np.ndarray]:
    """Fixed probabilities and many samples of outcomes that follow them."""
    rng = np.random.default_rng(seed)
    p = 0.02 + 0.7 * rng.beta(1.0, 4.0, n)
    return p, (rng.random((times, n)) < p).astype(float)


def test_hosmer_lemeshow_out_of_sample() -> None:
    p, samples = calibrated(1, 1000, 4000)
    label = equal_count_groups(p, 10)
    member = (label[:, None] == np.arange(10)).astype(float)
    n, expected = member.sum(axis=0), p @ member
    found = [
        hosmer_lemeshow_groups(n, bads, expected, "out_of_sample").test for bads in samples @ member
    ]
    nominal([one.p_value for one in found])
    # Published-but-wrong: G - 2 degrees out of sample refuse a perfect model twice as often.
    wrong = np.mean([special.chdtrc(8, one.statistic) <= LEVEL for one in found])
    assert wrong == pytest.approx(0.107, abs=0.02)


def test_hosmer_lemeshow_in_sample() -> None:
    rng = np.random.default_rng(2)
    found = []
    for _ in range(300):
        x = rng.normal(-1.0, 1.0, 400)
        y = (rng.random(400) < special.expit(x)).astype(float)
        line = cox_calibration(y, special.expit(x))
        fitted = special.expit(line.intercept + line.slope * x)
        label = equal_count_groups(fitted, 10)
        counts = (np.bincount(label, part) for part in (np.ones(400), y, fitted))
        found.append(hosmer_lemeshow_groups(*counts, origin="in_sample").test.p_value)
    nominal(found)


def test_spiegelhalter_and_cox() -> None:
    p, samples = calibrated(3, 400, 500)
    nominal([spiegelhalter(y, p).p_value for y in samples])
    lines = [cox_calibration(y, p) for y in samples]
    for name in ("joint", "slope_test", "level_test"):
        nominal([getattr(line, name).p_value for line in lines])


def test_expected_calibration_error() -> None:
    p, samples = calibrated(4, 150, 200)
    nominal([calibration_error(y, p, resamples=99, seed=k).p_value for k, y in enumerate(samples)])


def test_delong_and_ks() -> None:
    rng = np.random.default_rng(5)
    y = np.repeat([1.0, 0.0], [60, 140])
    paired, alone = [], []
    for _ in range(1500):
        common = 0.8 * y + rng.standard_normal(200)
        first, second = common + rng.normal(0.0, 0.7, (2, 200))
        paired.append(compare_auc(y, first, second).test.p_value)
        noise = rng.standard_normal(200)
        alone.append(auc(y, noise).test.p_value)
    distance = [ks(y, rng.standard_normal(200)).test.p_value for _ in range(300)]
    nominal(paired)
    nominal(alone)
    at_most(distance)
    # Two separate errors instead of the paired one hardly ever alarm.
    spread = auc(y, first).standard_error * math.sqrt(2.0)
    assert compare_auc(y, first, second).standard_error < 0.75 * spread


def test_paired_bootstrap() -> None:
    rng = np.random.default_rng(6)
    found = []
    for k in range(250):
        logit = rng.normal(-1.0, 1.0, 150)
        y = (rng.random(150) < special.expit(logit)).astype(float)
        models = special.expit(logit + rng.normal(0.0, 0.6, (2, 150)))
        figures = compare_probabilities(y, *models, resamples=79, seed=k)
        found.append([one.test.p_value for one in figures])
    square, loss, distance = np.array(found).T
    nominal(square)
    nominal(loss)
    at_most(distance)  # a maximum of noisy resamples: about 2 %, conservative


def smallest_alarm(n: int, pd: float, rho: float, name: str) -> int:
    """Fewest defaults at which the upper test alarms."""
    low, high = 0, n
    while high - low > 1:
        middle = (low + high) // 2
        alarms = getattr(backtest(n, middle, pd, rho), name).upper <= LEVEL
        low, high = (low, middle) if alarms else (middle, high)
    return high


def test_exact_size_of_jeffreys_and_binomial() -> None:
    sizes: dict[str, list[float]] = {"jeffreys": [], "binomial": []}
    for name, found in sizes.items():
        for pd in np.linspace(0.005, 0.1, 120):
            found.append(stats.binom.sf(smallest_alarm(500, pd, 0.0, name) - 1, 500, pd))
    # Jeffreys is nominal on average over PDs and swings around it; counts jump.
    assert np.mean(sizes["jeffreys"]) == pytest.approx(LEVEL, abs=0.002)
    assert min(sizes["jeffreys"]) > 0.03
    assert max(sizes["jeffreys"]) < 0.075
    # The binomial test never exceeds the level and is conservative on average.
    assert max(sizes["binomial"]) <= LEVEL
    assert np.mean(sizes["binomial"]) < 0.042
    # riskval's example: 5.0 % against 1.5 % at a hundred loans of 2 %.
    for name, size in (("jeffreys", 0.0508), ("binomial", 0.0155)):
        at = smallest_alarm(100, 0.02, 0.0, name)
        assert stats.binom.sf(at - 1, 100, 0.02) == pytest.approx(size, abs=1e-4)
    # Half a default expected: even Jeffreys is no 5 % test (9 %).
    at = smallest_alarm(50, 0.01, 0.0, "jeffreys")
    assert stats.binom.sf(at - 1, 50, 0.01) == pytest.approx(0.0894, abs=1e-4)


@pytest.mark.parametrize(
    ("n", "pd", "rho"),
    [(1000, 0.02, 0.12), (100, 0.02, 0.12), (5000, 0.01, 0.2), (500, 0.05, 0.05)],
)
def test_exact_size_under_a_common_factor(n: int, pd: float, rho: float) -> None:
    def size(name: str, used: float) -> float:
        at = smallest_alarm(n, pd, used, name)
        return backtest(n, at, pd, rho).correlated_binomial.upper

    assert size("correlated_jeffreys", rho) == pytest.approx(LEVEL, abs=0.003)
    assert size("correlated_binomial", rho) <= LEVEL
    # A test that takes loans as independent refuses good models in bad years.
    assert size("jeffreys", 0.0) > 0.1


def test_grades_keep_the_level_of_the_whole_scale() -> None:
    rng = np.random.default_rng(7)
    n, pd = np.array([400, 600, 500, 300]), np.array([0.01, 0.03, 0.06, 0.15])
    portfolio, holm, sidak = [], [], []
    for defaults in rng.binomial(n, pd, (600, 4)):
        found = grade_tests(n, defaults, pd)
        portfolio.append(found.portfolio.binomial.upper)
        holm.append(found.holm.min())
        sidak.append(found.sidak.min())
    at_most(portfolio)
    at_most(holm)
    at_most(sidak)


@pytest.mark.parametrize(("now", "before"), [(30, 100_000), (30, 30), (300, 5000), (3000, 3000)])
def test_stability_index(now: int, before: int) -> None:
    rng = np.random.default_rng(8)
    shares = np.array([0.02, 0.05, 0.1, 0.15, 0.2, 0.2, 0.13, 0.1, 0.05])
    found = [
        psi(rng.multinomial(before, shares), rng.multinomial(now, shares), simulations=199, seed=k)
        for k in range(600)
    ]
    nominal([one.p_value for one in found])
    assert np.mean([one.alarm for one in found]) <= 0.08


def test_the_folklore_bar_alarms_on_small_samples() -> None:
    # Published-but-wrong: PSI > 0.25 at thirty rows of ten equal bins, empty bins floored.
    rng = np.random.default_rng(9)
    even = np.full(10, 0.1)
    drawn = np.maximum(rng.multinomial(30, even, 2000) / 30.0, 1e-4)
    assert np.mean([psi_of_shares(even, row) > 0.25 for row in drawn]) == pytest.approx(
        0.66, abs=0.03
    )
    judged = [
        psi(np.full(10, 10_000), np.round(30 * row), seed=k, simulations=199)
        for k, row in enumerate(drawn[:500])
    ]
    at_most([one.p_value for one in judged])
    nominal([one.p_value for one in judged])


def test_a_whole_table_of_features_alarms_at_the_level() -> None:
    features = [Feature(str(k)) for k in range(20)]
    rng = np.random.default_rng(10)
    alarms = []
    for _ in range(100):
        arrays = reference(rng.standard_normal((20, 2000)), features, max_bins=10)
        alarms.append(min(one.holm_p for one in drift(arrays, rng.standard_normal((20, 400)))))
    at_most(alarms)


def test_shares_decisions_levels_and_coverage() -> None:
    rng = np.random.default_rng(11)
    pairs = rng.binomial([500, 300], 0.1, (2000, 2))
    nominal([share_change(a, 500, b, 300) for a, b in pairs])
    few = rng.binomial([30, 2000], 0.02, (500, 2))
    at_most([share_change(a, 30, b, 2000) for a, b in few])  # Fisher: conservative
    y = np.repeat([1.0, 0.0], [60, 140])
    middle, exact, mean, ranks, cover = [], [], [], [], []
    for _ in range(500):
        first, second = y + rng.standard_normal(200) + rng.normal(0.0, 1.0, (2, 200))
        found = mcnemar(y, first, second, 0.6)[0]
        middle.append(found.mid_p)
        exact.append(found.exact_p)
        said = rng.uniform(0.2, 0.7, 80)
        level = level_test(said + rng.normal(0.0, 0.3, 80), said)
        mean.append(level.both.p_value)
        ranks.append(level.wilcoxon.p_value)
        cover.append(coverage(rng.random(200), 0.9, np.full(200, 0.9))[0].test.p_value)
    nominal(mean)
    nominal(ranks)
    nominal(cover)
    nominal(middle)
    at_most(exact)
