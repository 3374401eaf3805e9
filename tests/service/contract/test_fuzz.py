"""The whole document fuzzed: no 5xx, no status, type, header or field that is not documented."""

import json
import os
import re
import zlib
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.python._constants.orchestrator import make_constants_value_source
from schemathesis.specs.openapi import checks

from service.auth.caller import SCOPES, Role
from tests.service.security.house import MAKERS, House

DEPTH = int(os.environ.get("RISKENGINE_FUZZ", "3"))
"""Random cases an operation, beside those at the edges; `make fuzz` asks for more."""
SKIPPED = [checks.positive_data_acceptance]
"""What fits its schema may still be refused: no such decision, not allowed in this state."""
LARGE = {"POST /v1/scores": 120, "POST /v1/scores/batch": 120, "POST /v1/valuations": 60}
"""Of the thousands of cases at the edges of large bodies one in so many, by depth."""
ID = re.compile(r"[a-z]-[0-9a-f]{32}")
CONFIG = SchemathesisConfig.from_dict({
    "generation": {"deterministic": True, "database": "none"},
})  # fmt: skip


@schemathesis.serializer(
    "application/vnd.apache.parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
def raw(_: Any, value: Any) -> bytes:
    """Files as they are drawn."""
    return value if isinstance(value, bytes) else str(value).encode()


class Open:
    """An open application: its start and stop are not the fuzzer's."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass requests on."""
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return
        for said in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{said}.complete"})


SNAPSHOT = Path(__file__).parents[3] / "service" / "openapi.json"
OPERATIONS = [
    f"{method.upper()} {path}"
    for path, ways in json.loads(SNAPSHOT.read_text(encoding="utf-8"))["paths"].items()
    for method in ways
]  # fmt: skip


@pytest.fixture(scope="module")
def document(house: House) -> Any:
    """The document as the open service tells it."""
    return schemathesis.openapi.from_asgi("/openapi.json", Open(house.app), config=CONFIG)


def lot(case: schemathesis.Case) -> int:
    """A number that is the same for the same case in every run."""
    told = json.dumps([case.path_parameters, case.query, case.body], default=str, sort_keys=True)
    return zlib.crc32(told.encode())


def key_of(house: House, case: schemathesis.Case) -> str:
    """Mostly the key of a role that may; now and then of any."""
    ways = case.operation.definition.raw.get("security", ())
    scopes = {scope for way in ways for one in way.values() for scope in one}
    roles = [role for role in Role if scopes <= SCOPES[role]]
    others = list(Role)
    place = lot(case)
    chosen = others[place % len(others)] if place % 8 == 1 else roles[place % len(roles)]
    return house.keys["north", chosen.value]


def with_real_objects(house: House, case: schemathesis.Case) -> None:
    """Let half of the ids that fit their pattern name what there is."""
    for name, cell in dict(case.path_parameters or {}).items():
        if name in MAKERS and ID.fullmatch(str(cell)) and lot(case) % 2:
            case.path_parameters[name] = house.object_of("north", name)


@settings(max_examples=DEPTH, deadline=None, suppress_health_check=list(HealthCheck))
def keeps_to_the_document(case: schemathesis.Case, house: House) -> None:
    """Send a case, and hold the answer against the document."""
    if lot(case) % (1 + LARGE.get(case.operation.label, 0) // DEPTH):
        return
    with_real_objects(house, case)
    case.call_and_validate(headers={"X-API-Key": key_of(house, case)}, excluded_checks=SKIPPED)


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_operation_keeps_to_the_document(label: str, document: Any, house: House) -> None:
    """Cases are drawn here: at collection every process would draw those of all operations."""
    method, path = label.split(" ")
    build_operation_test(
        config=document.config, operation=document[path][method], test_func=keeps_to_the_document,
        given_kwargs={},
        feedback=FeedbackSources(constants_value_source=make_constants_value_source(document)),
    )(house=house)  # fmt: skip
