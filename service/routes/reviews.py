"""Review by people: whoever asked for one, what was found, who agreed, what waits."""

from typing import Annotated, Any, Literal, NotRequired

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from service import ids
from service.answers import NOT_MODIFIED, linked
from service.bodies import JsonBody
from service.clock import day_of, now, stamp
from service.deps import Reading, Ready, Reviewing, Scoring
from service.governance.overlays import law_in_force
from service.governance.review_queue import queue, statistics
from service.governance.reviews import found, request, review, second, told, with_effect
from service.routes.paging import Cursor, Limit
from service.schemas.base import COMMON, problems
from service.schemas.cells import Day, Instant, record
from service.schemas.decision import (
    DecisionsPage,
    ReviewAnswer,
    ReviewsAnswer,
    StatisticsAnswer,
)
from service.schemas.plain import Impersonal
from service.store.database import reading, writing

router = APIRouter(prefix="/v1/decisions", tags=["reviews"])
DecisionId = Annotated[str, Path(
    pattern=ids.pattern_of(ids.DECISION), description="决定编号 id of the decision",
    examples=["d-00000000000000000000000000000000"],
)]  # fmt: skip
ReviewId = Annotated[str, Path(pattern=ids.pattern_of(ids.REVIEW), description="复核编号 its id")]
Moment = Annotated[Instant | None, Query(description="ISO 8601，带时区 with its zone")]
SHORTEST = 10
"""Characters of the shortest reason, blanks at its ends not counted."""


def _said(words: str) -> str:
    """A reason that says something."""
    if len(words.strip()) < SHORTEST:
        raise PydanticCustomError("blank", "Input should say why in ten characters or more")
    return words


Words = Annotated[str, Field(
    strict=True, min_length=SHORTEST, max_length=2000,
    description="理由 why, in the reviewer's words",
), AfterValidator(_said)]  # fmt: skip
Reference = Annotated[str, Field(strict=True, pattern=r"^[A-Za-z0-9._/-]{1,100}$"), Impersonal]

NewReview = record("NewReview", {
    "verdict": Literal["uphold", "override_accept", "override_decline", "refer"],
    "reason": Words,
    "limit_yuan": NotRequired[Annotated[float, Field(
        strict=True, ge=0.0, allow_inf_nan=False, description="改判同意的额度，不超过可贷价值"
        " limit of an override to accept, at most the lending value",
        json_schema_extra={"x-unit": "yuan"},
    )]],
    "expires_on": NotRequired[Annotated[Day, Field(description="末日 last day it holds")]],
    "evidence": NotRequired[Annotated[list[Reference], Field(
        max_length=20, description="凭证编号 references to evidence"
    )]],
})  # fmt: skip
Approval = record("Approval", {"agrees": Annotated[bool, Field(strict=True)]})
Asked = record("ReviewRequest", {"channel": Annotated[
    Literal["counter", "telephone", "letter", "online"],
    Field(description="提出方式 how the borrower asked"),
]})  # fmt: skip
REVIEW = JsonBody(NewReview, "NewReview", {"uphold": {
    "verdict": "uphold", "reason": "Looked at the site and at the contract: as the engine says.",
    "evidence": ["visit/2026-0117"],
}})  # fmt: skip
APPROVAL = JsonBody(Approval, "Approval", {"agrees": {"agrees": True}})
ASKED = JsonBody(Asked, "ReviewRequest", {"counter": {"channel": "counter"}})
BODIES = (REVIEW, APPROVAL, ASKED)


@router.get("/review-queue", responses={
    200: {"model": DecisionsPage}, **problems(*COMMON), **NOT_MODIFIED,
})  # fmt: skip
def review_queue(
    http: Request, caller: Reviewing, state: Ready,
    why: Annotated[Literal["requested", "waiting", "referred", "sampled"], Query(
        description="申请人要求；待第二人；转人工；随机抽查"
        " the borrower asked; a second person is needed; referred; drawn at random",
    )] = "requested",
    cursor: Cursor = None, limit: Limit = 50,
) -> Response:  # fmt: skip
    """Decisions that wait for a person 待复核清单."""
    law, _ = law_in_force(state, caller.tenant)
    with reading(state.engine) as connection:
        page = queue(connection, caller.tenant, why, law, cursor, limit)
        rows = with_effect(connection, caller.tenant, page.rows, day_of(now()))
    return linked(http, {"items": rows, "next": page.cursor}, page.cursor)


@router.get("/review-statistics", responses={
    200: {"model": StatisticsAnswer}, **problems(*COMMON),
})  # fmt: skip
def review_statistics(
    caller: Reading, state: Ready, since: Annotated[Moment, Query(alias="from")] = None,
    until: Annotated[Moment, Query(alias="to")] = None,
) -> Any:  # fmt: skip
    """How often people upheld or overrode decisions, and what became of it 改判统计."""
    with reading(state.engine) as connection:
        return statistics(
            connection, caller.tenant, stamp(since) if since else "", stamp(until) if until else ""
        )


@router.get("/{decision_id}/reviews", responses={
    200: {"model": ReviewsAnswer}, **problems(*COMMON, 404),
})  # fmt: skip
def reviews_of_one(caller: Reading, state: Ready, decision_id: DecisionId) -> Any:
    """Reviews of a decision, the earliest first 复核记录."""
    with reading(state.engine) as connection:
        found(connection, caller.tenant, decision_id)
        return {"reviews": told(connection, caller.tenant, [decision_id])[decision_id]}


@router.post(
    "/{decision_id}/reviews", status_code=201, openapi_extra=REVIEW.openapi,
    responses={201: {"model": ReviewAnswer}, **problems(*COMMON, 404, 409, 415)},
)  # fmt: skip
def add_one(
    caller: Reviewing, state: Ready, decision_id: DecisionId,
    content: Annotated[Any, Depends(REVIEW)],
) -> Any:  # fmt: skip
    """Uphold or override a decision; what the law blocks is never accepted 复核与改判."""
    law, _ = law_in_force(state, caller.tenant)
    with writing(state.engine) as connection:
        return review(connection, state.secrets, caller, law, decision_id, content)


@router.post(
    "/{decision_id}/reviews/{review_id}/approval", openapi_extra=APPROVAL.openapi,
    responses={200: {"model": ReviewAnswer}, **problems(*COMMON, 404, 409, 415)},
)  # fmt: skip
def approve(
    caller: Reviewing, state: Ready, decision_id: DecisionId, review_id: ReviewId,
    content: Annotated[Any, Depends(APPROVAL)],
) -> Any:  # fmt: skip
    """Agree with an override that needs a second person, or refuse it 双人复核."""
    law, _ = law_in_force(state, caller.tenant)
    with writing(state.engine) as connection:
        agrees = content["agrees"]
        return second(connection, state.secrets, caller, law, decision_id, review_id, agrees)


@router.post(
    "/{decision_id}/review-request", status_code=201, openapi_extra=ASKED.openapi,
    responses={201: {"model": ReviewAnswer}, **problems(*COMMON, 404, 415)},
)  # fmt: skip
def ask(
    caller: Scoring, state: Ready, decision_id: DecisionId, content: Annotated[Any, Depends(ASKED)]
) -> Any:
    """Note that the borrower asked for a person to decide 申请人要求人工复核."""
    with writing(state.engine) as connection:
        return request(connection, caller, decision_id, content["channel"])
