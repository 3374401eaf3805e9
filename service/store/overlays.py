"""An institution's own rules 机构规则 as the store keeps them: content by digest, one in force."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from service.store import artifacts
from service.store.tables import pointers

KIND, NAME = "overlay", "rules"
"""Where an institution's rules stand among its artifacts and pointers."""


def in_force(connection: Connection, tenant: str) -> artifacts.Pointer:
    """Return which rules of a tenant are in force.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.

    Returns
    -------
    Pointer
        Its digest is empty where the law alone holds.
    """
    return artifacts.pointer(connection, tenant, KIND, NAME)


def digests_in_force(connection: Connection, tenants: Collection[str]) -> dict[str, str]:
    """Return which rules of some tenants are in force.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenants : collection of str
        Whose.

    Returns
    -------
    dict of str to str
        Digest by tenant; empty for the law alone.
    """
    query = select(pointers.c.tenant, pointers.c.digest).where(
        pointers.c.tenant.in_(tenants), pointers.c.kind == KIND, pointers.c.name == NAME
    )
    found = {row.tenant: row.digest for row in connection.execute(query)}
    return {tenant: found.get(tenant, "") for tenant in tenants}


def files_of(connection: Connection, tenant: str, digest: str) -> dict[str, bytes] | None:
    """Return the files of rules that are or were in force.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.
    digest : str
        Which; empty for the law alone.

    Returns
    -------
    dict of str to bytes or None
        TOML by file name, empty for the law alone; None if they are not there, or damaged.
    """
    if not digest:
        return {}
    content = artifacts.get(connection, tenant, digest)
    return None if content is None else artifacts.unpack(content)
