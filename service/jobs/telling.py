"""What operators see of jobs: log lines and times, with no cell of anybody's."""

from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Histogram

from service.clock import now
from service.observe.logs import log

SECONDS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 86_400.0)
"""Bounds of the times of jobs [s]."""
TIMES = Histogram(
    "riskengine_job_seconds", "Time of a job from its first start to its end",
    ("kind", "outcome"), buckets=SECONDS, registry=CollectorRegistry(),
)  # fmt: skip
"""Of this process; those that share a folder of metrics are read together."""


def begun(row: Any, moment: str) -> None:
    """Tell that a worker has taken a job up.

    Parameters
    ----------
    row : Row
        The job as it was taken up.
    moment : str
        When; a job that was started before that is taken up again.
    """
    log("job_started" if row.started_at == moment else "job_taken_up_again", who(row))


def left(row: Any, state: str) -> None:
    """Tell that a job has ended, or waits again.

    Parameters
    ----------
    row : Row
        The job as it was before, with the moment of its first start.
    state : str
        As it stands now: ``done``, ``failed``, ``cancelled``, or ``queued`` once more.
    """
    about = who(row)
    if row.started_at is not None:
        spent = (now() - datetime.fromisoformat(row.started_at)).total_seconds()
        about["seconds"] = round(max(0.0, spent), 3)
        if state != "queued":
            TIMES.labels(row.kind, state).observe(about["seconds"])
    log("job_waits_again" if state == "queued" else f"job_{state}", about)


def who(row: Any) -> dict[str, Any]:
    """Return what names a job in a log: its id, whose it is, its kind.

    Parameters
    ----------
    row : Row
        The job.

    Returns
    -------
    dict of str to str
        job_id, tenant, kind.
    """
    return {"job_id": row.job_id, "tenant": row.tenant, "kind": row.kind}
