"""Cells give the conditional mean of all their debts; a grid does to a small, stated error."""

import numpy as np
import pytest

from riskengine.portfolio.compression import compress, compress_to_grid, one_by_one
from riskengine.portfolio.conditional import measured_error, moments, prepare, unit_sums
from riskengine.portfolio.exposures import BookError, Exposures
from riskengine.portfolio.scenarios import draw, nominal
from tests.portfolio.books import column, fixed, graded, sixteen_factors

MODEL = sixteen_factors(sale=0.4, slowdown=0.3)
SCENARIOS = draw(nominal(MODEL), 64, seed=9)


def at(cells):
    return moments(prepare(cells, MODEL), SCENARIOS.factors, SCENARIOS.mixing)


def varied(rows):
    """A book where every contract differs in everything."""
    rng = np.random.Generator(np.random.Philox(7))
    secured = rng.random(rows) < 0.6
    return Exposures(
        np.exp(rng.normal(11.0, 0.7, rows)), np.exp(rng.uniform(-6.0, -1.8, rows)),
        rng.integers(0, 4, rows), rng.uniform(0.3, 1.0, rows),
        np.where(secured, np.exp(rng.uniform(-0.6, 0.6, rows)), 0.0), rng.uniform(0.15, 0.6, rows),
        rng.uniform(0.5, 2.0, rows), np.full(rows, 0.07),
    )  # fmt: skip


@pytest.mark.parametrize("secured", [False, True])
def test_cells_equal_the_debts_one_by_one_to_1e_13(secured):
    book = graded(3840, secured=secured)
    cells, names = compress(book), one_by_one(book)
    assert cells.cells.size == 672 and names.cells.size == 3840
    np.testing.assert_allclose(at(cells.cells), at(names.cells), rtol=1e-13)
    assert cells.cells.count.sum() == 3840
    assert cells.cells.largest_yuan.max() == (book.debt_yuan * book.severity).max()


def test_the_order_of_rows_changes_nothing():
    book = graded(2000, secured=True)
    turned = book.take(np.random.Generator(np.random.Philox(1)).permutation(2000))
    np.testing.assert_allclose(at(compress(turned).cells), at(compress(book).cells), rtol=1e-12)
    assert np.array_equal(at(one_by_one(turned).cells), at(one_by_one(book).cells))


def test_what_has_no_say_makes_no_cell():
    """Severity is a scale; without collateral spread and wait say nothing; -0 is 0."""
    one = column(1.0, 2.0, 3.0)
    same = np.full(3, 0.02)
    book = Exposures(one, same, np.zeros(3, dtype=np.int64), column(0.3, 0.5, 1.0),
                     column(0.0, -0.0, 0.0), one, one, one)  # fmt: skip
    found = compress(book)
    assert found.cells.size == 1
    assert found.cells.scale_yuan[0] == pytest.approx(0.3 + 1.0 + 3.0, rel=1e-15)
    assert found.cells.squares[0] == pytest.approx(0.09 + 1.0 + 9.0, rel=1e-15)


@pytest.mark.parametrize("form", [compress, one_by_one, compress_to_grid])
def test_results_go_back_to_debts_and_add_up(form):
    book = varied(500)
    found = form(book)
    prepared = prepare(found.cells, MODEL)
    weights = np.full(64, 1.0 / 64.0)
    first, second = unit_sums(prepared, SCENARIOS, weights[None, :], weights[None, :])[0]
    rows = found.spread(first, second)
    total = first @ found.cells.scale_yuan + second @ found.cells.squares
    assert rows.sum() == pytest.approx(total, rel=1e-12)
    exact = one_by_one(book)
    each = unit_sums(prepare(exact.cells, MODEL), SCENARIOS, weights[None, :], weights[None, :])[0]
    apart = 0.0 if form is not compress_to_grid else 5e-3
    np.testing.assert_allclose(rows, exact.spread(*each), rtol=1e-11, atol=apart * rows.mean())


def test_a_grid_keeps_the_mean_within_1e_4():
    book = varied(20_000)
    grid = compress_to_grid(book)
    assert grid.cells.size <= 6000
    full, found = at(compress(book).cells), at(grid.cells)
    error = measured_error(grid.cells, book, MODEL, SCENARIOS)
    assert error == pytest.approx(np.abs(found[:, 0] / full[:, 0] - 1.0).max(), abs=1e-12)
    assert error < 1e-4
    assert np.abs(found[:, 1] / full[:, 1] - 1.0).max() < 1e-3
    for name, exact in (
        ("debt_yuan", book.debt_yuan),
        ("scale_yuan", book.debt_yuan * book.severity),
    ):
        assert getattr(grid.cells, name).sum() == pytest.approx(exact.sum(), rel=1e-12)
    mean = book.debt_yuan @ book.default_chance
    spread = grid.cells.debt_yuan @ grid.cells.default_chance
    assert spread == pytest.approx(mean, rel=1e-5)


def test_a_grid_keeps_certain_debts_and_few_values_exactly():
    book = graded(672, secured=True)
    chance = book.default_chance.copy()
    chance[:3] = 0.0, 1.0, 1.0
    book = Exposures(book.debt_yuan, chance, *(getattr(book, n) for n in (
        "segment", "severity", "forward", "spread", "sale_years", "holding")))  # fmt: skip
    full, found = at(compress(book).cells), at(compress_to_grid(book, (30, 9, 5, 3)).cells)
    np.testing.assert_allclose(found, full, rtol=1e-9)


def test_empty_books_and_single_nodes_are_refused():
    empty = fixed(*(np.zeros(0) for _ in range(4)))
    for form in (compress, one_by_one, compress_to_grid):
        with pytest.raises(BookError, match="no debts"):
            form(empty)
    with pytest.raises(BookError, match="two nodes"):
        compress_to_grid(graded(10), (1, 2, 2, 2))
    foreign = fixed(column(1.0), column(0.1), column(40.0), column(1.0))
    with pytest.raises(BookError, match="segment"):
        prepare(compress(foreign).cells, MODEL)
