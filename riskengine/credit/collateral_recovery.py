"""The error of a valuation carried into the loss given default: mean and quantiles.

A value arrives as a median with the standard error of its logarithm, or as P5, P50 and
P95.  The median is taken as the *mean* of the price: a lognormal of median m has the
larger mean m exp(e^2 / 2), and to count on it would let a vaguer valuation raise the
recovery.  Taken so, more error is a mean-preserving spread, what is recovered is concave
in the price, and the mean loss never falls when the error grows (Jensen).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskengine.credit.rows import Column, CreditError, Index, column, table
from riskengine.credit.shortfall import timed_shortfall
from riskengine.kernels.collateral_loss import collateral_loss_rows
from riskengine.kernels.normal import normal_quantile
from riskengine.words import Text

LEVELS = (0.05, 0.5, 0.95)
"""Levels of the quantiles, unless others are asked for."""


@dataclass(frozen=True, slots=True)
class CollateralLoss:
    """Loss given default of secured loans, one column a loan.

    Parameters
    ----------
    mean : (n,) float64
        Mean economic loss [1]; NaN where `status` is not 0.
    quantiles : (levels, n) float64
        Quantiles of the economic loss [1], not falling.
    status : (n,) int64
        See `riskengine.credit.rows.STATUS`.
    """

    mean: Column
    quantiles: Column
    status: Index


def log_error(low_yuan: ArrayLike, middle_yuan: ArrayLike, high_yuan: ArrayLike) -> Column:
    """Standard error of the log of a value known by P5, P50 and P95: the wider half.

    max(ln(P50 / P5), ln(P95 / P50)) / 1.6449.

    Parameters
    ----------
    low_yuan, middle_yuan, high_yuan : array-like
        P5, P50 and P95 of the value [yuan], > 0, not falling.

    Returns
    -------
    (n,) float64
        Standard error [1], >= 0; NaN for rows out of order or not above 0.

    Examples
    --------
    >>> log_error(80.0, 100.0, 120.0).round(6).tolist()
    [0.135662]
    """
    low, middle, high = table(low=low_yuan, middle=middle_yuan, high=high_yuan)
    fine = (low > 0.0) & (low <= middle) & (middle <= high) & (high < np.inf)
    with np.errstate(all="ignore"):
        wider = np.maximum(np.log(middle / low), np.log(high / middle))
    return np.asarray(np.where(fine, wider / normal_quantile(0.95), np.nan), dtype=np.float64)


def lgd_with_collateral(
    debt_yuan: ArrayLike, value_yuan: ArrayLike, value_error: ArrayLike, haircut: ArrayLike,
    sale_cost: ArrayLike, force: ArrayLike, times: ArrayLike, weights: ArrayLike, *,
    drift: ArrayLike = 0.0, volatility: ArrayLike = 0.0, enforceable: ArrayLike = 1.0,
    levels: ArrayLike = LEVELS,
) -> CollateralLoss:  # fmt: skip
    """Loss given default from collateral, the error of its valuation carried in.

    L = 1 - e^(-f T) min(D, C) / D; C has mean V (1 - h)(1 - c) e^(m T) and spread
    sqrt(sigma^2 T + e^2); T is drawn from ``times``; an unenforceable right brings nothing.

    Parameters
    ----------
    debt_yuan : array-like
        Debt [yuan], > 0.
    value_yuan, value_error : array-like
        Value today [yuan], >= 0, and standard error of its log [1], >= 0: of a model, or
        by `log_error` from quantiles.
    haircut, sale_cost : array-like
        Haircut for quality and title, and cost of the sale as a share of the price [1],
        in [0, 1]; the second is taken from what the first leaves.
    force : array-like
        Force of interest [1/year], >= 0: ln(1 + yearly rate).
    times, weights : (k,) array-like
        Times to the sale [year] and their probabilities [1]; see
        `riskengine.credit.shortfall.gamma_times`.
    drift, volatility : array-like
        Growth of the mean price [1/year] and its volatility [1/sqrt(year)], >= 0.
    enforceable : array-like
        Probability that the right can be enforced and transferred [1], in [0, 1].
    levels : (q,) array-like
        Levels of the quantiles, in (0, 1).

    Returns
    -------
    CollateralLoss
        Mean and quantiles.

    Raises
    ------
    CreditError
        If times and weights are no distribution, or a level lies outside (0, 1).

    Examples
    --------
    >>> found = lgd_with_collateral(100.0, 120.0, 0.25, 0.1, 0.05, 0.05, [1.0, 2.0], [0.5, 0.5])
    >>> found.mean.round(4).tolist(), found.quantiles[:, 0].round(4).tolist()
    ([0.1539], [0.0488, 0.0952, 0.3897])
    """
    wanted = column("levels", levels)
    if not np.all((wanted > 0.0) & (wanted < 1.0)):
        raise CreditError(
            Text("分位数概率不成立", "a level of a quantile is no probability"),
            Text("填0到1之间的数", "give levels inside (0, 1)"),
        )
    x = table(
        debt=debt_yuan, value=value_yuan, haircut=haircut, drift=drift, volatility=volatility,
        error=value_error, force=force, enforceable=enforceable, cost=sale_cost,
    )  # fmt: skip
    both = 1.0 - (1.0 - x[2]) * (1.0 - x[8])
    outside = (np.minimum(x[2], x[8]) < 0.0) | (np.maximum(x[2], x[8]) > 1.0) | (x[6] < 0.0)
    x[2] = np.where(outside, -1.0, both)
    mean = timed_shortfall(
        x[0], x[1], x[2], x[3], x[4], x[6], times, weights, value_error=x[5], enforceable=x[7]
    )
    quantiles = np.empty((wanted.size, x.shape[1]))
    collateral_loss_rows(
        x[:8], column("times", times), column("weights", weights), wanted, quantiles
    )
    bad = mean.status != 0
    quantiles[:, bad] = np.nan
    return CollateralLoss(np.where(bad, np.nan, mean.economic_loss_share), quantiles, mean.status)


def blended(model: ArrayLike, structural: ArrayLike, weight: ArrayLike) -> Column:
    """Blend a learned loss with the structural one: w model + (1 - w) structural.

    Parameters
    ----------
    model, structural : array-like
        Losses given default [1]; where one is NaN the other stands alone.
    weight : array-like
        Weight of the learned loss w [1], in [0, 1]: what own data earn out of time.

    Returns
    -------
    (n,) float64
        Loss given default [1]; NaN where both are, or the weight is out of range.

    Examples
    --------
    >>> blended([0.4, float("nan")], [0.2, 0.3], 0.25).tolist()
    [0.25, 0.3]
    """
    first, second, w = table(model=model, structural=structural, weight=weight)
    both = w * first + (1.0 - w) * second
    alone = np.where(np.isnan(first), second, first)
    found = np.where(np.isnan(first) | np.isnan(second), alone, both)
    return np.asarray(np.where((w >= 0.0) & (w <= 1.0), found, np.nan), dtype=np.float64)
