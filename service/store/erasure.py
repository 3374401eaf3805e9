"""Erasing people from the record while the chain stays whole.

The chain holds a salted commitment to personal cells, never the cells.  What is erased is the
sealed cells, the keyed names under which borrower and others are found, the reviewers' words,
and the digests by which a request is known again.  What is left says what was decided, and of
nobody.  What reviewers write later goes by erasing again, or when the term of the cells ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Engine, delete, exists, func, select, update

from riskengine.words import Text
from service import ids
from service.clock import day_of
from service.problems import Problem
from service.store import ledger
from service.store.decisions import naming
from service.store.tables import decisions, personal, persons, replies, reviews

MOST = 500
"""Decisions that are erased by one statement."""


class Ground(StrEnum):
    """Why personal cells are erased: the cases of PIPL (个人信息保护法), art. 47."""

    PURPOSE_MET = "purpose_met"
    TERM_OVER = "term_over"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    UNLAWFUL = "unlawful"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased.

    Parameters
    ----------
    erasure_id : str
        Named in every entry; empty where nothing was erased.
    decision_ids : tuple of str
        Decisions whose personal cells are gone.
    held : tuple of str
        Decisions that a legal hold keeps.
    early : tuple of str
        Of the erased, those whose retention had not yet ended.
    """

    erasure_id: str
    decision_ids: tuple[str, ...]
    held: tuple[str, ...]
    early: tuple[str, ...]


def erase(
    connection: Connection, tenant: str, person: str | Sequence[str], ground: Ground, by: str,
    made_at: str, decision_id: str = "",
) -> Erased:  # fmt: skip
    """Erase one person.

    Every decision that names the person goes whole, as borrower or beside the borrower: one
    seal holds the cells of all whom a decision names, so those of the others go too.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant : str
        Whose.
    person : str or sequence of str
        Keyed hash of the person's code, or what it may be
        (`service.scoring.people.names_of`); none where a decision alone is meant.
    ground : Ground
        Why.
    by : str
        Who asks for it, as keys are named.
    made_at : str
        The moment.
    decision_id : str
        A decision that is erased besides, by its id: once erased it is known by no name.

    Returns
    -------
    Erased
        What a legal hold keeps is told and stays.
    """
    names = [person] if isinstance(person, str) else list(person)
    column = personal.c
    which = (
        column.borrower.in_(names)
        | column.decision_id.in_(naming(tenant, names)) | (column.decision_id == decision_id)
    )  # fmt: skip
    return _erase(connection, tenant, which, ground, by, made_at)


def retain(connection: Connection, tenant: str, today: str, by: str, made_at: str) -> Erased:
    """Erase whatever was kept long enough, and what was written since of what was erased.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant : str
        Whose.
    today : str
        The day, YYYY-MM-DD: cells are kept through ``keep_until``.
    by : str
        Who runs it.
    made_at : str
        The moment.

    Returns
    -------
    Erased
        What a legal hold keeps is told and stays.
    """
    due = personal.c.keep_until < today
    return _erase(connection, tenant, due, Ground.TERM_OVER, by, made_at)


def drop_replies(connection: Connection, tenant: str, before: str) -> int:
    """Forget replies under idempotency keys.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant : str
        Whose.
    before : str
        Moment; those given earlier are dropped.

    Returns
    -------
    int
        How many.
    """
    done = connection.execute(
        delete(replies).where(replies.c.tenant == tenant, replies.c.made_at < before)
    )
    return done.rowcount


def hold(
    connection: Connection, tenant: str, decision_id: str, held: bool, by: str, made_at: str
) -> bool:  # fmt: skip
    """Put personal cells under a legal hold, or let them go, with an entry in the chain.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant : str
        Whose.
    decision_id : str
        Of which decision.
    held : bool
        Whether they are held.
    by : str
        Who says so.
    made_at : str
        The moment.

    Returns
    -------
    bool
        False where this tenant has no such decision.
    """
    mine = (personal.c.tenant == tenant, personal.c.decision_id == decision_id)
    if not connection.execute(update(personal).where(*mine).values(held=held)).rowcount:
        return False
    body = {"held": held, "by": by, "made_at": made_at}
    ledger.append(connection, tenant, [ledger.Entry("hold", decision_id, made_at, body)])
    return True


