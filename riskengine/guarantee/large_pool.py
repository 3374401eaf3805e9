"""Loss of the large homogeneous pool between two levels.

In the large pool (Vasicek) the loss over volume is L = lgd p(Z), Z standard normal, low is
bad, p(z) = N((c - sqrt(rho) z) / sqrt(1 - rho)), c = N^-1(PD).  A layer from a to b of it costs

    E[min(L, b) - min(L, a)] = lgd (SL(a / lgd) - SL(b / lgd)),
    SL(K) = E[(p(Z) - K)^+] = Phi2(c, z_K; sqrt(rho)) - K N(z_K),

where p(z_K) = K.  Where the two terms cancel, the integral of positive terms over z is taken.

Source: Vasicek, Risk 15(12) (2002) 160; credit notes 4.1 and 5.1.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from riskengine.guarantee.amounts import refused
from riskengine.kernels.bivariate import bivariate_normal_cdf, normal_between

Column = NDArray[np.float64]

NODES = 16
"""Gauss-Legendre points of a panel."""


@dataclass(frozen=True, slots=True)
class LargePool:
    """Very many like debts with one common factor.

    Parameters
    ----------
    default_chance : float
        PD [1], in [0, 1].
    correlation : float
        Asset correlation rho [1], in [0, 1]; at 0 the loss is PD x LGD for certain, at 1
        all debts default together.
    loss_share : float
        Loss given default [1], in [0, 1], of the volume.
    """

    default_chance: float
    correlation: float
    loss_share: float = 1.0

    def __post_init__(self) -> None:
        """Refuse numbers that are no chances."""
        for name in ("default_chance", "correlation", "loss_share"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise refused(name, "应在0到1之间", "must be in [0, 1]")

    @property
    def expected(self) -> float:
        """Expected loss over volume [1]."""
        return self.default_chance * self.loss_share

    def reached(self, loss: float, *, inclusive: bool = False) -> float:
        """Return the chance that the loss passes a level.

        Parameters
        ----------
        loss : float
            Loss over volume [1].
        inclusive : bool
            Whether a loss that equals it counts; matters only where the loss has atoms,
            at a correlation of 0 or 1, or PD 0 or 1.

        Returns
        -------
        float
            Chance [1], in [0, 1].
        """
        chance, lgd = self.default_chance, self.loss_share
        atoms = _atoms(self)
        if atoms:
            return sum(w for x, w in atoms if x > loss or (inclusive and x == loss))
        if loss < 0.0:
            return 1.0
        if loss >= lgd:
            return 0.0
        return float(ndtr(_factor(chance, self.correlation, loss / lgd)))

    def between(self, attach: float, detach: float) -> float:
        """Return the mean of what falls between two levels of loss.

        Parameters
        ----------
        attach, detach : float
            Levels over volume [1], 0 <= attach <= detach; the upper may be infinite.

        Returns
        -------
        float
            E[min(L, b) - min(L, a)] over volume [1].
        """
        if not 0.0 <= attach <= detach:
            raise refused(
                "attach, detach", "应满足0≤起赔点≤止赔点", "must be 0 <= attach <= detach"
            )
        low, high = min(attach, self.loss_share), min(detach, self.loss_share)
        if low >= high:
            return 0.0
        atoms = _atoms(self)
        if atoms:
            return math.fsum(w * (min(x, high) - min(x, low)) for x, w in atoms)
        lgd = self.loss_share
        return lgd * _between(self.default_chance, self.correlation, low / lgd, high / lgd)


def _atoms(pool: LargePool) -> list[tuple[float, float]]:
    """Losses and their chances where the loss takes one or two values; else nothing."""
    chance, lgd = pool.default_chance, pool.loss_share
    if lgd == 0.0 or chance in (0.0, 1.0) or pool.correlation == 0.0:
        return [(pool.expected, 1.0)]
    return [(0.0, 1.0 - chance), (lgd, chance)] if pool.correlation == 1.0 else []


def _factor(chance: float, correlation: float, share: float) -> float:
    """The factor at which a share of the pool defaults: below it more do."""
    if share <= 0.0:
        return math.inf
    if share >= 1.0:
        return -math.inf
    root = math.sqrt(1.0 - correlation)
    return float((ndtri(chance) - root * ndtri(share)) / math.sqrt(correlation))


def _between(chance: float, correlation: float, low: float, high: float) -> float:
    """E[min(p(Z), high) - min(p(Z), low)] for 0 < rho < 1."""
    above, below = (_over(chance, correlation, share) for share in (low, high))
    found = above[0] - below[0]
    # Each stop-loss has the digits of its larger term; below this too few are left.
    if found > 1e-2 * above[1]:
        return found
    return _integrated(chance, correlation, low, high)


def _over(chance: float, correlation: float, share: float) -> tuple[float, float]:
    """E[(p(Z) - K)^+] by the closed form, and the larger of its two terms."""
    if share <= 0.0:
        return chance, chance
    factor = _factor(chance, correlation, share)
    if factor == -math.inf:
        return 0.0, 0.0
    whole = float(bivariate_normal_cdf(ndtri(chance), factor, math.sqrt(correlation)))
    return whole - share * float(ndtr(factor)), whole


def _integrated(chance: float, correlation: float, low: float, high: float) -> float:
    """The same as an integral of positive terms over the factor, in panels."""
    first, last = (_factor(chance, correlation, share) for share in (high, low))
    last = min(last, 40.0)
    root, slope = math.sqrt(1.0 - correlation), math.sqrt(correlation)
    threshold, edge = float(ndtri(chance)), float(ndtri(low)) if low > 0.0 else -math.inf
    points, weights = np.polynomial.legendre.leggauss(NODES)
    total = (high - low) * float(ndtr(first))
    while last > max(first, -40.0):
        width = min(0.5, 2.0 / max(abs(last), 1.0), 0.5 * root / slope)
        start = max(first, last - width)
        z = start + 0.5 * (last - start) * (points + 1.0)
        taken = [float(normal_between(edge, (threshold - slope * x) / root)) for x in z]
        density = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
        part = 0.5 * (last - start) * float(weights @ (density * taken))
        total += part
        last = start
    return total
