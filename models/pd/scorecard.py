"""The points scorecard: bins, a regression on their evidence, and points.

Source: Siddiqi (2006), Credit Risk Scorecards; Thomas, Edelman & Crook (2002).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from models.pd.bins import Bins
from models.pd.checks import Floats, Ints, matrix
from models.pd.newton import LogisticFit
from models.pd.reasons import Reason, reasons_of
from models.pd.settings import ScorecardSettings
from models.pd.table import points_table
from riskengine.learned.features import Feature
from riskengine.words import Text


@dataclass(frozen=True)
class Scorecard:
    """A fitted scorecard.

    Parameters
    ----------
    bins : tuple of Bins
        Of the features used, in their order.
    rows : (used,) int64
        Their rows among the features offered.
    fit : LogisticFit
        Regression of good on WOE.
    settings : ScorecardSettings
        How it was made.
    points : tuple of (bins,) float64
        Points; rounded when the settings say so.
    exact : tuple of (bins,) float64
        Points before rounding.
    mean : (used,) float64
        Mean points in the sample [point].
    inflation : (used,) float64
        Variance inflation factors.
    dropped : mapping of str to Text
        Features left out, and why.
    """

    bins: tuple[Bins, ...]
    rows: Ints
    fit: LogisticFit
    settings: ScorecardSettings
    points: tuple[Floats, ...]
    exact: tuple[Floats, ...]
    mean: Floats
    inflation: Floats
    dropped: Mapping[str, Text]

    @property
    def features(self) -> tuple[Feature, ...]:
        """Features used; a release names these and no others."""
        return tuple(one.feature for one in self.bins)

    def cells(self, x: ArrayLike) -> Ints:
        """Bin of each cell.

        Parameters
        ----------
        x : (used, n) array
            Features used, in their order.

        Returns
        -------
        (used, n) int64
            Bins.

        Raises
        ------
        ModelError
            If the shape is another or a cell is infinite.
        """
        given = np.atleast_2d(np.asarray(x, dtype=np.float64))
        given = matrix(given, given.shape[1], len(self.bins))
        return np.array([one.cells(row) for one, row in zip(self.bins, given, strict=True)])

    def points_of(self, x: ArrayLike) -> Floats:
        """Points of each cell.

        Parameters
        ----------
        x : (used, n) array
            Features used, in their order.

        Returns
        -------
        (used, n) float64
            Points; their sum over features is the score.
        """
        return np.array([p[c] for p, c in zip(self.points, self.cells(x), strict=True)])

    def score(self, x: ArrayLike) -> Floats:
        """Score of each case.

        Parameters
        ----------
        x : (used, n) array
            Features used, in their order.

        Returns
        -------
        (n,) float64
            Score [point]; rises with goodness.
        """
        return np.asarray(self.points_of(x).sum(axis=0))

    def raw(self, x: ArrayLike) -> Floats:
        """Log odds of bad of each case.

        Parameters
        ----------
        x : (used, n) array
            Features used, in their order.

        Returns
        -------
        (n,) float64
            ln(bad/good), not calibrated.
        """
        return self.settings.scaling.raw(self.score(x))

    def table(self) -> pd.DataFrame:
        """Every bin with its counts, evidence and points.

        Returns
        -------
        pandas.DataFrame
            One line a bin, as `models.pd.table.points_table`.
        """
        return points_table(self.bins, self.fit.coefficients, self.points, self.exact)

    def reasons(
        self, x: ArrayLike, against: str = "best", most: int = 4
    ) -> list[tuple[Reason, ...]]:
        """Why each score is what it is, the dearest reason first.

        Parameters
        ----------
        x : (used, n) array
            Features used, in their order.
        against : {"best", "mean"}
            What points are lost against: the best bin, or the mean of the sample.
        most : int
            Most reasons of a case.

        Returns
        -------
        list of tuple of Reason
            One tuple a case.

        Raises
        ------
        ModelError
            If the matrix is of another shape, or the reference another.
        """
        return reasons_of(self.bins, self.points, self.mean, self.cells(x), against, most)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What a release holds.

        Returns
        -------
        dict of str to array
            ``is_category``, ``edges``, ``edge_starts``, ``code_bins``, ``code_starts``,
            ``points``, ``point_starts`` and ``scale``; bins are those of intervals or
            codes, the last bin of each feature is the missing one.
        """
        category = [one.feature.kind == "category" for one in self.bins]
        pairs = list(zip(self.bins, self.points, category, strict=True))
        edges = [one.edges for one in self.bins]
        codes = [one.places if is_code else one.places[:0] for one, _, is_code in pairs]
        points = [
            held if is_code else np.append(held[one.places], held[-1])
            for one, held, is_code in pairs
        ]
        scaling = self.settings.scaling
        return {
            "is_category": np.array(category, dtype=np.bool_),
            "edges": np.concatenate(edges).astype(np.float64),
            "edge_starts": _starts(edges),
            "code_bins": np.concatenate(codes).astype(np.int64),
            "code_starts": _starts(codes),
            "points": np.concatenate(points).astype(np.float64),
            "point_starts": _starts(points),
            "scale": np.array([scaling.factor, scaling.offset], dtype=np.float64),
        }


def _starts(parts: Sequence[NDArray[Any]]) -> Ints:
    return np.concatenate([[0], np.cumsum([part.size for part in parts])]).astype(np.int64)
