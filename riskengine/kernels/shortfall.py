"""Shortfall of collateral: the loss when what a sale brings is less than the debt.

What a sale brings is lognormal, C = F exp(-s^2 / 2 + s X) with mean F, spread s and X a
standard normal.

    E[max(D - C, 0)] = D N(d) - F N(d - s),   d = (ln(D / F) + s^2 / 2) / s

is a put; everything else here is made of puts.

Source: Black & Scholes, J. Political Economy 81 (1973) 637; Merton, J. Finance 29
(1974) 449; credit notes 2.2 and 2.4.
"""

import math

from riskengine.kernels.bivariate import marched_integral
from riskengine.kernels.compiling import kernel
from riskengine.kernels.normal import normal_cdf


@kernel
def net_forward(value, haircut_and_cost, drift, years):
    """Mean of what a sale brings: F = C_0 (1 - h) exp(m T).

    Parameters
    ----------
    value : float64
        Value today C_0, a mean [yuan], >= 0.
    haircut_and_cost : float64
        Share lost to quality, title and cost of sale h [1], in [0, 1].
    drift : float64
        Growth of the mean m [1/year], continuous.
    years : float64
        Time to the sale T [year], >= 0.

    Returns
    -------
    float64
        Mean F [yuan], >= 0.

    Examples
    --------
    >>> net_forward(120.0, 0.2, 0.0, 2.0)
    96.0
    """
    return value * (1.0 - haircut_and_cost) * math.exp(drift * years)


@kernel
def sale_spread(volatility, years, value_error):
    """Spread of the log of what a sale brings: s = sqrt(sigma^2 T + e^2).

    Parameters
    ----------
    volatility : float64
        Yearly volatility of the price sigma [1/sqrt(year)], >= 0.
    years : float64
        Time to the sale T [year], >= 0.
    value_error : float64
        Standard error of the log of the value itself e [1], >= 0: the honest error of the
        price model goes into the loss.

    Returns
    -------
    float64
        Spread s [1], >= 0.

    Examples
    --------
    >>> round(sale_spread(0.25, 4.0, 1.2), 6)
    1.3
    """
    return math.hypot(volatility * math.sqrt(years), value_error)


@kernel
def sale_distance(debt, forward, spread):
    """Normal at which the sale brings just the debt: d = (ln(D / F) + s^2 / 2) / s.

    Parameters
    ----------
    debt, forward : float64
        Debt D and mean of what the sale brings F [yuan], > 0.
    spread : float64
        Spread s [1], > 0.

    Returns
    -------
    float64
        Distance d [1].

    Examples
    --------
    >>> sale_distance(100.0, 100.0, 0.3)
    0.15
    """
    if forward < 2.0 * debt and debt < 2.0 * forward:
        return math.log1p((debt - forward) / forward) / spread + 0.5 * spread
    return (math.log(debt) - math.log(forward)) / spread + 0.5 * spread


@kernel
def chance_short(debt, forward, spread):
    """Probability that a sale brings less than the debt: N(d).

    Parameters
    ----------
    debt : float64
        Debt D [yuan], >= 0.
    forward : float64
        Mean of what the sale brings F [yuan], >= 0.
    spread : float64
        Spread s [1], >= 0.

    Returns
    -------
    float64
        Probability [1], in [0, 1]; without spread 1 when D > F and 0 otherwise.

    Examples
    --------
    >>> round(chance_short(100.0, 96.0, 0.25 * math.sqrt(2.0)), 9)
    0.61494795
    """
    if debt == 0.0 or forward == 0.0 or spread == 0.0:
        return 1.0 if debt > forward else 0.0
    return normal_cdf(sale_distance(debt, forward, spread))


@kernel
def _smaller_leg(debt, forward, spread):
    """D N(d) - F N(d - s) for D <= F."""
    d = sale_distance(debt, forward, spread)
    if spread > 0.1 * (1.0 + abs(d)):
        return debt * normal_cdf(d) - forward * normal_cdf(d - spread)
    # The two terms nearly cancel: add up D (1 - exp(-s t)) n(d - t) instead.
    return debt * marched_integral(d, math.inf, 0.0, spread)


