"""Who causes the loss: Euler contributions of debts to EL, VaR and ES of a simulation.

ES_i = E[L_i | L in the tail], VaR_i = E[L_i | L = VaR], both from conditional means in each
scenario, not from the few defaults that happened: a cell's share of the normal that names
leave is its share of the variance.  Names that were drawn one by one enter with what they
lost.  Where no scenario has a density, VaR contributions weigh scenarios by a normal kernel
about VaR and are scaled to it.

Source: Tasche (1999), capital allocation; Glasserman, J. Computational Finance 9(2) (2005)
1; credit notes 4.7.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from riskengine.kernels.tail_sums import mixture_tail
from riskengine.portfolio.conditional import unit_sums
from riskengine.portfolio.exposures import BookError, Column
from riskengine.portfolio.names import Draws, drawn_sums
from riskengine.portfolio.own_risk import Part
from riskengine.portfolio.simulation import Simulation
from riskengine.words import Text

Weights = tuple[Column, Column]


@dataclass(frozen=True, slots=True)
class Contributions:
    """Parts of each debt, or of each group.

    Parameters
    ----------
    expected_loss_yuan, value_at_risk_yuan, expected_shortfall_yuan : (n,) float64
        Parts [yuan]; they add up to EL, VaR and ES of the simulation.
    """

    expected_loss_yuan: Column
    value_at_risk_yuan: Column
    expected_shortfall_yuan: Column

    def by(self, group: NDArray[np.int64], groups: int) -> "Contributions":
        """Add up by group.

        Parameters
        ----------
        group : (n,) int64
            Group of every debt, in [0, groups).
        groups : int
            Number of groups.

        Returns
        -------
        Contributions
            One row a group.

        Raises
        ------
        BookError
            If a debt has no group.
        """
        size = self.expected_loss_yuan.size
        if group.shape != (size,) or (size and not 0 <= group.min() <= group.max() < groups):
            raise BookError(
                Text("每笔债权应有一个分组", "every debt needs a group within their number"),
                Text("请检查分组编号", "check the numbers of groups"),
            )
        sums = (
            np.bincount(group, values, groups).astype(np.float64)
            for values in (
                self.expected_loss_yuan, self.value_at_risk_yuan, self.expected_shortfall_yuan
            )
        )  # fmt: skip
        return Contributions(*sums)


def contributions(found: Simulation, threads: int = 1) -> Contributions:
    """Euler contributions of every debt.

    Parameters
    ----------
    found : Simulation
        The run; its scenarios are drawn again.
    threads : int
        Threads, >= 1.

    Returns
    -------
    Contributions
        One row a debt, in the order of the book.
    """
    at_risk, shortfall = _spread(found, _point_weights(found), _tail_weights(found), threads)
    total = float(at_risk.sum())
    if total != 0.0:
        at_risk *= found.value_at_risk.value / total
    return Contributions(found.expected_by_debt_yuan.copy(), at_risk, shortfall)


def _tail_weights(found: Simulation) -> Weights:
    """Weights of conditional means and variances in ES."""
    law, at, tail = found.law, found.value_at_risk.value, 1.0 - found.level
    share = law.weights / law.weights.size
    smooth = law.spreads > 0.0
    spread = np.where(smooth, law.spreads, 1.0)
    score = (law.means - at) / spread
    beyond = np.where(smooth, special.ndtr(score), law.means > at)
    height = np.where(smooth, np.exp(-0.5 * score * score) / np.sqrt(2.0 * np.pi), 0.0)
    chance, _, _ = mixture_tail(law.means.ravel(), law.spreads.ravel(), share.ravel(), at)
    atom = ~smooth & (law.means == at)
    held = float(share[atom].sum())
    if held > 0.0:  # the atom at VaR belongs to the tail in part (Acerbi & Tasche)
        beyond = beyond + np.where(atom, (tail - chance) / held, 0.0)
    first, second = share * beyond / tail, share * height / spread / tail
    for weight in (first, second):  # scenarios that say nothing are passed over
        weight[weight < 1e-18 * weight.max()] = 0.0
    return first, second


def _point_weights(found: Simulation) -> Weights:
    """Weights of conditional means and variances given L = VaR."""
    law, at = found.law, found.value_at_risk.value
    share = law.weights / law.weights.size
    width = 0.0
    if not law.spreads.all():
        near = share * (law.means >= at)
        count = float(near.sum() ** 2 / max(float(np.sum(near**2)), 1e-300))
        width = max(found.expected_shortfall.value - at, 1e-12 * abs(at)) * max(count, 1.0) ** -0.2
        width = max(width, 1e-150)  # its square is a number still
    square = law.spreads**2 + width**2
    score = (at - law.means) / np.sqrt(square)
    weight = share * np.exp(-0.5 * score * score) / np.sqrt(square)
    weight[weight < 1e-18 * weight.max()] = 0.0  # scenarios that say nothing are passed over
    weight /= max(float(weight.sum()), 1e-300)
    return weight, np.where(law.spreads > 0.0, weight * (at - law.means) / square, 0.0)


def _spread(found: Simulation, one: Weights, two: Weights, threads: int) -> Column:
    """Take two sets of weights of scenarios to debts, (2, n)."""
    treatment, setting = found.treatment, found.setting
    rest, drawn = treatment.rest, treatment.drawn
    out = np.zeros((2, found.expected_by_debt_yuan.size))
    units = np.zeros((2, 2, 0 if rest is None else rest.prepared.order.size))
    names = np.zeros((2, 0 if drawn is None else drawn.prepared.order.size))
    for r in range(setting.scrambles):
        first, second = (np.stack((one[k][r], two[k][r])) for k in (0, 1))
        scenarios = setting.block(r)
        if rest is not None:
            units += unit_sums(rest.prepared, scenarios, first, second, threads)
        if drawn is not None:
            left = None if rest is None else found.rest[r]
            draws = Draws(setting.seed, r, left, treatment.target_yuan)
            names += drawn_sums(drawn.prepared, scenarios, draws, first, threads)
    for k in range(2):
        if rest is not None:
            out[k, rest.rows] = rest.compression.spread(units[k, 0], units[k, 1])
        if drawn is not None:
            out[k, drawn.rows] = _alike(drawn, names[k])[drawn.compression.member]
    return out


def _alike(drawn: Part, names: Column) -> Column:
    """Debts alike in everything share alike."""
    cells = drawn.compression.cells
    columns = (
        cells.segment, cells.default_chance, cells.forward, cells.spread, cells.wait,
        cells.scale_yuan,
    )  # fmt: skip
    apart = np.zeros(cells.size, dtype=bool)
    for values in columns:
        apart[1:] |= values[1:] != values[:-1]
    group = np.cumsum(apart)
    found: Column = (np.bincount(group, names) / np.bincount(group))[group]
    return found
