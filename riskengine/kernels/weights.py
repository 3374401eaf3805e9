"""Weights of least variance for estimates of one quantity.

Independent errors weigh by inverse variance; correlated ones by the inverse of
their covariance.  `reconcile.equicorrelated_weights` is the closed form for errors
that share one correlation.

Source: Aitken (1935), generalised least squares; Lawson & Hanson (1974), ch. 23,
for weights that may not be negative.
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel


@kernel
def inverse_variance_weights(variances, weights):
    """Weights w_i = (1 / v_i) / sum(1 / v_j) for independent errors.

    Parameters
    ----------
    variances : (k,) float64
        Variances of the errors, any one unit, > 0; NaN leaves an estimate out.
    weights : (k,) float64
        Filled with weights [1] that sum to 1; 0 for those left out.

    Returns
    -------
    float64
        Variance of the weighted mean 1 / sum(1 / v_j), same unit; NaN when no
        variance is known.

    Examples
    --------
    >>> import numpy as np
    >>> w = np.empty(2)
    >>> inverse_variance_weights(np.array([1.0, 3.0]), w), w.tolist()
    (0.75, [0.75, 0.25])
    """
    total = 0.0
    for i in range(variances.size):
        weights[i] = 0.0 if math.isnan(variances[i]) else 1.0 / variances[i]
        total += weights[i]
    if total == 0.0:
        return math.nan
    for i in range(variances.size):
        weights[i] /= total
    return 1.0 / total


@kernel
def weighted_mean(values, weights):
    """Mean of values with weights that need not sum to 1: sum w x / sum w.

    Parameters
    ----------
    values : (k,) float64
        Values, any one unit; those of weight 0 may be NaN.
    weights : (k,) float64
        Weights [1], >= 0.

    Returns
    -------
    float64
        Mean, same unit; NaN when all weights are 0.

    Examples
    --------
    >>> import numpy as np
    >>> round(weighted_mean(np.array([120e3, 105e3, 98e3]), np.array([0.2, 0.5, 0.3])), 2)
    105900.0
    """
    total, weight = 0.0, 0.0
    for i in range(values.size):
        if weights[i] > 0.0:
            total += weights[i] * values[i]
            weight += weights[i]
    return total / weight if weight > 0.0 else math.nan


@kernel
def _factorise(matrix, picked, factor):
    """Cholesky factor of the picked part; False when it is not positive definite."""
    for i in range(picked.size):
        for j in range(i + 1):
            if not (picked[i] and picked[j]):
                continue
            rest = matrix[i, j]
            for m in range(j):
                if picked[m]:
                    rest -= factor[i, m] * factor[j, m]
            if i > j:
                factor[i, j] = rest / factor[j, j]
            elif rest > 1e-14 * matrix[i, i]:
                factor[i, i] = math.sqrt(rest)
            else:
                return False
    return True


@kernel
def cholesky_solve(matrix, picked, factor, solution):
    """Solve S z = 1 on some rows and columns of a covariance matrix.

    Parameters
    ----------
    matrix : (k, k) float64
        Symmetric covariance matrix S [any one unit].
    picked : (k,) bool
        Rows and columns that take part.
    factor : (k, k) float64
        Room for the Cholesky factor; overwritten.
    solution : (k,) float64
        Filled with z, 0 where not picked, in the inverse unit.

    Returns
    -------
    bool
        False when the picked part is not positive definite to rounding.

    Examples
    --------
    >>> import numpy as np
    >>> s, z = np.array([[2.0, 1.0], [1.0, 2.0]]), np.empty(2)
    >>> bool(cholesky_solve(s, np.ones(2, np.bool_), np.empty((2, 2)), z)), z.round(6).tolist()
    (True, [0.333333, 0.333333])
    """
    if not _factorise(matrix, picked, factor):
        return False
    for i in range(picked.size):
        solution[i] = 1.0 if picked[i] else 0.0
        for m in range(i):
            if picked[i] and picked[m]:
                solution[i] -= factor[i, m] * solution[m]
        if picked[i]:
            solution[i] /= factor[i, i]
    for i in range(picked.size - 1, -1, -1):
        for m in range(i + 1, picked.size):
            if picked[i] and picked[m]:
                solution[i] -= factor[m, i] * solution[m]
        if picked[i]:
            solution[i] /= factor[i, i]
    return True


@kernel
def _scale(solution, weights):
    """Weights from a solution of S z = 1, and the variance they give."""
    total = 0.0
    for i in range(weights.size):
        total += solution[i]
    for i in range(weights.size):
        weights[i] = solution[i] / total
    return 1.0 / total


@kernel
def generalised_weights(covariance, weights):
    """Weights of least variance of any sign: S^-1 1 / (1' S^-1 1).

    Parameters
    ----------
    covariance : (k, k) float64
        Covariance of the errors S, any one unit, symmetric, positive definite.
    weights : (k,) float64
        Filled with weights [1] that sum to 1; NaN when S is not positive definite.

    Returns
    -------
    float64
        Variance of the weighted mean, same unit; NaN likewise.

    Notes
    -----
    A weight below 0 means that an estimate is worth more as a correction than as a
    witness; a valuer does not accept that, see `least_variance_weights`.

    Examples
    --------
    >>> import numpy as np
    >>> w = np.empty(2)
    >>> round(generalised_weights(np.array([[1.0, 0.0], [0.0, 3.0]]), w), 6), w.round(6).tolist()
    (0.75, [0.75, 0.25])
    """
    k = weights.size
    solution = np.empty(k)
    if not cholesky_solve(covariance, np.ones(k, np.bool_), np.empty((k, k)), solution):
        for i in range(k):
            weights[i] = math.nan
        return math.nan
    return _scale(solution, weights)


@kernel
def least_variance_weights(covariance, weights):
    """Weights of least variance that are not negative.

    Minimises w' S w subject to w >= 0 and sum w = 1.

    Parameters
    ----------
    covariance : (k, k) float64
        Covariance of the errors S, any one unit, symmetric, positive definite.
    weights : (k,) float64
        Filled with weights [1], >= 0, that sum to 1; NaN when S is not positive
        definite.

    Returns
    -------
    float64
        Variance of the weighted mean, same unit; NaN likewise.

    Notes
    -----
    Active set: the estimate whose entry lowers w' S w / 2 - 1' w fastest joins, those
    whose weight would turn negative leave; ends after finitely many steps in the
    only minimum.

    Examples
    --------
    >>> import numpy as np
    >>> w = np.empty(2)
    >>> least_variance_weights(np.array([[1.0, 1.8], [1.8, 4.0]]), w), w.tolist()
    (1.0, [1.0, 0.0])
    """
    k = weights.size
    picked = np.ones(k, np.bool_)
    factor, solution, current = np.empty((k, k)), np.empty(k), np.zeros(k)
    if not cholesky_solve(covariance, picked, factor, solution):
        for i in range(k):
            weights[i] = math.nan
        return math.nan
    for i in range(k):
        picked[i] = False
    for _ in range(8 * k):
        joining = _steepest(covariance, current, picked)
        if joining < 0:
            break
        picked[joining] = True
        while cholesky_solve(covariance, picked, factor, solution):
            if _step_towards(solution, current, picked, covariance) >= 1.0:
                break
    return _scale(current, weights)


@kernel
def _steepest(covariance, current, picked):
    """Estimate outside the active set that lowers w' S w / 2 - 1' w fastest, or -1."""
    joining, steepest = -1, 1e-12
    for i in range(current.size):
        gradient = 1.0
        for j in range(current.size):
            gradient -= covariance[i, j] * current[j]
        if not picked[i] and gradient > steepest:
            joining, steepest = i, gradient
    return joining


@kernel
def _step_towards(solution, current, picked, covariance):
    """Go to a solution as far as no weight turns negative; those at 0 leave."""
    step = 1.0
    for i in range(current.size):
        if picked[i] and solution[i] <= 0.0:
            step = min(step, current[i] / (current[i] - solution[i]))
    for i in range(current.size):
        current[i] += step * (solution[i] - current[i])
        if picked[i] and solution[i] <= 0.0 and current[i] <= 1e-15 / covariance[i, i]:
            picked[i], current[i] = False, 0.0
    return step
