"""Slow twins of `riskengine.kernels.depreciation` and `obsolescence`: year after year, item after item."""

from decimal import Decimal

from tests.reference.plain import exactly


def worn(cost, age, life):
    """What an item has lost: one life-th of its cost every year, until nothing is left."""
    lost = Decimal(0)
    for _ in range(int(age)):
        lost = min(lost + cost / life, cost)
    return lost


@exactly
def straight_line_newness(effective_age, remaining_life, residual_share):
    life = effective_age + remaining_life
    return 1 - worn(1 - residual_share, effective_age, life)


@exactly
def declining_newness(effective_age, life, residual_share):
    kept = residual_share ** (1 / life)
    newness = Decimal(1)
    for _ in range(int(effective_age)):
        newness *= kept
    return newness


@exactly
def sinking_fund_newness(effective_age, life, residual_share, rate):
    """Equal payments into a fund that grows to the loss at the end of life."""
    whole, fund = Decimal(0), Decimal(0)
    for year in range(1, int(life) + 1):
        whole = whole * (1 + rate) + 1
        if year <= effective_age:
            fund = fund * (1 + rate) + 1
    return 1 - (1 - residual_share) * fund / whole


def breakdown_depreciation(cost, repair, items, effective_age, life, residual_share):
    """List the parts of a building; write each off on its own."""
    number = Decimal
    parts = [(number(cost), number(age), number(span)) for cost, age, span in items]
    short_lived = sum((worn(*part) for part in parts), number(0))
    rest = max(number(cost) - number(repair) - sum(part[0] for part in parts), number(0))
    long_lived = worn(rest * (1 - number(residual_share)), effective_age, number(life))
    physical = number(repair) + short_lived + long_lived
    return tuple(float(part) for part in (physical, number(repair), short_lived, long_lived))
