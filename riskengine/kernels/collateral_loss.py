"""Distribution of the loss on a debt whose collateral is sold at a random time.

With probability w_k the sale comes at T_k and brings C lognormal with mean F_k and spread
s_k; what the weights lack of 1 brings nothing.  The loss is L = 1 - e^(-f T) min(D, C) / D,
so P(L <= l) is P(C >= D (1 - l) e^(f T)) once l has reached the cost of the wait
1 - e^(-f T): collateral above the debt belongs to the debtor.

Source: credit notes 2.2 (shortfall as a put), read as a distribution instead of a mean.
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.normal import normal_survival
from riskengine.kernels.shortfall import net_forward, sale_spread


@kernel
def collateral_loss_cdf(
    loss, debt, value, haircut_and_cost, drift, volatility, value_error, force, times, weights
):
    """Probability that the loss is at most a given share.

    Parameters
    ----------
    loss : float64
        Share lost l [1].
    debt : float64
        Debt D [yuan], > 0.
    value : float64
        Value today, a mean [yuan], >= 0.
    haircut_and_cost : float64
        Share lost to quality, title and cost of sale [1], in [0, 1].
    drift, volatility : float64
        Growth of the mean [1/year] and volatility [1/sqrt(year)], >= 0.
    value_error : float64
        Standard error of the log of the value [1], >= 0.
    force : float64
        Force of interest f [1/year], >= 0.
    times : (k,) float64
        Times to the sale [year], >= 0.
    weights : (k,) float64
        Their probabilities [1], >= 0, together <= 1.

    Returns
    -------
    float64
        Probability [1], in [0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones(1)
    >>> round(collateral_loss_cdf(0.0, 96.0, 120.0, 0.2, 0.0, 0.3, 0.0, 0.0, one, one), 6)
    0.440382
    """
    if loss >= 1.0:
        return 1.0
    total = 0.0
    for k in range(times.size):
        grown = math.exp(force * times[k])
        # A rounding unit, so that the loss that is exactly the wait counts as reached.
        if (1.0 - loss) * grown > 1.0 + 1e-15:
            continue
        wanted = debt * (1.0 - loss) * grown
        forward = net_forward(value, haircut_and_cost, drift, times[k])
        spread = sale_spread(volatility, times[k], value_error)
        if forward == 0.0 or spread == 0.0:
            total += weights[k] if forward >= wanted else 0.0
        else:
            place = math.log(wanted / forward) / spread + 0.5 * spread
            total += weights[k] * normal_survival(place)
    return min(total, 1.0)


@kernel
def collateral_loss_quantile(
    level, debt, value, haircut_and_cost, drift, volatility, value_error, force, times, weights
):
    """Smallest share l that the loss does not exceed with a given probability.

    Parameters
    ----------
    level : float64
        Probability [1], in (0, 1).
    debt, value, haircut_and_cost, drift, volatility, value_error, force, times, weights
        As `collateral_loss_cdf` [yuan, 1, 1/year, year].

    Returns
    -------
    float64
        Share lost [1], in [0, 1] for a force >= 0; halved until the bracket is a rounding
        unit of 1.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones(1)
    >>> round(collateral_loss_quantile(0.9, 96.0, 120.0, 0.2, 0.0, 0.3, 0.0, 0.0, one, one), 6)
    0.349143
    """
    low, high = 0.0, 1.0
    if collateral_loss_cdf(
        low, debt, value, haircut_and_cost, drift, volatility, value_error, force, times, weights
    ) >= level:  # fmt: skip
        return low
    for _ in range(60):
        middle = 0.5 * (low + high)
        reached = collateral_loss_cdf(
            middle, debt, value, haircut_and_cost, drift, volatility, value_error, force, times,
            weights,
        )  # fmt: skip
        if reached >= level:
            high = middle
        else:
            low = middle
    return high


@kernel
def collateral_loss_rows(x, times, weights, levels, out):
    """`collateral_loss_quantile` of many loans and levels.

    Parameters
    ----------
    x : (8, n) float64
        debt [yuan], value [yuan], haircut and cost [1], growth [1/year], volatility
        [1/sqrt(year)], log error of the value [1], force of interest [1/year], probability
        that the right can be enforced [1].
    times, weights : (k,) float64
        Times to the sale [year] and their probabilities [1].
    levels : (q,) float64
        Probabilities [1], in (0, 1).
    out : (q, n) float64
        Filled with quantiles of the share lost [1]; NaN for rows out of range.
    """
    for i in range(out.shape[1]):
        fine = x[0, i] > 0.0 and x[1, i] >= 0.0 and 0.0 <= x[2, i] <= 1.0 and x[4, i] >= 0.0
        fine = fine and x[5, i] >= 0.0 and x[6, i] >= 0.0 and 0.0 <= x[7, i] <= 1.0
        for j in range(8):
            fine = fine and math.isfinite(x[j, i])
        for k in range(levels.size):
            out[k, i] = math.nan
            if fine:
                out[k, i] = collateral_loss_quantile(
                    levels[k], x[0, i], x[1, i], x[2, i], x[3, i], x[4, i], x[5, i], x[6, i],
                    times, weights * x[7, i],
                )  # fmt: skip
