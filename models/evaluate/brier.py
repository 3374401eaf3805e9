"""Accuracy of probabilities: Brier score taken apart, expected calibration error.

Source: Murphy (1973), J. Appl. Meteorology 12, 595-600 (exact only for groups of
one forecast); Stephenson, Coelho and Jolliffe (2008), Weather and Forecasting 23,
752-757 (the two terms that wider groups need).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.evaluate.checks import (
    Array,
    Interval,
    fault,
    normal_quantile,
    outcomes,
    probabilities,
    same_length,
    weights,
)


@dataclass(frozen=True, slots=True)
class Brier:
    """Brier score and its parts.

    score = reliability - resolution + uncertainty + within_variance - within_covariance.

    Parameters
    ----------
    score : float
        Weighted mean of (p - y)^2, in [0, 1].
    reliability, resolution, uncertainty : float
        Distance of forecasts from rates, spread of rates, variance of outcomes [1].
    within_variance, within_covariance : float
        Spread of p inside groups and twice its covariance with y [1]; both 0 when
        grouped by identical p.
    skill : float
        1 - score / uncertainty; NaN when the outcomes do not vary.
    interval : Interval
        Of the score.
    groups, n : int
        Groups used, loans.
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float
    within_variance: float
    within_covariance: float
    skill: float
    interval: Interval
    groups: int
    n: int


@dataclass(frozen=True, slots=True)
class CalibrationError:
    """Expected calibration error over groups fixed by the forecasts.

    Parameters
    ----------
    error : float
        Weighted mean of |rate - mean p| over the groups, in [0, 1].
    under_null : float
        What a perfectly calibrated model would show with these p and this n: the
        error is never 0, and an error near this figure is no fault.
    p_value : float
        Share of calibrated samples with at least this error, in (0, 1].
    interval : Interval
        Bootstrap percentile interval; it does not reach 0 even for a perfect model.
    scheme : str
        How the groups were made.
    groups, n, resamples, seed : int
        Groups after ties, loans, resamples, seed.
    """

    error: float
    under_null: float
    p_value: float
    interval: Interval
    scheme: str
    groups: int
    n: int
    resamples: int
    seed: int


def equal_count_groups(p: ArrayLike, groups: int) -> NDArray[np.int64]:
    """Groups of about equal count, ties kept together.

    Group k holds p in (q_k, q_k+1], q the quantiles by the averaged inverted
    distribution function: the same on every machine, and never splitting a tie.

    Parameters
    ----------
    p : (n,) array-like
        Forecasts [1].
    groups : int
        Groups wanted, >= 1.

    Returns
    -------
    (n,) int64
        Group of each row from 0 on; fewer groups than wanted where ties join some.

    Raises
    ------
    ModelError
        If fewer than one group is asked for.

    Examples
    --------
    >>> equal_count_groups([0.1, 0.2, 0.2, 0.4], 2)
    array([0, 0, 0, 1])
    """
    if groups < 1:
        raise fault("分组数须至少为 1", "groups must be at least 1", "常用 10 组", "10 is usual")
    values = np.asarray(p, dtype=np.float64)
    levels = np.arange(1, groups) / groups
    edges = np.unique(np.quantile(values, levels, method="averaged_inverted_cdf"))
    placed = np.searchsorted(edges, values, "left")
    return np.unique(placed, return_inverse=True)[1].astype(np.int64)


