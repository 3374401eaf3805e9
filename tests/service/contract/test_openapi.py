"""The document: complete, in both languages, with examples that run, and only ever added to."""

import copy
import difflib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from service.app import create_app
from service.auth.caller import Role, Scope
from service.clock import now
from service.contract.changes import broken
from service.contract.document import each, is_number, operations, text_of, units_in
from service.examples import applications
from service.settings import Settings
from tests.service.security.house import House

SNAPSHOT = Path("service/openapi.json")
DOCUMENT: dict[str, Any] = create_app(Settings()).openapi()
ALL = dict(each(DOCUMENT))
OPEN = {"GET /health", "GET /ready"}
HAN, LATIN = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z]{2}")
MEASURED = re.compile(r"_(yuan|mu|months|years|per_year|bytes)$")


def test_the_snapshot_is_the_document() -> None:
    """Renew it by: python -m service openapi > service/openapi.json."""
    there, made = SNAPSHOT.read_text(encoding="utf-8"), text_of(DOCUMENT)
    lines = difflib.unified_diff(there.splitlines(), made.splitlines(), "committed", "made", n=1)
    assert there == made, "\n".join(list(lines)[:60])


def test_what_is_committed_is_only_added_to() -> None:
    assert broken(json.loads(SNAPSHOT.read_text(encoding="utf-8")), DOCUMENT) == []


def changed(change: Any) -> list[str]:
    """What a change would break."""
    new = copy.deepcopy(DOCUMENT)
    change(new["components"]["schemas"], new["paths"])
    return broken(DOCUMENT, new)


BREAKING = {
    "path removed": lambda s, p: p.pop("/v1/scores"),
    "answered field removed": lambda s, p: s["ScoreAnswer"]["properties"].pop("grade"),
    "answered field optional": lambda s, p: s["ScoreAnswer"]["required"].remove("grade"),
    "answered type": lambda s, p: s["ScoreAnswer"]["properties"]["made_at"].update(type="integer"),
    "answered deep": lambda s, p: s["CureAnswer"]["properties"].pop("gain_yuan"),
    "asked field removed": lambda s, p: s["Loan"]["properties"].pop("balance_yuan"),
    "asked field needed": lambda s, p: s["Borrower"]["required"].append("birth_year"),
    "choice removed": lambda s, p: s["NewReview"]["properties"]["verdict"]["enum"].remove("refer"),
    "range tightened": lambda s, p: s["BookArguments"]["properties"]["months"].update(maximum=6),
    "parameter removed": lambda s, p: p["/v1/decisions"]["get"]["parameters"].pop(0),
    "parameter needed": lambda s, p: p["/v1/decisions"]["get"]["parameters"][0].update(required=True),
    "status removed": lambda s, p: p["/v1/scores"]["post"]["responses"].pop("200"),
    "renamed": lambda s, p: p["/v1/scores"]["post"].update(operationId="evaluate"),
    "null in an answer": lambda s, p: s["ScoreAnswer"]["properties"].update(
        made_at={"anyOf": [{"type": "string"}, {"type": "null"}]}
    ),
}  # fmt: skip
ADDING = {
    "path": lambda s, p: p.update({"/v2": p["/health"]}),
    "answered field": lambda s, p: s["ScoreAnswer"]["properties"].update(more={"type": "string"}),
    "asked field": lambda s, p: s["Loan"]["properties"].update(more={"type": "string"}),
    "choice": lambda s, p: s["NewReview"]["properties"]["verdict"]["enum"].append("later"),
    "range": lambda s, p: s["BookArguments"]["properties"]["months"].update(maximum=120),
    "status": lambda s, p: p["/v1/scores"]["post"]["responses"].update({"418": {}}),
}


@pytest.mark.parametrize("name", BREAKING)
def test_what_breaks_clients_is_seen(name: str) -> None:
    assert changed(BREAKING[name])


@pytest.mark.parametrize("name", ADDING)
def test_what_only_adds_is_let_through(name: str) -> None:
    assert changed(ADDING[name]) == []


def test_every_operation_is_named_and_told_in_both_languages() -> None:
    assert set(ALL) == set(operations())
    for at, one in ALL.items():
        for text in (one["summary"], one["description"]):
            assert HAN.search(text) and LATIN.search(text), at
        assert one["tags"], at
    names = [one["operationId"] for one in ALL.values()]
    assert len(set(names)) == len(names)
    tags = {tag["name"] for tag in DOCUMENT["tags"]}
    assert {tag for one in ALL.values() for tag in one["tags"]} == tags
    assert DOCUMENT["openapi"].startswith("3.1")
    assert DOCUMENT["servers"] and DOCUMENT["info"]["version"]
    assert all(HAN.search(tag["description"]) for tag in DOCUMENT["tags"])


def test_every_operation_but_two_names_its_scope_for_key_and_token() -> None:
    for at, one in ALL.items():
        ways = one.get("security", [])
        assert bool(ways) != (at in OPEN), at
        for way in ways:
            ((_, scopes),) = way.items()
            assert [Scope(scope) for scope in scopes], at
        if ways:
            assert {name for way in ways for name in way} == {"ApiKey", "Bearer"}, at
            assert {"401", "403", "429", "503"} <= set(one["responses"]), at


