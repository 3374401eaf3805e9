"""Forest rights that are planted or bear every year, row by row.

Replacement cost of young stands; income of fruit, oil and tea over their life;
bamboo, public-welfare payments and woodland rent as yearly income.
"""

import math

from riskengine.kernels.bearing import bearing_factor
from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_at_force, annuity_factor
from riskengine.kernels.lease import rate_with_hazard
from riskengine.kernels.powers import square
from riskengine.kernels.stand import survival_coefficient
from riskengine.kernels.timber import planted_cost


@kernel
def _reaped(x, i, bearing_age, life_end, ripe):
    """Share of what a young stand is worth that can be reaped before the right ends [1].

    Timber (no bearing age): felling income at today's value when the term forces an
    early felling over that of the rotation age, none below the age from which there are
    logs.  Crops and bamboo: the annuity from first bearing to the end of the term over
    that to the end of life.
    """
    age, rotation, rate, years = x[i, 3], x[i, 4], x[i, 17], x[i, 19]
    if math.isnan(years):
        return math.nan
    force = math.log1p(rate)
    if math.isinf(bearing_age):
        ahead = max(rotation - age, 0.0)
        grown = min(ahead, years - x[i, 14])
        at = max(age + grown, 1e-9)
        if at < ripe * rotation or x[i, 14] > years:
            return 0.0
        if grown == ahead:
            return 1.0
        growth = x[i, 5] * (grown - ahead) / (at * max(rotation, age))
        return min(math.exp(growth + (ahead - grown) * (force + x[i, 18])), 1.0)
    life = life_end - age
    barren = annuity_at_force(rate, force, max(bearing_age - age, 0.0))
    reaped = annuity_at_force(rate, force, min(years, life)) - barren
    share = max(reaped, 0.0) / (annuity_at_force(rate, force, life) - barren)
    return share if math.isnan(share) else min(share, 1.0)


@kernel
def planting_rows(x, bearing_age, life_end, policy, wanted, out):
    """Replacement cost of young stands (重置成本法) as far as the term lets a buyer reap them.

    Parameters
    ----------
    x : (n, 37) float64
        Timber block of `riskengine.kernels.forest`.
    bearing_age, life_end : (n,) float64
        Age from which a stand bears, infinite for timber, and at which that ends,
        infinite for bamboo [year].
    policy : (6,) float64
        failing survival [1], its stand-in for prudence when unknown [1], log error
        when unknown [1], rate stress [1/year], model error [1], age over rotation age
        from which there are logs [1].
    wanted : (n,) bool
        Rows to value.
    out : (7, n) float64
        Filled with value [yuan], log error [1], prudent value [yuan], cost per mu
        [yuan/mu], survival quality K1 and height quality K2 [1], share of the stand's
        worth that falls within the term [1].

    Notes
    -----
    The land counts at its market rent, not at what is paid for it: a dear contract
    never makes a stand worth more.
    """
    for i in range(wanted.size):
        if not wanted[i]:
            continue
        share = _reaped(x, i, bearing_age[i], life_end[i], policy[5])
        out[6, i] = share
        rent = (x[i, 20] if math.isnan(x[i, 29]) else x[i, 29]) + x[i, 21]
        cost = planted_cost(x[i, 25], x[i, 23], x[i, 24], rent, x[i, 17], x[i, 3])
        if math.isnan(cost):
            continue
        low = planted_cost(x[i, 25], x[i, 23], x[i, 24], rent, x[i, 17] - policy[3], x[i, 3])
        kept, doubt, cautious = 1.0, policy[2], policy[1]
        if not math.isnan(x[i, 27]):
            kept = survival_coefficient(x[i, 27], x[i, 28], policy[0], 1.0)
            doubt, cautious = 0.0, kept
        scale = x[i, 0] * x[i, 10] * share
        out[0, i], out[2, i] = scale * kept * cost, scale * cautious * low
        out[1, i] = math.sqrt(square(x[i, 26]) + square(doubt) + square(policy[4]))
        out[3, i], out[4, i], out[5, i] = cost, kept, x[i, 10]


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
        out[1, i] = math.sqrt(math.log1p(square(leverage * x[2, i]) + square(policy[3])))
        out[3, i], out[4, i] = gross - x[3, i], years
        out[5, i], out[6, i], out[7, i] = income, costs, max(full - age, 0.0)


@kernel
def _turns(first, second, rate, force, years):
    """`riskengine.kernels.orchard.alternate_year_value` at a force of interest > 0."""
    if first == second:
        return first * annuity_at_force(rate, force, years)
    cycles = math.floor(0.5 * years)
    rest = years - 2.0 * cycles
    lost = -math.expm1(-2.0 * cycles * force)
    tail = first * annuity_at_force(rate, force, min(rest, 1.0))
    if rest > 1.0:
        tail += second * annuity_at_force(rate, force, rest - 1.0) / (1.0 + rate)
    pair = first * (1.0 + rate) + second
    return pair * lost / (rate * (2.0 + rate)) + tail * (1.0 - lost)


