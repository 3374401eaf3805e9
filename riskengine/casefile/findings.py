"""What the law says of one pledge, rule by rule, as plain things to show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import isnan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.gates.judge import UNKNOWN, Judged
from riskengine.gates.plan import OUTCOMES, Gate, Plan
from riskengine.rights import RIGHTS
from riskengine.rules.facts import Fact, declared_facts
from riskengine.words import Text

YES, NO, NOT_KNOWN = Text("是", "yes"), Text("否", "no"), Text("不清楚", "not known")
COMPARED = {
    "<=": Text("不高于", "at most"), "<": Text("低于", "below"), ">=": Text("不低于", "at least"),
    ">": Text("高于", "above"), "==": Text("应为", "must be"), "in": Text("应为", "one of"),
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
        What mends it; of a rule that cannot be told, how its facts are found out.
    note : Text or None
        Where law and practice pull apart.
    memory : dict
        What was made of it before; a finding comes again and again.
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
    memory: dict[str, Any] = field(default_factory=dict, init=False, compare=False, repr=False)


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
    return findings_of(judged, [row])[0]


def findings_each(asked: Sequence[tuple[Judged, int]]) -> list[tuple[Finding, ...]]:
    """Return what is said of many pledges, of whatever verdicts.

    Parameters
    ----------
    asked : sequence of (Judged, int)
        Verdict and position of each pledge.

    Returns
    -------
    list of tuple of Finding
        Of each as `findings`.
    """
    by_verdict: dict[int, tuple[Judged, list[int]]] = {}
    for judged, row in asked:
        by_verdict.setdefault(id(judged), (judged, []))[1].append(row)
    told = {key: iter(findings_of(*one)) for key, one in by_verdict.items()}
    return [next(told[id(judged)]) for judged, _ in asked]


def findings_of(judged: Judged, rows: Sequence[int]) -> list[tuple[Finding, ...]]:
    """Return what the law says of some pledges.

    Parameters
    ----------
    judged : Judged
        The verdict.
    rows : sequence of int
        Their positions.

    Returns
    -------
    list of tuple of Finding
        Of each as `findings`.
    """
    places, plan = np.array(rows, dtype=np.int64), judged.plan
    if not plan.gates:
        return [()] * len(rows)
    told = _told_of(plan)
    contents: dict[str, list[Any]] = {}
    found: list[list[Finding]] = [[] for _ in rows]
    for state, bits in (("failed", judged.found.failed), ("unknown", judged.found.unknown)):
        marks = np.unpackbits(bits[:, places], axis=0, count=len(plan.gates), bitorder="little")
        ranks, which = np.nonzero(marks[told.order])
        for name in {name for rank in set(ranks.tolist()) for name in told.gates[rank].names}:
            if name not in contents:
                contents[name] = _content(judged, places, name)
        for rank, place in zip(ranks.tolist(), which.tolist(), strict=True):
            gate = told.gates[rank]
            key = rank, state, *[contents[name][place] for name in gate.names]
            finding = told.known.get(key)
            if finding is None:
                finding = told.keep(key, _finding(plan, gate, state, key[2:]))
            found[place].append(finding)
    return [tuple(one) for one in found]


class _Asking(NamedTuple):
    """One rule, its facts, and what it wants."""

    gate: Gate
    names: tuple[str, ...]
    wants: Text


@dataclass(slots=True)
class _Told:
    """What was said before by the rules of one plan, the severest rule first."""

    order: NDArray[np.int64]
    gates: list[_Asking]
    known: dict[tuple[Any, ...], Finding] = field(default_factory=dict)

    def keep(self, key: tuple[Any, ...], finding: Finding) -> Finding:
        """Keep a finding for the next time; a full memory begins anew."""
        if len(self.known) >= MOST_KNOWN:
            self.known.clear()
        self.known[key] = finding
        return finding


MOST_KNOWN = 4096
"""Most findings of one plan that are kept."""
SEVEREST_FIRST = {one: k for k, one in enumerate((*OUTCOMES[::-1], "monitor", "param"))}


def _told_of(plan: Plan) -> _Told:
    """What the rules of a plan have said, laid out when first asked for."""
    told: _Told | None = plan.memory.get("told")
    if told is None:
        gates = plan.gates
        order = sorted(
            range(len(gates)),
            key=lambda k: (SEVEREST_FIRST.get(gates[k].rule.severity, 9), gates[k].rule.code),
        )
        asking = []
        for gate in (gates[k] for k in order):
            facts = gate.fact, *(gate.rule.judges.when or {})
            wants = wanted(plan.subject, declared_facts()[gate.fact], gate)
            asking.append(_Asking(gate, facts, wants))
        told = plan.memory["told"] = _Told(np.array(order, dtype=np.int64), asking)
    return told


def _content(judged: Judged, rows: NDArray[np.int64], name: str) -> list[Any]:
    """Words or numbers of one fact of some pledges; None where not known.

    A zero stands as text: it tells its sign, by which a kept finding must be told apart.
    """
    words, facts = judged.plan.words.get(name), judged.facts
    held = facts.numbers.get(name) if words is None else facts.coded.get(name)
    if held is None:
        return [None] * rows.size
    if words is None:
        return [None if isnan(one) else one or str(one) for one in held[rows].tolist()]
    spoken = (*words, None)
    return [spoken[code] for code in held[rows].tolist()]


def _finding(plan: Plan, asking: _Asking, state: str, contents: Sequence[Any]) -> Finding:
    """One rule with the fact that decided."""
    gate, content = asking.gate, contents[0]
    rule, fact = gate.rule, declared_facts()[gate.fact]
    found = NOT_KNOWN if content is None else _worded(fact, content, plan.subject)
    missing = tuple(
        name for name, one in zip(asking.names, contents, strict=True) if one is None
    )  # fmt: skip
    return Finding(
        rule.code, rule.name, rule.title, state, rule.severity, fact.name, fact.title, found,
        asking.wants, missing, gate.value.cite, gate.first_day, gate.value.seen, rule.origin,
        rule.judges.cure if state == "failed" else find_out(missing or (fact.name,)), rule.note,
    )  # fmt: skip


def find_out(names: Sequence[str]) -> Text:
    """Return what is to be done about facts that are not known: nobody is presumed guilty.

    Parameters
    ----------
    names : sequence of str
        The facts, at least one.

    Returns
    -------
    Text
        How each is found out; those that no inspection tells are to be proved by papers.

    Examples
    --------
    >>> find_out(["open_enforcement"]).zh
    '查询被执行案件并留存结果'
    """
    facts = [declared_facts()[name] for name in names]
    told = dict.fromkeys(fact.find for fact in facts if fact.find is not None)
    titles = [_asked(fact) for fact in facts if fact.find is None]
    if titles:
        looks = all(fact.inspection for fact in facts if fact.find is None)
        zh, en = ("查明", "find out") if looks else ("查明并提供证明", "find out and hand in proof")
        listed = "、".join(one.zh for one in titles), "; ".join(one.en for one in titles)
        told[Text(f"{zh}：{listed[0]}", f"{en}: {listed[1]}")] = None
    return Text("；".join(one.zh for one in told), "; ".join(one.en for one in told))


def _asked(fact: Fact) -> Text:
    """A fact as it is asked for; of a statement, whether it is so."""
    if fact.kind != "flag":
        return fact.title
    return Text(f"{fact.title.zh}（是否）", f"whether {fact.title.en}")


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


def words_of(judged: Judged, names: Sequence[str]) -> list[tuple[str | None, ...]]:
    """Return words of facts of all pledges.

    Parameters
    ----------
    judged : Judged
        The verdict with the facts behind it.
    names : sequence of str
        Coded facts.

    Returns
    -------
    list of tuple of (str or None)
        Of each pledge one a fact; None where it is not known, or no rule asks for it.
    """
    size, none = judged.facts.size, (None,)
    columns: list[list[str | None]] = []
    for name in names:
        codes = judged.facts.coded.get(name) if name in judged.plan.words else None
        spoken = (*judged.plan.words.get(name, ()), *none)
        columns.append(
            [None] * size if codes is None else [spoken[code] for code in codes.tolist()]
        )
    return list(zip(*columns, strict=True))


def wanted(subject: str, fact: Fact, gate: Gate) -> Text:
    """Return what a rule wants of a fact, in words.

    Parameters
    ----------
    subject : str
        What the rule is about: a kind of right, ``loan``, ``application``.
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
    words = [_worded(fact, one, subject) for one in many]
    compare = gate.rule.compare
    if compare == "in" and len(words) == 1:
        compare = "=="
    how = COMPARED[compare]
    zh, en = "、".join(word.zh for word in words), ", ".join(word.en for word in words)
    return Text(f"{how.zh}{zh}{'之一' if compare == 'in' else ''}", f"{how.en} {en}")


def _worded(fact: Fact, content: Any, subject: str) -> Text:
    """A word or a number as people read it."""
    if fact.kind == "flag":
        return YES if str(content).lower() == "true" else NO
    if fact.kind == "code":
        return _choices(fact, subject).get(str(content), Text(str(content), str(content)))
    return _number(float(content), fact)


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


DECIMALS = {"year": 2, "month": 1, "yuan": 2, "m2": 2, "mu": 2}
"""Most decimals of a number of a unit; of the others four."""


def _number(amount: float, fact: Fact) -> Text:
    """A number with its unit; shares in per cent, an age in years of age."""
    if np.isinf(amount):
        return Text("无限", "unlimited")
    unit = UNIT_WORDS.get(fact.unit, Text("", ""))
    if fact.shown == "percent":
        text = f"{_short(100.0 * amount, 2)}%"
    else:
        text = _short(amount, DECIMALS.get(fact.unit, 4))
    if fact.shown == "age":
        unit = Text("岁", unit.en)
    return Text(f"{text}{unit.zh}", f"{text} {unit.en}".rstrip())


def _short(amount: float, decimals: int) -> str:
    """A number with at most some decimals, none of them a nought at the end."""
    text = f"{amount:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text
