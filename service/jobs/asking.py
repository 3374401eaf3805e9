"""Asking for a job, and cancelling one."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, func, insert, select

from riskengine.words import Text
from service import ids
from service.auth.caller import Caller
from service.clock import now, stamp
from service.jobs import telling
from service.jobs.queue import wake
from service.jobs.shelf import book_folder, fix, job_folder, lay_rules, pointed, tables_of
from service.jobs.uploads import disk_problem
from service.problems import Problem
from service.refusals import BOOK, JOB, absent, key_reused, rules_unusable
from service.scoring.recording import key_name
from service.state import State
from service.store import books, jobs, ledger, overlays
from service.store.database import writing
from service.store.tables import jobs as jobs_table
from service.store.tables import replies


def ask(
    state: State, caller: Caller, book_id: str, wanted: Any, key: str | None
) -> tuple[str, bool]:
    """Make a job that waits: durable, its tables and rules fixed, before it is answered.

    Parameters
    ----------
    state : State
        The service.
    caller : Caller
        Who asks.
    book_id : str
        On which book.
    wanted : NewJob
        What for.
    key : str or None
        Idempotency key.

    Returns
    -------
    str
        Id of the job.
    bool
        Whether it was asked for before, under the same key.

    Raises
    ------
    Problem
        404 without the book; 422 for a key that stands for another request, a book without
        tables, a folder that is gone; 429 if as many jobs of the tenant wait as may; 503 if
        the disk is full.
    """
    job_id, moment = ids.new_id(ids.JOB), stamp(now())
    home = job_folder(state.settings.data, caller.tenant, job_id)
    try:
        with writing(state.engine) as connection:
            book = books.find(connection, caller.tenant, book_id, hold=True)
            if book is None:
                raise absent(BOOK)
            said = wanted.model_dump_json().encode()
            digest = hashlib.sha256(f"jobs\n{book_id}\n".encode() + said).hexdigest()
            name = key_name(state.secrets, caller.tenant, key) if key else ""
            known = _known(connection, caller.tenant, (name, key), digest) if key else None
            if known is not None:
                return known, True
            overlay = _prepare(connection, state, caller.tenant, book, home)
            _add(connection, caller, (job_id, moment, book, overlay), wanted)
            _keep_bound(connection, caller.tenant, state.settings.max_jobs_waiting)
            if key:
                connection.execute(insert(replies).values(
                    tenant=caller.tenant, idempotency_key=name, request_digest=digest, status=202,
                    decision_id=None, body=job_id.encode(), made_at=moment,
                ))  # fmt: skip
    except BaseException:
        shutil.rmtree(home, ignore_errors=True)
        raise
    wake(state.settings, caller.tenant, job_id)
    return job_id, False


def _known(connection: Connection, tenant: str, stored: tuple[str, str], digest: str) -> str | None:
    """The job that was asked for under a key; 422 where the key stands for something else.

    A key is stored by its name; it was stored as it was sent once.
    """
    row = connection.execute(select(replies).where(
        replies.c.tenant == tenant, replies.c.idempotency_key.in_(stored)
    )).first()  # fmt: skip
    if row is None:
        return None
    if row.request_digest == digest and row.body:
        return bytes(row.body).decode()
    raise key_reused()


def _prepare(connection: Connection, state: State, tenant: str, book: Any, home: Path) -> str:
    """Fix the tables and rules of a job; return the digest of the rules."""
    try:
        if book.source == "upload":
            folder = book_folder(state.settings.data, tenant, book.book_id)
            held = tables_of(folder)
            if not held:
                raise Problem(
                    422, "empty-book", Text("组合还没有表", "the book has no tables yet"),
                    Text("请先上传表", "upload its tables first"),
                )  # fmt: skip
            fix(held, folder, home)
        else:
            pointed(state.settings.portfolios, tenant, book.folder)
            home.mkdir(parents=True)
        digest, files = overlay_of(connection, tenant)
        lay_rules(files, home)
    except OSError as fault:
        raise disk_problem(fault) from fault
    return digest


def _add(
    connection: Connection, caller: Caller, made: tuple[str, str, Any, str], wanted: Any
) -> None:
    """Enter the job into the table and the chain."""
    job_id, moment, book, overlay = made
    arguments = {
        "valued_on": wanted.valued_on.isoformat(), "arguments": wanted.arguments.model_dump(),
        "by": caller.key_id, "folder": book.folder or None, "overlay_digest": overlay,
    }  # fmt: skip
    jobs.add(connection, {
        "job_id": job_id, "tenant": caller.tenant, "book_id": book.book_id, "kind": wanted.kind,
        "arguments": orjson.dumps(arguments).decode(), "made_at": moment,
    })  # fmt: skip
    body = {"event": "asked", "kind": wanted.kind, "book_id": book.book_id, **arguments}
    ledger.append(connection, caller.tenant, [ledger.Entry("job", job_id, moment, body)])


def _keep_bound(connection: Connection, tenant: str, most: int) -> None:
    """Refuse a job beyond those of a tenant that may wait; it is in the table and the chain.

    Those who append to one chain do so one after the other, so that each sees the jobs of all
    before it; the refusal takes everything back.
    """
    waiting = connection.execute(select(func.count()).select_from(jobs_table).where(
        jobs_table.c.tenant == tenant, jobs_table.c.state == "queued"
    )).scalar_one()  # fmt: skip
    if waiting > most:
        raise Problem(
            429, "too-many-jobs",
            Text(f"已有 {most} 个任务在排队", f"{most} jobs wait already"),
            Text("请等其中一些完成，或取消不需要的", "wait for some of them, or cancel some"),
            headers={"Retry-After": "60"},
        )  # fmt: skip


def overlay_of(connection: Connection, tenant: str) -> tuple[str, dict[str, bytes]]:
    """Return the rules that a tenant lays over the law.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.

    Returns
    -------
    str
        Their digest; empty for none.
    dict of str to bytes
        TOML by file name.
    """
    digest = overlays.in_force(connection, tenant).digest
    files = overlays.files_of(connection, tenant, digest)
    if files is None:
        raise rules_unusable()
    return digest, files


def cancel(state: State, caller: Caller, job_id: str) -> str:
    """Cancel a job, or ask its worker to stop.

    Parameters
    ----------
    state : State
        The service.
    caller : Caller
        Who asks.
    job_id : str
        Which.

    Returns
    -------
    {"cancelled", "running"}
        Its state: ``running`` until its worker has stopped it.

    Raises
    ------
    Problem
        404 if there is none; 409 if it has ended otherwise.
    """
    moment = stamp(now())
    with writing(state.engine) as connection:
        row = jobs.find(connection, caller.tenant, job_id)
        if row is None:
            raise absent(JOB)
        if row.state == "cancelled" or (row.cancel_asked and row.state == "running"):
            return str(row.state)
        then = jobs.cancel(connection, caller.tenant, job_id, moment)
        if then is None:
            raise Problem(
                409, "job-ended", Text("任务已经结束", "the job has ended already"),
                Text("无需取消", "there is nothing to cancel"),
            )  # fmt: skip
        body = {"event": "cancel", "by": caller.key_id, "state": then}
        ledger.append(connection, caller.tenant, [ledger.Entry("job", job_id, moment, body)])
    if then == "cancelled":
        telling.left(row, then)
        shutil.rmtree(job_folder(state.settings.data, caller.tenant, job_id), ignore_errors=True)
    return then
