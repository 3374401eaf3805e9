"""Exact laws of sums of independent losses on a lattice, and of one name's share in them.

A name loses nothing with chance 1 - q, ``place`` steps with q (1 - part) and one step more
with q part: a loss between two lattice points is dispersed over both, so that its mean
stays.  Laws are arrays of probabilities by lattice point; what lies below ``negligible``
at either end is dropped, so that only the living part is moved.

Source: Andersen, Sidenius & Basu, Risk 16(11) (2003) 67; Gerber & Shiu dispersal,
Gerber, ASTIN Bulletin 13 (1982) 13; Loader, Fast and accurate computation of binomial
probabilities (2000).
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel


@kernel
def _stirling_error(n):
    """Error of Stirling's formula: ln n! - (n + 1/2) ln n + n - ln(2 pi) / 2."""
    if n < 16.0:
        return math.lgamma(n + 1.0) - (n + 0.5) * math.log(n) + n - 0.5 * math.log(2.0 * math.pi)
    m = n * n
    series = 1.0 / 1260.0 - (1.0 / 1680.0 - (1.0 / 1188.0 - 691.0 / 360360.0 / m) / m) / m
    return (1.0 / 12.0 - (1.0 / 360.0 - series / m) / m) / n


@kernel
def _deviance(x, mean):
    """Half the deviance of a count: x ln(x / mean) + mean - x, without cancellation."""
    away = x - mean
    if abs(away) < 0.1 * (x + mean):
        v = away / (x + mean)
        found, power = away * v, 2.0 * x * v
        for j in range(1, 1000):
            power *= v * v
            more = found + power / (2 * j + 1)
            if more == found:
                break
            found = more
        return found
    return x * math.log(x / mean) + mean - x


@kernel
def binomial_chance(k, n, chance):
    """Probability of k defaults among n names.

    Parameters
    ----------
    k, n : int64
        Counts [1], 0 <= k <= n.
    chance : float64
        PD of each [1], in [0, 1].

    Returns
    -------
    float64
        Probability [1], to about 1e-14 of itself for any n: the logarithms of factorials
        of a million would keep 9 digits.

    Notes
    -----
    Source: Loader (2000).

    Examples
    --------
    >>> round(binomial_chance(2, 4, 0.5), 15)
    0.375
    """
    if chance <= 0.0 or chance >= 1.0:
        return 1.0 if k == n * int(chance) else 0.0
    if k == 0:
        return math.exp(n * math.log1p(-chance))
    if k == n:
        return math.exp(n * math.log(chance))
    x, m = float(k), float(n)
    log = _stirling_error(m) - _stirling_error(x) - _stirling_error(m - x)
    log -= _deviance(x, m * chance) + _deviance(m - x, m * (1.0 - chance))
    return math.exp(log) * math.sqrt(m / (2.0 * math.pi * x * (m - x)))


@kernel
def _trimmed(law, bottom, top, negligible):
    """Set what is negligible at both ends to 0; return the new ends."""
    while bottom < top and law[bottom] < negligible:
        law[bottom] = 0.0
        bottom += 1
    while top > bottom and law[top] < negligible:
        law[top] = 0.0
        top -= 1
    return bottom, top


@kernel
def _emptied(law, bottom, top, first, last):
    """Set to 0 what an older law left outside [first, last]."""
    for x in range(bottom, min(first, top + 1)):
        law[x] = 0.0
    for x in range(max(last + 1, bottom), top + 1):
        law[x] = 0.0


@kernel
def _one_name(old, new, bottom, top, chance, place, part):
    """Law of the sum with one name more, written to another array; return its top."""
    reach = place + (1 if part > 0.0 else 0)
    stays, moves, rest = 1.0 - chance, chance * (1.0 - part), chance * part
    first = min(place, top - bottom + reach + 1)
    source, target = old[bottom : bottom + first], new[bottom : bottom + first]
    for i in range(target.size):
        target[i] = stays * source[i]
    size = top - bottom + 1
    start = bottom + place
    source, target, moved = old[start:], new[start:], old[bottom:]
    if part == 0.0:
        for i in range(size):
            target[i] = stays * source[i] + moves * moved[i]
        return top + reach
    target[0] = stays * source[0] + moves * moved[0]
    further, onto, held = old[start + 1 :], new[start + 1 :], old[bottom + 1 :]
    for i in range(size):
        onto[i] = stays * further[i] + moves * held[i] + rest * moved[i]
    return top + reach


@kernel
def _alike_names(old, new, bottom, top, chance, place, count, negligible):
    """Law with ``count`` equal names more, of a whole number of steps; return its top."""
    last = top + place * count
    for x in range(bottom, last + 1):
        new[x] = 0.0
    mode = min(int((count + 1) * chance), count)
    size = top - bottom + 1
    moved = old[bottom : bottom + size]
    highest = bottom
    for way in range(2):
        d = mode if way == 0 else mode - 1
        while 0 <= d <= count:
            weight = binomial_chance(d, count, chance)
            if weight < negligible:
                break
            target = new[bottom + d * place : bottom + d * place + size]
            for i in range(size):
                target[i] += weight * moved[i]
            highest = max(highest, top + d * place)
            d += 1 if way == 0 else -1
    return highest


