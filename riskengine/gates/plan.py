"""The rules that judge one kind of thing, laid out for the kernel."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from math import inf, nextafter
from typing import Any

import numpy as np

from riskengine.columns import Contract
from riskengine.dates import day_number
from riskengine.errors import RuleError
from riskengine.gates.arrays import AMONG, CREATED, NOT_AMONG, VALUED, WITHIN, Law
from riskengine.rights import RIGHTS
from riskengine.rules import Rule, RuleBook, RuleValue
from riskengine.rules.facts import Fact, declared_facts
from riskengine.words import Text

LEVELS = {"monitor": 0, "param": 0, "haircut": 1, "refer": 2, "block": 3}
"""Outcome of failing a rule of each severity."""
OUTCOMES = ("pass", "haircut", "refer", "block")
"""Outcomes in the order of the kernel's numbers."""
OUTCOME_WORDS = {
    "pass": Text("通过", "pass"),
    "haircut": Text("折减", "haircut"),
    "refer": Text("转人工复核", "refer"),
    "block": Text("不得受理", "block"),
    "monitor": Text("关注", "monitor"),
}
"""What people read."""


def severity_words(severity: str) -> Text:
    """Return what people read for the severity of a rule.

    Parameters
    ----------
    severity : str
        One of `LEVELS`.

    Returns
    -------
    Text
        Words of the outcome of failing it.
    """
    return OUTCOME_WORDS.get(severity, OUTCOME_WORDS["monitor"])


LIMITS = (
    "loan_to_value", "loan_to_dividend_multiple", "loan_to_mean_price_value",
    "loan_to_depreciated_cost", "compensation_multiple", "loan_term_years", "pledged_years",
)  # fmt: skip
"""Facts whose upper limits cap the loan or its term, in the order of the kernel's limits."""
HAIRCUTS = "haircuts.share"
"""Rule that says what share of the value a failure takes."""
Key = tuple[int, str, Any]


@dataclass(frozen=True, slots=True)
class Gate:
    """One rule over the days on which it says one thing.

    Parameters
    ----------
    rule : Rule
        The rule that speaks: the law's, or that of an overlay.
    value : RuleValue
        What it says.
    first_day : datetime.date
        First day on which it speaks.
    last_day : datetime.date or None
        Last day; None while no end is known.
    """

    rule: Rule
    value: RuleValue
    first_day: date
    last_day: date | None

    @property
    def fact(self) -> str:
        """Name of the fact that it judges."""
        return self.rule.judges.fact


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules that judge one kind of thing.

    Parameters
    ----------
    subject : str
        Kind of right, ``insurance``, ``loan``, ``guarantee`` or ``institution``.
    gates : tuple of Gate
        Rules, in the order of the kernel's bits.
    words : mapping of str to tuple of str
        Coded facts with their words, in the order of the kernel's rows.
    numbers : tuple of str
        Facts that are numbers, likewise.
    law : Law
        The same as arrays.
    current : frozenset of str
        Facts of which a rule asks how they stand on the day of valuation.
    memory : dict
        What was laid out for the plan before, by name: kept as long as the plan is.
    """

    subject: str
    gates: tuple[Gate, ...]
    words: Mapping[str, tuple[str, ...]]
    numbers: tuple[str, ...]
    law: Law
    current: frozenset[str] = field(init=False, compare=False)
    memory: dict[str, Any] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Tell the facts that are asked about on the day of valuation."""
        now = frozenset(gate.fact for gate in self.gates if gate.rule.decides == "valued_on")
        object.__setattr__(self, "current", now)
        object.__setattr__(self, "memory", {})


@lru_cache(maxsize=256)
def plan_of(book: RuleBook, subject: str, valued_on: date) -> Plan:
    """Lay out the rules that judge one kind of thing.

    Parameters
    ----------
    book : RuleBook
        The law of a place, or an institution's rules over it.
    subject : str
        Kind of right, ``insurance``, ``loan``, ``guarantee`` or ``institution``.
    valued_on : datetime.date
        Day whose haircuts count.

    Returns
    -------
    Plan
        Every rule that judges a fact of that kind, on every day on which one holds.

    Raises
    ------
    RuleError
        If a rule names a fact or a word that is not declared.
    """
    judging = sorted(
        (
            rule
            for rule in book.rules.values()
            if rule.judges.fact and subject in rule.judges.rights
        ),
        key=lambda rule: (rule.code, rule.name),
    )
    gates = tuple(gate for rule in judging for gate in _gates(rule))
    return _Layout(subject, gates, _haircuts(book, valued_on)).plan()


def _haircuts(book: RuleBook, day: date) -> Mapping[str, float]:
    """What failures take of the value on a day, by mark of the rule."""
    rule = book.rules.get(HAIRCUTS)
    value = rule.held(day) if rule is not None else None
    return value.amount if value is not None else {}


def _gates(rule: Rule) -> Iterator[Gate]:
    """A rule cut at every day on which something else begins to speak."""
    days = sorted(
        {value.first_day for _, value in rule.history()}
        | {value.until + timedelta(1) for _, value in rule.history() if value.until is not None}
    )
    for day, after in zip(days, [*days[1:], None], strict=True):
        speaking = rule.speaking(day)
        value = speaking.held(day) if speaking is not None else None
        if speaking is not None and value is not None:
            yield Gate(speaking, value, day, after - timedelta(1) if after is not None else None)


