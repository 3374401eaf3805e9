"""Units, and the one function that rounds money."""

from decimal import Decimal
from math import isfinite

SQUARE_METRES_PER_MU = 2000.0 / 3.0
"""1 mu (亩) = 2000/3 m2."""

MU_PER_HECTARE = 15.0
"""1 hectare (公顷) = 15 mu."""

UNITS = frozenset({
    "", "1", "mu", "m2", "m3", "t", "m", "cm", "km", "degree", "year", "month", "date", "m3/mu",
    "yuan", "yuan/mu", "yuan/mu/year", "yuan/m2", "yuan/m2/year", "yuan/m3", "yuan/t", "yuan/year",
    "yuan/month",
    "yuan/share", "yuan/share/year", "share", "1/year", "1/sqrt(year)", "t/mu/year", "t/year",
    "point", "tree/mu",
})  # fmt: skip
"""Every unit that a column, a market quantity or a working may carry."""


def round_yuan(amount: float) -> float:
    """Round money to the fen, halves to even, once, at the edge.

    Parameters
    ----------
    amount : float
        Amount [yuan].

    Returns
    -------
    float
        Amount [yuan] with two decimals.

    Examples
    --------
    >>> round_yuan(1234.5678)
    1234.57
    """
    return round(amount, 2)


def written(number: float) -> str:
    """Write a number as people do: all its digits, no exponent.

    Parameters
    ----------
    number : float
        The number, any unit.

    Returns
    -------
    str
        Its digits; ``inf``, ``-inf`` or ``nan`` where it has none.

    Examples
    --------
    >>> written(1e6), written(0.25), written(1e-05)
    ('1000000', '0.25', '0.00001')
    """
    if not isfinite(number):
        return f"{number:g}"
    text = format(Decimal(repr(float(number))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
