"""Granularity: oracles, exact binomial mixtures, simulation-free second routes."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from riskengine.portfolio.capital import formula, irb_capital
from riskengine.portfolio.exposures import BookError, Exposures, FactorModel
from riskengine.portfolio.factor_book import secured_book, unsecured_book
from riskengine.portfolio.granularity import (
    book_adjustment,
    gordy_delta,
    gordy_luetkebohmert,
    granularity_adjustment,
)


def exact_count(n: int, p: float, rho: float, level: float) -> int:
    """Loss quantile of n alike debts in defaults, by a fine composite rule over the factor."""
    nodes, weights = np.polynomial.legendre.leggauss(16)
    edges = np.linspace(-9.0, 9.0, 361)
    half = 0.5 * np.diff(edges)
    z = ((edges[:-1] + half)[:, None] + half[:, None] * nodes).ravel()
    mass = (half[:, None] * weights).ravel() * stats.norm.pdf(z)
    q = stats.norm.cdf((stats.norm.ppf(p) - math.sqrt(rho) * z) / math.sqrt(1.0 - rho))
    k = 0
    while mass @ stats.binom.sf(k, n, q) > 1.0 - level:
        k += 1
    return k


@pytest.mark.parametrize(
    ("p", "rho", "level", "fine", "times_n", "whole", "count"),
    [
        (0.01, 0.2, 0.999, 0.145525266131, 1.61467746624, 0.161672040793, 16),
        (0.02, 0.1, 0.99, 0.0823567692572, 1.66330229375, 0.0989897921948, 10),
    ],
    ids=["PF-GA-01", "PF-GA-02"],
)
def test_alike_debts(
    p: float, rho: float, level: float, fine: float, times_n: float, whole: float, count: int
) -> None:
    found = granularity_adjustment(np.full(100, 0.01), p, rho, level=level)
    assert found.fine_quantile == pytest.approx(fine, rel=1e-8)
    assert 100.0 * found.quantile_adjustment == pytest.approx(times_n, rel=1e-8)
    assert found.quantile == pytest.approx(whole, rel=1e-8)
    assert exact_count(100, p, rho, level) == count
    assert abs(found.quantile - count / 100.0) < 0.01


def test_five_hundred_debts() -> None:
    """Credit notes 4.3: 14.88 % against 74 of 500 exactly."""
    found = granularity_adjustment(np.full(500, 1.0 / 500.0), 0.01, 0.2, level=0.999)
    assert found.quantile == pytest.approx(0.1488, abs=5e-5)
    assert exact_count(500, 0.01, 0.2, 0.999) == 74


def test_shortfall_of_finite_pools_by_quadrature() -> None:
    """The adjustment of the shortfall is first order in 1 / n: the rest falls with n^-2."""
    p, rho, level = 0.02, 0.15, 0.99
    z = np.linspace(-8.5, 8.5, 6001)
    mass = stats.norm.pdf(z) * (z[1] - z[0])
    q = stats.norm.cdf((stats.norm.ppf(p) - math.sqrt(rho) * z) / math.sqrt(1.0 - rho))
    for n in (100, 400):
        pmf = np.array([mass @ stats.binom.pmf(k, n, q) for k in range(n // 2)])
        above = 1.0 - np.cumsum(pmf)
        var = int(np.argmax(above <= 1.0 - level))
        k = np.arange(pmf.size)
        worst = (np.sum((k * pmf)[var + 1 :]) + var * (1.0 - level - above[var])) / (1.0 - level)
        found = granularity_adjustment(np.full(n, 1.0 / n), p, rho, level=level)
        # Measured n^2 x error between 4 and 10 for n from 50 to 800.
        assert abs(found.shortfall - worst / n) < 8.0 / n**2
        assert found.shortfall_adjustment > 0.9 * (worst / n - found.fine_shortfall)


def test_heterogeneous_by_numerical_derivative() -> None:
    """The same formula with v and m by hand and the derivative by differences."""
    rng = np.random.default_rng(2)
    w, pd, rho = rng.lognormal(0, 1, 30), rng.uniform(0.002, 0.1, 30), rng.uniform(0.05, 0.4, 30)
    lgd, var, level = rng.uniform(0.2, 0.8, 30), rng.uniform(0.0, 0.06, 30), 0.995

    def ratio(z: float) -> float:
        root = np.sqrt(1.0 - rho)
        u = (stats.norm.ppf(pd) - np.sqrt(rho) * z) / root
        p, slope = stats.norm.cdf(u), -stats.norm.pdf(u) * np.sqrt(rho) / root
        v = np.sum(w**2 * (lgd**2 * p * (1.0 - p) + var * p))
        return float(stats.norm.pdf(z) * v / np.sum(w * lgd * slope))

    z, step = float(stats.norm.ppf(1.0 - level)), 1e-4
    by_hand = -0.5 * (ratio(z + step) - ratio(z - step)) / (2 * step) / stats.norm.pdf(z)
    found = granularity_adjustment(w, pd, rho, lgd, loss_variance=var, level=level)
    assert found.quantile_adjustment == pytest.approx(by_hand, rel=1e-7)
    assert found.shortfall_adjustment == pytest.approx(-0.5 * ratio(z) / (1.0 - level), rel=1e-10)


def test_collateral_by_numerical_derivative() -> None:
    """With sales that fall with the factor: variance of the loss by quadrature."""
    n, level = 3, 0.99
    book = Exposures(
        np.array([5.0, 3.0, 2.0]), np.array([0.02, 0.05, 0.03]), np.zeros(n, dtype=np.int64),
        np.ones(n), np.array([1.1, 0.7, 0.0]), np.full(n, 0.3), np.ones(n), np.full(n, 0.05),
    )  # fmt: skip
    model = FactorModel(
        ("a",), np.eye(1), ("s",), np.array([[0.4]]), np.array([[0.6]]), np.array([0.3])
    )

    def put(z: float, forward: float, power: int) -> float:
        if forward == 0.0:
            return 1.0
        late = math.exp(-0.3 * 0.6 * z - 0.5 * 0.18**2) - 1.0
        mean, s = forward * math.exp(0.18 * z - 0.5 * 0.18**2 - 0.05 * late), 0.3 * 0.8
        d = (math.log(1.0 / mean) + 0.5 * s * s) / s
        return float(integrate.quad(
            lambda x: (1.0 - mean * math.exp(s * x - 0.5 * s * s)) ** power * stats.norm.pdf(x),
            -9.0, d, epsrel=1e-11, epsabs=1e-15,
        )[0])  # fmt: skip

    def parts(z: float) -> tuple[float, float]:
        p = stats.norm.cdf((stats.norm.ppf(book.default_chance) - 0.4 * z) / math.sqrt(0.84))
        first = np.array([put(z, f, 1) for f in book.forward]) * p
        second = np.array([put(z, f, 2) for f in book.forward]) * p
        return float(book.debt_yuan @ first), float(book.debt_yuan**2 @ (second - first**2))

    def ratio(z: float, step: float = 1e-3) -> float:
        slope = (parts(z + step)[0] - parts(z - step)[0]) / (2 * step)
        return float(stats.norm.pdf(z)) * parts(z)[1] / slope

    z, step = float(stats.norm.ppf(1.0 - level)), 1e-3
    by_hand = -0.5 * (ratio(z + step) - ratio(z - step)) / (2 * step) / stats.norm.pdf(z)
    found = book_adjustment(secured_book(book, model), level)
    assert found.fine_quantile == pytest.approx(parts(z)[0], rel=1e-9)
    assert found.quantile_adjustment == pytest.approx(by_hand, rel=1e-5)


def test_gordy_delta() -> None:
    """PF-GL-01."""
    q, delta = gordy_delta(0.999, 0.25)
    assert (q, delta) == pytest.approx((17.505777, 4.83360126), rel=1e-7)
    assert delta == pytest.approx(4.83, abs=0.005)
    assert q == pytest.approx(stats.gamma(0.25, scale=4.0).ppf(0.999), rel=1e-9)


def test_gordy_luetkebohmert() -> None:
    """Term by term as the paper prints it, debtor by debtor."""
    debt, pd, lgd = [5.0, 3.0, 1.0, 1.0], [0.01, 0.002, 0.05, 0.02], [0.45, 0.4, 0.45, 0.6]
    capital = irb_capital(formula("basel_2017"), "corporate", pd, lgd).capital_share
    _, delta = gordy_delta(0.999)
    total, whole, full, simple = sum(debt), 0.0, 0.0, 0.0
    for d, p, e, k in zip(debt, pd, lgd, capital, strict=True):
        s, r, variance = d / total, p * e, 0.25 * e * (1.0 - e)
        c = (variance + e * e) / e
        whole += s * k
        full += s * s * (delta * c * (k + r) + delta * (k + r) ** 2 * variance / e**2
                         - k * (c + 2.0 * (k + r) * variance / e**2))  # fmt: skip
        simple += s * s * c * (delta * (k + r) - k)
    found = gordy_luetkebohmert(debt, pd, lgd, capital, level=0.999)
    assert found == pytest.approx(full / (2.0 * whole), rel=1e-13)
    short = gordy_luetkebohmert(debt, pd, lgd, capital, level=0.999, simplified=True)
    assert short == pytest.approx(simple / (2.0 * whole), rel=1e-13)
    assert short < found
    # Halving every debt and doubling their number halves it.
    twice = gordy_luetkebohmert(debt * 2, pd * 2, lgd * 2, np.tile(capital, 2), level=0.999)
    assert twice == pytest.approx(found / 2.0, rel=1e-13)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: granularity_adjustment([1.0], 0.0, 0.2, level=0.99), "does not rise"),
        (lambda: granularity_adjustment([1.0], 0.1, 0.0, level=0.99), "does not rise"),
        (lambda: granularity_adjustment([], [], [], level=0.99), "does not rise"),
        (lambda: granularity_adjustment([1.0], 0.1, 1.0, level=0.99), "1 - correlation"),
        (lambda: granularity_adjustment([1.0], 0.1, 0.2, level=0.0), "level must be in"),
        (lambda: granularity_adjustment([1.0], 0.1, 0.2, loss_variance=-1.0, level=0.9), "loss_variance"),
        (lambda: gordy_delta(1.0), "level must be in"),
        (lambda: gordy_delta(0.9, 0.0), "shape must be in"),
        (lambda: gordy_luetkebohmert([0.0], 0.1, 0.5, 0.05, level=0.9), "no debt or no capital"),
        (lambda: gordy_luetkebohmert([1.0], 0.1, 0.5, 0.0, level=0.9), "no debt or no capital"),
        (lambda: gordy_luetkebohmert([1.0], 0.1, 0.0, 0.1, level=0.9), "loss_share must be in"),
    ],
)  # fmt: skip
def test_refusals(call: object, said: str) -> None:
    with pytest.raises(BookError, match=said):
        call()  # type: ignore[operator]


def test_sure_debts_add_no_granularity() -> None:
    book = unsecured_book([1.0, 5.0], [0.02, 1.0], 0.2, 0.5)
    found = book_adjustment(book, 0.99)
    alone = granularity_adjustment([1.0], 0.02, 0.2, 0.5, level=0.99)
    assert found.quantile_adjustment == pytest.approx(alone.quantile_adjustment, rel=1e-12)
