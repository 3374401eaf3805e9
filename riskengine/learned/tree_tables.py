"""Tables that tree kernels read, laid out from checked trees when a release is loaded."""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from riskengine.learned.tree_nodes import Floats, Ints, Trees, refused

MISSING = 255
"""Bin of missing values, and room for the edges of a feature: 254 may be in use."""


@dataclass(frozen=True)
class Bins:
    """How features become bins: bytes, of which 255 is missing.

    Parameters
    ----------
    edges : (features, 255) float64
        Thresholds of numbers in ascending order, filled up with +inf.
    place_starts : (features + 1,) int64
        Where the places of each feature's codes begin; a number has none.
    places : (m,) int64
        Places of codes; 255 for codes that the model does not know.
    used : (features,) int64
        Bins in use beside 255.
    """

    edges: Floats
    place_starts: Ints
    places: Ints
    used: Ints


@dataclass(frozen=True)
class Blocks:
    """What `kernels.tree_blocks.score_blocks` asks.

    Parameters
    ----------
    trees : (trees + 1, 2) int64
        Where questions and leaves of each tree begin.
    asked : (m, 5) int64
        Feature, first and last bin that go right, first leaf below, first leaf right.
    leaf : (leaves,) float64
        Values of leaves from left to right.
    """

    trees: Ints
    asked: Ints
    leaf: Floats


def bins_of(trees: Trees) -> Bins:
    """Bins by all thresholds of a model, and places of the codes that it knows.

    Parameters
    ----------
    trees : Trees
        The trees.

    Returns
    -------
    Bins
        One set for all trees.

    Raises
    ------
    ModelError
        If a feature is split at more than 254 values.
    """
    edges = np.full((trees.features, MISSING), np.inf)
    starts, places = [0], np.zeros(0, dtype=np.int64)
    used = np.zeros(trees.features, dtype=np.int64)
    for f in range(trees.features):
        at = trees.feature == f
        if (trees.category_row[at] >= 0).any():
            known = trees.category_known[f]
            own = np.where(known, np.cumsum(known) - 1, MISSING)
            places, used[f] = np.concatenate([places, own]), int(known.sum())
        else:
            values = np.unique(trees.threshold[at])
            values = values[np.isfinite(values)]
            if values.size >= MISSING:
                raise refused(f"feature {f} is split at {values.size} values, 254 at most")
            edges[f, : values.size], used[f] = values, values.size + 1
        starts.append(places.size)
    return Bins(edges, np.array(starts), places.astype(np.int64), used)


def right_sets(trees: Trees, bins: Bins) -> list[int]:
    """Bins that each node sends to its right, as bits of a whole number.

    Parameters
    ----------
    trees : Trees
        The trees.
    bins : Bins
        Their bins.

    Returns
    -------
    list of int
        By node; bit 255 is missing, 0 for a leaf.
    """
    sets = []
    missing, rows = trees.missing_left.tolist(), trees.category_row.tolist()
    thresholds, edges = trees.threshold.tolist(), bins.edges.tolist()
    for node, f in enumerate(trees.feature.tolist()):
        right = 0
        if f >= 0 and rows[node] >= 0:
            own = bins.places[bins.place_starts[f] : bins.place_starts[f + 1]]
            right = sum(1 << place for place in own[~trees.category_left[rows[node]]].tolist()
                        if place < MISSING)  # fmt: skip
        elif f >= 0:
            used = int(bins.used[f])
            right = (1 << used) - (1 << min(bisect_left(edges[f], thresholds[node]) + 1, used))
        sets.append(right | (0 if f < 0 or missing[node] else 1 << MISSING))
    return sets


def ranges(member: int, used: int) -> list[tuple[int, int]]:
    """Fewest ranges of bins that hold a set; bins that never occur fill a gap.

    Parameters
    ----------
    member : int
        Set of bins, as bits.
    used : int
        Bins in use, besides 255.

    Returns
    -------
    list of tuple of int
        First and last bin of each range.

    Examples
    --------
    >>> member = 1 << 0 | 1 << 1 | 1 << 4 | 1 << 255
    >>> ranges(member, 5), ranges(member, 6)
    ([(0, 1), (4, 255)], [(0, 1), (4, 4), (255, 255)])
    """
    if used > 0 and member >> MISSING and member >> (used - 1) & 1:
        member |= (1 << MISSING) - (1 << used)
    found = []
    while member:
        low = (member & -member).bit_length() - 1
        beyond = member + (1 << low)
        high = (beyond & -beyond).bit_length() - 1
        found.append((low, high - 1))
        member &= -1 << high
    return found


