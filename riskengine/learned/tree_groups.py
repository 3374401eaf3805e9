"""Groups of leaves that share a table of contributions, see `kernels.tree_contributions`."""

from dataclasses import dataclass, field

import numpy as np

from riskengine.kernels.tree_contributions import fill_table
from riskengine.learned.tree_nodes import Floats, Ints, Trees
from riskengine.learned.tree_tables import MISSING, Bins, ranges

ANSWERS = 8
"""Answers that a pattern of one byte holds."""


@dataclass(frozen=True)
class Groups:
    """What the kernels of contributions read.

    Parameters
    ----------
    base : float
        Mean score of the training rows.
    groups, asked, members, tables : arrays
        As `kernels.tree_contributions.contribution_blocks`.
    leaves, deep_asked, deep_members, shares, values, points, weights : arrays
        As `kernels.tree_contributions.deep_contributions`.
    """

    base: float
    groups: Ints
    asked: Ints
    members: Ints
    tables: Floats
    leaves: Ints
    deep_asked: Ints
    deep_members: Ints
    shares: Floats
    values: Floats
    points: Floats
    weights: Floats


@dataclass
class _Way:
    """A node and what leads to it, merged by feature."""

    node: int
    passed: dict[int, int]
    shares: dict[int, float]


@dataclass
class _Leaf:
    """A leaf of a group: by feature, the bits looked at, what they must be, the share."""

    value: float
    needs: dict[int, tuple[int, int, float]]


@dataclass
class _Growing:
    """Tables while they grow."""

    groups: list[tuple[int, int, int]] = field(default_factory=lambda: [(0, 0, 0)])
    asked: list[tuple[int, int, int, int]] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    tables: list[Floats] = field(default_factory=list)
    leaves: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])
    deep_asked: list[tuple[int, int, int, int]] = field(default_factory=list)
    deep_members: list[int] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)


