"""Collective shares: dividends, and what restrictions on them take away.

Dividends fall due in arrears.  A share that lapses on leaving the collective or
on death carries a hazard; discounts for lack of control and of a market multiply.

Source: Gordon (1959); Longstaff, J. Finance 50 (1995) 1767; Finnerty (2012), J. Bus.
Valuation & Econ. Loss Analysis; Chaffe (1993), Bus. Valuation Review.
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import discount_factor, growing_annuity_factor
from riskengine.kernels.lease import rate_with_hazard
from riskengine.kernels.normal import normal_cdf
from riskengine.kernels.payments import stream_value


@kernel
def two_stage_dividend_value(dividend, first_growth, first_years, later_growth, rate):
    """Share whose dividend grows at one rate for some years, then at another for ever.

    Parameters
    ----------
    dividend : float64
        Dividend just paid D_0 [yuan/year].
    first_growth : float64
        Growth in the first stage [1/year], > -1; may exceed the rate.
    first_years : float64
        Length of the first stage [year], >= 0.
    later_growth : float64
        Growth afterwards [1/year], in (-1, rate); infinite value from ``rate`` on.
    rate : float64
        Cost of equity k [1/year], > -1.

    Returns
    -------
    tuple of float64
        Value of the first stage, price at its end D_n (1 + g) / (k - g), value of
        the share [yuan].

    Examples
    --------
    >>> [round(x, 2) for x in two_stage_dividend_value(1.0, 0.12, 5.0, 0.06, 0.1)]
    [5.28, 46.7, 34.28]
    """
    first = (
        dividend * (1.0 + first_growth) * growing_annuity_factor(rate, first_growth, first_years)
    )
    last = dividend * math.exp(first_years * math.log1p(first_growth))
    price = last * (1.0 + later_growth) * growing_annuity_factor(rate, later_growth, math.inf)
    return first, price, first + price * discount_factor(rate, first_years)


@kernel
def staged_dividend_value(dividend, growths, years, rate):
    """Share whose dividend grows by stages, each on the dividend the last one ended with.

    Parameters
    ----------
    dividend : float64
        Dividend just paid D_0 [yuan/year].
    growths : (m,) float64
        Growth in each stage [1/year], > -1.
    years : (m,) float64
        Length of each stage [year], >= 0; the last may be infinite if its growth is
        below the rate.
    rate : float64
        Cost of equity k [1/year], > -1.

    Returns
    -------
    float64
        Value [yuan].

    Examples
    --------
    >>> import numpy as np
    >>> g, n = np.array([0.12, 0.06]), np.array([5.0, np.inf])
    >>> round(staged_dividend_value(1.0, g, n, 0.1), 2)
    34.28
    """
    value, factor = 0.0, 1.0
    for j in range(growths.size):
        last = dividend * (1.0 + growths[j])
        value += factor * last * growing_annuity_factor(rate, growths[j], years[j])
        dividend *= math.exp(years[j] * math.log1p(growths[j])) if j + 1 < years.size else 1.0
        factor *= discount_factor(rate, years[j])
    return value


@kernel
def lapsing_dividend_value(dividend, growth, rate, hazard, years):
    """Share that pays for a limited time and may lapse before: exit, death, dissolution.

    Parameters
    ----------
    dividend : float64
        Dividend of the coming year D_1 [yuan/year].
    growth : float64
        Growth [1/year], > -1.
    rate : float64
        Cost of equity k [1/year], > -1.
    hazard : float64
        Intensity of lapsing h [1/year], >= 0.
    years : float64
        Term [year], >= 0; part years count; may be infinite.

    Returns
    -------
    float64
        Value [yuan].

    Examples
    --------
    >>> round(lapsing_dividend_value(100.0, 0.0, 0.1, 0.0, math.inf), 6)
    1000.0
    """
    return dividend * growing_annuity_factor(rate_with_hazard(rate, hazard), growth, years)


@kernel
def planned_dividend_value(dividends, later_growth, rate, hazard):
    """Share with dividends planned year by year, growing evenly after the plan.

    sum D_t S_t v^t + S_n v^n D_n (1 + g) / (k' - g), S_t = e^(-h t), 1 + k' = (1 + k) e^h.

    Parameters
    ----------
    dividends : (n,) float64
        Dividends of years 1 to n [yuan], n >= 1.
    later_growth : float64
        Growth after the plan [1/year]; -1 when nothing is paid after it.
    rate : float64
        Cost of equity k [1/year], > -1.
    hazard : float64
        Intensity of lapsing h [1/year], >= 0.

    Returns
    -------
    float64
        Value [yuan].

    Examples
    --------
    >>> import numpy as np
    >>> round(planned_dividend_value(np.array([1.1, 1.21]), -1.0, 0.1, 0.0), 9)
    2.0
    """
    risky = rate_with_hazard(rate, hazard)
    value = stream_value(dividends, risky, 0.0)
    if later_growth > -1.0 and dividends.size > 0:
        after = dividends[-1] * (1.0 + later_growth)
        after *= growing_annuity_factor(risky, later_growth, math.inf)
        value += after * discount_factor(risky, float(dividends.size))
    return value


@kernel
def combined_discount(discounts):
    """Successive discounts as one: 1 - product of (1 - d_i).

    Parameters
    ----------
    discounts : (m,) float64
        Discounts for lack of control, of a market, for restrictions [1], in [0, 1].

    Returns
    -------
    float64
        Discount [1], in [0, 1]; less than the sum of the parts.

    Examples
    --------
    >>> import numpy as np
    >>> round(combined_discount(np.array([0.2, 0.35])), 6)
    0.48
    """
    kept = 1.0
    for i in range(discounts.size):
        kept *= 1.0 - discounts[i]
    return 1.0 - kept


@kernel
def restricted_share_value(value, discounts, repurchase_price):
    """Value of a share after its discounts, at most what the collective would pay for it.

    Parameters
    ----------
    value : float64
        Value without restrictions [yuan], >= 0.
    discounts : (m,) float64
        As `combined_discount` [1].
    repurchase_price : float64
        Price of the collective's right of first repurchase [yuan]; NaN for none.

    Returns
    -------
    float64
        Value [yuan].

    Examples
    --------
    >>> import numpy as np
    >>> round(restricted_share_value(295e3, np.array([0.2, 0.35]), math.nan), 2)
    153400.0
    """
    restricted = value * (1.0 - combined_discount(discounts))
    if repurchase_price < restricted:
        return repurchase_price
    return restricted


@kernel
def longstaff_discount(volatility, years):
    """Upper bound of the discount for lack of a market: a lookback given up.

    (2 + v / 2) N(sqrt v / 2) + sqrt(v / 2 pi) e^(-v / 8) - 1, v = s^2 T.

    Parameters
    ----------
    volatility : float64
        Yearly volatility s [1/sqrt(year)], >= 0.
    years : float64
        Time during which the share cannot be sold T [year], >= 0.

    Returns
    -------
    float64
        Discount on the price of the marketable share [1], >= 0; a bound above 1
        says nothing.

    Notes
    -----
    Written with erf, so that nothing cancels for small v.

    Examples
    --------
    >>> [round(longstaff_discount(s, t), 5) for s, t in ((0.1, 1.0), (0.1, 2.0), (0.2, 1.0))]
    [0.08232, 0.11793, 0.16984]
    """
    variance = volatility * volatility * years
    centred = 0.5 * math.erf(math.sqrt(0.125 * variance))
    swing = math.sqrt(0.5 * variance / math.pi) * math.exp(-0.125 * variance)
    return (2.0 + 0.5 * variance) * centred + 0.25 * variance + swing


@kernel
def finnerty_discount(volatility, years):
    """Discount for lack of a market by an average-strike put (Finnerty 2012).

    N(y / 2) - N(-y / 2), y^2 = v + ln[2 (e^v - v - 1)] - 2 ln(e^v - 1), v = s^2 T.

    Parameters
    ----------
    volatility : float64
        Yearly volatility s [1/sqrt(year)], >= 0.
    years : float64
        Time during which the share cannot be sold T [year], >= 0.

    Returns
    -------
    float64
        Discount [1], in [0, 0.3229): its limit is 2 N(sqrt(ln 2) / 2) - 1.

    Notes
    -----
    For small v the printed form cancels to nothing; there y^2 is taken as
    ln[2 (e^v - v - 1) / v^2] - 2 ln[sinh(v / 2) / (v / 2)], both by series, near v / 3.

    Examples
    --------
    >>> round(finnerty_discount(0.3, 2.0), 4)
    0.096
    >>> round(finnerty_discount(10.0, 10.0), 4)
    0.3228
    """
    v = volatility * volatility * years
    if v == 0.0:
        return 0.0
    if v < 1.0:
        series, term = 0.0, 1.0
        for k in range(3, 22):
            term *= v / k
            series += term
        bulge, term = 0.0, 1.0
        for k in range(1, 10):
            term *= 0.25 * v * v / (2 * k * (2 * k + 1))
            bulge += term
        squared = math.log1p(series) - 2.0 * math.log1p(bulge)
    else:
        fading = math.exp(-v)
        squared = math.log(2.0) + math.log1p(-(1.0 + v) * fading) - 2.0 * math.log1p(-fading)
    return math.erf(math.sqrt(0.125 * max(squared, 0.0)))


@kernel
def chaffe_discount(volatility, years, force, payout):
    """Discount for lack of a market as a European put at today's price (Chaffe 1993).

    e^(-r T) N(-d2) - e^(-q T) N(-d1), d1 = (r - q) sqrt T / s + s sqrt T / 2, d2 = d1 - s sqrt T.

    Parameters
    ----------
    volatility : float64
        Yearly volatility s [1/sqrt(year)], >= 0.
    years : float64
        Time during which the share cannot be sold T [year], >= 0.
    force : float64
        Continuous risk-free rate r [1/year].
    payout : float64
        Continuous dividend yield q [1/year], >= 0.

    Returns
    -------
    float64
        Discount on the price of the marketable share [1], in [0, 1] for rates >= 0.

    Examples
    --------
    >>> round(chaffe_discount(0.3, 1.0, 0.05, 0.0), 4)
    0.0935
    """
    swing = volatility * math.sqrt(years)
    bond, share = math.exp(-force * years), math.exp(-payout * years)
    if swing == 0.0:
        return max(bond - share, 0.0)
    first = (force - payout) * years / swing + 0.5 * swing
    return bond * normal_cdf(swing - first) - share * normal_cdf(-first)