def test_statuses_carry_their_headers_and_problems_their_type() -> None:
    for at, one in ALL.items():
        assert "400" in one["responses"], at
        for status, answer in one["responses"].items():
            names = set(answer["headers"])
            assert "X-Trace-Id" in names, (at, status)
            assert (status in {"429", "503"}) <= ("Retry-After" in names), (at, status)
            assert ("security" not in one) or "RateLimit" in names, (at, status)
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], (at, status)
            assert answer["description"] and HAN.search(answer["description"]), (at, status)
        if "304" in one["responses"]:
            assert "ETag" in one["responses"]["200"]["headers"], at
        if "requestBody" in one:
            assert {"408", "413", "415", "422"} <= set(one["responses"]), at


def test_numbers_that_measure_say_their_unit() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    bare = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, cell in schema.get("properties", {}).items()
        if MEASURED.search(field) and is_number(cell) and not units_in(cell)
    ]
    assert bare == []
    assert (
        sum(len(units_in(c)) for s in schemas.values() for c in s.get("properties", {}).values())
        > 300
    )


EXAMPLES = [
    (at, name, example["value"])
    for at, one in ALL.items()
    for name, example in one.get("requestBody", {}).get("content", {})
    .get("application/json", {}).get("examples", {}).items()
]  # fmt: skip
LARGE_YUAN = 400_000.0


def test_every_json_body_has_an_example() -> None:
    asked = {
        at for at, one in ALL.items()
        if "application/json" in one.get("requestBody", {}).get("content", {})
    }  # fmt: skip
    assert {at for at, _, _ in EXAMPLES} == asked


def place_of(house: House, at: str, name: str, places: dict[str, str]) -> str:
    """What stands in the path of an example."""
    if name == "name":
        return "household-default" if "/models/" in at else (
            "county_guarantee" if at.startswith("PUT") else "agri_guarantee_new"
        )  # fmt: skip
    if name == "decision_id" and "/approval" in at:
        return large(house)
    if name == "review_id":
        return waiting(house, places["decision_id"])
    made = house.object_of("north", name)
    if name == "book_id":
        headers = {**house.headers("north", Role.RISK), "Content-Type": "text/csv"}
        table = f"/v1/books/{made}/tables/land?format=csv"
        house.client.put(table, content=b"right_id,area_mu\nR-1,10\n", headers=headers)
    return made


def large(house: House) -> str:
    """A decision on so large a right that an override needs a second person."""
    application = copy.deepcopy(next(iter(applications().values())))
    application["rights"][0] |= {"area_mu": 3000.0, "certified_area_mu": 3000.0}
    application["loan"]["balance_yuan"] = LARGE_YUAN
    headers = house.headers("north", Role.LENDER)
    answer = house.client.post("/v1/scores", json=application, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["decision_id"])


def waiting(house: House, decision_id: str) -> str:
    """A review that waits for a second person."""
    body = {
        "verdict": "override_accept", "limit_yuan": LARGE_YUAN, "reason": "contracts and accounts seen",
    }  # fmt: skip
    path = f"/v1/decisions/{decision_id}/reviews"
    headers = {"X-API-Key": house.key("north", Role.REVIEWER, holder="S-0043")}
    made = house.client.post(path, json=body, headers=headers)
    assert made.status_code == 201, made.text
    return str(made.json()["review_id"])


@pytest.mark.parametrize(
    ("at", "name", "value"), EXAMPLES, ids=[f"{a} {n}" for a, n, _ in EXAMPLES]
)
def test_every_example_of_a_body_runs(house: House, at: str, name: str, value: Any) -> None:
    method, path = at.split(" ")
    one = ALL[at]
    places: dict[str, str] = {}
    for place in re.findall(r"{(\w+)}", path):
        places[place] = place_of(house, at, place, places)
    scopes = {scope for way in one["security"] for found in way.values() for scope in found}
    headers = house.headers("north", Role.OPERATOR if Scope.OPERATE in scopes else Role.ADMIN)
    if "/approval" in path:
        headers = {"X-API-Key": house.key("north", Role.REVIEWER, holder="S-0042")}
    if "/reviews" in path and "/approval" not in path:
        headers = house.headers("north", Role.REVIEWER)
    if at == "POST /v1/tenants":  # another file of tests may have made one of this name
        value = {**value, "tenant": f"{value['tenant']}-{now().timestamp():.0f}"}
    if method == "PUT":  # an example that ran before may have put one in force
        there = house.client.get(path.format(**places), headers=headers)
        headers |= {"If-Match": there.headers["etag"]} if there.status_code == 200 else {}
    answer = house.client.request(method, path.format(**places), json=value, headers=headers)
    wanted = {status for status in one["responses"] if status < "300"}
    if at == "POST /v1/models/{name}/rollback":
        wanted = {"200", "409"}  # after a promotion only
    assert str(answer.status_code) in wanted, answer.text
