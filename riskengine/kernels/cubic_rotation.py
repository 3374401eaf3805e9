"""When to fell a stand whose volume is a cubic of its age, in continuous time.

Q(T) = a T + b T^2 + c T^3.  Prices are constant and planting is the only cost:

    Faustmann  max (p Q - C) / (e^(d T) - 1)      Q' = d (Q - C / p) / (1 - e^(-d T))
    Fisher     max p Q e^(-d T)                   Q' / Q = d
    increment  max Q / T                          Q' / Q = 1 / T

Source: Faustmann (1849); Fisher (1930); problem E4.2 of Conrad, Resource Economics.
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def cubic_volume(years, linear, square, cube):
    """Volume of a stand by age: Q(T) = a T + b T^2 + c T^3.

    Parameters
    ----------
    years : float64
        Age T [year], >= 0.
    linear, square, cube : float64
        Coefficients a [m3/mu/year], b [m3/mu/year^2], c [m3/mu/year^3]; c < 0 for a
        stand that stops growing.

    Returns
    -------
    float64
        Volume [m3/mu].

    Examples
    --------
    >>> cubic_volume(10.0, 10.0, 1.0, -0.01)
    190.0
    """
    return years * (linear + years * (square + years * cube))


@kernel
def planted_land_value(years, price, cost, linear, square, cube, force):
    """Value of land just planted, felled and replanted every T years for ever.

    (p Q(T) - C) / (e^(d T) - 1); bare land is worth C less.

    Parameters
    ----------
    years : float64
        Rotation T [year], > 0.
    price : float64
        Stumpage p [yuan/m3], > 0.
    cost : float64
        Planting cost C [yuan/mu], >= 0, paid at each felling.
    linear, square, cube : float64
        Coefficients of volume [m3/mu/year], [m3/mu/year^2], [m3/mu/year^3].
    force : float64
        Continuous discount rate d = ln(1 + r) [1/year], > 0, with the hazard of
        losing the stand added.

    Returns
    -------
    float64
        Value [yuan/mu], any sign.

    Examples
    --------
    >>> round(planted_land_value(25.8641, 1.0, 150.0, 10.0, 1.0, -0.01, 0.05), 2)
    228.62
    """
    return (price * cubic_volume(years, linear, square, cube) - cost) / math.expm1(force * years)


@kernel
def gain_of_waiting(years, price, cost, linear, square, cube, force, criterion):
    """What another year of growth adds by a yardstick, up to a positive factor.

    Parameters
    ----------
    years : float64
        Age T [year], > 0.
    price : float64
        Stumpage [yuan/m3], > 0.
    cost : float64
        Planting cost [yuan/mu], >= 0.
    linear, square, cube : float64
        Coefficients of volume [m3/mu/year], [m3/mu/year^2], [m3/mu/year^3].
    force : float64
        Continuous discount rate [1/year], > 0.
    criterion : int64
        0 Faustmann, 1 Fisher, 2 mean annual increment.

    Returns
    -------
    float64
        Positive before the best age, negative after it [yuan/mu/year], times a factor.

    Examples
    --------
    >>> gain_of_waiting(50.0, 1.0, 0.0, 10.0, 1.0, -0.01, 0.05, 2)
    0.0
    """
    volume = cubic_volume(years, linear, square, cube)
    growth = linear + years * (2.0 * square + years * 3.0 * cube)
    if criterion == 2:
        return price * (growth * years - volume)
    if criterion == 1:
        return price * (growth - force * volume)
    return -math.expm1(-force * years) * price * growth - force * (price * volume - cost)


@kernel
def best_cubic_age(price, cost, linear, square, cube, force, criterion, low, high):
    """Felling age that is best by a yardstick, within a legal range of ages.

    Parameters
    ----------
    price : float64
        Stumpage [yuan/m3], > 0.
    cost : float64
        Planting cost [yuan/mu], >= 0.
    linear, square, cube : float64
        Coefficients of volume [m3/mu/year], [m3/mu/year^2], [m3/mu/year^3].
    force : float64
        Continuous discount rate with hazard [1/year], > 0.
    criterion : int64
        0 Faustmann, 1 Fisher (a single rotation), 2 mean annual increment.
    low, high : float64
        Legal ages [year], 0 < low <= high, at which volume still grows or has a single
        peak.

    Returns
    -------
    float64
        Age [year] to the last bits; an end of the range when the best lies outside.

    Notes
    -----
    Bisection on the gain of waiting, which changes sign once where growth first
    rises, then falls; a search on the value itself would find only half the digits.

    Examples
    --------
    >>> round(best_cubic_age(1.0, 150.0, 10.0, 1.0, -0.01, 0.05, 0, 1.0, 90.0), 4)
    25.8641
    >>> round(best_cubic_age(1.0, 150.0, 10.0, 1.0, -0.01, 0.05, 1, 1.0, 90.0), 4)
    28.1415
    """
    if not gain_of_waiting(low, price, cost, linear, square, cube, force, criterion) > 0.0:
        return low
    if gain_of_waiting(high, price, cost, linear, square, cube, force, criterion) > 0.0:
        return high
    for _ in range(100):
        middle = 0.5 * (low + high)
        if gain_of_waiting(middle, price, cost, linear, square, cube, force, criterion) > 0.0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
