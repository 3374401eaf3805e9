"""Integrals over a standard normal factor: Gauss-Legendre nodes on panels."""

import math

import numpy as np

from models.checks import Floats

REACH = 10.0
"""The factor is integrated over [-10, 10]; what lies outside is below 1e-22."""


def normal_nodes(cuts: Floats, nodes: int) -> tuple[Floats, Floats]:
    """Nodes and weights of the mean of a function of a standard normal factor.

    Parameters
    ----------
    cuts : (k + 1,) float64
        Ends of the panels [standard deviation], rising; `REACH` on both sides.
    nodes : int
        Nodes of each panel, >= 1.

    Returns
    -------
    tuple of (k nodes,) float64
        Factors, and weights with the normal density in them.

    Examples
    --------
    >>> factor, mass = normal_nodes(np.linspace(-REACH, REACH, 21), 16)
    >>> round(float(mass.sum()), 12), round(float(mass @ factor**2), 12)
    (1.0, 1.0)
    """
    node, share = np.polynomial.legendre.leggauss(nodes)
    half = 0.5 * np.diff(cuts)[:, None]
    factor = (0.5 * (cuts[:-1] + cuts[1:])[:, None] + half * node).ravel()
    mass = (half * share).ravel() * np.exp(-0.5 * factor**2) / math.sqrt(2.0 * math.pi)
    return factor, mass
