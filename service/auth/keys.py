"""API keys: made once, shown once, stored as a keyed hash.

The hash covers whose key it is and its role too: a row that is copied under another institution
or given another role opens nothing.
"""

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from service.auth.caller import SCOPES, Caller, Role, Scope
from service.auth.sealing import Secrets
from service.clock import stamp
from service.store.tables import api_keys, tenants

PREFIX = "rk"
SHAPE = re.compile(r"rk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})", re.ASCII)
"""What a key looks like: prefix, id, secret."""
NEVER = "0" * 64
"""Digest of no secret, compared with where there is no key: the work is the same."""


@dataclass(frozen=True, slots=True)
class Held:
    """A key that holds.

    Parameters
    ----------
    digest : str
        Keyed hash of its secret part and of what it is.
    tenant : str
        Institution, as it is stored.
    caller : Caller
        Whose it is.
    expires_at, last_used_at : str
        Moments; ``last_used_at`` is empty before its first use.
    """

    digest: str
    tenant: str
    caller: Caller
    expires_at: str
    last_used_at: str


def make_key(
    connection: Connection, pepper: bytes, tenant: str, role: Role, title: str, now: datetime,
    days: int = 365, requests_per_minute: int = 60_000, replaces: str | None = None,
    items_per_minute: int | None = None, scopes: Iterable[Scope] | None = None,
    holder: str | None = None,
) -> str:  # fmt: skip
    """Make a key without an entry in the chain: `service.auth.keybook.issue` makes one too.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    pepper : bytes
        Secret with which keys are hashed.
    tenant : str
        Institution; there must be one of this name.
    role : Role
        What the key is for.
    title : str
        What people call it.
    now : datetime.datetime
        The moment.
    days : int
        Days until it lapses [day], >= 1.
    requests_per_minute : int
        Limit of requests [1/minute].
    replaces : str or None
        Key that it takes over from.
    items_per_minute : int or None
        Limit of items of batches [1/minute]; as of requests when None.
    scopes : iterable of Scope or None
        Scopes to which the role is narrowed; all of the role when None.
    holder : str or None
        The institution's own code of the person or system that holds it.

    Returns
    -------
    str
        The key; it is never shown again.
    """
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    digest = hashed(pepper, secret, key_id, tenant, role)
    connection.execute(insert(api_keys).values(
        key_id=key_id, tenant=tenant, role=role.value, digest=digest, title=title,
        made_at=stamp(now), expires_at=stamp(now + timedelta(days=days)), replaces=replaces,
        requests_per_minute=requests_per_minute, items_per_minute=items_per_minute,
        scopes=None if scopes is None else ",".join(sorted(scopes)), holder=holder,
    ))  # fmt: skip
    return f"{PREFIX}_{key_id}_{secret}"


def hashed(pepper: bytes, secret: str, key_id: str, tenant: str, role: Role) -> str:
    """Return the keyed hash of a key's secret part and of what the key is.

    Parameters
    ----------
    pepper : bytes
        Secret of the service.
    secret : str
        Secret part, 32 random bytes: a slow hash would add nothing.
    key_id, tenant : str
        Its id, and its institution as it is stored.
    role : Role
        What it is for.

    Returns
    -------
    str
        HMAC-SHA-256 in hexadecimal.
    """
    said = "\n".join((key_id, role.value, secret, tenant))  # only a tenant may hold anything
    return hmac.digest(pepper, said.encode(), "sha256").hex()


def opens(pepper: bytes, key_id: str, secret: str, held: Held | None) -> bool:
    """Whether a secret part is that of a key; the work is the same where there is no key.

    Parameters
    ----------
    pepper : bytes
        Secret of the service.
    key_id, secret : str
        Parts of the key as it was sent.
    held : Held or None
        The key of this id, where one holds.

    Returns
    -------
    bool
        False without a key, too.
    """
    tenant, role = (held.tenant, held.caller.role) if held else ("", Role.OPERATOR)
    known = held.digest if held else NEVER
    same = hmac.compare_digest(known, hashed(pepper, secret, key_id, tenant, role))
    return held is not None and same


