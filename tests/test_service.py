"""The first service: the same numbers as the command line, and clear refusals."""

import json
from collections.abc import Iterator
from datetime import date

import pytest
from fastapi.testclient import TestClient

from riskengine import __version__
from riskengine.columns import blank_row
from riskengine.market import demonstration
from riskengine.rights import RIGHTS
from riskengine.single import value_one
from riskengine.valuation import results
from service.app import create_app
from service.settings import Settings

DAY = "2026-11-24"


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(Settings(max_rights=5, max_body_bytes=20_000))) as client:
        yield client


def example(table: str) -> dict[str, object]:
    contract = RIGHTS[table]
    row = {k: v for k, v in blank_row(contract).items() if v}
    return {k: float(v) if contract.by_name[k].kind == "number" else v for k, v in row.items()}


def test_health_and_ready(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "up", "engine_version": __version__}
    assert client.get("/ready").json()["status"] == "ready"


@pytest.mark.parametrize("table", list(RIGHTS))
def test_the_same_numbers_as_the_command_line(client: TestClient, table: str) -> None:
    body = {"table": table, "valued_on": DAY, "rights": [example(table)]}
    answer = client.post("/v1/valuations", json=body).json()
    valuation = value_one(table, [], date.fromisoformat(DAY), demonstration(), {})
    expected = results(valuation).to_pylist()[0]
    got = answer["results"][0]
    assert got["market_value_yuan"] == expected["market_value_yuan"]
    assert got["lending_value_yuan"] == expected["lending_value_yuan"]
    assert answer["rights_in"] == answer["rights_valued"] == 1
    assert len(answer["provenance"]["rules_digest"]) == 64


def test_bad_rights_are_told_beside_the_good(client: TestClient) -> None:
    good = example("land")
    rights = [good, {**good, "right_id": "R-2", "area_mu": -1.0}]
    answer = client.post(
        "/v1/valuations", json={"table": "land", "valued_on": DAY, "rights": rights}
    )
    body = answer.json()
    assert answer.status_code == 200
    assert (body["rights_in"], body["rights_valued"], body["rights_rejected"]) == (2, 1, 1)
    assert [fault["column"] for fault in body["faults"]] == ["area_mu"]


@pytest.mark.parametrize(
    "change",
    [
        {"table": "castle"}, {"valued_on": "yesterday"}, {"rights": []}, {"extra": 1},
        {"rights": [{"nonsense": 1.0}]}, {"rights": [{"area_mu": {"deep": []}}]},
        {"rights": [{"right_id": "r"}] * 6},
    ],
)  # fmt: skip
def test_bad_requests_stop_themselves(client: TestClient, change: dict[str, object]) -> None:
    body = {"table": "land", "valued_on": DAY, "rights": [example("land")], **change}
    answer = client.post("/v1/valuations", json=body)
    assert answer.status_code == 422
    assert set(answer.json()) == {"error", "detail"}


@pytest.mark.parametrize(
    "content",
    [
        b"{", b"[]", b"\xff", b'{"table": NaN}',
        b'{"table": "land", "valued_on": "2026-11-24", "rights": [{"area_mu": NaN}]}',
        b'{"table": "land", "valued_on": "2026-11-24", "rights": [{"right_id": "\\ud800"}]}',
        b"[" * 5000,
    ],
)  # fmt: skip
def test_hostile_bodies_never_break_the_service(client: TestClient, content: bytes) -> None:
    answer = client.post(
        "/v1/valuations", content=content, headers={"content-type": "application/json"}
    )
    assert answer.status_code in (200, 400, 422)
    assert b"Traceback" not in answer.content


def test_a_large_body_is_refused(client: TestClient) -> None:
    answer = client.post("/v1/valuations", content=b" " * 30_000)
    assert answer.status_code == 413
    assert "Traceback" not in answer.text


def test_refusals_do_not_echo_what_was_sent(client: TestClient) -> None:
    secret = "SECRET-PERSON-370983"
    body = {"table": "land", "valued_on": DAY, "rights": [{"right_id": [secret]}]}
    assert secret not in client.post("/v1/valuations", json=body).text


def test_schema_page_of_a_table(client: TestClient) -> None:
    schema = client.get("/v1/tables/land").json()
    assert schema["properties"]["area_mu"]["x-unit"] == "mu"
    assert client.get("/v1/tables/castle").status_code == 422


def test_openapi_is_served(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert set(document["paths"]) == {
        "/health", "/ready", "/v1/tables/{table}", "/v1/valuations",
    }  # fmt: skip
    assert json.dumps(document)
