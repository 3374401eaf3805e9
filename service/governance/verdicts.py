"""Review by a person: what a reviewer may find, and what holds of a decision afterwards.

Whoever is judged by a machine alone may ask for a person (Personal Information Protection
Law 个人信息保护法, art. 24).  A review never changes the decision: it stands beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from math import inf
from typing import Any

from riskengine.rules import Rules
from riskengine.words import Text
from service.problems import Fault, Problem

OUTCOMES = {"override_accept": "accept", "override_decline": "decline", "refer": "refer"}
"""What a verdict makes of a decision; ``uphold`` leaves it."""
FINAL, WAITS, REFUSED, OPEN, ANSWERED = "final", "waits", "refused", "open", "answered"
"""States of a review: it holds, waits for a second person, was refused by that person; of a
request for one: nobody has looked yet, somebody has."""
NAMED = ("h-", "t-")
"""How names of holders and of tokens' subjects begin."""
REQUESTED = "requested"
"""Verdict of a request for a review."""
FEN = 0.01
"""The limit of a decision is told in whole fen [yuan]."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What rules of a day ask of reviews.

    Parameters
    ----------
    second_above_yuan : float
        Limit above which an override to accept needs a second person [yuan].
    days : int
        Days for which such an override holds at most [day].
    sample_share : float
        Share of decisions that are drawn for a second look [1].
    """

    second_above_yuan: float
    days: int
    sample_share: float