@kernel
def expected_shortfall_of_sale(debt, forward, spread):
    """Mean shortfall E[max(D - C, 0)] = D N(d) - F N(d - s).

    Parameters
    ----------
    debt : float64
        Debt D [yuan], >= 0.
    forward : float64
        Mean of what the sale brings F [yuan], >= 0.
    spread : float64
        Spread s [1], >= 0; without spread max(D - F, 0).

    Returns
    -------
    float64
        Mean shortfall [yuan], in [max(D - F, 0), D].

    Notes
    -----
    Relative error about 1e-13 for every spread and every D / F.  Where D > F the answer is
    D - F plus the small leg E[max(C - D, 0)], which is the same formula with D and F
    exchanged.

    Examples
    --------
    >>> round(expected_shortfall_of_sale(100.0, 96.0, 0.25 * math.sqrt(2.0)), 10)
    15.8415814059
    """
    if debt == 0.0 or forward == 0.0 or spread == 0.0:
        return max(debt - forward, 0.0)
    if debt <= forward:
        return _smaller_leg(debt, forward, spread)
    return (debt - forward) + _smaller_leg(forward, debt, spread)


@kernel
def economic_loss_share(debt, shortfall, force, years):
    """Loss given default after the wait: 1 - e^(-r T) E[min(D, C)] / D.

    Parameters
    ----------
    debt : float64
        Debt D [yuan], > 0.
    shortfall : float64
        Mean shortfall E[max(D - C, 0)] [yuan].
    force : float64
        Force of interest r [1/year], continuous.
    years : float64
        Time to the sale T [year], >= 0.

    Returns
    -------
    float64
        Loss given default [1]; not clipped.

    Examples
    --------
    >>> round(economic_loss_share(100.0, 15.8415814059, 0.04, 2.0), 10)
    0.2231198811
    """
    lost = shortfall / debt
    return lost - (1.0 - lost) * math.expm1(-force * years)


@kernel
def mixed_shortfall(debt, shortfall, enforceable):
    """Mean shortfall when the right may turn out unenforceable: q S + (1 - q) D.

    Parameters
    ----------
    debt : float64
        Debt D [yuan], >= 0.
    shortfall : float64
        Mean shortfall when it can be enforced S [yuan], in [0, D].
    enforceable : float64
        Probability that it can be enforced and transferred q [1], in [0, 1].

    Returns
    -------
    float64
        Mean shortfall [yuan].

    Notes
    -----
    A mixture, not a haircut on the value: the put is convex, so a haircut of 1 - q
    understates the loss.

    Examples
    --------
    >>> mixed_shortfall(100.0, 10.0, 0.9)
    19.0
    """
    return enforceable * shortfall + (1.0 - enforceable) * debt


@kernel
def layer_losses(debts, forward, spread, out):
    """Mean loss of each rank when the first is paid first: differences of two puts.

    Rank j stands between A_(j-1) and A_j, the sums of the debts before and with it; it
    loses E[max(A_j - C, 0)] - E[max(A_(j-1) - C, 0)].

    Parameters
    ----------
    debts : (m,) float64
        Debts in the order in which they are paid [yuan], >= 0.
    forward : float64
        Mean of what the sale brings F [yuan], >= 0.
    spread : float64
        Spread s [1], >= 0.
    out : (m,) float64
        Filled with mean losses [yuan]; they add up to the put on the whole.

    Examples
    --------
    >>> import numpy as np
    >>> out = np.empty(2)
    >>> layer_losses(np.array([60.0, 40.0]), 96.0, 0.0, out)
    >>> out.tolist()
    [0.0, 4.0]
    """
    before, attached = 0.0, 0.0
    for j in range(debts.size):
        attached += debts[j]
        lost = expected_shortfall_of_sale(attached, forward, spread)
        out[j] = max(lost - before, 0.0)
        before = lost


