"""What decisions are made from, kept in the store as long as they are."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine

import riskengine.rules
from models.store import Registry
from service.clock import now, stamp
from service.scoring.equipment import Shared
from service.settings import Settings
from service.store import artifacts
from service.store.database import reading, writing


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that is kept."""

    role: str
    kind: str
    name: str
    content: bytes


def archived(engine: Engine, settings: Settings, shared: Shared) -> Shared:
    """Keep what all tenants' decisions are made from, each content once.

    Called after market, law and models are loaded and before the first decision by them.

    Parameters
    ----------
    engine : Engine
        The store, its layout the newest.
    settings : Settings
        Where they were loaded from.
    shared : Shared
        What was loaded.

    Returns
    -------
    Shared
        The same; its recipe names under ``artifacts`` what is kept, by role.

    Raises
    ------
    Problem
        503 if the store is away, full or locked for too long.
    """
    kept = list(_kept(settings, shared))
    digests = _digests(kept)
    with reading(engine) as connection:
        new = [
            one for one in kept
            if not artifacts.has(connection, artifacts.SHARED, digests[one.role])
        ]  # fmt: skip
    if new:
        with writing(engine) as connection:
            for one in new:
                artifacts.put(
                    connection, artifacts.SHARED, one.kind, one.name, one.content, stamp(now())
                )
    return replace(shared, recipe={**shared.recipe, "artifacts": digests})


def named(settings: Settings, shared: Shared) -> Shared:
    """Return what was loaded with the digests by which it would be kept; nothing is written.

    Parameters
    ----------
    settings, shared
        As of `archived`.

    Returns
    -------
    Shared
        As of `archived`.
    """
    digests = _digests(list(_kept(settings, shared)))
    return replace(shared, recipe={**shared.recipe, "artifacts": digests})


def _digests(kept: Sequence[Kept]) -> dict[str, str]:
    """Digests by role."""
    return {one.role: artifacts.digest_of(one.content) for one in kept}


def rules_folder() -> Path:
    """Return the folder of the installed rule files."""
    return Path(riskengine.rules.__file__).parent


def statute_files(folder: Path) -> dict[str, bytes]:
    """Return the rule files of the nation and of its places.

    Parameters
    ----------
    folder : pathlib.Path
        Holds ``cn`` and ``places``.

    Returns
    -------
    dict of str to bytes
        Content by relative path.
    """
    return {
        **artifacts.files_in(folder, "cn/*.toml"), **artifacts.files_in(folder, "places/*/*.toml")
    }  # fmt: skip


def _kept(settings: Settings, shared: Shared) -> Iterator[Kept]:
    """Everything that is kept, packed."""
    recipe = shared.recipe
    files = statute_files(rules_folder())
    yield Kept("statute", "statute", recipe["statute_digest"], artifacts.pack(files))
    market = settings.market or Path(riskengine.__file__).parent / "market" / "demonstration"
    files = {**artifacts.files_in(market, "*.toml"), **artifacts.files_in(market, "*.csv")}
    yield Kept("market", "market", recipe["market_digest"], artifacts.pack(files))
    for role, model in (("default_model", shared.default_model), ("challenger", shared.challenger)):
        if model is not None:
            release = model.release
            folder = Registry(settings.registry).folder(release.name, release.version)
            yield _release(role, folder, release.name)
    by_digest = {_manifest_digest(folder): folder for folder in settings.price_models}
    for table, priced in sorted(shared.price_models.items()):
        yield _release(f"price.{table}", by_digest[priced.digest], priced.name)


def _release(role: str, folder: Path, name: str) -> Kept:
    """A release: its manifest and every file that the manifest names."""
    manifest = (folder / "manifest.json").read_bytes()
    named: dict[str, Any] = orjson.loads(manifest)["files"]
    files = {one: (folder / one).read_bytes() for one in named}
    return Kept(role, "release", name, artifacts.pack({"manifest.json": manifest, **files}))


def _manifest_digest(folder: Path) -> str:
    return hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
