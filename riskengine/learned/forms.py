"""Trees and scorecards behind one face: raw log odds of bad, and what adds up to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from riskengine.learned import scorecards, trees

Floats = NDArray[np.float64]
Arrays = Mapping[str, NDArray[Any]]


class Form(Protocol):
    """A form of model: trees or a card."""

    def raw(self, x: Floats) -> Floats:
        """Return raw log odds of bad (n,) of a matrix (features, n)."""

    def raw_one(self, x: Floats) -> float:
        """Return raw log odds of bad of one case (features,)."""

    def contributions(self, x: Floats) -> tuple[float, Floats]:
        """Return base and contributions (features, n) that sum to `raw`."""


@dataclass(frozen=True, slots=True)
class TreeForm:
    """Boosted trees.

    Parameters
    ----------
    prepared : PreparedTrees
        As `riskengine.learned.trees.prepare` gives them.
    """

    prepared: trees.PreparedTrees

    def raw(self, x: Floats) -> Floats:
        """Return raw log odds of bad, equal to scikit-learn's to the last bit."""
        return trees.raw_scores(self.prepared, x)

    def raw_one(self, x: Floats) -> float:
        """Return the same of one case."""
        return trees.raw_score_one(self.prepared, x)

    def contributions(self, x: Floats) -> tuple[float, Floats]:
        """Return exact Shapley values of the raw score."""
        return trees.contributions(self.prepared, x)


@dataclass(frozen=True, slots=True)
class CardForm:
    """A points scorecard.

    Parameters
    ----------
    arrays : mapping of str to array
        Checked arrays of a card, with ``card_mean`` (features,) mean points.
    """

    arrays: Arrays

    def raw(self, x: Floats) -> Floats:
        """Return raw log odds of bad."""
        return scorecards.scorecard_log_odds(
            self.arrays, scorecards.scorecard_score(self.arrays, x)
        )

    def raw_one(self, x: Floats) -> float:
        """Return the same of one case."""
        return float(self.raw(x.reshape(-1, 1))[0])

    def contributions(self, x: Floats) -> tuple[float, Floats]:
        """Return points below the mean of training, in log odds of bad."""
        points = scorecards.scorecard_points(self.arrays, x)
        mean, (factor, offset) = self.arrays["card_mean"], self.arrays["scale"]
        base = float(-(mean.sum() - offset) / factor)
        return base, (mean[:, None] - points) / factor


def form_of(arrays: Arrays, features: int) -> Form:
    """Return the form that the arrays of a release hold.

    Parameters
    ----------
    arrays : mapping of str to array
        Of the release.
    features : int
        Features of the model, >= 1.

    Returns
    -------
    Form
        Ready to score.

    Raises
    ------
    ModelError
        If the arrays are no sound trees and no sound card.
    """
    if "points" in arrays:
        scorecards.check_scorecard(arrays)
        return CardForm(arrays)
    return TreeForm(trees.prepare(arrays, features))
