"""Losses of value that are not wear: functional and external obsolescence.

Each is an amount in yuan to take off the replacement cost, beside the physical
depreciation of `depreciation`.

Source: GB/T 50291-2015 (cost approach); real-estate appraiser textbooks.
"""

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_factor


@kernel
def deficiency_loss(cost_alone, cost_included, rent_loss_value):
    """Loss for a function the building lacks (功能缺乏).

    min(cost of adding it now, value of rent lost without it) - cost of including it
    in a new building.

    Parameters
    ----------
    cost_alone : float64
        Cost of adding the function to the standing building [yuan], >= 0.
    cost_included : float64
        Cost had it been built in from the start [yuan], >= 0; 0 when the
        replacement cost is that of a building without it and it is missed.
    rent_loss_value : float64
        Value of the rent lost without it [yuan], >= 0; infinite when it must be
        cured.

    Returns
    -------
    float64
        Loss [yuan], >= 0: a function that does not pay for itself is not missed.

    Examples
    --------
    >>> deficiency_loss(120.0, 100.0, 150.0)
    20.0
    """
    return max(min(cost_alone, rent_loss_value) - cost_included, 0.0)


@kernel
def outdated_function_loss(cost, depreciated, removal, salvage, cost_alone, cost_included):
    """Loss for a function that is behind the times and worth replacing (功能落后).

    What is left of the old (its cost less what is already written off), its removal
    less salvage, and the extra cost of the new one for coming late.

    Parameters
    ----------
    cost : float64
        Replacement cost of the outdated function [yuan], >= 0.
    depreciated : float64
        What of it is already in the physical depreciation [yuan], in [0, cost].
    removal, salvage : float64
        Cost of removing it and what it sells for [yuan], >= 0.
    cost_alone, cost_included : float64
        Cost of the new function now, and in a new building [yuan], >= 0.

    Returns
    -------
    float64
        Loss [yuan].

    Examples
    --------
    >>> outdated_function_loss(80.0, 60.0, 5.0, 3.0, 120.0, 100.0)
    42.0
    """
    return cost - depreciated + removal - salvage + cost_alone - cost_included


@kernel
def superadequacy_loss(useless_cost, carrying_cost, rate, years):
    """Loss for more than anybody pays for (功能过剩): halls too high, too many lifts.

    useless cost + carrying cost A(r, n).

    Parameters
    ----------
    useless_cost : float64
        Cost of the excess within the cost taken for the building [yuan], >= 0: 0
        for a replacement cost, which leaves the excess out.
    carrying_cost : float64
        Extra running cost of the excess [yuan/year], >= 0.
    rate : float64
        Discount rate [1/year], > -1.
    years : float64
        Remaining life of the building [year], >= 0.

    Returns
    -------
    float64
        Loss [yuan].

    Examples
    --------
    >>> round(superadequacy_loss(0.0, 10.0, 0.1, 2.0), 6)
    17.355372
    """
    return useless_cost + carrying_cost * annuity_factor(rate, years)


@kernel
def external_loss(rent_loss, rate, years, building_share):
    """Loss from outside (外部折旧): the building's share of capitalised rent loss.

    Parameters
    ----------
    rent_loss : float64
        Net rent lost to the surroundings [yuan/year], >= 0.
    rate : float64
        Discount rate [1/year], > -1.
    years : float64
        Years the loss lasts [year], >= 0; for good: the building's remaining life.
    building_share : float64
        Share of the loss that the building bears, the rest being the land's [1],
        in [0, 1].

    Returns
    -------
    float64
        Loss [yuan].

    Examples
    --------
    >>> round(external_loss(10.0, 0.1, 2.0, 0.4), 6)
    6.942149
    """
    return rent_loss * annuity_factor(rate, years) * building_share
