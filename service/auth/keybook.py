"""The life of keys and institutions; every event stands in the chain of the institution."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from riskengine.words import Text
from service.auth.caller import SCOPES, Role, Scope
from service.auth.keys import chained, make_key, make_tenant, parts_of, scopes_in
from service.auth.sealing import Secrets
from service.clock import stamp
from service.problems import Problem
from service.store import ledger
from service.store.tables import api_keys, tenants

MOST_KEYS = 1000
"""Keys of one institution that may hold at once."""
OPERATORS = ""
"""The institution of operators: it has keys and a chain, and no other data."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """What is shown of a key; never its digest.

    Parameters
    ----------
    key_id, title : str
        Its id, and what people call it.
    role : Role
        What it is for.
    scopes : tuple of Scope
        What it may do, sorted.
    state : {"active", "lapsed", "revoked"}
        Whether it holds.
    made_at, expires_at : str
        Moments.
    revoked_at, last_used_at, replaces : str or None
        When it was revoked and last used, to the minute; which key it took over from.
    requests_per_minute, items_per_minute : int
        Its limits [1/minute].
    holder : str or None
        The institution's own code of whoever holds it.
    """

    key_id: str
    title: str
    role: Role
    scopes: tuple[Scope, ...]
    state: str
    made_at: str
    expires_at: str
    revoked_at: str | None
    last_used_at: str | None
    replaces: str | None
    requests_per_minute: int
    items_per_minute: int
    holder: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """What key is to be made.

    Parameters
    ----------
    title : str
        What people call it.
    role : Role
        What it is for.
    days : int
        Until it lapses [day].
    scopes : frozenset of Scope or None
        To which its role is narrowed.
    requests_per_minute : int
        Limit of requests [1/minute].
    items_per_minute : int or None
        Limit of items [1/minute]; as of requests when None.
    holder : str or None
        The institution's own code of whoever holds it: keys of one holder are one person.
    """

    title: str
    role: Role
    days: int = 365
    scopes: frozenset[Scope] | None = None
    requests_per_minute: int = 60_000
    items_per_minute: int | None = None
    holder: str | None = None


def issue(
    connection: Connection, secrets: Secrets, tenant: str, order: Order, by: str, now: datetime,
    replaces: str | None = None,
) -> str:  # fmt: skip
    """Make a key and say so in the chain.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    secrets : Secrets
        With which keys are hashed and their holders named.
    tenant : str
        Institution; `OPERATORS` for a key of an operator.
    order : Order
        What key.
    by : str
        Key that asks, or ``command-line``.
    now : datetime.datetime
        The moment.
    replaces : str or None
        Key that it takes over from.

    Returns
    -------
    str
        The key; it is never shown again.

    Raises
    ------
    Problem
        404 without such an institution; 409 at `MOST_KEYS`; 422 for scopes that the role has
        not, or for a role that does not belong to the institution.
    """
    _check(connection, tenant, order, now)
    key = make_key(
        connection, secrets.pepper, tenant, order.role, order.title, now, order.days,
        order.requests_per_minute, replaces, order.items_per_minute, order.scopes,
        order.holder,
    )  # fmt: skip
    row = _row(connection, tenant, parts_of(key)[0])
    told = {"event": "made", "by": by, "days": order.days, **chained(row, secrets)}
    _tell(connection, tenant, "key", row.key_id, now, told)
    return key


def rotate(
    connection: Connection, secrets: Secrets, tenant: str, key_id: str, overlap: timedelta,
    days: int, by: str, now: datetime,
) -> tuple[str, str]:  # fmt: skip
    """Make a key in place of another, which holds for a while longer.

    Parameters
    ----------
    connection, secrets, tenant, by, now
        As of `issue`.
    key_id : str
        Key that is replaced.
    overlap : datetime.timedelta
        How long the old key still holds.
    days : int
        Until the new one lapses [day].

    Returns
    -------
    key : str
        The new key.
    lapses_at : str
        When the old one ends.

    Raises
    ------
    Problem
        404 for a key of another institution; 409 for one that holds no more.
    """
    old = _row(connection, tenant, key_id)
    if _state(old, now) != "active":
        raise Problem(
            409, "key-not-active", Text("此密钥已失效", "this key holds no more"),
            Text("请另建新的密钥", "make a new key"),
        )  # fmt: skip
    scopes = None if old.scopes is None else scopes_in(old.scopes)
    order = Order(
        old.title, Role(old.role), days, scopes, old.requests_per_minute, old.items_per_minute,
        old.holder,
    )  # fmt: skip
    key = issue(connection, secrets, tenant, order, by, now, key_id)
    ends = min(old.expires_at, stamp(now + overlap))
    _change(connection, tenant, key_id, expires_at=ends)
    _tell(connection, tenant, "key", key_id, now, {"event": "replaced", "by": by, "until": ends})
    return key, ends


def revoke(connection: Connection, tenant: str, key_id: str, by: str, now: datetime) -> None:
    """End a key at once; one that was revoked before stays as it is.

    Parameters
    ----------
    connection, tenant, key_id, by, now
        As of `rotate`.

    Raises
    ------
    Problem
        404 for a key of another institution.
    """
    if _row(connection, tenant, key_id).revoked_at is None:
        _change(connection, tenant, key_id, revoked_at=stamp(now))
        _tell(connection, tenant, "key", key_id, now, {"event": "revoked", "by": by})


def found(connection: Connection, tenant: str, key_id: str, now: datetime) -> KeyState:
    """Return what is shown of a key; 404 for one of another institution."""
    return _shown(_row(connection, tenant, key_id), now)


def listed(
    connection: Connection, tenant: str, now: datetime, after: str = "", most: int = 200
) -> list[KeyState]:
    """Return keys of an institution by id.

    Parameters
    ----------
    connection : Connection
        To read from.
    tenant : str
        Institution.
    now : datetime.datetime
        The moment.
    after : str
        Id after which to begin.
    most : int
        How many at most.

    Returns
    -------
    list of KeyState
        Revoked and lapsed ones too.
    """
    c = api_keys.c
    wanted = select(api_keys).where(c.tenant == tenant, c.key_id > after)
    rows = connection.execute(wanted.order_by(c.key_id).limit(most))
    return [_shown(row, now) for row in rows]


def enter_tenant(connection: Connection, tenant: str, title: str, by: str, now: datetime) -> None:
    """Enter an institution and say so in its chain and in the operators'.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant, title : str
        Short name, and what people call it.
    by : str
        Key that asks, or ``command-line``.
    now : datetime.datetime
        The moment.

    Raises
    ------
    Problem
        409 if there is one of this name.
    """
    if _is_there(connection, tenant):
        raise Problem(
            409, "tenant-exists", Text("已有此机构", "there is an institution of this name"),
            Text("请用别的名称", "choose another name"),
        )  # fmt: skip
    make_tenant(connection, tenant, title, now)
    _tell(connection, tenant, "tenant", tenant[:40], now, {"event": "made", "by": by})
    if tenant != OPERATORS:
        open_operators(connection, now)
        told = {"event": "made", "by": by, "tenant": tenant}
        _tell(connection, OPERATORS, "tenant", tenant[:40], now, told)


def open_operators(connection: Connection, now: datetime) -> None:
    """Enter the institution of operators where it is not yet there."""
    if not _is_there(connection, OPERATORS):
        enter_tenant(connection, OPERATORS, "operators 运维", "service", now)


def listed_tenants(
    connection: Connection, after: str = "", most: int = 200
) -> list[tuple[str, str, str]]:
    """Return name, title and moment of institutions, by name, without the operators'."""
    wanted = select(tenants).where(tenants.c.tenant > after).order_by(tenants.c.tenant)
    rows = connection.execute(wanted.limit(most))
    return [(row.tenant, row.title, row.made_at) for row in rows if row.tenant != OPERATORS]


