"""Slopes of what a book loses, in independent normals, at the price of four evaluations.

The factors reach a segment by two common parts only, a'z of default and b'z of sales, and
what is added up over segments has the sum of their slopes.  So one pass with every common
part of default moved up and one with it moved down give all slopes by default, two more
those by sale, and loadings take them to any number of factors.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from riskengine.kernels.conditional_loss import segment_means, segment_moments
from riskengine.kernels.name_loss import name_growth, name_tilts
from riskengine.portfolio.conditional import Loadings, Prepared, means
from riskengine.portfolio.exposures import Column
from riskengine.portfolio.scenarios import Proposal, mixing_of

STEP = 1e-4
"""Half the width of a difference of a common part."""
Growth = Callable[[Column, Column, Column], Column]


@dataclass(frozen=True, slots=True)
class MeanLoss:
    """Mean loss of a book as a function of independent normals.

    Parameters
    ----------
    prepared : Prepared
        The book.
    proposal : Proposal
        Holds the root of the correlation and the degrees of freedom.
    """

    prepared: Prepared
    proposal: Proposal

    def __call__(self, points: Column) -> Column:
        """Return mean losses.

        Parameters
        ----------
        points : (k, d) float64
            Independent normals [1].

        Returns
        -------
        (k,) float64
            Losses [yuan].
        """
        return means(
            self.prepared, _factors(self.proposal, points), mixing_of(self.proposal, points)
        )

    def slopes(self, points: Column) -> Column:
        """Return the slopes of the mean loss.

        Parameters
        ----------
        points : (k, d) float64
            Independent normals [1].

        Returns
        -------
        (k, d) float64
            Slopes [yuan].
        """

        def growth(y: Column, x: Column, mixing: Column) -> Column:
            out = np.empty(y.shape)
            segment_means(*self.prepared.tables, y, x, mixing, out)
            return out

        return slopes_of(growth, self.prepared, self.proposal, points)


@dataclass(frozen=True, slots=True)
class TailBound:
    """Bound of the chance of a large loss given the factors: exp(psi(t) - t x) at its least.

    psi is the cumulant of the names that are drawn and of a normal for the rest, t the tilt
    at which their mean is x; the bound is 1 where the mean is beyond x.

    Parameters
    ----------
    rest : Prepared or None
        Debts that a normal stands for.
    drawn : Prepared or None
        Names.
    proposal : Proposal
        Holds the root of the correlation and the degrees of freedom.
    target_yuan : float
        The loss x [yuan].

    Notes
    -----
    Source: Glasserman & Li, Management Science 51 (2005) 1643, 5.1.
    """

    rest: Prepared | None
    drawn: Prepared | None
    proposal: Proposal
    target_yuan: float

    def at(self, points: Column) -> tuple[Column, Column]:
        """Return the logarithm of the bound and its slopes.

        Parameters
        ----------
        points : (k, d) float64
            Independent normals [1].

        Returns
        -------
        tuple of (k,) and (k, d) float64
            Logarithms, <= 0, and slopes [1].
        """
        one = self.rest if self.drawn is None else self.drawn
        if one is None:
            return np.zeros(len(points)), np.zeros(points.shape)
        common = one.common(_factors(self.proposal, points))
        mixing = mixing_of(self.proposal, points)
        tilts = self._tilts(*common, mixing)

        def growth(y: Column, x: Column, mixing: Column) -> Column:
            return self._growth(tilts, y, x, mixing)

        found = growth(*common, mixing).sum(axis=1) - tilts * self.target_yuan
        # At the best tilt the bound does not move with it: slopes are those at a fixed one.
        return np.minimum(found, 0.0), slopes_of(growth, one, self.proposal, points)

    def _tilts(self, y: Column, x: Column, mixing: Column) -> Column:
        rest, tilts = np.zeros((mixing.size, 2)), np.zeros(mixing.size)
        if self.rest is not None:
            out = np.empty((*y.shape, 2))
            segment_moments(*self.rest.tables, y, x, mixing, out)
            rest = out.sum(axis=1)
        if self.drawn is not None:
            name_tilts(*self.drawn.tables, y, x, mixing, rest, self.target_yuan, tilts)
            return tilts
        lacking = np.maximum(self.target_yuan - rest[:, 0], 0.0)
        return np.divide(lacking, rest[:, 1], where=rest[:, 1] > 0.0, out=tilts)

    def _growth(self, tilts: Column, y: Column, x: Column, mixing: Column) -> Column:
        out = np.zeros(y.shape)
        if self.drawn is not None:
            name_growth(*self.drawn.tables, y, x, mixing, tilts, out)
        if self.rest is not None:
            both, t = np.empty((*y.shape, 2)), tilts[:, None]
            segment_moments(*self.rest.tables, y, x, mixing, both)
            out += t * both[..., 0] + 0.5 * t * t * both[..., 1]
        return out


def slopes_of(growth: Growth, book: Prepared, proposal: Proposal, points: Column) -> Column:
    """Slopes of a sum over segments.

    Parameters
    ----------
    growth : callable
        From common parts (k, g) of default and of sale and mixing (k,) to terms (k, g).
    book : Prepared
        Holds the loadings.
    proposal : Proposal
        Holds the root of the correlation and the degrees of freedom.
    points : (k, d) float64
        Independent normals [1].

    Returns
    -------
    (k, d) float64
        Slopes, in the unit of the terms.
    """
    y, x = book.common(_factors(proposal, points))
    mixing, size = mixing_of(proposal, points), proposal.root.shape[0]
    by_default = (growth(y + STEP, x, mixing) - growth(y - STEP, x, mixing)) / (2.0 * STEP)
    by_sale = (growth(y, x + STEP, mixing) - growth(y, x - STEP, mixing)) / (2.0 * STEP)
    by_factor = by_default @ _dense(book.defaults, size) + by_sale @ _dense(book.sales, size)
    found: Column = by_factor @ proposal.root
    if math.isinf(proposal.nu):
        return found
    moved = points.copy()
    ends = []
    for step in (STEP, -STEP):
        moved[:, -1] = points[:, -1] + step
        ends.append(growth(y, x, mixing_of(proposal, moved)).sum(axis=1))
    return np.column_stack((found, (ends[0] - ends[1]) / (2.0 * STEP)))


def _factors(proposal: Proposal, points: Column) -> Column:
    return np.ascontiguousarray(points[:, : proposal.root.shape[0]] @ proposal.root.T)


def _dense(loadings: Loadings, size: int) -> Column:
    starts, columns, values = loadings
    found = np.zeros((starts.size - 1, size))
    found[np.repeat(np.arange(starts.size - 1), np.diff(starts)), columns] = values
    return found
