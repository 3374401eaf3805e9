"""A service with two institutions, a key and a token for every role, and objects of each."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from fastapi.testclient import TestClient

from service.app import create_app
from service.auth.caller import Role, Scope
from service.auth.keybook import OPERATORS, Order, enter_tenant, issue, open_operators, revoke
from service.auth.keys import make_key, parts_of
from service.clock import now
from service.examples import applications
from service.settings import Settings
from service.state import State
from service.store.database import writing

REGISTRY = Settings().registry
TENANTS = ("north", "south")
ISSUER, AUDIENCE = "https://login.example", "riskengine"


class Issuer:
    """Signs tokens, and writes its key set to a file."""

    def __init__(self, path: Path, kid: str = "k1") -> None:
        self.key, self.kid = ec.generate_private_key(ec.SECP256R1()), kid
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
        path.write_text(json.dumps({"keys": [{**public, "kid": kid, "use": "sig"}]}))

    def token(self, tenant: str, role: str, **claims: Any) -> str:
        """A token for ten minutes."""
        moment = now()
        said = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": f"user-of-{tenant}", "tenant": tenant,
            "role": role, "iat": moment, "exp": moment + timedelta(minutes=10), **claims,
        }  # fmt: skip
        kept = {name: claim for name, claim in said.items() if claim is not None}
        return jwt.encode(kept, self.key, "ES256", {"kid": self.kid})


@dataclass
class House:
    """The running service and what is known about it."""

    app: FastAPI
    client: TestClient
    issuer: Issuer
    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    objects: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """What requests share."""
        return self.app.state.ready

    def key(self, tenant: str, role: Role, **order: Any) -> str:
        """A fresh key."""
        whose = OPERATORS if role is Role.OPERATOR else tenant
        with writing(self.state.engine) as connection:
            wanted = Order("test", role, **order)
            return issue(connection, self.state.secrets, whose, wanted, "tests", now())

    def lapsed(self, tenant: str, role: Role) -> str:
        """A key that lapsed a day ago."""
        with writing(self.state.engine) as connection:
            pepper, made_at = self.state.secrets.pepper, now() - timedelta(days=2)
            return make_key(connection, pepper, tenant, role, "lapsed", made_at, days=1)

    def revoked(self, tenant: str, role: Role) -> str:
        """A key that was revoked."""
        key = self.key(tenant, role)
        with writing(self.state.engine) as connection:
            revoke(connection, tenant, parts_of(key)[0], "tests", now())
        return key

    def object_of(self, tenant: str, name: str) -> str:
        """An object of a tenant for a parameter of a path; keys and books are new each time."""
        if name == "key_id":
            return parts_of(self.key(tenant, Role.AUDITOR))[0]
        if name == "book_id":
            return _book(self, tenant)
        if (tenant, name) not in self.objects:
            self.objects[tenant, name] = MAKERS[name](self, tenant)
        return self.objects[tenant, name]

    def headers(self, tenant: str, role: Role) -> dict[str, str]:
        """Headers with the tenant's key of a role."""
        return {"X-API-Key": self.keys[tenant, role.value]}


def _decision(house: House, tenant: str) -> str:
    body = next(iter(applications().values()))
    answer = house.client.post("/v1/scores", json=body, headers=house.headers(tenant, Role.LENDER))
    return str(answer.json()["decision_id"])


def _book(house: House, tenant: str) -> str:
    body, headers = {"title": "book", "source": "upload"}, house.headers(tenant, Role.RISK)
    return str(house.client.post("/v1/books", json=body, headers=headers).json()["book_id"])


def _job(house: House, tenant: str) -> str:
    """A job that waits: no worker runs here."""
    book, headers = _book(house, tenant), house.headers(tenant, Role.RISK)
    table = f"/v1/books/{book}/tables/land?format=csv"
    content = b"right_id,area_mu\nR-1,10\n"
    told = house.client.put(table, content=content, headers={**headers, "Content-Type": "text/csv"})
    assert told.status_code in {200, 201}, told.text
    body = {"kind": "check", "valued_on": "2026-11-24"}
    answer = house.client.post(f"/v1/books/{book}/jobs", json=body, headers=headers)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["job_id"])


MAKERS: dict[str, Callable[[House, str], str]] = {
    "decision_id": _decision, "book_id": _book, "job_id": _job,
}  # fmt: skip
"""Objects that belong to an institution, by the parameter of a path that names them."""


@contextmanager
def opened(folder: Path, **more: Any) -> Iterator[House]:
    """Open the service."""
    issuer = Issuer(folder / "jwks.json")
    if REGISTRY.is_dir():  # promotions of a test stay in its folder
        shutil.copytree(REGISTRY, folder / "registry")
    settings = Settings(**{
        "data": folder / "data", "registry": folder / "registry", "jwt_issuer": ISSUER, "jwt_audience": AUDIENCE,
        "jwt_jwks": str(folder / "jwks.json"), "jwt_scope_claim": "", "key_cache_seconds": 0.5,
        "attempts_per_minute": 1_000_000, **more,
    })  # fmt: skip
    app = create_app(settings)
    with TestClient(app, raise_server_exceptions=False) as client:
        wait_until_ready(client)
        house = House(app, client, issuer)
        with writing(house.state.engine) as connection:
            open_operators(connection, now())
            for tenant in TENANTS:
                enter_tenant(connection, tenant, tenant, "tests", now())
        for tenant in TENANTS:
            for role in Role:
                house.keys[tenant, role.value] = house.key(tenant, role)
            house.keys[tenant, "lapsed"] = house.lapsed(tenant, Role.ADMIN)
            house.keys[tenant, "revoked"] = house.revoked(tenant, Role.ADMIN)
            narrowed = frozenset({Scope.READ})
            house.keys[tenant, "narrowed"] = house.key(tenant, Role.ADMIN, scopes=narrowed)
        yield house


def wait_until_ready(client: TestClient, seconds: float = 120.0) -> None:
    """Wait until the service is warm."""
    until = datetime.now() + timedelta(seconds=seconds)
    while client.get("/ready").status_code != 200:
        assert datetime.now() < until
