"""Boosted trees of the mean and of the quantiles of the loss given default."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from models.monotone_trees import put_right
from riskengine.learned.features import Feature


@dataclass(frozen=True)
class Boosting:
    """Settings of the trees.

    Parameters
    ----------
    iterations, leaves, leaf_rows : int
        Trees, leaves of each, and rows that a leaf must hold.
    learning_rate : float
        Share of each step that is taken, in (0, 1].
    l2 : float
        Ridge on leaf values, >= 0.
    """

    iterations: int = 150
    leaves: int = 8
    leaf_rows: int = 40
    learning_rate: float = 0.03
    l2: float = 5.0


def fit_boosting(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weight: NDArray[np.float64],
    features: Sequence[Feature],
    settings: Boosting,
    level: float | None = None,
    seed: int = 0,
) -> HistGradientBoostingRegressor:
    """Fit trees of the mean, or of a quantile.

    Parameters
    ----------
    x : (features, n) float64
        Features; NaN is missing.
    y, weight : (n,) float64
        Loss shares and weights.
    features : sequence of Feature
        What the rows of `x` are, with their monotone directions.
    settings : Boosting
        Of the trees.
    level : float or None
        Quantile in (0, 1); None for the mean.
    seed : int
        Random seed.

    Returns
    -------
    HistGradientBoostingRegressor
        Fitted on rows of ``x.T``.
    """
    loss: dict[str, Any] = {"loss": "squared_error"}
    if level is not None:
        loss = {"loss": "quantile", "quantile": level}
    is_category = [feature.kind == "category" for feature in features]
    estimator = HistGradientBoostingRegressor(
        **loss, max_iter=settings.iterations, max_leaf_nodes=settings.leaves,
        min_samples_leaf=settings.leaf_rows, learning_rate=settings.learning_rate,
        l2_regularization=settings.l2, early_stopping=False, random_state=seed,
        monotonic_cst=[feature.direction for feature in features],
        categorical_features=is_category if any(is_category) else None,
    )  # fmt: skip
    # One thread: sums of gradients depend on how rows are shared out, released arrays must not.
    with threadpool_limits(1, user_api="openmp"):
        estimator.fit(x.T, y, sample_weight=weight)
    if level is None:
        return estimator
    return put_right(estimator, [feature.direction for feature in features])
