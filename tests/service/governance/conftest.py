"""A service with two institutions, a key of every role, and applications that run."""

import copy
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from service.app import create_app
from service.auth.caller import Role
from service.auth.keybook import OPERATORS, Order, enter_tenant, issue, open_operators
from service.auth.sealing import secrets_of
from service.clock import now
from service.examples import applications
from service.settings import Settings
from service.store.database import open_database, writing
from service.store.migrate import migrate

ROOT = Path(__file__).parents[3]
TENANTS = ("north", "south")
SECOND_REVIEWER = "reviewer-2"


@dataclass
class House:
    """The service as its callers see it."""

    app: FastAPI
    client: TestClient
    keys: dict[tuple[str, str], str]
    settings: Settings

    def call(
        self, method: str, path: str, role: str = "admin", tenant: str = "north", **more: Any
    ) -> Response:
        """Call with the key of a role."""
        headers = {"X-API-Key": self.keys[tenant, role], **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **more)

    def score(self, tenant: str = "north", **change: Any) -> dict[str, Any]:
        """Score the example, some of it changed."""
        answer = self.call("POST", "/v1/scores", "lender", tenant, json=application(**change))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def application(**change: Any) -> dict[str, Any]:
    """The first example; ``loan=…`` and the like lie over its parts."""
    first: dict[str, Any] = copy.deepcopy(next(iter(applications().values())))
    for part, cells in change.items():
        first[part] = {**first[part], **cells} if isinstance(cells, dict) else cells
    return first


def opened(settings: Settings) -> dict[tuple[str, str], str]:
    """Make institutions and keys."""
    engine, secrets = open_database(settings), secrets_of(settings)
    migrate(engine)
    keys: dict[tuple[str, str], str] = {}
    with writing(engine) as connection:
        open_operators(connection, now())
        for tenant in TENANTS:
            enter_tenant(connection, tenant, tenant, "tests", now())
            wanted = {role.value: role for role in Role} | {SECOND_REVIEWER: Role.REVIEWER}
            for name, role in wanted.items():
                whose = OPERATORS if role is Role.OPERATOR else tenant
                order = Order(name, role, holder=name)
                keys[tenant, name] = issue(connection, secrets, whose, order, "tests", now())
    engine.dispose()
    return keys


Opener = Callable[..., House]


@pytest.fixture(scope="module")
def opener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opener]:
    """Open services; they are closed at the end of the module."""
    clients = []

    def open_one(**more: Any) -> House:
        folder = tmp_path_factory.mktemp("house")
        shutil.copytree(ROOT / "models" / "registry", folder / "registry")
        settings = Settings(
            data=folder / "data", registry=folder / "registry", secret="s" * 40, **more
        )
        app = create_app(settings)
        keys = opened(settings)
        client = TestClient(app, raise_server_exceptions=False)
        client.__enter__()
        clients.append(client)
        return House(app, client, keys, settings)

    yield open_one
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture(scope="module")
def house(opener: Opener) -> House:
    """One service for the tests of a module."""
    return opener()
