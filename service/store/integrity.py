"""Whether the embedded database is whole, looked at once before it is opened.

SQLite ends the recovery of its write-ahead log at the first frame that does not fit, as after
a loss of power; damage in the middle would silently take back decisions that were answered.
"""

import sqlite3
import struct
from pathlib import Path

from riskengine.words import Text

MOST_BYTES = 256 << 20
"""Larger databases are not read through at a start; ``verify`` reads them [byte]."""
HEADER, FRAME = 32, 24
"""Sizes in the write-ahead log (SQLite, *WAL-mode File Format*, sections 1 and 2) [byte]."""
MAGIC = {0x377F0682: "<", 0x377F0683: ">"}
"""First word, which tells in what order of bytes checksums are made."""
CURE = Text(
    "请从备份恢复数据文件夹，再运行 verify 核对锚点",
    "restore the data folder from a backup, then run verify with the last anchor",
)


def damage_of(path: Path) -> tuple[Text, Text] | None:
    """Look for damage of an embedded database that nobody has open for writing.

    Parameters
    ----------
    path : Path
        The database; its log stands beside it.

    Returns
    -------
    tuple of (Text, Text) or None
        What is wrong and what to do; None for one that is whole or not there.  A log cut off
        between two commits looks whole: only an anchor kept elsewhere tells.
    """
    if not path.is_file():
        return None
    log = path.with_name(path.name + "-wal")
    if log.is_file() and log_is_damaged(log.read_bytes()):
        return (
            Text(f"数据库日志 {log.name} 中间损坏，已确认的决定可能丢失",
                 f"the log {log.name} is damaged in its middle: decisions may be lost"),
            CURE,
        )  # fmt: skip
    if path.stat().st_size > MOST_BYTES or not _is_broken(path):
        return None
    wrong = Text(f"数据库 {path.name} 已损坏", f"the database {path.name} is damaged")
    return wrong, CURE


def _is_broken(path: Path) -> bool:
    """Whether SQLite itself finds damage."""
    connection = sqlite3.connect(path, timeout=5.0)
    try:
        found: tuple[str] | None = connection.execute("PRAGMA quick_check(1)").fetchone()
        return found != ("ok",)
    except sqlite3.OperationalError:  # locked, or the disk is full: told by whoever opens it
        return False
    except sqlite3.DatabaseError:
        return True
    finally:
        connection.close()


def log_is_damaged(content: bytes) -> bool:
    """Whether a write-ahead log is damaged before its end.

    Parameters
    ----------
    content : bytes
        The log.

    Returns
    -------
    bool
        True if behind a frame that does not fit there is a commit, of the same generation,
        after which the log went on: that commit had been made durable, so the frame had.
    """
    if len(content) < HEADER:
        return False
    magic, _, size, _, *salts = struct.unpack(">6I", content[:24])
    if magic not in MAGIC or not 512 <= size <= 65536:
        return len(content) > HEADER + FRAME
    order, whole = MAGIC[magic], True
    state, commits = _checksum(content[:24], order, (0, 0)), 0
    for begin in range(HEADER, len(content) - FRAME - size + 1, FRAME + size):
        head = content[begin : begin + FRAME]
        _, commit, *rest = struct.unpack(">6I", head)
        if rest[:2] != salts:  # of an earlier generation, or damaged
            whole = False
            continue
        if whole:
            state = _checksum(head[:8], order, state)
            state = _checksum(content[begin + FRAME : begin + FRAME + size], order, state)
            whole = tuple(rest[2:]) == state
        elif commits:
            return True
        if not whole and commit:
            commits += 1
    return False


def _checksum(content: bytes, order: str, state: tuple[int, int]) -> tuple[int, int]:
    """Checksum of the log's format (section 4.2), continued."""
    first, second = state
    words = struct.unpack(f"{order}{len(content) // 4}I", content)
    for one, two in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + two + first) & 0xFFFFFFFF
    return first, second