@kernel
def shortfall_over_times(debt, value, kept, drift, volatility, value_error, force, times, weights):
    """Mean shortfall when the time to the sale is random, and what the sale is worth today.

    Parameters
    ----------
    debt : float64
        Debt D [yuan], > 0.
    value : float64
        Value today C_0, a mean [yuan], >= 0.
    kept : float64
        What haircut and cost of sale leave [1], in [0, 1].
    drift : float64
        Growth of the mean [1/year], continuous.
    volatility : float64
        Yearly volatility [1/sqrt(year)], >= 0.
    value_error : float64
        Standard error of the log of the value [1], >= 0.
    force : float64
        Force of interest [1/year], continuous.
    times : (k,) float64
        Times to the sale [year], >= 0.
    weights : (k,) float64
        Their probabilities [1], >= 0; what they lack of 1 is never sold and brings nothing.

    Returns
    -------
    tuple of float64
        Mean shortfall [yuan], probability of a shortfall [1], mean of min(D, C) discounted
        to today [yuan].

    Examples
    --------
    >>> import numpy as np
    >>> once = np.array([2.0]), np.array([1.0])
    >>> [round(x, 6) for x in shortfall_over_times(
    ...     100.0, 120.0, 0.8, 0.0, 0.25, 0.0, 0.04, *once)]
    [15.841581, 0.614948, 77.688012]
    """
    lost, short, paid, sold = 0.0, 0.0, 0.0, 0.0
    for j in range(times.size):
        forward = net_forward(value, 1.0 - kept, drift, times[j])
        spread = sale_spread(volatility, times[j], value_error)
        put = expected_shortfall_of_sale(debt, forward, spread)
        lost += weights[j] * put
        short += weights[j] * chance_short(debt, forward, spread)
        paid += weights[j] * (debt - put) * math.exp(-force * times[j])
        sold += weights[j]
    never = max(1.0 - sold, 0.0)
    return lost + never * debt, short + never, paid


@kernel
def quantile_shortfall(debt, low, middle, high, deviations, sale):
    """Mean shortfall for a value known by three quantiles, each half with its own spread.

    ln C = ln(middle) + s_1 X below the middle and + s_2 X above it, where s_1 and s_2 take
    X = -z and z to the outer quantiles.

    Parameters
    ----------
    debt : float64
        Debt D [yuan], >= 0.
    low, middle, high : float64
        Quantiles of what a sale brings [yuan], 0 < low <= middle <= high, the median in
        the middle.
    deviations : float64
        Normal quantile z of the outer ones [1], > 0; 1.6449 for 5 and 95 per cent.
    sale : float64
        Further spread of the log until the sale [1], >= 0; added to both halves in
        squares, which keeps the median.

    Returns
    -------
    tuple of float64
        Mean shortfall [yuan], mean of C [yuan].

    Notes
    -----
    With s_1 = s_2 it is the put on the mean middle exp(s^2 / 2).

    Examples
    --------
    >>> z = 1.6448536269514722
    >>> even = quantile_shortfall(100.0, 96.0 / math.exp(0.3 * z), 96.0,
    ...     96.0 * math.exp(0.3 * z), z, 0.0)
    >>> round(even[0] - expected_shortfall_of_sale(100.0, 96.0 * math.exp(0.045), 0.3), 12)
    0.0
    """
    below = math.hypot(math.log(middle / low) / deviations, sale)
    above = math.hypot(math.log(high / middle) / deviations, sale)
    first, second = middle * math.exp(0.5 * below * below), middle * math.exp(0.5 * above * above)
    mean = first * normal_cdf(-below) + second * normal_cdf(above)
    if debt <= middle:
        return expected_shortfall_of_sale(debt, first, below), mean
    under = expected_shortfall_of_sale(middle, first, below)
    over = expected_shortfall_of_sale(debt, second, above)
    # Above the middle: E[(D - C) 1{middle < C < D}] from the put of the upper law alone.
    over -= expected_shortfall_of_sale(middle, second, above) + 0.5 * (debt - middle)
    return under + 0.5 * (debt - middle) + over, mean
