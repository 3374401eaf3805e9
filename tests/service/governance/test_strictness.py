"""Requests over HTTP: what is not known is refused, and every fault says where it stands."""

from typing import Any

import pytest

from tests.service.governance.conftest import House, application

(RIGHT,) = application()["rights"]


def scored(house: House, content: Any, **more: Any) -> Any:
    return house.call("POST", "/v1/scores", "lender", json=content, **more)


def told(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(one["path"], one["code"]) for one in answer.json()["errors"]]


def test_faults_of_the_engine_name_their_field(house: House) -> None:
    unknown = application(rights=[RIGHT, {**RIGHT, "region_code": "999999"}])
    assert told(scored(house, unknown)) == [("/body/rights/1/region_code", "unknown_region")]
    twice = application(rights=[{**RIGHT, "right_id": "L-1"}, {**RIGHT, "right_id": "L-1"}])
    assert told(scored(house, twice)) == [("/body/rights/1/right_id", "unprocessable")]


def test_several_faults_of_the_engine_are_one_a_field(house: House) -> None:
    early = application(created_on="1950-01-01", valued_on="1950-01-01")
    answer = scored(house, early, headers={"Accept-Language": "en"})
    faults = told(answer)
    assert len(faults) == len(dict(faults)) > 3
    assert {code for _, code in faults} == {"after_valued_on"}
    for path, _ in faults:
        first, *steps = path.split("/")[1:]
        assert (first, steps[:2]) == ("body", ["rights", "0"])
        assert steps[2] in RIGHT
    assert answer.json()["title"] == "several cells of the application are wrong"
    assert all(one["message"]["en"].count(":") == 1 for one in answer.json()["errors"])


def test_faults_of_the_engine_in_a_batch_name_their_item(house: House) -> None:
    bad = application(application_no="A-2", rights=[{**RIGHT, "region_code": "999999"}])
    sent = [application(application_no="A-1"), bad]
    answer = house.call("POST", "/v1/scores/batch", "lender", json=sent).json()
    assert [one["status"] for one in answer["results"]] == [200, 422]
    (fault,) = answer["results"][1]["problem"]["errors"]
    assert fault["path"] == "/body/1/rights/0/region_code"


def test_alternatives_of_a_field_are_one_fault(house: House) -> None:
    content = application(borrower={"features": {"trade": {"a": 1}}})
    assert told(scored(house, content)) == [("/body/borrower/features/trade", "float_type")]
    book = house.call("POST", "/v1/books", json={"title": "x", "source": 5})
    assert [path for path, _ in told(book)] == ["/body/source"]


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/v1/decisions?decison=refer", ["decison"]),
        ("/v1/decisions?valued_until=2026-01-01&limit=1", ["valued_until"]),
        ("/v1/decisions?limit=1&limit=2", ["limit"]),
        ("/v1/decisions?limit=1&limit=1&x=&y", ["limit", "x", "y"]),
        ("/v1/decisions/review-statistics?since=2026-01-01T00:00:00Z", ["since"]),
        ("/v1/models?a=1", ["a"]), ("/v1/jobs?state=done&stat=e", ["stat"]),
        ("/v1/keys/0000000000000000?limit=1", ["limit"]),
        ("/v1/tables?%7E%2F=1", ["~0~1"]),
    ],
)  # fmt: skip
def test_queries_are_as_strict_as_bodies(house: House, path: str, names: list[str]) -> None:
    answer = house.call("GET", path)
    assert [place for place, _ in told(answer)] == [f"/query/{name}" for name in names]


def test_queries_of_posts_are_strict_too(house: House) -> None:
    answer = house.call("POST", "/v1/scores?maping=x", "lender", json=application())
    assert told(answer) == [("/query/maping", "unknown_parameter")]
    assert "mapping" in answer.json()["errors"][0]["cure"]["en"]


def test_who_may_not_is_told_so_before_the_query_is_read(house: House) -> None:
    assert house.call("GET", "/v1/keys?x=1", "lender").status_code == 403
    assert house.client.get("/v1/keys?x=1").status_code == 401


@pytest.mark.parametrize("cursor", ["zz", "0" * 15, "0" * 17, "%E2%82%AC", "'"])
def test_a_cursor_that_no_list_gave_is_refused(house: House, cursor: str) -> None:
    for path, role in (("/v1/keys", "admin"), ("/v1/decisions", "admin")):
        assert told(house.call("GET", f"{path}?cursor={cursor}", role)) == [
            ("/query/cursor", "cursor")
        ]  # fmt: skip


def test_keys_are_still_read_page_by_page(house: House) -> None:
    seen, cursor = [], ""
    for _ in range(50):
        content = house.call("GET", f"/v1/keys?limit=2{cursor}").json()
        seen += [one["key_id"] for one in content["items"]]
        if content["next"] is None:
            break
        cursor = f"&cursor={content['next']}"
    assert len(set(seen)) == len(seen) > 4


def test_problems_vary_by_language(house: House) -> None:
    for path in ("/v1/decisions?x=1", "/nowhere", "/v1/scores/"):
        assert "accept-language" in house.call("GET", path).headers["vary"].lower()


def test_a_slash_too_many_is_no_address(house: House) -> None:
    for path in ("/v1/scores/", "/v1/decisions/", "/health/"):
        answer = house.call("POST", path, "lender", json={}, follow_redirects=False)
        assert answer.status_code == 404, path


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_probes_may_ask_for_the_head_alone(house: House, path: str) -> None:
    answer = house.client.head(path)
    assert (answer.status_code, answer.content) == (200, b"")
    refused = house.client.post(path)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")


def test_the_head_of_what_is_not_ready_says_so(house: House) -> None:
    house.app.state.draining = True
    try:
        assert house.client.head("/ready").status_code == 503
        assert house.client.head("/health").status_code == 200
    finally:
        house.app.state.draining = False


def test_overlays_are_put_only_where_there_is_none(house: House) -> None:
    path, only_new = "/v1/rules/overlay", {"If-None-Match": "*"}
    text = """[land_household_cap]
[[land_household_cap.value]]
from = 2026-01-01
amount = 0.4
cite = "credit policy of the institution, 2026, article 7"
seen = "text"
"""
    body = {"files": {"lending_practice.toml": text}}
    new = house.call("PUT", path, json=body, headers=only_new)
    assert new.status_code == 200
    assert new.json()["digest"]
    held = house.call("GET", path).json()
    other = {"files": {"lending_practice.toml": text.replace("0.4", "0.3")}}
    again = house.call("PUT", path, json=other, headers=only_new)
    assert again.status_code == 412
    assert again.headers["etag"] == new.headers["etag"]
    assert house.call("GET", path).json() == held
    both = {"If-Match": new.headers["etag"], "If-None-Match": new.headers["etag"]}
    assert house.call("PUT", path, json=other, headers=both).status_code == 412
    mine = {"If-Match": new.headers["etag"], "If-None-Match": f'"{"0" * 64}"'}
    assert house.call("PUT", path, json=other, headers=mine).status_code == 200
    tried = house.call("PUT", f"{path}?check=true", json=other, headers=only_new)
    assert tried.status_code == 200
