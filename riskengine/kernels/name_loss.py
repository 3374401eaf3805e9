"""Losses of single names, drawn given the common factors, more of them than there are.

A draw is a function of (key of the scenario, number of the name): no chunk, thread or order
of scenarios changes it.

A name with collateral loses only where it defaults and its sale falls short: that is the
event which is drawn, and the size of the loss given it.

Source: Steele, Lea & Flood, OOPSLA (2014) 453 (SplitMix64: a counter times the golden
ratio, mixed by variant 13 of Stafford); Glasserman & Li, Management Science 51 (2005) 1643.
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.conditional_loss import longer_sale, put_mean
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
def _fill_names(table, cells, bounds, slow, y, x, m, names):
    """Chance of a loss, its mean size, and the chance that a sale falls short."""
    for g in range(bounds.shape[0]):
        for i in range(bounds[g, 0], bounds[g, 1]):
            names[0, i] = tabled_normal_cdf(table, cells[0, i] * m - y[g])
            names[1, i], names[2, i] = cells[1, i], 1.0
        if bounds[g, 1] == bounds[g, 3]:
            continue
        longer, ratio = longer_sale(slow[g], x[g]), slow[g, 2]
        for i in range(bounds[g, 1], bounds[g, 3]):
            names[0, i], names[1, i], names[2, i] = 0.0, 0.0, 0.0
            p = tabled_normal_cdf(table, cells[0, i] * m - y[g])
            if i >= bounds[g, 2]:
                exponent = cells[4, i] + cells[6, i] * x[g] - cells[5, i] * longer
                if exponent < 0.0:
                    names[0, i], names[1, i] = p, -cells[1, i] * math.expm1(exponent)
                continue
            distance = cells[4, i] - ratio * x[g] + cells[5, i] * longer
            mean = put_mean(table, distance, cells[6, i])
            if mean > 0.0:
                short = tabled_normal_cdf(table, distance)
                names[0, i], names[1, i], names[2, i] = p * short, cells[1, i] * mean / short, short
                names[3, i] = distance


@kernel
def _solved_tilt(names, mean, variance, target, precision):
    """Theta >= 0 at which names and a normal rest have a mean of ``target``; 0 beyond it."""
    size, largest, lacking = names.shape[1], 0.0, target - mean
    for i in range(size):
        lacking -= names[0, i] * names[1, i]
        if names[0, i] > 0.0:
            largest = max(largest, names[1, i])
    if not lacking > 0.0 or largest == 0.0:
        return 0.0
    tilt, low, high, most = 0.0, 0.0, math.inf, 60.0 / largest
    for _ in range(60):
        gap, slope = target - mean - tilt * variance, variance
        for i in range(size):
            c, q = names[1, i], names[0, i]
            e = q * math.exp(tilt * c)
            r = e / (1.0 - q + e) if q < 1.0 else 1.0
            gap -= c * r
            slope += c * c * r * (1.0 - r)
        if abs(gap) <= precision * lacking or (gap > 0.0 and tilt == most):
            break
        if gap > 0.0:
            low = tilt
        else:
            high = tilt
        step = min(gap / slope, 2.0 / largest) if slope > 0.0 else 2.0 / largest
        tilt = min(tilt + step, most) if low < tilt + step < high else 0.5 * (low + high)
    return tilt


@kernel
def _sale_loss(cells, i, distance, short, uniform):
    """What one yuan of scale loses in a sale that falls short."""
    spread = cells[6, i]
    exponent = spread * (normal_quantile(uniform * short) - distance)
    return -math.expm1(exponent) if exponent < 0.0 else 0.0


@kernel
def _draw_names(cells, bounds, names, key, tilt, share, lost):
    """Losses of names into ``lost``; their sum and the likelihood ratio."""
    size = cells.shape[1]
    twisted = tilt > 0.0 and uniform_draw(key, 2 * size) >= share
    total, gained, growth, product = 0.0, 0.0, 0.0, 1.0
    for g in range(bounds.shape[0]):
        for i in range(bounds[g, 0], bounds[g, 3]):
            lost[i] = 0.0
            chance = names[0, i]
            if tilt > 0.0:
                raised = math.exp(tilt * names[1, i])
                grown = 1.0 - chance + chance * raised
                product *= grown
                if product > 1e200:
                    growth, product = growth + math.log(product), 1.0
                if twisted:
                    chance = min(chance * raised / grown, 1.0)
            if uniform_draw(key, i) >= chance:
                continue
            size_lost = names[1, i]
            if bounds[g, 1] <= i < bounds[g, 2]:
                drawn = uniform_draw(key, size + i)
                size_lost = cells[1, i] * _sale_loss(cells, i, names[3, i], names[2, i], drawn)
            lost[i] = size_lost
            total += size_lost
            gained += names[1, i]
    if tilt == 0.0:
        return total, 1.0
    growth += math.log(product)
    likelihood = math.exp(min(tilt * gained - growth, 700.0))
    return total, 1.0 / (share + (1.0 - share) * likelihood)


@kernel
def name_losses(
    table, cells, bounds, slow, y, x, mixing, keys, aim, first, out, by_name
):  # fmt: skip
    """Draw every name in each scenario; add up the book, and each name with weights.

    A name that loses with chance q, of mean size c, is drawn with
    q e^(tc) / (1 - q + q e^(tc)); the tilt t >= 0 brings the mean loss to the target.

    Parameters
    ----------
    table, cells, bounds, slow, y, x, mixing : arrays
        As in `riskengine.kernels.conditional_loss`; every cell is one name, scales [yuan].
    keys : (s,) uint64
        Stream of each scenario.
    aim : (s, 4) float64
        Mean [yuan] and variance [yuan^2] of what else the book loses, taken as normal; loss
        to reach [yuan], minus infinity to draw names as they are; and the chance of drawing
        a scenario without a tilt [1], in (0, 1]: ratios stay below its inverse.
    first : (k, s) float64
        Weights of the scenarios in ``by_name``, any unit; they hold the likelihood ratios.
    out : (2, s) float64
        Filled with losses of all names [yuan] and likelihood ratios [1].
    by_name : (k, n) float64
        Weighted losses [yuan x unit of the weight] are added here.

    Notes
    -----
    Source: Glasserman & Li, Management Science 51 (2005) 1643, 3.1.
    """
    size = cells.shape[1]
    names, lost = np.zeros((4, size)), np.zeros(size)
    for s in range(mixing.size):
        if first.shape[0] > 0 and not np.any(first[:, s] != 0.0):
            continue
        _fill_names(table, cells, bounds, slow, y[s], x[s], mixing[s], names)
        tilt = 0.0
        if aim[s, 2] > -math.inf:
            tilt = _solved_tilt(names, aim[s, 0], aim[s, 1], aim[s, 2], 0.01)
        out[0, s], out[1, s] = _draw_names(cells, bounds, names, keys[s], tilt, aim[s, 3], lost)
        for j in range(first.shape[0]):
            for i in range(size):
                by_name[j, i] += first[j, s] * lost[i]


@kernel
def name_tilts(table, cells, bounds, slow, y, x, mixing, rest, target, tilts):
    """Tilt of names in each scenario, as in `name_losses`, to the last digits.

    Parameters
    ----------
    table, cells, bounds, slow, y, x, mixing, rest, target : see `name_losses`
        Names, scenarios, what else is lost [yuan], [yuan^2] and the loss to reach [yuan].
    tilts : (s,) float64
        Filled with tilts [1/yuan], >= 0.
    """
    names = np.zeros((4, cells.shape[1]))
    for s in range(mixing.size):
        _fill_names(table, cells, bounds, slow, y[s], x[s], mixing[s], names)
        tilts[s] = _solved_tilt(names, rest[s, 0], rest[s, 1], target, 1e-9)


@kernel
def name_growth(table, cells, bounds, slow, y, x, mixing, tilts, out):
    """Cumulants of names by segment: sums of log(1 - q + q e^(tc)).

    Parameters
    ----------
    table, cells, bounds, slow, y, x, mixing : arrays
        As in `name_losses`.
    tilts : (s,) float64
        Tilt t of each scenario [1/yuan].
    out : (s, g) float64
        Filled with the sums [1].
    """
    names = np.zeros((4, cells.shape[1]))
    for s in range(mixing.size):
        _fill_names(table, cells, bounds, slow, y[s], x[s], mixing[s], names)
        for g in range(bounds.shape[0]):
            total = 0.0
            for i in range(bounds[g, 0], bounds[g, 3]):
                total += math.log1p(names[0, i] * math.expm1(tilts[s] * names[1, i]))
            out[s, g] = total
