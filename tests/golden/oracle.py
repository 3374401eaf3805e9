"""Sourced cases: how a file of them is read and how an answer is held against one.

A case is a table: source, status, ``inputs`` as printed, ``expected`` figures with
their absolute tolerance, and, where a source printed a wrong figure, ``printed``.
"""

import math
import tomllib
from pathlib import Path
from typing import Any

Case = dict[str, Any]


def load(name: str) -> dict[str, Case]:
    """Cases of a file, by their id."""
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    return tomllib.loads(text)


def figures(value: Any) -> list[float]:
    """One figure or several, as a list."""
    return [float(part) for part in value] if isinstance(value, list | tuple) else [float(value)]


def near(found: Any, expected: Any, tolerance: float) -> bool:
    """Whether every figure is there and within the absolute tolerance."""
    left, right = figures(found), figures(expected)
    return len(left) == len(right) and all(
        math.isfinite(a) and abs(a - b) <= tolerance for a, b in zip(left, right, strict=True)
    )


def hold(case: Case, answer: dict[str, Any]) -> None:
    """Assert that an answer gives what is expected and nothing that was misprinted."""
    assert case["source"]
    assert case["status"]
    assert set(answer) == set(case["expected"])
    for name, (expected, tolerance) in case["expected"].items():
        assert near(answer[name], expected, tolerance), (name, answer[name], expected)
    for name, wrong in case.get("printed", {}).items():
        tolerance = case["expected"][name][1]
        assert not near(answer[name], wrong, 10 * tolerance), (name, answer[name], wrong)
