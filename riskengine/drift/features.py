"""Drift of rows of today against the histograms that were frozen with a model.

Rows are counted on the edges of the release: re-binning on today's data would hide the
very shift that is looked for.  Feature matrices are (features, n), NaN missing, a
category its position in the feature's codes.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.drift.stability import Stability, holm_adjusted, psi, share_change
from riskengine.errors import ModelError
from riskengine.kernels.histogram import count_bins
from riskengine.words import Text


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


def shaped(x: NDArray[Any], wanted: int, max_bins: int = 2) -> None:
    """Refuse a matrix that is not (features, n) of the features at hand.

    Parameters
    ----------
    x : (features, n) array
        Feature matrix.
    wanted : int
        Features that there must be.
    max_bins : int
        Most bins of a number, >= 2.

    Raises
    ------
    ModelError
        If it is of another shape, or bins are fewer than 2.
    """
    if x.ndim != 2 or x.shape[0] != wanted or x.shape[1] == 0 or max_bins < 2:
        raise ModelError(
            Text(
                f"特征矩阵为 {x.shape}，应为（{wanted}, 行数），行数至少 1，箱数至少 2",
                f"the feature matrix is {x.shape}, not ({wanted}, rows) with a row; bins >= 2",
            ),
            Text(
                "请按发布时的特征与顺序传入，一行一个特征",
                "hand in the features of the release in its order, one a row",
            ),
        )


def counted(
    arrays: Mapping[str, NDArray[Any]], x: NDArray[Any], threads: int = 1
) -> NDArray[np.int64]:
    """Counts of a feature matrix on frozen edges.

    Parameters
    ----------
    arrays : mapping of str to array
        Edges and starts, as `models.evaluate.drift.reference` makes them.
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
    shaped(x, starts.size - 1)
    counts = np.zeros(int(starts[-1]), dtype=np.int64)

    def count(k: int) -> None:
        column = np.ascontiguousarray(x[k], dtype=np.float64)
        own = edges[edge_starts[k] : edge_starts[k + 1]]
        count_bins(column, own, counts[starts[k] : starts[k + 1]])

    if threads == 1:
        for k in range(starts.size - 1):
            count(k)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(count, range(starts.size - 1)))
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
        Frozen histograms of a release.
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
