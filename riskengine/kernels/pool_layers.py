"""Layers of the loss of a large pool, and every measure of it row by row.

The pool is that of `riskengine.kernels.large_pool`; layers are mean losses above a
retention, below a cap, between two ends.

Source: Vasicek, Risk 15(12) (2002) 160; credit notes 4.1, 5.1.
"""

import math

from riskengine.kernels.bivariate import bivariate_normal_cdf
from riskengine.kernels.compiling import kernel
from riskengine.kernels.large_pool import (
    joint_excess,
    pool_cdf,
    pool_density,
    pool_factor,
    pool_quantile,
    pool_shortfall,
    pool_survival,
)
from riskengine.kernels.normal import normal_cdf, normal_density, normal_quantile


@kernel
def pool_stop_loss(threshold, share, retention):
    """Mean loss of a large pool above a retention: E[max(L - K, 0)].

    Phi2(c, -N^-1(K); -sqrt(1 - rho)), the same as Phi2(c, z*; sqrt(rho)) - K N(z*).

    Parameters
    ----------
    threshold : float64
        c = N^-1(PD) [1].
    share : float64
        Asset correlation rho [1], in [0, 1].
    retention : float64
        Retention K [1], any.

    Returns
    -------
    float64
        Mean [1], >= 0.

    Notes
    -----
    One positive term, by parts from the integral of P(L > x), in place of the usual
    difference of two that nearly cancel: relative error about 1e-13 + 1e-16 / rho.

    Examples
    --------
    >>> round(pool_stop_loss(normal_quantile(0.02), 0.1, 0.05), 14)
    0.00108263676012
    """
    if retention <= 0.0:
        return normal_cdf(threshold) - retention
    if retention >= 1.0:
        return 0.0
    limit = -normal_quantile(retention)
    return bivariate_normal_cdf(threshold, limit, -math.sqrt(1.0 - share))


@kernel
def pool_capped(threshold, share, cap):
    """Mean loss of a large pool up to a cap: E[min(L, K)] = Phi2(c, N^-1(K); sqrt(1 - rho)).

    Parameters
    ----------
    threshold : float64
        c = N^-1(PD) [1].
    share : float64
        Asset correlation rho [1], in [0, 1].
    cap : float64
        Cap K [1], any.

    Returns
    -------
    float64
        Mean [1]; K itself where K <= 0.

    Examples
    --------
    >>> round(pool_capped(normal_quantile(0.02), 0.1, 0.05), 13)
    0.0189173632399
    """
    if cap <= 0.0:
        return cap
    if cap >= 1.0:
        return normal_cdf(threshold)
    return bivariate_normal_cdf(threshold, normal_quantile(cap), math.sqrt(1.0 - share))


@kernel
def _thin_layer(threshold, share, low, high):
    """Integral of n(u) N((c - sqrt(1 - rho) u) / sqrt(rho)) between two quantiles."""
    nodes = (0.1834346424956498, 0.525532409916329, 0.7966664774136267, 0.9602898564975363)
    weights = (0.362683783378362, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763)
    panels = min(1 + int((high - low) / math.sqrt(share)), 64)
    half = 0.5 * (high - low) / panels
    total = 0.0
    for j in range(panels):
        middle = low + (2 * j + 1) * half
        for i in range(8):
            u = middle + half * (nodes[i // 2] if i % 2 else -nodes[i // 2])
            z = (threshold - math.sqrt(1.0 - share) * u) / math.sqrt(share)
            total += weights[i // 2] * normal_density(u) * normal_cdf(z)
    return half * total


@kernel
def pool_layer(threshold, share, attach, detach):
    """Mean loss of a large pool in a layer: E[min(max(L - a, 0), b - a)].

    Parameters
    ----------
    threshold : float64
        c = N^-1(PD) [1].
    share : float64
        Asset correlation rho [1], in [0, 1].
    attach, detach : float64
        Ends of the layer a <= b [1], >= 0.

    Returns
    -------
    float64
        Mean [1], in [0, b - a].

    Notes
    -----
    A difference of two stop losses, or of two capped means where those are smaller; a
    thin layer is integrated, so that it keeps its digits.

    Examples
    --------
    >>> k = normal_quantile(0.03)
    >>> round(0.6 * pool_layer(k, 0.15, 0.04 / 0.6, 0.07 / 0.6), 14)
    0.00151580194752
    """
    above = pool_stop_loss(threshold, share, attach)
    found = above - pool_stop_loss(threshold, share, detach)
    if detach <= 1.0 and found < 0.1 * above:
        below = pool_capped(threshold, share, detach)
        other = below - pool_capped(threshold, share, attach)
        if below < above:
            found, above = other, below
        if attach > 0.0 and found < 0.01 * above and 0.0 < share < 1.0 and detach < 1.0:
            ends = normal_quantile(attach), normal_quantile(detach)
            return _thin_layer(threshold, share, ends[0], ends[1])
    return max(found, 0.0)


@kernel
def pool_rows(kind, x, out):
    """One measure of many large pools.

    Parameters
    ----------
    kind : int64
        0 quantile, 1 expected shortfall, 2 survival, 3 cdf, 4 density, 5 stop loss, 6
        capped mean, 7 layer, 8 variance, 9 factor.
    x : (4, n) float64
        PD [1], asset correlation [1], and one or two arguments of the measure [1].
    out : (n,) float64
        Filled with the measure [1].
    """
    for i in range(out.size):
        threshold, share, first, second = normal_quantile(x[0, i]), x[1, i], x[2, i], x[3, i]
        if kind == 0:
            out[i] = pool_quantile(threshold, share, first)
        elif kind == 1:
            out[i] = pool_shortfall(threshold, share, first)
        elif kind == 2:
            out[i] = pool_survival(threshold, share, first)
        elif kind == 3:
            out[i] = pool_cdf(threshold, share, first)
        elif kind == 4:
            out[i] = pool_density(threshold, share, first)
        elif kind == 5:
            out[i] = pool_stop_loss(threshold, share, first)
        elif kind == 6:
            out[i] = pool_capped(threshold, share, first)
        elif kind == 7:
            out[i] = pool_layer(threshold, share, first, second)
        elif kind == 8:
            out[i] = joint_excess(threshold, threshold, share)
        else:
            out[i] = pool_factor(threshold, share, first)
