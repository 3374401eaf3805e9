"""Histograms that are frozen with a model, against which `riskengine.drift` counts.

`reference` is called once, on the training rows; its arrays go into the release.
Feature matrices are (features, n), NaN missing,
a category its position in the feature's codes.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.checks import Floats
from riskengine.drift.features import counted, shaped
from riskengine.learned.features import Feature


def frozen_edges(values: Floats, max_bins: int) -> Floats:
    """Edges of bins of about equal count, a heavy value in a bin of its own.

    Parameters
    ----------
    values : (n,) float64
        Known values of a feature [any unit].
    max_bins : int
        Most bins, >= 2.

    Returns
    -------
    (k,) float64
        Rising edges, k < max_bins; none where there is one value or no value.  With
        few distinct values each has its own bin, split half way to the next.

    Examples
    --------
    >>> frozen_edges(np.array([0.0, 0.0, 1.0, 2.0]), 10).tolist()
    [0.5, 1.5]
    """
    ranked = np.sort(values[np.isfinite(values)])
    if ranked.size == 0:
        return np.empty(0)
    distinct = ranked[np.concatenate(([True], np.diff(ranked) > 0.0))]
    if distinct.size <= max_bins:
        half = distinct[:-1] + 0.5 * np.diff(distinct)
        return np.maximum(half, np.nextafter(distinct[:-1], np.inf))
    levels = np.arange(1, max_bins) * ranked.size // max_bins
    cut, times = np.unique(ranked[levels], return_counts=True)
    after = np.searchsorted(ranked, cut[times > 1], "right")
    beyond = ranked[after[after < ranked.size]]
    edges = np.union1d(cut, beyond)
    return np.asarray(edges[edges > ranked[0]])


def reference(
    x: NDArray[Any], features: Sequence[Feature], max_bins: int = 15
) -> dict[str, NDArray[Any]]:
    """Histograms of the training rows, as arrays of a release.

    Parameters
    ----------
    x : (features, n) float64
        Feature matrix of the training rows.
    features : sequence of Feature
        Features in the order of the rows of x.
    max_bins : int
        Most bins of a number, >= 2; a category has one for each code.

    Returns
    -------
    dict of str to array
        ``histogram_edges`` (edges of all,) float64, ``histogram_edge_starts``
        (features + 1,) int64, ``histogram_counts`` (bins of all,) int64 with the last
        bin of each feature that of missing values, ``histogram_starts``
        (features + 1,) int64.

    Raises
    ------
    ModelError
        If there are no rows or the features are not those of x.
    """
    shaped(x, len(features), max_bins)
    edges = [
        np.arange(len(feature.codes) - 1) + 0.5
        if feature.kind == "category"
        else frozen_edges(np.asarray(row, dtype=np.float64), max_bins)
        for feature, row in zip(features, x, strict=True)
    ]
    edge_starts = np.concatenate(([0], np.cumsum([part.size for part in edges])))
    arrays = {
        "histogram_edges": np.concatenate([np.empty(0), *edges]),
        "histogram_edge_starts": edge_starts.astype(np.int64),
        "histogram_starts": (edge_starts + 2 * np.arange(edge_starts.size)).astype(np.int64),
    }
    arrays["histogram_counts"] = counted(arrays, x)
    return arrays


def score_reference(score: NDArray[Any], max_bins: int = 15) -> dict[str, NDArray[Any]]:
    """Histogram of a score on the training rows, for `riskengine.drift` with score[None].

    Parameters
    ----------
    score : (n,) float64
        Scores [any unit].
    max_bins : int
        Most bins, >= 2.

    Returns
    -------
    dict of str to array
        As `reference`, for one feature.
    """
    return reference(np.asarray(score, dtype=np.float64)[None], [Feature("score")], max_bins)
