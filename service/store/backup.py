"""A copy of the embedded store as it stood at one moment, while the service goes on."""

import os
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from riskengine.errors import RiskEngineError
from riskengine.words import Text
from service.settings import Settings
from service.store.database import EMBEDDED

LEFT_OUT = ("*.sqlite3", "*.sqlite3-*", "*.arriving", "secret", "numba")
"""Databases are not copied as files, nor what is compiled anew; a copy beside its secret would be
open to whoever finds it."""
PAGES = 4096
"""Pages that are copied before others may write again."""


@dataclass(frozen=True, slots=True)
class Backed:
    """What was copied.

    Parameters
    ----------
    folder : Path
        Where it lies.
    bytes : int
        Size of the database [byte].
    files : int
        Other files: books and results of jobs.
    """

    folder: Path
    bytes: int
    files: int


def back_up(settings: Settings, folder: Path) -> Backed:
    """Copy the embedded store into a new folder.

    The database comes first, so that every file that it names is there when files are copied.

    Parameters
    ----------
    settings : Settings
        Where the store is.
    folder : Path
        New or empty; it becomes a data folder once the secret is put beside it.

    Returns
    -------
    Backed
        What was copied.

    Raises
    ------
    RiskEngineError
        Without an embedded store, or if the folder holds something already.
    """
    source = settings.data / EMBEDDED
    if settings.database_url is not None or not source.is_file():
        raise RiskEngineError(
            Text("没有内置数据库可备份", "there is no embedded database to copy"),
            Text("外部数据库请用 pg_dump 备份；内置的请核对 RISKENGINE_DATA",
                 "copy a server by pg_dump; of an embedded one check RISKENGINE_DATA"),
        )  # fmt: skip
    if folder.exists() and any(folder.iterdir()):
        raise RiskEngineError(
            Text(f"文件夹 {folder} 不空", f"the folder {folder} is not empty"),
            Text("请给出新的文件夹", "name a new folder"),
        )
    folder.mkdir(parents=True, exist_ok=True)
    _copy(source, folder / EMBEDDED)
    shutil.copytree(
        settings.data, folder, ignore=shutil.ignore_patterns(*LEFT_OUT), dirs_exist_ok=True,
        copy_function=_copy_there,
    )  # fmt: skip
    folder.chmod(0o700)
    files = sum(one.is_file() for one in folder.rglob("*")) - 1
    return Backed(folder, (folder / EMBEDDED).stat().st_size, files)


def _copy(source: Path, target: Path) -> None:
    """Copy a database as it stands between two transactions, and make it durable."""
    reader = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    writer = sqlite3.connect(target)
    try:
        reader.backup(writer, pages=PAGES, sleep=0.01)
    finally:
        writer.close()
        reader.close()
    with target.open("rb") as written:
        os.fsync(written.fileno())


def _copy_there(source: str, target: str) -> str:
    """Copy a file; one that a job has just taken away is not missed."""
    try:
        return shutil.copy2(source, target)
    except FileNotFoundError:
        return target
