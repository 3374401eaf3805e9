"""What each feature contributes to the score of trees: exact, additive (TreeSHAP).

A leaf of value v is reached along d distinct features.  Feature j is fulfilled by a row
(o_j = 1) or not (0); of the training rows a share z_j passes its splits on the way.
The Shapley value of j in the game in which features that are not known are passed by
their shares is

    v (o_j - z_j) integral from 0 to 1 of the product over i != j of
    ((1 - u) z_i + u o_i) du,

a polynomial of degree d - 1 in u, so that ceil(d / 2) Gauss-Legendre points give it to
rounding; every term is positive.  Contributions of all leaves and trees add up to the
score less its mean over the training rows.

Since o_j is 0 or 1, leaves below one node share a table: its entries, one for each
pattern of at most eight answers, are worked out when a model is loaded.

Source: Lundberg et al. (2020), From local explanations to global understanding with
explainable AI for trees, Nature Machine Intelligence 2, 56 (path-dependent game);
Owen (1972) for the integral; Yang (2021), Fast TreeSHAP, for tables by pattern.
"""

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.tree_blocks import fill_bins


@kernel
def leaf_contributions(shares, met, value, points, weights, out):
    """Shapley values of the features on the way to one leaf.

    Parameters
    ----------
    shares : (d,) float64
        Shares z_j of training rows that pass [1], in (0, 1].
    met : (d,) float64
        1 where the row fulfils feature j [1], 0 where it does not.
    value : float64
        Value of the leaf [unit of the target].
    points, weights : (q,) float64
        Gauss-Legendre points in (0, 1) and weights [1], 2 q >= d.
    out : (d,) float64
        Filled with contributions [unit of the target].

    Examples
    --------
    >>> import numpy as np
    >>> out, one = np.empty(2), np.ones(1)
    >>> leaf_contributions(np.array([0.5, 0.25]), np.ones(2), 8.0, 0.5 * one, one, out)
    >>> out.tolist()
    [2.5, 4.5]
    """
    for j in range(shares.size):
        out[j] = 0.0
    for q in range(points.size):
        whole = weights[q] * value
        for j in range(shares.size):
            whole *= (1.0 - points[q]) * shares[j] + points[q] * met[j]
        for j in range(shares.size):
            out[j] += whole / ((1.0 - points[q]) * shares[j] + points[q] * met[j])
    for j in range(shares.size):
        out[j] *= met[j] - shares[j]


@kernel
def fill_table(leaf_starts, values, members, shares, masks, wanted, points, weights, table):
    """Contributions of the leaves of one group for every pattern of answers.

    Parameters
    ----------
    leaf_starts : (leaves + 1,) int64
        Where the features of each leaf begin.
    values : (leaves,) float64
        Values of the leaves [unit of the target].
    members : (m,) int64
        Row of the table of each feature of each leaf.
    shares : (m,) float64
        Shares z_j [1], in (0, 1].
    masks, wanted : (m,) int64
        A feature is fulfilled when the pattern's bits under the mask are as wanted.
    points, weights : (q,) float64
        Gauss-Legendre points in (0, 1) and weights [1].
    table : (features of the group, patterns) float64
        Filled with contributions [unit of the target].
    """
    table[:, :] = 0.0
    met, out = np.empty(members.size), np.empty(members.size)
    for pattern in range(table.shape[1]):
        for leaf in range(values.size):
            first, end = leaf_starts[leaf], leaf_starts[leaf + 1]
            for k in range(first, end):
                met[k] = 1.0 if pattern & masks[k] == wanted[k] else 0.0
            leaf_contributions(
                shares[first:end], met[first:end], values[leaf], points, weights, out[first:end]
            )
            for k in range(first, end):
                table[members[k], pattern] += out[k]


@kernel
def _answer(row, low, high, bit, patterns):
    """Set a bit of the pattern of every row whose bin lies in a range."""
    for r in range(patterns.size):
        inside = (row[r] >= low) & (row[r] <= high)
        patterns[r] |= bit if inside else np.uint8(0)


