"""The shape of a card's document: which keys each table has, and what they hold."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from models.expert.faults import CardFault, Path
from riskengine.rules.loader import COMPARES, RULE_UNITS, SEEN
from riskengine.words import Text

Node = Mapping[str, Any]
Spec = Mapping[str, tuple[str, bool]]
"""What a key holds, by its kind below, and whether it must be there."""

SUBJECTS = frozenset({
    "household", "cooperative", "farm", "village", "township", "county", "borrower",
})  # fmt: skip
OUTCOMES = frozenset({"block", "refer", "warn"})

_OWN: Spec = {
    "cite": ("words", True), "seen": ("seen", True),
}  # fmt: skip
CARD: Spec = {
    **_OWN, "name": ("name", True), "title": ("text", True), "subject": ("subject", True),
    "valid_from": ("day", True), "valid_until": ("day", False), "owner": ("words", True),
    "note": ("text", True), "block": ("tables", False), "veto": ("tables", False),
    "band": ("tables", False), "line": ("table", False), "master_scale": ("table", False),
    "grade_field": ("name", False), "clear_grade": ("words", False),
    "climb_field": ("name", False), "vetoes_of": ("name", False),
}  # fmt: skip
BLOCK: Spec = {
    **_OWN, "name": ("name", True), "title": ("text", True), "weight": ("number", True),
    "least": ("number", False), "social": ("flag", False), "bonus": ("flag", False),
    "item": ("tables", True),
}  # fmt: skip
ITEM: Spec = {
    **_OWN, "name": ("name", True), "title": ("text", True), "field": ("name", True),
    "unit": ("unit", False), "evidence": ("text", True), "owner": ("words", False),
    "valid_from": ("day", False), "missing": ("points", True), "refers": ("flag", False),
    "bins": ("tables", False), "options": ("tables", False), "low": ("number", False),
    "high": ("number", False), "step": ("number", False), "actionable": ("flag", False),
}  # fmt: skip
BIN: Spec = {"from": ("number", False), "to": ("number", False), "points": ("number", True)}
OPTION: Spec = {"code": ("words", True), "title": ("text", False), "points": ("number", True)}
VETO: Spec = {
    "name": ("name", True), "title": ("text", True), "outcome": ("outcome", False),
    "cite": ("words", False), "seen": ("seen", False), "field": ("name", False),
    "compare": ("compare", False), "amount": ("any", False), "unit": ("unit", False),
    "rules": ("names", False), "region": ("words", False), "cure": ("text", False),
}  # fmt: skip
BAND: Spec = {"grade": ("words", True), "title": ("text", True), "from": ("number", False)}
LINE: Spec = {
    **_OWN, "base": ("amounts", True), "parts": ("amounts", True), "cap": ("number", True),
}  # fmt: skip
SCALE: Spec = {**_OWN, "anchors": ("tables", True)}
ANCHOR: Spec = {"points": ("number", True), "pd": ("number", True)}


def _number(value: Any) -> bool:
    """A finite number, not a truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _text(value: Any) -> bool:
    """Both languages, neither empty."""
    return isinstance(value, dict) and value.keys() == {"zh", "en"} and all(
        isinstance(word, str) and word.strip() for word in value.values()
    )  # fmt: skip


