"""Prices of places pulled by what is known of each right: `evidence`, for few distinct prices.

Source: Bühlmann & Gisler (2005), ch. 4: credibility with one observation, on logarithms.
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.powers import square


@kernel
def pulled_rows(prices, index, own, own_error, out):
    """Weigh the price of a place and a right's own by their errors, row by row.

    ln V = (1 - Z) ln M + Z ln X with Z = m^2 / (m^2 + x^2).

    Parameters
    ----------
    prices : (2, q) float64
        Distinct prices M of places [any one unit], NaN where there is none, and
        standard errors of their logarithms m [1].
    index : (n,) int64
        Which of them each right takes.
    own : (n,) float64
        Price known of each right X, same unit; NaN where none.
    own_error : float64
        Standard error of its logarithm x [1], > 0.
    out : (2, n) float64
        Filled with the price, same unit, and the standard error of its logarithm [1].

    Notes
    -----
    Weights and errors depend on the place alone: they are found once a price.

    Examples
    --------
    >>> import numpy as np
    >>> out = np.empty((2, 1))
    >>> pulled_rows(np.array([[100.0], [0.2]]), np.array([0]), np.array([121.0]), 0.2, out)
    >>> round(float(out[0, 0]), 6)
    110.0
    """
    weights, errors = np.empty(prices.shape[1]), np.empty(prices.shape[1])
    logs = np.empty(prices.shape[1])
    for j in range(weights.size):
        weights[j] = square(prices[1, j]) / (square(prices[1, j]) + square(own_error))
        errors[j] = math.sqrt(weights[j]) * own_error
        logs[j] = math.log(prices[0, j])
    for i in range(own.size):
        j, known = index[i], own[i]
        price = prices[0, j]
        if math.isnan(known):
            out[0, i], out[1, i] = price, prices[1, j]
        elif math.isnan(price):
            out[0, i], out[1, i] = known, own_error
        else:
            out[0, i] = math.exp(logs[j] + weights[j] * math.log(known / price))
            out[1, i] = errors[j]
