"""When to fell, for ever or within a term: the best age of a table of ages.

The table is the legal felling range of the species; `rotation` says what one
rotation is worth, `cubic_rotation` finds the age in continuous time.

Source: Faustmann (1849); Fisher (1930); LY/T 2407-2015.
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_factor, discount_factor
from riskengine.kernels.rotation import perpetual_value, rotation_value


@kernel
def truncated_land_value(one_rotation, felling_age, tail_ages, tails, rate, years):
    """Value of bare woodland for a term with one felling age: whole rotations and a tail.

    B_N = sum_{j < k} NPV v^(j u) + v^(k u) max(0, best shorter rotation), k = floor(N / u).

    Parameters
    ----------
    one_rotation : float64
        Value at planting of one rotation NPV [yuan].
    felling_age : float64
        Length of the rotation u [year], > 0.
    tail_ages, tails : (m,) float64
        Ages at which the last planting may be felled [year] and values at planting
        of one such rotation [yuan]; may be empty.
    rate : float64
        Discount rate p [1/year], > -1; > 0 for an infinite term.
    years : float64
        Term of the right N [year], >= 0, may be infinite.

    Returns
    -------
    float64
        Value [yuan], any sign.

    Notes
    -----
    All trees must be off before the term ends: what would end later does not count.

    Examples
    --------
    >>> import numpy as np
    >>> none = np.empty(0)
    >>> round(truncated_land_value(100.0, 20.0, none, none, 0.05, 50.0), 2)
    137.69
    >>> tail = np.array([10.0]), np.array([30.0])
    >>> round(truncated_land_value(100.0, 20.0, tail[0], tail[1], 0.05, 50.0), 2)
    141.95
    """
    if math.isinf(years):
        return perpetual_value(one_rotation, felling_age, rate)
    used = felling_age * np.floor(years / felling_age)
    whole = one_rotation * annuity_factor(rate, used) / annuity_factor(rate, felling_age)
    tail = 0.0
    for i in range(tails.size):
        if tail_ages[i] <= years - used:
            tail = max(tail, tails[i])
    return whole + tail * discount_factor(rate, used)


@kernel
def finite_land_value(ages, harvests, flow_years, flows, annual, amenities, rate, years):
    """Value of bare woodland for the term of a right under the best plan of fellings.

    The best of all plans of k = 1, 2, ... rotations of one age u, k u <= N, with or
    without a last rotation of another age that ends within the term.

    Parameters
    ----------
    ages, harvests : (m,) float64
        Legal felling ages, rising [year], > 0, and net incomes of felling at each [yuan].
    flow_years, flows, annual, amenities
        As `rotation_value` [year, yuan, yuan/year, yuan].
    rate : float64
        Discount rate [1/year], > -1; > 0 for an infinite term.
    years : float64
        Term of the right N [year], >= 0; infinite gives the Faustmann optimum.

    Returns
    -------
    tuple of float64
        Value [yuan], >= 0, and felling age of the plan [year]; 0 and NaN when no plan
        gains, the youngest of equal ages otherwise.

    Notes
    -----
    Never below `truncated_land_value` at any age, and never falls as the term grows.

    Examples
    --------
    >>> import numpy as np
    >>> ages, harvests = np.arange(2.0, 5.0), np.array([150.0, 260.0, 300.0])
    >>> plant, none = np.array([-100.0]), np.empty(0)
    >>> value, age = finite_land_value(ages, harvests, np.zeros(1), plant, 0.0, none, 0.1, 5.0)
    >>> round(value, 2), age
    (113.35, 3.0)
    """
    single = np.empty(ages.size)
    gain = np.empty(ages.size)
    for j in range(ages.size):
        single[j] = rotation_value(harvests[j], ages[j], flow_years, flows, annual, amenities, rate)
        gain[j] = max(single[j], gain[j - 1] if j > 0 else 0.0)
    best, best_age = 0.0, math.nan
    for j in range(ages.size):
        if math.isinf(years):
            value = perpetual_value(single[j], ages[j], rate)
            if value > best:
                best, best_age = value, ages[j]
            continue
        last = ages.size - 1
        whole, used = 0.0, 0.0
        while used + ages[j] <= years:
            whole += single[j] * discount_factor(rate, used)
            used += ages[j]
            while last >= 0 and ages[last] > years - used:
                last -= 1
            tail = gain[last] if last >= 0 else 0.0
            value = whole + max(tail, 0.0) * discount_factor(rate, used)
            if value > best:
                best, best_age = value, ages[j]
    return best, best_age


@kernel
def best_felling_age(ages, harvests, flow_years, flows, annual, amenities, rate, criterion):
    """Felling age that is best by one of three yardsticks, from a table of ages.

    Parameters
    ----------
    ages, harvests : (m,) float64
        Legal felling ages [year], > 0, and net incomes of felling at each [yuan].
    flow_years, flows, annual, amenities
        As `rotation_value` [year, yuan, yuan/year, yuan].
    rate : float64
        Discount rate [1/year], > 0.
    criterion : int64
        0 land expectation value (Faustmann; Hartman with amenities), 1 value of a
        single rotation (Fisher), 2 mean yearly income of felling (forest rent,
        culmination of the increment).

    Returns
    -------
    tuple of float64
        Age [year] and its yardstick [yuan], or [yuan/year] for criterion 2; the
        youngest of equal ages, NaN for an empty table.

    Notes
    -----
    A yearly hazard h of losing the stand enters as the rate
    `lease.rate_with_hazard`, and makes the rotation shorter.

    Examples
    --------
    >>> import numpy as np
    >>> v = np.array([50.0, 80.0, 100.0, 110.0, 115.0, 116.0, 114.0, 110.0])
    >>> none = np.empty(0)
    >>> age, value = best_felling_age(np.arange(1.0, 9.0), v, none, none, 0.0, none, 0.08, 1)
    >>> age, round(value, 2)
    (4.0, 80.85)
    """
    best, best_age = -math.inf, math.nan
    for j in range(ages.size):
        if criterion == 2:
            value = harvests[j] / ages[j]
        else:
            value = rotation_value(harvests[j], ages[j], flow_years, flows, annual, amenities, rate)
            if criterion == 0:
                value = perpetual_value(value, ages[j], rate)
        if value > best:
            best, best_age = value, ages[j]
    return best_age, (math.nan if math.isnan(best_age) else best)
