"""What stands now held against the chain: what is in force, holds, cases, keys and tenants."""

from collections.abc import Iterator
from typing import Any

import orjson
from sqlalchemy import Connection, exists, select

from service.auth.keys import chained
from service.auth.sealing import Secrets
from service.store.faults import Fault, fault
from service.store.packing import unpack
from service.store.tables import api_keys, decisions, ledger, personal, pointers, tenants


def strays(connection: Connection, tenant: str, secrets: Secrets | None) -> Iterator[Fault]:
    """Find what does not stand as the last entry about it says.

    Parameters
    ----------
    connection : Connection
        Where to read.
    tenant : str
        Whose.
    secrets : Secrets or None
        With which holders of keys are named; without them holders are not looked at.

    Yields
    ------
    Fault
        At the position of that entry, 0 where there is none.
    """
    yield from _pointers(connection, tenant)
    yield from _holds(connection, tenant)
    yield from _cases(connection, tenant)
    yield from _keys(connection, tenant, secrets)
    yield from _tenant(connection, tenant)


def entries_of(
    connection: Connection, tenant: str, kind: str
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Read entries of a kind in order, with their bodies; damaged ones are told elsewhere.

    Parameters
    ----------
    connection : Connection
        Where to read.
    tenant : str
        Whose.
    kind : str
        Which kind.

    Yields
    ------
    row : Row
        Position and subject.
    body : dict
        What it says.
    """
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


def _pointers(connection: Connection, tenant: str) -> Iterator[Fault]:
    """What is in force: rules that were taken out would loosen every later decision."""
    cells = ("digest", "generation", "changed_at", "by")
    last = {
        (body.get("kind"), body.get("name")): (row.position, [body.get(one) for one in cells])
        for row, body in entries_of(connection, tenant, "pointer")
    }
    query = select(pointers).where(pointers.c.tenant == tenant)
    found = {
        (row.kind, row.name): [getattr(row, one) for one in cells]
        for row in connection.execute(query)
    }
    for key in sorted({*last, *found}, key=str):
        position, said = last.get(key, (0, None))
        if found.get(key) != said:
            yield fault(position, "pointer", str(key[1]))


def _holds(connection: Connection, tenant: str) -> Iterator[Fault]:
    """Legal holds."""
    last = {
        row.subject: (row.position, bool(body.get("held")))
        for row, body in entries_of(connection, tenant, "hold")
    }
    query = select(personal.c.decision_id).where(
        personal.c.tenant == tenant, personal.c.held.is_(True)
    )
    held = set(connection.execute(query).scalars())
    for decision_id in sorted({*held, *last}):
        position, said = last.get(decision_id, (0, False))
        if (decision_id in held) != said:
            yield fault(position, "hold", decision_id)


def _cases(connection: Connection, tenant: str) -> Iterator[Fault]:
    """Cases whose state nobody set; what an entry says is held against it with that entry."""
    c = decisions.c
    told = exists().where(
        ledger.c.tenant == tenant, ledger.c.subject == c.decision_id,
        ledger.c.kind == "case_state",
    )  # fmt: skip
    query = select(c.decision_id, c.position).where(
        c.tenant == tenant, c.case_state.is_not(None), ~told
    )
    for row in connection.execute(query):
        yield fault(row.position, "state", row.decision_id)


def _keys(connection: Connection, tenant: str, secrets: Secrets | None) -> Iterator[Fault]:
    """Keys: each was made as it stands, ends no later than is said, and none came back."""
    said: dict[str, tuple[int, dict[str, Any]]] = {}
    for row, body in entries_of(connection, tenant, "key"):
        before = said.get(row.subject, (0, {}))[1]
        match body.get("event"):
            case "made":
                now = {**body, "revoked": False}
            case "replaced":
                now = {**before, "expires_at": body.get("until")}
            case "revoked":
                now = {**before, "revoked": True}
            case _:
                now = before
        said[row.subject] = (row.position, now)
    query = select(api_keys).where(api_keys.c.tenant == tenant)
    rows = {row.key_id: row for row in connection.execute(query)}
    for key_id in sorted({*said, *rows}):
        if key_id not in said:
            yield fault(0, "no_entry", key_id)
            continue
        position, told = said[key_id]
        if key_id not in rows or not _stands(rows[key_id], told, secrets):
            yield fault(position, "key", key_id)


def _stands(row: Any, told: dict[str, Any], secrets: Secrets | None) -> bool:
    """Whether a key is as the chain says of it."""
    try:
        found = chained(row, secrets)
    except ValueError:  # a role or scope that there is not
        return False
    if secrets is None:
        found.pop("holder")
    found["revoked"] = row.revoked_at is not None
    return all(name in told and told[name] == cell for name, cell in found.items())


def _tenant(connection: Connection, tenant: str) -> Iterator[Fault]:
    """The institution itself: entered with an entry, and still there."""
    entered = [
        row.position for row, body in entries_of(connection, tenant, "tenant")
        if row.subject == tenant[:40] and body.get("event") == "made" and "tenant" not in body
    ]  # fmt: skip
    query = select(tenants.c.tenant).where(tenants.c.tenant == tenant)
    there = connection.execute(query).first() is not None
    if there != bool(entered):
        yield fault(entered[-1] if entered else 0, "tenant", tenant)