@kernel
def _add(entries, patterns, to):
    """Add the entry of every row's pattern."""
    for r in range(patterns.size):
        to[r] += entries[patterns[r]]


@kernel
def contribution_blocks(x, edges, place_starts, places, groups, asked, members, tables, out):
    """Contributions of groups of leaves that share a table.

    Parameters
    ----------
    x : (features, n) float64
        Features [any unit]; NaN is missing.
    edges, place_starts, places : arrays
        As `tree_blocks.fill_bins` [any unit].
    groups : (groups + 1, 3) int64
        Where the questions, the features and the table of each group begin.
    asked : (m, 4) int64
        Questions: feature, first and last bin of the range, bit set when inside.
    members : (k,) int64
        Features of the groups.
    tables : (t,) float64
        Tables [unit of the target], a row for each feature of the group.
    out : (features, n) float64
        Filled with contributions [unit of the target].

    Notes
    -----
    One look-up a row, group and feature: two loads of bytes and of an entry, one of
    the sum, one store.  A tree of 31 leaves makes about a dozen groups of seven
    features, against 160 look-ups when every leaf has a table of its own.
    """
    size = max(min(out.shape[1], 1024), 1)
    bins, known = np.empty((x.shape[0], size), np.uint8), np.empty(size, np.uint8)
    for first in range(0, out.shape[1], size):
        part = out[:, first : first + size]
        part[:, :] = 0.0
        patterns = known[: part.shape[1]]
        fill_bins(x, first, edges, place_starts, places, bins[:, : patterns.size])
        for g in range(groups.shape[0] - 1):
            patterns[:] = 0
            for k in range(groups[g, 0], groups[g + 1, 0]):
                _answer(
                    bins[asked[k, 0], : patterns.size], np.uint8(asked[k, 1]),
                    np.uint8(asked[k, 2]), np.uint8(asked[k, 3]), patterns,
                )  # fmt: skip
            begin, count = groups[g, 1], groups[g + 1, 1] - groups[g, 1]
            entries = (groups[g + 1, 2] - groups[g, 2]) // max(count, 1)
            for j in range(count):
                at = groups[g, 2] + j * entries
                _add(tables[at : at + entries], patterns, part[members[begin + j]])


@kernel
def deep_contributions(
    x, edges, place_starts, places, leaves, asked, members, shares, values, points, weights, out
):
    """Contributions of leaves with too many features for a table, added to ``out``.

    Parameters
    ----------
    x : (features, n) float64
        Features [any unit]; NaN is missing.
    edges, place_starts, places : arrays
        As `tree_blocks.fill_bins` [any unit].
    leaves : (leaves + 1, 2) int64
        Where the questions and the features of each leaf begin.
    asked : (m, 4) int64
        Questions: feature, first and last bin that fulfil it, place among the features
        of the leaf.
    members : (k,) int64
        Features of the leaves.
    shares : (k,) float64
        Shares z_j [1], in (0, 1].
    values : (leaves,) float64
        Values of the leaves [unit of the target].
    points, weights : (q,) float64
        Gauss-Legendre points in (0, 1) and weights [1].
    out : (features, n) float64
        Contributions [unit of the target]; added to.
    """
    bins = np.empty((x.shape[0], 1), np.uint8)
    met, own = np.empty(shares.size), np.empty(shares.size)
    for i in range(out.shape[1]):
        fill_bins(x, i, edges, place_starts, places, bins)
        for leaf in range(values.size):
            first, end = leaves[leaf, 1], leaves[leaf + 1, 1]
            met[first:end] = 0.0
            for k in range(leaves[leaf, 0], leaves[leaf + 1, 0]):
                if asked[k, 1] <= bins[asked[k, 0], 0] <= asked[k, 2]:
                    met[first + asked[k, 3]] = 1.0
            leaf_contributions(
                shares[first:end], met[first:end], values[leaf], points, weights, own[first:end]
            )
            for k in range(first, end):
                out[members[k], i] += own[k]
