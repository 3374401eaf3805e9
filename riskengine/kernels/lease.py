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

import numpy as np

from riskengine.kernels.compiling import kernel
from riskengine.kernels.discount import annuity_at_force


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
def lease_terms(rate, growth, hazard, terms, j):
    """Everything that valuing a lease takes from rate, growth and hazard alone.

    Parameters
    ----------
    rate : float64
        Discount rate [1/year], > -1.
    growth : float64
        Growth of market rent [1/year], > -1.
    hazard : float64
        Intensity of losing the lease [1/year], >= 0.
    terms : (q, 10) float64
        Row j is filled with the force of the rate; rate net of growth and its force; 1 over
        growth; hazard; rate with hazard and its force; both net of growth and its
        force; the rate [1/year, the fourth 1].
    j : int64
        Row.
    """
    grown = 1.0 + growth
    net, risky = (rate - growth) / grown, math.expm1(math.log1p(rate) + hazard)
    risky_net = (risky - growth) / grown
    terms[j, 0], terms[j, 1], terms[j, 2] = math.log1p(rate), net, math.log1p(net)
    terms[j, 3], terms[j, 4] = 1.0 / grown, hazard
    terms[j, 5], terms[j, 6] = risky, math.log1p(risky)
    terms[j, 7], terms[j, 8], terms[j, 9] = risky_net, math.log1p(risky_net), rate


@kernel
def rent_factor(terms, j, start, end, sure):
    """Value today of 1 yuan of market rent in the first year, received between two times.

    Parameters
    ----------
    terms, j : (q, 10) float64 and int64
        Table and row, as `lease_terms` fills it.
    start, end : float64
        Window counted from today [year], 0 <= start <= end.
    sure : float64
        Time until which the rent cannot be lost [year], >= 0; infinite for ever.

    Returns
    -------
    float64
        Factor [year]; NaN where ``end`` is missing.
    """
    if math.isnan(end):
        return math.nan
    split = end if terms[j, 4] == 0.0 else min(max(sure, start), end)
    factor = 0.0
    if split > start:
        factor = annuity_at_force(terms[j, 1], terms[j, 2], split)
        if start > 0.0:
            factor -= annuity_at_force(terms[j, 1], terms[j, 2], start)
    if end > split:
        # Discounted to `split` first: the difference of two annuities would cancel.
        to_split = math.exp(-split * terms[j, 2] - terms[j, 4] * max(split - sure, 0.0))
        factor += to_split * annuity_at_force(terms[j, 7], terms[j, 8], end - split)
    return factor * terms[j, 3]


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
    terms = np.empty((1, 10))
    lease_terms(rate, growth, hazard, terms, 0)
    return rent * rent_factor(terms, 0, start, end, sure)


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
def payable_rent(terms, j, rent, share, amount, step_years, elapsed, risky, start, end):
    """Value today of a contract rent that steps every few years, in arrears.

    Parameters
    ----------
    terms, j : (q, 10) float64 and int64
        Table and row, as `lease_terms` fills it; growth does not count.
    rent : float64
        Rent today [yuan/year].
    share, amount, step_years, elapsed : float64
        As in `stepped_rent_value`.
    risky : bool
        Whether the lease may be lost after ``start``.
    start, end : float64
        Window in which rent is payable [year], 0 <= start <= end.

    Returns
    -------
    float64
        Value [yuan]; NaN where ``end`` is missing, or infinite with steps.

    Notes
    -----
    Piecewise level: one annuity a review.  Linear in ``rent`` and ``amount`` together.
    """
    if math.isnan(end) or (math.isinf(end) and not math.isinf(step_years)):
        return math.nan
    hazard = terms[j, 4] if risky else 0.0
    rate, force = terms[j, 9], terms[j, 0]
    if risky:
        rate, force = terms[j, 5], terms[j, 6]
    if math.isinf(step_years):
        return rent * math.exp(-start * terms[j, 0]) * annuity_at_force(rate, force, end - start)
    value, steps, begin = 0.0, 0.0, 0.0
    while begin < end:
        finish = min(end, (steps + 1.0) * step_years - elapsed)
        payable = max(begin, start)
        if finish > payable:
            level = stepped_rent(rent, share, amount, steps)
            today = math.exp(-payable * terms[j, 0] - hazard * (payable - start))
            value += level * today * annuity_at_force(rate, force, finish - payable)
        begin = finish
        steps += 1.0
    return value


@kernel
def stepped_rent_value(rent, share, amount, step_years, elapsed, rate, hazard, start, end):
    """`payable_rent` at one rate and hazard.

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

    Examples
    --------
    >>> round(stepped_rent_value(50.0, 0.0, 0.0, math.inf, 0.0, 0.07, 0.0, 0.0, 3.0), 2)
    131.22
    """
    terms = np.empty((1, 10))
    lease_terms(rate, 0.0, hazard, terms, 0)
    return payable_rent(terms, 0, rent, share, amount, step_years, elapsed, True, start, end)


@kernel
def contract_rent_value(
    terms, j, rent, share, amount, step_years, elapsed, prepaid_share, paid_years, years
):
    """Value today of the contract rent still payable: all after it is prepaid, part before.

    Parameters
    ----------
    terms, j : (q, 10) float64 and int64
        Table and row, as `lease_terms` fills it.
    rent, share, amount, step_years, elapsed : float64
        As in `stepped_rent_value`.
    prepaid_share : float64
        Share of the contract rent already paid up to ``paid_years``, in [0, 1].
    paid_years : float64
        Time to which rent is prepaid [year], >= 0.
    years : float64
        Remaining term [year], >= 0.

    Returns
    -------
    float64
        Value [yuan].
    """
    paid = min(paid_years, years)
    sure = paid if prepaid_share > 0.0 else 0.0
    payable = payable_rent(terms, j, rent, share, amount, step_years, elapsed, True, sure, years)
    if prepaid_share < 1.0 and sure > 0.0:
        early = payable_rent(terms, j, rent, share, amount, step_years, elapsed, False, 0.0, sure)
        payable += (1.0 - prepaid_share) * early
    return payable


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
    terms = np.empty((1, 10))
    lease_terms(rate, growth, hazard, terms, 0)
    sure = min(paid_years, years) if prepaid_share > 0.0 else 0.0
    market = market_rent * rent_factor(terms, 0, 0.0, years, sure)
    if contract_rent == 0.0 and amount == 0.0:
        return market, 0.0
    return market, contract_rent_value(
        terms,
        0,
        contract_rent,
        share,
        amount,
        step_years,
        elapsed,
        prepaid_share,
        paid_years,
        years,
    )
