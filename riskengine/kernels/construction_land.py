"""Collective construction land row by row: five ways to its value, net of what is owed.

Whatever the way, rent still payable for a right held on lease is taken off, and
the prudent value is net of tax and of the levy on the gain.

Source: GB/T 18508-2014; levy by caishui (2016) 41 and county practice after it.
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_factor, discount_factor, term_factor
from riskengine.kernels.land_price import (
    benchmark_price,
    cost_price,
    land_income,
    net_of_levy,
    residual_price,
    table_value,
)


@kernel
def _plot_ratio_factor(x, i, ratios, coefficients):
    """Coefficient of the subject over that of the base; 1 and False where the ratio is unknown."""
    if math.isnan(x[7, i]):
        return 1.0, False
    use = int(x[9, i])
    subject = table_value(x[7, i], ratios, coefficients, use)
    return subject / table_value(x[8, i], ratios, coefficients, use), True


@kernel
def _corrected(x, i, policy, ratios, coefficients, way):
    """Deal price (way 0), benchmark (1) or cost (4): price, prudent price, spread, workings."""
    area, years, rate = x[0, i], x[1, i], x[2, i]
    term = term_factor(rate, years, x[6, i])
    if way == 4:
        full = cost_price(x[26, i], x[27, i], x[28, i], policy[11], policy[12], policy[13])
        price = area * full * term
        return price, price, policy[14] ** 2, full, term, math.nan
    factor, known = _plot_ratio_factor(x, i, ratios, coefficients)
    spread = 0.0 if known else policy[1] ** 2
    if way == 0:
        price = area * x[10, i] * term * factor
        spread += x[11, i] ** 2 + policy[2] ** 2
        return price, price, spread, x[10, i], term, factor
    base = x[12, i] * (1.0 - x[14, i])
    unit = benchmark_price(base, x[16, i], x[17, i], term, factor, x[18, i])
    spread += x[13, i] ** 2 + x[15, i] ** 2 + policy[3] ** 2
    return area * unit, area * unit, spread, base, term, factor


@kernel
def _income(x, i, policy):
    """Land rent, else what floor rent leaves for the land, over the term."""
    area, years, rate = x[0, i], x[1, i], x[2, i]
    income, built = area * x[19, i], 0.0
    leverage = 1.0
    if math.isnan(income) and x[23, i] > 0.0:
        income = land_income(x[20, i], x[21, i], x[22, i], x[23, i])
        built = x[20, i] - income
        leverage = x[20, i] / income
    if not income > 0.0:
        return math.nan, math.nan, math.nan, math.nan, math.nan, math.nan
    factor = annuity_factor(rate, years)
    low = income * annuity_factor(rate + policy[0], years)
    spread = (policy[4] * leverage) ** 2 + policy[5] ** 2
    return income * factor, low, spread, income / area, factor, built


@kernel
def _residual(x, i, policy):
    """Value when completed less the cost of building, both discounted."""
    area, years, rate = x[0, i], x[1, i], x[2, i]
    floor, build_years = area * x[7, i], x[30, i]
    price, low_price = x[24, i], x[24, i]
    left = years - build_years
    if math.isnan(price) and left > 0.0:
        price = x[31, i] * annuity_factor(x[22, i], left)
        low_price = x[31, i] * annuity_factor(x[22, i] + policy[0], left)
    completed = floor * price * discount_factor(rate, build_years)
    building = floor * x[25, i] * discount_factor(rate, 0.5 * build_years)
    land = residual_price(completed, building, policy[6], policy[7], policy[8])
    if not land > 0.0:
        return math.nan, math.nan, math.nan, math.nan, math.nan, math.nan
    low_rate = rate + policy[0]
    low = residual_price(
        floor * low_price * discount_factor(low_rate, build_years),
        floor * x[25, i] * discount_factor(rate, 0.5 * build_years),
        policy[6],
        policy[7],
        policy[8],
    )
    spent = building * (1.0 + policy[6])
    spread = ((land + spent) / land) ** 2 * (policy[4] ** 2 + policy[9] ** 2)
    spread += (spent / land) ** 2 * (x[29, i] ** 2 + policy[9] ** 2)
    return land, max(low, 0.0), spread, completed, building, floor


@kernel
def construction_rows(x, policy, ratios, coefficients, way, wanted, out):
    """Value of collective construction land by one way, row by row.

    Parameters
    ----------
    x : (35, n) float64
        0 area [m2], term [year], rate [1/year], unused, rent payable [yuan/m2/year],
        5 years already paid [year], longest term of the use [year], plot ratio [1]
        (NaN: unknown), plot ratio of deals or benchmark [1], row of the use in the
        coefficients [1], 10 deal price [yuan/m2] and its log error [1], benchmark
        price [yuan/m2] and its log error [1], discount of collective land [1], 15
        its log error [1], sum of corrections [1], date factor [1], development
        correction [yuan/m2], net land rent [yuan/m2/year], 20 net income of the
        property [yuan/year], value of its buildings [yuan], rate of buildings
        [1/year], years left to the buildings [year], price of completed floor
        [yuan/m2], 25 cost of building [yuan/m2], acquisition cost and works
        [yuan/m2], years of works [year], log error of the building cost [1], 30
        years to completion [year], net rent of floor [yuan/m2/year], levy [1], cost
        basis [yuan] (NaN: unknown), unused.
    policy : (17,) float64
        0 rate stress [1/year], log errors of an unknown plot ratio, of the deal
        price and benchmark methods, of rents and of the income method [1], 6 fee,
        selling and profit shares [1], log error of the residual method [1],
        unused, 11 interest [1/year], profit and appreciation of the cost
        approximation and its log error [1], 15 tax [1], gain share where the cost is
        unknown [1].
    ratios : (k,) float64
        Plot ratios of the coefficient table [1], rising.
    coefficients : (uses, k) float64
        Coefficients [1].
    way : int64
        0 deal price, 1 benchmark, 2 income, 3 residual, 4 cost.
    wanted : (n,) bool
        Rows to value.
    out : (9, n) float64
        Filled with value [yuan], log error [1] (that of a lognormal with the same
        relative error), prudent value net of tax and levy [yuan], three workings of
        the way, price after corrections [yuan/m2], value of rent payable, tax and
        levy [yuan].
    """
    for i in range(x.shape[1]):
        years, rate = x[1, i], x[2, i]
        if not wanted[i] or math.isnan(years * rate):
            continue
        if way == 2:
            price, low, spread, first, second, third = _income(x, i, policy)
        elif way == 3:
            price, low, spread, first, second, third = _residual(x, i, policy)
        else:
            price, low, spread, first, second, third = _corrected(
                x, i, policy, ratios, coefficients, way
            )
        whole = annuity_factor(rate, years) - annuity_factor(rate, min(x[5, i], years))
        payable = x[0, i] * x[4, i] * whole
        held, low_held = max(price - payable, 0.0), max(low - payable, 0.0)
        if math.isnan(price - payable):
            continue
        basis = x[33, i]
        if math.isnan(basis):
            basis = (1.0 - policy[16]) * low_held
        net = max(net_of_levy(low_held, basis, x[32, i], policy[15]), 0.0)
        leverage = price / held if held > 0.0 else 0.0
        out[0, i] = held
        out[1, i] = math.sqrt(math.log1p(spread * leverage**2))
        out[2, i] = net
        out[3, i], out[4, i], out[5, i] = first, second, third
        out[6, i], out[7, i], out[8, i] = price / x[0, i], payable, low_held - net