@kernel
def _kept_up(first, second, rate, force, years):
    """Value of two net incomes in turn, given up after a good year where that is better."""
    value = _turns(first, second, rate, force, years)
    if min(first, second) < 0.0 and first != second:
        good = 2.0 * math.floor(0.5 * years)
        if first > second:
            good = 2.0 * math.floor(0.5 * (years - 1.0)) + 1.0
        if good > 0.0:
            value = max(value, _turns(first, second, rate, force, good))
    return value


@kernel
def yearly_rows(x, policy, wanted, out):
    """Income that comes every year or in on- and off-years: bamboo, payments, row by row.

    Parameters
    ----------
    x : (10, n) float64
        area [mu], income of the first and of the second year [yuan/mu], yearly cost
        [yuan/mu/year], log error of income [1], years [year], finite, rate, > 0, hazard
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
        if math.isnan(first + second + cost + rate + years):
            continue
        force, low = math.log1p(rate) + hazard, math.log1p(rate + policy[0]) + hazard
        risky = math.expm1(force)
        value = _kept_up(first - cost, second - cost, risky, force, years)
        gross = value + cost * annuity_at_force(risky, force, years)
        share = x[8, i]
        prudent = _kept_up(share * first - cost, share * second - cost, math.expm1(low), low, years)
        mean = 0.5 * (first + second) - cost
        prudent = min(prudent, x[9, i] * mean) if mean > 0.0 else 0.0
        leverage = gross / value if value > 0.0 else 0.0
        out[0, i], out[2, i] = x[0, i] * max(value, 0.0), x[0, i] * max(prudent, 0.0)
        out[1, i] = math.sqrt(math.log1p(square(leverage * x[4, i]) + square(policy[1])))
        out[3, i], out[4, i], out[5, i] = mean, years, value


@kernel
def land_rent_rows(x, policy, wanted, out):
    """Land by its market rent over the term less rent still payable, row by row.

    Parameters
    ----------
    x : (n, 37) float64
        Timber block of `riskengine.kernels.forest`.
    policy : (2,) float64
        rate stress [1/year], model error [1].
    wanted : (n,) bool
        Rows to value.
    out : (6, n) float64
        As `yearly_rows`.
    """
    for i in range(wanted.size):
        if not wanted[i]:
            continue
        rate, years, kept = x[i, 17], x[i, 19], x[i, 29] - x[i, 31]
        factor = annuity_factor(rate, years)
        value, low = kept * factor, kept * annuity_factor(rate + policy[0], years)
        relative = x[i, 29] * factor * x[i, 30] / value if value > 0.0 else 0.0
        out[0, i] = x[i, 0] * (0.0 if value < 0.0 else value)
        out[1, i] = math.sqrt(math.log1p(square(relative) + square(policy[1])))
        out[2, i] = x[i, 0] * (0.0 if low < 0.0 else low)
        out[3, i], out[4, i], out[5, i] = kept, years, value


@kernel
def sold_rows(x, price, error, index, wanted, out):
    """Timber by prices that standing timber was sold at, row by row.

    Parameters
    ----------
    x : (n, 37) float64
        Timber block of `riskengine.kernels.forest`.
    price, error : (q,) float64
        Distinct prices [yuan/m3 of output] and log errors of the method at them [1].
    index : (n,) int64
        Price of each row.
    wanted : (n,) bool
        Rows to value.
    out : (5, n) float64
        Filled with value [yuan], log error [1], prudent value [yuan], price [yuan/m3 of
        output], output [m3/mu].
    """
    for i in range(index.size):
        if wanted[i]:
            j, output = index[i], x[i, 7] * x[i, 36]
            value = x[i, 0] * output * price[j] * x[i, 15]
            out[0, i], out[1, i], out[2, i] = value, error[j], value
            out[3, i], out[4, i] = price[j], output


@kernel
def dealt_rows(area, price, error, index, wanted, out):
    """Forest by prices per mu at which rights changed hands, row by row.

    Parameters
    ----------
    area : (n,) float64
        Area [mu].
    price, error : (q,) float64
        Distinct prices [yuan/mu] and log errors of the method at them [1].
    index : (n,) int64
        Price of each row.
    wanted : (n,) bool
        Rows to value.
    out : (4, n) float64
        Filled with value [yuan], log error [1], prudent value [yuan], price [yuan/mu].
    """
    for i in range(index.size):
        if wanted[i]:
            value = area[i] * price[index[i]]
            out[0, i], out[1, i], out[2, i] = value, error[index[i]], value
            out[3, i] = price[index[i]]
