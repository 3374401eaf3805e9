"""The chain of a tenant: entries that are only ever added, each sealed by the digest before.

The digest is keyed: whoever can write the database and has not the secret of the service can
neither change an entry nor write a chain anew.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, select, text

from service.store.database import add, chain_key
from service.store.packing import pack, unpack
from service.store.tables import ledger

FIRST = "0" * 64
"""What stands before the first entry."""
LOOKED_AT = 3
"""Entries by which `fits` knows the key."""
LAST = (
    select(ledger.c.position, ledger.c.digest, ledger.c.made_at)
    .where(ledger.c.tenant == bindparam("tenant"))
    .order_by(ledger.c.position.desc())
    .limit(1)
)
"""The last entry of a tenant."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened.

    Parameters
    ----------
    kind : str
        ``decision``, ``review``, ``erasure``, ``rule_change``, ``key``...
    subject : str
        What it happened to, such as a decision's id.
    made_at : str
        Moment, as `service.clock.stamp` writes it.
    body : mapping
        Plain data, without anything personal.
    """

    kind: str
    subject: str
    made_at: str
    body: dict[str, Any]


def canonical(body: dict[str, Any]) -> bytes:
    """Return plain data as the chain digests it.

    Parameters
    ----------
    body : dict
        Plain data.

    Returns
    -------
    bytes
        JSON in UTF-8, keys sorted, no blanks.
    """
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


@dataclass(frozen=True, slots=True)
class Packed:
    """An entry made ready before a transaction begins: its body canonical, and packed.

    Parameters
    ----------
    kind, subject, made_at : str
        As of `Entry`.
    body, packed : bytes
        Canonical, and packed.
    """

    kind: str
    subject: str
    made_at: str
    body: bytes
    packed: bytes


def packed(entry: Entry) -> Packed:
    """Make an entry ready.

    Parameters
    ----------
    entry : Entry
        The entry.

    Returns
    -------
    Packed
        As `append` takes it too.
    """
    body = canonical(entry.body)
    return Packed(entry.kind, entry.subject, entry.made_at, body, pack(body))


def digest_of(
    key: bytes, tenant: str, position: int, previous: str, kind: str, subject: str, made_at: str,
    body: bytes,
) -> str:  # fmt: skip
    """Return the digest of an entry.

    Parameters
    ----------
    key : bytes
        Of `service.store.database.chain_key`.
    tenant : str
        Whose chain.
    position : int
        From 1.
    previous : str
        Digest of the entry before; `FIRST` for the first.
    kind, subject, made_at : str
        As the entry has them.
    body : bytes
        Canonical.

    Returns
    -------
    str
        Keyed BLAKE2b (RFC 7693), 32 bytes in hexadecimal, over one line of JSON, which holds no
        other line feed, and the body behind it: no two entries have the same bytes.
    """
    said = orjson.dumps([tenant, position, previous, kind, subject, made_at]) + b"\n" + body
    return hashlib.blake2b(said, key=key, digest_size=32).hexdigest()


def append(
    connection: Connection, tenant: str, entries: Sequence[Entry | Packed]
) -> list[int]:  # fmt: skip
    """Add entries at the end of a tenant's chain.

    Moments never fall along a chain: where the clock stepped back, an entry takes the
    moment of the one before; when a thing was made stands in its body.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes (`service.store.database.writing`).
    tenant : str
        Whose chain.
    entries : sequence of Entry or Packed
        In order.

    Returns
    -------
    list of int
        Their positions, from 1.

    Raises
    ------
    RiskEngineError
        If the connection has no key of the chains.
    """
    if not entries:
        return []
    key = chain_key(connection)
    alone(connection, tenant)
    position, previous, latest = _last(connection, tenant)
    rows = []
    for given in entries:
        entry = given if isinstance(given, Packed) else packed(given)
        latest = max(latest, entry.made_at)
        position += 1
        digest = digest_of(
            key, tenant, position, previous, entry.kind, entry.subject, latest, entry.body
        )
        rows.append({
            "tenant": tenant, "position": position, "kind": entry.kind, "subject": entry.subject,
            "made_at": latest, "body": entry.packed, "previous": previous, "digest": digest,
        })  # fmt: skip
        previous = digest
    add(connection, ledger, rows)
    first = position - len(rows) + 1
    return list(range(first, position + 1))


def alone(connection: Connection, tenant: str) -> None:
    """Wait until no other transaction writes for a tenant; lasts until this one ends.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes; SQLite's writer is alone already.
    tenant : str
        Whose.
    """
    if connection.dialect.name == "postgresql":
        key = int.from_bytes(hashlib.sha256(tenant.encode()).digest()[:8], signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def head(connection: Connection, tenant: str) -> tuple[int, str]:
    """Return position and digest of the last entry of a tenant.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose chain.

    Returns
    -------
    tuple of (int, str)
        0 and `FIRST` for an empty chain.
    """
    position, digest, _ = _last(connection, tenant)
    return position, digest


def _last(connection: Connection, tenant: str) -> tuple[int, str, str]:
    """Position, digest and moment of the last entry."""
    last = connection.execute(LAST, {"tenant": tenant}).first()
    return (last.position, last.digest, last.made_at) if last else (0, FIRST, "")


def fits(connection: Connection) -> bool:
    """Whether the chains are digested by the key of a connection, as far as a few entries tell.

    Parameters
    ----------
    connection : Connection
        Where to look.

    Returns
    -------
    bool
        True for a database without entries, and while any of the first few holds.
    """
    key, first = chain_key(connection), select(ledger).order_by(ledger.c.tenant, ledger.c.position)
    rows = connection.execute(first.limit(LOOKED_AT)).all()
    return not rows or any(holds(key, row, body_of(row)) for row in rows)


def body_of(row: Any) -> bytes | None:
    """Return the body of an entry, unpacked; None where it cannot be."""
    try:
        return unpack(row.body)
    except (ValueError, TypeError):
        return None


def holds(key: bytes, row: Any, body: bytes | None) -> bool:
    """Whether an entry is as it was written.

    Parameters
    ----------
    key : bytes
        Of `service.store.database.chain_key`.
    row : Row
        Columns of ``ledger``.
    body : bytes or None
        As `body_of` returned it.

    Returns
    -------
    bool
        False where its digest is another, or its body cannot be unpacked.
    """
    if body is None:
        return False
    said = (row.tenant, row.position, row.previous, row.kind, row.subject, row.made_at)
    return bool(digest_of(key, *said, body) == row.digest)


def tenants(connection: Connection) -> list[str]:
    """Return every tenant that has a chain.

    Parameters
    ----------
    connection : Connection
        Where to look.

    Returns
    -------
    list of str
        Sorted.
    """
    first = select(ledger.c.tenant).distinct()
    return sorted(connection.execute(first).scalars())
