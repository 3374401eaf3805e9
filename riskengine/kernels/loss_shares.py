"""What one name has to do with the loss of the whole book: the law without it.

Source: Andersen, Sidenius & Basu, Risk 16(11) (2003) 67 (removal of a name); Tasche, Risk
contributions and performance measurement (1999) (E[L_i | L = x]).
"""

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.exact_loss import conditional_law


@kernel
def _removed_upward(law, top, chance, place, part, out):
    """Law without a name that more often loses nothing: solved from the bottom."""
    lowest, moves, rest = 1.0 - chance, chance * (1.0 - part), chance * part
    if place == 0:
        lowest, moves = lowest + moves, 0.0
    for x in range(top + 1):
        value = law[x]
        if place > 0 and x >= place:
            value -= moves * out[x - place]
        if x > place:
            value -= rest * out[x - place - 1]
        out[x] = max(value / lowest, 0.0)


@kernel
def _removed_downward(law, top, chance, place, out):
    """Law without a name that more often loses whole steps: solved from the top."""
    for x in range(top, place - 1, -1):
        other = out[x] if x <= top - place else 0.0
        out[x - place] = max((law[x] - (1.0 - chance) * other) / chance, 0.0)
    for x in range(max(top - place + 1, 0), top + 1):
        out[x] = 0.0


@kernel
def law_without(i, chances, places, parts, counts, negligible, law, top, out, work, spare):
    """Law of the sum without one name of cell i.

    Parameters
    ----------
    i : int64
        The cell, from 0 [1]; it holds a name that can lose something.
    chances, places, parts, counts, negligible
        As `riskengine.kernels.exact_loss.conditional_law` (any unit).
    law : (g,) float64
        Law of the whole sum [1].
    top : int64
        Its last lattice point [step].
    out : (g,) float64
        Filled with the law without the name up to ``top`` [1].
    work, spare : (g,) float64
        Zeros; zeros again at the end.

    Returns
    -------
    None
        Fills ``out``.

    Notes
    -----
    The step of the recursion is undone from the end where it does not enlarge errors:
    from below when the name loses nothing with chance > 1/2, from above when it loses a
    whole number of steps with chance >= 1/2; else the law is built anew.
    """
    q, part = chances[i], parts[i]
    stays = 1.0 - q if places[i] > 0 else 1.0 - q * part
    if stays > 0.5:
        _removed_upward(law, top, q, places[i], part, out)
    elif part == 0.0:
        _removed_downward(law, top, q, places[i], out)
    else:
        less = counts.copy()
        less[i] -= 1
        swapped, _, last = conditional_law(chances, places, parts, less, negligible, work, spare)
        found = spare if swapped else work
        out[: top + 1] = found[: top + 1]
        found[: last + 1] = 0.0


@kernel
def _shares_of(law, top, chance, place, part, at):
    """E[L_i 1{L = at}] and E[L_i 1{L > at}] of one name, from the law without it."""
    equal, above = 0.0, 0.0
    for k in range(2):
        weight = chance * (part if k == 1 else 1.0 - part) * (place + k)
        if weight == 0.0:
            continue
        start = at - place - k
        if 0 <= start <= top:
            equal += weight * law[start]
        total = 0.0
        for x in range(top, max(start, -1), -1):
            total += law[x]
        above += weight * total
    return equal, above


@kernel
def mixed_shares(chances, places, parts, counts, weights, negligible, at, size, equal, above):
    """Shares of cells in the loss at and above one lattice point, mixed over states.

    Parameters
    ----------
    chances, places, parts, counts, weights, negligible
        As `riskengine.kernels.exact_loss.mixed_law` (any unit).
    at : int64
        Lattice point x [step].
    size : int64
        Room for a law [1]: g of `riskengine.kernels.exact_loss.conditional_law`.
    equal, above : (n,) float64
        Filled with E[L_i 1{L = x}] and E[L_i 1{L > x}] of all names of a cell [step].

    Returns
    -------
    None
        Fills ``equal`` and ``above``.
    """
    equal[:], above[:] = 0.0, 0.0
    law, spare, out = np.zeros(size), np.zeros(size), np.zeros(size)
    work, other = np.zeros(size), np.zeros(size)
    for j in range(weights.size):
        row = j if places.shape[0] > 1 else 0
        swapped, bottom, top = conditional_law(
            chances[j], places[row], parts[row], counts, negligible, law, spare
        )
        found = spare if swapped else law
        for i in range(counts.size):
            q, place, part = chances[j, i], places[row, i], parts[row, i]
            if counts[i] == 0 or q == 0.0 or (place == 0 and part == 0.0):
                continue
            law_without(
                i, chances[j], places[row], parts[row], counts, negligible, found, top, out,
                work, other,
            )  # fmt: skip
            one, more = _shares_of(out, top, q, place, part, at)
            equal[i] += weights[j] * counts[i] * one
            above[i] += weights[j] * counts[i] * more
        for x in range(bottom, top + 1):
            found[x] = 0.0
