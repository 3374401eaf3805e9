"""Logarithm of the normal distribution and the rate at which its tail thins out.

Beyond 38 standard deviations the probability itself is no floating-point number any
more, but its logarithm is.

Source: Abramowitz & Stegun (1964), 26.2.12-14 (asymptotic series, continued fraction).
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.normal import normal_cdf, normal_density


@kernel
def _far_ratio(x):
    """Survival over density of a standard normal for x >= 12, by continued fraction 26.2.14."""
    value = x
    for k in range(30, 0, -1):
        value = x + k / value
    return 1.0 / value


@kernel
def log_normal_cdf(x):
    """Logarithm of the probability that a standard normal is at most x: ln N(x).

    Parameters
    ----------
    x : float64
        Argument [1], any.

    Returns
    -------
    float64
        Logarithm [1], <= 0; minus infinity at minus infinity.

    Examples
    --------
    >>> round(log_normal_cdf(-40.0), 9)
    -804.608442014
    """
    if x > 0.0:
        return math.log1p(-normal_cdf(-x))
    if x > -12.0:
        return math.log(normal_cdf(x))
    if x == -math.inf:
        return -math.inf
    return -0.5 * x * x - 0.5 * math.log(2.0 * math.pi) + math.log(_far_ratio(-x))


@kernel
def normal_tail_rate(x):
    """Slope of ln N(x): density over probability of the lower tail, n(x) / N(x).

    Parameters
    ----------
    x : float64
        Argument [1], any.

    Returns
    -------
    float64
        Rate [1], > 0; about -x far below 0.

    Examples
    --------
    >>> round(normal_tail_rate(0.0), 6), round(normal_tail_rate(-50.0), 6)
    (0.797885, 50.019984)
    """
    if x > -12.0:
        return normal_density(x) / normal_cdf(x)
    return 1.0 / _far_ratio(-x)
