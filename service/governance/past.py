"""What happened before: applications as they were sent, and entries of the chain."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, select

from service.auth.sealing import Secrets
from service.scoring.personal import join
from service.store.decisions import Decision, Filters, find, page, sealed_of
from service.store.packing import unpack
from service.store.pages import MOST
from service.store.tables import ledger

CHUNK = 500
"""Most subjects that one query names."""


def whole(connection: Connection, secrets: Secrets, decision: Decision) -> dict[str, Any]:
    """Return the application of a decision, its personal cells put back where they are kept.

    Parameters
    ----------
    connection : Connection
        Where to look.
    secrets : Secrets
        Keys of the service.
    decision : Decision
        The decision.

    Returns
    -------
    dict
        As it was sent; without personal cells once they were erased.
    """
    kept: dict[str, Any] = decision.entry["application"]
    decision_id = decision.row["decision_id"]
    sealed, _ = sealed_of(connection, decision.row["tenant"], decision_id)
    held = secrets.open(sealed, decision_id) if sealed else None
    return join(kept, held) if held else kept


def last_applications(
    connection: Connection, secrets: Secrets, tenant: str, most: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the last applications of a tenant, the newest first.

    Parameters
    ----------
    connection : Connection
        Where to look.
    secrets : Secrets
        Keys of the service.
    tenant : str
        Whose.
    most : int
        Most applications, >= 1.

    Yields
    ------
    tuple of (str, dict)
        Decision and application.
    """
    cursor = None
    while most > 0:
        found = page(connection, tenant, Filters(), cursor, min(most, MOST))
        for row in found.rows:
            decision = find(connection, tenant, row["decision_id"])
            if decision is not None:
                yield row["decision_id"], whole(connection, secrets, decision)
        most, cursor = most - len(found.rows), found.cursor
        if cursor is None:
            return


def entries(
    connection: Connection, tenant: str, kind: str, subjects: Sequence[str]
) -> list[dict[str, Any]]:
    """Return entries of the chain of one kind about some subjects, in order.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.
    kind : str
        Kind of entry.
    subjects : sequence of str
        Such as ids of decisions.

    Returns
    -------
    list of dict
        The body's own keys, and ``position``, ``subject``, ``chained_at`` and
        ``entry_digest`` of the entry.
    """
    found: list[dict[str, Any]] = []
    for start in range(0, len(subjects), CHUNK):
        rows = connection.execute(
            select(ledger)
            .where(
                ledger.c.tenant == tenant, ledger.c.kind == kind,
                ledger.c.subject.in_(subjects[start : start + CHUNK]),
            )
        )  # fmt: skip
        found += [
            {
                **unpacked(row.body), "position": row.position, "subject": row.subject,
                "chained_at": row.made_at, "entry_digest": row.digest,
            }
            for row in rows
        ]  # fmt: skip
    return sorted(found, key=lambda one: int(one["position"]))


def unpacked(body: bytes) -> dict[str, Any]:
    """Return the body of an entry of the chain as plain data.

    Parameters
    ----------
    body : bytes
        As the ledger holds it.

    Returns
    -------
    dict
        Plain data.
    """
    found: dict[str, Any] = orjson.loads(unpack(body))
    return found
