"""A recovery model from a configuration, as the trainer asks every kind for it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from models.config import Config
from models.evaluate.drift import reference
from models.fitted import Fitted
from models.frame import Frame
from models.lgd.downturn import own_downturn
from models.lgd.fit import fit, outcome_years
from models.lgd.settings import settings_of
from riskengine.errors import ModelError
from riskengine.words import Text


def fit_recovery(config: Config, frame: Frame, settings: Mapping[str, Any]) -> Fitted:
    """Fit a recovery model on training rows, shift its quantiles on calibration rows.

    Parameters
    ----------
    config : Config
        Kind ``recovery``.
    frame : Frame
        Rows; those of the test are not looked at.
    settings : mapping
        Of the form, such as the search chose them.

    Returns
    -------
    Fitted
        The model; its manifest names the constants that it must beat.

    Raises
    ------
    ModelError
        If settings are wrong or the rows do not bear the fit.
    """
    how = settings_of(settings)
    frame = frame.of("train", "calibrate")
    train, late = frame.of("train"), frame.of("calibrate")
    for name, part in (("train", train), ("calibrate", late)):
        rows = part.y.size
        if rows < 2 * how.leaf_rows:
            raise ModelError(
                Text(f"{name} 部分只有 {rows} 行", f"the part {name} has only {rows} rows"),
                Text("请调整时间切分", "move the days of [split], or lower leaf_rows"),
            )
    downturn = own_downturn(
        frame.y, outcome_years(frame, how), frame.weight, how.downturn_percentile,
        how.downturn_years, how.downturn_defaults,
    )  # fmt: skip
    fitted = fit(train, late, config, how, downturn.floor)
    return Fitted(
        frame.features, {**fitted.model.arrays, **reference(frame.x, frame.features)},
        dict(fitted.estimators),
        {
            "baselines": constants(frame),
            "downturn": {
                "method": downturn.method, "floor": downturn.floor, "mean": downturn.mean,
                "bad": downturn.bad, "worst_years": list(downturn.worst_years),
            },
        },
    )  # fmt: skip


def constants(past: Frame) -> dict[str, float]:
    """Return what anyone would say without a model.

    Parameters
    ----------
    past : Frame
        Training and calibration rows.

    Returns
    -------
    dict of str to float
        Weighted ``median`` and ``mean`` of the loss [1].
    """
    order = np.argsort(past.y, kind="stable")
    reached = np.cumsum(past.weight[order])
    middle = past.y[order][np.searchsorted(reached, 0.5 * reached[-1])]
    return {"median": float(middle), "mean": float(np.average(past.y, weights=past.weight))}


def score_recovery(
    config: Config, first: Frame, second: Frame, settings: Mapping[str, Any]
) -> float:
    """Return how near the median comes on later rows: minus the mean absolute error.

    Parameters
    ----------
    config : Config
        Kind ``recovery``.
    first, second : Frame
        Earlier and later rows; the last fifth of the first shifts the quantiles.
    settings : mapping
        Of the form.

    Returns
    -------
    float
        Minus the mean absolute error [1].
    """
    edge = np.sort(first.day)[int(0.8 * first.y.size)]
    early = first.day < edge
    once = settings_of({**settings, "cross": 0})
    model = fit(first.take(early), first.take(~early), config, once).model
    return -float(np.average(np.abs(second.y - model.median(second.x)), weights=second.weight))
