"""Readiness: a store that reads and takes nothing is not ready, and that is told once."""

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine

from service.observe.logs import configure
from service.problems import Problem
from service.routes.health import ready
from service.serving import readiness
from service.serving.readiness import Readiness
from service.settings import Settings
from service.store.database import EMBEDDED, open_database
from service.store.migrate import migrate

ROOT = Path(__file__).parents[3]
LOOK = """
import sys
from pathlib import Path
from service.observe.logs import configure
from service.problems import Problem
from service.serving.readiness import Readiness
from service.settings import Settings
from service.store.database import open_database
settings = Settings(data=Path(sys.argv[1]), secret="s" * 32)
configure(settings)
one = Readiness(open_database(settings), settings)
for _ in range(2):
    one._until = 0.0
    try:
        one.check()
    except Problem as found:
        print(found.status, found.code)
"""
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'


def events(text: str) -> list[str]:
    """Names of the log lines of a text."""
    return [json.loads(line)["event"] for line in text.splitlines() if line.startswith("{")]


def test_a_store_that_takes_writes_is_ready(engine: Engine, database_settings: Settings) -> None:
    one = Readiness(engine, database_settings)
    one.check()
    lane: Any = SimpleNamespace(alive=True)
    request: Any = SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace(draining=False)))
    state: Any = SimpleNamespace(lane=lane, readiness=one)
    assert ready(request, state).status == "ready"


def test_it_is_looked_at_once_a_second(engine: Engine, database_settings: Settings) -> None:
    one, looked = Readiness(engine, database_settings), list[int]()
    one._look = lambda: looked.append(1)  # type: ignore[method-assign, assignment, func-returns-value]
    for _ in range(5):
        one.check()
    assert len(looked) == 1
    one._until = 0.0
    one.check()
    assert len(looked) == 2


def test_who_waits_for_another_writer_is_ready(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    engine = open_database(settings)
    migrate(engine)
    other = sqlite3.connect(tmp_path / EMBEDDED, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    Readiness(engine, settings).check()
    assert time.monotonic() - began < 2.0
    other.close()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 10_000
    engine.dispose()


def test_a_folder_that_is_mounted_read_only_is_not_ready(tmp_path: Path) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("no unshare")
    data = tmp_path / "data"
    engine = open_database(Settings(data=data))
    migrate(engine)
    engine.dispose()
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", READ_ONLY, "sh", data, sys.executable, "-c", LOOK, data],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    if "mount:" in done.stderr or "unshare:" in done.stderr:
        pytest.skip("no user namespaces here")
    assert done.returncode == 0, done.stderr
    assert events(done.stdout) == ["store_unwritable"]
    assert done.stdout.count("503 store-unwritable") == 2


def test_a_standby_is_not_ready_until_it_takes_writes(
    postgresql: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = postgresql.fresh()
    settings = Settings(data=tmp_path, database_url=address, secret="s" * 32)
    engine = open_database(settings)
    migrate(engine)
    options = address.replace("options=", "options=-cdefault_transaction_read_only%3Don%20")
    passive = open_database(settings.model_copy(update={
        "database_url": Settings(database_url=options).database_url,
    }))  # fmt: skip
    configure(settings)
    one = Readiness(passive, settings)
    with pytest.raises(Problem) as caught:
        one.check()
    assert (caught.value.status, caught.value.code) == (503, "store-unwritable")
    one._engine, one._until = engine, 0.0
    one.check()
    assert events(capsys.readouterr().out) == ["store_unwritable", "store_writable"]
    engine.dispose()
    passive.dispose()


def test_a_disk_that_fills_is_told_once_and_stays_ready(
    engine: Engine, database_settings: Settings, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    configure(database_settings)
    one = Readiness(engine, database_settings)
    monkeypatch.setattr(readiness, "free_bytes", lambda _: 1.0)
    for _ in range(2):
        one._until = 0.0
        one.check()
    assert events(capsys.readouterr().out) == ["disk_low"]
    monkeypatch.undo()
    one._until = 0.0
    one.check()
    assert events(capsys.readouterr().out) == ["disk_has_room"]
