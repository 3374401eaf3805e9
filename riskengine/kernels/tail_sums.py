"""Tails of a mixture of normals and points, such as losses over weighted scenarios.

Component s is normal with mean m_s and spread d_s, or the point m_s where d_s = 0.  Weights
are divided by the number of scenarios and not scaled to add up to 1: the right tail is
added up on its own, so that what the weights miss elsewhere does not reach it.

Source: Glasserman & Li, Management Science 51 (2005) 1643, 3.1; Acerbi & Tasche, J.
Banking & Finance 26 (2002) 1487; credit notes 4.5.
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.normal import normal_density, normal_survival


@kernel
def mixture_tail(means, spreads, weights, x):
    """Probability of more than x, mean of what is lost beyond it, and density.

    Parameters
    ----------
    means, spreads : (s,) float64
        m and d of each component [yuan], d >= 0.
    weights : (s,) float64
        Their probabilities [1], >= 0.
    x : float64
        Loss [yuan].

    Returns
    -------
    tuple of float64
        P(L > x) [1], E[L 1{L > x}] [yuan], and the density of the components that have one
        [1/yuan].

    Examples
    --------
    >>> import numpy as np
    >>> points = np.array([1.0, 2.0, 3.0]), np.zeros(3), np.array([0.5, 0.25, 0.25])
    >>> mixture_tail(*points, 2.0)
    (0.25, 0.75, 0.0)
    """
    chance, lost, density = 0.0, 0.0, 0.0
    for s in range(means.size):
        if weights[s] == 0.0:
            continue
        if spreads[s] == 0.0:
            if means[s] > x:
                chance += weights[s]
                lost += weights[s] * means[s]
            continue
        t = (x - means[s]) / spreads[s]
        if t > 40.0:
            continue
        over, height = normal_survival(t), normal_density(t)
        chance += weights[s] * over
        lost += weights[s] * (means[s] * over + spreads[s] * height)
        density += weights[s] * height / spreads[s]
    return chance, lost, density


@kernel
def mixture_quantile(means, spreads, weights, tail, low, high):
    """Smallest loss that is exceeded with no more than a given probability.

    Parameters
    ----------
    means, spreads, weights : (s,) float64
        As in `mixture_tail` [yuan], [yuan], [1].
    tail : float64
        Probability [1], in (0, 1).
    low, high : float64
        Losses exceeded with more than ``tail`` and with no more [yuan].

    Returns
    -------
    float64
        inf{x: P(L > x) <= tail} [yuan], to 1e-14 of its size.

    Notes
    -----
    Newton's rule while it stays between the bounds and gets nearer fast, else halving: the
    probability falls in steps where components are points.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.array([5.0]), np.array([2.0]), np.array([1.0])
    >>> round(mixture_quantile(*one, 0.001, 0.0, 100.0), 9)
    11.180464612
    """
    x, before = 0.5 * (low + high), high - low
    for k in range(200):
        chance, _, density = mixture_tail(means, spreads, weights, x)
        if chance > tail:
            low = x
        else:
            high = x
        width = 1e-14 * max(abs(low), abs(high))
        if high - low <= width:
            break
        step = (chance - tail) / density if density > 0.0 else math.inf
        inside = low < x + step < high and (k < 3 or abs(step) < 0.5 * before)
        if inside and abs(step) <= width:
            return x + step
        before = abs(step) if inside else 0.5 * (high - low)
        x = x + step if inside else 0.5 * (low + high)
    return high
