"""Two normals that move together: the probability that both lie below their limits.

Phi2(h, k; rho) = P(X <= h, Y <= k), X and Y standard normal with correlation rho.

Two roads, both sums of positive terms only, so that far tails keep their digits:

- the ordinary case: Phi2 = N(h) N(k) + integral over the correlation from 0 to rho of
  the density at (h, k) (Plackett), one Gauss-Legendre rule of 24 points;
- everything else: the integral over x <= h of n(x) N((k - rho x) / sqrt(1 - rho^2)).
  Its integrand has one peak and a concave logarithm, so panels march away from the peak,
  as wide as its local scale, until nothing is left.

Source: Plackett, Biometrika 41 (1954) 351; Drezner & Wesolowsky, J. Statist. Comput.
Simul. 35 (1990) 101; Genz, Statistics and Computing 14 (2004) 251.
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.normal import normal_cdf, normal_density
from riskengine.kernels.tails import normal_tail_rate


@kernel
def _plackett(h, k, correlation):
    """N(h) N(k) plus the density at (h, k) over the correlation up to |rho| <= 0.9."""
    nodes = (
        0.06405689286260563, 0.1911188674736163, 0.3150426796961634, 0.4337935076260451,
        0.5454214713888395, 0.6480936519369756, 0.7401241915785544, 0.820001985973903,
        0.8864155270044011, 0.9382745520027328, 0.9747285559713095, 0.9951872199970213,
    )  # fmt: skip
    weights = (
        0.12793819534675216, 0.1258374563468283, 0.12167047292780339, 0.1155056680537256,
        0.10744427011596563, 0.09761865210411389, 0.08619016153195327, 0.0733464814110803,
        0.05929858491543678, 0.04427743881741981, 0.028531388628933663, 0.0123412297999872,
    )  # fmt: skip
    half = 0.5 * math.asin(correlation)
    squares, product = 0.5 * (h * h + k * k), h * k
    total = 0.0
    for i in range(12):
        sine = math.sin(half * (1.0 - nodes[i]))
        term = math.exp((product * sine - squares) / (1.0 - sine * sine))
        sine = math.sin(half * (1.0 + nodes[i]))
        term += math.exp((product * sine - squares) / (1.0 - sine * sine))
        total += weights[i] * term
    return normal_cdf(h) * normal_cdf(k) + half * total / (2.0 * math.pi)


@kernel
def _argument(t, h, k, correlation, root):
    """(k - rho x) / root at x = h - t, with the digits of k - rho h kept near rho = 1 and -1."""
    if correlation > 0.5:
        return ((k - h) + t + (1.0 - correlation) * (h - t)) / root
    if correlation < -0.5:
        return ((k + h) - t - (1.0 + correlation) * (h - t)) / root
    return (k - correlation * (h - t)) / root


@kernel
def _peak(h, k, correlation, root):
    """Place t = h - x >= 0 of the largest n(x) N((k - rho x) / root), by Newton's rule."""
    if math.isinf(k) or correlation == 0.0:
        return max(h, 0.0)
    slope = correlation / root
    x = min(0.0, correlation * k) if correlation > 0.0 else max(0.0, correlation * k)
    for _ in range(40):
        y = _argument(h - x, h, k, correlation, root)
        rate = normal_tail_rate(y)
        step = (-x - slope * rate) / (1.0 + slope * slope * rate * (rate + y))
        x += step
        if abs(step) < 0.01 * root:
            break
    return max(h - x, 0.0)


