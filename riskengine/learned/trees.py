"""Scores of boosted trees and what each feature contributes, from released arrays.

Scores equal scikit-learn's raw scores to the last bit.  `prepare` is called once when
a release is loaded; what it returns is never written to and serves any thread.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.errors import ModelError
from riskengine.kernels.tree_blocks import score_blocks
from riskengine.kernels.tree_contributions import contribution_blocks, deep_contributions
from riskengine.kernels.trees import packed_score, packed_scores
from riskengine.learned.tree_groups import Groups, groups_of
from riskengine.learned.tree_nodes import checked
from riskengine.learned.tree_tables import (
    Bins,
    Blocks,
    bins_of,
    blocks_of,
    packed_of,
    right_sets,
)
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class PreparedTrees:
    """Trees laid out for the kernels.

    Parameters
    ----------
    features : int
        Rows that a matrix of features must have.
    baseline : float
        Score before the first tree.
    numbers, words : arrays
        For one row, see `kernels.trees.packed_score`.
    bins : Bins
        How features become bins.
    blocks : Blocks or None
        For many rows; None for trees of more than 256 leaves, which are walked.
    groups : Groups or None
        For contributions; None when the release does not say how many training rows
        came by each node.
    """

    features: int
    baseline: float
    numbers: NDArray[np.float64]
    words: NDArray[np.int64]
    bins: Bins
    blocks: Blocks | None
    groups: Groups | None


def prepare(arrays: Mapping[str, NDArray[Any]], features: int | None = None) -> PreparedTrees:
    """Lay out the trees of a release.

    Parameters
    ----------
    arrays : mapping of str to array
        ``roots feature threshold missing_left left right leaf baseline``, and where
        there are any ``cover category_row category_left category_known``.
    features : int or None
        Features of the model; None: as many as `category_known` has, or without it as nodes use.

    Returns
    -------
    PreparedTrees
        Ready to score.

    Raises
    ------
    ModelError
        If the arrays are no sound trees.
    """
    trees = checked(arrays, features)
    bins = bins_of(trees)
    rights = right_sets(trees, bins)
    numbers, words = packed_of(trees, bins, rights)
    groups = None if trees.cover is None else groups_of(trees, bins, rights)
    blocks = blocks_of(trees, bins, rights)
    return PreparedTrees(trees.features, trees.baseline, numbers, words, bins, blocks, groups)


def raw_score_one(prepared: PreparedTrees, x: NDArray[np.float64]) -> float:
    """Raw score of one row, in microseconds.

    Parameters
    ----------
    prepared : PreparedTrees
        The trees.
    x : (features,) float64
        Features, contiguous; NaN is missing.  Its length is not checked.

    Returns
    -------
    float
        Raw score: log odds of bad, or the target's own unit.
    """
    return packed_score(x, prepared.numbers, prepared.words)  # type: ignore[no-any-return]


def raw_scores(prepared: PreparedTrees, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Raw scores of many rows.

    Parameters
    ----------
    prepared : PreparedTrees
        The trees.
    x : (features, n) float64
        Features, C-contiguous; NaN is missing.

    Returns
    -------
    (n,) float64
        Raw scores, each equal to `raw_score_one` to the last bit.

    Raises
    ------
    ModelError
        If the matrix has another number of features.
    """
    x = _fitting(prepared, x)
    out = np.empty(x.shape[1])
    bins, blocks = prepared.bins, prepared.blocks
    if blocks is None:
        packed_scores(x, prepared.numbers, prepared.words, out)
    else:
        score_blocks(
            x, bins.edges, bins.place_starts, bins.places, blocks.trees, blocks.asked,
            blocks.leaf, prepared.baseline, out,
        )  # fmt: skip
    return out


def contributions(
    prepared: PreparedTrees, x: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """What each feature adds to the raw score of each row: exact Shapley values.

    Parameters
    ----------
    prepared : PreparedTrees
        The trees.
    x : (features, n) float64
        Features, C-contiguous; NaN is missing.

    Returns
    -------
    tuple
        The base, which is the mean raw score of the training rows, and (features, n)
        float64 contributions; base and contributions add up to the raw score.

    Raises
    ------
    ModelError
        If the matrix has another number of features, or the release does not say how
        many training rows came by each node.
    """
    groups, bins = prepared.groups, prepared.bins
    if groups is None:
        raise ModelError(
            Text("模型未记录各节点的训练样本数", "the model does not hold the cover of its nodes"),
            Text("请重新训练并发布模型", "train and release the model again"),
        )
    x = _fitting(prepared, x)
    out = np.empty(x.shape)
    contribution_blocks(
        x, bins.edges, bins.place_starts, bins.places, groups.groups, groups.asked,
        groups.members, groups.tables, out,
    )  # fmt: skip
    if groups.values.size > 0:
        deep_contributions(
            x, bins.edges, bins.place_starts, bins.places, groups.leaves, groups.deep_asked,
            groups.deep_members, groups.shares, groups.values, groups.points, groups.weights, out,
        )  # fmt: skip
    return groups.base, out


def _fitting(prepared: PreparedTrees, x: NDArray[np.float64]) -> NDArray[np.float64]:
    if x.ndim != 2 or x.shape[0] != prepared.features:
        wanted, given = prepared.features, x.shape[0] if x.ndim == 2 else 1
        raise ModelError(
            Text(f"模型要 {wanted} 个特征，给了 {given} 个",
                 f"the model looks at {wanted} features, the matrix has {given}"),
            Text("一行一个特征，一列一笔业务", "give a row a feature and a column a case"),
        )  # fmt: skip
    return np.ascontiguousarray(x, dtype=np.float64)
