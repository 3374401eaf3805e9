"""What waits for a person, and how often people decided otherwise."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from riskengine.pledging.assess import LawOf
from service.clock import day_of
from service.governance.shadow import BAD, outcomes_of
from service.governance.verdicts import FINAL, OPEN, REQUESTED, WAITS, drawn, limits
from service.store.decisions import LISTED, Filters, Page, cursor_of, page, place_of
from service.store.tables import decisions, reviews

LOOKED_AT = 40
"""Pages that are read at most to fill one page of decisions that were drawn at random."""


def queue(
    connection: Connection, tenant: str, why: str, law: LawOf, cursor: str | None, limit: int
) -> Page:  # fmt: skip
    """Return decisions that wait for a person.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.
    why : {"requested", "waiting", "referred", "sampled"}
        The borrower asked; a second person is needed; the engine referred; drawn at random.
    law : callable
        The institution's law of a place, for the share that is drawn.
    cursor : str or None
        Of the page before.
    limit : int
        Most decisions.

    Returns
    -------
    Page
        Those that nobody has looked at, each once.

    Raises
    ------
    Problem
        422 for a cursor that is none, or that belongs to another queue.
    """
    if why in ("requested", "waiting"):
        return _open(connection, tenant, OPEN if why == "requested" else WAITS, cursor, limit)
    if why == "referred":
        return page(connection, tenant, Filters(decision="refer", reviewed=False), cursor, limit)
    rules = law("")
    rows: list[dict[str, Any]] = []
    for _ in range(LOOKED_AT):
        part = page(connection, tenant, Filters(reviewed=False), cursor, limit - len(rows))
        for row in part.rows:
            share = limits(rules.at(day_of(datetime.fromisoformat(row["made_at"])))).sample_share
            if drawn(row["decision_id"], share):
                rows.append(row)
        cursor = part.cursor
        if cursor is None or len(rows) >= limit:
            break
    return Page(rows, cursor)


def _open(
    connection: Connection, tenant: str, state: str, cursor: str | None, limit: int
) -> Page:  # fmt: skip
    """Decisions with a review of a state, the longest waiting first."""
    bound, column = {"queue": state}, reviews.c
    first = (
        select(column.decision_id, func.min(column.position).label("since"))
        .where(column.tenant == tenant, column.state == state)
        .group_by(column.decision_id)
        .subquery()
    )
    query = (
        select(*LISTED, first.c.since)
        .join(first, first.c.decision_id == decisions.c.decision_id)
        .where(decisions.c.tenant == tenant)
        .order_by(first.c.since)
        .limit(limit + 1)
    )
    if cursor is not None:
        query = query.where(first.c.since > place_of(cursor, bound))
    found = [dict(row) for row in connection.execute(query).mappings()]
    since = [row.pop("since") for row in found][:limit]
    return Page(found[:limit], cursor_of(since[-1], bound) if len(found) > limit else None)


def statistics(connection: Connection, tenant: str, since: str, until: str) -> dict[str, Any]:
    """Count reviews by what the engine and the reviewer said, and what became of overrides.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.
    since, until : str
        First moment of the review, and the moment before which; empty for all.

    Returns
    -------
    dict
        Decisions made, reviewed and overridden; counts by decision and verdict; outcomes.
    """
    within = [reviews.c.tenant == tenant, decisions.c.tenant == tenant]
    within += _between(reviews.c.made_at, since, until)
    made = [decisions.c.tenant == tenant, *_between(decisions.c.made_at, since, until)]
    rows = connection.execute(
        select(
            reviews.c.decision_id, reviews.c.verdict, reviews.c.state, decisions.c.decision
        )
        .join(decisions, decisions.c.decision_id == reviews.c.decision_id)
        .where(*within, reviews.c.verdict != REQUESTED)
    ).all()  # fmt: skip
    final = [row for row in rows if row.state == FINAL]
    overridden = sorted({row.decision_id for row in final if row.verdict.startswith("override")})
    accepted = sorted({row.decision_id for row in final if row.verdict == "override_accept"})
    decided = connection.execute(select(func.count()).select_from(decisions).where(*made)).scalar()
    return {
        "decisions": decided, "reviewed": len({row.decision_id for row in final}),
        "overridden": len(overridden), "waiting": sum(row.state == WAITS for row in rows),
        "by_verdict": _counted((row.decision, row.verdict) for row in final),
        "overrides_to_accept": _became(outcomes_of(connection, tenant, accepted)),
    }  # fmt: skip


def _between(column: Any, since: str, until: str) -> list[ColumnElement[bool]]:
    """What a moment must be."""
    return ([column >= since] if since else []) + ([column < until] if until else [])


def _counted(pairs: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Counts of pairs, in order."""
    listed = sorted(pairs)
    return [
        {"decision": pair[0], "verdict": pair[1], "n": listed.count(pair)}
        for pair in dict.fromkeys(listed)
    ]


def _became(outcomes: Mapping[str, str]) -> dict[str, int]:
    """What became of loans, as far as it was told."""
    return {"known": len(outcomes), "defaulted": sum(one in BAD for one in outcomes.values())}
