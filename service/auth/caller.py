"""Who asks, and what a role may do."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a caller may do; named in the OpenAPI document beside every endpoint."""

    SCORE = "score"
    READ = "read"
    REVIEW = "review"
    BOOKS = "books"
    MODELS = "models"
    ADMIN = "admin"
    OPERATE = "operate"


SCOPE_WORDS = {
    Scope.SCORE: "评分与估值 score applications and value rights",
    Scope.READ: "查阅决定、规则、模型 read decisions, rules, models, exports",
    Scope.REVIEW: "人工复核与改判 review and override decisions",
    Scope.BOOKS: "组合与任务 upload books, run and cancel jobs",
    Scope.MODELS: "影子评分报告 shadow reports",
    Scope.ADMIN: "机构管理 keys, mappings and rules of one tenant",
    Scope.OPERATE: "运维：指标、机构 metrics, tenants, promotion",
}


class Role(StrEnum):
    """What a key is made for."""

    LENDER = "lender"
    REVIEWER = "reviewer"
    ANALYST = "analyst"
    RISK = "risk"
    AUDITOR = "auditor"
    ADMIN = "admin"
    OPERATOR = "operator"


SCOPES: dict[Role, frozenset[Scope]] = {
    Role.LENDER: frozenset({Scope.SCORE, Scope.READ}),
    Role.REVIEWER: frozenset({Scope.READ, Scope.REVIEW}),
    Role.ANALYST: frozenset({Scope.READ, Scope.MODELS}),
    Role.RISK: frozenset({Scope.READ, Scope.BOOKS, Scope.MODELS}),
    Role.AUDITOR: frozenset({Scope.READ}),
    Role.ADMIN: frozenset(Scope) - {Scope.OPERATE},
    Role.OPERATOR: frozenset({Scope.OPERATE}),
}
"""What each role may do; an operator sees no tenant's data."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Parameters
    ----------
    tenant : str
        Institution whose data alone are seen; ``""`` for an operator.
    key_id : str
        Key or token subject, as logs and records name it.
    role : Role
        Its role.
    scopes : frozenset of Scope
        What it may do: those of the role, or fewer.
    requests_per_minute : int
        Its limit of requests, over all workers [1/minute].
    items_per_minute : int
        Its limit of items of batches, over all workers [1/minute].
    """

    tenant: str
    key_id: str
    role: Role
    scopes: frozenset[Scope]
    requests_per_minute: int
    items_per_minute: int = 60_000
