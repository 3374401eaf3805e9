"""Sections on single cases and on groups of people: directions, reasons, fairness, worst cases."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.assess.result import table
from models.config import Config
from models.evaluate.monotone import MonotoneCheck, reason_counts, top_reasons
from models.evaluate.subgroups import fairness_table, subgroup_table
from models.frame import Frame
from models.report.document import Content, Picture, Table
from riskengine.learned.default import DefaultModel
from riskengine.learned.reasons import shown
from riskengine.words import Text

Floats = NDArray[np.float64]

FEWEST = 30
"""Rows from which a group has a line of its own."""

MOST = 12
"""Groups of a column that are told, the largest first."""


def monotonicity_content(
    model: DefaultModel, x: Floats, moved: Sequence[MonotoneCheck]
) -> Content:  # fmt: skip
    """Return the section on directions and on the mix of reasons.

    Parameters
    ----------
    model : DefaultModel
        The model.
    x : (features, n) float64
        Rows.
    moved : sequence of MonotoneCheck
        What moving one feature at a time did.

    Returns
    -------
    Content
        The section.
    """
    sign = {1: "+", -1: "−"}
    rows = [
        (one.feature, sign.get(one.direction, "·"), one.curves, one.steps, len(one.violations))
        for one in moved
    ]
    heads = (
        ("特征", "feature", "text"), ("方向", "direction", "text"),
        ("案例", "cases", "integer"), ("步数", "steps", "integer"),
        ("违反", "violations", "integer"),
    )  # fmt: skip
    directions = table("方向检查", "Check of directions", heads, rows)
    _, parts = model.contributions(x)
    counts = reason_counts(top_reasons(parts, min(3, parts.shape[0])), parts.shape[0])
    names = [*(feature.words for feature in model.features), Text("无", "none")]
    mix = table(
        "主要理由构成（前三项）", "Mix of reasons (first three)",
        (("特征", "feature", "text"), ("占比", "share", "share"), ("次数", "times", "integer")),
        [
            (name, float(count / max(counts.sum(), 1)), int(count))
            for name, count in zip(names, counts, strict=True)
        ],
    )  # fmt: skip
    return Content(
        tables=(directions,), pictures=(Picture("bars", mix.title, mix, 0, 1, x.shape[1]),)
    )


def fairness_content(frame: Frame, p: Floats, config: Config, cut: float) -> Content:
    """Return the section on fairness: grants and missed chances by group of people.

    Parameters
    ----------
    frame : Frame
        Rows, with the columns of the groups.
    p : (n,) float64
        Probabilities on the sample's prior.
    config : Config
        ``fairness``: columns that the model never sees.
    cut : float
        PD above which a case is refused in these tables.

    Returns
    -------
    Content
        The section; without columns it says so.
    """
    tables = [_fairness(frame, p, column, cut) for column in config.fairness]
    text = Text(
        f"以违约概率 {cut:.1%}（测试期中位数）为界；公平性列只供审计，模型看不到。",
        f"Cases above a PD of {cut:.1%} (the median) count as refused; fairness columns are for"
        " audit alone, the model never sees them.",
    )
    return Content(text=(text,) if tables else (), tables=tuple(tables))


def subgroup_tables(
    frame: Frame, p: Floats, columns: Sequence[str], cut: float
) -> tuple[Table, ...]:  # fmt: skip
    """Return level and order of the groups of some columns.

    Parameters
    ----------
    frame : Frame
        Rows, with the columns.
    p : (n,) float64
        Probabilities on the sample's prior.
    columns : sequence of str
        Columns, such as the type of client.
    cut : float
        PD above which a case counts as refused.

    Returns
    -------
    tuple of Table
        One a column.
    """
    return tuple(_subgroups(frame, p, column, cut) for column in columns)


def _labels(frame: Frame, column: str) -> tuple[NDArray[np.str_], NDArray[np.bool_]]:
    """Group of every row, and the rows of groups that are told."""
    label = frame.table[column].astype("string").fillna("—").to_numpy(object).astype(str)
    names, sizes = np.unique(label, return_counts=True)
    order = np.argsort(-sizes, kind="stable")[:MOST]
    return label, np.isin(label, names[order][sizes[order] >= FEWEST])


def _subgroups(frame: Frame, p: Floats, column: str, cut: float) -> Table:
    label, told = _labels(frame, column)
    rows = [
        (
            one.group, one.n, one.bads, one.auc.auc if one.auc else None,
            one.auc.interval.low if one.auc else None, one.auc.interval.high if one.auc else None,
            one.observed_over_expected, one.ratio_interval.low, one.ratio_interval.high,
            one.level_holm,
        )
        for one in subgroup_table(frame.y[told], p[told], label[told], cut)
    ]  # fmt: skip
    heads = (
        ("组", "group", "text"), ("行数", "n", "integer"), ("违约", "defaults", "integer"),
        ("AUC", "AUC", "number"), ("下限", "low", "number"), ("上限", "high", "number"),
        ("实际÷预测", "observed ÷ predicted", "number"), ("下限", "low", "number"),
        ("上限", "high", "number"), ("p（Holm）", "p (Holm)", "p_value"),
    )  # fmt: skip
    return table(f"分组：{column}", f"By {column}", heads, rows)


def _fairness(frame: Frame, p: Floats, column: str, cut: float) -> Table:
    label, told = _labels(frame, column)
    rows = [
        (
            one.group, one.reference, one.grant_ratio, one.ratio_interval.low,
            one.ratio_interval.high, one.four_fifths, one.opportunity_difference,
            one.opportunity_interval.low, one.opportunity_interval.high,
        )
        for one in fairness_table(frame.y[told], p[told], label[told], cut)
    ]  # fmt: skip
    heads = (
        ("组", "group", "text"), ("参照组", "reference", "text"),
        ("通过率之比", "ratio of grants", "number"), ("下限", "low", "number"),
        ("上限", "high", "number"), ("五分之四", "four fifths", "text"),
        ("机会差", "difference of opportunity", "number"), ("下限", "low", "number"),
        ("上限", "high", "number"),
    )  # fmt: skip
    return table(f"公平性：{column}", f"Fairness by {column}", heads, rows)


def worst_cases(
    model: DefaultModel, x: Floats, frame: Frame, p: Floats, most: int = 20
) -> Content:  # fmt: skip
    """Return the cases that the model judged worst, with what moved them.

    Parameters
    ----------
    model : DefaultModel
        The model.
    x : (features, n) float64
        Rows as the model wants them.
    frame : Frame
        The same rows; only their number in the file is told, never an identifier.
    p : (n,) float64
        Probabilities on the sample's prior.
    most : int
        Cases.

    Returns
    -------
    Content
        The section.
    """
    loss = -np.where(frame.y == 1.0, np.log(p), np.log1p(-p))
    worst = np.argsort(-loss, kind="stable")[:most]
    _, parts = model.contributions(np.ascontiguousarray(x[:, worst]))
    rows = []
    for i, row in enumerate(worst):
        heavy = np.argsort(-np.abs(parts[:, i]), kind="stable")[:3]
        told = [_part(model, k, x[k, row], parts[k, i]) for k in heavy]
        rows.append((
            int(frame.table.index[row]),
            Text("违约", "bad") if frame.y[row] else Text("正常", "good"), float(p[row]),
            Text("；".join(one.zh for one in told), "; ".join(one.en for one in told)),
        ))  # fmt: skip
    heads = (
        ("文件行", "row of file", "integer"), ("结果", "outcome", "text"),
        ("预测", "predicted", "share"),
        ("主要贡献（对数几率）", "what moved it (log odds)", "text"),
    )  # fmt: skip
    return Content(tables=(table("最差案例", "Worst cases", heads, rows),))


def _part(model: DefaultModel, k: int, value: float, part: float) -> Text:
    feature = model.features[k]
    said = shown(feature, float(value))
    return Text(
        f"{feature.words.zh} {said.zh} {part:+.2f}", f"{feature.words.en} {said.en} {part:+.2f}"
    )
