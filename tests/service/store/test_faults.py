"""What goes wrong around the store: clear errors, recovery without hands, nothing lost or doubled."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from service.problems import Problem
from service.scoring.recording import store
from service.settings import Settings
from service.store.database import open_database, reading, writing
from service.store.migrate import migrate
from service.store.verify import verify
from tests.service.servers import PostgreSQL
from tests.service.store.making import SECRETS, made

ROOT = Path(__file__).parents[3]
HEAD = """
import sys
from pathlib import Path
from service.settings import Settings
from service.store import ledger
from service.store.database import open_database, writing
engine = open_database(Settings(data=Path(sys.argv[1]), database_url=sys.argv[2] or None, secret="s" * 32))
number = int(sys.argv[3])
def meet():
    print("ready", flush=True)
    sys.stdin.readline()
"""
APPEND = """
meet()
for turn in range(50):
    with writing(engine) as connection:
        ledger.append(connection, "t", [
            ledger.Entry("note", f"{number}-{turn}-{k}", f"2026-11-{number}", {"turn": turn})
            for k in range(10)
        ])
"""
RACE = """
from service.scoring.scorer import Scorer
from tests.service.store.making import SECRETS, made
scorer = Scorer(engine, SECRETS, frozenset())
meet()
for k in range(20):
    outcomes = [None]
    scorer._record("t", [made(number * 1000 + k, key=f"key-{k}", code="same")], outcomes)
    print(getattr(outcomes[0], "decision_id", None) or outcomes[0].code, flush=True)
"""
DIE = """
from service.scoring.recording import store
from tests.service.store.making import made
with writing(engine) as connection:
    store(connection, "t", [made(number * 1000 + k) for k in range(50)])
    meet()
