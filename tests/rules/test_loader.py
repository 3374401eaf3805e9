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


def test_every_rule_of_the_engine_loads_and_holds_today_or_has_ended() -> None:
    rules = statute()
    assert rules.rules
    for rule in rules.rules.values():
        last = rule.values[-1]
        assert rule.held(date(2026, 11, 24)) or last.until or last.first_day > date(2026, 11, 24)


GATE = """
[consent]
id = "LMR-WHO-02"
title = {zh = "书面同意", en = "written consent"}
unit = "code"
compare = "=="
severity = "block"
decides = "created_on"
rights = ["land"]
when = {kind = ["lease_yearly"]}
fact = "contractor_consent"
cure = {zh = "取得同意", en = "get the consent"}
[[consent.value]]
from = 2019-01-01
amount = true
cite = "article 47"
seen = "text"
"""


def test_what_a_rule_judges_is_kept(tmp_path: Path) -> None:
    (rule,) = book(tmp_path, GATE).named("LMR-WHO-02")
    assert rule.name == "law.consent"
    assert rule.judges.rights == ("land",)
    assert rule.judges.when == {"kind": ("lease_yearly",)}
    assert rule.judges.fact == "contractor_consent"
    assert rule.judges.cure.en == "get the consent"


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ('severity = "block"', 'severity = "stop"', 7, "severity"),
        ('seen = "text"', 'seen = "memory"', 7, "memory may not block"),
        ('rights = ["land"]', 'rights = ["moon"]', 9, "rights"),
        ('when = {kind = ["lease_yearly"]}', 'when = "kind"', 10, "when"),
        ('cure = {zh = "取得同意", en = "get the consent"}', "", 11, "what mends it"),
        ('cite = "article 47"', 'cite = " "', 16, "citation"),
        ("from = 2019-01-01", 'from = "2019-01-01"', 14, "not a date"),
        ("amount = true", "", 13, "lacks"),
        ('seen = "text"', 'seen = "text"\npage = 3', 18, "unknown keys"),
        ('id = "LMR-WHO-02"', 'idd = "LMR-WHO-02"', 3, "no key of a rule"),
        ('unit = "code"', 'unit = "acre"', 5, "acre"),
    ],
)
def test_a_fault_names_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, told: str
) -> None:
    with pytest.raises(RuleError, match=rf"law\.toml:{line} \[consent\].*{told}"):
        book(tmp_path, GATE.replace(old, new, 1))


def test_a_duplicate_key_and_a_duplicate_id_are_told(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"law\.toml.*line 4"):
        book(tmp_path, GATE.replace('id = "LMR-WHO-02"', 'id = "A"\nid = "B"'))
    twice = GATE + GATE.replace("consent", "assent")
    with pytest.raises(RuleError, match=r"LMR-WHO-02 already stands at law\.consent"):
        book(tmp_path, twice)


def test_a_value_that_ends_after_the_next_begins_is_refused(tmp_path: Path) -> None:
    text = RULE.replace("from = 2010-01-01", "from = 2010-01-01\nuntil = 2020-01-01")
    with pytest.raises(RuleError, match=r"law\.toml:10 .*ends before the next begins"):
        book(tmp_path, text)
