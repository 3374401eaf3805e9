"""Jobs as the store knows them: the table decides what runs, the queue only wakes workers.

``queued`` -> ``running`` -> ``done`` | ``failed`` | ``cancelled``.  Every step is one
compare-and-set on state and worker, so that one worker at a time has a job; a worker that
does not renew its lease loses it.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from service.clock import stamp
from service.store.pages import behind, cut
from service.store.tables import jobs

ACTIVE = ("queued", "running")
LONGEST_LEASE = timedelta(hours=2)
"""No lease that is renewed by this clock ends later than so long after now."""
LISTED = tuple(column for column in jobs.c if column.name not in ("manifest", "worker"))


def add(connection: Connection, row: dict[str, Any]) -> None:
    """Add a job that waits.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    row : dict
        job_id, tenant, book_id, kind, arguments, made_at.
    """
    begun = {"state": "queued", "done": 0, "attempts": 0, "losses": 0, "cancel_asked": False}
    connection.execute(insert(jobs).values(**begun, **row))


def find(connection: Connection, tenant: str, job_id: str) -> Row[Any] | None:
    """Return a job of a tenant; None where there is none.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant, job_id : str
        Whose, which.

    Returns
    -------
    Row or None
        All columns.
    """
    return connection.execute(select(jobs).where(_one(tenant, job_id))).first()


def page(
    connection: Connection, tenant: str, filters: dict[str, str], cursor: str | None, limit: int
) -> tuple[Sequence[Row[Any]], str | None]:
    """Return jobs of a tenant, newest first, without their manifests.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.
    filters : dict of str to str
        Wanted values by column.
    cursor : str or None
        Where the page before ended.
    limit : int
        Rows of a page.

    Returns
    -------
    list of Row
        The page.
    str or None
        Cursor of the next.
    """
    wanted = [jobs.c[name] == value for name, value in filters.items()]
    query = behind(select(*LISTED).where(jobs.c.tenant == tenant, *wanted), jobs, "job_id", cursor)
    return cut(connection.execute(query.limit(limit + 1)).all(), limit, "job_id")


def active(connection: Connection, tenant: str, book_id: str) -> bool:
    """Whether a job waits or runs on a book of a tenant.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant, book_id : str
        Whose, which.

    Returns
    -------
    bool
        True while one does.
    """
    query = select(jobs.c.job_id).where(
        jobs.c.tenant == tenant, jobs.c.book_id == book_id, jobs.c.state.in_(ACTIVE)
    )
    return connection.execute(query.limit(1)).first() is not None


def claim(
    connection: Connection, tenant: str, job_id: str, worker: str, now: str, until: str
) -> Row[Any] | None:
    """Take a job up, if it waits or its worker has lost it.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant, job_id : str
        Whose, which.
    worker : str
        Who takes it: a new name every time, so that an earlier holder is known by its own.
    now, until : str
        The moment, and the end of the lease.

    Returns
    -------
    Row or None
        The job as it stands then; None where another has it or it has ended.
    """
    lost = _lost(now)
    changed = connection.execute(
        update(jobs)
        .where(_one(tenant, job_id), or_(jobs.c.state == "queued", lost))
        .values(
            state="running", worker=worker, lease_until=until, attempts=jobs.c.attempts + 1,
            losses=jobs.c.losses + case((jobs.c.state == "running", 1), else_=0),
            started_at=func.coalesce(jobs.c.started_at, now),
        )
    )  # fmt: skip
    return find(connection, tenant, job_id) if changed.rowcount == 1 else None


def beat(
    connection: Connection, tenant: str, job_id: str, worker: str, until: str,
    progress: tuple[int, int | None],
) -> bool | None:  # fmt: skip
    """Renew a lease and tell how far the job is.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant, job_id, worker : str
        Whose, which, and who holds it.
    until : str
        End of the lease.
    progress : tuple of (int, int or None)
        Done and in all; what is shown never falls.

    Returns
    -------
    bool or None
        Whether somebody asked to cancel it; None where the worker holds it no longer.
    """
    done, total = progress
    changed = connection.execute(
        update(jobs).where(_held(tenant, job_id, worker)).values(
            lease_until=until, total=func.coalesce(total, jobs.c.total),
            done=case((jobs.c.done < done, done), else_=jobs.c.done),
        )
    )  # fmt: skip
    if changed.rowcount != 1:
        return None
    return bool(
        connection.execute(select(jobs.c.cancel_asked).where(_one(tenant, job_id))).scalar()
    )


def leave(
    connection: Connection, tenant: str, job_id: str, worker: str, values: dict[str, Any]
) -> bool:
    """Let a job go: to an end, or back among those that wait.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant, job_id, worker : str
        Whose, which, and who holds it.
    values : dict
        Columns as they then stand, ``state`` among them.

    Returns
    -------
    bool
        False where the worker holds it no longer: nothing was changed.
    """
    changed = connection.execute(
        update(jobs).where(_held(tenant, job_id, worker)).values(
            worker=None, lease_until=None, **values
        )
    )  # fmt: skip
    return changed.rowcount == 1


def cancel(connection: Connection, tenant: str, job_id: str, now: str) -> str | None:
    """Cancel a job that waits, or ask the worker of one that runs to stop.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant, job_id : str
        Whose, which.
    now : str
        The moment.

    Returns
    -------
    str or None
        ``cancelled`` or ``running``; None where it has ended already.
    """
    for state, values in (
        ("queued", {"state": "cancelled", "cancel_asked": True, "ended_at": now}),
        ("running", {"cancel_asked": True}),
    ):  # fmt: skip
        changed = connection.execute(
            update(jobs).where(_one(tenant, job_id), jobs.c.state == state).values(**values)
        )
        if changed.rowcount == 1:
            return "cancelled" if state == "queued" else state
    return None


def to_wake(connection: Connection, now: str, most: int = 500) -> Sequence[Any]:
    """Return jobs of all tenants that no worker has: they wait, or their lease has lapsed.

    Parameters
    ----------
    connection : Connection
        Where to look.
    now : str
        The moment.
    most : int
        Most of them, the oldest first.

    Returns
    -------
    list of Row
        Tenant and id.
    """
    lost = _lost(now)
    query = (
        select(jobs.c.tenant, jobs.c.job_id)
        .where(or_(jobs.c.state == "queued", lost)).order_by(jobs.c.made_at).limit(most)
    )  # fmt: skip
    return connection.execute(query).all()


def ended_before(connection: Connection, moment: str) -> Sequence[Any]:
    """Return jobs of all tenants that ended before a moment: tenant and id.

    Parameters
    ----------
    connection : Connection
        Where to look.
    moment : str
        As `service.clock.stamp` writes it.

    Returns
    -------
    list of Row
        Tenant and id.
    """
    query = select(jobs.c.tenant, jobs.c.job_id).where(jobs.c.ended_at < moment)
    return connection.execute(query).all()


def used_since(connection: Connection, tenant: str, book_id: str, moment: str) -> bool:
    """Whether a job of a book waits, runs, or was made since a moment.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant, book_id : str
        Whose, which.
    moment : str
        As `service.clock.stamp` writes it.

    Returns
    -------
    bool
        True where one does or was.
    """
    query = select(jobs.c.job_id).where(
        jobs.c.tenant == tenant, jobs.c.book_id == book_id,
        or_(jobs.c.state.in_(ACTIVE), jobs.c.made_at >= moment),
    )  # fmt: skip
    return connection.execute(query.limit(1)).first() is not None


def digest_of_results(results: list[dict[str, Any]]) -> str:
    """Return one digest for all that a job left.

    Parameters
    ----------
    results : list of dict
        file, bytes, sha256.

    Returns
    -------
    str
        SHA-256 in hexadecimal over names and digests, in order.
    """
    lines = "".join(f"{one['sha256']}  {one['file']}\n" for one in results)
    return hashlib.sha256(lines.encode()).hexdigest()


def _lost(now: str) -> ColumnElement[bool]:
    """Running with a lease that has lapsed, or that ends so late that the clock stepped back."""
    late = stamp(datetime.fromisoformat(now) + LONGEST_LEASE)
    until = jobs.c.lease_until
    return and_(jobs.c.state == "running", or_(until < now, until > late))


def _one(tenant: str, job_id: str) -> ColumnElement[bool]:
    return and_(jobs.c.tenant == tenant, jobs.c.job_id == job_id)


def _held(tenant: str, job_id: str, worker: str) -> ColumnElement[bool]:
    return and_(_one(tenant, job_id), jobs.c.state == "running", jobs.c.worker == worker)
