"""Paths of errors are JSON pointers into what was sent, for every body of every route."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.exceptions import RequestValidationError

from service.app import ROUTES
from service.auth.caller import Role
from service.bodies import JsonBody
from service.examples import applications
from service.pointers import as_named, cell_at, pointer, sent_at, taken
from service.problems import Fault, Problem, of_schema
from tests.service.security.house import House

BODIES = [one for routes in ROUTES for one in getattr(routes, "BODIES", ())]
EXAMPLES = [
    pytest.param(body, content, id=f"{body.name}-{name}")
    for body in BODIES
    for name, content in body.examples.items()
]
WRONG: tuple[Any, ...] = ({"no such": [{}]}, [[]], -1e300)
GONE = object()


def places(part: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place below the top."""
    if here:
        yield here
    if isinstance(part, dict | list):
        for name, cell in part.items() if isinstance(part, dict) else enumerate(part):
            yield from places(cell, (*here, name))


def broken(content: Any, place: tuple[Any, ...], cell: Any) -> Any:
    """The example with one place changed, or gone."""
    sent = copy.deepcopy(content)
    holder = sent
    for step in place[:-1]:
        holder = holder[step]
    if cell is GONE:
        del holder[place[-1]]
    else:
        holder[place[-1]] = cell
    return sent


def faults_of(body: JsonBody, sent: Any) -> list[Fault]:
    try:
        body.checked(json.dumps(sent).encode())
    except RequestValidationError as fault:
        return list(of_schema(fault).faults)
    except Problem as problem:
        return list(problem.faults)
    return []


def held(sent: Any, path: str) -> bool:
    """Whether a pointer leads to something that was sent."""
    first, *steps = taken(path, sent)
    assert first == "body"
    for step in steps:
        try:
            sent = sent[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True


@pytest.mark.parametrize(("body", "content"), EXAMPLES)
def test_every_fault_points_into_what_was_sent(body: JsonBody, content: Any) -> None:
    seen = 0
    for place in places(content):
        for cell in (*WRONG, GONE):
            sent = broken(content, place, cell)
            wanted = pointer(("body", *place))
            faults = faults_of(body, sent)
            paths = [fault.path for fault in faults]
            assert len(set(paths)) == len(paths), (place, paths)
            for fault in faults:
                parent = fault.path.rpartition("/")[0]
                assert held(sent, parent if fault.code == "missing" else fault.path), fault
                assert not held(sent, fault.path) or fault.code != "missing", fault
            if faults:
                seen += 1
                near = wanted.rpartition("/")[0]
                assert any(p.startswith(wanted) or near.startswith(p) for p in paths), paths
    assert seen


@pytest.mark.parametrize(("body", "content"), EXAMPLES)
def test_a_field_too_many_is_named_where_it_stands(body: JsonBody, content: Any) -> None:
    tables = [place for place in places(content) if isinstance(at(content, place), dict)]
    for place in [(), *tables] if isinstance(content, dict) else tables:
        sent = broken(content, (*place, "zz~/1"), 1)
        path = pointer(("body", *place)) + "/zz~0~11"
        for fault in faults_of(body, sent):
            assert fault.path == path or held(sent, fault.path)
            if fault.code == "extra_forbidden":
                assert fault.path == path


def at(content: Any, place: tuple[Any, ...]) -> Any:
    for step in place:
        content = content[step]
    return content


@pytest.mark.parametrize(
    ("place", "sent", "missing", "found"),
    [
        (("land", "rights", 0, "kind"), {"rights": [{"kind": 1}]}, False, ("rights", 0, "kind")),
        (("land", "land"), {"land": 5, "rights": []}, False, ("land",)),
        (("land", "rights", 0, "kind"), {"land": {}, "rights": [{"kind": 1}]}, False,
         ("rights", 0, "kind")),
        (("rights", 0, "land", "area_mu"), {"rights": [{}]}, True, ("rights", 0, "area_mu")),
        (("features", "a" * 70, "[key]"), {"features": {"a" * 70: 1}}, False, ("features",)),
        (("x", "function-after[nobody(), str]"), {"x": []}, False, ("x",)),
        ((), None, False, ()),
    ],
)  # fmt: skip
def test_steps_of_the_validator_are_left_out(
    place: tuple[Any, ...], sent: Any, missing: bool, found: tuple[Any, ...]
) -> None:
    assert sent_at(place, sent, missing) == found


RIGHTS = {"rights": [
    {"table": "land", "right_id": "L", "policies": [{}, {"policy_id": "9"}]},
    {"table": "forest", "policies": [{}]},
]}  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (("land", "L", "area_mu"), ("rights", 0, "area_mu")),
        (("forest", "2", "area_mu"), ("rights", 1, "area_mu")),
        (("pledges", "2", "registered_on"), ("rights", 1, "registered_on")),
        (("policies", "9", "ends_on"), ("rights", 0, "policies", 1, "ends_on")),
        (("policies", "1", "ends_on"), ("rights",)),
        (("land", "M", "area_mu"), ("rights",)),
        (("loans", "1", "balance_yuan"), ("loan", "balance_yuan")),
        (("borrower", "0", "birth_year"), ("borrower", "birth_year")),
        (("comparables", "1", "price"), ()),
    ],
)
def test_cells_of_the_engine_are_found(cell: tuple[str, str, str], found: tuple[Any, ...]) -> None:
    assert cell_at(*cell, RIGHTS) == found


@pytest.mark.parametrize(
    ("steps", "own", "path", "sent", "found"),
    [
        (("borrower", "kind"), "khlx", "borrower.kind", {"khlx": "1"}, ("khlx",)),
        (("rights", 1, "table"), "rights.lx", "rights.table", {"rights": [{}, {"lx": 1}]},
         ("rights", 1, "lx")),
        (("loan", "a", "b"), "loan.x", "loan.a", {"loan": {"x": {"b": 1}}}, ("loan", "x", "b")),
        (("borrower", "kind"), "khlx", "borrower.kind", {"borrower": {}}, ("borrower", "kind")),
        (("borrower", "age"), "khlx", "borrower.kind", {"khlx": "1"}, ("borrower", "age")),
    ],
)  # fmt: skip
def test_renamed_fields_are_named_as_they_were_sent(
    steps: tuple[Any, ...], own: str, path: str, sent: Any, found: tuple[Any, ...]
) -> None:
    assert as_named(steps, {own: path}, sent) == found


@pytest.mark.parametrize(
    ("cell", "zh", "en"),
    [
        ("6万", "须为数字，不加引号和单位", "must be a number, without quotes and unit"),
        (-1.0, "须大于 0", "must be above 0"),
    ],
)  # fmt: skip
def test_faults_are_told_in_both_languages(house: House, cell: Any, zh: str, en: str) -> None:
    body = copy.deepcopy(next(iter(applications().values())))
    body["rights"][0]["area_mu"] = cell
    headers = house.headers("north", Role.LENDER)
    (fault,) = house.client.post("/v1/scores", json=body, headers=headers).json()["errors"]
    assert fault["path"] == "/body/rights/0/area_mu"
    assert fault["message"] == {"zh": zh, "en": en}
