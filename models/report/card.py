"""The model card: what a release is, what it is not for, and how it came to be.

One Markdown file in both languages, written from plain mappings such as a manifest.
What was not stated is said to be missing; nothing is filled in.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from riskengine.errors import ModelError
from riskengine.words import Text

NEEDED = ("name", "version", "kind", "form", "origin")
MISSING = "未给出 not given"
WARNINGS = {
    "institution": Text(
        "用本机构数据训练；不得用于其他机构或其他产品。",
        "Trained on the institution's own data; not for another institution or product.",
    ),
    "foreign": Text(
        "境外数据：只演示流程，水平不可照搬，不得用于授信决定。",
        "FOREIGN data: shows the path only; levels do not transfer; never decides on a loan.",
    ),
    "synthetic": Text(
        "合成数据：只演示流程，数字没有含义，不得用于授信决定。",
        "SYNTHETIC data: shows the path only; its figures mean nothing; never decides on a loan.",
    ),
    "expert": Text(
        "专家评分：权重来自公开办法与判断，未经本机构数据检验。",
        "EXPERT card: weights from published rules and judgement, not tested on own data.",
    ),
}
"""What a reader must know first, by origin."""

KIND_WORDS = {
    "default": Text("违约概率", "probability of default"),
    "recovery": Text("违约损失率", "loss given default"),
    "price": Text("价格", "price"),
}
FORM_WORDS = {
    "scorecard": Text("评分卡", "points scorecard"),
    "boosting": Text("梯度提升树", "gradient-boosted trees"),
    "two_stage": Text("两阶段模型", "two-stage model"),
    "fractional": Text("分数回归", "fractional regression"),
    "expert": Text("专家评分卡", "expert scorecard"),
}
DIRECTION_WORDS = {
    1: Text("预测值随之升", "prediction rises with it"),
    -1: Text("预测值随之降", "prediction falls with it"),
    0: Text("不限", "free"),
}
SPLIT_WORDS = {
    "train_to": Text("训练至", "training to"),
    "calibrate_from": Text("校准自", "calibration from"),
    "calibrate_to": Text("校准至", "calibration to"),
    "test_from": Text("检验自", "test from"),
    "test_to": Text("检验至", "test to"),
}
LINEAGE_WORDS = {
    "data_sha256": Text("数据摘要", "data digest"),
    "config_sha256": Text("配置摘要", "configuration digest"),
    "code_sha256": Text("代码摘要", "code digest"),
    "engine_version": Text("引擎版本", "engine version"),
    "libraries": Text("程序库", "libraries"),
    "seed": Text("随机种子", "seed"),
}
LINEAGE_NEEDED = ("data_sha256", "engine_version", "seed")
HEAD = "| | |\n|---|---|"


def card(manifest: Mapping[str, Any]) -> str:
    """Return the model card of a release.

    Parameters
    ----------
    manifest : mapping
        ``name``, ``version``, ``kind``, ``form`` and ``origin``, and as far as known:
        ``use``, ``not_for``, ``population``, ``limits``, ``notes`` and ``triggers`` (words,
        or lists of words: text, ``Text`` or ``{"zh", "en"}``); ``window`` (``{"from",
        "to"}``); ``target`` (column, or ``{"column", "unit", "zh", "en"}``); ``features`` (as
        `riskengine.learned.features.described` gives them); ``split`` (last days of the
        parts); ``counts``; ``metrics`` out of time (a number, or ``{"value", "low",
        "high", "n"}``) and ``metrics_on``, the words for those rows; ``calibration``
        (mapping); ``lineage`` (``{"data_sha256", "config_sha256", "code_sha256",
        "engine_version", "libraries"}``), ``seed``; ``retrain`` (command).

    Returns
    -------
    str
        Markdown, Chinese and English side by side; marks in names are escaped.

    Raises
    ------
    ModelError
        If one of the first five is missing, or the origin is unknown.

    Examples
    --------
    >>> told = {"name": "demo", "version": "1", "kind": "price", "form": "boosting"}
    >>> print(card({**told, "origin": "synthetic"}).splitlines()[0])
    # demo 1
    """
    lacking = [key for key in NEEDED if not manifest.get(key)]
    if lacking or manifest["origin"] not in WARNINGS:
        told = ", ".join(lacking) or f"origin {manifest['origin']!r}"
        raise ModelError(
            Text(f"模型卡缺少或不认识 {told}", f"the card lacks or does not know {told}"),
            Text(
                f"来源为 {'、'.join(WARNINGS)} 之一", f"the origin is one of {', '.join(WARNINGS)}"
            ),
        )
    warning = WARNINGS[manifest["origin"]]
    parts = [
        f"# {plain(manifest['name'])} {plain(manifest['version'])}",
        f"**{warning.zh}**\n**{warning.en}**",
        _kind(manifest),
    ]
    for title, body in _sections(manifest):
        parts += [f"## {title.zh} · {title.en}", body or MISSING]
    return "\n\n".join(parts) + "\n"


def plain(value: object) -> str:
    r"""Return a value as Markdown that holds no mark-up of its own.

    Parameters
    ----------
    value : object
        Name, number or day.

    Returns
    -------
    str
        One line.

    Examples
    --------
    >>> plain("a|b <script>")
    'a\\|b &lt;script&gt;'
    """
    line = " ".join(str(value).split())
    for mark in "\\`*[]|":
        line = line.replace(mark, f"\\{mark}")
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _kind(manifest: Mapping[str, Any]) -> str:
    kind, form = manifest["kind"], manifest["form"]
    what = KIND_WORDS.get(kind, Text(kind, kind))
    how = FORM_WORDS.get(form, Text(form, form))
    return (
        f"种类：{plain(what.zh)}；形式：{plain(how.zh)}；来源：{plain(manifest['origin'])}。\n"
        f"Kind: {plain(what.en)}; form: {plain(how.en)}; origin: {plain(manifest['origin'])}."
    )


def _sections(manifest: Mapping[str, Any]) -> Iterator[tuple[Text, str]]:
    """Titles and bodies in their order."""
    said = manifest.get
    yield Text("用途", "Use"), _words(said("use"))
    yield Text("不可用于", "NOT for"), _words(said("not_for"))
    yield Text("对象与时间", "Population and window"), _population(manifest)
    yield Text("目标", "Target"), _target(said("target"))
    yield Text("特征", "Features"), _features(said("features") or ())
    yield Text("按时间划分", "Split by time"), _split(manifest)
    yield Text("期外表现", "Figures out of time"), _metrics(manifest)
    yield Text("校准", "Calibration"), _pairs(said("calibration"))
    yield Text("局限", "Limits"), _words([*_several(said("limits")), *_several(said("notes"))])
    yield Text("监测触发条件", "Monitoring triggers"), _words(said("triggers"))
    yield Text("血缘", "Lineage"), _lineage(manifest)
    yield Text("如何重新训练", "How to train it again"), _command(said("retrain"))


def _words(value: Any) -> str:
    """Words in both languages; several become a list."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "\n".join(f"- {_line(one)}" for one in value)
    return _line(value)


