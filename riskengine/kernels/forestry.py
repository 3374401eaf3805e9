"""Values of standing trees: stumpage, replacement cost, harvest present value.

Ages count years.  Where the present age n names the year in progress, a harvest
at age u falls u - n + 1 year-ends ahead; where it names completed years, u - n.

    n - 1        n                             u
      |----x-----|-----------  ...  -----------|  felling
        in progress:  u - n + 1 year-ends to it
                 x    completed:  u - n

Source: LY/T 2407-2015 (forest-resource asset appraisal); the 1996 trial norm.
"""

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_factor, discount_factor
from riskengine.kernels.payments import accumulated_value, stream_value


@kernel
def stumpage_value(
    volume, shares, prices, direct_cost, other_cost, design_fee, tax, profit, profit_base
):
    """Stumpage by market back-calculation (市场价倒算): E = W - C - F.

    W = M sum f_k p_k, C = output cost + design fee + taxes, F = profit on its base.

    Parameters
    ----------
    volume : float64
        Standing volume M [m3], >= 0.
    shares : (k,) float64
        Output of each assortment over standing volume f_k [1], in [0, 1].
    prices : (k,) float64
        Price of each assortment p_k [yuan/m3 of output].
    direct_cost : float64
        Felling, skidding and bucking [yuan/m3 of output].
    other_cost : float64
        Hauling, storing, selling, overhead [yuan/m3 of output].
    design_fee : float64
        Survey and felling design [yuan/m3 standing].
    tax : float64
        Taxes and fees as a share of sales [1], in [0, 1).
    profit : float64
        Logger's profit as a share of its base [1], >= 0.
    profit_base : int64
        0 all costs with taxes, 1 direct cost alone, 2 no profit taken, 3 all costs
        without taxes, 4 sales.

    Returns
    -------
    tuple of float64
        Sales W, costs with taxes C, profit F, stumpage E [yuan]; E may be negative.

    Notes
    -----
    Published keys differ in the base of the profit: 0 in FO-01, 1 elsewhere.  A
    grower who logs himself keeps the profit (2).

    Examples
    --------
    >>> import numpy as np
    >>> f, p = np.array([0.25, 0.45]), np.array([1000.0, 750.0])
    >>> [round(x, 2) for x in stumpage_value(18e3, f, p, 180.0, 0.0, 0.0, 0.18, 0.16, 0)]
    [10575000.0, 4171500.0, 667440.0, 5736060.0]
    """
    sales = 0.0
    output = 0.0
    for k in range(shares.size):
        output += volume * shares[k]
        sales += volume * shares[k] * prices[k]
    direct = output * direct_cost
    untaxed = direct + output * other_cost + volume * design_fee
    costs = untaxed + tax * sales
    base = 0.0
    if profit_base == 0:
        base = costs
    elif profit_base == 1:
        base = direct
    elif profit_base == 3:
        base = untaxed
    elif profit_base == 4:
        base = sales
    gain = profit * base
    return sales, costs, gain, sales - costs - gain


@kernel
def market_stumpage(volume, price, quality, price_index):
    """Stumpage from a sale of similar trees: E = K K_b G Q.

    Parameters
    ----------
    volume : float64
        Standing volume Q [m3], or area [mu] when the price is per area.
    price : float64
        Price of the trees sold G [yuan/m3], or per area alike.
    quality : float64
        Quality of the stand over that of the one sold K [1].
    price_index : float64
        Log price today over log price at the sale K_b [1], > 0.

    Returns
    -------
    float64
        Value [yuan].

    Examples
    --------
    >>> round(market_stumpage(1000.0, 300.0, 0.9, 1.1), 6)
    297000.0
    """
    return quality * price_index * price * volume


@kernel
def young_replacement_cost(costs, rate, quality):
    """Replacement cost of a young stand: K sum C_i (1 + p)^(n - i + 1).

    Parameters
    ----------
    costs : (n,) float64
        Costs of years 1 to n with land rent, at the start of each year [yuan].
    rate : float64
        Investment return p [1/year], > -1.
    quality : float64
        Coefficient K [1], >= 0.

    Returns
    -------
    float64
        Value today [yuan].

    Examples
    --------
    >>> import numpy as np
    >>> round(20.0 * young_replacement_cost(np.array([5000.0, 2000.0]), 0.1, 1.05), 2)
    173250.0
    """
    return quality * accumulated_value(costs, rate, 1.0)


