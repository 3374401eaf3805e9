"""Timber and woodland, row by row: felling later, felling now, land.

The methods share one block of facts, gathered once a batch, and one row of policy
numbers; the formulas are in `riskengine.kernels.timber`.

Timber block, (29, n) float64: area [mu]; stumpage [yuan/m3 standing], >= 0, and its
relative error [1]; age, rotation age, age of largest mean growth [year]; volume at
rotation by the yield table, volume today, reference today, reference at rotation
[m3/mu] (NaN not known); quality K2, largest quality K1 [1]; log error of the volume
and, per unit of log growth, of growth [1]; permit delay [year], permit chance [1],
quota share [1]; rate, hazard [1/year], term [year]; land rent charged, overhead
[yuan/mu/year]; cost of the year of planting less the grant for it [yuan/mu], of a
later year of tending [yuan/mu/year], years of tending [year]; cost of the year of
planting [yuan/mu], its log error [1], survival and the survival required [1].

Timber policy, (5,) float64: age over rotation age from which there are logs, share of
planting cost that replanting takes, log error of the method [1]; rate stress
[1/year]; years that the age convention adds to the wait for felling income [year].
"""

import math

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
def felling_rows(x, policy, now, wanted, out):
    """Value of timber from its felling: later, at its rotation age, or as soon as permitted.

    Later: felling age by term and permit, volume by the growth curve, less rent and
    overhead until then (收获现值法).  Now: the volume of today and no growth in the
    wait (市场价倒算法); an unknown term does not bind, and no rent runs.  Either way
    who fells replants.

    Parameters
    ----------
    x : (29, n) float64
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
    term forces an earlier felling, the value is not above what the rotation age would
    bring, so that a shorter term is never worth more.
    """
    for i in range(x.shape[1]):
        if not wanted[i]:
            continue
        age, delay, years = x[3, i], x[14, i], x[19, i]
        ahead = 0.0 if now else max(x[4, i] - age, 0.0)
        yearly = 0.0 if now else x[20, i] + x[21, i]
        if math.isnan(years):
            if not now:
                continue
            years = math.inf
        if delay > years:
            out[0, i], out[1, i], out[2, i] = 0.0, policy[2], 0.0
            continue
        for case in range(4 if ahead > years - delay else 2):
            held = years if case < 2 else math.inf
            rate = x[17, i] + (policy[3] if case % 2 == 1 else 0.0)
            force = math.log1p(rate)
            grown = min(ahead, held - delay)
            wait = grown + delay
            volume, quality = x[7, i], 1.0
            if not now:
                volume, quality = felled_volume(
                    x[7, i], x[8, i], x[9, i], x[6, i], x[4, i], x[5, i], age, age + grown,
                    x[11, i],
                )  # fmt: skip
                volume *= x[10, i] if age + grown >= policy[0] * x[4, i] else 0.0
            risky = force + x[18, i]
            income = volume * x[1, i] * x[15, i] * math.exp(-risky * (wait + policy[4]))
            income *= quota_factor(x[16, i], risky, held - wait)
            charges = yearly * annuity_factor(rate, wait)
            if volume > 0.0:
                charges += policy[1] * x[22, i] * x[15, i] * math.exp(-force * wait)
            net = income - charges
            value = x[0, i] * max(net, 0.0) if not math.isnan(net) else math.nan
            if case > 1:
                value = min(value, out[2 * (case % 2), i])
            out[2 * (case % 2), i] = value
            if case == 0:
                growth = x[5, i] * grown / (age * (age + grown)) if age > 0.0 else 0.0
                doubt = x[2, i] ** 2 + x[12, i] ** 2 + (x[13, i] * growth) ** 2
                out[3, i], out[4, i], out[5, i], out[6, i] = age + grown, wait, volume, quality
                out[7, i], out[8, i], out[9, i] = income, charges, math.sqrt(doubt)
        if out[0, i] >= 0.0:
            gross = x[0, i] * out[7, i]
            leverage = gross / out[0, i] if out[0, i] > 0.0 else 0.0
            spread = (leverage * out[9, i]) ** 2 + policy[2] ** 2
            out[1, i] = math.sqrt(math.log1p(spread))


@kernel
def land_rows(x, policy, years, yearly, lift, stress, wanted, out):
    """Expectation value of a mu of bare woodland for a term (林地期望价法), row by row.

    Parameters
    ----------
    x : (29, n) float64
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
        Filled with value [yuan/mu], 0 where no planting pays.
    """
    for i in range(x.shape[1]):
        felling = x[6, i] * x[1, i] * x[15, i] * lift[i]
        if wanted[i] and not math.isnan(felling) and not math.isnan(years[i]):
            rate = x[17, i] + stress
            planted = x[22, i] + x[23, i] * annuity_factor(rate, x[24, i] - 1.0)
            out[i] = woodland_value(
                years[i], policy[1] * x[22, i], felling, x[4, i], x[5, i], policy[0], x[14, i],
                planted, yearly[i], rate, x[18, i],
            )  # fmt: skip
