"""Names drawn given the factors: published draws, frequencies, losses in sales."""

import math

import numpy as np
import pytest
from scipy import special, stats

from riskengine.kernels.compiling import plain
from riskengine.kernels.name_loss import name_losses, uniform_draw
from riskengine.kernels.normal_table import fill_normal_table

COMPILED = plain(uniform_draw) is not uniform_draw


@pytest.fixture(autouse=True)
def wrapping():
    """Whole numbers wrap around in the generator; uncompiled, numpy would say so."""
    with np.errstate(over="ignore"):
        yield


def test_first_numbers_of_the_published_generator():
    """splitmix64 with seeds 0 and 1234567, as its C reference prints them."""
    for seed, numbers in (
        (0, (0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F)),
        (1234567, (6457827717110365317, 3203168211198807973, 9817491932198370423)),
    ):
        for k, number in enumerate(numbers):
            found = uniform_draw(np.uint64(seed), k)
            assert found == ((number >> 11) + 0.5) * 2.0**-53


def test_draws_are_uniform_and_streams_unrelated():
    count = 20_000 if COMPILED else 500
    draws = [np.array([uniform_draw(np.uint64(key), i) for i in range(count)]) for key in (11, 12)]
    for values in draws:
        assert values.min() > 0.0 and values.max() < 1.0
        assert stats.kstest(values, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(*draws)[0, 1]) < 4.0 / math.sqrt(count)


def book(size):
    table = np.empty((8192, 4))
    fill_normal_table(table)
    cells = np.zeros((8, size))
    cells[0], cells[1] = special.ndtri(0.2), 1.0
    cells[4, 1], cells[6, 1] = 0.1, 0.5
    cells[4, 2], cells[6, 2] = -0.2, 0.5
    cells[4, 3] = 0.3
    slow = np.array([[0.0, 0.0, 1.0]])
    bounds, loadings = np.array([[0, 1, 2, size]]), np.array([[0.5]])
    return table, cells, bounds, loadings, 0.0 * loadings, slow


def test_frequencies_and_mean_losses():
    count = 40_000 if COMPILED else 1_500
    tables = book(4)
    keys = np.random.Generator(np.random.Philox(3)).integers(0, 2**64, count, dtype=np.uint64)
    losses, names = np.empty(count), np.zeros(4)
    name_losses(
        *tables, np.full((count, 1), -1.0), np.ones(count), keys, np.ones(count), losses, names
    )
    chance = special.ndtr(special.ndtri(0.2) + 0.5)
    sale = math.exp(0.5 * (0.25 - 0.1))
    put = special.ndtr(0.1) - sale * special.ndtr(-0.4)
    expected = chance * np.array([1.0, put, -math.expm1(-0.2), 0.0])
    assert losses.sum() == pytest.approx(names.sum(), rel=1e-12)
    assert np.all(np.abs(names / count - expected) <= 4.5 * np.sqrt(expected / count))


def test_certain_and_impossible_defaults_and_any_chunk():
    tables = book(4)
    tables[1][0] = math.inf, -math.inf, -math.inf, -math.inf
    keys = np.arange(8, dtype=np.uint64)
    losses, names = np.empty(8), np.zeros(4)
    name_losses(*tables, np.zeros((8, 1)), np.ones(8), keys, np.zeros(8), losses, names)
    assert np.all(losses == 1.0) and not names.any()
    tables = book(4)
    name_losses(*tables, np.zeros((8, 1)), np.ones(8), keys, np.zeros(8), losses, names)
    part = np.empty(3)
    name_losses(*tables, np.zeros((3, 1)), np.ones(3), keys[5:], np.zeros(3), part, names)
    assert np.array_equal(part, losses[5:])
