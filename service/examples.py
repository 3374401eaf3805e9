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


def _plain(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _plain(cell) for key, cell in part.items() if key not in ("title", "expected")}
    if isinstance(part, list):
        return [_plain(cell) for cell in part]
    return part.isoformat() if hasattr(part, "isoformat") else part
