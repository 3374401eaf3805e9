"""Loss given default from what a sale of the collateral brings: columns in, columns out.

What the sale brings is lognormal with mean F and spread s.  The error of the valuation
enters as ``value_error``, the standard error of the log of the value: s^2 = sigma^2 T +
e^2.  A value model that predicts the median m is handed in as its mean m exp(e^2 / 2).

Bad rows are NaN with a status of `riskengine.credit.rows.STATUS`; nothing is guessed.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskengine.credit.rows import Column, CreditError, Index, column, filled, starts, table
from riskengine.kernels.normal import normal_quantile
from riskengine.kernels.shortfall_rows import (
    layer_rows,
    quantile_shortfall_rows,
    shortfall_rows,
    timed_shortfall_rows,
)
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What collateral leaves uncovered, one row a loan.

    Parameters
    ----------
    shortfall_yuan : (n,) float64
        Mean shortfall at the sale [yuan].
    chance_short : (n,) float64
        Chance that the sale brings less than the debt [1].
    loss_share : (n,) float64
        Nominal loss given default: shortfall over debt [1].
    economic_loss_share : (n,) float64
        The same after discounting what the sale pays [1]; not clipped.
    status : (n,) int64
        See `riskengine.credit.rows.STATUS`.
    """

    shortfall_yuan: Column
    chance_short: Column
    loss_share: Column
    economic_loss_share: Column
    status: Index


def collateral_shortfall(
    debt_yuan: ArrayLike, value_yuan: ArrayLike, haircut_and_cost: ArrayLike, drift: ArrayLike,
    volatility: ArrayLike, years: ArrayLike, force: ArrayLike, *,
    value_error: ArrayLike = 0.0, enforceable: ArrayLike = 1.0,
) -> Shortfall:  # fmt: skip
    """Shortfall of collateral sold at a known time: LGD-PUT of the credit notes.

    Parameters
    ----------
    debt_yuan, value_yuan : array-like
        Debt and value today, a mean [yuan], >= 0.
    haircut_and_cost : array-like
        Share lost to quality, title and cost of sale [1], in [0, 1].
    drift, volatility : array-like
        Growth of the mean [1/year], continuous, and volatility [1/sqrt(year)], >= 0.
    years : array-like
        Time to the sale [year], >= 0.
    force : array-like
        Force of interest [1/year], continuous.
    value_error : array-like
        Standard error of the log of the value [1], >= 0.
    enforceable : array-like
        Probability that the right can be enforced and transferred [1], in [0, 1]; the
        answer is a mixture, never a haircut.

    Returns
    -------
    Shortfall
        One row a loan.
    """
    x = table(
        debt_yuan=debt_yuan, value_yuan=value_yuan, haircut_and_cost=haircut_and_cost,
        drift=drift, volatility=volatility, years=years, value_error=value_error,
        force=force, enforceable=enforceable,
    )  # fmt: skip
    out, status = filled(5, x)
    shortfall_rows(x, out, status)
    return Shortfall(out[1], out[2], out[3], out[4], status)


def timed_shortfall(
    debt_yuan: ArrayLike, value_yuan: ArrayLike, haircut_and_cost: ArrayLike, drift: ArrayLike,
    volatility: ArrayLike, force: ArrayLike, times: ArrayLike, weights: ArrayLike, *,
    time_factor: ArrayLike = 1.0, value_error: ArrayLike = 0.0, enforceable: ArrayLike = 1.0,
) -> Shortfall:  # fmt: skip
    """Shortfall of collateral whose time to the sale is random.

    Parameters
    ----------
    debt_yuan, value_yuan, haircut_and_cost, drift, volatility, force : array-like
        As `collateral_shortfall`.
    times, weights : (k,) array-like
        Times to the sale [year], >= 0, and their probabilities [1]: `gamma_times`, or the
        steps of a Kaplan-Meier curve.  What the weights lack of 1 is never sold and brings
        nothing.
    time_factor : array-like
        Factor on all times, loan by loan [1], >= 0.
    value_error, enforceable : array-like
        As `collateral_shortfall`.

    Returns
    -------
    Shortfall
        One row a loan.

    Raises
    ------
    CreditError
        If times or weights are negative or missing, or weights exceed 1 together.
    """
    when, chances = column("times", times), column("weights", weights)
    usual = when.shape == chances.shape and bool(np.all(when >= 0.0) and np.all(chances >= 0.0))
    if not usual or not np.all(np.isfinite(when)) or chances.sum() > 1.0 + 1e-9:
        raise CreditError(
            Text("处置时间分布不成立", "times to the sale and their weights are no distribution"),
            Text("时间和概率均不小于0，概率合计不超过1",
                 "give times and weights >= 0, weights adding up to 1 at most"),
        )  # fmt: skip
    x = table(
        debt_yuan=debt_yuan, value_yuan=value_yuan, haircut_and_cost=haircut_and_cost,
        drift=drift, volatility=volatility, time_factor=time_factor, value_error=value_error,
        force=force, enforceable=enforceable,
    )  # fmt: skip
    out, status = filled(4, x)
    timed_shortfall_rows(x, when, chances, out, status)
    return Shortfall(out[0], out[1], out[2], out[3], status)


