"""Logistic regression by Newton's method: weighted, ridged, or with Firth's penalty.

Converged means that no component of the gradient exceeds 1e-10 times the weight of
the sample; a small change of the coefficients proves nothing where the likelihood
is flat.  Data that a plane separates have no maximum: that is proved by a linear
programme (Konis 2007), and the remedy is Firth's penalty (1993), which Heinze and
Schemper (2002) recommend and which also suits rare events.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import linprog
from scipy.special import expit
from scipy.stats import norm

from models.pd.checks import Floats, outcomes, refused
from models.pd.collinear import independent
from models.pd.threads import on_one_thread
from riskengine.words import Text

GRADIENT = 1e-10
"""Largest gradient of a converged fit, per unit of weight."""

STEPS = 200
FAR = 10.0
"""Log odds beyond which separation is looked for."""


@dataclass(frozen=True)
class LogisticFit:
    """A fitted logistic regression: ln(odds of y = 1) = intercept + coefficients . x.

    Parameters
    ----------
    intercept : float
        Log odds at x = 0.
    coefficients : (k,) float64
        One a feature.
    covariance, robust : (k + 1, k + 1) float64
        Covariance of the estimates, intercept first: of the model (weights count
        rows), and of the sandwich (weights are of sampling).
    log_likelihood : float
        Weighted, without penalty.
    gradient : float
        Largest component of the gradient, per unit of weight.
    iterations : int
        Newton steps.
    remedy : {"none", "ridge", "firth"}
        Penalty used.
    """

    intercept: float
    coefficients: Floats
    covariance: Floats
    robust: Floats
    log_likelihood: float
    gradient: float
    iterations: int
    remedy: str

    @property
    def errors(self) -> Floats:
        """Standard errors of the model, intercept first."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def robust_errors(self) -> Floats:
        """Standard errors of the sandwich, intercept first."""
        return np.sqrt(np.diag(self.robust))

    @property
    def p_values(self) -> Floats:
        """Two-sided Wald p-values, intercept first."""
        estimates = np.concatenate([[self.intercept], self.coefficients])
        return np.asarray(2.0 * norm.sf(np.abs(estimates) / self.errors), dtype=np.float64)


@on_one_thread
def fit_logistic(
    x: ArrayLike,
    y: ArrayLike,
    weight: ArrayLike | None = None,
    ridge: float = 0.0,
    separation: str = "firth",
) -> LogisticFit:
    """Fit a logistic regression.

    Parameters
    ----------
    x : (k, n) array
        Features, finite; rows are features.
    y : (n,) array
        1 or 0.
    weight : (n,) array or None
        Weights, > 0; None is 1 each.
    ridge : float
        Penalty ridge/2 times the squared coefficients, intercept left free, >= 0.
    separation : {"firth", "refuse", "always"}
        What to do with separated data: Firth's penalty, or refuse; ``always`` takes
        Firth's penalty at once.

    Returns
    -------
    LogisticFit
        The fit.

    Raises
    ------
    ModelError
        If one class is missing, a cell is not finite, columns depend on each other,
        or data are separated and that is to be refused.

    Examples
    --------
    >>> fit = fit_logistic([[0, 0, 0, 1, 1, 1]], [0, 0, 1, 0, 1, 1])
    >>> round(fit.intercept, 6), round(float(fit.coefficients[0]), 6)
    (-0.693147, 1.386294)
    """
    target, weights = outcomes(y, weight)
    design = _design(x, target.size, weights)
    if separation == "always":
        return _converged(_fitted(design, target, weights, ridge, True))
    fit = _fitted(design, target, weights, ridge, False)
    reach = np.abs(design @ np.concatenate([[fit.intercept], fit.coefficients])).max()
    if ridge > 0.0 or (fit.gradient < GRADIENT and reach < FAR):
        return _converged(fit)
    if not separated(design, target):
        return _converged(fit)
    if separation == "refuse":
        raise refused(
            Text("特征把好坏完全分开，系数无穷大", "the features separate goods from bads exactly"),
            Text(
                "合并分箱、用 Firth 惩罚，或检查泄漏", "merge bins, use Firth, or look for a leak"
            ),
        )
    return _converged(_fitted(design, target, weights, ridge, True))


def _converged(fit: LogisticFit) -> LogisticFit:
    if fit.gradient < GRADIENT:
        return fit
    raise refused(
        Text("逻辑回归没有收敛", f"the regression did not converge: gradient {fit.gradient:.1e}"),
        Text("调整特征的单位或加岭惩罚", "rescale the features or add a ridge"),
    )


def _design(x: ArrayLike, n: int, weights: Floats) -> Floats:
    cells = np.atleast_2d(np.asarray(x, dtype=np.float64))
    if cells.shape[1] != n or not np.isfinite(cells).all():
        raise refused(
            Text("回归的自变量含空值或长度不符", "a regressor is not finite, or of another length"),
            Text("先分箱或补齐", "bin the features or complete them first"),
        )
    if cells.shape[0] and not independent(cells, weights):
        raise refused(
            Text("自变量线性相关或为常数", "regressors depend on each other, or one is constant"),
            Text("去掉重复或恒定的特征", "take the repeated or constant feature out"),
        )
    return np.column_stack([np.ones(n), cells.T])


