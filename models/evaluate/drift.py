"""Drift of a book against the histograms that were frozen with a model.

`reference` is called once, on the training rows; its arrays go into the release.
`drift` counts today's rows on the same edges: re-binning on today's data would hide
the very shift that is looked for.  Feature matrices are (features, n), NaN missing,
a category its position in the feature's codes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from models.evaluate.backtest import holm_adjusted
from models.evaluate.checks import Array, fault
from models.evaluate.stability import Stability, psi, share_change
from riskengine.kernels.histogram import count_bins
from riskengine.learned.features import Feature


@dataclass(frozen=True, slots=True)
class FeatureDrift:
    """Drift of one feature.

    Parameters
    ----------
    feature : str
        Its name.
    stability : Stability
        Index over all bins, missing values being one of them.
    holm_p : float
        p-value adjusted for the number of features looked at.
    missing_before, missing_now : float
        Shares of missing (or unseen) values [1].
    missing_p : float
        p-value of their difference, adjusted likewise.
    alarm : bool
        Adjusted p-value below the level and excess material.
    missing_alarm : bool
        Adjusted p-value below the level and the share moved by the material share.
    """

    feature: str
    stability: Stability
    holm_p: float
    missing_before: float
    missing_now: float
    missing_p: float
    alarm: bool
    missing_alarm: bool


def frozen_edges(values: Array, max_bins: int) -> Array:
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
    _shaped(x, len(features), max_bins)
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


def _shaped(x: NDArray[Any], wanted: int, max_bins: int = 2) -> None:
    """Refuse a matrix that is not (features, n) of the features at hand."""
    if x.ndim != 2 or x.shape[0] != wanted or x.shape[1] == 0 or max_bins < 2:
        raise fault(
            f"特征矩阵为 {x.shape}，应为（{wanted}, 行数），行数至少 1，箱数至少 2",
            f"the feature matrix is {x.shape}, not ({wanted}, rows) with a row; bins >= 2",
            "请按发布时的特征与顺序传入，一行一个特征",
            "hand in the features of the release in its order, one a row",
        )


def counted(
    arrays: Mapping[str, NDArray[Any]], x: NDArray[Any], threads: int = 1
) -> NDArray[np.int64]:
    """Counts of a feature matrix on frozen edges.

    Parameters
    ----------
    arrays : mapping of str to array
        Edges and starts, as `reference` makes them.
    x : (features, n) float64
        Feature matrix; rows that are contiguous float64 are not copied.
    threads : int
        Threads over features; the counts do not depend on them.

    Returns
    -------
    (bins of all,) int64
        Rows in each bin.

    Raises
    ------
    ModelError
        If x has other features.
    """
    starts, edge_starts = arrays["histogram_starts"], arrays["histogram_edge_starts"]
    edges = np.ascontiguousarray(arrays["histogram_edges"], dtype=np.float64)
    _shaped(x, starts.size - 1)
    counts = np.zeros(int(starts[-1]), dtype=np.int64)

    def count(k: int) -> None:
        column = np.ascontiguousarray(x[k], dtype=np.float64)
        own = edges[edge_starts[k] : edge_starts[k + 1]]
        count_bins(column, own, counts[starts[k] : starts[k + 1]])

    if threads == 1:
        for k in range(starts.size - 1):
            count(k)
    else:
        jobs = (delayed(count)(k) for k in range(starts.size - 1))
        Parallel(n_jobs=threads, backend="threading")(jobs)
    return counts


def drift(
    arrays: Mapping[str, NDArray[Any]],
    x: NDArray[Any],
    names: Sequence[str] | None = None,
    level: float = 0.05,
    material: float = 0.1,
    material_missing: float = 0.05,
    threads: int = 1,
    seed: int = 0,
) -> tuple[FeatureDrift, ...]:
    """Drift of every feature against its frozen histogram.

    Parameters
    ----------
    arrays : mapping of str to array
        As `reference` makes them; those of a release.
    x : (features, n) float64
        Feature matrix of the rows of today.
    names : sequence of str, optional
        Names of the features; their numbers when left out.
    level : float
        Probability that any feature alarms were nothing changed, in (0, 1).
    material : float
        Excess of the index from which on a shift matters [1].
    material_missing : float
        Change of the missing share from which on it matters [1].
    threads : int
        Threads over features.
    seed : int
        Seed of the simulation used for small samples.

    Returns
    -------
    tuple of FeatureDrift
        One a feature, in their order.

    Raises
    ------
    ModelError
        If x has other features or no row.
    """
    before, starts = arrays["histogram_counts"], arrays["histogram_starts"]
    now = counted(arrays, x, threads)
    cells = [slice(a, b) for a, b in pairwise(starts)]
    found = [
        psi(before[cell], now[cell], level, material, seed=seed + k) for k, cell in enumerate(cells)
    ]
    gone = [(int(before[cell][-1]), int(now[cell][-1])) for cell in cells]
    holm = holm_adjusted([one.p_value for one in found])
    lost = holm_adjusted([
        share_change(a, one.n_reference, b, one.n_now)
        for (a, b), one in zip(gone, found, strict=True)
    ])  # fmt: skip
    rows = []
    for k, one in enumerate(found):
        shares = gone[k][0] / one.n_reference, gone[k][1] / one.n_now
        moved = abs(shares[1] - shares[0]) >= material_missing
        rows.append(
            FeatureDrift(
                names[k] if names is not None else str(k), one, float(holm[k]), *shares,
                float(lost[k]), bool(holm[k] < level and one.excess >= material),
                bool(lost[k] < level and moved),
            )
        )  # fmt: skip
    return tuple(rows)


def score_reference(score: NDArray[Any], max_bins: int = 15) -> dict[str, NDArray[Any]]:
    """Histogram of a score on the training rows; `drift` takes it with score[None].

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