@kernel
def _panel(near, far, h, k, correlation, root, decay):
    """Integral of n(x) N((k - rho x) / root) (1 - exp(-decay t)) over t = h - x: 16 points."""
    nodes = (
        0.09501250983763744, 0.2816035507792589, 0.45801677765722737, 0.6178762444026438,
        0.755404408355003, 0.8656312023878318, 0.9445750230732326, 0.9894009349916499,
    )  # fmt: skip
    weights = (
        0.1894506104550685, 0.18260341504492358, 0.16915651939500254, 0.14959598881657674,
        0.12462897125553388, 0.09515851168249279, 0.062253523938647894, 0.027152459411754096,
    )  # fmt: skip
    middle, half = 0.5 * (near + far), 0.5 * (far - near)
    total = 0.0
    for i in range(16):
        t = middle + half * (nodes[i // 2] if i % 2 else -nodes[i // 2])
        term = normal_density(h - t)
        if not math.isinf(k):
            term *= normal_cdf(_argument(t, h, k, correlation, root))
        if not math.isinf(decay):
            term *= -math.expm1(-decay * t)
        total += weights[i // 2] * term
    return half * total


@kernel
def _width(t, outward, h, k, correlation, root):
    """Width of a panel that starts at t: over it the integrand has one local scale."""
    x = h - t
    smooth = 2.0 / max(1.0, 0.2 * abs(x))
    if math.isinf(k) or correlation == 0.0:
        return smooth
    y = _argument(t, h, k, correlation, root)
    speed = abs(correlation) / root
    if y > 9.0:
        # Flat: stop short of the step, where N starts to fall.
        falling = outward == (correlation < 0.0)
        return min(smooth, max((y - 8.5) / speed, 0.5 / speed)) if falling else smooth
    slope = abs(x + correlation / root * normal_tail_rate(y))
    return min(2.0 * min(1.0, 1.0 / speed), 8.0 / max(slope, 1e-300))


@kernel
def marched_integral(h, k, correlation, decay):
    """Integral over x <= h of n(x) N((k - rho x) / sqrt(1 - rho^2)) (1 - exp(-s (h - x))).

    With infinite decay it is Phi2; with s the spread of a lognormal it is the mean
    shortfall of `riskengine.kernels.shortfall` over the debt.

    Parameters
    ----------
    h : float64
        Upper limit [1], finite.
    k : float64
        Limit of the other normal [1]; may be infinite.
    correlation : float64
        Correlation rho [1], in (-1, 1).
    decay : float64
        Decay s [1], > 0; infinite for no such factor.

    Returns
    -------
    float64
        Integral [1], in [0, 1]; 0 where it is below the smallest floating-point number.

    Notes
    -----
    Relative error a few 1e-14; more only where the rounding of h^2 / 2 does more, about
    1e-13 at 1e-300.

    Examples
    --------
    >>> round(marched_integral(0.0, 0.0, 0.5, math.inf), 12)
    0.333333333333
    """
    if k == -math.inf:
        return 0.0
    root = math.sqrt((1.0 - correlation) * (1.0 + correlation))
    start = _peak(h, k, correlation, root)
    total, near = 0.0, start
    for _ in range(400):
        far = near + _width(near, True, h, k, correlation, root)
        part = _panel(near, far, h, k, correlation, root, decay)
        total += part
        near = far
        if part <= 1e-17 * total:
            break
    far = start
    for _ in range(400):
        if far <= 0.0:
            break
        near = max(far - _width(far, False, h, k, correlation, root), 0.0)
        part = _panel(near, far, h, k, correlation, root, decay)
        total += part
        far = near
        if part <= 1e-17 * total:
            break
    return total


@kernel
def normal_between(low, high):
    """Probability that a standard normal lies between two numbers: N(high) - N(low).

    Parameters
    ----------
    low, high : float64
        Ends [1], any; infinite ones too.

    Returns
    -------
    float64
        Probability [1], in [0, 1]; 0 where high <= low.

    Notes
    -----
    A short interval is integrated, a long one subtracted on the side of the smaller
    tails; so the relative error stays near 1e-14 everywhere.

    Examples
    --------
    >>> round(normal_between(-1.0, 1.0), 9), normal_between(1.0, 1.0)
    (0.682689492, 0.0)
    """
    if high <= low:
        return 0.0
    if low > 0.0:
        low, high = -high, -low
    if high - low < 0.5 and high > -40.0:
        return _panel(0.0, high - low, high, math.inf, 0.0, 1.0, math.inf)
    return normal_cdf(high) - normal_cdf(low)


@kernel
def _certain(h, k, correlation):
    """Phi2 for h <= k where one limit is infinite or X = Y or X = -Y."""
    if h == -math.inf:
        return 0.0
    if k == math.inf or correlation == 1.0:
        return normal_cdf(h)
    return normal_between(-k, h)


@kernel
def bivariate_normal_cdf(h, k, correlation):
    """Probability that two standard normals lie at or below their limits: Phi2(h, k; rho).

    Parameters
    ----------
    h, k : float64
        Limits [1], any; infinite ones too.
    correlation : float64
        Correlation rho [1], in [-1, 1].

    Returns
    -------
    float64
        Probability [1], in [0, 1]; NaN for a correlation outside [-1, 1].

    Notes
    -----
    Relative error below 1e-13 for probabilities down to 1e-160, and as good as the
    rounding of h^2 / 2 below.  P(X > h, Y > k) is Phi2(-h, -k; rho), never 1 - something.

    Examples
    --------
    >>> round(bivariate_normal_cdf(-1.0, -2.0, 0.3), 15)
    0.008687897414719
    """
    if not -1.0 <= correlation <= 1.0 or math.isnan(h) or math.isnan(k):
        return math.nan
    low, high = min(h, k), max(h, k)
    if low == -math.inf or high == math.inf or abs(correlation) == 1.0:
        return _certain(low, high, correlation)
    if low > -8.0 and high < 8.0 and abs(correlation) <= 0.9:
        value = _plackett(low, high, correlation)
        if correlation >= 0.0 or value > 1e-3:
            return value
    return marched_integral(low, high, correlation, math.inf)
