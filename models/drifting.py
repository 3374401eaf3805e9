"""Rows of today against the frozen histograms of a release: features, missing, score."""

from pathlib import Path

import pandas as pd

from models.assess.default import score_drift
from models.compare import opened
from models.intake import matrix
from riskengine.drift import drift
from riskengine.learned import DefaultModel, read_release


def drift_table(folder: Path, table: pd.DataFrame, threads: int = 1) -> pd.DataFrame:
    """Return the drift of every feature and of the score.

    Parameters
    ----------
    folder : pathlib.Path
        Release.
    table : pandas.DataFrame
        Rows of today; outcomes are not needed.
    threads : int
        Columns counted at a time, >= 1.

    Returns
    -------
    pandas.DataFrame
        Feature, PSI, what chance alone gives, p-value (Holm), shares of missing values
        before and now, and whether it alarms.

    Raises
    ------
    ModelError
        If the release is not whole or a column is missing.
    """
    model, config = opened(folder)
    release = read_release(folder)
    _, x = matrix(table, config, release.features)
    names = [one.name for one in release.features]
    found = drift(release.arrays, x, names, threads=threads)
    if isinstance(model, DefaultModel):
        found += (score_drift(model, x),)
    heads = ["feature", "psi", "by_chance", "p", "missing_before", "missing_now", "alarm"]
    return pd.DataFrame(
        [
            (
                one.feature, one.stability.psi, one.stability.expected_by_chance, one.holm_p,
                one.missing_before, one.missing_now, one.alarm or one.missing_alarm,
            )
            for one in found
        ],
        columns=heads,
    )  # fmt: skip
