"""Sections of the validation report of a model of default, in tables and pictures."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from models.assess.result import table
from models.evaluate.backtest import Backtest, backtest
from models.evaluate.brier import equal_count_groups
from models.evaluate.curves import roc
from models.evaluate.discrimination import auc
from models.frame import Frame
from models.pd.low_default import upper_bounds
from models.report.document import Content, Picture, Table
from riskengine.drift import drift
from riskengine.learned.features import Feature
from riskengine.words import Text

Floats = NDArray[np.float64]
FEW = 200
"""Defaults below which upper bounds are told."""


def discrimination_content(
    frame: Frame, odds: Floats, subgroups: tuple[Table, ...] = ()
) -> Content:  # fmt: skip
    """Return the section on discrimination: ROC, and AUC by subgroup and single feature.

    Parameters
    ----------
    frame : Frame
        Rows.
    odds : (n,) float64
        Log odds of bad.
    subgroups : tuple of Table
        Tables of subgroups.

    Returns
    -------
    Content
        The section.
    """
    curve = roc(frame.y, odds, frame.weight)
    keep = np.unique(np.linspace(0, curve.x.size - 1, 60).astype(int))
    points = table(
        "ROC 曲线", "ROC curve",
        (("误报率", "false alarm rate", "share"), ("命中率", "hit rate", "share")),
        [(float(curve.x[k]), float(curve.y[k])) for k in keep],
    )  # fmt: skip
    bads = int(frame.y.sum())
    picture = Picture("step", points.title, points, 0, 1, frame.y.size, defaults=bads)
    return Content(
        tables=(single_features(frame), *subgroups), pictures=(picture,),
        text=(Text(
            "单项指标的 AUC 接近 0.5 属正常：价值在于合在一起。",
            "The AUC of single features is near 0.5 as a rule: their worth lies in the whole.",
        ),),
    )  # fmt: skip


def single_features(frame: Frame) -> Table:
    """Return the AUC of every feature alone; below 0.5 it falls with the feature.

    Parameters
    ----------
    frame : Frame
        Rows.

    Returns
    -------
    Table
        One line a feature; a category stands for the rate of its codes, which flatters it.
    """
    rows = []
    for feature, row in zip(frame.features, frame.x, strict=True):
        known = ~np.isnan(row)
        if feature.kind == "category" and known.any():
            codes = row[known].astype(int)
            rate = np.bincount(codes, frame.y[known]) / np.maximum(np.bincount(codes), 1)
            values = rate[codes]
        else:
            values = row[known]
        if np.unique(frame.y[known]).size < 2:
            continue
        found = auc(frame.y[known], values)
        rows.append((feature.words, found.auc, found.interval.low, found.interval.high, found.n))
    heads = (
        ("特征", "feature", "text"), ("AUC", "AUC", "number"), ("下限", "low", "number"),
        ("上限", "high", "number"), ("行数", "n", "integer"),
    )  # fmt: skip
    return table("单项 AUC", "AUC of single features", heads, rows)


def calibration_content(
    frame: Frame, p: Floats, shift: float, years: Sequence[tuple[int, Backtest]]
) -> Content:
    """Return the section on calibration: reliability by band, and year by year.

    Parameters
    ----------
    frame : Frame
        Rows.
    p : (n,) float64
        Probabilities on the sample's prior.
    shift : float
        From the sample's log odds to the population's.
    years : sequence of (int, Backtest)
        Tests by calendar year.

    Returns
    -------
    Content
        The section.
    """
    bands, annual = reliability(frame, p), vintage(years, shift)
    bounds = low_default_bounds(bands) if int(frame.y.sum()) < FEW else ()
    bads = int(frame.y.sum())
    return Content(
        tables=bounds,
        pictures=(
            Picture("reliability", bands.title, bands, 3, 4, frame.y.size, 5, 6, defaults=bads),
            Picture("line", annual.title, annual, 0, (3, 4), frame.y.size,
                    (None, 5), (None, 6), defaults=bads),
        ),
    )  # fmt: skip


def reliability(frame: Frame, p: Floats, bands: int = 10) -> Table:
    """Return predicted and observed rates by band of equal count.

    Parameters
    ----------
    frame : Frame
        Rows.
    p : (n,) float64
        Probabilities on the sample's prior.
    bands : int
        Bands, >= 1.

    Returns
    -------
    Table
        One line a band.
    """
    group, rows = equal_count_groups(p, bands), []
    for k in np.unique(group):
        inside = group == k
        test = backtest(int(inside.sum()), int(frame.y[inside].sum()), float(p[inside].mean()))
        rows.append((
            int(k) + 1, int(test.n), int(test.defaults), test.pd, test.rate, test.interval.low,
            test.interval.high, test.jeffreys.upper,
        ))  # fmt: skip
    heads = (
        ("档", "band", "integer"), ("行数", "n", "integer"), ("违约", "defaults", "integer"),
        ("预测", "predicted", "share"), ("实际", "observed", "share"), ("下限", "low", "share"),
        ("上限", "high", "share"), ("Jeffreys p", "Jeffreys p", "p_value"),
    )  # fmt: skip
    return table("预测与实际，按档", "Predicted and observed by band", heads, rows)


def low_default_bounds(bands: Table) -> tuple[Table, ...]:
    """Return the most prudent PDs that few defaults leave open, by band.

    Parameters
    ----------
    bands : Table
        As `reliability` gives it, the best band first.

    Returns
    -------
    tuple of Table
        One table: upper bounds of Pluto and Tasche at 75 %, without correlation and
        with 12 %.
    """
    cases = [row[1] for row in bands.rows]
    defaults = [row[2] for row in bands.rows]
    apart, together = (upper_bounds(cases, defaults, 0.75, rho) for rho in (0.0, 0.12))
    rows = [
        (row[0], row[1], row[2], row[3], float(one), float(two))
        for row, one, two in zip(bands.rows, apart, together, strict=True)
    ]
    heads = (
        ("档", "band", "integer"), ("行数", "n", "integer"), ("违约", "defaults", "integer"),
        ("预测", "predicted", "share"), ("上界", "upper bound", "share"),
        ("上界，相关性 12 %", "upper bound, correlation 12 %", "share"),
    )  # fmt: skip
    note = Text(
        "违约少于 200 个时给出 Pluto–Tasche 上界（75 %）。",
        "Bounds of Pluto and Tasche at 75 %, told where there are fewer than 200 defaults.",
    )
    return (table("少违约上界", "Bounds for few defaults", heads, rows, note),)


def vintage(years: Sequence[tuple[int, Backtest]], shift: float) -> Table:
    """Return predicted and observed rates by year of the decision.

    Parameters
    ----------
    years : sequence of (int, Backtest)
        Tests by calendar year.
    shift : float
        From the sample's log odds to the population's.

    Returns
    -------
    Table
        One line a year; the last two columns are on the population's prior.
    """
    moved: Callable[[float], float] = lambda rate: float(expit(logit(rate) + shift))  # noqa: E731
    rows = [
        (
            str(year), int(test.n), int(test.defaults), test.pd, test.rate, test.interval.low,
            test.interval.high, test.jeffreys.upper, test.correlated_jeffreys.upper,
            moved(test.pd), moved(test.rate) if 0.0 < test.rate < 1.0 else test.rate,
        )
        for year, test in years
    ]  # fmt: skip
    heads = (
        ("年", "year", "text"), ("行数", "n", "integer"), ("违约", "defaults", "integer"),
        ("预测", "predicted", "share"), ("实际", "observed", "share"), ("下限", "low", "share"),
        ("上限", "high", "share"), ("Jeffreys p", "Jeffreys p", "p_value"),
        ("含相关性 p", "correlated p", "p_value"),
        ("预测，总体", "predicted, population", "share"),
        ("实际，总体", "observed, population", "share"),
    )  # fmt: skip
    note = Text(
        "p 小表示违约多于预测；“含相关性”容许坏年份（单因子）。",
        "A small p means more defaults than predicted; the correlated one bears a bad year.",
    )
    return table("预测与实际，按年份", "Predicted and observed by year", heads, rows, note)


def stability_content(
    arrays: Mapping[str, NDArray[Any]], features: Sequence[Feature], x: Floats
) -> Content:
    """Return the section on stability: every feature against its frozen histogram.

    Parameters
    ----------
    arrays : mapping of str to array
        Of the release, with its histograms.
    features : sequence of Feature
        What it looks at.
    x : (features, n) float64
        Rows of today, as the model wants them.

    Returns
    -------
    Content
        The section.
    """
    found = drift(arrays, x, [feature.name for feature in features])
    rows = [
        (
            feature.words, one.stability.psi, one.stability.expected_by_chance, one.holm_p,
            one.missing_before, one.missing_now, _yes(one.alarm or one.missing_alarm),
        )
        for feature, one in zip(features, found, strict=True)
    ]  # fmt: skip
    heads = (
        ("特征", "feature", "text"), ("PSI", "PSI", "number"),
        ("偶然可得", "by chance", "number"), ("p（Holm）", "p (Holm)", "p_value"),
        ("缺失，训练", "missing, training", "share"), ("缺失，现在", "missing, now", "share"),
        ("警报", "alarm", "text"),
    )  # fmt: skip
    told = table("特征稳定性", "Stability of features", heads, rows)
    picture = Picture("bars", told.title, told, 0, 1, x.shape[1])
    return Content(pictures=(picture,))


def _yes(alarm: bool) -> Text:
    return Text("是", "yes") if alarm else Text("否", "no")
