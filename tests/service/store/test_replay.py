"""A decision made again from its record gives the original bytes, whatever was changed since."""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import orjson
import pytest
from click.testing import Result
from sqlalchemy import Engine, select, text, update
from typer.testing import CliRunner

from models.store import Registry
from riskengine.law import law_for
from riskengine.rules.overlay import known_places, statute_in, statute_of
from service.auth.caller import SCOPES, Caller, Role
from service.auth.sealing import Secrets, secrets_of
from service.cli_store import app
from service.examples import applications
from service.problems import Problem
from service.scoring import archive
from service.scoring.archive import archived, rules_folder, statute_files
from service.scoring.equipment import Equipped, Shared, equip, load_shared
from service.scoring.personal import personal_names
from service.scoring.replay import Replayed, replay
from service.scoring.scorer import Reply, Scorer, Work
from service.settings import Settings
from service.store import artifacts, decisions, ledger
from service.store.database import open_database, reading, writing
from service.store.erasure import Ground, erase
from service.store.migrate import layout, migrate
from service.store.tables import personal
from service.store.verify import verify

ROOT = Path(__file__).parents[3]
CALLER = Caller("t", "key", Role.LENDER, SCOPES[Role.LENDER], 1000)
CODE = "110105198001010016"
MOMENT = "2026-11-26T08:00:00.000000Z"


@dataclass
class Here:
    engine: Engine
    secrets: Secrets
    shared: Shared
    settings: Settings

    def decide(
        self, kit: Equipped, key: str | None = None,
        features: Mapping[str, str | float | None] | None = None, **cells: str,
    ) -> Reply:  # fmt: skip
        example = next(iter(applications().values()))
        borrower = {**example["borrower"], "borrower_code": CODE}
        if features is not None:
            borrower["features"] = dict(features)
        content = {
            **example, "borrower": borrower,
            "rights": [{**right, **cells} for right in example["rights"]],
        }  # fmt: skip
        scorer = Scorer(self.engine, self.secrets, personal_names())
        (reply,) = scorer([Work(CALLER, content, "trace", key)], kit)
        assert isinstance(reply, Reply)
        return reply

    def again(self, reply: Reply, shared: Shared | None = None) -> Replayed:
        return replay(replace(self, shared=shared or self.shared), "t", reply.decision_id)


@contextmanager
def opened(data: Path) -> Iterator[Here]:
    settings = Settings(data=data, secret="s" * 32)
    engine = open_database(settings)
    migrate(engine)
    yield Here(
        engine, secrets_of(settings), archived(engine, settings, load_shared(settings)), settings
    )
    engine.dispose()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    with opened(tmp_path_factory.mktemp("data")) as one:
        yield one


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


def test_no_personal_cell_stands_in_the_chain(here: Here) -> None:
    reply = here.decide(equip(here.shared), mortgagor_code=CODE)
    with reading(here.engine) as connection:
        found = decisions.find(connection, "t", reply.decision_id)
    assert found is not None
    assert CODE.encode() not in ledger.canonical(found.entry)


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
    for name, now_says, said in (
        ("scoring", "Personal Information", "Amended Personal Information"),
        ("income", "amount = 0.01", "amount = 0.02"),  # by which the right itself is valued
    ):
        file = rules / "cn" / f"{name}.toml"
        text_of = file.read_text(encoding="utf-8")
        assert now_says in text_of
        file.write_text(text_of.replace(now_says, said), encoding="utf-8")
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
    reply = here.decide(equip(here.shared), features={})
    with writing(here.engine) as connection:
        erase(connection, "t", here.secrets.name_of("t", CODE), Ground.OTHER, "me", MOMENT)
    found = here.again(reply)
    assert (found.erased, found.proven) == (True, True)
    assert found.answer_sha256 == hashlib.sha256(reply.body).hexdigest()
    assert same(found, reply)  # this one rested on none of them


NAMED = {"contact_name": "ZhangSanfeng", "mobile": "13912345678", "unknown": None}


def test_features_are_sealed(here: Here) -> None:
    used = {"trade": "grain", "years_farming": 3.0}
    reply = here.decide(equip(here.shared), features={**NAMED, **used})
    plain = here.decide(equip(here.shared), features=used)
    with reading(here.engine) as connection:
        found = decisions.find(connection, "t", reply.decision_id)
        assert found is not None
        raw = ledger.canonical(found.entry) + found.answer + str(found.row).encode()
        assert "features" not in found.entry["application"]["borrower"]
    assert not any(word.encode() in raw for word in (*NAMED, *NAMED.values()) if word)
    assert orjson.loads(reply.body)["features_unused"] == 2
    assert "features_unused" not in orjson.loads(plain.body)
    assert same(here.again(reply), reply)
    assert same(here.again(plain), plain)


def test_an_answer_that_rested_on_what_was_erased_says_so(here: Here) -> None:
    model = here.shared.default_model
    assert model is not None
    features = {
        one.name: one.low for one in model.features if one.kind != "category"
    }  # fmt: skip
    reply = here.decide(equip(here.shared), features=features)
    without = here.decide(equip(here.shared))
    told = [orjson.loads(one.body)["pd_12_months"] for one in (reply, without)]
    assert told[0] != told[1]
    with writing(here.engine) as connection:
        erase(connection, "t", (), Ground.OTHER, "me", MOMENT, reply.decision_id)
    found = here.again(reply)
    assert (found.same, found.erased, found.proven) == (False, True, True)
    assert found.failed is not None
    assert "erased" in found.failed.en
    assert found.differences != ()


