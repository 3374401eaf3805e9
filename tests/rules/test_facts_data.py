"""The facts that rules judge: each declared once, in its unit and with all of its words."""

import operator
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import riskengine.rules
from riskengine.rights import RIGHTS
from riskengine.rules.loader import RULE_UNITS, statute
from riskengine.rules.overlay import known_places, statute_of
from riskengine.rules.rule import Rule

FILE = Path(riskengine.rules.__file__).parent / "facts.toml"
KINDS = {"flag", "code", "number"}
SOURCES = {"right", "derived", "paper", "policy", "outside"}
INSPECTIONS = {"registry", "site", "contract", "map", "borrower"}
KEYS = {
    "title", "kind", "source", "note", "dated", "settled", "inspection", "clear", "words", "find",
}  # fmt: skip
NUMBER_KEYS = {"unit", "low", "high", "shown"}
OUTSIDE = {"loan", "guarantee", "institution", "application"}
PASSES: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq,
    "in": lambda fact, amount: fact in amount, "not in": lambda fact, amount: fact not in amount,
}  # fmt: skip


@cache
def facts() -> dict[str, dict[str, Any]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule of the nation and of the places, with those that lie behind."""
    found: dict[tuple[str, str], Rule] = {}
    for book in (statute(), *(statute_of(place) for place in known_places())):
        for named in book.rules.values():
            rule: Rule | None = named
            while rule is not None:
                found[rule.origin, rule.name] = rule
                rule = rule.behind
    return tuple(found.values())


def judging(name: str) -> list[Rule]:
    return [rule for rule in rules() if rule.judges.fact == name]


def using(name: str) -> list[Rule]:
    return [
        rule for rule in rules() if rule.judges.fact == name or name in (rule.judges.when or {})
    ]


def words_used(name: str) -> set[Any]:
    """Every word or truth value that a rule names for a fact; numbers of number facts too."""
    found: set[Any] = set()
    for rule in using(name):
        found.update((rule.judges.when or {}).get(name, ()))
        if rule.judges.fact == name:
            for value in rule.values:
                found.update(value.amount if isinstance(value.amount, list) else [value.amount])
    return found


def rights_of(name: str) -> set[str]:
    return {right for rule in using(name) for right in rule.judges.rights}


def of_source(*sources: str) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((name, fact) for name, fact in facts().items() if fact["source"] in sources)


def test_every_fact_of_a_rule_is_declared_and_every_declared_fact_is_used() -> None:
    used = {rule.judges.fact for rule in rules() if rule.judges.fact}
    used |= {name for rule in rules() for name in rule.judges.when or {}}
    assert sorted(used - facts().keys()) == []
    assert sorted(facts().keys() - used) == []


def test_declarations_keep_to_the_format() -> None:
    for name, fact in facts().items():
        assert fact["kind"] in KINDS, name
        assert fact["source"] in SOURCES, name
        allowed = KEYS | (NUMBER_KEYS if fact["kind"] == "number" else set())
        assert fact.keys() <= allowed, (name, fact.keys() - allowed)
        texts = [fact["title"], *fact.get("words", {}).values(), fact.get("note", fact["title"])]
        for text in texts:
            assert text.keys() == {"zh", "en"}, name
            assert any("\u4e00" <= letter <= "\u9fff" for letter in text["zh"]), name
            assert text["en"].isascii() and text["en"].strip() == text["en"] != "", name


@pytest.mark.parametrize("language", ["zh", "en"])
def test_titles_are_unique(language: str) -> None:
    titles = [fact["title"][language] for fact in facts().values()]
    assert sorted(title for title in titles if titles.count(title) > 1) == []
    for name, fact in facts().items():
        words = [text[language] for text in fact.get("words", {}).values()]
        assert len(words) == len(set(words)), name


def test_kinds_are_those_that_rules_compare() -> None:
    types = {"flag": bool, "code": str, "number": float}
    for name, fact in facts().items():
        assert words_used(name), name
        for word in words_used(name):
            assert type(word) is types[fact["kind"]], (name, word)


def test_every_word_used_is_declared() -> None:
    for name, fact in facts().items():
        if fact["kind"] != "code":
            assert "words" not in fact, name
        elif fact["source"] == "right":
            assert "words" not in fact, name
            tables = [RIGHTS[right] for right in rights_of(name)]
            known = {code for table in tables for code in table.by_name[name].codes}
            assert words_used(name) <= known, name
        else:
            assert words_used(name) <= fact["words"].keys(), name
            assert len(fact["words"]) > 1, name


def test_units_agree_with_the_rules() -> None:
    for name, fact in facts().items():
        units = {rule.unit for rule in judging(name)}
        if fact["kind"] == "number":
            assert units == {fact["unit"]}, name
            assert fact["unit"] in RULE_UNITS - {"", "code"}, name
        else:
            assert units <= {"code"}, name


def test_thresholds_lie_within_the_range() -> None:
    for name, fact in facts().items():
        if fact["kind"] == "number":
            low, high = fact.get("low", float("-inf")), fact.get("high", float("inf"))
            assert all(low <= amount <= high for amount in words_used(name)), name
            assert low <= fact.get("clear", max(low, 0.0)) <= high, name
            assert low < high, name


def test_facts_of_rights_are_columns_of_every_right_that_rules_name() -> None:
    kinds = {"flag": "flag", "code": "code", "number": "number"}
    for name, fact in of_source("right"):
        assert rights_of(name) <= RIGHTS.keys(), name
        for right in rights_of(name):
            column = RIGHTS[right].by_name[name]
            assert column.kind == kinds[fact["kind"]], name
            if fact["kind"] == "number":
                assert (column.unit, column.low, column.high) == (
                    fact["unit"], fact["low"], fact["high"],
                ), name  # fmt: skip
    for name, _ in of_source("derived", "paper", "policy", "outside"):
        clash = [
            right for right in rights_of(name) & RIGHTS.keys() if name in RIGHTS[right].by_name
        ]
        assert clash == [], name


def test_sources_agree_with_what_the_rules_judge() -> None:
    for name, _ in of_source("policy"):
        assert rights_of(name) == {"insurance"}, name
    for name, _ in of_source("outside"):
        assert rights_of(name) <= OUTSIDE, name
    for name, _ in of_source("right", "derived", "paper"):
        assert rights_of(name) & RIGHTS.keys(), name


def test_only_flags_stated_from_papers_have_days() -> None:
    for name, fact in facts().items():
        if "dated" in fact:
            assert (fact["dated"], fact["kind"], fact["source"]) == (True, "flag", "paper"), name
            assert "inspection" not in fact, name
            assert not {f"{name}_on", f"{name}_until"} & facts().keys(), name


def test_what_an_inspection_leaves_clear_passes_every_rule() -> None:
    for name, fact in facts().items():
        assert ("inspection" in fact) == ("clear" in fact), name
        if "inspection" not in fact:
            continue
        assert fact["source"] in {"paper", "derived", "right"}, name
        assert fact["inspection"] in INSPECTIONS, name
        clear = fact["clear"]
        assert type(clear) is {"flag": bool, "code": str, "number": float}[fact["kind"]], name
        assert fact["kind"] != "code" or clear in fact["words"], name
        for rule in judging(name):
            for value in rule.values:
                assert PASSES[rule.compare](clear, value.amount), (name, rule.name)


def test_everything_adverse_has_an_inspection() -> None:
    for name, fact in of_source("paper"):
        judged = {value.amount for rule in judging(name) for value in rule.values
                  if fact["kind"] == "flag"}  # fmt: skip
        if judged == {False}:
            assert fact["clear"] is False, name
        upper = {rule.compare for rule in judging(name)} & {"<", "<="}
        if fact["kind"] == "number" and upper and name not in SHARES_OF_THE_LOAN:
            assert "clear" in fact, name


SHARES_OF_THE_LOAN = {"loan_to_expected_increase", "loan_to_project_cost"}
"""Told by the plan of the project, not found out by an inspection."""
