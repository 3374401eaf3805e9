"""Selling a pledged right under compulsion: auctions, time to sell, what comes back.

Each round of an auction is tried only when those before it have failed:

    t_1  round 1 at price_1 --- sold with p_1
    t_2  round 2 at price_2 --- sold with (1 - p_1) p_2
    ...
    t_r  taken over for debt --- prod (1 - p_k)

Source: Supreme People's Court, Fa Shi (2016) 18 (judicial online auction); hazard
of sale as in search models of time on market.
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def auction_floor(appraised, first, cut, failed_rounds):
    """Reserve price of a round: the first share of the appraisal, cut after each failure.

    V f (1 - c)^k.

    Parameters
    ----------
    appraised : float64
        Appraised value V [yuan], >= 0.
    first : float64
        First reserve over appraisal f [1], in (0, 1].
    cut : float64
        Cut of the reserve after a failed round c [1], in [0, 1).
    failed_rounds : float64
        Rounds failed before k, a whole number >= 0.

    Returns
    -------
    float64
        Reserve price [yuan].

    Examples
    --------
    >>> [round(auction_floor(100.0, 0.7, 0.2, k), 6) for k in (0.0, 1.0)]
    [70.0, 56.0]
    """
    return appraised * first * math.exp(failed_rounds * math.log1p(-cut))


@kernel
def auction_recovery(prices, chances, years, residual, residual_years, cost, cost_share, rate):
    """Expected recovery, today's value, of an auction in rounds.

    sum p_k prod_{j < k} (1 - p_j) price_k (1 - c) v^t_k + prod (1 - p_k) residual v^t_r - cost.

    Parameters
    ----------
    prices : (k,) float64
        Price in each round if sold [yuan], >= 0.
    chances : (k,) float64
        Probability that a round succeeds once reached [1], in [0, 1].
    years : (k,) float64
        Times of payment from today, rising [year], >= 0.
    residual : float64
        Value of the right taken over for debt when every round fails [yuan], >= 0;
        often 0 for a lender who may not hold farm land.
    residual_years : float64
        Time of the take-over [year], >= 0.
    cost : float64
        Cost of enforcement spent in any case, today's value [yuan], >= 0.
    cost_share : float64
        Cost of a successful sale as a share of the price c [1], in [0, 1].
    rate : float64
        Discount rate [1/year], > -1.

    Returns
    -------
    tuple of float64
        Expected recovery [yuan], probability of a sale [1], expected years to sale or
        take-over [year].

    Examples
    --------
    >>> import numpy as np
    >>> price, chance, at = np.array([70.0, 56.0]), np.array([0.5, 0.4]), np.array([0.5, 1.0])
    >>> [round(x, 4) for x in auction_recovery(price, chance, at, 0.0, 1.0, 3.0, 0.0, 0.0)]
    [43.2, 0.7, 0.75]
    """
    force = math.log1p(rate)
    reached, value, waited = 1.0, 0.0, 0.0
    for k in range(prices.size):
        sold = reached * chances[k]
        value += sold * prices[k] * (1.0 - cost_share) * math.exp(-force * years[k])
        waited += sold * years[k]
        reached *= 1.0 - chances[k]
    value += reached * residual * math.exp(-force * residual_years)
    return value - cost, 1.0 - reached, waited + reached * residual_years


@kernel
def sale_hazard(base_hazard, relative_price, elasticity):
    """Rate at which buyers come at an asking price: h_0 (p / MV)^-e.

    Parameters
    ----------
    base_hazard : float64
        Rate of sale at market value h_0 [1/year], > 0.
    relative_price : float64
        Asking price over market value [1], > 0.
    elasticity : float64
        Elasticity e [1], >= 0.

    Returns
    -------
    float64
        Hazard of sale [1/year].

    Examples
    --------
    >>> round(sale_hazard(0.5, 0.8, 2.0), 6)
    0.78125
    """
    return base_hazard * math.exp(-elasticity * math.log(relative_price))


@kernel
def chance_sold(hazard, years, shape):
    """Probability of a sale within a time: 1 - exp(-(h T)^k).

    Parameters
    ----------
    hazard : float64
        Rate of sale h [1/year], >= 0.
    years : float64
        Time T [year], >= 0.
    shape : float64
        Weibull shape k [1], > 0; 1 for a constant hazard.

    Returns
    -------
    float64
        Probability [1], in [0, 1].

    Examples
    --------
    >>> round(chance_sold(0.7, 1.0, 1.0), 6)
    0.503415
    """
    return -math.expm1(-((hazard * years) ** shape))


@kernel
def price_to_sell(base_hazard, elasticity, years, chance, shape):
    """Asking price over market value that sells within a time with a probability.

    (h_0 T / (-ln(1 - q))^(1/k))^(1/e), at most 1.

    Parameters
    ----------
    base_hazard : float64
        Rate of sale at market value h_0 [1/year], > 0.
    elasticity : float64
        Elasticity of `sale_hazard` e [1], > 0.
    years : float64
        Time T [year], >= 0.
    chance : float64
        Probability wanted q [1], in [0, 1); 0 needs no cut.
    shape : float64
        Weibull shape k of `chance_sold` [1], > 0.

    Returns
    -------
    float64
        Price over market value [1], in [0, 1].

    Examples
    --------
    >>> cut = price_to_sell(0.7, 2.0, 1.0, 0.9, 1.0)
    >>> round(cut, 4), round(chance_sold(sale_hazard(0.7, cut, 2.0), 1.0, 1.0), 6)
    (0.5514, 0.9)
    """
    needed = (-math.log1p(-chance)) ** (1.0 / shape)
    if base_hazard * years >= needed:
        return 1.0
    return (base_hazard * years / needed) ** (1.0 / elasticity)


@kernel
def expected_months(hazard, shape):
    """Mean time to a sale: 12 G(1 + 1/k) / h.

    Parameters
    ----------
    hazard : float64
        Rate of sale h [1/year], > 0.
    shape : float64
        Weibull shape k [1], > 0.

    Returns
    -------
    float64
        Time [month].

    Examples
    --------
    >>> expected_months(0.5, 1.0)
    24.0
    """
    return 12.0 * math.exp(math.lgamma(1.0 + 1.0 / shape)) / hazard


@kernel
def forced_sale_value(prompt_price, base_price, chance):
    """Value when a sale by a date is only probable: bid P + floor (1 - P).

    Parameters
    ----------
    prompt_price : float64
        Price if a buyer comes in time [yuan], >= 0.
    base_price : float64
        Value without one: taken over, or sold to anyone later [yuan], >= 0.
    chance : float64
        Probability of a sale in time P [1], in [0, 1], as `chance_sold`.

    Returns
    -------
    float64
        Value [yuan].

    Examples
    --------
    >>> forced_sale_value(100.0, 40.0, 0.75)
    85.0
    """
    return base_price + chance * (prompt_price - base_price)


@kernel
def default_recovery(
    exposure, collateral, haircut, guaranteed_share, guarantee_recovery, other, cost,
    months, rate, cure_chance, cure_recovery,
):  # fmt: skip
    """Recovery on a defaulted loan and the loss given default.

    (1 - c) {[C (1 - H) + E g s + O] (1 + r / 12)^-m - cost} + c x E; LGD = 1 - recovery / E.

    Parameters
    ----------
    exposure : float64
        Exposure at default E [yuan], > 0.
    collateral : float64
        Value of the collateral C [yuan], >= 0; callers cap it at what is secured.
    haircut : float64
        Total haircut on it H [1], in [0, 1].
    guaranteed_share, guarantee_recovery : float64
        Share of the exposure guaranteed g and what the guarantor pays of it s [1],
        in [0, 1].
    other : float64
        Other recoveries O [yuan], >= 0.
    cost : float64
        Cost of the workout, today's value [yuan], >= 0.
    months : float64
        Delay of recoveries m [month], >= 0.
    rate : float64
        Nominal yearly discount rate r, compounded monthly [1/year], > -12.
    cure_chance, cure_recovery : float64
        Probability of a cure c and share of the exposure then recovered x [1], in
        [0, 1].

    Returns
    -------
    tuple of float64
        Expected recovery [yuan], loss given default [1]; not clipped, because an
        average of clipped losses is biased.

    Examples
    --------
    >>> r, lgd = default_recovery(
    ...     500e3, 320e3, 0.25, 0.2, 0.9, 30e3, 22e3, 10.0, 0.09, 0.08, 0.72)
    >>> round(r, 2), round(lgd, 4)
    (315914.64, 0.3682)
    """
    gross = collateral * (1.0 - haircut) + exposure * guaranteed_share * guarantee_recovery + other
    workout = gross * math.exp(-months * math.log1p(rate / 12.0)) - cost
    recovery = (1.0 - cure_chance) * workout + cure_chance * cure_recovery * exposure
    return recovery, 1.0 - recovery / exposure
