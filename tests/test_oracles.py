"""Every oracle of the credit notes that is due by now is a test, with the figures as stated.

The notes lie beside the repository (../shared/domain/credit.md, appendix A); without them
nothing can be compared, and the tests that name the oracles run all the same.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__)
NOTES = HERE.parents[2] / "shared" / "domain" / "credit.md"
DUE = ("PD-", "LGD-", "ECL-", "CAP-", "PF-", "GU-", "ST-", "AT-", "NUM-")
"""Beginnings of the ids: all that the notes hold."""

LONG = 7
"""Digits from which on a figure cannot stand in a file by chance."""


def oracles() -> list[dict[str, Any]]:
    """Oracles that are due, their numbers as they are printed."""
    if not NOTES.is_file():
        return []
    text = NOTES.read_text(encoding="utf-8")
    block = re.search(r"^## Appendix A.*?^```json\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert block, "the notes hold no appendix A"
    found = json.loads(block[1], parse_float=str)
    return [one for one in found if one["id"].startswith(DUE)]


def figures(expected: Any) -> Iterator[str]:
    """Long figures of an answer, without sign."""
    if isinstance(expected, dict | list):
        for one in expected.values() if isinstance(expected, dict) else expected:
            yield from figures(one)
    elif isinstance(expected, str) and len(expected.strip("-0.").replace(".", "")) >= LONG:
        yield expected.lstrip("-")


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Every file of tests but this."""
    paths = [path for ending in ("py", "toml") for path in HERE.parent.rglob(f"*.{ending}")]
    return [path.read_text(encoding="utf-8") for path in paths if path != HERE]


@pytest.mark.parametrize(
    "oracle",
    oracles() or [pytest.param({}, marks=pytest.mark.skip("no ../shared/domain/credit.md"))],
    ids=lambda one: one.get("id", "none"),
)
def test_it_is_named_with_its_figures(oracle: dict[str, Any], texts: list[str]) -> None:
    naming = "\n".join(text for text in texts if oracle["id"] in text).replace("_", "")
    assert naming, f"no test names {oracle['id']}: {oracle['topic']}"
    lacking = [figure for figure in figures(oracle["expected"]) if figure not in naming]
    assert not lacking, f"{oracle['id']}: {lacking} stand in no test that names it"
