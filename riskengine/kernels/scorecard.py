"""Points scorecards (评分卡): points of bins, their sum, and what a score says of default.

A number's bins are the intervals [a, b) between its edges; a category's are sets of
codes; the last bin of every feature is for missing values and codes never seen.

Source: Siddiqi (2006), Credit Risk Scorecards, ch. 6; points rise with goodness.
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def number_bin(cell, edges):
    """Bin of a number: how many edges it has reached.

    Parameters
    ----------
    cell : float64
        Value [any unit].
    edges : (k,) float64
        Edges in ascending order [same unit]; a value on an edge is above it.

    Returns
    -------
    int64
        Bin, in [0, k]; k + 1 for a missing value.

    Examples
    --------
    >>> import numpy as np
    >>> edges = np.array([10.0, 20.0])
    >>> [number_bin(cell, edges) for cell in (9.9, 10.0, 20.0, np.nan)]
    [0, 1, 2, 3]
    """
    if math.isnan(cell):
        return edges.size + 1
    low, high = 0, edges.size
    while low < high:
        middle = (low + high) >> 1
        if edges[middle] <= cell:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def category_bin(cell, code_bins, missing):
    """Bin of a category.

    Parameters
    ----------
    cell : float64
        Code as its number [1]; NaN is missing.
    code_bins : (codes,) int64
        Bin of each code.
    missing : int64
        Bin of missing values.

    Returns
    -------
    int64
        Bin; `missing` for a code out of range or no whole number too.

    Examples
    --------
    >>> import numpy as np
    >>> [category_bin(cell, np.array([1, 0, 1]), 2) for cell in (0.0, 1.0, 3.0, -1.0, np.nan)]
    [1, 0, 2, 2, 2]
    """
    if not 0.0 <= cell < code_bins.size:
        return missing
    code = int(cell)
    return code_bins[code] if code == cell else missing


@kernel
def fill_points(
    x, is_category, edges, edge_starts, code_bins, code_starts, points, point_starts, out
):
    """Points of every row and feature.

    Parameters
    ----------
    x : (features, n) float64
        Features [any unit]; NaN is missing.
    is_category : (features,) bool
        Which features are categories.
    edges : (e,) float64
        Edges of all numbers [any unit].
    edge_starts : (features + 1,) int64
        Where those of each feature begin.
    code_bins : (c,) int64
        Bins of all codes.
    code_starts : (features + 1,) int64
        Where those of each feature begin.
    points : (p,) float64
        Points of all bins [point]; the last of each feature are those of missing values.
    point_starts : (features + 1,) int64
        Where those of each feature begin.
    out : (features, n) float64
        Filled with points [point].
    """
    for f in range(out.shape[0]):
        own = points[point_starts[f] : point_starts[f + 1]]
        bounds = edges[edge_starts[f] : edge_starts[f + 1]]
        codes = code_bins[code_starts[f] : code_starts[f + 1]]
        for i in range(out.shape[1]):
            if is_category[f]:
                out[f, i] = own[category_bin(x[f, i], codes, own.size - 1)]
            else:
                out[f, i] = own[number_bin(x[f, i], bounds)]


@kernel
def score_one(x, is_category, edges, edge_starts, code_bins, code_starts, points, point_starts):
    """Score of one case: `fill_points` and `add_points` in one call.

    Parameters
    ----------
    x : (features,) float64
        Features [any unit]; NaN is missing.
    is_category, edges, edge_starts, code_bins, code_starts, points, point_starts : arrays
        As `fill_points` [point].

    Returns
    -------
    float64
        Score [point], equal to that of many rows to the last bit.
    """
    score = 0.0
    for f in range(x.size):
        own = points[point_starts[f] : point_starts[f + 1]]
        if is_category[f]:
            codes = code_bins[code_starts[f] : code_starts[f + 1]]
            score += own[category_bin(x[f], codes, own.size - 1)]
        else:
            score += own[number_bin(x[f], edges[edge_starts[f] : edge_starts[f + 1]])]
    return score


@kernel
def add_points(points, score):
    """Scores: points added feature by feature, in order.

    Parameters
    ----------
    points : (features, n) float64
        Points [point].
    score : (n,) float64
        Filled with their sums [point].
    """
    score[:] = 0.0
    for f in range(points.shape[0]):
        for i in range(score.size):
            score[i] += points[f, i]


@kernel
def log_odds_of_score(score, factor, offset):
    """Log odds of bad that a score stands for: -(S - offset) / factor.

    Parameters
    ----------
    score : float64
        Score S [point].
    factor : float64
        Points that multiply the odds by e [point], > 0: points to double the odds
        over ln 2.
    offset : float64
        Score at even odds [point].

    Returns
    -------
    float64
        ln(bad / good) [1].

    Examples
    --------
    >>> import math
    >>> factor = 20.0 / math.log(2.0)
    >>> offset = 600.0 - factor * math.log(50.0)
    >>> round(1.0 / (1.0 + math.exp(-log_odds_of_score(560.0, factor, offset))), 12)
    0.074074074074
    """
    return -(score - offset) / factor
