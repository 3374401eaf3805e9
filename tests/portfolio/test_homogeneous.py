"""Default counts: published quantiles, brute quadrature, the t copula, limits."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats
from scipy.special import betainc, ndtr, ndtri

from riskengine.portfolio.exposures import BookError
from riskengine.portfolio.homogeneous import DefaultCount, default_count, tail_dependence
from riskengine.portfolio.panels import layered


def test_published_quantiles_of_a_thousand() -> None:
    """PF-HOM-01."""
    pool = default_count(1000, 0.2, default_chance=0.0033)
    for level, count, cdf in (
        (0.99, 31, 0.9900773041), (0.999, 69, 0.9990112472), (0.9999, 121, 0.9999004495),
    ):  # fmt: skip
        assert pool.quantile(level) == count
        assert pool.at_most(count) == pytest.approx(cdf, abs=1e-8)


def test_a_hundred_thousand_names() -> None:
    """PF-HOM-03; P(D >= 2201)."""
    pool = default_count(100000, 0.12, default_chance=0.01)
    assert pool.exceeding(2200) == pytest.approx(0.103594158267, rel=1e-9)


def test_granular_quantiles() -> None:
    """PF-GA-01 and PF-GA-02: the exact counts."""
    assert default_count(100, 0.2, default_chance=0.01).quantile(0.999) == 16
    assert default_count(100, 0.1, default_chance=0.02).quantile(0.99) == 10
    assert default_count(500, 0.2, default_chance=0.01).quantile(0.999) == 74


def test_fixed_nodes_of_hermite_fail() -> None:
    """64 Gauss-Hermite nodes miss the step: 14 % off in the tail of PF-HOM-03's pool."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(64)
    q = ndtr((ndtri(0.01) - math.sqrt(0.12) * nodes) / math.sqrt(0.88))
    wrong = weights @ betainc(2201.0, 97800.0, q) / math.sqrt(2.0 * math.pi)
    assert abs(wrong / 0.103594158267 - 1.0) > 0.05


@pytest.mark.parametrize("names", [1, 7, 300, 10**6])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.4])
def test_brute_quadrature_agrees(names: int, share: float) -> None:
    pool, d = default_count(names, 0.15, default_chance=0.02), int(share * names)
    y, h = np.linspace(-9.0, 9.0, 400001, retstep=True)
    u = (ndtri(0.02) - math.sqrt(0.15) * y) / math.sqrt(0.85)
    density = stats.norm.pdf(y) * h
    if d < names:
        tail = density @ betainc(d + 1.0, names - d, ndtr(u))
        assert pool.exceeding(d) == pytest.approx(tail, rel=1e-9, abs=1e-25)
    assert pool.at_most(d) + pool.exceeding(d) == pytest.approx(1.0, abs=1e-13)


def test_law_and_single_chances_agree() -> None:
    pool = default_count(300, 0.1, default_chance=0.05)
    law = pool.law(100.0)
    assert np.sum(law.probabilities) == pytest.approx(1.0, abs=1e-13)
    for d in (0, 15, 80, 300):
        assert law.probabilities[d] == pytest.approx(pool.chance(d), rel=1e-10, abs=0.0)
        assert law.exceeding(100.0 * d) == pytest.approx(pool.exceeding(d), rel=1e-10, abs=0.0)
    assert law.expected == pytest.approx(1500.0, rel=1e-12)
    for level in (0.5, 0.99, 0.9999):
        one, other = pool.measures(level, 100.0), law.measures(level)
        assert one.value_at_risk == other.value_at_risk
        assert one.expected_shortfall == pytest.approx(other.expected_shortfall, rel=1e-10)
        assert one.economic_capital == pytest.approx(other.economic_capital, rel=1e-10)
    assert pool.chance(-1) == pool.chance(301) == 0.0
    nobody = pool.measures(1e-9)
    assert nobody.value_at_risk == 0.0
    assert nobody.expected_shortfall == pytest.approx(15.0, rel=1e-6)


def test_many_names_reach_the_limit() -> None:
    """Vasicek: VaR = N((c + sqrt(rho) N^-1(a)) / sqrt(1 - rho)); the rest is of order 1 / n."""
    n, level = 10**6, 0.999
    limit = ndtr((ndtri(0.01) + math.sqrt(0.2) * ndtri(level)) / math.sqrt(0.8))
    found = default_count(n, 0.2, default_chance=0.01).quantile(level)
    assert found / n == pytest.approx(limit, abs=4.0 / n)


BJZ = 0.0625 / (0.0625 + 0.9375 * 9.0), -0.5 * math.sqrt(250.0 / (0.0625 + 0.9375 * 9.0))


@pytest.mark.parametrize(("degrees", "chance"), [(4, 0.008124915), (12, 1.070119e-05)])
def test_published_t_copula_tails(degrees: int, chance: float) -> None:
    """PF-TCOP-04 and PF-TCOP-12: more than 0.25 x 250 defaults."""
    rho, threshold = BJZ
    pool = default_count(250, rho, threshold=threshold, degrees=degrees)
    assert pool.exceeding(62) == pytest.approx(chance, rel=1e-5, abs=0.0)


