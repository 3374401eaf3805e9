"""Loss of one debt given one common factor: mean, second moment and their slopes.

Given the factor Y = y the latent variables of default and of the sale are normal with means
a y and b y, variances 1 - a^2 and 1 - b^2, and a correlation r that other factors leave
between them (none where Y is all there is).  A yuan of debt loses

    severity x 1{default} x max(1 - F(y) exp(-s'^2 / 2 + s' X), 0),   s' = s sqrt(1 - b^2),
    F(y) = F exp(s b y - s^2 b^2 / 2 - h (T(y) - T0)),   T(y) = T0 exp(-k b y - k^2 b^2 / 2),

so that its conditional mean is the wrong-way put of `riskengine.kernels.wrong_way` and
slopes follow by the Black-Scholes identity.  These are what granularity and multi-factor
adjustments are made of.

Source: Martin & Wilde, Risk 15(11) (2002) 123; Pykhtin, Risk 17(3) (2004) 85; credit notes
4.3, 4.5.
"""

import math

from riskengine.kernels.bivariate import bivariate_normal_cdf
from riskengine.kernels.compiling import kernel
from riskengine.kernels.normal import normal_cdf, normal_density
from riskengine.kernels.shortfall import expected_shortfall_of_sale, sale_distance
from riskengine.kernels.wrong_way import wrong_way_shortfall


@kernel
def squared_shortfall(forward, spread, threshold, correlation):
    """Mean square of the shortfall of one yuan on default: E[max(1 - C, 0)^2 1{A <= k}].

    Phi2(d, k) - 2 F Phi2(d - s, k - r s) + F^2 exp(s^2) Phi2(d - 2 s, k - 2 r s).

    Parameters
    ----------
    forward : float64
        Mean of what the sale brings per yuan of debt F [1], >= 0.
    spread : float64
        Spread s of its log [1], >= 0.
    threshold : float64
        k [1]; infinite for certain default.
    correlation : float64
        Correlation r of A with the sale [1], in [-1, 1].

    Returns
    -------
    float64
        Mean square [1], in [0, N(k)].

    Examples
    --------
    >>> round(squared_shortfall(0.8, 0.0, math.inf, 0.0), 12)
    0.04
    """
    if forward == 0.0 or spread == 0.0:
        return max(1.0 - forward, 0.0) ** 2 * normal_cdf(threshold)
    d, shift = sale_distance(1.0, forward, spread), correlation * spread
    found = bivariate_normal_cdf(d, threshold, correlation)
    found -= 2.0 * forward * bivariate_normal_cdf(d - spread, threshold - shift, correlation)
    far = bivariate_normal_cdf(d - 2.0 * spread, threshold - 2.0 * shift, correlation)
    if far > 0.0:
        found += forward * forward * math.exp(spread * spread) * far
    return max(found, 0.0)


@kernel
def _sale(x, i, y):
    """F(y), the spread that is left, and first and second slopes of ln F(y)."""
    b, s, k = x[2, i], x[6, i], x[8, i]
    years = x[7, i] * math.exp(-k * b * y - 0.5 * k * k * b * b)
    hold = x[9, i]
    level = s * b * y - 0.5 * s * s * b * b - hold * (years - x[7, i])
    slope = s * b + hold * k * b * years
    curve = -hold * (k * b) ** 2 * years
    return x[5, i] * math.exp(level), s * math.sqrt(max(1.0 - b * b, 0.0)), slope, curve


@kernel
def _put_on_default(forward, spread, slope, curve, u, fall, r):
    """Mean put on default, its two slopes, mean square and its slope, of severity 1."""
    density = 0.0 if math.isinf(u) else normal_density(u)
    mean = wrong_way_shortfall(1.0, forward, spread, u, r)
    square = squared_shortfall(forward, spread, u, r)
    # Given A = u the sale has this mean and this spread.
    at, left = forward, spread * math.sqrt(max(1.0 - r * r, 0.0))
    if density > 0.0:
        at = forward * math.exp(r * spread * u - 0.5 * (r * spread) ** 2)
    edge = expected_shortfall_of_sale(1.0, at, left)
    edge_square = squared_shortfall(at, left, math.inf, 0.0)
    if spread == 0.0:
        inside = normal_cdf(u) if forward < 1.0 else 0.0
        twice, turn = inside * forward, density * fall if forward < 1.0 else 0.0
        below = 1.0 if forward < 1.0 else 0.0
    else:
        h, w = sale_distance(1.0, forward, spread) - spread, u - r * spread
        inside = bivariate_normal_cdf(h, w, r)
        far = bivariate_normal_cdf(h - spread, w - r * spread, r)
        twice = forward * math.exp(spread * spread) * far if far > 0.0 else 0.0
        root = math.sqrt(max(1.0 - r * r, 1e-300))
        turn = -normal_density(h) * normal_cdf((w - r * h) / root) * slope / spread
        if density > 0.0:
            turn += normal_density(w) * normal_cdf((h - r * w) / root) * fall
        below = 1.0 if at < 1.0 else 0.0
        if left > 0.0:
            below = normal_cdf(sale_distance(1.0, at, left) - left)
    first = fall * density * edge - forward * slope * inside
    edge_slope = -below * at * (slope + r * spread * fall)
    second = -forward * ((slope * slope + curve) * inside + slope * turn)
    second += fall * density * (edge_slope - (u * fall * edge if density > 0.0 else 0.0))
    square_slope = fall * density * edge_square - 2.0 * slope * forward * (inside - twice)
    return mean, first, second, square, square_slope


