"""Sums, rates and whole fen: the amounts of contracts and of ledgers."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.portfolio.exposures import refused

Fen = NDArray[np.int64]

MOST_FEN = 2**52
"""Losses over all groups and periods, and volumes, stay below it, so that no fen is lost."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of the contract: a sum, or a rate of what it is measured by.

    Parameters
    ----------
    yuan : float or None
        Sum [yuan], >= 0.
    rate : float or None
        Rate [1], >= 0, of the guaranteed volume or of the premium.  One of the two is given.
    of : {"volume", "premium"}
        What the rate is a rate of.
    """

    yuan: float | None = None
    rate: float | None = None
    of: Literal["volume", "premium"] = "volume"

    def fen(self, volume_fen: int, premium_fen: int = 0) -> int:
        """Return the amount for a volume.

        Parameters
        ----------
        volume_fen, premium_fen : int
            Volume and premium [0.01 yuan].

        Returns
        -------
        int
            Amount [0.01 yuan], rounded half-even once.

        Examples
        --------
        >>> Amount(rate=0.05).fen(1_000_050), Amount(yuan=3.25).fen(0)
        (50002, 325)
        """
        if self.rate is None:
            return round(exact(self.yuan or 0.0) * 100)
        return round(exact(self.rate) * (volume_fen if self.of == "volume" else premium_fen))


def exact(number: float) -> Fraction:
    """Return the number that a contract writes, not its neighbour in floating point.

    Parameters
    ----------
    number : float
        Finite number [any unit].

    Returns
    -------
    Fraction
        The shortest decimal that reads as the number.

    Examples
    --------
    >>> exact(0.1)
    Fraction(1, 10)
    """
    return Fraction(repr(float(number)))


def added(first: Amount, second: Amount) -> Amount:
    """Return the sum of two amounts of one kind, as a contract would write it.

    Parameters
    ----------
    first, second : Amount
        Two sums, or two rates of the same.

    Returns
    -------
    Amount
        Their sum.

    Examples
    --------
    >>> added(Amount(rate=0.1), Amount(rate=0.2)).rate
    0.3
    """
    if first.rate is not None and second.rate is not None:
        return Amount(rate=float(exact(first.rate) + exact(second.rate)), of=first.of)
    return Amount(yuan=float(exact(first.yuan or 0.0) + exact(second.yuan or 0.0)))


def fen_of(name: str, values: ArrayLike) -> Fen:
    """Return amounts as whole fen.

    Parameters
    ----------
    name : str
        Name for the message.
    values : array-like of int
        Amounts [0.01 yuan], >= 0.

    Returns
    -------
    array of int64
        Contiguous, of the same shape.

    Raises
    ------
    BookError
        If one is negative, no whole number or too large for exact arithmetic.
    """
    found = np.asarray(values)
    if found.dtype.kind not in "iu":
        raise refused(name, "应为整数分", "must be whole fen, as integers")
    found = np.ascontiguousarray(found, dtype=np.int64)
    if found.size and found.min() < 0:
        raise refused(name, "不得为负", "must not be negative")
    bound = float(found.max(initial=0)) * (
        found.size / max(found.shape[-1], 1) if found.ndim else 1.0
    )
    if bound >= MOST_FEN and _largest_sum(found) >= MOST_FEN:
        raise refused(name, "金额过大，无法精确到分", "is too large to be exact to the fen")
    return found


def _largest_sum(found: Fen) -> float:
    """Largest sum over all but the last axis."""
    along = tuple(range(found.ndim - 1))
    return float(np.max(found.sum(axis=along, dtype=np.float64), initial=0.0))


def whole_fen(name: str, value: int) -> int:
    """Return one amount as whole fen.

    Parameters
    ----------
    name : str
        Name for the message.
    value : int
        Amount [0.01 yuan], >= 0.

    Returns
    -------
    int
        The amount.

    Raises
    ------
    BookError
        If it is negative, no whole number or too large.
    """
    if not isinstance(value, int | np.integer) or not 0 <= value < MOST_FEN:
        raise refused(name, "应为不小于0的整数分", "must be whole fen, >= 0")
    return int(value)
