"""Names drawn given the factors: published draws, frequencies, losses in sales."""

import math

import numpy as np
import pytest
from scipy import special, stats

from riskengine.kernels.compiling import plain
from riskengine.kernels.conditional_loss import put_moments
from riskengine.kernels.name_loss import name_growth, name_losses, name_tilts, uniform_draw
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


def book(size, chance=0.2):
    """Names of one segment: one without collateral, one with a put, others sure."""
    table = np.empty((8192, 4))
    fill_normal_table(table)
    cells = np.zeros((8, size))
    cells[0], cells[1] = special.ndtri(chance), 1.0
    cells[4, 1], cells[6, 1] = 0.1, 0.5
    cells[4, 2], cells[6, 2] = -0.2, 0.5
    cells[4, 3] = 0.3
    bounds = np.array([[0, 1, 2, size], [size, size, size, size]])
    return table, cells, bounds, np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])


def drawn(tables, y, keys, rest=None, target=-math.inf, first=None):
    """Losses, ratios and sums by name, the sale's common part being 0."""
    count = keys.size
    out = np.empty((2, count))
    first = np.ones((1, count)) if first is None else first
    names = np.zeros((len(first), tables[1].shape[1]))
    rest = np.zeros((count, 2)) if rest is None else rest
    common = np.full((count, 2), y), np.zeros((count, 2))
    aim = np.column_stack((rest, np.full((count, 2), (target, 0.1))))
    name_losses(*tables, *common, np.ones(count), keys, aim, first, out, names)
    return out[0], out[1], names


def keys_of(count, seed=3):
    return np.random.Generator(np.random.Philox(seed)).integers(0, 2**64, count, dtype=np.uint64)


def test_frequencies_and_mean_losses():
    count = 40_000 if COMPILED else 1_500
    losses, ratios, names = drawn(book(4), -0.5, keys_of(count))
    chance = special.ndtr(special.ndtri(0.2) + 0.5)
    sale = math.exp(0.5 * (0.25 - 0.1))
    put = special.ndtr(0.1) - sale * special.ndtr(-0.4)
    expected = chance * np.array([1.0, put, -math.expm1(-0.2), 0.0])
    assert losses.sum() == pytest.approx(names.sum(), rel=1e-12)
    assert np.all(ratios == 1.0)
    assert np.all(np.abs(names[0] / count - expected) <= 4.5 * np.sqrt(expected / count))


def test_the_size_of_a_loss_given_that_the_sale_falls_short():
    """Second moments of the put with its default, by the closed form."""
    count = 40_000 if COMPILED else 1_500
    tables = book(4)
    tables[1][0] = -math.inf, math.inf, -math.inf, -math.inf
    losses, _, _ = drawn(tables, 0.0, keys_of(count, 4))
    mean, square = put_moments(tables[0], 0.1, 0.5, math.exp(0.25))
    spread = math.sqrt((square - mean**2) / count)
    assert abs(losses.mean() - mean) < 4.5 * spread
    assert np.mean(losses > 0.0) == pytest.approx(special.ndtr(0.1), abs=2.5 / math.sqrt(count))
    assert np.mean(losses**2) == pytest.approx(square, abs=4.5 * math.sqrt(square / count))


@pytest.mark.parametrize("rest", [(0.0, 0.0), (0.4, 0.05)])
def test_a_tilt_raises_losses_and_its_ratios_take_that_back(rest):
    """P(L >= 12) of 20 names of 1 at 5 %: hopeless to see plainly, exact by the binomial."""
    count = 20_000 if COMPILED else 600
    tables = book(20, 0.05)
    tables[2][0] = 0, 20, 20, 20
    left = np.tile(np.array([rest]), (count, 1))
    losses, ratios, names = drawn(tables, 0.0, keys_of(count, 5), left, 12.0)
    tail = ratios * (losses >= 12.0)
    exact = stats.binom.sf(11, 20, 0.05)
    assert abs(tail.mean() - exact) < 4.5 * tail.std() / math.sqrt(count)
    assert tail.std() / math.sqrt(count) < (0.02 if COMPILED else 0.15) * exact
    assert abs(ratios.mean() - 1.0) < 4.5 * ratios.std() / math.sqrt(count) + 1e-9
    assert ratios.max() <= 10.0 and names.sum() == pytest.approx(losses.sum(), rel=1e-12)


def test_tilts_reach_the_target_and_growth_has_their_mean_as_slope():
    tables, rest = book(4), np.array([[0.1, 0.02]])
    common, tilts = (np.zeros((1, 2)), np.zeros((1, 2))), np.empty(1)
    name_tilts(*tables, *common, np.ones(1), rest, 1.0, tilts)
    grown = np.empty((3, 1, 2))
    for k, step in enumerate((-1e-5, 0.0, 1e-5)):
        name_growth(*tables, *common, np.ones(1), tilts + step, grown[k])
    slope = (grown[2] - grown[0]).sum() / 2e-5
    assert slope + 0.1 + 0.02 * tilts[0] == pytest.approx(1.0, abs=1e-6)
    assert not grown[:, :, 1].any()
    for target, tilt in ((0.05, 0.0), (1e9, 60.0)):  # mean beyond it; beyond reach
        name_tilts(*tables, *common, np.ones(1), 0.0 * rest, target, tilts)
        assert tilts[0] == pytest.approx(tilt)
    tables[1][0] = -math.inf  # nobody can lose
    name_tilts(*tables, *common, np.ones(1), rest, 1.0, tilts)
    assert tilts[0] == 0.0


def test_many_names_keep_the_product_of_growths_within_range():
    size, count = 400, 300 if COMPILED else 8
    tables = book(size, 0.3)
    tables[2][0] = 0, size, size, size
    losses, ratios, _ = drawn(tables, 0.0, keys_of(count, 6), None, 398.0)
    assert np.all(np.isfinite(ratios)) and np.any(losses > 390.0)
    assert ratios[losses > 390.0].max() < 1e-150


def test_certain_and_impossible_defaults_and_any_chunk():
    tables = book(4)
    tables[1][0] = math.inf, -math.inf, -math.inf, -math.inf
    keys = np.arange(8, dtype=np.uint64)
    for target in (-math.inf, 0.5, 3.0):
        losses, ratios, _ = drawn(tables, 0.0, keys, None, target)
        assert np.all(losses == 1.0) and np.allclose(ratios, 1.0)
    first = np.ones((2, 8))
    first[:, :5] = 0.0  # scenarios without a weight are passed over
    losses, _, _ = drawn(book(4), 0.0, keys)
    part, _, names = drawn(book(4), 0.0, keys[5:])
    assert np.array_equal(part, losses[5:])
    assert np.array_equal(drawn(book(4), 0.0, keys, None, -math.inf, first)[2][1], names[0])
