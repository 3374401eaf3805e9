"""Every row of the notes on law and policy stands in a rule, by its mark."""

import re
from pathlib import Path

import pytest

from riskengine.rules import statute, statute_of
from riskengine.rules.overlay import known_places

NOTES = Path(__file__).parents[3] / "shared" / "domain" / "regulation.md"
MARK = re.compile(r"\|\s*((?:[A-Z]+-)+(?:\d+|[A-Z]+))\s*\|")
"""A mark in the first cell of a row."""


def marks_of_rules() -> set[str]:
    books = [statute(), *(statute_of(place) for place in known_places())]
    return {rule.code for book in books for rule in book.rules.values() if rule.code}


@pytest.mark.skipif(not NOTES.exists(), reason="the notes of ../shared are not at hand")
def test_every_row_of_sections_a_to_d_is_a_rule() -> None:
    text = NOTES.read_text(encoding="utf-8")
    body = text[text.index("## A. ") : text.index("## E. ")]
    rows = {found[1] for line in body.splitlines() if (found := MARK.match(line))}
    assert len(rows) > 200
    told = {re.sub(r"[a-z]$", "", code) for code in marks_of_rules()}
    assert sorted(rows - told) == []


def test_marks_are_whole_and_unique() -> None:
    codes = [rule.code for rule in statute().rules.values() if rule.code]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)*[a-z]?", code) for code in codes)


def test_what_judges_can_be_mended() -> None:
    for rule in statute().rules.values():
        if rule.judges.fact:
            assert rule.judges.cure is not None, rule.name
            assert rule.compare != "param", rule.name
        if rule.severity == "block":
            assert all(value.seen != "memory" for value in rule.values), rule.name