"""


def start(code: str, settings: Settings, number: int) -> subprocess.Popen[str]:
    url = settings.database_url
    arguments = [str(settings.data), url.get_secret_value() if url else "", str(number)]
    return subprocess.Popen(
        [sys.executable, "-c", HEAD + code, *arguments], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.communicate(timeout=5)


def together(code: str, settings: Settings) -> list[list[str]]:
    """Two processes that begin at the same moment."""
    started = [start(code, settings, number) for number in (1, 2)]
    for process in started:
        ready(process)
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0, 0], said
    return [out.split() for out, _ in said]


def test_two_processes_append_to_one_chain(engine: Engine, database_settings: Settings) -> None:
    together(APPEND, database_settings)
    with reading(engine) as connection:
        found = verify(connection, "t")
        assert (found.entries, found.position, found.faults) == (1000, 1000, [])


def test_one_key_makes_one_decision(engine: Engine, database_settings: Settings) -> None:
    first, second = together(RACE, database_settings)
    assert len(first) == len(second) == 20
    with reading(engine) as connection:
        made_of = dict(
            tuple(row)
            for row in connection.execute(text("SELECT idempotency_key, decision_id FROM replies"))
        )
        assert connection.execute(text("SELECT count(*) FROM decisions")).scalar() == 20
        assert verify(connection, "t", SECRETS).faults == []
    for k, answers in enumerate(zip(first, second, strict=True)):
        # The loser's application differs by its number: it is told that the key was used.
        assert sorted(answers) == sorted([made_of[f"key-{k}"], "idempotency-key-reused"])


def test_killed_in_the_middle_of_a_transaction(
    engine: Engine, database_settings: Settings
) -> None:  # fmt: skip
    with writing(engine) as connection:
        store(connection, "t", [made(1)])
    process = start(DIE, database_settings, 7)
    ready(process)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=20)
    with writing(engine) as connection:
        store(connection, "t", [made(2)])
    with reading(engine) as connection:
        found = verify(connection, "t", SECRETS)
        assert (found.entries, found.faults) == (2, [])
        assert connection.execute(text("SELECT count(*) FROM decisions")).scalar() == 2


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(Settings(data=tmp_path))
    migrate(opened)
    yield opened
    opened.dispose()


def test_a_full_disk_is_told_and_nothing_is_lost(sqlite: Engine) -> None:
    limit = [0]

    @event.listens_for(sqlite, "checkout")
    def bound(connection, *_) -> None:  # type: ignore[no-untyped-def]
        connection.execute(f"PRAGMA max_page_count={limit[0] or 4_000_000_000}").fetchone()

    with reading(sqlite) as connection:
        limit[0] = connection.execute(text("PRAGMA page_count")).scalar() + 40
    acknowledged = 0
    with pytest.raises(Problem) as told:  # noqa: PT012 - the write that fails is not known before
        for k in range(1, 1000):
            with writing(sqlite) as connection:
                store(connection, "t", [made(k)])
            acknowledged = k
    assert (told.value.status, told.value.code) == (503, "store-full")
    assert told.value.headers["Retry-After"]
    assert 0 < acknowledged < 999
    limit[0] = 0
    with writing(sqlite) as connection:
        store(connection, "t", [made(acknowledged + 1)])
    with reading(sqlite) as connection:
        found = verify(connection, "t", SECRETS)
        assert (found.entries, found.faults) == (acknowledged + 1, [])


def test_a_lock_that_lasts_is_told(sqlite: Engine) -> None:
    @event.listens_for(sqlite, "checkout")
    def hurry(connection, *_) -> None:  # type: ignore[no-untyped-def]
        connection.execute("PRAGMA busy_timeout=50")

    with writing(sqlite) as connection:
        store(connection, "t", [made(1)])
        with pytest.raises(Problem) as told, writing(sqlite):
            pass
        with reading(sqlite) as reader:  # readers go on
            assert reader.execute(text("SELECT count(*) FROM decisions")).scalar() == 0
    assert told.value.status == 503
    assert int(told.value.headers["Retry-After"]) >= 1
    with writing(sqlite) as connection:
        store(connection, "t", [made(2)])


def test_a_database_that_goes_and_comes_back(postgresql: PostgreSQL, tmp_path: Path) -> None:
    engine = open_database(Settings(data=tmp_path, database_url=postgresql.fresh()))
    migrate(engine)
    with writing(engine) as connection:
        store(connection, "t", [made(1)])
    for k, mode in enumerate(("fast", "immediate"), 2):
        postgresql.stop(mode)
        try:
            for opening in (reading, writing):
                with pytest.raises(Problem) as told, opening(engine):
                    pass
                assert (told.value.status, told.value.code) == (503, "store-unavailable")
        finally:
            postgresql.start()
        with writing(engine) as connection:
            store(connection, "t", [made(k)])
    with pytest.raises(Problem), writing(engine) as connection:  # noqa: PT012 - one transaction
        store(connection, "t", [made(8)])
        postgresql.stop("immediate")
        postgresql.start()
    with writing(engine) as connection:
        store(connection, "t", [made(9)])
    with reading(engine) as connection:
        found = verify(connection, "t", SECRETS)
        assert (found.entries, found.faults) == (4, [])
    engine.dispose()


def test_an_address_keeps_its_own_options(postgresql: PostgreSQL, tmp_path: Path) -> None:
    engines = [
        open_database(Settings(data=tmp_path, database_url=postgresql.fresh(), secret="s" * 32))
        for _ in range(2)
    ]
    try:
        for engine in engines:
            with reading(engine) as connection:
                asked = ("search_path", "lock_timeout")
                found = [connection.execute(text(f"SHOW {name}")).scalar() for name in asked]
            assert found[0].startswith("t")
            assert found[1] == "10s"
    finally:
        for engine in engines:
            engine.dispose()


DURABLE = {
    "sqlite": {"PRAGMA journal_mode": "wal", "PRAGMA synchronous": 2, "PRAGMA foreign_keys": 1},
    "postgresql": {"SHOW synchronous_commit": "on", "SHOW lock_timeout": "10s"},
}
"""How every connection is set; 2 is FULL: a commit outlasts a loss of power."""


def test_every_connection_is_durable_at_its_commit(engine: Engine) -> None:
    wanted = DURABLE[engine.dialect.name]
    with reading(engine) as one, reading(engine) as two, writing(engine) as three:
        for connection in (one, two, three):
            assert {ask: connection.execute(text(ask)).scalar() for ask in wanted} == wanted
