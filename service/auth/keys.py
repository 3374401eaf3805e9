"""API keys: made once, shown once, stored as a keyed hash."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from service.auth.caller import SCOPES, Caller, Role
from service.clock import stamp
from service.store.tables import api_keys, tenants

PREFIX = "rk"


def make_key(
    connection: Connection, pepper: bytes, tenant: str, role: Role, title: str, now: datetime,
    days: int = 365, requests_per_minute: int = 60_000, replaces: str | None = None,
) -> str:  # fmt: skip
    """Make a key.

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
        Limit [1/minute].
    replaces : str or None
        Key that it takes over from.

    Returns
    -------
    str
        The key; it is never shown again.
    """
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    connection.execute(insert(api_keys).values(
        key_id=key_id, tenant=tenant, role=role.value, digest=hashed(pepper, secret), title=title,
        made_at=stamp(now), expires_at=stamp(now + timedelta(days=days)), replaces=replaces,
        requests_per_minute=requests_per_minute,
    ))  # fmt: skip
    return f"{PREFIX}_{key_id}_{secret}"


def hashed(pepper: bytes, secret: str) -> str:
    """Return the keyed hash of a key's secret part.

    Parameters
    ----------
    pepper : bytes
        Secret of the service.
    secret : str
        Secret part, 32 random bytes: a slow hash would add nothing.

    Returns
    -------
    str
        HMAC-SHA-256 in hexadecimal.
    """
    return hmac.new(pepper, secret.encode(), hashlib.sha256).hexdigest()


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
    prefix, _, rest = key.partition("_")
    key_id, _, secret = rest.partition("_")
    row = connection.execute(select(api_keys).where(api_keys.c.key_id == key_id)).first()
    known = row.digest if row else ""
    if not hmac.compare_digest(known, hashed(pepper, secret)) or prefix != PREFIX or row is None:
        return None
    if row.revoked_at is not None or row.expires_at <= stamp(now):
        return None
    role = Role(row.role)
    tenant = "" if role is Role.OPERATOR else row.tenant
    return Caller(tenant, key_id, role, SCOPES[role], row.requests_per_minute)


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
