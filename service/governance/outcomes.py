"""What became of loans: told word by word, each checked against the words before it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from riskengine.words import Text
from service.problems import Fault, Problem

AFTER: Mapping[str, frozenset[str]] = {
    "not_lent": frozenset(),
    "running": frozenset({"running", "repaid", "defaulted", "compensated"}),
    "repaid": frozenset(),
    "defaulted": frozenset({"compensated", "recovered"}),
    "compensated": frozenset({"recovered"}),
    "recovered": frozenset({"recovered"}),
}
"""Which word may follow which; what comes back after a default is recovered, never repaid."""
LOSSES = frozenset({"defaulted", "compensated", "recovered"})
"""Words that may come with a loss."""
MOST_LOST = 2.0
"""Largest loss that is believed, as a multiple of the exposure: principal, interest and costs
of pursuit.  More is a slip of the unit."""


def again(told: Sequence[Mapping[str, Any]], body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the entry that says the same already.

    Parameters
    ----------
    told : sequence of mapping
        What was told of the loan: ``outcome``, ``on`` and ``lost_yuan``.
    body : mapping
        What is told now.

    Returns
    -------
    mapping or None
        The earlier entry; None where this is news.
    """
    names = ("outcome", "on", "lost_yuan")
    same = (one for one in told if all(one.get(name) == body.get(name) for name in names))
    return next(same, None)


def check(
    told: Sequence[Mapping[str, Any]], body: Mapping[str, Any], row: Mapping[str, Any],
    effective: Mapping[str, Any],
) -> None:  # fmt: skip
    """Refuse a word that cannot be true of a loan.

    Parameters
    ----------
    told : sequence of mapping
        What was told before, the earliest first.
    body : mapping
        What is told now: ``outcome``, ``on`` (YYYY-MM-DD), ``lost_yuan``.
    row : mapping
        The decision as it is listed: days, sum asked [yuan], limit [yuan].
    effective : mapping
        What holds of it after its reviews.

    Raises
    ------
    Problem
        409 for a word that cannot follow, or of a loan that was declined; 422 for a day
        before the decision's or the last word's, and for a loss that cannot be.
    """
    word = body["outcome"]
    if told and word not in AFTER[told[-1]["outcome"]]:
        raise _conflict(
            Text(f"“{told[-1]['outcome']}”之后不能是“{word}”",
                 f"{word} cannot follow {told[-1]['outcome']}"),
            Text("请核对先前所报的结果", "compare what was told before"),
        )  # fmt: skip
    if effective["decision"] == "decline" and word != "not_lent":
        raise _conflict(
            Text("已拒绝的申请没有贷款", "a declined application has no loan"),
            Text("如已放款，请先由人复核改判", "if it was lent, let a person override it first"),
        )  # fmt: skip
    faults = [*_of_day(told, body, row), *_of_loss(body, row, effective)]
    if faults:
        raise Problem(
            422, "invalid-outcome", Text("后续结果不能成立", "the outcome cannot stand"),
            Text("请按 errors 逐项改正", "mend what errors lists"), faults,
        )  # fmt: skip


def _conflict(wrong: Text, cure: Text) -> Problem:
    return Problem(
        409, "outcome-order", wrong, cure, (Fault("/body/outcome", "outcome", wrong, cure),)
    )


def _of_day(
    told: Sequence[Mapping[str, Any]], body: Mapping[str, Any], row: Mapping[str, Any]
) -> list[Fault]:  # fmt: skip
    """What is wrong with the day."""
    first = min(str(row["created_on"]), str(row["valued_on"]))
    first = max([first, *(str(one["on"]) for one in told)])
    if date.fromisoformat(body["on"]) >= date.fromisoformat(first):
        return []
    wrong = Text(f"不得早于 {first}", f"lies before {first}")
    return [Fault("/body/on", "outcome", wrong)]


def _of_loss(
    body: Mapping[str, Any], row: Mapping[str, Any], effective: Mapping[str, Any]
) -> list[Fault]:  # fmt: skip
    """What is wrong with the loss."""
    lost = float(body.get("lost_yuan") or 0.0)
    if not lost:
        return []
    if body["outcome"] not in LOSSES:
        wrong = Text(f"“{body['outcome']}”没有损失", f"{body['outcome']} comes with no loss")
        return [Fault("/body/lost_yuan", "outcome", wrong)]
    sums = (row["asked_yuan"], row["limit_yuan"], effective["limit_yuan"])
    exposure = max(float(one or 0.0) for one in sums)
    most = MOST_LOST * exposure
    if lost <= most:
        return []
    wrong = Text(
        f"超过贷款的 {MOST_LOST:g} 倍，即 {most:,.2f} 元",
        f"is more than {MOST_LOST:g} times the loan, {most:,.2f} yuan",
    )
    return [Fault("/body/lost_yuan", "outcome", wrong, Text("请核对单位", "check the unit"))]
