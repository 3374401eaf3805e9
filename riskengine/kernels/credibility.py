"""How far to trust a group's own mean: credibility of Bühlmann and Straub.

Groups (townships, villages) are ragged: observations of group i lie from
``starts[i]`` up to ``starts[i + 1]``, so ``starts`` has one more entry than there
are groups.

Source: Bühlmann & Straub (1970); Bühlmann & Gisler (2005), ch. 4.
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def credibility_factor(volume, ratio):
    """Weight of a group's own mean: Z = n / (n + k).

    Parameters
    ----------
    volume : float64
        Observations of the group or their weight n, any one unit, >= 0.
    ratio : float64
        Variance within groups over variance between them k, same unit, >= 0;
        infinite when the groups do not differ.

    Returns
    -------
    float64
        Factor [1], in [0, 1]; 0 without observations.

    Examples
    --------
    >>> credibility_factor(12.0, 4.0), credibility_factor(12.0, math.inf)
    (0.75, 0.0)
    """
    if volume == 0.0:
        return 0.0
    return volume / (volume + ratio)


@kernel
def credible_mean(own, collective, factor):
    """Mean of a group after credibility: Z own + (1 - Z) collective.

    Parameters
    ----------
    own, collective : float64
        Mean of the group, NaN when it has none, and of all, any one unit.
    factor : float64
        Credibility Z [1], in [0, 1].

    Returns
    -------
    float64
        Mean, same unit.

    Examples
    --------
    >>> credible_mean(800.0, 600.0, 0.75), credible_mean(math.nan, 600.0, 0.0)
    (750.0, 600.0)
    """
    if factor == 0.0:
        return collective
    return collective + factor * (own - collective)


@kernel
def variance_within(values, weights, starts, volumes, means):
    """Means of the groups and the variance inside them, per unit of weight.

    s^2 = sum_i sum_j w_ij (x_ij - x_i)^2 / sum_i (n_i - 1).

    Parameters
    ----------
    values : (n,) float64
        Observations x_ij, any one unit.
    weights : (n,) float64
        Their weights w_ij [1], >= 0, such as areas or numbers of leases; those of
        weight 0 do not count.
    starts : (g + 1,) int64
        First observation of each group, and the number of observations.
    volumes, means : (g,) float64
        Filled with weights of the groups [1] and their means, NaN for an empty one.

    Returns
    -------
    tuple of float64
        Variance s^2, unit squared, NaN when no group has two observations; number of
        groups that are not empty [1].

    Examples
    --------
    >>> import numpy as np
    >>> x, w, at = np.array([1.0, 3.0, 5.0]), np.ones(3), np.array([0, 2, 3])
    >>> volumes, means = np.empty(2), np.empty(2)
    >>> variance_within(x, w, at, volumes, means), volumes.tolist(), means.tolist()
    ((2.0, 2.0), [2.0, 1.0], [2.0, 5.0])
    """
    squares, freedom, groups = 0.0, 0.0, 0.0
    for i in range(means.size):
        volume, total, counted = 0.0, 0.0, 0.0
        for j in range(starts[i], starts[i + 1]):
            if weights[j] > 0.0:
                volume += weights[j]
                total += weights[j] * values[j]
                counted += 1.0
        volumes[i] = volume
        means[i] = total / volume if counted > 0.0 else math.nan
        if counted > 0.0:
            groups += 1.0
            freedom += counted - 1.0
            for j in range(starts[i], starts[i + 1]):
                if weights[j] > 0.0:
                    squares += weights[j] * (values[j] - means[i]) ** 2
    return (squares / freedom if freedom > 0.0 else math.nan), groups


@kernel
def structure_parameters(values, weights, starts, volumes, means, factors):
    """Structure of ragged groups: collective mean, variances within and between, factors.

    a = w / (w^2 - sum w_i^2) [sum w_i (x_i - x)^2 - (g - 1) s^2], at least 0;
    Z_i = w_i / (w_i + s^2 / a); m = sum Z_i x_i / sum Z_i, or x when a is 0.

    Parameters
    ----------
    values, weights, starts, volumes, means
        As `variance_within` [any one unit, 1, 1, 1, same unit]; weights all 1 give
        the plain model of Bühlmann.
    factors : (g,) float64
        Filled with credibility factors Z_i [1].

    Returns
    -------
    tuple of float64
        Collective mean m, variance within s^2, variance between a; NaN for what the
        data cannot tell.

    Examples
    --------
    >>> import numpy as np
    >>> x, w, at = np.array([10.0, 12.0, 20.0, 22.0]), np.ones(4), np.array([0, 2, 4])
    >>> room = np.empty((3, 2))
    >>> structure_parameters(x, w, at, room[0], room[1], room[2])
    (16.0, 2.0, 49.0)
    >>> room[2].round(4).tolist()
    [0.98, 0.98]
    """
    within, groups = variance_within(values, weights, starts, volumes, means)
    total, squared, overall = 0.0, 0.0, 0.0
    for i in range(means.size):
        if volumes[i] > 0.0:
            total += volumes[i]
            squared += volumes[i] * volumes[i]
            overall += volumes[i] * means[i]
    overall = overall / total if total > 0.0 else math.nan
    scatter = 0.0
    for i in range(means.size):
        if volumes[i] > 0.0:
            scatter += volumes[i] * (means[i] - overall) ** 2
    between = math.nan
    if groups > 1.0:
        between = total / (total * total - squared) * (scatter - (groups - 1.0) * within)
        between = 0.0 if between < 0.0 else between
    ratio = within / between if between > 0.0 else math.inf
    if math.isnan(between):
        ratio = math.nan
    top, bottom = 0.0, 0.0
    for i in range(means.size):
        factors[i] = credibility_factor(volumes[i], ratio)
        if factors[i] > 0.0:
            top += factors[i] * means[i]
            bottom += factors[i]
    collective = top / bottom if bottom > 0.0 else overall
    return collective, within, between
