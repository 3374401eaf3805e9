"""Loss of a large pool in closed form: columns in, columns out.

A pool is very many small debts with one PD, one loss given default and one asset
correlation; its loss is a share of the pool.  The formulas are in
`riskengine.kernels.large_pool`; layers of it are in `riskengine.portfolio.pool_layers`, a
book of different debts with one factor in `riskengine.portfolio.one_factor`.

Limits: with correlation 0 the loss is PD x LGD for sure, with 1 it is LGD with chance PD,
else nothing; PD 0 never loses and PD 1 always.  All are allowed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskengine.portfolio.columns import within
from riskengine.portfolio.exposures import Column
from riskengine.portfolio.panels import PANEL_NODES, legendre
from riskengine.portfolio.pool_measures import (
    ABOVE,
    DENSITY,
    QUANTILE,
    SHORTFALL,
    UP_TO,
    VARIANCE,
    measured,
    over_share,
    pool_table,
)


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments of the loss of a large pool.

    Parameters
    ----------
    mean, standard_deviation : (n,) float64
        Of the loss as a share of the pool [1].
    skewness, excess_kurtosis : (n,) float64
        Third and fourth standardised moments [1], the latter less 3; NaN for a sure loss.
    """

    mean: Column
    standard_deviation: Column
    skewness: Column
    excess_kurtosis: Column


def loss_quantile(
    default_chance: ArrayLike, correlation: ArrayLike, level: ArrayLike,
    loss_share: ArrayLike = 1.0,
) -> Column:  # fmt: skip
    """Loss that is not exceeded with a given chance: PF-WCDR, PF-VAS and PF-LHP of the notes.

    It is also the contribution of each debt to the loss quantile of a fine book with one
    factor, per yuan of debt.

    Parameters
    ----------
    default_chance : array-like
        PD [1], in [0, 1].
    correlation : array-like
        Asset correlation rho [1], in [0, 1].
    level : array-like
        Level [1], in (0, 1).
    loss_share : array-like
        Loss given default [1], in [0, 1].

    Returns
    -------
    (n,) float64
        inf{x: P(L <= x) >= level} [1].

    Raises
    ------
    BookError
        If an argument is out of range.

    Examples
    --------
    >>> loss_quantile([0.01, 0.02], 0.2, 0.999).round(9).tolist()
    [0.145525266, 0.226312807]
    """
    x = pool_table(default_chance, correlation, loss_share, level=level)
    return measured(QUANTILE, x, 1.0 - within("level", x[3], 0.0, 1.0, ends=False), times=x[2])


def expected_shortfall(
    default_chance: ArrayLike, correlation: ArrayLike, level: ArrayLike,
    loss_share: ArrayLike = 1.0,
) -> Column:  # fmt: skip
    """Mean of the worst losses: Phi2(N^-1(PD), N^-1(1 - level); sqrt(rho)) / (1 - level).

    Parameters
    ----------
    default_chance, correlation, loss_share : array-like
        As `loss_quantile`.
    level : array-like
        Level [1], in [0, 1).

    Returns
    -------
    (n,) float64
        Expected shortfall [1], atoms split.

    Raises
    ------
    BookError
        If an argument is out of range.

    Examples
    --------
    >>> expected_shortfall(0.01, 0.2, 0.999).round(9).tolist()
    [0.181435531]
    """
    x = pool_table(default_chance, correlation, loss_share, level=level)
    tail = 1.0 - within("level", x[3], 0.0, 1.0)
    within("1 - level", tail, 0.0, 1.0, low_end=False)
    return measured(SHORTFALL, x, tail, times=x[2])


def chance_above(
    default_chance: ArrayLike, correlation: ArrayLike, loss: ArrayLike,
    loss_share: ArrayLike = 1.0,
) -> Column:  # fmt: skip
    """Chance of losing more than a given share of the pool.

    Parameters
    ----------
    default_chance, correlation, loss_share : array-like
        As `loss_quantile`; a loss share of 0 never loses.
    loss : array-like
        Loss [1], any.

    Returns
    -------
    (n,) float64
        P(L > loss) [1], in [0, 1].

    Raises
    ------
    BookError
        If an argument is out of range.

    Examples
    --------
    >>> chance_above(0.02, 0.1, 0.05).round(9).tolist()
    [0.059384263]
    """
    x = pool_table(default_chance, correlation, loss_share, loss=loss)
    return measured(ABOVE, x, over_share(x[3], x[2]))


