"""Quasi moment matching: a PD curve with a given mean and accuracy ratio.

PD_i = 1 / (1 + exp(-alpha - beta N^-1(F_i))) with F_i the share of cases better than
grade i, half of its own counted: two parameters for two targets.

Source: Tasche (2009), Estimating discriminatory power and PD curves when the number
of defaults is small; the R package LDPD computes the same.  Grades run from best to
worst throughout.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import expit, ndtri

from models.pd.calibration import Calibration, central_tendency_shift
from models.pd.checks import Floats, finite, probabilities, refused, weights_of
from models.pd.threads import on_one_thread
from riskengine.words import Text

STEEPEST = 60.0
"""Largest slope tried: grades then part the book completely."""

KNOTS = 200
"""Most knots of a released table."""


@on_one_thread
def implied_accuracy_ratio(pd: ArrayLike, cases: ArrayLike) -> float:
    """Accuracy ratio that PDs imply if they are true.

    Parameters
    ----------
    pd : (grades,) array
        PDs, best grade first, in [0, 1].
    cases : (grades,) array
        Cases of each grade, > 0.

    Returns
    -------
    float
        Accuracy ratio, in [-1, 1]; defaults and survivors of one grade are tied.

    Raises
    ------
    ModelError
        If the PDs are all 0 or all 1, or outside [0, 1].
    """
    p = finite(pd, "pd")
    share = weights_of(cases, p.size)
    share = share / share.sum()
    mean, rest = float(share @ p), float(share @ (1.0 - p))
    if not ((p >= 0.0) & (p <= 1.0)).all() or mean <= 0.0 or rest <= 0.0:
        raise refused(
            Text(
                "违约率须在 0 与 1 之间且不全相同为 0 或 1",
                "PDs must lie in [0, 1], not all 0 or 1",
            ),
            Text("检查各等级违约率", "check the PDs of the grades"),
        )
    bad, good = share * p / mean, share * (1.0 - p) / rest
    better = np.cumsum(good) - good
    return float(2.0 * bad @ (better + 0.5 * good) - 1.0)


@on_one_thread
def quasi_moments(
    cases: ArrayLike, central_tendency: float, accuracy_ratio: float, survivors: ArrayLike = ()
) -> tuple[Floats, float, float]:
    """PDs of grades with a given mean and accuracy ratio.

    Parameters
    ----------
    cases : (grades,) array
        Cases of each grade, best first, > 0.
    central_tendency : float
        Mean PD, in (0, 1).
    accuracy_ratio : float
        Accuracy ratio, in (0, 1).
    survivors : (grades,) array
        Cases that did not default, for F; all cases when there are none.

    Returns
    -------
    tuple
        PDs (grades,), alpha and beta.

    Raises
    ------
    ModelError
        If a target lies outside (0, 1), or these grades cannot reach it.
    """
    n = finite(cases, "cases")
    n = weights_of(n, n.size)
    goods = np.asarray(survivors, dtype=np.float64)
    scores = _normal_scores(n if goods.size == 0 else weights_of(goods, n.size))
    wanted = float(probabilities(accuracy_ratio, "accuracy_ratio")[0])

    def curve(beta: float) -> tuple[Floats, float]:
        alpha = central_tendency_shift(_inside(expit(beta * scores)), n, central_tendency)[0]
        return expit(alpha + beta * scores), alpha

    def short(beta: float) -> float:
        return implied_accuracy_ratio(curve(beta)[0], n) - wanted

    if n.size < 2 or short(STEEPEST) <= 0.0:
        raise refused(
            Text("这些等级达不到该准确率", "these grades cannot reach that accuracy ratio"),
            Text("增加等级或降低目标", "use more grades or a lower target"),
        )
    beta = float(brentq(short, 0.0, STEEPEST, xtol=1e-14, rtol=1e-14))
    pd, alpha = curve(beta)
    return np.asarray(pd, dtype=np.float64), alpha, beta


def _inside(p: Floats) -> Floats:
    return np.clip(p, 1e-300, 1.0 - 1e-16)


def _normal_scores(cases: Floats) -> Floats:
    below = np.cumsum(cases) - 0.5 * cases
    return np.asarray(ndtri(below / cases.sum()), dtype=np.float64)


@on_one_thread
def calibrate_quasi_moments(
    raw: ArrayLike, weight: ArrayLike | None, central_tendency: float, accuracy_ratio: float
) -> Calibration:
    """A table of PDs over raw scores with a given mean and accuracy ratio.

    Parameters
    ----------
    raw : (n,) array
        Raw log odds of bad of the book.
    weight : (n,) array or None
        Weights, > 0; None is 1 each.
    central_tendency, accuracy_ratio : float
        Targets, in (0, 1).

    Returns
    -------
    Calibration
        At most `KNOTS` knots, at quantiles of the book.

    Raises
    ------
    ModelError
        If a score is not finite, or the targets cannot be reached.
    """
    scores = finite(raw, "raw")
    weights = weights_of(weight, scores.size)
    distinct, place = np.unique(scores, return_inverse=True)
    mass = np.bincount(place, weights=weights).astype(np.float64)
    _, alpha, beta = quasi_moments(mass, central_tendency, accuracy_ratio)
    picked = np.unique(np.linspace(0, distinct.size - 1, KNOTS).round().astype(np.int64))
    levels = alpha + beta * _normal_scores(mass)
    table = Calibration(x=distinct[picked], y=levels[picked], method="quasi_moments")
    # Between knots the table is a chord of the curve: the mean is brought back exactly.
    return table.shifted(
        central_tendency_shift(table.pd(scores), weights, central_tendency)[0], "ct"
    )
