"""Loss of a large pool: very many alike debts that one common factor moves together.

A debt defaults when sqrt(rho) Z + sqrt(1 - rho) e <= c, c = N^-1(PD), low Z bad.  Of very
many small debts the share that defaults is L = N((c - sqrt(rho) Z) / sqrt(1 - rho)), and
everything about L is a normal or bivariate normal probability.  With rho = 0 it is the PD
for sure; with rho = 1 all default or none.

Source: Vasicek, Risk 15(12) (2002) 160; Gordy, J. Financial Intermediation 12 (2003) 199;
credit notes 4.1.
"""

import math

from riskengine.kernels.bivariate import bivariate_normal_cdf
from riskengine.kernels.compiling import kernel
from riskengine.kernels.normal import (
    normal_cdf,
    normal_quantile,
    normal_survival,
)


@kernel
def pool_quantile(threshold, share, tail):
    """Loss of a large pool that is exceeded with a given chance at most.

    N((c - sqrt(rho) N^-1(tail)) / sqrt(1 - rho)), tail = 1 - level.

    Parameters
    ----------
    threshold : float64
        c = N^-1(PD) [1]; infinite for PD 0 or 1.
    share : float64
        Asset correlation rho [1], in [0, 1].
    tail : float64
        Chance of a larger loss [1], in (0, 1).

    Returns
    -------
    float64
        inf{x: P(L <= x) >= 1 - tail} [1], in [0, 1].

    Examples
    --------
    >>> round(pool_quantile(normal_quantile(0.01), 0.2, 0.001), 12)
    0.145525266131
    """
    if share == 1.0:
        return 1.0 if normal_cdf(threshold) > tail else 0.0
    factor = normal_quantile(tail)
    return normal_cdf((threshold - math.sqrt(share) * factor) / math.sqrt(1.0 - share))


@kernel
def pool_shortfall(threshold, share, tail):
    """Mean of the worst losses of a large pool: Phi2(c, N^-1(tail); sqrt(rho)) / tail.

    Parameters
    ----------
    threshold : float64
        c = N^-1(PD) [1].
    share : float64
        Asset correlation rho [1], in [0, 1].
    tail : float64
        Share of worst cases [1], in (0, 1].

    Returns
    -------
    float64
        Expected shortfall [1], in [PD, 1]; the atom at rho = 1 is split.

    Examples
    --------
    >>> round(pool_shortfall(normal_quantile(0.01), 0.2, 0.001), 12)
    0.181435531433
    """
    joint = bivariate_normal_cdf(threshold, normal_quantile(tail), math.sqrt(share))
    return min(joint / tail, 1.0)


@kernel
def pool_factor(threshold, share, loss):
    """State of the factor in which a large pool loses a given share, the reverse stress.

    z* = (c - sqrt(1 - rho) N^-1(x)) / sqrt(rho); the loss exceeds x when Z < z*.

    Parameters
    ----------
    threshold : float64
        c = N^-1(PD) [1].
    share : float64
        Asset correlation rho [1], in [0, 1].
    loss : float64
        Loss x [1], any.

    Returns
    -------
    float64
        z* [1]; infinite where every state exceeds x, minus infinite where none does.

    Examples
    --------
    >>> round(pool_factor(normal_quantile(0.025), 0.12, 0.08), 11)
    -1.85297689798
    """
    if loss < 0.0:
        return math.inf
    if loss >= 1.0 or threshold == -math.inf:
        return -math.inf
    if threshold == math.inf:
        return math.inf
    if share == 0.0:
        return math.inf if normal_cdf(threshold) > loss else -math.inf
    if share == 1.0:
        return threshold
    return (threshold - math.sqrt(1.0 - share) * normal_quantile(loss)) / math.sqrt(share)


