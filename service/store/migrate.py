"""Bringing a database to the layout of this code, by one process at a time."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from riskengine.errors import RiskEngineError
from riskengine.words import Text
from service.store.database import writing
from service.store.ledger import alone

FOLDER = Path(__file__).parent / "migrations"
LOCK = "migrations"


class StoreError(RiskEngineError):
    """A database that this code must not touch."""


def migrate(engine: Engine, to: str = "head") -> str:
    """Bring a database to a layout; whoever comes at the same time waits and finds it done.

    Parameters
    ----------
    engine : Engine
        The database.
    to : str
        Layout; the newest by default.

    Returns
    -------
    str
        Layout that it has now.

    Raises
    ------
    StoreError
        If the database is newer than this code, or holds tables of an unknown layout.
    Problem
        503 if it is away, full or locked for too long.
    """
    config = Config()
    config.set_main_option("script_location", FOLDER.as_posix())
    config.set_main_option("path_separator", "os")
    with writing(engine) as connection:
        alone(connection, LOCK)
        _check(connection, ScriptDirectory.from_config(config))
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        return layout(connection)


def layout(connection: Connection) -> str:
    """Return the layout of a database; empty for one without tables."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def _check(connection: Connection, steps: ScriptDirectory) -> None:
    """Refuse a database that this code does not know."""
    known = {step.revision for step in steps.walk_revisions()}
    found = layout(connection)
    if found and found not in known:
        raise StoreError(
            Text(f"数据库的版本 {found} 比程序新", f"the database's layout {found} is newer"),
            Text("请升级本服务后再启动", "upgrade the service, then start it"),
        )
    if not found and inspect(connection).has_table("ledger"):
        raise StoreError(
            Text("数据库里有来历不明的表", "the database holds tables of an unknown layout"),
            Text("请换一个数据库，或从备份恢复", "use another database, or restore a backup"),
        )
