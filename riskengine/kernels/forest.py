"""Timber and woodland, row by row: felling later, felling now, land.

The methods share one block of facts, gathered once a batch, and one row of policy
numbers; the formulas are in `riskengine.kernels.timber`.

Timber block, (30, n) float64: area [mu]; stumpage [yuan/m3 standing], >= 0, and its
relative error [1]; age, rotation age, age of largest mean growth [year]; volume at
rotation by the yield table, volume today, reference today, reference at rotation
[m3/mu] (NaN not known); quality K2, largest quality K1 [1]; log error of the volume
and, per unit of log growth, of growth [1]; permit delay [year], permit chance [1],
quota share [1]; rate, hazard [1/year], term [year]; land rent charged, overhead
[yuan/mu/year]; cost of the year of planting less the grant for it [yuan/mu], of a
later year of tending [yuan/mu/year], years of tending [year]; cost of the year of
planting [yuan/mu], its log error [1], survival and the survival required [1], rent that
land fetches whatever is paid for it [yuan/mu/year].

Timber policy, (5,) float64: age over rotation age from which there are logs, share of
planting cost that replanting takes, log error of the method [1]; rate stress
[1/year]; years that the age convention adds to the wait for felling income [year].
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_factor
from riskengine.kernels.timber import growth_ratio, quota_factor, woodland_value


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
def _felling(x, i, policy, now, grown, held, rate, found):
    """Fill income, charges [yuan/mu], volume [m3/mu] and quality [1] of one plan of felling.

    The stand grows for some years, waits for its permit, and is felled in yearly parts
    as far as the years held allow.
    """
    force, wait = math.log1p(rate), grown + x[14, i]
    volume, quality, yearly, counted = x[7, i], 1.0, 0.0, 0.0
    if not now:
        yearly, counted = x[20, i] + x[21, i], policy[4]
        volume, quality = felled_volume(
            x[7, i], x[8, i], x[9, i], x[6, i], x[4, i], x[5, i], x[3, i], x[3, i] + grown,
            x[11, i],
        )  # fmt: skip
        volume *= x[10, i] if x[3, i] + grown >= policy[0] * x[4, i] else 0.0
    risky = force + x[18, i]
    income = volume * x[1, i] * x[15, i] * math.exp(-risky * (wait + counted))
    found[0] = income * quota_factor(x[16, i], risky, held - wait)
    found[1] = yearly * annuity_factor(rate, wait)
    if volume > 0.0:
        found[1] += policy[1] * x[22, i] * x[15, i] * math.exp(-force * wait)
    found[2], found[3] = volume, quality
    return found[0] - found[1]


@kernel
def _best_felling(x, i, policy, now, ahead, rate, found, trial):
    """Fill the best plan that is off before the term ends; return its net income and growth.

    A plan that the term cuts short is never worth more than one that waits for the
    rotation age.
    """
    delay, years = x[14, i], x[19, i]
    held = math.inf if math.isnan(years) else years
    grown = min(ahead, held - delay)
    net = _felling(x, i, policy, now, grown, held, rate, found)
    parts = math.ceil(1.0 / x[16, i] - 1e-9) - 1.0
    if now or ahead + delay + parts <= held:
        return net, grown
    if parts > 0.0:
        best = -math.inf
        for less in range(math.ceil(ahead) + 1):
            start = max(ahead - less, 0.0)
            if start + delay > held:
                continue
            worth = _felling(x, i, policy, now, start, held, rate, trial)
            if not worth <= best:
                best, grown = worth, start
                found[:] = trial
        net = best
    return min(net, _felling(x, i, policy, now, ahead, math.inf, rate, trial)), grown


@kernel
def felling_rows(x, policy, now, wanted, out):
    """Value of timber from its felling: later, at its rotation age, or as soon as permitted.

    Later: felling age by term, permit and quota, volume by the growth curve, less rent
    and overhead until then (收获现值法).  Now: the volume of today and no growth in the
    wait (市场价倒算法); an unknown term does not bind, and no rent runs.  Either way
    who fells replants.

    Parameters
    ----------
    x : (30, n) float64
        Timber block.
    policy : (5,) float64
        Timber policy.
    now : bool
        True to fell as soon as it is permitted.
    wanted : (n,) bool
        Rows to value; a felling to come needs a known term.
    out : (10, n) float64
        Filled with value [yuan], log error [1], prudent value [yuan], felling age
        [year], wait [year], volume at felling [m3/mu], quality K [1], income and costs
        at today's value [yuan/mu], relative error of income [1].

    Notes
    -----
    A permit that comes after the right has ended leaves nothing: value 0.  Where the
    term forces an earlier felling, or a quota an earlier start, the value is not above
    what the rotation age would bring, so that a shorter term is never worth more.
    """
    found, trial = np.empty(4), np.empty(4)
    for i in range(x.shape[1]):
        if not wanted[i] or (not now and math.isnan(x[19, i])):
            continue
        if x[14, i] > x[19, i]:
            out[0, i], out[1, i], out[2, i] = 0.0, policy[2], 0.0
            continue
        age, area = x[3, i], x[0, i]
        ahead = 0.0 if now else max(x[4, i] - age, 0.0)
        low, _ = _best_felling(x, i, policy, now, ahead, x[17, i] + policy[3], found, trial)
        net, grown = _best_felling(x, i, policy, now, ahead, x[17, i], found, trial)
        growth = 0.0
        if age > 0.0 and grown > 0.0:
            growth = x[5, i] * grown / (age * (age + grown))
        doubt = x[2, i] ** 2 + x[12, i] ** 2 + (x[13, i] * growth) ** 2
        out[3, i], out[4, i], out[5, i], out[6, i] = (
            age + grown,
            grown + x[14, i],
            found[2],
            found[3],
        )
        out[7, i], out[8, i], out[9, i] = found[0], found[1], math.sqrt(doubt)
        if not math.isnan(net):
            out[0, i], out[2, i] = area * max(net, 0.0), area * max(low, 0.0)
            leverage = found[0] / net if net > 0.0 else 0.0
            out[1, i] = math.sqrt(math.log1p((leverage * out[9, i]) ** 2 + policy[2] ** 2))


@kernel
def land_rows(x, policy, years, yearly, lift, stress, wanted, out):
    """Expectation value of a mu of bare woodland for a term (林地期望价法), row by row.

    Parameters
    ----------
    x : (30, n) float64
        Timber block.
    policy : (5,) float64
        Timber policy.
    years, yearly : (n,) float64
        Time for which the land is free [year] and its yearly cost [yuan/mu/year].
    lift : (n,) float64
        Multiple of felling income to reckon with [1].
    stress : float64
        Added to the discount rate [1/year].
    wanted : (n,) bool
        Rows to value.
    out : (n,) float64
        Filled with value [yuan/mu], 0 where no planting pays; left where a fact is missing.
    """
    for i in range(x.shape[1]):
        site = x[6, i] if math.isnan(x[9, i]) else x[9, i]
        felling, rate = site * x[1, i] * x[15, i] * lift[i], x[17, i] + stress
        if wanted[i] and not math.isnan(felling * years[i] * rate * x[5, i]):
            planted = x[22, i] + x[23, i] * annuity_factor(rate, x[24, i] - 1.0)
            out[i] = woodland_value(
                years[i], policy[1] * x[22, i], felling, x[4, i], x[5, i], policy[0], x[14, i],
                planted, yearly[i], rate, x[18, i],
            )  # fmt: skip
