"""Trees and scorecards behind one face: raw log odds of bad, and what adds up to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.scorecard import score_one
from riskengine.learned import scorecards, trees

Floats = NDArray[np.float64]
Arrays = Mapping[str, NDArray[Any]]

CARD = (
    "is_category", "edges", "edge_starts", "code_bins", "code_starts", "points", "point_starts",
)  # fmt: skip
"""Arrays of a card that its kernels take."""


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
    columns : tuple of array
        Those that the kernels take, in their order.
    factor, offset : float
        Scale of the points.
    """

    arrays: Arrays
    columns: tuple[NDArray[Any], ...]
    factor: float
    offset: float

    @classmethod
    def of(cls, arrays: Arrays) -> "CardForm":
        """Return the card that checked arrays hold."""
        factor, offset = (float(number) for number in arrays["scale"])
        return cls(arrays, tuple(arrays[name] for name in CARD), factor, offset)

    def raw(self, x: Floats) -> Floats:
        """Return raw log odds of bad."""
        return scorecards.scorecard_log_odds(
            self.arrays, scorecards.scorecard_score(self.arrays, x)
        )

    def raw_one(self, x: Floats) -> float:
        """Return the same of one case."""
        return float(-(score_one(x, *self.columns) - self.offset) / self.factor)

    def contributions(self, x: Floats) -> tuple[float, Floats]:
        """Return points below the mean of training, in log odds of bad."""
        points = scorecards.scorecard_points(self.arrays, x)
        mean = self.arrays["card_mean"]
        base = float(-(mean.sum() - self.offset) / self.factor)
        return base, (mean[:, None] - points) / self.factor


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
    KeyError, ValueError
        If the card is not one of so many features.
    """
    if "points" in arrays:
        scorecards.check_scorecard(arrays)
        for name in ("is_category", "card_mean"):
            if arrays[name].shape != (features,):
                raise ValueError(f"array {name} has the shape {arrays[name].shape}")
        if any(arrays[name].ndim != 1 for name in ("edges", "code_bins", "points")):
            raise ValueError("the bins of the card are not in one line")
        if not np.isfinite(arrays["card_mean"]).all():
            raise ValueError("the mean points of the card are no numbers")
        return CardForm.of(arrays)
    return TreeForm(trees.prepare(arrays, features))