def limits(rules: Rules) -> Limits:
    """Return what rules ask of reviews.

    Parameters
    ----------
    rules : Rules
        Rules of a day.

    Returns
    -------
    Limits
        From the rules of ``review``.
    """
    return Limits(
        float(rules.value("review.second_approver_above")),
        int(rules.value("review.override_days")), float(rules.value("review.sample_share")),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """What a reviewer found, checked.

    Parameters
    ----------
    state : str
        `FINAL`, or `WAITS` for a second person.
    more : dict
        What the chain holds beside verdict and reason.
    """

    state: str
    more: dict[str, Any]


def judged(
    content: Mapping[str, Any], answer: Mapping[str, Any], asked: Limits, today: date
) -> Found:
    """Check what a reviewer found against the decision and the rules.

    Parameters
    ----------
    content : mapping
        Verdict, evidence, limit and last day, as the reviewer sent them.
    answer : mapping
        The decision.
    asked : Limits
        What the rules ask.
    today : datetime.date
        Day of the review.

    Returns
    -------
    Found
        State and details: an override waits for a second person above the limit that the
        rules set, and where it goes beyond what the institution lends one borrower.

    Raises
    ------
    Problem
        409 with the rules where the law blocks what would be accepted; 422 for a limit or a
        last day that cannot be.
    """
    accepts = content["verdict"] == "override_accept"
    limit, last = content.get("limit_yuan"), content.get("expires_on")
    if accepts:
        _refuse_against_law(answer)
    faults = list(_faults(accepts, limit, last, answer, asked, today))
    if faults:
        raise Problem(
            422, "invalid-review", Text("复核意见不能成立", "the review cannot stand"),
            Text("请按 errors 逐项改正", "mend what errors lists"), faults,
        )  # fmt: skip
    if accepts and last is None:
        last = today + timedelta(days=asked.days)
    waits = accepts and float(limit or 0.0) > min(asked.second_above_yuan, _cap(answer))
    return Found(WAITS if waits else FINAL, {
        "limit_yuan": limit, "expires_on": last.isoformat() if last else None,
        "evidence": list(content.get("evidence") or ()), "decision": answer["decision"],
    })  # fmt: skip


def _faults(
    accepts: bool, limit: float | None, last: date | None, answer: Mapping[str, Any],
    asked: Limits, today: date,
) -> Any:  # fmt: skip
    """What is wrong with limit and last day."""
    most, sum_asked = _most(answer)
    if accepts and limit is None:
        yield _fault("limit_yuan", "改判同意须写明额度", "an override to accept says its limit")
    if not accepts and limit is not None:
        yield _fault("limit_yuan", "只有改判同意才写额度", "only an override to accept has one")
    if accepts and limit is not None and limit > most:
        yield _fault(
            "limit_yuan", f"不得超过可贷价值 {most:,.2f} 元",
            f"is more than the lending value, {most:,.2f} yuan",
        )  # fmt: skip
    if accepts and limit is not None and limit > sum_asked:
        yield _fault(
            "limit_yuan", f"不得超过申请金额 {sum_asked:,.2f} 元",
            f"is more than the sum asked, {sum_asked:,.2f} yuan",
        )  # fmt: skip
    if last is not None and not accepts:
        yield _fault("expires_on", "只有改判同意才有期限", "only an override to accept lapses")
    if last is not None and accepts and not today <= last <= today + timedelta(days=asked.days):
        yield _fault(
            "expires_on", f"须在今天起 {asked.days} 天之内", f"must lie within {asked.days} days"
        )


def _most(answer: Mapping[str, Any]) -> tuple[float, float]:
    """Lending value and sum asked [yuan]; infinite where none was asked."""
    asked = answer.get("asked_yuan")
    value = float(answer["collateral"]["lending_value_yuan"])
    return value, inf if asked is None else float(asked)


def _cap(answer: Mapping[str, Any]) -> float:
    """What the institution lends one borrower at most [yuan], where that made the limit."""
    limit = float(answer["limit_yuan"])
    return limit if limit < min(_most(answer)) - FEN else inf


def _fault(field: str, zh: str, en: str) -> Fault:
    return Fault(f"/body/{field}", "review", Text(zh, en))


def _refuse_against_law(answer: Mapping[str, Any]) -> None:
    """No person may accept what the law blocks."""
    blocking = [one for one in answer["reasons"] if of_law(one)]
    if answer["decision"] == "decline" and blocking:
        raise Problem(
            409, "law-blocks",
            Text("法律禁止，不能改判同意", "the law blocks this: no override can accept it"),
            Text("请先消除 errors 所列情形，再重新申请",
                 "cure what errors lists, then apply anew"),
            [
                Fault(
                    f"/reasons/{one['code']}", one["rule"] or one["code"],
                    Text(one["title"]["zh"], one["title"]["en"]),
                    Text(one["cure"]["zh"], one["cure"]["en"]) if one["cure"] else None,
                )
                for one in blocking
            ],
        )  # fmt: skip


def of_law(reason: Mapping[str, Any]) -> bool:
    """Whether a reason is a rule of law, of the nation or a place, that blocks.

    Parameters
    ----------
    reason : mapping
        As a decision tells it.

    Returns
    -------
    bool
        False for an institution's own rule: its people may set it aside.
    """
    origin = reason["origin"] or ""
    lawful = origin == "cn" or origin.isdigit()
    return lawful and reason["severity"] == "block" and reason["state"] != "unknown"


def reviewer_of(key_id: str, made_by: str) -> None:
    """See that nobody reviews what the same key decided.

    Parameters
    ----------
    key_id : str
        Who reviews.
    made_by : str
        Who made what is reviewed.

    Raises
    ------
    Problem
        409 if they are the same.
    """
    if key_id == made_by:
        raise Problem(
            409, "own-decision", Text("不得复核自己作出的决定", "nobody reviews what is their own"),
            Text("请由另一人复核", "let somebody else review it"),
        )  # fmt: skip


def told_apart(first: str, second: str) -> None:
    """See that it can be known whether two who act are two persons.

    Parameters
    ----------
    first, second : str
        Names of who acts, as `service.auth.keys.origin_of` gives them: of a holder, of a
        token's subject, or the id of a key of which no holder was told.

    Raises
    ------
    Problem
        409 unless both are holders, or both subjects of one issuer.
    """
    if first[:2] != second[:2] or first[:2] not in NAMED:
        raise Problem(
            409, "no-holder",
            Text("双人复核须能认出两人：密钥未登记持有者",
                 "a second person cannot be told from the first: a key names no holder"),
            Text("请管理员为复核人员的密钥登记持有者（holder）；持令牌者须设持有者声明",
                 "let the administrator make reviewers' keys with a holder, and name the claim"
                 " with the holder for tokens"),
        )  # fmt: skip


def effective(
    decision: Mapping[str, Any], told: Sequence[Mapping[str, Any]], today: date
) -> dict[str, Any]:
    """Return what holds of a decision after its reviews.

    Parameters
    ----------
    decision : mapping
        Outcome and limit as they were decided: ``decision``, ``limit_yuan``.
    told : sequence of mapping
        Its reviews, the earliest first: state, verdict, limit, last day.
    today : datetime.date
        The day.

    Returns
    -------
    dict
        ``decision``, ``limit_yuan`` (0 of what is declined), the review that it comes from,
        and how many wait.
    """
    decided = 0.0 if decision["decision"] == "decline" else decision["limit_yuan"]
    held = {
        "decision": decision["decision"], "limit_yuan": decided,
        "review_id": None, "expires_on": None,
    }  # fmt: skip
    for one in reversed(told):
        if one["state"] != FINAL or one["verdict"] == REQUESTED:
            continue
        last = one.get("expires_on")
        if last is not None and date.fromisoformat(last) < today:
            continue
        made = OUTCOMES.get(one["verdict"], decision["decision"])
        limit = one["limit_yuan"] if made == "accept" else decided
        if one["verdict"] == "uphold":
            limit = decided
        held = {
            "decision": made, "limit_yuan": 0.0 if made == "decline" else limit,
            "review_id": one["review_id"], "expires_on": last,
        }  # fmt: skip
        break
    return {**held, "waiting": sum(one["state"] in (WAITS, OPEN) for one in told)}


def drawn(decision_id: str, share: float) -> bool:
    """Whether a decision is drawn for a second look: by its id alone, so always the same.

    Parameters
    ----------
    decision_id : str
        Its id, which is random.
    share : float
        Share of decisions that are drawn [1], in [0, 1].

    Returns
    -------
    bool
        True for that share of ids.

    Examples
    --------
    >>> sum(drawn(f"d-{k}", 0.05) for k in range(10_000))
    486
    """
    number = int.from_bytes(sha256(decision_id.encode()).digest()[:8])
    return number < share * 2.0**64