KINDS: Mapping[str, tuple[Callable[[Any], bool], Text]] = {
    "name": (
        lambda value: isinstance(value, str) and re.fullmatch(r"\w+", value) is not None,
        Text("应为不含空格和标点的名称", "should be a name without blanks or punctuation"),
    ),
    "words": (
        lambda value: isinstance(value, str) and bool(value.strip()),
        Text("应为非空文字", "should be words"),
    ),
    "text": (_text, Text("应有 zh 和 en 两种文字", "should hold zh and en, neither empty")),
    "number": (_number, Text("应为有限数字", "should be a finite number")),
    "points": (
        lambda value: _number(value) or (isinstance(value, float) and math.isnan(value)),
        Text("应为数字或 nan", "should be a number, or nan"),
    ),
    "day": (lambda value: type(value) is date, Text("应为日期", "should be a date")),
    "flag": (lambda value: isinstance(value, bool), Text("应为 true 或 false", "true or false")),
    "seen": (
        lambda value: value in SEEN,
        Text(f"应为 {sorted(SEEN)} 之一", f"one of {sorted(SEEN)}"),
    ),
    "unit": (
        lambda value: value in RULE_UNITS,
        Text("不是本引擎认得的单位", "is no unit that the engine knows"),
    ),
    "subject": (
        lambda value: value in SUBJECTS,
        Text(f"应为 {sorted(SUBJECTS)} 之一", f"one of {sorted(SUBJECTS)}"),
    ),
    "outcome": (
        lambda value: value in OUTCOMES,
        Text(f"应为 {sorted(OUTCOMES)} 之一", f"one of {sorted(OUTCOMES)}"),
    ),
    "compare": (
        lambda value: value in COMPARES - {"param"},
        Text("应为 < <= > >= == in not in 之一", "one of < <= > >= == in, not in"),
    ),
    "tables": (
        lambda value: isinstance(value, list) and bool(value)
        and all(isinstance(entry, dict) for entry in value),
        Text("应为非空的表的列表", "should be a list of tables, not empty"),
    ),
    "table": (lambda value: isinstance(value, dict), Text("应为一张表", "should be a table")),
    "names": (
        lambda value: isinstance(value, list) and bool(value)
        and all(isinstance(entry, str) for entry in value),
        Text("应为名称的列表", "should be a list of names"),
    ),
    "amounts": (
        lambda value: isinstance(value, dict) and all(_number(v) for v in value.values()),
        Text("应为名称对数字的表", "should be a table of numbers"),
    ),
    "any": (lambda value: value is not None, Text("不可为空", "may not be empty")),
}  # fmt: skip


def shape_faults(node: Node, spec: Spec, path: Path) -> Iterator[CardFault]:
    """Hold one table against its shape.

    Parameters
    ----------
    node : mapping
        The table.
    spec : mapping of str to (str, bool)
        Its shape.
    path : tuple of str or int
        Where it lies.

    Yields
    ------
    CardFault
        Missing keys, keys that do not belong, and values of the wrong kind.
    """
    for key, (kind, required) in spec.items():
        if key not in node:
            if required:
                yield _missing(key, path)
            continue
        fits, told = KINDS[kind]
        if not fits(node[key]):
            yield CardFault(
                (*path, key),
                Text(f"{key} = {node[key]!r} {told.zh}", f"{key} = {node[key]!r}: {told.en}"),
                Text("请按格式改正", "correct it as the format asks"),
            )
    for key in sorted(node.keys() - spec.keys()):
        yield CardFault(
            (*path, key),
            Text(f"多出的键 {key}", f"{key} does not belong here"),
            Text("请删去或改正键名", "delete it or correct its name"),
        )


def _missing(key: str, path: Path) -> CardFault:
    """A key that must be there and is not."""
    cures = {
        "cite": Text("写明依据；自定的写“本机构自定”", "name the source; an own choice says so"),
        "seen": Text("写明依据如何见到", "say how the source was seen"),
        "missing": Text("写明缺失时给几分", "say what a missing fact scores"),
    }
    told = Text("没有依据", "has no citation") if key == "cite" else Text(
        f"缺少 {key}", f"{key} is missing"
    )  # fmt: skip
    return CardFault(path, told, cures.get(key, Text("请补填", "fill it in")))


def shaped(node: Node, spec: Spec, *keys: str) -> bool:
    """Whether some keys are there and hold what they should.

    Parameters
    ----------
    node : mapping
        The table.
    spec : mapping
        Its shape.
    *keys : str
        Keys.

    Returns
    -------
    bool
        True where each can be relied on.
    """
    return all(key in node and KINDS[spec[key][0]][0](node[key]) for key in keys)


def tables(node: Node, key: str) -> list[tuple[int, Node]]:
    """Return the tables of a list that are tables, each with its position.

    Parameters
    ----------
    node : mapping
        The table above.
    key : str
        Key of the list.

    Returns
    -------
    list of (int, mapping)
        Position from 0 and table.
    """
    listed = node.get(key, [])
    if not isinstance(listed, list):
        return []
    return [(k, entry) for k, entry in enumerate(listed) if isinstance(entry, dict)]
