"""Scores: may it be pledged, what is it worth, what can be lent, at what risk, and why."""

import json
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import JsonValue

from service.bodies import JsonBody
from service.deps import Ready, Scoring
from service.examples import applications
from service.exchange.coded import Coded, coded
from service.exchange.mappings import MappingName, mapping_named
from service.problems import Problem, of_schema
from service.schemas.application import Application
from service.schemas.base import COMMON, problems
from service.schemas.plain import Impersonal
from service.schemas.score import ScoreAnswer
from service.scoring.people import two_borrowers
from service.scoring.scorer import Work
from service.state import State

router = APIRouter(prefix="/v1/scores", tags=["scores"])
ONE = JsonBody(Application, "Application", applications())
CODED = JsonBody(dict[str, JsonValue], "CodedApplication")
"""An application in an institution's codes; what comes of it is held against ``ONE``."""
BODIES = (ONE,)
IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$",
           description="幂等键：机构 + 业务编号；重发得到同一答复"
           " the same key and body give the same answer again"),
    Impersonal,
]  # fmt: skip


ByMapping = Annotated[MappingName | None, Query(
    description="代码对照表：申请中的机构代码按此翻译"
    " mapping by which the institution's own fields and codes are read",
)]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """An application as it is scored, and as it was sent where a mapping reads it."""

    content: Any
    coded: Coded | None = None


async def application(
    request: Request, caller: Scoring, state: Ready, mapping: ByMapping = None
) -> Given:
    """Return the application, its codes translated where a mapping is named.

    Load is shed before the body is read.
    """
    state.lane.room(caller.tenant)
    if mapping is None:
        return _of_one(Given(await ONE(request)))
    sent = await CODED(request)
    return _of_one(await run_in_threadpool(_read, state, caller.tenant, mapping, sent))


def _of_one(given: Given) -> Given:
    """See that an application names one borrower."""
    wrong = two_borrowers(given.content)
    if wrong is not None:
        raise given.coded.told(wrong) if given.coded else wrong
    return given


def _read(state: State, tenant: str, name: str, sent: dict[str, Any]) -> Given:
    """An application read by a mapping; what is wrong with it is told as it was sent."""
    read = coded(mapping_named(state, tenant, name), sent)
    if isinstance(read, Problem):
        raise read
    try:
        return Given(ONE.checked(json.dumps(read.content).encode()), read)
    except RequestValidationError as fault:
        raise read.told(of_schema(fault)) from None


@router.post(
    "", openapi_extra=ONE.openapi,
    responses={200: {"model": ScoreAnswer}, **problems(*COMMON, 404, 415)},
)  # fmt: skip
async def score(
    request: Request, caller: Scoring, state: Ready,
    given: Annotated[Given, Depends(application)], idempotency_key: IdempotencyKey = None,
) -> Response:  # fmt: skip
    """Score one application; the decision is durable before it is answered 评分."""
    read = given.coded
    work = Work(
        caller, given.content, request.state.trace_id, idempotency_key,
        read.remarks if read else {}, read.asked if read else None,
    )  # fmt: skip
    outcome = await state.lane.submit(work, receive=request.receive)
    if isinstance(outcome, Problem) and read:
        raise read.told(outcome)
    if isinstance(outcome, Exception):
        raise outcome
    headers = {"Idempotency-Replayed": "true"} if outcome.replayed else {}
    return Response(outcome.body, headers=headers, media_type="application/json")
