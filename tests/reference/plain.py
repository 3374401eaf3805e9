"""Exact arithmetic for the slow twins, and a kernel as plain Python."""

import math
from collections.abc import Callable
from decimal import Decimal, localcontext
from functools import wraps
from typing import Any

DIGITS = 60
ULPS = 4
"""Most units in the last place between a kernel compiled and in plain Python."""


def exactly(function: Callable[..., Decimal]) -> Callable[..., float]:
    """Run a formula on the exact values of its floats, to 60 digits, and round once."""

    @wraps(function)
    def rounded(*numbers: Any) -> float:
        with localcontext() as context:
            context.prec = DIGITS
            return float(function(*(decimal(number) for number in numbers)))

    return rounded


def decimal(number: Any) -> Any:
    """A float as the decimal that it is, a sequence of them likewise."""
    if hasattr(number, "__len__"):
        return [decimal(item) for item in number]
    return Decimal(float(number))


def assert_same_in_plain_python(kernel: Callable[..., Any], *arguments: Any) -> None:
    """Compare a compiled kernel with its source run by Python, number by number."""
    compiled = kernel(*arguments)
    plain = getattr(kernel, "py_func", kernel)(*arguments)
    pairs = (
        zip(compiled, plain, strict=True) if isinstance(compiled, tuple) else [(compiled, plain)]
    )
    for got, wanted in pairs:
        if math.isnan(wanted):
            assert math.isnan(got)
        else:
            assert abs(got - wanted) <= ULPS * math.ulp(wanted), (got, wanted)
