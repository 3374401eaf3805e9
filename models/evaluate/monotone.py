"""Does the score move as declared, and do its reasons stay.

A declared direction is a promise to the borrower: nobody is refused for being better.
It is checked on whole curves of real rows, not on an average curve, which can rise
while single rows fall.

Source: Molnar (2022), chapter 9.1 (individual conditional expectation curves).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.evaluate.checks import Array, Interval, fault, normal_quantile
from riskengine.learned.features import Feature

Score = Callable[[Array], Array]
"""Scores (features, m) rows, rising with what is predicted."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A step of a curve against the declared direction.

    Parameters
    ----------
    row : int
        Row of the matrix.
    low, high : float
        Values of the feature before and after the step [its unit].
    amount : float
        How far the score went the wrong way [unit of the score], > 0.
    """

    row: int
    low: float
    high: float
    amount: float


@dataclass(frozen=True, slots=True)
class MonotoneCheck:
    """Curves of a feature against its direction.

    Parameters
    ----------
    feature : str
        Name.
    direction : int
        1 or -1.
    curves, steps : int
        Rows whose curve was walked, and steps in all.
    violations : tuple of Violation
        Every step the wrong way.
    grid : (k,) float64
        Values walked [unit of the feature].
    mean : (k,) float64
        Mean score at each [unit of the score].
    """

    feature: str
    direction: int
    curves: int
    steps: int
    violations: tuple[Violation, ...]
    grid: Array
    mean: Array


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well two lists of main reasons of the same clients agree.

    Parameters
    ----------
    n, k : int
        Clients with a reason, reasons each.
    same_first : float
        Share whose first reason is the same [1].
    overlap : float
        Mean share of reasons in common [1]: common over all named (Jaccard).
    interval : Interval
        Of the overlap.
    """

    n: int
    k: int
    same_first: float
    overlap: float
    interval: Interval


def monotone_check(
    score: Score,
    x: NDArray[np.float64],
    features: Sequence[Feature],
    grid: int = 21,
    rows: int = 200,
    tolerance: float = 0.0,
    seed: int = 0,
) -> tuple[MonotoneCheck, ...]:
    """Walk the score along every feature that has a direction.

    Parameters
    ----------
    score : callable
        Takes (features, m) float64, returns (m,) float64.
    x : (features, n) float64
        Feature matrix; NaN is missing.
    features : sequence of Feature
        Features in the order of the rows of x.
    grid : int
        Values at most, from least to largest by quantiles, >= 2.
    rows : int
        Rows at most, drawn by the seed.
    tolerance : float
        Steps the wrong way up to this are let pass [unit of the score]; 0 for
        trees and scorecards, whose sums are monotone to the last bit.
    seed : int
        Seed of the draw.

    Returns
    -------
    tuple of MonotoneCheck
        One for each feature with a direction and two known values.

    Raises
    ------
    ModelError
        If the matrix does not fit the features.
    """
    if x.ndim != 2 or x.shape[0] != len(features) or x.shape[1] == 0 or grid < 2:
        raise fault(
            f"特征矩阵 {x.shape} 与 {len(features)} 个特征不符",
            f"a matrix {x.shape} does not fit {len(features)} features",
            "一行一个特征，至少一列，网格至少两点",
            "one row a feature, one column or more, grid >= 2",
        )  # fmt: skip
    chosen = np.random.default_rng(seed).permutation(x.shape[1])[:rows]
    chosen.sort()
    checks = []
    for k, feature in enumerate(features):
        known = x[k][~np.isnan(x[k])]
        levels = np.linspace(0.0, 1.0, grid)
        values = np.unique(np.quantile(known, levels, method="nearest")) if known.size else known
        if feature.direction != 0 and values.size > 1:
            checks.append(_walked(score, x, k, feature, values, chosen, tolerance))
    return tuple(checks)


