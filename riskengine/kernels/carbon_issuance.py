"""Carbon still to be issued, batch by batch, row by row.

Survival, discount and reversion over the usual time between issues are powers of one
factor each: a batch costs a few products and one exponential.

Source: valuation notes 5.2; Schwartz (1997) for the price.
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.ecology_rows import expected_price, log_level, offtake
from riskengine.kernels.powers import square


@kernel
def issuance_terms(market, policy, terms):
    """Everything that issuance to come takes from its market alone.

    Parameters
    ----------
    market : (7, p) float64
        As the first rows of the market of
        `riskengine.kernels.ecology_rows.carbon_units_rows`, units there [any].
    policy : (10,) float64
        As `carbon_issuance_rows`, units there [any].
    terms : (p, 13) float64
        Filled with log price and level [1], reversion [1/year], volatility
        [1/sqrt(year)], force of the rate and of the stressed rate [1/year], factors of
        the lag at both and of reversion [1], and of the usual interval between issues:
        survival, both rates, reversion [1].
    """
    for j in range(market.shape[1]):
        t = terms[j]
        t[0], t[2], t[3] = math.log(market[0, j]), market[4, j], market[5, j]
        t[1] = log_level(market[2, j], market[4, j], market[5, j])
        t[4], t[5] = math.log1p(market[6, j]), math.log1p(market[6, j] + policy[2])
        t[6], t[7] = math.exp(-t[4] * policy[0]), math.exp(-t[5] * policy[0])
        t[8], t[9] = math.exp(-t[2] * policy[0]), math.exp(-policy[1] * policy[6])
        t[10], t[11] = math.exp(-t[4] * policy[6]), math.exp(-t[5] * policy[6])
        t[12] = math.exp(-t[2] * policy[6])


@kernel
def issuance_stream(x, i, begin, chances, t, policy, sums):
    """Everything one project will earn and spend until its crediting ends.

    Parameters
    ----------
    x : (12, n) float64
        As `carbon_issuance_rows` documents, units there [any].
    i : int64
        Row [1].
    begin : float64
        Start of what is not issued yet [year], negative for the past.
    chances : (3,) float64
        Chances of registration and of issue, 1 where registration is still to come [1].
    t : (13,) float64
        As `issuance_terms` fills it, units there [any].
    policy : (10,) float64
        As `carbon_issuance_rows`, units there [any].
    sums : (10,) float64
        Filled with value of revenue at the market [yuan], the same weighted by e^(-k t)
        [yuan], of the part that is under contract [yuan] and weighted likewise [yuan],
        of that part at the contract's price [yuan], of costs [yuan], revenue under
        contract at no more than the market's price and costs, both at the stressed
        rate [yuan], credits and those under contract [t].
    """
    price, volume, last = offtake(x[9, i], x[10, i], x[11, i])
    paid = price * policy[4]
    every = policy[6] if math.isnan(x[4, i]) else x[4, i]
    kept = 1.0 - (policy[7] if math.isnan(x[6, i]) else x[6, i])
    fee = policy[8] if math.isnan(x[7, i]) else x[7, i]
    sums[:] = 0.0
    if chances[2] != 0.0:
        sums[5] = sums[7] = policy[9] if math.isnan(x[8, i]) else x[8, i]
    end, steady = x[3, i], True
    finish = min(max(begin + every, 0.0), end)
    step_alive, step, low_step, step_near = t[9], t[10], t[11], t[12]
    if every != policy[6]:
        step_alive, step = math.exp(-policy[1] * every), math.exp(-t[4] * every)
        low_step, step_near = math.exp(-t[5] * every), math.exp(-t[2] * every)
    survival, factor, low_factor, near = 1.0, 1.0, 1.0, 1.0
    while finish > begin:
        checked = max(finish, 0.0)
        if steady and sums[8] > 0.0:
            survival, factor = survival * step_alive, factor * step
            low_factor, near = low_factor * low_step, near * step_near
        else:
            survival, factor = math.exp(-policy[1] * checked), math.exp(-t[4] * checked)
            low_factor, near = math.exp(-t[5] * checked), math.exp(-t[2] * checked)
        years, alive = checked + policy[0], chances[0] * survival
        sums[5] += fee * alive * factor
        sums[7] += fee * alive * low_factor
        credit = x[0, i] * (finish - begin) * (1.0 - x[5, i])
        under = min(credit, max(volume - sums[9], 0.0)) if years <= last else 0.0
        reverted = near * t[8]
        expected = expected_price(t[0], t[1], t[2], t[3], reverted, years)
        sold = alive * chances[1] * kept
        worth = sold * factor * t[6]
        sums[0] += worth * credit * expected
        sums[1] += worth * credit * expected * reverted
        if under > 0.0:
            sums[2] += worth * under * expected
            sums[3] += worth * under * expected * reverted
            sums[4] += worth * under * paid
            sums[6] += sold * low_factor * t[7] * under * min(paid, expected)
        sums[8] += credit
        sums[9] += under
        steady = finish + every <= end
        begin, finish = finish, min(finish + every, end)


@kernel
def carbon_issuance_rows(x, stage, chances, market, market_index, policy, wanted, out):
    """Carbon units still to be issued, batch by batch to the end of crediting.

    V = sum q_t (1 - k) P_t (1 - f) pi_t (1 + r)^-t - sum C_t (1 + r)^-t, >= 0, with
    P_t the expected price, or for volumes under contract what its buyer pays.

    Parameters
    ----------
    x : (13, n) float64
        credits earned [t/year], years to the start of crediting (NaN: today), to the
        day to which credits are issued (NaN: none is) and to the end of crediting
        [year], time between issues [year], deduction k [1], developer's share f [1],
        cost of each issue and of registration [yuan], contract price [yuan/t] (NaN:
        none), contract volume [t] (NaN: all), years to its end [year] (NaN: not said),
        log error of the credits [1]; as usual where NaN.
    stage : (n,) int64
        Stage of each project; -1 where it is not known.
    chances : (s + 1, 3) float64
        Of each stage: chances of registration and of issue, 1 where registration is
        still to come [1]; NaN last.
    market : (7, p) float64
        As the first rows of the market of
        `riskengine.kernels.ecology_rows.carbon_units_rows`, units there [any].
    market_index : (n,) int64
        Market of each row.
    policy : (10,) float64
        Lag of issue [year], hazard of loss [1/year], rate stress [1/year], model error
        [1], chance that a buyer pays [1], log error of income under contract [1]; usual
        time between issues [year], developer's share [1], cost of each issue and of
        registration [yuan].
    wanted : (n,) bool
        Rows to value.
    out : (10, n) float64
        Filled with value at the market [yuan], log error [1], prudent value [yuan]
        (volumes under contract only), value of revenue and of costs [yuan], revenue
        over credits, everything counted [yuan/t], credits after deduction [t], those under contract
        [t], value with the contract [yuan] (NaN: none) and its log error [1].
    """
    terms, sums = np.empty((market.shape[1], 13)), np.empty(10)
    issuance_terms(market, policy, terms)
    for i in range(wanted.size):
        if not wanted[i]:
            continue
        j, begin = market_index[i], x[1, i] if not math.isnan(x[1, i]) else 0.0
        begin = x[2, i] if x[2, i] > begin else begin
        issuance_stream(x, i, begin, chances[stage[i]], terms[j], policy, sums)
        gross, spent, fixed = sums[0], sums[5], sums[4]
        fuzzy = math.sqrt(square(x[12, i]) + square(policy[3]))
        close, far = market[1, j], market[3, j]
        swing = close * sums[1] + far * (gross - sums[1])  # one market: the errors add
        out[0, i] = max(gross - spent, 0.0)
        out[1, i] = _issuance_error(gross, spent, swing, fuzzy)
        out[2, i] = max(sums[6] - sums[7], 0.0)
        out[3, i], out[4, i] = gross, spent
        out[5, i] = gross / sums[8] if sums[8] > 0.0 else math.nan
        out[6, i], out[7, i] = sums[8], sums[9]
        if offtake(x[9, i], x[10, i], x[11, i])[0] > 0.0:
            revenue = gross - sums[2] + fixed
            rest = sums[3] * (close - far) + far * sums[2]
            out[8, i] = max(revenue - spent, 0.0)
            swing = math.sqrt(square(swing - rest) + square(policy[5] * fixed))
            out[9, i] = _issuance_error(revenue, spent, swing, fuzzy)


@kernel
def _issuance_error(revenue, spent, swing, fuzzy):
    """Log error [1] of revenue less costs, from the swing of revenue and what else is fuzzy."""
    if revenue <= spent:
        return fuzzy
    relative = (fuzzy * fuzzy + square(swing / revenue)) * square(revenue / (revenue - spent))
    return math.sqrt(math.log1p(relative))
