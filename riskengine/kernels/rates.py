"""Discount rates: built up from parts, blended, converted.

A rate and the income it discounts must agree: both before or both after
depreciation, both nominal or both real.

Source: GB/T 18508-2014 (capitalisation rate: safe rate plus risk; blended, land
and building rates); land-appraiser textbooks.
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def accumulated_rate(risk_free, risk, management, illiquidity, benefits):
    """Rate built up from a safe rate (安全利率加风险调整值法, 累加法).

    r = r_f + risk + management + illiquidity - benefits.

    Parameters
    ----------
    risk_free : float64
        Safe rate [1/year].
    risk, management, illiquidity : float64
        Premiums for risk, for the work of managing, for slow sale [1/year], >= 0.
    benefits : float64
        Deduction for advantages of owning: easy financing, tax relief [1/year], >= 0.

    Returns
    -------
    float64
        Rate [1/year].

    Examples
    --------
    >>> round(accumulated_rate(0.03, 0.03, 0.01, 0.015, 0.005), 12)
    0.08
    """
    return risk_free + risk + management + illiquidity - benefits


@kernel
def shared_premium_rate(risk_free, premium_share):
    """Rate whose premium is given as a share of the safe rate: r_f (1 + s).

    Parameters
    ----------
    risk_free : float64
        Safe rate [1/year].
    premium_share : float64
        Premium over the safe rate, as a share of it [1], >= 0; 0.6 for 60 %.

    Returns
    -------
    float64
        Rate [1/year].

    Examples
    --------
    >>> round(shared_premium_rate(0.05, 0.6), 12)
    0.08
    """
    return risk_free * (1.0 + premium_share)


@kernel
def blended_rate(land_value, building_value, land_rate, building_rate, depreciation):
    """Rate of land and building together (综合还原率).

    r = (r_L L + (r_B + d) B) / (L + B).

    Parameters
    ----------
    land_value, building_value : float64
        Values of the parts [yuan], >= 0, not both 0; or their shares of the whole.
    land_rate, building_rate : float64
        Rates of the parts [1/year].
    depreciation : float64
        Yearly depreciation of the building d [1/year]; 0 when the income is
        already after depreciation.

    Returns
    -------
    float64
        Rate [1/year].

    Notes
    -----
    The same weighted mean blends loan and equity: shares M and 1 - M, the
    mortgage constant 1 / A(i, n) or the loan rate, and the equity rate.

    Examples
    --------
    >>> round(blended_rate(40.0, 60.0, 0.06, 0.08, 0.02), 12)
    0.084
    """
    whole = land_value + building_value
    return (land_rate * land_value + (building_rate + depreciation) * building_value) / whole


@kernel
def land_rate_from_blended(rate, land_value, building_value, building_rate, depreciation):
    """Land rate that a blended rate implies: the inverse of `blended_rate`.

    r_L = (r (L + B) - (r_B + d) B) / L; with land and building exchanged, r_B + d.

    Parameters
    ----------
    rate : float64
        Blended rate [1/year].
    land_value, building_value : float64
        Values of the parts [yuan]; land > 0, building >= 0.
    building_rate : float64
        Rate of the building [1/year].
    depreciation : float64
        Yearly depreciation of the building d [1/year]; 0 for income after it.

    Returns
    -------
    float64
        Land rate [1/year].

    Examples
    --------
    >>> round(land_rate_from_blended(0.084, 40.0, 60.0, 0.08, 0.02), 12)
    0.06
    """
    whole = land_value + building_value
    return (rate * whole - (building_rate + depreciation) * building_value) / land_value


@kernel
def rate_with_recapture(rate, property_tax, years):
    """Rate that also recaptures a wasting asset in equal yearly shares.

    r + tax + 1 / n: straight-line recapture (Ring), as for an orchard's trees.

    Parameters
    ----------
    rate : float64
        Rate of interest [1/year].
    property_tax : float64
        Yearly tax on the value [1/year], >= 0.
    years : float64
        Years the asset still earns [year], > 0; infinite for land.

    Returns
    -------
    float64
        Rate [1/year].

    Notes
    -----
    Recapture in a sinking fund at the rate itself is 1 / A(r, n), at another
    rate 1 / `dual_rate_years_purchase`.  Source: US use-value practice (SLEAC).

    Examples
    --------
    >>> round(rate_with_recapture(0.06, 0.01, 20.0), 12)
    0.12
    """
    return rate + property_tax + 1.0 / years


@kernel
def effective_rate(nominal_rate, periods_per_year):
    """Effective annual rate of a nominal rate compounded within the year.

    (1 + j / k)^k - 1; the inverse of `periodic_rate` times k.

    Parameters
    ----------
    nominal_rate : float64
        Nominal annual rate j [1/year], > -k.
    periods_per_year : float64
        Compounding periods a year k, > 0: 12 monthly, 4 quarterly.

    Returns
    -------
    float64
        Effective annual rate [1/year].

    Examples
    --------
    >>> round(effective_rate(0.12, 12.0), 6)
    0.126825
    """
    return math.expm1(periods_per_year * math.log1p(nominal_rate / periods_per_year))


@kernel
def real_rate(nominal_rate, inflation):
    """Rate for incomes at constant prices (Fisher): (1 + r) / (1 + i) - 1.

    Parameters
    ----------
    nominal_rate : float64
        Effective annual rate in money [1/year], > -1.
    inflation : float64
        Yearly rise of prices [1/year], > -1.

    Returns
    -------
    float64
        Real rate [1/year].

    Examples
    --------
    >>> round(real_rate(0.071, 0.02), 12)
    0.05
    """
    return (nominal_rate - inflation) / (1.0 + inflation)