def _several(value: Any) -> list[Any]:
    """Words as a list, whether one, several or none were given."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return list(value)
    return [value] if value else []


def _line(value: Any) -> str:
    if isinstance(value, Text):
        value = {"zh": value.zh, "en": value.en}
    if isinstance(value, Mapping):
        said = dict.fromkeys(plain(value.get(language, "")) for language in ("zh", "en"))
        return " · ".join(words for words in said if words)
    return "" if value is None else plain(value)


def _population(manifest: Mapping[str, Any]) -> str:
    window = manifest.get("window") or {}
    lines = [_line(manifest.get("population"))]
    if window:
        ends = [plain(window.get(end, "?")) for end in ("from", "to")]
        lines.append(f"{ends[0]} – {ends[1]}")
    lines.append(_pairs(manifest.get("counts")))
    return "\n\n".join(line for line in lines if line)


def _target(target: Any) -> str:
    if not isinstance(target, Mapping):
        return _line(target)
    column = plain(target.get("column", ""))
    unit = f" [{plain(target['unit'])}]" if target.get("unit") else ""
    definition = _line(target) or MISSING
    return f"{column}{unit}: {definition}"


def _features(features: Sequence[Mapping[str, Any]]) -> str:
    if not features:
        return ""
    lines = [
        "| 列 column | 名称 title | 单位或取值 unit or codes | 范围 range | 方向 direction |",
        "|---|---|---|---|---|",
    ]
    for feature in features:
        codes = ", ".join(feature.get("codes") or ())
        direction = DIRECTION_WORDS[int(feature.get("direction", 0))]
        cells = (
            plain(feature["name"]), _line(feature), plain(feature.get("unit") or codes or "–"),
            _range(feature.get("low"), feature.get("high")), f"{direction.zh} {direction.en}",
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _range(low: float | None, high: float | None) -> str:
    ends = ["" if end is None or math.isinf(end) else f"{end:,.12g}" for end in (low, high)]
    return f"{ends[0]} … {ends[1]}".strip() if any(ends) else "–"


def _split(manifest: Mapping[str, Any]) -> str:
    split = manifest.get("split") or manifest
    known = [key for key in SPLIT_WORDS if split.get(key)]
    said = (f"{SPLIT_WORDS[key].zh} {SPLIT_WORDS[key].en} {plain(split[key])}" for key in known)
    return "\n".join(f"- {line}" for line in said)


def _metrics(manifest: Mapping[str, Any]) -> str:
    metrics = manifest.get("metrics") or {}
    if not metrics:
        return ""
    on = _line(manifest.get("metrics_on"))
    lines = [on, ""] if on else []
    lines += ["| 指标 figure | 值 value | 区间 interval | n |", "|---|---|---|---|"]
    for name, content in _told(metrics, ""):
        ends = [_figure(content.get(end)) for end in ("low", "high")]
        interval = f"{ends[0]} … {ends[1]}" if all(ends) else "–"
        value, n = _figure(content.get("value")) or "–", _figure(content.get("n")) or "–"
        lines.append(f"| {plain(name)} | {value} | {interval} | {n} |")
    return "\n".join(lines)


def _told(metrics: Mapping[str, Any], above: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Figures with their intervals; those of groups under the name of the group."""
    for name, told in metrics.items():
        full = f"{above} · {name}" if above else name
        if not isinstance(told, Mapping):
            yield full, {"value": told}
        elif "value" in told:
            yield full, told
        else:
            yield from _told(told, full)


