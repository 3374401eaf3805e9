"""Prices of construction land: corrected prices, income, residual, cost, levy.

A price of one plot says something of another after corrections for term, plot
ratio, date, ownership and individual traits; each factor is subject over
comparable.  What a lender can count on is net of tax and of the levy on the gain
(土地增值收益调节金).

Source: GB/T 18508-2014 (appraisal of urban land).
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_factor


@kernel
def benchmark_price(price, corrections, date, term, plot_ratio, development):
    """Benchmark price corrected (基准地价系数修正): P0 (1 + sum K) K_date K_term K_FAR + D.

    Parameters
    ----------
    price : float64
        Benchmark price P0 [yuan/m2], > 0.
    corrections : float64
        Sum of individual corrections [1], > -1.
    date, term, plot_ratio : float64
        Factors [1], > 0.
    development : float64
        Correction for works on the land D [yuan/m2].

    Returns
    -------
    float64
        Price [yuan/m2].

    Examples
    --------
    >>> round(benchmark_price(500.0, -0.13, 1.06, 0.97, 1.51, 0.0))
    675
    """
    return price * (1.0 + corrections) * date * term * plot_ratio + development


@kernel
def cost_price(acquisition, works, years, rate, profit_share, appreciation):
    """Cost approximation (成本逼近): (E_a + E_d + interest + profit) (1 + appreciation).

    Parameters
    ----------
    acquisition, works : float64
        Cost of acquiring, spent at the start, and of works, spent evenly
        [yuan/m2], >= 0.
    years : float64
        Time of the works [year], >= 0.
    rate : float64
        Interest [1/year], > -1.
    profit_share, appreciation : float64
        Profit over the costs, appreciation of land [1], >= 0.

    Returns
    -------
    float64
        Price [yuan/m2].

    Examples
    --------
    >>> round(cost_price(100.0, 150.0, 2.0, 0.06, 0.1, 0.12), 4)
    331.9232
    """
    grown = math.log1p(rate)
    interest = acquisition * math.expm1(years * grown) + works * math.expm1(0.5 * years * grown)
    spent = acquisition + works
    return (spent + interest + profit_share * spent) * (1.0 + appreciation)


@kernel
def residual_price(completed, building, fee_share, selling_share, profit_share):
    """Land by hypothetical development (剩余法), from values already discounted.

    L = S (1 - s) - B (1 + f) - p (L + B (1 + f)), solved for L.

    Parameters
    ----------
    completed : float64
        Value when completed S, discounted [yuan], >= 0.
    building : float64
        Cost of building B, discounted [yuan], >= 0.
    fee_share, selling_share, profit_share : float64
        Fees over building f, selling cost over the completed value s, profit over
        land, building and fees p [1], >= 0.

    Returns
    -------
    float64
        Land [yuan]; negative where the scheme does not pay.

    Examples
    --------
    >>> round(residual_price(29752066.0, 9190000.0, 0.06, 0.05, 0.2))
    13812319
    """
    spent = building * (1.0 + fee_share)
    return completed * (1.0 - selling_share) / (1.0 + profit_share) - spent


@kernel
def land_income(net_income, building_value, building_rate, building_years):
    """What is left of a property's net income for its land: a - B r_b / (1 - (1 + r_b)^-m).

    Parameters
    ----------
    net_income : float64
        Net income of land and building [yuan/year].
    building_value : float64
        Value of the building B [yuan], >= 0.
    building_rate : float64
        Rate of the building r_b [1/year], > 0.
    building_years : float64
        Years over which the building is written off m [year], > 0; infinite
        where it is renewed for ever.

    Returns
    -------
    float64
        Income of the land [yuan/year]; may be negative.

    Examples
    --------
    >>> round(land_income(140.0, 700.0, 0.08, math.inf) / 0.06)
    1400
    """
    return net_income - building_value / annuity_factor(building_rate, building_years)


@kernel
def table_value(point, points, values, row):
    """Value from a table, linear between its points, none beyond them.

    Parameters
    ----------
    point : float64
        Where to read, such as a plot ratio [1].
    points : (k,) float64
        Points of the table [1], rising.
    values : (m, k) float64
        Values, such as plot-ratio coefficients [1].
    row : int64
        Row of the values to read; negative for none.

    Returns
    -------
    float64
        Value [1]; NaN outside the table.
    """
    if row < 0 or not points[0] <= point <= points[points.size - 1]:
        return math.nan
    k = 0
    while point > points[k + 1]:
        k += 1
    share = (point - points[k]) / (points[k + 1] - points[k])
    return values[row, k] + share * (values[row, k + 1] - values[row, k])


@kernel
def net_of_levy(price, basis, levy, tax):
    """What is left of a price after tax and levy: P (1 - tax) - levy max(0, P - basis).

    Parameters
    ----------
    price, basis : float64
        Price, and cost of acquiring and developing [yuan], >= 0.
    levy, tax : float64
        Levy on the gain and tax on the price [1], in [0, 1].

    Returns
    -------
    float64
        Net amount [yuan].

    Examples
    --------
    >>> net_of_levy(100.0, 40.0, 0.3, 0.05)
    77.0
    """
    return price * (1.0 - tax) - levy * max(0.0, price - basis)


@kernel
def unit_land_price(floor_price, plot_ratio):
    """Price of land from its price over floor space (楼面地价): floor price x plot ratio.

    Parameters
    ----------
    floor_price : float64
        Price over floor space [yuan/m2].
    plot_ratio : float64
        Floor area over land area [1], > 0.

    Returns
    -------
    float64
        Price over land area [yuan/m2].

    Examples
    --------
    >>> unit_land_price(300.0, 3.0)
    900.0
    """
    return floor_price * plot_ratio
