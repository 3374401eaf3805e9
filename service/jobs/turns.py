"""Whose turn it is: tenants whose jobs wait are served one after the other, not first come.

A tenant's own jobs are run in the order in which they were asked for.
"""

from sqlalchemy import Connection, func, select

from service.store import jobs
from service.store.tables import jobs as table

ALL = 1 << 30


def next_turn(connection: Connection, now: str) -> tuple[str, str] | None:
    """Return the job whose turn it is.

    Parameters
    ----------
    connection : Connection
        Where to look.
    now : str
        The moment, as `service.clock.stamp` writes it.

    Returns
    -------
    tuple of (str, str) or None
        Tenant and id of the oldest job without a worker of the tenant of whom the fewest jobs
        run, and of several the one whose last job began longest ago; None if no job waits.

    Notes
    -----
    Two workers that look at the same moment may see the same turn: the one that comes second
    to `service.store.jobs.claim` takes up nothing, and looks again.
    """
    first: dict[str, str] = {}
    for row in jobs.to_wake(connection, now, ALL):
        first.setdefault(row.tenant, row.job_id)
    if not first:
        return None
    served = connection.execute(
        select(
            table.c.tenant, func.max(table.c.started_at),
            func.count().filter(table.c.state == "running", table.c.lease_until >= now),
        ).where(table.c.tenant.in_(first)).group_by(table.c.tenant)
    )  # fmt: skip
    order = {tenant: (running, last or "") for tenant, last, running in served}
    tenant = min(first, key=lambda name: order.get(name, (0, "")))
    return tenant, first[tenant]
