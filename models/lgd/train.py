"""Training a recovery model: points, calibrated quantiles, downturn, out-of-time figures.

    train rows ........ calibration rows ... test rows
    fit of all parts    conformal shifts     figures, looked at once

`train` is `models.lgd.fit.fit` with the figures of a release; `models.lgd.search` chooses
settings before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from models.config import Config
from models.frame import Frame
from models.lgd.downturn import Downturn, own_downturn
from models.lgd.figures import by_key, point_figures
from models.lgd.fit import Fitted, figures, fit, outcome_years
from models.lgd.settings import settings_of
from riskengine.errors import ModelError
from riskengine.words import Text


@dataclass(frozen=True)
class Trained:
    """A model ready for release.

    Parameters
    ----------
    fitted : Fitted
        The model.
    metrics : dict of str to float
        Figures on the test rows, beside constants and plain boosting; ``mae_over_constant``
        is what promotion should ask to be below 1.
    years : mapping of int to dict
        The same by calendar year of the decision.
    downturn : Downturn
        What the downturn rests on.
    """

    fitted: Fitted
    metrics: dict[str, float]
    years: Mapping[int, dict[str, float]]
    downturn: Downturn

    @property
    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """Arrays of the release."""
        return self.fitted.model.arrays


def baselines(past: Frame, test: Frame, seed: int = 0) -> dict[str, float]:
    """Return what anyone would get: a constant, and boosting as it comes out of the box.

    Parameters
    ----------
    past : Frame
        Training and calibration rows together: the baselines get all of the past.
    test : Frame
        Test rows.
    seed : int
        Random seed.

    Returns
    -------
    dict of str to float
        Mean absolute errors of the past's median and mean, and mean absolute error and
        R2 of `HistGradientBoostingRegressor` with its own defaults on the same features.
    """
    order = np.argsort(past.y, kind="stable")
    reached = np.cumsum(past.weight[order])
    median = past.y[order][np.searchsorted(reached, 0.5 * reached[-1])]
    mean = np.average(past.y, weights=past.weight)
    is_category = [feature.kind == "category" for feature in past.features]
    plain = HistGradientBoostingRegressor(
        random_state=seed, categorical_features=is_category if any(is_category) else None
    )
    with threadpool_limits(1, user_api="openmp"):
        plain.fit(past.x.T, past.y, sample_weight=past.weight)
    predicted = plain.predict(test.x.T)
    off = {
        "constant_median": np.abs(test.y - median), "constant_mean": np.abs(test.y - mean),
        "plain_boosting": np.abs(test.y - predicted),
    }  # fmt: skip
    found = {f"mae_{name}": float(np.average(v, weights=test.weight)) for name, v in off.items()}
    return found | {
        "r2_plain_boosting": point_figures(test.y, predicted, predicted, test.weight)["r2"]
    }


def train(frame: Frame, config: Config) -> Trained:
    """Train a recovery model and look at the test rows once.

    Parameters
    ----------
    frame : Frame
        Checked rows in their parts.
    config : Config
        How.

    Returns
    -------
    Trained
        The model with its out-of-time figures.

    Raises
    ------
    ModelError
        If settings are wrong or a part has too few rows.
    """
    settings = settings_of(config.settings)
    past, test = frame.of("train", "calibrate"), frame.of("test")
    for name in ("train", "calibrate", "test"):
        rows = frame.of(name).y.size
        if rows < 2 * settings.leaf_rows:
            raise ModelError(
                Text(f"{name} 部分只有 {rows} 行", f"the part {name} has only {rows} rows"),
                Text("请调整时间切分", "widen the split by time"),
            )
    downturn = own_downturn(
        past.y, outcome_years(past, settings), past.weight, settings.downturn_percentile,
        settings.downturn_years, settings.downturn_defaults,
    )  # fmt: skip
    fitted = fit(frame.of("train"), frame.of("calibrate"), config, settings, downturn.floor)
    model = fitted.model
    calendar = test.day.astype("datetime64[Y]").astype(np.int64) + 1970
    quantiles, mean = model.quantiles(test.x), model.lgd(test.x)
    years = by_key(calendar, test.y, mean, quantiles, model.arrays["levels"], test.weight)
    metrics = figures(fitted, test) | baselines(past, test, config.seed)
    constant = min(metrics["mae_constant_median"], metrics["mae_constant_mean"])
    metrics["mae_over_constant"] = metrics["mae"] / constant if constant > 0.0 else float("inf")
    return Trained(fitted, metrics, years, downturn)
