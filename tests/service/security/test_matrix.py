"""Every endpoint, every role, own and foreign objects; and the tenant in every statement."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import event, or_, select

from service.app import create_app
from service.auth.caller import SCOPES, Role, Scope
from service.settings import Settings
from service.store.tables import metadata
from tests.service.security.house import House
from tests.service.security.matrix import ROWS, Row
from tests.service.security.statements import faults_of

NAMED = {
    "table": "land", "review_id": "r-" + "0" * 32, "digest": "0" * 64, "file": "results.csv",
    "kind": "state-register",
}  # fmt: skip
NAMES = {
    "rules": "lending_practice.land_household_cap", "models": "household-default",
    "mappings": "county_guarantee",
}  # fmt: skip
"""Parameters of paths that name what no institution owns."""


def endpoints() -> list[str]:
    """Method and path of every route of the application, those of its routers included."""
    return sorted(
        f"{method} {route.path}"
        for route in iter_route_contexts(create_app(Settings()).routes)
        for method in set(route.methods or ()) - {"HEAD", "OPTIONS"}
    )


ENDPOINTS = endpoints()


def test_the_walk_sees_what_the_document_shows() -> None:
    document = create_app(Settings()).openapi()
    shown = {f"{m.upper()} {path}" for path, ops in document["paths"].items() for m in ops}
    assert shown <= {endpoint.replace(":path", "") for endpoint in ENDPOINTS}
    assert len(shown) > 5


def test_every_endpoint_has_a_row() -> None:
    missing = [endpoint for endpoint in ENDPOINTS if endpoint not in ROWS]
    assert not missing, f"rows missing in tests/service/security/matrix.py: {missing}"


def test_every_row_names_an_endpoint() -> None:
    assert not sorted(ROWS.keys() - set(ENDPOINTS))


@pytest.fixture
def spoken(house: House) -> Iterator[list[str]]:
    """Faults of statements that routes emit during a test."""
    found: list[str] = []

    def see(_: Any, statement: Any, *__: Any) -> None:
        found.extend(faults_of(statement))

    event.listen(house.state.engine, "before_execute", see)
    yield found
    event.remove(house.state.engine, "before_execute", see)


def filled(house: House, path: str, owner: str) -> str:
    """A path with the objects of an owner."""
    for name in re.findall(r"{(\w+)(?::path)?}", path):
        known = {**NAMED, "name": NAMES.get(path.split("/")[2], "")}
        cell = known[name] if name in known else house.object_of(owner, name)
        path = re.sub(r"{" + name + r"(?::path)?}", cell, path)
    return path


def body_of(house: House, endpoint: str) -> Any:
    """What a row sends: its own body, or the first example of the document."""
    method, path = endpoint.split(" ")
    body = ROWS[endpoint].body
    if body is None and method in {"POST", "PUT"}:
        shown = house.app.openapi()["paths"][path.replace(":path", "")][method.lower()]
        media = shown.get("requestBody", {"content": {}})["content"].get("application/json", {})
        return next(iter(media.get("examples", {}).values()), {"value": None})["value"]
    return body() if callable(body) else body


def ask(house: House, endpoint: str, headers: dict[str, str], owner: str) -> int:
    """Status of a request on an owner's objects."""
    method, path = endpoint.split(" ")
    line, path = ROWS[endpoint], filled(house, path, owner)
    body = body_of(house, endpoint)
    sent: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
    if method == "POST":
        headers = {**headers, "Idempotency-Key": uuid.uuid4().hex}
    answer = house.client.request(
        method, path + line.query, headers=headers, **(sent if body is not None else {})
    )
    return answer.status_code


