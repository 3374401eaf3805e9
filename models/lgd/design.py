"""Design matrices of the linear forms, and the way back to arrays that a kernel scores.

A number is drawn to the middle 98 % of training, centred and scaled; a missing cell has an
effect of its own; a category has one effect for each code seen in training, the commonest
code having none; a code never seen counts as missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.learned.features import Feature


@dataclass(frozen=True)
class Design:
    """How features become columns.

    Parameters
    ----------
    low, high, centre, scale : (features,) float64
        Ends, centre and scale of numbers [unit of the feature]; 0 and 1 for categories.
    code_starts : (features + 1,) int64
        Where the codes of a feature begin.
    known : (codes,) bool
        Codes seen in training.
    columns : tuple of (str, int, int)
        Kind (``slope``, ``missing``, ``code``), feature and code of every column but the
        first, which is all ones.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    code_starts: NDArray[np.int64]
    known: NDArray[np.bool_]
    columns: tuple[tuple[str, int, int], ...]

    def matrix(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the columns of some rows.

        Parameters
        ----------
        x : (features, n) float64
            Features; NaN is missing.

        Returns
        -------
        (n, columns) float64
            Design matrix, ones first.
        """
        out = np.ones((x.shape[1], len(self.columns) + 1))
        for column, (kind, k, code) in enumerate(self.columns, start=1):
            cell = x[k]
            if kind == "slope":
                drawn = np.clip(cell, self.low[k], self.high[k])
                out[:, column] = np.nan_to_num((drawn - self.centre[k]) / self.scale[k], nan=0.0)
            elif kind == "missing":
                out[:, column] = ~self._seen(x, k)
            else:
                out[:, column] = cell == code
        return out

    def _seen(self, x: NDArray[np.float64], k: int) -> NDArray[np.bool_]:
        codes = int(self.code_starts[k + 1] - self.code_starts[k])
        present: NDArray[np.bool_] = ~np.isnan(x[k])
        if codes:
            present &= (x[k] >= 0.0) & (x[k] < codes)
            places = x[k][present].astype(np.int64)
            present[present] = self.known[self.code_starts[k] + places]
        return present

    def arrays(self, stages: Sequence[NDArray[np.float64]]) -> dict[str, NDArray[Any]]:
        """Return the arrays of a release.

        Parameters
        ----------
        stages : sequence of (columns,) float64
            Coefficients of every stage.

        Returns
        -------
        dict of str to array
            As `riskengine.learned.recovery` reads them.
        """
        size, count = len(stages), self.low.size
        slope, missing = np.zeros((size, count)), np.zeros((size, count))
        effects = np.zeros((size, int(self.code_starts[-1])))
        for stage, coefficients in enumerate(stages):
            for value, (kind, k, code) in zip(coefficients[1:], self.columns, strict=True):
                if kind == "slope":
                    slope[stage, k] = value / self.scale[k]
                elif kind == "missing":
                    missing[stage, k] = value
                else:
                    effects[stage, self.code_starts[k] + code] = value
        owner = np.repeat(np.arange(count), np.diff(self.code_starts))
        effects[:, ~self.known] = missing[:, owner[~self.known]]
        return {
            "linear_intercept": np.array([float(stage[0]) for stage in stages]),
            "linear_slope": slope, "linear_missing": missing, "linear_code_effects": effects,
            "linear_code_starts": self.code_starts, "linear_low": self.low,
            "linear_high": self.high, "linear_centre": self.centre,
        }  # fmt: skip


def make_design(x: NDArray[np.float64], features: Sequence[Feature]) -> Design:
    """Learn from training rows how features become columns.

    Parameters
    ----------
    x : (features, n) float64
        Training features; NaN is missing.
    features : sequence of Feature
        What they are.

    Returns
    -------
    Design
        Without columns that would be constant.
    """
    count = len(features)
    low, high = np.zeros(count), np.zeros(count)
    centre, scale = np.zeros(count), np.ones(count)
    starts = np.cumsum([0, *(len(feature.codes) for feature in features)]).astype(np.int64)
    known = np.zeros(int(starts[-1]), dtype=bool)
    columns: list[tuple[str, int, int]] = []
    for k, feature in enumerate(features):
        present = x[k][~np.isnan(x[k])]
        if feature.kind == "category":
            seen, often = np.unique(present.astype(np.int64), return_counts=True)
            known[starts[k] + seen] = True
            common = seen[np.argmax(often)] if seen.size else -1
            columns += [("code", k, int(code)) for code in seen if code != common]
        elif present.size:
            low[k], high[k] = np.quantile(present, [0.01, 0.99])
            drawn = np.clip(present, low[k], high[k])
            centre[k], scale[k] = drawn.mean(), drawn.std() or 1.0
            if low[k] < high[k]:
                columns.append(("slope", k, 0))
        if 0 < present.size < x.shape[1]:
            columns.append(("missing", k, 0))
    return Design(low, high, centre, scale, starts, known, tuple(columns))
