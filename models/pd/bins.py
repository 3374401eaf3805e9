"""What bins are: settings, and the bins of one feature with their evidence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from models.pd.checks import Floats, Ints, refused
from models.pd.optimum import SHAPES
from riskengine.learned.features import Feature
from riskengine.words import Text

SMALL = ("neutral", "worst")
"""What a missing or special bin too small for its own WOE takes."""


@dataclass(frozen=True)
class BinSettings:
    """How features are cut.

    Parameters
    ----------
    max_bins, max_prebins : int
        Most bins, missing and special ones not counted, and most pre-bins, >= 1.
    min_share : float
        Least share of the weight in an ordinary bin, in [0, 1).
    min_good, min_bad : int
        Least rows of each class in any bin, >= 1 unless `haldane`.
    shape : str
        Run of the bad rate for numbers without a direction: one of `SHAPES`.
    rare_share : float
        Codes with less of the weight are pooled, in [0, 1).
    small : {"neutral", "worst"}
        WOE of a missing or special bin too small for its own.
    haldane : bool
        Whether WOE adds 1/2 to every count.
    corrected : bool
        Whether the number of bins is chosen on the bias-corrected information value.
    """

    max_bins: int = 6
    max_prebins: int = 50
    min_share: float = 0.05
    min_good: int = 10
    min_bad: int = 10
    shape: str = "auto"
    rare_share: float = 0.01
    small: str = "neutral"
    haldane: bool = False
    corrected: bool = True

    def __post_init__(self) -> None:
        least = 0 if self.haldane else 1
        sound = self.max_bins >= 1 and self.max_prebins >= 1 and self.shape in SHAPES
        sound = sound and 0.0 <= self.min_share < 1.0 and 0.0 <= self.rare_share < 1.0
        if not (sound and self.small in SMALL and min(self.min_good, self.min_bad) >= least):
            raise refused(
                Text("分箱设置不成立", f"these settings of bins do not hold together: {self}"),
                Text("见 BinSettings 各项范围", "see the ranges in BinSettings"),
            )


@dataclass(frozen=True)
class Bins:
    """Bins of one feature.

    Parameters
    ----------
    feature : Feature
        What was cut.
    shape : str
        Run of the bad rate along a number; ``ordered`` for a category.
    edges : (k,) float64
        Where intervals [a, b) of a number begin; empty for a category.
    places : (k + 1,) or (codes,) int64
        Bin of each interval, or of each code; two intervals share a bin where a
        special value cuts one in two.
    good, bad : (bins,) float64
        Weight of each class; the last bin is the missing one.
    rows : (bins,) int64
        Rows.
    woe, parts : (bins,) float64
        Weight of evidence [log odds of good] and its part of the information value.
    iv, corrected : float
        Information value, and less the bias (J - 1)(1/G + 1/B).
    labels : tuple of Text
        Words for the bins.
    notes : tuple of Text
        What was merged or pooled, and how.
    specials : int
        Bins of special values; they come before the missing one.
    """

    feature: Feature
    shape: str
    edges: Floats
    places: Ints
    good: Floats
    bad: Floats
    rows: Ints
    woe: Floats
    parts: Floats
    iv: float
    corrected: float
    labels: tuple[Text, ...]
    notes: tuple[Text, ...] = ()
    specials: int = 0

    @property
    def useful(self) -> bool:
        """Whether any two bins differ."""
        return bool(np.ptp(self.woe) > 0.0)

    def cells(self, x: ArrayLike) -> Ints:
        """Bin of each value.

        Parameters
        ----------
        x : (n,) array
            Feature; NaN is missing, a category is the place of its code.

        Returns
        -------
        (n,) int64
            Bins; the last one for what is missing or no declared code.
        """
        values = np.asarray(x, dtype=np.float64)
        missing = np.isnan(values)
        if self.feature.kind == "number":
            place = np.searchsorted(self.edges, np.where(missing, 0.0, values), side="right")
        else:
            missing |= (values < 0.0) | (values >= self.places.size)
            place = np.where(missing, 0.0, values).astype(np.int64)
        return np.where(missing, self.woe.size - 1, self.places[place])

    def transform(self, x: ArrayLike) -> Floats:
        """Weight of evidence of each value.

        Parameters
        ----------
        x : (n,) array
            Feature; NaN is missing.

        Returns
        -------
        (n,) float64
            WOE [log odds of good].
        """
        return self.woe[self.cells(x)]
