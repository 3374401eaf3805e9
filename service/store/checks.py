"""Tables held against the chain: decisions, reviews and erasures have entries, and the reverse."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, select

from riskengine.words import Text
from service.auth.sealing import Secrets
from service.store.listing import listing
from service.store.packing import unpack
from service.store.reviews import reason_digest
from service.store.standing import strays
from service.store.tables import decisions, ledger, personal, reviews


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was written.

    Parameters
    ----------
    position : int
        Position in the chain; 0 where there is none.
    kind : str
        Kind of fault.
    said : Text
        What is wrong.
    subject : str
        Decision or review that it is about.
    """

    position: int
    kind: str
    said: Text
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """An entry of the chain, unpacked."""

    position: int
    kind: str
    subject: str
    body: dict[str, Any]


WORDS = {
    "no_decision": Text("决定表中缺少这一决定", "the decision is missing from its table"),
    "no_entry": Text("链上没有对应的记录", "has no entry in the chain"),
    "answer": Text("答复被改动", "the answer was changed"),
    "listing": Text("列表栏目与答复不符", "what is listed is not what was answered"),
    "no_personal": Text("缺少个人信息一行", "the row of personal cells is missing"),
    "personal": Text("个人信息被改动", "personal cells were changed"),
    "erased": Text("个人信息被删而无删除记录", "personal cells are gone without an erasure"),
    "no_review": Text("复核表中缺少这一复核", "the review is missing from its table"),
    "review": Text("复核被改动", "the review was changed"),
    "pointer": Text("现行内容与链上最后一次变更不符", "is not in force by the chain"),
    "hold": Text("法律保全与链上记录不符", "the legal hold is not what the chain says"),
    "key": Text("密钥与链上记录不符", "the key is not what the chain says of it"),
    "state": Text("状态与链上最后一次变更不符", "the state is not the last one of the chain"),
}


def checks(
    connection: Connection, tenant: str, before: int, entries: Sequence[Held],
    secrets: Secrets | None,
) -> Iterator[Fault]:  # fmt: skip
    """Hold the tables against consecutive entries.

    Parameters
    ----------
    connection : Connection
        Where to read.
    tenant : str
        Whose.
    before : int
        Position before the first of them.
    entries : sequence of Held
        The entries, a page.
    secrets : Secrets or None
        With which sealed cells are opened.

    Yields
    ------
    Fault
        What is wrong.
    """
    last = entries[-1].position
    lies = (decisions.c.tenant == tenant, decisions.c.position.between(before + 1, last))
    rows = {row.position: row for row in connection.execute(select(decisions).where(*lies))}
    query = (
        select(personal)
        .join(decisions, decisions.c.decision_id == personal.c.decision_id)
        .where(*lies)
    )
    sealed = {row.decision_id: row for row in connection.execute(query)}
    for entry in entries:
        match entry.kind:
            case "decision":
                row = rows.pop(entry.position, None)
                yield from _decision(entry, row)
                kept = sealed.get(entry.subject)
                yield from _personal(connection, tenant, entry, kept, secrets)
            case "case_state":
                yield from _case_state(connection, tenant, entry)
    for row in rows.values():
        yield _fault(row.position, "no_entry", row.decision_id)
    yield from _reviews(connection, tenant, before, entries)


def _decision(entry: Held, row: Any) -> Iterator[Fault]:
    """A decision, its listing and its answer."""
    if row is None or row.decision_id != entry.subject:
        yield _fault(entry.position, "no_decision", entry.subject)
        return
    try:
        answer = unpack(row.answer)
    except (ValueError, TypeError):
        answer = b""
    if hashlib.sha256(answer).hexdigest() != entry.body.get("answer_sha256"):
        yield _fault(entry.position, "answer", entry.subject)
        return
    told = listing(orjson.loads(answer))
    same = all(getattr(row, name) == cell for name, cell in told.items())
    if not same or row.made_at != entry.body.get("made_at"):
        yield _fault(entry.position, "listing", entry.subject)


def _personal(
    connection: Connection, tenant: str, entry: Held, row: Any, secrets: Secrets | None
) -> Iterator[Fault]:  # fmt: skip
    """Personal cells of a decision: there and unaltered, or erased with an entry."""
    if row is None:
        yield _fault(entry.position, "no_personal", entry.subject)
    elif row.sealed is None:
        if _latest(connection, tenant, entry.subject, "erasure") is None:
            yield _fault(entry.position, "erased", entry.subject)
    elif secrets is not None:
        held = secrets.open(row.sealed, entry.subject)
        digest = None if held is None else hashlib.sha256(held).hexdigest()
        if digest != entry.body.get("personal_commitment"):
            yield _fault(entry.position, "personal", entry.subject)


