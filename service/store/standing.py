"""What stands now held against the chain: what is in force, holds, and keys that were ended."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, select

from service.store.packing import unpack
from service.store.tables import api_keys, ledger, personal, pointers


def strays(connection: Connection, tenant: str) -> Iterator[tuple[int, str, str]]:
    """Find what does not stand as the last entry about it says.

    Parameters
    ----------
    connection : Connection
        Where to read.
    tenant : str
        Whose.

    Yields
    ------
    tuple of (int, str, str)
        Position of that entry, 0 where there is none; kind of fault; what it is about.
    """
    yield from _pointers(connection, tenant)
    yield from _holds(connection, tenant)
    yield from _keys(connection, tenant)


def _entries(
    connection: Connection, tenant: str, kind: str
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Entries of a kind in order, with their bodies; damaged ones are told elsewhere."""
    query = (
        select(ledger.c.position, ledger.c.subject, ledger.c.body)
        .where(ledger.c.tenant == tenant, ledger.c.kind == kind)
        .order_by(ledger.c.position)
    )
    for row in connection.execute(query):
        try:
            body = orjson.loads(unpack(row.body))
        except (ValueError, TypeError):
            continue
        if isinstance(body, dict):
            yield row, body


def _pointers(connection: Connection, tenant: str) -> Iterator[tuple[int, str, str]]:
    """What is in force: rules that were taken out would loosen every later decision."""
    last = {
        (body.get("kind"), body.get("name")): (row.position, body.get("digest"))
        for row, body in _entries(connection, tenant, "pointer")
    }
    query = select(pointers).where(pointers.c.tenant == tenant)
    found = {(row.kind, row.name): row.digest for row in connection.execute(query)}
    for key in sorted({*last, *found}, key=str):
        position, digest = last.get(key, (0, None))
        if found.get(key) != digest:
            yield position, "pointer", str(key[1])


def _holds(connection: Connection, tenant: str) -> Iterator[tuple[int, str, str]]:
    """Legal holds."""
    last = {
        row.subject: (row.position, bool(body.get("held")))
        for row, body in _entries(connection, tenant, "hold")
    }
    query = select(personal.c.decision_id).where(
        personal.c.tenant == tenant, personal.c.held.is_(True)
    )
    held = set(connection.execute(query).scalars())
    for decision_id in sorted({*held, *last}):
        position, said = last.get(decision_id, (0, False))
        if (decision_id in held) != said:
            yield position, "hold", decision_id


def _keys(connection: Connection, tenant: str) -> Iterator[tuple[int, str, str]]:
    """Keys: what was revoked or given a last moment holds no longer, and no role grew."""
    query = select(api_keys).where(api_keys.c.tenant == tenant)
    rows = {row.key_id: row for row in connection.execute(query)}
    for entry, body in _entries(connection, tenant, "key"):
        row = rows.get(entry.subject)
        if row is None or not _stands(row, body):
            yield entry.position, "key", entry.subject


def _stands(row: Any, body: Mapping[str, Any]) -> bool:
    """Whether a key is as the chain says of it."""
    match body.get("event"):
        case "revoked":
            return bool(row.revoked_at is not None)
        case "replaced":
            return bool(row.expires_at <= body["until"])
        case "made":
            return bool(row.role == body["role"] and row.replaces == body["replaces"])
    return True
