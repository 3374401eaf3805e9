"""Borrower and guarantors that fail together.

Latent variables A of borrower o and guarantor g are standard normals with correlation rho;
either fails when A is at or below N^-1 of its PD.

Source: credit notes 2.5; Heitfield & Barger (2003), double default; Vasicek (2002).
"""

import math

from riskengine.kernels.bivariate import bivariate_normal_cdf, normal_between
from riskengine.kernels.compiling import kernel
from riskengine.kernels.normal import normal_cdf, normal_density, normal_quantile


@kernel
def both_default_rows(x, out):
    """Chance that borrower and guarantor both fail: Phi2(N^-1(p), N^-1(q); rho).

    Parameters
    ----------
    x : (3, n) float64
        PDs of borrower and guarantor [1], in [0, 1], and correlation [1], in [-1, 1].
    out : (n,) float64
        Filled with chances [1].
    """
    for i in range(out.size):
        low, high = normal_quantile(x[0, i]), normal_quantile(x[1, i])
        out[i] = bivariate_normal_cdf(low, high, x[2, i])


@kernel
def all_default(quantiles, loadings, nodes, weights):
    """Chance that everybody fails in a one-factor world: the integral of the product over z.

    Parameters
    ----------
    quantiles : (m,) float64
        N^-1 of the PDs [1].
    loadings : (m,) float64
        Loadings on the factor [1], in (-1, 1).
    nodes, weights : (k,) float64
        Quadrature on [-1, 1] [1]; it is laid in panels of one standard deviation.

    Returns
    -------
    float64
        Chance [1].

    Examples
    --------
    >>> import numpy as np
    >>> nodes, weights = np.polynomial.legendre.leggauss(16)
    >>> k = np.array([normal_quantile(0.02), normal_quantile(0.05)])
    >>> round(all_default(k, np.zeros(2), nodes, weights), 12)
    0.001
    """
    total = 0.0
    for panel in range(-12, 12):
        for j in range(nodes.size):
            z = panel + 0.5 + 0.5 * nodes[j]
            product = 0.5 * weights[j] * normal_density(z)
            for i in range(quantiles.size):
                rest = math.sqrt(1.0 - loadings[i] * loadings[i])
                product *= normal_cdf((quantiles[i] - loadings[i] * z) / rest)
            total += product
    return total


@kernel
def shortfall_at_default(distance, quantile, correlation):
    """Mean shortfall of X below d on default: E[max(d - X, 0) 1{A <= k}].

    d Phi2(d, k; r) + n(d) N((k - r d) / q) + r n(k) N((d - r k) / q), q = sqrt(1 - r^2).

    Parameters
    ----------
    distance : float64
        d [1], any.
    quantile : float64
        k = N^-1(PD) [1]; infinite for certain default.
    correlation : float64
        Correlation r of X with A [1], in [-1, 1].

    Returns
    -------
    float64
        Mean [1], >= 0.

    Notes
    -----
    Source: completing the square in the density of (X, A), as in credit notes 2.3.

    Examples
    --------
    >>> round(shortfall_at_default(0.0, math.inf, 0.3), 12)
    0.398942280401
    """
    if quantile == -math.inf:
        return 0.0
    if correlation == 1.0:
        m = min(distance, quantile)
        return distance * normal_cdf(m) + normal_density(m)
    if correlation == -1.0:
        if distance <= -quantile:
            return 0.0
        inside = distance * normal_between(-quantile, distance)
        return inside + normal_density(distance) - normal_density(quantile)
    root = math.sqrt(1.0 - correlation * correlation)
    value = distance * bivariate_normal_cdf(distance, quantile, correlation)
    value += normal_density(distance) * normal_cdf((quantile - correlation * distance) / root)
    if quantile < math.inf:
        other = (distance - correlation * quantile) / root
        value += correlation * normal_density(quantile) * normal_cdf(other)
    return max(value, 0.0)


@kernel
def shortfall_at_default_rows(x, out):
    """`shortfall_at_default` of many rows.

    Parameters
    ----------
    x : (3, n) float64
        Distance [1], PD [1], in [0, 1], and correlation [1], in [-1, 1].
    out : (n,) float64
        Filled with means [1].
    """
    for i in range(out.size):
        out[i] = shortfall_at_default(x[0, i], normal_quantile(x[1, i]), x[2, i])
