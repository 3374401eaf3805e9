"""Pluto and Tasche's bounds: printed tables, slow twins, and limits."""

import numpy as np
import pytest
from scipy.stats import beta, binom, norm

from models.pd import portfolio_bound, scaled_bounds, upper_bounds
from models.pd.low_default import _below_over_years
from riskengine.errors import ModelError

N, NONE, FEW = [100, 400, 300], [0, 0, 0], [0, 2, 1]
GAMMA = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999]

# PD-PT-01 and PD-PT-03: exact, and as printed in tables 3 and 7 of the paper [%].
INDEPENDENT = [
    [0.00086605873, 0.0017313674, 0.0028740932, 0.0037376628, 0.005739926, 0.0085975222],
    [0.00098972016, 0.0019784608, 0.0032840031, 0.004270473, 0.0065572215, 0.0098196907],
    [0.0023078235, 0.0046103209, 0.0076459039, 0.0099360819, 0.015233348, 0.022762779],
]
INDEPENDENT_PRINTED = [
    [0.09, 0.17, 0.29, 0.37, 0.57, 0.86], [0.1, 0.2, 0.33, 0.43, 0.66, 0.98],
    [0.23, 0.46, 0.76, 0.99, 1.52, 2.28],
]  # fmt: skip
CORRELATED = [
    [0.001534584, 0.004026879, 0.008643477, 0.01310307, 0.02656342, 0.05292985],
    [0.001729817, 0.004509868, 0.009617757, 0.01452054, 0.02920262, 0.0576499],
    [0.003701571, 0.009252383, 0.01891253, 0.02779522, 0.05302558, 0.09842674],
]
CORRELATED_PRINTED = [
    [0.15, 0.4, 0.86, 1.31, 2.65, 5.29], [0.17, 0.45, 0.96, 1.45, 2.92, 5.77],
    [0.37, 0.92, 1.89, 2.78, 5.3, 9.84],
]  # fmt: skip


def test_published_independent_bounds() -> None:
    """PD-PT-01."""
    found = np.array([upper_bounds(N, NONE, gamma) for gamma in GAMMA]).T
    np.testing.assert_allclose(found, INDEPENDENT, rtol=0, atol=1e-7)
    np.testing.assert_allclose(100 * found, INDEPENDENT_PRINTED, rtol=0, atol=5.1e-3)


def test_published_correlated_bounds() -> None:
    """PD-PT-03.  A few printed cells are 0.01 % off the exact root: the paper's own search."""
    found = np.array([upper_bounds(N, NONE, gamma, 0.12) for gamma in GAMMA]).T
    np.testing.assert_allclose(found, CORRELATED, rtol=2e-6)
    np.testing.assert_allclose(100 * found, CORRELATED_PRINTED, rtol=0, atol=0.015)


def test_published_package_example() -> None:
    """PD-PT-05.  The package prints roots of R's uniroot at its default tolerance, 3e-5 off."""
    n, d = [10, 20, 30, 40, 10], [1, 2, 0, 0, 0]
    found = upper_bounds(n[::-1], d[::-1], 0.5)[::-1]
    exact = [0.162262728, 0.12104061, 0.0608594802, 0.0365974814, 0.0332805935]
    printed = [0.16226172, 0.12106991, 0.06086968, 0.03659702, 0.03330381]
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-8)
    np.testing.assert_allclose(found, printed, rtol=0, atol=4e-5)
    assert np.abs(found - printed).max() > 1e-5


def test_bound_solves_its_own_equation() -> None:
    found = upper_bounds(N, FEW, 0.9)
    for p, n, d in zip(found, (800, 700, 300), (3, 3, 1), strict=True):
        assert binom.cdf(d, n, p) == pytest.approx(0.1, rel=1e-10)
        assert p == pytest.approx(beta.ppf(0.9, d + 1, n - d), rel=1e-12)
    p = portfolio_bound(N, FEW, 0.9, 0.12)
    y = norm.ppf((np.arange(400_000) + 0.5) / 400_000)
    yearly = norm.cdf((norm.ppf(p) - np.sqrt(0.12) * y) / np.sqrt(0.88))
    assert binom.cdf(3, 800, yearly).mean() == pytest.approx(0.1, rel=1e-4)


def test_correlation_near_zero_is_independence() -> None:
    np.testing.assert_allclose(
        upper_bounds(N, FEW, 0.9, 1e-9), upper_bounds(N, FEW, 0.9), rtol=1e-3
    )


def test_large_books_are_integrated_finely_enough() -> None:
    """The mass over the factor is narrower than any fixed grid of 200 nodes."""
    n, d, rho = 100_000, 40, 0.12
    p = portfolio_bound([n], [d], 0.9, rho)
    centre = 2.0  # defaults this few need a good state
    y = np.linspace(centre - 6, centre + 6, 400_001)
    yearly = norm.cdf((norm.ppf(p) - np.sqrt(rho) * y) / np.sqrt(1 - rho))
    mass = np.trapezoid(binom.cdf(d, n, yearly) * norm.pdf(y), y)
    assert mass == pytest.approx(0.1, rel=1e-8)


