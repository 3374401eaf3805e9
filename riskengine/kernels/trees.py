"""Gradient-boosted trees walked node by node, a row at a time.

Leaf values are added to the baseline tree by tree, in order, which makes the sum
equal to scikit-learn's own to the last bit.  `score_row` reads the arrays of a
release as they are; `packed_score` reads two packed arrays, which a call from Python
hands over in a microsecond.  Many rows at once: `riskengine.kernels.tree_blocks`.
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel


@kernel
def score_row(x, i, roots, feature, threshold, missing_left, left, right, leaf, baseline):
    """Score of one row.

    Parameters
    ----------
    x : (features, n) float64
        Features [any unit]; NaN is missing.
    i : int64
        Row.
    roots : (trees,) int64
        First node of each tree.
    feature, left, right : (nodes,) int64
        Feature tested and the nodes to go to; feature -1 is a leaf.
    threshold : (nodes,) float64
        Rows with x <= threshold go left.
    missing_left : (nodes,) bool
        Where missing values go.
    leaf : (nodes,) float64
        Value of a leaf.
    baseline : float64
        Start of the sum.

    Returns
    -------
    float64
        Score [unit of the target].
    """
    score = baseline
    for t in range(roots.size):
        node = roots[t]
        while feature[node] >= 0:
            cell = x[feature[node], i]
            if math.isnan(cell):
                node = left[node] if missing_left[node] else right[node]
            elif cell <= threshold[node]:
                node = left[node]
            else:
                node = right[node]
        score += leaf[node]
    return score


@kernel
def score_rows(
    x, wanted, roots, feature, threshold, missing_left, left, right, leaf, baseline, out
):
    """`score_row` for every wanted row; the others stay as they are.

    Parameters
    ----------
    x : (features, n) float64
        Features [any unit].
    wanted : (n,) bool
        Rows to score.
    roots, feature, threshold, missing_left, left, right, leaf, baseline : arrays
        As `score_row` [unit of the target].
    out : (n,) float64
        Filled with scores [unit of the target].
    """
    for i in range(out.size):
        if wanted[i]:
            out[i] = score_row(
                x, i, roots, feature, threshold, missing_left, left, right, leaf, baseline
            )


@kernel
def outside_support(x, wanted, low, high, may_miss):
    """Take out of ``wanted`` the rows that lie outside what a model has seen.

    Parameters
    ----------
    x : (features, n) float64
        Features [any unit]; NaN is missing.
    wanted : (n,) bool
        Rows to score; changed in place.
    low, high : (features,) float64
        Ranges seen in training, both ends inside.
    may_miss : (features,) bool
        Features that were sometimes missing in training.
    """
    for i in range(wanted.size):
        for k in range(low.size):
            cell = x[k, i]
            if math.isnan(cell):
                wanted[i] = wanted[i] and may_miss[k]
            elif cell < low[k] or cell > high[k]:
                wanted[i] = False


@kernel
def code_place(cell, places):
    """Place of a category among those that a model knows.

    Parameters
    ----------
    cell : float64
        Code as its number [1]; NaN is missing.
    places : (codes,) int64
        Place of each code [1], in [0, 254]; 255 for codes that the model does not know.

    Returns
    -------
    int64
        Place [1]; 255 when the code is missing, unknown, out of range or no whole
        number.

    Examples
    --------
    >>> import numpy as np
    >>> [code_place(cell, np.array([255, 0, 1])) for cell in (2.0, 0.0, 7.0, 1.5)]
    [1, 255, 255, 255]
    """
    if not 0.0 <= cell < places.size:
        return 255
    code = int(cell)
    return places[code] if code == cell else 255


@kernel
def _lay_out(x, words, cells):
    """Cells as packed nodes look at them, see `packed_score`."""
    features, splits = words[1], words[2]
    for f in range(features):
        cells[f] = x[f]
        cells[features + f] = -math.inf if math.isnan(x[f]) else x[f]
    cells[2 * features] = -math.inf
    for k in range(splits):
        at = words[3] + 7 * k
        first = words[at + 1]
        place = code_place(x[words[at]], words[first : first + words[at + 2]])
        bits = words[at + 3 + (place >> 6)]
        cells[2 * features + 1 + k] = 1.0 if (bits >> (place & 63)) & 1 else 0.0


@kernel
def _walk(cells, numbers, words):
    """Score of cells that are laid out; unsigned indices spare a test for negative ones."""
    links = words[words[4] :]
    low, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
    score = numbers[0]
    for t in range(words[0]):
        node = np.uint64(words[5 + 2 * t])
        for _ in range(words[6 + 2 * t]):
            link = np.uint64(links[node])
            right = not (cells[link >> shift] <= numbers[node])
            node = (link & low) + np.uint64(right)
        score += numbers[node]
    return score


@kernel
def packed_score(x, numbers, words):
    """Score of one row by packed trees.

    Parameters
    ----------
    x : (features,) float64
        Features [any unit]; NaN is missing.
    numbers : (1 + nodes,) float64
        The baseline, then a number a node: threshold (right when not x <= threshold),
        or the value of a leaf [unit of the target].
    words : (m,) int64
        Trees T, features F, category splits C, where the splits begin, where the links
        begin; T pairs of root and depth; then anything the splits point to.  A split:
        feature, where its places begin and how many they are (`code_place`), and 256
        bits by place, set for right.  A link a number: left child, and from bit 32 the
        cell looked at; the right child follows the left.

    Returns
    -------
    float64
        Score [unit of the target].

    Notes
    -----
    A step is the same for every node: no branch to guess wrong.  The cells are the
    features, once as they are (NaN <= t is false: missing goes right) and once with
    -inf for NaN (missing goes left); -inf alone, at which a leaf looks to stay where
    it is; and a 0 or 1 for every category split.  A tree takes as many steps as it is
    deep: six steps of eight instructions and 80 trees are 4,000 instructions, about
    0.5 us at best, as against 0.9 us beside 0.5 us for the call itself.  Four trees
    abreast, which hides more of the waiting for memory, saved a seventh only.
    """
    cells = np.empty(2 * words[1] + 1 + words[2])
    _lay_out(x, words, cells)
    return _walk(cells, numbers, words)


@kernel
def packed_scores(x, numbers, words, out):
    """`packed_score` for every row: for trees too large for `tree_blocks`.

    Parameters
    ----------
    x : (features, n) float64
        Features [any unit].
    numbers, words : arrays
        As `packed_score` [unit of the target].
    out : (n,) float64
        Filled with scores [unit of the target].
    """
    cells = np.empty(2 * words[1] + 1 + words[2])
    for i in range(out.size):
        _lay_out(x[:, i], words, cells)
        out[i] = _walk(cells, numbers, words)
