"""The points scorecard: bins, a regression on their evidence, and points.

Source: Siddiqi (2006), Credit Risk Scorecards; Thomas, Edelman & Crook (2002).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from models.checks import Floats, Ints
from models.pd.bins import Bins
from models.pd.newton import LogisticFit
from models.pd.settings import ScorecardSettings
from models.pd.table import points_table
from riskengine.learned.features import Feature
from riskengine.learned.scorecards import scorecard_arrays, scorecard_score
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
    inflation: Floats
    dropped: Mapping[str, Text]

    @property
    def features(self) -> tuple[Feature, ...]:
        """Features used; a release names these and no others."""
        return tuple(one.feature for one in self.bins)

    def score(self, x: ArrayLike) -> Floats:
        """Score of each case, as the engine adds it up.

        Parameters
        ----------
        x : (used, n) array
            Features used, in their order.

        Returns
        -------
        (n,) float64
            Score [point]; rises with goodness.

        Raises
        ------
        ModelError
            If the matrix has another number of features.
        """
        return scorecard_score(self.arrays(), np.atleast_2d(np.asarray(x, dtype=np.float64)))

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

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What a release holds.

        Returns
        -------
        dict of str to array
            As `riskengine.learned.scorecards`; bins are those of intervals or codes.
        """
        category = [one.feature.kind == "category" for one in self.bins]
        pairs = list(zip(self.bins, self.points, category, strict=True))
        scaling = self.settings.scaling
        return scorecard_arrays(
            category,
            [one.edges for one in self.bins],
            [one.places if is_code else one.places[:0] for one, _, is_code in pairs],
            [
                held if is_code else np.append(held[one.places], held[-1])
                for one, held, is_code in pairs
            ],
            (scaling.factor, scaling.offset),
        )
