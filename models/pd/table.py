"""The card as people read it: one line a bin."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from models.pd.bins import Bins
from models.pd.checks import Floats

COLUMNS = ("feature", "zh", "en", "bin", "bin_zh", "bin_en", "rows", "share", "good", "bad",
           "bad_rate", "woe", "iv", "coefficient", "points", "points_exact")  # fmt: skip


def points_table(
    bins: Sequence[Bins], coefficients: Floats, points: Sequence[Floats], exact: Sequence[Floats]
) -> pd.DataFrame:
    """Every bin with its counts, evidence and points.

    Parameters
    ----------
    bins : sequence of Bins
        Of each feature.
    coefficients : (features,) float64
        Of the regression on WOE.
    points, exact : sequence of (bins,) float64
        Points used, and before rounding.

    Returns
    -------
    pandas.DataFrame
        Columns as `COLUMNS`; ``share``, ``good`` and ``bad`` are weighted,
        ``bad_rate`` is empty where a bin holds nothing, ``iv`` is the bin's part.
    """
    lines = []
    for one, beta, held, unrounded in zip(bins, coefficients, points, exact, strict=True):
        mass = one.good + one.bad
        rate = np.divide(one.bad, mass, out=np.full(mass.size, np.nan), where=mass > 0.0)
        words = one.feature.words
        lines += [
            (one.feature.name, words.zh, words.en, k, label.zh, label.en, int(one.rows[k]),
             mass[k] / mass.sum(), one.good[k], one.bad[k], rate[k], one.woe[k], one.parts[k],
             float(beta), held[k], unrounded[k])
            for k, label in enumerate(one.labels)
        ]  # fmt: skip
    return pd.DataFrame(lines, columns=list(COLUMNS))
