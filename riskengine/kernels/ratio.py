"""Ratio-study arithmetic: how well estimates agree with sale prices.

Symbols: estimate A [yuan], sale price S [yuan], ratio A / S, median ratio M,
n sales.  All arrays are (n,) float64 of equal length, free of NaN, prices and
estimates > 0.  Sums are compensated, so the order of rows changes a result by
less than 1e-12 relative; feed rows in one fixed order and it changes nothing.

Source: IAAO, Standard on Ratio Studies (2013), part 1 section 5 and appendices
B-E; Quintos (2020) for the Gini measures.  COD and COV are per cents, as the
standard prints them; all else is a fraction.
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def compensated_add(total, lost, value):
    """Add one number to a running sum and keep what rounding loses.

    Parameters
    ----------
    total, lost : float64
        Running sum and the part lost so far [any unit]; both start at 0.
    value : float64
        Number to add [same unit].

    Returns
    -------
    tuple of float64
        New ``total`` and ``lost``; their sum is the answer.

    Notes
    -----
    Source: Neumaier (1974), improved Kahan summation.

    Examples
    --------
    >>> total, lost = compensated_add(1e17, 0.0, 1.0)
    >>> total, lost = compensated_add(total, lost, -1e17)
    >>> total + lost
    1.0
    """
    added = total + value
    if abs(total) >= abs(value):
        return added, lost + ((total - added) + value)
    return added, lost + ((value - added) + total)


@kernel
def compensated_sum(values):
    """Sum of an array, right to the last bit but for cancellation.

    Parameters
    ----------
    values : (n,) float64
        Numbers [any unit].

    Returns
    -------
    float64
        Their sum [same unit].

    Examples
    --------
    >>> import numpy as np
    >>> compensated_sum(np.array([1e17, 1.0, -1e17]))
    1.0
    """
    total = 0.0
    lost = 0.0
    for value in values:
        total, lost = compensated_add(total, lost, value)
    return total + lost


@kernel
def median_of_sorted(values):
    """Median of ratios that stand in rising order.

    Parameters
    ----------
    values : (n,) float64
        Ratios [1] in rising order, n >= 1.

    Returns
    -------
    float64
        Median M [1].

    Examples
    --------
    >>> import numpy as np
    >>> median_of_sorted(np.array([0.5, 1.0, 2.0, 4.0]))
    1.5
    """
    middle = values.size // 2
    if values.size % 2 == 1:
        return values[middle]
    return 0.5 * (values[middle - 1] + values[middle])


@kernel
def coefficient_of_dispersion(ratios, median):
    """COD: mean distance from the median ratio, per cent of the median.

    100 / M * mean |ratio - M|.

    Parameters
    ----------
    ratios : (n,) float64
        Ratios [1], n >= 1.
    median : float64
        Median ratio M [1], > 0.

    Returns
    -------
    float64
        COD [%], >= 0.

    Examples
    --------
    >>> import numpy as np
    >>> coefficient_of_dispersion(np.array([0.5, 1.0, 1.5, 1.0]), 1.0)
    25.0
    """
    total = 0.0
    lost = 0.0
    for ratio in ratios:
        total, lost = compensated_add(total, lost, abs(ratio - median))
    return 100.0 * (total + lost) / ratios.size / median


@kernel
def standard_deviation(values, mean):
    """Sample standard deviation about a given mean, n - 1 below the line.

    Parameters
    ----------
    values : (n,) float64
        Numbers [any unit].
    mean : float64
        Their mean [same unit].

    Returns
    -------
    float64
        Standard deviation [same unit]; NaN below two values.

    Examples
    --------
    >>> import numpy as np
    >>> standard_deviation(np.array([1.0, 3.0, 5.0]), 3.0)
    2.0
    """
    if values.size < 2:
        return math.nan
    total = 0.0
    lost = 0.0
    for value in values:
        total, lost = compensated_add(total, lost, (value - mean) * (value - mean))
    return math.sqrt((total + lost) / (values.size - 1))


@kernel
def weighted_mean_error(assessed, sale_price, weighted_mean):
    """Error of the weighted mean ratio R = sum A / sum S: one standard error.

    sqrt(sum (A - R S)^2 / (n (n - 1))) / mean S.

    Parameters
    ----------
    assessed, sale_price : (n,) float64
        Estimates A and prices S [yuan].
    weighted_mean : float64
        Weighted mean ratio R [1].

    Returns
    -------
    float64
        Standard error [1]; NaN below two sales.

    Notes
    -----
    Source: IAAO (2013), weighted mean confidence interval; ratio estimator of
    Cochran, Sampling Techniques.

    Examples
    --------
    >>> import numpy as np
    >>> weighted_mean_error(np.array([4.0, 2.0]), np.array([3.0, 3.0]), 1.0)
    0.3333333333333333
    """
    count = sale_price.size
    if count < 2:
        return math.nan
    total = 0.0
    lost = 0.0
    for row in range(count):
        gap = assessed[row] - weighted_mean * sale_price[row]
        total, lost = compensated_add(total, lost, gap * gap)
    price = compensated_sum(sale_price) / count
    return math.sqrt((total + lost) / count / (count - 1)) / price


@kernel
def gini_by_rank(values, ranks):
    """Concentration of a quantity over rows ranked by another one.

    sum (2 rank - n - 1) x / (n sum x), which is 2 sum (rank x) / (n sum x)
    - (n + 1) / n without the cancellation.

    Parameters
    ----------
    values : (n,) float64
        Quantity x [yuan], > 0.
    ranks : (n,) float64
        Rank of each row [1], 1 .. n, ties broken or shared.

    Returns
    -------
    float64
        Gini index when ranked by the quantity itself, in [0, 1); concentration
        index, in (-1, 1), when ranked by another.

    Notes
    -----
    Source: Quintos (2020), A Gini measure for vertical equity.

    Examples
    --------
    >>> import numpy as np
    >>> gini_by_rank(np.array([1.0, 3.0]), np.array([1.0, 2.0]))
    0.25
    """
    total = 0.0
    lost = 0.0
    for row in range(values.size):
        step = (2.0 * ranks[row] - values.size - 1.0) * values[row]
        total, lost = compensated_add(total, lost, step)
    return (total + lost) / (values.size * compensated_sum(values))


@kernel
def value_proxy_rows(assessed, sale_price, median, out):
    """Value of each property, half from its price, half from its estimate.

    0.5 S + 0.5 A / M: neither side alone, which would bias the slope.

    Parameters
    ----------
    assessed, sale_price : (n,) float64
        Estimates A and prices S [yuan].
    median : float64
        Median ratio M [1], > 0.
    out : (n,) float64
        Filled with the proxies [yuan].

    Notes
    -----
    Source: IAAO (2013), PRB; the exposure draft on VEI prints the formula
    without its second 0.5, which its own tables do not follow.

    Examples
    --------
    >>> import numpy as np
    >>> out = np.empty(1)
    >>> value_proxy_rows(np.array([90.0]), np.array([120.0]), 0.9, out)
    >>> out
    array([110.])
    """
    for row in range(out.size):
        out[row] = 0.5 * sale_price[row] + 0.5 * (assessed[row] / median)
