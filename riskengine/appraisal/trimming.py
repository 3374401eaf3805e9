"""Outliers of a sample of ratios, by interquartile ranges."""

import math
from fractions import Fraction

from riskengine.appraisal.cells import Array
from riskengine.appraisal.equity import CUTS


def trim_ends(ratios: Array, factor: float | None, quartiles: str = "R6") -> tuple[float, float]:
    """Ratios beyond which a sale is an outlier: the ends themselves are kept.

    Q1 - k (Q3 - Q1) and Q3 + k (Q3 - Q1).

    Parameters
    ----------
    ratios : (n,) float64
        Ratios [1] in rising order, n >= 1.
    factor : float or None
        Interquartile ranges k, > 0; None trims nothing.
    quartiles : str
        Definition of the quartiles, ``R1`` or ``R4`` ... ``R9``.

    Returns
    -------
    tuple of float
        Ends [1]; infinite when nothing is to be trimmed, also where half of
        the ratios are equal and the range is 0.

    Notes
    -----
    Source: IAAO (2013), appendix B: quartile places 0.25 n + 0.25 and
    0.75 n + 0.75, which is R6; 1.5 ranges mark outliers, 3 extreme ones.

    Examples
    --------
    >>> import numpy as np
    >>> trim_ends(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]), 1.5)
    (-4.0, 12.0)
    """
    first, third = (_quantile(ratios, Fraction(part, 4), quartiles) for part in (1, 3))
    if factor is None or third <= first:
        return -math.inf, math.inf
    return first - factor * (third - first), third + factor * (third - first)


def _quantile(values: Array, share: Fraction, definition: str) -> float:
    """Quantile of sorted values by one of the definitions of Hyndman and Fan."""
    if definition == "R1":
        return float(values[math.ceil(values.size * share) - 1])
    shift, start = CUTS[definition]
    place = min(max((values.size + shift) * share + start, Fraction(1)), Fraction(values.size))
    below = math.floor(place)
    above = min(below + 1, values.size)
    low, high = float(values[below - 1]), float(values[above - 1])
    return low + float(place - below) * (high - low)
