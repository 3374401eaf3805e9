"""Standard normal distribution: density, probabilities of both tails, logarithm, quantile.

Probabilities of far tails keep their relative precision (no 1 - p), because
haircuts and loss quantiles live there; beyond 38 standard deviations the probability
itself is no floating-point number any more, but its logarithm is.

Source: Abramowitz & Stegun (1964), 7.1, 26.2.12-14 and 26.2.23.
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def normal_density(x):
    """Density of the standard normal: exp(-x^2 / 2) / sqrt(2 pi).

    Parameters
    ----------
    x : float64
        Argument [1], any.

    Returns
    -------
    float64
        Density [1], in [0, 0.3989...].

    Examples
    --------
    >>> round(normal_density(0.0), 6)
    0.398942
    """
    return math.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)


@kernel
def normal_cdf(x):
    """Probability that a standard normal is at most x.

    N(x) = erfc(-x / sqrt 2) / 2.

    Parameters
    ----------
    x : float64
        Argument [1], any.

    Returns
    -------
    float64
        Probability [1], in [0, 1].

    Notes
    -----
    Relative error about (1 + x^2) 1e-16 in the lower tail, from rounding x / sqrt 2.

    Examples
    --------
    >>> round(normal_cdf(1.96), 6)
    0.975002
    >>> normal_cdf(-10.0)
    7.619853024160593e-24
    """
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


@kernel
def normal_survival(x):
    """Probability that a standard normal is more than x: N(-x).

    Parameters
    ----------
    x : float64
        Argument [1], any.

    Returns
    -------
    float64
        Probability [1], in [0, 1].

    Examples
    --------
    >>> normal_survival(10.0) == normal_cdf(-10.0)
    True
    """
    return 0.5 * math.erfc(x / math.sqrt(2.0))


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


@kernel
def normal_quantile(probability):
    """Value below which a standard normal lies with a given probability.

    Parameters
    ----------
    probability : float64
        Probability [1], in [0, 1].

    Returns
    -------
    float64
        Quantile [1]; minus infinity at 0, infinity at 1, NaN outside [0, 1].

    Notes
    -----
    Starts from the rational approximation 26.2.23 of Abramowitz & Stegun (error
    below 4.5e-4) on the smaller tail; two steps of Halley's rule, each of which
    cubes the error, bring it to rounding for tails down to 1e-307.  Next to the
    median the residual is taken from erf, so that quantiles near 0 keep their
    relative precision.

    Examples
    --------
    >>> round(normal_quantile(0.95), 6), round(normal_quantile(0.99), 6)
    (1.644854, 2.326348)
    >>> normal_quantile(0.5)
    0.0
    """
    if not 0.0 < probability < 1.0:
        if probability == 0.0:
            return -math.inf
        return math.inf if probability == 1.0 else math.nan
    if probability == 0.5:
        return 0.0
    tail = min(probability, 1.0 - probability)
    t = math.sqrt(-2.0 * math.log(tail))
    x = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (
        1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308))
    )
    for _ in range(2):
        if tail > 0.25:
            excess = 0.5 * math.erf(x / math.sqrt(2.0)) - abs(probability - 0.5)
        else:
            excess = tail - 0.5 * math.erfc(x / math.sqrt(2.0))
        step = excess / normal_density(x)
        x -= step / (1.0 + 0.5 * x * step)
    return x if probability > 0.5 else -x
