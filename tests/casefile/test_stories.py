"""Whole cases: every file of examples/cases is judged as the notes on law say.

Outcome and rules in ``[expected]`` are written by hand, from the law.  Amounts shift with
market figures and with policy: when they were meant to, write them anew with

    STORIES_REWRITE=1 NUMBA_DISABLE_JIT=1 .venv/bin/python -m pytest -q tests/casefile/test_stories.py -k amount
"""

import os
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from riskengine.casefile.evaluate import Bench, evaluate
from riskengine.casefile.read import read_case
from riskengine.gates.plan import OUTCOMES
from riskengine.market import demonstration
from riskengine.rights import RIGHTS
from riskengine.rules import statute_of
from riskengine.rules.overlay import known_places

FOLDER = Path(__file__).parents[2] / "examples" / "cases"
FILES = sorted(FOLDER.glob("*.toml"))
STEMS = [path.stem for path in FILES]
REWRITE = "STORIES_REWRITE"
DECIDING = frozenset({"block", "refer", "haircut"})
AMOUNT = re.compile(r"^lending_value_yuan = .*$", re.MULTILINE)
EXPECTED = {"outcome", "failed", "unknown", "lending_value_yuan", "why"}

DIFFERS: dict[str, tuple[str, str]] = {}
"""Where the engine and the notes part: number of the file, what differs, and how."""

LESS = (
    ("002", "001", 0.99, ""),  # not registered
    ("007", "001", 0.81, ""),  # more land than the certificate
    ("012", "013", 0.15, ""),  # years after the second round, before and after the county signs
    ("016", "017", 0.12, ""),  # rent to the year's end
    ("018", "017", 0.99, ""),  # rent in arrears
    ("020", "021", 1.001, ""),  # years of a lease beyond twenty
    ("023", "017", 0.99, ""),  # a tenant sits on it
    ("044", "043", 0.99, ""),  # payer of the compensation not told
    ("046", "045", 0.99, ""),  # insurer not told
    ("057", "054", 0.50, ""),  # only dwelling, rent left to the debtor
    ("062", "054", 0.99, ""),  # plot above the standard
    ("066", "065", 0.99, ""),  # levy on the gain
    ("082", "081", 0.99, ""),  # no felling permit
)
"""Files that lend no more than a share of another, and why the engine does not hold to it."""


class Told(NamedTuple):
    """What the engine says of a case."""

    outcome: str
    failed: set[str]
    unknown: set[str]
    amount: float


@cache
def bench() -> Bench:
    return Bench(demonstration(), statute_of)


