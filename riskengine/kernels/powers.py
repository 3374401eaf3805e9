"""Squares without a power function, whose last bit differs between libraries."""

import math

from riskengine.kernels.compiling import kernel


@kernel
def square(x):
    """Square of a number: x x.

    Parameters
    ----------
    x : float64
        Number [any unit].

    Returns
    -------
    float64
        Square, in that unit squared.

    Examples
    --------
    >>> square(-1.5)
    2.25
    """
    return x * x


@kernel
def hypotenuse(x, y):
    """Square root of the sum of two squares, for errors that are independent.

    Parameters
    ----------
    x, y : float64
        Two numbers [any one unit], far from the ends of the range of floats.

    Returns
    -------
    float64
        Root, in that unit.

    Examples
    --------
    >>> hypotenuse(3.0, 4.0)
    5.0
    """
    return math.sqrt(x * x + y * y)