def groups_of(trees: Trees, bins: Bins, rights: list[int]) -> Groups:
    """Work out the tables of contributions.

    A group is the largest part of a tree whose pattern fits a byte: one answer for each
    feature on the way to its top, one for each node below.

    Parameters
    ----------
    trees : Trees
        With `cover`.
    bins : Bins
        Their bins.
    rights : list of int
        Bins that nodes send right, see `tree_tables.right_sets`.

    Returns
    -------
    Groups
        The tables.
    """
    raw, heights = np.polynomial.legendre.leggauss(max((trees.features + 1) // 2, 1))
    points, weights = (raw + 1.0) / 2.0, heights / 2.0
    inner = _inner_nodes(trees)
    growing = _Growing()
    base = trees.baseline
    for root in trees.roots.tolist():
        base += _mean(trees, root)
        waiting = [_Way(root, {}, {})]
        while waiting:
            way = waiting.pop()
            if len(way.passed) + inner[way.node] <= ANSWERS:
                _add_group(trees, bins, rights, way, growing, points, weights)
            elif trees.feature[way.node] < 0:
                _add_deep(trees, bins, way, growing)
            else:
                waiting += _further(trees, rights, way)
    return Groups(
        base, np.array(growing.groups, np.int64), _table(growing.asked),
        np.array(growing.members, np.int64), np.concatenate([np.zeros(0), *growing.tables]),
        np.array(growing.leaves, np.int64), _table(growing.deep_asked),
        np.array(growing.deep_members, np.int64), np.array(growing.shares),
        np.array(growing.values), points, weights,
    )  # fmt: skip


def _table(rows: list[tuple[int, int, int, int]]) -> Ints:
    return np.array(rows, dtype=np.int64).reshape(-1, 4)


def _inner_nodes(trees: Trees) -> list[int]:
    """How many nodes at and below each node are no leaves; children come after parents."""
    counts = [0] * trees.feature.size
    for node in range(trees.feature.size - 1, -1, -1):
        if trees.feature[node] >= 0:
            counts[node] = 1 + counts[trees.left[node]] + counts[trees.right[node]]
    return counts


def _share(trees: Trees, child: int, parent: int) -> float:
    assert trees.cover is not None
    return float(trees.cover[child] / trees.cover[parent])


def _mean(trees: Trees, root: int) -> float:
    """Mean of a tree over its training rows."""
    total, waiting = 0.0, [(root, 1.0)]
    while waiting:
        node, share = waiting.pop()
        if trees.feature[node] < 0:
            total += share * float(trees.leaf[node])
        else:
            children = int(trees.left[node]), int(trees.right[node])
            waiting += [(child, share * _share(trees, child, node)) for child in children]
    return total


def _further(trees: Trees, rights: list[int], way: _Way) -> list[_Way]:
    """The ways to both children."""
    f, right = int(trees.feature[way.node]), rights[way.node]
    sides = (
        (int(trees.left[way.node]), right ^ (2 << MISSING) - 1),
        (int(trees.right[way.node]), right),
    )
    return [
        _Way(
            child,
            {**way.passed, f: way.passed[f] & side if f in way.passed else side},
            {**way.shares, f: way.shares.get(f, 1.0) * _share(trees, child, way.node)},
        )
        for child, side in sides
    ]


def _add_group(
    trees: Trees,
    bins: Bins,
    rights: list[int],
    way: _Way,
    growing: _Growing,
    points: Floats,
    weights: Floats,
) -> None:
    """Questions, features and table of the part of a tree below one node."""
    needs = {}
    for bit, (f, passed) in enumerate(way.passed.items()):
        needs[f] = (1 << bit, 1 << bit, way.shares[f])
        for low, high in ranges(passed, int(bins.used[f])):
            growing.asked.append((f, low, high, 1 << bit))
    leaves, answers = [], len(way.passed)
    waiting = [(way.node, needs)]
    while waiting:
        node, needs = waiting.pop()
        f = int(trees.feature[node])
        if f < 0:
            leaves.append(_Leaf(float(trees.leaf[node]), needs))
            continue
        mask, wanted, share = needs.get(f, (0, 0, 1.0))
        bit = 1 << answers
        answers += 1
        for low, high in ranges(rights[node], int(bins.used[f])):
            growing.asked.append((f, low, high, bit))
        for child, answer in ((int(trees.left[node]), 0), (int(trees.right[node]), bit)):
            part = share * _share(trees, child, node)
            waiting.append((child, {**needs, f: (mask | bit, wanted | answer, part)}))
    members = sorted({f for leaf in leaves for f in leaf.needs})
    table = _filled(leaves, members, 1 << answers, points, weights)
    growing.members += members
    growing.tables.append(table.reshape(-1))
    end = growing.groups[-1][2] + table.size
    growing.groups.append((len(growing.asked), len(growing.members), end))


def _filled(
    leaves: list[_Leaf], members: list[int], patterns: int, points: Floats, weights: Floats
) -> Floats:
    places = {f: row for row, f in enumerate(members)}
    told = [(places[f], *need) for leaf in leaves for f, need in leaf.needs.items()]
    starts = np.cumsum([0, *(len(leaf.needs) for leaf in leaves)])
    whole = np.array([row[:3] for row in told], dtype=np.int64).reshape(-1, 3)
    table = np.empty((len(members), patterns))
    fill_table(
        starts, np.array([leaf.value for leaf in leaves]), whole[:, 0].copy(),
        np.array([row[3] for row in told]), whole[:, 1].copy(), whole[:, 2].copy(), points,
        weights, table,
    )  # fmt: skip
    return table


def _add_deep(trees: Trees, bins: Bins, way: _Way, growing: _Growing) -> None:
    """A leaf with more features on its way than a pattern holds."""
    for place, (f, passed) in enumerate(way.passed.items()):
        for low, high in ranges(passed, int(bins.used[f])):
            growing.deep_asked.append((f, low, high, place))
        growing.deep_members.append(f)
        growing.shares.append(way.shares[f])
    growing.values.append(float(trees.leaf[way.node]))
    growing.leaves.append((len(growing.deep_asked), len(growing.deep_members)))
