"""Forest rights that are planted or bear every year, row by row.

Replacement cost of young stands; income of fruit, oil and tea over their life;
bamboo, public-welfare payments and woodland rent as yearly income.
"""

import math

from riskengine.kernels.bearing import bearing_factor
from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_factor
from riskengine.kernels.lease import rate_with_hazard
from riskengine.kernels.orchard import alternate_year_value
from riskengine.kernels.stand import survival_coefficient
from riskengine.kernels.timber import planted_cost


@kernel
def planting_rows(x, policy, wanted, out):
    """Replacement cost of young stands (重置成本法), row by row.

    Parameters
    ----------
    x : (30, n) float64
        Timber block of `riskengine.kernels.forest`.
    policy : (5,) float64
        failing survival [1], its stand-in for prudence when unknown [1], log error
        when unknown [1], rate stress [1/year], model error [1].
    wanted : (n,) bool
        Rows to value.
    out : (6, n) float64
        Filled with value [yuan], log error [1], prudent value [yuan], cost per mu
        [yuan/mu], survival quality K1 and measured quality K2 [1].
    """
    for i in range(x.shape[1]):
        if not wanted[i]:
            continue
        rent = x[29, i] + x[21, i]
        cost = planted_cost(x[25, i], x[23, i], x[24, i], rent, x[17, i], x[3, i])
        if math.isnan(cost):
            continue
        low = planted_cost(x[25, i], x[23, i], x[24, i], rent, x[17, i] - policy[3], x[3, i])
        kept, doubt, cautious = 1.0, policy[2], policy[1]
        if not math.isnan(x[27, i]):
            kept = survival_coefficient(x[27, i], x[28, i], policy[0], 1.0)
            doubt, cautious = 0.0, kept
        scale = x[0, i] * x[10, i]
        out[0, i], out[2, i] = scale * kept * cost, scale * cautious * low
        out[1, i] = math.sqrt(x[26, i] ** 2 + doubt**2 + policy[4] ** 2)
        out[3, i], out[4, i], out[5, i] = cost, kept, x[10, i]


@kernel
def bearing_rows(x, policy, wanted, out):
    """Income of fruit, oil and tea over the rest of their life, row by row.

    Parameters
    ----------
    x : (12, n) float64
        area [mu], gross income at full bearing [yuan/mu/year], its log error [1],
        cost [yuan/mu/year], age [year], age of first bearing, of full bearing and
        end of life [year], term [year], rate [1/year], hazard [1/year], quality [1].
    policy : (4,) float64
        years added by the age convention [year], prudent share of income [1], rate
        stress [1/year], model error [1].
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        Filled with value [yuan], log error [1], prudent value [yuan], net income at
        full bearing [yuan/mu/year], years of income [year], income and costs at
        today's value [yuan/mu], years to full bearing [year].

    Notes
    -----
    An orchard that is lost neither earns nor costs, so a longer term is never worth
    less.
    """
    for i in range(x.shape[1]):
        if not wanted[i]:
            continue
        age, first, full, rate = x[4, i], x[5, i], x[6, i], x[9, i]
        years = min(max(x[7, i] - age, 0.0) + policy[0], x[8, i])
        gross, low = x[1, i] * x[11, i], rate + policy[2]
        risky, risky_low = rate_with_hazard(rate, x[10, i]), rate_with_hazard(low, x[10, i])
        income = gross * bearing_factor(risky, age, first, full, years)
        costs = x[3, i] * annuity_factor(risky, years)
        value = income - costs
        if math.isnan(value) or math.isnan(x[7, i]) or math.isnan(x[8, i]):
            continue
        prudent = policy[1] * gross * bearing_factor(risky_low, age, first, full, years)
        prudent -= x[3, i] * annuity_factor(risky_low, years)
        leverage = income / value if value > 0.0 else 0.0
        out[0, i], out[2, i] = x[0, i] * max(value, 0.0), x[0, i] * max(prudent, 0.0)
        out[1, i] = math.sqrt(math.log1p((leverage * x[2, i]) ** 2 + policy[3] ** 2))
        out[3, i], out[4, i] = gross - x[3, i], years
        out[5, i], out[6, i], out[7, i] = income, costs, max(full - age, 0.0)


@kernel
def _kept_up(first, second, rate, years):
    """Value of two net incomes in turn, given up after a good year where that is better."""
    value = alternate_year_value(first, second, rate, years)
    if min(first, second) < 0.0 and not math.isinf(years):
        good = 2.0 * math.floor(0.5 * years)
        if first > second:
            good = 2.0 * math.floor(0.5 * (years - 1.0)) + 1.0
        if good > 0.0:
            value = max(value, alternate_year_value(first, second, rate, good))
    return value


@kernel
def yearly_rows(x, policy, wanted, out):
    """Income that comes every year or in on- and off-years: bamboo, payments, rent, row by row.

    Parameters
    ----------
    x : (10, n) float64
        area [mu], income of the first and of the second year [yuan/mu], yearly cost
        [yuan/mu/year], log error of income [1], years [year], rate [1/year], hazard
        [1/year], prudent share of income [1], most years of income to lend on [year].
    policy : (2,) float64
        rate stress [1/year], model error [1].
    wanted : (n,) bool
        Rows to value.
    out : (6, n) float64
        Filled with value [yuan], log error [1], prudent value [yuan], mean net income
        [yuan/mu/year], years [year], value per mu [yuan/mu].

    Notes
    -----
    What is lost neither earns nor costs, and nobody keeps up a grove for a bad year
    that is the last, so a longer term is never worth less.
    """
    for i in range(x.shape[1]):
        if not wanted[i]:
            continue
        rate, hazard, years = x[6, i], x[7, i], x[5, i]
        first, second, cost = x[1, i], x[2, i], x[3, i]
        risky, low = rate_with_hazard(rate, hazard), rate_with_hazard(rate + policy[0], hazard)
        value = _kept_up(first - cost, second - cost, risky, years)
        if math.isnan(value):
            continue
        gross = value + cost * annuity_factor(risky, years)
        prudent = _kept_up(x[8, i] * first - cost, x[8, i] * second - cost, low, years)
        mean = 0.5 * (first + second) - cost
        prudent = min(prudent, x[9, i] * mean) if mean > 0.0 else 0.0
        leverage = gross / value if value > 0.0 else 0.0
        out[0, i], out[2, i] = x[0, i] * max(value, 0.0), x[0, i] * max(prudent, 0.0)
        out[1, i] = math.sqrt(math.log1p((leverage * x[4, i]) ** 2 + policy[1] ** 2))
        out[3, i], out[4, i], out[5, i] = mean, years, value
