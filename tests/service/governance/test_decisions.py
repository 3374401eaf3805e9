"""Decisions over HTTP: as they were answered, listed, explained, made again."""

import hashlib
import json
from typing import Any

import pytest

from riskengine.exchange.states import moves
from riskengine.law import law_for
from riskengine.market import demonstration
from riskengine.scoring.application import application_of
from riskengine.scoring.equipment import Equipment
from riskengine.scoring.pages import farmer_page, officer_page
from riskengine.scoring.record import record
from riskengine.scoring.score import score
from tests.service.governance.conftest import TENANTS, House, Opener, application

CODE = "11010519491231002X"
"""The published example of the standard GB 11643."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(opener: Opener, request: pytest.FixtureRequest) -> House:
    """On both databases."""
    if request.param == "sqlite":
        return opener()
    return opener(database_url=request.getfixturevalue("postgresql").fresh())


@pytest.fixture(scope="module")
def made(house: House) -> list[dict[str, Any]]:
    """Five decisions of one institution and one of another, the earliest first."""
    found = [
        house.score(application_no=f"A-{k}", loan={"balance_yuan": 40_000.0 + 10_000.0 * k})
        for k in range(4)
    ]
    found.append(house.score(application_no="A-4", borrower={"borrower_code": CODE}))
    house.score("south", application_no="B-0")
    return found


def ids(answer: Any) -> list[str]:
    return [one["decision_id"] for one in answer.json()["items"]]


def test_http_and_python_give_one_answer(house: House, made: list[dict[str, Any]]) -> None:
    fleet = house.app.state.ready.fleet
    equipment = Equipment(
        demonstration(), law_for(None), {}, fleet.shared.default_model, fleet.shared.challenger
    )
    sent = application(application_no="A-0", loan={"balance_yuan": 40_000.0})
    told = json.loads(json.dumps(record(score(application_of(sent), equipment))))
    head = {"decision_id", "made_at", "trace_id"}
    assert {key: cell for key, cell in made[0].items() if key not in head} == told


def test_a_decision_is_kept_as_it_was_answered(house: House, made: list[dict[str, Any]]) -> None:
    decision_id = made[0]["decision_id"]
    whole = house.call("GET", f"/v1/decisions/{decision_id}", "auditor")
    assert whole.json()["decision"] == made[0]
    assert whole.json()["chain"]["position"] == len(house.keys) // len(TENANTS) + 1  # behind keys
    bytes_ = house.call("GET", f"/v1/decisions/{decision_id}/answer", "auditor")
    digest = hashlib.sha256(bytes_.content).hexdigest()
    assert whole.json()["chain"]["answer_sha256"] == digest
    assert bytes_.headers["etag"] == f'"{digest}"'
    assert bytes_.content in whole.content
    tag = whole.headers["etag"]
    again = house.call("GET", f"/v1/decisions/{decision_id}", headers={"If-None-Match": tag})
    assert again.status_code == 304


def test_pages_are_stable_while_decisions_are_made(
    house: House, made: list[dict[str, Any]]
) -> None:
    first = house.call("GET", "/v1/decisions?limit=2", "auditor")
    late = house.score(application_no="A-late")["decision_id"]
    seen, link = ids(first), first.headers["link"]
    while link:
        following = house.call("GET", link[1 : link.index(">")], "auditor")
        seen += ids(following)
        link = following.headers.get("link", "")
    assert seen == [one["decision_id"] for one in reversed(made)]
    assert ids(house.call("GET", "/v1/decisions?limit=1"))[0] == late


def test_a_cursor_belongs_to_its_list(house: House, made: list[dict[str, Any]]) -> None:
    cursor = house.call("GET", "/v1/decisions?limit=1").json()["next"]
    other = house.call("GET", f"/v1/decisions?limit=1&decision=accept&cursor={cursor}")
    assert other.status_code == 422
    assert house.call("GET", "/v1/decisions?cursor=xxxx").status_code == 422
    assert house.call("GET", "/v1/decisions?limit=201").status_code == 422


def test_decisions_are_found_by_what_is_known(house: House, made: list[dict[str, Any]]) -> None:
    def found(query: str) -> list[str]:
        return ids(house.call("GET", f"/v1/decisions?{query}"))

    third = made[2]
    assert found("application_no=A-2") == [third["decision_id"]]
    everything = [one["decision_id"] for one in reversed(made)]
    assert set(everything) <= set(found(f"decision={third['decision']}"))
    assert third["decision_id"] not in found("valued_from=2026-11-24")
    assert third["decision_id"] in found("valued_from=2026-11-23&valued_to=2026-11-23")
    moment = third["made_at"]
    assert third["decision_id"] in found(f"made_from={moment}")
    assert third["decision_id"] not in found(f"made_before={moment}")
    code = third["reasons"][0]["code"]
    assert third["decision_id"] in found(f"reason={code}")
    assert found("reason=NO-SUCH") == []
    assert third["decision_id"] in found("reviewed=false")


def test_a_borrower_is_found_without_an_address_that_names_one(
    house: House, made: list[dict[str, Any]]
) -> None:
    body = {"borrower_code": CODE}
    answer = house.call("POST", "/v1/decisions/search", json=body)
    assert ids(answer) == [made[-1]["decision_id"]]
    assert CODE not in answer.text
    assert ids(house.call("POST", "/v1/decisions/search", tenant="south", json=body)) == []


@pytest.mark.parametrize(
    "path",
    ["", "/answer", "/explanation", "/reviews"],
)
def test_another_institution_sees_nothing(
    house: House, made: list[dict[str, Any]], path: str
) -> None:
    decision_id = made[0]["decision_id"]
    answer = house.call("GET", f"/v1/decisions/{decision_id}{path}", tenant="south")
    assert answer.status_code == 404
    assert made[0]["application_no"] not in answer.text


def test_a_decision_is_made_again(house: House, made: list[dict[str, Any]]) -> None:
    for one in made:
        told = house.call("POST", f"/v1/decisions/{one['decision_id']}/replay", "auditor").json()
        assert (told["same"], told["proven"], told["differences"]) == (True, True, [])
        assert told["replayed_sha256"] == told["answer_sha256"]
    foreign = f"/v1/decisions/{made[0]['decision_id']}/replay"
    assert house.call("POST", foreign, "auditor", "south").status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("audience", ["officer", "borrower"])
def test_pages_are_those_of_the_engine(
    house: House, made: list[dict[str, Any]], audience: str, language: str
) -> None:
    fleet = house.app.state.ready.fleet
    answer = house.call(
        "GET", f"/v1/decisions/{made[-1]['decision_id']}/explanation?audience={audience}",
        headers={"Accept": "text/html", "Accept-Language": language},
    )  # fmt: skip
    sent = application(application_no="A-4", borrower={"borrower_code": CODE})
    scored = score(application_of(sent), fleet.of("north").equipment)
    page = (officer_page if audience == "officer" else farmer_page)(scored, language)
    assert answer.text == page
    assert answer.headers["content-language"] == language
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert CODE not in answer.text
    assert "<script" not in answer.text


def test_an_explanation_as_data_tells_how_to_ask_for_a_person(
    house: House, made: list[dict[str, Any]]
) -> None:
    path = f"/v1/decisions/{made[0]['decision_id']}/explanation"
    borrower = house.call("GET", path).json()
    assert borrower["human_review"]["request"] == path.replace("explanation", "review-request")
    assert borrower["decision"] == made[0]["decision"]
    assert "default" not in borrower
    assert borrower["reasons"] or made[0]["decision"] == "accept"
    officer = house.call("GET", f"{path}?audience=officer").json()
    assert officer["reasons"] == made[0]["reasons"]
    assert officer["default"] == made[0]["default"]


def test_what_became_of_a_loan_is_told(house: House, made: list[dict[str, Any]]) -> None:
    path = f"/v1/decisions/{made[1]['decision_id']}"
    body = {"outcome": "defaulted", "on": "2027-09-30", "lost_yuan": 1200.5}
    assert house.call("POST", f"{path}/outcome", "lender", json=body).status_code == 201
    (told,) = house.call("GET", path).json()["outcomes"]
    assert {key: told[key] for key in body} == body
    assert house.call("POST", f"{path}/outcome", "auditor", json=body).status_code == 403
    foreign = house.call("POST", f"{path}/outcome", "lender", "south", json=body)
    assert foreign.status_code == 404
    wrong = house.call("POST", f"{path}/outcome", "lender", json={**body, "on": 1})
    assert wrong.status_code == 422


def test_a_case_moves_as_cases_do(house: House, made: list[dict[str, Any]]) -> None:
    path = f"/v1/decisions/{made[3]['decision_id']}"
    first = house.call("PUT", f"{path}/state", "lender", json={"state": "accepted"})
    assert first.status_code == 200
    assert first.json()["next"] == sorted(moves()["accepted"])
    after = first.json()["next"][0]
    assert house.call("PUT", f"{path}/state", "lender", json={"state": after}).status_code == 200
    assert house.call("GET", path).json()["case_state"] == after
    far = next(one for one in moves() if one not in moves()[after] and one != after)
    refused = house.call("PUT", f"{path}/state", "lender", json={"state": far})
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["path"] == "/body/state"
    assert (
        house.call("PUT", f"{path}/state", "lender", json={"state": "nowhere"}).status_code == 422
    )


def test_a_case_passes_unseen_through_states_that_are_not_recorded(
    house: House, made: list[dict[str, Any]]
) -> None:
    path = f"/v1/decisions/{made[2]['decision_id']}/state"
    assert house.call("PUT", path, "lender", json={"state": "accepted"}).status_code == 200
    skips = {"state": "feedback_awaited"}
    assert house.call("PUT", path, "lender", json=skips).status_code == 409
    by = f"{path}?mapping=commercial_guarantor"
    assert house.call("PUT", by, "lender", json=skips).status_code == 200
    assert house.call("PUT", f"{path}?mapping=nowhere", "lender", json=skips).status_code == 404


def test_what_is_declined_is_not_signed_off_before_a_person_overrides(house: House) -> None:
    without = {"credit_report_used": True, "credit_query_consent": False}
    case = house.score(borrower=without)
    assert case["decision"] == "decline"
    path = f"/v1/decisions/{case['decision_id']}/state"
    for state in ("accepted", "prescreen", "due_diligence", "rejected"):
        assert house.call("PUT", path, "lender", json={"state": state}).status_code == 200
    for state in ("signed_off", "in_force"):
        again = f"/v1/decisions/{house.score(borrower=without)['decision_id']}"
        refused = house.call("PUT", f"{again}/state", "lender", json={"state": state})
        assert refused.status_code == 409
        assert refused.json()["type"].endswith(":declined")
    other = house.score()
    assert other["decision"] == "refer"
    path = f"/v1/decisions/{other['decision_id']}"
    verdict = {"verdict": "override_decline", "reason": "The land is let twice, by the register."}
    assert house.call("POST", f"{path}/reviews", "reviewer", json=verdict).status_code == 201
    refused = house.call("PUT", f"{path}/state", "lender", json={"state": "signed_off"})
    assert refused.json()["type"].endswith(":declined")


def test_nothing_personal_leaves_in_lists(house: House, made: list[dict[str, Any]]) -> None:
    for path in ("/v1/decisions", f"/v1/decisions/{made[-1]['decision_id']}"):
        text = house.call("GET", path).text
        assert CODE not in text
        assert '"borrower"' not in text


NOBODY = "A-11010519491231002X"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"application_no": NOBODY}, "/body/application_no"),
        ({"application_no": NOBODY.replace("-", "")}, "/body/application_no"),
        ({"application_no": f"{NOBODY}B"}, "/body/application_no"),
        ({"loan": {"loan_id": NOBODY}}, "/body/loan/loan_id"),
        ({"loan": {"product": f"农户贷款 {NOBODY[2:]}"}}, "/body/loan/product"),
        ({"borrower": {"features": {"region": NOBODY}}}, "/body/borrower/features/region"),
        ({"borrower": {"features": {NOBODY: 1.0}}}, "/body/borrower/features"),
        ({"rights": [{**application()["rights"][0], "right_id": NOBODY}]}, "/body/rights/0/"),
    ],
)  # fmt: skip
def test_an_identity_number_stands_only_where_it_is_sealed(
    house: House, change: dict[str, Any], path: str
) -> None:
    answer = house.call("POST", "/v1/scores", "lender", json=application(**change))
    assert answer.status_code == 422
    faults = [one["path"] for one in answer.json()["errors"] if one["code"] == "identity_number"]
    assert faults
    assert all(one.startswith(path) for one in faults)


def test_an_identity_number_is_no_key_or_title(house: House) -> None:
    for headers in ({"Idempotency-Key": NOBODY}, {"Idempotency-Key": f"{NOBODY}/1"}):
        for path in ("/v1/scores", "/v1/scores?mapping=agri_guarantee_new"):
            sent = house.call("POST", path, "lender", json=application(), headers=headers)
            assert sent.status_code == 422
    for path, body in (
        ("/v1/books", {"title": NOBODY}), ("/v1/keys", {"title": NOBODY, "role": "lender"}),
    ):  # fmt: skip
        assert house.call("POST", path, json=body).status_code == 422


@pytest.mark.parametrize("key", ["", "a b", "k" * 129])
def test_what_is_no_idempotency_key_is_refused(house: House, key: str) -> None:
    for path in ("/v1/scores", "/v1/scores?mapping=agri_guarantee_new"):
        headers = {"Idempotency-Key": key}
        sent = house.call("POST", path, "lender", json=application(), headers=headers)
        assert sent.status_code == 422
