"""Rows of today against the frozen histograms of a release: features, missing, score."""

from pathlib import Path

import pandas as pd

from models.compare import opened
from models.evaluate.drift import drift
from models.intake import derived, kept_rows
from riskengine.learned import read_release
from riskengine.learned.features import encode


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
    release = read_release(folder)
    _, config = opened(folder)
    rows = derived(table, config, outcome=False)
    rows = rows[kept_rows(rows, config)]
    columns = {
        one.name: rows[one.name].to_numpy(object)
        if one.kind == "category"
        else pd.to_numeric(rows[one.name], errors="coerce").to_numpy(float, na_value=float("nan"))
        for one in release.features
    }
    x, _ = encode(columns, release.features)
    names = [one.name for one in release.features]
    found = drift(release.arrays, x, names, threads=threads)
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
