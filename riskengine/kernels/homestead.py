"""Farmhouses row by row: cost less wear, restricted buyers, rent.

The house is worth what it costs to build anew less its wear; the homestead under
it was given without payment and counts only where a paid price is known; both
sell only inside a circle of buyers.  A house that is let, or the right to use one
for years, is worth its net rent over its term.

Source: GB/T 50291-2015 (real-estate appraisal), cost and income approaches.
"""

import math

from riskengine.kernels.building import building_value, restricted_buyer_value
from riskengine.kernels.compiling import kernel
from riskengine.kernels.depreciation import (
    blended_newness,
    long_lived_depreciation,
    remaining_life,
    worn_share,
)
from riskengine.kernels.discount import annuity_factor
from riskengine.kernels.rent import net_rent


@kernel
def homestead_cost_rows(x, wanted, out):
    """Cost value of farmhouses with their homesteads (成本法), row by row.

    Parameters
    ----------
    x : (28, n) float64
        floor area [m2], cost to build [yuan/m2], its log error [1], age [year], life
        [year], term of the land [year], reverts without payment [0 or 1], residual
        share [1], repair [yuan], fit-out cost [yuan], its age and life [year],
        equipment cost [yuan], its age and life [year], inspected newness [1] (NaN:
        none), weight of inspection [1], functional and external loss [yuan], plot
        that counts [m2], price of the homestead [yuan/m2] (NaN: none), its log error
        [1], discount of the buyers' circle, the lender's discount and the log error
        of either [1], model error [1], sole dwelling [0 or 1], rent that its
        household may keep back [yuan] (NaN: not known).
    wanted : (n,) bool
        Rows to value.
    out : (9, n) float64
        Filled with value [yuan], log error [1] (that of a lognormal with the same
        relative error), prudent value [yuan], replacement cost [yuan], wear by
        breakdown [yuan], newness [1], value of the house and of the homestead in
        the open [yuan], discount [1].
    """
    for i in range(x.shape[1]):
        if not wanted[i]:
            continue
        cost = x[0, i] * x[1, i]
        age, life, residual = x[3, i], x[4, i], x[7, i]
        if math.isnan(cost * age * life * residual) or age + x[5, i] <= 0.0:
            continue
        if x[6, i] == 1.0 and age + x[5, i] < life:
            life, residual = age + remaining_life(life, age, x[5, i], True), 0.0
        apart = x[8, i] + x[9, i] + x[12, i]
        wear = x[8, i] + x[9, i] * worn_share(x[10, i], x[11, i])
        wear += x[12, i] * worn_share(x[13, i], x[14, i])
        wear += long_lived_depreciation(cost, apart, age, life, residual)
        newness, calculated, inspected = max(1.0 - wear / cost, 0.0), 1.0, 0.0
        if not math.isnan(x[15, i]):
            calculated, inspected = 1.0 - x[16, i], x[16, i] * x[15, i]
            newness = blended_newness(newness, x[15, i], calculated, x[16, i])
        house = building_value(cost, cost * (1.0 - newness), x[17, i], x[18, i])
        land = 0.0 if math.isnan(x[20, i]) else x[19, i] * x[20, i]
        whole = house + land
        spread = x[25, i] ** 2 + (x[24, i] ** 2 if x[22, i] > 0.0 else 0.0)
        if whole > 0.0:
            kept = calculated * (1.0 - (1.0 - residual) * worn_share(age, life)) + inspected
            spread += (x[2, i] * cost * kept / whole) ** 2
        if land > 0.0:
            spread += (x[21, i] * land / whole) ** 2
        kept_back = 0.0
        if x[26, i] == 1.0:
            kept_back = math.inf if math.isnan(x[27, i]) else x[27, i]
        out[0, i] = restricted_buyer_value(whole, x[22, i])
        out[1, i] = math.sqrt(math.log1p(spread))
        out[2, i] = max(restricted_buyer_value(house, x[23, i]) - kept_back, 0.0)
        out[3, i], out[4, i], out[5, i] = cost, wear, newness
        out[6, i], out[7, i], out[8, i] = house, land, x[22, i]


@kernel
def homestead_income_rows(x, wanted, out):
    """Income value of farmhouses that are let and of rights to use one, row by row.

    While a rent runs under contract that rent counts, afterwards the market rent
    less vacancy; rent still payable for the right is taken off.

    Parameters
    ----------
    x : (15, n) float64
        floor area [m2], market rent [yuan/m2/year], its log error [1], vacancy [1],
        running cost share [1], contract rent [yuan/year], years for which it runs
        [year], tenant bears costs [0 or 1], rent payable [yuan/year], years already
        paid [year], term [year], rate [1/year], rent in advance [0 or 1], model
        error [1], rate stress [1/year].
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        Filled with value [yuan], log error [1] (that of a lognormal with the same
        relative error), prudent value [yuan], net market rent [yuan/year], value of
        rent under contract, of market rent and of rent payable [yuan], years that
        count [year].
    """
    for i in range(x.shape[1]):
        years, rate = x[10, i], x[11, i]
        if not wanted[i] or math.isnan(years * rate):
            continue
        sure = min(x[6, i], years)
        contract = x[5, i] if x[7, i] == 1.0 else x[5, i] * (1.0 - x[4, i])
        market = 0.0
        if sure < years:
            market = net_rent(x[0, i] * x[1, i], x[3, i], 0.0, x[4, i], 0.0)
        paid = min(x[9, i], years)
        for stressed in range(2):
            used = rate + x[14, i] * stressed
            due = 1.0 + used if x[12, i] == 1.0 else 1.0
            whole, first = annuity_factor(used, years), annuity_factor(used, sure)
            fixed = due * contract * first
            floating = due * market * (whole - first)
            payable = due * x[8, i] * (whole - annuity_factor(used, paid))
            net = max(fixed + floating - payable, 0.0)
            if stressed == 1:
                out[2, i] = min(net, out[0, i])
                continue
            leverage = floating / net if net > 0.0 else 0.0
            spread = x[13, i] ** 2
            if leverage > 0.0:
                spread += (x[2, i] * leverage) ** 2
            out[0, i] = net
            out[1, i] = math.sqrt(math.log1p(spread))
            out[3, i], out[4, i], out[5, i] = market, fixed, floating
            out[6, i], out[7, i] = payable, years
