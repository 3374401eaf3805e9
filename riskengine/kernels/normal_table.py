"""Normal probability from a table, for loops that ask for it a hundred million times.

The table holds, for each of m equal intervals of [-8, 8], the four coefficients of the
cubic that has the probability and the density at both ends (Hermite).  Below -6 the exact
function answers, so that small probabilities keep their relative precision.

Source: de Boor, A Practical Guide to Splines (2001), ch. IV; credit notes 8.
"""

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.normal import normal_cdf, normal_density


@kernel
def fill_normal_table(table):
    """Fill the table of the normal probability.

    Parameters
    ----------
    table : (m, 4) float64
        Filled with coefficients [1] of 1, u, u^2, u^3 on each interval, u in [0, 1).

    Notes
    -----
    Error at most (16 / m)^4 max|n'''| / 384: 2.1e-14 for m = 8192.

    Examples
    --------
    >>> import numpy as np
    >>> table = np.empty((8192, 4))
    >>> fill_normal_table(table)
    >>> float(table[4096, 0])
    0.5
    """
    width = 16.0 / table.shape[0]
    for i in range(table.shape[0]):
        low, high = i * width - 8.0, (i + 1) * width - 8.0
        rise = normal_cdf(high) - normal_cdf(low)
        if low >= 0.0:
            rise = normal_cdf(-low) - normal_cdf(-high)
        first, last = width * normal_density(low), width * normal_density(high)
        table[i, 0] = normal_cdf(low)
        table[i, 1] = first
        table[i, 2] = 3.0 * rise - 2.0 * first - last
        table[i, 3] = first + last - 2.0 * rise


@kernel
def tabled_normal_cdf(table, x):
    """Probability that a standard normal is at most x, from the table.

    Parameters
    ----------
    table : (m, 4) float64
        From `fill_normal_table`.
    x : float64
        Argument [1], any.

    Returns
    -------
    float64
        Probability [1], in [0, 1]; NaN of NaN.

    Notes
    -----
    With m = 8192: error below 3e-14, relative error below 1e-10 everywhere, monotone to a
    unit in the last place.

    Examples
    --------
    >>> import numpy as np
    >>> table = np.empty((8192, 4))
    >>> fill_normal_table(table)
    >>> round(tabled_normal_cdf(table, 1.96), 12), round(normal_cdf(1.96), 12)
    (0.975002104852, 0.975002104852)
    """
    if x >= 8.0:
        return 1.0
    if not x >= -6.0:
        return normal_cdf(x)
    place = (x + 8.0) * (table.shape[0] / 16.0)
    i = int(place)
    u = place - i
    return table[i, 0] + u * (table[i, 1] + u * (table[i, 2] + u * table[i, 3]))


@kernel
def wide_normal_cdf(table, x):
    """Probability that a standard normal is at most x, from the whole table: for puts.

    Parameters
    ----------
    table : (m, 4) float64
        From `fill_normal_table`.
    x : float64
        Argument [1], any.

    Returns
    -------
    float64
        Probability [1], in [0, 1]; NaN of NaN.

    Notes
    -----
    As `tabled_normal_cdf`, but the exact function answers below -8 only: with m = 8192 the
    relative error is below 3e-10.

    Examples
    --------
    >>> import numpy as np
    >>> table = np.empty((8192, 4))
    >>> fill_normal_table(table)
    >>> round(wide_normal_cdf(table, -7.0) / normal_cdf(-7.0), 8)
    1.0
    """
    if x >= 8.0:
        return 1.0
    if not x >= -8.0:
        return normal_cdf(x)
    place = (x + 8.0) * (table.shape[0] / 16.0)
    i = int(place)
    u = place - i
    return table[i, 0] + u * (table[i, 1] + u * (table[i, 2] + u * table[i, 3]))


@kernel
def _between_knots(coefficients, place):
    """Value of the table at a place counted in intervals from -8."""
    whole = np.int32(place)
    u = place - whole
    i = np.uint32(whole) * np.uint32(4)  # unsigned: no test for counting from the end
    c = coefficients[i + np.uint32(2)] + u * coefficients[i + np.uint32(3)]
    return coefficients[i] + u * (coefficients[i + np.uint32(1)] + u * c)


@kernel
def summed_normal_cdf(table, thresholds, scales, first, last, mixing, systematic):
    """Sum of scales times normal probabilities: ``sum w_i N(k_i m - y)``.

    Parameters
    ----------
    table : (r, 4) float64
        From `fill_normal_table`.
    thresholds : (n,) float64
        k [1], rising from ``first`` to ``last``; infinite ones are allowed.
    scales : (n,) float64
        w, any unit.
    first, last : int64
        Where the terms start, and where they have ended.
    mixing, systematic : float64
        m > 0 and y [1].

    Returns
    -------
    float64
        The sum, in the unit of the scales.

    Notes
    -----
    Rising thresholds leave the table at the ends only, so that the loop has no branch; two
    partial sums shorten its chain of additions.

    Examples
    --------
    >>> table = np.empty((8192, 4))
    >>> fill_normal_table(table)
    >>> k, w = np.array([-7.0, -1.0, 0.0, 9.0]), np.array([1.0, 2.0, 4.0, 8.0])
    >>> round(summed_normal_cdf(table, k, w, 0, 4, 1.0, 0.0), 9)
    10.317310508
    """
    even, odd = 0.0, 0.0
    while first < last and not thresholds[first] * mixing - systematic >= -6.0:
        even += scales[first] * normal_cdf(thresholds[first] * mixing - systematic)
        first += 1
    while first < last and thresholds[last - 1] * mixing - systematic >= 7.99:
        last -= 1
        even += scales[last]
    density = table.shape[0] / 16.0
    start, step, flat = (8.0 - systematic) * density, mixing * density, table.ravel()
    for i in range(first, last - 1, 2):
        even += scales[i] * _between_knots(flat, thresholds[i] * step + start)
        odd += scales[i + 1] * _between_knots(flat, thresholds[i + 1] * step + start)
    if (last - first) % 2 == 1:
        even += scales[last - 1] * _between_knots(flat, thresholds[last - 1] * step + start)
    return even + odd