@cache
def expected(stem: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{stem}.toml").read_text(encoding="utf-8"))["expected"]


@cache
def told(stem: str) -> Told:
    outcome, failed, unknown, amount = OUTCOMES[0], set(), set(), 0.0
    for assessed in evaluate(read_case(FOLDER / f"{stem}.toml"), bench()):
        judged, row = assessed.judged(0)
        outcome = max(outcome, judged.outcome(row), key=OUTCOMES.index)
        failed |= {g.rule.code for g in judged.failed(row) if g.rule.severity in DECIDING}
        unknown |= {g.rule.code for g in judged.unknown(row) if g.rule.severity in DECIDING}
        amount += float(assessed.lending_value_yuan[0])
    return Told(outcome, failed, unknown, round(amount, 2))


@cache
def severities() -> dict[str, set[str]]:
    """Severities of every rule that judges a fact, by mark, in the nation and in all places."""
    found: dict[str, set[str]] = {}
    for place in ("", *known_places()):
        for rule in statute_of(place.ljust(6, "0") if place else "").rules.values():
            if rule.judges.fact:
                found.setdefault(rule.code, set()).add(rule.severity)
    return found


def stories(what: str) -> list[Any]:
    """Every file, marked where the engine is known to say something else."""
    listed = []
    for stem in STEMS:
        differing, why = DIFFERS.get(stem[:3], ("", ""))
        known = what in differing.split()
        marks = [pytest.mark.xfail(reason=why, strict=True)] if known else []
        listed.append(pytest.param(stem, id=stem, marks=marks))
    return listed


def numbered(number: str) -> str:
    return next(stem for stem in STEMS if stem.startswith(number))


@pytest.mark.parametrize("stem", stories("outcome"))
def test_outcome_is_the_one_the_law_gives(stem) -> None:
    assert told(stem).outcome == expected(stem)["outcome"]


@pytest.mark.parametrize("stem", stories("failed"))
def test_the_rules_that_decide_are_those_named(stem) -> None:
    assert told(stem).failed == set(expected(stem)["failed"])


@pytest.mark.parametrize("stem", stories("unknown"))
def test_what_is_missing_is_what_was_left_out(stem) -> None:
    assert told(stem).unknown == set(expected(stem)["unknown"])


@pytest.mark.parametrize("stem", STEMS)
def test_amount_is_the_one_written_down(stem) -> None:
    amount = told(stem).amount
    if os.environ.get(REWRITE):
        rewrite(FOLDER / f"{stem}.toml", amount)
        return
    assert amount == expected(stem)["lending_value_yuan"]


def rewrite(path: Path, amount: float) -> None:
    """Write a lending value into a case file, and nothing else."""
    text = path.read_text(encoding="utf-8")
    assert len(AMOUNT.findall(text)) == 1, path.name
    path.write_text(AMOUNT.sub(f"lending_value_yuan = {amount}", text), encoding="utf-8")


def test_rewriting_touches_the_amount_alone(tmp_path) -> None:
    path = tmp_path / "case.toml"
    path.write_text("a = 1\nlending_value_yuan = 0.0\n[b]\n", encoding="utf-8")
    rewrite(path, 12345.67)
    assert path.read_text(encoding="utf-8") == "a = 1\nlending_value_yuan = 12345.67\n[b]\n"


@pytest.mark.parametrize(
    ("less", "more", "share"),
    [
        pytest.param(
            less, more, share, id=f"{less}-{more}",
            marks=[pytest.mark.xfail(reason=why, strict=True)] if why else [],
        )
        for less, more, share, why in LESS
    ],
)  # fmt: skip
def test_weaker_security_lends_less(less, more, share) -> None:
    assert told(numbered(less)).amount <= share * told(numbered(more)).amount


@pytest.mark.parametrize("stem", STEMS)
def test_nothing_is_lent_on_what_is_refused(stem) -> None:
    for assessed in evaluate(read_case(FOLDER / f"{stem}.toml"), bench()):
        judged, row = assessed.judged(0)
        if judged.outcome(row) == "block":
            assert assessed.lending_value_yuan[0] == 0.0


@pytest.mark.parametrize("stem", STEMS)
def test_a_file_tells_its_story_in_both_languages(stem) -> None:
    case, story = read_case(FOLDER / f"{stem}.toml"), expected(stem)
    chinese, slash, english = case.title.partition(" / ")
    assert chinese and slash and english
    assert set(story) == EXPECTED
    assert story["why"]["zh"] and story["why"]["en"]


@pytest.mark.parametrize("stem", STEMS)
def test_what_is_written_agrees_with_itself(stem) -> None:
    story = expected(stem)
    levels = [severities()[code] for code in story["failed"]]
    severe = [max(OUTCOMES.index(word) for word in level if word in DECIDING) for level in levels]
    least = OUTCOMES.index("refer") if story["unknown"] else 0
    assert all(code in severities() for code in story["unknown"])
    assert OUTCOMES[max([least, *severe])] == story["outcome"]


def test_the_stories_cover_the_trade() -> None:
    cases = [read_case(path) for path in FILES]
    assert len(FILES) >= 30
    assert {right.table for case in cases for right in case.rights} == set(RIGHTS)
    assert {expected(stem)["outcome"] for stem in STEMS} == set(OUTCOMES)
    assert any(len(case.rights) > 1 for case in cases)
    assert any(right.policies for case in cases for right in case.rights)
    assert len({stem[:3] for stem in STEMS}) == len(STEMS)


def test_every_known_difference_names_a_file() -> None:
    numbers = {stem[:3] for stem in STEMS}
    assert set(DIFFERS) <= numbers
    assert {number for pair in LESS for number in pair[:2]} <= numbers
