"""What the law says of one pledge, rule by rule, as plain things to show."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from riskengine.gates.judge import UNKNOWN, Judged
from riskengine.gates.plan import OUTCOMES, Gate
from riskengine.rights import RIGHTS
from riskengine.rules.facts import Fact, declared_facts
from riskengine.words import Text

YES, NO, NOT_KNOWN = Text("是", "yes"), Text("否", "no"), Text("不清楚", "not known")
COMPARED = {
    "<=": Text("不高于", "at most"), "<": Text("低于", "below"), ">=": Text("不低于", "at least"),
    ">": Text("高于", "above"), "==": Text("应为", "must be"), "in": Text("应为其中之一", "one of"),
    "not in": Text("不得为", "none of"),
}  # fmt: skip
"""How a rule holds a fact against its amount, in words."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that a pledge fails, or of which a fact is not known.

    Parameters
    ----------
    code, name : str
        Mark of the rule in the notes on law, and its name.
    title : Text
        What the rule says.
    state : {"failed", "unknown"}
        Whether it fails or cannot be told.
    severity : str
        What failing it means.
    fact : str
        Name of the fact that it judges.
    fact_title, found, wanted : Text
        What the fact is, what it was found to be, what the rule wants.
    missing : tuple of str
        Facts that are not known and would settle it.
    cite : str
        Article, standard or page.
    first_day : datetime.date
        Day from which the rule says this.
    seen : str
        How its source was seen.
    origin : str
        Body of rules that speaks: ``cn``, digits of a place, an institution.
    cure : Text or None
        What mends it.
    note : Text or None
        Where law and practice pull apart.
    """

    code: str
    name: str
    title: Text
    state: str
    severity: str
    fact: str
    fact_title: Text
    found: Text
    wanted: Text
    missing: tuple[str, ...]
    cite: str
    first_day: date
    seen: str
    origin: str
    cure: Text | None
    note: Text | None


def findings(judged: Judged, row: int) -> tuple[Finding, ...]:
    """Return what the law says of one pledge, the severest first.

    Parameters
    ----------
    judged : Judged
        The verdict.
    row : int
        Position of the pledge.

    Returns
    -------
    tuple of Finding
        Rules that fail before those that cannot be told, each by severity and mark.
    """
    found = [
        *(_finding(judged, row, gate, "failed") for gate in judged.failed(row)),
        *(_finding(judged, row, gate, "unknown") for gate in judged.unknown(row)),
    ]
    order = {severity: k for k, severity in enumerate((*OUTCOMES[::-1], "monitor", "param"))}
    return tuple(sorted(
        found, key=lambda one: (one.state != "failed", order.get(one.severity, 9), one.code)
    ))  # fmt: skip


def _finding(judged: Judged, row: int, gate: Gate, state: str) -> Finding:
    """One rule with the fact that decided."""
    rule, fact = gate.rule, declared_facts()[gate.fact]
    return Finding(
        rule.code, rule.name, rule.title, state, rule.severity, fact.name, fact.title,
        said(judged, row, fact), wanted(judged, fact, gate), tuple(_missing(judged, row, gate)),
        gate.value.cite, gate.first_day, gate.value.seen, rule.origin, rule.judges.cure, rule.note,
    )  # fmt: skip


def _missing(judged: Judged, row: int, gate: Gate) -> Iterator[str]:
    """Facts of a rule, its own and its conditions', that are not known."""
    for name in (gate.fact, *(gate.rule.judges.when or {})):
        if known(judged, row, name) is None:
            yield name


def known(judged: Judged, row: int, name: str) -> str | float | None:
    """Return a fact of one pledge.

    Parameters
    ----------
    judged : Judged
        The verdict with the facts behind it.
    row : int
        Position of the pledge.
    name : str
        The fact.

    Returns
    -------
    str, float or None
        Word or number; None where it is not known.
    """
    if name in judged.plan.words:
        column = judged.facts.coded.get(name)
        code = UNKNOWN if column is None else int(column[row])
        return None if code == UNKNOWN else judged.plan.words[name][code]
    numbers = judged.facts.numbers.get(name)
    number = float("nan") if numbers is None else float(numbers[row])
    return None if np.isnan(number) else number


def said(judged: Judged, row: int, fact: Fact) -> Text:
    """Return a fact of one pledge in words.

    Parameters
    ----------
    judged : Judged
        The verdict with the facts behind it.
    row : int
        Position of the pledge.
    fact : Fact
        The fact.

    Returns
    -------
    Text
        What it was found to be.
    """
    content = known(judged, row, fact.name)
    return NOT_KNOWN if content is None else _worded(fact, content, judged.plan.subject)


def wanted(judged: Judged, fact: Fact, gate: Gate) -> Text:
    """Return what a rule wants of a fact, in words.

    Parameters
    ----------
    judged : Judged
        The verdict.
    fact : Fact
        The fact.
    gate : Gate
        The rule as it stood.

    Returns
    -------
    Text
        Comparison and amount.
    """
    amount = gate.value.amount
    many = amount if gate.rule.compare in ("in", "not in") else (amount,)
    words = [_worded(fact, one, judged.plan.subject) for one in many]
    how = COMPARED[gate.rule.compare]
    zh, en = "、".join(word.zh for word in words), ", ".join(word.en for word in words)
    return Text(f"{how.zh}{zh}", f"{how.en} {en}")


def _worded(fact: Fact, content: Any, subject: str) -> Text:
    """A word or a number as people read it."""
    if fact.kind == "flag":
        return YES if str(content).lower() == "true" else NO
    if fact.kind == "code":
        return _choices(fact, subject).get(str(content), Text(str(content), str(content)))
    return _number(float(content), fact.unit)


def _choices(fact: Fact, subject: str) -> Mapping[str, Text]:
    """Words of a code, of the fact itself or of the right's own column."""
    if fact.words:
        return fact.words
    return {choice.code: choice.title for choice in RIGHTS[subject].by_name[fact.name].choices}


UNIT_WORDS = {
    "year": Text("年", "years"), "month": Text("个月", "months"), "day": Text("天", "days"),
    "working day": Text("个工作日", "working days"), "yuan": Text("元", "yuan"),
    "mu": Text("亩", "mu"), "m2": Text("平方米", "m2"), "t": Text("吨", "t"),
    "people": Text("人", "people"), "season": Text("季", "seasons"),
    "t/mu/year": Text("吨/亩·年", "t/mu/year"), "1/year": Text("/年", "a year"),
}  # fmt: skip


def _number(amount: float, unit: str) -> Text:
    """A number with its unit; shares as they are."""
    if np.isinf(amount):
        return Text("无限", "unlimited")
    text = f"{amount:,.4f}".rstrip("0").rstrip(".")
    said_unit = UNIT_WORDS.get(unit, Text("", ""))
    return Text(f"{text}{said_unit.zh}", f"{text} {said_unit.en}".rstrip())
