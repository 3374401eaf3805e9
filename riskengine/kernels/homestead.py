"""Farmhouses row by row: cost less wear, restricted buyers, rent.

The house is worth what it costs to build anew less its wear; the homestead under
it was given without payment and counts only where a paid price is known; both
sell only inside a circle of buyers.  A house that is let, or the right to use one
for years, is worth its net rent over its term.

Source: GB/T 50291-2015 (real-estate appraisal), cost and income approaches.
"""

import math

import numpy as np

from riskengine.kernels.building import building_value, restricted_buyer_value
from riskengine.kernels.compiling import kernel
from riskengine.kernels.depreciation import (
    blended_newness,
    long_lived_depreciation,
    remaining_life,
    worn_share,
)
from riskengine.kernels.discount import annuity_at_force
from riskengine.kernels.powers import square
from riskengine.kernels.rent import net_rent


@kernel
def given(value, usual):
    """Return a figure, or the usual one where it is missing.

    Parameters
    ----------
    value : float64
        Figure [any one unit]; NaN is missing.
    usual : float64
        What stands in, same unit.

    Returns
    -------
    float64
        Figure, same unit.

    Examples
    --------
    >>> given(math.nan, 2.0), given(1.0, 2.0)
    (2.0, 1.0)
    """
    return usual if math.isnan(value) else value


@kernel
def homestead_term_rows(start, end, use_right, ceiling, out):
    """Years for which a right still runs: a homestead has no end, a lease a legal limit.

    Parameters
    ----------
    start, end : (n,) float64
        Years to the day on which the right began (NaN: today) and to its stated end
        (NaN: none) [year], negative for the past.
    use_right : (n,) bool
        Rights to use a house for years.
    ceiling : float64
        Longest lease from its start [year].
    out : (n,) float64
        Filled with the remaining term [year], >= 0; infinite for a homestead without
        end, NaN for a use right whose end is not known.
    """
    for i in range(out.size):
        years = end[i]
        if use_right[i]:
            elapsed = -start[i] if start[i] < 0.0 else 0.0
            years = min(years, ceiling - elapsed)
        elif math.isnan(years):
            years = math.inf
        out[i] = max(years, 0.0)


@kernel
def house_rows(effective, built, life, structure, ages, out):
    """Age, life and residual share of every house.

    Parameters
    ----------
    effective : (n,) float64
        Effective age [year]; NaN: the real one.
    built : (n,) float64
        Years to the day on which the house was built [year], negative for the past.
    life : (n,) float64
        Economic life [year]; NaN: by structure.
    structure : (n,) int64
        Structure; -1 where it is not known.
    ages : (2, s + 1) float64
        Life [year] and residual share [1] of each structure, NaN last.
    out : (3, n) float64
        Filled with age and life [year] and residual share [1]; NaN where not known.
    """
    for i in range(structure.size):
        out[0, i] = given(effective[i], -built[i])
        out[1, i] = given(life[i], ages[0, structure[i]])
        out[2, i] = ages[1, structure[i]]


@kernel
def _wear(x, i, cost, age, life, residual, policy):
    """Wear of a house by breakdown."""
    repair, fitout, equipment = given(x[3, i], 0.0), given(x[4, i], 0.0), given(x[7, i], 0.0)
    wear = repair
    if fitout != 0.0:
        wear += fitout * worn_share(given(-x[5, i], age), given(x[6, i], policy[3]))
    if equipment != 0.0:
        wear += equipment * worn_share(given(-x[8, i], age), given(x[9, i], policy[4]))
    apart = repair + fitout + equipment
    return wear + long_lived_depreciation(cost, apart, age, life, residual)


@kernel
def homestead_cost_rows(x, houses, unit_cost, pool, discounts, policy, wanted, out):
    """Cost value of farmhouses with their homesteads (成本法), row by row.

    Parameters
    ----------
    x : (17, n) float64
        floor area [m2], term of the land [year], reverts without payment [0 or 1],
        repair [yuan], fit-out cost [yuan], years to its day and its life [year],
        equipment cost [yuan], years to its day and its life [year], inspected newness
        [1], functional and external loss [yuan], sole dwelling [0 or 1], market rent
        [yuan/m2/year], value of the homestead in the open [yuan] and its log error [1];
        NaN is none, or as usual.
    houses : (3, n) float64
        As `house_rows` fills it.
    unit_cost : (2, n) float64
        Cost to build [yuan/m2] and its log error [1].
    pool : (n,) int64
        Circle of buyers; -1 where it is not known.
    discounts : (2, p + 1) float64
        Discount of each circle and the lender's [1]; where it is not known last.
    policy : (6,) float64
        Weight of inspection, log errors of either discount and of the method [1], lives
        of fit-out and of equipment [year], years of rent that the household of a sole
        dwelling may keep back [year].
    wanted : (n,) bool
        Rows to value.
    out : (9, n) float64
        Filled with value [yuan], log error [1] (that of a lognormal with the same
        relative error), prudent value [yuan], replacement cost [yuan], wear by
        breakdown [yuan], newness [1], value of the house and of the homestead in
        the open [yuan], discount [1].
    """
    for i in range(wanted.size):
        area, term, discount = x[0, i], x[1, i], discounts[0, pool[i]]
        cost, age, life, residual = area * unit_cost[0, i], houses[0, i], houses[1, i], houses[2, i]
        reverts = x[2, i] == 1.0
        if not wanted[i] or math.isnan(cost * age * life * residual):
            continue
        if reverts and age + term <= 0.0:
            continue
        if reverts and age + term < life:
            life, residual = age + remaining_life(life, age, term, True), 0.0
        wear = _wear(x, i, cost, age, life, residual, policy)
        newness, calculated, inspected = max(1.0 - wear / cost, 0.0), 1.0, 0.0
        if not math.isnan(x[10, i]):
            calculated, inspected = 1.0 - policy[0], policy[0] * x[10, i]
            newness = blended_newness(newness, x[10, i], calculated, policy[0])
        losses = given(x[11, i], 0.0), given(x[12, i], 0.0)
        house, land = building_value(cost, cost * (1.0 - newness), *losses), given(x[15, i], 0.0)
        whole = house + land
        spread = square(policy[2]) + (square(policy[1]) if discount > 0.0 else 0.0)
        if whole > 0.0:
            kept = calculated * (1.0 - (1.0 - residual) * worn_share(age, life)) + inspected
            spread += square(unit_cost[1, i] * cost * kept / whole)
        if land > 0.0:
            spread += square(x[16, i] * land / whole)
        kept_back = 0.0
        if x[13, i] == 1.0:
            kept_back = given(policy[5] * x[14, i] * area, math.inf)
        lent = restricted_buyer_value(house, discounts[1, pool[i]])
        out[0, i] = restricted_buyer_value(whole, discount)
        out[1, i] = math.sqrt(math.log1p(spread))
        out[2, i] = max(lent - kept_back, 0.0)
        out[3, i], out[4, i], out[5, i] = cost, wear, newness
        out[6, i], out[7, i], out[8, i] = house, land, discount