def _case_state(connection: Connection, tenant: str, entry: Held) -> Iterator[Fault]:
    """The state of a case is the last one that the chain tells."""
    latest = _latest(connection, tenant, entry.subject, "case_state")
    state = connection.execute(
        select(decisions.c.case_state).where(
            decisions.c.tenant == tenant, decisions.c.decision_id == entry.subject
        )
    ).scalar()
    if latest is not None and latest.position == entry.position and state != entry.body["state"]:
        yield _fault(entry.position, "state", entry.subject)


def _reviews(
    connection: Connection, tenant: str, before: int, entries: Sequence[Held]
) -> Iterator[Fault]:
    """Reviews of these positions."""
    query = select(reviews).where(
        reviews.c.tenant == tenant, reviews.c.position.between(before + 1, entries[-1].position)
    )
    rows = {row.position: row for row in connection.execute(query)}
    for entry in entries:
        if entry.kind != "review":
            continue
        row = rows.pop(entry.position, None)
        if row is None:
            yield _fault(entry.position, "no_review", entry.subject)
            continue
        said = entry.body
        same = (
            row.review_id == said.get("review_id") and row.decision_id == entry.subject
            and row.by == said.get("by") and row.verdict == said.get("verdict")
            and row.made_at == said.get("made_at")
        )  # fmt: skip
        if not same or not _reason_holds(connection, tenant, entry, row):
            yield _fault(entry.position, "review", row.review_id)
        if row.state != _state_of(connection, tenant, entry):
            yield _fault(entry.position, "state", row.review_id)
    for row in rows.values():
        yield _fault(row.position, "no_entry", row.review_id)


def _reason_holds(connection: Connection, tenant: str, entry: Held, row: Any) -> bool:
    """Whether the reviewer's words are those of the chain, or went with an erasure."""
    if reason_digest(row.review_id, row.reason) == entry.body.get("reason_sha256"):
        return True
    return row.reason == "" and _latest(connection, tenant, entry.subject, "erasure") is not None


def _state_of(connection: Connection, tenant: str, entry: Held) -> Any:
    """The state that a review has by the chain."""
    query = (
        select(ledger.c.body)
        .where(
            ledger.c.tenant == tenant, ledger.c.subject == entry.subject,
            ledger.c.kind == "review_state",
        )
        .order_by(ledger.c.position)
    )  # fmt: skip
    state = entry.body.get("state")
    for packed in connection.execute(query).scalars():
        said = _unpacked(packed)
        if said.get("review_id") == entry.body.get("review_id"):
            state = said.get("state")
    return state


def _unpacked(packed: bytes) -> dict[str, Any]:
    try:
        found: dict[str, Any] = orjson.loads(unpack(packed))
    except ValueError:  # told where the entry itself is checked
        return {}
    return found


def _latest(connection: Connection, tenant: str, subject: str, kind: str) -> Any:
    """The last entry of a kind about a subject."""
    return connection.execute(
        select(ledger.c.position)
        .where(ledger.c.tenant == tenant, ledger.c.subject == subject, ledger.c.kind == kind)
        .order_by(ledger.c.position.desc())
        .limit(1)
    ).first()


def orphans(connection: Connection, tenant: str, last: int) -> Iterator[Fault]:
    """Find decisions and reviews outside the positions of a chain, and what stands otherwise.

    Parameters
    ----------
    connection : Connection
        Where to read.
    tenant : str
        Whose.
    last : int
        Last position of the chain.

    Yields
    ------
    Fault
        One each.
    """
    for position, kind, subject in strays(connection, tenant):
        yield _fault(position, kind, subject)
    for table, name in ((decisions, "decision_id"), (reviews, "review_id")):
        query = select(table.c.position, table.c[name]).where(
            table.c.tenant == tenant, (table.c.position > last) | (table.c.position < 1)
        )
        for position, subject in connection.execute(query):
            yield _fault(position, "no_entry", subject)


def _fault(position: int, kind: str, subject: str) -> Fault:
    return Fault(position, kind, WORDS[kind], subject)
