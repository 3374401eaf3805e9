"""Counting what is wrong in a column, fast enough to do it to every cell."""

import math

from riskengine.kernels.compiling import kernel


@kernel
def mark_outside(values, low, high, low_open, out):
    """Mark the cells outside a range; missing cells are not outside.

    Parameters
    ----------
    values : (n,) float64
        Column, any unit.
    low, high : float64
        Range, both ends closed unless ``low_open``; infinite cells are outside.
    low_open : bool
        True when ``low`` itself is outside.
    out : (n,) bool
        Filled with the marks.

    Returns
    -------
    int64
        Number of marks.
    """
    outside = 0
    for i in range(values.size):
        value = values[i]
        wrong = value < low or value > high or math.isinf(value) or (low_open and value == low)
        out[i] = wrong
        if wrong:
            outside += 1
    return outside


@kernel
def hash_strings(offsets, data, out):
    """64-bit hash of every string of an Arrow column, as two lanes of 32 bits.

    Parameters
    ----------
    offsets : (n + 1,) int64
        Start of each string in ``data`` [byte].
    data : (m,) uint8
        UTF-8 bytes.
    out : (n,) uint64
        Filled with hashes [1].

    Notes
    -----
    Multipliers below 2^31 keep every product inside int64.  One lane is FNV-1a
    (Fowler, Noll, Vo), the other adds and multiplies; both end with a mix.
    """
    mask = 0xFFFFFFFF
    for i in range(out.size):
        high, low = 2166136261, 374761393
        for j in range(offsets[i], offsets[i + 1]):
            byte = int(data[j])
            high = ((high ^ byte) * 16777619) & mask
            low = ((low + byte) * 1540483477) & mask
        high = ((high ^ (high >> 15)) * 1540483477) & mask
        low = ((low ^ (low >> 13)) * 16777619) & mask
        out[i] = (high << 32) | low
