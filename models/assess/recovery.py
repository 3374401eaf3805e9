"""Is a recovery model near, level and honest about its width on defaults that came later."""

import numpy as np
from numpy.typing import NDArray

from models.assess.default_sections import stability_content
from models.assess.result import Assessment, table
from models.config import Config
from models.evaluate.amounts import (
    Coverage,
    coverage,
    level_table,
    level_test,
    loss_capture,
    pinball_loss,
)
from models.evaluate.paired import paired_bootstrap
from models.frame import Frame
from models.report.document import Content, Picture, Table
from riskengine.drift import drift
from riskengine.learned.recovery import RecoveryModel
from riskengine.words import Text

Floats = NDArray[np.float64]

LARGE = 100
"""Rows from which the cover of a group is held against its level."""


def assess_recovery(model: RecoveryModel, frame: Frame, config: Config) -> Assessment:
    """Assess a recovery model.

    Parameters
    ----------
    model : RecoveryModel
        As the engine answers.
    frame : Frame
        Defaults that it never saw.
    config : Config
        Subgroups.

    Returns
    -------
    Assessment
        Figures, and the sections on recovery and stability.
    """
    mean, quantiles = model.lgd(frame.x), model.quantiles(frame.x)
    middle, level = model.median(frame.x), level_test(frame.y, mean, frame.weight)
    base = model.release.manifest["baselines"]
    off = {
        "mae": np.abs(frame.y - middle), "mae_constant_median": np.abs(frame.y - base["median"]),
        "mae_constant_mean": np.abs(frame.y - base["mean"]),
    }  # fmt: skip
    errors = {name: float(np.average(miss, weights=frame.weight)) for name, miss in off.items()}
    best = min(errors["mae_constant_median"], errors["mae_constant_mean"])
    covered = cover_tables(model, frame, quantiles, config)
    whole, groups = covered[0][1][0], [one for _, found in covered for one in found]
    levels = model.arrays["levels"]
    moved = drift(model.arrays, frame.x, [feature.name for feature in model.features])
    figures = {
        "n": float(frame.y.size), **errors, "mae_over_constant": errors["mae"] / best,
        "r2": 1.0 - float(np.average((frame.y - mean) ** 2, weights=frame.weight)
                          / np.average((frame.y - np.average(frame.y, weights=frame.weight)) ** 2,
                                       weights=frame.weight)),
        "mean_predicted": level.predicted, "mean_realised": level.realised,
        "level_p": level.both.p_value, "too_low_p": level.too_low.p_value,
        "loss_capture": loss_capture(frame.y, mean).ratio, "coverage": whole.coverage,
        "coverage_miss": abs(whole.coverage - whole.wanted),
        "coverage_worst": max(
            (abs(one.coverage - one.wanted) for one in groups if one.n >= LARGE), default=np.nan
        ),
        "width": whole.width, "outside_share": float(1.0 - model.inside(frame.x).mean()),
        **{
            f"pinball_{level:g}": pinball_loss(frame.y, quantiles[k], float(level))
            for k, level in enumerate(levels)
        },
        "drift_alarms": float(sum(one.alarm or one.missing_alarm for one in moved)),
    }  # fmt: skip
    contents = {
        "recovery": _content(frame, mean, covered),
        "stability": stability_content(model.arrays, model.features, frame.x),
    }
    return Assessment(figures, contents)


def recovery_answer(model: RecoveryModel, frame: Frame) -> Floats:
    """Return the median loss of rows: the point of the smallest absolute error.

    Parameters
    ----------
    model : RecoveryModel
        The model.
    frame : Frame
        Rows.

    Returns
    -------
    (n,) float64
        Share lost [1].
    """
    return model.median(frame.x)


