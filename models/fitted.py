"""What every kind of model gives once it is fitted: arrays to release, and words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.learned.features import Feature
from riskengine.words import Text


@dataclass(frozen=True)
class Fitted:
    """A fitted model before its release.

    Parameters
    ----------
    features : tuple of Feature
        What it looks at, in the order of the released arrays.
    arrays : mapping of str to array
        What kernels score.
    estimator : object
        For the analyst's further work.
    manifest : mapping
        What this kind of model says of itself beyond the common entries.
    notes : tuple of Text
        Choices that a reader should know: features left out, codes pooled.
    """

    features: tuple[Feature, ...]
    arrays: Mapping[str, NDArray[Any]]
    estimator: object
    manifest: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Text, ...] = ()


def support(x: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
    """Return what a model has seen: outside of it, it abstains.

    Parameters
    ----------
    x : (features, n) float64
        Training rows.

    Returns
    -------
    dict of str to array
        ``low`` and ``high`` (features,) float64, both ends inside, and ``may_miss``
        (features,) bool.
    """
    known = np.where(np.isnan(x), 0.0, x)
    low = np.where(np.isnan(x), np.inf, known).min(axis=1)
    high = np.where(np.isnan(x), -np.inf, known).max(axis=1)
    return {"low": low, "high": high, "may_miss": np.isnan(x).any(axis=1)}
