"""Proof that a tenant's chain is whole, and that the tables say what the chain says.

Whoever can write to the database could cut entries off the end and leave a shorter chain that
is whole.  Only something kept elsewhere tells of that: an `Anchor`, printed and filed.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, select

from riskengine.errors import RiskEngineError
from riskengine.words import Text
from service.auth.sealing import Secrets
from service.store.checks import checks
from service.store.database import chain_key
from service.store.faults import Fault, Held
from service.store.ledger import FIRST, body_of, head, holds
from service.store.leftovers import orphans, without_chain
from service.store.pursued import jobs_astray
from service.store.referred import Referred
from service.store.standing import strays
from service.store.tables import ledger

PAGE = 1000
"""Entries that are held in memory at once."""
MOST_FAULTS = 1000
"""Faults that are told one by one."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """How far a chain had come; kept outside the database.

    Parameters
    ----------
    tenant : str
        Whose chain.
    position : int
        Position of its last entry.
    digest : str
        Digest of that entry.
    signature : str
        By which the service knows that it wrote the anchor.
    """

    tenant: str
    position: int
    digest: str
    signature: str

    def __str__(self) -> str:
        """Return it as it is printed."""
        return f"{self.tenant}:{self.position}:{self.digest}:{self.signature}"


@dataclass(slots=True)
class Verified:
    """What was found.

    Parameters
    ----------
    entries : int
        Entries that were read.
    position, digest : int, str
        Of the last one.
    found : int
        Faults in all.
    faults : list of Fault
        The first `MOST_FAULTS` of them.
    """

    entries: int = 0
    position: int = 0
    digest: str = FIRST
    found: int = 0
    faults: list[Fault] = field(default_factory=list)

    def tell(self, fault: Fault) -> None:
        """Add a fault."""
        self.found += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault)


def verify(
    connection: Connection, tenant: str, secrets: Secrets | None = None, at: Anchor | None = None
) -> Verified:  # fmt: skip
    """Read a chain from its first entry and hold the tables against it.

    Parameters
    ----------
    connection : Connection
        Where to read; memory does not grow with the chain.
    tenant : str
        Whose chain.
    secrets : Secrets or None
        With them, sealed personal cells are opened and held against their commitments.
    at : Anchor or None
        How far the chain is known to have come.

    Returns
    -------
    Verified
        Every kind of tampering is a fault: a changed, missing, swapped or added entry, a
        changed answer or listing, rows without an entry, keys, jobs, rules or names that are
        not what the chain says, and with an anchor also entries cut off the end.

    Raises
    ------
    RiskEngineError
        If the connection has no key of the chains.
    """
    found, referred, key = Verified(), Referred(tenant), chain_key(connection)
    latest, before = "", 0
    for rows in _pages(connection, tenant):
        held = []
        for row in rows:
            body = body_of(row)
            _check_link(row, holds(key, row, body), found, latest)
            latest = max(latest, row.made_at)
            if at is not None and row.position == at.position and row.digest != at.digest:
                found.tell(_fault(row.position, "anchor"))
            held.append(Held(row.position, row.kind, row.subject, _plain(body)))
            found.position, found.digest = row.position, row.digest
            found.entries += 1
        for fault in checks(connection, tenant, before, held, secrets):
            found.tell(fault)
        referred.note(held)
        before = found.position
    if at is not None and at.position > found.position:
        found.tell(_fault(found.position + 1, "tail"))
    for fault in _beside(connection, tenant, found, secrets, referred):
        found.tell(fault)
    return found


def _beside(
    connection: Connection, tenant: str, found: Verified, secrets: Secrets | None,
    referred: Referred,
) -> Iterator[Fault]:  # fmt: skip
    """What is wrong beside the entries one by one."""
    if not found.entries:
        yield from without_chain(connection, tenant)
        return
    yield from orphans(connection, tenant, found.position)
    yield from strays(connection, tenant, secrets)
    yield from jobs_astray(connection, tenant)
    yield from referred.faults(connection)


def _pages(connection: Connection, tenant: str) -> Iterator[list[Any]]:
    """Entries in order, page by page."""
    after = 0
    mine = select(ledger).where(ledger.c.tenant == tenant)
    query = mine.order_by(ledger.c.position).limit(PAGE)
    low = connection.execute(query.where(ledger.c.position <= 0)).all()
    if low:
        yield list(low)
    while rows := list(connection.execute(query.where(ledger.c.position > after)).all()):
        yield rows
        after = rows[-1].position


def _plain(body: bytes | None) -> dict[str, Any]:
    """What a body says; empty where it is damaged."""
    try:
        found = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _check_link(row: Any, good: bool, found: Verified, latest: str) -> None:
    """Hold an entry against the one before it."""
    if row.position != found.position + 1:
        found.tell(_fault(row.position, "gap"))
    if row.previous != found.digest:
        found.tell(_fault(row.position, "link"))
    if not good:
        found.tell(_fault(row.position, "entry"))
    if row.made_at < latest:
        found.tell(_fault(row.position, "moment"))


WORDS = {
    "gap": Text("编号不连续：有记录缺失或插入", "positions have a gap: entries are missing"),
    "link": Text("与前一条记录不相接", "does not follow the entry before it"),
    "entry": Text("记录被改动", "the entry was changed"),
    "moment": Text("时间早于前一条记录", "is earlier than the entry before it"),
    "anchor": Text("与锚点不符", "is not the entry of the anchor"),
    "tail": Text("锚点之前的记录已被截去", "entries that the anchor knows are gone"),
}


def _fault(position: int, kind: str) -> Fault:
    return Fault(position, kind, WORDS[kind])


def anchor(connection: Connection, tenant: str, secrets: Secrets) -> Anchor:
    """Return how far a chain has come, to be kept outside the database.

    Parameters
    ----------
    connection : Connection
        Where to read.
    tenant : str
        Whose chain.
    secrets : Secrets
        By which it is signed.

    Returns
    -------
    Anchor
        Signed.
    """
    position, digest = head(connection, tenant)
    return Anchor(tenant, position, digest, _signature(secrets, tenant, position, digest))


def read_anchor(written: str, secrets: Secrets) -> Anchor:
    """Read an anchor that was printed.

    Parameters
    ----------
    written : str
        As it was printed.
    secrets : Secrets
        By which it was signed.

    Returns
    -------
    Anchor
        The anchor.

    Raises
    ------
    RiskEngineError
        If this service did not write it.
    """
    tenant, _, rest = written.strip().partition(":")
    number, _, rest = rest.partition(":")
    digest, _, signature = rest.partition(":")
    position = int(number) if number.isdecimal() else -1
    if not hmac.compare_digest(signature, _signature(secrets, tenant, position, digest)):
        raise RiskEngineError(
            Text("锚点不是本服务签发的", "this service did not write that anchor"),
            Text("请原样给出 anchor 命令印出的一行", "give the line that anchor printed as it is"),
        )
    return Anchor(tenant, position, digest, signature)


def _signature(secrets: Secrets, tenant: str, position: int, digest: str) -> str:
    said = f"\0anchor\n{tenant}\n{position}\n{digest}".encode()  # no tenant begins with NUL
    return hmac.new(secrets.naming, said, hashlib.sha256).hexdigest()[:32]
