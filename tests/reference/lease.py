"""Slow twins of `riskengine.kernels.lease`: one payment after another."""

from decimal import Decimal

from tests.reference.plain import exactly


def survival(year, sure, hazard):
    """Chance that the lease still pays at the end of a year."""
    return (-hazard * (year - sure)).exp() if year > sure else Decimal(1)


@exactly
def rent_value(rent, growth, rate, hazard, start, end, sure):
    value = Decimal(0)
    for year in range(int(start) + 1, int(end) + 1):
        due = rent * (1 + growth) ** (year - 1)
        value += due * survival(year, sure, hazard) / (1 + rate) ** year
    return value


@exactly
def stepped_rent(rent, share, amount, steps):
    for _ in range(int(steps)):
        rent = rent * (1 + share) + amount
    return rent


@exactly
def stepped_rent_value(rent, share, amount, step_years, elapsed, rate, hazard, start, end):
    """Every year pays the rent that has been reached at its beginning."""
    value, years_since_step = Decimal(0), elapsed
    for year in range(1, int(end) + 1):
        if years_since_step == step_years:
            rent = rent * (1 + share) + amount
            years_since_step = Decimal(0)
        if year > start:
            value += rent * survival(year, start, hazard) / (1 + rate) ** year
        years_since_step += 1
    return value
