"""Bodies of rules over one another: places speak where they may, institutions only tighten."""

from datetime import date
from pathlib import Path

import pytest

from riskengine.errors import RuleError
from riskengine.rules import load, statute, statute_of, tightened
from riskengine.rules.overlay import as_tight, known_places, lay_over

LAW = """
[cap]
title = {zh = "上限", en = "cap"}
unit = "1"
compare = "<="
severity = "refer"
decides = "created_on"
[[cap.value]]
from = 2010-01-01
amount = 0.5
cite = "article 1"
seen = "text"
[[cap.value]]
from = 2020-01-01
amount = 0.6
cite = "article 2"
seen = "text"
"""
OWN = """
[cap]
[[cap.value]]
from = 2015-01-01
until = 2024-12-31
amount = 0.4
cite = "credit committee"
seen = "official"
"""


def folder(base: Path, name: str, text: str) -> Path:
    found = base / name
    found.mkdir()
    (found / "law.toml").write_text(text, encoding="utf-8")
    return found


@pytest.mark.parametrize(
    ("day", "amount"),
    [
        (date(2014, 12, 31), 0.5), (date(2015, 1, 1), 0.4), (date(2024, 12, 31), 0.4),
        (date(2025, 1, 1), 0.6),
    ],
)  # fmt: skip
def test_an_overlay_speaks_on_its_days_and_the_law_on_the_others(
    tmp_path: Path, day: date, amount: float
) -> None:
    law = load(folder(tmp_path, "cn", LAW))
    book = tightened(law, folder(tmp_path, "bank", OWN))
    assert book.at(day).number("law.cap") == amount
    assert book.rule("law.cap").title.en == "cap"
    assert book.digest != law.digest
    assert [origin for origin, _ in book.rule("law.cap").history()] == ["bank", "cn", "cn"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("amount = 0.4", "amount = 0.55", "0.55 for 0.5 on 2015-01-01"),
        ("[cap]\n", '[cap]\nseverity = "monitor"\n', "severity monitor for refer"),
        ("[cap]\n", '[cap]\ncompare = ">="\n', "compare >= for <="),
        ("[cap]\n", '[cap]\nunit = "mu"\n', "unit mu for 1"),
        ("[cap]\n", '[cap]\nrights = ["land"]\n', "another fact"),
    ],
)
def test_an_overlay_that_loosens_is_refused_by_name(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    law = load(folder(tmp_path, "cn", LAW))
    with pytest.raises(RuleError, match=rf"bank loosens law\.cap: {told}"):
        tightened(law, folder(tmp_path, "bank", OWN.replace(old, new, 1)))


def test_a_cap_that_the_law_lowers_later_is_refused(tmp_path: Path) -> None:
    law = load(folder(tmp_path, "cn", LAW.replace("0.6", "0.3")))
    with pytest.raises(RuleError, match=r"0\.4 for 0\.3 on 2020-01-01"):
        tightened(law, folder(tmp_path, "bank", OWN))


def test_an_institution_may_add_rules_and_sharpen_outcomes(tmp_path: Path) -> None:
    law = load(folder(tmp_path, "cn", LAW))
    text = OWN.replace("[cap]\n", '[cap]\nseverity = "block"\n', 1) + LAW.replace("cap", "floor")
    book = tightened(law, folder(tmp_path, "bank", text))
    assert book.rule("law.cap").severity == "block"
    assert book.rule("law.floor").origin == "bank"


def test_a_fault_of_an_overlay_names_file_and_line(tmp_path: Path) -> None:
    law = load(folder(tmp_path, "cn", LAW))
    with pytest.raises(RuleError, match=r"law\.toml:5 \[cap\]"):
        tightened(law, folder(tmp_path, "bank", OWN.replace("until = 2024-12-31", "until = 3")))


@pytest.mark.parametrize(
    ("compare", "own", "law", "tight"),
    [
        ("<", 1.0, 1.0, True), ("<", 1.1, 1.0, False), (">", 2.0, 1.0, True), (">=", 0.9, 1.0, False),
        ("==", True, True, True), ("==", False, True, False), ("param", 1.0, 1.0, True),
        ("param", 0.9, 1.0, False), ("in", ["a"], ["a", "b"], True), ("in", ["c"], ["a"], False),
        ("not in", ["a", "b"], ["a"], True), ("not in", [], ["a"], False),
        ("<=", {"x": 0.1, "y": 0.2}, {"x": 0.2, "y": 0.2}, True),
        ("<=", {"x": 0.3, "y": 0.1}, {"x": 0.2, "y": 0.2}, False),
        ("<=", {"x": 0.1}, {"x": 0.2, "y": 0.2}, False),
    ],
)  # fmt: skip
def test_tightness_of_every_comparison(compare: str, own, law, tight: bool) -> None:
    assert as_tight(compare, own, law) is tight


def test_every_place_lies_over_the_nation() -> None:
    for place in known_places():
        book = statute_of(place)
        assert len(book.rules) >= len(statute().rules)
        assert book.digest != statute().digest
        assert any(rule.origin == place for rule in book.rules.values())
    assert statute_of("").digest == statute().digest
    assert statute_of("999999").digest == statute().digest


def test_the_nearer_body_speaks_first(tmp_path: Path) -> None:
    law = load(folder(tmp_path, "cn", LAW))
    place = load(folder(tmp_path, "33", OWN.replace("0.4", "0.7")), "33", law)
    assert lay_over(law, place).at(date(2021, 1, 1)).number("law.cap") == 0.7
