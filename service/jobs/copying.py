"""Copying a folder that was pointed to: plain files only, whole or not at all."""

import os
import shutil
import stat
from pathlib import Path

from riskengine.errors import PortfolioError
from riskengine.folder import SUFFIXES
from riskengine.words import Text


def fix_pointed(source: Path, job: Path) -> None:
    """Copy the tables of a folder that was pointed to, once: they may change, the job may not.

    Parameters
    ----------
    source : Path
        As `service.jobs.shelf.pointed` returned it.
    job : Path
        Folder of the job; where it has its tables already, nothing is done.

    Raises
    ------
    PortfolioError
        If the folder is gone, or a table is a link.
    OSError
        If the disk is full.
    """
    if (job / "input").is_dir():
        return
    if not source.is_dir():
        raise PortfolioError(
            Text(f"文件夹 {source.name} 已不在", f"the folder {source.name} is gone"),
            Text("请恢复文件夹后重新发起任务", "put it back and start the job again"),
        )
    partial = job / "input.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for path in sorted(source.iterdir()):
        if path.suffix.lower() in SUFFIXES and path.name[0] not in ".~":
            copy_plain(path, partial / path.name)
    partial.rename(job / "input")


def copy_plain(source: Path, target: Path) -> None:
    """Copy a plain file, never through a link.

    Parameters
    ----------
    source : Path
        The file.
    target : Path
        Its copy.

    Raises
    ------
    PortfolioError
        If it is a link, or no plain file.
    OSError
        If it is gone, or the disk is full.
    """
    plain = stat.S_ISREG(source.lstat().st_mode)
    if plain:
        with os.fdopen(os.open(source, os.O_RDONLY | os.O_NOFOLLOW), "rb") as stream:
            plain = stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
            if plain:
                with target.open("wb") as copy:
                    shutil.copyfileobj(stream, copy, 1 << 20)
    if not plain:
        raise PortfolioError(
            Text(f"{source.name} 不是普通文件", f"{source.name} is no plain file"),
            Text("请放入文件本身，不要用链接", "put the file itself there, no link"),
        )
