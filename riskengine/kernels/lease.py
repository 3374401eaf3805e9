"""Values of leased farm land: market rent, contract rent with steps, survival.

Time 0 is the valuation date, years run from there.  A lease that is paid up to
``paid_years`` owes nothing before; afterwards the contract rent is payable and,
because a lessee who stops paying loses the land, each year's profit counts only
with the chance S(t) = exp(-h (t - paid_years)) that the lease still lives.

         prepaid           rent payable, lease may die
    |---------------|-----------------------------------|
    0           paid_years                            years

Source: GB/T 28406-2012, 8.1-8.3; leasehold as profit rent.
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_factor, discount_factor, growing_annuity_factor


@kernel
def rate_with_hazard(rate, hazard):
    """Discount rate that also carries the chance of losing the income.

    (1 + r) e^h - 1, so that (1 + r)^-t e^(-h t) is one discount factor.

    Parameters
    ----------
    rate : float64
        Discount rate [1/year], > -1.
    hazard : float64
        Intensity of losing the income h [1/year], >= 0.

    Returns
    -------
    float64
        Rate [1/year].

    Examples
    --------
    >>> round(rate_with_hazard(0.06, 0.0), 12)
    0.06
    """
    return math.expm1(math.log1p(rate) + hazard)


@kernel
def rent_value(rent, growth, rate, hazard, start, end, sure):
    """Value today of a rent that grows, received between two times, in arrears.

    Parameters
    ----------
    rent : float64
        Rent of the first year after today [yuan/year].
    growth : float64
        Growth of rent [1/year], > -1.
    rate : float64
        Discount rate [1/year], > -1.
    hazard : float64
        Intensity of losing the rent after ``sure`` [1/year], >= 0.
    start, end : float64
        Window counted from today [year], 0 <= start <= end.
    sure : float64
        Time until which the rent cannot be lost [year], >= 0.

    Returns
    -------
    float64
        Value [yuan].

    Examples
    --------
    >>> round(rent_value(65.0 - 50.0, 0.0, 0.07, 0.0, 0.0, 3.0, 0.0), 2)
    39.36
    """
    if math.isnan(end):
        return math.nan
    split = end if hazard == 0.0 else min(max(sure, start), end)
    factor = 0.0
    if split > start:
        factor = growing_annuity_factor(rate, growth, split)
        factor -= growing_annuity_factor(rate, growth, start)
    if end > split:
        # Discounted to `split` first: the difference of two annuities would cancel.
        to_split = math.exp(
            split * (math.log1p(growth) - math.log1p(rate)) - hazard * max(split - sure, 0.0)
        )
        risky = rate_with_hazard(rate, hazard)
        factor += to_split * growing_annuity_factor(risky, growth, end - split)
    return rent * factor


@kernel
def stepped_rent(rent, share, amount, steps):
    """Rent after a number of steps: each multiplies by 1 + share, then adds an amount.

    Parameters
    ----------
    rent : float64
        Rent before the first step [yuan/year].
    share : float64
        Relative step, > -1.
    amount : float64
        Step in money [yuan/year].
    steps : float64
        Steps taken, a whole number >= 0.

    Returns
    -------
    float64
        Rent [yuan/year].

    Examples
    --------
    >>> stepped_rent(800.0, 0.0, 100.0, 6.0)
    1400.0
    """
    if share == 0.0:
        return rent + amount * steps
    gain = math.expm1(steps * math.log1p(share))
    return rent * (1.0 + gain) + amount * gain / share


@kernel
def stepped_rent_value(rent, share, amount, step_years, elapsed, rate, hazard, start, end):
    """Value today of a contract rent that steps every few years, in arrears.

    Parameters
    ----------
    rent : float64
        Rent today [yuan/year].
    share, amount : float64
        Step at each review: relative, > -1, and in money [yuan/year].
    step_years : float64
        Years between reviews, > 0; infinite for a level rent.
    elapsed : float64
        Years since the last review, in [0, step_years].
    rate : float64
        Discount rate [1/year], > -1.
    hazard : float64
        Intensity of losing the lease after ``start`` [1/year], >= 0.
    start, end : float64
        Window in which rent is payable [year], 0 <= start <= end; finite where the
        rent steps.

    Returns
    -------
    float64
        Value [yuan]; NaN where ``end`` is missing, or infinite with steps.

    Notes
    -----
    Piecewise level: one annuity a review.

    Examples
    --------
    >>> round(stepped_rent_value(50.0, 0.0, 0.0, math.inf, 0.0, 0.07, 0.0, 0.0, 3.0), 2)
    131.22
    """
    if math.isnan(end) or (math.isinf(end) and not math.isinf(step_years)):
        return math.nan
    risky = rate_with_hazard(rate, hazard)
    if math.isinf(step_years):
        return rent * discount_factor(rate, start) * annuity_factor(risky, end - start)
    value, steps, begin = 0.0, 0.0, 0.0
    while begin < end:
        finish = min(end, (steps + 1.0) * step_years - elapsed)
        payable = max(begin, start)
        if finish > payable:
            level = stepped_rent(rent, share, amount, steps)
            today = math.exp(-payable * math.log1p(rate) - hazard * (payable - start))
            value += level * today * annuity_factor(risky, finish - payable)
        begin = finish
        steps += 1.0
    return value


@kernel
def lease_value(
    market_rent,
    growth,
    contract_rent,
    share,
    amount,
    step_years,
    elapsed,
    prepaid_share,
    paid_years,
    years,
    rate,
    hazard,
):
    """What a lessee's right is worth and costs: market rent less rent still payable.

    Parameters
    ----------
    market_rent : float64
        Market rent of the first year [yuan/year].
    growth : float64
        Growth of market rent [1/year], > -1.
    contract_rent : float64
        Contract rent today [yuan/year], >= 0; 0 for an owner of the right.
    share, amount, step_years, elapsed : float64
        Review clause, as in `stepped_rent_value`.
    prepaid_share : float64
        Share of the contract rent already paid up to ``paid_years``, in [0, 1].
    paid_years : float64
        Time to which rent is prepaid [year], >= 0.
    years : float64
        Remaining term [year], >= 0.
    rate : float64
        Discount rate [1/year], > -1.
    hazard : float64
        Intensity of losing the lease for rent not paid [1/year], >= 0.

    Returns
    -------
    tuple of float64
        Value of market rent and of rent payable [yuan], in arrears.

    Notes
    -----
    The lessee's right is their difference, floored at 0; a negative difference
    is the burden of an onerous lease.

    Examples
    --------
    >>> market, payable = lease_value(
    ...     65.0, 0.0, 50.0, 0.0, 0.0, math.inf, 0.0, 0.0, 0.0, 3.0, 0.07, 0.0)
    >>> round(market - payable, 2)
    39.36
    """
    paid = min(paid_years, years)
    sure = paid if prepaid_share > 0.0 else 0.0
    market = rent_value(market_rent, growth, rate, hazard, 0.0, years, sure)
    if contract_rent == 0.0 and amount == 0.0:
        return market, 0.0
    payable = stepped_rent_value(
        contract_rent, share, amount, step_years, elapsed, rate, hazard, sure, years
    )
    if prepaid_share < 1.0 and sure > 0.0:
        payable += (1.0 - prepaid_share) * stepped_rent_value(
            contract_rent, share, amount, step_years, elapsed, rate, 0.0, 0.0, sure
        )
    return market, payable


@kernel
def land_income_rows(x, wanted, out):
    """Income value of land management rights (收益还原法), row by row.

    Parameters
    ----------
    x : (20, n) float64
        area [mu], market rent [yuan/mu/year], its log error [1], growth [1/year],
        contract rent [yuan/mu/year] (NaN: at market), step share [1], step amount
        [yuan/mu/year], step interval [year] (NaN: none), years since review
        [year], prepaid share [1], prepaid years [year], term [year], rate
        [1/year], hazard [1/year], rent in advance [0 or 1], extension chance
        [1], extension term [year], extension weight for lending [1], rate stress
        [1/year], model error [1].
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        Filled with value [yuan], log error [1] (that of a lognormal with the
        same relative error, which profit rent magnifies), prudent value [yuan],
        market rent used [yuan/mu/year], value of market rent [yuan], value of rent
        payable [yuan], value of the extension [yuan], onerous burden [yuan].
    """
    for i in range(x.shape[1]):
        if not wanted[i] or math.isnan(x[11, i]):
            continue
        area, rent, rate, years = x[0, i], x[1, i], x[12, i], x[11, i]
        if math.isnan(years):
            continue
        contract = rent if math.isnan(x[4, i]) else x[4, i]
        interval = math.inf if math.isnan(x[7, i]) else x[7, i]
        due = (1.0 + rate) if x[14, i] == 1.0 else 1.0
        market, payable = lease_value(
            rent,
            x[3, i],
            contract,
            x[5, i],
            x[6, i],
            interval,
            x[8, i],
            x[9, i],
            x[10, i],
            years,
            rate,
            x[13, i],
        )
        later = x[15, i] * rent_value(rent, x[3, i], rate, 0.0, years, years + x[16, i], math.inf)
        stressed_rate = rate + x[18, i]
        low_market, low_payable = lease_value(
            rent,
            x[3, i],
            contract,
            x[5, i],
            x[6, i],
            interval,
            x[8, i],
            x[9, i],
            x[10, i],
            years,
            stressed_rate,
            x[13, i],
        )
        low_later = (
            x[15, i]
            * x[17, i]
            * rent_value(rent, x[3, i], stressed_rate, 0.0, years, years + x[16, i], math.inf)
        )
        scale = area * due
        profit = market - payable
        gain = max(profit, 0.0) + later
        out[0, i] = scale * gain
        leverage = (market + later) / gain if gain > 0.0 else 0.0
        spread = (x[2, i] * leverage) ** 2 + x[19, i] ** 2
        out[1, i] = math.sqrt(math.log1p(spread))
        out[2, i] = scale * (max(low_market - low_payable, 0.0) + low_later)
        out[3, i] = rent
        out[4, i] = scale * market
        out[5, i] = scale * payable
        out[6, i] = scale * later
        out[7, i] = scale * max(-profit, 0.0)


@kernel
def attachment_rows(x, wanted, out):
    """Facilities and growing crops that go with the land, row by row.

    Facilities: replacement cost less straight-line wear, times the share that a
    buyer pays for: the salvage share when they can be moved, else the share that
    passes with the land.  Crops: the larger of cost compounded to today and
    harvest discounted less cost to finish, times the chance of a harvest before
    enforcement.

    Parameters
    ----------
    x : (13, n) float64
        facilities cost [yuan], age [year], life [year], removable [0 or 1],
        share when removable [1], share with land [1], crop cost [yuan], its age
        [year], crop income [yuan], cost to finish [yuan], years to harvest
        [year], rate [1/year], chance of harvest [1].
    wanted : (n,) bool
        Rows to value.
    out : (2, n) float64
        Filled with the value of facilities and of crops [yuan]; 0 where none.
    """
    for i in range(x.shape[1]):
        if not wanted[i]:
            continue
        facilities = 0.0
        if x[0, i] > 0.0 and x[1, i] >= 0.0 and x[2, i] > 0.0:
            share = x[4, i] if x[3, i] == 1.0 else x[5, i]
            facilities = x[0, i] * max(0.0, 1.0 - x[1, i] / x[2, i]) * share
        out[0, i] = facilities
        sunk = 0.0
        if x[6, i] > 0.0:
            sunk = x[6, i] * math.exp(max(x[7, i], 0.0) * math.log1p(x[11, i]))
        harvest = 0.0
        if x[8, i] > 0.0 and x[10, i] >= 0.0:
            harvest = x[8, i] * math.exp(-x[10, i] * math.log1p(x[11, i])) - max(x[9, i], 0.0)
        out[1, i] = max(sunk, harvest) * x[12, i]
