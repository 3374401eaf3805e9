"""What a worker does with a message: take the job up, watch its process, record its end."""

import logging
import os
import shutil
import socket
import threading
import time
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from huey.api import Huey
from sqlalchemy import Connection, Engine

from riskengine.words import Text
from service.clock import now, stamp
from service.jobs import telling
from service.jobs.child import problem_of
from service.jobs.order import SPOOL, Order
from service.jobs.process import Answer, JobProcess
from service.jobs.queue import put
from service.jobs.shelf import job_folder, pointed
from service.jobs.turns import next_turn
from service.problems import Problem
from service.settings import Settings
from service.store import jobs, ledger
from service.store.database import reading, writing

log = logging.getLogger("service.jobs")
CRASHES = 3
"""Processes of a job that may die under a worker that lives."""
LOSSES = 100
"""Workers that may go away with a job."""
GRACE_SECONDS = 5.0
"""How long a process that was asked to stop may take."""
TICK_SECONDS = 0.1
STOPPED, LOST = {"stopped": True}, {"lost": True}


@dataclass(slots=True)
class Held:
    """A job that this worker holds.

    Parameters
    ----------
    tenant, job_id, worker : str
        Whose, which, and under which name it is held.
    row : Row
        The job as it was taken up.
    until : float
        End of the lease by the clock that never steps [s].
    progress : tuple of (int, int or None)
        Done and in all.
    """

    tenant: str
    job_id: str
    worker: str
    row: Any
    until: float
    progress: tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class Runner:
    """What runs jobs.

    Parameters
    ----------
    engine : Engine
        The store.
    settings : Settings
        Folders, lease, processes.
    stop : threading.Event
        Set when the worker is to leave: jobs go back among those that wait.
    """

    engine: Engine
    settings: Settings
    stop: threading.Event

    def __call__(self, queue: Huey) -> None:
        """Run the job whose turn it is to its end; a message says that one waits, not which.

        Parameters
        ----------
        queue : Huey
            To which a job goes back that is to be tried again.
        """
        held = self._next()
        if held is None:
            return
        answer = self._refusal(held.row) or self._watched(held)
        if answer is not LOST and self._settle(held, answer) == "queued":
            put(queue, held.tenant, held.job_id)

    def _next(self) -> Held | None:
        """Take up the job whose turn it is; of those that others take meanwhile the next."""
        while True:
            with reading(self.engine) as connection:
                turn = next_turn(connection, stamp(now()))
            if turn is None:
                return None
            held = self._claim(*turn)
            if held is not None:
                return held

    def _claim(self, tenant: str, job_id: str) -> Held | None:
        """Take a job up, if no other worker has it."""
        worker = f"{socket.gethostname()[:40]}-{os.getpid()}-{uuid.uuid4().hex[:12]}"
        begun, moment = time.monotonic(), now()
        with writing(self.engine) as connection:
            row = jobs.claim(connection, tenant, job_id, worker, stamp(moment), self._lease_end())
            if row is None:
                return None
            body = {"event": "start", "attempt": row.attempts, "kind": row.kind,
                    "book_id": row.book_id}  # fmt: skip
            ledger.append(connection, tenant, [ledger.Entry("job", job_id, stamp(moment), body)])
        telling.begun(row, stamp(moment))
        until = begun + self.settings.lease_seconds
        return Held(tenant, job_id, worker, row, until, (row.done, row.total))

    def _lease_end(self) -> str:
        return stamp(now() + timedelta(seconds=self.settings.lease_seconds))

    def _refusal(self, row: Any) -> Answer | None:
        """How a job ends that is not begun again."""
        if row.cancel_asked:
            return {"cancelled": True}
        if row.losses >= LOSSES or row.attempts - row.losses > CRASHES:
            return {"problem": problem_of("job-abandoned", *ABANDONED)}
        return None

    def _watched(self, held: Held) -> Answer:
        """Start the job's process and hear it until it ends."""
        try:
            process = JobProcess(self._order(held))
        except Problem as fault:
            return {"problem": problem_of(fault.code, fault.wrong, fault.cure)}
        try:
            return self._heard(held, process)
        finally:
            process.end()

    def _heard(self, held: Held, process: JobProcess) -> Answer:
        """Hear a process: tell progress, renew the lease, pass on that it is to stop."""
        every = min(1.0, self.settings.lease_seconds / 4.0)
        beat_at, give_up = time.monotonic() + every, float("inf")
        while True:
            answer = process.hear(TICK_SECONDS)
            if answer is not None and "done" in answer:
                held.progress = (answer["done"], answer["total"])
            elif answer is not None:
                return answer
            moment = time.monotonic()
            if self.stop.is_set():
                return STOPPED
            if moment > give_up:
                return {"cancelled": True}
            if moment >= beat_at:
                beat_at = moment + every
                asked = self._beat(held)
                if asked is None:
                    return LOST
                process.keep_alive()
                if asked and give_up == float("inf"):
                    process.ask_to_stop()
                    give_up = moment + GRACE_SECONDS

    def _beat(self, held: Held) -> bool | None:
        """Renew the lease; None once it is lost, or would be by the time that others see it."""
        begun = time.monotonic()
        try:
            with writing(self.engine) as connection:
                asked = jobs.beat(
                    connection, held.tenant, held.job_id, held.worker, self._lease_end(),
                    held.progress,
                )  # fmt: skip
        except Problem:
            return None if time.monotonic() > held.until else False
        held.until = begun + self.settings.lease_seconds
        return asked

    def _order(self, held: Held) -> Order:
        """What the process is told."""
        given = orjson.loads(held.row.arguments)
        settings, folder = self.settings, given["folder"]
        market, home = settings.market, job_folder(settings.data, held.tenant, held.job_id)
        home.mkdir(parents=True, exist_ok=True)
        source = str(pointed(settings.portfolios, held.tenant, folder)) if folder else None
        return Order(
            held.row.kind, given["valued_on"], given["arguments"], str(home), source,
            str(market.resolve()) if market else None,
            [str(one.resolve()) for one in settings.price_models],
            settings.job_processes, settings.job_threads, settings.lease_seconds,
        )  # fmt: skip

    def _settle(self, held: Held, answer: Answer) -> str | None:
        """Record how a job ended; a database that is away is waited for within the lease."""
        values = ending(held.row, held.progress, answer)
        while True:
            try:
                with writing(self.engine) as connection:
                    if not jobs.leave(connection, held.tenant, held.job_id, held.worker, values):
                        return None
                    self._note(connection, held, values, answer)
                break
            except Problem:
                if time.monotonic() > held.until:
                    return None
                time.sleep(TICK_SECONDS)
        telling.left(held.row, values["state"])
        self._tidy(held, values["state"])
        return str(values["state"])

    def _note(
        self, connection: Connection, held: Held, values: dict[str, Any], answer: Answer
    ) -> None:
        """Enter the end of a job in the tenant's chain."""
        body: dict[str, Any] = {"event": values["state"], "attempt": held.row.attempts}
        if values["state"] == "done":
            body["results_sha256"] = jobs.digest_of_results(answer["results"])
            body["inputs_sha256"] = jobs.digest_of_results(answer["inputs"])
        elif "crash" in answer:
            body["crash"] = answer["crash"]
        elif "problem" in answer:
            body["problem"] = answer["problem"]["code"]
        moment = stamp(now())
        ledger.append(connection, held.tenant, [ledger.Entry("job", held.job_id, moment, body)])

    def _tidy(self, held: Held, state: str) -> None:
        """Remove what a job that ended no longer needs; that one waits, keep what it has."""
        home = job_folder(self.settings.data, held.tenant, held.job_id)
        kept = {"queued": ("input", "input.partial", "out"), "done": ("out",)}.get(state, ())
        for name in {"input", "input.partial", "out", SPOOL}.difference(kept):
            shutil.rmtree(home / name, ignore_errors=True)


