"""Random words that depend on a key and a counter alone: Philox 4x32 with ten rounds.

A stream is a key, a place in it a counter of four words, so that a draw needs no state,
no order and no thread: who knows its name (seed, purpose, scenario, cell, number) has it.
All words are of 32 bits, held in uint64, where no product of two overflows.

Source: Salmon, Moraes, Dror & Shaw, Parallel random numbers: as easy as 1, 2, 3, SC'11
(2011), section 4.3; its test vectors are in the tests.
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel


@kernel
def philox(first, second, third, fourth, key, other_key):
    """Four random words of a counter under a key.

    Parameters
    ----------
    first, second, third, fourth : uint64
        Words of the counter [1], in [0, 2^32).
    key, other_key : uint64
        Words of the key [1], in [0, 2^32).

    Returns
    -------
    tuple of uint64
        Four words [1], each in [0, 2^32), uniform and independent.

    Examples
    --------
    >>> zero = np.uint64(0)
    >>> [f"{word:08x}" for word in philox(zero, zero, zero, zero, zero, zero)]
    ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    mask, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    for _ in range(10):
        left = np.uint64(0xD2511F53) * first
        right = np.uint64(0xCD9E8D57) * third
        first, third = (right >> half) ^ second ^ key, (left >> half) ^ fourth ^ other_key
        second, fourth = right & mask, left & mask
        key = (key + np.uint64(0x9E3779B9)) & mask
        other_key = (other_key + np.uint64(0xBB67AE85)) & mask
    return first, second, third, fourth


@kernel
def unit_uniform(high, low):
    """Uniform number from two words: (k + 1/2) 2^-53, never 0, never 1.

    Parameters
    ----------
    high : uint64
        Word of 32 bits [1].
    low : uint64
        Word of 32 bits [1], of which the upper 21 are used.

    Returns
    -------
    float64
        Uniform number [1], in (0, 1).

    Examples
    --------
    >>> unit_uniform(np.uint64(2**31), np.uint64(0))
    0.5
    >>> 0.0 < unit_uniform(np.uint64(0), np.uint64(0)) < 2.0**-53
    True
    """
    whole = (high << np.uint64(21)) | (low >> np.uint64(11))
    return min((float(whole) + 0.5) * 2.0**-53, 1.0 - 2.0**-53)


@kernel
def unit_normal(first, second, third, fourth):
    """Standard normal number from four words, by the polar angle of Box and Muller.

    sqrt(-2 ln u) cos(2 pi v): exact in law, no inverse needed.

    Parameters
    ----------
    first, second, third, fourth : uint64
        Words of 32 bits [1].

    Returns
    -------
    float64
        Standard normal number [1], within 8.7 of 0.

    Notes
    -----
    Source: Box & Muller, Ann. Math. Statist. 29 (1958) 610.
    """
    radius = math.sqrt(-2.0 * math.log(unit_uniform(first, second)))
    return radius * math.cos(2.0 * math.pi * unit_uniform(third, fourth))
