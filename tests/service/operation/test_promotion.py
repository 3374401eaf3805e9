"""Models and rules replaced while decisions are made: at once, in every process, or not at all."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from models.store import Registry
from riskengine.errors import ModelError
from riskengine.words import Text
from service.problems import Problem
from service.scoring import promotion
from service.scoring.equipment import Equipped, Shared, equip, load_shared
from service.scoring.promotion import CONFIRM_SECONDS, SHARED, Fleet
from service.settings import Settings
from service.store import artifacts, overlays
from service.store.database import open_database, writing
from service.store.migrate import migrate

ROOT = Path(__file__).parents[3]
MODEL = "household-default"
DAY = date(2026, 11, 26)


@pytest.fixture(scope="module")
def first() -> Shared:
    """Market and models, loaded once."""
    return load_shared(Settings())


class House:
    """A store, a registry, and fleets on them."""

    def __init__(self, folder: Path, first: Shared) -> None:
        shutil.copytree(ROOT / "models/registry", folder / "registry")
        self.settings = Settings(data=folder / "data", registry=folder / "registry")
        self.registry = Registry(folder / "registry")
        self.engine: Engine = open_database(self.settings)
        migrate(self.engine)
        self.first = first
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.fleets: list[Fleet] = []

    def fleet(self, warm: Callable[[Equipped], None] | None = None, looks: bool = False) -> Fleet:
        """Make a fleet; one that looks is a process of its own."""

        def loaded(before: Shared | None) -> Shared:
            return self.first if before is None else load_shared(self.settings, before)

        made = Fleet(
            self.settings, self.engine, loaded, warm, lambda *event: self.told.append(event)
        )
        if looks:
            made.start()
        self.fleets.append(made)
        return made

    def swap(self) -> tuple[str, str]:
        """Make the challenger champion; return the old version and the new."""
        stages = self.registry.stages(MODEL)
        old = self.registry.champion(MODEL)
        new = next(v for v, stage in stages.items() if stage in ("shadow", "retired"))
        assert old is not None
        if stages[new] == "retired":
            self.registry.move(MODEL, new, "candidate", DAY, "test", "again")
        self.registry.move(MODEL, new, "champion", DAY, "test", "swap")
        return old, new

    def overlay(self, tenant: str, files: dict[str, bytes]) -> str:
        """Put rules in force."""
        with writing(self.engine) as connection:
            digest = ""
            if files:
                content = artifacts.pack(files)
                digest = artifacts.put(connection, tenant, "overlay", "rules", content, "m")
            artifacts.point(connection, tenant, "overlay", "rules", digest, None, "test", "m")
        return digest


@pytest.fixture
def house(tmp_path: Path, first: Shared) -> Iterator[House]:
    made = House(tmp_path, first)
    yield made
    for fleet in made.fleets:
        fleet.stop()
    made.engine.dispose()


def version(kit: Equipped) -> str:
    """Version of the model that decides."""
    assert kit.equipment.default_model is not None
    return kit.equipment.default_model.release.version


def tighter() -> dict[str, bytes]:
    """Rules that tighten the law: a larger buffer."""
    text = "[buffer]\n[[buffer.value]]\nfrom = 2025-01-01\namount = 0.10\n"
    return {"lending.toml": (text + 'cite = "board, 2025"\nseen = "text"\n').encode()}


def test_a_promotion_that_is_acknowledged_decides_from_then_on(house: House) -> None:
    acting, other = house.fleet(looks=True), house.fleet(looks=True)
    before = acting.of("north")
    other.of("north")
    seen: list[tuple[float, str]] = []
    ended = threading.Event()

    def decide() -> None:
        while not ended.is_set():
            seen.append((time.monotonic(), version(other.of("north"))))
            time.sleep(0.001)

    thread = threading.Thread(target=decide)
    thread.start()
    old, new = house.swap()
    assert acting.acknowledge() == {}
    acknowledged = time.monotonic()
    time.sleep(0.1)
    ended.set()
    thread.join()
    assert version(before) == old
    assert version(acting.of("north")) == new
    assert {found for at, found in seen if at > acknowledged} == {new}
    assert {found for _, found in seen} == {old, new}
    assert acting.of("north").recipe["models"][MODEL][0] == new
    assert acting.status()["champion"]["version"] == new
    assert before.recipe["models"][MODEL][0] == old  # who holds the old one keeps it whole


def test_a_process_that_did_not_look_looks_before_it_decides(house: House) -> None:
    idle = house.fleet()
    idle.of("north")
    _, new = house.swap()
    time.sleep(CONFIRM_SECONDS)
    assert version(idle.of("north")) == new


def test_the_old_one_serves_until_the_new_one_is_warm(house: House) -> None:
    warming, go = threading.Event(), threading.Event()

    def warm(kit: Equipped) -> None:
        warming.set()
        assert go.wait(10)

    fleet = house.fleet(warm, looks=True)
    old = version(fleet.of("north"))
    _, new = house.swap()
    assert warming.wait(10)
    began = time.monotonic()
    assert version(fleet.of("north")) == old
    assert time.monotonic() - began < 0.5
    go.set()
    assert fleet.acknowledge() == {}
    assert version(fleet.of("north")) == new


def test_a_release_that_cannot_be_loaded_leaves_the_old_one(house: House) -> None:
    fleet = house.fleet()
    old = version(fleet.of("north"))
    _, new = house.swap()
    arrays = house.registry.folder(MODEL, new) / "arrays.npz"
    whole = arrays.read_bytes()
    arrays.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert SHARED in fleet.acknowledge()
    assert fleet.acknowledge()[SHARED].en
    assert version(fleet.of("north")) == old
    assert fleet.status()["failed"][SHARED]["zh"]
    assert [event for event, _ in house.told] == ["promotion_failed"]  # told once
    arrays.write_bytes(whole)
    fleet._failures[SHARED] = promotion.Failure(None, Text("", ""), 0.0)  # long ago
    assert fleet.acknowledge() == {}
    assert version(fleet.of("north")) == new


def test_a_model_that_fails_to_warm_leaves_the_old_one(house: House) -> None:
    def warm(kit: Equipped) -> None:
        raise ModelError(Text("坏", "bad"), Text("换", "change it"))

    fleet = house.fleet(warm)
    old = version(fleet.of("north"))
    house.swap()
    assert fleet.acknowledge()[SHARED].en == "bad"
    assert version(fleet.of("north")) == old


def test_rules_of_one_tenant_change_for_that_tenant_alone(house: House) -> None:
    fleet = house.fleet()
    south = fleet.of("south")
    before = fleet.of("north")
    digest = house.overlay("north", tighter())
    assert fleet.acknowledge() == {}
    after = fleet.of("north")
    assert after.recipe["overlay_digest"] == digest
    assert fleet.of("south") is south
    buffers = [
        kit.equipment.law("370983").at(DAY).number("lending.buffer") for kit in (before, after)
    ]
    assert buffers[0] < buffers[1] == 0.10
    house.overlay("north", {})
    fleet.acknowledge()
    assert fleet.of("north").recipe["overlay_digest"] == ""


def test_rules_outlive_a_promotion(house: House) -> None:
    digest = house.overlay("north", tighter())
    fleet = house.fleet()
    law = fleet.of("north").equipment.law
    _, new = house.swap()
    fleet.acknowledge()
    kit = fleet.of("north")
    assert (version(kit), kit.recipe["overlay_digest"]) == (new, digest)
    assert kit.equipment.law is law


def test_rules_and_a_model_that_change_at_once_serve_at_once(house: House) -> None:
    fleet = house.fleet()
    fleet.of("north")
    digest = house.overlay("north", tighter())
    _, new = house.swap()
    assert fleet.acknowledge() == {}
    kit = fleet.of("north")
    assert (version(kit), kit.recipe["overlay_digest"]) == (new, digest)


def test_damaged_rules_are_refused_never_left_out(house: House) -> None:
    house.overlay("north", {"lending.toml": b"not toml ["})
    fleet = house.fleet()
    with pytest.raises(Problem) as refused:
        fleet.of("north")
    assert refused.value.status == 503
    assert int(refused.value.headers["Retry-After"]) >= 1
    assert fleet.of("south").recipe["overlay_digest"] == ""
    house.overlay("north", {})
    assert fleet.of("north").recipe["overlay_digest"] == ""


def test_a_store_that_is_away_is_told_once_and_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = house.fleet(looks=True)
    fleet.of("north")

    def away(*_: Any) -> dict[str, str]:
        raise Problem(503, "store-unavailable", Text("", ""), Text("", ""))

    with monkeypatch.context() as patch:
        patch.setattr(overlays, "digests_in_force", away)
        time.sleep(CONFIRM_SECONDS + 0.3)
        with pytest.raises(Problem):
            fleet.of("north")
    assert [event for event, _ in house.told].count("look_failed") == 1
    assert fleet.of("north")


def test_looking_costs_little(house: House) -> None:
    fleet = house.fleet()
    fleet.of("north")
    began = time.process_time()
    for _ in range(1000):
        fleet.of("north")
    assert (time.process_time() - began) / 1000 < 20e-6


def test_putting_together_is_cheap(first: Shared) -> None:
    assert equip(first).recipe["models"]
