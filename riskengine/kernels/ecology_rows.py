"""Carbon units, tonnes a project takes up and compensation income, row by row."""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_at_force
from riskengine.kernels.lease import rate_with_hazard
from riskengine.kernels.powers import square


@kernel
def log_level(long_run, reversion, volatility):
    """Level of a log price at which the mean price in the long run is as given.

    a = ln M - s^2 / (4 k); 0 when k is 0, where there is no long run.

    Parameters
    ----------
    long_run : float64
        Mean price in the long run M [yuan/t], > 0.
    reversion : float64
        Speed of reversion k [1/year], >= 0.
    volatility : float64
        Yearly volatility s [1/sqrt(year)], >= 0.

    Returns
    -------
    float64
        Level a [1].

    Examples
    --------
    >>> level = log_level(70.0, 0.6, 0.5)
    >>> round(expected_price(math.log(20.0), level, 0.6, 0.5, math.exp(-60.0), 100.0), 9)
    70.0
    """
    if reversion == 0.0:
        return 0.0
    return math.log(long_run) - 0.25 * volatility * volatility / reversion


@kernel
def expected_price(log_price, level, reversion, volatility, near, years):
    """`riskengine.kernels.carbon.forward_price` where e^(-k T) is at hand.

    Parameters
    ----------
    log_price, level : float64
        Logarithm of today's price x_0 and of the long-run level a [1].
    reversion : float64
        Speed of reversion k [1/year], >= 0.
    volatility : float64
        Yearly volatility s [1/sqrt(year)], >= 0.
    near : float64
        Share of today's distance from the level that is left e^(-k T) [1].
    years : float64
        Time T [year], >= 0.

    Returns
    -------
    float64
        Price [yuan/t].

    Examples
    --------
    >>> round(expected_price(math.log(20.0), 3.0, 1.49, 0.286, math.exp(-0.745), 0.5), 10)
    20.2591202387
    """
    variance = volatility * volatility
    if reversion == 0.0:
        return math.exp(log_price + 0.5 * variance * years)
    swing = 0.25 * variance * (1.0 - near * near) / reversion
    return math.exp(level + (log_price - level) * near + swing)


@kernel
def offtake(price, volume, end):
    """Price, volume and end of an offtake contract; no volume where there is none or it ran out.

    Parameters
    ----------
    price : float64
        Price of the contract [yuan/t]; NaN for none.
    volume : float64
        Tonnes that it takes [t]; NaN for all.
    end : float64
        Years to its end [year]; NaN where it does not say.

    Returns
    -------
    tuple of float64
        Price [yuan/t], NaN for none; volume [t], end [year], both infinite where the
        contract does not say.

    Examples
    --------
    >>> offtake(60.0, math.nan, 2.0)
    (60.0, inf, 2.0)
    """
    last = math.inf if math.isnan(end) else end
    if math.isnan(price) or last < 0.0:
        return math.nan, 0.0, last
    return price, math.inf if math.isnan(volume) else volume, last


@kernel
def carbon_units_rows(x, market, market_index, contract, policy, wanted, out):
    """Issued carbon units at the price expected when they can be sold, row by row.

    V = q E[P_T] (1 + r)^-T with T the time to sell plus half the time in which the
    market takes up q; under a contract its volume at its price instead.

    Parameters
    ----------
    x : (4, n) float64
        quantity [t], contract price [yuan/t] (NaN: none), contract volume [t] (NaN:
        all), years to its end [year] (NaN: not said).
    market : (9, p) float64
        Distinct markets: price [yuan/t], its log error [1], long-run price [yuan/t], its
        log error [1], reversion [1/year], volatility [1/sqrt(year)], rate [1/year], time
        to sell [year], yearly turnover [t/year] (NaN: not known).
    market_index : (n,) int64
        Market of each row.
    contract : bool
        Whether to use the contract; rows without one stay NaN.
    policy : (4,) float64
        Share of the turnover that one seller can place [1], rate stress [1/year], model
        error [1], chance that the buyer pays [1].
    wanted : (n,) bool
        Rows to value.
    out : (6, n) float64
        Filled with value [yuan], log error [1], prudent value [yuan], expected price
        [yuan/t], mean time to sell [year], tonnes under contract [t].
    """
    terms = np.empty((market.shape[1], 5))
    for j in range(market.shape[1]):
        terms[j, 0] = math.log(market[0, j])
        terms[j, 1] = log_level(market[2, j], market[4, j], market[5, j])
        terms[j, 2] = math.log1p(market[6, j])
        terms[j, 3] = math.log1p(market[6, j] + policy[1])
        terms[j, 4] = math.exp(-terms[j, 2] * market[7, j])
    late = math.log1p(policy[1])
    for i in range(wanted.size):
        paid, volume, _ = offtake(x[1, i], x[2, i], x[3, i])
        if not wanted[i] or (contract and math.isnan(paid)):
            continue
        j, quantity = market_index[i], x[0, i]
        price, kappa, wait, pace = (
            market[0, j],
            market[4, j],
            market[7, j],
            policy[0] * market[8, j],
        )
        whole = wait + (quantity / pace if pace > 0.0 else 0.0)
        years = 0.5 * (wait + whole)
        near = math.exp(-kappa * years)
        expected = expected_price(terms[j, 0], terms[j, 1], kappa, market[5, j], near, years)
        sure, income, low = 0.0, 0.0, 0.0
        if contract:
            sure = min(quantity, volume)
            income = sure * paid * policy[3] * terms[j, 4]
            low = income * math.exp(-late * wait)
        open_value = (quantity - sure) * expected * math.exp(-terms[j, 2] * years)
        low += (quantity - sure) * min(price, expected) * math.exp(-terms[j, 3] * whole)
        swing = market[1, j] * near + market[3, j] * (1.0 - near)  # one market: the errors add
        exposed = open_value / (open_value + income) if open_value + income > 0.0 else 0.0
        out[0, i] = open_value + income
        out[1, i] = math.sqrt(square(exposed * swing) + square(policy[2]))
        out[2, i] = low
        out[3, i], out[4, i], out[5, i] = expected, years, sure


