"""Orchards, tea and bamboo: yearly crops that come, stay level, or alternate.

Source: LY/T 2407-2015 (forest-resource asset appraisal), economic forest and bamboo.
"""

import math

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_factor, discount_factor
from riskengine.kernels.forestry import years_ahead
from riskengine.kernels.payments import stream_value


@kernel
def fruit_present_value(early_incomes, full_income, full_years, rate, quality, salvage):
    """Orchard coming into bearing, then bearing fully: K [incomes] + salvage, in arrears.

    K [sum a_t (1 + p)^-t + a A(p, n) (1 + p)^-m] + S (1 + p)^-(m + n).

    Parameters
    ----------
    early_incomes : (m,) float64
        Net incomes of the years before full bearing, from now on [yuan]; may be empty.
    full_income : float64
        Level net income at full bearing a [yuan/year].
    full_years : float64
        Years of full bearing n [year], >= 0; part years count; cut at the term of
        the right.
    rate : float64
        Investment return p [1/year], > -1.
    quality : float64
        Coefficient K [1], >= 0.
    salvage : float64
        Wood and other residue at the end [yuan].

    Returns
    -------
    float64
        Value [yuan].

    Examples
    --------
    >>> import numpy as np
    >>> round(fruit_present_value(np.array([100.0, 300.0]), 500.0, 10.0, 0.1, 0.95, 0.0), 2)
    2734.02
    """
    early = float(early_incomes.size)
    incomes = stream_value(early_incomes, rate, 0.0)
    incomes += full_income * annuity_factor(rate, full_years) * discount_factor(rate, early)
    return quality * incomes + salvage * discount_factor(rate, early + full_years)


@kernel
def full_bearing_value(income, age, last_age, rate, quality, salvage, in_progress):
    """Orchard or tea garden at full bearing: K a A(p, u - n + 1) + salvage.

    Parameters
    ----------
    income : float64
        Level net income a [yuan/year].
    age, last_age : float64
        Present age n and last bearing age u [year].
    rate : float64
        Investment return p [1/year], > -1.
    quality : float64
        Coefficient K [1], >= 0.
    salvage : float64
        Residue at the end [yuan].
    in_progress : bool
        Meaning of the present age, as `years_ahead`.

    Returns
    -------
    float64
        Value [yuan].

    Examples
    --------
    >>> round(full_bearing_value(520000.0, 5.0, 80.0, 0.1, 1.0, 0.0, True), 2)
    5196283.28
    """
    years = years_ahead(age, last_age, in_progress)
    return quality * income * annuity_factor(rate, years) + salvage * discount_factor(rate, years)


@kernel
def alternate_year_value(first_income, second_income, rate, years):
    """Bamboo in its two-year cycle: on-year and off-year incomes by turns, in arrears.

    Parameters
    ----------
    first_income, second_income : float64
        Net incomes of the coming year and of the one after [yuan]: on and off, or
        off and on.
    rate : float64
        Investment return p [1/year], > -1.
    years : float64
        Term [year], >= 0; part years count; may be infinite if rate > 0.

    Returns
    -------
    float64
        Value [yuan].

    Notes
    -----
    The usual shortcut is the average income, 0.5 (a + b) A(p, n): too high when the
    off-year comes first.

    Examples
    --------
    >>> round(alternate_year_value(110.0, 121.0, 0.1, 2.0), 6)
    200.0
    >>> round(alternate_year_value(100.0, 100.0, 0.1, math.inf), 6)
    1000.0
    """
    cycles = np.floor(0.5 * years)
    pair = first_income * (1.0 + rate) + second_income
    cycle_rate = rate * (2.0 + rate)
    if math.isinf(years):
        return pair * annuity_factor(cycle_rate, math.inf)
    rest = years - 2.0 * cycles
    tail = first_income * annuity_factor(rate, min(rest, 1.0))
    if rest > 1.0:
        tail += second_income * annuity_factor(rate, rest - 1.0) * discount_factor(rate, 1.0)
    whole = pair * annuity_factor(cycle_rate, cycles)
    return whole + tail * discount_factor(rate, 2.0 * cycles)
