"""Rows that nothing in the chain accounts for: of what was cut off, or of whole tenants."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select, union

from service.store.artifacts import SHARED
from service.store.faults import Fault, fault
from service.store.tables import (
    artifacts,
    decisions,
    metadata,
    personal,
    replies,
    reviews,
    shadow_scores,
)

OWNED = tuple(table for table in metadata.sorted_tables if "tenant" in table.c)
"""Tables whose rows are a tenant's."""


def every_tenant(connection: Connection) -> list[str]:
    """Return every tenant of which any table holds a row, whether it has a chain or not.

    Parameters
    ----------
    connection : Connection
        Where to look.

    Returns
    -------
    list of str
        Sorted; the operators' institution is the empty one.
    """
    names = union(*(select(table.c.tenant).where(*_own(table.name)) for table in OWNED))
    return sorted(connection.execute(names).scalars())


def _own(table: str) -> tuple[ColumnElement[bool], ...]:
    """What keeps rows out that all tenants share."""
    return (artifacts.c.tenant != SHARED,) if table == artifacts.name else ()


def without_chain(connection: Connection, tenant: str) -> Iterator[Fault]:
    """Find the tables that hold rows of a tenant whose chain is empty.

    Parameters
    ----------
    connection : Connection
        Where to read.
    tenant : str
        Whose.

    Yields
    ------
    Fault
        One a table, about its name.
    """
    for table in OWNED:
        query = select(func.count()).where(table.c.tenant == tenant, *_own(table.name))
        if connection.execute(query.select_from(table)).scalar_one():
            yield fault(0, "no_chain", table.name)


def orphans(connection: Connection, tenant: str, last: int) -> Iterator[Fault]:
    """Find decisions and reviews outside the positions of a chain, and rows of no decision.

    Parameters
    ----------
    connection : Connection
        Where to read.
    tenant : str
        Whose.
    last : int
        Last position of the chain.

    Yields
    ------
    Fault
        One a row.
    """
    for table, name in ((decisions, "decision_id"), (reviews, "review_id")):
        query = select(table.c.position, table.c[name]).where(
            table.c.tenant == tenant, (table.c.position > last) | (table.c.position < 1)
        )
        for position, subject in connection.execute(query):
            yield fault(position, "no_entry", subject)
    for row in connection.execute(_of_no_decision(tenant)):
        yield fault(0, "no_decision", row.decision_id)


def _of_no_decision(tenant: str) -> Select[tuple[str]]:
    """Decisions that rows of a tenant speak of and that it has not."""
    parts = []
    for table in (personal, replies, reviews, shadow_scores):
        there = exists().where(
            decisions.c.tenant == tenant, decisions.c.decision_id == table.c.decision_id
        )
        parts.append(
            select(table.c.decision_id)
            .where(table.c.tenant == tenant, table.c.decision_id.is_not(None), ~there)
        )  # fmt: skip
    named = union(*parts).subquery()
    return select(named.c.decision_id).order_by(named.c.decision_id)
