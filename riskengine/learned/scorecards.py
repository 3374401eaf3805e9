"""Points of a released scorecard, their sum, and what each feature adds or takes.

Arrays of a scorecard: ``is_category`` (features,) bool; ``edges`` with ``edge_starts``
(features + 1,); ``code_bins`` with ``code_starts``; ``points`` with ``point_starts``,
the last bin of each feature for missing values; ``scale`` (2,), factor and offset.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.errors import ModelError
from riskengine.kernels.compiling import plain
from riskengine.kernels.scorecard import add_points, fill_points, log_odds_of_score
from riskengine.words import Text

Arrays = Mapping[str, NDArray[Any]]


def check_scorecard(arrays: Arrays) -> None:
    """See that the arrays of a scorecard fit together; kernels trust them.

    Parameters
    ----------
    arrays : mapping of str to array
        Arrays of a scorecard.

    Raises
    ------
    ModelError
        If an array is missing, edges do not ascend, a bin has no points, or the scale
        is no scale.
    """
    try:
        sound = _fit_together(arrays)
    except (KeyError, IndexError, ValueError, TypeError) as fault:
        raise _refused(str(fault)) from fault
    if not sound:
        raise _refused("bins, points or scale do not fit together")


def _fit_together(arrays: Arrays) -> bool:
    count = arrays["is_category"].size
    starts = [arrays[f"{name}_starts"] for name in ("edge", "code", "point")]
    flats = [arrays[name] for name in ("edges", "code_bins", "points")]
    factor, offset = arrays["scale"]
    sliced = all(
        start.shape == (count + 1,) and start.dtype.kind == "i" and start[0] == 0
        and start[-1] == flat.size and not (np.diff(start) < 0).any()
        for start, flat in zip(starts, flats, strict=True)
    )  # fmt: skip
    finite = bool(np.isfinite([factor, offset, *flats[2]]).all())
    return sliced and finite and factor > 0.0 and all(
        _fits(category, *(flat[s[f] : s[f + 1]] for s, flat in zip(starts, flats, strict=True)))
        for f, category in enumerate(arrays["is_category"])
    )  # fmt: skip


def _fits(category: bool, edges: NDArray[Any], codes: NDArray[Any], points: NDArray[Any]) -> bool:
    """Whether every bin of one feature has points."""
    if category:
        return points.size > 0 and bool(((codes >= 0) & (codes < points.size)).all())
    rising = not np.isnan(edges).any() and not (np.diff(edges) <= 0.0).any()
    return rising and points.size == edges.size + 2


def _refused(why: str) -> ModelError:
    return ModelError(
        Text(f"评分卡的数组不完整或不一致（{why}）", f"the arrays are no sound scorecard ({why})"),
        Text("请重新训练并发布模型", "train and release the model again"),
    )


def scorecard_points(arrays: Arrays, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points of each feature of each row.

    Parameters
    ----------
    arrays : mapping of str to array
        Arrays of a scorecard that `check_scorecard` has passed.
    x : (features, n) float64
        Features; NaN is missing.

    Returns
    -------
    (features, n) float64
        Points; they rise with goodness.

    Raises
    ------
    ModelError
        If the matrix has another number of features.
    """
    wanted, given = arrays["is_category"].size, x.shape[0]
    if given != wanted:
        raise ModelError(
            Text(f"评分卡要 {wanted} 个特征，给了 {given} 个",
                 f"the scorecard looks at {wanted} features, the matrix has {given}"),
            Text("一行一个特征，一列一笔业务", "give a row a feature and a column a case"),
        )  # fmt: skip
    out = np.empty(x.shape)
    fill_points(
        x, arrays["is_category"], arrays["edges"], arrays["edge_starts"], arrays["code_bins"],
        arrays["code_starts"], arrays["points"], arrays["point_starts"], out,
    )  # fmt: skip
    return out


def scorecard_score(arrays: Arrays, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Score of each row.

    Parameters
    ----------
    arrays : mapping of str to array
        Arrays of a scorecard.
    x : (features, n) float64
        Features; NaN is missing.

    Returns
    -------
    (n,) float64
        Sum of the points.

    Raises
    ------
    ModelError
        If the matrix has another number of features.
    """
    points = scorecard_points(arrays, x)
    score = np.empty(points.shape[1])
    add_points(points, score)
    return score


def scorecard_log_odds(arrays: Arrays, score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Raw log odds of bad that scores stand for.

    Parameters
    ----------
    arrays : mapping of str to array
        Arrays of a scorecard.
    score : (n,) float64
        Scores.

    Returns
    -------
    (n,) float64
        ln(bad / good), before calibration.
    """
    factor, offset = arrays["scale"]
    return np.asarray(plain(log_odds_of_score)(score, factor, offset), dtype=np.float64)


def mean_points(
    arrays: Arrays, x: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean points of each feature, which contributions are told against.

    Parameters
    ----------
    arrays : mapping of str to array
        Arrays of a scorecard.
    x : (features, n) float64
        Features of the training rows.
    weight : (n,) float64
        Weights of the rows, > 0.

    Returns
    -------
    (features,) float64
        Mean points.

    Raises
    ------
    ModelError
        If the matrix has another number of features.
    """
    points = scorecard_points(arrays, x)
    return np.asarray((points * weight).sum(axis=1) / weight.sum(), dtype=np.float64)


def scorecard_contributions(
    arrays: Arrays, x: NDArray[np.float64], reference: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """What each feature adds to or takes from the score of each row.

    Points less the reference points: exact Shapley values of a sum, when the reference
    is the mean.

    Parameters
    ----------
    arrays : mapping of str to array
        Arrays of a scorecard.
    x : (features, n) float64
        Features; NaN is missing.
    reference : (features,) float64
        Points of reference, such as `mean_points`.

    Returns
    -------
    tuple
        The base, which is the sum of the reference, and (features, n) float64
        contributions; base and contributions add up to the score.

    Raises
    ------
    ModelError
        If the matrix has another number of features.
    """
    points = scorecard_points(arrays, x)
    return float(np.sum(reference)), points - reference[:, np.newaxis]
