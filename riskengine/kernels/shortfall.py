"""Shortfall of collateral: the loss when what a sale brings is less than the debt.

What a sale brings is lognormal, C = F exp(-s^2 / 2 + s X) with mean F, spread s and X a
standard normal; the borrower defaults when A <= N^-1(PD), A a standard normal whose
correlation with X is kappa.  A low and X low are bad, so kappa > 0 is wrong-way risk.

    E[max(D - C, 0)] = D N(d) - F N(d - s),   d = (ln(D / F) + s^2 / 2) / s

is a put; everything else here is made of puts.

Source: Black & Scholes, J. Political Economy 81 (1973) 637; Frye, Risk 13(4) (2000) 91
(collateral that moves with the default factor); Merton, J. Finance 29 (1974) 449.
"""

import math

from riskengine.kernels.bivariate import bivariate_normal_cdf, marched_integral, normal_between
from riskengine.kernels.compiling import kernel
from riskengine.kernels.normal import normal_cdf, normal_quantile


@kernel
def net_forward(value, haircut_and_cost, drift, years):
    """Mean of what a sale brings: F = C_0 (1 - h) exp(m T).

    Parameters
    ----------
    value : float64
        Value today C_0, a mean [yuan], >= 0.
    haircut_and_cost : float64
        Share lost to quality, title and cost of sale h [1], in [0, 1].
    drift : float64
        Growth of the mean m [1/year], continuous.
    years : float64
        Time to the sale T [year], >= 0.

    Returns
    -------
    float64
        Mean F [yuan], >= 0.

    Examples
    --------
    >>> net_forward(120.0, 0.2, 0.0, 2.0)
    96.0
    """
    return value * (1.0 - haircut_and_cost) * math.exp(drift * years)


@kernel
def sale_spread(volatility, years, value_error):
    """Spread of the log of what a sale brings: s = sqrt(sigma^2 T + e^2).

    Parameters
    ----------
    volatility : float64
        Yearly volatility of the price sigma [1/sqrt(year)], >= 0.
    years : float64
        Time to the sale T [year], >= 0.
    value_error : float64
        Standard error of the log of the value itself e [1], >= 0: the honest error of the
        price model goes into the loss.

    Returns
    -------
    float64
        Spread s [1], >= 0.

    Examples
    --------
    >>> round(sale_spread(0.25, 4.0, 1.2), 6)
    1.3
    """
    return math.hypot(volatility * math.sqrt(years), value_error)


@kernel
def _distance(debt, forward, spread):
    """Normal d = (ln(D / F) + s^2 / 2) / s at which the sale brings the debt."""
    if forward < 2.0 * debt and debt < 2.0 * forward:
        return math.log1p((debt - forward) / forward) / spread + 0.5 * spread
    return (math.log(debt) - math.log(forward)) / spread + 0.5 * spread


@kernel
def chance_short(debt, forward, spread):
    """Probability that a sale brings less than the debt: N(d).

    Parameters
    ----------
    debt : float64
        Debt D [yuan], >= 0.
    forward : float64
        Mean of what the sale brings F [yuan], >= 0.
    spread : float64
        Spread s [1], >= 0.

    Returns
    -------
    float64
        Probability [1], in [0, 1]; without spread 1 when D > F and 0 otherwise.

    Examples
    --------
    >>> round(chance_short(100.0, 96.0, 0.25 * math.sqrt(2.0)), 9)
    0.61494795
    """
    if debt == 0.0 or forward == 0.0 or spread == 0.0:
        return 1.0 if debt > forward else 0.0
    return normal_cdf(_distance(debt, forward, spread))


@kernel
def _smaller_leg(debt, forward, spread):
    """D N(d) - F N(d - s) for D <= F."""
    d = _distance(debt, forward, spread)
    if spread > 0.1 * (1.0 + abs(d)):
        return debt * normal_cdf(d) - forward * normal_cdf(d - spread)
    # The two terms nearly cancel: add up D (1 - exp(-s t)) n(d - t) instead.
    return debt * marched_integral(d, math.inf, 0.0, spread)