@kernel
def add_cell(law, bottom, top, chance, place, part, count, negligible, out, spare):
    """Law of the sum with one cell more.

    Parameters
    ----------
    law : (g,) float64
        Law so far [1], 0 outside [bottom, top].
    bottom, top : int64
        Its ends [step].
    chance, place, part, count, negligible
        The cell, as `conditional_law` (any unit).
    out, spare : (g,) float64
        Zeros; the law is written to ``out``, ``spare`` is zeros again at the end.

    Returns
    -------
    bottom, top : int64
        Ends of the new law [step].

    Examples
    --------
    >>> law, out = np.array([1.0, 0.0, 0.0]), np.zeros(3)
    >>> add_cell(law, 0, 0, 0.5, 1, 0.0, 2, 0.0, out, np.zeros(3))
    (0, 2)
    >>> out.round(12).tolist()
    [0.25, 0.5, 0.25]
    """
    if chance == 0.0 or count == 0 or (place == 0 and part == 0.0):
        out[bottom : top + 1] = law[bottom : top + 1]
        return bottom, top
    if part == 0.0 and count > 1:
        last = _alike_names(law, out, bottom, top, chance, place, count, negligible)
        return _trimmed(out, bottom, last, negligible)
    last = _one_name(law, out, bottom, top, chance, place, part)
    for _ in range(count - 1):
        further = _one_name(out, spare, bottom, last, chance, place, part)
        out[bottom : further + 1] = spare[bottom : further + 1]
        spare[bottom : further + 1] = 0.0
        last = further
    return _trimmed(out, bottom, last, negligible)


@kernel
def conditional_law(chances, places, parts, counts, negligible, law, spare):
    """Law of the sum of independent names, one recursion step a name.

    Parameters
    ----------
    chances : (n,) float64
        PD of each name of a cell [1], in [0, 1].
    places : (n,) int64
        Whole steps lost on default [step], >= 0.
    parts : (n,) float64
        Part of one more step [step], in [0, 1).
    counts : (n,) int64
        Names in the cell [1], >= 0.
    negligible : float64
        Probability below which an end of the law is dropped [1], such as 1e-60.
    law, spare : (g,) float64
        Work space, zeros; g > the sum of counts x (places + 1 where there is a part), + 1.

    Returns
    -------
    swapped : bool
        Whether the law is in ``spare``.
    bottom, top : int64
        First and last lattice point of the law [step].

    Examples
    --------
    >>> law, spare = np.zeros(5), np.zeros(5)
    >>> one, two = np.array([0.5, 0.5]), np.array([1, 1])
    >>> conditional_law(one, two, np.zeros(2), np.ones(2, dtype=np.int64), 0.0, law, spare)
    (False, 0, 2)
    >>> law.tolist()
    [0.25, 0.5, 0.25, 0.0, 0.0]
    """
    old, new, swapped = law, spare, False
    old[0] = 1.0
    bottom, top, stale_bottom, stale_top = 0, 0, 0, -1
    for i in range(chances.size):
        if chances[i] == 0.0 or (places[i] == 0 and parts[i] == 0.0):
            continue
        grouped = parts[i] == 0.0 and counts[i] > 1
        for _ in range(min(counts[i], 1) if grouped else counts[i]):
            if grouped:
                last = _alike_names(
                    old, new, bottom, top, chances[i], places[i], counts[i], negligible
                )
            else:
                last = _one_name(old, new, bottom, top, chances[i], places[i], parts[i])
            _emptied(new, stale_bottom, stale_top, bottom, last)
            stale_bottom, stale_top = bottom, top
            bottom, top = _trimmed(new, bottom, last, negligible)
            old, new, swapped = new, old, not swapped
    _emptied(new, stale_bottom, stale_top, 0, -1)
    return swapped, bottom, top


@kernel
def mixed_law(chances, places, parts, counts, weights, negligible, out):
    """Law of the sum, mixed over states of the world in which names are independent.

    Parameters
    ----------
    chances : (m, n) float64
        PD of the names of each cell in each state [1], in [0, 1].
    places : (m or 1, n) int64
        Whole steps lost on default [step]; one row where they are the same in all states.
    parts : (m or 1, n) float64
        Part of one more step [step], in [0, 1).
    counts : (n,) int64
        Names in each cell [1], >= 0.
    weights : (m,) float64
        Weights of the states [1], >= 0.
    negligible : float64
        As `conditional_law`.
    out : (g,) float64
        Filled with the probabilities [1]; g as in `conditional_law`.

    Returns
    -------
    None
        Fills ``out``.
    """
    out[:] = 0.0
    law, spare = np.zeros(out.size), np.zeros(out.size)
    for j in range(weights.size):
        row = j if places.shape[0] > 1 else 0
        swapped, bottom, top = conditional_law(
            chances[j], places[row], parts[row], counts, negligible, law, spare
        )
        found = spare if swapped else law
        for x in range(bottom, top + 1):
            out[x] += weights[j] * found[x]
            found[x] = 0.0


@kernel
def mixed_binomial(chances, weights, count, negligible, out):
    """Law of the number of defaults among equal names, mixed over states of the world.

    Parameters
    ----------
    chances, weights : (m,) float64
        PD in each state and the weight of the state [1].
    count : int64
        Names [1], >= 1.
    negligible : float64
        Probability below which a state's law is cut [1].
    out : (count + 1,) float64
        Filled with the probabilities [1].

    Returns
    -------
    None
        Fills ``out``.
    """
    out[:] = 0.0
    for j in range(chances.size):
        q = chances[j]
        mode = min(int((count + 1) * q), count)
        peak = weights[j] * binomial_chance(mode, count, q)
        floor = weights[j] * negligible
        value, d = peak, mode
        while d <= count and value > floor:
            out[d] += value
            value *= (count - d) * q / ((d + 1) * (1.0 - q)) if d < count else 0.0
            d += 1
        value, d = peak, mode
        while d > 0 and value > floor:
            value *= d * (1.0 - q) / ((count - d + 1) * q)
            d -= 1
            out[d] += value
