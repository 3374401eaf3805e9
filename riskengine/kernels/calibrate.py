"""From raw scores to calibrated probabilities of default.

Either a shift and a slope of the log odds, or a table that rises with the raw score.

Source: Platt (1999) for the line; Zadrozny & Elkan (2002) for the monotone table;
King & Zeng (2001) for the shift by odds of the population.
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def probability(log_odds):
    """Probability of log odds: 1 / (1 + e^-l).

    Parameters
    ----------
    log_odds : float64
        ln(p / (1 - p)) [1], any.

    Returns
    -------
    float64
        Probability [1], in [0, 1].

    Notes
    -----
    Equal to scipy's expit, and so to scikit-learn's ``predict_proba``, bit for bit where
    both use the C library's exponential; at most 2.3 units in the last place from
    the truth.  Below -700 the 1 no longer counts, and leaving it out cannot overflow;
    scipy answers 0 from -709.8 on, where e^l is still a number.

    Examples
    --------
    >>> probability(0.0), probability(-800.0), probability(800.0)
    (0.5, 0.0, 1.0)
    """
    if log_odds < -700.0:
        return math.exp(log_odds)
    return 1.0 / (1.0 + math.exp(-log_odds))


@kernel
def table_log_odds(raw, knots, values):
    """Log odds from a table: linear between knots, flat outside them.

    Parameters
    ----------
    raw : float64
        Raw score [1].
    knots : (k,) float64
        Raw scores of the table [1], ascending, k >= 1.
    values : (k,) float64
        Log odds of default at the knots [1], never falling.

    Returns
    -------
    float64
        Log odds of default [1]; never fall as ``raw`` rises.  NaN for a NaN.

    Examples
    --------
    >>> import numpy as np
    >>> knots, values = np.array([-3.0, -1.0]), np.array([-4.0, -2.0])
    >>> [float(table_log_odds(raw, knots, values)) for raw in (-9.0, -2.0, 0.0)]
    [-4.0, -3.0, -2.0]
    """
    last = knots.size - 1
    if math.isnan(raw):
        return math.nan
    if raw <= knots[0]:
        return values[0]
    if raw >= knots[last]:
        return values[last]
    low, high = 0, last
    while high - low > 1:
        middle = (low + high) >> 1
        if knots[middle] <= raw:
            low = middle
        else:
            high = middle
    share = (raw - knots[low]) / (knots[high] - knots[low])
    return min(values[low] + share * (values[high] - values[low]), values[high])


@kernel
def log_odds_rows(raw, shift, slope, knots, values, out):
    """Log odds of default of many raw scores.

    Parameters
    ----------
    raw : (n,) float64
        Raw log odds of bad [1].
    shift, slope : float64
        Log odds of default are shift + slope times raw [1].
    knots, values : (k,) float64
        Table used in place of the line when k > 0 [1], see `table_log_odds`.
    out : (n,) float64
        Filled with log odds of default [1].
    """
    for i in range(raw.size):
        if knots.size > 0:
            out[i] = table_log_odds(raw[i], knots, values)
        else:
            out[i] = shift + slope * raw[i]


@kernel
def calibrate_rows(raw, shift, slope, knots, values, out):
    """Probabilities of default of many raw scores.

    Parameters
    ----------
    raw, shift, slope, knots, values
        As `log_odds_rows` [1].
    out : (n,) float64
        Filled with probabilities of default [1].
    """
    log_odds_rows(raw, shift, slope, knots, values, out)
    for i in range(out.size):
        out[i] = probability(out[i])
