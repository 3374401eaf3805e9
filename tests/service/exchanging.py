"""A running service with two institutions, for the tests of mappings and exports."""

import secrets
from dataclasses import dataclass

from fastapi.testclient import TestClient

from service.auth.caller import Role
from service.auth.keys import make_key, make_tenant
from service.clock import now
from service.state import State
from service.store.database import writing


@dataclass(frozen=True)
class Served:
    """A client with keys of two institutions."""

    client: TestClient
    state: State
    keys: dict[tuple[str, Role], str]

    def ask(self, method: str, path: str, role: Role = Role.ADMIN, tenant: str = "one", **more):
        """Ask as a role of an institution."""
        headers = {"X-API-Key": self.keys[tenant, role], **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **more)


def served(client: TestClient) -> Served:
    """Make two institutions and their keys."""
    state: State = client.app.state.ready
    keys = {}
    names = [f"{name}-{secrets.token_hex(4)}" for name in ("one", "two")]
    with writing(state.engine) as connection:
        for short, name in zip(("one", "two"), names, strict=True):
            make_tenant(connection, name, short, now())
            for role in (Role.ADMIN, Role.LENDER, Role.AUDITOR, Role.RISK):
                keys[short, role] = make_key(
                    connection, state.secrets.pepper, name, role, "t", now()
                )
    return Served(client, state, keys)
