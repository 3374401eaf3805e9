"""Panels of Gauss-Legendre quadrature over normal factors."""

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]

REACH = 10.0
"""A standard normal factor is taken from -10 to 10; 1.5e-23 lies outside."""
PANEL_NODES = 16
"""Nodes of a panel."""
_INNER = 4.5
"""Widths of a step that its inner panels span; outer ones double."""


def legendre(ends: Column, nodes: int, *, normal: bool = False) -> tuple[Column, Column]:
    """Nodes and weights of Gauss-Legendre panels.

    Parameters
    ----------
    ends : (k + 1,) float64
        Ends of the panels, rising, any unit.
    nodes : int
        Nodes a panel, >= 1.
    normal : bool
        Whether weights carry the standard normal density.

    Returns
    -------
    at, weights : (k * nodes,) float64
        Nodes, rising, and weights.

    Examples
    --------
    >>> at, weights = legendre(np.array([-9.0, 0.0, 9.0]), 40, normal=True)
    >>> round(float(weights @ at**2), 12)
    1.0
    """
    raw, heights = np.polynomial.legendre.leggauss(nodes)
    half = 0.5 * np.diff(ends)[:, None]
    at = (0.5 * (ends[1:] + ends[:-1])[:, None] + half * raw).ravel()
    weights = (half * heights).ravel()
    if normal:
        weights = weights * np.exp(-0.5 * at * at) / np.sqrt(2.0 * np.pi)
    return at, weights


def layered(steps: list[tuple[float, float]], low: float, high: float, widest: float) -> Column:
    """Ends of panels that are narrow around steps and double away from them.

    Parameters
    ----------
    steps : list of (centre, width)
        Where the integrand moves, and how fast, any unit.
    low, high : float
        Ends of the range.
    widest : float
        Widest panel.

    Returns
    -------
    (k + 1,) float64
        Ends, rising from ``low`` to ``high``.

    Examples
    --------
    >>> layered([(0.0, 0.1)], -1.0, 1.0, 4.0).round(2).tolist()
    [-1.0, -0.9, -0.45, 0.0, 0.45, 0.9, 1.0]
    """
    ends = {low, high}
    for centre, width in steps:
        ends.add(centre)
        away = _INNER * width
        farthest = max(high - centre, centre - low)
        while away < farthest:
            ends.update((centre - away, centre + away))
            away *= 2.0
    found = np.array(sorted(end for end in ends if low <= end <= high))
    pieces = np.maximum(np.ceil(np.diff(found) / widest).astype(np.int64), 1)
    split = [
        np.linspace(a, b, n, endpoint=False)
        for a, b, n in zip(found[:-1], found[1:], pieces, strict=True)
    ]
    return np.concatenate([*split, [high]])
