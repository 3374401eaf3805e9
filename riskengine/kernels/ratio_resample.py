"""Ratio statistics of one bootstrap resample, from how often each sale was drawn.

Symbols and conventions as in `riskengine.kernels.ratio`.  Rows stand in rising
order of ratio, so a resample is a column of counts and its median needs no
sorting: the cost is one walk per statistic.  Draws are made outside; sums run
in the fixed order of rows, so the same draws give the same bits.

Source: Efron and Tibshirani, An Introduction to the Bootstrap (percentile
interval); the statistics as in IAAO (2013).
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def count_rows(draws, counts):
    """Count how often each row was drawn.

    Parameters
    ----------
    draws : (n,) int64
        Row numbers [1], from 0 to n - 1.
    counts : (n,) int64
        Filled with the counts [1].

    Examples
    --------
    >>> import numpy as np
    >>> counts = np.empty(3, dtype=np.int64)
    >>> count_rows(np.array([2, 0, 2]), counts)
    >>> counts
    array([1, 0, 2])
    """
    counts[:] = 0
    for row in draws:
        counts[row] += 1


@kernel
def resample_median(ratios, counts):
    """Median ratio of a resample.

    Parameters
    ----------
    ratios : (n,) float64
        Ratios [1] in rising order.
    counts : (n,) int64
        Times each sale was drawn; they sum to n.

    Returns
    -------
    float64
        Median [1].

    Examples
    --------
    >>> import numpy as np
    >>> resample_median(np.array([0.5, 1.0, 2.0, 4.0]), np.array([1, 1, 2, 0]))
    1.5
    """
    seen = 0
    lower = math.nan
    for row in range(ratios.size):
        seen += counts[row]
        if 2 * seen >= ratios.size and math.isnan(lower):
            lower = ratios[row]
        if 2 * seen > ratios.size:
            return lower if ratios.size % 2 == 1 else 0.5 * (lower + ratios[row])
    return lower


@kernel
def resample_slope(ratios, assessed, sale_price, median, counts, scratch):
    """PRB of a resample: slope of (ratio - M) / M on log2 of the value proxy.

    Parameters
    ----------
    ratios, assessed, sale_price : (n,) float64
        Ratios [1], estimates and prices [yuan].
    median : float64
        Median ratio of the resample [1], > 0.
    counts : (n,) int64
        Times each sale was drawn; they sum to n.
    scratch : (n,) float64
        Overwritten.

    Returns
    -------
    float64
        Slope [1]; NaN when the drawn proxies do not vary.

    Examples
    --------
    >>> import numpy as np
    >>> ratios, price = np.array([0.5, 1.0]), np.array([2.0, 4.0])
    >>> slope = resample_slope(
    ...     ratios, ratios * price, price, 0.75, np.array([1, 1]), np.empty(2))
    >>> round(slope, 9), round((1.0 - 0.5) / 0.75 / math.log2(2.8), 9)
    (0.448804784, 0.448804784)
    """
    mean_x = mean_y = 0.0
    for row in range(ratios.size):
        if counts[row] > 0:
            scratch[row] = math.log2(0.5 * (sale_price[row] + assessed[row] / median))
            mean_x += counts[row] * scratch[row]
            mean_y += counts[row] * ratios[row]
    mean_x /= ratios.size
    mean_y /= ratios.size
    spread = product = 0.0
    for row in range(ratios.size):
        if counts[row] > 0:
            gap = scratch[row] - mean_x
            spread += counts[row] * gap * gap
            product += counts[row] * gap * (ratios[row] - mean_y)
    if spread <= ratios.size * (1e-15 * (1.0 + abs(mean_x))) ** 2:
        return math.nan
    return product / median / spread


@kernel
def resample_gini(values, price_order, tied, counts):
    """Concentration index of a resample over rows ranked by price.

    Parameters
    ----------
    values : (n,) float64
        Estimates or prices [yuan].
    price_order : (n,) int64
        Rows in rising order of price.
    tied : (n,) bool
        Whether a place of that order shares its rank with the place before it.
    counts : (n,) int64
        Times each sale was drawn; they sum to n.

    Returns
    -------
    float64
        Index [1], in (-1, 1).

    Examples
    --------
    >>> import numpy as np
    >>> resample_gini(np.array([1.0, 3.0]), np.array([0, 1]), np.array([False, False]),
    ...               np.array([1, 1]))
    0.25
    """
    seen = 0
    concentration = total = 0.0
    first = 0
    while first < values.size:
        last = first
        drawn = counts[price_order[first]]
        while last + 1 < values.size and tied[last + 1]:
            last += 1
            drawn += counts[price_order[last]]
        centre = 2.0 * seen + drawn - values.size  # 2 x mean rank - n - 1
        for place in range(first, last + 1):
            amount = counts[price_order[place]] * values[price_order[place]]
            concentration += centre * amount
            total += amount
        seen += drawn
        first = last + 1
    return concentration / (values.size * total)


@kernel
def resample_row(ratios, assessed, sale_price, price_order, tied, counts, scratch, out):
    """All ratio statistics of one resample.

    Parameters
    ----------
    ratios, assessed, sale_price : (n,) float64
        Ratios [1] in rising order, estimates and prices [yuan] in the same order.
    price_order : (n,) int64
        Rows in rising order of price.
    tied : (n,) bool
        Whether a place of that order shares its rank with the place before it.
    counts : (n,) int64
        Times each sale was drawn; they sum to n >= 1.
    scratch : (n,) float64
        Overwritten.
    out : (9,) float64
        Filled with median, mean, weighted mean [1], COD, COV [%], PRD, PRB,
        MKI, KI [1]; NaN where the resample does not define one.

    Examples
    --------
    >>> import numpy as np
    >>> ratios, price, out = np.array([0.5, 1.0]), np.array([2.0, 4.0]), np.empty(9)
    >>> resample_row(ratios, ratios * price, price, np.array([0, 1]),
    ...              np.array([False, False]), np.array([1, 1]), np.empty(2), out)
    >>> out[:4].round(6)
    array([ 0.75    ,  0.75    ,  0.833333, 33.333333])
    """
    count = ratios.size
    median = resample_median(ratios, counts)
    mean = estimates = prices = distance = square = 0.0
    for row in range(count):
        mean += counts[row] * ratios[row]
        estimates += counts[row] * assessed[row]
        prices += counts[row] * sale_price[row]
        distance += counts[row] * abs(ratios[row] - median)
    mean /= count
    for row in range(count):
        square += counts[row] * (ratios[row] - mean) ** 2
    gini_assessed = resample_gini(assessed, price_order, tied, counts)
    gini_price = resample_gini(sale_price, price_order, tied, counts)
    varies = abs(gini_price) > 1e-14
    out[0] = median
    out[1] = mean
    out[2] = estimates / prices
    out[3] = 100.0 * distance / count / median
    out[4] = 100.0 * math.sqrt(square / (count - 1)) / mean if count > 1 else math.nan
    out[5] = mean / out[2]
    out[6] = resample_slope(ratios, assessed, sale_price, median, counts, scratch)
    out[7] = gini_assessed / gini_price if varies else math.nan
    out[8] = gini_assessed - gini_price if varies else math.nan
