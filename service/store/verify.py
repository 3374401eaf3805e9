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
from service.store.checks import Fault, Held, checks, orphans
from service.store.ledger import FIRST, digest_of, head
from service.store.packing import unpack
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
        changed answer or listing, a decision or review without an entry, and with an anchor
        also entries cut off the end.
    """
    found = Verified()
    latest, before = "", 0
    for rows in _pages(connection, tenant):
        held = []
        for row in rows:
            body = _body(row)
            _check_link(row, body, found, latest)
            latest = max(latest, row.made_at)
            if at is not None and row.position == at.position and row.digest != at.digest:
                found.tell(_fault(row.position, "anchor"))
            held.append(Held(row.position, row.kind, row.subject, _plain(body)))
            found.position, found.digest = row.position, row.digest
            found.entries += 1
        for fault in checks(connection, tenant, before, held, secrets):
            found.tell(fault)
        before = found.position
    if at is not None and at.position > found.position:
        found.tell(_fault(found.position + 1, "tail"))
    for fault in orphans(connection, tenant, before):
        found.tell(fault)
    return found


def _pages(connection: Connection, tenant: str) -> Iterator[list[Any]]:
    """Entries in order, page by page."""
    after = 0
    query = select(
        ledger.c.position, ledger.c.kind, ledger.c.subject, ledger.c.made_at, ledger.c.body,
        ledger.c.previous, ledger.c.digest,
    ).where(ledger.c.tenant == tenant).order_by(ledger.c.position).limit(PAGE)  # fmt: skip
    low = connection.execute(query.where(ledger.c.position <= 0)).all()
    if low:
        yield list(low)
    while rows := list(connection.execute(query.where(ledger.c.position > after)).all()):
        yield rows
        after = rows[-1].position


def _body(row: Any) -> bytes | None:
    """Body of an entry, unpacked; None where it cannot be."""
    try:
        return unpack(row.body)
    except (ValueError, TypeError):
        return None


def _plain(body: bytes | None) -> dict[str, Any]:
    try:
        found = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _check_link(row: Any, body: bytes | None, found: Verified, latest: str) -> None:
    """Hold an entry against the one before it."""
    if row.position != found.position + 1:
        found.tell(_fault(row.position, "gap"))
    if row.previous != found.digest:
        found.tell(_fault(row.position, "link"))
    expected = digest_of(row.previous, row.kind, row.subject, row.made_at, body or b"")
    if body is None or row.digest != expected:
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
