"""Jobs held against the chain: what was asked for, how they ended, and what they left."""

from collections.abc import Iterator
from typing import Any

import orjson
from sqlalchemy import Connection, select

from service.store.faults import Fault, fault
from service.store.jobs import digest_of_results
from service.store.standing import entries_of
from service.store.tables import jobs

ENDS = ("done", "failed", "cancelled")
NO_ARGUMENTS = ("event", "kind", "book_id")
"""What an entry says of a job that is asked for beside its arguments."""


def jobs_astray(connection: Connection, tenant: str) -> Iterator[Fault]:
    """Find jobs that are not what the chain says of them.

    Parameters
    ----------
    connection : Connection
        Where to read.
    tenant : str
        Whose.

    Yields
    ------
    Fault
        One a job.
    """
    said: dict[str, dict[str, Any]] = {}
    for row, body in entries_of(connection, tenant, "job"):
        one = said.setdefault(row.subject, {"asked": {}, "state": "", "results": None})
        one["position"], event = row.position, body.get("event")
        if event == "asked":
            one["asked"] = body
        state = body.get("state") if event == "cancel" else event
        one["state"] = state if state in ENDS else ""
        one["results"] = body.get("results_sha256")
    query = select(
        jobs.c.job_id, jobs.c.book_id, jobs.c.kind, jobs.c.arguments, jobs.c.state, jobs.c.manifest
    ).where(jobs.c.tenant == tenant)
    for row in connection.execute(query):
        told = said.pop(row.job_id, None)
        if told is None:
            yield fault(0, "no_entry", row.job_id)
        elif not _stands(row, told):
            yield fault(told["position"], "job", row.job_id)
    for job_id, told in said.items():
        yield fault(told["position"], "no_job", job_id)


def _stands(row: Any, told: dict[str, Any]) -> bool:
    """Whether a job is as the chain says of it."""
    asked = told["asked"]
    arguments = {name: cell for name, cell in asked.items() if name not in NO_ARGUMENTS}
    try:
        same = orjson.loads(row.arguments) == arguments
        results = orjson.loads(row.manifest)["results"] if row.manifest else None
        digest = None if results is None else digest_of_results(results)
    except (ValueError, TypeError, KeyError):
        return False
    return bool(
        same and row.kind == asked.get("kind") and row.book_id == asked.get("book_id")
        and (row.state if row.state in ENDS else "") == told["state"]
        and digest == told["results"]
    )  # fmt: skip
