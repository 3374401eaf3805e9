"""Sums of a random number of losses on a lattice: compound Poisson, negative binomial, binomial."""

import math

import numpy as np
from numpy.typing import ArrayLike

from riskengine.kernels.panjer import compound
from riskengine.portfolio.columns import finite_column, inside
from riskengine.portfolio.exposures import Column, refused

MOST = 1 << 20
"""Most points of a law, or losses of a binomial number."""


def compound_poisson(mean: float, severity: ArrayLike, points: int) -> Column:
    """Law of the sum of a Poisson number of losses.

    Parameters
    ----------
    mean : float
        Mean number of losses [1], >= 0.
    severity : (s,) array-like
        Probability of a loss of 0, 1, ... steps [1], adding up to 1.
    points : int
        Points wanted, >= 1.

    Returns
    -------
    (points,) float64
        Probability of 0, 1, ... steps [1]; what lies beyond is left out.

    Raises
    ------
    BookError
        If a number is out of range.

    Notes
    -----
    Source: Panjer, ASTIN Bulletin 12 (1981) 22.

    Examples
    --------
    >>> compound_poisson(4.0, [0.0, 0.25, 0.5, 0.25], 3).round(10).tolist()
    [0.0183156389, 0.0183156389, 0.0457890972]
    """
    p, out = _checked(mean, severity, points)
    compound(0.0, mean, mean * (p[0] - 1.0), p, out)
    return out


def compound_negative_binomial(
    shape: float, mean: float, severity: ArrayLike, points: int
) -> Column:
    """Law of the sum of a Poisson number of losses whose mean is itself gamma.

    Parameters
    ----------
    shape : float
        Shape of the gamma law [1], > 0: variance of the number = mean + mean^2 / shape.
    mean : float
        Mean number of losses [1], >= 0.
    severity, points
        As `compound_poisson`.

    Returns
    -------
    (points,) float64
        Probability of 0, 1, ... steps [1].

    Raises
    ------
    BookError
        If a number is out of range.

    Examples
    --------
    >>> compound_negative_binomial(1.0, 1.0, [0.0, 1.0], 4).tolist()
    [0.5, 0.25, 0.125, 0.0625]
    """
    p, out = _checked(mean, severity, points)
    inside("shape", shape, high=math.inf)
    beta = mean / shape
    q = beta / (1.0 + beta)
    compound(q, (shape - 1.0) * q, -shape * math.log1p(beta * (1.0 - p[0])), p, out)
    return out


def compound_binomial(number: int, chance: float, severity: ArrayLike, points: int) -> Column:
    """Law of the sum of a binomial number of losses.

    Parameters
    ----------
    number : int
        Losses that may happen, in [0, 2^20].
    chance : float
        Chance of each [1], in [0, 1].
    severity, points
        As `compound_poisson`.

    Returns
    -------
    (points,) float64
        Probability of 0, 1, ... steps [1].

    Raises
    ------
    BookError
        If a number is out of range.

    Notes
    -----
    Multiplied out by repeated squaring, where all terms are positive; the terms of Panjer's
    recursion change sign here and lose digits in the tail.

    Examples
    --------
    >>> compound_binomial(2, 0.5, [0.0, 1.0], 4).tolist()
    [0.25, 0.5, 0.25, 0.0]
    """
    p, out = _checked(0.0, severity, points)
    if not 0 <= number <= MOST or not 0.0 <= chance <= 1.0:
        raise refused("number", "或概率超出范围", "or chance is out of range")
    power = chance * p[:points]
    power[0] += 1.0 - chance
    out[:] = 0.0
    out[0] = 1.0
    left = number
    while left:
        if left % 2:
            out = np.convolve(out, power)[:points]
        left //= 2
        if left:
            power = np.convolve(power, power)[:points]
    return out


def _checked(mean: float, severity: ArrayLike, points: int) -> tuple[Column, Column]:
    p = finite_column("severity", severity)
    if not p.size or np.any(p < 0.0) or abs(float(np.sum(p)) - 1.0) > 1e-9:
        raise refused("severity", "应非负且合计为1", "must be >= 0 and add up to 1")
    if not 0.0 <= mean < math.inf:
        raise refused("mean", "应为非负有限数", "must be finite and >= 0")
    if not 1 <= points <= MOST:
        raise refused("points", f"应在1到{MOST}之间", f"must be in [1, {MOST}]")
    return p, np.empty(points)
