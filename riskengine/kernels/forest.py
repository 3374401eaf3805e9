"""Timber and woodland, row by row: felling later, felling now, land.

The methods share one block of facts, gathered once a batch, and one row of policy
numbers; the formulas are in `riskengine.kernels.timber`.

Timber block, (n, 37) float64, NaN not known: 0 area [mu]; 1 stumpage [yuan/m3
standing], >= 0, and 2 its relative error [1]; 3 age, 4 rotation age, 5 age of largest
mean growth [year]; 6 volume at rotation by the yield table, 7 volume today, 8 reference
today, 9 reference at rotation [m3/mu]; 10 quality K2, 11 largest quality K1 [1]; 12 log
error of the volume and, 13 per unit of log growth, of growth [1]; 14 permit delay
[year], 15 permit chance, 16 quota share [1]; 17 rate, 18 hazard [1/year], 19 term
[year]; 20 land rent charged, 21 overhead [yuan/mu/year]; 22 cost of the year of
planting less the grant for it [yuan/mu], 23 of a later year of tending [yuan/mu/year],
24 years of tending [year]; 25 cost of the year of planting [yuan/mu], 26 its log error
[1]; 27 survival, 28 survival required [1]; 29 market rent [yuan/mu/year], 30 its log
error [1], 31 rent payable [yuan/mu/year]; 32 sales, 33 costs with taxes, 34 logger's
profit, 35 stumpage of any sign [yuan/m3 standing]; 36 out-turn [1].

Timber policy, (5,) float64: age over rotation age from which there are logs, share of
planting cost that replanting takes, log error of the method [1]; rate stress
[1/year]; years that the age convention adds to the wait for felling income [year].
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_at_force, annuity_factor
from riskengine.kernels.powers import hypotenuse, square
from riskengine.kernels.timber import best_rotation, growth_ratio, quota_factor, term_value


@kernel
def felled_volume(volume, reference, harvest, table, rotation, maturity, age, felled, highest):
    """Volume at felling and the quality that scales the growth curve to it.

    The growth curve runs through the reference at felling, else through the
    reference of today, else through the yield table; the stand's volume over the
    reference of its age is its quality K1 and scales the curve.  A measured thin
    stand is never lifted, a thick one only with a survey above the limit.

    Parameters
    ----------
    volume, reference, harvest : float64
        Volume today, reference today, reference at rotation [m3/mu]; NaN not known.
    table : float64
        Volume at rotation by the yield table [m3/mu].
    rotation, maturity, age, felled : float64
        Rotation age, age of largest mean growth, age today, age at felling [year].
    highest : float64
        Largest K1 [1], > 0.

    Returns
    -------
    tuple of float64
        Volume at felling [m3/mu] and quality K1 [1].

    Examples
    --------
    >>> felled_volume(9.0, math.nan, math.nan, 12.0, 26.0, 18.0, 26.0, 26.0, 1.5)
    (9.0, 0.75)
    """
    top = table if math.isnan(harvest) else harvest
    then = top * growth_ratio(maturity, rotation, felled)
    now = top * growth_ratio(maturity, rotation, age)
    if not math.isnan(reference):
        now = reference
        if math.isnan(harvest) and age > 0.0:
            then = reference * growth_ratio(maturity, age, felled)
    quality = 1.0
    if not math.isnan(volume) and now > 0.0:
        quality = min(volume / now, highest)
    return quality * then, quality


@kernel
def _volume(x, i, policy, now, grown):
    """Volume that is felled when the stand has grown for some years [m3/mu], and quality K1."""
    if now:
        return x[i, 7], 1.0
    volume, quality = felled_volume(
        x[i, 7], x[i, 8], x[i, 9], x[i, 6], x[i, 4], x[i, 5], x[i, 3], x[i, 3] + grown, x[i, 11]
    )
    return volume * (x[i, 10] if x[i, 3] + grown >= policy[0] * x[i, 4] else 0.0), quality


@kernel
def _plan(x, i, policy, now, grown, held, rate, volume):
    """Income and charges [yuan/mu] of a felling in yearly parts as far as the years held allow."""
    force, wait = math.log1p(rate), grown + x[i, 14]
    risky, charges = force + x[i, 18], 0.0
    counted = wait if now else wait + policy[4]
    income = volume * x[i, 1] * x[i, 15] * math.exp(-risky * counted)
    if x[i, 16] < 1.0:
        income *= quota_factor(x[i, 16], risky, held - wait)
    if volume > 0.0:
        charges = policy[1] * x[i, 22] * x[i, 15] * math.exp(-force * wait)
    if not now:
        charges += (x[i, 20] + x[i, 21]) * annuity_at_force(rate, force, wait)
    return income, charges


@kernel
def _best_felling(x, i, policy, now, ahead, grown, volume, quality, rate):
    """Best plan that is off before the term ends: its net income, then what it consists of.

    A plan that the term cuts short is never worth more than one that waits for the
    rotation age.
    """
    held = math.inf if math.isnan(x[i, 19]) else x[i, 19]
    income, charges = _plan(x, i, policy, now, grown, held, rate, volume)
    net = income - charges
    parts = 0.0 if x[i, 16] >= 1.0 else math.ceil(1.0 / x[i, 16] - 1e-9) - 1.0
    if now or ahead + x[i, 14] + parts <= held:
        return net, income, charges, volume, quality, grown
    if parts > 0.0:
        net = -math.inf
        for less in range(math.ceil(ahead) + 1):
            start = max(ahead - less, 0.0)
            if start + x[i, 14] > held:
                continue
            felled, measured = _volume(x, i, policy, now, start)
            earned, spent = _plan(x, i, policy, now, start, held, rate, felled)
            if not earned - spent <= net:
                net, income, charges = earned - spent, earned, spent
                volume, quality, grown = felled, measured, start
    last, _ = _volume(x, i, policy, now, ahead)
    earned, spent = _plan(x, i, policy, now, ahead, math.inf, rate, last)
    return min(net, earned - spent), income, charges, volume, quality, grown


@kernel
def _felled(x, i, policy, now, cautious, told):
    """Fill value, error and workings of one right's felling; False where its term is not known."""
    age, area, delay, years = x[i, 3], x[i, 0], x[i, 14], x[i, 19]
    if not now and math.isnan(years):
        return False
    if delay > years:
        told[:] = math.nan
        told[0], told[1], told[2] = 0.0, policy[2], 0.0
        return True
    ahead = 0.0 if now else max(x[i, 4] - age, 0.0)
    grown = min(ahead, math.inf if math.isnan(years) else years - delay)
    volume, quality = _volume(x, i, policy, now, grown)
    low = math.nan
    if cautious:
        low, _, _, _, _, _ = _best_felling(
            x, i, policy, now, ahead, grown, volume, quality, x[i, 17] + policy[3]
        )
    net, income, charges, volume, quality, grown = _best_felling(
        x, i, policy, now, ahead, grown, volume, quality, x[i, 17]
    )
    growth = 0.0
    if age > 0.0 and grown > 0.0:
        growth = x[i, 13] * x[i, 5] * grown / (age * (age + grown))
    doubt = math.sqrt(x[i, 2] * x[i, 2] + x[i, 12] * x[i, 12] + growth * growth)
    leverage = income / net if net > 0.0 else 0.0
    told[0], told[2] = area * (0.0 if net < 0.0 else net), area * (0.0 if low < 0.0 else low)
    told[1] = math.sqrt(math.log1p(square(leverage * doubt) + square(policy[2])))
    if math.isnan(net):
        told[1] = math.nan
    told[3], told[4], told[5], told[6] = age + grown, grown + delay, volume, quality
    told[7], told[8], told[9] = income, charges, doubt
    return True


