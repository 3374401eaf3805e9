"""Collective construction land row by row: five ways to its value, net of what is owed.

Whatever the way, rent still payable for a right held on lease is taken off, and
the prudent value is net of tax and of the levy on the gain.

Source: GB/T 18508-2014; levy by caishui (2016) 41 and county practice after it.
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.construction import collective_price
from riskengine.kernels.cost import cost_approximation_price
from riskengine.kernels.discount import annuity_factor, discount_factor, term_factor
from riskengine.kernels.income import level_income
from riskengine.kernels.land_price import (
    benchmark_price,
    net_of_levy,
    residual_price,
    table_value,
)


@kernel
def _plot_ratio_factor(ratio, base, row, ratios, coefficients):
    """Coefficient of a plot ratio over that of its base; 1 where the ratio is unknown."""
    if math.isnan(ratio):
        return 1.0
    subject = table_value(ratio, ratios, coefficients, row)
    return subject / table_value(base, ratios, coefficients, row)


@kernel
def _corrected(x, i, policy, ratios, coefficients, way):
    """Deal price (way 0), benchmark (1) or cost (4): price, prudent price, spread, workings."""
    area, term = x[0, i], term_factor(x[2, i], x[1, i], x[5, i])
    if way == 4:
        spent, force = x[29, i] + x[30, i], x[31, i] * math.log1p(policy[10])
        interest = x[29, i] * math.expm1(force) + x[30, i] * math.expm1(0.5 * force)
        unit = cost_approximation_price(
            x[29, i], x[30, i], 0.0, interest, policy[11] * spent, policy[12], term
        )
        return area * unit, area * unit, policy[13] ** 2, spent, interest, term
    factor = _plot_ratio_factor(x[6, i], x[7 + way, i], int(x[9, i]), ratios, coefficients)
    spread = policy[1] ** 2 if math.isnan(x[6, i]) else 0.0
    if way == 0:
        unit, base = x[10, i] * term * factor, x[10, i]
        spread += x[11, i] ** 2 + policy[2] ** 2
    else:
        base = collective_price(x[12, i], x[14, i])
        unit = benchmark_price(base, x[16, i], x[17, i], term, factor, x[18, i])
        spread += x[13, i] ** 2 + x[15, i] ** 2 + policy[3] ** 2
    return area * unit, area * unit, spread, base, term, factor


@kernel
def _income(x, i, policy):
    """Land rent, else what floor rent leaves for the land after its buildings, over the term."""
    income, earned = x[0, i] * x[19, i], x[0, i] * x[19, i]
    if math.isnan(income) and x[23, i] > 0.0:
        earned = x[20, i]
        income = earned - level_income(x[21, i], x[22, i], x[23, i])
    if not income > 0.0:
        return math.nan, math.nan, math.nan, math.nan, math.nan, math.nan
    factor = annuity_factor(x[2, i], x[1, i])
    low = income * annuity_factor(x[2, i] + policy[0], x[1, i])
    spread = (policy[4] * earned / income) ** 2 + policy[5] ** 2
    return income * factor, low, spread, income / x[0, i], factor, earned - income


@kernel
def _completed_value(x, i, stress):
    """Completed floor space, by its price or its rent over the years left, discounted."""
    left = x[1, i] - x[28, i]
    price = x[24, i]
    if not left > 0.0:
        return math.nan
    if math.isnan(price):
        price = x[25, i] * annuity_factor(x[22, i] + stress, left)
    return x[0, i] * x[6, i] * price * discount_factor(x[2, i] + stress, x[28, i])


@kernel
def _residual(x, i, policy):
    """Value when completed less the cost of building, both discounted."""
    floor = x[0, i] * x[6, i]
    completed, low_completed = _completed_value(x, i, 0.0), _completed_value(x, i, policy[0])
    building = floor * x[26, i] * discount_factor(x[2, i], 0.5 * x[28, i])
    land = residual_price(completed, building, policy[6], policy[7], policy[8])
    if not land > 0.0:
        return math.nan, math.nan, math.nan, math.nan, math.nan, math.nan
    low = residual_price(low_completed, building, policy[6], policy[7], policy[8])
    spent = building * (1.0 + policy[6])
    spread = ((land + spent) / land) ** 2 * (policy[4] ** 2 + policy[9] ** 2)
    spread += (spent / land) ** 2 * (x[27, i] ** 2 + policy[9] ** 2)
    return land, max(low, 0.0), spread, completed, building, floor


@kernel
def construction_rows(x, policy, ratios, coefficients, way, wanted, out):
    """Value of collective construction land by one way, row by row.

    Parameters
    ----------
    x : (34, n) float64
        0 area [m2], term [year], rate [1/year], years of rent already paid [year],
        rent payable [yuan/m2/year], 5 longest term of the use [year], plot ratio [1]
        (NaN: unknown), that of deals and of the benchmark [1], row of the use in the
        coefficients [1], 10 deal price [yuan/m2] and its log error [1], benchmark
        price [yuan/m2] and its log error [1], discount of collective land [1], 15
        its log error [1], sum of corrections [1], date factor [1], correction for
        works [yuan/m2], net land rent [yuan/m2/year], 20 net income of the property
        [yuan/year], value of its buildings [yuan], rate of buildings [1/year], years
        left to the buildings [year], price of completed floor [yuan/m2], 25 net rent
        of floor [yuan/m2/year], cost of building floor [yuan/m2] and its log error
        [1], years to completion [year], acquisition cost [yuan/m2], 30 works
        [yuan/m2], years of works [year], levy [1], cost of the land [yuan] (NaN:
        unknown).
    policy : (16,) float64
        0 rate stress [1/year], log errors of an unknown plot ratio, of the deal
        price and benchmark methods, of rents and prices given and of the income
        method [1], 6 fees, selling and profit shares [1], log error of the residual
        method [1], 10 interest [1/year], profit, appreciation and log error of the
        cost approximation [1], 14 tax [1], gain share where the cost is unknown [1].
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
        the way, price before rent payable [yuan/m2], value of rent payable, tax and
        levy [yuan].

    Notes
    -----
    Income that its buildings eat up, and a development that does not pay, say that
    the scheme is wrong, not that the land is worthless: those ways do not answer.
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
        left = annuity_factor(rate, years) - annuity_factor(rate, min(x[3, i], years))
        payable = x[0, i] * x[4, i] * left
        if math.isnan(price - payable):
            continue
        held, low_held = max(price - payable, 0.0), max(low - payable, 0.0)
        cost = (1.0 - policy[15]) * low_held if math.isnan(x[33, i]) else x[33, i]
        net = max(net_of_levy(low_held, cost, x[32, i], policy[14]), 0.0)
        leverage = price / held if held > 0.0 else 0.0
        out[0, i] = held
        out[1, i] = math.sqrt(math.log1p(spread * leverage**2))
        out[2, i] = net
        out[3, i], out[4, i], out[5, i] = first, second, third
        out[6, i], out[7, i], out[8, i] = price / x[0, i], payable, low_held - net