def _walked(
    score: Score, x: Array, k: int, feature: Feature, values: Array, chosen: NDArray[np.int64],
    tolerance: float,
) -> MonotoneCheck:  # fmt: skip
    """Curves of one feature."""
    moved = np.repeat(x[:, chosen], values.size, axis=1)
    moved[k] = np.tile(values, chosen.size)
    curves = np.asarray(score(moved), dtype=np.float64).reshape(chosen.size, values.size)
    wrong = -feature.direction * np.diff(curves, axis=1)
    violations = tuple(
        Violation(int(chosen[i]), float(values[j]), float(values[j + 1]), float(wrong[i, j]))
        for i, j in np.argwhere(wrong > tolerance)
    )
    return MonotoneCheck(
        feature.name, feature.direction, chosen.size, wrong.size, violations, values,
        curves.mean(axis=0),
    )  # fmt: skip


def top_reasons(contributions: NDArray[np.float64], k: int = 3) -> NDArray[np.int64]:
    """Features that raise the risk most, largest first.

    Parameters
    ----------
    contributions : (features, n) float64
        What each feature adds to the log odds of bad.
    k : int
        Reasons, >= 1.

    Returns
    -------
    (k, n) int64
        Numbers of features; -1 where fewer raise the risk.  Equal contributions
        stand in the order of the features.
    """
    order = np.argsort(-contributions, axis=0, kind="stable")[:k]
    adds = np.take_along_axis(contributions, order, axis=0)
    found = np.full((k, contributions.shape[1]), -1, dtype=np.int64)
    found[: order.shape[0]] = np.where(adds > 0.0, order, -1)
    return found


def reason_agreement(
    first: NDArray[np.int64], second: NDArray[np.int64], confidence: float = 0.95
) -> Agreement:
    """Agreement of the main reasons of two models, or of a client and its neighbour.

    Parameters
    ----------
    first, second : (k, n) int64
        As `top_reasons`.
    confidence : float
        Confidence of the interval, in (0, 1).

    Returns
    -------
    Agreement
        Over clients with a reason in either; NaN without any.

    Raises
    ------
    ModelError
        If the shapes differ.
    """
    if first.shape != second.shape or first.ndim != 2:
        raise fault(
            f"两份理由形状不同：{first.shape}、{second.shape}",
            f"the reasons differ in shape: {first.shape}, {second.shape}",
            "请按同一批客户、同样条数传入", "hand in as many reasons of the same clients",
        )  # fmt: skip
    named = np.any(first >= 0, axis=0) | np.any(second >= 0, axis=0)
    one, two = first[:, named], second[:, named]
    n = one.shape[1]
    common = np.sum((one[:, None, :] == two[None, :, :]) & (one >= 0)[:, None, :], axis=(0, 1))
    union = np.sum(one >= 0, axis=0) + np.sum(two >= 0, axis=0) - common
    shares = common / union
    if n == 0:
        return Agreement(0, first.shape[0], math.nan, math.nan, Interval(
            math.nan, math.nan, confidence, "normal"))  # fmt: skip
    half = normal_quantile(confidence) * float(shares.std()) / math.sqrt(max(n - 1, 1))
    mean = float(shares.mean())
    ends = Interval(max(mean - half, 0.0), min(mean + half, 1.0), confidence, "normal")
    return Agreement(n, first.shape[0], float(np.mean(one[0] == two[0])), mean, ends)


def reason_counts(reasons: NDArray[np.int64], features: int) -> NDArray[np.int64]:
    """How often each feature is named, the counts that `stability.psi` compares.

    Parameters
    ----------
    reasons : (k, n) int64
        As `top_reasons`; hand in the first row alone for the first reasons.
    features : int
        Features.

    Returns
    -------
    (features + 1,) int64
        Times named; last the places without a reason.
    """
    flat = np.where(reasons < 0, features, reasons).ravel()
    return np.bincount(flat, minlength=features + 1)
