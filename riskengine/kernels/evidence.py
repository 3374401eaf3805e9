"""Combining what the market says of a place with what is known of the parcel."""

import math

from riskengine.kernels.compiling import kernel


@kernel
def combine_logs(market, market_error, own, own_error):
    """Weigh two prices of one thing by the variances of their logarithms.

    ln V = (1 - Z) ln M + Z ln X with Z = m^2 / (m^2 + x^2).

    Parameters
    ----------
    market, own : float64
        The two prices, same unit, > 0; NaN is missing.
    market_error, own_error : float64
        Standard errors of their logarithms [1], > 0.

    Returns
    -------
    tuple of float64
        Price and standard error of its logarithm; the one that is known when
        the other is missing, NaN when both are.

    Notes
    -----
    Bühlmann credibility with one observation; source: Bühlmann & Gisler (2005).

    Examples
    --------
    >>> combine_logs(800.0, 0.3, math.nan, 0.1)
    (800.0, 0.3)
    """
    if math.isnan(own):
        return market, market_error
    if math.isnan(market):
        return own, own_error
    weight = market_error**2 / (market_error**2 + own_error**2)
    combined = math.exp(math.log(market) + weight * math.log(own / market))
    return combined, math.sqrt(weight) * own_error


@kernel
def combine_logs_rows(market, market_error, own, own_error, limit, value, error, far):
    """`combine_logs` for every row, and where the two prices contradict each other.

    Parameters
    ----------
    market, market_error, own : (n,) float64
        Prices [any one unit] and errors [1], as `combine_logs`.
    own_error : float64
        Standard error of the logarithm of the parcel's own prices [1], > 0.
    limit : float64
        Distance of the logarithms, in standard errors of their difference, beyond
        which they contradict each other [1], > 0.
    value, error : (n,) float64
        Filled with the price and its error [1].
    far : (n,) bool
        Set where they do; other rows are left as they are.
    """
    for i in range(value.size):
        value[i], error[i] = combine_logs(market[i], market_error[i], own[i], own_error)
        if own[i] > 0.0 and market[i] > 0.0:
            apart = math.log(own[i] / market[i]) / limit
            if apart * apart > market_error[i] * market_error[i] + own_error * own_error:
                far[i] = True


@kernel
def fill_missing(values, missing, out):
    """Copy a column and put one figure into its missing cells.

    Parameters
    ----------
    values : (n,) float64
        Column, any unit; NaN is missing.
    missing : float64
        What stands in, same unit.
    out : (n,) float64
        Filled with the column.
    """
    for i in range(values.size):
        value = values[i]
        out[i] = missing if math.isnan(value) else value
