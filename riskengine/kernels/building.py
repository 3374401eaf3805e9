"""Buildings, the land below them, and what is left of their value for a lender.

Source: GB/T 50291-2015 and GB/T 18508-2014 (cost approach; residual technique);
guiding opinions on real-estate mortgage valuation, 2006 (statutory prior claims).
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_factor
from riskengine.kernels.income import level_income


@kernel
def building_value(cost, physical, functional, external):
    """Value of a building: replacement cost less three kinds of depreciation.

    Parameters
    ----------
    cost : float64
        Replacement cost [yuan], >= 0.
    physical, functional, external : float64
        Depreciation: wear, function, surroundings [yuan], >= 0.

    Returns
    -------
    float64
        Value [yuan], >= 0.

    Examples
    --------
    >>> building_value(40.0, 1.0, 6.0, 3.0)
    30.0
    """
    return max(cost - physical - functional - external, 0.0)


@kernel
def land_residual_value(net_income, building_value, building_rate, land_rate):
    """Land value that the income leaves after the building's share (土地残余法).

    L = (a - B r_B) / r_L, for land without a term.

    Parameters
    ----------
    net_income : float64
        Net income of land and building [yuan/year].
    building_value : float64
        Value of the building B [yuan], >= 0, depreciation taken off.
    building_rate : float64
        Building rate r_B [1/year], > 0; plus yearly depreciation when the income is
        before it.
    land_rate : float64
        Land rate r_L [1/year], > 0.

    Returns
    -------
    float64
        Land value [yuan]; negative when the building eats the income.

    Notes
    -----
    With land and building exchanged this is the building residual technique.

    Examples
    --------
    >>> round(land_residual_value(140.0, 700.0, 0.08, 0.06), 9)
    1400.0
    """
    return (net_income - building_value * building_rate) / land_rate


@kernel
def finite_land_residual_value(
    net_income, building_value, building_rate, building_years, land_rate, land_years
):
    """Land residual for a limited land term.

    L = (a - B / A(r_B, n_B)) A(r_L, n_L).

    Parameters
    ----------
    net_income : float64
        Net income of land and building [yuan/year].
    building_value : float64
        Value of the building B [yuan], >= 0, depreciation taken off.
    building_rate : float64
        Building rate r_B [1/year], > 0.
    building_years : float64
        Years over which the building's value is earned back n_B [year], > 0: its
        remaining life, capped by the land term if it reverts; infinite when the
        income is after depreciation, so that the building earns B r_B only.
    land_rate : float64
        Land rate r_L [1/year], > -1.
    land_years : float64
        Remaining land term n_L [year], >= 0; infinite for none.

    Returns
    -------
    float64
        Land value [yuan]; negative when the building eats the income.

    Examples
    --------
    >>> value = finite_land_residual_value(140.0, 700.0, 0.08, math.inf, 0.06, math.inf)
    >>> round(value, 9)
    1400.0
    """
    building_income = level_income(building_value, building_rate, building_years)
    return (net_income - building_income) * annuity_factor(land_rate, land_years)


@kernel
def net_of_prior_claims(value, owed_works, balance, typical_loan_to_value, other):
    """Value left for one more mortgage after claims that rank before it.

    V - owed works - balance / LTV - other.

    Parameters
    ----------
    value : float64
        Value free of claims V [yuan], >= 0.
    owed_works : float64
        Unpaid construction claims [yuan], >= 0.
    balance : float64
        Balance of loans already secured [yuan], >= 0.
    typical_loan_to_value : float64
        Loan to value at which such loans are made [1], in (0, 1]: the value that
        the earlier lender holds, not only the debt, is gone.
    other : float64
        Other statutory claims [yuan], >= 0.

    Returns
    -------
    float64
        Value [yuan], >= 0.

    Examples
    --------
    >>> net_of_prior_claims(6000.0, 1000.0, 1000.0, 0.5, 0.0)
    3000.0
    """
    return max(value - owed_works - balance / typical_loan_to_value - other, 0.0)


@kernel
def restricted_buyer_value(value, pool_discount):
    """Value when only members of the collective may buy: V (1 - d).

    Parameters
    ----------
    value : float64
        Value with buyers from everywhere [yuan], >= 0.
    pool_discount : float64
        Discount for the small pool of buyers d [1], in [0, 1].

    Returns
    -------
    float64
        Value [yuan].

    Examples
    --------
    >>> restricted_buyer_value(600000.0, 0.25)
    450000.0
    """
    return value * (1.0 - pool_discount)


@kernel
def sale_probability(arrival_rate, years):
    """Chance that at least one buyer comes in time: 1 - exp(-lambda T).

    Parameters
    ----------
    arrival_rate : float64
        Eligible buyers a year lambda [1/year], >= 0.
    years : float64
        Time to sell T [year], >= 0.

    Returns
    -------
    float64
        Probability [1].

    Examples
    --------
    >>> round(sale_probability(2.0, 0.5), 6)
    0.632121
    """
    return -math.expm1(-arrival_rate * years)


@kernel
def search_value(best_bid, floor_value, arrival_rate, years):
    """Value to a seller who must find a buyer in time: b P + floor (1 - P).

    Parameters
    ----------
    best_bid : float64
        Expected highest bid of those who come, given that one comes [yuan], >= 0.
    floor_value : float64
        Value if nobody comes in time [yuan], >= 0: scrap, rent, own use.
    arrival_rate : float64
        Eligible buyers a year [1/year], >= 0.
    years : float64
        Time to sell [year], >= 0.

    Returns
    -------
    float64
        Value [yuan]; 1 less its ratio to the open value is the pool discount.

    Examples
    --------
    >>> round(search_value(100.0, 20.0, math.log(2.0), 1.0), 9)
    60.0
    """
    chance = sale_probability(arrival_rate, years)
    return best_bid * chance + floor_value * (1.0 - chance)
