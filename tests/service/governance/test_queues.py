"""Queues of decisions that wait for a person, and what a reviewer may send."""

from typing import Any

import pytest

from tests.service.governance.conftest import House, Opener, application

WHY = "Looked at the land, the contract and the books of the borrower."
(RIGHT,) = application()["rights"]
BIG: dict[str, Any] = {**RIGHT, "area_mu": 450.0, "certified_area_mu": 450.0}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(opener: Opener, request: pytest.FixtureRequest) -> House:
    """On both databases."""
    if request.param == "sqlite":
        return opener()
    return opener(database_url=request.getfixturevalue("postgresql").fresh())


def path_of(decision: dict[str, Any]) -> str:
    return f"/v1/decisions/{decision['decision_id']}"


def walked(house: House, why: str, limit: int = 1) -> list[str]:
    """A queue read page by page along its links."""
    found: list[str] = []
    path = f"/v1/decisions/review-queue?why={why}&limit={limit}"
    for _ in range(100):
        answer = house.call("GET", path, "reviewer", "south")
        assert answer.status_code == 200
        content = answer.json()
        assert len(content["items"]) <= limit
        found += [one["decision_id"] for one in content["items"]]
        assert ("link" in answer.headers) == (content["next"] is not None)
        if content["next"] is None:
            return found
        path = answer.headers["link"].partition(">")[0].removeprefix("<")
        assert content["next"] in path
    raise AssertionError("the queue has no end")


def test_queues_are_read_page_by_page(house: House) -> None:
    made = [house.score("south", rights=[BIG], loan={"balance_yuan": 400_000.0})
            for _ in range(3)]  # fmt: skip
    names = [one["decision_id"] for one in made]
    for one in made:
        path = path_of(one)
        asked = {"channel": "counter"}
        house.call("POST", f"{path}/review-request", "lender", "south", json=asked)
        for _ in range(2):
            body = {"verdict": "override_accept", "reason": WHY, "limit_yuan": 390_000.0}
            waits = house.call("POST", f"{path}/reviews", "reviewer", "south", json=body).json()
            assert waits["state"] == "waits"
    assert walked(house, "requested") == walked(house, "requested", 2) == names
    assert walked(house, "waiting") == walked(house, "waiting", 3) == names
    extra = [house.score("south")["decision_id"] for _ in range(2)]
    assert walked(house, "referred")[:2] == extra[::-1]


def test_a_cursor_belongs_to_its_queue(house: House) -> None:
    for _ in range(2):
        path = path_of(house.score())
        house.call("POST", f"{path}/review-request", "lender", "north", json={"channel": "letter"})
    first = "/v1/decisions/review-queue?why=requested&limit=1"
    cursor = house.call("GET", first, "reviewer", "north").json()["next"]
    for why in ("waiting", "referred", "sampled"):
        other = f"/v1/decisions/review-queue?why={why}&cursor={cursor}"
        answer = house.call("GET", other, "reviewer", "north")
        assert answer.status_code == 422, why
        assert answer.json()["errors"][0]["path"] == "/query/cursor"
    for wrong in ("zz", "AAAA", cursor[:-2]):
        answer = house.call("GET", f"{first}&cursor={wrong}", "reviewer", "north")
        assert answer.status_code == 422, wrong


def test_a_reason_of_blanks_says_nothing(house: House) -> None:
    body = {"verdict": "uphold", "reason": " " * 20}
    answer = house.call("POST", f"/v1/decisions/d-{'0' * 32}/reviews", "reviewer", json=body)
    assert answer.status_code == 422
    assert [one["path"] for one in answer.json()["errors"]] == ["/body/reason"]


def test_an_override_above_the_sum_asked_is_refused(house: House) -> None:
    decision = house.score(rights=[BIG])
    assert decision["asked_yuan"] == 60_000.0 < decision["collateral"]["lending_value_yuan"]
    for limit, status in ((60_000.01, 422), (60_000.0, 201)):
        body = {"verdict": "override_accept", "reason": WHY, "limit_yuan": limit}
        answer = house.call("POST", f"{path_of(decision)}/reviews", "reviewer", json=body)
        assert answer.status_code == status, answer.text
        if status == 422:
            (fault,) = answer.json()["errors"]
            assert fault["path"] == "/body/limit_yuan"
            assert "60,000.00" in fault["message"]["en"]


@pytest.mark.parametrize(
    "query", ["from=0001-01-01T00:00:00%2B14:00", "to=9999-12-31T23:59:59-14:00"]
)
def test_moments_at_the_edge_of_the_calendar_are_refused(house: House, query: str) -> None:
    answer = house.call("GET", f"/v1/decisions/review-statistics?{query}")
    assert answer.status_code == 422
    name = query.partition("=")[0]
    assert [one["path"] for one in answer.json()["errors"]] == [f"/query/{name}"]
    listed = {"from": "made_from", "to": "made_before"}[name]
    assert house.call("GET", f"/v1/decisions?{query.replace(name, listed, 1)}").status_code == 422
    moment = query.partition("=")[2].replace("%2B", "+")
    searched = house.call("POST", "/v1/decisions/search", json={listed: moment})
    assert searched.status_code == 422
    assert [one["path"] for one in searched.json()["errors"]] == [f"/body/{listed}"]
