"""Reviews in the store: added, approved, counted; what waits for a person."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection

from riskengine.pledging.assess import LawOf
from riskengine.words import Text
from service.auth.caller import Caller
from service.auth.keys import origin_of
from service.auth.sealing import Secrets
from service.clock import day_of, now, stamp
from service.governance.past import entries
from service.governance.verdicts import (
    ANSWERED,
    FINAL,
    OPEN,
    REFUSED,
    REQUESTED,
    WAITS,
    effective,
    judged,
    limits,
    reviewer_of,
    told_apart,
)
from service.problems import Problem
from service.refusals import DECISION, absent
from service.store import ledger
from service.store.decisions import Decision, find
from service.store.reviews import Review, add_review, move_review, reviews_of

DETAILS = ("limit_yuan", "expires_on", "evidence")


def found(connection: Connection, tenant: str, decision_id: str) -> Decision:
    """Return a decision of a tenant.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.
    decision_id : str
        Which.

    Returns
    -------
    Decision
        As it is stored.

    Raises
    ------
    Problem
        404 if this tenant has none of that id.
    """
    decision = find(connection, tenant, decision_id)
    if decision is None:
        raise absent(DECISION)
    return decision


def told(
    connection: Connection, tenant: str, decision_ids: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """Return the reviews of decisions with what the chain holds of them.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.
    decision_ids : sequence of str
        Which, a page at most.

    Returns
    -------
    dict of str to list of dict
        By decision, the earliest first.
    """
    chained = {one["review_id"]: one for one in entries(connection, tenant, "review", decision_ids)}
    moved: dict[str, dict[str, Any]] = {
        one["review_id"]: one for one in entries(connection, tenant, "review_state", decision_ids)
    }
    return {
        decision_id: [_one(row, chained[row["review_id"]], moved) for row in rows]
        for decision_id, rows in reviews_of(connection, tenant, decision_ids).items()
    }


def _one(
    row: Mapping[str, Any], entry: Mapping[str, Any], moved: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """One review."""
    last = moved.get(row["review_id"])
    return {
        **{key: row[key] for key in ("review_id", "made_at", "by", "verdict", "reason", "state")},
        **{key: entry.get(key) for key in DETAILS},
        "second": {"by": last["by"], "at": last["made_at"]} if last else None,
        "position": entry["position"], "entry_digest": entry["entry_digest"],
    }  # fmt: skip


def with_effect(
    connection: Connection, tenant: str, rows: Sequence[Mapping[str, Any]], today: date
) -> list[dict[str, Any]]:
    """Return listed decisions with what holds of each after its reviews.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.
    rows : sequence of mapping
        Rows of a page.
    today : datetime.date
        The day.

    Returns
    -------
    list of dict
        In the same order.
    """
    by = told(connection, tenant, [row["decision_id"] for row in rows])
    hidden = ("tenant", "borrower", "reasons")
    return [
        {
            **{str(key): cell for key, cell in row.items() if key not in hidden},
            "reviews": len(by[row["decision_id"]]),
            "effective": effective(row, by[row["decision_id"]], today),
        }
        for row in rows
    ]  # fmt: skip


def review(
    connection: Connection, secrets: Secrets, caller: Caller, law: LawOf, decision_id: str,
    content: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """Add what a reviewer found.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    secrets : Secrets
        For naming holders of keys.
    caller : Caller
        The reviewer.
    law : callable
        The institution's law of a place.
    decision_id : str
        Which decision.
    content : mapping
        Verdict, reason, evidence, limit, last day.

    Returns
    -------
    dict
        The review.

    Raises
    ------
    Problem
        404, 409, 422: see `service.governance.verdicts`.
    """
    moment = now()
    ledger.alone(connection, caller.tenant)
    decision = found(connection, caller.tenant, decision_id)
    _not_their_own(connection, secrets, caller, decision.entry["by"])
    answer = orjson.loads(decision.answer)
    today = day_of(moment)
    seen = judged(content, answer, limits(law("").at(today)), today)
    made = Review(
        decision_id, caller.key_id, content["verdict"], content["reason"], seen.state, seen.more
    )
    review_id, _ = add_review(connection, caller.tenant, made, stamp(moment))
    if seen.state == FINAL:
        _close_requests(connection, caller, decision_id)
    return _again(connection, caller.tenant, decision_id, review_id)


def second(
    connection: Connection, secrets: Secrets, caller: Caller, decision_id: str, review_id: str,
    agrees: bool,
) -> dict[str, Any]:  # fmt: skip
    """Let a second person agree with an override that waits, or refuse it.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    secrets : Secrets
        For naming holders of keys.
    caller : Caller
        The second person.
    decision_id, review_id : str
        Which review of which decision.
    agrees : bool
        Whether it shall hold.

    Returns
    -------
    dict
        The review.

    Raises
    ------
    Problem
        404 if there is none; 409 if it does not wait, waits for somebody else, or nobody could
        tell the two apart.
    """
    ledger.alone(connection, caller.tenant)
    decision = found(connection, caller.tenant, decision_id)
    row = _again(connection, caller.tenant, decision_id, review_id)
    _not_their_own(connection, secrets, caller, decision.entry["by"])
    _not_their_own(connection, secrets, caller, row["by"])
    told_apart(*_origins(connection, secrets, caller, row["by"]))
    if row["state"] != WAITS:
        raise Problem(
            409, "not-waiting", Text("这项复核不在等待第二人", "this review waits for nobody"),
            Text("请查看其状态", "look at its state"),
        )  # fmt: skip
    state = FINAL if agrees else REFUSED
    move_review(connection, caller.tenant, review_id, state, caller.key_id, stamp(now()))
    if agrees:
        _close_requests(connection, caller, decision_id)
    return _again(connection, caller.tenant, decision_id, review_id)


def request(
    connection: Connection, caller: Caller, decision_id: str, channel: str
) -> dict[str, Any]:  # fmt: skip
    """Note that the borrower asked for a person; asked again, it is the same request.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that writes.
    caller : Caller
        Who notes it.
    decision_id : str
        Which decision.
    channel : str
        How the borrower asked.

    Returns
    -------
    dict
        The request.

    Raises
    ------
    Problem
        404 if there is no such decision.
    """
    ledger.alone(connection, caller.tenant)
    found(connection, caller.tenant, decision_id)
    for row in told(connection, caller.tenant, [decision_id])[decision_id]:
        if row["verdict"] == REQUESTED and row["state"] == OPEN:
            return row
    made = Review(decision_id, caller.key_id, REQUESTED, channel, OPEN, {"channel": channel})
    review_id, _ = add_review(connection, caller.tenant, made, stamp(now()))
    return _again(connection, caller.tenant, decision_id, review_id)


def _not_their_own(
    connection: Connection, secrets: Secrets, caller: Caller, made_by: str
) -> None:  # fmt: skip
    """See that nobody reviews their own, by whichever of their keys and tokens."""
    reviewer_of(*_origins(connection, secrets, caller, made_by))


def _origins(
    connection: Connection, secrets: Secrets, caller: Caller, made_by: str
) -> tuple[str, str]:  # fmt: skip
    """Who asks, and who acted before."""
    keys = (caller.key_id, made_by)
    first, second = (origin_of(connection, secrets, caller.tenant, key) for key in keys)
    return first, second


def _close_requests(connection: Connection, caller: Caller, decision_id: str) -> None:
    """A person has looked: whoever asked for one is answered."""
    for row in reviews_of(connection, caller.tenant, [decision_id])[decision_id]:
        if row["verdict"] == REQUESTED and row["state"] == OPEN:
            move_review(
                connection, caller.tenant, row["review_id"], ANSWERED, caller.key_id, stamp(now())
            )


def _again(
    connection: Connection, tenant: str, decision_id: str, review_id: str
) -> dict[str, Any]:  # fmt: skip
    """One review of a decision; 404 where there is none."""
    for row in told(connection, tenant, [decision_id])[decision_id]:
        if row["review_id"] == review_id:
            return row
    raise absent(Text("这项复核", "such review"))
