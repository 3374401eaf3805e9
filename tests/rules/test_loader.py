"""Rules: dated look-up, and errors that name file, rule and fault."""

from datetime import date
from pathlib import Path

import pytest

from riskengine.errors import RuleError, RuleNotFound
from riskengine.rules import load, statute

RULE = """
[cap]
title = {zh = "上限", en = "cap"}
unit = "1"
compare = "<="
severity = "block"
decides = "created_on"
[[cap.value]]
from = 2010-01-01
amount = 0.5
cite = "article 1"
seen = "text"
[[cap.value]]
from = 2020-01-01
until = 2021-12-31
amount = 0.6
cite = "article 2"
seen = "official"
"""


def book(folder: Path, text: str = RULE):
    (folder / "law.toml").write_text(text, encoding="utf-8")
    return load(folder)


@pytest.mark.parametrize(
    ("day", "amount"),
    [
        (date(2010, 1, 1), 0.5), (date(2019, 12, 31), 0.5), (date(2020, 1, 1), 0.6),
        (date(2021, 12, 31), 0.6),
    ],
)  # fmt: skip
def test_the_value_of_the_day(tmp_path: Path, day: date, amount: float) -> None:
    assert book(tmp_path).at(day).number("law.cap") == amount


@pytest.mark.parametrize("day", [date(2009, 12, 31), date(2022, 1, 1)])
def test_no_value_on_the_day_is_told(tmp_path: Path, day: date) -> None:
    with pytest.raises(RuleNotFound, match=rf"law.cap.*{day}.*2010-01-01"):
        book(tmp_path).at(day).number("law.cap")


def test_an_unknown_rule_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuleNotFound, match="law.cup"):
        book(tmp_path).rule("law.cup")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('seen = "text"', 'seen = "memory"', "memory may not block"),
        ('seen = "text"', 'seen = "hearsay"', "how it was seen"),
        ('cite = "article 1"', 'cite = ""', "citation"),
        ('compare = "<="', 'compare = "about"', "compare"),
        ("from = 2020-01-01", "from = 2010-01-01", "must rise"),
        ('en = "cap"', 'fr = "cap"', "zh and en"),
        ('unit = "1"', 'unit = "acre"', "unit"),
        ("amount = 0.5", "", "lacks"),
        ("[cap]", "[cap]\n[cap]", "law.toml"),
    ],
)
def test_faults_name_file_and_rule(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(RuleError, match=rf"law\.toml.*{told}|{told}"):
        book(tmp_path, RULE.replace(old, new, 1))


def test_the_digest_is_the_version(tmp_path: Path) -> None:
    first = book(tmp_path).digest
    assert first == book(tmp_path).digest
    assert first != book(tmp_path, RULE.replace("0.5", "0.55")).digest


def test_every_rule_of_the_engine_loads_and_holds_today() -> None:
    rules = statute()
    assert rules.rules
    for name in rules.rules:
        rules.rules[name].at(date(2026, 11, 24))
