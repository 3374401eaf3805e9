"""Through the cycle and at a point of it: the one-factor model.

A case defaults when sqrt(rho) Z + sqrt(1 - rho) e <= N^-1(PD); a low Z is a bad
state.  Source: Vasicek (2002), Loan portfolio value.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from models.pd.checks import Floats, probabilities, refused
from riskengine.words import Text


def point_in_time(ttc: ArrayLike, state: ArrayLike, correlation: float) -> Floats:
    """PD given the state of the economy.

    Parameters
    ----------
    ttc : (...) array
        Through-the-cycle PD, in (0, 1).
    state : (...) array
        State z, standard normal over the years; below 0 is bad.
    correlation : float
        Asset correlation rho, in [0, 1).

    Returns
    -------
    (...) float64
        N((N^-1(PD) - sqrt(rho) z) / sqrt(1 - rho)); its mean over z is the TTC PD.

    Raises
    ------
    ModelError
        If a PD lies outside (0, 1) or the correlation outside [0, 1).

    Examples
    --------
    >>> point_in_time(0.03, -1.0, 0.12).round(6).tolist()
    0.050956
    """
    _check(ttc, correlation)
    return np.asarray(conditional(np.asarray(ttc, dtype=np.float64), state, correlation))


def through_the_cycle(pit: ArrayLike, state: ArrayLike, correlation: float) -> Floats:
    """TTC PD that gives a point-in-time PD in a known state.

    Parameters
    ----------
    pit : (...) array
        PD in that state, in (0, 1).
    state : (...) array
        State z; below 0 is bad.
    correlation : float
        Asset correlation, in [0, 1).

    Returns
    -------
    (...) float64
        TTC PD; the inverse of `point_in_time`.

    Raises
    ------
    ModelError
        If a PD lies outside (0, 1) or the correlation outside [0, 1).
    """
    _check(pit, correlation)
    z = np.asarray(state, dtype=np.float64)
    root = np.sqrt(1.0 - correlation)
    return np.asarray(ndtr(root * ndtri(np.asarray(pit)) + np.sqrt(correlation) * z))


def conditional(pd: Floats | float, state: ArrayLike, correlation: float) -> Floats:
    """`point_in_time` without checks, for quadratures.

    Parameters
    ----------
    pd : (...) float64
        TTC PD, in (0, 1).
    state : (...) array
        State z.
    correlation : float
        Asset correlation, in [0, 1).

    Returns
    -------
    (...) float64
        PD in that state.
    """
    z = np.asarray(state, dtype=np.float64)
    return np.asarray(ndtr((ndtri(pd) - np.sqrt(correlation) * z) / np.sqrt(1.0 - correlation)))


def _check(pd: ArrayLike, correlation: float) -> None:
    probabilities(np.ravel(np.asarray(pd, dtype=np.float64)), "pd")
    if not 0.0 <= correlation < 1.0:
        raise refused(
            Text("资产相关系数须在 [0, 1) 内", "the asset correlation must lie in [0, 1)"),
            Text("例如 0.12", "for example 0.12"),
        )
