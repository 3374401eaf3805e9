"""Faults of one veto: its test, its rules, its source, and what memory may not do."""

from collections.abc import Iterator

from models.expert import schema
from models.expert.fairness import protected_in, refusal
from models.expert.faults import CardFault, Path
from models.expert.schema import Node, shape_faults, shaped
from riskengine.errors import RuleNotFound
from riskengine.rules import Rule, statute_of
from riskengine.words import Text


def veto_faults(veto: Node, path: Path) -> Iterator[CardFault]:
    """Find the faults of one veto.

    Parameters
    ----------
    veto : mapping
        The veto.
    path : tuple of str or int
        Where it lies.

    Yields
    ------
    CardFault
        Its faults.
    """
    yield from shape_faults(veto, schema.VETO, path)
    if "rules" in veto:
        yield from _ruled(veto, path)
    else:
        yield from _own(veto, path)


def _own(veto: Node, path: Path) -> Iterator[CardFault]:
    """A test of the card's own: complete, cited, fair."""
    for key in ("field", "compare", "amount", "outcome"):
        if key not in veto:
            yield CardFault(
                path, Text(f"否决项缺少 {key}", f"the veto lacks {key}"),
                Text("写明字段、比较、界限和后果，或写 rules",
                     "state field, compare, amount and outcome, or name rules"),
            )  # fmt: skip
    for key in ("cite", "seen"):
        if key not in veto:
            yield CardFault(
                path, Text("没有依据", "has no citation"),
                Text("写明依据及如何见到", "name the source and how it was seen"),
            )  # fmt: skip
    if veto.get("seen") == "memory" and veto.get("outcome") == "block":
        yield CardFault(
            (*path, "outcome"),
            Text("只凭记忆的依据不得一票否决", "a source seen only from memory may not block"),
            Text("改为 refer，或找到原文", "make it refer, or find the text"),
        )
    yield from _amount_faults(veto, path)
    titles = veto.get("title")
    words = [str(word) for word in titles.values()] if isinstance(titles, dict) else []
    field = str(veto.get("field", ""))
    for kind in protected_in(field, words):
        if kind.name == "age" and {"age", "term"} <= set(field.lower().split("_")):
            continue
        yield CardFault((*path, "field"), *refusal(kind))


def _amount_faults(veto: Node, path: Path) -> Iterator[CardFault]:
    """The amount suits the comparison."""
    if not shaped(veto, schema.VETO, "compare", "amount"):
        return
    compare, amount = veto["compare"], veto["amount"]
    number = isinstance(amount, int | float) and not isinstance(amount, bool)
    listed = isinstance(amount, list)
    suits = {"in": listed, "not in": listed, "==": not listed}.get(compare, number)
    if not suits:
        yield CardFault(
            (*path, "amount"),
            Text(
                f"界限 {amount!r} 不能用 {compare} 比较",
                f"{amount!r} cannot be compared by {compare}",
            ),
            Text("请改正界限或比较", "correct the amount or the comparison"),
        )
    if number and "unit" not in veto:
        yield CardFault(
            path, Text("数字界限缺少单位", "an amount in numbers lacks its unit"),
            Text("补写 unit", "state the unit"),
        )  # fmt: skip


def _ruled(veto: Node, path: Path) -> Iterator[CardFault]:
    """Rules that exist and judge a fact; amounts stay in the rule."""
    if not shaped(veto, schema.VETO, "rules"):
        return
    for key in ("compare", "amount", "unit"):
        if key in veto:
            yield CardFault(
                (*path, key), Text("界限由规则给出，不得在卡中重复",
                                   "the rule holds the amount; the card may not repeat it"),
                Text(f"删去 {key}", f"delete {key}"),
            )  # fmt: skip
    book = statute_of(str(veto.get("region", "")))
    rules: list[Rule] = []
    for name in veto["rules"]:
        try:
            rules.append(book.rule(name))
        except RuleNotFound as missing:
            yield CardFault((*path, "rules"), missing.wrong, missing.cure)
    for rule in rules:
        if not rule.judges.fact and "field" not in veto:
            yield CardFault(
                (*path, "rules"),
                Text(f"规则 {rule.name} 不判断单一事实", f"rule {rule.name} judges no single fact"),
                Text("写明 field，或换一条规则", "name the field, or another rule"),
            )
    memory = [rule.name for rule in rules if any(value.seen == "memory" for value in rule.values)]
    if memory and veto.get("outcome") == "block":
        yield CardFault(
            (*path, "outcome"),
            Text(
                f"规则 {memory} 只凭记忆，不得一票否决",
                f"rules {memory} are from memory, none may block",
            ),
            Text("改为 refer", "make it refer"),
        )
