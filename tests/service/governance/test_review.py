"""What a reviewer may find, and what holds afterwards; plain functions."""

from datetime import date
from typing import Any

import pytest

from riskengine.rules import statute_of
from service.governance.verdicts import (
    Limits,
    drawn,
    effective,
    judged,
    limits,
    reviewer_of,
    told_apart,
)
from service.problems import Problem

TODAY = date(2026, 11, 26)
ASKED = Limits(300_000.0, 90, 0.05)


def reason(**change: Any) -> dict[str, Any]:
    words = {"zh": "无", "en": "none"}
    return {
        "code": "L-1", "rule": "law_land.x", "kind": "law", "severity": "block",
        "state": "failed", "origin": "cn", "title": words, "cure": words, **change,
    }  # fmt: skip


def answer(decision: str = "refer", *reasons: dict[str, Any]) -> dict[str, Any]:
    return {
        "decision": decision, "limit_yuan": 500_000.0, "reasons": list(reasons),
        "asked_yuan": 600_000.0, "collateral": {"lending_value_yuan": 500_000.0},
    }  # fmt: skip


def accept(limit: float | None = 100_000.0, **more: Any) -> dict[str, Any]:
    given = {"verdict": "override_accept", "reason": "seen on the spot", **more}
    return given if limit is None else {**given, "limit_yuan": limit}


def test_limits_come_from_the_rules() -> None:
    assert limits(statute_of("").at(TODAY)) == ASKED


@pytest.mark.parametrize(
    ("limit", "state"),
    [(299_999.99, "final"), (300_000.0, "final"), (300_000.01, "waits"), (500_000.0, "waits")],
)
def test_large_overrides_wait_for_a_second_person(limit: float, state: str) -> None:
    assert judged(accept(limit), answer(), ASKED, TODAY).state == state


@pytest.mark.parametrize(
    ("limit", "state"),
    [(50_000.0, "final"), (50_000.01, "waits"), (120_000.0, "waits")],
)
def test_beyond_what_the_institution_lends_two_people_decide(limit: float, state: str) -> None:
    capped = {**answer(), "limit_yuan": 50_000.0, "asked_yuan": 120_000.0}
    assert judged(accept(limit), capped, ASKED, TODAY).state == state


@pytest.mark.parametrize("binds", [{"asked_yuan": 120_000.0}, {"asked_yuan": 500_000.0}])
def test_the_sum_asked_and_the_lending_value_are_no_cap(binds: dict[str, float]) -> None:
    found = {**answer(), **binds, "limit_yuan": min(500_000.0, binds["asked_yuan"])}
    assert judged(accept(110_000.0), found, ASKED, TODAY).state == "final"


@pytest.mark.parametrize(("asked", "stands"), [(60_000.0, False), (100_000.0, True), (None, True)])
def test_no_more_than_was_asked_is_granted(asked: float | None, stands: bool) -> None:
    found = {**answer(), "asked_yuan": asked, "limit_yuan": 60_000.0 if asked else 500_000.0}
    if stands:
        assert judged(accept(100_000.0), found, ASKED, TODAY).more["limit_yuan"] == 100_000.0
        return
    with pytest.raises(Problem) as refused:
        judged(accept(100_000.0), found, ASKED, TODAY)
    assert [fault.path for fault in refused.value.faults] == ["/body/limit_yuan"]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (accept(500_000.01), "limit_yuan"), (accept(None), "limit_yuan"),
        ({**accept(), "verdict": "uphold"}, "limit_yuan"),
        (accept(expires_on=date(2026, 11, 25)), "expires_on"),
        (accept(expires_on=date(2027, 2, 25)), "expires_on"),
        ({"verdict": "refer", "expires_on": TODAY}, "expires_on"),
    ],
)  # fmt: skip
def test_what_cannot_stand_is_named(content: dict[str, Any], field: str) -> None:
    with pytest.raises(Problem) as refused:
        judged(content, answer(), ASKED, TODAY)
    assert refused.value.status == 422
    assert [fault.path for fault in refused.value.faults] == [f"/body/{field}"]


