"""Tables that are uploaded: to disk in a stream, whole or not at all."""

import errno
import hashlib
import os
import shutil
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool

from riskengine.book.tables import guarantee_tables
from riskengine.checking import around_tables
from riskengine.words import Text
from service.answers import named
from service.auth.caller import Caller
from service.jobs.shelf import StoredTable, book_folder, put_table, tables_of
from service.problems import Problem
from service.refusals import BOOK, absent, changed_meanwhile
from service.state import State
from service.store import books, jobs
from service.store.database import reading, writing

BLOCK_BYTES = 1 << 20
SNIFFED_BYTES = 64 << 10


def known_tables() -> frozenset[str]:
    """Return the names of tables that a book may have."""
    return frozenset(contract.table for contract in (*around_tables(), *guarantee_tables()))


def need_book(state: State, tenant: str, book_id: str, table: str) -> Path:
    """Return the folder of a book into which a table is uploaded.

    Parameters
    ----------
    state : State
        The service.
    tenant, book_id, table : str
        Whose, which, and the table.

    Returns
    -------
    Path
        Made where it is missing.

    Raises
    ------
    Problem
        404 if there is no such book or table; 409 for a book that lies in a folder.
    """
    if table not in known_tables():
        raise absent(Text(f"名为 {table} 的表", f"table called {table}"))
    with reading(state.engine) as connection:
        book = books.find(connection, tenant, book_id)
    if book is None:
        raise absent(BOOK)
    if book.source != "upload":
        raise Problem(
            409, "book-in-folder",
            Text("此组合指向文件夹，不接受上传", "this book lies in a folder and takes no upload"),
            Text("请另建上传的组合", "make a book with source upload"),
        )  # fmt: skip
    folder = book_folder(state.settings.data, tenant, book_id)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Arriving:
    """A file that arrives in blocks.

    Parameters
    ----------
    folder : Path
        Folder of the book.
    most_bytes : int
        Largest file that is taken.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.path = folder / f".{uuid.uuid4().hex}.arriving"
        self._most, self._size, self._digest = most_bytes, 0, hashlib.sha256()
        self._file: BinaryIO = self.path.open("xb")
        self._held = bytearray()

    @property
    def sha256(self) -> str:
        """Digest of what has arrived."""
        return self._digest.hexdigest()

    async def take(self, blocks: AsyncIterator[bytes]) -> None:
        """Write everything to disk.

        Parameters
        ----------
        blocks : asynchronous iterator of bytes
            The body.

        Raises
        ------
        Problem
            413 beyond the limit; 503 if the disk is full.
        """
        async for block in blocks:
            self._size += len(block)
            if self._size > self._most:
                raise too_large(self._most)
            self._held += block
            if len(self._held) >= BLOCK_BYTES:
                await run_in_threadpool(self._write, False)
        await run_in_threadpool(self._write, True)

    def _write(self, last: bool) -> None:
        try:
            self._digest.update(self._held)
            self._file.write(self._held)
            self._held.clear()
            if last:
                self._file.flush()
                os.fsync(self._file.fileno())
        except OSError as fault:
            raise disk_problem(fault) from fault

    def drop(self) -> None:
        """Leave nothing behind of a file that was not taken over."""
        try:
            self._file.close()
        finally:
            self.path.unlink(missing_ok=True)


def too_large(most_bytes: int) -> Problem:
    """Return the problem of a table that is too large: 413."""
    return Problem(
        413, "too-large",
        Text(f"文件超过 {most_bytes} 字节", f"the file is larger than {most_bytes} bytes"),
        Text("请改用 Parquet，或拆成几个组合", "use Parquet, or split the book"),
    )  # fmt: skip


def disk_problem(fault: OSError) -> Problem:
    """Return the problem of a disk that takes nothing: 503."""
    full = fault.errno in (errno.ENOSPC, errno.EDQUOT)
    wrong = Text("磁盘已满", "the disk is full") if full else Text(
        "磁盘无法写入", "the disk cannot be written to"
    )  # fmt: skip
    return Problem(
        503, "disk-full" if full else "disk-unavailable", wrong,
        Text("未作任何更改；请稍后再试", "nothing was changed: try again later"),
        headers={"Retry-After": "60"},
    )  # fmt: skip


def form_of(path: Path, said: str | None) -> str:
    """Return the format of a file, by its content.

    Parameters
    ----------
    path : Path
        The file.
    said : str or None
        What the caller says that it is.

    Returns
    -------
    {"parquet", "xlsx", "csv"}
        Its format.

    Raises
    ------
    Problem
        415 if it is none of them, is cut off, or is not what it is said to be.
    """
    with path.open("rb") as stream:
        first = stream.read(SNIFFED_BYTES)
        stream.seek(-min(4, path.stat().st_size), os.SEEK_END)
        last = stream.read()
    if first.startswith(b"PAR1"):
        found = "parquet" if last == b"PAR1" and path.stat().st_size > 12 else ""
    elif first.startswith(b"PK\x03\x04"):
        found = "xlsx"
    else:
        wide = first.startswith((b"\xff\xfe", b"\xfe\xff"))
        found = "csv" if first and (wide or b"\0" not in first) else ""
    if not found or said not in (None, found):
        raise Problem(
            415, "format",
            Text("文件不是完整的 Parquet、CSV 或 Excel，或与 format 不符",
                 "the file is no whole Parquet, CSV or Excel, or not what format says"),
            Text("请重新导出文件，核对 format", "export it again, and check format"),
        )  # fmt: skip
    return found


def take_over(
    state: State, caller: Caller, book_id: str, table: str, arrived: Arriving, form: str,
    conditions: tuple[str | None, str | None],
) -> tuple[StoredTable, bool]:  # fmt: skip
    """Make a file that has arrived whole a table of a book.

    Parameters
    ----------
    state : State
        The service.
    caller : Caller
        Who uploads.
    book_id, table : str
        Which.
    arrived : Arriving
        The file.
    form : str
        Its format.
    conditions : tuple of (str or None, str or None)
        If-Match and If-None-Match.

    Returns
    -------
    StoredTable
        The table.
    bool
        Whether it is new.

    Raises
    ------
    Problem
        404 if the book is gone; 409 while a job waits or runs on it; 412 if a condition
        does not hold; 503 if the disk is full.
    """
    folder = book_folder(state.settings.data, caller.tenant, book_id)
    with writing(state.engine) as connection:
        if books.find(connection, caller.tenant, book_id, hold=True) is None:
            raise absent(BOOK)
        if jobs.active(connection, caller.tenant, book_id):
            raise in_use()
        old = tables_of(folder).get(table)
        hold_to(conditions, old.sha256 if old else None)
        try:
            return put_table(folder, arrived.path, table, form, arrived.sha256), old is None
        except OSError as fault:
            raise disk_problem(fault) from fault


def in_use() -> Problem:
    """Return the problem of a book on which a job waits or runs: 409."""
    return Problem(
        409, "book-in-use",
        Text("组合上有任务在排队或运行", "a job waits or runs on this book"),
        Text("请等任务结束或先取消", "wait until it ends, or cancel it"),
    )  # fmt: skip


def hold_to(conditions: tuple[str | None, str | None], digest: str | None) -> None:
    """Refuse a change whose conditions do not hold (RFC 9110, 13.1).

    Parameters
    ----------
    conditions : tuple of (str or None, str or None)
        If-Match and If-None-Match.
    digest : str or None
        What is there now; None for nothing.

    Raises
    ------
    Problem
        412 if one does not hold.
    """
    match, none_match = conditions
    fits = match is None or (digest is not None and named(match, digest, weak=False))
    if not fits or (none_match is not None and digest is not None and named(none_match, digest)):
        raise changed_meanwhile(digest)


def remove_book(state: State, caller: Caller, book_id: str) -> None:
    """Remove a book and its tables; jobs that have ended keep their results.

    Parameters
    ----------
    state : State
        The service.
    caller : Caller
        Who asks.
    book_id : str
        Which.

    Raises
    ------
    Problem
        404 if there is none; 409 while a job waits or runs on it.
    """
    with writing(state.engine) as connection:
        if books.find(connection, caller.tenant, book_id, hold=True) is None:
            raise absent(BOOK)
        if jobs.active(connection, caller.tenant, book_id):
            raise in_use()
        books.remove(connection, caller.tenant, book_id)
    folder = book_folder(state.settings.data, caller.tenant, book_id)
    shutil.rmtree(folder, ignore_errors=True)
