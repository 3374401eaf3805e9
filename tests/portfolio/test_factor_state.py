"""Factors when some are known, and expected losses in a state and over all of them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from riskengine.portfolio.compression import compress
from riskengine.portfolio.conditional import means, prepare
from riskengine.portfolio.exposures import BookError, Exposures, FactorModel
from riskengine.portfolio.factor_losses import (
    expected_losses,
    largest_loss,
    segment_slopes,
    state_losses,
)
from riskengine.portfolio.factor_state import conditional, given


def model_of(seed: int = 1, factors: int = 5, *, slow: float = 0.3) -> FactorModel:
    random = np.random.default_rng(seed)
    spread = random.normal(size=(factors, factors + 2))
    c = spread @ spread.T
    c /= np.sqrt(np.outer(np.diag(c), np.diag(c)))
    a, b = random.uniform(0.05, 0.25, (2, 4, factors))
    names = tuple("abcdefgh"[:factors])
    return FactorModel(names, c, ("p", "q", "r", "s"), a, b, np.array([slow, 0.2, 0.0, slow]))


def book_of(size: int = 40, seed: int = 2) -> Exposures:
    random = np.random.default_rng(seed)
    forward = np.where(random.random(size) < 0.3, 0.0, random.uniform(0.3, 2.0, size))
    return Exposures(
        random.uniform(1e4, 1e6, size), random.uniform(0.001, 0.2, size),
        random.integers(0, 4, size), random.uniform(0.4, 1.0, size), forward,
        random.uniform(0.1, 0.8, size), random.uniform(0.2, 2.0, size),
        random.uniform(0.0, 0.15, size),
    )  # fmt: skip


def test_mean_and_covariance_are_those_of_the_simulated_conditional_law() -> None:
    """Regress on what is known, at the values asked for: mean and covariance, both."""
    model = model_of()
    known = conditional(model, {"b": -2.0, "d": 1.0})
    z = np.random.default_rng(3).normal(size=(200_000, 5)) @ model.root.T
    at, free = [1, 3], [0, 2, 4]
    slope, *_ = np.linalg.lstsq(z[:, at], z[:, free], rcond=None)
    assert known.mean[free] == pytest.approx(np.array([-2.0, 1.0]) @ slope, abs=0.02)
    rest = z[:, free] - z[:, at] @ slope
    assert known.covariance[np.ix_(free, free)] == pytest.approx(np.cov(rest.T), abs=0.01)
    assert known.mean[at].tolist() == [-2.0, 1.0]
    assert np.all(known.covariance[at] == 0.0)
    drawn = known.drawn(np.random.default_rng(4).normal(size=(100_000, 5)))
    assert drawn.mean(axis=0) == pytest.approx(known.mean, abs=0.02)
    assert np.cov(drawn.T) == pytest.approx(known.covariance, abs=0.015)
    values = np.array([-2.0, 1.0])
    block = model.correlation[np.ix_(at, at)]
    assert known.distance == pytest.approx(np.sqrt(values @ np.linalg.solve(block, values)))


def test_nothing_known_and_everything_known() -> None:
    model = model_of()
    free = conditional(model, {})
    assert np.array_equal(free.covariance, model.correlation)
    assert free.distance == 0.0 and np.all(free.mean == 0.0)
    known = conditional(model, dict.fromkeys("abcde", -1.0))
    assert np.all(known.mean == -1.0) and np.all(known.covariance == 0.0)


def test_perfectly_correlated_factors_agree_or_are_refused() -> None:
    model = model_of(factors=3)
    c = np.array([[1.0, 1.0, 0.5], [1.0, 1.0, 0.5], [0.5, 0.5, 1.0]])
    twins = replace(model, correlation=c, default_loadings=0.5 * model.default_loadings,
                    sale_loadings=0.5 * model.sale_loadings)  # fmt: skip
    found = conditional(twins, {"a": -2.0, "b": -2.0})
    assert found.mean == pytest.approx([-2.0, -2.0, -1.0], abs=1e-12)
    assert found.covariance[2, 2] == pytest.approx(0.75, abs=1e-12)
    alone = conditional(twins, {"a": -2.0})
    assert alone.mean == pytest.approx(found.mean, abs=1e-12)
    assert np.all(alone.covariance[1] == 0.0)
    with pytest.raises(BookError, match="perfectly correlated"):
        conditional(twins, {"a": -2.0, "b": 1.0})


def test_the_book_given_factors_is_the_book_at_their_mean() -> None:
    """In any state of the rest, the standardised book loses what the original loses."""
    model, book = model_of(), book_of()
    known = conditional(model, {"a": -2.0, "c": -1.0})
    held, law = given(book, model, known)
    deviation = np.sqrt(np.diag(known.covariance))
    safe = np.where(deviation > 0.0, deviation, 1.0)
    for seed in range(5):
        z = known.drawn(np.random.default_rng(seed).normal(size=(1, 5)))[0]
        state = np.where(deviation > 0.0, (z - known.mean) / safe, 0.0)
        assert state_losses(held, law, state) == pytest.approx(
            state_losses(book, model, z), rel=1e-12
        )


def test_expected_loss_given_factors_is_the_mean_over_the_others() -> None:
    model, book = model_of(), book_of()
    known = conditional(model, {"a": -2.0, "c": -1.0})
    exact = expected_losses(*given(book, model, known)).sum()
    normals = np.random.default_rng(6).normal(size=(100_000, 5))
    states = np.concatenate((known.drawn(normals), known.drawn(-normals)))
    drawn = means(prepare(compress(book).cells, model), states, np.ones(len(states)))
    pairs = 0.5 * (drawn[: len(normals)] + drawn[len(normals) :])
    error = pairs.std() / np.sqrt(pairs.size)
    assert error < 0.003 * exact
    assert abs(pairs.mean() - exact) < 4.0 * error


def test_conditional_default_chance_is_a_normal_cdf_again() -> None:
    """E[PD(Z) | Z1] = N((c - a'm) / sqrt(a'Va + 1 - a'Ca)), by quadrature over the rest."""
    c = np.array([[1.0, 0.6], [0.6, 1.0]])
    model = FactorModel(("rain", "price"), c, ("s",), np.array([[0.3, 0.4]]), np.zeros((1, 2)),
                        np.zeros(1))  # fmt: skip
    one = np.ones(1)
    book = Exposures(100.0 * one, 0.03 * one, np.zeros(1, dtype=np.int64), one, *[0.0 * one] * 4)
    held, _ = given(book, model, conditional(model, {"rain": -2.0}))
    own = np.sqrt(1.0 - model.default_share[0])

    def chance(price: float) -> float:
        at = (special.ndtri(0.03) + 0.6 - 0.4 * price) / own
        return special.ndtr(at) * stats.norm.pdf(price, -1.2, 0.8)

    expected = integrate.quad(chance, -9.0, 7.0, epsabs=1e-14)[0]
    assert held.default_chance[0] == pytest.approx(expected, rel=1e-11)


def integrand(u: float, model: FactorModel, book: Exposures, i: int) -> float:
    """Loss of one debt for a scale of 1 where the sale's common part is u deviations."""
    g = int(book.segment[i])
    b, k, s, f = model.sale_share[g], model.slowdown[g], book.spread[i], book.forward[i]
    x = np.sqrt(b) * u
    r = float(model.default_loadings[g] @ model.correlation @ model.sale_loadings[g]) / np.sqrt(b)
    threshold = special.ndtri(book.default_chance[i])
    chance = special.ndtr((threshold - r * u) / np.sqrt(1.0 - r * r)) * stats.norm.pdf(u)
    if f == 0.0:
        return chance
    late = book.holding[i] * book.sale_years[i] * np.expm1(-k * x - 0.5 * k * k * b)
    mean = f * np.exp(s * x - 0.5 * s * s * b - late)
    own = s * np.sqrt(1.0 - b)
    far = -np.log(mean) / own + 0.5 * own
    return chance * (special.ndtr(far) - mean * special.ndtr(far - own))


@pytest.mark.parametrize("slow", [0.0, 0.3])
def test_expected_losses_against_adaptive_quadrature(slow: float) -> None:
    model, book = model_of(slow=slow), book_of(6)
    found = expected_losses(book, model)
    for i in range(book.size):
        exact = integrate.quad(integrand, -9.0, 9.0, (model, book, i), epsabs=1e-14, limit=200)[0]
        scale = book.debt_yuan[i] * book.severity[i]
        assert found[i] == pytest.approx(scale * exact, abs=2e-11 * scale)


def test_slopes_are_derivatives_and_add_up() -> None:
    model, book = model_of(), book_of()
    cells = compress(book).cells
    y, x = np.array([-0.5, 0.2, -1.0, 0.1]), np.array([-0.3, -0.8, 0.4, 0.0])
    at = segment_slopes(cells, model, y, x)
    h = 1e-5
    for name, dy, dx in (("by_default", h, 0.0), ("by_sale", 0.0, h)):
        up = segment_slopes(cells, model, y + dy, x + dx).loss_yuan
        down = segment_slopes(cells, model, y - dy, x - dx).loss_yuan
        assert getattr(at, name) == pytest.approx((up - down) / (2 * h), rel=1e-6)
    z = np.array([-1.0, 0.5, -0.2, 0.3, 1.0])
    whole = segment_slopes(cells, model, model.default_loadings @ z, model.sale_loadings @ z)
    table = means(prepare(cells, model), z[None, :], np.ones(1))[0]
    assert whole.loss_yuan.sum() == pytest.approx(state_losses(book, model, z).sum(), rel=1e-13)
    assert whole.loss_yuan.sum() == pytest.approx(table, rel=1e-10)


def test_certain_sales_and_certain_defaults() -> None:
    model = FactorModel(
        ("n",), np.eye(1), ("s",), np.full((1, 1), 0.3), np.ones((1, 1)), np.zeros(1)
    )
    column = lambda *values: np.array(values)  # noqa: E731
    book = Exposures(
        column(100.0, 100.0, 100.0), column(1.0, 0.0, 0.1), np.zeros(3, dtype=np.int64),
        np.ones(3), column(0.5, 0.5, 1.2), column(0.0, 0.3, 0.4), np.zeros(3), np.zeros(3),
    )  # fmt: skip
    z = np.array([-1.5])
    found = state_losses(book, model, z)
    sale = 1.2 * np.exp(-0.08 - 0.6)
    chance = special.ndtr((special.ndtri(0.1) + 0.45) / np.sqrt(0.91))
    assert found == pytest.approx([50.0, 0.0, 100.0 * chance * (1.0 - sale)], rel=1e-12)
    assert expected_losses(book, model)[:2] == pytest.approx([50.0, 0.0], abs=1e-9)
    held, law = given(book, model, conditional(model, {"n": -1.5}))
    assert state_losses(held, law, np.zeros(1)) == pytest.approx(found, rel=1e-12)
    assert largest_loss(compress(book).cells, model) == pytest.approx(150.0)


@settings(max_examples=5)
@examples(st.permutations(range(12)))
def test_row_order_changes_no_loss(order: list[int]) -> None:
    model, book = model_of(), book_of(12)
    usual = expected_losses(book, model)
    mixed = expected_losses(book.take(np.array(order)), model)
    assert mixed == pytest.approx(usual[order], rel=1e-12)


def test_refused() -> None:
    model, book = model_of(), book_of()
    with pytest.raises(BookError, match="no factor x"):
        conditional(model, {"x": -1.0})
    with pytest.raises(BookError, match="must be finite"):
        conditional(model, {"a": np.nan})
    with pytest.raises(BookError, match="another model"):
        given(book, model, conditional(model_of(factors=3), {}))
    with pytest.raises(BookError, match="no segment"):
        expected_losses(replace(book, segment=book.segment + 4), model)
    for state in (np.zeros(4), np.full(5, np.nan)):
        with pytest.raises(BookError, match="a state"):
            state_losses(book, model, state)
