"""The tables that a job was run on, for exports: taken from its book, checked by their digests.

A job that ended keeps its results and the digests of its tables, not the tables.  The book has
them, until somebody puts others there.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from riskengine.errors import PortfolioError
from riskengine.files import sha256_of
from riskengine.words import Text
from service.jobs.answers import results_of
from service.jobs.copying import copy_plain
from service.jobs.shelf import EXPORTING, book_folder, job_folder, pointed, tables_of
from service.jobs.uploads import disk_problem
from service.problems import Problem
from service.state import State
from service.store import books
from service.store.database import reading

MOST_BYTES = 64 << 20
"""Largest tables of a job that are exported while the reader waits [byte]."""


@contextlib.contextmanager
def tables_of_job(state: State, tenant: str, job: Any) -> Iterator[Path]:
    """Hold the tables of a job that is done, byte for byte as it read them.

    Parameters
    ----------
    state : State
        The service.
    tenant : str
        Whose.
    job : mapping
        Columns of ``jobs``.

    Yields
    ------
    Path
        Folder of the tables; it is gone afterwards.

    Raises
    ------
    Problem
        404 if the results, and with them the job's rules, are kept no longer; 409 if the book
        is gone or one of the tables has changed since; 413 for tables that are too large; 503
        if the disk is full.
    """
    results_of(state, tenant, job["job_id"])
    read = orjson.loads(job["manifest"]).get("inputs")
    if read is None:
        raise _changed(
            Text("任务没有记录所读表的摘要", "the job recorded no digests of its tables")
        )
    if sum(one["bytes"] for one in read) > MOST_BYTES:
        raise Problem(
            413, "too-large", Text("表过大，不能在线导出", "the tables are too large for this"),
            Text("请用命令 riskengine export", "use the command riskengine export"),
        )  # fmt: skip
    held = _held(state, tenant, job)
    home = job_folder(state.settings.data, tenant, job["job_id"])
    with TemporaryDirectory(dir=home, prefix=EXPORTING, ignore_cleanup_errors=True) as folder:
        try:
            changed = [
                one["file"] for one in read if not _taken(held.get(one["file"]), Path(folder), one)
            ]
        except OSError as fault:
            raise disk_problem(fault) from fault
        if changed:
            listed = ", ".join(changed)
            raise _changed(Text(
                f"任务完成后组合的表已更改：{listed}",
                f"tables of the book have changed since the job: {listed}",
            ))  # fmt: skip
        yield Path(folder)


def _held(state: State, tenant: str, job: Any) -> dict[str, Path]:
    """Where the tables of a job's book lie now, by the names that the job read them under."""
    with reading(state.engine) as connection:
        book = books.find(connection, tenant, job["book_id"])
    if book is None:
        raise _changed(Text("任务的组合已删除", "the book of the job was deleted"))
    if book.source == "upload":
        folder = book_folder(state.settings.data, tenant, book.book_id)
        return {f"{one.table}.{one.form}": folder / one.file for one in tables_of(folder).values()}
    try:
        folder = pointed(state.settings.portfolios, tenant, book.folder)
    except Problem as fault:
        raise _changed(fault.wrong) from fault
    return {path.name: path for path in folder.iterdir()}


def _taken(source: Path | None, folder: Path, wanted: dict[str, Any]) -> bool:
    """Copy one table; False where it is not what the job read."""
    target = folder / wanted["file"]
    try:
        if source is None or source.lstat().st_size != wanted["bytes"]:
            return False
        copy_plain(source, target)
    except (FileNotFoundError, PortfolioError):
        return False
    return sha256_of(target) == str(wanted["sha256"])


def _changed(wrong: Text) -> Problem:
    """A job whose tables are no longer there: 409."""
    return Problem(
        409, "book-changed", wrong,
        Text("请重新发起任务，再从新任务导出", "start the job again, and export from the new one"),
    )  # fmt: skip
