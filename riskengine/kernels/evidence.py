"""Combining what the market says of a place with what is known of the parcel."""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.powers import square


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
    weight = square(market_error) / (square(market_error) + square(own_error))
    combined = math.exp(math.log(market) + weight * math.log(own / market))
    return combined, math.sqrt(weight) * own_error


@kernel
def combine_logs_rows(market, market_error, own, own_error, value, error):
    """`combine_logs` for every row.

    Parameters
    ----------
    market, market_error, own : (n,) float64
        Prices [any one unit] and errors [1], as `combine_logs`.
    own_error : float64
        Standard error of the logarithm of the rows' own prices [1], > 0.
    value, error : (n,) float64
        Filled with the price and its error [1].
    """
    for i in range(value.size):
        value[i], error[i] = combine_logs(market[i], market_error[i], own[i], own_error)


@kernel
def contradiction_rows(prices, index, own, own_error, limit, far):
    """Mark the rows whose own price contradicts that of their place.

    Parameters
    ----------
    prices : (2, q) float64
        Distinct prices of places [any one unit], NaN where there is none, and standard
        errors of their logarithms [1].
    index : (n,) int64
        Which of them each row takes.
    own : (n,) float64
        Price known of each row, same unit; NaN where none.
    own_error : float64
        Standard error of its logarithm [1], > 0.
    limit : float64
        Distance of the logarithms, in standard errors of their difference, beyond which
        they contradict each other [1], > 0.
    far : (n,) bool
        Set where they do, and where a price is said to be nothing; other rows are left
        as they are.
    """
    for i in range(own.size):
        price, error = prices[0, index[i]], prices[1, index[i]]
        if own[i] == 0.0 and price > 0.0:
            far[i] = True
        elif own[i] > 0.0 and price > 0.0:
            apart = math.log(own[i] / price) / limit
            if apart * apart > error * error + own_error * own_error:
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
