"""Erasing people from the record while the chain stays whole.

The chain holds a salted commitment to personal cells, never the cells.  What is erased is the
sealed cells, the keyed name under which the borrower is found, the reviewers' words, and the
digests by which a request is known again.  What is left says what was decided, and of nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Engine, delete, select, update

from riskengine.words import Text
from service import ids
from service.clock import day_of
from service.problems import Problem
from service.store import ledger
from service.store.tables import decisions, personal, replies, reviews

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
    connection: Connection, tenant: str, borrower: str, ground: Ground, by: str, made_at: str
) -> Erased:  # fmt: skip
    """Erase one person.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant : str
        Whose borrower.
    borrower : str
        Keyed hash of the borrower's code (`service.auth.sealing.Secrets.name_of`).
    ground : Ground
        Why.
    by : str
        Who asks for it, as keys are named.
    made_at : str
        The moment.

    Returns
    -------
    Erased
        What a legal hold keeps is told and stays.
    """
    return _erase(connection, tenant, personal.c.borrower == borrower, ground, by, made_at)


def retain(connection: Connection, tenant: str, today: str, by: str, made_at: str) -> Erased:
    """Erase whatever was kept long enough.

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


def _erase(
    connection: Connection, tenant: str, which: ColumnElement[bool], ground: Ground, by: str,
    made_at: str,
) -> Erased:  # fmt: skip
    """Erase what is not held."""
    ledger.alone(connection, tenant)
    found = connection.execute(
        select(personal.c.decision_id, personal.c.held, personal.c.keep_until)
        .where(personal.c.tenant == tenant, which, personal.c.erased_at.is_(None))
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
        (personal, {"sealed": None, "borrower": None, "erased_at": made_at}),
        (decisions, {"borrower": None}), (reviews, {"reason": ""}),
        (replies, {"request_digest": ""}),
    )  # fmt: skip
    for table, values in cleared:
        mine = (table.c.tenant == tenant, table.c.decision_id.in_(which))
        connection.execute(update(table).where(*mine).values(**values))


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
            raw.exec_driver_sql("VACUUM personal, decisions, reviews, replies")
