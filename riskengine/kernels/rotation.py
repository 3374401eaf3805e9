"""What bare woodland is worth under one rotation for ever: Faustmann and Hartman.

One rotation is a planting, dated flows while the stand grows, a level yearly
amount, yearly amenities (carbon, water, pay for protection) and the felling:

    0        t_1          t_2                 u
    |---------|------------|------ ... -------|
    planting  tending      thinning           felling, and planting again

Every flow is signed: income above 0, cost below.

Source: Faustmann (1849); Hartman, Econ. Inquiry 14 (1976) 52; LY/T 2407-2015.
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_factor, discount_factor


@kernel
def rotation_value(harvest, felling_age, flow_years, flows, annual, amenities, rate):
    """Value at planting of one rotation.

    A_u v^u + sum F_t v^t + V A(p, u) + sum_{s <= u} G_s v^s, v = 1 / (1 + p).

    Parameters
    ----------
    harvest : float64
        Net income of the felling A_u [yuan], with what falls due on that day.
    felling_age : float64
        Age of felling u [year], > 0.
    flow_years, flows : (k,) float64
        Times since planting [year] and signed amounts [yuan]: planting at 0, tending,
        thinnings; those at u or later do not happen.
    annual : float64
        Signed level amount at the end of each year V [yuan/year]; overhead and rent
        are negative.
    amenities : (q,) float64
        Signed amounts at the ends of years 1, 2, ... of the stand's life [yuan],
        lost on felling; may be empty or shorter than u.
    rate : float64
        Discount rate p [1/year], > -1.

    Returns
    -------
    float64
        Value [yuan], any sign.

    Examples
    --------
    >>> import numpy as np
    >>> plant, none = np.array([-1200.0]), np.empty(0)
    >>> round(rotation_value(1170.0, 2.0, np.zeros(1), plant, 0.0, none, 0.03), 2)
    -97.16
    """
    value = harvest * discount_factor(rate, felling_age) + annual * annuity_factor(
        rate, felling_age
    )
    for k in range(flows.size):
        if flow_years[k] < felling_age:
            value += flows[k] * discount_factor(rate, flow_years[k])
    for s in range(amenities.size):
        if s + 1.0 <= felling_age:
            value += amenities[s] * discount_factor(rate, s + 1.0)
    return value


@kernel
def perpetual_value(one_rotation, felling_age, rate):
    """Value of one rotation repeated for ever: NPV / (1 - (1 + p)^-u).

    Parameters
    ----------
    one_rotation : float64
        Value at planting of one rotation [yuan].
    felling_age : float64
        Length of the rotation u [year], > 0.
    rate : float64
        Discount rate p [1/year], > 0.

    Returns
    -------
    float64
        Land expectation value [yuan], any sign.

    Examples
    --------
    >>> round(perpetual_value(100.0, 1.0, 0.25), 6)
    500.0
    """
    return one_rotation / -math.expm1(-felling_age * math.log1p(rate))


@kernel
def land_expectation_value(harvest, felling_age, flow_years, flows, annual, amenities, rate):
    """Value of bare woodland under one rotation for ever (林地期望价), and its rent.

    B = [A_u + sum F_t (1 + p)^(u - t)] / ((1 + p)^u - 1) + V / p; yearly ground rent B p.

    Parameters
    ----------
    harvest, felling_age, flow_years, flows, annual, amenities
        As `rotation_value` [yuan, year, year, yuan, yuan/year, yuan].
    rate : float64
        Discount rate p [1/year], > 0.

    Returns
    -------
    tuple of float64
        Land expectation value B [yuan] and ground rent in arrears [yuan/year].

    Notes
    -----
    A cost at the start of year i has time i - 1 (exponent u - i + 1 of the Chinese
    form); a planting at time 0 has exponent u; one at the end of year i has time i.
    Source: LY/T 2407-2015; oracle FO-05.

    Examples
    --------
    >>> import numpy as np
    >>> at, flow = np.array([0.0, 20.0, 25.0]), np.array([-1000.0, 1000.0, 2000.0])
    >>> b, rent = land_expectation_value(30000.0, 30.0, at, flow, -300.0, np.empty(0), 0.06)
    >>> round(b, 1), round(rent, 2)
    (1055.4, 63.32)
    """
    one = rotation_value(harvest, felling_age, flow_years, flows, annual, amenities, rate)
    value = perpetual_value(one, felling_age, rate)
    return value, value * rate


@kernel
def forest_value(harvest, felling_age, flow_years, flows, annual, rate, age, land_now, land_then):
    """Stand and land together at a given age, and the trees' share of it.

    FV = A_u v^(u - n) + later flows + V A(p, u - n) + B v^(u - n); trees FV - B.

    Parameters
    ----------
    harvest, felling_age, flow_years, flows, annual
        As `rotation_value` [yuan, year, year, yuan, yuan/year]; flows before the
        present age are past.
    rate : float64
        Discount rate [1/year], > -1.
    age : float64
        Present age n in completed years [year], in [0, felling_age].
    land_now, land_then : float64
        Value of the bare land today and at felling [yuan]; equal for a perpetual
        right, by the remaining term for a finite one.

    Returns
    -------
    tuple of float64
        Value of stand and land, value of the stand [yuan].

    Examples
    --------
    >>> import numpy as np
    >>> at, flow, none = np.zeros(1), np.array([-100.0]), np.empty(0)
    >>> b, _ = land_expectation_value(1000.0, 20.0, at, flow, 0.0, none, 0.05)
    >>> forest, trees = forest_value(1000.0, 20.0, at, flow, 0.0, 0.05, 0.0, b, b)
    >>> abs(forest - b) < 1e-9, abs(trees) < 1e-9
    (True, True)
    """
    ahead = max(felling_age - age, 0.0)
    value = (harvest + land_then) * discount_factor(rate, ahead)
    value += annual * annuity_factor(rate, ahead)
    for k in range(flows.size):
        if age <= flow_years[k] < felling_age:
            value += flows[k] * discount_factor(rate, flow_years[k] - age)
    return value, value - land_now
