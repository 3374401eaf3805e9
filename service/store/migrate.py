"""Bringing a database to the layout of this code, by one process at a time."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from riskengine.errors import RiskEngineError
from riskengine.words import Text
from service.store.database import reading, writing
from service.store.ledger import alone, fits

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
        If the database is newer than this code, holds tables of an unknown layout, or was
        written with another secret.
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
        _check_secret(connection)
        return layout(connection)


def need_newest(engine: Engine) -> None:
    """Refuse a database that is not in the newest layout; nothing is written.

    Parameters
    ----------
    engine : Engine
        The database.

    Raises
    ------
    StoreError
        If it is empty, older or newer than this code, or of an unknown layout.
    Problem
        503 if it is away.
    """
    config = Config()
    config.set_main_option("script_location", FOLDER.as_posix())
    config.set_main_option("path_separator", "os")
    steps = ScriptDirectory.from_config(config)
    with reading(engine) as connection:
        _check(connection, steps)
        found = layout(connection)
    if not found:
        raise nothing_there()
    if found != steps.get_current_head():
        raise StoreError(
            Text(f"数据库的版本 {found} 较旧", f"the database's layout {found} is older"),
            Text("请先备份，再执行 migrate", "back it up, then run migrate"),
        )


def nothing_there() -> StoreError:
    """Return the error of a place that holds no record of decisions."""
    return StoreError(
        Text("此处没有决定记录", "there is no record of decisions here"),
        Text("请核对 RISKENGINE_DATA 与 RISKENGINE_DATABASE_URL",
             "check RISKENGINE_DATA and RISKENGINE_DATABASE_URL"),
    )  # fmt: skip


def _check_secret(connection: Connection) -> None:
    """Refuse to write on with another secret: the chains would be whole under neither."""
    if not fits(connection):
        raise StoreError(
            Text("数据库是用另一密钥写成的", "the database was written with another secret"),
            Text("请设回原来的 RISKENGINE_SECRET；若密钥无误，请用 verify 核对",
                 "set RISKENGINE_SECRET as it was; if it is right, run verify"),
        )  # fmt: skip


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
