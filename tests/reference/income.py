"""Slow twins of `riskengine.kernels.income` and `rent`: lists of yearly incomes, discounted."""

import math
from decimal import Decimal
from statistics import fmean

from tests.reference.plain import exactly


def discounted(incomes, rate):
    return sum((income / (1 + rate) ** (t + 1) for t, income in enumerate(incomes)), Decimal(0))


@exactly
def explicit_then_growing_value(incomes, later_income, growth, rate, years):
    """For whole years: write every income down, then discount."""
    written = [*incomes]
    while len(written) < years:
        written.append(later_income)
        later_income *= 1 + growth
    return discounted(written[: int(years)], rate)


@exactly
def explicit_then_perpetuity(incomes, later_income, rate):
    return discounted(incomes, rate) + later_income / rate / (1 + rate) ** len(incomes)


@exactly
def growing_stages_value(income, first_growth, first_years, later_growth, rate, years):
    written = []
    for year in range(1, int(years) + 1):
        written.append(income)
        income *= 1 + (first_growth if year < first_years else later_growth)
    return discounted(written, rate)


@exactly
def instalments_over_one_payment(rate, payments_per_year, advance):
    """A year's rent of 1 in k instalments, compounded to the year's end one by one."""
    total = Decimal(0)
    for j in range(int(payments_per_year)):
        paid = (j + 1 - advance) / payments_per_year
        total += (1 + rate) ** (1 - paid) / payments_per_year
    return total


@exactly
def resale_value(incomes, resale_price, selling_share, rate):
    """Incomes of every year, and in the last of them the net price."""
    net = resale_price - resale_price * selling_share
    return discounted([*incomes[:-1], incomes[-1] + net], rate)


def olympic_mean(values):
    known = sorted(value for value in values if not math.isnan(value))
    if not known:
        return math.nan
    return fmean(known[1:-1]) if len(known) > 2 else fmean(known)
