"""Settings of a recovery model, and every fault of them at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from riskengine.errors import ModelError
from riskengine.words import Text


@dataclass(frozen=True)
class Settings:
    """Settings of a recovery model, as ``[settings]`` of a configuration holds them.

    Parameters
    ----------
    iterations, leaves, leaf_rows, learning_rate, l2
        As `models.lgd.boosted.Boosting`.
    ridge : float
        Penalty of the linear forms, >= 0, in rows.
    zero_at, one_at : float
        Two stages: shares up to the first are no loss, from the second on total.
    levels : sequence of float
        Levels of the quantiles, rising, with 0.5.
    quantiles : {"trees", "form"}
        Trees of their own, or what the form itself implies (its mixture, or its mean),
        shifted.
    quantile_leaves : int
        Leaves of the trees of the quantiles.
    cross : int
        Folds of the calibration rows.  0: the model is fitted on training rows alone and
        its quantiles are shifted by all calibration rows (split conformal, cover holds
        for exchangeable rows).  2 or more: it is fitted on all rows before the test, and
        each fold of the calibration rows is judged by a model that saw all but it
        (cross-conformal; the proven cover is weaker, so measure it).  For markets that
        change fast, where the newest year is worth most.
    group : str
        Category whose codes have shifts of their own; ``""`` for none.
    group_rows : int
        Calibration rows that a group needs for that.
    outcome_date : str
        Column of the day of default or charge-off; ``""`` for the day of the decision.
        Downturns, and weights by age, go by it.
    half_life : float
        Years in which the weight of a training row halves, counted back from the last
        day of an outcome; 0 for no weighting.
    downturn_percentile, downturn_years, downturn_defaults
        As `models.lgd.downturn.own_downturn`.
    """

    iterations: int = 150
    leaves: int = 8
    leaf_rows: int = 40
    learning_rate: float = 0.03
    l2: float = 5.0
    ridge: float = 5.0
    zero_at: float = 0.0
    one_at: float = 1.0
    levels: Sequence[float] = (0.05, 0.5, 0.95)
    quantiles: str = "trees"
    quantile_leaves: int = 4
    cross: int = 5
    group: str = ""
    group_rows: int = 100
    outcome_date: str = ""
    half_life: float = 0.0
    downturn_percentile: float = 0.9
    downturn_years: int = 7
    downturn_defaults: int = 30


def settings_of(content: Mapping[str, Any]) -> Settings:
    """Return settings, or tell all that is wrong with them.

    Parameters
    ----------
    content : mapping
        ``[settings]`` of a configuration.

    Returns
    -------
    Settings
        The settings.

    Raises
    ------
    ModelError
        With every fault.
    """
    known = {field.name for field in fields(Settings)}
    faults = [f"settings.{name} is unknown" for name in sorted(set(content) - known)]
    settings = Settings(**{name: content[name] for name in content if name in known})
    levels = np.asarray(settings.levels, dtype=np.float64)
    if levels.size == 0 or (np.diff(levels) <= 0.0).any() or 0.5 not in levels:
        faults.append("settings.levels must rise and hold 0.5")
    if not ((levels > 0.0) & (levels < 1.0)).all():
        faults.append("settings.levels must lie in (0, 1)")
    if settings.quantiles not in {"trees", "form"}:
        faults.append("settings.quantiles must be trees or form")
    if not settings.half_life >= 0.0:
        faults.append("settings.half_life must not be below 0")
    if not settings.zero_at < settings.one_at:
        faults.append("settings.zero_at must be below settings.one_at")
    if faults:
        told = "; ".join(faults)
        raise ModelError(
            Text(f"设置有误：{told}", f"settings: {told}"),
            Text("请按 models/lgd/settings.py 的说明修改", "mend them by models/lgd/settings.py"),
        )
    return settings