@kernel
def expected_shortfall_of_sale(debt, forward, spread):
    """Mean shortfall E[max(D - C, 0)] = D N(d) - F N(d - s).

    Parameters
    ----------
    debt : float64
        Debt D [yuan], >= 0.
    forward : float64
        Mean of what the sale brings F [yuan], >= 0.
    spread : float64
        Spread s [1], >= 0; without spread max(D - F, 0).

    Returns
    -------
    float64
        Mean shortfall [yuan], in [max(D - F, 0), D].

    Notes
    -----
    Relative error about 1e-13 for every spread and every D / F.  Where D > F the answer is
    D - F plus the small leg E[max(C - D, 0)], which is the same formula with D and F
    exchanged.

    Examples
    --------
    >>> round(expected_shortfall_of_sale(100.0, 96.0, 0.25 * math.sqrt(2.0)), 10)
    15.8415814059
    """
    if debt == 0.0 or forward == 0.0 or spread == 0.0:
        return max(debt - forward, 0.0)
    if debt <= forward:
        return _smaller_leg(debt, forward, spread)
    return (debt - forward) + _smaller_leg(forward, debt, spread)


@kernel
def economic_loss_share(debt, shortfall, force, years):
    """Loss given default after the wait: 1 - e^(-r T) E[min(D, C)] / D.

    Parameters
    ----------
    debt : float64
        Debt D [yuan], > 0.
    shortfall : float64
        Mean shortfall E[max(D - C, 0)] [yuan].
    force : float64
        Force of interest r [1/year], continuous.
    years : float64
        Time to the sale T [year], >= 0.

    Returns
    -------
    float64
        Loss given default [1]; not clipped.

    Examples
    --------
    >>> round(economic_loss_share(100.0, 15.8415814059, 0.04, 2.0), 10)
    0.2231198811
    """
    lost = shortfall / debt
    return lost - (1.0 - lost) * math.expm1(-force * years)


@kernel
def _wrong_way_certain(debt, forward, spread, threshold, correlation):
    """The shortfall on default where A = X or A = -X."""
    d = _distance(debt, forward, spread)
    if correlation > 0.0:
        m = min(d, threshold)
        return debt * normal_cdf(m) - forward * normal_cdf(m - spread)
    kept = forward * normal_between(-threshold - spread, d - spread)
    return debt * normal_between(-threshold, d) - kept


@kernel
def _out_of_reach(debt, forward, spread, threshold, correlation):
    """(D - F) PD + F (PD - P(A <= k) under the measure of C) + E[max(C - D, 0) 1{A <= k}]."""
    shift = correlation * spread
    taken = normal_between(threshold - shift, threshold)
    taken -= normal_between(threshold, threshold - shift)
    loss = (debt - forward) * normal_cdf(threshold) + forward * taken
    other = spread - _distance(debt, forward, spread)
    if other > -38.0:
        loss += forward * marched_integral(other, threshold - shift, -correlation, spread)
    return loss


@kernel
def wrong_way_shortfall(debt, forward, spread, threshold, correlation):
    """Mean shortfall on default: E[max(D - C, 0) 1{A <= k}].

    D Phi2(d, k; rho) - F Phi2(d - s, k - rho s; rho).

    Parameters
    ----------
    debt : float64
        Debt D [yuan], >= 0.
    forward : float64
        Mean of what the sale brings F [yuan], >= 0, default or not.
    spread : float64
        Spread s [1], >= 0.
    threshold : float64
        k = N^-1(PD) [1]; infinite for certain default, minus infinite for none.
    correlation : float64
        Correlation rho of A with X [1], in [-1, 1].

    Returns
    -------
    float64
        Mean loss [yuan], in [0, D N(k)].

    Notes
    -----
    Where the two terms nearly cancel (small spread, far out of the money) the loss is
    D times the integral over x <= d of n(x) (1 - exp(-s (d - x))) P(A <= k | x): positive
    terms, so the relative error stays near 1e-13.  Where the debt is out of reach (d
    large) it is (D - F) PD, plus what wrong-way risk takes off F, plus the small leg.

    Source: credit notes 2.3, by completing the square in the density of (A, X).

    Examples
    --------
    >>> k = normal_quantile(0.03)
    >>> round(wrong_way_shortfall(100.0, 110.0, 0.3, k, 0.2), 12)
    0.409837969194
    """
    if threshold == -math.inf:
        return 0.0
    if debt == 0.0 or forward == 0.0 or spread == 0.0:
        return max(debt - forward, 0.0) * normal_cdf(threshold)
    if threshold == math.inf:
        return expected_shortfall_of_sale(debt, forward, spread)
    if abs(correlation) == 1.0:
        return _wrong_way_certain(debt, forward, spread, threshold, correlation)
    d = _distance(debt, forward, spread)
    if d > 20.0:
        return _out_of_reach(debt, forward, spread, threshold, correlation)
    whole = debt * bivariate_normal_cdf(d, threshold, correlation)
    kept = bivariate_normal_cdf(d - spread, threshold - correlation * spread, correlation)
    loss = whole - forward * kept
    if loss > 0.02 * whole:
        return loss
    return debt * marched_integral(d, threshold, correlation, spread)