def brier(
    y: ArrayLike,
    p: ArrayLike,
    weight: ArrayLike | None = None,
    groups: int | None = None,
    confidence: float = 0.95,
) -> Brier:
    """Brier score with its decomposition, which sums exactly.

    Parameters
    ----------
    y, p : (n,) array-like
        Outcomes (1 bad) and probabilities of bad [1].
    weight : (n,) array-like, optional
        Sampling weights [1], > 0.
    groups : int, optional
        Groups of equal count; left out, groups of identical p (a scorecard or a
        rating scale has few), where reliability needs no further terms.
    confidence : float
        Confidence of the interval, in (0, 1).

    Returns
    -------
    Brier
        Score and parts.

    Raises
    ------
    ModelError
        For outcomes, probabilities or weights that are none, or unequal lengths.

    Examples
    --------
    >>> round(brier([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3]).score, 4)
    0.0375
    """
    outcome, forecast = outcomes(y, both=False), probabilities(p)
    same_length(y=outcome, p=forecast)
    mass = weights(weight, outcome.size)
    mass = mass / mass.sum()
    if groups is None:
        label = np.unique(forecast, return_inverse=True)[1]
    else:
        label = equal_count_groups(forecast, groups)
    share = np.bincount(label, mass)
    mean = np.bincount(label, mass * forecast) / share
    rate = np.bincount(label, mass * outcome) / share
    base = float(np.sum(mass * outcome))
    off = forecast - mean[label]
    if groups is None:
        off = np.zeros_like(off)
    loss = (forecast - outcome) ** 2
    score = float(np.sum(mass * loss))
    uncertainty = base * (1.0 - base)
    error = np.sqrt(np.sum((mass * (loss - score)) ** 2) * outcome.size / max(outcome.size - 1, 1))
    half = normal_quantile(confidence) * float(error)
    return Brier(
        score,
        float(np.sum(share * (mean - rate) ** 2)),
        float(np.sum(share * (rate - base) ** 2)),
        uncertainty,
        float(np.sum(mass * off**2)),
        float(2.0 * np.sum(mass * off * (outcome - rate[label]))),
        1.0 - score / uncertainty if uncertainty > 0.0 else float("nan"),
        Interval(max(score - half, 0.0), min(score + half, 1.0), confidence, "normal"),
        share.size, outcome.size,
    )  # fmt: skip


def calibration_error(
    y: ArrayLike,
    p: ArrayLike,
    weight: ArrayLike | None = None,
    groups: int = 10,
    resamples: int = 500,
    seed: int = 0,
    confidence: float = 0.95,
) -> CalibrationError:
    """Expected calibration error over groups of equal count, with what chance gives.

    Parameters
    ----------
    y, p, weight : (n,) array-like
        As `brier`.
    groups : int
        Groups of equal count wanted.
    resamples : int
        Bootstrap resamples, and simulated outcomes under the null, >= 1.
    seed : int
        Seed of both.
    confidence : float
        Confidence of the interval, in (0, 1).

    Returns
    -------
    CalibrationError
        The error, its interval, its expectation under perfect calibration, and the
        p-value (1 + simulated errors as large) / (1 + simulations), which is exact.

    Raises
    ------
    ModelError
        As `brier`.
    """
    outcome, forecast = outcomes(y, both=False), probabilities(p)
    same_length(y=outcome, p=forecast)
    mass = weights(weight, outcome.size)
    label = equal_count_groups(forecast, groups)
    error = _gap(mass * (outcome - forecast), label, mass.sum())
    rng = np.random.default_rng(seed)
    drawn, null = np.empty(resamples), np.empty(resamples)
    for k in range(resamples):
        times = np.bincount(rng.integers(0, outcome.size, outcome.size), minlength=outcome.size)
        heavy = mass * times
        drawn[k] = _gap(heavy * (outcome - forecast), label, heavy.sum())
        invented = rng.random(outcome.size) < forecast
        null[k] = _gap(mass * (invented - forecast), label, mass.sum())
    tail = 0.5 * (1.0 - confidence)
    low, high = np.quantile(drawn, [tail, 1.0 - tail])
    as_large = np.count_nonzero(null >= error * (1.0 - 1e-12))
    return CalibrationError(
        error, float(null.mean()), float((1 + as_large) / (1 + resamples)),
        Interval(float(low), float(high), confidence, "bootstrap percentile"),
        "equal count by forecast, averaged inverted cdf, ties together",
        int(label.max()) + 1, outcome.size, resamples, seed,
    )  # fmt: skip


def _gap(excess: Array, label: NDArray[np.int64], total: float) -> float:
    """Sum over groups of |weighted outcomes minus forecasts|, over the weight of all."""
    return float(np.abs(np.bincount(label, excess)).sum() / total)
