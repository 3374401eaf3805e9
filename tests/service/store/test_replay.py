"""A decision made again from its record gives the original bytes, whatever was changed since."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine, text

from models.store import Registry
from riskengine.law import law_for
from riskengine.rules.overlay import known_places, statute_in, statute_of
from service import archive
from service.archive import archived, rules_folder, statute_files
from service.auth.caller import SCOPES, Caller, Role
from service.auth.sealing import Secrets, secrets_of
from service.equipment import Equipped, Shared, equip, load_shared
from service.examples import applications
from service.personal import personal_names
from service.problems import Problem
from service.replay import Replayed, replay
from service.scorer import Reply, Scorer, Work
from service.settings import Settings
from service.store import artifacts
from service.store.database import open_database, reading, writing
from service.store.erasure import Ground, erase
from service.store.migrate import migrate
from service.store.verify import verify

ROOT = Path(__file__).parents[3]
CALLER = Caller("t", "key", Role.LENDER, SCOPES[Role.LENDER], 1000)
CODE = "110105194912310029"
MOMENT = "2026-11-26T08:00:00.000000Z"


@dataclass
class Here:
    engine: Engine
    secrets: Secrets
    shared: Shared
    settings: Settings

    def decide(self, kit: Equipped, key: str | None = None) -> Reply:
        example = next(iter(applications().values()))
        content = {**example, "borrower": {**example["borrower"], "borrower_code": CODE}}
        scorer = Scorer(self.engine, self.secrets, personal_names())
        (reply,) = scorer([Work(CALLER, content, "trace", key)], kit)
        assert isinstance(reply, Reply)
        return reply

    def again(self, reply: Reply, shared: Shared | None = None) -> Replayed:
        return replay(replace(self, shared=shared or self.shared), "t", reply.decision_id)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    settings = Settings(data=tmp_path_factory.mktemp("data"), secret="s" * 32)
    engine = open_database(settings)
    migrate(engine)
    yield Here(
        engine, secrets_of(settings), archived(engine, settings, load_shared(settings)), settings
    )
    engine.dispose()


def same(found: Replayed, reply: Reply) -> bool:
    assert found.failed is None
    assert found.differences == ()
    return found.same and found.proven and found.body == reply.body


def test_the_same_bytes(here: Here) -> None:
    reply = here.decide(equip(here.shared), "key-1")
    assert same(here.again(reply), reply)
    assert here.decide(equip(here.shared), "key-1").body == reply.body
    with pytest.raises(Problem) as told:
        replay(here, "u", reply.decision_id)
    assert told.value.status == 404
    with reading(here.engine) as connection:
        assert verify(connection, "t", here.secrets).faults == []


def test_after_a_promotion(here: Here, tmp_path: Path) -> None:
    folder, name = tmp_path / "registry", here.settings.default_model
    shutil.copytree(ROOT / "models" / "registry", folder)
    settings = here.settings.model_copy(update={"registry": folder})
    before = archived(here.engine, settings, load_shared(settings))
    assert before.default_model is not None
    assert before.challenger is not None
    reply = here.decide(equip(before))
    old, new = (model.release.version for model in (before.default_model, before.challenger))
    Registry(folder).move(name, new, "champion", date(2026, 11, 26), "head of risk", "better")
    after = archived(here.engine, settings, load_shared(settings))
    assert after.default_model is not None
    assert after.default_model.release.version == new
    now = here.decide(equip(after))
    shutil.rmtree(folder)
    assert same(here.again(reply, after), reply)
    assert same(here.again(now, before), now)
    told = [orjson.loads(one.body)["models"]["default"]["version"] for one in (reply, now)]
    assert told == [old, new]


OVERLAY = b"""
[age_plus_term_most]
[[age_plus_term_most.value]]
from = 2026-01-01
amount = 47
cite = "the board"
seen = "text"
"""


def test_after_a_change_of_overlay(here: Here, tmp_path: Path) -> None:
    files = {"scoring.toml": OVERLAY}
    with writing(here.engine) as connection:
        digest = artifacts.put(connection, "t", "overlay", "rules", artifacts.pack(files), MOMENT)
    folder = artifacts.lay_out(artifacts.pack(files), tmp_path / "institution")
    law = law_for(folder)
    for place in ("", *known_places()):
        law(place)
    kit = equip(here.shared)
    strict = Equipped(replace(kit.equipment, law=law), {**kit.recipe, "overlay_digest": digest})
    reply, free = here.decide(strict), here.decide(kit)
    assert orjson.loads(reply.body)["rules_digest"] != orjson.loads(free.body)["rules_digest"]
    assert orjson.loads(reply.body)["longest_months"] != orjson.loads(free.body)["longest_months"]
    shutil.rmtree(folder)
    assert same(here.again(reply), reply)
    assert same(here.again(free), free)


def test_after_a_change_of_the_statute(here: Here, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    for name, raw in statute_files(rules_folder()).items():
        path = rules / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    scoring = rules / "cn" / "scoring.toml"
    text_of = scoring.read_text(encoding="utf-8")
    scoring.write_text(
        text_of.replace("Personal Information", "Amended Personal Information"), encoding="utf-8"
    )
    packed = artifacts.pack(statute_files(rules))
    with writing(here.engine) as connection:
        digest = artifacts.put(connection, artifacts.SHARED, "statute", "earlier", packed, MOMENT)
    law = statute_in(rules)
    kit = equip(here.shared)
    recipe = {**kit.recipe, "artifacts": {**kit.recipe["artifacts"], "statute": digest}}
    earlier = Equipped(replace(kit.equipment, law=law, national=law("")), recipe)
    reply, now = here.decide(earlier), here.decide(kit)
    assert orjson.loads(reply.body)["rules_digest"] != orjson.loads(now.body)["rules_digest"]
    shutil.rmtree(rules)
    assert same(here.again(reply), reply)


def test_after_a_change_of_the_market(here: Here, tmp_path: Path) -> None:
    folder = tmp_path / "market"
    shutil.copytree(ROOT / "riskengine" / "market" / "demonstration", folder)
    head = folder / "snapshot.toml"
    head.write_text(head.read_text(encoding="utf-8") + "\n# another edition\n", encoding="utf-8")
    settings = here.settings.model_copy(update={"market": folder})
    other = archived(here.engine, settings, load_shared(settings))
    assert other.recipe["artifacts"]["market"] != here.shared.recipe["artifacts"]["market"]
    reply = here.decide(equip(other))
    shutil.rmtree(folder)
    assert same(here.again(reply), reply)
    assert orjson.loads(reply.body)["market_digest"] == other.recipe["market_digest"]


def test_what_was_erased_is_told_and_still_proven(here: Here) -> None:
    reply = here.decide(equip(here.shared))
    with writing(here.engine) as connection:
        erase(connection, "t", here.secrets.name_of("t", CODE), Ground.OTHER, "me", MOMENT)
    found = here.again(reply)
    assert (found.erased, found.proven) == (True, True)
    assert found.answer_sha256 == hashlib.sha256(reply.body).hexdigest()
    assert same(found, reply)  # no number hangs on who the person is


def test_an_archive_that_is_gone_is_told(here: Here) -> None:
    kit = equip(here.shared)
    recipe = {**kit.recipe, "overlay_digest": "f" * 64}
    found = here.again(here.decide(Equipped(kit.equipment, recipe)))
    assert (found.same, found.proven, found.body) == (False, True, b"")
    assert found.failed is not None
    assert "gone or damaged" in found.failed.en


def test_differences_are_told_by_path(here: Here) -> None:
    kit = equip(here.shared)
    recipe = {**kit.recipe, "artifacts": {
        **kit.recipe["artifacts"], "default_model": kit.recipe["artifacts"]["challenger"],
    }}  # fmt: skip
    found = here.again(here.decide(Equipped(kit.equipment, recipe)))
    assert (found.same, found.failed) == (False, None)
    paths = {one.path for one in found.differences}
    assert "/default/pd_12_months" in paths
    assert "/models/default/version" in paths


def test_content_is_kept_once(here: Here) -> None:
    with reading(here.engine) as connection:
        before = connection.execute(text("SELECT count(*) FROM artifacts")).scalar()
    again = archived(here.engine, here.settings, load_shared(here.settings))
    assert again.recipe == here.shared.recipe
    with reading(here.engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM artifacts")).scalar() == before


def test_kept_files_are_the_installed_law(tmp_path: Path) -> None:
    packed = artifacts.pack(statute_files(archive.rules_folder()))
    law = statute_in(artifacts.lay_out(packed, tmp_path / "rules"))
    for place in (
        "",
        "999999",
        *known_places(),
        *(f"{place}999999"[:6] for place in known_places()),
    ):
        assert law(place).digest == statute_of(place).digest
        assert law(place) is law(place)


def run(here: Here, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    code = "from service.cli_store import app; app()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, input=given, capture_output=True,
        text=True, check=False, timeout=200,
        env={**os.environ, "RISKENGINE_DATA": str(here.settings.data), "RISKENGINE_SECRET": "s" * 32},
    )  # fmt: skip


def test_commands(here: Here) -> None:
    reply = here.decide(equip(here.shared))
    done = run(here, "replay", reply.decision_id, "--tenant", "t", "--json")
    assert done.returncode == 0, done.stderr
    assert orjson.loads(done.stdout)["same"] is True
    anchor = run(here, "anchor").stdout.strip()
    done = run(here, "verify", "--anchor", anchor, "--json")
    assert (done.returncode, orjson.loads(done.stdout)["found"]) == (0, 0), done.stderr
    done = run(here, "erase", "--tenant", "t", "--ground", "other", "--json", given=f"{CODE}\n")
    assert orjson.loads(done.stdout)["decision_ids"].count(reply.decision_id) == 1
    assert CODE not in done.stdout + done.stderr
    done = run(here, "verify", "--anchor", "t:1:0:0")
    assert done.returncode == 2
    assert "did not write" in done.stderr
