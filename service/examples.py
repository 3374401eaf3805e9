"""Examples of the OpenAPI document: files of ``examples`` that tests run."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1] / "examples"


@cache
def applications() -> dict[str, Any]:
    """Return the example applications by name.

    Returns
    -------
    dict of str to dict
        Plain JSON data: days as texts.
    """
    found = sorted((ROOT / "applications").glob("*.toml"))
    return {path.stem: _plain(tomllib.loads(path.read_text(encoding="utf-8"))) for path in found}


@cache
def every_kind() -> tuple[dict[str, Any], ...]:
    """Return applications of every kind of right, by which a process warms itself.

    Returns
    -------
    tuple of dict
        The example applications, and one for each kind of right of the example cases, with
        the borrower of the first application.
    """
    found = list(applications().values())
    borrower = found[0]["borrower"]
    seen: set[tuple[Any, ...]] = set()
    for path in sorted((ROOT / "cases").glob("*.toml")):
        case = tomllib.loads(path.read_text(encoding="utf-8"))
        kinds = {(right["table"], right.get("kind")) for right in case.get("right", ())}
        if not kinds <= seen:
            seen |= kinds
            found.append(_plain({
                "application_no": path.stem, "created_on": case["valued_on"],
                "valued_on": case["valued_on"], "borrower": borrower, "loan": case["loan"],
                "rights": [_renamed(right) for right in case["right"]],
            }))  # fmt: skip
    return tuple(found)


def _renamed(right: dict[str, Any]) -> dict[str, Any]:
    """A right of a case file as an application names it."""
    return {"policies" if key == "policy" else key: cell for key, cell in right.items()}


def _plain(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _plain(cell) for key, cell in part.items() if key not in ("title", "expected")}
    if isinstance(part, list):
        return [_plain(cell) for cell in part]
    return part.isoformat() if hasattr(part, "isoformat") else part
