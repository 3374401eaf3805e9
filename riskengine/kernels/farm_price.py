"""Farm land by its price: cost approximation, and the rent that a price stands for.

A price of farm land speaks of a right of full term without rent payable.  Turned
into the level rent that is worth as much, it goes through the same arithmetic of
term, contract rent and survival as a market rent, so that every method values
the same right.

Source: GB/T 28406-2012, 5.3 and 5.6.
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.cost import cost_approximation_price, land_cost_interest
from riskengine.kernels.income import level_income


@kernel
def price_as_rent_rows(price, rate, years, advance, out):
    """Level rent that a price of full term stands for, row by row.

    Parameters
    ----------
    price : (n,) float64
        Price of a right of full term [yuan/mu].
    rate : (n,) float64
        Discount rate [1/year], > -1.
    years : (n,) float64
        Full term [year], > 0.
    advance : (n,) float64
        1 where rent falls due at the start of the year, else 0 [1].
    out : (n,) float64
        Filled with rents [yuan/mu/year]; NaN where a fact is missing.
    """
    for i in range(out.size):
        due = 1.0 + rate[i] if advance[i] == 1.0 else 1.0
        out[i] = level_income(price[i], rate[i], years[i]) / due


@kernel
def farm_cost_rows(x, wanted, out):
    """Price of developed farm land from what it cost (成本逼近法), before the term, row by row.

    Parameters
    ----------
    x : (7, n) float64
        acquisition and development cost [yuan/mu], years of development [year],
        interest [1/year], taxes over both costs [1], profit over costs and taxes
        [1], appreciation [1].
    wanted : (n,) bool
        Rows to value.
    out : (2, n) float64
        Filled with price [yuan/mu] and the interest in it [yuan/mu]; NaN where a
        fact is missing.
    """
    evenly = np.ones(1)
    for i in range(x.shape[1]):
        out[0, i] = out[1, i] = math.nan
        if not wanted[i]:
            continue
        bought, developed = x[0, i], x[1, i]
        first, second = land_cost_interest(bought, developed, evenly, x[2, i], x[3, i])
        taxes = x[4, i] * (bought + developed)
        profit = x[5, i] * (bought + developed + taxes)
        interest = first + second
        out[1, i] = interest
        out[0, i] = cost_approximation_price(
            bought, developed, taxes, interest, profit, x[6, i], 1.0
        )
