"""How far features repeat each other."""

import numpy as np
from numpy.typing import ArrayLike

from models.pd.checks import Floats

COLLINEAR = 1e-10
"""Smallest eigenvalue of the correlations of columns that count as independent."""


def correlations(x: Floats, weights: Floats) -> Floats:
    """Weighted correlations of rows.

    Parameters
    ----------
    x : (k, n) float64
        Features.
    weights : (n,) float64
        Weights, > 0.

    Returns
    -------
    (k, k) float64
        Correlations; NaN with a constant row.
    """
    share = weights / weights.sum()
    centred = x - (x @ share)[:, None]
    moments = (centred * share) @ centred.T
    spread = np.sqrt(np.diag(moments))
    spread = np.where(spread > 1e-12 * np.abs(x).max(axis=1), spread, np.nan)
    return np.asarray(moments / np.outer(spread, spread), dtype=np.float64)


def independent(x: Floats, weights: Floats) -> bool:
    """Whether no row is a linear function of the others.

    Parameters
    ----------
    x : (k, n) float64
        Features.
    weights : (n,) float64
        Weights, > 0.

    Returns
    -------
    bool
        False also where a row is constant.
    """
    matrix = correlations(x, weights)
    return bool(np.isfinite(matrix).all() and np.linalg.eigvalsh(matrix)[0] > COLLINEAR)


def inflation(x: ArrayLike, weight: ArrayLike | None = None) -> Floats:
    """Variance inflation factor of each row: 1 / (1 - R2) on the others.

    Parameters
    ----------
    x : (k, n) array
        Features.
    weight : (n,) array or None
        Weights, > 0; None is 1 each.

    Returns
    -------
    (k,) float64
        >= 1; infinite where rows depend on each other.
    """
    cells = np.asarray(x, dtype=np.float64)
    weights = np.ones(cells.shape[1]) if weight is None else np.asarray(weight, dtype=np.float64)
    if not independent(cells, weights):
        return np.full(cells.shape[0], np.inf)
    return np.asarray(np.diag(np.linalg.inv(correlations(cells, weights))), dtype=np.float64)
