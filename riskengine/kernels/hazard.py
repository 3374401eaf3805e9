"""Default month by month: hazards, survival and what is left to default.

The hazard of a month is the chance to default in it given survival until then.  On the
complementary log-log scale h = 1 - exp(-w exp(eta)), w the part of the month at risk, so
the survival over many months is exp(-sum w exp(eta)).

Source: Prentice & Gloeckler, Biometrics 34 (1978) 57; Allison, Sociological Methodology 13
(1982) 61.
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def cloglog_hazard(linear, exposure):
    """Chance to default in a month: h = 1 - exp(-w exp(eta)).

    Parameters
    ----------
    linear : float64
        Linear predictor eta [1].
    exposure : float64
        Part of the month at risk w [1], >= 0; its logarithm is the offset.

    Returns
    -------
    float64
        Hazard [1], in [0, 1].

    Examples
    --------
    >>> round(cloglog_hazard(math.log(0.01), 1.0), 9)
    0.009950166
    """
    return -math.expm1(-exposure * math.exp(linear))


@kernel
def shorter_chance(chance, part):
    """Chance over a part of a period at a constant hazard: 1 - (1 - PD)^w.

    Parameters
    ----------
    chance : float64
        Chance over the whole period PD [1], in [0, 1].
    part : float64
        Part w [1], >= 0: 1 / 12 takes a year to a month, 12 a month to a year.

    Returns
    -------
    float64
        Chance [1], in [0, 1].

    Examples
    --------
    >>> round(shorter_chance(shorter_chance(1e-9, 1.0 / 12.0), 12.0), 20)
    1e-09
    """
    if part == 0.0:
        return 0.0
    return -math.expm1(part * math.log1p(-chance))


@kernel
def monthly_rows(linear, exposure, starts, due, maturity_chance, cumulative, marginal):
    """Cumulative and marginal PD of many loans from monthly predictors, in one pass.

    Parameters
    ----------
    linear, exposure : (m,) float64
        Linear predictors eta and parts of the month at risk w [1], loan after loan.
    starts : (n + 1,) int64
        Where the months of each loan start.
    due : (n,) int64
        Month in which a bullet loan falls due, counted from 0 [month]; -1 for none.
    maturity_chance : (n,) float64
        Chance that a loan still alive at that month's end does not repay [1], in [0, 1]:
        the mass at maturity, on top of the month's hazard.
    cumulative, marginal : (m,) float64
        Filled with the PD until the end of each month and within it [1]; NaN from the
        first month that cannot be told.
    """
    for i in range(starts.size - 1):
        force = 0.0
        for k in range(starts[i], starts[i + 1]):
            alive = math.exp(-force)
            step = exposure[k] * math.exp(linear[k]) if exposure[k] >= 0.0 else math.nan
            if k - starts[i] == due[i]:
                mass = maturity_chance[i]
                step -= math.log1p(-mass) if 0.0 <= mass <= 1.0 else math.nan
            marginal[k] = -alive * math.expm1(-step)
            force += step
            cumulative[k] = -math.expm1(-force)