def chained(row: Any, secrets: Secrets | None) -> dict[str, Any]:
    """Return what the chain says of a key when it is made.

    Parameters
    ----------
    row : Row
        Columns of ``api_keys``.
    secrets : Secrets or None
        For naming its holder: the chain holds no code of a person.  Without them none is named.

    Returns
    -------
    dict
        Role, scopes as they are narrowed or of the role, limits [1/minute], moments, holder.
    """
    holder = secrets.holder_name(row.tenant, row.holder) if secrets and row.holder else None
    scopes = SCOPES[Role(row.role)] if row.scopes is None else scopes_in(row.scopes)
    return {
        "role": row.role, "scopes": sorted(scopes), "narrowed": row.scopes is not None,
        "replaces": row.replaces, "made_at": row.made_at, "expires_at": row.expires_at,
        "requests_per_minute": row.requests_per_minute, "items_per_minute": row.items_per_minute,
        "holder": holder,
    }  # fmt: skip


def parts_of(key: str) -> tuple[str, str]:
    """Return id and secret of a key.

    Parameters
    ----------
    key : str
        As it was sent.

    Returns
    -------
    tuple of str
        Two empty texts for what is no key.
    """
    found = SHAPE.fullmatch(key)
    return (found[1], found[2]) if found else ("", "")


def held_of(connection: Connection, key_id: str, now: datetime) -> Held | None:
    """Return the key of an id, or None for one that is unknown, lapsed or revoked.

    Parameters
    ----------
    connection : Connection
        Where keys are.
    key_id : str
        Its id.
    now : datetime.datetime
        The moment.

    Returns
    -------
    Held or None
        What callers are checked against.
    """
    row = connection.execute(select(api_keys).where(api_keys.c.key_id == key_id)).first()
    if row is None or row.revoked_at is not None or row.expires_at <= stamp(now):
        return None
    role = Role(row.role)
    tenant = "" if role is Role.OPERATOR else row.tenant
    scopes = SCOPES[role]
    if row.scopes is not None:
        scopes &= scopes_in(row.scopes)
    items = row.items_per_minute or row.requests_per_minute
    who = Caller(tenant, key_id, role, scopes, row.requests_per_minute, items)
    return Held(row.digest, row.tenant, who, row.expires_at, row.last_used_at or "")


def scopes_in(listed: str) -> frozenset[Scope]:
    """Return scopes as the store lists them: names with commas between."""
    return frozenset(Scope(name) for name in listed.split(",") if name)


def caller_of(connection: Connection, pepper: bytes, key: str, now: datetime) -> Caller | None:
    """Return whose key it is, or None for one that is unknown, lapsed or revoked.

    Parameters
    ----------
    connection : Connection
        Where keys are.
    pepper : bytes
        Secret of the service.
    key : str
        As it was sent.
    now : datetime.datetime
        The moment.

    Returns
    -------
    Caller or None
        Who asks.
    """
    key_id, secret = parts_of(key)
    held = held_of(connection, key_id, now)
    return held.caller if held is not None and opens(pepper, key_id, secret, held) else None


def origin_of(connection: Connection, secrets: Secrets, tenant: str, key_id: str) -> str:
    """Return who acts with a key: its holder, or the first key that it took over from.

    Parameters
    ----------
    connection : Connection
        Where keys are.
    secrets : Secrets
        For naming holders.
    tenant : str
        Whose key.
    key_id : str
        Its id; the name of a token's holder or subject is its own origin.

    Returns
    -------
    str
        The same for all keys and tokens of one holder; where none was named, for all keys
        that took over from one another.
    """
    c, seen = api_keys.c, {key_id}
    while True:
        query = select(c.replaces, c.holder).where(c.tenant == tenant, c.key_id == key_id)
        row = connection.execute(query).first()
        if row is not None and row.holder:
            return secrets.holder_name(tenant, row.holder)
        before = row.replaces if row is not None else None
        if before is None or before in seen:
            return key_id
        seen.add(before)
        key_id = before


def make_tenant(connection: Connection, tenant: str, title: str, now: datetime) -> None:
    """Enter an institution.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant : str
        Short name.
    title : str
        What people call it.
    now : datetime.datetime
        The moment.
    """
    connection.execute(insert(tenants).values(tenant=tenant, title=title, made_at=stamp(now)))
