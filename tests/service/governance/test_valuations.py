"""Valuations: the same numbers as the command line, and clear refusals."""

import math
from datetime import date
from typing import Any

import pytest

from riskengine.market import demonstration
from riskengine.rights import RIGHTS
from riskengine.single import value_one
from riskengine.valuation import results
from service.routes.valuations import ONE
from tests.service.governance.conftest import House, Opener

DAY = "2026-11-24"


@pytest.fixture(scope="module")
def house(opener: Opener) -> House:
    return opener(max_rights=5)


def request(kind: str, /, **change: Any) -> dict[str, Any]:
    return {**ONE.examples[kind], **change}


def plain(cell: Any) -> Any:
    """As JSON holds it: what is not known or has no end is nothing."""
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


@pytest.mark.parametrize("table", list(RIGHTS))
def test_the_same_numbers_as_the_command_line(house: House, table: str) -> None:
    answer = house.call("POST", "/v1/valuations", "lender", json=request(table)).json()
    valuation = value_one(table, [], date.fromisoformat(DAY), demonstration(), {})
    expected = results(valuation).to_pylist()[0]
    (got,) = answer["results"]
    told = {key: cell for key, cell in got.items() if key != "notes"}
    assert told == {k: plain(v) for k, v in expected.items()}
    assert answer["rights_in"] == answer["rights_valued"] == 1
    assert len(answer["provenance"]["rules_digest"]) == 64


def test_bad_rights_are_told_beside_the_good(house: House) -> None:
    (good,) = ONE.examples["land"]["rights"]
    late = {**good, "right_id": "R-2", "contract_end": "1990-01-01"}
    answer = house.call(
        "POST", "/v1/valuations", "lender", json=request("land", rights=[good, late, good])
    )
    body = answer.json()
    assert answer.status_code == 200
    assert body["rights_in"] == 3
    assert body["rights_valued"] + body["rights_rejected"] == 3
    assert body["rights_rejected"] >= 1
    assert {fault["right_id"] for fault in body["faults"]} <= {"R-2", good["right_id"]}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"table": "castle"}, "/body"), ({"valued_on": "yesterday"}, "/body/valued_on"),
        ({"valued_on": 0}, "/body/valued_on"), ({"rights": []}, "/body/rights"),
        ({"extra": 1}, "/body/extra"),
        ({"rights": [{"nonsense": 1.0}]}, "/body/rights/0/nonsense"),
        ({"rights": [{"area_mu": {"deep": []}}]}, "/body/rights/0/area_mu"),
        ({"rights": [{"area_mu": -1.0}]}, "/body/rights/0/area_mu"),
        ({"rights": [{"area_mu": "30"}]}, "/body/rights/0/area_mu"),
    ],
)  # fmt: skip
def test_bad_requests_name_the_field(house: House, change: dict[str, Any], path: str) -> None:
    answer = house.call("POST", "/v1/valuations", "lender", json=request("land", **change))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert path in [fault["path"] for fault in answer.json()["errors"]]


def test_too_many_rights_are_refused(house: House) -> None:
    rights = ONE.examples["land"]["rights"] * 6
    answer = house.call("POST", "/v1/valuations", "lender", json=request("land", rights=rights))
    assert answer.status_code == 422
    assert answer.json()["type"].endswith(":too-many")


@pytest.mark.parametrize(
    "content",
    [
        b"{", b"[]", b"\xff", b'{"table": NaN}',
        b'{"table": "land", "valued_on": "2026-11-24", "rights": [{"area_mu": NaN}]}',
        b'{"table": "land", "valued_on": "2026-11-24", "rights": [{"right_id": "\\ud800"}]}',
        b"[" * 5000,
    ],
)  # fmt: skip
def test_hostile_bodies_never_break_the_service(house: House, content: bytes) -> None:
    answer = house.call(
        "POST", "/v1/valuations", "lender", content=content,
        headers={"content-type": "application/json"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert b"Traceback" not in answer.content


def test_refusals_do_not_echo_what_was_sent(house: House) -> None:
    secret = "SECRET-PERSON-370983"
    body = request("land", rights=[{"right_id": [secret]}])
    assert secret not in house.call("POST", "/v1/valuations", "lender", json=body).text


def test_tables_and_their_schemas(house: House) -> None:
    listed = house.call("GET", "/v1/tables").json()
    assert [one["table"] for one in listed] == list(RIGHTS)
    for one in listed:
        assert house.call("GET", one["schema"]).status_code == 200
    schema = house.call("GET", "/v1/tables/land")
    assert schema.json()["properties"]["area_mu"]["x-unit"] == "mu"
    again = house.call("GET", "/v1/tables/land", headers={"If-None-Match": schema.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert house.call("GET", "/v1/tables/castle").status_code == 404


def test_only_who_scores_may_value(house: House) -> None:
    assert house.client.post("/v1/valuations", json=request("land")).status_code == 401
    assert house.call("POST", "/v1/valuations", "auditor", json=request("land")).status_code == 403
    assert house.call("GET", "/v1/tables", "operator").status_code == 403
