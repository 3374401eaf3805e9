"""What people found when they looked at a decision; the decision itself never changes."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select, update

from service import ids
from service.store import ledger
from service.store.tables import reviews


@dataclass(frozen=True, slots=True)
class Review:
    """What a person found.

    Parameters
    ----------
    decision_id : str
        Decision that was looked at.
    by : str
        Who looked, as keys are named.
    verdict : str
        ``uphold``, ``override_accept``, ``override_decline``, ``refer``, ``requested``...
    reason : str
        In the reviewer's words.
    state : str
        Whether it holds already or waits for a second person.
    more : dict
        Further plain data for the chain, without anything personal.
    """

    decision_id: str
    by: str
    verdict: str
    reason: str
    state: str
    more: dict[str, Any] = field(default_factory=dict)


def add_review(
    connection: Connection, tenant: str, review: Review, made_at: str
) -> tuple[str, int]:
    """Add a review and its entry in the chain; the decision itself is never changed.

    The chain holds SHA-256 of the reason, not its words, which may name a person.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant : str
        Whose decision; it must be there.
    review : Review
        What was found.
    made_at : str
        The moment, as `service.clock.stamp` writes it.

    Returns
    -------
    str
        Id of the review.
    int
        Position of its entry.
    """
    review_id = ids.new_id(ids.REVIEW)
    body = {
        **review.more, "review_id": review_id, "by": review.by, "verdict": review.verdict,
        "reason_sha256": reason_digest(review_id, review.reason), "state": review.state,
        "made_at": made_at,
    }  # fmt: skip
    entry = ledger.Entry("review", review.decision_id, made_at, body)
    (position,) = ledger.append(connection, tenant, [entry])
    connection.execute(insert(reviews).values(
        review_id=review_id, tenant=tenant, decision_id=review.decision_id, position=position,
        made_at=made_at, by=review.by, verdict=review.verdict, reason=review.reason,
        state=review.state,
    ))  # fmt: skip
    return review_id, position


def reason_digest(review_id: str, reason: str) -> str:
    """Return what the chain holds of a reviewer's words.

    Parameters
    ----------
    review_id : str
        Id of the review.
    reason : str
        The words.

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    return hashlib.sha256(f"{review_id}\n{reason}".encode()).hexdigest()


def move_review(
    connection: Connection, tenant: str, review_id: str, state: str, by: str, made_at: str
) -> bool:
    """Move a review to another state, such as by a second person's approval.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    tenant : str
        Whose.
    review_id : str
        Which.
    state : str
        Its state from now on.
    by : str
        Who moves it.
    made_at : str
        The moment.

    Returns
    -------
    bool
        False where this tenant has no such review.
    """
    mine = (reviews.c.tenant == tenant, reviews.c.review_id == review_id)
    decision_id = connection.execute(select(reviews.c.decision_id).where(*mine)).scalar()
    if decision_id is None:
        return False
    body = {"review_id": review_id, "state": state, "by": by, "made_at": made_at}
    ledger.append(connection, tenant, [ledger.Entry("review_state", decision_id, made_at, body)])
    connection.execute(update(reviews).where(*mine).values(state=state))
    return True


def reviews_of(
    connection: Connection, tenant: str, decision_ids: Iterable[str]
) -> dict[str, list[dict[str, Any]]]:
    """Return the reviews of some decisions.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.
    decision_ids : iterable of str
        Which decisions, a page at most.

    Returns
    -------
    dict of str to list of dict
        Columns of ``reviews`` by decision, the earliest first.
    """
    wanted = list(decision_ids)
    found: dict[str, list[dict[str, Any]]] = {one: [] for one in wanted}
    query = (
        select(reviews)
        .where(reviews.c.tenant == tenant, reviews.c.decision_id.in_(wanted))
        .order_by(reviews.c.position)
    )
    for row in connection.execute(query).mappings():
        found[row["decision_id"]].append(dict(row))
    return found
