"""One value from several methods: weights, interval, disagreement.

Methods are combined on logarithms.  Their errors share one correlation (they
look at the same market), so the weights are those of least variance,
w = S^-1 1 / (1' S^-1 1), never negative.  When the methods differ by more than
their errors explain, the error of the result grows (Birge ratio).  What goes
with the right (facilities, crops, trees on the land) is added afterwards.

Source: IVS 105 on reconciliation; Birge, Phys. Rev. 40 (1932) 207.
"""

import math

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
def reconcile_rows(values, errors, prudents, roles, cases, policy, out, weights):
    """Reconcile the methods of every right.

    Parameters
    ----------
    values, errors, prudents : (m, n) float64
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
        heaviest methods with additions [yuan], prudent value [yuan].
    weights : (m, n) float64
        Filled with weights [1]; 0 for methods that do not count.

    Returns
    -------
    None
        Fills ``out`` and ``weights``.
    """
    for i in range(cases.size):
        _reconcile_row(
            values[:, i], errors[:, i], prudents[:, i], roles[cases[i]], policy, out[:, i],
            weights[:, i],
        )


@kernel
def _reconcile_row(values, errors, prudents, roles, policy, out, weights):
    methods = values.size
    worthless = False
    known = 0
    smallest, largest = math.inf, 0.0
    for k in range(methods):
        weights[k] = math.nan
        counts = (roles[k] == 1 or roles[k] == 2) and not math.isnan(values[k])
        if counts and values[k] > 0.0:
            weights[k] = errors[k]
            known += 1
            smallest, largest = min(smallest, values[k]), max(largest, values[k])
        elif counts and roles[k] == 1:
            worthless = True
    error = _weigh(weights, policy[0])
    centre, base = 0.0, 0.0
    if known and not worthless:
        for k in range(methods):
            if weights[k] > 0.0:
                centre += weights[k] * math.log(values[k])
        base = math.exp(centre)
        error *= _birge(values, errors, weights, centre, known)
    else:
        for k in range(methods):
            weights[k] = 0.0
        error = 0.0
    added, variance = 0.0, (base * error) ** 2
    for k in range(methods):
        if roles[k] == 4 and values[k] > 0.0:
            added += values[k]
            variance += (values[k] * errors[k]) ** 2
    answered = known > 0 or worthless
    value = base + added if answered else math.nan
    out[0] = value
    out[1] = math.sqrt(variance) / value if value > 0.0 else 0.0 * value
    out[2] = value * math.exp(-policy[2] * out[1])
    out[3] = value * math.exp(-policy[3] * out[1])
    out[4] = value * math.exp(policy[2] * out[1])
    out[5] = added
    out[6] = largest / smallest if known else math.nan
    out[7] = _lower_of_heaviest(values, weights) + added if base > 0.0 else value
    out[8] = _prudent(prudents, roles, weights) + added if answered else math.nan


@kernel
def _weigh(weights, correlation):
    errors = weights.copy()
    return equicorrelated_weights(errors, correlation, weights)


@kernel
def _birge(values, errors, weights, centre, known):
    if known < 2:
        return 1.0
    chi_square = 0.0
    counted = 0
    for k in range(values.size):
        if weights[k] > 0.0:
            counted += 1
            chi_square += ((math.log(values[k]) - centre) / errors[k]) ** 2
    if counted < 2:
        return 1.0
    return math.sqrt(max(1.0, chi_square / (counted - 1)))


@kernel
def _lower_of_heaviest(values, weights):
    first, second = -1, -1
    for k in range(values.size):
        if weights[k] > 0.0:
            if first < 0 or weights[k] > weights[first]:
                first, second = k, first
            elif second < 0 or weights[k] > weights[second]:
                second = k
    if second < 0:
        return values[first]
    return min(values[first], values[second])


@kernel
def _prudent(prudents, roles, weights):
    lowest = math.inf
    for k in range(prudents.size):
        counts = weights[k] > 0.0 or roles[k] == 1
        if counts and not math.isnan(prudents[k]):
            lowest = min(lowest, prudents[k])
    return lowest
