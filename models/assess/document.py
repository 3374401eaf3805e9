"""The validation report of a candidate: decision first, then the twelve sections."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from models.assess.result import Assessment, table
from models.assess.words import TRIGGERS
from models.config import Config
from models.fitted import Fitted
from models.frame import Frame
from models.report.document import (
    Check,
    Content,
    Decision,
    Document,
    Table,
    Tile,
    standard_sections,
)
from models.search import Tried
from riskengine.words import Text

WARNINGS = {
    "institution": None,
    "foreign": Text(
        "用境外数据训练：只证明方法与流程，水平不可照搬。",
        "Trained on foreign data: proves the method; levels do not transfer.",
    ),
    "synthetic": Text(
        "用合成数据训练：只演示流程。", "Trained on SYNTHETIC rows: shows the path only."
    ),
    "expert": Text("专家给分，未经数据检验。", "Points set by experts, not tested on data."),
}
"""What no reader may miss, by origin."""

FEWEST = 30
"""Defaults below which the report asks for more data."""


def document_of(
    config: Config, frame: Frame, fitted: Fitted, manifest: Mapping[str, Any],
    assessment: Assessment, bar: tuple[Check, ...], tried: Sequence[Tried],
) -> Document:  # fmt: skip
    """Return the validation report of a candidate.

    Parameters
    ----------
    config, frame, fitted : Config, Frame, Fitted
        How it was made, from what, and what came of it.
    manifest : mapping
        What the release says of itself.
    assessment : Assessment
        Figures and sections.
    bar : tuple of Check
        Conditions of promotion.
    tried : sequence of Tried
        Settings that were searched.

    Returns
    -------
    Document
        The report.
    """
    lineage = manifest["lineage"]
    contents = {
        **assessment.contents,
        "training": training_content(config, frame, fitted, tried),
        "limits": limits_content(config, manifest),
        "sign_off": sign_off(),
    }
    return Document(
        Text(f"{config.name} {manifest['version']} 验证报告",
             f"Validation of {config.name} {manifest['version']}"),
        decision_of(bar, assessment.metrics), standard_sections(contents),
        footer=(
            Text(f"数据 {lineage['data_sha256'][:16]}，配置 {lineage['config_sha256'][:16]}，代码"
                 f" {lineage['code_sha256'][:16]}，种子 {config.seed}",
                 f"data {lineage['data_sha256'][:16]}, configuration"
                 f" {lineage['config_sha256'][:16]}, code {lineage['code_sha256'][:16]}, seed"
                 f" {config.seed}"),
        ),
        lead=Text(
            f"测试期 {config.split.calibrate_to}（不含）至 {config.split.test_to}",
            f"tested on rows after {config.split.calibrate_to} to {config.split.test_to}",
        ),
        warning=WARNINGS[config.origin], tiles=tiles(assessment.metrics),
    )  # fmt: skip


def decision_of(bar: Sequence[Check], metrics: Mapping[str, float]) -> Decision:
    """Return what is proposed, with its reasons.

    Parameters
    ----------
    bar : sequence of Check
        Conditions of promotion.
    metrics : mapping of str to float
        Figures.

    Returns
    -------
    Decision
        ``more_data`` when there are too few defaults to tell, ``promote`` when every
        condition holds, ``keep`` otherwise.
    """
    failed = [check for check in bar if not check.holds]
    few = metrics.get("defaults", float(FEWEST)) < FEWEST
    verdict = "more_data" if few else "keep" if failed or not bar else "promote"
    reasons = [
        Text(
            f"{check.name.zh} 为 {check.found}，要求 {check.wanted}",
            f"{check.name.en} is {check.found}, wanted {check.wanted}",
        )
        for check in (failed or bar)[:3]
    ]
    if few:
        told = f"{metrics.get('defaults', 0.0):.0f}"
        reasons.insert(0, Text(f"测试期只有 {told} 个违约", f"only {told} defaults to test on"))
    if not bar:
        reasons.append(Text("配置没有 [bar]，无从判断", "the configuration sets no [bar]"))
    return Decision(verdict, tuple(reasons), tuple(bar))


def tiles(metrics: Mapping[str, float]) -> tuple[Tile, ...]:
    """Return the headline figures.

    Parameters
    ----------
    metrics : mapping of str to float
        Figures.

    Returns
    -------
    tuple of Tile
        Those that are there, in order.
    """
    heads = (
        ("auc", Text("AUC", "AUC"), "{:.3f}"), ("ks", Text("KS", "KS"), "{:.3f}"),
        ("rate_over_pd", Text("实际÷预测", "observed ÷ predicted"), "{:.2f}"),
        ("psi_score", Text("评分 PSI", "PSI of the score"), "{:.3f}"),
        ("mae", Text("平均绝对误差", "mean absolute error"), "{:.3f}"),
        ("r2_log", Text("R²（对数）", "R² of the logarithm"), "{:.3f}"),
        ("median_ape", Text("中位绝对误差", "median absolute error"), "{:.1%}"),
        ("cod", Text("离散系数 COD", "COD"), "{:.1f}"), ("prd", Text("PRD", "PRD"), "{:.3f}"),
        ("coverage", Text("区间覆盖", "interval cover"), "{:.1%}"),
    )  # fmt: skip
    spans = {"auc": ("auc_low", "auc_high")}
    found = []
    for name, title, form in heads:
        if name in metrics and not np.isnan(metrics[name]):
            low, high = spans.get(name, (None, None))
            under = f"{metrics[low]:.3f} – {metrics[high]:.3f}" if low and high else None
            told = Text(under, under) if under else None
            found.append(Tile(title, form.format(metrics[name]), told))
    return tuple(found)


def training_content(
    config: Config, frame: Frame, fitted: Fitted, tried: Sequence[Tried]
) -> Content:
    """Return the section on what was trained.

    Parameters
    ----------
    config, frame, fitted : Config, Frame, Fitted
        How it was made, from what, and what came of it.
    tried : sequence of Tried
        Settings that were searched.

    Returns
    -------
    Content
        The section.
    """
    tables = [rows_table(config, frame), features_table(fitted)]
    if tried:
        tables.append(search_table(tried))
    definition = config.target.definition
    text = [
        Text(f"目标：{definition.zh or definition.en}", f"Target: {definition.en}"),
        *fitted.notes,
    ]
    return Content(text=tuple(text), tables=tuple(tables))


def rows_table(config: Config, frame: Frame) -> Table:
    """Return how many rows went where, and how many of them were bad.

    Parameters
    ----------
    config, frame : Config, Frame
        The split and the rows.

    Returns
    -------
    Table
        One line a part, then the rows left out.
    """
    names = {
        "train": Text("训练", "training"), "calibrate": Text("校准", "calibration"),
        "test": Text("测试", "test"),
    }  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    for key, name in names.items():
        part = frame.of(key)
        bads = int(part.y.sum()) if config.kind == "default" else None
        rows.append((name, str(part.day.min()), str(part.day.max()), part.y.size, bads,
                     float(np.average(part.y, weights=part.weight))))  # fmt: skip
    out = {
        "not_kept": Text("不合条件", "not kept"),
        "without_outcome": Text("结果未知", "no outcome"),
        "rejected": Text("有错剔除", "rejected"),
        "later": Text("测试期之后", "later than the test"),
    }  # fmt: skip
    rows += [(name, None, None, frame.counts[key], None, None) for key, name in out.items()]
    heads = (
        ("部分", "part", "text"), ("首日", "first day", "text"), ("末日", "last day", "text"),
        ("行数", "rows", "integer"), ("违约", "defaults", "integer"),
        ("目标均值", "mean of target", "number"),
    )  # fmt: skip
    return table("数据去向", "Where the rows went", heads, rows)


def features_table(fitted: Fitted) -> Table:
    """Return the features with unit and direction.

    Parameters
    ----------
    fitted : Fitted
        The model.

    Returns
    -------
    Table
        One line a feature.
    """
    sign = {1: "+", -1: "−", 0: "·"}
    rows = [
        (one.words, one.name, one.unit or f"{len(one.codes)} codes", sign[one.direction])
        for one in fitted.features
    ]
    heads = (
        ("特征", "feature", "text"), ("列", "column", "text"), ("单位", "unit", "text"),
        ("方向", "direction", "text"),
    )  # fmt: skip
    return table("特征", "Features", heads, rows)


def search_table(tried: Sequence[Tried]) -> Table:
    """Return the settings that were searched, the best first.

    Parameters
    ----------
    tried : sequence of Tried
        At most ten are told.

    Returns
    -------
    Table
        One line a choice.
    """
    rows = [
        (", ".join(f"{k}={v}" for k, v in one.settings.items()), one.mean, min(one.scores))
        for one in tried[:10]
    ]
    heads = (
        ("设置", "settings", "text"), ("平均得分", "mean score", "number"),
        ("最低", "worst fold", "number"),
    )  # fmt: skip
    note = Text("只在训练期内向前验证。", "Forward validation inside the training rows alone.")
    return table("搜索", "Search", heads, rows, note)


def limits_content(config: Config, manifest: Mapping[str, Any]) -> Content:
    """Return the section on limits and monitoring.

    Parameters
    ----------
    config : Config
        What it is not for.
    manifest : mapping
        Findings of the leakage probe that stand.

    Returns
    -------
    Content
        The section.
    """
    text = []
    if config.not_for.en:
        text.append(Text(f"不得用于：{config.not_for.zh}", f"Not for: {config.not_for.en}"))
    text += [
        Text(f"泄漏探测提到 {name}：{why}", f"the leakage probe spoke of {name}: {why}")
        for name, why in manifest["allowed"].items()
    ]
    text += [Text(f"监测：{one.zh}", f"Monitoring: {one.en}") for one in TRIGGERS]
    return Content(text=tuple(text))


def sign_off() -> Content:
    """Return the section to be signed.

    Returns
    -------
    Content
        Roles, with room for a name and a day.
    """
    roles = (
        Text("模型开发", "developer"), Text("独立验证", "validator"),
        Text("风险负责人", "head of risk"),
    )  # fmt: skip
    heads = (("角色", "role", "text"), ("签名", "signature", "text"), ("日期", "day", "text"))
    return Content(tables=(table("签署", "Signatures", heads, [(r, "", "") for r in roles]),))