def recovery_gains(frame: Frame, old: Floats, new: Floats, seed: int) -> dict[str, float]:
    """Return how much nearer a challenger comes than a champion.

    Parameters
    ----------
    frame : Frame
        Rows.
    old, new : (n,) float64
        Answers of champion and challenger.
    seed : int
        Of resamples.

    Returns
    -------
    dict of str to float
        Gain of the mean absolute error, its interval and p-value, and rows.
    """
    first, second = np.abs(frame.y - old), np.abs(frame.y - new)

    def figure(counts: Floats) -> tuple[float, float]:
        return float(np.average(first, weights=counts)), float(np.average(second, weights=counts))

    pair = paired_bootstrap("mae", figure, frame.y.size, seed=seed)
    return {
        "n": float(pair.n), "mae_gain": pair.difference, "mae_gain_low": pair.interval.low,
        "mae_gain_high": pair.interval.high, "mae_gain_p": pair.test.p_value,
    }  # fmt: skip


def cover_tables(
    model: RecoveryModel, frame: Frame, quantiles: Floats, config: Config
) -> list[tuple[str, tuple[Coverage, ...]]]:
    """Return the cover of the outer quantiles: of all, by year, and by subgroup.

    Parameters
    ----------
    model : RecoveryModel
        The model, with the levels of its quantiles.
    frame : Frame
        Rows.
    quantiles : (levels, n) float64
        Its quantiles.
    config : Config
        Subgroups.

    Returns
    -------
    list of (str, tuple of Coverage)
        ``all``, ``year``, then the columns of ``groups``.
    """
    levels = model.arrays["levels"]
    wanted, low, high = float(levels[-1] - levels[0]), quantiles[0], quantiles[-1]
    year = (frame.day.astype("datetime64[Y]").astype(int) + 1970).astype(str)
    keys = {"year": year} | {
        name: frame.table[name].astype("string").fillna("—").to_numpy(object).astype(str)
        for name in config.groups
    }  # fmt: skip
    found = [("all", coverage(frame.y, wanted, high, low))]
    found += [
        (name, coverage(frame.y, wanted, high, low, groups=key)) for name, key in keys.items()
    ]
    return found


def _content(
    frame: Frame, mean: Floats, covered: list[tuple[str, tuple[Coverage, ...]]]
) -> Content:  # fmt: skip
    bands = _bands(frame, mean)
    tables = [_cover(name, found) for name, found in covered]
    picture = Picture("reliability", bands.title, bands, 2, 3, frame.y.size, 4, 5)
    text = Text(
        "点估计有两个：均值用于预期损失，中位数绝对误差最小；区间为校准后的分位数。",
        "Two points: the mean for an expected loss, the median for the smallest absolute error;"
        " the interval is of calibrated quantiles.",
    )
    return Content(text=(text,), tables=tuple(tables), pictures=(picture,))


def _bands(frame: Frame, mean: Floats) -> Table:
    rows = [
        (one.group, one.n, one.predicted, one.realised, one.interval.low, one.interval.high)
        for one in level_table(frame.y, mean)
    ]
    heads = (
        ("档", "band", "integer"), ("行数", "n", "integer"), ("预测", "predicted", "share"),
        ("实际", "realised", "share"), ("下限", "low", "share"), ("上限", "high", "share"),
    )  # fmt: skip
    return table("预测与实际损失率，按档", "Predicted and realised loss by band", heads, rows)


def _cover(name: str, found: tuple[Coverage, ...]) -> Table:
    rows = [
        (one.group, one.n, one.coverage, one.interval.low, one.interval.high, one.wanted, one.width)
        for one in sorted(found, key=lambda one: -one.n)[:14]
    ]
    heads = (
        ("组", "group", "text"), ("行数", "n", "integer"), ("覆盖", "cover", "share"),
        ("下限", "low", "share"), ("上限", "high", "share"), ("名义", "wanted", "share"),
        ("宽度", "width", "number"),
    )  # fmt: skip
    return table(f"区间覆盖：{name}", f"Cover of the interval: {name}", heads, rows)
