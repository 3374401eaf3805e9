"""Layers of the loss of a large pool and its reverse stress: columns in, columns out.

Pools and limits are those of `riskengine.portfolio.large_pool`, the formulas those of
`riskengine.kernels.pool_layers`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskengine.portfolio.columns import within
from riskengine.portfolio.exposures import Column
from riskengine.portfolio.pool_measures import (
    ABOVE,
    CAPPED,
    FACTOR,
    LAYER,
    STOP_LOSS,
    measured,
    over_share,
    pool_table,
)


@dataclass(frozen=True, slots=True)
class ReverseStress:
    """The mildest state of the factor in which a loss exceeds a buffer.

    Parameters
    ----------
    factor : (n,) float64
        State z* [1], low is bad: the loss exceeds the buffer when Z < z*.  Infinite where
        it always does, minus infinite where it never does.
    chance : (n,) float64
        Chance of that within the horizon [1], in [0, 1].
    return_period : (n,) float64
        1 / chance [horizon]; years where PDs are of one year.
    """

    factor: Column
    chance: Column
    return_period: Column


def stop_loss(
    default_chance: ArrayLike, correlation: ArrayLike, retention: ArrayLike,
    loss_share: ArrayLike = 1.0,
) -> Column:  # fmt: skip
    """Mean loss above a retention, E[max(L - K, 0)]: PF-SL of the notes.

    Parameters
    ----------
    default_chance, correlation, loss_share : array-like
        As `loss_quantile`.
    retention : array-like
        K as a share of the pool [1], >= 0.

    Returns
    -------
    (n,) float64
        Mean [1], >= 0.

    Raises
    ------
    BookError
        If an argument is out of range.

    Examples
    --------
    >>> stop_loss(0.02, 0.1, 0.05).round(12).tolist()
    [0.00108263676]
    """
    x = pool_table(default_chance, correlation, loss_share, retention=retention)
    within("retention", x[3], 0.0, np.inf)
    return measured(STOP_LOSS, x, over_share(x[3], x[2]), times=x[2])


def capped_mean(
    default_chance: ArrayLike, correlation: ArrayLike, cap: ArrayLike,
    loss_share: ArrayLike = 1.0,
) -> Column:  # fmt: skip
    """Mean loss up to a cap, E[min(L, K)]: GU-CAP of the notes.

    Parameters
    ----------
    default_chance, correlation, loss_share : array-like
        As `loss_quantile`.
    cap : array-like
        K as a share of the pool [1], >= 0.

    Returns
    -------
    (n,) float64
        Mean [1], >= 0; with the stop loss at K it adds up to PD x LGD.

    Raises
    ------
    BookError
        If an argument is out of range.

    Examples
    --------
    A guarantee of 80 % capped at 5 % of 100 million, as in GU-CAP-01:

    >>> (80e6 * capped_mean(0.03, 0.15, 0.05, 0.6)).round(5).tolist()
    [1343280.73213]
    """
    x = pool_table(default_chance, correlation, loss_share, cap=cap)
    within("cap", x[3], 0.0, np.inf)
    return measured(CAPPED, x, over_share(x[3], x[2]), times=x[2])


def layer_mean(
    default_chance: ArrayLike, correlation: ArrayLike, attach: ArrayLike, detach: ArrayLike,
    loss_share: ArrayLike = 1.0,
) -> Column:  # fmt: skip
    """Mean loss in a layer, E[min(max(L - a, 0), b - a)]: GU-XL of the notes.

    Parameters
    ----------
    default_chance, correlation, loss_share : array-like
        As `loss_quantile`.
    attach, detach : array-like
        Ends a <= b of the layer as shares of the pool [1], >= 0.

    Returns
    -------
    (n,) float64
        Mean [1]; over b - a it is the rate on line.

    Raises
    ------
    BookError
        If an argument is out of range, or a layer ends below its start.

    Examples
    --------
    >>> layer_mean(0.03, 0.15, 0.04, 0.07, 0.6).round(12).tolist()
    [0.001515801948]
    """
    x = pool_table(default_chance, correlation, loss_share, attach=attach, detach=detach)
    within("attach", x[3], 0.0, np.inf)
    within("detach - attach", x[4] - x[3], 0.0, np.inf)
    return measured(LAYER, x, over_share(x[3], x[2]), over_share(x[4], x[2]), times=x[2])


def reverse_stress(
    default_chance: ArrayLike, correlation: ArrayLike, buffer: ArrayLike,
    loss_share: ArrayLike = 1.0,
) -> ReverseStress:  # fmt: skip
    """State of the factor from which a pool loses more than a buffer: ST-REV of the notes.

    Parameters
    ----------
    default_chance, correlation, loss_share : array-like
        As `loss_quantile`; a loss share of 0 never loses.
    buffer : array-like
        Loss that can be borne, as a share of the pool [1], any.

    Returns
    -------
    ReverseStress
        One row a pool.

    Raises
    ------
    BookError
        If an argument is out of range.

    Examples
    --------
    >>> found = reverse_stress(0.025, 0.12, 0.04, 0.5)
    >>> found.factor.round(9).tolist(), found.return_period.round(6).tolist()
    ([-1.852976898], [31.305925])
    """
    x = pool_table(default_chance, correlation, loss_share, buffer=buffer)
    level = over_share(x[3], x[2])
    chance = measured(ABOVE, x, level)
    with np.errstate(divide="ignore"):
        return ReverseStress(measured(FACTOR, x, level), chance, 1.0 / chance)