def test_other_cells_under_the_same_seal_are_told(here: Here) -> None:
    reply = here.decide(equip(here.shared))
    with writing(here.engine) as connection:
        mine = personal.c.decision_id == reply.decision_id
        sealed = connection.execute(select(personal.c.sealed).where(mine)).scalar()
        held = here.secrets.open(sealed, reply.decision_id)
        forged = here.secrets.seal(held.replace(CODE.encode(), b"0" * 18), reply.decision_id)
        connection.execute(update(personal).where(mine).values(sealed=forged))
    found = here.again(reply)
    assert (found.same, found.proven, found.body) == (False, True, b"")
    assert found.failed is not None
    with writing(here.engine) as connection:  # others read the same chain
        connection.execute(update(personal).where(mine).values(sealed=sealed))


def test_an_archive_that_is_gone_is_told(tmp_path: Path) -> None:
    with opened(tmp_path) as apart:  # its record is not whole: others verify theirs
        kit = equip(apart.shared)
        recipe = {**kit.recipe, "overlay_digest": "f" * 64}
        found = apart.again(apart.decide(Equipped(kit.equipment, recipe)))
        with reading(apart.engine) as connection:
            told = verify(connection, "t", apart.secrets).faults
    assert [fault.kind for fault in told] == ["artifact"]
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


@pytest.fixture
def run(here: Here, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("RISKENGINE_DATA", str(here.settings.data))
    monkeypatch.setenv("RISKENGINE_SECRET", "s" * 32)
    runner = CliRunner()
    return lambda *words, given="": runner.invoke(app, list(words), input=given)


def test_commands(here: Here, run: Callable[..., Result]) -> None:
    reply = here.decide(equip(here.shared))
    which = (reply.decision_id, "--tenant", "t")
    done = run("replay", *which, "--json")
    assert (done.exit_code, orjson.loads(done.stdout)["same"]) == (0, True)
    assert "same bytes" in run("replay", *which).stdout
    anchor = run("anchor").stdout.strip()
    done = run("verify", "--anchor", anchor, "--json")
    assert (done.exit_code, orjson.loads(done.stdout)["found"]) == (0, 0)
    assert run("hold", *which).exit_code == 0
    erasing = ("erase", "--tenant", "t", "--ground", "other", "--json")
    done = run(*erasing, given=f"{CODE}\n")
    assert orjson.loads(done.stdout)["held"].count(reply.decision_id) == 1
    assert run("hold", *which, "--release").exit_code == 0
    done = run(*erasing, "--decision", reply.decision_id)
    assert orjson.loads(done.stdout)["decision_ids"] == [reply.decision_id]
    assert CODE not in done.output
    assert run(*erasing, given=f"{CODE}\n").exit_code == 1
    assert orjson.loads(run("migrate", "--json").stdout)["layout"] >= "0002"
    assert "erased 0" in run("retain").stdout
    assert run("verify").exit_code == 0


def test_commands_that_fail_say_why(here: Here, run: Callable[..., Result]) -> None:
    done = run("verify", "--anchor", "t:1:0:0")
    assert done.exit_code == 2
    assert "did not write" in done.stderr
    assert "本服务签发" in done.stderr
    assert run("replay", "d-none", "--tenant", "t").exit_code == 2
    assert run("hold", "d-none", "--tenant", "t").exit_code == 1
    with writing(here.engine) as connection:
        connection.execute(text("DROP TRIGGER keep_ledger_0"))
        connection.execute(text("UPDATE ledger SET kind = 'x' WHERE position = 1"))
    done = run("verify")
    assert done.exit_code == 1
    assert "the entry was changed" in done.stdout


@pytest.mark.parametrize("command", ["verify", "anchor"])
def test_a_tenant_of_whom_nothing_is_known(
    here: Here, run: Callable[..., Result], command: str
) -> None:
    done = run(command, "--tenant", "nosuch")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "no record of a tenant nosuch" in done.stderr
    assert "没有机构 nosuch" in done.stderr


READING = (("verify",), ("anchor",), ("replay", "d-1", "--tenant", "t"))


@pytest.mark.parametrize("words", READING)
def test_reading_makes_no_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    for data in (tmp_path / "missing", tmp_path):
        monkeypatch.setenv("RISKENGINE_DATA", str(data))
        done = CliRunner().invoke(app, list(words))
        assert done.exit_code == 2
        assert "no record of decisions here" in done.stderr
        assert "没有决定记录" in done.stderr
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", READING)
def test_reading_makes_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    engine = open_database(Settings(data=tmp_path))
    migrate(engine)
    engine.dispose()
    (tmp_path / "secret").unlink()
    monkeypatch.setenv("RISKENGINE_DATA", str(tmp_path))
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 2
    assert "the secret is missing" in done.stderr
    assert not (tmp_path / "secret").exists()


@pytest.mark.parametrize("words", READING)
def test_reading_brings_nothing_up(
    database_settings: Settings, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    engine = open_database(database_settings)
    monkeypatch.setenv("RISKENGINE_DATA", str(database_settings.data))
    monkeypatch.setenv("RISKENGINE_SECRET", "s" * 32)
    if database_settings.database_url is not None:
        monkeypatch.setenv(
            "RISKENGINE_DATABASE_URL", database_settings.database_url.get_secret_value()
        )
        done = CliRunner().invoke(app, list(words))
        assert (done.exit_code, "no record of decisions here" in done.stderr) == (2, True)
    migrate(engine, "0001")
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 2
    assert "run migrate" in done.stderr
    with reading(engine) as connection:
        assert layout(connection) == "0001"
    engine.dispose()
