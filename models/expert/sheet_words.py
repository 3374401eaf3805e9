"""The words of an institution's own sheet: headings, intervals, and how they are read."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from riskengine.words import Text

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "block": ("模块", "一级指标", "类别"),
    "weight": ("模块权重", "权重", "模块满分"),
    "least": ("模块下限",),
    "social": ("社会评价",),
    "bonus": ("加分项",),
    "item": ("指标", "二级指标", "评价指标"),
    "field": ("字段", "数据字段"),
    "unit": ("单位",),
    "range": ("合理范围", "取值范围"),
    "bin": ("区间或选项", "评分标准", "标准"),
    "points": ("分值", "得分", "分数"),
    "missing": ("缺失分值", "缺失得分"),
    "refers": ("缺失转人工",),
    "actionable": ("可改善",),
    "evidence": ("佐证材料", "佐证"),
    "cite": ("依据", "来源"),
    "seen": ("见到方式",),
    "owner": ("责任部门", "负责部门"),
    "valid_from": ("起用日期", "启用日期"),
}
"""Columns of the sheet with the headings that mean them, the first as the template writes it."""

REQUIRED = ("block", "item", "field", "bin", "points", "missing", "cite")
CARRIED = (
    "block", "weight", "least", "social", "bonus", "item", "field", "unit", "range", "missing",
    "refers", "actionable", "evidence", "cite", "seen", "owner", "valid_from",
)  # fmt: skip
"""Columns whose empty or merged cells mean the same as the cell above."""

GRADES, VETOES = "等级", "一票否决"
"""Names of blocks that hold bands and vetoes."""

SEEN_WORDS = {"原文": "text", "官方": "official", "转引": "secondary", "自定": "memory"}
UNITS_ZH = {
    "元": "yuan", "元/年": "yuan/year", "年": "year", "月": "month", "天": "day", "日": "day",
    "亩": "mu", "分": "point", "人": "people", "季": "season", "比例": "1", "倍": "1", "次": "1",
    "笔": "1", "吨": "t", "平方米": "m2", "立方米": "m3", "元/亩": "yuan/mu",
    "元/亩/年": "yuan/mu/year",
}  # fmt: skip
WRONG_UNITS = {
    "万元": Text("请按元填写区间和字段", "give bins and field in yuan"),
    "%": Text("请按小数填写，单位写“比例”", "give fractions and write the unit 比例"),
    "公顷": Text("请按亩填写", "give them in mu"),
}
"""Units that must be converted first."""

_NUMBER = r"([-+]?\d[\d,]*(?:\.\d+)?)"
_OPEN_END = re.compile(
    rf"\[?\s*(?:≥|>=|不低于|不少于)\s*{_NUMBER}|{_NUMBER}\s*(?:及以上|\(含\)以上)"
)
_BELOW = re.compile(rf"(?:<|＜|低于|小于|不足)\s*{_NUMBER}")
_BOTH = re.compile(rf"\[\s*{_NUMBER}\s*[,，~～]\s*{_NUMBER}\s*\)")
_AWARD = re.compile(rf"打分\s*\[\s*{_NUMBER}\s*[,，~～]\s*{_NUMBER}\s*\](?:\s*步长\s*{_NUMBER})?")
_CLOSED = re.compile(rf"\[\s*{_NUMBER}\s*[,，~～]\s*{_NUMBER}\s*\]")
_WRONG_ENDS = re.compile(
    rf"(?:≤|<=|>|＞|大于|高于|超过)\s*{_NUMBER}|{_NUMBER}\s*(?:以上|以下|以内|-|—|~|～|至)"
    rf"|[(（\[]\s*{_NUMBER}\s*[,，~～]\s*{_NUMBER}\s*[\])）]"
)


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval as a sheet writes it.

    Parameters
    ----------
    low, high : float or None
        Ends; None where open to the end of the range.
    step : float or None
        Step of directly awarded points; None for a bin.
    """

    low: float | None
    high: float | None
    step: float | None = None


def interval(word: str) -> Interval | Text | None:
    """Read an interval.

    Parameters
    ----------
    word : str
        Such as ``[3,5)``, ``≥5``, ``<3`` or ``打分[0,10]步长0.5``.

    Returns
    -------
    Interval, Text or None
        The interval; what is wrong where its ends cannot be told; None where the word is no
        interval but an answer.

    Examples
    --------
    >>> interval("[3,5)")
    Interval(low=3.0, high=5.0, step=None)
    >>> interval("自有") is None
    True
    >>> interval("3-5").en
    'the ends of 3-5 cannot be told; bins are closed below and open above, such as [3,5)'
    """
    text = word.strip().replace("（", "(").replace("）", ")").replace("≧", "≥").replace("＜", "<")
    if found := _AWARD.fullmatch(text):
        return Interval(number(found[1]), number(found[2]), number(found[3] or "1"))
    if found := _BOTH.fullmatch(text):
        return Interval(number(found[1]), number(found[2]))
    if found := _OPEN_END.fullmatch(text):
        return Interval(number(found[1] or found[2]), None)
    if found := _BELOW.fullmatch(text):
        return Interval(None, number(found[1]))
    if _WRONG_ENDS.match(text):
        return Text(
            f"“{word}”看不出端点开闭；区间含下端不含上端，如 [3,5)、≥5、<3",
            f"the ends of {word} cannot be told;"
            " bins are closed below and open above, such as [3,5)",
        )
    return None


def closed_range(word: str) -> tuple[float, float] | None:
    """Read a closed range such as ``[0,100]``.

    Parameters
    ----------
    word : str
        The cell.

    Returns
    -------
    tuple of float or None
        Both ends; None where it is none.
    """
    found = _CLOSED.fullmatch(word.strip().replace("，", ","))
    return (number(found[1]), number(found[2])) if found else None


def number(word: str) -> float:
    """Read a number with or without thousands separators.

    Parameters
    ----------
    word : str
        The cell.

    Returns
    -------
    float
        The number; NaN where it is none.
    """
    try:
        value = float(word.strip().replace(",", "").replace("，", ""))
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def shown(value: float) -> str:
    """Write a number so that it reads back the same.

    Parameters
    ----------
    value : float
        The number.

    Returns
    -------
    str
        Without a needless decimal point.
    """
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
