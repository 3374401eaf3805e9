"""Slow twins of `riskengine.kernels.cost` and `residual`: one tranche after another."""

from decimal import Decimal

from tests.reference.plain import exactly


def spending(amount, shares, start, tranche_years):
    """When each tranche is spent, as if in its middle, and how much."""
    begin = start
    for share in shares:
        yield begin + tranche_years / 2, amount * share
        begin += tranche_years


@exactly
def tranche_interest(amount, shares, tranche_years, rate, lag):
    completion = len(shares) * tranche_years + lag
    interest = Decimal(0)
    for spent_at, spent in spending(amount, shares, Decimal(0), tranche_years):
        interest += spent * ((1 + rate) ** (completion - spent_at) - 1)
    return interest


@exactly
def tranche_value(amount, shares, start, tranche_years, rate):
    flows = spending(amount, shares, start, tranche_years)
    return sum((spent / (1 + rate) ** years for years, spent in flows), Decimal(0))


@exactly
def full_period_interest(amount, years, rate):
    return amount * ((1 + rate) ** years - 1)


@exactly
def static_left_over(land, completed, cost, cost_interest, rate, years, selling, on_cost, on_value):
    """What a developer has left at the end who pays this much for the land; 0 when he breaks even."""
    finance = land * ((1 + rate) ** years - 1) + cost_interest
    profit = on_cost * (land + cost) + on_value * completed
    return completed - selling * completed - land - cost - finance - profit
