"""Conformal tables: how wide an interval must be to cover a new price as often as stated.

A score says how far a price lay outside a predicted interval (negative inside).  If
the new price is exchangeable with n scored ones, the k-th smallest score,
k = ceil((n + 1) level), is not exceeded with probability `level` or more; where k is
beyond n no finite width does, and the answer is infinite.  With weights the new
price bears the weight of a point at distance 0 and an infinite score.

Source: Lei et al. (2018), Distribution-Free Predictive Inference for Regression;
Romano, Patterson & Candes (2019), Conformalized Quantile Regression; Tibshirani
et al. (2019), Conformal Prediction Under Covariate Shift; Hjort et al. (2023),
arXiv 2312.06531 (distance weights).
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def conformal_rank(count, level):
    """Rank of the score that covers: ceil((n + 1) level).

    Parameters
    ----------
    count : int64
        Scores n, >= 0.
    level : float64
        Coverage [1], in (0, 1).

    Returns
    -------
    int64
        Rank from 1; above `count` when no score suffices.

    Notes
    -----
    (n + 1) level is a whole number more often than its binary value is: 0.9 x 70
    stands just above 63 in some orders of rounding, so that a part in 1e12 is forgiven.

    Examples
    --------
    >>> conformal_rank(99, 0.9), conformal_rank(9, 0.9), conformal_rank(8, 0.9)
    (90, 9, 9)
    """
    exact = (count + 1.0) * level
    return math.ceil(exact - 1e-12 * exact)


@kernel
def interval_score(lower, upper, value):
    """How far a value lies outside an interval: max(lower - y, y - upper).

    Parameters
    ----------
    lower, upper : float64
        Ends of the interval [any one unit].
    value : float64
        Value y, same unit.

    Returns
    -------
    float64
        Score, same unit; negative inside, 0 on an end.

    Examples
    --------
    >>> interval_score(1.0, 3.0, 3.5), interval_score(1.0, 3.0, 1.5)
    (0.5, -0.5)
    """
    return max(lower - value, value - upper)


@kernel
def sorted_quantile(scores, level):
    """Score that covers, of exchangeable scores.

    Parameters
    ----------
    scores : (n,) float64
        Scores in rising order, any one unit.
    level : float64
        Coverage [1], in (0, 1).

    Returns
    -------
    float64
        Score, same unit; infinite where too few are known.

    Examples
    --------
    >>> import numpy as np
    >>> sorted_quantile(np.arange(1.0, 20.0), 0.9), sorted_quantile(np.arange(1.0, 4.0), 0.9)
    (18.0, inf)
    """
    rank = conformal_rank(scores.size, level)
    return scores[rank - 1] if rank <= scores.size else math.inf


@kernel
def weighted_quantile(scores, weights, new, level):
    """Score that covers, of weighted scores: least s with W(scores <= s) >= level (W + new).

    Parameters
    ----------
    scores : (n,) float64
        Scores in rising order, any one unit.
    weights : (n,) float64
        Their weights [1], >= 0.
    new : float64
        Weight of the new point, whose score is unknown [1], >= 0.
    level : float64
        Coverage [1], in (0, 1).

    Returns
    -------
    float64
        Score, same unit; infinite where the known ones weigh too little.

    Examples
    --------
    >>> import numpy as np
    >>> s = np.arange(1.0, 20.0)
    >>> weighted_quantile(s, np.ones(19), 1.0, 0.9) == sorted_quantile(s, 0.9)
    True
    >>> weighted_quantile(s, np.where(s < 10.0, 1.0, 0.0), 0.0, 0.5)
    5.0
    """
    total = new
    for i in range(scores.size):
        total += weights[i]
    wanted = level * total * (1.0 - 1e-12)
    reached = 0.0
    for i in range(scores.size):
        reached += weights[i]
        if reached >= wanted and weights[i] > 0.0:
            return scores[i]
    return math.inf


@kernel
def mixed_quantile(own, parent, full, level):
    """Score that covers in a group, its missing observations lent by the parent.

    The group's n scores weigh 1 each; below `full` of them the parent's scores share
    the weight full - n evenly.  With none of its own a group is like its parent.

    Parameters
    ----------
    own, parent : (n,) and (m,) float64
        Scores of the group and of the wider one in rising order, any one unit.
    full : float64
        Scores with which a group stands alone [1], >= 0.
    level : float64
        Coverage [1], in (0, 1).

    Returns
    -------
    float64
        Score, same unit; infinite where too few are known.

    Examples
    --------
    >>> import numpy as np
    >>> own, parent = np.arange(1.0, 20.0), np.arange(1.0, 1000.0) / 10.0
    >>> mixed_quantile(own, parent, 0.0, 0.9), mixed_quantile(own[:0], parent, 100.0, 0.9)
    (18.0, 90.9)
    >>> 18.0 < mixed_quantile(own, parent, 100.0, 0.9) < 90.9
    True
    """
    lent = max(full - own.size, 0.0) / parent.size if parent.size > 0 else 0.0
    wanted = level * (own.size + lent * parent.size + 1.0) * (1.0 - 1e-12)
    reached, i, j = 0.0, 0, 0
    while i < own.size or (lent > 0.0 and j < parent.size):
        if lent == 0.0 or j == parent.size or (i < own.size and own[i] <= parent[j]):
            score, i, reached = own[i], i + 1, reached + 1.0
        else:
            score, j, reached = parent[j], j + 1, reached + lent
        if reached >= wanted:
            return score
    return math.inf


@kernel
def group_quantiles(scores, starts, full, level, out):
    """`mixed_quantile` of every group, whose parent is all groups together.

    Parameters
    ----------
    scores : (n,) float64
        Scores in rising order within each group, any one unit.
    starts : (g + 1,) int64
        First score of each group, and the number of scores.
    full : float64
        Scores with which a group stands alone [1], >= 0.
    level : float64
        Coverage [1], in (0, 1).
    out : (g + 1,) float64
        Filled with the score that covers in each group, and last in all together,
        same unit.

    Examples
    --------
    >>> import numpy as np
    >>> scores, out = np.concatenate([np.arange(1.0, 101.0), np.arange(10.0)]), np.empty(3)
    >>> group_quantiles(scores, np.array([0, 100, 110]), 100.0, 0.9, out)
    >>> out.tolist()
    [91.0, 89.0, 90.0]
    """
    parent = scores.copy()
    parent.sort()
    for g in range(out.size - 1):
        out[g] = mixed_quantile(scores[starts[g] : starts[g + 1]], parent, full, level)
    out[out.size - 1] = sorted_quantile(parent, level)
