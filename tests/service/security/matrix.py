"""Which role may do what: one row an endpoint.  A new endpoint needs a row here.

``own`` are the statuses with a role that may, on the caller's own objects; ``foreign`` those
on another institution's.  The empty scope is for endpoints that anyone may ask.
"""

from dataclasses import dataclass
from typing import Any

from service.auth.caller import Scope
from service.examples import applications


@dataclass(frozen=True)
class Row:
    """What one endpoint answers."""

    scope: Scope | None
    own: frozenset[int]
    body: Any = None
    foreign: frozenset[int] = frozenset({404})
    query: str = ""


def row(scope: Scope | None, *own: int, body: Any = None, query: str = "") -> Row:
    """A row whose foreign objects are not there."""
    return Row(scope, frozenset(own), body, query=query)


def _application() -> Any:
    return next(iter(applications().values()))


DAY = "2026-11-24"
REASON = "一年期流水与合同已核对无误 checked against contracts and accounts"
ROWS: dict[str, Row] = {
    "GET /health": row(None, 200),
    "GET /ready": row(None, 200),
    "GET /openapi.json": row(None, 200),
    "GET /docs": row(None, 200),
    "GET /docs/oauth2-redirect": row(None, 200),
    "GET /redoc": row(None, 200),
    "POST /v1/scores": row(Scope.SCORE, 200, body=_application),
    "POST /v1/keys": row(Scope.ADMIN, 201, body={"title": "core", "role": "lender"}),
    "GET /v1/keys": row(Scope.ADMIN, 200),
    "GET /v1/keys/{key_id}": row(Scope.ADMIN, 200),
    "POST /v1/keys/{key_id}/rotate": row(Scope.ADMIN, 201, body={}),
    "POST /v1/keys/{key_id}/revoke": row(Scope.ADMIN, 200),
    "POST /v1/tenants": row(Scope.OPERATE, 201, 409, body={"tenant": "west", "title": "west"}),
    "GET /v1/tenants": row(Scope.OPERATE, 200),
}
