"""Whether a file that a job left is still the one that it left."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from riskengine.words import Text
from service.problems import Problem

REMEMBERED = 256
"""Files whose digest is remembered while nothing writes to them."""


def need_whole(out: Path, result: dict[str, Any]) -> None:
    """Refuse a file whose bytes are no longer those that were recorded.

    The file is read in pieces; call it in a thread.  A file is read again once it was written
    to or put in place of another, as the file system tells (inode, size, moments of its
    content and of its entry); its ranges are therefore not each as dear as the whole.

    Parameters
    ----------
    out : pathlib.Path
        Folder of the results.
    result : dict
        file and sha256, as recorded when the job ended.

    Raises
    ------
    Problem
        409 if it is gone, cannot be read or was changed.
    """
    path = out / result["file"]
    try:
        seen = path.stat()
        about = (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
        same = _digest(path, about) == result["sha256"]
    except OSError:
        same = False
    if not same:
        raise Problem(
            409, "result-damaged",
            Text("结果文件缺失或已被改动", "the file is gone, or is not what the job left"),
            Text("请重新发起任务", "start the job again"),
        )  # fmt: skip


@lru_cache(maxsize=REMEMBERED)
def _digest(path: Path, _: tuple[int, ...]) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
