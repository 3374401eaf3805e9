"""The exact best cut of ordered pre-bins: a dynamic programme over segments.

The value of a segment is its part of the information value, which depends on its
own counts and on the totals only, so values add up and the best cut into k
segments is found exactly: best[k, i, j] is the most that k segments can hold when
the last one covers pre-bins i to j - 1, and the one before it ends at i with a bad
rate on the right side of this one's.  Cost: O(k n^3), in array operations.

Source: Bellman (1961) for segmentation; the constraints are those of
Navas-Palencia (2020), Optimal binning, which solves the same problem by an integer
programme.
"""

from dataclasses import dataclass

import numpy as np

from models.pd.checks import Floats, Ints
from models.pd.woe import weights_of_evidence

SHAPES = ("ascending", "descending", "free", "peak", "valley", "auto")
"""How the bad rate may run along the feature; auto is the better of the first two."""

# Moves into each phase: the phase before, and the sign the bad rate must change by.
_MOVES: dict[str, tuple[tuple[tuple[int, int], ...], ...]] = {
    "ascending": (((0, 1),),),
    "descending": (((0, -1),),),
    "free": (((0, 0),),),
    "peak": (((0, 1),), ((0, -1), (1, -1))),
    "valley": (((0, -1),), ((0, 1), (1, 1))),
}

TIE = 1e-12
"""Two information values this close are the same: the cut with fewer bins is taken."""


@dataclass(frozen=True)
class Counts:
    """What lies in each pre-bin, in order.

    Parameters
    ----------
    good, bad : (pre-bins,) float64
        Weight of goods and bads.
    rows_good, rows_bad : (pre-bins,) int64
        Rows, not weighted.
    """

    good: Floats
    bad: Floats
    rows_good: Ints
    rows_bad: Ints


@dataclass(frozen=True)
class Limits:
    """What a segment must hold, and what the cut aims at.

    Parameters
    ----------
    max_bins : int
        Most segments, >= 1.
    min_weight : float
        Least weight of a segment, >= 0.
    min_good, min_bad : int
        Least rows of each class, >= 0.
    goods, bads : float
        Totals of the sample, missing values included, > 0.
    haldane : bool
        Whether WOE adds 1/2 to every count.
    per_bin : float
        Taken off the information value for each bin beyond the first, >= 0.
    """

    max_bins: int
    min_weight: float
    min_good: int
    min_bad: int
    goods: float
    bads: float
    haldane: bool = False
    per_bin: float = 0.0


@dataclass(frozen=True)
class Cut:
    """A cut of pre-bins into segments.

    Parameters
    ----------
    starts : tuple of int
        First pre-bin of each segment; the first is 0.
    value : float
        Information value of the segments less what the bins cost; minus infinity
        when not even one segment is admissible.
    shape : str
        How the bad rate runs.
    """

    starts: tuple[int, ...]
    value: float
    shape: str


def best_cut(counts: Counts, limits: Limits, shape: str) -> Cut:
    """Cut with the highest information value of one shape.

    Parameters
    ----------
    counts : Counts
        Pre-bins, at least one.
    limits : Limits
        What a segment must hold.
    shape : str
        One of `SHAPES`.

    Returns
    -------
    Cut
        The best; of equal ones that with fewer bins, then with earlier cuts.

    Examples
    --------
    >>> import numpy as np
    >>> counts = Counts(*(np.array(c) for c in ([9.0, 9.0, 5.0, 5.0], [1.0, 1.0, 5.0, 5.0],
    ...                                         [9, 9, 5, 5], [1, 1, 5, 5])))
    >>> best_cut(counts, Limits(4, 0.0, 1, 1, 28.0, 12.0), "ascending").starts
    (0, 2)
    """
    if shape == "auto":
        rising, falling = (best_cut(counts, limits, way) for way in ("ascending", "descending"))
        return falling if falling.value > rising.value + TIE else rising
    value, rate = _segments(counts, limits)
    tables, backs = _tables(value, rate, _MOVES[shape], limits.max_bins)
    tops = [max(float(phase[:, -1].max()) for phase in table) for table in tables]
    worth = [top - limits.per_bin * bins for bins, top in enumerate(tops)]
    most = max(worth)
    if not np.isfinite(most):
        return Cut((0,), -np.inf, shape)
    bins = next(k for k, w in enumerate(worth) if w >= most - TIE * (1.0 + abs(most)))
    return Cut(_trace(tables[bins], backs, bins), worth[bins], shape)


