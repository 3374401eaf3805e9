"""Probabilistic value: closed forms within three standard errors, same seed same bits."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.special import betainc
from scipy.stats import norm

from riskengine.errors import RiskEngineError
from riskengine.kernels.simulation import path_values
from riskengine.prospect import Borrower, Delay, Price, Prospect, Share
from riskengine.simulation import (
    FEWEST_PATHS,
    SHIFTS,
    Spread,
    draws,
    simulate,
    simulated_values,
    uniforms,
)

STANDARD_ERRORS = 3.0
"""Simulated figures may lie this many of their own standard errors off."""

PATHS = 1 << 16
SEED = 20261124
FLAT = Price(1.0, 0.0)


def once(years: float, price: Price, rate: float = 0.0, **facts: object) -> Prospect:
    """One sale of one unit."""
    return replace(Prospect((years,), (1.0,), (0.0,), price, rate), **facts)  # type: ignore[arg-type]


def near(values: np.ndarray, expected: float) -> bool:
    """Whether a mean over sixteen independent runs lies within three standard errors."""
    runs = values.reshape(SHIFTS, -1).mean(axis=1)
    error = runs.std(ddof=1) / math.sqrt(SHIFTS)
    return abs(runs.mean() - expected) <= STANDARD_ERRORS * error + 1e-12 * abs(expected)


# Golden: openferric reference values after Schwartz-Smith 2000 (valuation notes UN-01).
OIL = Price(20.0, 0.286, 1.49, math.exp(3.0 + 0.286**2 / (4.0 * 1.49)))


@pytest.mark.parametrize(
    ("years", "mean", "variance", "forward"),
    [(0.5, 2.99797396387, 0.0212622208951, 20.2591202387),
     (1.0, 2.99903817116, 0.0260541440809, 20.329341635)],
)  # fmt: skip
def test_schwartz_moments(years: float, mean: float, variance: float, forward: float) -> None:
    values = simulated_values(once(years, OIL), SEED, PATHS, False)
    assert near(values, forward)
    assert near(np.log(values), mean)
    assert near((np.log(values) - mean) ** 2, variance)
    answer = simulate(once(years, OIL), SEED, PATHS).value
    for figure, chance in (
        (answer.p05_yuan, 0.05),
        (answer.p50_yuan, 0.5),
        (answer.p95_yuan, 0.95),
    ):
        assert figure == pytest.approx(
            math.exp(mean + math.sqrt(variance) * norm.ppf(chance)), rel=2e-3
        )


def test_the_path_between_sales_is_exact() -> None:
    two = replace(once(0.5, OIL), years=(0.5, 1.0), quantities=(1.0, 1.0), costs_yuan=(0.0, 0.0))
    assert near(simulated_values(two, SEED, PATHS, False), 20.2591202387 + 20.329341635)
    # E[S1 S2] = exp(m1 + m2 + (v1 + v2) / 2 + cov), cov = v1 e^(-k (t2 - t1)).
    covariance = 0.0212622208951 * math.exp(-1.49 * 0.5)
    values = simulated_values(two, SEED, PATHS, False)
    moments = sum(
        math.exp(2.0 * m + 2.0 * v)
        for m, v in ((2.99797396387, 0.0212622208951), (2.99903817116, 0.0260541440809))
    ) + 2.0 * 20.2591202387 * 20.329341635 * math.exp(covariance)
    assert near(values**2, moments)


def test_a_price_without_reversion_keeps_its_mean() -> None:
    assert near(simulated_values(once(2.0, Price(70.0, 0.5)), SEED, PATHS, False), 70.0)


def test_beta_yield() -> None:
    # Valuation notes 6.1: mean .70, deviation .15 gives alpha 5.8333, beta 2.5.
    values = simulated_values(once(0.0, FLAT, share=Share("beta", 0.7, 0.15)), SEED, PATHS, False)
    assert near(values, 0.7)
    assert near((values - 0.7) ** 2, 0.15**2)
    a, b = 5.0 + 5.0 / 6.0, 2.5
    shortfall = 0.56 * betainc(a, b, 0.56) - 0.7 * betainc(a + 1.0, b, 0.56)
    assert shortfall == pytest.approx(0.017675, abs=5e-7)
    assert near(np.maximum(0.56 - values, 0.0), shortfall)
    assert np.percentile(values, 5.0) == pytest.approx(0.4266, abs=1e-3)


def test_lognormal_volume_and_price_move_together() -> None:
    for correlation in (-0.4, 0.0, 0.4):
        prospect = once(
            1.0, Price(650.0, 0.2), share=Share("lognormal", 1.0, 0.15),
            price_yield_correlation=correlation,
        )  # fmt: skip
        spread = math.sqrt(math.log1p(0.15**2))
        expected = 650.0 * math.exp(correlation * 0.2 * spread)
        assert near(simulated_values(prospect, SEED, PATHS, False), expected)


def test_yield_and_price_have_the_rank_correlation_asked_for() -> None:
    prospect = once(
        1.0, Price(2.4, 0.2), share=Share("beta", 0.7, 0.15), price_yield_correlation=-0.3
    )
    chance = uniforms(6, 1 << 12, SEED, 0)
    happened = draws(prospect, chance, at_default=False)
    ranks = [np.argsort(np.argsort(happened[k])) for k in (2, 4)]
    found = np.corrcoef(*ranks)[0, 1]
    assert found == pytest.approx(6.0 / math.pi * math.asin(-0.3 / 2.0), abs=0.01)


def test_hazard_of_loss() -> None:
    values = simulated_values(once(8.0, FLAT, loss_per_year=0.01), SEED, PATHS, False)
    assert near(values, math.exp(-0.08))


def test_exponential_time_to_sell() -> None:
    prospect = once(0.0, FLAT, 0.08, delay=Delay(1.5, 1.0, 0.5))
    expected = 1.08**-0.5 / (1.0 + 1.5 * math.log(1.08))
    assert near(simulated_values(prospect, SEED, PATHS, False), expected)


def test_costs_are_paid_and_the_value_is_never_negative() -> None:
    sure = replace(
        once(1.0, FLAT, 0.25), quantities=(100.0,), costs_yuan=(40.0,), sale_cost_share=0.1
    )
    assert simulate(sure, SEED).value == Spread(40.0, 0.0, 40.0, 40.0, 40.0)
    risky = replace(sure, cost_deviation=0.1)  # 10 deviations from the floor at 0
    assert near(simulated_values(risky, SEED, PATHS, False), 40.0)
    onerous = replace(sure, costs_yuan=(400.0,))
    assert simulate(onerous, SEED).value.p95_yuan == 0.0


@pytest.mark.parametrize(
    ("chance", "forward", "deviation", "correlation", "loss"),
    # Golden: LGD-WWR-01, LGD-WWR-03 (closed form in the bivariate normal law, credit notes 2.3).
    [(0.03, 110.0, 0.3, 0.2, 0.409837969194),
     (0.05, 96.0, 0.3535533905932738, 0.3, 1.34573871301)],
)  # fmt: skip
def test_value_at_default_is_wrong_way(
    chance: float, forward: float, deviation: float, correlation: float, loss: float
) -> None:
    pledged = once(1.0, Price(forward, deviation), borrower=Borrower(chance, correlation))
    at_default = simulated_values(pledged, SEED, PATHS, True)
    assert near(chance * np.maximum(100.0 - at_default, 0.0), loss)
    means = [
        simulate(replace(pledged, borrower=Borrower(chance, c)), SEED).at_default.mean_yuan
        for c in (-0.3, 0.0, 0.3, 0.6)
    ]  # type: ignore[union-attr]
    assert all(later < earlier for earlier, later in pairwise(means))


def test_at_default_agrees_with_the_paths_that_default() -> None:
    pledged = once(
        1.0, Price(100.0, 0.4), share=Share("beta", 0.7, 0.15), price_yield_correlation=-0.3,
        borrower=Borrower(0.2, 0.3, 0.4),
    )  # fmt: skip
    every = simulated_values(pledged, SEED, 1 << 18, False)
    standing = np.concatenate(
        [norm.ppf(uniforms(6, (1 << 18) // SHIFTS, SEED, k)[0]) for k in range(SHIFTS)]
    )
    picked = every[standing <= norm.ppf(0.2)]
    answer = simulate(pledged, SEED, 1 << 16).at_default
    assert answer is not None
    error = picked.std() / math.sqrt(picked.size)
    assert abs(picked.mean() - answer.mean_yuan) <= STANDARD_ERRORS * error


CARBON = Prospect(
    (1.0, 6.0, 11.0), (4000.0, 4000.0, 3000.0), (150_000.0, 150_000.0, 150_000.0),
    Price(67.6, 0.5, 0.6, 69.8), 0.125, Share("lognormal", 0.9, 0.25), 0.1, 0.005,
    Delay(0.3, 0.9, 0.1), 0.04, -0.2, Borrower(0.05, 0.3, 0.2),
)  # fmt: skip


def test_same_seed_same_bits_on_any_threads() -> None:
    once_ = simulate(CARBON, SEED)
    assert simulate(CARBON, SEED, threads=2) == once_
    assert simulate(CARBON, SEED, threads=5) == once_
    assert simulate(CARBON, SEED + 1) != once_
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: simulate(CARBON, SEED), range(8))) == {once_}
    assert (once_.paths, once_.seed) == (FEWEST_PATHS, SEED)


@pytest.mark.parametrize("size", [1, 7, 1000, 4096])
def test_chunks_change_no_bit(size: int) -> None:
    happened = draws(CARBON, uniforms(8, 4096, SEED, 3), at_default=True)
    sales = np.array([CARBON.years, CARBON.quantities, CARBON.costs_yuan])
    terms = np.array([67.6, CARBON.price.log_level, 0.6, 0.5, 0.125, 0.04])
    whole, parts = np.empty(4096), np.empty(4096)
    path_values(happened, sales, terms, whole)
    for start in range(0, 4096, size):
        part = slice(start, start + size)
        path_values(np.ascontiguousarray(happened[:, part]), sales, terms, parts[part])
    assert whole.tobytes() == parts.tobytes()


def slow_path_values(happened: np.ndarray, prospect: Prospect) -> np.ndarray:
    """The same, path by path and in closed steps."""
    price, values = prospect.price, []
    for lost, delay, share, cost, *normals in happened.T:
        x, before, total = math.log(price.spot_yuan), 0.0, 0.0
        for year, quantity, fee, z in zip(
            prospect.years, prospect.quantities, prospect.costs_yuan, normals, strict=True
        ):
            step = year + delay - before
            kept = math.exp(-price.reversion_per_year * step)
            variance = price.volatility**2 * (1.0 - kept**2) / (2.0 * price.reversion_per_year)
            x = price.log_level * (1.0 - kept) + x * kept + math.sqrt(variance) * z
            before = year + delay
            if before < lost:
                net = quantity * share * math.exp(x) * (1.0 - prospect.sale_cost_share) - fee * cost
                total += net / (1.0 + prospect.rate_per_year) ** before
        values.append(max(total, 0.0))
    return np.array(values)


def test_kernel_equals_its_slow_twin() -> None:
    prospect = replace(CARBON, loss_per_year=0.2)
    values = simulated_values(prospect, SEED, FEWEST_PATHS, False)
    points = FEWEST_PATHS // SHIFTS
    slow = np.concatenate([
        slow_path_values(draws(prospect, uniforms(8, points, SEED, k), False), prospect)
        for k in range(SHIFTS)
    ])  # fmt: skip
    np.testing.assert_allclose(values, slow, rtol=1e-11, atol=1e-6)


def test_points_fill_every_row_evenly() -> None:
    points = uniforms(8, 256, SEED, 5)
    assert ((points > 0.0) & (points < 1.0)).all()
    for row in points:  # one point in each of 256 equal cells: a digital net
        assert len(set((row * 256).astype(int))) == 256


@pytest.mark.parametrize(
    "wrong",
    [
        {"years": (2.0, 1.0)}, {"years": (-1.0,)}, {"quantities": ()},
        {"share": Share("beta", 0.7, 0.9)}, {"price": Price(0.0, 0.1)},
        {"borrower": Borrower(1.0)}, {"borrower": Borrower(0.1, 0.9, 0.9), "price_yield_correlation": -0.9},
    ],
)  # fmt: skip
def test_contradictions_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(RiskEngineError, match="simulation: "):
        simulate(replace(once(1.0, OIL), **wrong), SEED)  # type: ignore[arg-type]


@pytest.mark.parametrize("paths", [1, 2048, 5000])
def test_too_few_or_odd_paths_are_refused(paths: int) -> None:
    with pytest.raises(RiskEngineError, match="power of 2"):
        simulate(once(1.0, OIL), SEED, paths)
