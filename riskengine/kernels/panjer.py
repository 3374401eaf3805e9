"""Compound laws on a lattice: Panjer's recursion and exponentials of power series.

Probabilities that begin below the smallest float (more than 700 events expected) are
carried with a common logarithm, so that the law comes out all the same.

Source: Panjer, ASTIN Bulletin 12 (1981) 22; Haaf, Reiss & Schoenmakers, Numerically stable
computation of CreditRisk+ (2004), where all terms are positive.
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def _scaled(out, n, log):
    """Make the probabilities so far smaller once they are huge; return the new logarithm."""
    if out[n] > 1e200:
        for x in range(n + 1):
            out[x] *= 1e-200
        return log + 200.0 * math.log(10.0)
    return log


@kernel
def compound(a, b, log_first, severity, out):
    """Law of a sum of a random number of losses: Panjer's recursion.

    The number N has P(N = k) = (a + b / k) P(N = k - 1): Poisson a = 0, b = mean; negative
    binomial a = p, b = (r - 1) p; binomial a = -q / (1 - q), b = -(m + 1) a.

    Parameters
    ----------
    a, b : float64
        Constants of the law of the number [1].
    log_first : float64
        ln P(sum = 0) [1].
    severity : (s,) float64
        Probability of a loss of 0, 1, ... steps [1].
    out : (g,) float64
        Filled with the probability of 0, 1, ... steps [1].

    Returns
    -------
    None
        Fills ``out``.

    Notes
    -----
    For the binomial the terms change sign: far tails are rounding, even below 0, and the
    law is better multiplied out.

    Examples
    --------
    >>> import numpy as np
    >>> out = np.empty(3)
    >>> compound(0.0, 4.0, -4.0, np.array([0.0, 0.25, 0.5, 0.25]), out)
    >>> out.round(10).tolist()
    [0.0183156389, 0.0183156389, 0.0457890972]
    """
    log, whole = log_first, 1.0 - a * severity[0]
    out[0] = 1.0
    for n in range(1, out.size):
        total = 0.0
        for j in range(1, min(n, severity.size - 1) + 1):
            total += (a + b * j / n) * severity[j] * out[n - j]
        out[n] = total / whole
        log = _scaled(out, n, log)
    scale = math.exp(log)
    for n in range(out.size):
        out[n] *= scale


@kernel
def add_sector_logarithm(chances, alpha, beta, out):
    """Add the logarithm of one sector's generating function to that of the book.

    A gamma sector has ((1 + beta - beta P(z))^-alpha) for its number of defaults with
    losses P; beta 0 is the Poisson limit, exp(alpha (P(z) - 1)) with alpha the mean.

    Parameters
    ----------
    chances : (s,) float64
        Probability of a loss of 0, 1, ... steps [1]; that of 0 steps is 0.
    alpha : float64
        Shape [1], > 0; the mean number of defaults where beta is 0.
    beta : float64
        Mean number of defaults over shape [1], >= 0.
    out : (g,) float64
        Coefficients of the logarithm by power of z [1]; added to.

    Returns
    -------
    None
        Adds to ``out``.
    """
    if beta == 0.0:
        out[0] -= alpha
        for n in range(1, min(out.size, chances.size)):
            out[n] += alpha * chances[n]
        return
    q = beta / (1.0 + beta)
    out[0] -= alpha * math.log1p(beta)
    own = out.copy()
    for n in range(1, out.size):
        total = n * q * chances[n] if n < chances.size else 0.0
        for j in range(1, min(n - 1, chances.size - 1) + 1):
            total += q * chances[j] * (n - j) * own[n - j]
        own[n] = total / n
        out[n] += alpha * own[n]


@kernel
def exponential(logs, out):
    """Law whose generating function has a given logarithm.

    Parameters
    ----------
    logs : (g,) float64
        Coefficients of the logarithm by power of z [1]; all but the first >= 0.
    out : (g,) float64
        Filled with the probability of 0, 1, ... steps [1].

    Returns
    -------
    None
        Fills ``out``.

    Examples
    --------
    >>> import numpy as np
    >>> out = np.empty(3)
    >>> exponential(np.array([-2.0, 2.0, 0.0]), out)
    >>> out.round(10).tolist()
    [0.1353352832, 0.2706705665, 0.2706705665]
    """
    log = logs[0]
    out[0] = 1.0
    for n in range(1, out.size):
        total = 0.0
        for j in range(1, n + 1):
            total += j * logs[j] * out[n - j]
        out[n] = total / n
        log = _scaled(out, n, log)
    scale = math.exp(log)
    for n in range(out.size):
        out[n] *= scale


@kernel
def with_event(law, chances, beta, out):
    """Law of a book whose one sector has its shape raised by 1: G / (1 + beta - beta P).

    It weighs every state of the world by the intensity of the sector; with it come the
    losses of one name given the loss of the book.

    Parameters
    ----------
    law : (g,) float64
        Law of the book [1].
    chances : (s,) float64
        Losses of the sector, as `add_sector_logarithm` [1].
    beta : float64
        Its beta [1], >= 0.
    out : (g,) float64
        Filled with that law [1].

    Returns
    -------
    None
        Fills ``out``.
    """
    q = beta / (1.0 + beta)
    for n in range(out.size):
        total = (1.0 - q) * law[n]
        for j in range(1, min(n, chances.size - 1) + 1):
            total += q * chances[j] * out[n - j]
        out[n] = total