@kernel
def _let_years(x, houses, i, runs):
    """Years for which a house earns rent: the term of a use right, else as long as it stands."""
    if x[10, i] == 1.0:
        return x[6, i]
    left = houses[1, i] - houses[0, i]
    if math.isnan(left):
        return min(runs, x[6, i]) if runs > 0.0 else math.nan
    return min(max(left, runs, 0.0), x[6, i])


@kernel
def homestead_income_rows(x, rent, houses, rates, rate_index, policy, wanted, out):
    """Income value of farmhouses that are let and of rights to use one, row by row.

    While a rent runs under contract that rent counts, afterwards the market rent
    less vacancy; rent still payable for the right is taken off.

    Parameters
    ----------
    x : (12, n) float64
        floor area [m2], contract rent [yuan/year], years to its end [year], tenant
        bears costs [0 or 1], rent payable [yuan/year], years to the day to which it is
        paid [year], term [year], rent in advance [0 or 1], vacancy and running cost [1],
        right to use a house for years [0 or 1], sole dwelling [0 or 1]; NaN is none, or as
        usual.
    rent : (2, n) float64
        Market rent [yuan/m2/year] and its log error [1].
    houses : (3, n) float64
        As `house_rows` fills it.
    rates : (q,) float64
        Distinct yields [1/year].
    rate_index : (n,) int64
        Yield of each right.
    policy : (6,) float64
        Rate stress [1/year], usual vacancy and running cost, log error of the method [1],
        longest lease [year], years of rent that the household of a sole dwelling may keep
        back [year].
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        Filled with value [yuan], log error [1] (that of a lognormal with the same
        relative error), prudent value [yuan], net market rent [yuan/year], value of
        rent under contract, of market rent and of rent payable [yuan], years that
        count [year].
    """
    forces = np.empty((2, rates.size))
    for j in range(rates.size):
        forces[0, j], forces[1, j] = math.log1p(rates[j]), math.log1p(rates[j] + policy[0])
    for i in range(wanted.size):
        j, contract = rate_index[i], given(x[1, i], 0.0)
        runs = 0.0 if math.isnan(x[1, i]) else min(max(given(x[2, i], 0.0), 0.0), policy[4])
        years = _let_years(x, houses, i, runs)
        if not wanted[i] or math.isnan(years * rates[j]):
            continue
        running, sure, market = given(x[9, i], policy[2]), min(runs, years), 0.0
        if x[3, i] != 1.0:
            contract *= 1.0 - running
        if sure < years:
            vacancy = given(x[8, i], policy[1])
            market = net_rent(x[0, i] * rent[0, i], vacancy, 0.0, running, 0.0)
        kept_back = 0.0
        if x[11, i] == 1.0 and x[10, i] != 1.0:
            kept_back = given(policy[5] * rent[0, i] * x[0, i], math.inf)
        owed, paid = given(x[4, i], 0.0), min(max(given(x[5, i], 0.0), 0.0), years)
        for stressed in range(2):
            used, force = rates[j] + policy[0] * stressed, forces[stressed, j]
            due = 1.0 + used if x[7, i] == 1.0 else 1.0
            whole, first = annuity_at_force(used, force, years), 0.0
            if sure > 0.0:
                first = annuity_at_force(used, force, sure)
            fixed, floating, payable = due * contract * first, due * market * (whole - first), 0.0
            if owed != 0.0:
                payable = due * owed * (whole - annuity_at_force(used, force, paid))
            net = max(fixed + floating - payable, 0.0)
            if stressed == 1:
                out[2, i] = max(min(net, out[0, i]) - kept_back, 0.0)
                continue
            leverage = floating / net if net > 0.0 else 0.0
            spread = square(policy[3])
            if leverage > 0.0:
                spread += square(rent[1, i] * leverage)
            out[0, i], out[1, i] = net, math.sqrt(math.log1p(spread))
            out[3, i], out[4, i], out[5, i] = market, fixed, floating
            out[6, i], out[7, i] = payable, years