@kernel
def wrong_way_loss_share(debt, forward, spread, default_chance, correlation):
    """Loss given default with wrong-way risk: E[max(D - C, 0) | A <= k] / D.

    Parameters
    ----------
    debt : float64
        Debt D [yuan], > 0.
    forward : float64
        Mean of what the sale brings F [yuan], >= 0, default or not.
    spread : float64
        Spread s [1], >= 0.
    default_chance : float64
        PD [1], in [0, 1].
    correlation : float64
        Correlation of A with X [1], in [-1, 1].

    Returns
    -------
    float64
        Loss given default [1], in [0, 1].  At PD 0 the limit of ever rarer defaults: 1 for
        a positive correlation, 0 for a negative one (with spread), the put without any.

    Examples
    --------
    >>> round(wrong_way_loss_share(100.0, 110.0, 0.3, 0.03, 0.2), 12)
    0.136612656398
    """
    if default_chance == 0.0:
        if correlation == 0.0 or spread == 0.0 or forward == 0.0:
            return expected_shortfall_of_sale(debt, forward, spread) / debt
        return 1.0 if correlation > 0.0 else 0.0
    threshold = normal_quantile(default_chance)
    loss = wrong_way_shortfall(debt, forward, spread, threshold, correlation)
    return min(loss / (debt * default_chance), 1.0)


@kernel
def conditional_default_chance(threshold, systematic, share):
    """PD when the systematic part of A is known: N((k - y) / sqrt(1 - rho)).

    Parameters
    ----------
    threshold : float64
        k = N^-1(PD) [1].
    systematic : float64
        Systematic part y of A [1]: sqrt(rho) z with one factor z, low in bad times; with
        several factors the weighted sum.
    share : float64
        Its variance rho [1], in [0, 1): the asset correlation of two alike borrowers.

    Returns
    -------
    float64
        Probability [1], in [0, 1]; its mean over the factor is the PD itself.

    Notes
    -----
    Source: Vasicek, Risk 15(12) (2002) 160.

    Examples
    --------
    >>> k, z = normal_quantile(0.03), normal_quantile(0.001)
    >>> round(conditional_default_chance(k, math.sqrt(0.12) * z, 0.12), 12)
    0.193851956175
    """
    return normal_cdf((threshold - systematic) / math.sqrt(1.0 - share))


@kernel
def conditional_shortfall(debt, forward, spread, systematic, share):
    """Mean shortfall when the systematic part of X is known: the put on what is left.

    F(y) = F exp(-s^2 b / 2 + s y), s' = s sqrt(1 - b).

    Parameters
    ----------
    debt : float64
        Debt D [yuan], >= 0.
    forward : float64
        Mean of what the sale brings F [yuan], >= 0.
    spread : float64
        Spread s [1], >= 0.
    systematic : float64
        Systematic part y of X [1]: sqrt(b) z with one factor z; with several the weighted
        sum.
    share : float64
        Its variance b [1], in [0, 1].

    Returns
    -------
    float64
        Mean shortfall [yuan], in [0, D]; its mean over the factor is the plain put.

    Examples
    --------
    >>> z = normal_quantile(0.001)
    >>> round(conditional_shortfall(100.0, 110.0, 0.3, 0.5 * z, 0.25), 10)
    32.2623665619
    """
    conditional = forward * math.exp(spread * (systematic - 0.5 * spread * share))
    return expected_shortfall_of_sale(debt, conditional, spread * math.sqrt(1.0 - share))


@kernel
def mixed_shortfall(debt, shortfall, enforceable):
    """Mean shortfall when the right may turn out unenforceable: q S + (1 - q) D.

    Parameters
    ----------
    debt : float64
        Debt D [yuan], >= 0.
    shortfall : float64
        Mean shortfall when it can be enforced S [yuan], in [0, D].
    enforceable : float64
        Probability that it can be enforced and transferred q [1], in [0, 1].

    Returns
    -------
    float64
        Mean shortfall [yuan].

    Notes
    -----
    A mixture, not a haircut on the value: the put is convex, so a haircut of 1 - q
    understates the loss.

    Examples
    --------
    >>> mixed_shortfall(100.0, 10.0, 0.9)
    19.0
    """
    return enforceable * shortfall + (1.0 - enforceable) * debt
