"""Scoring: a parcel's points, and what the market pays for a point (评分估价).

A cross-check only.  Source: GB/T 28406-2012, 5.5.
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def parcel_score(points, weights):
    """Score of a parcel: sum w_j f_j.

    Parameters
    ----------
    points : (m,) float64
        Points of each factor f_j [1], in [0, 100].
    weights : (m,) float64
        Weights w_j [1], >= 0, adding up to 1.

    Returns
    -------
    float64
        Score [1], in [0, 100]; NaN when a factor is missing.

    Examples
    --------
    >>> import numpy as np
    >>> round(parcel_score(np.array([80.0, 60.0]), np.array([0.7, 0.3])), 9)
    74.0
    """
    score = 0.0
    for j in range(points.size):
        score += weights[j] * points[j]
    return score


@kernel
def price_per_point(prices, scores):
    """Price of one point: the mean of price over score of comparable deals.

    Parameters
    ----------
    prices : (n,) float64
        Prices of deals, adjusted to the date and term of the subject [yuan/mu].
    scores : (n,) float64
        Scores of their parcels [1], > 0; pairs with a NaN are left out.

    Returns
    -------
    float64
        Price of a point [yuan/mu]; times the subject's score, its price.  NaN
        without a known pair.

    Examples
    --------
    >>> import numpy as np
    >>> price_per_point(np.array([800.0, 900.0]), np.array([80.0, 60.0]))
    12.5
    """
    total = 0.0
    count = 0
    for i in range(prices.size):
        if scores[i] > 0.0 and not math.isnan(prices[i]):
            total += prices[i] / scores[i]
            count += 1
    return total / count if count > 0 else math.nan
