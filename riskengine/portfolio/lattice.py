"""Losses on a lattice of equal steps, and the law of a sum of them."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.portfolio.columns import finite_column
from riskengine.portfolio.exposures import Column, refused
from riskengine.portfolio.measures import Measures, lattice_measures, tails

Index = NDArray[np.int64]

WIDEST = 1 << 24
"""Most lattice points of a law: 128 MiB an array."""
SNAP = 1e-9
"""How near a loss lies to a lattice point that it is put there [step]."""


@dataclass(frozen=True, slots=True)
class LossLaw:
    """Law of a loss on a lattice of equal steps.

    Parameters
    ----------
    step_yuan : float
        Width of a step [yuan], > 0.
    probabilities : (g,) float64
        Probability of 0, 1, 2, ... steps [1]; they add up to 1.
    """

    step_yuan: float
    probabilities: Column

    @property
    def losses(self) -> Column:
        """Lattice points [yuan]."""
        return self.step_yuan * np.arange(self.probabilities.size, dtype=np.float64)

    @property
    def expected(self) -> float:
        """Expected loss [yuan]."""
        return float(np.sum(self.losses * self.probabilities))

    @property
    def variance(self) -> float:
        """Variance of the loss [yuan2]."""
        away = self.losses - self.expected
        return float(np.sum(away * away * self.probabilities))

    @property
    def survival(self) -> Column:
        """P(L > x) at every lattice point [1], summed from the top."""
        return tails(self.probabilities)

    def exceeding(self, loss_yuan: float) -> float:
        """Chance of a larger loss.

        Parameters
        ----------
        loss_yuan : float
            Loss x [yuan].

        Returns
        -------
        float
            P(L > x) [1].
        """
        first = max(math.floor(loss_yuan / self.step_yuan + SNAP) + 1, 0)
        return float(np.sum(self.probabilities[: first - 1 if first else None : -1]))

    def stop_loss(self, retained_yuan: float) -> float:
        """Expected loss above a retention.

        Parameters
        ----------
        retained_yuan : float
            Retention K [yuan].

        Returns
        -------
        float
            E[max(L - K, 0)] [yuan].
        """
        beyond = np.maximum(self.losses - retained_yuan, 0.0) * self.probabilities
        return float(np.sum(beyond[::-1]))

    def measures(self, level: float, *, interpolated: bool = False) -> Measures:
        """VaR, ES and capital at one level.

        Parameters
        ----------
        level : float
            Confidence level [1], in (0, 1).
        interpolated : bool
            As `riskengine.portfolio.measures.lattice_measures`.

        Returns
        -------
        Measures
            The measures [yuan].
        """
        return lattice_measures(self.losses, self.probabilities, level, interpolated=interpolated)


def dispersed(loss_yuan: ArrayLike, step_yuan: float) -> tuple[Index, Column]:
    """Put losses on a lattice so that each keeps its mean.

    A loss of k + f steps becomes k steps with chance 1 - f and k + 1 with chance f.

    Parameters
    ----------
    loss_yuan : (..., n) array-like
        Losses on default [yuan], >= 0.
    step_yuan : float
        Width of a step [yuan], > 0.

    Returns
    -------
    places : (..., n) int64
        Whole steps k [step].
    parts : (..., n) float64
        Part f [step], in [0, 1).

    Raises
    ------
    BookError
        If a loss or the step is out of range.

    Notes
    -----
    The variance of a loss on default grows by f (1 - f) step^2, so that quantiles are off
    by order step^2.

    Examples
    --------
    >>> places, parts = dispersed([2.5, 3.0], 1.0)
    >>> places.tolist(), parts.tolist()
    ([2, 3], [0.5, 0.0])
    """
    steps = _steps(loss_yuan, step_yuan)
    near = np.rint(steps)
    steps = np.where(np.abs(steps - near) < SNAP, near, steps)
    places = np.floor(steps)
    return places.astype(np.int64), steps - places


def raised(loss_yuan: ArrayLike, step_yuan: float) -> Index:
    """Put losses on a lattice from above, as the CreditRisk+ workbook does.

    Parameters
    ----------
    loss_yuan : (..., n) array-like
        Losses on default [yuan], >= 0.
    step_yuan : float
        Width of a step [yuan], > 0.

    Returns
    -------
    (..., n) int64
        Steps, rounded up [step].

    Raises
    ------
    BookError
        If a loss or the step is out of range.

    Examples
    --------
    >>> raised([2.5, 3.0], 1.0).tolist()
    [3, 3]
    """
    return np.ceil(_steps(loss_yuan, step_yuan) - SNAP).astype(np.int64)


def room(places: Index, parts: Column, counts: Index) -> int:
    """Length of an array that holds every law of these names.

    Parameters
    ----------
    places : (m, n) int64
        Whole steps lost on default [step].
    parts : (m, n) float64
        Part of one more step [step].
    counts : (n,) int64
        Names in each cell [1].

    Returns
    -------
    int
        Lattice points.

    Raises
    ------
    BookError
        If that is more than `WIDEST`.
    """
    found = int(np.max(np.sum((places + (parts > 0.0)) * counts, axis=-1), initial=0)) + 2
    if found > WIDEST:
        raise refused(
            "step_yuan", f"步长太细，格点{found}个", f"is too fine: {found} lattice points"
        )
    return found


def _steps(loss_yuan: ArrayLike, step_yuan: float) -> Column:
    if not (math.isfinite(step_yuan) and step_yuan > 0.0):
        raise refused("step_yuan", "应为正的有限数", "must be finite and > 0")
    steps = np.asarray(loss_yuan, dtype=np.float64) / step_yuan
    finite_column("loss_yuan", steps.ravel())
    if np.any(steps < 0.0) or np.any(steps > WIDEST):
        raise refused("loss_yuan", "不得为负，步长不得太细", "must be >= 0, and the step not finer")
    return steps
