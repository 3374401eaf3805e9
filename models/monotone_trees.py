"""Monotone directions for losses whose leaves scikit-learn sets after growing a tree.

For ``absolute_error`` and ``quantile`` the value of a leaf is replaced by a quantile of
its residuals once the tree has grown; the bounds that ``monotonic_cst`` had put on it
are forgotten, without a warning.  Here each tree is put right: where a split on a
feature with a direction has leaves on its low side above leaves on its high side, both
are clipped to a value between them.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

Nodes = NDArray[Any]


def put_right(
    estimator: HistGradientBoostingRegressor, direction: list[int]
) -> HistGradientBoostingRegressor:
    """Make every tree of a fitted estimator monotone, in place.

    Parameters
    ----------
    estimator : HistGradientBoostingRegressor
        Fitted, one target.
    direction : list of int
        Direction of every feature fitted: 1, -1 or 0.

    Returns
    -------
    HistGradientBoostingRegressor
        The same; trees that were monotone keep their leaves to the last bit.
    """
    if not any(direction):
        return estimator
    chosen = estimator.is_categorical_
    order = np.arange(len(direction))
    if chosen is not None:  # the trees number categories before numbers
        order = np.concatenate([np.flatnonzero(chosen), np.flatnonzero(~chosen)])
    signs = np.array(direction)[order]
    for stage in estimator._predictors:
        _clip(stage[0].nodes, 0, signs, -np.inf, np.inf)
    return estimator


def recentred(
    estimator: HistGradientBoostingRegressor, x: NDArray[np.float64], y: NDArray[np.float64],
    share: float,
) -> HistGradientBoostingRegressor:  # fmt: skip
    """Shift an estimator, in place, so that its share of training residuals is below 0 again.

    Parameters
    ----------
    estimator : HistGradientBoostingRegressor
        Fitted and put right: clipped leaves have moved its level.
    x : (n, features) float64
        Facts that it was fitted on.
    y : (n,) float64
        Target that it was fitted on.
    share : float
        Quantile that it predicts, in (0, 1).

    Returns
    -------
    HistGradientBoostingRegressor
        The same.
    """
    shift = float(np.quantile(y - estimator.predict(x), share))
    estimator._baseline_prediction = estimator._baseline_prediction + shift
    return estimator


def _clip(nodes: Nodes, at: int, signs: NDArray[Any], low: float, high: float) -> None:
    """Clip the leaves below a node, its own splits first."""
    node = nodes[at]
    if node["is_leaf"]:
        nodes["value"][at] = min(max(float(node["value"]), low), high)
        return
    left, right = int(node["left"]), int(node["right"])
    sign = int(signs[node["feature_idx"]])
    below, above = (left, right) if sign >= 0 else (right, left)
    ends = {below: (low, high), above: (low, high)}
    if sign:
        less, more = (np.clip(_leaves(nodes, one), low, high) for one in (below, above))
        if less.max() > more.min():
            weights = _counts(nodes, below, above)
            middle = float(np.average(np.concatenate([less, more]), weights=weights))
            ends = {below: (low, min(high, middle)), above: (max(low, middle), high)}
    for one, (least, most) in ends.items():
        _clip(nodes, one, signs, least, most)


def _under(nodes: Nodes, at: int) -> list[int]:
    """Leaves below a node, from left to right."""
    node = nodes[at]
    if node["is_leaf"]:
        return [at]
    return [*_under(nodes, int(node["left"])), *_under(nodes, int(node["right"]))]


def _leaves(nodes: Nodes, at: int) -> NDArray[np.float64]:
    """Values of the leaves below a node."""
    return np.asarray(nodes["value"][_under(nodes, at)], dtype=np.float64)


def _counts(nodes: Nodes, *tops: int) -> NDArray[np.float64]:
    """Training rows in the leaves below some nodes."""
    return np.concatenate([nodes["count"][_under(nodes, top)] for top in tops]).astype(float)
