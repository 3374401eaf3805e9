"""Boosted trees of the mean and of the quantiles of the loss given default.

The trees are scikit-learn's; their nodes are laid into flat arrays that kernels score to
the same last bit, categories included.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

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
    return estimator.fit(x.T, y, sample_weight=weight)


def tree_arrays(
    estimator: HistGradientBoostingRegressor, features: Sequence[Feature]
) -> dict[str, NDArray[Any]]:
    """Lay the nodes of all trees into flat arrays, categories by the places of their codes.

    Parameters
    ----------
    estimator : HistGradientBoostingRegressor
        Fitted by `fit_boosting`.
    features : sequence of Feature
        What it looks at.

    Returns
    -------
    dict of str to array
        As `riskengine.learned.recovery` reads them.
    """
    order, known = _inner_order(estimator, features)
    stages = [stage[0] for stage in estimator._predictors]
    tables = [stage.nodes for stage in stages]
    roots = np.cumsum([0, *(len(nodes) for nodes in tables)])[:-1]
    nodes = np.concatenate(tables)
    shift = np.repeat(roots, [len(table) for table in tables])
    is_leaf = nodes["is_leaf"].astype(bool)
    is_set = nodes["is_categorical"].astype(bool) & ~is_leaf
    place = order[np.where(is_leaf, 0, nodes["feature_idx"])]
    sets_before = np.cumsum([0, *(len(stage.raw_left_cat_bitsets) for stage in stages)])[:-1]
    bit_rows = np.concatenate([stage.raw_left_cat_bitsets for stage in stages])
    wanted = nodes["bitset_idx"] + np.repeat(sets_before, [len(table) for table in tables])
    row = np.where(is_set, np.cumsum(is_set) - 1, -1)
    left = np.zeros((int(is_set.sum()), known.shape[1]), dtype=bool)
    for node in np.flatnonzero(is_set):
        codes = np.flatnonzero(known[place[node]])
        inner = np.arange(codes.size)
        bits = bit_rows[wanted[node]][inner // 32] >> (inner % 32).astype(np.uint32)
        left[row[node], codes] = (bits & 1).astype(bool)
    return {
        "roots": roots.astype(np.int64),
        "feature": np.where(is_leaf, -1, place).astype(np.int64),
        "threshold": nodes["num_threshold"].astype(np.float64),
        "missing_left": nodes["missing_go_to_left"].astype(bool),
        "left": (nodes["left"] + shift).astype(np.int64),
        "right": (nodes["right"] + shift).astype(np.int64),
        "leaf": nodes["value"].astype(np.float64),
        "baseline": np.asarray(estimator._baseline_prediction, dtype=np.float64).reshape(-1),
        "category_row": row.astype(np.int64),
        "category_left": left,
        "category_known": known,
    }


def _inner_order(
    estimator: HistGradientBoostingRegressor, features: Sequence[Feature]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Features in the estimator's own order, and the codes that it has seen.

    Scikit-learn puts categories first and numbers the codes that it saw by size.
    """
    widest = max((len(feature.codes) for feature in features), default=0)
    known = np.zeros((len(features), max(widest, 1)), dtype=bool)
    sets = [k for k, feature in enumerate(features) if feature.kind == "category"]
    numbers = [k for k, feature in enumerate(features) if feature.kind != "category"]
    if sets:
        encoder = estimator._preprocessor.named_transformers_["encoder"]
        for k, seen in zip(sets, encoder.categories_, strict=True):
            codes = np.asarray(seen, dtype=float)
            known[k, codes[~np.isnan(codes)].astype(int)] = True
    return np.array([*sets, *numbers], dtype=np.int64), known
