"""Choosing settings by folds that only ever look forward, before the test rows."""

from itertools import product

import numpy as np
import pandas as pd

from models.config import Config
from models.frame import Frame
from models.lgd.fit import figures, fit
from models.lgd.settings import Settings, settings_of
from riskengine.errors import ModelError
from riskengine.words import Text

YEAR = 365.25
"""Days of a year of a fold."""


def forward(frame: Frame, config: Config, settings: Settings, folds: int = 3) -> dict[str, float]:
    """Score settings by folds that look forward, inside the rows before the test.

    Each fold trains on all rows but those of its last two years, calibrates on the last
    but one and scores the last; folds end one year apart, the first on the last day of
    calibration.  Years go by the day of the decision, as the split of the test does.

    Parameters
    ----------
    frame : Frame
        Rows; test rows are never looked at.
    config : Config
        The configuration.
    settings : Settings
        Settings to score.
    folds : int
        Folds; fewer where the past holds no more.

    Returns
    -------
    dict of str to float
        Figures pooled over the folds by their rows.

    Raises
    ------
    ModelError
        If the past holds no fold.
    """
    past = frame.of("train", "calibrate")
    day = past.day.astype(np.int64).astype(np.float64)
    found: list[dict[str, float]] = []
    end = float(np.datetime64(config.split.calibrate_to).astype(np.int64))
    while len(found) < folds and end > day.min():
        test = past.take((day > end - YEAR) & (day <= end))
        calibrate = past.take((day > end - 2.0 * YEAR) & (day <= end - YEAR))
        train = past.take(day <= end - 2.0 * YEAR)
        if min(calibrate.y.size, train.y.size, test.y.size) >= 2 * settings.leaf_rows:
            found.append(figures(fit(train, calibrate, config, settings), test))
        end -= YEAR
    if not found:
        raise ModelError(
            Text("测试期之前的年份太少，无法向前验证", "too few years before the test for folds"),
            Text("请增加历史数据或减少 leaf_rows", "bring more history or lower leaf_rows"),
        )
    rows = np.array([one["n"] for one in found])
    pooled = {
        name: float(np.average([one[name] for one in found], weights=rows))
        for name in found[0]
        if name not in {"n", "cover_low", "cover_high"}
    }
    return {"n": float(rows.sum()), "folds": float(len(found)), **pooled}


def search(frame: Frame, config: Config, folds: int = 3) -> tuple[Settings, pd.DataFrame]:
    """Choose settings by forward folds before the test; the first of equals wins.

    Parameters
    ----------
    frame : Frame
        Rows; test rows are never looked at.
    config : Config
        ``search`` holds lists by name of a setting; a setting ``leaves`` moves the leaves
        of the quantile trees with it unless they are searched too.
    folds : int
        Folds.

    Returns
    -------
    tuple of Settings, DataFrame
        The settings of the smallest mean absolute error of the median, and the figures of
        every candidate in the order of the lists.
    """
    names = list(config.search)
    candidates, rows = [], []
    for values in product(*config.search.values()):
        chosen = dict(zip(names, values, strict=True))
        if "leaves" in chosen:
            chosen.setdefault("quantile_leaves", chosen["leaves"])
        candidates.append(settings_of({**config.settings, **chosen}))
        rows.append({**chosen, **forward(frame, config, candidates[-1], folds)})
    table = pd.DataFrame(rows)
    return candidates[int(table["mae"].to_numpy().argmin())], table
