"""Collective construction land against state land: discount, levies, floor prices.

Prices themselves are in `land_price`.  Source: GB/T 18508-2014; levy on the gain
(土地增值收益调节金) by caishui (2016) 41; land appreciation tax regulation, art. 7.
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def collective_price(state_price, gap):
    """Price of collective land by state land of the same kind: V (1 - delta).

    Parameters
    ----------
    state_price : float64
        Price of state-owned land, any unit.
    gap : float64
        Discount for the same land with fewer rights delta [1], in [0, 1).

    Returns
    -------
    float64
        Price, in the same unit.

    Examples
    --------
    >>> collective_price(500.0, 0.2)
    400.0
    """
    return state_price * (1.0 - gap)


@kernel
def gap_from_log_difference(difference):
    """Discount that a difference of log prices stands for: 1 - exp(-difference).

    Parameters
    ----------
    difference : float64
        ln(state price) - ln(collective price) of matched sales or the coefficient
        of an ownership dummy, sign turned [1].

    Returns
    -------
    float64
        Discount [1], < 1; a log difference is not itself the discount.

    Examples
    --------
    >>> round(gap_from_log_difference(0.2), 6)
    0.181269
    """
    return -math.expm1(-difference)


@kernel
def appreciation_levy(price, cost, rate):
    """Levy on the gain in value: rho max(0, P - C).

    Parameters
    ----------
    price : float64
        Income from entry to the market or from resale P [yuan], >= 0.
    cost : float64
        Cost of acquisition and development C [yuan], >= 0.
    rate : float64
        Levy on the gain rho [1], in [0, 1].

    Returns
    -------
    float64
        Levy [yuan], >= 0.

    Examples
    --------
    >>> appreciation_levy(100.0, 40.0, 0.3)
    18.0
    """
    return rate * max(price - cost, 0.0)


@kernel
def banded_amount(amount, upper_bounds, rates):
    """Tax in bands, each rate on its own slice: sum rate_j (slice of the amount in j).

    Parameters
    ----------
    amount : float64
        Amount taxed [yuan]; nothing is due on a negative one.
    upper_bounds : (m - 1,) float64
        Upper ends of all bands but the last [yuan], rising, > 0.
    rates : (m,) float64
        Rate of each band [1].

    Returns
    -------
    float64
        Tax [yuan], >= 0 for rates >= 0; continuous at the bounds.

    Examples
    --------
    >>> import numpy as np
    >>> round(banded_amount(150.0, np.array([100.0]), np.array([0.3, 0.4])), 9)
    50.0
    """
    tax = 0.0
    lower = 0.0
    for j in range(rates.size):
        upper = upper_bounds[j] if j < upper_bounds.size else math.inf
        if amount <= lower:
            break
        tax += rates[j] * (min(amount, upper) - lower)
        lower = upper
    return tax


@kernel
def progressive_levy(price, deductions, upper_ratios, rates):
    """Levy on the gain whose rate rises with the gain's ratio to deductions.

    Bands of (P - D) / D; each rate on its own slice of the gain.

    Parameters
    ----------
    price : float64
        Income of the transfer P [yuan], >= 0.
    deductions : float64
        Deductible cost D [yuan], >= 0.
    upper_ratios : (m - 1,) float64
        Upper ends of all bands but the last, as ratios of the gain to the
        deductions [1], rising, > 0.
    rates : (m,) float64
        Rate of each band [1], rising.

    Returns
    -------
    float64
        Levy [yuan], >= 0; without deductions all the gain bears the last rate.

    Notes
    -----
    Equals gain x top rate - deductions x quick-deduction coefficient, the form in
    which the land appreciation tax is printed.

    Examples
    --------
    >>> import numpy as np
    >>> bounds, rates = np.array([0.5, 1.0, 2.0]), np.array([0.3, 0.4, 0.5, 0.6])
    >>> round(progressive_levy(260.0, 100.0, bounds, rates), 9)
    65.0
    """
    gain = max(price - deductions, 0.0)
    if deductions <= 0.0:
        return rates[rates.size - 1] * gain
    return deductions * banded_amount(gain / deductions, upper_ratios, rates)


@kernel
def floor_price(land_price, plot_ratio):
    """Price over floor space (楼面地价) of land: land price over plot ratio.

    Parameters
    ----------
    land_price : float64
        Price over land area [yuan/m2], or the whole price [yuan] with floor area for
        the ratio.
    plot_ratio : float64
        Floor area over land area [1], > 0, or floor area [m2].

    Returns
    -------
    float64
        Price over floor space [yuan/m2]; `land_price.unit_land_price` goes back.

    Examples
    --------
    >>> floor_price(900.0, 3.0)
    300.0
    """
    return land_price / plot_ratio
