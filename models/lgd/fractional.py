"""Fractional logit: a mean share in [0, 1] as the logistic of a linear predictor.

The mean is right when E[y | x] is; nothing is said of the rest of the distribution, and
exact zeros and ones need no repair.  With outcomes 0 and 1 alone it is logistic regression.

Source: Papke & Wooldridge, Econometric methods for fractional response variables, J. Applied
Econometrics 11 (1996) 619-632: Bernoulli quasi-likelihood with robust standard errors.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from riskengine.errors import ModelError
from riskengine.words import Text

MOST_STEPS = 100
SINGULAR = 1e13
"""Condition number beyond which a matrix is taken for one that has no inverse [1]."""


@dataclass(frozen=True)
class Fractional:
    """A fitted fractional logit.

    Parameters
    ----------
    coefficients : (columns,) float64
        Effects [log odds]; the first is the intercept.
    covariance : (columns, columns) float64
        Robust covariance of the coefficients (sandwich, HC0; no correction for size).
    steps : int
        Newton steps taken.
    """

    coefficients: NDArray[np.float64]
    covariance: NDArray[np.float64]
    steps: int

    @property
    def errors(self) -> NDArray[np.float64]:
        """Robust standard errors, (columns,) float64."""
        return np.sqrt(np.diag(self.covariance))

    def predict(self, design: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean shares of new rows.

        Parameters
        ----------
        design : (n, columns) float64
            Design matrix with its column of ones.

        Returns
        -------
        (n,) float64
            Mean shares [1], in [0, 1].
        """
        mean: NDArray[np.float64] = expit(design @ self.coefficients)
        return mean


def fit_fractional(
    design: NDArray[np.float64],
    y: NDArray[np.float64],
    weight: NDArray[np.float64] | None = None,
    ridge: float = 0.0,
) -> Fractional:
    """Maximise the Bernoulli quasi-likelihood by Newton's rule with halved steps.

    sum w (y ln p + (1 - y) ln(1 - p)) - ridge / 2 |b|^2, p = 1 / (1 + e^-Xb); the
    intercept is not drawn to 0.

    Parameters
    ----------
    design : (n, columns) float64
        Design matrix; the first column is all ones.
    y : (n,) float64
        Shares, in [0, 1].
    weight : (n,) float64 or None
        Weights, > 0; all 1 when absent.
    ridge : float
        Penalty, >= 0.

    Returns
    -------
    Fractional
        Converged where the largest gradient is below 1e-10 n.

    Raises
    ------
    ModelError
        If shares lie outside [0, 1], or no maximum exists: columns that repeat each
        other, or outcomes that a column tells apart without error (then use a ridge).
    """
    w = np.ones_like(y) if weight is None else weight
    _check(design, y, w)
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 0.0
    mean = float(np.clip(np.average(y, weights=w), 1e-6, 1.0 - 1e-6))
    b = np.zeros(design.shape[1])
    b[0] = np.log(mean / (1.0 - mean))
    for step in range(MOST_STEPS):
        gradient, information = _derivatives(design, y, w, b, penalty)
        if np.abs(gradient).max() < 1e-10 * y.size * max(1.0, w.mean()):
            if _separated(design, w, penalty, information):
                break
            covariance = _sandwich(design, y, w, b, information)
            return Fractional(b, covariance, step)
        if np.linalg.cond(information) > SINGULAR or np.abs(b).max() > 1e4:
            break
        move = np.linalg.solve(information, gradient)
        now = _likelihood(design, y, w, b, penalty)
        share = 1.0
        # Next to the maximum rounding, not direction, makes the likelihood seem lower.
        allowed = now - 1e-12 * abs(now)
        while share > 1e-6 and _likelihood(design, y, w, b + share * move, penalty) < allowed:
            share *= 0.5
        b = b + share * move
    raise ModelError(
        Text("分数 logit 无解：列共线或完全可分", "the fractional logit has no maximum"),
        Text(
            "删去重复的列，或设 ridge > 0",
            "leave out columns that repeat each other, or set a ridge above 0",
        ),
    )


def _check(design: NDArray[np.float64], y: NDArray[np.float64], w: NDArray[np.float64]) -> None:
    faults = []
    if not np.isfinite(design).all():
        faults.append("the design holds cells that are not finite")
    if not ((y >= 0.0) & (y <= 1.0)).all():
        faults.append(f"{int((~((y >= 0.0) & (y <= 1.0))).sum())} shares lie outside [0, 1]")
    if not ((w > 0.0) & np.isfinite(w)).all():
        faults.append("weights must be above 0 and finite")
    if faults:
        told = "; ".join(faults)
        raise ModelError(
            Text(f"分数 logit 的数据有误：{told}", f"data of the fractional logit: {told}"),
            Text(
                "损失率超出 [0, 1] 时请用 boosting，或在目标定义中说明封顶",
                "use boosting for shares outside [0, 1], or cap them in the target's definition",
            ),
        )


def _likelihood(
    design: NDArray[np.float64], y: NDArray[np.float64], w: NDArray[np.float64],
    b: NDArray[np.float64], penalty: NDArray[np.float64],
) -> float:  # fmt: skip
    score = design @ b
    return float(w @ (y * score - np.logaddexp(0.0, score)) - 0.5 * penalty @ (b * b))


def _derivatives(
    design: NDArray[np.float64], y: NDArray[np.float64], w: NDArray[np.float64],
    b: NDArray[np.float64], penalty: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    p = expit(design @ b)
    gradient = design.T @ (w * (y - p)) - penalty * b
    return gradient, design.T @ (design * (w * p * (1.0 - p))[:, None]) + np.diag(penalty)


def _separated(
    design: NDArray[np.float64], w: NDArray[np.float64], penalty: NDArray[np.float64],
    information: NDArray[np.float64],
) -> bool:  # fmt: skip
    """Whether some direction has lost its curvature: the likelihood is flat at infinity.

    Also where it never had one: columns that repeat each other.
    """
    whole = design.T @ (design * w[:, None]) + np.diag(penalty)
    if np.linalg.cond(whole) > SINGULAR:
        return True
    return bool(np.linalg.eigvals(np.linalg.solve(whole, information)).real.min() < 1e-8)


def _sandwich(
    design: NDArray[np.float64], y: NDArray[np.float64], w: NDArray[np.float64],
    b: NDArray[np.float64], information: NDArray[np.float64],
) -> NDArray[np.float64]:  # fmt: skip
    """A^-1 B A^-1 with B the sum of squared scores."""
    scores = design * (w * (y - expit(design @ b)))[:, None]
    inverse = np.linalg.inv(information)
    covariance: NDArray[np.float64] = inverse @ (scores.T @ scores) @ inverse
    return covariance
