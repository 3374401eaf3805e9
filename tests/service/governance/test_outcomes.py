"""What became of loans: in order, within bounds, once."""

from typing import Any

import pytest

from service.governance.outcomes import AFTER, again, check
from service.problems import Problem
from tests.service.governance.conftest import House, Opener, application

ROW = {
    "created_on": "2026-11-24", "valued_on": "2026-11-23", "asked_yuan": 60_000.0,
    "limit_yuan": 50_000.0,
}  # fmt: skip
LENT: dict[str, Any] = {"decision": "accept", "limit_yuan": 50_000.0}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(opener: Opener, request: pytest.FixtureRequest) -> House:
    """On both databases."""
    if request.param == "sqlite":
        return opener()
    return opener(database_url=request.getfixturevalue("postgresql").fresh())


def word(outcome: str, on: str = "2027-01-01", **more: Any) -> dict[str, Any]:
    return {"outcome": outcome, "on": on, **more}


def refused(told: list[dict[str, Any]], body: dict[str, Any], **more: Any) -> tuple[int, str]:
    with pytest.raises(Problem) as caught:
        check(told, body, ROW, {**LENT, **more})
    return caught.value.status, caught.value.faults[0].path


@pytest.mark.parametrize("first", AFTER)
@pytest.mark.parametrize("second", AFTER)
def test_words_follow_each_other_in_order(first: str, second: str) -> None:
    check([], word(first), ROW, LENT)
    if second in AFTER[first]:
        check([word(first)], word(second), ROW, LENT)
    else:
        assert refused([word(first)], word(second)) == (409, "/body/outcome")


def test_what_ended_stays_ended() -> None:
    assert AFTER["repaid"] == AFTER["not_lent"] == frozenset()
    assert "repaid" not in AFTER["defaulted"]
    assert all("not_lent" not in after for after in AFTER.values())


@pytest.mark.parametrize(("day", "stands"), [("1990-01-01", False), ("2026-11-22", False),
                                             ("2026-11-23", True), ("2027-09-30", True)])  # fmt: skip
def test_nothing_became_of_a_loan_before_it_was_decided(day: str, stands: bool) -> None:
    if stands:
        check([], word("repaid", day), ROW, LENT)
    else:
        assert refused([], word("repaid", day)) == (422, "/body/on")


def test_days_do_not_go_back() -> None:
    told = [word("running", "2027-03-01"), word("running", "2027-02-01")]
    check(told, word("repaid", "2027-03-01"), ROW, LENT)
    assert refused(told, word("repaid", "2027-02-28")) == (422, "/body/on")


@pytest.mark.parametrize("outcome", ["repaid", "running", "not_lent"])
def test_what_went_well_has_no_loss(outcome: str) -> None:
    check([], word(outcome, lost_yuan=0.0), ROW, LENT)
    assert refused([], word(outcome, lost_yuan=0.01)) == (422, "/body/lost_yuan")


def test_a_loss_is_of_the_size_of_the_loan() -> None:
    check([], word("defaulted", lost_yuan=120_000.0), ROW, LENT)
    for lost in (120_000.01, 1e300):
        assert refused([], word("defaulted", lost_yuan=lost)) == (422, "/body/lost_yuan")
    check([], word("defaulted", lost_yuan=160_000.0), ROW, {**LENT, "limit_yuan": 80_000.0})


def test_a_declined_application_was_not_lent() -> None:
    check([], word("not_lent"), ROW, {"decision": "decline", "limit_yuan": 0.0})
    assert refused([], word("repaid"), decision="decline") == (409, "/body/outcome")


def test_the_same_word_is_known_again() -> None:
    told = [word("running"), word("defaulted", lost_yuan=5.0)]
    assert again(told, {**word("defaulted", lost_yuan=5.0), "by": "x"}) is told[1]
    assert again(told, word("defaulted")) is None
    assert again(told, word("running", "2027-01-02")) is None


def test_outcomes_are_checked_and_told_once(house: House) -> None:
    path = f"/v1/decisions/{house.score()['decision_id']}"

    def tell(status: int, **body: Any) -> Any:
        answer = house.call("POST", f"{path}/outcome", "lender", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    tell(422, outcome="repaid", on="1990-01-01")
    tell(422, outcome="repaid", on="2027-11-23", lost_yuan=5.0)
    tell(422, outcome="defaulted", on="2027-11-23", lost_yuan=1e300)
    first = tell(201, outcome="running", on="2027-01-01")
    assert tell(201, outcome="running", on="2027-01-01") == first
    second = tell(201, outcome="defaulted", on="2027-06-01", lost_yuan=1000.0)
    assert tell(201, outcome="defaulted", on="2027-06-01", lost_yuan=1000.0) == second
    assert tell(201, outcome="running", on="2027-01-01") == first
    tell(409, outcome="not_lent", on="2027-07-01")
    tell(409, outcome="repaid", on="2027-07-01")
    tell(422, outcome="recovered", on="2027-05-01", lost_yuan=10.0)
    tell(201, outcome="recovered", on="2027-09-01", lost_yuan=600.0)
    outcomes = house.call("GET", path).json()["outcomes"]
    assert [one["outcome"] for one in outcomes] == ["running", "defaulted", "recovered"]


def test_no_loan_was_made_of_what_was_declined(house: House) -> None:
    declined = application(borrower={"credit_query_consent": False})
    made = house.call("POST", "/v1/scores", "lender", json=declined).json()
    assert made["decision"] == "decline"
    path = f"/v1/decisions/{made['decision_id']}/outcome"
    body = {"outcome": "repaid", "on": "2027-11-23"}
    answer = house.call("POST", path, "lender", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (409, "/body/outcome")
    body["outcome"] = "not_lent"
    assert house.call("POST", path, "lender", json=body).status_code == 201


def test_a_default_that_was_recovered_is_still_a_default(house: House) -> None:
    decision = house.score("south")
    path = f"/v1/decisions/{decision['decision_id']}"
    override = {"verdict": "override_accept", "reason": "Looked at it all.", "limit_yuan": 9_000.0}
    house.call("POST", f"{path}/reviews", "reviewer", "south", json=override)
    for outcome, day in (("defaulted", "2027-06-01"), ("recovered", "2027-07-01")):
        body = {"outcome": outcome, "on": day}
        told = house.call("POST", f"{path}/outcome", "lender", "south", json=body)
        assert told.status_code == 201
    counted = house.call("GET", "/v1/decisions/review-statistics", "auditor", "south").json()
    assert counted["overrides_to_accept"] == {"known": 1, "defaulted": 1}
