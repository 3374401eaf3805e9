"""Arrays of a release out of fitted gradient-boosted trees of scikit-learn."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from riskengine.errors import ModelError
from riskengine.words import Text

Estimator = HistGradientBoostingClassifier | HistGradientBoostingRegressor


def tree_arrays(estimator: Estimator) -> dict[str, NDArray[Any]]:
    """Lay the nodes of all trees into flat arrays, as `riskengine.learned.trees` reads them.

    Parameters
    ----------
    estimator : HistGradientBoostingClassifier or HistGradientBoostingRegressor
        Fitted on an array of features, categories as their places 0, 1, 2...; two
        classes at most.

    Returns
    -------
    dict of str to array
        ``roots`` (trees,), nodes ``feature threshold missing_left left right leaf cover
        category_row`` (nodes,), ``category_left`` (rows, codes) bool, ``category_known``
        (features, codes) bool, ``baseline`` (1,).  Features are in the order of the
        columns fitted.  ``cover`` counts training rows, each as one whatever its weight.

    Raises
    ------
    ModelError
        If there are more than two classes, or a category is no whole number >= 0.

    Notes
    -----
    scikit-learn puts categories before numbers and replaces each code by its rank
    among the codes seen; both are undone here.  A code that its bins do not know goes
    the way of a missing value, as it does there.
    """
    if estimator.n_trees_per_iteration_ != 1:
        raise ModelError(
            Text("只支持二分类或单一目标", "only two classes or one target can be released"),
            Text("请改用二分类目标", "train on a target of two classes"),
        )
    stages = [stage[0] for stage in estimator._predictors]
    tables = [stage.nodes for stage in stages]
    sizes = [len(table) for table in tables]
    roots = np.cumsum([0, *sizes])[:-1]
    nodes, shift = np.concatenate(tables), np.repeat(roots, sizes)
    inner = ~nodes["is_leaf"].astype(bool)
    order, codes = _columns(estimator)
    by_code = inner & nodes["is_categorical"].astype(bool)
    bits = np.concatenate([stage.raw_left_cat_bitsets for stage in stages])
    rows = np.repeat(np.cumsum([0, *(len(s.raw_left_cat_bitsets) for s in stages)])[:-1], sizes)
    row = np.where(by_code, nodes["bitset_idx"].astype(np.int64) + rows, -1)
    feature = np.where(inner, order[nodes["feature_idx"] * inner], -1)
    known, left = _categories(estimator, codes, bits, feature[by_code], row[by_code])
    return {
        "roots": roots.astype(np.int64),
        "feature": feature.astype(np.int64),
        "threshold": np.where(by_code, 0.0, nodes["num_threshold"]).astype(np.float64),
        "missing_left": nodes["missing_go_to_left"].astype(bool),
        "left": np.where(inner, nodes["left"] + shift, 0).astype(np.int64),
        "right": np.where(inner, nodes["right"] + shift, 0).astype(np.int64),
        "leaf": nodes["value"].astype(np.float64),
        "cover": nodes["count"].astype(np.float64),
        "category_row": row.astype(np.int64),
        "category_left": left,
        "category_known": known,
        "baseline": np.asarray(estimator._baseline_prediction, dtype=np.float64).reshape(-1),
    }


def _columns(estimator: Estimator) -> tuple[NDArray[np.int64], dict[int, NDArray[np.int64]]]:
    """Column fitted of each feature that the trees see, and the codes of categories."""
    chosen = estimator.is_categorical_
    if chosen is None:
        return np.arange(estimator.n_features_in_), {}
    first, rest = np.flatnonzero(chosen), np.flatnonzero(~chosen)
    found = estimator._preprocessor.named_transformers_["encoder"].categories_
    codes = {}
    for column, seen in zip(first.tolist(), found, strict=True):
        real = np.asarray(seen, dtype=np.float64)
        whole = real[~np.isnan(real)]
        if (whole < 0.0).any() or (whole != np.floor(whole)).any():
            raise ModelError(
                Text(f"第 {column} 列的类别不是非负整数",
                     f"column {column} holds a category that is no whole number >= 0"),
                Text("请先按配置编码类别", "turn categories into their places first"),
            )  # fmt: skip
        codes[column] = whole.astype(np.int64)
    return np.concatenate([first, rest]), codes


def _categories(
    estimator: Estimator,
    codes: dict[int, NDArray[np.int64]],
    bits: NDArray[np.uint32],
    feature: NDArray[np.int64],
    row: NDArray[np.int64],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Codes that each feature knows, and codes that go left at each split."""
    width = 1 + max((int(own.max(initial=-1)) for own in codes.values()), default=-1)
    known = np.zeros((estimator.n_features_in_, width), dtype=np.bool_)
    left = np.zeros((len(bits), width), dtype=np.bool_)
    thresholds = estimator._bin_mapper.bin_thresholds_
    for place, (column, own) in enumerate(codes.items()):
        known[column, own[thresholds[place].astype(np.int64)]] = True
    sides = np.unpackbits(bits.astype("<u4").view(np.uint8), axis=1, bitorder="little")
    for column, at in zip(feature.tolist(), row.tolist(), strict=True):
        own = codes[column]
        left[at, own] = sides[at, : own.size].astype(bool)
    return known, left