@kernel
def harvest_rows(x, policy, case, wanted, out):
    """Timber before maturity by its felling to come (收获现值法), row by row.

    Felling age by term, permit and quota, volume by the growth curve, less rent and
    overhead until then; who fells replants.  A near-mature stand is lent on no more
    than its felling today would bring.

    Parameters
    ----------
    x : (n, 37) float64
        Timber block.
    policy : (5,) float64
        Timber policy.
    case : (n,) int64
        Class, as `riskengine.kernels.forest_stand.class_rows`; 0 to 2 are valued.
    wanted : (n,) bool
        Rows to value; those without any volume, known or referred to, are left.
    out : (10, n) float64
        Filled with value [yuan], log error [1], prudent value [yuan], felling age
        [year], wait [year], volume at felling [m3/mu], quality K1 [1], stumpage
        [yuan/m3], income and costs at today's value [yuan/mu].

    Notes
    -----
    A permit that comes after the right has ended leaves nothing: value 0.  Where the
    term forces an earlier felling, or a quota an earlier start, the value is not above
    what the rotation age would bring, so that a shorter term is never worth more.
    """
    told = np.empty(10)
    for i in range(case.size):
        if not wanted[i] or case[i] > 2 or (math.isnan(x[i, 7]) and math.isnan(x[i, 9])):
            continue
        out[7, i] = x[i, 1]
        if not _felled(x, i, policy, False, True, told):
            told[:] = math.nan
        for k in range(7):
            out[k, i] = told[k]
        out[8, i], out[9, i] = told[7], told[8]
        if case[i] == 2:
            _felled(x, i, policy, True, True, told)
            if math.isnan(out[2, i]) or told[2] < out[2, i]:
                out[2, i] = told[2]


