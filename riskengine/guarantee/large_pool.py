"""Loss of the large homogeneous pool between two levels.

In the large pool (Vasicek) the loss over volume is L = lgd p(Z), p(Z) the share that
defaults; a layer from a to b of it costs E[min(L, b) - min(L, a)].  The formulas are in
`riskengine.kernels.large_pool` and `riskengine.kernels.pool_layers`.

Source: Vasicek, Risk 15(12) (2002) 160; credit notes 4.1 and 5.1.
"""

import math
from dataclasses import dataclass

from riskengine.kernels.large_pool import pool_survival
from riskengine.kernels.normal import normal_quantile
from riskengine.kernels.pool_layers import pool_layer
from riskengine.portfolio.exposures import refused


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
        return float(pool_survival(normal_quantile(chance), self.correlation, loss / lgd))

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
        threshold = normal_quantile(self.default_chance)
        return lgd * float(pool_layer(threshold, self.correlation, low / lgd, high / lgd))


def _atoms(pool: LargePool) -> list[tuple[float, float]]:
    """Losses and their chances where the loss takes one or two values; else nothing."""
    chance, lgd = pool.default_chance, pool.loss_share
    if lgd == 0.0 or chance in (0.0, 1.0) or pool.correlation == 0.0:
        return [(pool.expected, 1.0)]
    return [(0.0, 1.0 - chance), (lgd, chance)] if pool.correlation == 1.0 else []
