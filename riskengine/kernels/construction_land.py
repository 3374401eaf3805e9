"""Collective construction land row by row: what is held, corrected prices, income, development.

What a right takes from its term, its rate, its rent payable and its levy is found
once for all methods.  Whatever the way, rent still payable for a right held on lease
is taken off, and the prudent value is net of tax and of the levy on the gain.

Source: GB/T 18508-2014; levy by caishui (2016) 41 and county practice after it.
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_at_force
from riskengine.kernels.land_price import net_of_levy, residual_price
from riskengine.kernels.powers import square


@kernel
def construction_term_rows(granted, end, use, longest, out):
    """Years for which a right still runs, within the longest term of its use, row by row.

    Parameters
    ----------
    granted, end : (n,) float64
        Years to the day on which the right began (NaN: today) and to its registered
        end [year], negative for the past.
    use : (n,) int64
        Land use; -1 where it is not known.
    longest : (u + 1,) float64
        Longest term of each use [year], NaN last.
    out : (n,) float64
        Filled with the remaining term [year], >= 0; NaN where end or use is missing.
    """
    for i in range(out.size):
        limit = longest[use[i]]
        if not math.isnan(granted[i]):
            limit += granted[i]
        if math.isnan(limit) or math.isnan(end[i]):
            out[i] = math.nan
        else:
            out[i] = max(min(end[i], limit), 0.0)


@kernel
def holding_rows(x, use, rates, rate_index, longest, levies, out):
    """What term, rate, lease and levy make of every right, whatever the method.

    Parameters
    ----------
    x : (8, n) float64
        area [m2], term [year], years to the day to which rent is paid [year] (NaN: none
        is), rent payable [yuan/m2/year], levy [1] (NaN: not known), cost of acquisition
        and of works [yuan/m2], last price [yuan] (NaN: not known).
    use : (n,) int64
        Land use; -1 where it is not known.
    rates : (q,) float64
        Distinct yields of land [1/year].
    rate_index : (n,) int64
        Yield of each right.
    longest : (u + 1,) float64
        Longest term of each use [year], NaN last.
    levies : (2,) float64
        Levy where it is not known and the largest [1].
    out : (7, n) float64
        Filled with area [m2], term [year], annuity factor [year], term factor [1],
        value of rent payable [yuan], levy [1], cost of the land [yuan] (NaN: unknown).
    """
    forces, whole = np.empty(rates.size), np.empty((rates.size, longest.size))
    for j in range(rates.size):
        forces[j] = math.log1p(rates[j])
        for k in range(longest.size):
            whole[j, k] = annuity_at_force(rates[j], forces[j], longest[k])
    for i in range(use.size):
        area, years, j = x[0, i], x[1, i], rate_index[i]
        annuity = annuity_at_force(rates[j], forces[j], years)
        payable = 0.0
        if x[3, i] != 0.0:
            paid = min(x[2, i], years) if x[2, i] > 0.0 else 0.0
            left = annuity - annuity_at_force(rates[j], forces[j], paid)
            payable = area * x[3, i] * left
        cost = x[7, i]
        if not (math.isnan(x[5, i]) and math.isnan(x[6, i])):
            bought = 0.0 if math.isnan(x[5, i]) else x[5, i]
            cost = (bought + (0.0 if math.isnan(x[6, i]) else x[6, i])) * area
        out[0, i], out[1, i], out[2, i] = area, years, annuity
        out[3, i], out[4, i] = annuity / whole[j, use[i]], payable
        out[5, i] = min(levies[0] if math.isnan(x[4, i]) else x[4, i], levies[1])
        out[6, i] = cost


@kernel
def _counted(value, cost, levy, policy):
    """What a lender may count on: net of tax and of the levy on the gain."""
    basis = (1.0 - policy[2]) * value if math.isnan(cost) else cost
    return max(net_of_levy(value, basis, levy, policy[1]), 0.0)


@kernel
def held_rows(held, policy, price, error, out):
    """What a holder has of a price found elsewhere, row by row: less rent payable.

    Parameters
    ----------
    held : (7, n) float64
        As `holding_rows` fills it.
    policy : (3,) float64
        rate stress [1/year], tax [1], gain share where the cost is unknown [1].
    price, error : (2, n) float64 and (n,) float64
        Price of the land and a lower one that a lender counts on [yuan], NaN where
        there is none, and their log error [1].
    out : (3, n) float64
        Filled with value [yuan], log error [1], prudent value net of tax and levy
        [yuan].
    """
    for i in range(error.size):
        payable = held[4, i]
        if math.isnan(price[0, i] - payable):
            continue
        rest = max(price[0, i] - payable, 0.0)
        leverage = price[0, i] / rest if rest > 0.0 else 0.0
        out[0, i] = rest
        out[1, i] = math.sqrt(math.log1p(square(error[i] * leverage)))
        out[2, i] = _counted(max(price[1, i] - payable, 0.0), held[6, i], held[5, i], policy)


@kernel
def hold(held, i, policy, price, low, spread, out):
    """Take off rent payable, then tax and levy; fill the first six rows of an answer.

    Parameters
    ----------
    held : (7, n) float64
        As `holding_rows` fills it.
    i : int64
        Row [1].
    policy : (3 + more,) float64
        As `held_rows`.
    price, low : float64
        Price of the land and a lower one that a lender counts on [yuan].
    spread : float64
        Variance of the price over its square [1].
    out : (6 + more, n) float64
        Filled with value [yuan], log error [1] (that of a lognormal with the same
        relative error), prudent value net of tax and levy [yuan], price before rent
        payable [yuan/m2], value of rent payable, tax and levy [yuan].

    Returns
    -------
    bool
        Whether there is an answer.
    """
    payable = held[4, i]
    if math.isnan(price - payable):
        return False
    rest, low_rest = max(price - payable, 0.0), max(low - payable, 0.0)
    net = _counted(low_rest, held[6, i], held[5, i], policy)
    leverage = price / rest if rest > 0.0 else 0.0
    out[0, i] = rest
    out[1, i] = math.sqrt(math.log1p(spread * leverage * leverage))
    out[2, i] = net
    out[3, i], out[4, i], out[5, i] = price / held[0, i], payable, low_rest - net
    return True


@kernel
def land_rent_rows(held, rents, building, rates, rate_index, policy, wanted, out):
    """Land from its rent, or from what floor rent leaves after the buildings, row by row.

    Parameters
    ----------
    held : (7, n) float64
        As `holding_rows` fills it.
    rents : (2, n) float64
        net rent of the land (NaN: none) and of its floor [yuan/m2/year].
    building : (3, n) float64
        As `riskengine.kernels.standing.standing_building_rows` fills it.
    rates : (q,) float64
        Distinct yields of land [1/year].
    rate_index : (n,) int64
        Yield of each right.
    policy : (6,) float64
        As `held_rows`, then rate of buildings above that of land [1/year], log errors
        of a rent and of the method [1].
    wanted : (n,) bool
        Rows to value.
    out : (9, n) float64
        As `hold` to the levy, then net land income [yuan/m2/year], annuity factor
        [year], income that the buildings must earn [yuan/year].

    Notes
    -----
    Income that its buildings eat up says that they are too much for the place, not
    that the land is worthless: no answer.  A right that has run out is worth nothing.
    """
    forces = np.empty((2, rates.size))
    for j in range(rates.size):
        forces[0, j] = math.log1p(rates[j] + policy[0])
        forces[1, j] = math.log1p(rates[j] + policy[3])
    for i in range(wanted.size):
        if not wanted[i]:
            continue
        area, years, j = held[0, i], held[1, i], rate_index[i]
        earned, built = area * rents[0, i], 0.0
        if math.isnan(earned) and building[0, i] > 0.0 and building[2, i] > 0.0:
            dearer = rates[j] + policy[3]
            earned = rents[1, i] * building[0, i]
            built = building[1, i] / annuity_at_force(dearer, forces[1, j], building[2, i])
        income = earned - built
        if years == 0.0:
            out[:6, i] = 0.0
        if years == 0.0 or not income > 0.0:
            continue
        low = income * annuity_at_force(rates[j] + policy[0], forces[0, j], years)
        spread = square(policy[4] * earned / income) + square(policy[5])
        hold(held, i, policy, income * held[2, i], low, spread, out)
        out[6, i], out[7, i], out[8, i] = income / area, held[2, i], built


@kernel
def development_rows(held, y, cost, rates, rate_index, policy, wanted, out):
    """Land by hypothetical development in its discounted form, row by row.

    Parameters
    ----------
    held : (7, n) float64
        As `holding_rows` fills it.
    y : (5, n) float64
        plot ratio [1], price of completed floor [yuan/m2] (NaN: by its rent), net
        rent of floor [yuan/m2/year], cost of the building planned [yuan/m2] (NaN: the
        usual one), years to completion [year].
    cost : (2, n) float64
        Usual cost of building [yuan/m2] and its log error [1].
    rates : (q,) float64
        Distinct yields of land [1/year].
    rate_index : (n,) int64
        Yield of each right.
    policy : (10,) float64
        As `land_rent_rows`, then log error of a cost given [1]; fees over building,
        selling cost over the completed value, profit over land, building and fees [1].
    wanted : (n,) bool
        Rows to value.
    out : (9, n) float64
        As `hold` to the levy, then completed value and building, both discounted
        [yuan], floor area [m2].

    Notes
    -----
    A scheme that does not pay says that it is the wrong one, not that the land is
    worthless: no answer.  A right that has run out is worth nothing, scheme or not.
    """
    forces = np.empty((4, rates.size))
    for j in range(rates.size):
        for k in range(4):
            forces[k, j] = math.log1p(rates[j] + policy[0] * (k % 2) + policy[3] * (k // 2))
    variance = square(policy[4]) + square(policy[5])
    for i in range(wanted.size):
        if not wanted[i]:
            continue
        if held[1, i] == 0.0:
            out[:6, i] = 0.0
            continue
        floor, ahead, j = held[0, i] * y[0, i], y[4, i], rate_index[i]
        planned = not math.isnan(y[3, i])
        unit, fuzzy = (y[3, i], policy[6]) if planned else (cost[0, i], cost[1, i])
        building = floor * unit * math.exp(-0.5 * ahead * forces[0, j])
        if not (held[1, i] > ahead and building > 0.0):
            continue
        completed, land, low = 0.0, 0.0, 0.0
        for stressed in range(1, -1, -1):
            price = y[1, i]
            if math.isnan(price):
                rate = rates[j] + policy[3] + policy[0] * stressed
                force = forces[2 + stressed, j]
                price = y[2, i] * annuity_at_force(rate, force, held[1, i] - ahead)
            low, completed = land, floor * price * math.exp(-ahead * forces[stressed, j])
            land = residual_price(completed, building, policy[7], policy[8], policy[9])
        if not land > 0.0:
            continue
        spent = building * (1.0 + policy[7])
        spread = square((land + spent) / land) * variance
        spread += square(spent / land) * (square(fuzzy) + square(policy[5]))
        hold(held, i, policy, land, max(low, 0.0), spread, out)
        out[6, i], out[7, i], out[8, i] = completed, building, floor