@pytest.mark.parametrize(
    ("degrees", "counts"), [(math.inf, (109, 155)), (10, (239, 596)), (4, (253, 1079))]
)
def test_published_t_copula_quantiles(degrees: float, counts: tuple[int, int]) -> None:
    """PF-FM-B."""
    pool = default_count(10000, 0.038, default_chance=0.005, degrees=degrees)
    assert (pool.quantile(0.95), pool.quantile(0.99)) == counts


def test_quadrature_of_scipy_over_both_factors() -> None:
    pool = default_count(40, 0.3, default_chance=0.05, degrees=5.0)

    def given_scale(s: float) -> float:
        u = (pool.threshold * s - math.sqrt(0.3) * Y) / math.sqrt(0.7)
        return float(stats.norm.pdf(Y) * (Y[1] - Y[0]) @ betainc(9.0, 32.0, ndtr(u)))

    Y = np.linspace(-9.0, 9.0, 801)  # noqa: N806
    density = stats.chi(5.0)
    found, _ = integrate.quad(
        lambda s: given_scale(s) * math.sqrt(5.0) * density.pdf(s * math.sqrt(5.0)), 0.0, 5.0,
        epsrel=1e-9,
    )  # fmt: skip
    assert pool.exceeding(8) == pytest.approx(found, rel=1e-7)
    assert pool.default_chance == pytest.approx(0.05, rel=1e-12)


def test_many_degrees_are_gaussian() -> None:
    gaussian = default_count(100, 0.2, default_chance=0.03)
    near = default_count(100, 0.2, default_chance=0.03, degrees=1e9)
    assert near.exceeding(9) == pytest.approx(gaussian.exceeding(9), rel=1e-6)
    assert near.quantile(0.99) == gaussian.quantile(0.99)


@pytest.mark.parametrize("degrees", [1.0, 30.0])
@pytest.mark.parametrize("chance", [0.001, 0.9])
def test_t_copula_is_a_law(degrees: float, chance: float) -> None:
    pool = default_count(1, 0.4, default_chance=chance, degrees=degrees)
    assert pool.exceeding(0) == pytest.approx(chance, rel=1e-9)
    assert pool.at_most(0) + pool.exceeding(0) == pytest.approx(1.0, abs=1e-12)


@given(st.integers(1, 400), st.floats(0.0, 0.9), st.floats(1e-4, 0.9), st.floats(0.01, 0.9999))
@settings(max_examples=40)
def test_quantiles_are_the_smallest(names: int, rho: float, pd: float, level: float) -> None:
    pool = default_count(names, rho, default_chance=pd)
    d = pool.quantile(level)
    assert pool.exceeding(d) <= (1.0 - level) * (1.0 + 1e-11)
    assert pool.exceeding(d - 1) > (1.0 - level) * (1.0 - 1e-11)


def test_independent_names_are_binomial() -> None:
    pool = default_count(50, 0.0, default_chance=0.1)
    assert pool.exceeding(9) == pytest.approx(stats.binom.sf(9, 50, 0.1), rel=1e-12)
    assert pool.quantile(0.99) == stats.binom.ppf(0.99, 50, 0.1)


def test_published_tail_dependence() -> None:
    """PF-TD-01."""
    found = [tail_dependence(rho, 4.0) for rho in (-0.5, 0.0, 0.5, 0.9)]
    assert found == pytest.approx([0.011724811, 0.0755868184, 0.253169995, 0.629811871], abs=1e-8)
    assert tail_dependence(1.0, 4.0) == 1.0
    assert tail_dependence(-1.0, 4.0) == tail_dependence(0.5, math.inf) == 0.0
    pool = default_count(2, 0.5, default_chance=1e-9, degrees=4.0)
    assert pool.exceeding(1) / 1e-9 == pytest.approx(0.253169995, rel=2e-3)


def test_panels_cover_the_range() -> None:
    ends = layered([(0.3, 0.01), (50.0, 1.0)], -2.0, 2.0, 1.0)
    assert ends[0] == -2.0 and ends[-1] == 2.0
    assert np.all(np.diff(ends) > 0.0) and np.max(np.diff(ends)) <= 1.0


@pytest.mark.parametrize(
    "more",
    [
        {"names": 0}, {"names": 2 * 10**9}, {"correlation": 1.0}, {"correlation": -0.1},
        {"correlation": math.nan}, {"default_chance": 0.0}, {"default_chance": 1.0},
        {"default_chance": math.nan}, {"degrees": 0.1}, {"degrees": math.nan}, {"threshold": 1.0},
        {"default_chance": None}, {"default_chance": None, "threshold": math.inf},
    ],
)  # fmt: skip
def test_bad_pools_are_refused(more: dict) -> None:
    good = {"names": 10, "correlation": 0.2, "default_chance": 0.1, "degrees": math.inf}
    with pytest.raises(BookError):
        default_count(**(good | more))


def test_bad_questions_are_refused() -> None:
    pool = default_count(10, 0.2, default_chance=0.1)
    for level in (0.0, 1.0, math.nan):
        with pytest.raises(BookError):
            pool.quantile(level)
    with pytest.raises(BookError):
        DefaultCount(10, -1.0, 0.2, 4.0).law()
    for rho, degrees in ((1.5, 4.0), (0.5, 0.0), (math.nan, 4.0)):
        with pytest.raises(BookError):
            tail_dependence(rho, degrees)
    assert pool.exceeding(-1) == 1.0 == pool.at_most(10)
    assert pool.exceeding(10) == 0.0 == pool.at_most(-1)
