"""Released price models: a price, the error of its logarithm, and where to abstain."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.trees import outside_support, score_rows
from riskengine.learned.release import Release

ARRAYS = (
    "roots", "feature", "threshold", "missing_left", "left", "right", "leaf", "baseline", "low",
    "high", "may_miss", "group_error",
)  # fmt: skip
"""Arrays of a release, all numeric."""


@dataclass(frozen=True)
class PriceModel:
    """A released model of the logarithm of a price.

    Parameters
    ----------
    table : str
        Kind of right that it speaks of.
    quantity : str
        Market quantity that it predicts, such as ``land_rent``.
    features : tuple of str
        Columns that it looks at, in order.
    group : str
        Code column by which its error was measured.
    name, digest : str
        Name and SHA-256 of the release.
    origin : str
        What it was trained on: ``institution``, ``foreign`` or ``synthetic``.
    arrays : mapping of str to array
        As `ARRAYS`.
    """

    table: str
    quantity: str
    features: tuple[str, ...]
    group: str
    name: str
    digest: str
    origin: str
    arrays: Mapping[str, NDArray[Any]]

    @classmethod
    def of(cls, release: Release) -> "PriceModel":
        """Take a price model out of a release.

        Parameters
        ----------
        release : Release
            Verified release of kind ``price``.

        Returns
        -------
        PriceModel
            The model.

        Raises
        ------
        KeyError
            If the manifest or an array that it needs is missing.
        """
        manifest, arrays = release.manifest, release.arrays
        return cls(
            manifest["table"], manifest["quantity"],
            tuple(feature.name for feature in release.features), manifest["group"],
            release.name, release.digest, release.origin,
            {name: arrays[name] for name in ARRAYS},
        )  # fmt: skip

    def predict(
        self, x: NDArray[np.float64], groups: NDArray[np.int64], wanted: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Predict prices and their errors.

        Parameters
        ----------
        x : (features, n) float64
            Features in the order of `features`; NaN is missing.
        groups : (n,) int64
            Position of each row in the choices of `group`; -1 where missing.
        wanted : (n,) bool
            Rows to predict.

        Returns
        -------
        tuple of (n,) float64
            Price and standard error of its logarithm; NaN for rows that are not
            wanted or lie outside what the model has seen.
        """
        a = self.arrays
        inside = wanted.copy()
        outside_support(x, inside, a["low"], a["high"], a["may_miss"])
        score = np.full(x.shape[1], np.nan)
        score_rows(
            x, inside, a["roots"], a["feature"], a["threshold"], a["missing_left"], a["left"],
            a["right"], a["leaf"], float(a["baseline"][0]), score,
        )  # fmt: skip
        return np.exp(score), np.where(inside, a["group_error"][groups], np.nan)
