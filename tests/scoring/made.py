"""Equipment and applications of the tests of scoring."""

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from riskengine.law import law_for
from riskengine.learned import DefaultModel, load_release
from riskengine.market.loader import demonstration
from riskengine.scoring.application import Application, application_of
from riskengine.scoring.equipment import Equipment

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples" / "applications").glob("*.toml"))
REGISTRY = ROOT / "models" / "registry" / "household-default"


@cache
def shipped() -> tuple[DefaultModel, ...]:
    """The two releases of the demonstration: synthetic, not for any decision."""
    found = tuple(load_release(folder) for folder in sorted(REGISTRY.iterdir()) if folder.is_dir())
    assert all(isinstance(model, DefaultModel) for model in found)
    return found


def own(model: DefaultModel) -> DefaultModel:
    """The same model as if it were made of the institution's own rows."""
    told = {**model.release.manifest, "not_for": {}}
    return replace(model, release=replace(model.release, origin="institution", manifest=told))


@cache
def equipment(institution: Path | None = None) -> Equipment:
    """Demonstration market, the law, a model that may decide."""
    return Equipment(demonstration(), law_for(institution), {}, own(shipped()[0]))


def content(name: str = "001") -> dict[str, Any]:
    """One example as plain data."""
    (path,) = [path for path in EXAMPLES if path.name.startswith(name)]
    return tomllib.loads(path.read_text(encoding="utf-8"))


def application(name: str = "001", **parts: dict[str, Any]) -> Application:
    """One example with some cells of its parts changed."""
    told = content(name)
    for part, cells in parts.items():
        held = told.get(part, {})
        told[part] = {k: v for k, v in {**held, **cells}.items() if v is not None}
    return application_of(told)
