"""Losses of single names, drawn given the common factors.

A draw is a function of (key of the scenario, number of the name): no chunk, thread or order
of scenarios changes it.

Source: Steele, Lea & Flood, OOPSLA (2014) 453 (SplitMix64: a counter times the golden
ratio, mixed by variant 13 of Stafford).
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.conditional_loss import dot_product, longer_sale
from riskengine.kernels.normal import normal_quantile
from riskengine.kernels.normal_table import tabled_normal_cdf


@kernel
def uniform_draw(key, counter):
    """Draw number ``counter`` of the stream ``key``.

    Parameters
    ----------
    key : uint64
        State of the stream [1].
    counter : int64
        Number of the draw [1], >= 0.

    Returns
    -------
    float64
        Uniform number [1], in (0, 1): the middle of one of 2^53 intervals, the last excepted.

    Notes
    -----
    Counter 0 of key 0 is the first number of the published SplitMix64 with seed 0.

    Examples
    --------
    >>> import numpy as np
    >>> round(uniform_draw(np.uint64(7), 3), 6)
    0.58293
    """
    x = key + np.uint64(counter + 1) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = x ^ (x >> np.uint64(31))
    return min((np.float64(x >> np.uint64(11)) + 0.5) * 2.0**-53, 1.0 - 2.0**-53)


@kernel
def _lost_in_sale(cells, i, certain, systematic, longer, ratio, key, counter):
    """What one yuan of scale loses once the sale is drawn as well."""
    if certain:
        exponent = cells[4, i] + cells[6, i] * systematic - cells[5, i] * longer
    else:
        spread = cells[6, i]
        distance = cells[4, i] - ratio * systematic + cells[5, i] * longer
        exponent = -distance * spread + spread * normal_quantile(uniform_draw(key, counter))
    return -math.expm1(exponent) if exponent < 0.0 else 0.0


@kernel
def name_losses(
    table, cells, bounds, defaults, sales, slow, factors, mixing, keys, first, losses, by_name
):
    """Draw every name in each scenario; add up the book, and each name with weights.

    Parameters
    ----------
    table, cells, bounds, defaults, sales, slow, factors, mixing : arrays
        As in `riskengine.kernels.conditional_loss`; every cell is one name, scales [yuan].
    keys : (s,) uint64
        Stream of each scenario.
    first : (s,) float64
        Weight of each scenario in ``by_name``, any unit.
    losses : (s,) float64
        Filled with losses of all names [yuan].
    by_name : (n,) float64
        Weighted losses [yuan x unit of the weight] are added here.
    """
    size = cells.shape[1]
    for s in range(factors.shape[0]):
        m, total = mixing[s], 0.0
        for g in range(bounds.shape[0]):
            y, x = dot_product(defaults[g], factors[s]), dot_product(sales[g], factors[s])
            longer, ratio = longer_sale(slow[g], x), slow[g, 2]
            for i in range(bounds[g, 0], bounds[g, 3]):
                p = tabled_normal_cdf(table, cells[0, i] * m - y)
                if uniform_draw(keys[s], i) >= p:
                    continue
                lost = cells[1, i]
                if i >= bounds[g, 1]:
                    lost *= _lost_in_sale(
                        cells, i, i >= bounds[g, 2], x, longer, ratio, keys[s], size + i
                    )
                total += lost
                by_name[i] += first[s] * lost
        losses[s] = total