def words_of(fact: Fact, subject: str) -> tuple[str, ...]:
    """Return the words of a coded fact, as positions number them.

    Parameters
    ----------
    fact : Fact
        The fact; a flag has the words ``false`` and ``true``.
    subject : str
        Kind of right, whose own column may list the words.

    Returns
    -------
    tuple of str
        Words.
    """
    if fact.kind == "flag":
        return ("false", "true")
    contract: Contract | None = RIGHTS.get(subject)
    if fact.source == "right" and contract is not None and fact.name in contract.by_name:
        return contract.by_name[fact.name].codes
    return tuple(fact.words or ())


@dataclass(slots=True)
class _Layout:
    """Arrays for the kernel while they grow."""

    subject: str
    gates: Sequence[Gate]
    haircuts: Mapping[str, float]
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    questions: dict[Key, int] = field(default_factory=dict)
    rows: list[tuple[int, int, int, int]] = field(default_factory=list)
    listed: list[int] = field(default_factory=list)
    ranges: list[tuple[float, float]] = field(default_factory=list)

    def plan(self) -> Plan:
        """Lay everything out."""
        needs: list[int] = []
        rules, spans, kept = [], [], []
        for gate in self.gates:
            begins = len(needs)
            for name, allowed in (gate.rule.judges.when or {}).items():
                needs.append(self._among(gate, name, AMONG, allowed))
            question = self._question(gate)
            decides = VALUED if gate.rule.decides == "valued_on" else CREATED
            limit = -1
            if gate.fact in LIMITS and gate.rule.compare == "<=":
                limit = LIMITS.index(gate.fact)
            rules.append((question, begins, len(needs), decides, LEVELS[gate.rule.severity], limit))
            last = inf if gate.last_day is None else float(day_number(gate.last_day))
            spans.append((float(day_number(gate.first_day)), last))
            kept.append(1.0 - float(self.haircuts.get(gate.rule.code, 0.0)))
        law = Law(
            np.array(self.rows, dtype=np.int64).reshape(-1, 4),
            np.array(self.listed, dtype=np.int8),
            np.array(self.ranges, dtype=np.float64).reshape(-1, 2),
            np.array(rules, dtype=np.int64).reshape(-1, 6),
            np.array(needs, dtype=np.int64),
            np.array(spans, dtype=np.float64).reshape(-1, 2),
            np.array(kept, dtype=np.float64),
        )
        return Plan(self.subject, tuple(self.gates), self.words, tuple(self.numbers), law)

    def _question(self, gate: Gate) -> int:
        """What must be true for a rule to be kept."""
        compare, amount = gate.rule.compare, gate.value.amount
        fact = self._fact(gate, gate.fact)
        if fact.kind == "number":
            return self._within(fact.name, *_range(compare, float(amount)))
        kind = NOT_AMONG if compare == "not in" else AMONG
        allowed = amount if compare in {"in", "not in"} else (amount,)
        return self._among(gate, fact.name, kind, allowed)

    def _fact(self, gate: Gate, name: str) -> Fact:
        """The declaration of a fact."""
        found = declared_facts().get(name)
        if found is None:
            raise _undeclared(gate, name)
        return found

    def _within(self, name: str, low: float, high: float) -> int:
        """Ask whether a number lies in a closed range."""
        if name not in self.numbers:
            self.numbers.append(name)
        return self._ask((WITHIN, name, (low, high)), self.numbers.index(name), (), (low, high))

    def _among(self, gate: Gate, name: str, kind: int, allowed: Sequence[Any]) -> int:
        """Ask whether a word is among some."""
        fact = self._fact(gate, name)
        words = self.words.setdefault(name, words_of(fact, self.subject))
        codes = []
        for word in allowed:
            said = str(word).lower() if isinstance(word, bool) else str(word)
            if said in words:
                codes.append(words.index(said))
            elif fact.source != "right":
                raise _undeclared(gate, f"{name} = {said}")
        key = (kind, name, tuple(sorted(codes)))
        return self._ask(key, list(self.words).index(name), codes, (-inf, inf))

    def _ask(self, key: Key, row: int, codes: Sequence[int], limits: tuple[float, float]) -> int:
        """Number of a question; the same question is asked once."""
        if key not in self.questions:
            self.questions[key] = len(self.rows)
            begins = len(self.listed)
            self.listed.extend(codes)
            self.rows.append((key[0], row, begins, len(self.listed)))
            self.ranges.append(limits)
        return self.questions[key]


def _range(compare: str, amount: float) -> tuple[float, float]:
    """The closed range of the numbers that keep a rule."""
    match compare:
        case "<=":
            return -inf, amount
        case "<":
            return -inf, nextafter(amount, -inf)
        case ">=":
            return amount, inf
        case ">":
            return nextafter(amount, inf), inf
    return amount, amount


def _undeclared(gate: Gate, name: str) -> RuleError:
    return RuleError(
        Text(
            f"规则 {gate.rule.name} 用到未声明的事实：{name}",
            f"rule {gate.rule.name} judges by {name}, which is not declared",
        ),
        Text("请在 facts.toml 中声明", "declare it in facts.toml"),
    )