def test_years_against_simulation() -> None:
    """The slow twin: paths of the factor drawn, as the paper does it."""
    n, d, rho, years, theta, p = 800, 3, 0.12, 5, 0.3, 0.004
    exact = _below_over_years(n, d, rho, years, theta)(p)
    generator = np.random.default_rng(12)
    paths = np.linalg.cholesky(theta ** np.abs(np.subtract.outer(np.arange(5), np.arange(5))))
    y = generator.standard_normal((40_000, years)) @ paths.T
    yearly = norm.cdf((norm.ppf(p) - np.sqrt(rho) * y) / np.sqrt(1 - rho))
    drawn = binom.cdf(d, n, 1 - np.prod(1 - yearly, axis=1))
    assert exact == pytest.approx(drawn.mean(), abs=3 * drawn.std() / np.sqrt(drawn.size))


def test_years_in_their_limits() -> None:
    """No defaults and independent years: one year's chance to the power of the years."""
    chance = _below_over_years(300, 0, 0.12, 4, 0.0)(0.002)
    assert chance == pytest.approx(_below_over_years(300, 0, 0.12, 1, 0.0)(0.002) ** 4, rel=1e-12)
    one = upper_bounds(N, FEW, 0.9, 0.12)
    np.testing.assert_allclose(upper_bounds(N, FEW, 0.9, 0.12, 1, 0.3), one, rtol=1e-12)
    still = portfolio_bound([300], [0], 0.9, 0.12, 3, 1.0)
    assert portfolio_bound([300], [0], 0.9, 0.12, 3, 0.995) == pytest.approx(still, rel=1e-2)
    independent = upper_bounds(N, NONE, 0.9, 0.0, 5)
    np.testing.assert_allclose(1 - (1 - independent) ** 5, upper_bounds(N, NONE, 0.9), rtol=1e-12)


def test_more_years_without_default_lower_the_bound_and_persistence_raises_it() -> None:
    one, five = upper_bounds(N, NONE, 0.9, 0.12), upper_bounds(N, NONE, 0.9, 0.12, 5, 0.3)
    assert (five < one).all()
    assert (upper_bounds(N, NONE, 0.9, 0.12, 5, 0.8) > five).all()


def test_bounds_rise_with_confidence_defaults_and_grade() -> None:
    assert (np.diff([upper_bounds(N, FEW, g) for g in GAMMA], axis=0) > 0).all()
    assert (upper_bounds(N, FEW, 0.9) > upper_bounds(N, NONE, 0.9)).all()
    # Defaults that run against the grades are pooled, so that bounds never fall.
    turned = upper_bounds([50, 400, 1000], [6, 0, 0], 0.75)
    assert (np.diff(turned) >= 0).all() and turned[0] == turned[1] == turned[2]
    assert upper_bounds([3, 2], [0, 2], 0.9)[1] == 1.0


@pytest.mark.parametrize("centre", ["observed", "bound"])
def test_scaled_bounds_average_to_their_centre(centre: str) -> None:
    found, factor = scaled_bounds(N, FEW, 0.75, centre=centre)
    wanted = 3 / 800 if centre == "observed" else portfolio_bound(N, FEW, 0.75)
    assert found @ np.array(N) / 800 == pytest.approx(wanted, rel=1e-12)
    np.testing.assert_allclose(found, factor * upper_bounds(N, FEW, 0.75), rtol=1e-12)
    assert factor < 1.0


def test_scaling_to_the_observed_rate_undoes_the_confidence() -> None:
    """Scaled to the observed rate, a higher gamma lowers the best grade: no conservatism is left."""
    best = [scaled_bounds(N, FEW, gamma)[0][0] for gamma in GAMMA]
    assert (np.diff(best) < 0).all()
    assert (np.diff([scaled_bounds(N, FEW, g, centre="bound")[0][0] for g in GAMMA]) > 0).all()


def test_bad_input_is_refused() -> None:
    for n, d, gamma in (([10], [11], 0.9), ([10.5], [0], 0.9), ([10], [0, 0], 0.9), ([0], [0], 0.9),
                        ([10], [0], 1.0)):  # fmt: skip
        with pytest.raises(ModelError):
            upper_bounds(n, d, gamma)
    with pytest.raises(ModelError, match="no default"):
        scaled_bounds(N, NONE, 0.9)
    with pytest.raises(ModelError):
        scaled_bounds(N, FEW, 0.9, centre="median")
    with pytest.raises(ModelError, match="no longer few"):
        upper_bounds([5000], [300], 0.9, 0.1, 3, 0.5)
