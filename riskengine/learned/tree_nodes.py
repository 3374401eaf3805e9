"""Trees of a release, checked once when it is loaded: kernels trust them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.errors import ModelError
from riskengine.words import Text

MOST_CODES = 255
"""Codes of one feature that a model may know."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Trees:
    """Nodes of all trees, checked.

    Parameters
    ----------
    features : int
        Features that the model looks at.
    roots : (trees,) int64
        First node of each tree.
    feature, left, right : (nodes,) int64
        Feature tested and children; feature -1 is a leaf.
    threshold, leaf : (nodes,) float64
        Rows with x <= threshold go left; value of a leaf.
    missing_left : (nodes,) bool
        Whether missing values, and categories that are not known, go left.
    baseline : float
        Start of the sum.
    cover : (nodes,) float64 or None
        Training rows that came by, > 0.
    category_row : (nodes,) int64
        -1, or the row of `category_left`.
    category_left, category_known : (rows, codes) and (features, codes) bool
        Codes that go left at a split; codes that the model knows.
    """

    features: int
    roots: Ints
    feature: Ints
    threshold: Floats
    missing_left: Bools
    left: Ints
    right: Ints
    leaf: Floats
    baseline: float
    cover: Floats | None
    category_row: Ints
    category_left: Bools
    category_known: Bools


def checked(arrays: Mapping[str, NDArray[Any]], features: int | None) -> Trees:
    """Take the trees out of a release and see that they are trees.

    Parameters
    ----------
    arrays : mapping of str to array
        ``roots feature threshold missing_left left right leaf baseline``, and where
        there are any ``cover category_row category_left category_known``.
    features : int or None
        Features of the model; None: as many as `category_known` has, or without it as nodes use.

    Returns
    -------
    Trees
        The trees.

    Raises
    ------
    ModelError
        If an array is missing, a node points outside its tree or is reached twice, or
        a threshold, value or cover is no number.
    """
    try:
        feature = np.asarray(arrays["feature"], dtype=np.int64)
        known = np.asarray(arrays.get("category_known", np.zeros((0, 0))), dtype=np.bool_)
        count = features or known.shape[0] or int(feature.max(initial=-1)) + 1
        none = np.zeros((count, 0), dtype=np.bool_)
        trees = Trees(
            count, np.asarray(arrays["roots"], dtype=np.int64), feature,
            np.asarray(arrays["threshold"], dtype=np.float64),
            np.asarray(arrays["missing_left"], dtype=np.bool_),
            np.asarray(arrays["left"], dtype=np.int64),
            np.asarray(arrays["right"], dtype=np.int64),
            np.asarray(arrays["leaf"], dtype=np.float64),
            float(np.asarray(arrays["baseline"]).reshape(-1)[0]),
            np.asarray(arrays["cover"], dtype=np.float64) if "cover" in arrays else None,
            np.asarray(arrays.get("category_row", np.full(feature.size, -1)), dtype=np.int64),
            np.asarray(arrays.get("category_left", np.zeros((0, 0))), dtype=np.bool_),
            known if known.size else none,
        )  # fmt: skip
        sound = _is_forest(trees) and _has_numbers(trees) and _has_codes(trees)
    except (KeyError, ValueError, TypeError, IndexError) as fault:
        raise refused(str(fault)) from fault
    if not sound:
        raise refused("nodes, numbers or codes do not fit together")
    return trees


def _is_forest(trees: Trees) -> bool:
    """Whether every node but the roots has one parent, before it and in the same tree."""
    nodes, size = np.arange(trees.feature.size), trees.feature.size
    columns = (
        trees.threshold, trees.missing_left, trees.left, trees.right, trees.leaf,
        trees.category_row,
    )  # fmt: skip
    if any(column.shape != (size,) for column in columns) or trees.roots.size == 0:
        return False
    inner = trees.feature >= 0
    children = np.concatenate([trees.left[inner], trees.right[inner]])
    if trees.roots[0] != 0 or (np.diff(trees.roots) <= 0).any() or trees.roots[-1] >= size:
        return False
    if (children < 0).any() or (children >= size).any() or (trees.feature >= trees.features).any():
        return False
    tree = np.searchsorted(trees.roots, nodes, side="right")
    parents = np.tile(nodes[inner], 2)
    once = np.bincount(children, minlength=size) + np.bincount(trees.roots, minlength=size)
    return bool(
        (once == 1).all() and (children > parents).all()
        and (tree[children] == tree[parents]).all()
    )  # fmt: skip


def _has_numbers(trees: Trees) -> bool:
    inner = trees.feature >= 0
    split = trees.threshold[inner & (trees.category_row < 0)]
    cover = trees.cover
    return bool(
        np.isfinite(trees.leaf[~inner]).all() and np.isfinite(trees.baseline)
        and not np.isnan(split).any() and not np.isneginf(split).any()
        and (cover is None or (cover.shape == inner.shape and (cover > 0.0).all()
                               and np.isfinite(cover).all()))
    )  # fmt: skip


def _has_codes(trees: Trees) -> bool:
    rows, known = trees.category_row, trees.category_known
    by_code = (trees.feature >= 0) & (rows >= 0)
    coded = np.unique(trees.feature[by_code])
    return bool(
        known.ndim == 2 and known.shape[0] == trees.features
        and (rows < trees.category_left.shape[0]).all()
        and (not by_code.any() or trees.category_left.shape[1] == known.shape[1])
        and (known.sum(axis=1, initial=0) <= MOST_CODES).all()
        and not np.isin(trees.feature[(trees.feature >= 0) & ~by_code], coded).any()
    )  # fmt: skip


def refused(why: str) -> ModelError:
    """Return the error for arrays that are no sound trees.

    Parameters
    ----------
    why : str
        What is wrong.

    Returns
    -------
    ModelError
        To be raised.
    """
    return ModelError(
        Text(f"树模型的数组不完整或不一致（{why}）", f"the arrays are no sound trees ({why})"),
        Text("请重新训练并发布模型", "train and release the model again"),
    )
