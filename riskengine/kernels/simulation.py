"""From draws to values: what one right is worth on each path of chance.

All chance is drawn outside; these kernels only map draws to values, so a path's
value depends on its own draws alone, on no thread and on no chunk.  A right
brings sales at planned times t_1 < t_2 < ..., each put off by the same time to
sell T.  The log price X reverts to its level a,

    dX = kappa (a - X) dt + sigma dW,

and is stepped exactly from sale to sale (no Euler).

    today      t_1    t_1 + T          t_2    t_2 + T
      |---------|--------|--------------|--------|--->
      X_0                X_1                     X_2

Source: Schwartz, J. Finance 52 (1997) 923, one-factor model.
"""

import math

from riskengine.kernels.carbon import log_price_mean, log_price_variance
from riskengine.kernels.compiling import kernel


@kernel
def log_price_step(log_price, level, reversion, volatility, years, normal):
    """Log price after a time, by the exact law of the mean-reverting process.

    X_T = a + (X_0 - a) e^(-k T) + s sqrt((1 - e^(-2 k T)) / (2 k)) z, and
    X_T = X_0 - s^2 T / 2 + s sqrt(T) z when k is 0 (the mean price stays).

    Parameters
    ----------
    log_price : float64
        Log of today's price X_0 [1].
    level : float64
        Level a of the log price [1]; not used when ``reversion`` is 0.
    reversion : float64
        Speed of reversion k [1/year], >= 0.
    volatility : float64
        Yearly volatility s [1/sqrt(year)], >= 0.
    years : float64
        Time T [year], >= 0.
    normal : float64
        Standard normal draw z [1].

    Returns
    -------
    float64
        Log price X_T [1].

    Examples
    --------
    >>> round(log_price_step(math.log(20.0), 3.0, 1.49, 0.286, 0.5, 0.0), 6)
    2.997974
    """
    swing = math.sqrt(log_price_variance(reversion, volatility, years))
    if reversion == 0.0:
        return log_price + swing * (normal - 0.5 * swing)
    return log_price_mean(log_price, level, reversion, years) + swing * normal


@kernel
def path_values(draws, sales, terms, out):
    """Value of the right on each path, discounted to today, never below 0.

    V = max(0, sum_j [q_j Y exp(X_j) (1 - c) - b_j B] 1(t_j + T < L) (1 + r)^-(t_j + T)).

    Parameters
    ----------
    draws : (4 + m, n) float64
        Time of loss L [year] (infinite: never), time to sell T [year], >= 0, share
        Y of the planned quantity that is got [1], >= 0, cost factor B [1], >= 0,
        and one standard normal a sale for the price.
    sales : (3, m) float64
        Planned times t_j [year], >= 0 and rising, quantities q_j [any unit], costs
        b_j [yuan].
    terms : (6,) float64
        Price today [yuan a unit], > 0, level of the log price [1], reversion
        [1/year], volatility [1/sqrt(year)], discount rate [1/year], cost of sale as
        a share of the price c [1].
    out : (n,) float64
        Filled with values [yuan].
    """
    start, force = math.log(terms[0]), math.log1p(terms[4])
    for i in range(out.size):
        lost, delay = draws[0, i], draws[1, i]
        log_price, before, total = start, 0.0, 0.0
        for j in range(sales.shape[1]):
            time = sales[0, j] + delay
            if time >= lost:
                break
            log_price = log_price_step(
                log_price, terms[1], terms[2], terms[3], time - before, draws[4 + j, i]
            )
            income = sales[1, j] * draws[2, i] * math.exp(log_price) * (1.0 - terms[5])
            total += (income - sales[2, j] * draws[3, i]) * math.exp(-force * time)
            before = time
        out[i] = max(total, 0.0)


@kernel
def ordered_sum(values, block):
    """Sum of values in blocks of fixed size, the blocks added in order.

    Parameters
    ----------
    values : (n,) float64
        Values [any one unit].
    block : int64
        Values a block [1], >= 1; 4,096 throughout the engine.

    Returns
    -------
    float64
        The sum [that unit], whose bits depend on the values and the block size alone.

    Examples
    --------
    >>> import numpy as np
    >>> ordered_sum(np.array([1.0, 2.0, 3.0]), 2)
    6.0
    """
    total = 0.0
    for start in range(0, values.size, block):
        part = 0.0
        for i in range(start, min(start + block, values.size)):
            part += values[i]
        total += part
    return total
