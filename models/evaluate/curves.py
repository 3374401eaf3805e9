"""Curves of a score: ROC, CAP, and the Kolmogorov-Smirnov distance.

Scores rise with risk.  All are read after complete blocks of tied scores: a walk row
by row inside a block, as usual code does, depends on the order of the rows and reads
too much.

Source: Engelmann, Hayden and Tasche (2003), Testing Rating Accuracy, Risk 16 (CAP).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from models.evaluate.checks import Array, Significance
from models.evaluate.discrimination import checked


@dataclass(frozen=True, slots=True)
class Curve:
    """Points of a ROC or CAP curve, one after each block of tied scores.

    Parameters
    ----------
    x, y : (k,) float64
        Shares in [0, 1], both from 0 to 1: share of goods (ROC) or of all loans
        (CAP), and share of bads.
    threshold : (k,) float64
        Score from which on loans are counted; inf at the first point.
    area : float
        Area under the points by the trapezium rule [1].
    """

    x: Array
    y: Array
    threshold: Array
    area: float


@dataclass(frozen=True, slots=True)
class Separation:
    """Kolmogorov-Smirnov distance between the scores of goods and bads.

    Parameters
    ----------
    ks : float
        Largest distance after complete blocks of ties, in [0, 1].
    threshold : float
        Score at which it is reached [unit of the score].
    n, bads : int
        Loans and bad ones among them.
    test : Significance
        Against equal distributions; exact to 2,000 loans, NaN with weights.  Ties
        make it err on the side of keeping the null.
    """

    ks: float
    threshold: float
    n: int
    bads: int
    test: Significance


def roc(y: ArrayLike, score: ArrayLike, weight: ArrayLike | None = None) -> Curve:
    """ROC curve: share of bads against share of goods, riskiest first.

    Parameters
    ----------
    y, score, weight : (n,) array-like
        As `models.evaluate.discrimination.delong`.

    Returns
    -------
    Curve
        Points after each block of ties; its area is the AUC.

    Raises
    ------
    ModelError
        As `models.evaluate.discrimination.delong`.
    """
    threshold, bad, good = _blocks(*checked(y, score, weight))
    x, height = good / good[-1], bad / bad[-1]
    return Curve(x, height, threshold, float(np.trapezoid(height, x)))


def cap(y: ArrayLike, score: ArrayLike, weight: ArrayLike | None = None) -> Curve:
    """CAP curve: share of bads against share of all loans, riskiest first.

    Parameters
    ----------
    y, score, weight : (n,) array-like
        As `models.evaluate.discrimination.delong`.

    Returns
    -------
    Curve
        Points after each block of ties.  (area - 1/2) / ((1 - bad rate) / 2) is
        the accuracy ratio, which is the Gini.

    Raises
    ------
    ModelError
        As `models.evaluate.discrimination.delong`.
    """
    threshold, bad, good = _blocks(*checked(y, score, weight))
    x, height = (bad + good) / (bad[-1] + good[-1]), bad / bad[-1]
    return Curve(x, height, threshold, float(np.trapezoid(height, x)))


def _blocks(y: Array, score: Array, weight: Array) -> tuple[Array, Array, Array]:
    """Thresholds, and weight of bads and goods at or above each, ties together."""
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    ends = np.append(np.flatnonzero(np.diff(ranked)), ranked.size - 1)
    bad = np.cumsum(weight[order] * y[order])[ends]
    good = np.cumsum(weight[order] * (1.0 - y[order]))[ends]
    start = np.zeros(1)
    return (
        np.concatenate(([np.inf], ranked[ends])),
        np.concatenate((start, bad)),
        np.concatenate((start, good)),
    )


def ks(y: ArrayLike, score: ArrayLike, weight: ArrayLike | None = None) -> Separation:
    """Kolmogorov-Smirnov distance, looked at after complete blocks of ties only.

    Parameters
    ----------
    y, score, weight : (n,) array-like
        As `models.evaluate.discrimination.delong`.

    Returns
    -------
    Separation
        Distance, where it is reached, and the test.

    Raises
    ------
    ModelError
        As `models.evaluate.discrimination.delong`.

    """
    outcome, ranks, mass = checked(y, score, weight)
    threshold, bad, good = _blocks(outcome, ranks, mass)
    distance = np.abs(bad / bad[-1] - good / good[-1])
    at = int(np.argmax(distance))
    p_value = math.nan
    if weight is None:
        parts = ranks[outcome == 1.0], ranks[outcome == 0.0]
        small = outcome.size <= 2000
        p_value = float(stats.ks_2samp(*parts, method="exact" if small else "asymp").pvalue)
    test = Significance("Kolmogorov-Smirnov", float(distance[at]), p_value)
    return Separation(
        float(distance[at]), float(threshold[at]), outcome.size, int(outcome.sum()), test
    )
