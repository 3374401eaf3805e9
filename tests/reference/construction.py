"""Slow twins of `riskengine.kernels.construction`: the printed forms of a banded tax."""

from decimal import Decimal

from tests.reference.plain import exactly


@exactly
def banded_amount(amount, upper_bounds, rates):
    """Every rate on its own slice."""
    lowers = [Decimal(0), *upper_bounds]
    uppers = [*upper_bounds, Decimal("Infinity")]
    tax = Decimal(0)
    for lower, upper, rate in zip(lowers, uppers, rates, strict=True):
        tax += rate * max(min(amount, upper) - lower, Decimal(0))
    return tax


@exactly
def progressive_levy(price, deductions, upper_ratios, rates):
    """Gain times the top rate less deductions times the quick-deduction coefficient (速算扣除)."""
    gain = price - deductions
    if gain <= 0:
        return Decimal(0)
    band, quick = 0, Decimal(0)
    while band < len(upper_ratios) and gain > upper_ratios[band] * deductions:
        quick += (rates[band + 1] - rates[band]) * upper_ratios[band]
        band += 1
    return gain * rates[band] - deductions * quick
