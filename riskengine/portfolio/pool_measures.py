"""One measure of many large pools: arguments in, a column out."""

import numpy as np
from numpy.typing import ArrayLike

from riskengine.kernels.pool_layers import pool_rows
from riskengine.portfolio.columns import column_table, within
from riskengine.portfolio.exposures import Column

QUANTILE, SHORTFALL, ABOVE, UP_TO, DENSITY, STOP_LOSS, CAPPED, LAYER, VARIANCE, FACTOR = range(10)
"""Kinds of `riskengine.kernels.pool_layers.pool_rows`."""


def pool_table(
    default_chance: ArrayLike, correlation: ArrayLike, loss_share: ArrayLike, **more: ArrayLike
) -> Column:
    """PD, correlation, loss share and further arguments as rows of a table.

    Parameters
    ----------
    default_chance, correlation, loss_share : array-like
        PD, asset correlation and loss given default [1], in [0, 1].
    **more : array-like
        Further columns by name.

    Returns
    -------
    (3 + k, n) float64
        The table.

    Raises
    ------
    BookError
        If a column is none, or one of the first three is out of range.
    """
    x = column_table(
        default_chance=default_chance, correlation=correlation, loss_share=loss_share, **more
    )
    for name, row in zip(("default_chance", "correlation", "loss_share"), x, strict=False):
        within(name, row, 0.0, 1.0)
    return x


def over_share(loss: Column, share: Column) -> Column:
    """Loss over loss given default [1]; of a loss share 0 every loss >= 0 is out of reach.

    Parameters
    ----------
    loss : (n,) float64
        Loss [1].
    share : (n,) float64
        Loss given default [1], in [0, 1].

    Returns
    -------
    (n,) float64
        Share of defaults that causes the loss [1]; may exceed 1.
    """
    out = np.where(loss < 0.0, -1.0, 2.0)
    with np.errstate(over="ignore"):
        np.divide(loss, share, out=out, where=share > 0.0)
    return out


def measured(
    kind: int, x: Column, first: ArrayLike = 0.0, second: ArrayLike = 0.0, *,
    times: Column | float = 1.0,
) -> Column:  # fmt: skip
    """Return a measure of pools that lose all on default, times a factor.

    Parameters
    ----------
    kind : int
        Which measure, as the names of this module say.
    x : (3 + k, n) float64
        What `pool_table` gave.
    first, second : array-like
        Arguments of the measure [1].
    times : (n,) float64 or float
        Factor [1], such as the loss given default.

    Returns
    -------
    (n,) float64
        The measure [1].
    """
    given = np.empty((4, x.shape[1]))
    given[:2] = x[:2]
    given[2], given[3] = first, second
    out = np.empty(x.shape[1])
    pool_rows(kind, given, out)
    out *= times
    return out
