"""No personal data and no key in any log line of the test run.

Every test is watched: what it logged, and for tests of the service what it and the servers
that it started wrote to stdout and stderr, is searched for the personal values that the suite
plants, and for anything that looks like a whole key or token.  A test that leaks fails.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PLANTED = (
    "110105194912310021", "11010519491231002X", "110105491231002", "110105194912310020",
    "370983199001011234", "13800138000", "13912345678", "张三丰", "李秀英",
)  # fmt: skip
"""Personal values of the suite; test data of the service uses these and no others."""
SECRET = re.compile(
    r"rk_[0-9a-f]{16}_[A-Za-z0-9_-]{43}|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"
)
SHOWN = ("演示密钥", "X-API-Key: rk_")
"""Lines that a person is meant to read once: the key of the demonstration."""
OUTPUTS = ("*.log", "*.out", "*.err", "stdout*", "stderr*")
WATCHED = "tests/service/"


def leaks_in(text: str) -> Iterator[str]:
    """What a text tells that it must not, each once, cut so that the report does not leak."""
    for value in PLANTED:
        if value.lower() in text.lower():
            yield f"planted value {value[:3]}..."
    for line in text.splitlines():
        if (found := SECRET.search(line)) and not any(shown in line for shown in SHOWN):
            yield f"key or token {found[0][:7]}..."


def leaks_of(report: pytest.TestReport) -> list[str]:
    """Leaks in what a test logged and, for tests of the service, printed in its phase.

    Sections that leak are taken out of the report, which would repeat them.
    """
    kinds = ("log", "stdout", "stderr") if report.nodeid.startswith(WATCHED) else ("log",)
    watched = {f"Captured {kind} {report.when}" for kind in kinds}
    found, kept = [], []
    for name, text in report.sections:
        leaks = [f"{name}: {leak}" for leak in leaks_in(text)] if name in watched else []
        found += leaks
        if not leaks and not any(leaks_in(text)):
            kept.append((name, text))
    if found:
        report.sections = kept
    return found


def leaks_under(folder: Path) -> list[str]:
    """Leaks in the outputs that tests of the service let their servers write to files."""
    found = []
    for pattern in OUTPUTS:
        for path in folder.rglob(pattern):
            if path.is_file():
                text = path.read_text(encoding="utf-8", errors="replace")
                found += [f"{path.name}: {leak}" for leak in leaks_in(text)]
    return found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Fail a test that leaks."""
    report = yield
    folder = item.funcargs.get("tmp_path") if hasattr(item, "funcargs") else None
    found = leaks_of(report)
    if report.when == "teardown" and folder and report.nodeid.startswith(WATCHED):
        found += leaks_under(Path(folder))
    if found and report.outcome != "skipped":
        report.outcome = "failed"
        report.longrepr = "personal data or a key was logged: " + "; ".join(sorted(set(found)))
    return report
