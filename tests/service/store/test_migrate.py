"""Migrations: they agree with the tables, keep data, run once, and guard what only grows."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import DBAPIError

from service.problems import Problem
from service.settings import Settings
from service.store import ledger
from service.store.database import open_database, reading, writing
from service.store.migrate import StoreError, layout, migrate
from service.store.tables import decisions, metadata

ROOT = Path(__file__).parents[3]
LATER = "2026-11-26T08:00:00.000000Z"


def test_migrations_and_tables_agree(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        columns = {c["name"]: c["nullable"] for c in inspect(connection).get_columns("decisions")}
    assert columns["reasons"] is False
    assert columns["case_state"] is True


def test_an_old_database_is_brought_up_with_its_data(database_settings: Settings) -> None:
    engine = open_database(database_settings)
    assert migrate(engine, "0001") == "0001"
    with writing(engine) as connection:
        ledger.append(connection, "t", [ledger.Entry("key", "k", LATER, {"a": 1})])
        connection.execute(text(
            "INSERT INTO decisions (decision_id, tenant, position, made_at, created_on, valued_on,"
            " decision, answer) VALUES ('d-1', 't', 1, 'm', '2026-01-01', '2026-01-01', 'refer', :a)"
        ), {"a": b"x"})  # fmt: skip
    head = migrate(engine)
    assert head > "0001"
    assert migrate(engine) == head
    with reading(engine) as connection:
        row = connection.execute(select(decisions)).one()
        assert (row.decision_id, row.answer, row.reasons) == ("d-1", b"x", "")
        assert ledger.head(connection, "t")[0] == 1
    engine.dispose()


def test_a_newer_database_is_refused(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer"):
        migrate(engine)


def test_a_database_of_unknown_layout_is_refused(database_settings: Settings) -> None:
    engine = open_database(database_settings)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE ledger (a INTEGER)"))
    with pytest.raises(StoreError, match="unknown layout"):
        migrate(engine)
    with reading(engine) as connection:
        assert layout(connection) == ""
    engine.dispose()


START = """
import sys
from pathlib import Path
from service.problems import Problem
from service.settings import Settings
from service.store.database import open_database
from service.store.migrate import migrate
print(migrate(open_database(Settings(data=Path(sys.argv[1]), database_url=sys.argv[2] or None))))
"""


def test_several_workers_migrate_at_once(database_settings: Settings) -> None:
    url = database_settings.database_url
    arguments = [str(database_settings.data), url.get_secret_value() if url else ""]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", START, *arguments], cwd=ROOT,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    said = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0, 0], said
    assert len({out for out, _ in said}) == 1


FORBIDDEN = [
    "UPDATE ledger SET kind = 'x'",
    "DELETE FROM ledger",
    "DELETE FROM decisions",
    "UPDATE decisions SET answer = NULL",
    "UPDATE decisions SET limit_yuan = 5",
    "UPDATE decisions SET borrower = 'other'",
    "DELETE FROM personal",
    "UPDATE personal SET decision_id = 'd-2'",
    "UPDATE personal SET borrower = 'other'",
    "UPDATE artifacts SET content = NULL",
    "UPDATE persons SET decision_id = 'd-2'",
]


@pytest.fixture
def filled(engine: Engine) -> Engine:
    with writing(engine) as connection:
        ledger.append(connection, "t", [ledger.Entry("key", "k", LATER, {"a": 1})])
        for statement in (
            (
                "INSERT INTO decisions (decision_id, tenant, position, made_at, created_on, valued_on,"
                " decision, answer, borrower) VALUES ('d-1', 't', 1, 'm', 'c', 'v', 'refer', 'x', 'b')"
            ),
            "INSERT INTO personal (decision_id, tenant, borrower, sealed) VALUES ('d-1', 't', 'b', 'x')",
            "INSERT INTO artifacts VALUES ('t', 'd', 'k', 'n', 'm', 'x')",
            "INSERT INTO persons VALUES ('t', 'n', 'd-1')",
        ):
            connection.execute(text(statement))
    return engine


def test_what_only_grows_cannot_be_altered(filled: Engine) -> None:
    for statement in FORBIDDEN:
        with filled.connect().execution_options(writes=True) as connection, connection.begin():
            with pytest.raises(DBAPIError, match="append-only"):
                connection.execute(text(statement))
            connection.rollback()


def test_what_may_change_can(filled: Engine) -> None:
    with writing(filled) as connection:
        for statement in (
            "UPDATE decisions SET case_state = 'lent'", "UPDATE decisions SET borrower = NULL",
            "UPDATE personal SET sealed = NULL, erased_at = 'm', borrower = NULL, held = true",
        ):  # fmt: skip
            assert connection.execute(text(statement)).rowcount == 1


def test_replacing_a_row_is_no_way_round(engine: Engine) -> None:
    """SQLite's REPLACE deletes without the trigger on DELETE unless it is told to fire it."""
    with writing(engine) as connection:
        ledger.append(connection, "t", [ledger.Entry("key", "k", LATER, {"a": 1})])
    word = "INSERT OR REPLACE" if engine.dialect.name == "sqlite" else "INSERT"
    columns = "tenant, position, kind, subject, made_at, body, previous, digest"
    with (
        pytest.raises(Problem),
        writing(engine) as connection,
    ):
        connection.execute(text(
            f"{word} INTO ledger ({columns}) SELECT tenant, position, 'forged', subject, made_at,"
            " body, previous, digest FROM ledger WHERE position = 1"
        ))  # fmt: skip
    with reading(engine) as connection:
        kinds = connection.execute(text("SELECT kind FROM ledger")).scalars().all()
    assert kinds == ["key"]