@kernel
def years_ahead(age, target_age, in_progress):
    """Year-ends from the present age to a later one, never below 0.

    Parameters
    ----------
    age, target_age : float64
        Present age n and age u [year].
    in_progress : bool
        True when n names the year in progress (u - n + 1), False when completed
        years (u - n).

    Returns
    -------
    float64
        Years [year], >= 0.

    Examples
    --------
    >>> years_ahead(15.0, 26.0, True), years_ahead(15.0, 26.0, False)
    (12.0, 11.0)
    """
    return max(target_age - age + (1.0 if in_progress else 0.0), 0.0)


@kernel
def permit_factor(rate, delay, chance):
    """What a wait for a felling permit or quota leaves of a harvest: P (1 + p)^-d.

    Parameters
    ----------
    rate : float64
        Discount rate [1/year], > -1.
    delay : float64
        Wait beyond the planned felling d [year], >= 0.
    chance : float64
        Probability that the permit comes [1], in [0, 1].

    Returns
    -------
    float64
        Factor [1], in [0, 1] for rates >= 0.

    Examples
    --------
    >>> round(permit_factor(0.06, 2.0, 0.9), 6)
    0.800997
    """
    return chance * discount_factor(rate, delay)


@kernel
def harvest_present_value(
    harvest, felling_age, thinning_ages, thinnings, annual_cost, costs,
    age, quality, rate, in_progress, delay, chance,
):  # fmt: skip
    """Harvest present value of a growing stand (收获现值法).

    E = K [A_u + sum D_a (1 + p)^(u - a)] P (1 + p)^-(h + d) - costs, with h the years
    to felling: u - n + 1 or u - n.

    Parameters
    ----------
    harvest : float64
        Net income of the final felling of the reference stand A_u [yuan].
    felling_age : float64
        Age of felling u [year]; a stand already older is felled now.
    thinning_ages, thinnings : (k,) float64
        Ages [year] and net incomes [yuan] of thinnings of the reference stand; those
        below the present age are past, those from the felling age on do not happen.
    annual_cost : float64
        Level cost in arrears to the felling, delay with it [yuan/year]: an ordinary
        annuity of u - n + d years under both conventions, as published.
    costs : (m,) float64
        Further costs of the years from now on, in arrears [yuan]; may be empty.
    age : float64
        Present age n [year], >= 0.
    quality : float64
        Coefficient K [1] of the stand; multiplies incomes only.
    rate : float64
        Investment return p [1/year], > -1.
    in_progress : bool
        Meaning of the present age, as `years_ahead`.
    delay, chance : float64
        Wait for the permit [year], >= 0, and its probability [1], as `permit_factor`.

    Returns
    -------
    tuple of float64
        Value of incomes, value of costs, their difference E [yuan]; E may be negative.

    Examples
    --------
    >>> import numpy as np
    >>> none = np.empty(0)
    >>> for convention in (True, False):
    ...     e = harvest_present_value(
    ...         1000.0, 26.0, none, none, 10.0, none, 16.0, 0.9, 0.06, convention, 0.0, 1.0)
    ...     print([round(x, 2) for x in e])
    [474.11, 73.6, 400.51]
    [502.56, 73.6, 428.95]
    """
    incomes = harvest * discount_factor(rate, years_ahead(age, felling_age, in_progress))
    for k in range(thinnings.size):
        if age <= thinning_ages[k] < felling_age:
            ahead = years_ahead(age, thinning_ages[k], in_progress)
            incomes += thinnings[k] * discount_factor(rate, ahead)
    incomes *= quality * permit_factor(rate, delay, chance)
    waiting = years_ahead(age, felling_age, False) + delay
    outgoings = annual_cost * annuity_factor(rate, waiting) + stream_value(costs, rate, 0.0)
    return incomes, outgoings, incomes - outgoings
