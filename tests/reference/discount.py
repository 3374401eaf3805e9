"""Slow twins of `riskengine.kernels.discount`: textbook forms to 60 digits, and loops over years."""

from decimal import Decimal

from tests.reference.plain import exactly


@exactly
def annuity_factor(rate, years):
    if rate == 0:
        return years
    if years == Decimal("Infinity"):
        return 1 / rate
    return (1 - (1 + rate) ** -years) / rate


@exactly
def growing_annuity_factor(rate, growth, years):
    if rate == growth:
        return years / (1 + rate)
    if years == Decimal("Infinity"):
        return 1 / (rate - growth)
    return (1 - ((1 + growth) / (1 + rate)) ** years) / (rate - growth)


@exactly
def arithmetic_growth_value(income, increment, rate, years):
    if rate == 0:
        return income * years + increment * years * (years - 1) / 2
    if years == Decimal("Infinity"):
        return income / rate + increment / rate**2
    last = (1 + rate) ** -years
    return (income / rate + increment / rate**2) * (1 - last) - increment * years / rate * last


@exactly
def dual_rate_years_purchase(rate, sinking_rate, years, tax):
    fund = 1 / years if sinking_rate == 0 else sinking_rate / ((1 + sinking_rate) ** years - 1)
    return 1 / (rate + fund / (1 - tax))


@exactly
def value_of_years(incomes, rate):
    """Incomes at the ends of years 1, 2, ... one by one."""
    value, factor = Decimal(0), Decimal(1)
    for income in incomes:
        factor /= 1 + rate
        value += income * factor
    return value
