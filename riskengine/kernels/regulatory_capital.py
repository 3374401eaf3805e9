"""Capital that the internal ratings-based approach asks of a bank, row by row.

The 99.9 % loss quantile of a large pool less its mean, with an asset correlation that the
supervisor sets by class, PD and turnover, and a surcharge for maturity.  All numbers of
the formulas are arguments.

Source: Basel Committee, BCBS 128 (2006), paras 271-273 and 327-330; CRE31; credit notes 4.1.
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.normal import normal_cdf, normal_quantile


@kernel
def supervisory_correlation(chance, turnover, low, high, decay, cut, small, large):
    """Asset correlation by PD and size: low a + high (1 - a) - cut (1 - (S - s) / (l - s)).

    a = (1 - exp(-decay PD)) / (1 - exp(-decay)).

    Parameters
    ----------
    chance : float64
        PD [1], in [0, 1].
    turnover : float64
        Yearly turnover S [million], any; infinite for a large firm.
    low, high : float64
        Correlations of PD 1 and PD 0 [1], in [0, 1].
    decay : float64
        How fast it falls with the PD [1], >= 0; not used where low = high.
    cut : float64
        Reduction for the smallest firms [1], >= 0.
    small, large : float64
        Turnover s up to which the cut is whole and l from which there is none [million].

    Returns
    -------
    float64
        Asset correlation [1].

    Examples
    --------
    >>> round(supervisory_correlation(0.01, 5.0, 0.12, 0.24, 50.0, 0.04, 5.0, 50.0), 6)
    0.152784
    """
    found = low
    if low != high:
        found += (high - low) * (1.0 - math.expm1(-decay * chance) / math.expm1(-decay))
    if cut > 0.0 and turnover < large:
        found -= cut * (1.0 - (max(turnover, small) - small) / (large - small))
    return found


@kernel
def maturity_factor(chance, years, intercept, slope, reference):
    """Surcharge for maturity: (1 + (M - r) b) / (1 - (r - 1) b), b = (i - s ln PD)^2.

    Parameters
    ----------
    chance : float64
        PD [1], in [0, 1].
    years : float64
        Effective maturity M [year].
    intercept, slope : float64
        i and s [1]; with both 0 there is no surcharge.
    reference : float64
        Maturity r that the surcharge is calibrated at [year]; it is 1 at one year.

    Returns
    -------
    float64
        Factor [1]; NaN for PDs so small that the denominator is not positive (below
        3e-6 with the numbers of Basel).

    Examples
    --------
    >>> round(maturity_factor(0.01, 2.5, 0.11852, 0.05478, 2.5), 6)
    1.25981
    """
    if intercept == 0.0 and slope == 0.0:
        return 1.0
    if chance <= 0.0:
        return math.nan
    b = (intercept - slope * math.log(chance)) ** 2
    under = 1.0 - (reference - 1.0) * b
    return (1.0 + (years - reference) * b) / under if under > 0.0 else math.nan


@kernel
def capital_rows(formulas, kind, x, first, last, out, status):
    """Correlation, capital and expected loss of many exposures.

    Parameters
    ----------
    formulas : (c, 13) float64
        One row a class: low, high and decay of the correlation, cut for size [1], small
        and large turnover [million], intercept and slope [1] and reference maturity [year]
        of the surcharge, shortest and longest maturity [year], floor of the PD [1], tail
        chance [1].
    kind : (n,) int64
        Class, a row of ``formulas``.
    x : (6, n) float64
        PD [1], in [0, 1], 1 being in default; loss given default [1], in [0, 1]; maturity
        [year], > 0; turnover [million]; multiplier of the correlation [1], > 0; best
        estimate of the loss of a defaulted exposure [1], NaN for others.
    first, last : int64
        Rows to fill: from ``first`` to before ``last``.
    out : (3, n) float64
        Filled with asset correlation, capital for unexpected loss over exposure, and
        expected loss over exposure [1]; NaN where the status is not 0.
    status : (n,) int64
        Filled with 0 fine, 1 something missing, 2 out of range, 3 no answer (a PD too
        small for the surcharge).
    """
    worst = np.empty(formulas.shape[0])
    for j in range(worst.size):
        worst[j] = normal_quantile(formulas[j, 12])
    for i in range(first, last):
        p, lgd, years, turnover = x[0, i], x[1, i], x[2, i], x[3, i]
        out[0, i] = out[1, i] = out[2, i] = math.nan
        if math.isnan(p + lgd + years + turnover + x[4, i]) or (p == 1.0 and math.isnan(x[5, i])):
            status[i] = 1
            continue
        f = formulas[kind[i]]
        if not (0.0 <= p <= 1.0 and 0.0 <= lgd <= 1.0 and years > 0.0 and x[4, i] > 0.0):
            status[i] = 2
            continue
        p = max(p, f[11])
        r = supervisory_correlation(p, turnover, f[0], f[1], f[2], f[3], f[4], f[5]) * x[4, i]
        if not 0.0 <= r < 1.0:
            status[i] = 2
            continue
        status[i], out[0, i] = 0, r
        if p == 1.0:
            out[1, i], out[2, i] = max(lgd - x[5, i], 0.0), x[5, i]
            continue
        z = normal_quantile(p) - math.sqrt(r) * worst[kind[i]]
        surcharge = maturity_factor(p, min(max(years, f[9]), f[10]), f[6], f[7], f[8])
        if math.isnan(surcharge):
            status[i], out[0, i] = 3, math.nan
            continue
        out[1, i] = lgd * (normal_cdf(z / math.sqrt(1.0 - r)) - p) * surcharge
        out[2, i] = lgd * p
