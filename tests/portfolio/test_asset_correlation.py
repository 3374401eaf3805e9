"""Correlation out of default rates: recovery, closed forms, second routes, refusals."""

import math

import numpy as np
import pytest
from scipy import optimize, stats

from riskengine.kernels.default_counts import count_likelihood_rows
from riskengine.portfolio.asset_correlation import (
    by_counts,
    by_moments,
    by_rates,
    correlation_of_variance,
)
from riskengine.portfolio.exposures import BookError
from riskengine.portfolio.large_pool import density, loss_variance


def history(years: int, n: int, p: float, rho: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    z = rng.standard_normal(years)
    q = stats.norm.cdf((stats.norm.ppf(p) - math.sqrt(rho) * z) / math.sqrt(1.0 - rho))
    return rng.binomial(n, q), q


@pytest.mark.parametrize("rho", [1e-6, 0.05, 0.3, 0.9])
def test_variance_and_back(rho: float) -> None:
    assert correlation_of_variance(0.03, loss_variance(0.03, rho)[0]) == pytest.approx(
        rho, rel=1e-9
    )


def test_variance_at_its_limits() -> None:
    assert correlation_of_variance(0.03, 0.0) == correlation_of_variance(0.03, -1.0) == 0.0
    with pytest.raises(BookError, match="reaches PD"):
        correlation_of_variance(0.03, 0.03 * 0.97)
    with pytest.raises(BookError, match="default_chance must be in"):
        correlation_of_variance(0.0, 0.01)


def test_closed_form_is_the_largest_likelihood_of_the_density() -> None:
    rates = np.array([0.011, 0.024, 0.008, 0.039, 0.017, 0.02])
    found = by_rates(rates)

    def misfit(x: np.ndarray) -> float:
        p, rho = stats.norm.cdf(x[0]), 1.0 / (1.0 + math.exp(-x[1]))
        return -float(np.sum(np.log(density(p, rho, rates))))

    best = optimize.minimize(misfit, [-2.0, -3.0], method="Nelder-Mead",
                             options={"xatol": 1e-9, "fatol": 1e-12})  # fmt: skip
    assert found.default_chance == pytest.approx(float(stats.norm.cdf(best.x[0])), rel=1e-6)
    assert found.correlation == pytest.approx(1.0 / (1.0 + math.exp(-best.x[1])), rel=1e-6)
    assert found.log_likelihood == pytest.approx(-best.fun, rel=1e-9)


def test_all_roads_find_what_was_put_in() -> None:
    p, rho, n = 0.02, 0.08, 2000
    defaults, chances = history(300, n, p, rho, seed=6)
    counts = np.full(300, n)
    for found in (
        by_counts(defaults[:120], counts[:120]),
        by_moments(defaults / n, counts),
        by_rates(chances),
    ):
        assert abs(found.default_chance - p) < 3.0 * found.default_chance_error
        assert abs(found.correlation - rho) < 3.0 * found.correlation_error
        assert 0.0 < found.correlation_error < 0.03


def test_errors_are_the_scatter_of_many_histories() -> None:
    """200 histories of 25 years: the stated error is the spread of the estimates."""
    found = [by_rates(history(25, 10, 0.02, 0.08, seed)[1]) for seed in range(200)]
    spread = np.std([one.correlation for one in found])
    stated = np.mean([one.correlation_error for one in found])
    assert stated == pytest.approx(spread, rel=0.15)
    spread = np.std([one.default_chance for one in found])
    stated = np.mean([one.default_chance_error for one in found])
    assert stated == pytest.approx(spread, rel=0.15)


def test_counts_of_huge_pools_are_rates() -> None:
    _, chances = history(20, 10, 0.02, 0.1, seed=3)
    n = np.full(20, 2e7)
    counts, rates = by_counts(np.round(chances * n), n), by_rates(chances)
    assert counts.default_chance == pytest.approx(rates.default_chance, rel=1e-4)
    assert counts.correlation == pytest.approx(rates.correlation, rel=1e-3)
    assert counts.correlation_error == pytest.approx(rates.correlation_error, rel=0.01)
    assert counts.default_chance_error == pytest.approx(rates.default_chance_error, rel=0.01)


def test_few_debts_scatter_by_themselves() -> None:
    """Without counts the scatter of 150 debts would pass for correlation."""
    defaults, _ = history(300, 150, 0.03, 0.04, seed=2)
    naive, aware = by_moments(defaults / 150), by_moments(defaults / 150, np.full(300, 150))
    assert naive.correlation > 1.5 * aware.correlation
    assert abs(aware.correlation - 0.04) < 3.0 * aware.correlation_error


def test_it_is_a_maximum() -> None:
    defaults, _ = history(15, 400, 0.03, 0.1, seed=9)
    n = np.full(15, 400.0)
    found = by_counts(defaults, n)

    def fit(p: float, rho: float) -> float:
        return count_likelihood_rows(defaults.astype(float), n, np.full(15, stats.norm.ppf(p)), rho)

    assert fit(found.default_chance, found.correlation) == pytest.approx(
        found.log_likelihood, abs=1e-8
    )
    for p, rho in ((1.01, 1.0), (0.99, 1.0), (1.0, 1.02), (1.0, 0.98)):
        assert fit(p * found.default_chance, rho * found.correlation) < found.log_likelihood


def test_known_chances() -> None:
    defaults, _ = history(40, 3000, 0.02, 0.08, seed=12)
    found = by_counts(defaults, np.full(40, 3000), 0.02)
    assert (found.default_chance, found.default_chance_error) == (pytest.approx(0.02), 0.0)
    assert abs(found.correlation - 0.08) < 3.0 * found.correlation_error
    varying = by_counts(defaults, np.full(40, 3000), np.full(40, 0.02))
    assert varying.correlation == found.correlation


def test_no_more_scatter_than_chance() -> None:
    """Even rates: the correlation is 0 and has no error."""
    even = by_counts([20, 20, 21, 19, 20], [1000] * 5)
    assert even.correlation == 0.0 and math.isnan(even.correlation_error)
    assert even.default_chance == pytest.approx(0.02)
    assert by_counts([20, 20, 21, 19, 20], [1000] * 5, 0.02).correlation == 0.0
    moments = by_moments([0.02, 0.02, 0.021, 0.019], [1000] * 4)
    assert moments.correlation == 0.0 and math.isnan(moments.correlation_error)
    assert by_rates([0.02] * 4).correlation == 0.0
    assert by_moments([0.0] * 4).default_chance == 0.0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: by_rates([0.0, 0.1, 0.2]), r"rates must be in \(0, 1\)"),
        (lambda: by_rates([0.1, 0.2]), "2 years says nothing"),
        (lambda: by_rates([]), "0 years says nothing"),
        (lambda: by_moments([0.1, 0.2, 1.2]), r"rates must be in \[0, 1\]"),
        (lambda: by_moments([0.1, math.nan, 0.2]), "rates holds something missing"),
        (lambda: by_moments([0.1, 0.3, 0.2], [1, 5, 5]), "obligors must be in"),
        (lambda: by_counts([0, 0, 0], [10] * 3), "nobody or everybody"),
        (lambda: by_counts([10, 10, 10], [10] * 3), "nobody or everybody"),
        (lambda: by_counts([1, 2, 11], [10] * 3), "obligors - defaults"),
        (lambda: by_counts([-1, 2, 1], [10] * 3), "defaults must be in"),
        (lambda: by_counts([0, 0, 0], [0, 10, 10]), "obligors must be in"),
        (lambda: by_counts([1, 2, 3], [10] * 3, 1.0), "default_chance must be in"),
    ],
)
def test_refusals(call: object, said: str) -> None:
    with pytest.raises(BookError, match=said):
        call()  # type: ignore[operator]
