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
def birge_ratio(values, errors, weights, centre):
    """How much wider the methods scatter than their errors explain, at least 1.

    Parameters
    ----------
    values, errors : (k,) float64
        Values [any one unit] and log errors [1].
    weights : (k,) float64
        Weights [1]; methods of weight 0 are left out.
    centre : float64
        Weighted mean of the logarithms [1].

    Returns
    -------
    float64
        sqrt(chi^2 / (k - 1)) [1], in [1, inf).
    """
    chi_square, counted = 0.0, 0
    for k in range(values.size):
        if weights[k] > 0.0:
            counted += 1
            chi_square += ((math.log(values[k]) - centre) / errors[k]) ** 2
    return math.sqrt(max(1.0, chi_square / (counted - 1))) if counted > 1 else 1.0


@kernel
def reconcile_rows(values, errors, prudents, roles, cases, policy, out, weights):
    """Reconcile the methods of every right.

    Parameters
    ----------
    values, errors, prudents : (n, m) float64
        Value [yuan], log error [1] and prudent value [yuan] of every method; NaN
        where a method has no answer.
    roles : (cases, m) int64
        0 none, 1 mandatory, 2 cross-check, 3 check only, 4 addition.
    cases : (n,) int64
        Row of ``roles`` for each right.
    policy : (4,) float64
        Correlation [1], divergence ratio [1], normal quantiles of 0.95 and of
        0.75 [1].
    out : (9, n) float64
        Filled with value [yuan], log error [1], P5, P25, P95 [yuan], value of
        additions [yuan], ratio of largest to smallest method [1], lower of the two
        heaviest methods with additions [yuan], prudent value [yuan] (infinite when
        no method states one).
    weights : (n, m) float64
        Filled with weights [1]; 0 for methods that do not count.

    Notes
    -----
    A mandatory method that answers 0 (an onerous lease, a right run out) makes
    the right itself worth 0; what goes with it still counts.
    """
    methods = values.shape[1]
    usable = np.empty(methods)
    for i in range(cases.size):
        worthless, known = False, 0
        smallest, largest, prudent, added, variance = math.inf, 0.0, math.inf, 0.0, 0.0
        for k in range(methods):
            value, role = values[i, k], roles[cases[i], k]
            usable[k] = math.nan
            if 1 <= role <= 2:
                if value > 0.0:
                    usable[k] = errors[i, k]
                    known += 1
                    smallest, largest = min(smallest, value), max(largest, value)
                if value == 0.0 and role == 1:
                    worthless = True
                if not math.isnan(prudents[i, k]):
                    prudent = min(prudent, prudents[i, k])
            elif role == 4 and value > 0.0:
                added += value
                variance += (value * errors[i, k]) ** 2
        base, first, second = 0.0, 0.0, 0.0
        error = equicorrelated_weights(usable, policy[0], weights[i])
        if known and not worthless:
            centre, lower, lower_value = 0.0, 0.0, 0.0
            heaviest = 0.0
            for k in range(methods):
                weight = weights[i, k]
                if weight > 0.0:
                    centre += weight * math.log(values[i, k])
                    if weight > heaviest:
                        heaviest, lower, first, lower_value = weight, heaviest, values[i, k], first
                    elif weight > lower:
                        lower, lower_value = weight, values[i, k]
            second = lower_value if lower > 0.0 else first
            base = math.exp(centre)
            error *= birge_ratio(values[i], usable, weights[i], centre)
            variance += (base * error) ** 2
        total = base + added if known or worthless else math.nan
        spread = math.sqrt(variance) / total if total > 0.0 else 0.0 * total
        out[0, i], out[1, i] = total, spread
        out[2, i] = total * math.exp(-policy[2] * spread)
        out[3, i] = total * math.exp(-policy[3] * spread)
        out[4, i] = total * math.exp(policy[2] * spread)
        out[5, i], out[6, i] = added, (largest / smallest if known else math.nan)
        out[7, i], out[8, i] = min(first, second) + added, prudent + added
