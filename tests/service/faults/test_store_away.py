"""A store that goes and comes back, is locked, full or damaged: told, and no decision lost."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from service.app import create_app
from service.jobs.worker import keep_house
from service.problems import Problem
from service.serving.serve import missing
from service.settings import Settings
from service.store import database
from service.store.database import EMBEDDED, open_database, reading, writing
from service.store.integrity import damage_of, log_is_damaged
from service.store.ledger import alone
from service.store.tables import tenants
from tests.service.faults.clients import EXAMPLES, Acknowledged
from tests.service.faults.kills import postmaster
from tests.service.faults.proof import prove
from tests.service.faults.running import enter, until
from tests.service.servers import PostgreSQL

SECRET = "f" * 40


class Till:
    """A client that remembers what was acknowledged."""

    def __init__(self, client: TestClient, tenant: str, key: str) -> None:
        self.client, self.tenant, self.key = client, tenant, key
        self.held: list[Acknowledged] = []

    def score(self, key: str) -> Any:
        """Score an example under an idempotency key."""
        headers = {"X-API-Key": self.key, "Idempotency-Key": key, "Accept-Language": "en"}
        answer = self.client.post("/v1/scores", json=EXAMPLES[0], headers=headers)
        known = {one.key: one.body for one in self.held}
        if answer.status_code == 200 and key not in known:
            self.held.append(Acknowledged(self.tenant, key, answer.content))
        elif answer.status_code == 200:
            assert answer.content == known[key]
        return answer

    def refused(self, key: str, code: str) -> None:
        """Score in vain, with a clear problem."""
        answer = self.score(key)
        assert (answer.status_code, answer.json()["type"]) == (
            503,
            f"urn:riskengine:problem:{code}",
        )
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.json()["detail"]


@contextmanager
def opened(settings: Settings) -> Iterator[Till]:
    """A service in this process with one tenant."""
    keys = enter(settings, ("bank",))
    with TestClient(create_app(settings)) as client:
        yield Till(client, "bank", keys["bank"])


def test_a_database_that_goes_and_comes_back(postgresql: PostgreSQL, tmp_path: Path) -> None:
    url = postgresql.fresh()
    settings = Settings(data=tmp_path, database_url=url, secret=SECRET, default_model="")
    with opened(settings) as till:
        assert till.score("a").status_code == 200
        postgresql.stop("immediate")
        try:
            until(lambda: till.score("b").status_code == 503, 10.0)
            till.refused("b", "store-unavailable")
            till.refused("a", "store-unavailable")
            assert till.client.get("/ready").status_code == 503
            assert till.client.get("/health").status_code == 200
        finally:
            postgresql.start()
        until(lambda: till.client.get("/ready").status_code == 200, 10.0)
        assert till.score("b").status_code == 200
        assert till.score("a").headers["idempotency-replayed"] == "true"
        assert prove(settings, till.held).wrong == ()


def test_a_service_that_starts_before_its_database_waits_for_it(
    postgresql: PostgreSQL, tmp_path: Path
) -> None:
    url = postgresql.fresh()
    settings = Settings(data=tmp_path, database_url=url, secret=SECRET, default_model="")
    postgresql.stop("fast")
    try:
        with TestClient(create_app(settings, wait=False, patient=True)) as client:
            time.sleep(0.5)
            assert client.get("/health").status_code == 200
            answer = client.get("/ready")
            assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
            postgresql.start()
            until(lambda: client.get("/ready").status_code == 200, 120.0)
    finally:
        if not (postgresql.folder / "data" / "postmaster.pid").exists():
            postgresql.start()


def test_a_client_that_hangs_in_a_transaction_holds_nobody_up(
    postgresql: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {**database.SERVER, "options": "-c lock_timeout=300"}
    monkeypatch.setattr(database, "SERVER", given)
    settings = Settings(
        data=tmp_path, database_url=postgresql.fresh(), secret=SECRET, default_model=""
    )
    with opened(settings) as till:
        other = open_database(settings)
        with writing(other) as connection:
            alone(connection, "bank")
            till.refused("a", "store-unavailable")
            assert till.client.get("/ready").status_code == 200
        other.dispose()
        assert till.score("a").status_code == 200
        assert prove(settings, till.held).wrong == ()


def test_a_server_that_hangs_is_told_and_what_it_recorded_is_answered_again(
    postgresql: PostgreSQL, tmp_path: Path
) -> None:
    settings = Settings(
        data=tmp_path, database_url=postgresql.fresh(), secret=SECRET, default_model=""
    )
    with opened(settings) as till:
        assert till.score("a").status_code == 200
        lane = till.client.app.state.ready.lane  # type: ignore[attr-defined]
        frozen = psutil.Process(postmaster(postgresql)).children()
        ended = threading.Event()

        def rescue() -> None:
            while not ended.wait(0.05):
                lane.rescue(0.5)

        watch = threading.Thread(target=rescue)
        watch.start()
        for one in frozen:
            one.suspend()
        try:
            till.refused("b", "stalled")
        finally:
            for one in frozen:
                one.resume()
            ended.set()
            watch.join()
        until(lambda: till.score("b").status_code == 200, 10.0)
        assert prove(settings, till.held).wrong == ()


def test_a_lock_that_lasts_longer_than_patience(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 200)
    settings = Settings(data=tmp_path, secret=SECRET, default_model="")
    with opened(settings) as till:
        assert till.score("a").status_code == 200
        with closing(sqlite3.connect(tmp_path / EMBEDDED)) as other:
            other.execute("BEGIN IMMEDIATE")
            till.refused("b", "store-unavailable")
            assert till.score("a").status_code == 200  # what is known is read past the lock
            assert till.client.get("/ready").status_code == 200
            other.execute("ROLLBACK")
        assert till.score("b").status_code == 200
        assert prove(settings, till.held).wrong == ()


def test_a_full_database_is_told_and_scores_again_once_there_is_room(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, secret=SECRET, default_model="")
    with opened(settings) as till:
        engine = till.client.app.state.ready.engine  # type: ignore[attr-defined]
        assert till.score("a").status_code == 200
        _limit(engine, 1)
        statuses = [till.score(f"full-{k}").status_code for k in range(40)]
        assert statuses[-1] == 503
        assert set(statuses) <= {200, 503}
        till.refused("full-39", "store-full")
        _limit(engine, 1_000_000)
        assert till.score("full-39").status_code == 200
        assert prove(settings, till.held).wrong == ()


def _limit(engine: Any, pages: int) -> None:
    """Let the database of every connection grow no further than so many pages."""
    engine.dispose()

    def limit(connection: Any, _: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(engine, "connect", limit)


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A database with a log of several commits, as a kill leaves it."""
    path = tmp_path / "full" / EMBEDDED
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("CREATE TABLE held (n INTEGER, what BLOB)")
        for k in range(8):
            connection.execute("INSERT INTO held VALUES (?, zeroblob(6000))", (k,))
            connection.commit()
        left = tmp_path / "left"
        left.mkdir()
        for name in (EMBEDDED, EMBEDDED + "-wal"):
            (left / name).write_bytes(path.with_name(name).read_bytes())
    return left / EMBEDDED