def _figure(value: Any) -> str:
    """A number in at most four digits, a count in full."""
    if value is None or isinstance(value, bool | str):
        return "" if value is None else plain(value)
    number = float(value)
    if math.isnan(number):
        return ""
    return f"{number:,.0f}" if number.is_integer() and abs(number) >= 1.0 else f"{number:.4g}"


def _pairs(pairs: Any) -> str:
    """Names and values in two columns."""
    if not isinstance(pairs, Mapping) or not pairs:
        return _words(pairs)
    rows = (f"| {plain(name)} | {_value(value)} |" for name, value in pairs.items())
    return "\n".join((HEAD, *rows))


def _value(value: Any) -> str:
    if isinstance(value, Text):
        return _line(value)
    if isinstance(value, Mapping):
        return _line(value) or ", ".join(f"{plain(k)} {_figure(v)}" for k, v in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_figure(one) for one in value)
    return _figure(value) or "–"


def _lineage(manifest: Mapping[str, Any]) -> str:
    rows, known = [HEAD], {"seed": manifest.get("seed"), **manifest.get("lineage", {})}
    for key, words in LINEAGE_WORDS.items():
        value = known.get(key)
        if value is None and key not in LINEAGE_NEEDED:
            continue
        told = MISSING if value is None else _version(value)
        rows.append(f"| {words.zh} {words.en} | {told} |")
    return "\n".join(rows)


def _version(value: Any) -> str:
    """A digest, version or seed as it stands: no digit of it is cut."""
    if isinstance(value, Mapping):
        return ", ".join(f"{plain(name)} {plain(one)}" for name, one in value.items())
    return plain(value)


def _command(command: str | None) -> str:
    """Lines of a command as they are typed."""
    return "\n".join(f"    {line}" for line in (command or "").splitlines() if line.strip())