def separated(design: Floats, target: Floats) -> bool:
    """Whether some plane has no case on its wrong side and some off it.

    Parameters
    ----------
    design : (n, k) float64
        Regressors, intercept among them.
    target : (n,) float64
        1 or 0.

    Returns
    -------
    bool
        True for complete and for quasi-complete separation.
    """
    signed = np.unique(design * (2.0 * target - 1.0)[:, None], axis=0)
    scale = np.abs(signed).max(axis=0)
    signed = signed / np.where(scale > 0.0, scale, 1.0)
    found = linprog(
        -signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1.0, 1.0)
    )
    return found.status == 0 and found.fun is not None and found.fun < -1e-7


def _fitted(
    design: Floats, target: Floats, weights: Floats, ridge: float, firth: bool
) -> LogisticFit:
    beta, steps, gradient = newton(design, target, weights, ridge, firth)
    p = expit(design @ beta)
    information = _information(design, p, weights, ridge)
    bread = np.asarray(np.linalg.pinv(information, hermitian=True), dtype=np.float64)
    scores = design * (weights * (target - p))[:, None]
    remedy = "firth" if firth else "ridge" if ridge > 0.0 else "none"
    return LogisticFit(
        float(beta[0]), beta[1:], bread, bread @ (scores.T @ scores) @ bread,
        _likelihood(design @ beta, target, weights), gradient, steps, remedy,
    )  # fmt: skip


def newton(
    design: Floats, target: Floats, weights: Floats, ridge: float = 0.0, firth: bool = False
) -> tuple[Floats, int, float]:
    """Newton's method with halved steps on the (penalised) log-likelihood.

    Parameters
    ----------
    design : (n, k) float64
        Regressors, the first column 1.
    target : (n,) float64
        In [0, 1]; fractions are allowed (Platt's targets).
    weights : (n,) float64
        Weights, > 0.
    ridge : float
        Penalty on all but the first coefficient, >= 0.
    firth : bool
        Whether half the log determinant of the information is added.

    Returns
    -------
    tuple
        Coefficients (k,), steps taken, and the largest gradient per unit of weight;
        above 1e-10 when there is no maximum.
    """
    total = float(weights.sum())
    beta = np.zeros(design.shape[1])
    value = _objective(design, target, weights, beta, ridge, firth)
    gradient = np.inf
    for step in range(STEPS):
        slope, information = _slope(design, target, weights, beta, ridge, firth)
        gradient = float(np.abs(slope).max()) / total
        if gradient < GRADIENT:
            return beta, step, gradient
        try:
            move = cho_solve(cho_factor(information), slope)
        except np.linalg.LinAlgError:
            return beta, step, gradient
        beta, value, moved = _walk(design, target, weights, beta, move, value, ridge, firth)
        if not moved:
            break
    return beta, STEPS, gradient


def _walk(
    design: Floats, target: Floats, weights: Floats, beta: Floats, move: Floats,
    value: float, ridge: float, firth: bool,
) -> tuple[Floats, float, bool]:  # fmt: skip
    """Halve a step until the objective does not fall beyond rounding."""
    size = 1.0
    while size > 1e-8:
        tried = beta + size * move
        reached = _objective(design, target, weights, tried, ridge, firth)
        if reached >= value - 1e-13 * abs(value):
            return tried, reached, True
        size *= 0.5
    return beta, value, False


def _information(design: Floats, p: Floats, weights: Floats, ridge: float) -> Floats:
    held = (design * (weights * p * (1.0 - p))[:, None]).T @ design
    held[np.diag_indices(len(held))] += ridge * (np.arange(len(held)) > 0)
    return held


def _slope(
    design: Floats, target: Floats, weights: Floats, beta: Floats, ridge: float, firth: bool
) -> tuple[Floats, Floats]:
    p = expit(design @ beta)
    information = _information(design, p, weights, ridge)
    residual = weights * (target - p)
    if firth:
        inverse = np.linalg.pinv(information, hermitian=True)
        leverage = weights * p * (1.0 - p) * ((design @ inverse) * design).sum(axis=1)
        residual = residual + leverage * (0.5 - p)
    slope = design.T @ residual
    slope[1:] -= ridge * beta[1:]
    return slope, information


def _objective(
    design: Floats, target: Floats, weights: Floats, beta: Floats, ridge: float, firth: bool
) -> float:
    eta = design @ beta
    value = _likelihood(eta, target, weights) - 0.5 * ridge * float(beta[1:] @ beta[1:])
    if firth:
        value += 0.5 * _log_determinant(_information(design, expit(eta), weights, ridge))
    return value


def _log_determinant(matrix: NDArray[np.float64]) -> float:
    sign, size = np.linalg.slogdet(matrix)
    return float(size) if sign > 0 else -np.inf


def _likelihood(eta: Floats, target: Floats, weights: Floats) -> float:
    return float(weights @ (target * eta - np.logaddexp(0.0, eta)))
