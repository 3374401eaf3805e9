"""Likeness of parcels: distance over features, nearest deals, calibration by distance.

The distance of two rows is the mean over features of |x - z| / scale for numbers and
of 0 or 1 for categories; a value known in one row alone counts 1, unknown in both 0.
Nothing of size rows x deals is ever kept: memory is that of the deals.

Source: Gower (1971), A General Coefficient of Similarity; Hjort et al. (2023),
arXiv 2312.06531 (weights exp(-d / eta)); Knorr & Ng (1998) (distance to the k-th nearest).
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.conformal import weighted_quantile


@kernel
def distance(x, i, z, j, scale):
    """Distance of a row from a deal.

    Parameters
    ----------
    x, z : (features, n) and (features, m) float64
        Features of rows and of deals [any unit]; NaN is missing.
    i, j : int64
        Row and deal.
    scale : (features,) float64
        Difference that counts 1 [unit of the feature], > 0; 0 for a category.

    Returns
    -------
    float64
        Distance [1], >= 0.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[1.0], [2.0], [np.nan]])
    >>> z = np.array([[3.0], [2.0], [1.0]])
    >>> distance(x, 0, z, 0, np.array([4.0, 0.0, 1.0]))
    0.5
    """
    total = 0.0
    for k in range(scale.size):
        a, b = x[k, i], z[k, j]
        if math.isnan(a) or math.isnan(b):
            total += 0.0 if math.isnan(a) and math.isnan(b) else 1.0
        elif scale[k] == 0.0:
            total += 0.0 if a == b else 1.0
        else:
            total += abs(a - b) / scale[k]
    return total / scale.size


@kernel
def nearest_rows(x, wanted, z, scale, near, skip_self, out):
    """Distance of every wanted row to its `near`-th nearest deal.

    Parameters
    ----------
    x, z : (features, n) and (features, m) float64
        Features of rows and of deals [any unit]; NaN is missing.
    wanted : (n,) bool
        Rows to look at.
    scale : (features,) float64
        As `distance` [unit of the feature].
    near : int64
        Which of the nearest, >= 1.
    skip_self : bool
        Whether the rows are the deals themselves, which then do not count as their own.
    out : (n,) float64
        Filled with distances [1]; infinite with fewer deals.

    Examples
    --------
    >>> import numpy as np
    >>> x, out = np.array([[0.0, 1.0, 3.0]]), np.full(3, np.nan)
    >>> nearest_rows(x, np.ones(3, np.bool_), x, np.ones(1), 1, True, out)
    >>> out.tolist()
    [1.0, 1.0, 2.0]
    """
    least = np.empty(near)
    for i in range(wanted.size):
        if not wanted[i]:
            continue
        least[:] = math.inf
        for j in range(z.shape[1]):
            if skip_self and i == j:
                continue
            d = distance(x, i, z, j, scale)
            k = near - 1
            if d < least[k]:
                while k > 0 and least[k - 1] > d:
                    least[k] = least[k - 1]
                    k -= 1
                least[k] = d
        out[i] = least[near - 1]


@kernel
def local_quantile_rows(
    x, groups, wanted, z, deal_groups, scale, scores, bandwidth, apart, level, out
):
    """Score that covers at every wanted row, deals weighed by likeness and group.

    w = exp(-(d + apart [other group]) / bandwidth); `apart` 0 knows no groups, an
    infinite one knows nothing but the own group, an infinite bandwidth weighs alike.

    Parameters
    ----------
    x, z : (features, n) and (features, m) float64
        Features of rows and of scored deals [any unit]; NaN is missing.
    groups, deal_groups : (n,) and (m,) int64
        Groups; -1 is one that is not known, unlike every other.
    wanted : (n,) bool
        Rows to look at.
    scale : (features,) float64
        As `distance` [unit of the feature].
    scores : (m,) float64
        Scores of the deals in rising order, any one unit.
    bandwidth, apart : float64
        Distance at which a deal weighs 1/e, and distance between groups [1], > 0, >= 0.
    level : float64
        Coverage [1], in (0, 1).
    out : (n,) float64
        Filled with scores, same unit; infinite where too few deals are like the row.

    Examples
    --------
    >>> import numpy as np
    >>> x, z, out = np.zeros((1, 1)), np.zeros((1, 19)), np.empty(1)
    >>> group, deal_groups = np.zeros(1, np.int64), np.zeros(19, np.int64)
    >>> scores, wanted, scale = np.arange(1.0, 20.0), np.ones(1, np.bool_), np.ones(1)
    >>> local_quantile_rows(
    ...     x, group, wanted, z, deal_groups, scale, scores, 0.1, 0.0, 0.9, out)
    >>> out.tolist()
    [18.0]
    """
    weights = np.empty(scores.size)
    for i in range(wanted.size):
        if not wanted[i]:
            continue
        for j in range(scores.size):
            d = distance(x, i, z, j, scale)
            if groups[i] < 0 or groups[i] != deal_groups[j]:
                d += apart
            weights[j] = (
                1.0
                if math.isinf(bandwidth) and not math.isinf(d)
                else (math.exp(-d / bandwidth) if not math.isinf(d) else 0.0)
            )
        out[i] = weighted_quantile(scores, weights, 1.0, level)
