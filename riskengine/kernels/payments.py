"""Values of payments listed year by year or date by date.

Level, growing and stepped income have closed forms in `discount` and `lease`;
these sums are for payments that follow no formula: costs of a planting, incomes
of an orchard coming into bearing, thinnings, dividends.
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def stream_value(amounts, rate, advance):
    """Value today of one amount a year: sum a_i (1 + r)^-(i - advance), i = 1, 2, ...

    Parameters
    ----------
    amounts : (n,) float64
        Amounts of years 1, 2, ... [yuan], any sign.
    rate : float64
        Effective annual discount rate [1/year], > -1.
    advance : float64
        Time of the payment before the end of its year [year], in [0, 1]: 0 in
        arrears, 0.5 mid-year, 1 at the start.

    Returns
    -------
    float64
        Value [yuan].

    Examples
    --------
    >>> import numpy as np
    >>> round(stream_value(np.array([11.0, 12.1]), 0.1, 0.0), 9)
    20.0
    """
    value = 0.0
    for i in range(amounts.size - 1, -1, -1):
        value = (value + amounts[i]) / (1.0 + rate)
    return value * math.exp(advance * math.log1p(rate))


@kernel
def accumulated_value(amounts, rate, advance):
    """Amounts of past years compounded to today: sum a_i (1 + r)^(n - i + advance).

    Parameters
    ----------
    amounts : (n,) float64
        Amounts of years 1 to n [yuan]; the last year ends today.
    rate : float64
        Effective annual rate of return [1/year], > -1.
    advance : float64
        Time of the payment before the end of its year [year], in [0, 1]: 1 for
        costs at the start of each year.

    Returns
    -------
    float64
        Value today [yuan].

    Examples
    --------
    >>> import numpy as np
    >>> round(accumulated_value(np.array([5000.0, 2000.0]), 0.1, 1.0), 6)
    8250.0
    """
    value = 0.0
    for i in range(amounts.size):
        value = value * (1.0 + rate) + amounts[i]
    return value * math.exp(advance * math.log1p(rate))


@kernel
def dated_value(years, amounts, rate):
    """Value today of amounts at given times: sum a_i (1 + r)^-t_i.

    Parameters
    ----------
    years : (n,) float64
        Times from today [year], any order; part years count.
    amounts : (n,) float64
        Amounts [yuan], any sign.
    rate : float64
        Effective annual discount rate [1/year], > -1.

    Returns
    -------
    float64
        Value [yuan].

    Examples
    --------
    >>> import numpy as np
    >>> round(dated_value(np.array([0.0, 2.0]), np.array([1.0, 1.21]), 0.1), 9)
    2.0
    """
    force = math.log1p(rate)
    value = 0.0
    for i in range(years.size):
        value += amounts[i] * math.exp(-force * years[i])
    return value
