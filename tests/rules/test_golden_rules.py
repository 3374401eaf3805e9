"""Golden cases of every rule, on each side of each edge, run through the kernel of the gates.

The cases were written from the notes on law and practice, row by row; each names the
rule, the day that decides, the facts, and what follows.
"""

import tomllib
from collections import defaultdict
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from riskengine.errors import RuleNotFound
from riskengine.gates.judge import single
from riskengine.gates.plan import plan_of
from riskengine.rules import Rule, RuleBook, statute, statute_of
from riskengine.rules.overlay import known_places

FILES = sorted((Path(__file__).parents[1] / "golden" / "rules").glob("*.toml"))
REACH = date(2026, 11, 23)


@cache
def cases(path: Path) -> list[dict[str, Any]]:
    """Cases of one file."""
    return tomllib.loads(path.read_text(encoding="utf-8"))["case"]


def named(book: RuleBook, mark: str) -> Rule:
    """The one rule of a mark or a name."""
    (rule,) = [r for r in book.named(mark) if mark in (r.code, r.name)]
    return rule


def state_of(case: dict[str, Any]) -> tuple[str, str]:
    """What the kernel says of a case: state, and severity where it fails."""
    book = statute_of(case.get("place", ""))
    rule = named(book, case["rule"])
    plan = plan_of(book, case["right"], case["on"])
    judged = single(plan, case.get("facts", {}), case["on"], case["on"])
    for state, gates in (("fail", judged.failed(0)), ("unknown", judged.unknown(0))):
        for gate in gates:
            if gate.rule.name == rule.name:
                return state, gate.rule.severity
    speaking = rule.speaking(case["on"])
    if speaking is None:
        return "absent", ""
    when = speaking.judges.when or {}
    facts = case.get("facts", {})
    skipped = any(name in facts and facts[name] not in words for name, words in when.items())
    return ("skip" if skipped else "pass"), ""


def wrong(case: dict[str, Any]) -> str:
    """What is wrong with a case; empty where the engine says what it expects."""
    if "amount" in case or named(statute_of(case.get("place", "")), case["rule"]).judges.fact == "":
        return _wrong_amount(case)
    state, severity = state_of(case)
    told = severity if state == "fail" else ""
    if (state, told) != (case["state"], case.get("severity", "")):
        return f"{case}: {state} {severity}"
    return ""


def _wrong_amount(case: dict[str, Any]) -> str:
    """What is wrong with a case of a rule that only holds a number."""
    rule = named(statute_of(case.get("place", "")), case["rule"])
    try:
        amount = rule.at(case["on"]).amount
    except RuleNotFound:
        return "" if case["state"] == "absent" else f"{case}: absent"
    if case["state"] in ("skip", "unknown"):
        return ""
    if case["state"] != "says" or amount != case["amount"]:
        return f"{case}: says {amount}"
    return ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_golden_case_comes_out_as_the_notes_say(path: Path) -> None:
    found = [told for told in map(wrong, cases(path)) if told]
    assert not found, "\n".join(found)


def test_every_rule_has_cases_on_both_sides_of_its_edges(
    capsys: pytest.CaptureFixture[str],
) -> None:
    states: dict[str, set[str]] = defaultdict(set)
    for path in FILES:
        for case in cases(path):
            states[named(statute_of(case.get("place", "")), case["rule"]).name].add(case["state"])
    books = [statute(), *(statute_of(place) for place in known_places())]
    rules = {rule.name: rule for book in books for rule in book.rules.values()}
    bare = []
    for name, rule in rules.items():
        wanted = {"absent", "pass", "fail", "unknown"} if rule.judges.fact else {"absent", "says"}
        if missing := wanted - states[name]:
            bare.append((name, sorted(missing)))
    with capsys.disabled():
        covered = len(rules) - len(bare)
        print(
            f"\nrules covered by golden cases: {covered}/{len(rules)}"
            f" = {covered / len(rules):.0%}; cases: {sum(len(cases(path)) for path in FILES)}"
        )
    assert not bare
