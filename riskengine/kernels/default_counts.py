"""Likelihood of yearly default counts when one factor moves all debts of a year.

Given the year's factor Z the defaults of n alike debts are binomial with the chance
N((c - sqrt(rho) z) / sqrt(1 - rho)); the likelihood of d defaults is its mean over Z.  The
integrand is log-concave (a probit likelihood times a normal), so it is integrated from its
peak outwards in panels of its local width, however large n is.

Source: Gordy & Heitfield, Estimating default correlations from short panels of credit
rating performance data, Federal Reserve Board (2002); Vasicek, Risk 15(12) (2002) 160.
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.normal import log_normal_cdf, normal_tail_rate


@kernel
def _height(z, defaults, obligors, threshold, share):
    """Log of binomial kernel times normal kernel at z, with its first two slopes."""
    root = math.sqrt(1.0 - share)
    u, fall = (threshold - math.sqrt(share) * z) / root, -math.sqrt(share) / root
    alive = obligors - defaults
    value, first, second = -0.5 * z * z, -z, -1.0
    if defaults > 0.0:
        rate = normal_tail_rate(u)
        value += defaults * log_normal_cdf(u)
        first += defaults * fall * rate
        second -= defaults * fall * fall * rate * (rate + u)
    if alive > 0.0:
        rate = normal_tail_rate(-u)
        value += alive * log_normal_cdf(-u)
        first -= alive * fall * rate
        second -= alive * fall * fall * rate * (rate - u)
    return value, first, second


@kernel
def _log_height(z, defaults, alive, threshold, share):
    """The value of `_height` alone."""
    u = (threshold - math.sqrt(share) * z) / math.sqrt(1.0 - share)
    value = -0.5 * z * z
    if defaults > 0.0:
        value += defaults * log_normal_cdf(u)
    if alive > 0.0:
        value += alive * log_normal_cdf(-u)
    return value


@kernel
def _mode(defaults, obligors, threshold, share):
    """Peak of the integrand by Newton's rule within a bracket, and the width there."""
    low, high, z = -40.0, 40.0, 0.0
    _, first, second = _height(z, defaults, obligors, threshold, share)
    for _ in range(200):
        if first > 0.0:
            low = z
        else:
            high = z
        step = z - first / second
        z = step if low < step < high else 0.5 * (low + high)
        _, first, second = _height(z, defaults, obligors, threshold, share)
        if abs(first) <= 1e-9 * math.sqrt(-second) or high - low < 1e-13:
            break
    return z, 1.0 / math.sqrt(-second)


@kernel
def log_count_likelihood(defaults, obligors, threshold, share):
    """Log-likelihood of a year's defaults, without the binomial coefficient.

    ln of the mean over Z of p(Z)^d (1 - p(Z))^(n - d).

    Parameters
    ----------
    defaults : float64
        Defaults d [count], in [0, n]; need not be whole.
    obligors : float64
        Debts n at the start of the year [count], > 0.
    threshold : float64
        c = N^-1(PD) [1], finite.
    share : float64
        Asset correlation rho [1], in [0, 1).

    Returns
    -------
    float64
        Log-likelihood [1].

    Notes
    -----
    Relative error of the likelihood about 1e-12 for any n.

    Examples
    --------
    >>> round(log_count_likelihood(1.0, 1.0, -2.0, 0.3), 9), round(log_normal_cdf(-2.0), 9)
    (-3.783184334, -3.783184334)
    """
    nodes = (0.1488743389816312, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845,
             0.9739065285171717)  # fmt: skip
    weights = (0.2955242247147529, 0.2692667193099963, 0.2190863625159821, 0.1494513491505806,
               0.0666713443086881)  # fmt: skip
    if share == 0.0:
        return _log_height(0.0, defaults, obligors - defaults, threshold, 0.0)
    mode, width = _mode(defaults, obligors, threshold, share)
    top = _log_height(mode, defaults, obligors - defaults, threshold, share)
    # A step of the probit may be sharper than the peak is wide.
    width = min(width, math.sqrt((1.0 - share) / share))
    total = 0.0
    for side in range(2):
        half = width if side else -width
        start = mode
        for _ in range(2000):
            part = 0.0
            for i in range(10):
                node = nodes[i // 2] if i % 2 else -nodes[i // 2]
                z = start + half * (1.0 + node)
                value = _log_height(z, defaults, obligors - defaults, threshold, share)
                part += weights[i // 2] * math.exp(value - top)
            part *= abs(half)
            total += part
            start += 2.0 * half
            if part <= 1e-16 * total:
                break
    return top + math.log(total) - 0.5 * math.log(2.0 * math.pi)


@kernel
def count_likelihood_rows(defaults, obligors, thresholds, share):
    """Sum of the log-likelihoods of many years.

    Parameters
    ----------
    defaults, obligors : (t,) float64
        Defaults and debts of each year [count].
    thresholds : (t,) float64
        N^-1(PD) of each year [1].
    share : float64
        Asset correlation [1], in [0, 1).

    Returns
    -------
    float64
        Log-likelihood without binomial coefficients [1].
    """
    total = 0.0
    for i in range(defaults.size):
        total += log_count_likelihood(defaults[i], obligors[i], thresholds[i], share)
    return total