@kernel
def pool_survival(threshold, share, loss):
    """Chance that a large pool loses more than a given share: N(z*).

    Parameters
    ----------
    threshold : float64
        c = N^-1(PD) [1].
    share : float64
        Asset correlation rho [1], in [0, 1].
    loss : float64
        Loss x [1], any.

    Returns
    -------
    float64
        P(L > x) [1], in [0, 1], with the relative precision of a tail.

    Examples
    --------
    >>> round(pool_survival(normal_quantile(0.02), 0.1, 0.05), 12)
    0.05938426305
    """
    return normal_cdf(pool_factor(threshold, share, loss))


@kernel
def pool_cdf(threshold, share, loss):
    """Chance that a large pool loses at most a given share: N(-z*).

    Parameters
    ----------
    threshold : float64
        c = N^-1(PD) [1].
    share : float64
        Asset correlation rho [1], in [0, 1].
    loss : float64
        Loss x [1], any.

    Returns
    -------
    float64
        P(L <= x) [1], in [0, 1], with the relative precision of a tail.

    Examples
    --------
    >>> round(pool_cdf(normal_quantile(0.02), 0.1, 0.05), 11)
    0.94061573695
    """
    return normal_survival(pool_factor(threshold, share, loss))


@kernel
def pool_density(threshold, share, loss):
    """Density of the loss of a large pool: sqrt((1 - rho) / rho) n(z*) / n(N^-1(x)).

    Parameters
    ----------
    threshold : float64
        c = N^-1(PD) [1].
    share : float64
        Asset correlation rho [1], in [0, 1].
    loss : float64
        Loss x [1], any.

    Returns
    -------
    float64
        Density [1], >= 0; NaN where the law has atoms only (rho 0 or 1, PD 0 or 1).

    Examples
    --------
    >>> round(pool_density(normal_quantile(0.02), 0.1, 0.02), 6)
    23.383195
    """
    if not 0.0 < share < 1.0 or math.isinf(threshold):
        return math.nan
    if not 0.0 < loss < 1.0:
        return 0.0
    z, x = pool_factor(threshold, share, loss), normal_quantile(loss)
    return math.sqrt((1.0 - share) / share) * math.exp(0.5 * (x - z) * (x + z))


@kernel
def joint_excess(first, second, share):
    """Chance that two debts default together, above independence: Phi2(c, d; rho) - N(c) N(d).

    Parameters
    ----------
    first, second : float64
        Thresholds c and d [1]; infinite for PD 0 or 1.
    share : float64
        Asset correlation rho [1], in [-1, 1].

    Returns
    -------
    float64
        Covariance of the two defaults [1], in [-1/4, 1/4].

    Notes
    -----
    The integral of the bivariate density over the correlation (Plackett), so that small
    correlations keep their digits; only towards rho = 1 and -1 the difference itself.

    Examples
    --------
    >>> k = normal_quantile(0.01)
    >>> round(math.sqrt(joint_excess(k, k, 0.1)), 12)
    0.009625651591
    """
    nodes = (
        0.0950125098376374, 0.2816035507792589, 0.4580167776572274, 0.6178762444026438,
        0.7554044083550030, 0.8656312023878318, 0.9445750230732326, 0.9894009349916499,
    )  # fmt: skip
    weights = (
        0.1894506104550685, 0.1826034150449236, 0.1691565193950025, 0.1495959888165767,
        0.1246289712555339, 0.0951585116824928, 0.0622535239386479, 0.0271524594117541,
    )  # fmt: skip
    if math.isinf(first) or math.isinf(second):
        return 0.0
    if abs(share) > 0.5:
        joint = bivariate_normal_cdf(first, second, share)
        return joint - normal_cdf(first) * normal_cdf(second)
    half = 0.25 * math.asin(share)
    squares, product = 0.5 * (first * first + second * second), first * second
    total = 0.0
    for panel in range(2):
        for i in range(16):
            node = nodes[i // 2] if i % 2 else -nodes[i // 2]
            sine = math.sin(half * (2 * panel + 1 + node))
            cosine = (1.0 - sine) * (1.0 + sine)
            total += weights[i // 2] * math.exp((product * sine - squares) / cosine)
    return half * total / (2.0 * math.pi)