def blocks_of(trees: Trees, bins: Bins, rights: list[int]) -> Blocks | None:
    """Questions of all trees from left to right.

    Parameters
    ----------
    trees : Trees
        The trees.
    bins : Bins
        Their bins.
    rights : list of int
        As `right_sets`.

    Returns
    -------
    Blocks or None
        None when a tree has more than 256 leaves.
    """
    feature, used = trees.feature.tolist(), bins.used.tolist()
    left, right = trees.left.tolist(), trees.right.tolist()
    starts, asked = [(0, 0)], []
    leaves: list[float] = []
    for root in trees.roots.tolist():
        first = len(leaves)
        waiting, below = [(root, False)], {}
        while waiting:
            node, left_done = waiting.pop()
            f = feature[node]
            if f < 0:
                leaves.append(float(trees.leaf[node]))
            elif not left_done:
                below[node] = len(leaves) - first
                waiting += [(node, True), (left[node], False)]
            else:
                target = len(leaves) - first
                for low, high in ranges(rights[node], used[f]):
                    asked.append((f, low, high, below[node], target))
                waiting.append((right[node], False))
        if len(leaves) - first > MISSING + 1:
            return None
        starts.append((len(asked), len(leaves)))
    return Blocks(np.array(starts), np.array(asked, np.int64).reshape(-1, 5), np.array(leaves))


def packed_of(trees: Trees, bins: Bins, rights: list[int]) -> tuple[Floats, Ints]:
    """Numbers and words of all trees for one row at a time.

    Parameters
    ----------
    trees : Trees
        The trees.
    bins : Bins
        Their bins.
    rights : list of int
        As `right_sets`.

    Returns
    -------
    tuple of array
        As `kernels.trees.packed_score` reads them.
    """
    numbers, links = [trees.baseline], [0]
    splits: list[tuple[int, int]] = []
    pairs: list[int] = []
    for root in trees.roots.tolist():
        level, depth = [(root, len(numbers))], 0
        pairs += [len(numbers), 0]
        numbers.append(0.0)
        links.append(0)
        while level:
            deeper = []
            for node, at in level:
                f, row = int(trees.feature[node]), int(trees.category_row[node])
                if f < 0:
                    numbers[at], links[at] = float(trees.leaf[node]), 2 * trees.features << 32 | at
                    continue
                cell, numbers[at] = f, float(trees.threshold[node])
                if row >= 0:
                    cell, numbers[at] = 2 * trees.features + 1 + len(splits), 0.5
                    splits.append((f, rights[node]))
                elif trees.missing_left[node]:
                    cell += trees.features
                links[at] = cell << 32 | len(numbers)
                deeper += [(trees.left[node], len(numbers)), (trees.right[node], len(numbers) + 1)]
                numbers += [0.0, 0.0]
                links += [0, 0]
            depth += bool(deeper)
            level = deeper
        pairs[-1] = depth
    return np.array(numbers), _words(trees, bins, pairs, splits, links)


def _words(
    trees: Trees, bins: Bins, pairs: list[int], splits: list[tuple[int, int]], links: list[int]
) -> Ints:
    """Header, trees, splits, places and links in one array."""
    splits_at = 5 + len(pairs)
    places_at = splits_at + 7 * len(splits)
    header = [len(pairs) // 2, trees.features, len(splits), splits_at, places_at + bins.places.size]
    told: list[int] = []
    for f, right in splits:
        start, end = bins.place_starts[f], bins.place_starts[f + 1]
        bits = np.frombuffer(right.to_bytes(32, "little"), dtype="<i8")
        told += [f, places_at + int(start), int(end - start), *bits.tolist()]
    return np.array([*header, *pairs, *told, *bins.places.tolist(), *links], dtype=np.int64)