@kernel
def stumpage_rows(x, policy, wanted, out):
    """Timber felled as soon as it is permitted (市场价倒算法), row by row.

    The volume of today and no growth in the wait; an unknown term does not bind, and no
    rent runs; who fells replants.

    Parameters
    ----------
    x : (n, 37) float64
        Timber block.
    policy : (5,) float64
        Timber policy.
    wanted : (n,) bool
        Rows to value.
    out : (9, n) float64
        Filled with value [yuan], log error [1], prudent value [yuan], sales W, costs
        with taxes C, logger's profit F, stumpage [yuan/m3 standing], volume [m3/mu],
        cost of replanting [yuan/mu].
    """
    told = np.empty(10)
    for i in range(x.shape[0]):
        if wanted[i]:
            _felled(x, i, policy, True, True, told)
            for k in range(3):
                out[k, i] = told[k]
            for k in range(4):
                out[3 + k, i] = x[i, 32 + k]
            out[7, i], out[8, i] = told[5], told[8]


@kernel
def _land(x, i, policy, first, second, yearly, lift, stress):
    """Value of a mu of bare land for two terms [yuan/mu]; NaN where a fact is missing."""
    site = x[i, 6] if math.isnan(x[i, 9]) else x[i, 9]
    felling, rate = site * x[i, 1] * x[i, 15] * lift, x[i, 17] + stress
    planted = x[i, 22] + x[i, 23] * annuity_factor(rate, x[i, 24] - 1.0)
    if math.isnan(felling + rate + x[i, 5] + planted + yearly + first + second):
        return math.nan, math.nan
    rotation, maturity, ripe, delay, hazard = x[i, 4], x[i, 5], policy[0], x[i, 14], x[i, 18]
    cycle, endless = best_rotation(
        False, felling, rotation, maturity, ripe, delay, planted, yearly, rate, hazard
    )
    if not endless > 0.0:
        return 0.0, 0.0
    single, _ = best_rotation(
        True, felling, rotation, maturity, ripe, delay, planted, yearly, rate, hazard
    )
    duty = policy[1] * x[i, 22]
    value = term_value(
        first, (cycle, single), duty, felling, rotation, maturity, ripe, delay, planted, yearly,
        rate, hazard,
    )  # fmt: skip
    later = value
    if second != first:
        later = term_value(
            second, (cycle, single), duty, felling, rotation, maturity, ripe, delay, planted,
            yearly, rate, hazard,
        )  # fmt: skip
    return value, later


