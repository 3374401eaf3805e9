"""Who is named in an application over HTTP: sealed, found, erased, and kept while lent."""

from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import func, select, update
from typer.testing import CliRunner

from service.cli_store import app
from service.scoring.people import folded
from service.store.database import reading, writing
from service.store.decisions import find
from service.store.erasure import Ground, erase
from service.store.ledger import canonical
from service.store.tables import ledger, personal, persons, replies
from service.store.verify import verify
from tests.service.governance.conftest import SECOND_REVIEWER, House, Opener, application

WHY = "Looked at the land, the contract and the books of the borrower."
CODE, OTHER = "11010519491231002X", "440524188001010014"
"""Published examples of the standard GB 11643."""
SHORT = "2026-12-01"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(opener: Opener, request: pytest.FixtureRequest) -> House:
    """On both databases."""
    if request.param == "sqlite":
        return opener()
    return opener(database_url=request.getfixturevalue("postgresql").fresh())


def decided(house: House, key: str | None = None, **change: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    sent = application(**change)
    return house.call("POST", "/v1/scores", "lender", json=sent, headers=headers)


def mortgaged(code: str) -> list[dict[str, Any]]:
    (right,) = application()["rights"]
    return [{**right, "mortgagor_code": code}]


def found_by(house: House, code: str) -> list[str]:
    answer = house.call("POST", "/v1/decisions/search", json={"borrower_code": code})
    assert answer.status_code == 200
    return [one["decision_id"] for one in answer.json()["items"]]


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Commands on the store of the service."""
    url = house.settings.database_url
    monkeypatch.setenv("RISKENGINE_DATA", str(house.settings.data))
    monkeypatch.setenv("RISKENGINE_SECRET", "s" * 40)
    if url is not None:
        monkeypatch.setenv("RISKENGINE_DATABASE_URL", url.get_secret_value())

    def command(*words: str, given: str = "") -> Result:
        chosen = ["--tenant", "north", "--ground", "other"]
        return CliRunner().invoke(app, ["erase", *chosen, *words], input=given)

    return command


def test_features_are_erased_with_the_person(house: House, run: Any) -> None:
    features = {"contact_name": "ZhangSanfeng", "mobile": "13912345678"}
    answer = decided(house, borrower={"borrower_code": CODE, "features": features})
    assert answer.status_code == 200
    assert answer.json()["features_unused"] == 2
    decision_id = answer.json()["decision_id"]
    assert run(given=f"{CODE}\n").exit_code == 0
    state = house.app.state.ready
    with reading(state.engine) as connection:
        one = find(connection, "north", decision_id)
        assert one is not None
        left = canonical(one.entry) + one.answer + str(one.row).encode()
        sealed = select(personal.c.sealed).where(personal.c.decision_id == decision_id)
        assert connection.execute(sealed).scalar() is None
    assert not any(word.encode() in left for pair in features.items() for word in pair)


def test_two_borrowers_are_refused(house: House) -> None:
    change: dict[str, Any] = {"borrower": {"borrower_code": CODE}, "loan": {"borrower_code": OTHER}}
    answer = decided(house, **change)
    assert (answer.status_code, answer.json()["type"]) == (
        422, "urn:riskengine:problem:two-borrowers",
    )  # fmt: skip
    paths = ["/body/borrower/borrower_code", "/body/loan/borrower_code"]
    assert [one["path"] for one in answer.json()["errors"]] == paths
    items = [application(application_no="A-1"), application(application_no="A-2", **change)]
    told = house.call("POST", "/v1/scores/batch", "lender", json=items).json()["results"]
    assert [one["status"] for one in told] == [200, 422]
    paths = ["/body/1/borrower/borrower_code", "/body/1/loan/borrower_code"]
    assert [one["path"] for one in told[1]["problem"]["errors"]] == paths
    same = {**change, "loan": {"borrower_code": "1101 0519-4912 31002x"}}
    assert decided(house, **same).status_code == 200


def test_a_mortgagor_is_found_and_erased(house: House, run: Any) -> None:
    made = decided(house, rights=mortgaged(OTHER), borrower={"borrower_code": CODE}).json()
    wide = "４４０５２４ 18800101-0014"
    assert found_by(house, OTHER) == found_by(house, wide) == [made["decision_id"]]
    assert found_by(house, "440524188001010022") == []
    assert run(given=f"{wide}\n").exit_code == 0
    assert found_by(house, OTHER) == []
    assert made["decision_id"] not in found_by(house, CODE)
    replayed = house.call("POST", f"/v1/decisions/{made['decision_id']}/replay").json()
    assert replayed["erased"]
    assert run(given=f"{OTHER}\n").exit_code == 1


def test_the_usual_case_writes_no_person(house: House) -> None:
    state = house.app.state.ready
    with reading(state.engine) as connection:
        before = connection.execute(select(func.count()).select_from(persons)).scalar_one()
    decided(house, rights=mortgaged("110105 19491231002x"), borrower={"borrower_code": CODE})
    decided(house)
    with reading(state.engine) as connection:
        after = connection.execute(select(func.count()).select_from(persons)).scalar_one()
    assert after == before


def test_a_key_is_stored_by_its_name(house: House, run: Any) -> None:
    key, state = "cust-13912345678", house.app.state.ready
    first = decided(house, key, borrower={"borrower_code": OTHER})
    again = decided(house, key, borrower={"borrower_code": OTHER})
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")
    assert run(given=OTHER).exit_code == 0
    with reading(state.engine) as connection:
        stored = connection.execute(select(replies.c.idempotency_key)).scalars().all()
    assert not any("13912345678" in one for one in stored)
    late = decided(house, key, borrower={"borrower_code": OTHER})
    assert (late.status_code, late.json()["type"]) == (
        422, "urn:riskengine:problem:idempotency-key-reused",
    )  # fmt: skip


def test_a_key_that_was_stored_as_it_was_sent_still_holds(house: House) -> None:
    state = house.app.state.ready
    first = decided(house, "old-key")
    with writing(state.engine) as connection:
        mine = replies.c.decision_id == first.json()["decision_id"]
        connection.execute(update(replies).where(mine).values(idempotency_key="old-key"))
    assert decided(house, "old-key").content == first.content
    other = decided(house, "old-key", application_no="A-other")
    assert other.status_code == 422


def test_a_review_after_an_erasure_goes_too(house: House, run: Any) -> None:
    decision_id = decided(house, borrower={"borrower_code": CODE}).json()["decision_id"]
    chosen = ("--decision", decision_id)
    assert run(*chosen).exit_code == 0
    words = "Zhang Sanfeng called from 13912345678 and asked why."
    path = f"/v1/decisions/{decision_id}/reviews"
    review = {"verdict": "uphold", "reason": words}
    assert house.call("POST", path, "reviewer", json=review).status_code == 201
    assert run(*chosen).exit_code == 0
    assert words not in house.call("GET", path).text
    assert run(*chosen).exit_code == 1


def shortened(house: House, **change: Any) -> str:
    """A decision whose cells are about to go, as those of one declined."""
    decision_id = str(house.score(**change)["decision_id"])
    with writing(house.app.state.ready.engine) as connection:
        mine = personal.c.decision_id == decision_id
        connection.execute(update(personal).where(mine).values(keep_until=SHORT))
    return decision_id


def kept_until(house: House, decision_id: str) -> tuple[str, list[str]]:
    """Last day, and the kinds of entries about it; the chain is whole."""
    state = house.app.state.ready
    with reading(state.engine) as connection:
        mine = personal.c.decision_id == decision_id
        last = connection.execute(select(personal.c.keep_until).where(mine)).scalar_one()
        query = select(ledger.c.kind).where(ledger.c.subject == decision_id)
        kinds = connection.execute(query.order_by(ledger.c.position)).scalars().all()
        assert verify(connection, "north", state.secrets).faults == []
    return last, list(kinds)


def test_what_a_person_accepts_is_kept_as_a_loan(house: House) -> None:
    matures = application()["loan"]["matures_on"]
    for verdict, more, kept in (
        ("uphold", {}, False), ("override_accept", {"limit_yuan": 1000.0}, True),
    ):  # fmt: skip
        decision_id = shortened(house)
        body = {"verdict": verdict, "reason": WHY, **more}
        path = f"/v1/decisions/{decision_id}/reviews"
        assert house.call("POST", path, "reviewer", json=body).status_code == 201
        last, kinds = kept_until(house, decision_id)
        assert (last > SHORT, "retention" in kinds) == (kept, kept)
        if kept:
            assert int(last[:4]) >= int(matures[:4]) + 10


def test_what_two_people_accept_is_kept_once_both_agree(house: House) -> None:
    (right,) = application()["rights"]
    rights = [{**right, "area_mu": 450.0, "certified_area_mu": 450.0}]
    decision_id = shortened(house, rights=rights, loan={"balance_yuan": 400_000.0})
    path = f"/v1/decisions/{decision_id}/reviews"
    body = {"verdict": "override_accept", "reason": WHY, "limit_yuan": 400_000.0}
    waits = house.call("POST", path, "reviewer", json=body).json()
    assert waits["state"] == "waits"
    assert kept_until(house, decision_id)[0] == SHORT
    approval = f"{path}/{waits['review_id']}/approval"
    assert house.call("POST", approval, SECOND_REVIEWER, json={"agrees": True}).status_code == 200
    last, kinds = kept_until(house, decision_id)
    assert last > SHORT
    assert kinds[-1] == "retention"


@pytest.mark.parametrize(("outcome", "kept"), [("not_lent", False), ("running", True)])
def test_what_was_lent_is_kept(house: House, outcome: str, kept: bool) -> None:
    decision_id = shortened(house)
    body = {"outcome": outcome, "on": "2026-11-26"}
    path = f"/v1/decisions/{decision_id}/outcome"
    assert house.call("POST", path, "lender", json=body).status_code == 201
    assert (kept_until(house, decision_id)[0] > SHORT) == kept


def test_a_day_to_come_keeps_nothing_for_ever(house: House) -> None:
    decision_id = shortened(house)
    body = {"outcome": "recovered", "on": "9000-01-01"}
    path = f"/v1/decisions/{decision_id}/outcome"
    assert house.call("POST", path, "lender", json=body).status_code == 201
    assert SHORT < kept_until(house, decision_id)[0] < "2100"


@pytest.mark.parametrize(("state", "kept"), [("accepted", False), ("in_force", True)])
def test_a_case_in_force_is_kept(house: House, state: str, kept: bool) -> None:
    decision_id = shortened(house)
    path = f"/v1/decisions/{decision_id}/state"
    assert house.call("PUT", path, "lender", json={"state": state}).status_code == 200
    last, kinds = kept_until(house, decision_id)
    assert (last > SHORT, kinds[-1] == "retention") == (kept, kept)


def test_what_was_erased_is_not_kept_again(house: House) -> None:
    decision_id = shortened(house)
    with writing(house.app.state.ready.engine) as connection:
        moment = "2026-11-26T09:00:00.000000Z"
        erase(connection, "north", (), Ground.OTHER, "me", moment, decision_id)
    body = {"outcome": "running", "on": "2026-11-26"}
    house.call("POST", f"/v1/decisions/{decision_id}/outcome", "lender", json=body)
    assert kept_until(house, decision_id)[0] == SHORT


@pytest.mark.parametrize(("code", "plain"), [
    ("11010519491231002x", CODE), (" 110105\t1949-1231\u2014002X\n", CODE),
    ("１１０１０５１９４９１２３１００２Ｘ", CODE), ("110105\u200b19491231\u2212002X", CODE), (" - ", ""),
    ("9233 0106-MA2CF3XX1X", "92330106MA2CF3XX1X"),
])  # fmt: skip
def test_codes_are_compared_as_they_are_meant(code: str, plain: str) -> None:
    assert folded(code) == plain