def ending(row: Any, progress: tuple[int, int | None], answer: Answer) -> dict[str, Any]:
    """Return what becomes of a job's row.

    Parameters
    ----------
    row : Row
        The job as it was taken up.
    progress : tuple of (int, int or None)
        Done and in all.
    answer : dict
        How its process ended.

    Returns
    -------
    dict
        Columns: back to ``queued`` after a stop of the worker or an early crash, else an end.
    """
    done, total = progress
    shown = {"done": max(done, row.done), "total": total}
    if "stopped" in answer:
        return {**shown, "state": "queued", "attempts": row.attempts - 1}
    if "crash" in answer and row.attempts - row.losses < CRASHES:
        return {**shown, "state": "queued"}
    over = {**shown, "ended_at": stamp(now())}
    if "cancelled" in answer:
        return {**over, "state": "cancelled"}
    if "manifest" in answer:
        held = {name: answer[name] for name in ("manifest", "results", "inputs")}
        whole = total if total is not None else max(done, row.done)
        return {**over, "state": "done", "done": whole, "manifest": orjson.dumps(held).decode()}
    problem = answer.get("problem") or problem_of("job-crashed", CRASHED.fill(
        crash=answer["crash"], times=CRASHES), ABANDONED[1])  # fmt: skip
    return {**over, "state": "failed", "problem": orjson.dumps(problem).decode()}


CRASHED = Text(
    "任务进程{times}次中途终止（{crash}）", "the job's process died {times} times ({crash})"
)
ABANDONED = (
    Text("任务多次未能完成，已放弃", "the job was begun many times and never ended: given up"),
    Text(
        "请先用 check 任务检查组合，再与运维联系",
        "run a check job on the book first, then ask the operator",
    ),
)
