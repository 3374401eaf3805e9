"""Income capitalisation beyond one formula: stages, explicit years, conversion, resale.

Income falls due in arrears; `rent.instalment_factor` turns any of these values into
one of income in advance, mid-year or in instalments.

Source: GB/T 18508-2014 and GB/T 28406-2012, 5.1 (income capitalisation).
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_factor, discount_factor, growing_annuity_factor


@kernel
def explicit_then_growing_value(incomes, later_income, growth, rate, years):
    """Value today of incomes forecast year by year, then one that grows evenly.

    sum a_t (1 + r)^-t + (1 + r)^-m a A(r, g, n - m).

    Parameters
    ----------
    incomes : (m,) float64
        Incomes of years 1 to m [yuan/year], any sign; may be empty.
    later_income : float64
        Income of year m + 1 [yuan/year].
    growth : float64
        Growth of income after year m + 1 [1/year], > -1.
    rate : float64
        Discount rate [1/year], > -1.
    years : float64
        Whole term [year], >= 0; part years count; infinite if rate > growth.

    Returns
    -------
    float64
        Value [yuan].

    Notes
    -----
    A term that ends within the explicit years cuts them off; a part of a year
    earns a A(r, part), so that the value is continuous in the term.

    Examples
    --------
    >>> import numpy as np
    >>> early = np.array([20.0, 22.0, 24.0, 21.0, 25.0])
    >>> round(explicit_then_growing_value(early, 30.0, 0.0, 0.1, 40.0), 4)
    263.9094
    """
    value = 0.0
    start = 1.0
    for t in range(incomes.size):
        if t + 1.0 > years:
            return value + start * incomes[t] * annuity_factor(rate, years - t)
        start /= 1.0 + rate
        value += incomes[t] * start
    later = growing_annuity_factor(rate, growth, years - incomes.size)
    return value + start * later_income * later


@kernel
def explicit_then_level_value(incomes, later_income, rate, years):
    """Value today of incomes forecast year by year, then a level one.

    sum a_t (1 + r)^-t + (1 + r)^-m a A(r, n - m).

    Parameters
    ----------
    incomes : (m,) float64
        Incomes of years 1 to m [yuan/year], any sign; may be empty.
    later_income : float64
        Level income from year m + 1 [yuan/year].
    rate : float64
        Discount rate [1/year], > -1.
    years : float64
        Whole term [year], >= 0; part years count; infinite if rate > 0.

    Returns
    -------
    float64
        Value [yuan].

    Examples
    --------
    >>> import numpy as np
    >>> round(explicit_then_level_value(np.array([15.0, 15.0, 15.0]), 20.0, 0.06, 50.0), 2)
    301.87
    """
    return explicit_then_growing_value(incomes, later_income, 0.0, rate, years)


@kernel
def growing_stages_value(income, first_growth, first_years, later_growth, rate, years):
    """Value today of income that grows at one rate, later at another.

    The last income of the first stage grows on at the second rate.

    Parameters
    ----------
    income : float64
        Income of the first year [yuan/year].
    first_growth, later_growth : float64
        Growth of income [1/year], > -1; 0 later for a plateau.
    first_years : float64
        Length of the first stage [year], in [0, years].
    rate : float64
        Discount rate [1/year], > -1.
    years : float64
        Whole term [year], may be infinite if rate > later_growth.

    Returns
    -------
    float64
        Value [yuan].

    Notes
    -----
    With ``first_years`` m >= 1 the income of year m + 1 is a (1 + g1)^(m-1) (1 + g2);
    a first stage of less than a year has grown by (1 + g2)^m, so that none is none.

    Examples
    --------
    >>> round(growing_stages_value(1.12, 0.12, 5.0, 0.06, 0.1, math.inf), 2)
    34.28
    """
    first = growing_annuity_factor(rate, first_growth, first_years)
    grown = max(first_years - 1.0, 0.0) * math.log1p(first_growth)
    step = math.exp(grown + min(first_years, 1.0) * math.log1p(later_growth))
    later = growing_annuity_factor(rate, later_growth, years - first_years)
    return income * (first + discount_factor(rate, first_years) * step * later)


@kernel
def level_income(price, rate, years):
    """Level income that a price stands for: P / A(r, n).

    Parameters
    ----------
    price : float64
        Value today [yuan].
    rate : float64
        Discount rate [1/year], > -1.
    years : float64
        Term [year], > 0; may be infinite if rate > 0.

    Returns
    -------
    float64
        Income [yuan/year]: the rent that pays for a price over the term, or the
        steady income that uneven ones are worth.

    Examples
    --------
    >>> round(level_income(60.0, 0.06, 40.0), 2)
    3.99
    """
    return price / annuity_factor(rate, years)


@kernel
def term_and_rate_factor(rate_subject, years_subject, rate_comparable, years_comparable):
    """Ratio of values of equal income under two terms and two rates.

    The income is stripped at the comparable's rate and capitalised at the
    subject's: A(r_s, n_s) / A(r_c, n_c).  Ratios of terms alone would be wrong.

    Parameters
    ----------
    rate_subject, rate_comparable : float64
        Discount rates [1/year], > -1.
    years_subject, years_comparable : float64
        Terms [year], > 0 for the comparable; infinite for perpetual rights.

    Returns
    -------
    float64
        Factor [1] on the comparable's price.

    Examples
    --------
    >>> round(2000.0 * term_and_rate_factor(0.12, math.inf, 0.1, 70.0), 2)
    1668.78
    """
    return annuity_factor(rate_subject, years_subject) / annuity_factor(
        rate_comparable, years_comparable
    )


@kernel
def resale_value(held, resale_price, selling_share, rate, years):
    """Value today of income while held and of the net price at resale (持有加转售).

    H + P_t (1 - s) (1 + r)^-t.

    Parameters
    ----------
    held : float64
        Value today of the income until resale H [yuan], by any formula.
    resale_price : float64
        Price then P_t [yuan], >= 0.
    selling_share : float64
        Cost and tax of the sale as a share of its price s [1], in [0, 1].
    rate : float64
        Discount rate [1/year], > -1.
    years : float64
        Years until resale t [year], >= 0.

    Returns
    -------
    float64
        Value [yuan].

    Examples
    --------
    >>> round(resale_value(200.0 * annuity_factor(0.1, 6.0), 5000.0, 0.0, 0.1, 6.0), 2)
    3693.42
    """
    return held + resale_price * (1.0 - selling_share) * discount_factor(rate, years)


@kernel
def resale_gain_value(held, gain, selling_share, rate, years):
    """Value today when only the rise of the price until resale is forecast.

    V = H / (1 - (1 + gain) (1 - s) (1 + r)^-t): the price is today's value, risen.

    Parameters
    ----------
    held : float64
        Value today of the income until resale H [yuan], by any formula.
    gain : float64
        Rise of the price over the whole time [1], >= -1; 0.1 for 10 %.
    selling_share : float64
        Cost and tax of the sale as a share of its price s [1], in [0, 1].
    rate : float64
        Discount rate [1/year], > -1.
    years : float64
        Years until resale t [year], > 0.

    Returns
    -------
    float64
        Value [yuan]; NaN when the resale alone would pay for the price.

    Examples
    --------
    >>> held = 300.0 * annuity_factor(0.09, 3.0)
    >>> round(resale_gain_value(held, 0.1, 0.06, 0.09, 3.0), 1)
    3767.5
    """
    kept = (1.0 + gain) * (1.0 - selling_share) * discount_factor(rate, years)
    return held / (1.0 - kept) if kept < 1.0 else math.nan
