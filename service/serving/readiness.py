"""Whether the store takes what is written: looked at for ``/ready``, once a second at most."""

import os
import shutil
import sqlite3
import threading
import time
from pathlib import Path

from sqlalchemy import Engine, select, text

from riskengine.words import Text
from service.observe.logs import log
from service.problems import Problem
from service.settings import Settings
from service.store.database import BUSY_MILLISECONDS, reading
from service.store.tables import tenants

EVERY_SECONDS = 1.0
"""How long what was found holds [s]."""
LOW_BYTES = 256 << 20
"""Free space of the data folder below which it is told that the disk fills [byte]."""
LOCKED = ("SQLITE_BUSY", "SQLITE_LOCKED")


class Readiness:
    """What was found of the store, and when.

    Parameters
    ----------
    engine : Engine
        The store.
    settings : Settings
        Where the data folder is.
    """

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine, self._data = engine, settings.data
        self._lock, self._until = threading.Lock(), 0.0
        self._found: Problem | None = None
        self._unwritable = self._low = False

    def check(self) -> None:
        """Look at the store, unless that was done within the last second.

        Raises
        ------
        Problem
            503 if it is away (``store-unavailable``), or reads and takes nothing
            (``store-unwritable``); replays may still be answered then.
        """
        with self._lock:
            if time.monotonic() >= self._until:
                self._found = self._look()
                self._until = time.monotonic() + EVERY_SECONDS
            if self._found is not None:
                raise self._found

    def _look(self) -> Problem | None:
        """Look, and tell what has changed."""
        try:
            writable = self._writable()
        except Problem as fault:
            return fault
        if writable == self._unwritable:
            self._unwritable = not writable
            if writable:
                log("store_writable")
            else:
                log("store_unwritable", level="error", wrong=WRONG.en, cure=CURE.en,
                    wrong_zh=WRONG.zh, cure_zh=CURE.zh)  # fmt: skip
        self._look_for_room()
        if writable:
            return None
        return Problem(503, "store-unwritable", WRONG, CURE, headers={"Retry-After": "60"})

    def _writable(self) -> bool:
        embedded, path = self._engine.dialect.name == "sqlite", self._engine.url.database
        if embedded and path is not None and not os.access(path, os.W_OK):
            return False
        with reading(self._engine) as connection:
            connection.execute(select(tenants.c.tenant).limit(1)).first()
            if not embedded:
                said = connection.execute(text("SHOW transaction_read_only")).scalar()
                return said != "on"
        return self._lockable()

    def _lockable(self) -> bool:
        """Whether SQLite lets this process write; who waits for another writer may do so."""
        try:
            connection = self._engine.raw_connection()
        except sqlite3.Error:
            return False
        try:
            cursor = connection.cursor()
            cursor.execute("PRAGMA busy_timeout=0")
            try:
                cursor.execute("BEGIN IMMEDIATE")
                cursor.execute("ROLLBACK")
            finally:
                cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        except sqlite3.OperationalError as fault:
            return fault.sqlite_errorname.startswith(LOCKED)
        else:
            return True
        finally:
            connection.close()

    def _look_for_room(self) -> None:
        """Tell once that the disk of the data folder fills, and once that it does no longer."""
        low = free_bytes(self._data) < LOW_BYTES
        if low != self._low:
            self._low = low
            log("disk_low" if low else "disk_has_room", level="warning" if low else "info",
                below_bytes=LOW_BYTES)  # fmt: skip


def free_bytes(folder: Path) -> float:
    """Return the free space of a folder's disk.

    Parameters
    ----------
    folder : Path
        Any folder.

    Returns
    -------
    float
        Free space [byte]; infinite where nobody can tell.
    """
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return float("inf")


WRONG = Text(
    "数据库不可写：只读挂载、只读备库或属主不对",
    "the database takes no writes: mounted read-only, a standby, or of another owner",
)
CURE = Text(
    "请运维检查数据文件夹的属主与挂载，或 RISKENGINE_DATABASE_URL 是否指向主库",
    "operations must check owner and mount of the data folder, or that"
    " RISKENGINE_DATABASE_URL names the primary",
)
