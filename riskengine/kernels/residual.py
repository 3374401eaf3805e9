"""Hypothetical development (剩余法, 假设开发法): what a developer can pay for land.

Discounted form: every amount is discounted to the day the land is bought, see
`tranche_value` and `land_price.residual_price`.  Static form: amounts as they
fall, with interest on land for the whole time and on building from mid-tranche.

    land      tranche 1     tranche 2     sale
    |-------------x-------------|------x------|
    0                                         T

Source: GB/T 18508-2014 and GB/T 28406-2012, 5.4 (residual method).
"""

import math

from riskengine.kernels.compiling import kernel


@kernel
def tranche_value(amount, shares, start, tranche_years, rate):
    """Value today of money spent or earned evenly within each of several tranches.

    sum C s_j (1 + r)^-(start + (j - 1/2) w).

    Parameters
    ----------
    amount : float64
        Amount in all C [yuan].
    shares : (m,) float64
        Share in each tranche, first to last [1], adding up to 1.
    start : float64
        Time until the first tranche begins [year], >= 0.
    tranche_years : float64
        Length of each tranche w [year], >= 0; 0 for one payment at ``start``.
    rate : float64
        Effective annual discount rate [1/year], > -1.

    Returns
    -------
    float64
        Value [yuan].

    Examples
    --------
    >>> import numpy as np
    >>> round(tranche_value(1000.0, np.array([0.6, 0.4]), 0.0, 1.0, 0.1), 2)
    918.79
    """
    force = math.log1p(rate)
    value = 0.0
    for j in range(shares.size):
        value += amount * shares[j] * math.exp(-(start + (j + 0.5) * tranche_years) * force)
    return value


@kernel
def static_residual_price(
    completed, cost, cost_interest, rate, years, selling_share, profit_on_cost, profit_on_value
):
    """Land price that the static form leaves, interest and profit on land included.

    L (1 + r)^T + p L = S (1 - s - q) - C (1 + p) - I, solved for L.

    Parameters
    ----------
    completed : float64
        Value when completed S, at its own time [yuan], >= 0.
    cost : float64
        Building and professional fees C [yuan], >= 0.
    cost_interest : float64
        Interest on them I [yuan], >= 0; `cost.tranche_interest`.
    rate : float64
        Effective annual interest rate [1/year], > -1; simple interest over T years
        at i is the rate (1 + i T)^(1/T) - 1.
    years : float64
        Time from buying the land to the sale T [year], >= 0.
    selling_share : float64
        Cost and tax of selling over the completed value s [1].
    profit_on_cost : float64
        Profit over land, building and fees p [1], >= 0.
    profit_on_value : float64
        Profit over the completed value q [1], >= 0, as an alternative.

    Returns
    -------
    float64
        Land [yuan], the buyer's tax on it included: divide by 1 + that tax; negative
        where the scheme does not pay.

    Notes
    -----
    Less S - C - I - selling - profit with known amounts, this is P = GDV - build -
    fees - finance - profit.

    Examples
    --------
    >>> round(static_residual_price(1000.0, 400.0, 20.0, 0.1, 2.0, 0.05, 0.2, 0.0), 6)
    319.148936
    """
    left = completed * (1.0 - selling_share - profit_on_value)
    left -= cost * (1.0 + profit_on_cost) + cost_interest
    return left / (math.exp(years * math.log1p(rate)) + profit_on_cost)
