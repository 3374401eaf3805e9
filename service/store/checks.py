"""Decisions, personal cells and reviews held against the entries of a page of the chain."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, select

from service.auth.sealing import Secrets
from service.store.faults import Fault, Held, fault
from service.store.listing import listing
from service.store.named import persons_beside, persons_of
from service.store.packing import unpack
from service.store.reviews import reason_digest
from service.store.tables import decisions, ledger, personal, reviews


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
    gone, beside = _erased(connection, tenant, before, last), persons_beside(connection, lies)
    for entry in entries:
        match entry.kind:
            case "decision":
                row = rows.pop(entry.position, None)
                yield from _decision(entry, row)
                kept = sealed.get(entry.subject)
                if kept is None:
                    yield fault(entry.position, "no_personal", entry.subject)
                else:
                    yield from _personal(tenant, entry, kept, entry.subject in gone, secrets)
                    listed = None if row is None else row.borrower
                    seen = frozenset(beside.get(entry.subject, ()))
                    yield from persons_of(tenant, entry, kept, (listed, seen), secrets)
            case "case_state":
                yield from _case_state(connection, tenant, entry)
    for row in rows.values():
        yield fault(row.position, "no_entry", row.decision_id)
    yield from _reviews(connection, tenant, before, entries)


def _erased(connection: Connection, tenant: str, before: int, last: int) -> set[str]:
    """Decisions of some positions about which an erasure is entered."""
    made, erasure = ledger.alias(), ledger.alias()
    query = (
        select(erasure.c.subject)
        .join(made, (made.c.tenant == tenant) & (made.c.subject == erasure.c.subject))
        .where(
            erasure.c.tenant == tenant, erasure.c.kind == "erasure", made.c.kind == "decision",
            made.c.position.between(before + 1, last),
        )
    )  # fmt: skip
    return set(connection.execute(query).scalars())


def _decision(entry: Held, row: Any) -> Iterator[Fault]:
    """A decision, its listing and its answer."""
    if row is None or row.decision_id != entry.subject:
        yield fault(entry.position, "no_decision", entry.subject)
        return
    try:
        answer = unpack(row.answer)
    except (ValueError, TypeError):
        answer = b""
    if hashlib.sha256(answer).hexdigest() != entry.body.get("answer_sha256"):
        yield fault(entry.position, "answer", entry.subject)
        return
    told = listing(orjson.loads(answer))
    same = all(getattr(row, name) == cell for name, cell in told.items())
    if not same or row.made_at != entry.body.get("made_at"):
        yield fault(entry.position, "listing", entry.subject)


def _personal(
    tenant: str, entry: Held, row: Any, gone: bool, secrets: Secrets | None
) -> Iterator[Fault]:  # fmt: skip
    """Personal cells of a decision: there and unaltered, or erased with an entry."""
    if row.tenant != tenant:
        yield fault(entry.position, "moved", entry.subject)
    if row.sealed is not None and gone:
        yield fault(entry.position, "restored", entry.subject)
    elif (row.sealed is None or row.erased_at is not None) and not gone:
        yield fault(entry.position, "erased", entry.subject)
    elif gone and row.erased_at is None:
        yield fault(entry.position, "restored", entry.subject)
    if row.sealed is not None and secrets is not None:
        held = secrets.open(row.sealed, entry.subject)
        digest = None if held is None else hashlib.sha256(held).hexdigest()
        if digest != entry.body.get("personal_commitment"):
            yield fault(entry.position, "personal", entry.subject)


def _case_state(connection: Connection, tenant: str, entry: Held) -> Iterator[Fault]:
    """The state of a case is the last one that the chain tells."""
    latest = _latest(connection, tenant, entry.subject, "case_state")
    state = connection.execute(
        select(decisions.c.case_state).where(
            decisions.c.tenant == tenant, decisions.c.decision_id == entry.subject
        )
    ).scalar()
    if latest is not None and latest.position == entry.position and state != entry.body["state"]:
        yield fault(entry.position, "state", entry.subject)


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
            yield fault(entry.position, "no_review", entry.subject)
            continue
        said = entry.body
        same = (
            row.review_id == said.get("review_id") and row.decision_id == entry.subject
            and row.by == said.get("by") and row.verdict == said.get("verdict")
            and row.made_at == said.get("made_at")
        )  # fmt: skip
        erased = _latest(connection, tenant, entry.subject, "erasure")
        over = erased is not None and erased.position > entry.position
        if not same or not _reason_holds(entry, row, over):
            yield fault(entry.position, "review", row.review_id)
        elif over and row.reason:
            yield fault(entry.position, "restored", row.review_id)
        if row.state != _state_of(connection, tenant, entry):
            yield fault(entry.position, "state", row.review_id)
    for row in rows.values():
        yield fault(row.position, "no_entry", row.review_id)


def _reason_holds(entry: Held, row: Any, over: bool) -> bool:
    """Whether the reviewer's words are those of the chain, or went with an erasure."""
    if reason_digest(row.review_id, row.reason) == entry.body.get("reason_sha256"):
        return True
    return over and row.reason == ""


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
