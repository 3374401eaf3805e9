"""Exports of a tenant: over its decisions, or over the tables of a job that is done."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import ColumnElement, FromClause, func, select

from riskengine.exchange.kinds import OF_RECORDS, Asked, export_portfolio, export_records
from riskengine.exchange.mapping import CodeMapping
from riskengine.exchange.sheet import Sheet
from riskengine.law import law_for
from riskengine.words import Text
from service.auth.caller import Caller
from service.clock import now, stamp
from service.exchange.kept import tables_of_job
from service.jobs.answers import need_done
from service.jobs.order import INSTITUTION
from service.jobs.shelf import job_folder
from service.problems import Problem
from service.state import State
from service.store import ledger
from service.store.database import reading, writing
from service.store.packing import unpack
from service.store.tables import decisions

MOST_DECISIONS = 20_000
"""Most decisions of one export: they are held in memory."""
FETCHED = 500
"""Decisions read from the store at a time."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is exported.

    Parameters
    ----------
    kind : str
        One of `riskengine.exchange.kinds.KINDS`.
    mapping : CodeMapping or None
        By which it is coded.
    shown_because : str
        Reason for showing personal identifiers; empty masks them.
    valued_from, valued_until : str or None
        First and last day of valuation of decisions, YYYY-MM-DD.
    decision : str or None
        ``accept``, ``refer`` or ``decline``, by the newest decision on an application.
    """

    kind: str
    mapping: CodeMapping | None
    shown_because: str = ""
    valued_from: str | None = None
    valued_until: str | None = None
    decision: str | None = None


def of_decisions(state: State, caller: Caller, wanted: Wanted) -> Sheet:
    """Return an export over the decisions of a tenant.

    Parameters
    ----------
    state : State
        The service.
    caller : Caller
        Who asks.
    wanted : Wanted
        What.

    Returns
    -------
    Sheet
        In the order in which they were made, of one application the newest of those days.

    Raises
    ------
    Problem
        409 for an export that is made from a book; 422 for more than `MOST_DECISIONS`.
    """
    if wanted.kind not in OF_RECORDS:
        raise Problem(
            409, "needs-a-book",
            Text("这张表要用组合数据，决定记录不够",
                 "this filing is made from a book: decisions are not enough"),
            Text("请给出组合任务 job_id", "name a finished job on a book by job_id"),
        )  # fmt: skip
    return export_records(
        wanted.kind, _answers(state, caller.tenant, wanted), wanted.mapping, wanted.shown_because
    )


def of_job(state: State, caller: Caller, job_id: str, wanted: Wanted) -> Sheet:
    """Return an export over the tables of a job.

    Parameters
    ----------
    state : State
        The service.
    caller : Caller
        Who asks.
    job_id : str
        A job that is done.
    wanted : Wanted
        What.

    Returns
    -------
    Sheet
        With the job's day of valuation and the rules that it was given.

    Raises
    ------
    Problem
        404 without such a job or once its results are kept no longer; 409 before it is done,
        or once its book is gone or has other tables; 413 for tables that are too large.
    PortfolioError
        If the tables do not hold what the export is made from.
    """
    job = need_done(state, caller.tenant, job_id)
    rules = job_folder(state.settings.data, caller.tenant, job_id) / INSTITUTION
    valued_on = date.fromisoformat(orjson.loads(job["arguments"])["valued_on"])
    with tables_of_job(state, caller.tenant, job) as source:
        asked = Asked(
            valued_on, state.shared.market, law_for(rules if rules.is_dir() else None),
            state.shared.price_models, wanted.mapping, wanted.shown_because,
        )  # fmt: skip
        return export_portfolio(wanted.kind, source, asked)


def note(state: State, caller: Caller, source: str, sheet: Sheet) -> None:
    """Enter in the tenant's chain that identifiers were shown, to whom and why.

    Parameters
    ----------
    state : State
        The service.
    caller : Caller
        Who asked.
    source : str
        ``decisions``, or the id of a job.
    sheet : Sheet
        What is handed out.
    """
    body = {"by": caller.key_id, "source": source, "kind": sheet.kind, **sheet.digest}
    moment = stamp(now())
    with writing(state.engine) as connection:
        ledger.append(
            connection, caller.tenant, [ledger.Entry("export", source, moment, body)]
        )  # fmt: skip


def _answers(state: State, tenant: str, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Answers of decisions in the order in which they were made."""
    column = decisions.c
    query = select(column.answer).where(*_within(decisions, tenant, wanted))
    if wanted.decision is not None:  # of the newest: what was decided before counts no more
        query = query.where(column.decision == wanted.decision, _is_newest(tenant, wanted))
    query = query.order_by(column.position)
    with reading(state.engine) as connection:
        found = connection.execution_options(yield_per=FETCHED).execute(
            query.limit(MOST_DECISIONS + 1)
        )
        for count, answer in enumerate(found.scalars()):
            if count == MOST_DECISIONS:
                raise Problem(
                    422, "too-many",
                    Text(f"超过 {MOST_DECISIONS} 笔", f"more than {MOST_DECISIONS} decisions"),
                    Text("请用 valued_from、valued_until 缩小范围",
                         "narrow it by valued_from and valued_until"),
                )  # fmt: skip
            yield orjson.loads(unpack(answer))


def _within(table: FromClause, tenant: str, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """Conditions of a tenant's decisions on the days that are wanted."""
    yield table.c.tenant == tenant
    if wanted.valued_from is not None:
        yield table.c.valued_on >= wanted.valued_from
    if wanted.valued_until is not None:
        yield table.c.valued_on <= wanted.valued_until


def _is_newest(tenant: str, wanted: Wanted) -> ColumnElement[bool]:
    """Whether a decision is the newest of its application among those of the days wanted."""
    other = decisions.alias()
    newest = (
        select(func.max(other.c.position))
        .where(*_within(other, tenant, wanted))
        .group_by(func.coalesce(other.c.application_no, other.c.decision_id))
    )
    return decisions.c.position.in_(newest)
