"""The counter-based generator: its published vectors, and plain tests of its words."""

import math

import numpy as np
import pytest
from scipy import stats

from riskengine.kernels.philox import philox, unit_normal, unit_uniform

VECTORS = [
    ("00000000 00000000 00000000 00000000 00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]  # fmt: skip
"""Counter and key, words: the known answers that the authors publish with Random123."""


def words(text: str) -> list[np.uint64]:
    return [np.uint64(int(word, 16)) for word in text.split()]


def draws(count: int, place: int = 0) -> np.ndarray:
    """Words of counters that differ in one word only."""
    found = []
    for k in range(count):
        counter = [np.uint64(0)] * 4
        counter[place] = np.uint64(k)
        found.append(philox(*counter, np.uint64(7), np.uint64(0)))
    return np.array(found, dtype=np.uint64)


@pytest.mark.parametrize(("given", "wanted"), VECTORS)
def test_known_answers(given: str, wanted: str) -> None:
    assert list(philox(*words(given))) == words(wanted)


@pytest.mark.parametrize("place", range(4))
def test_words_are_uniform_and_independent_whichever_counter_moves(place: int) -> None:
    found = draws(1500, place) / 2.0**32
    for column in found.T:
        counts = np.histogram(column, 25, (0.0, 1.0))[0]
        assert stats.chisquare(counts).pvalue > 1e-3
        assert abs(np.corrcoef(column[1:], column[:-1])[0, 1]) < 4.0 / math.sqrt(1500)
    between = np.corrcoef(found.T) - np.eye(4)
    assert np.abs(between).max() < 4.0 / math.sqrt(1500)


def test_every_bit_is_even() -> None:
    bits = np.unpackbits(draws(1500).astype("<u4").view(np.uint8).reshape(1500, 16), axis=1)
    z = (bits.mean(axis=0) - 0.5) * 2.0 * math.sqrt(1500)
    assert np.abs(z).max() < 4.5
    assert stats.kstest(z, "norm").pvalue > 1e-3


def test_one_bit_of_counter_or_key_turns_half_the_words() -> None:
    base = [np.uint64(5)] * 6
    was = np.array(philox(*base), dtype="<u4")
    turned = []
    for place in range(6):
        for bit in range(0, 32, 3):
            other = list(base)
            other[place] ^= np.uint64(1 << bit)
            now = np.array(philox(*other), dtype="<u4")
            turned.append(np.unpackbits((was ^ now).view(np.uint8)).sum())
    assert abs(np.mean(turned) - 64.0) < 4.0 * math.sqrt(32.0 / len(turned))
    assert min(turned) > 30


def test_uniforms_never_reach_the_ends() -> None:
    top, zero = np.uint64(2**32 - 1), np.uint64(0)
    assert unit_uniform(zero, zero) == 2.0**-54
    assert unit_uniform(top, top) == 1.0 - 2.0**-53
    assert unit_uniform(zero, np.uint64(2**11 - 1)) == 2.0**-54  # the lower 11 bits are not used


def test_normals_are_normal() -> None:
    found = np.array([unit_normal(*row) for row in draws(1500)])
    assert stats.kstest(found, "norm").pvalue > 1e-3
    zero = np.uint64(0)
    assert unit_normal(zero, zero, zero, zero) == pytest.approx(math.sqrt(108 * math.log(2.0)))
