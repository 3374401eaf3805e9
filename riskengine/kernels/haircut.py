"""Haircuts: what the market, the sale and the wait may take off a value.

Source: volatility haircut as the lower quantile of a lognormal price; scaling of
haircuts and covered exposure, Basel framework CRE22 (CBB rulebook CA-4.3, CA-4.7).
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def volatility_haircut(drift, volatility, years, quantile, value_error):
    """Fall of value not exceeded with a given confidence: 1 - exp(m T - z sqrt(s^2 T + e^2)).

    Parameters
    ----------
    drift : float64
        Trend of the log price m [1/year]; 0 is conservative for a rising market.
    volatility : float64
        Yearly volatility of price s [1/sqrt(year)], >= 0.
    years : float64
        Time to sell T [year], >= 0.
    quantile : float64
        Normal quantile z of the confidence [1], >= 0.
    value_error : float64
        Standard log error of the value itself e [1], >= 0.

    Returns
    -------
    float64
        Haircut [1], below 1; negative when the trend outweighs the risk.

    Examples
    --------
    >>> [round(volatility_haircut(0.0, 0.15, 1.0, z, 0.0), 3) for z in (1.645, 2.326)]
    [0.219, 0.295]
    """
    spread = math.hypot(volatility * math.sqrt(years), value_error)
    return -math.expm1(drift * years - quantile * spread)


@kernel
def total_haircut(market, liquidity, sale_cost, rate, years, model):
    """All haircuts on a value: 1 - (1 - H_vol)(1 - H_liq)(1 - c)(1 + r)^-T (1 - H_model).

    Parameters
    ----------
    market : float64
        Volatility haircut [1], as `volatility_haircut`.
    liquidity : float64
        Haircut of a compelled sale [1], in [0, 1].
    sale_cost : float64
        Cost of sale as a share of the price [1], in [0, 1].
    rate : float64
        Risk-free rate [1/year], > -1.
    years : float64
        Time to sell T [year], >= 0.
    model : float64
        Haircut for the method of valuation [1], in [0, 1].

    Returns
    -------
    float64
        Haircut [1].

    Examples
    --------
    >>> round(total_haircut(0.2, 0.1, 0.05, 0.0, 1.0, 0.0), 6)
    0.316
    """
    kept = (1.0 - market) * (1.0 - liquidity) * (1.0 - sale_cost) * (1.0 - model)
    return 1.0 - kept * math.exp(-years * math.log1p(rate))


@kernel
def loan_to_value_max(haircut, buffer):
    """Largest loan over value: (1 - H)(1 - buffer), never below 0.

    Parameters
    ----------
    haircut : float64
        Total haircut H [1].
    buffer : float64
        Margin of the lender [1], in [0, 1].

    Returns
    -------
    float64
        Loan over value [1], >= 0.

    Examples
    --------
    >>> round(loan_to_value_max(0.316, 0.1), 6)
    0.6156
    """
    return max(1.0 - haircut, 0.0) * (1.0 - buffer)


@kernel
def haircut_for_holding(haircut, known_days, holding_days):
    """Haircut scaled from one holding period to another: H_N sqrt(T_M / T_N).

    Parameters
    ----------
    haircut : float64
        Haircut known for a holding period H_N [1], in [0, 1].
    known_days, holding_days : float64
        Holding period of that haircut and of this position [day], > 0.

    Returns
    -------
    float64
        Haircut H_M [1].

    Examples
    --------
    >>> haircut_for_holding(0.1, 10.0, 40.0)
    0.2
    """
    return haircut * math.sqrt(holding_days / known_days)


@kernel
def haircut_for_revaluation(haircut, holding_days, revaluation_days):
    """Haircut where value is looked at only now and then: H_M sqrt((N_R + T_M - 1) / T_M).

    Parameters
    ----------
    haircut : float64
        Haircut for daily revaluation H_M [1], in [0, 1].
    holding_days : float64
        Holding period T_M [day], > 0.
    revaluation_days : float64
        Days between revaluations N_R [day], >= 1.

    Returns
    -------
    float64
        Haircut [1].

    Examples
    --------
    >>> round(haircut_for_revaluation(0.1, 20.0, 61.0), 6)
    0.2
    """
    return haircut * math.sqrt((revaluation_days + holding_days - 1.0) / holding_days)


@kernel
def basket_haircut(shares, haircuts):
    """Haircut of a basket: sum a_i H_i.

    Parameters
    ----------
    shares : (k,) float64
        Shares of the assets in the basket's value [1], summing to 1.
    haircuts : (k,) float64
        Haircut of each [1].

    Returns
    -------
    float64
        Haircut [1].

    Examples
    --------
    >>> import numpy as np
    >>> round(basket_haircut(np.array([0.75, 0.25]), np.array([0.2, 0.4])), 6)
    0.25
    """
    total = 0.0
    for i in range(shares.size):
        total += shares[i] * haircuts[i]
    return total


@kernel
def covered_exposure(exposure, exposure_haircut, collateral, collateral_haircut, currency_haircut):
    """Exposure left after collateral: E* = max(0, E (1 + H_e) - C (1 - H_c - H_fx)).

    Parameters
    ----------
    exposure, collateral : float64
        Exposure E and value of the collateral C [yuan], >= 0.
    exposure_haircut, collateral_haircut, currency_haircut : float64
        Haircuts H_e, H_c, H_fx [1], >= 0.

    Returns
    -------
    float64
        Exposure E* [yuan], >= 0.

    Notes
    -----
    Rural rights are no eligible financial collateral there; only the arithmetic is used.

    Examples
    --------
    >>> round(covered_exposure(100.0, 0.0, 80.0, 0.25, 0.08), 6)
    46.4
    """
    kept = 1.0 - collateral_haircut - currency_haircut
    return max(exposure * (1.0 + exposure_haircut) - collateral * kept, 0.0)


@kernel
def value_at_risk(value, volatility, days, days_per_year, quantile):
    """Loss of a position not exceeded with a given confidence, normal returns: V z s sqrt(d / D).

    Parameters
    ----------
    value : float64
        Value of the position [yuan], >= 0.
    volatility : float64
        Yearly volatility s [1/sqrt(year)], >= 0.
    days, days_per_year : float64
        Horizon d and trading days a year D [day], > 0.
    quantile : float64
        Normal quantile z of the confidence [1].

    Returns
    -------
    float64
        Loss [yuan].

    Examples
    --------
    >>> round(value_at_risk(100.0, 0.15, 10.0, 252.0, 2.33), 2)
    6.96
    """
    return value * quantile * volatility * math.sqrt(days / days_per_year)
