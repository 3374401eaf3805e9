"""Slow twin of trees: walking node by node, and Shapley values by every subset of features."""

import math
from itertools import combinations
from typing import Any

import numpy as np

Arrays = dict[str, Any]


def goes_left(a: Arrays, node: int, cell: float) -> bool:
    """Where one node sends one cell; codes that are not known go the way of missing ones."""
    row, f = a["category_row"][node], a["feature"][node]
    if row < 0:
        return bool(a["missing_left"][node]) if math.isnan(cell) else cell <= a["threshold"][node]
    known = a["category_known"][f]
    if math.isnan(cell) or cell not in range(known.size) or not known[int(cell)]:
        return bool(a["missing_left"][node])
    return bool(a["category_left"][row][int(cell)])


def walk(a: Arrays, x: np.ndarray) -> float:
    """Score of one row, leaves added in the order of the trees."""
    score = float(a["baseline"][0])
    for root in a["roots"]:
        node = root
        while a["feature"][node] >= 0:
            left = goes_left(a, node, x[a["feature"][node]])
            node = a["left"][node] if left else a["right"][node]
        score += a["leaf"][node]
    return score


def expected(a: Arrays, node: int, x: np.ndarray, known: set[int]) -> float:
    """Mean score below a node when only some features are known."""
    f = a["feature"][node]
    if f < 0:
        return float(a["leaf"][node])
    left, right = a["left"][node], a["right"][node]
    if f in known:
        return expected(a, left if goes_left(a, node, x[f]) else right, x, known)
    return sum(
        a["cover"][child] / a["cover"][node] * expected(a, child, x, known)
        for child in (left, right)
    )


def shapley(a: Arrays, x: np.ndarray) -> tuple[float, np.ndarray]:
    """Base and contributions by the definition: every subset of the other features."""
    features = range(len(x))

    def game(known: set[int]) -> float:
        return float(a["baseline"][0]) + sum(expected(a, root, x, known) for root in a["roots"])

    phi = np.zeros(len(x))
    for f in features:
        others = [g for g in features if g != f]
        for size in range(len(x)):
            weight = 1.0 / (len(x) * math.comb(len(x) - 1, size))
            for chosen in combinations(others, size):
                phi[f] += weight * (game({*chosen, f}) - game(set(chosen)))
    return game(set()), phi


def grown(rng: np.random.Generator, features: int, codes: int, trees: int, depth: int) -> Arrays:
    """Random trees; with codes, the first feature is a category."""
    nodes: list[list[Any]] = []
    rows: list[np.ndarray] = []
    known = np.zeros((features, codes), dtype=bool)
    if codes:
        known[0] = rng.random(codes) < 0.7

    def grow(level: int, cover: float) -> int:
        at, f = len(nodes), int(rng.integers(features))
        nodes.append([-1, 0.0, bool(rng.random() < 0.5), 0, 0, rng.normal(), cover, -1])
        if level < depth and rng.random() < 0.85:
            share = rng.uniform(0.1, 0.9)
            nodes[at][0] = f
            if codes and f == 0:
                nodes[at][7] = len(rows)
                rows.append(known[0] & (rng.random(codes) < 0.5))
            else:
                nodes[at][1] = math.inf if rng.random() < 0.1 else float(rng.integers(-3, 4)) / 2.0
            nodes[at][3] = grow(level + 1, cover * share)
            nodes[at][4] = grow(level + 1, cover * (1.0 - share))
        return at

    roots = [grow(0, 100.0) for _ in range(trees)]
    columns = [np.array(column) for column in zip(*nodes, strict=True)]
    names = (
        "feature",
        "threshold",
        "missing_left",
        "left",
        "right",
        "leaf",
        "cover",
        "category_row",
    )
    return {
        "roots": np.array(roots), **dict(zip(names, columns, strict=True)),
        "category_left": np.array(rows, dtype=bool).reshape(len(rows), codes), "category_known": known,
        "baseline": np.array([rng.normal()]),
    }  # fmt: skip


def cells(rng: np.random.Generator, features: int, codes: int, size: int) -> np.ndarray:
    """Rows on thresholds and between them, missing, infinite, and codes never seen."""
    x = rng.integers(-8, 9, (features, size)) / 4.0
    if codes:
        x[0] = rng.choice([*range(codes + 2), -1.0, 0.5, 1e18], size)
    odd = rng.choice([math.nan, math.inf, -math.inf], (features, size))
    return np.where(rng.random((features, size)) < 0.25, odd, x)
