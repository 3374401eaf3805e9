"""Two-stage recovery: no loss at all, a total loss, and the share lost between.

A loss L is 0 with probability p0 (the loan is cured or repaid in full), otherwise 1 with
probability p1 (nothing comes back), otherwise a share whose mean is a fractional logit and
whose distribution is beta:

    E[L] = (1 - p0) (p1 + (1 - p1) m),   V[L | between] = m (1 - m) / (1 + phi).

The likelihood falls into three parts, so the stages are fitted one by one.

Source: Ospina & Ferrari, Statistical Papers 51 (2010) 111 (zero-and-one-inflated beta);
Calabrese, J. Business Finance & Accounting 41 (2014) 1017 (recovery with masses at 0 and 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from models.lgd.design import Design, make_design
from models.lgd.fractional import fit_fractional
from riskengine.learned.features import Feature


@dataclass(frozen=True)
class TwoStage:
    """A fitted two-stage model.

    Parameters
    ----------
    design : Design
        How features become columns.
    stages : tuple of (columns,) float64
        Coefficients of no loss, of a total loss once there is one, and of the loss between.
    precision : float
        Precision phi of the beta, > 0.
    """

    design: Design
    stages: tuple[NDArray[np.float64], ...]
    precision: float

    def parts(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return p0, p1 and the mean between.

        Parameters
        ----------
        x : (features, n) float64
            Features; NaN is missing.

        Returns
        -------
        (3, n) float64
            Shares [1].
        """
        matrix = self.design.matrix(x)
        return np.array([expit(matrix @ stage) for stage in self.stages])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of a release.

        Returns
        -------
        dict of str to array
            As `riskengine.learned.recovery` reads them.
        """
        return {**self.design.arrays(self.stages), "precision": np.array([self.precision])}


def fit_two_stage(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weight: NDArray[np.float64],
    features: Sequence[Feature],
    ridge: float = 1.0,
    ends: tuple[float, float] = (0.0, 1.0),
) -> TwoStage:
    """Fit the three stages.

    Parameters
    ----------
    x : (features, n) float64
        Features; NaN is missing.
    y, weight : (n,) float64
        Loss shares in [0, 1], and weights.
    features : sequence of Feature
        What the rows of `x` are.
    ridge : float
        Penalty of every stage, >= 0, in rows.
    ends : tuple of float
        Shares up to the first count as no loss, from the second on as total.

    Returns
    -------
    TwoStage
        The model; a stage without two outcomes is constant at its rate, drawn in by half
        a row on each side.
    """
    design = make_design(x, features)
    matrix = design.matrix(x)
    none, total = y <= ends[0], y >= ends[1]
    some, between = ~none, ~none & ~total
    first = _stage(matrix, none.astype(float), weight, ridge)
    second = _stage(matrix[some], total[some].astype(float), weight[some], ridge)
    third = _stage(matrix[between], y[between], weight[between], ridge)
    mean = expit(matrix[between] @ third)
    precision = _precision(y[between], mean, weight[between])
    return TwoStage(design, (first, second, third), precision)


def _stage(
    matrix: NDArray[np.float64], y: NDArray[np.float64], w: NDArray[np.float64], ridge: float
) -> NDArray[np.float64]:
    if y.size == 0 or np.ptp(y) == 0.0:
        rate = (float(y.sum()) + 0.5) / (y.size + 1.0)
        constant = np.zeros(matrix.shape[1])
        constant[0] = np.log(rate / (1.0 - rate))
        return constant
    return fit_fractional(matrix, y, w, ridge).coefficients


def _precision(y: NDArray[np.float64], m: NDArray[np.float64], w: NDArray[np.float64]) -> float:
    """Precision by moments: 1 / (1 + phi) is the mean of (y - m)^2 / (m (1 - m))."""
    if y.size < 2:
        return 2.0
    spread = float(np.average((y - m) ** 2 / (m * (1.0 - m)), weights=w))
    return max(1.0 / max(spread, 1e-9) - 1.0, 1e-3)