def keep_longer(
    connection: Connection, tenant: str, decision_id: str, until: str, because: str, by: str,
    made_at: str,
) -> bool:  # fmt: skip
    """Keep personal cells until a later day, with an entry in the chain; never shorten.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant : str
        Whose.
    decision_id : str
        Of which decision.
    until : str
        Last day, YYYY-MM-DD.
    because : str
        Kind of the entry that it follows from, such as ``review``.
    by : str
        Who made that entry.
    made_at : str
        The moment.

    Returns
    -------
    bool
        False where they are kept as long already, or were erased.
    """
    column = personal.c
    mine = (
        column.tenant == tenant, column.decision_id == decision_id, column.erased_at.is_(None),
        column.keep_until < until,
    )  # fmt: skip
    if not connection.execute(update(personal).where(*mine).values(keep_until=until)).rowcount:
        return False
    body = {"keep_until": until, "because": because, "by": by, "made_at": made_at}
    ledger.append(connection, tenant, [ledger.Entry("retention", decision_id, made_at, body)])
    return True


def _erase(
    connection: Connection, tenant: str, which: ColumnElement[bool], ground: Ground, by: str,
    made_at: str,
) -> Erased:  # fmt: skip
    """Erase what is not held; again where something was written since."""
    ledger.alone(connection, tenant)
    said = exists().where(
        reviews.c.tenant == tenant, reviews.c.decision_id == personal.c.decision_id,
        reviews.c.reason != "",
    )  # fmt: skip
    found = connection.execute(
        select(personal.c.decision_id, personal.c.held, personal.c.keep_until)
        .where(personal.c.tenant == tenant, which, personal.c.erased_at.is_(None) | said)
        .order_by(personal.c.decision_id)
    ).all()
    gone = tuple(row.decision_id for row in found if not row.held)
    kept = tuple(row.decision_id for row in found if row.held)
    today = day_of(datetime.fromisoformat(made_at)).isoformat()
    early = tuple(
        row.decision_id for row in found
        if not row.held and row.keep_until is not None and row.keep_until >= today
    )  # fmt: skip
    if not gone:
        return Erased("", (), kept, ())
    erasure_id = ids.new_id(ids.ERASURE)
    body = {"erasure_id": erasure_id, "ground": ground.value, "by": by, "made_at": made_at}
    for start in range(0, len(gone), MOST):
        part = gone[start : start + MOST]
        _clear(connection, tenant, part, made_at)
        entries = [ledger.Entry("erasure", one, made_at, body) for one in part]
        ledger.append(connection, tenant, entries)
    return Erased(erasure_id, gone, kept, early)


def _clear(connection: Connection, tenant: str, which: Sequence[str], made_at: str) -> None:
    """Take everything about the person out of the tables."""
    cleared = (
        (personal, {
            "sealed": None, "borrower": None,
            "erased_at": func.coalesce(personal.c.erased_at, made_at),
        }),
        (decisions, {"borrower": None}), (reviews, {"reason": ""}),
        (replies, {"request_digest": ""}),
    )  # fmt: skip
    for table, values in cleared:
        mine = (table.c.tenant == tenant, table.c.decision_id.in_(which))
        connection.execute(update(table).where(*mine).values(**values))
    named = (persons.c.tenant == tenant, persons.c.decision_id.in_(which))
    connection.execute(delete(persons).where(*named))


def scrub(engine: Engine) -> None:
    """Clear what was erased from the files of the database too.

    SQLite overwrites what is deleted (``secure_delete``); here its log is emptied.
    PostgreSQL frees the rows for reuse; its own log and backups keep them for as long as
    they are set to.

    Parameters
    ----------
    engine : Engine
        The database.

    Raises
    ------
    Problem
        503 if others read for so long that the log could not be emptied.
    """
    with engine.connect() as connection:
        raw = connection.execution_options(isolation_level="AUTOCOMMIT")
        if engine.dialect.name == "sqlite":
            busy = raw.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
            if busy:
                raise Problem(
                    503, "store-busy",
                    Text("仍有读者，日志未能清空", "readers are at work: the log is not empty yet"),
                    Text("请稍后再执行一次", "run it again soon"), headers={"Retry-After": "5"},
                )  # fmt: skip
        else:
            raw.exec_driver_sql("VACUUM personal, decisions, reviews, replies, persons")
