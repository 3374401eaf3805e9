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
from riskengine.kernels.powers import square


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
def gather_rows(figures, starts, roles, lists, cases, out, weights):
    """Sum up what the methods of every right say; one that stands alone is the value.

    Parameters
    ----------
    figures : (rows, n) float64
        Outputs of all methods, one below the other: value [yuan], log error [1] and
        prudent value [yuan] first; NaN where a method has no answer.
    starts : (m,) int64
        First row of every method, -1 for one that answered for no right.
    roles : (cases, m) int64
        0 none, 1 mandatory, 2 cross-check, 3 check only, 4 addition.
    lists : (cases, 2 + m) int64
        For each case: mandatory methods, methods that have a say (they answered for
        some right and are mandatory, cross-checks or additions), then these, by number.
    cases : (n,) int64
        Row of ``roles`` for each right.
    out : (10, n) float64
        Filled with the value of the right itself [yuan] and its log error [1], NaN
        where several methods count (`weigh_rows`) or none; the variance of additions
        [yuan^2]; two rows left; additions [yuan]; ratio of largest to smallest method
        [1]; lower of the two heaviest methods [yuan]; prudent value [yuan] (infinite
        when no method states one); mandatory methods without an answer [1].
    weights : (m, n) float64
        Filled with weights [1]; 0 for methods that do not count, and where several do.

    Returns
    -------
    int64
        Rights for which several methods count.

    Notes
    -----
    A mandatory method that answers 0 (an onerous lease, a right run out) makes
    the right itself worth 0; what goes with it still counts.
    """
    several = 0
    for i in range(cases.size):
        c = cases[i]
        smallest, largest, prudent, added, variance = math.inf, 0.0, math.inf, 0.0, 0.0
        counted, alone, worthless, silent = 0, 0, False, lists[c, 0]
        for k in range(starts.size):
            weights[k, i] = 0.0
        for n in range(lists[c, 1]):
            k = lists[c, n + 2]
            role, top = roles[c, k], starts[k]
            value, low = figures[top, i], figures[top + 2, i]
            if role == 4:
                if value > 0.0:
                    added += value
                    variance += square(value * figures[top + 1, i])
                continue
            if role == 1 and value >= 0.0:
                silent -= 1
                worthless = worthless or value == 0.0
            if value > 0.0:
                counted += 1
                alone = k
                smallest, largest = min(smallest, value), max(largest, value)
            if not math.isnan(low):
                prudent = min(prudent, low)
        base, error = math.nan, math.nan
        if worthless or counted == 1:
            base, error = 0.0 if worthless else smallest, 0.0
            if counted == 1:
                weights[alone, i] = 1.0
                error = figures[starts[alone] + 1, i]
        if counted > 1:
            several += 1
        out[0, i], out[1, i], out[2, i], out[5, i] = base, error, variance, added
        out[6, i] = largest / smallest if counted > 0 else math.nan
        out[7, i], out[8, i], out[9, i] = base, prudent + added, silent
    return several


@kernel
def weigh_rows(figures, starts, roles, lists, cases, correlation, errors, shares, out, weights):
    """Weigh the methods of every right for which several count.

    Parameters
    ----------
    figures, starts, roles, lists, cases
        As in `gather_rows`.
    correlation : float64
        Correlation of the methods' log errors [1], in [0, 1).
    errors, shares : (m,) float64
        Room; overwritten.
    out : (10, n) float64
        As `gather_rows` leaves it; value, log error and lower of the two heaviest
        methods are filled, unless the right is worthless.
    weights : (m, n) float64
        Filled with weights [1].
    """
    for i in range(cases.size):
        c, counted = cases[i], 0
        for n in range(errors.size):
            errors[n] = math.nan
        for n in range(lists[c, 1]):
            k = lists[c, n + 2]
            if roles[c, k] < 3 and figures[starts[k], i] > 0.0:
                errors[n] = figures[starts[k] + 1, i]
                counted += 1
        if counted < 2:
            continue
        error = equicorrelated_weights(errors, correlation, shares)
        centre, scatter, counted = 0.0, 0.0, 0
        heaviest, next_weight, first, second = 0.0, 0.0, 0.0, 0.0
        for n in range(lists[c, 1]):
            weight = shares[n]
            if weight > 0.0:
                value = figures[starts[lists[c, n + 2]], i]
                weights[lists[c, n + 2], i] = weight
                centre += weight * math.log(value)
                counted += 1
                if weight > heaviest:
                    next_weight, second = heaviest, first
                    heaviest, first = weight, value
                elif weight > next_weight:
                    next_weight, second = weight, value
        if out[0, i] == 0.0:
            continue
        for n in range(lists[c, 1]):
            if shares[n] > 0.0:
                away = math.log(figures[starts[lists[c, n + 2]], i]) - centre
                scatter += square(away / errors[n])
        out[0, i] = math.exp(centre)
        out[1, i] = error * birge_ratio(scatter, counted)
        out[7, i] = min(first, second) if next_weight > 0.0 else first


@kernel
def interval_rows(high, middle, out):
    """Add what goes with every right, and fill its interval.

    Parameters
    ----------
    high, middle : float64
        Normal quantiles of 0.95 and of 0.75 [1].
    out : (10, n) float64
        As `gather_rows` and `weigh_rows` leave it.  Filled with value [yuan], log error
        [1], P5, P25, P95 [yuan], value of additions [yuan], ratio of largest to
        smallest method [1], lower of the two heaviest methods with additions [yuan],
        prudent value [yuan], mandatory methods without an answer [1].
    """
    for i in range(out.shape[1]):
        base, added = out[0, i], out[5, i]
        total = base + added
        spread = 0.0 * total
        if total > 0.0:
            own = base * out[1, i]
            spread = math.sqrt(out[2, i] + own * own) / total
        width = math.exp(high * spread)
        out[0, i], out[1, i] = total, spread
        out[2, i] = total / width
        out[3, i] = total * math.exp(-middle * spread)
        out[4, i] = total * width
        out[7, i] += added
