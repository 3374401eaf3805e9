"""Wrong-way risk: collateral that is low just when borrowers default.

What a sale brings is C = F exp(-s^2 / 2 + s X); the borrower defaults when A <= k,
k = N^-1(PD).  A and X are standard normals with correlation rho; low is bad for both, so
rho > 0 is wrong-way risk.  With one factor Z, A = sqrt(r) Z + ... and X = sqrt(b) Z + ...
give rho = sqrt(r b).

Source: Frye, Risk 13(4) (2000) 91 (collateral that moves with the default factor);
Vasicek, Risk 15(12) (2002) 160; credit notes 2.3.
"""

import math

from riskengine.kernels.bivariate import bivariate_normal_cdf, marched_integral, normal_between
from riskengine.kernels.compiling import kernel
from riskengine.kernels.normal import normal_cdf, normal_quantile
from riskengine.kernels.shortfall import expected_shortfall_of_sale, sale_distance


@kernel
def _wrong_way_certain(debt, forward, spread, threshold, correlation):
    """The shortfall on default where A = X or A = -X."""
    d = sale_distance(debt, forward, spread)
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
    other = spread - sale_distance(debt, forward, spread)
    if other > -38.0:
        loss += forward * marched_integral(other, threshold - shift, -correlation, spread)
    return loss


@kernel
def _within_reach(debt, forward, spread, threshold, correlation):
    """D Phi2(d, k) - F Phi2(d - s, k - rho s), or the same in positive terms."""
    d = sale_distance(debt, forward, spread)
    whole = debt * bivariate_normal_cdf(d, threshold, correlation)
    kept = bivariate_normal_cdf(d - spread, threshold - correlation * spread, correlation)
    loss = whole - forward * kept
    if loss > 0.02 * whole:
        return loss
    return debt * marched_integral(d, threshold, correlation, spread)


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
    if sale_distance(debt, forward, spread) > 20.0:
        return _out_of_reach(debt, forward, spread, threshold, correlation)
    return _within_reach(debt, forward, spread, threshold, correlation)


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
