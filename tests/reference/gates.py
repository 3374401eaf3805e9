"""Slow, plain twin of the gates: rules held against dictionaries, one fact after another.

Written from the rules themselves (what a rule says on a day, whom it judges, when it
applies), never from the arrays that the kernel works on.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Any

SEVERITY = {"param": 0, "monitor": 0, "haircut": 1, "refer": 2, "block": 3}
WORDS = ("pass", "haircut", "refer", "block")
CAPS = (
    "loan_to_value", "loan_to_dividend_multiple", "loan_to_mean_price_value",
    "loan_to_depreciated_cost", "compensation_multiple", "loan_term_years", "pledged_years",
)  # fmt: skip


@dataclass
class Verdict:
    """What the law says of one thing."""

    level: int = 0
    failed: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    keeps: float = 1.0
    limits: dict[str, float] = field(default_factory=lambda: dict.fromkeys(CAPS, inf))

    @property
    def outcome(self) -> str:
        return WORDS[self.level]


def answer(compare: str, content: Any, amount: Any) -> bool | None:
    """Whether a fact keeps what a rule says; None where the fact is not known."""
    return None if content is None else KEPT[compare](content, amount)


KEPT: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda content, amount: content == amount,
    "<=": lambda content, amount: content <= amount,
    "<": lambda content, amount: content < amount,
    ">=": lambda content, amount: content >= amount,
    ">": lambda content, amount: content > amount,
    "in": lambda content, amount: content in amount,
    "not in": lambda content, amount: content not in amount,
}


def both(*answers: bool | None) -> bool | None:
    """All true; false as soon as one is, not known where that is left open (Kleene)."""
    if any(one is False for one in answers):
        return False
    return None if any(one is None for one in answers) else True


def state_of(rule, record) -> str:
    """``skip``, ``pass``, ``fail`` or ``unknown`` of a rule whose value is in force."""
    rule, value = rule
    applies = both(*(
        answer("in", record.get(name), words) for name, words in (rule.judges.when or {}).items()
    ))  # fmt: skip
    keeps = answer(rule.compare, record.get(rule.judges.fact), value.amount)
    if applies is False:
        return "skip"
    if keeps:
        return "pass"
    return "fail" if applies and keeps is False else "unknown"


def may_apply(rule, record) -> bool:
    """Whether no condition of a rule is surely unmet."""
    return all(
        record.get(name) is None or record[name] in words
        for name, words in (rule.judges.when or {}).items()
    )


def speaking(rule, created_on, valued_on):
    """The rule that speaks, with what it says on the day that decides; None when silent."""
    while rule is not None:
        value = rule.held(valued_on if rule.decides == "valued_on" else created_on)
        if value is not None:
            return rule, value
        rule = rule.behind
    return None


def judged(book, subject, record, created_on, valued_on) -> Verdict:
    """Hold every rule of a book against one record."""
    said_of_shares = book.rule("haircuts.share").held(valued_on)
    shares = said_of_shares.amount if said_of_shares else {}
    verdict = Verdict()
    for named in book.rules.values():
        if not named.judges.fact or subject not in named.judges.rights:
            continue
        said = speaking(named, created_on, valued_on)
        if said is None:
            continue
        rule, value = said
        state = state_of(said, record)
        level = SEVERITY[rule.severity]
        if state == "fail":
            verdict.failed.add(rule.name)
            verdict.level = max(verdict.level, level)
        if state == "unknown":
            verdict.unknown.add(rule.name)
            verdict.level = max(verdict.level, 2 if level else 0)
        if state in ("fail", "unknown"):
            verdict.keeps *= 1.0 - shares.get(rule.code, 0.0)
        if rule.judges.fact in CAPS and rule.compare == "<=" and may_apply(rule, record):
            cap = rule.judges.fact
            verdict.limits[cap] = min(verdict.limits[cap], value.amount)
    return verdict