def is_tenant(connection: Connection, tenant: str) -> bool:
    """Whether there is an institution of this name that has data."""
    return tenant != OPERATORS and _is_there(connection, tenant)


def _is_there(connection: Connection, tenant: str) -> bool:
    wanted = select(tenants.c.tenant).where(tenants.c.tenant == tenant)
    return connection.execute(wanted).first() is not None


def _check(connection: Connection, tenant: str, order: Order, now: datetime) -> None:
    """Refuse what `issue` refuses."""
    if not _is_there(connection, tenant):
        raise Problem(
            404, "no-tenant", Text("没有这个机构", "there is no such institution"),
            Text("请核对机构名称", "check the name of the institution"),
        )  # fmt: skip
    if (tenant == OPERATORS) != (order.role is Role.OPERATOR):
        raise Problem(
            422, "role-of-another", Text("此机构不设这种角色", "no role of this institution"),
            Text("运维角色只由运维授予", "operators are made by operators, on the command line"),
        )  # fmt: skip
    wrong: Iterable[Scope] = (order.scopes or frozenset()) - SCOPES[order.role]
    if wrong:
        raise Problem(
            422, "scopes-beyond-role", Text("权限超出角色", "scopes beyond those of the role"),
            Text(f"请去掉：{'、'.join(sorted(wrong))}", f"leave out: {', '.join(sorted(wrong))}"),
        )  # fmt: skip
    c = api_keys.c
    holding = select(func.count()).where(
        c.tenant == tenant, c.revoked_at.is_(None), c.expires_at > stamp(now)
    )
    if connection.execute(holding).scalar_one() >= MOST_KEYS:
        raise Problem(
            409, "too-many-keys", Text("有效密钥过多", "too many keys hold"),
            Text("请先撤销不用的密钥", "revoke keys that are not used"),
        )  # fmt: skip


def _row(connection: Connection, tenant: str, key_id: str) -> Any:
    c = api_keys.c
    wanted = select(api_keys).where(c.tenant == tenant, c.key_id == key_id)
    row = connection.execute(wanted).first()
    if row is None:
        raise Problem(
            404, "no-key", Text("没有这个密钥", "there is no such key"),
            Text("请核对密钥编号", "check the id of the key"),
        )  # fmt: skip
    return row


def _change(connection: Connection, tenant: str, key_id: str, **cells: str) -> None:
    c = api_keys.c
    place = update(api_keys).where(c.tenant == tenant, c.key_id == key_id)
    connection.execute(place.values(**cells))


def _tell(
    connection: Connection, tenant: str, kind: str, subject: str, now: datetime,
    told: dict[str, Any],
) -> None:  # fmt: skip
    ledger.append(connection, tenant, [ledger.Entry(kind, subject, stamp(now), told)])


def _state(row: Any, now: datetime) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "active" if row.expires_at > stamp(now) else "lapsed"


def _shown(row: Any, now: datetime) -> KeyState:
    role = Role(row.role)
    scopes = SCOPES[role]
    if row.scopes is not None:
        scopes &= scopes_in(row.scopes)
    return KeyState(
        row.key_id, row.title, role, tuple(sorted(scopes)), _state(row, now), row.made_at,
        row.expires_at, row.revoked_at, row.last_used_at, row.replaces, row.requests_per_minute,
        row.items_per_minute or row.requests_per_minute, row.holder,
    )  # fmt: skip
