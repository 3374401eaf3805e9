"""The process of one job: ``python -m service.jobs.child``, started by a worker.

The first line of its input is the order; a line ``cancel`` asks it to stop; an empty line says
that the worker still holds the job.  The end of the input, or no line for as long as a lease,
means that the worker is gone or stuck: this process and its children end at once, so that
nobody works on a job that another worker takes up.  It answers in lines of JSON.
"""

import errno
import fcntl
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import orjson

from riskengine.errors import RiskEngineError
from riskengine.words import Text
from service.jobs.copying import fix_pointed
from service.jobs.order import Order, order_of

FULL = (errno.ENOSPC, errno.EDQUOT)


class Cancelled(Exception):
    """Somebody asked the job to stop."""


def main() -> None:
    """Take the order, do it, answer."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what a library prints must not mix with answers
    asked, heard = threading.Event(), threading.Event()
    line = sys.stdin.buffer.readline()
    if not line:  # the worker was gone before it said what to do
        return
    order = order_of(line)
    for task in (
        lambda: _listen(sys.stdin.buffer, asked, heard),
        lambda: _watch(answers, heard, order.lease_seconds),
    ):
        threading.Thread(target=task, daemon=True).start()
    answer = _answer(order, answers, asked)
    with suppress(BrokenPipeError):  # the worker is gone: nobody is left to be told
        answers.write(orjson.dumps(answer) + b"\n")
    os._exit(0)


def _listen(stream: IO[bytes], asked: threading.Event, heard: threading.Event) -> None:
    """Hear the worker; without one, end the whole group of processes."""
    for line in stream:
        heard.set()
        if line.strip() == b"cancel":
            asked.set()
    os.killpg(0, signal.SIGKILL)


def _watch(answers: IO[bytes], heard: threading.Event, lease_seconds: float) -> None:
    """End the whole group of processes once the worker has been silent for a lease."""
    while heard.wait(lease_seconds):
        heard.clear()
    with suppress(BrokenPipeError):
        answers.write(orjson.dumps({"stopped": True}) + b"\n")
    os.killpg(0, signal.SIGKILL)


def _answer(order: Order, answers: IO[bytes], asked: threading.Event) -> dict[str, Any]:
    """Run the job and say how it ended."""

    def told(done: int, total: int) -> None:
        if asked.is_set():
            raise Cancelled
        answers.write(orjson.dumps({"done": int(done), "total": int(total)}) + b"\n")

    try:
        with alone(order.home, 2.0 * order.lease_seconds), own_spool(order.spool):
            if order.pointed is not None:
                fix_pointed(Path(order.pointed), order.home)
            from service.jobs.running import run

            return run(order, told)
    except Cancelled:
        return {"cancelled": True}
    except RiskEngineError as fault:
        return {"problem": problem_of("unprocessable", fault.wrong, fault.cure, _faults(order))}
    except OSError as fault:
        if fault.errno in FULL or any(f"[Errno {code}]" in str(fault) for code in FULL):
            return {"problem": problem_of("disk-full", *DISK_FULL)}
        return {"crash": _where(fault)}
    except Exception as fault:  # noqa: BLE001 - whatever it is, the worker decides on it
        return {"crash": _where(fault)}


DISK_FULL = (
    Text("磁盘已满，结果未保留", "the disk is full: no results were kept"),
    Text("请腾出空间后重新发起任务", "make room and start the job again"),
)


@contextmanager
def alone(home: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the folder of a job; no other process works in it meanwhile.

    Parameters
    ----------
    home : Path
        Folder of the job.
    wait_seconds : float
        How long to wait for another to end [s].

    Yields
    ------
    None
        While it is held.

    Raises
    ------
    OSError
        If the other does not end.
    """
    with (home / "lock").open("wb") as lock:
        until = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
            else:
                break
        yield


@contextmanager
def own_spool(folder: Path) -> Iterator[None]:
    """Let this process and its children make temporary files in one folder only.

    Parameters
    ----------
    folder : Path
        The folder; what a process that was killed left in it is removed.

    Yields
    ------
    None
        While it is there; afterwards it is gone.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def problem_of(
    code: str, wrong: Text, cure: Text, errors: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Return a problem as a job's record holds it.

    Parameters
    ----------
    code : str
        Kind of problem.
    wrong, cure : Text
        What is wrong, what to do.
    errors : list of dict or None
        Everything that is wrong, as problems list it.

    Returns
    -------
    dict
        Plain data in both languages.
    """
    return {
        "code": code, "wrong": {"zh": wrong.zh, "en": wrong.en},
        "cure": {"zh": cure.zh, "en": cure.en}, "errors": errors or [],
    }  # fmt: skip


def _faults(order: Order) -> list[dict[str, Any]]:
    """What is wrong with each table as a whole: the engine stops at the first."""
    from tempfile import TemporaryDirectory

    from riskengine.book.tables import guarantee_tables
    from riskengine.checking import around_tables
    from riskengine.folder import find_tables, open_table

    found = []
    try:
        files = find_tables(order.source, (*around_tables(), *guarantee_tables()))
    except RiskEngineError:
        return []
    with own_spool(order.spool), TemporaryDirectory() as spool:
        for file in files:
            try:
                open_table(file, Path(spool))
            except RiskEngineError as fault:
                told = problem_of("table", fault.wrong, fault.cure)
                found.append({
                    "path": f"/tables/{file.contract.table}", "code": "table",
                    "message": told["wrong"], "cure": told["cure"],
                })  # fmt: skip
    return found


def _where(fault: BaseException) -> str:
    """Kind of an error and where it arose, without what was being worked on."""
    frames = traceback.extract_tb(fault.__traceback__)
    last = frames[-1] if frames else None
    place = f" at {Path(last.filename).name}:{last.lineno}" if last is not None else ""
    return f"{type(fault).__name__}{place}"


if __name__ == "__main__":
    main()