@pytest.mark.parametrize("last", [TODAY, date(2027, 2, 24)])
def test_the_last_day_lies_within_its_bounds(last: date) -> None:
    assert judged(accept(expires_on=last), answer(), ASKED, TODAY).more["expires_on"] == str(last)


def test_an_override_lapses_of_itself() -> None:
    assert judged(accept(), answer(), ASKED, TODAY).more["expires_on"] == "2027-02-24"


@pytest.mark.parametrize("origin", ["cn", "37", "370983"])
def test_what_the_law_blocks_is_never_accepted(origin: str) -> None:
    with pytest.raises(Problem) as refused:
        judged(accept(), answer("decline", reason(origin=origin)), ASKED, TODAY)
    assert refused.value.status == 409
    assert [fault.code for fault in refused.value.faults] == ["law_land.x"]


@pytest.mark.parametrize(
    "found",
    [
        answer("decline", reason(origin="institution")), answer("decline", reason(severity="refer")),
        answer("refer", reason()), answer("decline", reason(origin=None)),
    ],
)  # fmt: skip
def test_what_the_law_leaves_open_may_be_accepted(found: dict[str, Any]) -> None:
    assert judged(accept(), found, ASKED, TODAY).state == "final"


@pytest.mark.parametrize("verdict", ["uphold", "override_decline", "refer"])
def test_other_verdicts_stand_whatever_the_law_says(verdict: str) -> None:
    assert judged({"verdict": verdict}, answer("decline", reason()), ASKED, TODAY).state == "final"


def test_nobody_reviews_their_own() -> None:
    reviewer_of("a", "b")
    with pytest.raises(Problem) as refused:
        reviewer_of("a", "a")
    assert refused.value.status == 409


def told(verdict: str, state: str = "final", **more: Any) -> dict[str, Any]:
    return {"review_id": verdict, "verdict": verdict, "state": state, "limit_yuan": None,
            "expires_on": None, **more}  # fmt: skip


@pytest.mark.parametrize(
    ("reviews", "decision", "limit"),
    [
        ([], "refer", 500_000.0), ([told("uphold")], "refer", 500_000.0),
        ([told("override_decline")], "decline", 0.0),
        ([told("override_accept", limit_yuan=5.0, expires_on="2026-11-26")], "accept", 5.0),
        ([told("override_accept", limit_yuan=5.0, expires_on="2026-11-25")], "refer", 500_000.0),
        ([told("override_accept", "waits", limit_yuan=5.0)], "refer", 500_000.0),
        ([told("override_accept", "refused", limit_yuan=5.0)], "refer", 500_000.0),
        ([told("override_decline"), told("uphold")], "refer", 500_000.0),
        ([told("override_decline"), told("requested", "open")], "decline", 0.0),
    ],
)  # fmt: skip
def test_the_last_review_that_holds_decides(
    reviews: list[dict[str, Any]], decision: str, limit: float
) -> None:
    held = effective(answer(), reviews, TODAY)
    assert (held["decision"], held["limit_yuan"]) == (decision, limit)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 1.0])
def test_the_share_that_is_drawn_is_the_share_asked_for(share: float) -> None:
    names = [f"d-{k:032x}" for k in range(4000)]
    chosen = [name for name in names if drawn(name, share)]
    assert abs(len(chosen) / len(names) - share) <= 4.0 * (share * (1 - share) / len(names)) ** 0.5
    assert set(chosen) <= {name for name in names if drawn(name, min(1.0, share + 0.1))}


@pytest.mark.parametrize(
    ("first", "second", "known"),
    [
        ("h-1", "h-2", True), ("t-1", "t-2", True), ("h-1", "t-2", False), ("t-1", "ab12", False),
        ("ab12", "cd34", False), ("h-1", "cd34", False),
    ],
)  # fmt: skip
def test_a_second_person_must_be_known_for_one(first: str, second: str, known: bool) -> None:
    if known:
        told_apart(first, second)
        return
    with pytest.raises(Problem) as refused:
        told_apart(first, second)
    assert (refused.value.status, refused.value.code) == (409, "no-holder")
