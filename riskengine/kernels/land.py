"""Land management rights, row by row: what a yuan of rent is worth, then what the land is.

Everything that a right takes from its term, its contract and its rate is gathered
once as factors; each method that finds a rent then only multiplies.

Source: GB/T 28406-2012, 5.1 and 8.1-8.3; leasehold as profit rent.
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.lease import contract_rent_value, rent_factor
from riskengine.kernels.powers import square


@kernel
def _factors(terms, j, contract, step, amount, interval, elapsed, share, paid, years):
    """Factors of one right at one rate: market rent, rent payable, that at market rent."""
    sure = min(paid, years) if share > 0.0 else 0.0
    market = rent_factor(terms, j, 0.0, years, sure)
    if contract == 0.0 and amount == 0.0:
        return market, 0.0, 0.0
    at_market = math.isnan(contract)
    rent, added = (1.0, 0.0) if at_market else (contract, amount)
    payable = contract_rent_value(
        terms, j, rent, step, added, interval, elapsed, share, paid, years
    )
    if not at_market:
        return market, payable, 0.0
    fixed = 0.0
    if amount != 0.0:
        fixed = contract_rent_value(
            terms, j, 0.0, step, amount, interval, elapsed, share, paid, years
        )
    return market, fixed, payable


@kernel
def lease_factor_rows(x, kind, terms, rate_index, policy, out):
    """What term, contract and rate make of a yuan of market rent, for every right.

    Parameters
    ----------
    x : (12, n) float64
        area [mu], contract rent [yuan/mu/year] (NaN: at market), step interval [year]
        (NaN: none), step share [1], step amount [yuan/mu/year], prepaid share [1],
        time since the last review [year], term [year], time to which rent is prepaid
        [year], rent in advance [0 or 1], renewal clause [0 or 1], extension of the second
        round [1] (0 signed, 1 under way, 2 not begun, -1 not known); NaN is none of it.
    kind : (n,) int64
        0 contracting household, 1 lease paid yearly, 2 prepaid, 3 partly prepaid,
        4 four wastelands.
    terms : (4 q, 10) float64
        For each of q distinct rates four rows of `riskengine.kernels.lease.lease_terms`:
        a right that cannot be lost at the rate and at the stressed rate, a lease whose
        rent is paid yearly at both.
    rate_index : (n,) int64
        Rate of each right.
    policy : (4,) float64
        Chances of extension for households and under a clause [1], years of extension
        [year], its weight in lending [1].
    out : (9, n) float64
        Filled with the scale area x advance [mu]; at the rate: factor of market rent
        [year], rent payable [yuan/mu], rent payable over market rent where the contract
        is at market [year], factor of the extension [year]; the same four at the
        stressed rate, the extension weighed for lending.
    """
    for i in range(kind.size):
        held, years, contract = kind[i], x[7, i], x[1, i]
        if held == 0 or (held == 4 and math.isnan(contract)):
            contract = 0.0
        step = 0.0 if math.isnan(x[3, i]) else x[3, i]
        amount = 0.0 if math.isnan(x[4, i]) else x[4, i]
        interval, elapsed = math.inf, 0.0
        if x[2, i] > 0.0:
            interval = x[2, i]
            elapsed = min(x[6, i], interval) if x[6, i] > 0.0 else 0.0
        share, paid = 0.0, 0.0
        if 2 <= held <= 3:
            share = 1.0 if held == 2 else (x[5, i] if x[5, i] > 0.0 else 0.0)
            paid = x[8, i] if x[8, i] > 0.0 else 0.0
        chance, weight = 0.0, 0.0
        if held == 0 and x[11, i] != 0.0:
            chance, weight = policy[0], (policy[3] if x[11, i] < 0.0 else 0.0)
        elif x[10, i] == 1.0:
            chance = policy[1]
        sure = 4 * rate_index[i]
        first = sure + 2 if contract > 0.0 else sure
        out[0, i] = x[0, i] * ((1.0 + terms[sure, 9]) if x[9, i] == 1.0 else 1.0)
        for stressed in range(2):
            row = 1 + 4 * stressed
            out[row, i], out[row + 1, i], out[row + 2, i] = _factors(
                terms,
                first + stressed,
                contract,
                step,
                amount,
                interval,
                elapsed,
                share,
                paid,
                years,
            )
            later = 0.0
            if chance > 0.0:
                later = chance * rent_factor(
                    terms, sure + stressed, years, years + policy[2], math.inf
                )
            out[row + 3, i] = later if stressed == 0 else later * weight


@kernel
def land_income_rows(factors, rent, error, model_error, wanted, out):
    """Income value of land management rights (收益还原法) at a rent, row by row.

    Parameters
    ----------
    factors : (9, n) float64
        As `lease_factor_rows` fills it.
    rent, error : (n,) float64
        Market rent [yuan/mu/year] and standard error of its logarithm [1].
    model_error : float64
        Log error of the method beyond its inputs [1].
    wanted : (n,) bool
        Rows to value; those of unknown term or rent are left.
    out : (8, n) float64
        Filled with value [yuan], log error [1] (that of a lognormal with the
        same relative error, which profit rent magnifies), prudent value [yuan],
        market rent used [yuan/mu/year], value of market rent [yuan], value of rent
        payable [yuan], value of the extension [yuan], onerous burden [yuan].
    """
    for i in range(rent.size):
        if not wanted[i] or math.isnan(factors[1, i]) or math.isnan(rent[i]):
            continue
        scale, level = factors[0, i], rent[i]
        market = level * factors[1, i]
        payable = factors[2, i] + level * factors[3, i]
        later = level * factors[4, i]
        profit = market - payable
        gain = max(profit, 0.0) + later
        low = level * factors[5, i] - factors[6, i] - level * factors[7, i]
        leverage = (market + later) / gain if gain > 0.0 else 0.0
        spread = square(error[i] * leverage) + model_error * model_error
        out[0, i] = scale * gain
        out[1, i] = math.sqrt(math.log1p(spread))
        out[2, i] = scale * (max(low, 0.0) + level * factors[8, i])
        out[3, i] = level
        out[4, i] = scale * market
        out[5, i] = scale * payable
        out[6, i] = scale * later
        out[7, i] = scale * max(-profit, 0.0)


@kernel
def attachment_rows(x, wanted, out):
    """Facilities and growing crops that go with the land, row by row.

    Facilities: replacement cost less straight-line wear, times the share that a
    buyer pays for: the salvage share when they can be moved, else the share that
    passes with the land.  Crops: the larger of cost compounded to today and
    harvest discounted less cost to finish, times the chance of a harvest before
    enforcement.

    Parameters
    ----------
    x : (13, n) float64
        facilities cost [yuan], age [year], life [year], removable [0 or 1],
        share when removable [1], share with land [1], crop cost [yuan], its age
        [year], crop income [yuan], cost to finish [yuan], years to harvest
        [year], rate [1/year], chance of harvest [1]; NaN is none of it.
    wanted : (n,) bool
        Rows to value.
    out : (2, n) float64
        Filled with the value of facilities and of crops [yuan]; 0 where none.
    """
    for i in range(x.shape[1]):
        if not wanted[i]:
            continue
        facilities = 0.0
        if x[0, i] > 0.0 and x[1, i] >= 0.0 and x[2, i] > 0.0:
            share = x[4, i] if x[3, i] == 1.0 else x[5, i]
            facilities = x[0, i] * max(0.0, 1.0 - x[1, i] / x[2, i]) * share
        out[0, i] = facilities
        sunk = 0.0
        if x[6, i] > 0.0:
            age = x[7, i] if x[7, i] > 0.0 else 0.0
            sunk = x[6, i] * math.exp(age * math.log1p(x[11, i]))
        harvest = 0.0
        if x[8, i] > 0.0 and x[10, i] >= 0.0:
            harvest = x[8, i] * math.exp(-x[10, i] * math.log1p(x[11, i]))
            harvest -= x[9, i] if x[9, i] > 0.0 else 0.0
        out[1, i] = max(sunk, harvest) * x[12, i]
