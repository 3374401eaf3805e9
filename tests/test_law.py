"""The law as people ask for it, and the command that answers."""

import json
from datetime import date
from pathlib import Path

from typer.testing import CliRunner

from riskengine.cli import app
from riskengine.law import changes, history, in_force
from riskengine.rules import load

RUN = CliRunner()
LAW = """
[cap]
id = "X-1"
title = {zh = "上限", en = "cap"}
unit = "1"
compare = "<="
severity = "refer"
decides = "created_on"
rights = ["land"]
fact = "share"
cure = {zh = "减少", en = "lower it"}
[[cap.value]]
from = 2010-01-01
amount = 0.5
cite = "article 1"
seen = "text"
[[cap.value]]
from = 2020-01-01
until = 2022-12-31
amount = 0.6
cite = "article 2"
seen = "text"
"""


def book(folder: Path):
    (folder / "law.toml").write_text(LAW, encoding="utf-8")
    return load(folder)


def test_what_changed_between_two_days(tmp_path: Path) -> None:
    law = book(tmp_path)
    for first, second, change in (
        (date(2009, 1, 1), date(2010, 1, 1), "begins"),
        (date(2019, 12, 31), date(2020, 1, 1), "changes"),
        (date(2022, 12, 31), date(2023, 1, 1), "ends"),
    ):
        (told,) = changes(law, first, law, second, "en")
        assert told["change"] == change
    assert changes(law, date(2011, 1, 1), law, date(2012, 1, 1), "en") == []


def test_rules_in_force_by_right(tmp_path: Path) -> None:
    law = book(tmp_path)
    (told,) = in_force(law, date(2021, 1, 1), "zh", "land")
    assert (told["title"], told["amount"], told["cite"]) == ("上限", 0.6, "article 2")
    assert in_force(law, date(2021, 1, 1), "zh", "forest") == []
    assert in_force(law, date(2023, 1, 1), "zh") == []


def test_a_rule_tells_its_history_and_cure(tmp_path: Path) -> None:
    (rule,) = book(tmp_path).named("X-1")
    told = history(rule, "en")
    assert told["cure"] == "lower it"
    assert [value["until"] for value in told["values"]] == [None, "2022-12-31"]


def test_the_command_lists_shows_and_compares() -> None:
    listed = RUN.invoke(app, ["rules", "list", "--day", "2026-11-24", "--json"])
    assert listed.exit_code == 0
    names = [row["name"] for row in json.loads(listed.output)]
    assert "lending.loan_to_value_cap" in names
    assert "Infinity" not in listed.output
    shown = RUN.invoke(app, ["rules", "show", "lending.loan_to_value_cap", "--json"])
    (told,) = json.loads(shown.output)
    assert told["unit"] == "1"
    differing = RUN.invoke(app, ["rules", "diff", "2026-01-01", "2026-01-01", "--json"])
    assert json.loads(differing.output) == []


def test_the_command_checks_an_overlay(tmp_path: Path) -> None:
    text = (
        "[lease_hazard]\n[[lease_hazard.value]]\nfrom = 2026-01-01\namount = 0.02\n"
        'cite = "own"\nseen = "official"\n'
    )
    (tmp_path / "land.toml").write_text(text, encoding="utf-8")
    done = RUN.invoke(app, ["rules", "check", str(tmp_path), "--json"])
    assert json.loads(done.output)["rules"] == ["land.lease_hazard"]
    (tmp_path / "land.toml").write_text(text.replace("0.02", "0.01"), encoding="utf-8")
    assert RUN.invoke(app, ["rules", "check", str(tmp_path)]).exception is not None


def test_the_command_speaks_to_people() -> None:
    shown = RUN.invoke(app, ["rules", "show", "LMR-WHO-02", "--language", "en"])
    assert shown.exit_code == 0
    assert "Rural Land Contract Law" in shown.output
    assert "LMR-WHO-02" in shown.output
    listed = RUN.invoke(app, ["rules", "list", "--day", "2026-11-24", "--right", "equity"])
    assert "EQT-" in listed.output
    told = RUN.invoke(app, ["rules", "diff", "2026-08-14", "2026-08-15"])
    assert "开始 begins" in told.output
    unknown = RUN.invoke(app, ["rules", "show", "NO-SUCH-01"])
    assert "NO-SUCH-01" in str(unknown.exception)


def test_truth_values_and_verdicts_are_told_in_words() -> None:
    shown = RUN.invoke(app, ["rules", "show", "LMR-WHO-02a"])
    assert "是 yes" in shown.output and "True" not in shown.output
    case = Path(__file__).parents[1] / "examples" / "cases" / "047_pilot_loan_2017.toml"
    told = RUN.invoke(app, ["rules", "replay", str(case), "--law-on", "2026-11-24"])
    assert "不清楚 [转人工复核]" in told.output and "unknown refer" not in told.output
