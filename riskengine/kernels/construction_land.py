"""Collective construction land row by row: corrected prices, income, development.

Whatever the way, rent still payable for a right held on lease is taken off, and
the prudent value is net of tax and of the levy on the gain.

Source: GB/T 18508-2014; levy by caishui (2016) 41 and county practice after it.
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_factor, discount_factor, term_factor
from riskengine.kernels.income import level_income
from riskengine.kernels.land_price import benchmark_price, net_of_levy, residual_price


@kernel
def _rent_payable(x, i):
    """Value of the rent still payable for a right held on lease."""
    years, rate = x[1, i], x[2, i]
    left = annuity_factor(rate, years) - annuity_factor(rate, min(x[4, i], years))
    return x[0, i] * x[5, i] * left


@kernel
def _counted(value, cost, levy, policy):
    """What a lender may count on: net of tax and of the levy on the gain."""
    basis = (1.0 - policy[2]) * value if math.isnan(cost) else cost
    return max(net_of_levy(value, basis, levy, policy[1]), 0.0)


@kernel
def held_rows(x, policy, price, error, out):
    """What a holder has of a price found elsewhere, row by row: less rent payable.

    Parameters
    ----------
    x : (8, n) float64
        As `corrected_price_rows`.
    policy : (3,) float64
        As `corrected_price_rows`.
    price, error : (2, n) float64 and (n,) float64
        Price of the land and a lower one that a lender counts on [yuan], NaN where
        there is none, and their log error [1].
    out : (3, n) float64
        Filled with value [yuan], log error [1], prudent value net of tax and levy
        [yuan].
    """
    for i in range(x.shape[1]):
        payable = _rent_payable(x, i)
        if math.isnan(price[0, i] - payable):
            continue
        held = max(price[0, i] - payable, 0.0)
        leverage = price[0, i] / held if held > 0.0 else 0.0
        out[0, i] = held
        out[1, i] = math.sqrt(math.log1p((error[i] * leverage) ** 2))
        low = max(price[1, i] - payable, 0.0)
        out[2, i] = _counted(low, x[7, i], x[6, i], policy)


@kernel
def _hold(x, i, policy, price, low, spread, out):
    """Take off rent payable, then tax and levy; fill the first six rows of the answer."""
    payable = _rent_payable(x, i)
    if math.isnan(price - payable):
        return
    held, low_held = max(price - payable, 0.0), max(low - payable, 0.0)
    net = _counted(low_held, x[7, i], x[6, i], policy)
    leverage = price / held if held > 0.0 else 0.0
    out[0, i] = held
    out[1, i] = math.sqrt(math.log1p(spread * leverage**2))
    out[2, i] = net
    out[3, i], out[4, i], out[5, i] = price / x[0, i], payable, low_held - net


@kernel
def corrected_price_rows(x, y, policy, wanted, out):
    """Land from a price per square metre and its corrections, row by row.

    Parameters
    ----------
    x : (8, n) float64
        area [m2], term [year], rate [1/year], longest term of the use [year], years
        of rent already paid [year], rent payable [yuan/m2/year], levy [1], cost of
        the land [yuan] (NaN: unknown).
    y : (6, n) float64
        price for the longest term [yuan/m2], its log error [1], sum of corrections
        [1], date and plot-ratio factors [1], correction for works [yuan/m2].
    policy : (3,) float64
        rate stress [1/year], tax [1], gain share where the cost is unknown [1].
    wanted : (n,) bool
        Rows to value.
    out : (7, n) float64
        Filled with value [yuan], log error [1] (that of a lognormal with the same
        relative error), prudent value net of tax and levy [yuan], price before rent
        payable [yuan/m2], value of rent payable, tax and levy [yuan], term factor
        [1].
    """
    for i in range(x.shape[1]):
        if not wanted[i]:
            continue
        term = term_factor(x[2, i], x[1, i], x[3, i])
        unit = benchmark_price(y[0, i], y[2, i], y[3, i], term, y[4, i], y[5, i])
        price = x[0, i] * max(unit, 0.0)
        _hold(x, i, policy, price, price, y[1, i] ** 2, out)
        out[6, i] = term


@kernel
def land_rent_rows(x, y, policy, errors, wanted, out):
    """Land from its rent, or from what floor rent leaves after the buildings, row by row.

    Parameters
    ----------
    x : (8, n) float64
        As `corrected_price_rows`.
    y : (5, n) float64
        net land rent [yuan/m2/year] (NaN: none), net income of the property
        [yuan/year], value of its buildings [yuan], their rate [1/year] and the years
        left to them [year].
    policy : (3,) float64
        As `corrected_price_rows`.
    errors : (2,) float64
        Log errors of a rent and of the method [1].
    wanted : (n,) bool
        Rows to value.
    out : (9, n) float64
        As `corrected_price_rows` to the levy, then net land income [yuan/m2/year],
        annuity factor [year], income that the buildings must earn [yuan/year].

    Notes
    -----
    Income that its buildings eat up says that they are too much for the place, not
    that the land is worthless: no answer.
    """
    for i in range(x.shape[1]):
        earned = x[0, i] * y[0, i]
        built = 0.0
        if math.isnan(earned) and y[4, i] > 0.0:
            earned, built = y[1, i], level_income(y[2, i], y[3, i], y[4, i])
        income = earned - built
        if not (wanted[i] and income > 0.0):
            continue
        factor = annuity_factor(x[2, i], x[1, i])
        low = income * annuity_factor(x[2, i] + policy[0], x[1, i])
        spread = (errors[0] * earned / income) ** 2 + errors[1] ** 2
        _hold(x, i, policy, income * factor, low, spread, out)
        out[6, i], out[7, i], out[8, i] = income / x[0, i], factor, built


@kernel
def development_rows(x, y, policy, shares, errors, wanted, out):
    """Land by hypothetical development in its discounted form, row by row.

    Parameters
    ----------
    x : (8, n) float64
        As `corrected_price_rows`.
    y : (7, n) float64
        plot ratio [1], price of completed floor [yuan/m2] (NaN: by its rent), net
        rent of floor [yuan/m2/year], rate of the property [1/year], cost of building
        floor [yuan/m2] and its log error [1], years to completion [year].
    policy : (3,) float64
        As `corrected_price_rows`.
    shares : (3,) float64
        Fees over building, selling cost over the completed value, profit over land,
        building and fees [1].
    errors : (2,) float64
        Log errors of a price or rent and of the method [1].
    wanted : (n,) bool
        Rows to value.
    out : (9, n) float64
        As `corrected_price_rows` to the levy, then completed value and building,
        both discounted [yuan], floor area [m2].

    Notes
    -----
    A scheme that does not pay says that it is the wrong one, not that the land is
    worthless: no answer.
    """
    for i in range(x.shape[1]):
        floor, ahead = x[0, i] * y[0, i], y[6, i]
        building = floor * y[4, i] * discount_factor(x[2, i], 0.5 * ahead)
        if not (wanted[i] and x[1, i] > ahead and building > 0.0):
            continue
        completed, land, low = 0.0, 0.0, 0.0
        for stressed in range(2):
            stress = policy[0] * (1 - stressed)
            price = y[1, i]
            if math.isnan(price):
                price = y[2, i] * annuity_factor(y[3, i] + stress, x[1, i] - ahead)
            low, completed = land, floor * price * discount_factor(x[2, i] + stress, ahead)
            land = residual_price(completed, building, shares[0], shares[1], shares[2])
        if not land > 0.0:
            continue
        spent = building * (1.0 + shares[0])
        spread = ((land + spent) / land) ** 2 * (errors[0] ** 2 + errors[1] ** 2)
        spread += (spent / land) ** 2 * (y[5, i] ** 2 + errors[1] ** 2)
        _hold(x, i, policy, land, max(low, 0.0), spread, out)
        out[6, i], out[7, i], out[8, i] = completed, building, floor
