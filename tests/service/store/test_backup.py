"""A copy of the store taken while decisions are made: whole, and usable with its secret."""

import shutil
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from riskengine.errors import RiskEngineError
from service import cli_backup
from service.auth.sealing import secrets_of
from service.clock import now, stamp
from service.settings import Settings
from service.store import ledger
from service.store.backup import back_up
from service.store.database import EMBEDDED, open_database, reading, writing
from service.store.migrate import migrate
from service.store.tables import ledger as table
from service.store.verify import verify


def written(settings: Settings, ended: threading.Event, begun: threading.Event) -> None:
    """Add entries until told to stop."""
    engine = open_database(settings)
    number = 0
    while not ended.is_set():
        with writing(engine) as connection:
            entry = ledger.Entry("note", f"n-{number}", stamp(now()), {"number": number})
            ledger.append(connection, "bank", [entry])
        number += 1
        if number == 20:
            begun.set()
    engine.dispose()


def test_a_copy_is_whole_while_others_write(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    migrate(open_database(settings))
    secrets_of(settings)
    (settings.data / "tenants" / "a").mkdir(parents=True)
    (settings.data / "tenants" / "a" / "book.csv").write_text("a,b\n")
    (settings.data / "tenants" / "a" / "half.arriving").write_text("a")
    ended, begun = threading.Event(), threading.Event()
    thread = threading.Thread(target=written, args=(settings, ended, begun))
    thread.start()
    try:
        assert begun.wait(60)
        made = back_up(settings, tmp_path / "copy")
    finally:
        ended.set()
        thread.join()
    names = {str(one.relative_to(made.folder)) for one in made.folder.rglob("*") if one.is_file()}
    assert names == {EMBEDDED, "tenants/a/book.csv"}
    assert made.files == 1
    assert made.folder.stat().st_mode & 0o077 == 0
    shutil.copy(settings.data / "secret", made.folder)
    restored = Settings(data=made.folder)
    with reading(open_database(restored)) as connection:
        found = verify(connection, "bank", secrets_of(restored))
        assert connection.execute(select(func.count()).select_from(table)).scalar_one() >= 20
    assert found.found == 0
    assert found.entries >= 20


def test_nothing_is_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data=tmp_path / "data")
    with pytest.raises(RiskEngineError):
        back_up(settings, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    migrate(open_database(settings))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x")
    monkeypatch.setenv("RISKENGINE_DATA", str(settings.data))
    run = CliRunner().invoke(cli_backup.app, [str(tmp_path / "full")])
    assert run.exit_code == cli_backup.FAILED
    assert "不空" in run.stderr
    run = CliRunner().invoke(cli_backup.app, [str(tmp_path / "copy")])
    assert run.exit_code == 0
    assert "secret" in run.stdout
