"""Conditional losses and expected losses against the exact kernels of one loan."""

import math

import numpy as np
import pytest
from scipy import special, stats

from riskengine.kernels.wrong_way import (
    conditional_default_chance,
    conditional_shortfall,
    wrong_way_shortfall,
)
from riskengine.portfolio.compression import compress, one_by_one
from riskengine.portfolio.conditional import (
    means,
    moments,
    prepare,
    thresholds,
    unit_sums,
)
from riskengine.portfolio.expected import expected_units
from riskengine.portfolio.exposures import Exposures, FactorModel
from riskengine.portfolio.names import Draws, drawn_losses, drawn_sums
from riskengine.portfolio.scenarios import draw, nominal
from tests.portfolio.books import column, fixed, graded, one_factor, sixteen_factors

MODEL = sixteen_factors(sale=0.4, slowdown=0.3)


def slow_twin(book, model, z):
    """Conditional mean loss, debt by debt, from the formulas in exposures.py."""
    total = 0.0
    for i in range(book.size):
        g = book.segment[i]
        a, b = model.default_loadings[g], model.sale_loadings[g]
        share = float(b @ model.correlation @ b)
        p = conditional_default_chance(
            special.ndtri(book.default_chance[i]), float(a @ z), float(a @ model.correlation @ a)
        )
        k, y = model.slowdown[g], float(b @ z)
        years = book.sale_years[i] * math.exp(-k * y - 0.5 * k * k * share)
        forward = book.forward[i] * math.exp(-book.holding[i] * (years - book.sale_years[i]))
        lost = conditional_shortfall(1.0, forward, book.spread[i], y, share)
        total += book.debt_yuan[i] * book.severity[i] * p * lost
    return total


def test_conditional_means_equal_the_slow_twin():
    book = graded(200, secured=True)
    scenarios = draw(nominal(MODEL), 8, seed=3)
    prepared = prepare(compress(book).cells, MODEL)
    found = means(prepared, scenarios.factors, scenarios.mixing)
    np.testing.assert_allclose(
        found, [slow_twin(book, MODEL, z) for z in scenarios.factors], rtol=1e-9
    )
    deep = moments(prepared, scenarios.factors, scenarios.mixing)
    np.testing.assert_allclose(deep[:, 0], found, rtol=1e-12)


@pytest.mark.parametrize("sale_share", [0.0, 0.25, 1.0])
def test_a_sale_share_at_its_limits(sale_share):
    model = FactorModel(
        ("n",),
        np.eye(1),
        ("s",),
        np.full((1, 1), 0.4),
        np.full((1, 1), sale_share**0.5),
        np.zeros(1),
    )
    book = Exposures(*(column(v) for v in (1.0, 0.05)), np.zeros(1, dtype=np.int64),
                     *(column(v) for v in (1.0, 0.95, 0.3, 1.0, 0.05)))  # fmt: skip
    z = np.array([[-2.0], [0.0], [1.5]])
    found = means(prepare(compress(book).cells, model), z, np.ones(3))
    np.testing.assert_allclose(found, [slow_twin(book, model, row) for row in z], rtol=1e-9)
    units = expected_units(compress(book).cells, model)
    closed = wrong_way_shortfall(1.0, 0.95, 0.3, special.ndtri(0.05), 0.4 * sale_share**0.5)
    assert units[0] == pytest.approx(closed, rel=1e-10 if sale_share < 1.0 else 1e-4)


def test_the_variance_is_that_of_drawn_names():
    book, count = graded(64, secured=True), 8_000
    scenario = draw(nominal(MODEL), 1, seed=8)
    many = type(scenario)(
        np.repeat(scenario.factors, count, axis=0), np.ones(count), np.ones(count)
    )
    prepared, draws = prepare(one_by_one(book).cells, MODEL), Draws(1, 0)
    losses, ratios = drawn_losses(prepared, many, draws)
    names = drawn_sums(prepared, many, draws, many.weights[None, :])
    assert np.all(ratios == 1.0)
    mean, variance, third = moments(
        prepare(compress(book).cells, MODEL), scenario.factors, scenario.mixing
    )[0]
    assert abs(losses.mean() - mean) < 4.5 * math.sqrt(variance / count)
    assert losses.var() == pytest.approx(variance, rel=0.1)
    assert np.mean(np.abs(losses - mean) ** 3) <= 8.0 * third + 4.0 * variance**1.5
    assert names.sum() == pytest.approx(losses.sum(), rel=1e-12)


def test_expected_losses_with_slow_sales_and_t_equal_plain_scenarios():
    book = graded(128, secured=True)
    cells = compress(book).cells
    for nu in (math.inf, 5.0):
        exact = expected_units(cells, MODEL, nu) @ cells.scale_yuan
        blocks = []
        for block in range(8):
            scenarios = draw(nominal(MODEL, nu), 1024, seed=2, block=block)
            blocks.append(
                means(prepare(cells, MODEL, nu), scenarios.factors, scenarios.mixing).mean()
            )
        error = np.std(blocks, ddof=1) / math.sqrt(8.0)
        assert abs(np.mean(blocks) - exact) < 4.5 * error
        assert error / exact < 5e-3


def test_without_collateral_expected_loss_is_pd():
    cells = compress(graded(100)).cells
    assert np.array_equal(expected_units(cells, MODEL), cells.default_chance)


def test_any_number_of_threads_gives_the_same_bits():
    book = graded(300, secured=True)
    scenarios = draw(nominal(MODEL), 2048, seed=4)
    prepared = prepare(one_by_one(book).cells, MODEL)
    z, m, w = scenarios.factors, scenarios.mixing, scenarios.weights
    for face in (
        lambda n: means(prepared, z, m, n),
        lambda n: moments(prepared, z, m, n),
        lambda n: unit_sums(prepared, scenarios, w[None, :], w[None, :], n),
        lambda n: np.stack(drawn_losses(prepared, scenarios, Draws(7, 3, None, 3e6), n)),
        lambda n: drawn_sums(prepared, scenarios, Draws(7, 3, None, 3e6), w[None, :], n),
    ):
        assert np.array_equal(face(1), face(2))
    assert np.array_equal(means(prepared, z[700:900], m[700:900]), means(prepared, z, m)[700:900])


@pytest.mark.parametrize("nu", [1.5, 4.0, 50.0, math.inf])
def test_thresholds_are_quantiles_and_their_limits_infinite(nu):
    chance = column(0.0, 1e-9, 0.01, 0.5, 0.99, 1.0)
    law = stats.norm if math.isinf(nu) else stats.t(nu)
    found = thresholds(chance, nu)
    np.testing.assert_allclose(found, law.ppf(chance), rtol=1e-9, atol=1e-12)


def test_certain_and_impossible_defaults_and_zero_debts():
    book = fixed(
        column(5.0, 7.0, 0.0), column(0.0, 1.0, 0.1), column(0.0, 0.0, 0.0), column(1.0, 0.5, 1.0)
    )
    prepared = prepare(compress(book).cells, one_factor(0.3))
    found = moments(prepared, column(-8.0, 0.0, 8.0)[:, None], np.ones(3))
    np.testing.assert_allclose(found, [[3.5, 0.0, 0.0]] * 3)
