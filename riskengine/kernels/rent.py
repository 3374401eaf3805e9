"""Rent and net income before they are capitalised: when they fall due, what is net.

Source: GB/T 18508-2014 and GB/T 28406-2012, 5.1 (objective net income of a typical
manager); five-year olympic mean: US use-value practice (SLEAC).
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import periodic_rate


@kernel
def instalment_factor(rate, payments_per_year, advance):
    """Value of a year's rent in instalments over the same rent at the year's end.

    r / (k ((1 + r)^(1/k) - 1)) (1 + r)^(advance / k); a factor on any value in arrears.

    Parameters
    ----------
    rate : float64
        Effective annual discount rate [1/year], > -1.
    payments_per_year : float64
        Payments a year k, > 0: 4 quarterly, 12 monthly, 0.5 for two years' rent
        at once.
    advance : float64
        When each payment falls due within its own period [1], in [0, 1]: 0 at its
        end, 0.5 in its middle, 1 at its start.

    Returns
    -------
    float64
        Factor [1]; 1 + r for yearly rent in advance, 1 at a rate of 0.

    Notes
    -----
    With k = 1 the factor is (1 + r)^advance: the mid-year convention at 0.5.

    Examples
    --------
    >>> round(instalment_factor(0.08, 1.0, 1.0), 12)
    1.08
    >>> round(instalment_factor(0.08, 4.0, 1.0), 6)
    1.049519
    """
    if rate == 0.0:
        return 1.0
    period = periodic_rate(rate, payments_per_year)
    due = math.exp(advance / payments_per_year * math.log1p(rate))
    return rate / (payments_per_year * period) * due


@kernel
def net_rent(rent, vacancy, other_income, cost_share, fixed_costs):
    """Net operating income of a let property.

    rent (1 - vacancy) (1 - cost share) + other income - fixed costs.

    Parameters
    ----------
    rent : float64
        Rent of the fully let property [yuan/year], >= 0.
    vacancy : float64
        Share lost to vacancy and unpaid rent [1], in [0, 1].
    other_income : float64
        Interest on deposits and the like [yuan/year], >= 0.
    cost_share : float64
        Costs that move with rent received: management, repair, tax [1], in [0, 1].
    fixed_costs : float64
        Costs that do not: insurance, property tax by area [yuan/year], >= 0.

    Returns
    -------
    float64
        Net income [yuan/year], before debt service and depreciation.

    Examples
    --------
    >>> round(net_rent(1000.0, 0.2, 10.0, 0.25, 50.0), 9)
    560.0
    """
    return rent * (1.0 - vacancy) * (1.0 - cost_share) + other_income - fixed_costs


@kernel
def farm_net_income(gross_income, costs, management_share, profit_share):
    """Income that owner-operated farm land earns for the land itself.

    G (1 - management) - C (1 + profit): what is left after every other input,
    the operator's normal profit among them.

    Parameters
    ----------
    gross_income : float64
        Gross income of a typical operator [yuan/year], >= 0.
    costs : float64
        Costs with hired and own labour, interest and tax [yuan/year], >= 0.
    management_share : float64
        Management as a share of gross income [1], in [0, 1].
    profit_share : float64
        Normal profit of the operator on costs [1], >= 0.

    Returns
    -------
    float64
        Net income [yuan/year]; negative when the land does not earn its inputs.

    Examples
    --------
    >>> round(farm_net_income(2000.0, 1100.0, 0.03, 0.1), 9)
    730.0
    """
    return gross_income * (1.0 - management_share) - costs * (1.0 + profit_share)


@kernel
def olympic_mean(values):
    """Mean of yearly figures without the highest and the lowest.

    Parameters
    ----------
    values : (n,) float64
        Figures, one a year [yuan/year]; NaN is missing and left out.

    Returns
    -------
    float64
        Mean of what remains [yuan/year]; the plain mean of one or two figures, NaN
        of none.

    Examples
    --------
    >>> import numpy as np
    >>> olympic_mean(np.array([300.0, 900.0, 500.0, 100.0, 400.0]))
    400.0
    """
    total = 0.0
    count = 0
    low = math.inf
    high = -math.inf
    for i in range(values.size):
        if math.isnan(values[i]):
            continue
        total += values[i]
        count += 1
        low = min(low, values[i])
        high = max(high, values[i])
    if count == 0:
        return math.nan
    if count <= 2:
        return total / count
    return (total - low - high) / (count - 2)
