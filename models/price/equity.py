"""Vertical equity: drawing predictions apart so that dear land is not under-valued.

A model that is unsure predicts towards the middle: cheap parcels come out dear and
dear ones cheap.  A stretch of log predictions about their centre lessens it, at the
cost of a larger error.

Source: Cook County Assessor, residential model, objective MSE + rho Cov(r, y)^2; the
same objective, minimised in closed form over a straight line.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def stretch_of(predicted: Floats, y: Floats, penalty: float) -> Floats:
    """Centre and slope that minimise E (y - p')^2 + penalty Cov(p' - y, y)^2.

    With v = Var p, c = Cov(p, y), w = Var y the slope is
    (c + penalty c w) / (v + penalty c^2).

    Parameters
    ----------
    predicted, y : (n,) float64
        Predicted and true logarithms [log], n >= 2.
    penalty : float
        Weight of the covariance [1/log^2], >= 0.

    Returns
    -------
    (2,) float64
        Mean of the predictions [log], and slope [1].

    Examples
    --------
    >>> p = np.array([0.0, 1.0, 2.0]); y = np.array([0.0, 2.0, 4.0])
    >>> stretch_of(p, y, 0.0).tolist()
    [1.0, 2.0]
    """
    centre = float(predicted.mean())
    p, z = predicted - centre, y - y.mean()
    v, c, w = float(p @ p) / p.size, float(p @ z) / p.size, float(z @ z) / p.size
    slope = (c + penalty * c * w) / (v + penalty * c * c) if c > 0.0 else 1.0
    return np.array([centre, slope])


def stretched(logs: Floats, stretch: Floats | None) -> Floats:
    """Draw the middle apart and keep the ends on its sides.

    Parameters
    ----------
    logs : (4, n) float64
        As `models.price.boost.Core.logs` [log].
    stretch : (2,) float64 or None
        As `stretch_of`; None leaves all as it is.

    Returns
    -------
    (4, n) float64
        The same, drawn apart.
    """
    if stretch is None:
        return logs
    middle = stretch[0] + stretch[1] * (logs[0] - stretch[0])
    return np.stack([middle, np.minimum(logs[1], middle), np.maximum(logs[2], middle), logs[3]])