@kernel
def carbon_tonnes_rows(x, yields, yield_index, policy, out):
    """Tonnes that a project takes up in a year, before deductions, row by row.

    Parameters
    ----------
    x : (3, n) float64
        area [mu], yield given [t/mu/year], tonnes stated [t/year]; NaN where not known.
    yields : (2, q) float64
        Distinct yields elsewhere [t/mu/year] and their log errors [1].
    yield_index : (n,) int64
        Which of them each row takes.
    policy : (2,) float64
        Log error of a project's own figure [1], largest yield that can be believed
        [t/mu/year].
    out : (2, n) float64
        Filled with tonnes [t/year], stated or area times yield, NaN where they cannot
        be believed for the area; log error [1].
    """
    for i in range(yield_index.size):
        area, tonnes, error = x[0, i], x[2, i], policy[0]
        if math.isnan(tonnes):
            rate = x[1, i]
            if math.isnan(rate):
                rate = yields[0, yield_index[i]]
                error = math.sqrt(error * error + square(yields[1, yield_index[i]]))
            tonnes = area * rate
        out[0, i] = math.nan if tonnes > area * policy[1] else tonnes
        out[1, i] = error


@kernel
def compensation_rows(x, rates, rate_index, policy, wanted, out):
    """Compensation income until it ends or its policy does, row by row.

    V = C a(r, n) under a hazard of being stopped; a lender counts on no more than a
    multiple of the last year's income.

    Parameters
    ----------
    x : (2, n) float64
        income of the last year [yuan/year], years to its end [year] (NaN: open).
    rates : (2, q) float64
        Distinct discount rates [1/year] and their log errors [1].
    rate_index : (n,) int64
        Which of them each row takes.
    policy : (7,) float64
        Growth, hazard and rate stress [1/year], largest multiple [year] (infinite:
        none), log errors of the income and of an open end [1], years that an open end
        counts [year].
    wanted : (n,) bool
        Rows to value.
    out : (6, n) float64
        Filled with value [yuan], log error [1], prudent value [yuan], income
        [yuan/year], term counted [year], value over income [year].
    """
    growth = np.array([policy[0], min(policy[0], 0.0), policy[0]])
    net, forces = np.empty((rates.shape[1], 3)), np.empty((rates.shape[1], 3))
    for j in range(rates.shape[1]):
        for k in range(3):
            rate = rates[0, j] + policy[2] if k == 1 else rates[0, j]
            if k == 2:
                rate *= math.exp(rates[1, j])
            net[j, k] = (rate_with_hazard(rate, policy[1]) - growth[k]) / (1.0 + growth[k])
            forces[j, k] = math.log1p(net[j, k])
    for i in range(wanted.size):
        if not wanted[i]:
            continue
        j, income, years, variance = rate_index[i], x[0, i], x[1, i], square(policy[4])
        if math.isnan(years):
            years, variance = policy[6], variance + square(policy[5])
        years = max(years, 0.0)
        factor = annuity_at_force(net[j, 0], forces[j, 0], years) / (1.0 + growth[0])
        stressed = annuity_at_force(net[j, 1], forces[j, 1], years) / (1.0 + growth[1])
        dearer = annuity_at_force(net[j, 2], forces[j, 2], years) / (1.0 + growth[2])
        swing = math.log(factor / dearer) if dearer > 0.0 else 0.0
        out[0, i] = income * factor
        out[1, i] = math.sqrt(variance + swing * swing)
        out[2, i] = income * min(stressed, policy[3])
        out[3, i], out[4, i], out[5, i] = income, years, factor
