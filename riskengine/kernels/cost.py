"""What it costs to make the thing anew: buildings, and developed land.

Money is spent in tranches of equal length, each as if in its middle; interest
runs from there to completion, on what was paid at the start for the whole time:

    acquisition   tranche 1     tranche 2
    |-------------x-------------|------x------|   completion
    0                                         n

Source: GB/T 18508-2014 and GB/T 28406-2012, 5.3 (cost approximation); GB/T
50291-2015 (cost approach).
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def tranche_interest(amount, shares, tranche_years, rate, lag):
    """Compound interest on money spent evenly within each of several tranches.

    sum C s_j ((1 + r)^((m - j + 1/2) w + lag) - 1).

    Parameters
    ----------
    amount : float64
        Money spent in all C [yuan], >= 0.
    shares : (m,) float64
        Share spent in each tranche, first to last [1], >= 0, adding up to 1.
    tranche_years : float64
        Length of each tranche w [year], > 0; one tranche of two years is spending
        spread evenly over two years.
    rate : float64
        Effective annual interest rate [1/year], > -1.
    lag : float64
        Time from the end of the last tranche to completion [year], >= 0.

    Returns
    -------
    float64
        Interest [yuan].

    Examples
    --------
    >>> import numpy as np
    >>> round(tranche_interest(824.0, np.array([0.6, 0.4]), 1.0, 0.06, 0.0), 2)
    54.9
    """
    force = math.log1p(rate)
    interest = 0.0
    for j in range(shares.size):
        years = (shares.size - j - 0.5) * tranche_years + lag
        interest += amount * shares[j] * math.expm1(years * force)
    return interest


@kernel
def replacement_cost(build, management_share, shares, tranche_years, rate, selling_tax, profit):
    """Replacement cost of a building: construction, management, interest, tax, profit.

    B (1 + m) + interest + tax + profit.

    Parameters
    ----------
    build : float64
        Construction cost B [yuan], >= 0.
    management_share : float64
        Management m on construction [1], >= 0; it bears interest too.
    shares : (m,) float64
        Share spent in each tranche [1], adding up to 1.
    tranche_years : float64
        Length of each tranche [year], > 0.
    rate : float64
        Effective annual interest rate [1/year], > -1.
    selling_tax, profit : float64
        Tax and cost of selling, developer's profit [yuan], >= 0; given as shares of
        the price, see `price_from_cost`.

    Returns
    -------
    tuple of float64
        Replacement cost and the interest in it [yuan].

    Examples
    --------
    >>> import numpy as np
    >>> cost = replacement_cost(800.0, 0.03, np.array([0.6, 0.4]), 1.0, 0.06, 50.0, 120.0)
    >>> [round(x, 1) for x in cost]
    [1048.9, 54.9]
    """
    spent = build * (1.0 + management_share)
    interest = tranche_interest(spent, shares, tranche_years, rate, 0.0)
    return spent + interest + selling_tax + profit, interest


@kernel
def price_from_cost(cost, interest, profit_on_cost, profit_on_price, selling_share):
    """Price that pays for cost when selling tax and profit are shares of it.

    P = (C (1 + p) + I) / (1 - q - s).

    Parameters
    ----------
    cost : float64
        Outlays that earn profit C [yuan], >= 0: land, construction, fees.
    interest : float64
        Interest I [yuan], >= 0.
    profit_on_cost : float64
        Profit on outlays p [1], >= 0.
    profit_on_price : float64
        Profit as a share of the price q [1], >= 0, as an alternative.
    selling_share : float64
        Cost and tax of selling s as a share of the price [1], q + s < 1.

    Returns
    -------
    float64
        Price [yuan].

    Examples
    --------
    >>> round(price_from_cost(800.0, 40.0, 0.1, 0.0, 0.08), 9)
    1000.0
    """
    return (cost * (1.0 + profit_on_cost) + interest) / (1.0 - profit_on_price - selling_share)


@kernel
def land_cost_interest(acquisition, development, shares, tranche_years, rate):
    """Interest in the cost of developed land: acquisition in full, development mid-way.

    Parameters
    ----------
    acquisition : float64
        Paid at the start: acquisition, and tax if it bears interest [yuan], >= 0.
    development : float64
        Spent over the development period [yuan], >= 0.
    shares : (m,) float64
        Share of development spent in each tranche [1], adding up to 1; [1.0] for
        even spending.
    tranche_years : float64
        Length of each tranche [year], > 0; the period is m times that.
    rate : float64
        Effective annual interest rate [1/year], > -1.

    Returns
    -------
    tuple of float64
        Interest on acquisition and on development [yuan].

    Examples
    --------
    >>> import numpy as np
    >>> [round(x, 2) for x in land_cost_interest(100.0, 150.0, np.array([1.0]), 2.0, 0.06)]
    [12.36, 9.0]
    """
    whole = shares.size * tranche_years
    on_acquisition = acquisition * math.expm1(whole * math.log1p(rate))
    return on_acquisition, tranche_interest(development, shares, tranche_years, rate, 0.0)


@kernel
def cost_approximation_price(
    acquisition, development, taxes, interest, profit, appreciation, term_factor
):
    """Price of land from its cost (成本逼近法).

    P = (E_a + E_d + T + I + Q) (1 + g) K.

    Parameters
    ----------
    acquisition, development, taxes, interest, profit : float64
        Acquisition E_a, development E_d, taxes T, interest I (`land_cost_interest`),
        profit Q on E_a + E_d or on E_a + E_d + T [yuan] or [yuan/m2], >= 0.
    appreciation : float64
        Appreciation of land through its development g [1], >= 0.
    term_factor : float64
        Term correction K [1], in (0, 1]; 1 for an unlimited term.

    Returns
    -------
    float64
        Price, in the unit of the cost.

    Notes
    -----
    The appreciation multiplies; leaving it out is a published error.

    Examples
    --------
    >>> round(cost_approximation_price(100.0, 150.0, 0.0, 21.36, 25.0, 0.12, 1.0), 4)
    331.9232
    """
    outlay = acquisition + development + taxes + interest + profit
    return outlay * (1.0 + appreciation) * term_factor
