"""PD in good and bad times: through the cycle, at a point of it, and the way back.

A borrower defaults when sqrt(rho) Z + sqrt(1 - rho) e <= N^-1(PD); a low Z is a bad state.
This is the one home of that formula for arrays; kernels have
`riskengine.kernels.wrong_way.conditional_default_chance`, and a test holds the two together.

Source: Vasicek, Risk 15(12) (2002) 160; credit notes 1.2.
"""

import numpy as np
from numpy.typing import ArrayLike

from riskengine.credit.rows import Column, CreditError, chances, table
from riskengine.words import Text


def chance_in_state(default_chance: ArrayLike, factor: ArrayLike, correlation: float) -> Column:
    """`point_in_time` of any shapes that broadcast, without checks: for quadratures.

    Parameters
    ----------
    default_chance : array-like
        PD through the cycle [1], in [0, 1].
    factor : array-like
        State z [1]; below 0 is bad.
    correlation : float
        Asset correlation rho [1], in [0, 1).

    Returns
    -------
    float64 array
        PD in that state [1].

    Examples
    --------
    >>> chance_in_state(0.02, [[-1.0], [0.0]], 0.2).round(6).tolist()
    [[0.036234], [0.010833]]
    """
    from scipy.special import ndtr, ndtri

    chance, z = (np.asarray(part, dtype=np.float64) for part in (default_chance, factor))
    level = ndtri(chance) - np.sqrt(correlation) * z
    return np.asarray(ndtr(level / np.sqrt(1.0 - correlation)), dtype=np.float64)


def point_in_time(default_chance: ArrayLike, factor: ArrayLike, correlation: float) -> Column:
    """PD in a state of the economy: N((N^-1(PD) - sqrt(rho) z) / sqrt(1 - rho)).

    Parameters
    ----------
    default_chance : array-like
        PD through the cycle [1], in [0, 1].
    factor : array-like
        State z [1]; below 0 is bad, and its long-run law is standard normal.
    correlation : float
        Asset correlation rho [1], in [0, 1).

    Returns
    -------
    (n,) float64
        PD in that state [1]; its mean over all states is the PD through the cycle.

    Raises
    ------
    CreditError
        If a PD or the correlation is out of range.

    Examples
    --------
    >>> point_in_time([0.03], [-3.090232306167813], 0.12).round(12).tolist()
    [0.193851956175]
    """
    _check(correlation)
    x = table(default_chance=default_chance, factor=factor)
    return chance_in_state(chances("default_chance", x[0]), x[1], correlation)


def through_the_cycle(observed: ArrayLike, factor: ArrayLike, correlation: float) -> Column:
    """PD through the cycle that gives a PD in a known state: `point_in_time` undone.

    Parameters
    ----------
    observed : array-like
        PD in that state [1], in [0, 1].
    factor : array-like
        The state z [1]; below 0 is bad.
    correlation : float
        Asset correlation rho [1], in [0, 1).

    Returns
    -------
    (n,) float64
        PD through the cycle [1].

    Raises
    ------
    CreditError
        If a PD or the correlation is out of range.

    Examples
    --------
    >>> through_the_cycle([0.193851956175], [-3.090232306167813], 0.12).round(9).tolist()
    [0.03]
    """
    from scipy.special import ndtr, ndtri

    _check(correlation)
    x = table(observed=observed, factor=factor)
    level = np.sqrt(1.0 - correlation) * ndtri(chances("observed", x[0]))
    found: Column = ndtr(level + np.sqrt(correlation) * x[1])
    return found


def implied_state(observed: ArrayLike, default_chance: ArrayLike, correlation: float) -> Column:
    """State of the economy that a default rate reveals: `point_in_time` undone.

    Parameters
    ----------
    observed : array-like
        Default rate of a year [1], in (0, 1).
    default_chance : array-like
        PD through the cycle [1], in (0, 1).
    correlation : float
        Asset correlation rho [1], in (0, 1).

    Returns
    -------
    (n,) float64
        State z [1]; below 0 is bad.

    Raises
    ------
    CreditError
        If a rate or the correlation is out of range.

    Examples
    --------
    >>> implied_state([0.193851956175], [0.03], 0.12).round(6).tolist()
    [-3.090232]
    """
    from scipy.special import ndtri

    if not 0.0 < correlation < 1.0:
        raise CreditError(
            Text("资产相关系数应在(0, 1)", "the asset correlation must be inside (0, 1)"),
            Text("没有相关就没有状态", "without correlation there is no state"),
        )
    x = table(observed=observed, default_chance=default_chance)
    rate, usual = chances("observed", x[0]), chances("default_chance", x[1])
    found: Column = (ndtri(usual) - np.sqrt(1.0 - correlation) * ndtri(rate)) / np.sqrt(correlation)
    return found


def _check(correlation: float) -> None:
    """Refuse a correlation that is none."""
    if not 0.0 <= correlation < 1.0:
        raise CreditError(
            Text("资产相关系数应在[0, 1)", "the asset correlation must be in [0, 1)"),
            Text("常用值在0.03到0.24之间", "usual values lie between 0.03 and 0.24"),
        )
