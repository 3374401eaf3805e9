"""What a model is fed, counted in the bins that were frozen with its release.

Counts and the frozen reference give the population stability index, in PromQL or by
`stability`: sum over bins of (p - q) ln(p / q) (Siddiqi, 2006, *Credit Risk Scorecards*).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.learned.default import DefaultModel
from riskengine.scoring.score import Score


@dataclass(slots=True)
class Counted:
    """Counts of one model since the process started.

    Parameters
    ----------
    model : DefaultModel
        With its frozen histograms.
    counts : (bins of all features,) int64
        As ``histogram_counts`` of the release are laid out: the last bin of a feature is
        of missing values.
    """

    model: DefaultModel
    counts: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        arrays = self.model.release.arrays
        size = arrays["histogram_counts"].size if "histogram_counts" in arrays else 0
        self.counts = np.zeros(size, dtype=np.int64)

    def add(self, scores: Sequence[Score]) -> None:
        """Count what some applications gave the model.

        Parameters
        ----------
        scores : sequence of Score
            Scored by this model; one without a PD is passed over.
        """
        if not self.counts.size:
            return
        arrays = self.model.release.arrays
        x = np.array([one.default.encoded for one in scores if one.default is not None]).T
        edges, starts = arrays["histogram_edge_starts"].tolist(), arrays["histogram_starts"]
        for k, column in enumerate(x):
            found = np.searchsorted(
                arrays["histogram_edges"][edges[k] : edges[k + 1]], column, side="right"
            )
            found[np.isnan(column)] = edges[k + 1] - edges[k] + 1
            np.add.at(self.counts, starts[k] + found, 1)

    def by_feature(self) -> dict[str, NDArray[np.int64]]:
        """Return the counts of each feature, by its name; missing values last."""
        starts = self.model.release.arrays["histogram_starts"].tolist() if self.counts.size else []
        return {
            feature.name: self.counts[starts[k] : starts[k + 1]]
            for k, feature in enumerate(self.model.features) if starts
        }  # fmt: skip


def stability(reference: NDArray[Any], found: NDArray[Any]) -> float:
    """Return the population stability index of two histograms on the same bins.

    Parameters
    ----------
    reference, found : (n,) array of counts
        Frozen with the model, and counted since.

    Returns
    -------
    float
        Index [1], >= 0; NaN while nothing was counted.  Half a row is added to every bin, so
        that an empty one gives a finite answer.

    Examples
    --------
    >>> round(stability(np.array([100, 100]), np.array([100, 100])), 6)
    0.0
    """
    if not found.sum():
        return float("nan")
    p = (found + 0.5) / (found + 0.5).sum()
    q = (reference + 0.5) / (reference + 0.5).sum()
    return float(((p - q) * np.log(p / q)).sum())
