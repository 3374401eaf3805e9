"""Audit the pinned packages against the database of known vulnerabilities.

Run by `make audit`: fails when a pinned package has a known vulnerability that is not in the
list `tool.audit.ignore` of pyproject.toml with a reason and a last day.  Where the database
cannot be reached nothing was audited: that is said plainly, and is no failure.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PINNED = ("constraints.txt", "constraints-peers.txt")
SECONDS = 180.0


def accepted(ignored: Sequence[Mapping[str, Any]], today: date) -> tuple[set[str], list[str]]:
    """Ids that are accepted today, and faults of the list."""
    faults = []
    for entry in ignored:
        if entry.keys() != {"id", "package", "reason", "since", "until"} or not entry["reason"]:
            faults.append(f"an entry needs id, package, reason, since, until: {dict(entry)}")
        elif entry["until"] < today:
            faults.append(f"{entry['id']} ({entry['package']}) was accepted until {entry['until']}")
    held = {str(entry.get("id")) for entry in ignored if entry.get("until", date.min) >= today}
    return held, faults


def found_in(report: Mapping[str, Any], held: set[str]) -> Iterator[str]:
    """Vulnerabilities of a report that nobody accepted."""
    for package in report["dependencies"]:
        for flaw in package.get("vulns", ()):
            names = {flaw["id"], *flaw.get("aliases", ())}
            if not names & held:
                mended = ", ".join(flaw.get("fix_versions", ())) or "no version yet"
                yield f"{package['name']} {package['version']}: {flaw['id']}, mended in {mended}"


def verdict(
    report: Mapping[str, Any] | None, ignored: Sequence[Mapping[str, Any]], today: date
) -> tuple[int, list[str]]:
    """Exit code, and what is said."""
    held, faults = accepted(ignored, today)
    if report is None:
        said = ["NOT AUDITED: the database of vulnerabilities cannot be reached from here"]
        return int(bool(faults)), [*said, *faults]
    audited = [one for one in report["dependencies"] if "skip_reason" not in one]
    skipped = len(report["dependencies"]) - len(audited)
    if not audited:
        said = ["NOT AUDITED: the database that was reached knows none of the packages"]
        return int(bool(faults)), [*said, *faults]
    found = list(found_in(report, held))
    said = [f"{len(audited)} packages audited, {skipped} not known to the database"]
    return int(bool(found or faults)), [*said, *found, *faults]


def reported(path: Path) -> Mapping[str, Any] | None:
    """What the auditor reports of pinned packages; None where it could not ask."""
    command = [
        sys.executable, "-m", "pip_audit", "-r", str(path), "--disable-pip", "--no-deps",
        "--format", "json", "--progress-spinner", "off",
    ]  # fmt: skip
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        report: Mapping[str, Any] = json.loads(ended.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return None
    return report


def main() -> int:
    """Audit, say what was found."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    ignored = project["tool"]["audit"]["ignore"]
    worst = 0
    for name in PINNED:
        code, said = verdict(reported(ROOT / name), ignored, date.today())
        worst = max(worst, code)
        print("\n  ".join((f"{name}: {said[0]}", *said[1:])))
    return worst


if __name__ == "__main__":
    sys.exit(main())
