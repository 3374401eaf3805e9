"""The worker: takes jobs from the queue, finds those that the queue forgot, keeps house."""

import contextlib
import logging
import shutil
import signal
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

from huey.api import Huey
from huey.consumer import Consumer
from sqlalchemy import Engine

from service.clock import now, stamp
from service.jobs.queue import make_queue, put, waiting
from service.jobs.runner import Runner
from service.jobs.shelf import EXPORTING, book_folder, job_folder, tables_of
from service.problems import Problem
from service.settings import Settings
from service.store import books, jobs
from service.store.database import PASSING, open_database, reading, writing
from service.store.migrate import migrate

log = logging.getLogger("service.jobs")
HOUSE_SECONDS = 3600.0
"""How often a worker looks for what is kept no longer."""


class _Consumer(Consumer):  # type: ignore[misc]
    """Huey's threads; signals stay with whoever runs the worker."""

    def _set_signal_handlers(self) -> None:
        """Leave them as they are."""


def run_worker(settings: Settings | None = None, stop: threading.Event | None = None) -> None:
    """Work until told to stop.

    Parameters
    ----------
    settings : Settings or None
        Settings; from the environment when None.
    stop : threading.Event or None
        Ends the worker when set; SIGTERM and SIGINT set it in the main thread.  Jobs that run
        go back among those that wait.
    """
    chosen, leave = settings or Settings(), stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: leave.set())
    engine = open_database(chosen)
    if not _when_there(engine, leave):
        return
    runner = Runner(engine, chosen, leave)
    queue = make_queue(chosen, lambda *_: runner(queue))
    consumer = _Consumer(
        queue, workers=chosen.jobs_at_once, periodic=False, initial_delay=0.05, max_delay=0.5
    )
    consumer.start()
    try:
        _watch(engine, queue, chosen, consumer, leave)
    finally:
        leave.set()
        consumer.stop_flag.set()
        for _, thread in consumer.worker_threads:
            thread.join(timeout=30.0)
        engine.dispose()


def _when_there(engine: Engine, leave: threading.Event) -> bool:
    """Bring the store to its layout, once it is there; False if the worker is to leave first."""
    while not leave.is_set():
        try:
            migrate(engine)
        except Problem as fault:
            if fault.code not in PASSING:
                raise
            log.warning("the store is away: %s", fault.code)
            leave.wait(1.0)
        else:
            return True
    return False


def _watch(
    engine: Engine, queue: Huey, settings: Settings, consumer: Consumer, leave: threading.Event
) -> None:
    """Look after jobs, threads and the house until the worker leaves."""
    every, house_at = min(5.0, settings.lease_seconds / 4.0), time.monotonic()
    while True:
        try:
            reap(engine, queue)
            if time.monotonic() >= house_at:
                house_at += HOUSE_SECONDS
                keep_house(engine, settings)
        except Exception as fault:  # noqa: BLE001 - a store or queue that is away comes back
            log.warning("the worker could not look for jobs: %s", type(fault).__name__)
        if leave.wait(every):
            return
        consumer.check_worker_health()


def reap(engine: Engine, queue: Huey) -> int:
    """Send messages for jobs that no worker has and that the queue knows nothing of.

    Parameters
    ----------
    engine : Engine
        The store.
    queue : Huey
        The queue.

    Returns
    -------
    int
        Messages sent.
    """
    with reading(engine) as connection:
        rows = jobs.to_wake(connection, stamp(now()))
    if not rows:
        return 0
    known = waiting(queue)
    missing = [row for row in rows if row.job_id not in known]
    for row in missing:
        put(queue, row.tenant, row.job_id)
    return len(missing)


def keep_house(engine: Engine, settings: Settings) -> int:
    """Remove results and uploads that are kept no longer.

    Parameters
    ----------
    engine : Engine
        The store.
    settings : Settings
        How long they are kept.

    Returns
    -------
    int
        Folders and files removed.
    """
    moment, removed = now(), 0
    with reading(engine) as connection:
        ended = jobs.ended_before(
            connection, stamp(moment - timedelta(days=settings.keep_results_days))
        )
        limit = stamp(moment - timedelta(days=settings.keep_uploads_days))
        old = books.made_before(connection, limit)
    for row in ended:
        folder = job_folder(settings.data, row.tenant, row.job_id)
        if folder.is_dir():
            shutil.rmtree(folder)
            removed += 1
    removed += _sweep(settings.data, moment - timedelta(days=1))
    for row in old:
        removed += _let_go(engine, settings, row.tenant, row.book_id, limit)
    return removed


def _sweep(data: Path, before: datetime) -> int:
    """Remove what began to arrive or to be exported and never ended: its process was killed."""
    removed = 0
    halves = ("books/*/.*.arriving", f"jobs/*/{EXPORTING}*")
    for path in (one for half in halves for one in data.glob(f"tenants/*/{half}")):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before.timestamp():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                removed += 1
    return removed


def _let_go(engine: Engine, settings: Settings, tenant: str, book_id: str, limit: str) -> int:
    """Remove a book that nobody has used or changed since a moment."""
    folder = book_folder(settings.data, tenant, book_id)
    with writing(engine) as connection:
        if books.find(connection, tenant, book_id, hold=True) is None:
            return 0
        changed = (folder / one.file for one in tables_of(folder).values())
        newest = max((path.stat().st_mtime for path in changed if path.exists()), default=0.0)
        fresh = newest > (now() - timedelta(days=settings.keep_uploads_days)).timestamp()
        if fresh or jobs.used_since(connection, tenant, book_id, limit):
            return 0
        books.remove(connection, tenant, book_id)
    shutil.rmtree(folder, ignore_errors=True)
    return 1