def chance_up_to(
    default_chance: ArrayLike, correlation: ArrayLike, loss: ArrayLike,
    loss_share: ArrayLike = 1.0,
) -> Column:  # fmt: skip
    """Chance of losing at most a given share of the pool: its cumulative distribution.

    Parameters
    ----------
    default_chance, correlation, loss_share : array-like
        As `loss_quantile`; a loss share of 0 never loses.
    loss : array-like
        Loss [1], any.

    Returns
    -------
    (n,) float64
        P(L <= loss) [1], in [0, 1].

    Raises
    ------
    BookError
        If an argument is out of range.

    Examples
    --------
    >>> chance_up_to(0.02, 0.1, 0.05).round(9).tolist()
    [0.940615737]
    """
    x = pool_table(default_chance, correlation, loss_share, loss=loss)
    return measured(UP_TO, x, over_share(x[3], x[2]))


def density(
    default_chance: ArrayLike, correlation: ArrayLike, loss: ArrayLike,
    loss_share: ArrayLike = 1.0,
) -> Column:  # fmt: skip
    """Density of the loss.

    Parameters
    ----------
    default_chance, correlation, loss_share : array-like
        As `loss_quantile`.
    loss : array-like
        Loss [1], any.

    Returns
    -------
    (n,) float64
        Density [1], >= 0; NaN where the law has no density: correlation, PD at a limit or
        loss share 0.

    Raises
    ------
    BookError
        If an argument is out of range.

    Examples
    --------
    >>> density(0.02, 0.1, 0.02).round(6).tolist()
    [23.383195]
    """
    x = pool_table(default_chance, correlation, loss_share, loss=loss)
    share = np.where(x[2] > 0.0, x[2], np.nan)
    return measured(DENSITY, x, over_share(x[3], x[2]), times=1.0 / share)


def loss_variance(
    default_chance: ArrayLike, correlation: ArrayLike, loss_share: ArrayLike = 1.0
) -> Column:
    """Variance of the loss: LGD^2 (Phi2(c, c; rho) - PD^2), c = N^-1(PD).

    Parameters
    ----------
    default_chance, correlation, loss_share : array-like
        As `loss_quantile`.

    Returns
    -------
    (n,) float64
        Variance [1].

    Raises
    ------
    BookError
        If an argument is out of range.

    Examples
    --------
    >>> (loss_variance(0.01, 0.1) ** 0.5).round(9).tolist()
    [0.009625652]
    """
    x = pool_table(default_chance, correlation, loss_share)
    return measured(VARIANCE, x, times=x[2] ** 2)


def moments(
    default_chance: ArrayLike, correlation: ArrayLike, loss_share: ArrayLike = 1.0
) -> Moments:
    """First four moments of the loss.

    Parameters
    ----------
    default_chance, correlation, loss_share : array-like
        As `loss_quantile`.

    Returns
    -------
    Moments
        One row a pool.  Skewness and kurtosis by quadrature over the factor, relative
        error about 1e-11 for PD in [1e-6, 1 - 1e-6].

    Raises
    ------
    BookError
        If an argument is out of range.

    Examples
    --------
    >>> moments(0.01, 0.1).skewness.round(4).tolist()
    [2.6711]
    """
    x = pool_table(default_chance, correlation, loss_share)
    spread = np.sqrt(measured(VARIANCE, x))
    third, fourth = np.array([_central(p, r) for p, r in x[:2].T]).reshape(-1, 2).T
    with np.errstate(divide="ignore", invalid="ignore"):
        skewness, kurtosis = third / spread**3, fourth / spread**4 - 3.0
    sure = spread == 0.0
    skewness[sure] = kurtosis[sure] = np.nan
    return Moments(x[0] * x[2], spread * x[2], skewness, kurtosis)


def _central(chance: float, correlation: float) -> tuple[float, float]:
    """Third and fourth central moments of a pool with LGD 1."""
    from scipy.special import ndtr, ndtri

    if correlation in (0.0, 1.0) or chance in (0.0, 1.0):
        both = 0.0 if correlation == 0.0 else chance * (1.0 - chance)
        return both * (1.0 - 2.0 * chance), both * (1.0 - 3.0 * chance * (1.0 - chance))
    # Panels as wide as the step of PD(z); beyond 14 deviations nothing is left.
    width = min(1.0, np.sqrt((1.0 - correlation) / correlation))
    z, mass = legendre(np.linspace(-14.0, 14.0, int(28.0 / width) + 2), PANEL_NODES, normal=True)
    state = (ndtri(chance) - np.sqrt(correlation) * z) / np.sqrt(1.0 - correlation)
    away = ndtr(state) - chance
    return float(mass @ away**3), float(mass @ away**4)
