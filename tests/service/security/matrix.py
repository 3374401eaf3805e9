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
ROWS: dict[str, Row] = {
    "GET /health": row(None, 200),
    "GET /ready": row(None, 200),
    "GET /openapi.json": row(None, 200),
    "GET /docs": row(None, 200),
    "GET /docs/oauth2-redirect": row(None, 200),
    "GET /redoc": row(None, 200),
    "GET /metrics": row(Scope.OPERATE, 200),
    "POST /v1/scores": row(Scope.SCORE, 200, body=_application),
    "POST /v1/scores/batch": row(Scope.SCORE, 200, body=[{"application_no": "A-1"}]),
    "POST /v1/valuations": row(Scope.SCORE, 200),
    "GET /v1/tables": row(Scope.READ, 200),
    "GET /v1/tables/{table}": row(Scope.READ, 200),
    "POST /v1/keys": row(Scope.ADMIN, 201),
    "GET /v1/keys": row(Scope.ADMIN, 200),
    "GET /v1/keys/{key_id}": row(Scope.ADMIN, 200),
    "POST /v1/keys/{key_id}/rotate": row(Scope.ADMIN, 201),
    "POST /v1/keys/{key_id}/revoke": row(Scope.ADMIN, 200),
    "POST /v1/tenants": row(Scope.OPERATE, 201, 409),
    "GET /v1/tenants": row(Scope.OPERATE, 200),
    "GET /v1/decisions": row(Scope.READ, 200),
    "POST /v1/decisions/search": row(Scope.READ, 200),
    "GET /v1/decisions/{decision_id}": row(Scope.READ, 200),
    "GET /v1/decisions/{decision_id}/answer": row(Scope.READ, 200),
    "GET /v1/decisions/{decision_id}/explanation": row(Scope.READ, 200),
    "POST /v1/decisions/{decision_id}/replay": row(Scope.READ, 200),
    "PUT /v1/decisions/{decision_id}/state": row(Scope.SCORE, 200, 409, 428),
    "POST /v1/decisions/{decision_id}/outcome": row(Scope.SCORE, 201, 422),
    "GET /v1/decisions/{decision_id}/reviews": row(Scope.READ, 200),
    "POST /v1/decisions/{decision_id}/reviews": row(Scope.REVIEW, 201, 409),
    "POST /v1/decisions/{decision_id}/reviews/{review_id}/approval": row(Scope.REVIEW, 404),
    "POST /v1/decisions/{decision_id}/review-request": row(Scope.SCORE, 201, 409),
    "GET /v1/decisions/review-queue": row(Scope.REVIEW, 200),
    "GET /v1/decisions/review-statistics": row(Scope.READ, 200),
    "POST /v1/books": row(Scope.BOOKS, 201),
    "GET /v1/books": row(Scope.BOOKS, 200),
    "GET /v1/books/{book_id}": row(Scope.BOOKS, 200),
    "DELETE /v1/books/{book_id}": row(Scope.BOOKS, 204, 409),
    "PUT /v1/books/{book_id}/tables/{table}": row(
        Scope.BOOKS, 200, 201, 409, 422, body=b"right_id\nR-1\n", query="?format=csv"
    ),
    "POST /v1/books/{book_id}/jobs": row(Scope.BOOKS, 202, 409, 422),
    "GET /v1/jobs": row(Scope.BOOKS, 200),
    "GET /v1/jobs/{job_id}": row(Scope.BOOKS, 200),
    "GET /v1/jobs/{job_id}/rejected": row(Scope.BOOKS, 200, 404, 409),
    "GET /v1/jobs/{job_id}/results": row(Scope.BOOKS, 200, 409),
    "GET /v1/jobs/{job_id}/results/{file:path}": row(Scope.BOOKS, 200, 404, 409),
    "POST /v1/jobs/{job_id}/cancel": row(Scope.BOOKS, 200, 202, 409),
    "GET /v1/rules": row(Scope.READ, 200, query=f"?day={DAY}"),
    "GET /v1/rules/changes": row(Scope.READ, 200, query=f"?from=2026-01-01&to={DAY}"),
    "GET /v1/rules/overlay": row(Scope.READ, 200),
    "GET /v1/rules/overlay/history": row(Scope.READ, 200),
    "GET /v1/rules/overlay/history/{digest}": row(Scope.READ, 200, 404),
    "GET /v1/rules/{name}": row(Scope.READ, 200),
    "PUT /v1/rules/overlay": row(Scope.ADMIN, 200, 412, 428),
    "GET /v1/models": row(Scope.READ, 200),
    "GET /v1/models/{name}/card": row(Scope.READ, 200, 404),
    "GET /v1/models/{name}/shadow": row(Scope.MODELS, 200, 404, 409),
    "GET /v1/models/{name}/drift": row(Scope.MODELS, 200, 404),
    "POST /v1/models/{name}/promote": row(
        Scope.OPERATE, 404, 409, 422,
        body={"version": "none-of-ours", "stage": "champion", "reason": "to see who may promote"},
    ),
    "POST /v1/models/{name}/rollback": row(Scope.OPERATE, 200, 404, 409, 422),
    "GET /v1/mappings": row(Scope.READ, 200),
    "GET /v1/mappings/vocabulary": row(Scope.READ, 200),
    "POST /v1/mappings/check": row(Scope.READ, 200),
    "GET /v1/mappings/{name}": row(Scope.READ, 200, 404),
    "PUT /v1/mappings/{name}": row(Scope.ADMIN, 200, 201, 412, 422, 428),
    "POST /v1/mappings/{name}/translate": row(Scope.READ, 200, 404, 422),
    "POST /v1/mappings/{name}/history": row(Scope.READ, 200, 404, 422),
    "GET /v1/exports/{kind}": row(Scope.READ, 200, 404, 422),
}  # fmt: skip
"""Where no body is given, the first example of the document is sent."""
