"""Simulation against oracles, closed forms, exact laws and itself."""

import math

import numpy as np
import pytest
from scipy import special, stats

from riskengine.kernels.bivariate import bivariate_normal_cdf
from riskengine.portfolio.conditional import measured_error
from riskengine.portfolio.exposures import BookError, Exposures, FactorModel
from riskengine.portfolio.simulation import simulate
from tests.portfolio.books import column, fixed, graded, one_factor, sixteen_factors


def glasserman_li():
    """1,000 names, 21 factors, as PF-GL21 states them."""
    k = np.arange(1, 1001)
    chance = np.clip(0.01 * (1.0 + np.sin(16.0 * np.pi * k / 1000.0)), 0.0, 1.0)
    segment = (k - 1) // 100 * 10 + (k - 1) % 100 // 10
    loadings = np.zeros((100, 21))
    loadings[:, 0] = 0.8
    loadings[np.arange(100), 1 + np.arange(100) // 10] = 0.4
    loadings[np.arange(100), 11 + np.arange(100) % 10] = 0.4
    model = FactorModel(
        tuple(map(str, range(21))), np.eye(21), tuple(map(str, range(100))), loadings,
        np.zeros((100, 21)), np.zeros(100),
    )  # fmt: skip
    return fixed(np.ceil(5.0 * k / 1000.0) ** 2, chance, segment, np.ones(1000)), model


@pytest.mark.parametrize(("case", "threshold", "prob", "standard_error", "own_risk", "scenarios"), [
    ("PF-GL21-01", 2500.0, 0.0089616, 2.2e-05, "drawn", 1024),
    ("PF-GL21-04", 8500.0, 0.000100439, 3.3e-07, "auto", 2048),
])  # fmt: skip
def test_pf_gl21(case, threshold, prob, standard_error, own_risk, scenarios):
    """PF-GL21-01 and PF-GL21-04, at rel 1 %: names drawn, all or those that matter."""
    book, model = glasserman_li()
    found = simulate(
        book,
        model,
        level=1.0 - prob,
        target_yuan=threshold,
        seed=21,
        scenarios=scenarios,
        threads=2,
        own_risk=own_risk,
    )
    assert found.treatment.kind == ("drawn" if own_risk == "drawn" else "hybrid")
    tail = found.law.exceedance(threshold)
    assert tail.value == pytest.approx(prob, rel=0.01)
    assert abs(tail.value - prob) < 4.0 * math.hypot(tail.standard_error, standard_error)
    assert tail.standard_error < 0.01 * prob


def two_sectors():
    model = FactorModel(
        ("a", "b"), column(1.0, 0.3, 0.3, 1.0).reshape(2, 2), ("a", "b"),
        np.diag(np.sqrt([0.15, 0.12])), np.zeros((2, 2)), np.zeros(2),
    )  # fmt: skip
    return fixed(column(0.6, 0.4), column(0.02, 0.03), column(0.0, 1.0), column(0.5, 0.6)), model


def test_two_sectors_get_three_components():
    """PF-2SEC-01 by simulation; `test_lines` holds it at its stated tolerance."""
    found = simulate(*two_sectors(), seed=1, scenarios=4096, own_risk="none")
    assert found.components == 3
    error = found.value_at_risk.standard_error
    assert abs(found.value_at_risk.value - 0.074423237) < 4.5 * error
    assert error < 5e-4 * 0.0744


@pytest.mark.parametrize(("case", "pd", "rho", "var", "es"), [
    ("PF-LHP-01", 0.02, 0.1, 0.128237107299, 0.149500491063),
    ("PF-LHP-02", 0.01, 0.2, 0.145525266131, 0.181435531433),
])  # fmt: skip
def test_one_factor_is_the_closed_form(case, pd, rho, var, es):
    """PF-LHP-01 and PF-LHP-02 by simulation, within its own error."""
    found = simulate(
        fixed(*(column(v) for v in (1.0, pd, 0.0, 1.0))), one_factor(rho), seed=2, own_risk="none"
    )
    assert found.value_at_risk.value == pytest.approx(var, rel=2e-4)
    assert found.expected_shortfall.value == pytest.approx(es, rel=2e-5)
    c, q = special.ndtri(pd), special.ndtri(0.999)
    assert es == pytest.approx(bivariate_normal_cdf(c, -q, math.sqrt(rho)) / 0.001, rel=1e-9)
    assert found.expected_loss_yuan == pytest.approx(pd, rel=1e-14)
    assert found.economic_capital_yuan == found.value_at_risk.value - found.expected_loss_yuan


def exact_tail(debts, chance, rho, counts):
    """P(L > x) of whole debts by convolution at each of many nodes of one factor."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    law = np.zeros(int(debts.sum()) + 1)
    for z, w in zip(9.0 * nodes, 9.0 * weights, strict=True):
        pmf = np.zeros_like(law)
        pmf[0] = 1.0
        for size, p in zip(debts.astype(int), chance, strict=True):
            q = special.ndtr((special.ndtri(p) - math.sqrt(rho) * z) / math.sqrt(1.0 - rho))
            moved = np.zeros_like(pmf)
            moved[size:] = pmf[:-size]
            pmf = (1.0 - q) * pmf + q * moved
        law += w * stats.norm.pdf(z) * pmf
    return np.cumsum(law[::-1])[::-1][counts + 1]


def test_a_book_of_few_names_against_exact_convolution():
    """Every name is drawn; P(L > x) at three losses, VaR on its atom."""
    debts = np.tile(column(1.0, 2.0, 3.0, 5.0), 10)
    chance = np.repeat(column(0.01, 0.02, 0.03, 0.05), 10)
    book = fixed(debts, chance, np.zeros(40), np.ones(40))
    found = simulate(book, one_factor(0.2), level=0.99, seed=3, scenarios=2048)
    assert found.treatment.kind == "drawn"
    counts = np.array([10, 20, 40])
    for x, exact in zip(counts, exact_tail(debts, chance, 0.2, counts), strict=True):
        tail = found.law.exceedance(float(x))
        assert abs(tail.value - exact) < 4.5 * tail.standard_error
    assert found.value_at_risk.value == round(found.value_at_risk.value)


def test_a_normal_for_many_names_against_exact_binomials():
    """2,000 alike names: the normal is within its bound of the exact mixture."""
    n, p, rho = 2000, 0.05, 0.1
    book = fixed(np.ones(n), np.full(n, p), np.zeros(n), np.ones(n))
    found = simulate(book, one_factor(rho), level=0.99, seed=4, scenarios=1024, own_risk="normal")
    z, w = np.polynomial.legendre.leggauss(600)
    q = special.ndtr((special.ndtri(p) - math.sqrt(rho) * 9.0 * z) / math.sqrt(1.0 - rho))
    x = math.floor(found.value_at_risk.value)
    exact = 9.0 * np.sum(w * stats.norm.pdf(9.0 * z) * stats.binom.sf(x, n, q))
    tail = found.law.exceedance(x + 0.5)
    assert tail.value == pytest.approx(exact, rel=3e-3)
    assert 1e-3 < found.treatment.normal_error < 1.0
    drawn = simulate(
        book, one_factor(rho), level=0.99, seed=4, scenarios=512, own_risk="drawn"
    ).law.exceedance(x + 0.5)
    assert abs(drawn.value - exact) < 4.5 * drawn.standard_error
    assert drawn.standard_error < 0.015 * exact


def test_large_names_are_drawn_and_a_normal_takes_the_rest():
    """2,000 small debts and one that is a tenth of the book; both routes agree."""
    debts = np.concatenate((np.ones(2000), column(200.0)))
    book = fixed(debts, np.full(2001, 0.05), np.zeros(2001), np.ones(2001))
    arguments = {"level": 0.99, "seed": 5, "scenarios": 512}
    hybrid, drawn = (
        simulate(book, one_factor(0.15), own_risk=kind, **arguments) for kind in ("hybrid", "drawn")
    )
    assert hybrid.treatment.kind == "hybrid" and 2000 in hybrid.treatment.drawn.rows
    assert "are drawn" in hybrid.treatment.notes[0].en
    assert 0.0 < hybrid.treatment.normal_error < 1.0
    error = math.hypot(hybrid.value_at_risk.standard_error, drawn.value_at_risk.standard_error)
    assert abs(hybrid.value_at_risk.value - drawn.value_at_risk.value) < 4.5 * error + 0.5
    few = fixed(column(1.0, 2.0), column(0.1, 0.1), np.zeros(2), np.ones(2))
    alone = simulate(few, one_factor(0.15), own_risk="hybrid", **arguments)
    assert alone.treatment.kind == "drawn" and "every name" in alone.treatment.notes[0].en


def lumpy():
    """Forty large names among 760 small ones, one factor."""
    debts = np.concatenate((np.ones(760), np.tile(column(30.0, 40.0, 60.0, 90.0), 10)))
    return fixed(debts, np.where(debts > 1.0, 0.004, 0.03), np.zeros(800), np.ones(800))


def test_twisted_names_against_exact_convolution_far_out():
    """P(L > x) down to 1e-6: unbiased, drawn and hybrid, where plain scenarios see nothing."""
    book, share = lumpy(), 0.15
    counts = np.array([250, 600])
    exact = exact_tail(book.debt_yuan, book.default_chance, share, counts)
    for x, chance in zip(counts, exact, strict=True):
        for own_risk, bias in (("drawn", 0.0), ("hybrid", 2e-3)):
            found = simulate(
                book, one_factor(share), target_yuan=x + 0.5, seed=31, scenarios=256,
                own_risk=own_risk,
            )  # fmt: skip
            tail = found.law.exceedance(x + 0.5)
            assert abs(tail.value - chance) < 4.5 * tail.standard_error + bias * chance
            assert tail.standard_error < 0.05 * chance
            mean = found.mean_weight
            assert abs(mean.value - 1.0) < 4.5 * mean.standard_error
            assert found.largest_weight <= 20.0
    assert chance < 1e-4


def test_twisted_names_against_plain_drawing():
    """The same VaR as plain scenarios with plain names, with a far smaller error."""
    model, book = sixteen_factors(0.4, 0.3), graded(600, secured=True, seed=4)
    book.debt_yuan[:20] *= 40.0
    arguments = {"level": 0.99, "scenarios": 512}
    for nu in (math.inf, 6.0):
        plain = simulate(
            book, model, seed=1, sampling="plain", own_risk="drawn", nu=nu, **arguments
        )
        assert np.all(plain.law.weights == 1.0)
        aimed = simulate(book, model, seed=2, own_risk="auto", nu=nu, **arguments)
        assert aimed.treatment.kind == "hybrid"
        for name in ("value_at_risk", "expected_shortfall"):
            one, two = getattr(aimed, name), getattr(plain, name)
            error = math.hypot(one.standard_error, two.standard_error)
            assert abs(one.value - two.value) < 4.5 * error
            assert one.standard_error < 0.3 * two.standard_error


def test_a_fine_book_is_taken_as_infinitely_fine():
    arguments = {"seed": 5, "scenarios": 2048, "scrambles": 2}
    fine, normal = (
        simulate(graded(450_000), sixteen_factors(), own_risk=kind, **arguments)
        for kind in ("auto", "normal")
    )
    assert fine.treatment.kind == "none" and not fine.law.spreads.any()
    moved = normal.value_at_risk.value / fine.value_at_risk.value - 1.0
    assert abs(moved) < 1e-3


def test_accuracy_with_sixteen_factors():
    """VaR within 0.3 %, ES within 0.15 % of a long run, in each of 16 scrambles of 8,192."""
    model, book = sixteen_factors(), graded(672)
    reference = simulate(
        book, model, seed=99, scenarios=2**13, scrambles=20, own_risk="none", threads=2
    )
    found = simulate(book, model, seed=6, own_risk="none", threads=2)
    var, es = reference.value_at_risk.value, reference.expected_shortfall.value
    assert reference.value_at_risk.standard_error < 3e-4 * var
    errors = np.empty((16, 2))
    for r in range(16):
        law = type(found.law)(
            *(x[r : r + 1] for x in (found.law.means, found.law.spreads, found.law.weights))
        )
        errors[r] = (
            law.value_at_risk(0.999).value / var - 1.0,
            law.expected_shortfall(0.999).value / es - 1.0,
        )
    assert np.abs(errors[:, 0]).max() < 3e-3 and np.abs(errors[:, 1]).max() < 1.5e-3
    assert abs(found.value_at_risk.value - var) < 4.5 * math.hypot(
        found.value_at_risk.standard_error, reference.value_at_risk.standard_error)  # fmt: skip
    mean = found.mean_weight
    assert abs(mean.value - 1.0) < 4.0 * mean.standard_error + 1e-9
    assert found.largest_weight <= 10.0 and found.effective_size > 8192.0


@pytest.mark.parametrize("nu", [math.inf, 6.0])
def test_plain_monte_carlo_agrees_at_a_moderate_level(nu):
    model, book = sixteen_factors(), graded(672)
    arguments = {"level": 0.95, "scenarios": 1024, "own_risk": "none", "nu": nu}
    aimed = simulate(book, model, seed=7, **arguments)
    plain = simulate(book, model, seed=8, sampling="plain", **arguments)
    assert np.all(plain.law.weights == 1.0) and plain.components == 0
    for name in ("value_at_risk", "expected_shortfall"):
        one, two = getattr(aimed, name), getattr(plain, name)
        assert abs(one.value - two.value) < 4.5 * math.hypot(one.standard_error, two.standard_error)
        assert one.standard_error < two.standard_error


@pytest.mark.parametrize(("case", "nu", "prob"), [
    ("PF-TCOP-04", 4.0, 0.008124915), ("PF-TCOP-12", 12.0, 1.070119e-05),
])  # fmt: skip
def test_t_copula_by_simulation(case, nu, prob):
    """PF-TCOP-04 and PF-TCOP-12 by simulation, within its error: X = (Z/4 + ...) / W."""
    n, variance = 250, 0.0625 + 0.9375 * 9.0
    pd = float(stats.t.sf(0.5 * math.sqrt(n) / math.sqrt(variance), nu))
    book = fixed(np.ones(n), np.full(n, pd), np.zeros(n), np.ones(n))
    found = simulate(
        book, one_factor(0.0625 / variance), level=1.0 - prob, target_yuan=62.5, seed=9, nu=nu,
        scenarios=2048, own_risk="drawn",
    )  # fmt: skip
    tail = found.law.exceedance(62.5)
    assert abs(tail.value - prob) < 4.5 * tail.standard_error
    assert tail.standard_error < 0.02 * prob


def test_wrong_way_risk_raises_el_and_var():
    book = graded(1344, secured=True)
    found = [
        simulate(book, sixteen_factors(sale, slow), seed=10, scenarios=128, own_risk="none")
        for sale, slow in ((0.0, 0.0), (0.4, 0.0), (0.4, 0.5))
    ]
    el = [f.expected_loss_yuan for f in found]
    var = [f.value_at_risk.value for f in found]
    assert el[0] < el[1] < el[2] and var[0] < var[1] < var[2]


@pytest.mark.parametrize("own_risk", ["none", "normal", "drawn"])
def test_same_seed_same_bits_on_any_threads_and_rows_in_any_order(own_risk):
    model, book = sixteen_factors(0.3), graded(200, secured=True)
    arguments = {"seed": 11, "scenarios": 1024, "scrambles": 1, "own_risk": own_risk}
    one, two = (simulate(book, model, threads=n, **arguments) for n in (1, 2))
    assert np.array_equal(one.law.means, two.law.means)
    assert one.value_at_risk == two.value_at_risk
    turned = book.take(np.random.Generator(np.random.Philox(2)).permutation(200))
    other = simulate(turned, model, **arguments)
    assert other.value_at_risk.value == pytest.approx(one.value_at_risk.value, rel=1e-12)
    assert other.expected_shortfall.value == pytest.approx(one.expected_shortfall.value, rel=1e-12)
    assert other.expected_loss_yuan == pytest.approx(one.expected_loss_yuan, rel=1e-12)


def test_a_grid_gives_the_same_measures():
    rng = np.random.Generator(np.random.Philox(3))
    book = fixed(
        np.ones(3000),
        np.exp(rng.uniform(-6.0, -2.0, 3000)),
        rng.integers(0, 32, 3000),
        np.full(3000, 0.5),
    )
    model = sixteen_factors()
    arguments = {"seed": 12, "scenarios": 512, "scrambles": 4, "own_risk": "none"}
    full, grid = (simulate(book, model, grid=g, **arguments) for g in (None, (9, 2, 2, 2)))
    assert grid.treatment.rest.compression.cells.size == 288
    assert grid.value_at_risk.value == pytest.approx(full.value_at_risk.value, rel=1e-4)
    scenarios = full.setting.block(0)
    assert measured_error(grid.treatment.rest.compression.cells, book, model, scenarios) < 1e-4


def test_limits_of_factors_and_debts():
    """Singular correlation, no loadings, PD 0 and 1, no debt at all, no factors."""
    twins = FactorModel(
        ("a", "b"), np.ones((2, 2)), ("s",), np.full((1, 2), 0.2), np.zeros((1, 2)), np.zeros(1)
    )
    lone = fixed(*(column(v) for v in (1.0, 0.02, 0.0, 1.0)))
    arguments = {"seed": 13, "scenarios": 256, "own_risk": "none"}
    same = simulate(lone, one_factor(0.16), **arguments)
    assert simulate(lone, twins, **arguments).value_at_risk.value == pytest.approx(
        same.value_at_risk.value, rel=2e-3
    )
    apart = simulate(lone, one_factor(0.0), **arguments)
    assert apart.value_at_risk.value == pytest.approx(0.02) and apart.components == 0
    sure = fixed(column(5.0, 7.0, 0.0), column(1.0, 0.0, 0.3), np.zeros(3), np.ones(3))
    for own_risk in ("none", "normal", "drawn", "auto"):
        found = simulate(sure, one_factor(0.2), **{**arguments, "own_risk": own_risk})
        assert (
            found.value_at_risk.value
            == found.expected_shortfall.value
            == found.expected_loss_yuan
            == 5.0
        )
    nothing = FactorModel(
        (), np.zeros((0, 0)), ("s",), np.zeros((1, 0)), np.zeros((1, 0)), np.zeros(1)
    )
    ones = fixed(np.ones(100), np.full(100, 0.1), np.zeros(100), np.ones(100))
    found = simulate(ones, nothing, level=0.98, seed=1, scenarios=512, own_risk="drawn")
    assert found.value_at_risk.value == stats.binom.ppf(0.98, 100, 0.1)
    strong = simulate(lone, one_factor(1.0 - 1e-9), **arguments)
    assert strong.value_at_risk.value == pytest.approx(1.0)


@pytest.mark.parametrize(("arguments", "said"), [
    ({"level": 0.0}, "level"), ({"level": 1.0}, "level"), ({"level": math.nan}, "level"),
    ({"scenarios": 1000}, "power of two"), ({"scrambles": 0}, "block"),
    ({"own_risk": "some"}, "treatment"), ({"target_yuan": -1.0}, "target"),
    ({"nu": -2.0}, "degrees"), ({"sampling": "halton"}, "halton"),
])  # fmt: skip
def test_bad_arguments_are_refused(arguments, said):
    with pytest.raises(BookError, match=said):
        simulate(graded(10), sixteen_factors(), seed=1, **arguments)


def test_one_block_has_no_standard_error_and_other_levels_can_be_read():
    found = simulate(
        graded(100), sixteen_factors(), seed=1, scenarios=256, scrambles=1, own_risk="none"
    )
    assert math.isnan(found.value_at_risk.standard_error)
    assert found.law.value_at_risk(0.99).value < found.value_at_risk.value
    with pytest.raises(BookError, match="level"):
        found.law.expected_shortfall(1.0)
    assert isinstance(found.treatment.notes[0].en, str) and isinstance(graded(1), Exposures)