def gamma_times(mean_years: float, deviation_years: float) -> tuple[Column, Column]:
    """Times and weights that stand for a gamma distribution of the time to the sale.

    The trapezoidal rule in the logarithm of time: for a put its error falls exponentially
    with the step, square roots of time notwithstanding.

    Parameters
    ----------
    mean_years, deviation_years : float
        Mean and standard deviation of the time to the sale [year], > 0.

    Returns
    -------
    times, weights : (k,) float64
        Times [year] and probabilities [1], adding up to 1.

    Raises
    ------
    CreditError
        If mean or deviation is not above 0, or the deviation more than four times the mean.

    Examples
    --------
    >>> times, weights = gamma_times(1.5, 0.75)
    >>> round(float(weights @ times), 9), round(float(weights @ times**2), 9)
    (1.5, 2.8125)
    """
    if not (0.0 < mean_years < math.inf and 0.0 < deviation_years <= 4.0 * mean_years):
        raise CreditError(
            Text("处置时间的均值或标准差不成立", "no time to the sale has this mean and deviation"),
            Text("均值和标准差应大于0，标准差不超过均值的4倍",
                 "give both above 0, the deviation at most four times the mean"),
        )  # fmt: skip
    shape = (mean_years / deviation_years) ** 2
    # A grid of the logarithm of time over scale, wide enough for weights of 1e-18.
    step = 0.2 / math.sqrt(max(shape, 1.0))
    first, last = -42.0 / shape - 8.0, math.log1p(60.0 / shape) + 1.0
    grid = math.log(shape) + step * np.arange(math.floor(first / step), math.ceil(last / step))
    logs = shape * grid - np.exp(grid) - math.lgamma(shape)
    kept = logs > logs.max() - 42.0
    weights = np.exp(logs[kept] - logs.max())
    return np.exp(grid[kept]) * (mean_years / shape), weights / weights.sum()


def shortfall_from_quantiles(
    debt_yuan: ArrayLike, low_yuan: ArrayLike, middle_yuan: ArrayLike, high_yuan: ArrayLike, *,
    tail: float = 0.05, sale_spread: ArrayLike = 0.0,
) -> tuple[Column, Column, Column, Index]:  # fmt: skip
    """Shortfall when a value is known by P5, P50 and P95, each half with its own spread.

    Parameters
    ----------
    debt_yuan : array-like
        Debt [yuan], >= 0.
    low_yuan, middle_yuan, high_yuan : array-like
        Quantiles of what a sale brings, after haircuts and costs [yuan], > 0.
    tail : float
        Probability below the low and above the high one [1], in (0, 0.5).
    sale_spread : array-like
        Further spread of the log until the sale, sigma sqrt(T) [1], >= 0.

    Returns
    -------
    shortfall_yuan, loss_share, mean_yuan : (n,) float64
        Mean shortfall [yuan], loss given default [1], mean of what the sale brings [yuan].
    status : (n,) int64
        See `riskengine.credit.rows.STATUS`.

    Raises
    ------
    CreditError
        If ``tail`` is outside (0, 0.5).
    """
    if not 0.0 < tail < 0.5:
        raise CreditError(
            Text("分位数概率不成立", "no such probability of the outer quantiles"),
            Text(
                "填0到0.5之间的数，P5和P95填0.05", "give one inside (0, 0.5): 0.05 for P5 and P95"
            ),
        )
    x = table(
        debt_yuan=debt_yuan, low_yuan=low_yuan, middle_yuan=middle_yuan, high_yuan=high_yuan,
        sale_spread=sale_spread,
    )  # fmt: skip
    out, status = filled(3, x)
    quantile_shortfall_rows(x, -normal_quantile(tail), out, status)
    return out[1], out[2], out[0], status


def rank_losses(
    debts_yuan: ArrayLike, debt_starts: ArrayLike, forward_yuan: ArrayLike, spread: ArrayLike
) -> tuple[Column, Index]:
    """Mean loss of every rank behind a sale; the losses add up to that of the whole.

    Parameters
    ----------
    debts_yuan : (m,) array-like
        Debts, sale after sale, in the order in which they are paid [yuan], >= 0.
    debt_starts : (n + 1,) array-like of int
        Where the debts behind each sale start.
    forward_yuan, spread : array-like
        Mean of what each sale brings [yuan] and spread of its log [1], >= 0.

    Returns
    -------
    losses_yuan : (m,) float64
        Mean losses [yuan].
    status : (n,) int64
        See `riskengine.credit.rows.STATUS`, one a sale.
    """
    debts = column("debts_yuan", debts_yuan)
    first = starts("debt_starts", debt_starts, debts.size)
    x = table(forward_yuan=forward_yuan, spread=spread, sale=np.zeros(first.size - 1))[:2]
    status = np.empty(first.size - 1, dtype=np.int64)
    out = np.empty(debts.size)
    layer_rows(debts, first, x, out, status)
    return out, status
