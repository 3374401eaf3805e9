"""Scores: may it be pledged, what is it worth, what can be lent, at what risk, and why."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response

from service.bodies import JsonBody
from service.deps import Ready, Scoring
from service.examples import applications
from service.schemas.application import Application
from service.schemas.base import COMMON, problems
from service.scorer import Work

router = APIRouter(prefix="/v1/scores", tags=["scores"])
ONE = JsonBody(Application, "Application", applications())
BODIES = (ONE,)
IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$",
           description="幂等键：机构 + 业务编号；重发得到同一答复"
           " the same key and body give the same answer again"),
]  # fmt: skip


@router.post("", openapi_extra=ONE.openapi, responses=problems(*COMMON, 415))
async def score(
    request: Request, caller: Scoring, state: Ready,
    content: Annotated[Any, Depends(ONE)], idempotency_key: IdempotencyKey = None,
) -> Response:  # fmt: skip
    """Score one application; the decision is durable before it is answered 评分."""
    work = Work(caller, content, request.state.trace_id, idempotency_key)
    outcome = await state.lane.submit(work, receive=request.receive)
    if isinstance(outcome, Exception):
        raise outcome
    headers = {"Idempotency-Replayed": "true"} if outcome.replayed else {}
    return Response(outcome.body, headers=headers, media_type="application/json")
