"""One value from several methods: weights, interval, disagreement.

Methods are combined on logarithms.  Their errors share one correlation (they
look at the same market), so the weights are those of least variance,
w = S^-1 1 / (1' S^-1 1), never negative.  When the methods differ by more than
their errors explain, the error of the result grows (Birge ratio).  What goes
with the right (facilities, crops, trees on the land) is added afterwards.

Source: IVS 105 on reconciliation; Birge, Phys. Rev. 40 (1932) 207.
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel


@kernel
def equicorrelated_weights(errors, correlation, weights):
    """Weights of least variance for errors that share one correlation.

    Parameters
    ----------
    errors : (k,) float64
        Standard errors [1], > 0; NaN leaves a method out.
    correlation : float64
        Common correlation of the errors, in [0, 1).
    weights : (k,) float64
        Filled with weights [1], >= 0, that sum to 1; all 0 when no error is known.

    Returns
    -------
    float64
        Standard error of the weighted mean [1]; NaN when no error is known.

    Notes
    -----
    The inverse of (1 - c) I + c J is closed, so each round costs k operations;
    a method whose weight comes out negative is left out and the rest weighed
    again.
    """
    for k in range(errors.size):
        weights[k] = 0.0 if math.isnan(errors[k]) else 1.0
    while True:
        count, total = 0, 0.0
        for k in range(errors.size):
            if weights[k] > 0.0:
                count += 1
                total += 1.0 / errors[k]
        if count == 0:
            return math.nan
        shared = correlation * total / (1.0 + (count - 1) * correlation)
        worst, lowest = -1, 0.0
        sum_of_weights = 0.0
        for k in range(errors.size):
            if weights[k] > 0.0:
                raw = (1.0 / errors[k] - shared) / errors[k]
                sum_of_weights += raw
                if raw < lowest:
                    worst, lowest = k, raw
        if worst < 0:
            break
        weights[worst] = 0.0
    for k in range(errors.size):
        if weights[k] > 0.0:
            weights[k] = (1.0 / errors[k] - shared) / errors[k] / sum_of_weights
    return math.sqrt((1.0 - correlation) / sum_of_weights)


@kernel
def birge_ratio(chi_square, counted):
    """How much wider estimates scatter than their errors explain, at least 1.

    Parameters
    ----------
    chi_square : float64
        Sum of squared deviations from the weighted mean, each over its error [1].
    counted : int64
        Estimates.

    Returns
    -------
    float64
        sqrt(chi^2 / (k - 1)) [1], in [1, inf); 1 for a single estimate.

    Examples
    --------
    >>> birge_ratio(8.0, 3), birge_ratio(1.0, 3)
    (2.0, 1.0)
    """
    return math.sqrt(max(1.0, chi_square / (counted - 1))) if counted > 1 else 1.0


@kernel
def _lists(starts, roles, lists):
    """Methods that have a say in each case: how many, then which."""
    for c in range(roles.shape[0]):
        lists[c, 0] = 0
        for k in range(starts.size):
            if starts[k] >= 0 and roles[c, k] in (1, 2, 4):
                lists[c, 0] += 1
                lists[c, lists[c, 0]] = k


@kernel
def _gather(figures, starts, roles, listed, i, usable, told):
    """What the methods of one right say: errors of those that count, and sums over them.

    ``told`` is filled with smallest and largest value, prudent value, value of
    additions and its variance, methods that count, mandatory ones that say the right is
    worth nothing, mandatory ones that answer, the last method that counts.
    """
    told[:] = 0.0
    told[0] = told[2] = math.inf
    for n in range(listed[0]):
        k = listed[n + 1]
        role, value = roles[k], figures[starts[k], i]
        usable[n] = math.nan
        if role == 4:
            if value > 0.0:
                told[3] += value
                told[4] += (value * figures[starts[k] + 1, i]) ** 2
            continue
        if role == 1 and not math.isnan(value):
            told[7] += 1.0
        if value > 0.0:
            usable[n] = figures[starts[k] + 1, i]
            told[5] += 1.0
            told[8] = n
            told[0], told[1] = min(told[0], value), max(told[1], value)
        elif value == 0.0 and role == 1:
            told[6] += 1.0
        prudent = figures[starts[k] + 2, i]
        if not math.isnan(prudent):
            told[2] = min(told[2], prudent)


@kernel
def _weigh(figures, starts, listed, i, usable, correlation, weights):
    """Weighted value of one right, its log error, and the lower of the two heaviest."""
    error = equicorrelated_weights(usable, correlation, weights)
    centre, heaviest, next_weight, first, second = 0.0, 0.0, 0.0, 0.0, 0.0
    for n in range(usable.size):
        weight = weights[n]
        if weight > 0.0:
            value = figures[starts[listed[n + 1]], i]
            centre += weight * math.log(value)
            if weight > heaviest:
                next_weight, second = heaviest, first
                heaviest, first = weight, value
            elif weight > next_weight:
                next_weight, second = weight, value
    lower = min(first, second) if next_weight > 0.0 else first
    chi_square, counted = 0.0, 0
    for n in range(usable.size):
        if weights[n] > 0.0:
            counted += 1
            away = math.log(figures[starts[listed[n + 1]], i]) - centre
            chi_square += (away / usable[n]) ** 2
    error *= birge_ratio(chi_square, counted)
    return math.exp(centre), error, lower


@kernel
def reconcile_rows(figures, starts, roles, cases, policy, out, weights):
    """Reconcile the methods of every right.

    Parameters
    ----------
    figures : (rows, n) float64
        Outputs of all methods, one below the other: value [yuan], log error [1] and
        prudent value [yuan] first; NaN where a method has no answer.
    starts : (m,) int64
        First row of every method, -1 for one that answered for no right.
    roles : (cases, m) int64
        0 none, 1 mandatory, 2 cross-check, 3 check only, 4 addition.
    cases : (n,) int64
        Row of ``roles`` for each right.
    policy : (4,) float64
        Correlation [1], divergence ratio [1], normal quantiles of 0.95 and of
        0.75 [1].
    out : (10, n) float64
        Filled with value [yuan], log error [1], P5, P25, P95 [yuan], value of
        additions [yuan], ratio of largest to smallest method [1], lower of the two
        heaviest methods with additions [yuan], prudent value [yuan] (infinite when
        no method states one), mandatory methods without an answer [1].
    weights : (m, n) float64
        Filled with weights [1]; 0 for methods that do not count.

    Notes
    -----
    A mandatory method that answers 0 (an onerous lease, a right run out) makes
    the right itself worth 0; what goes with it still counts.  A method that stands
    alone is the value, to the last bit.
    """
    lists = np.empty((roles.shape[0], starts.size + 1), np.int64)
    _lists(starts, roles, lists)
    mandatory = np.zeros(roles.shape[0])
    for c in range(roles.shape[0]):
        for k in range(starts.size):
            mandatory[c] += roles[c, k] == 1
    errors, told, shares = np.empty(starts.size), np.empty(9), np.empty(starts.size)
    weights[:] = 0.0
    for i in range(cases.size):
        listed = lists[cases[i]]
        usable, weight = errors[: listed[0]], shares[: listed[0]]
        _gather(figures, starts, roles[cases[i]], listed, i, usable, told)
        known, worthless = told[5] > 0.0, told[6] > 0.0
        base, error, lower, variance = 0.0, 0.0, 0.0, told[4]
        if told[5] == 1.0:
            alone = int(told[8])
            weights[listed[alone + 1], i] = 1.0
            base, error, lower = told[0], usable[alone], told[0]
        elif known:
            base, error, lower = _weigh(figures, starts, listed, i, usable, policy[0], weight)
            for n in range(weight.size):
                weights[listed[n + 1], i] = weight[n]
        if worthless:
            base, lower = 0.0, 0.0
        variance += (base * error) ** 2
        total = base + told[3] if known or worthless else math.nan
        spread = math.sqrt(variance) / total if total > 0.0 else 0.0 * total
        width = math.exp(policy[2] * spread)
        out[0, i], out[1, i] = total, spread
        out[2, i] = total / width
        out[3, i] = total * math.exp(-policy[3] * spread)
        out[4, i] = total * width
        out[5, i], out[6, i] = told[3], (told[1] / told[0] if known else math.nan)
        out[7, i], out[8, i] = lower + told[3], told[2] + told[3]
        out[9, i] = mandatory[cases[i]] - told[7]
