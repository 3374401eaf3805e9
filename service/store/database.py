"""Opening the database: SQLite (WAL) embedded, PostgreSQL in production."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, insert, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from riskengine.errors import RiskEngineError
from riskengine.words import Text
from service.auth.sealing import secrets_of
from service.problems import Problem
from service.settings import Settings

EMBEDDED = "decisions.sqlite3"
"""File of the embedded database, in the data folder."""
BUSY_MILLISECONDS = 10_000
"""How long a process waits for another that writes."""
CHECKPOINT_PAGES = 4000
"""Pages of 4 KiB of its log after which SQLite brings them into the database; pages that many
transactions change go there once."""
SERVER = {
    "connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "options": f"-c lock_timeout={BUSY_MILLISECONDS} -c idle_in_transaction_session_timeout=60000"
               " -c synchronous_commit=on",
}  # fmt: skip
"""So that nobody waits for ever for a server that is gone, or for a client that hangs; and what
is committed is on the server's disk, however that is set for others."""
FULL = frozenset({"SQLITE_FULL", "53100"})
DAMAGED = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB", "XX001", "XX002"})
"""Names of SQLite's result codes, and SQLSTATE of PostgreSQL (appendix A of its manual)."""
CHAIN = "chain_key"
"""Option of an engine's connections."""
PASSING = frozenset({"store-unavailable", "store-full"})
"""Codes of problems that pass by themselves or once there is room."""


def file_of(settings: Settings) -> Path | None:
    """Return the file of the settings' database, there or not.

    Parameters
    ----------
    settings : Settings
        Where it is.

    Returns
    -------
    pathlib.Path or None
        None for a server, or a database in memory.
    """
    if settings.database_url is None:
        return settings.data / EMBEDDED
    url = make_url(settings.database_url.get_secret_value())
    inside = url.database if url.get_backend_name() == "sqlite" else None
    return Path(inside) if inside and inside != ":memory:" else None


def open_database(settings: Settings) -> Engine:
    """Open the database of the settings.

    Parameters
    ----------
    settings : Settings
        Where it is.

    Returns
    -------
    Engine
        With a pool of connections; nothing is connected yet.  Its connections hold the key of
        the chains (`chain_key`).

    Raises
    ------
    RiskEngineError
        If the secret that was made before is cut off.
    """
    options = {CHAIN: secrets_of(settings).chain}
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
    else:
        settings.data.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{settings.data / EMBEDDED}"
    if not url.startswith("sqlite"):
        return create_engine(
            url, pool_pre_ping=True, pool_size=8, max_overflow=8, pool_timeout=10.0,
            hide_parameters=True, connect_args=_patience(url), execution_options=options,
        )  # fmt: skip
    engine = create_engine(
        url, connect_args={"isolation_level": None}, hide_parameters=True,
        execution_options=options,
    )  # fmt: skip
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def chain_key(connection: Connection) -> bytes:
    """Return the key by which entries of chains are digested.

    Parameters
    ----------
    connection : Connection
        Of an engine that `open_database` made.

    Returns
    -------
    bytes
        32 bytes.

    Raises
    ------
    RiskEngineError
        If the connection has none: an entry without a key would prove nothing.
    """
    key: bytes | None = connection.get_execution_options().get(CHAIN)
    if not key:
        raise RiskEngineError(
            Text("此数据库连接没有记录链的密钥", "this connection has no key of the chains"),
            Text("请用 open_database 打开数据库", "open the database by open_database"),
        )
    return key


def _patience(url: str) -> dict[str, Any]:
    """Arguments of a connection to a server, beside the options that its address gives."""
    given = make_url(url).query.get("options", "")
    own = " ".join(given) if isinstance(given, tuple) else given
    return {**SERVER, "options": f"{SERVER['options']} {own}".strip()}


def _prepare(connection: Any, _: Any) -> None:
    """Make SQLite durable at every commit while readers go on."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.execute("PRAGMA recursive_triggers=ON")  # or REPLACE goes round those on DELETE
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Take the lock of a writer at once: one that reads first could not get it later."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that writes: durable when it ends, gone when it fails.

    Parameters
    ----------
    engine : Engine
        The database.

    Yields
    ------
    Connection
        Inside the transaction.

    Raises
    ------
    Problem
        503 if the database is away, full or locked for too long.
    """
    try:
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection
    except (DBAPIError, PoolTimeout) as fault:
        raise unavailable(fault) from fault


@contextmanager
def reading(engine: Engine, steady: bool = False) -> Iterator[Connection]:
    """Open a connection that reads.

    Parameters
    ----------
    engine : Engine
        The database.
    steady : bool
        Whether everything is read as it stood at one moment, while others write on; SQLite
        always reads so.

    Yields
    ------
    Connection
        To read from.

    Raises
    ------
    Problem
        503 if the database is away.
    """
    try:
        with engine.connect() as connection:
            if steady and engine.dialect.name != "sqlite":
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection
    except (DBAPIError, PoolTimeout) as fault:
        raise unavailable(fault) from fault


_STATEMENTS: dict[tuple[str, str], tuple[str, Callable[[Any], Any]]] = {}
"""Statement that adds to a table of a dialect, and what makes of a row what its driver takes."""


def add(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows that hold every column, by the driver itself: a third of the time.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    table : Table
        Where to.
    rows : sequence of mapping
        Cells by column, as the driver takes them.
    """
    if not rows:
        return
    key = (connection.dialect.name, table.name)
    if key not in _STATEMENTS:
        made = insert(table).compile(dialect=connection.dialect)
        order = made.positiontup
        _STATEMENTS[key] = (str(made), itemgetter(*order) if order else dict)
    statement, cells = _STATEMENTS[key]
    connection.exec_driver_sql(statement, [cells(row) for row in rows])


def unavailable(fault: DBAPIError | PoolTimeout | None = None) -> Problem:
    """Return the problem that tells that the database does not answer.

    Parameters
    ----------
    fault : DBAPIError, PoolTimeout or None
        What the driver or the pool of connections said.

    Returns
    -------
    Problem
        503 with Retry-After: ``store-full``, ``store-damaged`` or ``store-unavailable``.
    """
    said = getattr(fault, "orig", None)
    name = getattr(said, "sqlite_errorname", None) or getattr(said, "sqlstate", None) or ""
    kind = "full" if name in FULL else "unavailable"
    kind = "damaged" if name in DAMAGED or name.startswith("SQLITE_CORRUPT") else kind
    return Problem(
        503, f"store-{kind}", *_WORDS[kind],
        headers={"Retry-After": "2" if kind == "unavailable" else "60"},
    )  # fmt: skip


_WORDS = {
    "unavailable": (
        Text("数据库暂不可用，本次未确认", "the database does not answer: this is not confirmed"),
        Text("请稍后以同一幂等键重试", "try again with the same idempotency key"),
    ),
    "full": (
        Text("数据库所在的磁盘已满，未作任何更改",
             "the disk of the database is full: nothing was changed"),
        Text("请运维腾出空间；之后以同一幂等键重试",
             "operations must make room; then try again with the same idempotency key"),
    ),
    "damaged": (
        Text("数据库文件已损坏", "the database is damaged"),
        Text("请运维停止服务，从备份恢复，再以 verify 核对",
             "operations must stop the service, restore a backup, then run verify"),
    ),
}  # fmt: skip
