"""Does the ratio change with value: regression, ranks and resamples.

Symbols and conventions as in `riskengine.kernels.ratio`.

Source: IAAO, Standard on Ratio Studies (2013), PRB and appendix D; Efron,
percentile bootstrap.
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.ratio import compensated_add, compensated_sum


@kernel
def price_related_bias(ratios, proxies, median):
    """PRB: change of the ratio, as a share of M, when value doubles.

    Least squares with intercept of (ratio - M) / M on log2 of the value proxy;
    the PRB is the slope (never the intercept).

    Parameters
    ----------
    ratios : (n,) float64
        Ratios [1].
    proxies : (n,) float64
        Value proxies 0.5 S + 0.5 A / M [yuan], > 0.
    median : float64
        Median ratio M [1], > 0.

    Returns
    -------
    tuple of float64
        Slope [1] and its standard error [1].  Slope NaN when the proxies are
        equal to within rounding; error NaN below three sales.

    Notes
    -----
    Source: IAAO (2013), coefficient of price-related bias.

    Examples
    --------
    >>> import numpy as np
    >>> slope, error = price_related_bias(
    ...     np.array([0.9, 1.0, 1.1]), np.array([1.0, 2.0, 4.0]), 1.0)
    >>> round(slope, 12), round(error, 12)
    (0.1, 0.0)
    """
    count = ratios.size
    total_x = lost_x = total_y = lost_y = 0.0
    for row in range(count):
        total_x, lost_x = compensated_add(total_x, lost_x, math.log2(proxies[row]))
        total_y, lost_y = compensated_add(total_y, lost_y, (ratios[row] - median) / median)
    mean_x = (total_x + lost_x) / count
    mean_y = (total_y + lost_y) / count
    total_xx = lost_xx = total_xy = lost_xy = 0.0
    for row in range(count):
        x = math.log2(proxies[row]) - mean_x
        y = (ratios[row] - median) / median - mean_y
        total_xx, lost_xx = compensated_add(total_xx, lost_xx, x * x)
        total_xy, lost_xy = compensated_add(total_xy, lost_xy, x * y)
    spread = total_xx + lost_xx
    if spread <= count * (1e-15 * (1.0 + abs(mean_x))) ** 2:
        return math.nan, math.nan
    slope = (total_xy + lost_xy) / spread
    if count < 3:
        return slope, math.nan
    total = lost = 0.0
    for row in range(count):
        x = math.log2(proxies[row]) - mean_x
        gap = (ratios[row] - median) / median - mean_y - slope * x
        total, lost = compensated_add(total, lost, gap * gap)
    return slope, math.sqrt((total + lost) / (count - 2) / spread)


@kernel
def midrank_rows(values, order, out):
    """Rank of each row, equal values sharing the mean of their ranks.

    Parameters
    ----------
    values : (n,) float64
        Numbers [any unit].
    order : (n,) int64
        Rows in rising order of ``values``.
    out : (n,) float64
        Filled with ranks [1] from 1.

    Examples
    --------
    >>> import numpy as np
    >>> out = np.empty(3)
    >>> midrank_rows(np.array([7.0, 5.0, 7.0]), np.array([1, 0, 2]), out)
    >>> out
    array([2.5, 1. , 2.5])
    """
    first = 0
    while first < values.size:
        last = first
        while last + 1 < values.size and values[order[last + 1]] == values[order[first]]:
            last += 1
        for place in range(first, last + 1):
            out[order[place]] = 0.5 * (first + last) + 1.0
        first = last + 1


@kernel
def correlation(left, right):
    """Pearson correlation; of ranks, it is Spearman's.

    Parameters
    ----------
    left, right : (n,) float64
        Two quantities [any unit].

    Returns
    -------
    float64
        Correlation [1], in [-1, 1]; NaN when one of them does not vary.

    Examples
    --------
    >>> import numpy as np
    >>> correlation(np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0]))
    -1.0
    """
    mean_left = compensated_sum(left) / left.size
    mean_right = compensated_sum(right) / right.size
    total_ll = lost_ll = total_rr = lost_rr = total_lr = lost_lr = 0.0
    for row in range(left.size):
        x = left[row] - mean_left
        y = right[row] - mean_right
        total_ll, lost_ll = compensated_add(total_ll, lost_ll, x * x)
        total_rr, lost_rr = compensated_add(total_rr, lost_rr, y * y)
        total_lr, lost_lr = compensated_add(total_lr, lost_lr, x * y)
    spread = (total_ll + lost_ll) * (total_rr + lost_rr)
    if spread <= 0.0:
        return math.nan
    return max(-1.0, min(1.0, (total_lr + lost_lr) / math.sqrt(spread)))
