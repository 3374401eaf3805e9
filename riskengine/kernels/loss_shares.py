"""What each name has to do with the loss of the whole book.

E[L_i 1{L = x}] pairs the law of the names before i, the loss of i, and the chance that
those after i bring the sum to x.  The laws before are built forwards, the chances after
backwards; all terms are positive, so that nothing is divided out and no digits are lost,
however likely a default is.  Laws before every square-root-th cell are kept and the rest
built twice.

Source: Tasche, Risk contributions and performance measurement (1999) (E[L_i | L = x]); the
recursion of Andersen, Sidenius & Basu, Risk 16(11) (2003) 67, run from both ends instead of
their removal of a name, which is unstable for chances near 1/2.
"""

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.exact_loss import add_cell, binomial_chance


@kernel
def _block(i, last, chances, places, parts, counts, negligible, rows, ends, spare):
    """Laws before cells i to last and after the last; rows[0] holds the first of them."""
    for j in range(last - i):
        k = i + j
        ends[j + 1] = add_cell(
            rows[j], ends[j, 0], ends[j, 1], chances[k], places[k], parts[k], counts[k],
            negligible, rows[j + 1], spare,
        )  # fmt: skip


@kernel
def _cleared(rows, ends, number):
    """Set to 0 what some rows hold."""
    for j in range(number):
        rows[j, ends[j, 0] : ends[j, 1] + 1] = 0.0


@kernel
def _share(law, bottom, top, chance, place, part, after):
    """Mean loss of one name that leads to the goal."""
    size = top - bottom + 1
    held, moved = law[bottom : top + 1], after[bottom + place :]
    total = 0.0
    if part == 0.0:
        for x in range(size):
            total += held[x] * moved[x]
        return chance * place * total
    further = after[bottom + place + 1 :]
    lost, more = (1.0 - part) * place, part * (place + 1)
    for x in range(size):
        total += held[x] * (lost * moved[x] + more * further[x])
    return chance * total


@kernel
def _before(after, low, high, chance, place, part, count, negligible):
    """Chance to reach the goal from each point once one cell more lies ahead; its ends."""
    reach = place + (1 if part > 0.0 else 0)
    if chance == 0.0 or reach == 0 or count == 0:
        return low, high
    low = max(low - reach * count, 0)
    if part == 0.0 and count > 1:
        ways = np.empty(count + 1)
        for d in range(count + 1):
            ways[d] = binomial_chance(d, count, chance)
        for x in range(low, high + 1):
            total = 0.0
            for d in range(count + 1):
                if ways[d] >= negligible:
                    total += ways[d] * after[min(x + d * place, after.size - 1)]
            after[x] = total
    else:
        stays, moves, rest = 1.0 - chance, chance * (1.0 - part), chance * part
        for _ in range(count):
            own, moved, further = after[low : high + 1], after[low + place :], after[low + reach :]
            for x in range(own.size):
                own[x] = stays * own[x] + moves * moved[x] + rest * further[x]
    while low < high and after[low] < negligible:
        after[low] = 0.0
        low += 1
    while high > low and after[high] < negligible:
        after[high] = 0.0
        high -= 1
    return low, high


@kernel
def _backward(state, at, negligible, kept, kept_ends, rows, ends, spare, less, after, out):
    """Shares of all cells in one state, from the last to the first."""
    chances, places, parts, counts = state
    cells, width = counts.size, rows.shape[0] - 1
    after[0, :], after[1, : at + 1], after[1, at + 1 :] = 0.0, 0.0, 1.0
    after[0, at] = 1.0
    low, high = np.array([at, at]), np.array([at, at])
    for i in range(cells - 1, -1, -1):
        first = i - i % width
        last = min(first + width, cells)
        if i == last - 1:
            rows[0], ends[0] = kept[i // width], kept_ends[i // width]
            _block(first, last, chances, places, parts, counts, negligible, rows, ends, spare)
        j, q, place, part, count = i - first, chances[i], places[i], parts[i], counts[i]
        law, bottom, top = rows[j], ends[j, 0], ends[j, 1]
        if count > 1:
            bottom, top = add_cell(
                law, bottom, top, q, place, part, count - 1, negligible, less, spare
            )  # fmt: skip
            law = less
        for g in range(2):
            if count > 0:
                out[g, i] = count * _share(law, bottom, top, q, place, part, after[g])
            low[g], high[g] = _before(
                after[g], low[g], high[g], q, place, part, count, negligible
            )  # fmt: skip
        less[bottom : top + 1] = 0.0
        if i == first:
            _cleared(rows, ends, last - first + 1)


@kernel
def mixed_shares(
    chances, places, parts, counts, weights, negligible, beyond, at, size, equal, above
):  # fmt: skip
    """Shares of cells in the loss at and above one lattice point, mixed over states.

    Parameters
    ----------
    chances, places, parts, counts, weights, negligible
        As `riskengine.kernels.exact_loss.mixed_law` (any unit).
    beyond : float64
        Chance below which a state is taken to lie wholly on one side of x [1], such as
        1e-20; there a name's share is its mean loss, or nothing.
    at : int64
        Lattice point x [step], in [0, size - 2].
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
    cells = counts.size
    width = max(int(np.sqrt(cells)), 1)
    blocks = (cells + width - 1) // width
    kept, kept_ends = np.zeros((blocks + 1, size)), np.zeros((blocks + 1, 2), dtype=np.int64)
    rows, ends = np.zeros((width + 1, size)), np.zeros((width + 1, 2), dtype=np.int64)
    spare, less, out = np.zeros(size), np.zeros(size), np.zeros((2, cells))
    after = np.zeros((2, size + places.max() + 2))
    kept[0, 0] = 1.0
    for s in range(weights.size):
        row = s if places.shape[0] > 1 else 0
        q, place, part = chances[s], places[row], parts[row]
        for b in range(blocks):
            first, last = b * width, min((b + 1) * width, cells)
            rows[0], ends[0] = kept[b], kept_ends[b]
            _block(first, last, q, place, part, counts, negligible, rows, ends, spare)
            kept[b + 1], kept_ends[b + 1] = rows[last - first], ends[last - first]
            _cleared(rows, ends, last - first + 1)
        if np.sum(kept[blocks, at:]) < beyond:
            continue
        if np.sum(kept[blocks, : at + 1]) < beyond:
            for i in range(cells):
                above[i] += weights[s] * counts[i] * q[i] * (place[i] + part[i])
            continue
        out[:] = 0.0
        state = q, place, part, counts
        _backward(state, at, negligible, kept, kept_ends, rows, ends, spare, less, after, out)
        for i in range(cells):
            equal[i] += weights[s] * out[0, i]
            above[i] += weights[s] * out[1, i]
