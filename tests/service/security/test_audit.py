"""The audit of dependencies fails on what is known, and says when it could not ask."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from tests.check_audit import accepted, verdict

ROOT = Path(__file__).parents[3]
DAY = date(2026, 11, 26)
FLAW = {"id": "GHSA-1", "aliases": ["CVE-2026-1"], "fix_versions": ["2.0"]}
REPORT = {"dependencies": [
    {"name": "a", "version": "1.0", "vulns": [FLAW]}, {"name": "b", "version": "1.0", "vulns": []},
    {"name": "c", "skip_reason": "not found"},
]}  # fmt: skip
ENTRY = {
    "id": "CVE-2026-1", "package": "a", "reason": "the code is not reached",
    "since": date(2026, 11, 1), "until": date(2026, 12, 1),
}  # fmt: skip


def test_what_is_known_fails() -> None:
    code, said = verdict(REPORT, [], DAY)
    assert code == 1
    assert said == [
        "2 packages audited, 1 not known to the database",
        "a 1.0: GHSA-1, mended in 2.0",
    ]


def test_what_was_accepted_passes_until_its_day() -> None:
    assert verdict(REPORT, [ENTRY], DAY)[0] == 0
    code, said = verdict(REPORT, [ENTRY], date(2026, 12, 2))
    assert code == 1
    assert len(said) == 3


@pytest.mark.parametrize("entry", [{"id": "x"}, {**ENTRY, "reason": ""}])
def test_an_entry_has_a_reason_and_a_day(entry: dict[str, object]) -> None:
    assert accepted([entry], DAY)[1]


def test_an_audit_that_could_not_ask_says_so() -> None:
    skipped = {"dependencies": [{"name": "c", "skip_reason": "not found"}]}
    for report in (None, skipped):
        code, said = verdict(report, [], DAY)
        assert code == 0
        assert said[0].startswith("NOT AUDITED")


def test_the_projects_list_is_in_order() -> None:
    ignored = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["audit"]["ignore"]
    assert all(entry.keys() == ENTRY.keys() for entry in ignored)
    makefile = (ROOT / "Makefile").read_text()
    assert "tests/check_audit.py" in makefile
    checks = next(line for line in makefile.splitlines() if line.startswith("checks:"))
    assert "audit" in checks.split()
