"""Mappings of a tenant: kept by digest, put in force by name, used at the door."""

import json
from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import Connection, select

from riskengine.exchange.mapping import SHIPPED, CodeMapping, shipped, shipped_names
from riskengine.exchange.mapping_file import canonical, mapping_of, read_content
from riskengine.exchange.translate import incoming
from riskengine.words import Text
from service.observe.masking import masked
from service.problems import Problem
from service.refusals import absent
from service.state import State
from service.store import artifacts
from service.store.database import reading
from service.store.tables import pointers

KIND = "mapping"
"""What a mapping is among the artifacts of a tenant."""
MappingName = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$", examples=["agri_guarantee_new"])
]
LONGEST_CODE = 60
"""Characters of an unknown code that are told."""
NONE = Text("这个代码对照表", "such mapping")


def own_names(connection: Connection, tenant: str) -> list[str]:
    """Return the names of a tenant's mappings that are in force.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.

    Returns
    -------
    list of str
        Sorted.
    """
    query = select(pointers.c.name).where(
        pointers.c.tenant == tenant, pointers.c.kind == KIND, pointers.c.digest != ""
    )
    return sorted(connection.execute(query).scalars())


def content_in_force(connection: Connection, tenant: str, name: str) -> tuple[Any, str, bool]:
    """Return what a mapping holds.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.
    name : str
        Which; the shipped ones are everybody's.

    Returns
    -------
    object
        Plain data.
    str
        Its digest.
    bool
        Whether it came with the engine.

    Raises
    ------
    Problem
        404 where this tenant has none of that name.
    """
    if name in shipped_names():
        return read_content(SHIPPED / f"{name}.toml"), shipped(name).digest, True
    digest = artifacts.pointer(connection, tenant, KIND, name).digest
    held = artifacts.get(connection, tenant, digest) if digest else None
    if held is None:
        raise absent(NONE)
    return json.loads(held), digest, False


def mapping_named(state: State, tenant: str, name: str) -> CodeMapping:
    """Return a mapping, checked.

    Parameters
    ----------
    state : State
        The service.
    tenant : str
        Whose.
    name : str
        Which.

    Returns
    -------
    CodeMapping
        A shipped one, or the tenant's own that is in force.

    Raises
    ------
    Problem
        404 where this tenant has none of that name.
    """
    if name in shipped_names():
        return shipped(name)
    with reading(state.engine) as connection:
        content, _, _ = content_in_force(connection, tenant, name)
    return _built(canonical(content))


@lru_cache(maxsize=64)
def _built(content: bytes) -> CodeMapping:
    """A mapping from its canonical bytes."""
    return mapping_of(json.loads(content))


def put_in_force(
    connection: Connection, tenant: str, content: Any, expected: str, by: str, moment: str
) -> artifacts.Pointer:
    """Put a mapping in force that was checked.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant : str
        Whose.
    content : object
        Plain data with its ``name``.
    expected : str
        Digest that is believed to be in force; empty for nothing.
    by, moment : str
        Who changes it, and when.

    Returns
    -------
    Pointer
        As it stands now.

    Raises
    ------
    Problem
        409 for the name of a shipped mapping; 412 if another is in force.
    """
    name = content["name"]
    if name in shipped_names():
        raise Problem(
            409, "name-taken",
            Text("这个名称属于随引擎提供的对照表", "this name is that of a shipped mapping"),
            Text("请另取名称", "choose another name"),
        )  # fmt: skip
    digest = artifacts.put(connection, tenant, KIND, name, canonical(content), moment)
    return artifacts.point(connection, tenant, KIND, name, digest, expected, by, moment)


def _short(code: str) -> str:
    """A code as it is told; no institution has one as long as what may be sent."""
    return code if len(code) <= LONGEST_CODE else code[:LONGEST_CODE] + "…"


def read_by(mapping: CodeMapping, sent: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return an application in the engine's words, and what its answer says of the codes.

    Parameters
    ----------
    mapping : CodeMapping
        By which it is read.
    sent : dict
        The application as it came, not checked yet.

    Returns
    -------
    dict
        The application; cells whose code is not known are left out.
    dict
        ``mapping`` with its name, digest and every code that was not known.

    Raises
    ------
    PortfolioError
        If two fields would land in one cell.
    """
    found = incoming(mapping, sent, leave_out=True)
    unknown = [
        {**one.record(), "path": masked(one.path), "code": masked(_short(one.code))}
        for one in found.unknown
    ]  # an answer is kept for good: a code may be anything that was sent
    used = {"name": mapping.name, "digest": mapping.digest, "unknown_codes": unknown}
    return found.record, {"mapping": used}