def expected(line: Row, scopes: frozenset[Scope]) -> frozenset[int]:
    """Statuses that a caller with these scopes may see on its own objects."""
    if line.scope is None or line.scope in scopes:
        return line.own
    return frozenset({403})


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_no_key_no_entry(house: House, endpoint: str) -> None:
    line = ROWS[endpoint]
    wanted = line.own if line.scope is None else frozenset({401})
    ways = {
        "none": {}, "empty": {"X-API-Key": ""},
        "lapsed": {"X-API-Key": house.keys["north", "lapsed"]},
        "revoked": {"X-API-Key": house.keys["north", "revoked"]},
        "unknown": {"X-API-Key": "rk_" + "0" * 16 + "_" + "A" * 43},
        "wrong secret": {"X-API-Key": house.keys["north", "admin"][:-4] + "AAAA"},
        "unsigned": {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."},
        "operator by token": {"Authorization": f"Bearer {house.issuer.token('north', 'operator')}"},
        "unknown tenant": {"Authorization": f"Bearer {house.issuer.token('west-1', 'admin')}"},
    }  # fmt: skip
    found = {name: ask(house, endpoint, headers, "north") for name, headers in ways.items()}
    assert {name: status for name, status in found.items() if status not in wanted} == {}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_each_role_on_its_own_objects(house: House, endpoint: str, spoken: list[str]) -> None:
    line, wrong = ROWS[endpoint], {}
    callers = {role.value: (house.keys["north", role.value], SCOPES[role]) for role in Role}
    callers["narrowed"] = (house.keys["north", "narrowed"], frozenset({Scope.READ}))
    for name, (key, scopes) in callers.items():
        owner = "north" if name != "operator" else "south"
        status = ask(house, endpoint, {"X-API-Key": key}, owner)
        if status not in expected(line, scopes):
            wrong[name] = status
    for role in set(Role) - {Role.OPERATOR}:
        token = house.issuer.token("north", role.value)
        status = ask(house, endpoint, {"Authorization": f"Bearer {token}"}, "north")
        if status not in expected(line, SCOPES[role]):
            wrong[f"token of {role}"] = status
    assert wrong == {}
    assert spoken == []


@pytest.mark.parametrize(
    "endpoint", [one for one in ENDPOINTS if any(f"{{{p}}}" in one for p in ("key_id", "decision_id", "book_id", "job_id"))]
)  # fmt: skip
def test_what_is_anothers_is_not_there(house: House, endpoint: str, spoken: list[str]) -> None:
    line, wrong = ROWS[endpoint], {}
    for role in Role:
        allowed = line.scope in SCOPES[role]
        wanted = line.foreign if allowed else frozenset({403})
        status = ask(house, endpoint, house.headers("south", role), "north")
        if status not in wanted:
            wrong[role.value] = status
    assert wrong == {}
    assert spoken == []


def test_a_body_is_read_only_from_a_caller_who_may(house: House) -> None:
    for endpoint in ENDPOINTS:
        method, path = endpoint.split(" ")
        if method in {"POST", "PUT", "PATCH"}:
            path = re.sub(r"{\w+(?::path)?}", "0" * 16, path)
            sent = house.client.request(method, path, content=b"{", headers={"Content-Type": "x/y"})
            assert sent.status_code == 401, endpoint
            lacking = next(role for role in Role if ROWS[endpoint].scope not in SCOPES[role])
            may_not = house.headers("north", lacking)
            sent = house.client.request(
                method, path, content=b"{", headers={**may_not, "Content-Type": "x/y"}
            )
            assert sent.status_code in {403, 422}, endpoint  # 422: the address itself


def test_the_check_sees_a_statement_without_its_tenant() -> None:
    decisions, replies = metadata.tables["decisions"], metadata.tables["replies"]
    bare = select(decisions).where(decisions.c.decision_id == "d-1")
    assert list(faults_of(bare))
    assert not list(faults_of(bare.where(decisions.c.tenant == "north")))
    either = or_(decisions.c.tenant == "north", decisions.c.tenant == "south")
    assert list(faults_of(bare.where(either)))
    joined = select(replies).join(decisions, decisions.c.decision_id == replies.c.decision_id)
    assert list(faults_of(joined.where(replies.c.tenant == "north")))
    also = joined.where(replies.c.tenant == "north", decisions.c.tenant == "north")
    assert not list(faults_of(also))
