"""Reviews over HTTP: by another person, by two where the sum is large, and counted."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from service.auth.keybook import rotate
from service.auth.keys import parts_of
from service.clock import now
from service.governance.verdicts import effective
from service.store.database import writing
from tests.service.governance.conftest import SECOND_REVIEWER, House, Opener, application

WHY = "Looked at the land, the contract and the books of the borrower."


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(opener: Opener, request: pytest.FixtureRequest) -> House:
    """On both databases."""
    if request.param == "sqlite":
        return opener()
    return opener(database_url=request.getfixturevalue("postgresql").fresh())


def path_of(decision: dict[str, Any]) -> str:
    return f"/v1/decisions/{decision['decision_id']}"


def queued(house: House, why: str, tenant: str = "north") -> list[str]:
    answer = house.call("GET", f"/v1/decisions/review-queue?why={why}", "reviewer", tenant)
    assert answer.status_code == 200
    return [one["decision_id"] for one in answer.json()["items"]]


def test_a_borrower_asks_for_a_person_and_is_answered(house: House) -> None:
    decision = house.score()
    path, decision_id = path_of(decision), decision["decision_id"]
    assert decision_id in queued(house, "referred")
    asked = house.call("POST", f"{path}/review-request", "lender", json={"channel": "telephone"})
    assert asked.status_code == 201
    twice = house.call("POST", f"{path}/review-request", "lender", json={"channel": "counter"})
    assert twice.json()["review_id"] == asked.json()["review_id"]
    assert queued(house, "requested") == [decision_id]
    assert queued(house, "requested", "south") == []
    assert decision_id in queued(house, "referred")
    found = house.call(
        "POST", f"{path}/reviews", "reviewer", json={"verdict": "uphold", "reason": WHY}
    )
    assert found.status_code == 201
    assert queued(house, "requested") == []
    assert decision_id not in queued(house, "referred")
    states = {
        one["verdict"]: one["state"]
        for one in house.call("GET", f"{path}/reviews").json()["reviews"]
    }
    assert states == {"requested": "answered", "uphold": "final"}
    assert house.call("GET", path).json()["decision"] == decision


def test_an_override_stands_beside_the_decision(house: House) -> None:
    decision = house.score()
    path = path_of(decision)
    before = house.call("GET", f"{path}/answer").content
    body = {
        "verdict": "override_accept", "reason": WHY, "limit_yuan": 50_000.0,
        "evidence": ["visit/2026-17"],
    }  # fmt: skip
    made = house.call("POST", f"{path}/reviews", "reviewer", json=body)
    assert (made.status_code, made.json()["state"]) == (201, "final")
    whole = house.call("GET", path).json()
    assert whole["effective"]["decision"] == "accept"
    assert whole["effective"]["limit_yuan"] == 50_000.0
    assert whole["effective"]["expires_on"] > "2026-11-26"
    assert whole["reviews"][0]["evidence"] == ["visit/2026-17"]
    assert house.call("GET", f"{path}/answer").content == before
    (listed,) = house.call(
        "GET", f"/v1/decisions?reviewed=true&made_from={decision['made_at']}"
    ).json()["items"]
    assert (listed["decision"], listed["effective"]["decision"]) == ("refer", "accept")


def test_an_override_above_the_lending_value_is_refused(house: House) -> None:
    decision = house.score()
    over = decision["collateral"]["lending_value_yuan"] + 1.0
    answer = house.call(
        "POST", f"{path_of(decision)}/reviews", "reviewer",
        json={"verdict": "override_accept", "reason": WHY, "limit_yuan": over},
    )  # fmt: skip
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "/body/limit_yuan"


def test_the_law_is_not_overridden(house: House) -> None:
    decision = house.score(borrower={"credit_query_consent": False})
    assert decision["decision"] == "decline"
    path = path_of(decision)
    answer = house.call(
        "POST", f"{path}/reviews", "reviewer",
        json={"verdict": "override_accept", "reason": WHY, "limit_yuan": 1.0},
        headers={"Accept-Language": "en"},
    )  # fmt: skip
    assert answer.status_code == 409
    assert [fault["code"] for fault in answer.json()["errors"]] == ["scoring.credit_query_consent"]
    assert house.call("GET", f"{path}/reviews").json()["reviews"] == []
    referred = house.call(
        "POST", f"{path}/reviews", "reviewer", json={"verdict": "refer", "reason": WHY}
    )
    assert referred.status_code == 201


def test_a_large_override_takes_two_people(house: House) -> None:
    decision = house.score(rights=[big_right()], loan={"balance_yuan": 400_000.0})
    path = path_of(decision)
    assert decision["collateral"]["lending_value_yuan"] > 400_000.0
    body = {"verdict": "override_accept", "reason": WHY, "limit_yuan": 400_000.0}
    waits = house.call("POST", f"{path}/reviews", "reviewer", json=body).json()
    assert waits["state"] == "waits"
    assert queued(house, "waiting") == [decision["decision_id"]]
    assert house.call("GET", path).json()["effective"]["decision"] == decision["decision"]
    approval = f"{path}/reviews/{waits['review_id']}/approval"
    own = house.call("POST", approval, "reviewer", json={"agrees": True})
    assert own.status_code == 409
    foreign = house.call("POST", approval, "reviewer", "south", json={"agrees": True})
    assert foreign.status_code == 404
    agreed = house.call("POST", approval, SECOND_REVIEWER, json={"agrees": True})
    assert (agreed.status_code, agreed.json()["state"]) == (200, "final")
    assert agreed.json()["second"]["by"] != waits["by"]
    again = house.call("POST", approval, SECOND_REVIEWER, json={"agrees": False})
    assert again.status_code == 409
    assert house.call("GET", path).json()["effective"]["limit_yuan"] == 400_000.0


def rotated(house: House, role: str) -> str:
    """A new key in place of the one of a role, which still holds."""
    state, old = house.app.state.ready, parts_of(house.keys["north", role])[0]
    with writing(state.engine) as connection:
        return rotate(
            connection, state.secrets, "north", old, timedelta(hours=1), 7, "tests", now()
        )[0]


def test_a_new_key_makes_no_second_person(house: House) -> None:
    decision = house.score(rights=[big_right()], loan={"balance_yuan": 400_000.0})
    path = path_of(decision)
    body = {"verdict": "override_accept", "reason": WHY, "limit_yuan": 400_000.0}
    waits = house.call("POST", f"{path}/reviews", "reviewer", json=body).json()
    approval = f"{path}/reviews/{waits['review_id']}/approval"
    for _ in range(2):
        house.keys["north", "reviewer"] = rotated(house, "reviewer")
        same = house.call("POST", approval, "reviewer", json={"agrees": True})
        assert same.status_code == 409
        assert same.json()["type"].endswith(":own-decision")
    assert house.call("POST", approval, SECOND_REVIEWER, json={"agrees": True}).status_code == 200


def test_a_decline_holds_no_limit_before_or_after_a_review() -> None:
    today = date(2026, 11, 23)
    for limit in (60_000.0, 0.0):  # as it was told once, and as it is now
        decline = {"decision": "decline", "limit_yuan": limit}
        assert effective(decline, [], today)["limit_yuan"] == 0.0
        for verdict, wanted in (("uphold", "decline"), ("refer", "refer")):
            one = {
                "state": "final", "verdict": verdict, "limit_yuan": None, "expires_on": None,
                "review_id": "r",
            }  # fmt: skip
            found = effective(decline, [one], today)
            assert (found["decision"], found["limit_yuan"]) == (wanted, 0.0)
    accept = {"decision": "accept", "limit_yuan": 60_000.0}
    assert effective(accept, [], today)["limit_yuan"] == 60_000.0


def test_two_keys_of_one_holder_are_one_person(house: House) -> None:
    decision = house.score(rights=[big_right()], loan={"balance_yuan": 400_000.0})
    path = path_of(decision)
    body = {"verdict": "override_accept", "reason": WHY, "limit_yuan": 400_000.0}
    for number, holder in enumerate(("S-0042", "S-0042", "S-0043")):
        wanted = {"title": f"desk {number}", "role": "reviewer", "holder": holder}
        made = house.call("POST", "/v1/keys", "admin", json=wanted).json()
        assert made["about"]["holder"] == holder
        house.keys["north", f"desk {number}"] = made["key"]
    waits = house.call("POST", f"{path}/reviews", "desk 0", json=body).json()
    approval = f"{path}/reviews/{waits['review_id']}/approval"
    house.keys["north", "desk 1"] = rotated(house, "desk 1")
    same = house.call("POST", approval, "desk 1", json={"agrees": True})
    assert same.status_code == 409
    assert same.json()["type"].endswith(":own-decision")
    assert house.call("POST", approval, "desk 2", json={"agrees": True}).status_code == 200
    person = {"title": "desk", "role": "reviewer", "holder": "110101199003078515"}
    assert house.call("POST", "/v1/keys", "admin", json=person).status_code == 422


def test_a_new_key_does_not_review_what_the_old_one_decided(house: House) -> None:
    made = house.call("POST", "/v1/scores", "admin", json=application()).json()
    house.keys["north", "admin"] = rotated(house, "admin")
    body = {"verdict": "uphold", "reason": WHY}
    assert house.call("POST", f"{path_of(made)}/reviews", "admin", json=body).status_code == 409


def test_days_of_a_review_are_days_of_the_county(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = path_of(house.score())
    early = datetime(2027, 2, 28, 22, 0, tzinfo=UTC)  # six in the morning of 1 March
    monkeypatch.setattr("service.governance.reviews.now", lambda: early)
    body = {"verdict": "override_accept", "reason": WHY, "limit_yuan": 10_000.0}
    yesterday = {**body, "expires_on": "2027-02-28"}
    assert house.call("POST", f"{path}/reviews", "reviewer", json=yesterday).status_code == 422
    today = {**body, "expires_on": "2027-03-01"}
    assert house.call("POST", f"{path}/reviews", "reviewer", json=today).status_code == 201
    for hours, outcome in ((17, "accept"), (19, "refer")):  # until midnight there, and after
        moment = early + timedelta(hours=hours)
        monkeypatch.setattr("service.routes.decisions.now", lambda moment=moment: moment)
        assert house.call("GET", path).json()["effective"]["decision"] == outcome


def big_right() -> dict[str, Any]:
    (right,) = application()["rights"]
    return {**right, "area_mu": 450.0, "certified_area_mu": 450.0}


def test_who_decided_does_not_review(house: House) -> None:
    made = house.call("POST", "/v1/scores", "admin", json=application()).json()
    answer = house.call(
        "POST", f"{path_of(made)}/reviews", "admin", json={"verdict": "uphold", "reason": WHY}
    )
    assert answer.status_code == 409


@pytest.mark.parametrize("role", ["lender", "analyst", "risk", "auditor", "operator"])
def test_only_reviewers_review(house: House, role: str) -> None:
    decision_id = f"d-{'0' * 32}"
    body = {"verdict": "uphold", "reason": WHY}
    answer = house.call("POST", f"/v1/decisions/{decision_id}/reviews", role, json=body)
    assert answer.status_code == 403
    assert house.call("GET", "/v1/decisions/review-queue", role).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "approve"}, {"reason": "short"}, {"reason": "x" * 2001},
        {"evidence": ["a b"]}, {"limit_yuan": -1.0}, {"more": 1}, {"expires_on": 5},
    ],
)  # fmt: skip
def test_reviews_outside_their_schema_are_refused(house: House, change: dict[str, Any]) -> None:
    body = {"verdict": "uphold", "reason": WHY, **change}
    answer = house.call("POST", f"/v1/decisions/d-{'0' * 32}/reviews", "reviewer", json=body)
    assert answer.status_code == 422


def test_decisions_drawn_at_random_are_the_same_every_time(house: House) -> None:
    first, second = queued(house, "sampled"), queued(house, "sampled")
    assert first == second


def test_overrides_and_what_became_of_them_are_counted(house: House) -> None:
    decision = house.score("south")
    path = path_of(decision)
    body = {"verdict": "override_accept", "reason": WHY, "limit_yuan": 10_000.0}
    house.call("POST", f"{path}/reviews", "reviewer", "south", json=body)
    house.call(
        "POST", f"{path}/outcome", "lender", "south",
        json={"outcome": "defaulted", "on": "2027-03-01"},
    )  # fmt: skip
    told = house.call("GET", "/v1/decisions/review-statistics", "auditor", "south").json()
    assert told == {
        "decisions": 1, "reviewed": 1, "overridden": 1, "waiting": 0,
        "by_verdict": [{"decision": "refer", "verdict": "override_accept", "n": 1}],
        "overrides_to_accept": {"known": 1, "defaulted": 1},
    }  # fmt: skip
    later = house.call("GET", "/v1/decisions/review-statistics?from=2099-01-01T00:00:00Z").json()
    assert later["decisions"] == later["reviewed"] == 0


@pytest.mark.parametrize(
    ("verdict", "letter", "sheet"),
    [
        ({"verdict": "override_accept", "limit_yuan": 50_000.0}, "可以贷 50,000 元", "人工复核：同意"),
        ({"verdict": "override_decline"}, "这次的申请现在还不能办", "人工复核：不予受理"),
        ({"verdict": "uphold"}, "要请专人看过才能定", "人工复核：转人工复核"),
    ],
)  # fmt: skip
def test_pages_tell_what_a_person_decided(
    house: House, verdict: dict[str, Any], letter: str, sheet: str
) -> None:
    path = path_of(house.score())
    asked = {"Accept": "text/html", "Accept-Language": "zh"}
    before = house.call("GET", f"{path}/explanation?audience=officer", headers=asked).text
    assert sheet not in before
    body = {**verdict, "reason": WHY}
    assert house.call("POST", f"{path}/reviews", "reviewer", json=body).status_code == 201
    for audience, told in (("borrower", letter), ("officer", sheet)):
        page = house.call("GET", f"{path}/explanation?audience={audience}", headers=asked)
        assert page.status_code == 200
        assert told in page.text
    data = house.call("GET", f"{path}/explanation", headers={"Accept": "application/json"}).json()
    assert data["effective"]["review_id"] is not None
    assert data["decision"] == "refer"
