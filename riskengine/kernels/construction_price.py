"""Collective construction land from a price per square metre: deals, benchmark, cost, row by row.

Source: GB/T 18508-2014 (benchmark price coefficients, cost approximation, term and
plot-ratio corrections).
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.construction_land import hold
from riskengine.kernels.cost import cost_approximation_price
from riskengine.kernels.land_price import benchmark_price
from riskengine.kernels.plot_ratio import plot_ratio_coefficient
from riskengine.kernels.powers import square


@kernel
def plot_ratio_rows(ratio, stated, use, ratios, coefficients, typical, unknown, out):
    """Plot-ratio corrections of prices, row by row.

    Parameters
    ----------
    ratio : (n,) float64
        Plot ratio of the right [1]; NaN where it is not known.
    stated : (n,) float64
        Plot ratio that its price assumes [1]; NaN for the typical one of its use.
    use : (n,) int64
        Land use; -1 where it is not known.
    ratios : (k,) float64
        Plot ratios of the table [1], rising.
    coefficients : (u + 1, k) float64
        Coefficients of each use [1], NaN last.
    typical : (u + 1,) float64
        Plot ratio that prices of each use assume [1], NaN last.
    unknown : float64
        Log error where the plot ratio is not known [1].
    out : (2, n) float64
        Filled with the factor on the price [1] (1 where the plot ratio is not known, NaN
        outside the table) and the variance of its logarithm [1].
    """
    usual = np.empty(typical.size)
    for k in range(typical.size):
        usual[k] = plot_ratio_coefficient(typical[k], ratios, coefficients[k])
    for i in range(use.size):
        if math.isnan(ratio[i]):
            out[0, i], out[1, i] = 1.0, unknown * unknown
            continue
        table, base = coefficients[use[i]], usual[use[i]]
        if not math.isnan(stated[i]):
            base = plot_ratio_coefficient(stated[i], ratios, table)
        out[0, i], out[1, i] = plot_ratio_coefficient(ratio[i], ratios, table) / base, 0.0


@kernel
def deal_price_rows(held, plot_ratio, prices, price_index, policy, wanted, out):
    """Land by the deal price of its use in the area, row by row.

    Parameters
    ----------
    held : (7, n) float64
        As `riskengine.kernels.construction_land.holding_rows` fills it.
    plot_ratio : (2, n) float64
        As `plot_ratio_rows` fills it.
    prices : (2, q) float64
        Distinct deal prices for the longest term [yuan/m2] and their log errors [1].
    price_index : (n,) int64
        Deal price of each right.
    policy : (4,) float64
        As `riskengine.kernels.construction_land.held_rows`, then log error of the
        method [1].
    wanted : (n,) bool
        Rows to value.
    out : (9, n) float64
        As `riskengine.kernels.construction_land.hold` to the levy, then term and
        plot-ratio factors [1] and the deal price [yuan/m2].
    """
    for i in range(wanted.size):
        if not wanted[i]:
            continue
        j, term, factor = price_index[i], held[3, i], plot_ratio[0, i]
        price = held[0, i] * prices[0, j] * term * factor
        spread = square(prices[1, j]) + plot_ratio[1, i] + square(policy[3])
        if hold(held, i, policy, price, price, spread, out):
            out[6, i], out[7, i], out[8, i] = term, factor, prices[0, j]


@kernel
def benchmark_rows(held, y, near, near_index, plot_ratio, policy, wanted, out):
    """Land by a benchmark price and its coefficients (基准地价系数修正法), row by row.

    A price given for the right goes before the one published for its place.

    Parameters
    ----------
    held : (7, n) float64
        As `riskengine.kernels.construction_land.holding_rows` fills it.
    y : (6, n) float64
        benchmark price given [yuan/m2] (NaN: none), years to its date [year], negative
        for the past, 1 where it is for collective land, sum of corrections [1], date
        factor [1] (NaN: by its age), correction for works [yuan/m2].
    near : (4, p) float64
        Distinct prices published for places [yuan/m2], NaN where there is none near
        enough; their log errors [1], ages [year], and 1 for state land.
    near_index : (n,) int64
        Published price of each right.
    plot_ratio : (2, n) float64
        As `plot_ratio_rows` fills it.
    policy : (8,) float64
        As `riskengine.kernels.construction_land.held_rows`, then discount of collective
        against state land and its deviation [1], log errors of the method and of a
        price given [1], growth of land price [1/year].
    wanted : (n,) bool
        Rows to value.
    out : (9, n) float64
        As `riskengine.kernels.construction_land.hold` to the levy, then term and
        plot-ratio factors [1] and the price net of the discount [yuan/m2].
    """
    force, gap = math.log1p(policy[7]), policy[3]
    deviation = square(policy[4] / (1.0 - gap))
    for i in range(wanted.size):
        if not wanted[i]:
            continue
        price, error, state = y[0, i], policy[6], 1.0 - y[2, i]
        age = 0.0 if math.isnan(y[1, i]) else -y[1, i]
        if math.isnan(price):
            j = near_index[i]
            price, error, age, state = near[0, j], near[1, j], near[2, j], near[3, j]
        if math.isnan(price):
            continue
        price *= 1.0 - gap * state
        given = y[4, i]
        date = math.exp(age * force) if math.isnan(given) else given
        term, factor = held[3, i], plot_ratio[0, i]
        unit = benchmark_price(price, y[3, i], date, term, factor, y[5, i])
        spread = square(error) + deviation * state + plot_ratio[1, i] + square(policy[5])
        if unit > 0.0:  # the correction for works is known: it bears no error
            spread *= square((unit - y[5, i]) / unit)
        value = held[0, i] * max(unit, 0.0)
        if hold(held, i, policy, value, value, spread, out):
            out[6, i], out[7, i], out[8, i] = term, factor, price


@kernel
def construction_cost_rows(held, y, rates, rate_index, policy, wanted, out):
    """Land by what acquiring and developing it cost (成本逼近法), row by row.

    Parameters
    ----------
    held : (7, n) float64
        As `riskengine.kernels.construction_land.holding_rows` fills it.
    y : (3, n) float64
        cost of acquisition and of works [yuan/m2], time of works [year].
    rates : (q,) float64
        Distinct rates of interest [1/year].
    rate_index : (n,) int64
        Rate of interest of each right.
    policy : (6,) float64
        As `riskengine.kernels.construction_land.held_rows`, then profit and
        appreciation [1], log error of the method [1].
    wanted : (n,) bool
        Rows to value.
    out : (9, n) float64
        As `riskengine.kernels.construction_land.hold` to the levy, then term factor
        [1], acquisition with works and the interest on them [yuan/m2].

    Notes
    -----
    Interest runs on the acquisition over all the time of works, on the works from
    their middle.  Land that cost nothing is not worth nothing: no answer.
    """
    forces = np.empty(rates.size)
    for j in range(rates.size):
        forces[j] = math.log1p(rates[j])
    for i in range(wanted.size):
        bought, works, term = y[0, i], y[1, i], held[3, i]
        if not (wanted[i] and bought + works > 0.0):
            continue
        run = y[2, i] * forces[rate_index[i]]
        interest = bought * math.expm1(run) + works * math.expm1(0.5 * run)
        profit = policy[3] * (bought + works)
        unit = cost_approximation_price(bought, works, 0.0, interest, profit, policy[4], term)
        price = held[0, i] * unit
        if hold(held, i, policy, price, price, square(policy[5]), out):
            out[6, i], out[7, i], out[8, i] = term, bought + works, interest