@kernel
def expectation_rows(x, policy, wanted, out):
    """Timber as stand and land less the land (林木期望价法), row by row.

    Parameters
    ----------
    x : (n, 37) float64
        Timber block.
    policy : (5,) float64
        Timber policy.
    wanted : (n,) bool
        Rows to value; those of unknown term or that no permit reaches are left.
    out : (8, n) float64
        Filled with value [yuan], log error [1], nothing, age of felling [year], volume
        then [m3/mu], its income, the land if free today and the land after felling at
        today's value [yuan/mu].
    """
    told = np.empty(10)
    for i in range(x.shape[0]):
        if not wanted[i] or not _felled(x, i, policy, False, False, told):
            continue
        wait, income, rate = told[4], told[7], x[i, 17]
        if math.isnan(wait):
            continue
        today, after = _land(x, i, policy, x[i, 19], x[i, 19] - wait, x[i, 21], 1.0, 0.0)
        factor = math.exp(-wait * math.log1p(rate))
        duty = 0.0 if after > 0.0 else policy[1] * x[i, 22] * x[i, 15] * factor
        value = income - x[i, 21] * annuity_factor(rate, wait) - duty + after * factor - today
        out[0, i] = x[i, 0] * (0.0 if value < 0.0 else value)
        relative = income * told[9] / value if value > 0.0 else 0.0
        out[1, i] = math.sqrt(math.log1p(square(relative) + square(policy[2])))
        out[3, i], out[4, i], out[5, i] = told[3], told[5], income
        out[6, i], out[7, i] = today, after * factor


@kernel
def land_rows(x, policy, site, bare, held, out):
    """Expectation value of bare woodland, cut to the right's term (林地期望价法), row by row.

    Parameters
    ----------
    x : (n, 37) float64
        Timber block.
    policy : (5,) float64
        Timber policy.
    site : (2,) float64
        Log error of a volume at rotation told for the site, and by the yield table [1].
    bare, held : (n,) bool
        Bare land, and all rights in land: under somebody else's trees land is left
        while its right runs.
    out : (6, n) float64
        Filled with value [yuan], log error [1], prudent value [yuan], value per mu
        [yuan/mu], net felling income at rotation age [yuan/mu], rotation age [year].

    Notes
    -----
    Where no planting pays within the term, land that lets is left to its rent, of
    which prudence counts nothing, and a person is asked; land that neither bears nor
    lets is worth 0.
    """
    for i in range(held.size):
        years, yearly = x[i, 19], x[i, 21] + x[i, 31]
        found, told, gone = math.nan, False, held[i] and years == 0.0
        if bare[i]:
            found, _ = _land(x, i, policy, years, years, yearly, 1.0, 0.0)
            if not math.isnan(found):
                told = not math.isnan(x[i, 9])
                volume = x[i, 9] if told else x[i, 6]
                out[3, i], out[4, i], out[5, i] = found, volume * x[i, 1] * x[i, 15], x[i, 4]
        if found > 0.0:
            low, _ = _land(x, i, policy, years, years, yearly, 1.0, policy[3])
            error = hypotenuse(x[i, 2], site[0] if told else site[1])
            high, _ = _land(x, i, policy, years, years, yearly, math.exp(error), 0.0)
            out[0, i], out[2, i] = x[i, 0] * found, x[i, 0] * low
            out[1, i] = hypotenuse(math.log(high / found), policy[2])
        elif found == 0.0 or gone:
            out[2, i] = 0.0
            if gone or (x[i, 29] - x[i, 31]) * annuity_factor(x[i, 17], years) <= 0.0:
                out[0, i], out[1, i] = 0.0, policy[2]
