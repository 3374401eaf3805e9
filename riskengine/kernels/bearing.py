"""Income of trees that rises to full bearing.

Income falls due at the end of a year, so a stand of completed age a first bears at
age a + 1 from today's point of view.

Source: LY/T 2407-2015 (economic forest).
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_at_force


@kernel
def bearing_factor(rate, age, first, full, years):
    """Value today of the bearing of some years, 1 a year at full bearing.

    Nothing before the first bearing age, then in equal steps to 1 at full bearing.

    Parameters
    ----------
    rate : float64
        Discount rate [1/year], > -1.
    age : float64
        Age today [year], >= 0.
    first, full : float64
        Ages of first and of full bearing [year], first <= full.
    years : float64
        Years of income [year], >= 0; the last part year counts in proportion.

    Returns
    -------
    float64
        Factor [year].

    Examples
    --------
    >>> round(100 * 5200.0 * bearing_factor(0.1, 5.0, 3.0, 5.0, 76.0), 2)
    5196283.28
    """
    rising = max(np.ceil(full - age) - 1.0, 0.0)
    force = math.log1p(rate)
    factor = annuity_at_force(rate, force, years) - annuity_at_force(rate, force, rising)
    factor = max(factor, 0.0)
    step, today, year = 1.0 / (full - first + 1.0), 1.0, 0.0
    while year < min(rising, years):
        part = min(years - year, 1.0)
        at = age + year + 1.0
        if at >= first:
            share = min((at - first + 1.0) * step, 1.0)
            factor += share * today * annuity_at_force(rate, force, part)
        today /= 1.0 + rate
        year += 1.0
    return factor
