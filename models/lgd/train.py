"""Training a recovery model: points, calibrated quantiles, downturn, out-of-time figures.

    train rows ........ calibration rows ... test rows
    fit of all parts    conformal shifts     figures, looked at once

`fit` is one model on given parts, `forward` scores settings by folds that only ever look
forward inside the years before the test, and `train` is `fit` with the figures of a release.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from models.config import Config
from models.frame import Frame
from models.lgd.boosted import Boosting, fit_boosting, tree_arrays
from models.lgd.design import make_design
from models.lgd.downturn import Downturn, own_downturn
from models.lgd.figures import by_key, cover_figures, point_figures
from models.lgd.fractional import fit_fractional
from models.lgd.quantiles import conformal_table
from models.lgd.two_stage import fit_two_stage
from riskengine.errors import ModelError
from riskengine.learned.features import Feature
from riskengine.learned.recovery import RecoveryModel, raw_quantiles
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
    downturn_date : str
        Column of the day of default or charge-off; ``""`` for the day of the decision.
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
    downturn_date: str = ""
    downturn_percentile: float = 0.9
    downturn_years: int = 7
    downturn_defaults: int = 30


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


@dataclass(frozen=True)
class Trained:
    """A model ready for release.

    Parameters
    ----------
    fitted : Fitted
        The model.
    metrics : dict of str to float
        Figures on the test rows, beside constants and plain boosting.
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
    if not settings.zero_at < settings.one_at:
        faults.append("settings.zero_at must be below settings.one_at")
    if faults:
        told = "; ".join(faults)
        raise ModelError(
            Text(f"设置有误：{told}", f"settings: {told}"),
            Text("请按 models/lgd/train.py 的说明修改", "mend them as models/lgd/train.py says"),
        )
    return settings


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
    raw = _held_out(train, calibrate, arrays | shared, config, settings)
    groups = calibrate.x[place] if place >= 0 else np.full(calibrate.y.size, np.nan)
    count = len(features[place].codes) if place >= 0 else 0
    shifts = conformal_table(
        calibrate.y, raw, levels, groups, count, calibrate.weight, settings.group_rows
    )
    arrays |= {**shared, "shifts": shifts}
    model = RecoveryModel(config.name, "", config.origin, config.form, features, arrays)
    return Fitted(model, estimators)


def _held_out(
    train: Frame, calibrate: Frame, arrays: Mapping[str, NDArray[Any]], config: Config,
    settings: Settings,
) -> NDArray[np.float64]:  # fmt: skip
    """Raw quantiles of calibration rows by models that did not see them."""
    if not settings.cross:
        return raw_quantiles(config.form, arrays, calibrate.x)
    fold = np.random.default_rng(config.seed).permutation(calibrate.y.size) % settings.cross
    out = np.empty((len(settings.levels), calibrate.y.size))
    for one in range(settings.cross):
        rest = _joined(train, calibrate.take(fold != one))
        parts, _ = _parts(rest, config, settings)
        held = np.ascontiguousarray(calibrate.x[:, fold == one])
        out[:, fold == one] = raw_quantiles(
            config.form, {**parts, "levels": arrays["levels"]}, held
        )
    return out


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
        made = tree_arrays(one, rows.features)
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
    return {"low": np.array(low), "high": np.array(high), "may_miss": np.isnan(x).any(axis=1) | sets}


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
    ).fit(past.x.T, past.y, sample_weight=past.weight)
    predicted = plain.predict(test.x.T)
    off = {
        "constant_median": np.abs(test.y - median), "constant_mean": np.abs(test.y - mean),
        "plain_boosting": np.abs(test.y - predicted),
    }  # fmt: skip
    found = {f"mae_{name}": float(np.average(v, weights=test.weight)) for name, v in off.items()}
    return found | {
        "r2_plain_boosting": point_figures(test.y, predicted, predicted, test.weight)["r2"]
    }


def forward(
    frame: Frame, config: Config, settings: Settings, folds: int = 4
) -> dict[str, float]:
    """Score settings by folds that look forward, inside the years before the test.

    Each fold trains on all years but the two before it ends, calibrates on the next to
    last and scores the last; folds end one year apart, counted back from the last day of
    calibration.

    Parameters
    ----------
    frame : Frame
        Rows; test rows are never looked at.
    config : Config
        The configuration.
    settings : Settings
        Settings to score.
    folds : int
        Folds.

    Returns
    -------
    dict of str to float
        Figures pooled over the folds by their rows; ``cover_low`` and ``cover_high``
        are left out.
    """
    past = frame.of("train", "calibrate")
    end = np.datetime64(config.split.calibrate_to)
    year = np.timedelta64(365, "D") + np.timedelta64(6, "h")
    found = []
    for back in range(folds):
        last = end - back * year
        test = past.take((past.day > last - year) & (past.day <= last))
        calibrate = past.take((past.day > last - 2 * year) & (past.day <= last - year))
        train = past.take(past.day <= last - 2 * year)
        if min(test.y.size, calibrate.y.size, train.y.size) < 2 * settings.leaf_rows:
            break
        found.append(figures(fit(train, calibrate, config, settings), test))
    if not found:
        raise ModelError(
            Text("校准日前的年份太少，无法向前验证", "too few years before the test for folds"),
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
        past.y, _default_years(past, settings), past.weight, settings.downturn_percentile,
        settings.downturn_years, settings.downturn_defaults,
    )  # fmt: skip
    fitted = fit(frame.of("train"), frame.of("calibrate"), config, settings, downturn.floor)
    model = fitted.model
    calendar = test.day.astype("datetime64[Y]").astype(np.int64) + 1970
    quantiles, mean = model.quantiles(test.x), model.lgd(test.x)
    years = by_key(calendar, test.y, mean, quantiles, model.arrays["levels"], test.weight)
    metrics = figures(fitted, test) | baselines(past, test, config.seed)
    return Trained(fitted, metrics, years, downturn)


def _default_years(past: Frame, settings: Settings) -> NDArray[np.int64]:
    if not settings.downturn_date:
        return past.day.astype("datetime64[Y]").astype(np.int64) + 1970
    days = past.table[settings.downturn_date].to_numpy("datetime64[D]")
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    return np.where(np.isnat(days), -1, years)
