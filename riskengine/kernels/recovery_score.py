"""Released recovery models scored row by row: linear predictors, mixtures, conformal shifts.

A row of `x` is one feature; NaN is missing, a category is the place of its code.

Source: Papke & Wooldridge, J. Applied Econometrics 11 (1996) 619 (fractional logit);
Ospina & Ferrari, Statistical Papers 51 (2010) 111 (zero-and-one-inflated beta);
Romano, Patterson & Candes, NeurIPS (2019) (conformalised quantiles).
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.recovery import inflated_quantile


@kernel
def logistic(score):
    """Share at a log odds: 1 / (1 + e^-s), never through an overflow.

    Parameters
    ----------
    score : float64
        Log odds [1], any.

    Returns
    -------
    float64
        Share [1], in [0, 1].

    Examples
    --------
    >>> logistic(0.0), logistic(-800.0) == 0.0
    (0.5, True)
    """
    if score >= 0.0:
        return 1.0 / (1.0 + math.exp(-score))
    grown = math.exp(score)
    return grown / (1.0 + grown)


@kernel
def logistic_rows(scores, out):
    """`logistic` of every row.

    Parameters
    ----------
    scores : (n,) float64
        Log odds [1].
    out : (n,) float64
        Filled with shares [1].
    """
    for i in range(out.size):
        out[i] = logistic(scores[i])


@kernel
def linear_scores(x, low, high, centre, slope, missing, code_effects, code_starts, intercept, out):
    """Linear predictor of every row.

    intercept + sum over features of slope (min(max(x, low), high) - centre), of the effect
    of the code, or of the effect of a missing cell.

    Parameters
    ----------
    x : (features, n) float64
        Features [any unit]; NaN is missing.
    low, high, centre : (features,) float64
        Ends to which a number is drawn and its centre [unit of the feature].
    slope, missing : (features,) float64
        Effect of one unit, and of a missing cell [log odds].
    code_effects : (codes,) float64
        Effects of the codes of all categories [log odds].
    code_starts : (features + 1,) int64
        Where the codes of a feature begin; a number has none.
    intercept : float64
        Start of the sum [log odds].
    out : (n,) float64
        Filled with scores [log odds].
    """
    for i in range(out.size):
        score = intercept
        for k in range(low.size):
            cell = x[k, i]
            codes = code_starts[k + 1] - code_starts[k]
            if math.isnan(cell):
                score += missing[k]
            elif codes == 0:
                score += slope[k] * (min(max(cell, low[k]), high[k]) - centre[k])
            elif 0.0 <= cell < codes:
                score += code_effects[code_starts[k] + int(cell)]
            else:
                score += missing[k]
        out[i] = score


@kernel
def mixture_mean(zero, total, severity):
    """Mean of a loss that is 0, 1 or between: (1 - p0) (p1 + (1 - p1) m).

    Parameters
    ----------
    zero : float64
        Probability of no loss p0 [1], in [0, 1].
    total : float64
        Probability of a total loss once there is one p1 [1], in [0, 1].
    severity : float64
        Mean of a loss between m [1], in [0, 1].

    Returns
    -------
    float64
        Mean loss [1], in [0, 1].

    Examples
    --------
    >>> round(mixture_mean(0.5, 0.2, 0.5), 12)
    0.3
    """
    return (1.0 - zero) * (total + (1.0 - total) * severity)


@kernel
def mixture_quantile(level, zero, total, severity, precision):
    """Quantile of a loss that is 0, 1 or beta between: inf{x: F(x) >= level}.

    Parameters
    ----------
    level : float64
        Probability [1], in (0, 1).
    zero, total, severity : float64
        As `mixture_mean` [1].
    precision : float64
        Precision a + b of the beta [1], > 0.

    Returns
    -------
    float64
        Loss [1], in [0, 1].

    Examples
    --------
    >>> mixture_quantile(0.3, 0.4, 0.1, 0.5, 2.0), mixture_quantile(0.96, 0.4, 0.1, 0.5, 2.0)
    (0.0, 1.0)
    >>> round(mixture_quantile(0.5, 0.0, 0.0, 0.5, 2.0), 9)
    0.5
    """
    whole = (1.0 - zero) * total
    if severity <= 0.0 or severity >= 1.0:
        return 0.0 if level <= 1.0 - whole and (severity <= 0.0 or level <= zero) else 1.0
    a, b = severity * precision, (1.0 - severity) * precision
    return inflated_quantile(level, zero, whole, a, b)


@kernel
def mixture_rows(scores, levels, precision, mean, quantiles):
    """Mean and quantiles of every row from the scores of its three stages.

    Parameters
    ----------
    scores : (3, n) float64
        Log odds of no loss, of a total loss once there is one, and of the loss between.
    levels : (k,) float64
        Probabilities [1], in (0, 1).
    precision : float64
        Precision of the beta [1], > 0.
    mean : (n,) float64
        Filled with mean losses [1].
    quantiles : (k, n) float64
        Filled with quantiles [1].
    """
    for i in range(mean.size):
        zero, total = logistic(scores[0, i]), logistic(scores[1, i])
        severity = logistic(scores[2, i])
        mean[i] = mixture_mean(zero, total, severity)
        for k in range(levels.size):
            quantiles[k, i] = mixture_quantile(levels[k], zero, total, severity, precision)


@kernel
def shifted_quantiles(quantiles, groups, shifts, lowest, highest):
    """Shift quantiles by the conformal table of their group, order them, keep them in bounds.

    Parameters
    ----------
    quantiles : (k, n) float64
        Raw quantiles by rising level [unit of the target]; changed in place.
    groups : (n,) float64
        Place of the group of a row; NaN or any place that the table lacks is the last row.
    shifts : (groups + 1, k) float64
        Shift of every level [unit of the target]; the last row is for all groups.  May be
        infinite where the calibration rows were too few to speak of a level.
    lowest, highest : float64
        Admissible range of the target [unit of the target], both ends inside.

    Notes
    -----
    Ordering only ever moves the lowest level down and the highest up, so that it cannot
    take coverage away (Chernozhukov, Fernandez-Val & Galichon, Econometrica 78 (2010) 1093).
    """
    count = quantiles.shape[0]
    last = shifts.shape[0] - 1
    for i in range(quantiles.shape[1]):
        group = last
        if 0.0 <= groups[i] < last:
            group = int(groups[i])
        for k in range(count):
            value = min(max(quantiles[k, i] + shifts[group, k], lowest), highest)
            place = k
            while place > 0 and quantiles[place - 1, i] > value:
                quantiles[place, i] = quantiles[place - 1, i]
                place -= 1
            quantiles[place, i] = value