def _segments(counts: Counts, limits: Limits) -> tuple[Floats, Floats]:
    """Value and bad rate of every segment [i, j); minus infinity where not admissible."""
    sums = [np.concatenate([[0], np.cumsum(part)]) for part in
            (counts.good, counts.bad, counts.rows_good, counts.rows_bad)]  # fmt: skip
    good, bad, rows_good, rows_bad = (s[None, :] - s[:, None] for s in sums)
    slack = TIE * (limits.goods + limits.bads)
    ok = (good + bad >= limits.min_weight - slack) & (rows_good >= limits.min_good)
    ok &= (rows_bad >= limits.min_bad) & (rows_good + rows_bad > 0)
    ok &= np.triu(np.ones(ok.shape, dtype=bool), 1)
    if not limits.haldane:
        ok &= (rows_good > 0) & (rows_bad > 0)
    g, b = np.where(ok, good, 1.0), np.where(ok, bad, 1.0)
    woe = weights_of_evidence(g, b, limits.goods, limits.bads, limits.haldane)
    value = (g / limits.goods - b / limits.bads) * woe
    return np.where(ok, value, -np.inf), np.where(ok, b / (g + b), np.nan)


def _tables(
    value: Floats, rate: Floats, moves: tuple[tuple[tuple[int, int], ...], ...], max_bins: int
) -> tuple[list[list[Floats]], list[list[tuple[Ints, Ints]]]]:
    """best[bins][phase][i, j], and where each came from: (phase before, start before)."""
    first = np.full(value.shape, -np.inf)
    first[0] = value[0]
    nothing = np.full(value.shape, -np.inf)
    tables = [[first, *(nothing for _ in moves[1:])]]
    backs: list[list[tuple[Ints, Ints]]] = []
    for _ in range(1, min(max_bins, value.shape[0] - 1)):
        steps = [_step(tables[-1], value, rate, into) for into in moves]
        tables.append([table for table, _, _ in steps])
        backs.append([(phase, start) for _, phase, start in steps])
    return tables, backs


def _step(
    before: list[Floats], value: Floats, rate: Floats, into: tuple[tuple[int, int], ...]
) -> tuple[Floats, Ints, Ints]:
    table = np.full(value.shape, -np.inf)
    phases = np.zeros(value.shape, dtype=np.int64)
    starts = np.zeros(value.shape, dtype=np.int64)
    for i in range(1, value.shape[0] - 1):
        for phase, sign in into:
            earlier = before[phase][:i, i]
            if not np.isfinite(earlier).any():
                continue
            allowed = sign * (rate[i, i + 1 :][None, :] - rate[:i, i][:, None]) > 0.0
            held = np.where(allowed | (sign == 0), earlier[:, None], -np.inf)
            start = held.argmax(axis=0)
            total = held[start, np.arange(start.size)] + value[i, i + 1 :]
            better = total > table[i, i + 1 :]
            table[i, i + 1 :][better] = total[better]
            phases[i, i + 1 :][better] = phase
            starts[i, i + 1 :][better] = start[better]
    return table, phases, starts


def _trace(table: list[Floats], backs: list[list[tuple[Ints, Ints]]], bins: int) -> tuple[int, ...]:
    phase = int(np.argmax([part[:, -1].max() for part in table]))
    start, end = int(table[phase][:, -1].argmax()), table[phase].shape[0] - 1
    starts = [start]
    for back in reversed(backs[:bins]):
        came = back[phase]
        phase, start, end = int(came[0][start, end]), int(came[1][start, end]), start
        starts.append(start)
    return tuple(reversed(starts))
