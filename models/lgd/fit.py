"""Fitting one recovery model: all its parts, and the conformal shifts of its quantiles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from models.config import Config
from models.frame import Frame
from models.lgd.boosted import Boosting, fit_boosting
from models.lgd.design import make_design
from models.lgd.figures import cover_figures, point_figures
from models.lgd.fractional import fit_fractional
from models.lgd.quantiles import conformal_table
from models.lgd.settings import Settings
from models.lgd.two_stage import fit_two_stage
from models.trees import tree_arrays
from riskengine.errors import ModelError
from riskengine.learned.features import Feature
from riskengine.learned.recovery import Parts, RecoveryModel, raw_mean, raw_quantiles
from riskengine.learned.release import Release
from riskengine.words import Text


@dataclass(frozen=True)
class Fitted:
    """One fitted model.

    Parameters
    ----------
    model : RecoveryModel
        The arrays, scored as the engine will.
    estimators : mapping of str to estimator
        Scikit-learn's, for the analyst; empty for linear forms.
    """

    model: RecoveryModel
    estimators: Mapping[str, HistGradientBoostingRegressor]


def fit(
    train: Frame, calibrate: Frame, config: Config, settings: Settings, floor: float = 0.0
) -> Fitted:
    """Fit one model on training rows and shift its quantiles on calibration rows.

    Parameters
    ----------
    train, calibrate : Frame
        Rows, the second all later than the first.
    config : Config
        Form, bounds of the target and seed.
    settings : Settings
        Of the fit.
    floor : float
        Floor of the downturn, in [0, 1].

    Returns
    -------
    Fitted
        The model.

    Raises
    ------
    ModelError
        If the form cannot be fitted on these rows.
    """
    features, levels = train.features, np.asarray(settings.levels, dtype=np.float64)
    names = [feature.name for feature in features]
    place = _group_place(features, names, settings)
    past = _joined(train, calibrate)
    arrays, estimators = _parts(past if settings.cross else train, config, settings)
    shared = {
        "levels": levels, "group_feature": np.array([place]),
        "bounds": np.array([config.target.low, config.target.high], dtype=np.float64),
        "downturn": np.array([floor]), **_support(past.x, features),
    }  # fmt: skip
    mean, raw = _held_out(train, calibrate, arrays | shared, config, settings)
    level = float(np.average(calibrate.y - mean, weights=calibrate.weight))
    groups = calibrate.x[place] if place >= 0 else np.full(calibrate.y.size, np.nan)
    count = len(features[place].codes) if place >= 0 else 0
    shifts = conformal_table(
        calibrate.y, raw, levels, groups, count, calibrate.weight, settings.group_rows
    )
    arrays |= {**shared, "shifts": shifts, "mean_shift": np.array([level])}
    # Trained, not yet released: without digest and version.
    bare = Release(
        config.name, "", "recovery", config.form, config.origin, features, "", {}, arrays
    )
    return Fitted(RecoveryModel.of(bare), estimators)


def _held_out(
    train: Frame, calibrate: Frame, arrays: Mapping[str, NDArray[Any]], config: Config,
    settings: Settings,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """Raw means and quantiles of calibration rows by models that did not see them."""
    form, x = config.form, calibrate.x
    if not settings.cross:
        whole = Parts.laid_out(form, arrays, len(x))
        return raw_mean(whole, x), raw_quantiles(whole, x)
    fold = np.random.default_rng(config.seed).permutation(calibrate.y.size) % settings.cross
    mean, out = np.empty(fold.size), np.empty((len(settings.levels), fold.size))
    for one in range(settings.cross):
        rest = _joined(train, calibrate.take(fold != one))
        fitted, _ = _parts(rest, config, settings)
        parts = Parts.laid_out(form, {**fitted, "levels": arrays["levels"]}, len(x))
        held = np.ascontiguousarray(x[:, fold == one])
        mean[fold == one] = raw_mean(parts, held)
        out[:, fold == one] = raw_quantiles(parts, held)
    return mean, out


def _recency(rows: Frame, settings: Settings) -> NDArray[np.float64]:
    """Weight by age of the outcome; an outcome without a day counts as the middle one."""
    if settings.half_life == 0.0:
        return np.ones(rows.y.size)
    days = outcome_days(rows, settings)
    age = (np.nanmax(days) - days) / 365.25
    weight: NDArray[np.float64] = 0.5 ** (
        np.nan_to_num(age, nan=np.nanmedian(age)) / settings.half_life
    )
    return weight / weight.mean()


def outcome_days(rows: Frame, settings: Settings) -> NDArray[np.float64]:
    """Return days of outcomes, counted from 1970.

    Parameters
    ----------
    rows : Frame
        Rows.
    settings : Settings
        Which column holds them.

    Returns
    -------
    (n,) float64
        Days; NaN where there is none.
    """
    days = rows.day
    if settings.outcome_date:
        days = pd.to_datetime(rows.table[settings.outcome_date]).to_numpy("datetime64[D]")
    return np.where(np.isnat(days), np.nan, days.astype(np.int64).astype(np.float64))


def outcome_years(rows: Frame, settings: Settings) -> NDArray[np.int64]:
    """Return the calendar year of each outcome.

    Parameters
    ----------
    rows : Frame
        Rows.
    settings : Settings
        Which column holds the days.

    Returns
    -------
    (n,) int64
        Year; -1 where no day is known.
    """
    days = outcome_days(rows, settings)
    known = np.nan_to_num(days, nan=0.0).astype("datetime64[D]")
    return np.where(np.isnan(days), -1, known.astype("datetime64[Y]").astype(np.int64) + 1970)


def _joined(first: Frame, second: Frame) -> Frame:
    return replace(
        first, x=np.hstack([first.x, second.x]), y=np.append(first.y, second.y),
        weight=np.append(first.weight, second.weight), day=np.append(first.day, second.day),
        place=np.append(first.place, second.place), part=np.append(first.part, second.part),
        table=pd.concat([first.table, second.table]),
    )  # fmt: skip


def _parts(
    rows: Frame, config: Config, settings: Settings
) -> tuple[dict[str, NDArray[Any]], dict[str, HistGradientBoostingRegressor]]:
    """Fit the mean, and the quantiles where they have trees of their own."""
    rows = replace(rows, weight=rows.weight * _recency(rows, settings))
    arrays: dict[str, NDArray[Any]]
    estimators: dict[str, HistGradientBoostingRegressor] = {}
    wanted: list[tuple[str, float | None, int]] = []
    if config.form == "boosting":
        arrays = {}
        wanted.append(("mean", None, settings.leaves))
    else:
        arrays = _linear(rows, config.form, settings)
    if settings.quantiles == "trees":
        leaves = settings.quantile_leaves
        wanted += [(f"level{k}", float(t), leaves) for k, t in enumerate(settings.levels)]
    for name, level, leaves in wanted:
        trees = Boosting(
            settings.iterations, leaves, settings.leaf_rows, settings.learning_rate, settings.l2
        )
        one = fit_boosting(rows.x, rows.y, rows.weight, rows.features, trees, level, config.seed)
        estimators[name] = one
        made = tree_arrays(one)
        arrays |= {f"{name}_{part}": array for part, array in made.items()}
    return arrays, estimators


def _linear(rows: Frame, form: str, settings: Settings) -> dict[str, NDArray[Any]]:
    if form == "two_stage":
        ends = (settings.zero_at, settings.one_at)
        return fit_two_stage(
            rows.x, rows.y, rows.weight, rows.features, settings.ridge, ends
        ).arrays()
    design = make_design(rows.x, rows.features)
    found = fit_fractional(design.matrix(rows.x), rows.y, rows.weight, settings.ridge)
    return design.arrays([found.coefficients])


def _group_place(features: Sequence[Feature], names: list[str], settings: Settings) -> int:
    if not settings.group:
        return -1
    if settings.group in names and features[names.index(settings.group)].kind == "category":
        return names.index(settings.group)
    wrong = f"settings.group {settings.group!r}"
    raise ModelError(
        Text(f"{wrong} 不是类别特征", f"{wrong} is no category among the features"),
        Text("请改为类别特征或留空", "name a category feature, or leave it empty"),
    )


def _support(x: NDArray[np.float64], features: Sequence[Feature]) -> dict[str, NDArray[Any]]:
    """What training saw: declared ranges where they are given, otherwise the seen ones."""
    low = [f.low if np.isfinite(f.low) else _least(row) for f, row in zip(features, x, strict=True)]
    high = [
        f.high if np.isfinite(f.high) else -_least(-row) for f, row in zip(features, x, strict=True)
    ]
    # A code never declared reaches the engine as missing: categories may always be.
    sets = np.array([feature.kind == "category" for feature in features])
    return {
        "low": np.array(low),
        "high": np.array(high),
        "may_miss": np.isnan(x).any(axis=1) | sets,
    }


def _least(row: NDArray[np.float64]) -> float:
    return float(np.nanmin(row)) if (~np.isnan(row)).any() else 0.0


def figures(fitted: Fitted, frame: Frame) -> dict[str, float]:
    """Return how a model does on rows.

    Parameters
    ----------
    fitted : Fitted
        The model.
    frame : Frame
        Rows that it never saw.

    Returns
    -------
    dict of str to float
        As `models.lgd.figures`.
    """
    model = fitted.model
    quantiles = model.quantiles(frame.x)
    middle = int(np.argmin(np.abs(model.arrays["levels"] - 0.5)))
    points = point_figures(frame.y, model.lgd(frame.x), quantiles[middle], frame.weight)
    return points | cover_figures(frame.y, quantiles, model.arrays["levels"], frame.weight)
