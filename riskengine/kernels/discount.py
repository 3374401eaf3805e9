"""Present values of income streams: the formulas everything else calls.

Symbols: income a [yuan/year], rate r [1/year], growth g [1/year], term n
[year].  Terms may be fractions of a year (18.4) and infinite; rates are
effective annual rates above -1.  Income falls due in arrears, at the end of
each year, unless a function says otherwise.

Source: GB/T 28406-2012, 5.1 and GB/T 18508-2014 (income capitalisation).
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def discount_factor(rate, years):
    """Value today of 1 yuan due after ``years`` years: (1 + r)^-n.

    Parameters
    ----------
    rate : float64
        Effective annual discount rate [1/year], > -1.
    years : float64
        Time to the payment [year], >= 0.

    Returns
    -------
    float64
        Factor, in (0, 1] for rates >= 0.

    Examples
    --------
    >>> round(discount_factor(0.05, 2.0), 6)
    0.907029
    """
    return math.exp(-years * math.log1p(rate))


@kernel
def annuity_factor(rate, years):
    """Value today of 1 yuan at the end of each year for ``years`` years.

    a(r, n) = (1 - (1 + r)^-n) / r, and n when r is 0.

    Parameters
    ----------
    rate : float64
        Effective annual discount rate [1/year], > -1.
    years : float64
        Remaining term [year], >= 0; part years count; may be infinite if rate > 0.

    Returns
    -------
    float64
        Factor [year].  Trusts its arguments: callers mark bad rows first.

    Notes
    -----
    Written with expm1/log1p: the textbook form is already wrong at r = 1e-9.
    Source: GB/T 28406-2012, 5.1 (income capitalisation).

    Examples
    --------
    >>> round(annuity_factor(0.06, 10.0), 6)
    7.360087
    """
    return annuity_at_force(rate, math.log1p(rate), years)


@kernel
def annuity_at_force(rate, force, years):
    """`annuity_factor` where the force of interest is at hand: (1 - e^(-d n)) / r.

    Parameters
    ----------
    rate : float64
        Effective annual discount rate r [1/year], > -1.
    force : float64
        Force of interest d = ln(1 + r) [1/year]: many rows share few rates, and their
        logarithms are taken once.
    years : float64
        Remaining term n [year], >= 0; may be infinite if rate > 0.

    Returns
    -------
    float64
        Factor [year]; the same bits as `annuity_factor`.

    Examples
    --------
    >>> annuity_at_force(0.06, math.log1p(0.06), 10.0) == annuity_factor(0.06, 10.0)
    True
    """
    if rate == 0.0 or years == 0.0:
        return years
    return -math.expm1(-years * force) / rate


@kernel
def growing_annuity_factor(rate, growth, years):
    """Value today of 1, 1+g, (1+g)^2 ... yuan at the ends of ``years`` years.

    (1 - ((1 + g) / (1 + r))^n) / (r - g), and n / (1 + r) when g equals r.

    Parameters
    ----------
    rate, growth : float64
        Discount rate and growth of income [1/year], > -1.
    years : float64
        Remaining term [year], >= 0; may be infinite if rate > growth.

    Returns
    -------
    float64
        Factor [year] on the first year's income.

    Examples
    --------
    >>> round(growing_annuity_factor(0.05, 0.01, math.inf), 6)
    25.0
    >>> growing_annuity_factor(0.25, 0.25, 10.0)
    8.0
    """
    # Substituting 1 + q = (1 + r) / (1 + g) keeps the limit g -> r exact.
    return annuity_factor((rate - growth) / (1.0 + growth), years) / (1.0 + growth)


@kernel
def arithmetic_growth_value(income, increment, rate, years):
    """Value today of income that grows by the same amount every year.

    (a/r + b/r^2) (1 - (1 + r)^-n) - (b n / r) (1 + r)^-n; a/r + b/r^2 for ever.

    Parameters
    ----------
    income : float64
        First year's income a [yuan/year].
    increment : float64
        Yearly increase b [yuan/year^2].
    rate : float64
        Discount rate [1/year], > -1.
    years : float64
        Term [year], >= 0; may be infinite if rate > 0.

    Returns
    -------
    float64
        Value [yuan].

    Notes
    -----
    Near r = 0 the textbook form cancels; the sum is then taken as
    a A(r, n) + b (A(r, n) - n v^n) / r with its limit n (n - 1) / 2.

    Examples
    --------
    >>> round(arithmetic_growth_value(20.0, 2.0, 0.1, math.inf), 6)
    400.0
    """
    annuity = annuity_factor(rate, years)
    if math.isinf(years):
        return income * annuity + increment * annuity / rate
    if abs(rate) * (years + 1.0) < 1e-5:
        first = 0.5 * years * (years - 1.0)
        second = (years - 1.0) * years * (years + 1.0) / 3.0
        return income * annuity + increment * (first - rate * second)
    lagged = (annuity - years * discount_factor(rate, years)) / rate
    return income * annuity + increment * lagged


@kernel
def two_stage_value(first_income, first_years, later_income, years, rate):
    """Value today of one level income, then another to the end of the term.

    Parameters
    ----------
    first_income, later_income : float64
        Level incomes [yuan/year] before and after ``first_years``.
    first_years : float64
        Length of the first stage [year], in [0, years].
    years : float64
        Whole term [year], may be infinite if rate > 0.
    rate : float64
        Discount rate [1/year], > -1.

    Returns
    -------
    float64
        Value [yuan].

    Examples
    --------
    >>> round(two_stage_value(15.0, 3.0, 20.0, 50.0, 0.06), 2)
    301.87
    """
    first = annuity_factor(rate, first_years)
    return first_income * first + later_income * (annuity_factor(rate, years) - first)


@kernel
def term_factor(rate, years_subject, years_comparable):
    """Ratio of values of equal income over two terms (年期修正系数).

    K = (1 - (1 + r)^-n_subject) / (1 - (1 + r)^-n_comparable).

    Parameters
    ----------
    rate : float64
        Discount rate [1/year], > -1; a rate of 0 gives the ratio of terms.
    years_subject, years_comparable : float64
        Remaining terms [year], > 0 for the comparable; infinite = perpetual.

    Returns
    -------
    float64
        Factor, >= 0.

    Notes
    -----
    Source: GB/T 18508-2014 (term correction).

    Examples
    --------
    >>> round(60.0 * term_factor(0.06, 50.0, 40.0), 1)
    62.9
    """
    return annuity_factor(rate, years_subject) / annuity_factor(rate, years_comparable)


@kernel
def periodic_rate(rate, periods_per_year):
    """Rate per period with the same yearly effect: (1 + r)^(1/k) - 1.

    Parameters
    ----------
    rate : float64
        Effective annual rate [1/year], > -1.
    periods_per_year : float64
        Payments a year k, > 0.

    Returns
    -------
    float64
        Rate [1/period].

    Examples
    --------
    >>> round(periodic_rate(0.21, 2.0), 12)
    0.1
    """
    return math.expm1(math.log1p(rate) / periods_per_year)


@kernel
def dual_rate_years_purchase(rate, sinking_rate, years, tax):
    """Years' purchase of a leasehold, tax-adjusted dual rate.

    YP = 1 / (i + s / (((1 + s)^n - 1) (1 - t))).

    Parameters
    ----------
    rate : float64
        Remunerative rate i [1/year], > 0.
    sinking_rate : float64
        Sinking-fund rate s [1/year], > -1, may be 0.
    years : float64
        Unexpired term [year], > 0.
    tax : float64
        Income tax on the fund's contributions, in [0, 1).

    Returns
    -------
    float64
        Factor [year].

    Notes
    -----
    Source: UK leasehold practice (Parry's tables).

    Examples
    --------
    >>> round(dual_rate_years_purchase(0.09, 0.03, 15.0, 0.3), 4)
    5.9949
    """
    if sinking_rate == 0.0:
        sinking_fund = 1.0 / years
    else:
        sinking_fund = sinking_rate / math.expm1(years * math.log1p(sinking_rate))
    return 1.0 / (rate + sinking_fund / (1.0 - tax))


@kernel
def implied_rate(price, income, years, low, high):
    """Rate at which level income is worth a price: market extraction (市场提取法).

    Solves price = a A(r, n) by bisection; the annuity falls as the rate rises.

    Parameters
    ----------
    price : float64
        Price paid [yuan], > 0.
    income : float64
        Level net income in arrears [yuan/year], > 0.
    years : float64
        Term [year], > 0.
    low, high : float64
        Bracket [1/year], -1 < low < high.

    Returns
    -------
    float64
        Rate [1/year] to the last bit of the bracket, or NaN when the bracket
        does not hold the answer.

    Examples
    --------
    >>> round(implied_rate(7.360087, 1.0, 10.0, 0.001, 0.6), 6)
    0.06
    """
    target = price / income
    if not (annuity_factor(low, years) >= target >= annuity_factor(high, years)):
        return math.nan
    for _ in range(100):
        middle = 0.5 * (low + high)
        if annuity_factor(middle, years) > target:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