def test_a_log_cut_off_or_torn_at_its_end_is_as_after_a_loss_of_power(filled: Path) -> None:
    log = filled.with_name(EMBEDDED + "-wal").read_bytes()
    frame = 4096 + 24
    assert not log_is_damaged(log)
    assert not log_is_damaged(log[:-100])
    assert not log_is_damaged(log[: -frame // 2] + bytes(frame // 2))
    assert not log_is_damaged(b"")
    assert damage_of(filled) is None
    with closing(sqlite3.connect(filled)) as connection:
        assert connection.execute("SELECT count(*) FROM held").fetchone() == (8,)


@pytest.mark.parametrize("place", [0, 40, 100, 2 * 4120 + 1000])
def test_a_log_damaged_in_its_middle_refuses_the_start(filled: Path, place: int) -> None:
    log = filled.with_name(EMBEDDED + "-wal")
    content = bytearray(log.read_bytes())
    content[place] ^= 0x5A
    log.write_bytes(content)
    found = missing(Settings(data=filled.parent))
    assert len(found) == 1
    assert "damaged" in found[0][0].en
    assert "损坏" in found[0][0].zh
    assert "backup" in found[0][1].en
    assert log.read_bytes() == bytes(content)  # evidence is left as it was


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.9])
def test_a_database_that_is_damaged_refuses_the_start(tmp_path: Path, kept: float) -> None:
    settings = Settings(data=tmp_path, secret=SECRET)
    enter(settings, ("bank",))
    path = tmp_path / EMBEDDED
    whole = path.read_bytes()
    assert missing(settings) == []
    cut = int(len(whole) * kept)
    path.write_bytes(whole[:cut] if kept else b"no database at all" * 1000)
    found = missing(settings)
    assert len(found) == 1
    assert str(path.name) in found[0][0].en


def test_damage_that_is_met_later_is_told_as_such(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, secret=SECRET)
    (tmp_path / EMBEDDED).write_bytes(b"no database at all" * 1000)
    engine = open_database(settings)
    with pytest.raises(Problem) as told, reading(engine) as connection:
        connection.execute(tenants.select()).all()
    engine.dispose()
    assert (told.value.status, told.value.code) == (503, "store-damaged")
    assert "backup" in told.value.cure.en


def test_what_never_arrived_whole_is_removed_after_a_day(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, secret=SECRET)
    enter(settings, ("bank",))
    book = tmp_path / "tenants" / "t" / "books" / "b-1"
    book.mkdir(parents=True)
    old, fresh, table = book / ".1.arriving", book / ".2.arriving", book / "land.1.csv"
    for path in (old, fresh, table):
        path.write_bytes(b"a,b\n")
    for path in (old, table):
        os.utime(path, (time.time() - 90_000.0, time.time() - 90_000.0))
    engine = open_database(settings)
    assert keep_house(engine, settings) == 1
    engine.dispose()
    assert sorted(book.iterdir()) == [fresh, table]
