"""Gradient-boosted trees scored from released arrays.

Nodes of all trees lie in one table; a tree begins at ``roots[t]``.  Leaf values
are added to the baseline tree by tree, in order, which makes the sum equal to
scikit-learn's own to the last bit.
"""

import math

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
