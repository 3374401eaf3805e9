"""Forest carbon: mean-reverting price, credits from a change of stock, their value.

The log price X follows dX = kappa (a - X) dt + sigma dW, so that X at time T is
normal with mean and variance below; paths are stepped in `simulation`.

Source: Schwartz, J. Finance 52 (1997) 923, one-factor model; CCER-14-001-V01 for
the order of deductions.
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def log_price_mean(log_price, level, reversion, years):
    """Expected log price: a + (x_0 - a) e^(-k T).

    Parameters
    ----------
    log_price : float64
        Log of today's price x_0 [1].
    level : float64
        Long-run mean a of the log price [1], risk-adjusted for a forward price.
    reversion : float64
        Speed of reversion k [1/year], >= 0.
    years : float64
        Time T [year], >= 0.

    Returns
    -------
    float64
        Mean of the log price [1].

    Examples
    --------
    >>> round(log_price_mean(math.log(20.0), 3.0, 1.49, 0.5), 11)
    2.99797396387
    """
    return log_price - (log_price - level) * -math.expm1(-reversion * years)


@kernel
def log_price_variance(reversion, volatility, years):
    """Variance of the log price: s^2 (1 - e^(-2 k T)) / (2 k), and s^2 T when k is 0.

    Parameters
    ----------
    reversion : float64
        Speed of reversion k [1/year], >= 0.
    volatility : float64
        Yearly volatility s [1/sqrt(year)], >= 0.
    years : float64
        Time T [year], >= 0.

    Returns
    -------
    float64
        Variance [1].

    Examples
    --------
    >>> round(log_price_variance(1.49, 0.286, 0.5), 12)
    0.021262220895
    """
    if reversion == 0.0:
        return volatility * volatility * years
    return volatility * volatility * -math.expm1(-2.0 * reversion * years) / (2.0 * reversion)


@kernel
def forward_price(price, level, reversion, volatility, years):
    """Expected price at a time: exp(m + v / 2).

    Parameters
    ----------
    price : float64
        Price today [yuan/t], > 0.
    level, reversion, volatility, years
        As `log_price_mean` and `log_price_variance` [1, 1/year, 1/sqrt(year), year].

    Returns
    -------
    float64
        Expected price [yuan/t].

    Examples
    --------
    >>> round(forward_price(20.0, 3.0, 1.49, 0.286, 0.5), 10)
    20.2591202387
    """
    mean = log_price_mean(math.log(price), level, reversion, years)
    return math.exp(mean + 0.5 * log_price_variance(reversion, volatility, years))


@kernel
def half_life(reversion):
    """Time in which a price makes good half its distance from the mean: ln 2 / k.

    Parameters
    ----------
    reversion : float64
        Speed of reversion k [1/year], > 0.

    Returns
    -------
    float64
        Time [year].

    Examples
    --------
    >>> round(half_life(0.5), 4)
    1.3863
    """
    return math.log(2.0) / reversion


@kernel
def issued_credits(stock_change, baseline_change, leakage, area, deduction):
    """Credits issued for a period from the change of carbon stock, after the buffer.

    [(stock - baseline) area - leakage] (1 - k), never below 0.

    Parameters
    ----------
    stock_change, baseline_change : float64
        Change of stock with the project and without it [t/mu], or any one unit per area.
    leakage : float64
        Emissions caused elsewhere [t], >= 0.
    area : float64
        Area [mu], or the area of the same unit.
    deduction : float64
        Non-permanence deduction or buffer share k [1], in [0, 1].

    Returns
    -------
    float64
        Credits [t], >= 0.

    Examples
    --------
    >>> issued_credits(225.0, 155.0, 0.0, 2500.0, 0.0)
    175000.0
    """
    gross = (stock_change - baseline_change) * area - leakage
    return max(gross, 0.0) * (1.0 - deduction)


@kernel
def buffer_share(gross, issued):
    """Share of gross credits held back in the buffer: 1 - issued / gross.

    Parameters
    ----------
    gross, issued : float64
        Credits before and after the buffer [t], gross > 0.

    Returns
    -------
    float64
        Share [1].

    Examples
    --------
    >>> round(buffer_share(175000.0, 122000.0), 6)
    0.302857
    """
    return 1.0 - issued / gross


@kernel
def credit_revenue(credits_issued, price, developer_share):
    """Owner's revenue from credits: q P (1 - f).

    Parameters
    ----------
    credits_issued : float64
        Credits [t], or [t/mu/year] for revenue per area and year.
    price : float64
        Price [yuan/t].
    developer_share : float64
        Share of the project developer f [1], in [0, 1].

    Returns
    -------
    float64
        Revenue [yuan], or per the unit of the credits.

    Examples
    --------
    >>> credit_revenue(0.9, 30.0, 0.0)
    27.0
    """
    return credits_issued * price * (1.0 - developer_share)


@kernel
def issuance_rows(credits_per_year, start, end, interval, years, quantities):
    """Batches in which yearly credits are verified and issued.

    Parameters
    ----------
    credits_per_year : float64
        Credits earned a year [t/year], >= 0.
    start, end : float64
        First and last moment of earning counted from today [year], start <= end; a
        negative start counts credits earned but not issued yet.
    interval : float64
        Time between issuances [year], > 0.
    years, quantities : (n,) float64
        Filled with times of issuance [year] and credits [t] of each batch; the rest
        of both stays 0.

    Returns
    -------
    int64
        Batches filled; the last may be short.

    Examples
    --------
    >>> import numpy as np
    >>> t, q = np.empty(4), np.empty(4)
    >>> issuance_rows(10.0, 0.0, 12.0, 5.0, t, q), t.tolist(), q.tolist()
    (3, [5.0, 10.0, 12.0, 0.0], [50.0, 50.0, 20.0, 0.0])
    """
    filled = 0
    for i in range(years.size):
        begin = start + i * interval
        finish = min(begin + interval, end)
        years[i], quantities[i] = 0.0, 0.0
        if finish > begin:
            years[i], quantities[i] = max(finish, 0.0), credits_per_year * (finish - begin)
            filled += 1
    return filled


@kernel
def issuance_value(years, quantities, prices, chances, costs, deduction, developer_share, rate):
    """Value today of credits to be issued.

    sum q_t (1 - k) P_t (1 - f) pi_t v^t - sum C_t v^t.

    Parameters
    ----------
    years : (n,) float64
        Times of issuance from today [year], >= 0.
    quantities : (n,) float64
        Credits before the deduction [t], >= 0.
    prices : (n,) float64
        Expected prices at issuance [yuan/t].
    chances : (n,) float64
        Probabilities of registration and issuance [1], in [0, 1].
    costs : (n,) float64
        Monitoring, validation and verification [yuan], spent whether or not credits
        are issued.
    deduction, developer_share : float64
        Non-permanence deduction k and developer's share f [1], in [0, 1].
    rate : float64
        Discount rate [1/year], > -1.

    Returns
    -------
    tuple of float64
        Value of revenue, value of costs, their difference [yuan].

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones(1)
    >>> parts = issuance_value(one, 110.0 * one, 50.0 * one, 0.8 * one, 11.0 * one, 0.1, 0.3, 0.1)
    >>> [round(x, 2) for x in parts]
    [2520.0, 10.0, 2510.0]
    """
    force = math.log1p(rate)
    revenue, spent = 0.0, 0.0
    for i in range(years.size):
        factor = math.exp(-force * years[i])
        net = quantities[i] * (1.0 - deduction)
        revenue += credit_revenue(net, prices[i], developer_share) * chances[i] * factor
        spent += costs[i] * factor
    return revenue, spent, revenue - spent
