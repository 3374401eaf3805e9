"""Pool adjacent violators, weighted, on one stack.

Source: Ayer et al. (1955); Barlow et al. (1972), Statistical Inference under Order
Restrictions.
"""

import numpy as np
from numpy.typing import ArrayLike

from models.pd.checks import Floats, Ints, finite, weights_of


def pool_adjacent(values: ArrayLike, weight: ArrayLike | None = None) -> tuple[Floats, Ints]:
    """Least-squares rising sequence nearest to a sequence.

    Parameters
    ----------
    values : (n,) array
        Values in order [any unit].
    weight : (n,) array or None
        Weights, > 0; None is 1 each.

    Returns
    -------
    tuple of array
        (n,) float64 fitted values, and (n,) int64 the block of each.

    Raises
    ------
    ModelError
        If a value is not finite, or a weight not above 0.

    Examples
    --------
    >>> pool_adjacent([1.0, 3.0, 2.0])[0].tolist()
    [1.0, 2.5, 2.5]
    """
    sequence = finite(values, "values")
    weights = weights_of(weight, sequence.size)
    mass: list[float] = []
    mean: list[float] = []
    size: list[int] = []
    for value, w in zip(sequence.tolist(), weights.tolist(), strict=True):
        mass.append(w)
        mean.append(value)
        size.append(1)
        while len(mean) > 1 and mean[-2] >= mean[-1]:
            last = (mass.pop(), mean.pop(), size.pop())
            mean[-1] = (mean[-1] * mass[-1] + last[1] * last[0]) / (mass[-1] + last[0])
            mass[-1] += last[0]
            size[-1] += last[2]
    blocks = np.repeat(np.arange(len(size)), size)
    return np.repeat(np.array(mean, dtype=np.float64), size), blocks


def isotonic(
    x: ArrayLike, y: ArrayLike, weight: ArrayLike | None = None
) -> tuple[Floats, Floats, Floats, Ints]:
    """Rising fit of y on x, equal x pooled first.

    Parameters
    ----------
    x, y : (n,) array
        Argument and value [any unit], finite.
    weight : (n,) array or None
        Weights, > 0; None is 1 each.

    Returns
    -------
    tuple of array
        Distinct x in order, their weight, the fitted values, and the block of each.

    Raises
    ------
    ModelError
        If a number is not finite, or a weight not above 0.
    """
    argument = finite(x, "x")
    value = finite(y, "y", argument.size)
    weights = weights_of(weight, argument.size)
    distinct, place = np.unique(argument, return_inverse=True)
    mass = np.bincount(place, weights=weights).astype(np.float64)
    mean = np.bincount(place, weights=weights * value) / mass
    fitted, blocks = pool_adjacent(mean, mass)
    return distinct, mass, fitted, blocks