@kernel
def moments_given_factor(x, y, out):
    """Default and loss of many debts given the common factor, with slopes.

    Parameters
    ----------
    x : (11, n) float64
        One column a debt: threshold of default c = N^-1(PD) [1]; loading a of default on
        the factor [1], in (-1, 1); loading b of the sale [1], in [-1, 1]; correlation r
        that is left between them [1]; severity [1]; expected sale over debt F [1], >= 0;
        spread s [1], >= 0; mean time to sell T0 [year]; slowdown k [1]; holding h
        [1/year]; variance of the severity by itself [1], >= 0.
    y : float64
        State of the factor [1], low is bad.
    out : (7, n) float64
        Filled per yuan of debt with PD and its slope [1], mean loss with first and second
        slope [1], mean square of the loss with its slope [1].
    """
    for i in range(x.shape[1]):
        c, a, severity, own = x[0, i], x[1, i], x[4, i], x[10, i]
        root = math.sqrt(1.0 - a * a)
        u, fall = (c - a * y) / root, -a / root
        p = normal_cdf(u)
        p1 = 0.0 if math.isinf(u) else normal_density(u) * fall
        mean, first, square, square1 = p, p1, p, p1
        second = 0.0 if math.isinf(u) else -u * fall * p1
        if x[5, i] > 0.0:
            forward, spread, slope, curve = _sale(x, i, y)
            mean, first, second, square, square1 = _put_on_default(
                forward, spread, slope, curve, u, fall, x[3, i]
            )
        out[0, i], out[1, i] = p, p1
        out[2, i], out[3, i], out[4, i] = severity * mean, severity * first, severity * second
        out[5, i] = severity * severity * square + own * p
        out[6, i] = severity * severity * square1 + own * p1


@kernel
def tail_means(x, y, out):
    """Mean loss of debts without collateral when the factor is below a state.

    Parameters
    ----------
    x : (11, n) float64
        As `moments_given_factor`; sales are not looked at.
    y : float64
        State of the factor [1].
    out : (n,) float64
        Filled with E[loss 1{Y <= y}] per yuan of debt [1].
    """
    for i in range(out.size):
        out[i] = x[4, i] * bivariate_normal_cdf(x[0, i], y, x[1, i])


@kernel
def hermite_sums(u, fall, segment, weight, slope, segments):
    """Sums of a tetrachoric series: what makes Phi2 of every pair a product of sums.

    Phi2(u, v; rho) - N(u) N(v) = sum over n >= 1 of rho^n B_n(u) B_n(v),
    B_n(u) = n(u) He_(n-1)(u) / sqrt(n!).

    Parameters
    ----------
    u : (n,) float64
        Thresholds of default given the factor [1]; infinite ones add nothing.
    fall : (n,) float64
        Their slopes by the factor [1].
    segment : (n,) int64
        Segment of each debt, a column of ``segments``.
    weight, slope : (n,) float64
        Loss on default and its slope by the factor [yuan].
    segments : (2, m, g) float64
        Filled with sums of weight x B_n by order and segment, and their slopes [yuan].
    """
    segments[:] = 0.0
    for i in range(u.size):
        if math.isinf(u[i]):
            continue
        before, now = 0.0, normal_density(u[i])
        for k in range(1, segments.shape[1] + 1):
            part = now / math.sqrt(k)
            following = (u[i] * now - math.sqrt(k - 1.0) * before) / math.sqrt(k)
            segments[0, k - 1, segment[i]] += weight[i] * part
            segments[1, k - 1, segment[i]] += slope[i] * part - weight[i] * fall[i] * following
            before, now = now, following
