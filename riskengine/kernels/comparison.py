"""Market comparison: prices of comparable deals made those of the subject.

Every factor is the subject over the comparable, so that a better subject has one
above 1; their order does not matter, their direction does.  A deal that needs too
much correction says little of the subject: beyond limits it is dropped, within
them it counts the less the more it had to be corrected.

Source: GB/T 28406-2012, 5.2 and GB/T 18508-2014 (market comparison); valuation
notes 1.3.
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_factor
from riskengine.kernels.powers import square


@kernel
def adjusted_price(price, situation, date, region, individual, term):
    """Price of the subject by one deal: P K_situation K_date K_region K_individual K_term.

    Parameters
    ----------
    price : float64
        Price of the deal, any unit.
    situation, date, region, individual, term : float64
        Factors for the situation of the deal, price level, neighbourhood, traits of
        the parcel, term [1], > 0, subject over comparable.

    Returns
    -------
    float64
        Price, in the unit of the deal.

    Examples
    --------
    >>> round(adjusted_price(1800.0, 1.0, 1.0, 1.0 / 0.97, 1.5 / 1.03, 1.01708))
    2749
    """
    return price * situation * date * region * individual * term


@kernel
def gross_adjustment(situation, date, region, individual, term):
    """How much a deal had to be corrected, up or down: sum |K - 1|.

    Parameters
    ----------
    situation, date, region, individual, term : float64
        Factors [1], as in `adjusted_price`.

    Returns
    -------
    float64
        Gross adjustment [1], >= 0; corrections that cancel still count.

    Examples
    --------
    >>> round(gross_adjustment(1.0, 1.1, 0.9, 1.0, 1.0), 12)
    0.2
    """
    moved = abs(situation - 1.0) + abs(date - 1.0) + abs(region - 1.0)
    return moved + abs(individual - 1.0) + abs(term - 1.0)


@kernel
def within_limits(situation, date, region, individual, term, low, high, product_low, product_high):
    """Whether a deal is near enough to count: each factor and their product in range.

    Parameters
    ----------
    situation, date, region, individual, term : float64
        Factors [1], as in `adjusted_price`; NaN is out of range.
    low, high : float64
        Range of each factor [1], both ends closed.
    product_low, product_high : float64
        Range of their product [1], both ends closed.

    Returns
    -------
    bool
        True when the deal counts.

    Examples
    --------
    >>> within_limits(1.0, 1.1, 0.9, 1.0, 1.2, 0.8, 1.25, 0.7, 1.3)
    True
    >>> within_limits(1.0, 1.2, 1.2, 1.0, 1.0, 0.8, 1.25, 0.7, 1.3)
    False
    """
    product = situation * date * region * individual * term
    least = min(situation, date, region, individual, term)
    most = max(situation, date, region, individual, term)
    return low <= least and most <= high and product_low <= product <= product_high


@kernel
def adjustment_weight(gross, floor):
    """Weight of a deal by how little it had to be corrected: 1 / max(gross, floor).

    Parameters
    ----------
    gross : float64
        Gross adjustment [1], >= 0.
    floor : float64
        Adjustment below which deals count alike [1], > 0: without it a deal that
        needs none would outweigh all others.

    Returns
    -------
    float64
        Weight [1], in (0, 1 / floor].

    Examples
    --------
    >>> adjustment_weight(0.0, 0.05), adjustment_weight(0.1, 0.05)
    (20.0, 10.0)
    """
    return 1.0 / max(gross, floor)


@kernel
def weighted_mean(values, weights):
    """Weighted mean of what is known.

    Parameters
    ----------
    values : (n,) float64
        Values, any one unit; NaN is left out.
    weights : (n,) float64
        Weights [1], >= 0; they need not add up to 1.

    Returns
    -------
    float64
        Mean, in the unit of the values; NaN when nothing has a weight.

    Examples
    --------
    >>> import numpy as np
    >>> weighted_mean(np.array([100.0, 130.0, np.nan]), np.array([2.0, 1.0, 5.0]))
    110.0
    """
    total = 0.0
    weight = 0.0
    for i in range(values.size):
        if not math.isnan(values[i]):
            total += weights[i] * values[i]
            weight += weights[i]
    return total / weight if weight > 0.0 else math.nan


@kernel
def student_inflation(quantile, freedom):
    """How much wider Student's t is than the normal, at one quantile.

    t / z = 1 + (z^2 + 1) / 4v + (5 z^4 + 16 z^2 + 3) / 96v^2
    + (3 z^6 + 19 z^4 + 17 z^2 - 15) / 384v^3.

    Parameters
    ----------
    quantile : float64
        Normal quantile z the interval is built with [1], > 0: 1.645 for 90 %.
    freedom : float64
        Degrees of freedom v [1], > 0; need not be whole.

    Returns
    -------
    float64
        Factor on the standard error [1], > 1.

    Notes
    -----
    Cornish-Fisher expansion: at 1.645 it is 1.2 % below the exact ratio with 2
    degrees of freedom, 0.3 % with 3, less than 0.1 % from 4 on.

    Examples
    --------
    >>> round(student_inflation(1.645, 4.0), 3)
    1.295
    """
    z = quantile * quantile
    first = (z + 1.0) / (4.0 * freedom)
    second = ((5.0 * z + 16.0) * z + 3.0) / (96.0 * square(freedom))
    third = (((3.0 * z + 19.0) * z + 17.0) * z - 15.0) / (384.0 * freedom**3)
    return 1.0 + first + second + third


@kernel
def comparison_error(spread, weights, squares, residual_error, residual_count, quantile):
    """Standard error of the log value that weighted comparables give a subject.

    e = k(v) s (1 + 1 / n)^(1/2), n = (sum w)^2 / sum w^2, v = residual count + n - 1.

    Parameters
    ----------
    spread : float64
        sum w (y - mean y)^2 of the log adjusted prices y [1].
    weights, squares : float64
        sum w and sum w^2 of their weights [1], > 0.
    residual_error : float64
        Error of one comparable's log price that is usual in the market [1], > 0;
        the error never falls below it, however well few deals agree.
    residual_count : float64
        Deals that the usual error counts for [1], > 0.
    quantile : float64
        Normal quantile of the intervals in use [1], as in `student_inflation`.

    Returns
    -------
    float64
        Error [1].

    Notes
    -----
    s^2 pools the usual variance, as `residual_count` observations, with that found
    among the comparables (n - 1 degrees of freedom), and is not below the usual
    one.  One part of 1 + 1/n is the subject's own deviation, the other that of the
    comparables' mean.  The factor k makes a normal interval as wide as Student's:
    a few deals do not know their own scatter.

    Examples
    --------
    >>> round(comparison_error(0.0, 1.0, 1.0, 0.2, 30.0, 1.645), 4)
    0.2919
    """
    effective = weights * weights / squares
    freedom = residual_count + effective - 1.0
    found = spread * effective / weights
    pooled = (residual_count * square(residual_error) + found) / freedom
    scale = math.sqrt(max(pooled, square(residual_error)) * (1.0 + 1.0 / effective))
    return scale * student_inflation(quantile, freedom)


@kernel
def pair_factors(subjects, i, annuity, comparables, j):
    """Factors that make the price of deal j that of subject i.

    Parameters
    ----------
    subjects, comparables : (3 + p, n) and (5 + p, m) float64
        As in `comparison_rows`.
    i, j : int64
        Subject and deal.
    annuity : float64
        A(r, n) of the subject [year], the same for all its deals.

    Returns
    -------
    tuple of float64
        Factors for situation, date, region, individual traits and term [1], NaN
        where a fact that they need is missing, and the number of scores missing on
        either side, each of which left its factor at 1.
    """
    missing = 0.0
    region = 1.0
    individual = 1.0
    for k in range(3, subjects.shape[0]):
        ratio = subjects[k, i] / comparables[k + 2, j] if comparables[k + 2, j] > 0.0 else math.nan
        if math.isnan(ratio):
            missing += 1.0
        elif k == 3:
            region = ratio
        else:
            individual *= ratio
    date = subjects[0, i] / comparables[2, j] if comparables[2, j] > 0.0 else math.nan
    years_subject, years_comparable = subjects[1, i], comparables[3, j]
    term = 1.0
    if years_subject != years_comparable:
        term = math.nan
        if years_comparable > 0.0:
            term = annuity / annuity_factor(subjects[2, i], years_comparable)
    return comparables[1, j], date, region, individual, term, missing


@kernel
def comparison_rows(starts, stops, subjects, comparables, policy, max_candidates, wanted, out):
    """Value of every subject by its own list of comparable deals (市场比较法).

    Candidates of subject i are deals starts[i] to stops[i] - 1; subjects of one
    place share one stretch of deals, the most telling (most recent) first.

    Parameters
    ----------
    starts, stops : (n,) int64
        First candidate and the one after the last [1], in [0, m].
    subjects : (3 + p, n) float64
        price index today [1], term [year], rate [1/year], then p >= 1 scores [1] > 0:
        the first of the region, the others of individual traits.
    comparables : (5 + p, m) float64
        price [yuan per unit], situation factor [1], price index at the deal [1],
        term [year], age of the deal [year], then the p scores [1].
    policy : (9,) float64
        0 low and high limit of each factor, of their product [1], 4 floor of the
        gross adjustment [1], what a missing score adds to it [1], 6 usual error of a
        deal's log price [1], deals it counts for [1], quantile of intervals [1].
    max_candidates : int64
        Most candidates looked at for one subject [1].
    wanted : (n,) bool
        Rows to value.
    out : (5, n) or (6, n) float64
        Filled with value [yuan per unit], log error [1], deals used [1], their mean
        age [year] and mean gross adjustment [1], both weighted; NaN and 0 deals
        where none is near enough.  A sixth row, where there is one, is filled with
        the weighted geometric mean [yuan per unit], which few dear deals pull less.

    Notes
    -----
    Weighted arithmetic mean of the adjusted prices, weights by `adjustment_weight`,
    error by `comparison_error`; running sums need no memory per candidate.
    """
    for i in range(starts.size):
        if not wanted[i]:
            continue
        used, weights, squares = 0.0, 0.0, 0.0
        value, center, spread, age, adjustment = 0.0, 0.0, 0.0, 0.0, 0.0
        annuity = annuity_factor(subjects[2, i], subjects[1, i])
        for j in range(starts[i], min(stops[i], starts[i] + max_candidates)):
            k1, k2, k3, k4, k5, missing = pair_factors(subjects, i, annuity, comparables, j)
            price = adjusted_price(comparables[0, j], k1, k2, k3, k4, k5)
            near = within_limits(k1, k2, k3, k4, k5, policy[0], policy[1], policy[2], policy[3])
            if not (near and price > 0.0):
                continue
            gross = gross_adjustment(k1, k2, k3, k4, k5) + missing * policy[5]
            weight = adjustment_weight(gross, policy[4])
            used += 1.0
            weights += weight
            squares += weight * weight
            share = weight / weights
            log_price = math.log(price)
            step = log_price - center
            center += share * step
            spread += weight * step * (log_price - center)
            value += share * (price - value)
            age += share * (comparables[4, j] - age)
            adjustment += share * (gross - adjustment)
        out[2, i] = used
        if out.shape[0] > 5:
            out[5, i] = math.exp(center) if used > 0.0 else math.nan
        if used == 0.0:
            out[0, i] = out[1, i] = out[3, i] = out[4, i] = math.nan
            continue
        out[0, i] = value
        out[1, i] = comparison_error(spread, weights, squares, policy[6], policy[7], policy[8])
        out[3, i], out[4, i] = age, adjustment
