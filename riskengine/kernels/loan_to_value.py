"""Loan over value from a chance of shortfall that the lender accepts.

Source: credit notes 2.6; the lognormal sale of `riskengine.kernels.shortfall`.
"""

import math

from riskengine.kernels.bivariate import bivariate_normal_cdf
from riskengine.kernels.compiling import kernel
from riskengine.kernels.normal import normal_cdf, normal_density, normal_quantile


@kernel
def sale_quantile_at_default(accepted, default_chance, correlation):
    """Normal d below which X lies with a given probability once the borrower has defaulted.

    Phi2(d, k; rho) = a PD, k = N^-1(PD).

    Parameters
    ----------
    accepted : float64
        Probability a [1], in (0, 1).
    default_chance : float64
        PD [1], in (0, 1]; 1 takes no account of default.
    correlation : float64
        Correlation of A with X [1], in [-1, 1].

    Returns
    -------
    float64
        Quantile d [1]; NaN for arguments outside their ranges.

    Notes
    -----
    ln Phi2 is concave in d, so Newton's rule from the left, where d = N^-1(a PD), rises to
    the root without a bracket; a step down is rounding, and ends it.

    Examples
    --------
    >>> round(sale_quantile_at_default(0.05, 0.03, 0.0), 6)
    -1.644854
    >>> round(bivariate_normal_cdf(sale_quantile_at_default(0.05, 0.03, 0.4),
    ...     normal_quantile(0.03), 0.4), 12)
    0.0015
    """
    inside = 0.0 < accepted < 1.0 and 0.0 < default_chance <= 1.0
    if not inside or not -1.0 <= correlation <= 1.0:
        return math.nan
    if default_chance == 1.0 or correlation == 0.0:
        return normal_quantile(accepted)
    wanted = accepted * default_chance
    if correlation == 1.0:
        return normal_quantile(wanted)
    if correlation == -1.0:
        return -normal_quantile((1.0 - accepted) * default_chance)
    threshold = normal_quantile(default_chance)
    root = math.sqrt((1.0 - correlation) * (1.0 + correlation))
    d = normal_quantile(wanted)
    for _ in range(200):
        chance = bivariate_normal_cdf(d, threshold, correlation)
        slope = normal_density(d) * normal_cdf((threshold - correlation * d) / root)
        possible = chance > 0.0 and slope > 0.0
        step = math.log(wanted / chance) * chance / slope if possible else 1.0
        d += step
        if step <= 1e-14 * max(abs(d), 1.0):
            return d
    return math.nan


@kernel
def chance_short_at_default(quantile, default_chance, correlation):
    """Chance that X lies below a number once the borrower has defaulted: Phi2(d, k; rho) / PD.

    Parameters
    ----------
    quantile : float64
        Number d [1].
    default_chance : float64
        PD [1], in (0, 1].
    correlation : float64
        Correlation rho of A with X [1], in [-1, 1].

    Returns
    -------
    float64
        Chance [1], in [0, 1].

    Examples
    --------
    >>> chance_short_at_default(0.0, 1.0, 0.3)
    0.5
    """
    if default_chance == 1.0:
        return normal_cdf(quantile)
    threshold = normal_quantile(default_chance)
    return min(bivariate_normal_cdf(quantile, threshold, correlation) / default_chance, 1.0)


@kernel
def risk_based_loan_to_value(quantile, spread, drift, years, kept, rate):
    """Largest loan over value: (1 - c) exp(m T - s^2 / 2 + s d) / (1 + i)^T.

    Parameters
    ----------
    quantile : float64
        Normal quantile d of the accepted chance of shortfall [1]: N^-1(a), or
        `sale_quantile_at_default`.
    spread : float64
        Spread s of the log of what the sale brings [1], >= 0, as
        `riskengine.kernels.shortfall.sale_spread`.
    drift : float64
        Growth of the mean m [1/year], continuous.
    years : float64
        Time to the sale T [year], >= 0.
    kept : float64
        What haircut and cost of sale leave 1 - c [1], in [0, 1].
    rate : float64
        Rate at which the loan grows until then i [1/year], > -1, compounded yearly.

    Returns
    -------
    float64
        Loan over value [1], >= 0.

    Examples
    --------
    >>> d, s = normal_quantile(0.05), 0.25 * math.sqrt(2.0)
    >>> round(risk_based_loan_to_value(d, s, 0.0, 2.0, 0.95, 0.06), 12)
    0.444024877607
    """
    growth = drift * years - 0.5 * spread * spread + spread * quantile
    return kept * math.exp(growth - years * math.log1p(rate))
