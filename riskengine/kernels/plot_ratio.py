"""Plot ratio (容积率): what a price of land says at another ratio of floor to land.

Source: GB/T 18508-2014 (plot-ratio correction); published coefficient tables.
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def plot_ratio_coefficient(plot_ratio, ratios, coefficients):
    """Coefficient of a plot ratio, linear between the points of a published table.

    Parameters
    ----------
    plot_ratio : float64
        Floor area over land area [1]; NaN is missing.
    ratios : (k,) float64
        Plot ratios of the table [1], rising, k >= 1.
    coefficients : (k,) float64
        Coefficients [1].

    Returns
    -------
    float64
        Coefficient [1]; NaN outside the table, which says nothing there.

    Examples
    --------
    >>> import numpy as np
    >>> round(plot_ratio_coefficient(1.6, np.array([1.0, 1.5, 2.0]), np.array([1.0, 1.2, 1.8])), 9)
    1.32
    """
    last = ratios.size - 1
    if not ratios[0] <= plot_ratio <= ratios[last]:
        return math.nan
    k = 0
    while plot_ratio > ratios[k]:
        k += 1
    if plot_ratio == ratios[k]:
        return coefficients[k]
    share = (plot_ratio - ratios[k - 1]) / (ratios[k] - ratios[k - 1])
    return coefficients[k - 1] + share * (coefficients[k] - coefficients[k - 1])


@kernel
def plot_ratio_factor(subject, comparable, ratios, coefficients):
    """Plot-ratio correction (容积率修正): coefficient of the subject over the comparable's.

    Parameters
    ----------
    subject, comparable : float64
        Their plot ratios [1].
    ratios, coefficients : (k,) float64
        The table [1], as in `plot_ratio_coefficient`.

    Returns
    -------
    float64
        Factor [1] on the comparable's price over land area; NaN when either lies
        outside the table.

    Examples
    --------
    >>> import numpy as np
    >>> round(plot_ratio_factor(2.0, 1.5, np.array([1.5, 2.0]), np.array([1.2, 1.8])), 9)
    1.5
    """
    return plot_ratio_coefficient(subject, ratios, coefficients) / plot_ratio_coefficient(
        comparable, ratios, coefficients
    )
