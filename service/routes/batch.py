"""Many applications in one request: each is checked, scored and recorded on its own."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import Field, TypeAdapter, ValidationError

from riskengine.words import Language, Text
from service.auth.caller import Caller
from service.bodies import REFERENCE, JsonBody, placed
from service.deps import Ready, Scoring
from service.exchange.coded import Coded, coded
from service.exchange.mappings import mapping_named
from service.problems import Fault, Problem, content_of, language_of, of_schema
from service.routes.scores import ONE, ByMapping, IdempotencyKey
from service.schemas.base import COMMON, ProblemAnswer, Schema, problems
from service.schemas.score import ScoreAnswer
from service.scoring.people import two_borrowers
from service.scoring.scorer import Reply, Work
from service.state import State

router = APIRouter(prefix="/v1/scores", tags=["scores"])
MOST = 5000
"""Most applications that the schema takes; the setting ``max_batch`` may ask for fewer."""
MEMBERS_EACH = 100
"""Members of an application, on average: a batch may have so many times its applications."""
TOGETHER = 32
"""Most of a batch that wait in the lane at once: others are scored in between."""
TRIES, PAUSE_SECONDS = 20, 0.25
"""How often, and after what pause, an application is offered again to a full lane."""


class _Items(JsonBody):
    """A list of objects, each of which is checked as an application later."""

    def schemas(self) -> dict[str, Any]:
        """Return the schema of the list: an object that is no application spoils no other."""
        one = {"$ref": REFERENCE.format(model=ONE.name)}
        return {self.name: {
            "type": "array", "minItems": 1, "maxItems": MOST,
            "items": {"anyOf": [one, {"type": "object"}]},
            "description": "逐项检查，错项不影响其他 each is checked on its own",
        }}  # fmt: skip


Items = Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST)]
MANY = _Items(Items, "Applications", {
    "two": [*list(ONE.examples.values())[:1], {"application_no": "A-2026-0002"}],
}, most_members=MOST * MEMBERS_EACH)  # fmt: skip
BODIES = (MANY,)
APPLICATION: TypeAdapter[Any] = ONE.adapter


class ItemAnswer(Schema):
    """What became of one application of a batch."""

    index: Annotated[int, Field(ge=0, description="次序，从 0 起 place in the request")]
    application_no: str | None
    status: Annotated[int, Field(description="单独提交时的状态码 as if sent alone", examples=[200])]
    replayed: bool
    decision: ScoreAnswer | None
    problem: ProblemAnswer | None


class BatchAnswer(Schema):
    """Outcomes in the order of the request."""

    received: int
    decided: int
    failed: int
    results: list[ItemAnswer]


@router.post(
    "/batch", openapi_extra=MANY.openapi,
    responses={200: {"model": BatchAnswer}, **problems(*COMMON, 404, 415)},
)  # fmt: skip
async def batch(
    request: Request, caller: Scoring, state: Ready,
    items: Annotated[Any, Depends(MANY)], idempotency_key: IdempotencyKey = None,
    mapping: ByMapping = None,
) -> Response:  # fmt: skip
    """Score many applications; each has its own outcome and its own record 批量评分."""
    _bounded(len(items), state.settings.max_batch)
    state.gate.take_items(caller, len(items))
    read: dict[int, Coded | Problem] = {}
    if mapping is not None:
        codes = await run_in_threadpool(mapping_named, state, caller.tenant, mapping)
        read = await run_in_threadpool(
            lambda: {k: coded(codes, one) for k, one in enumerate(items)}
        )
    known = {k: one for k, one in read.items() if isinstance(one, Coded)}
    taken, outcomes = await run_in_threadpool(
        checked, {k: known[k].content if k in known else one for k, one in enumerate(items)}
    )
    outcomes |= {k: one for k, one in read.items() if isinstance(one, Problem)}
    works = {
        k: _work(caller, content, request.state.trace_id, idempotency_key, known.get(k))
        for k, content in taken.items()
        if k not in outcomes
    }
    outcomes |= await scored(state, works)
    for k, one in known.items():
        if isinstance(outcomes[k], Problem):
            outcomes[k] = one.told(outcomes[k])
    trace_id = request.state.trace_id
    body = await run_in_threadpool(_body, items, outcomes, language_of(request), trace_id)
    return Response(body, media_type="application/json")


def _body(
    items: Sequence[dict[str, Any]], outcomes: dict[int, Any], language: Language, trace_id: str
) -> bytes:
    """The answer: outcomes in the order of the request."""
    told = [_told(k, items[k], outcomes[k], language, trace_id) for k in range(len(items))]
    decided = sum(one["status"] == 200 for one in told)
    return orjson.dumps({
        "received": len(items), "decided": decided, "failed": len(items) - decided,
        "results": told,
    })  # fmt: skip


def _bounded(count: int, most: int) -> None:
    """Refuse more applications than the operator allows."""
    if count > most:
        raise Problem(
            422, "too-many", Text(f"一批最多 {most} 件", f"at most {most} applications a batch"),
            Text("请分批提交", "send them in several batches"),
        )  # fmt: skip


def checked(items: Mapping[int, dict[str, Any]]) -> tuple[dict[int, Any], dict[int, Any]]:
    """Check applications one by one.

    Parameters
    ----------
    items : mapping of int to dict
        By place, in the engine's words.

    Returns
    -------
    dict of int to dict
        Those that fit their schema, by place.
    dict of int to Problem
        What is wrong with the others; an application number that stood before is one, and
        so are two borrowers.
    """
    taken: dict[int, Any] = {}
    faulty: dict[int, Any] = {}
    first: dict[str, int] = {}
    for k, item in items.items():
        try:  # as JSON, so that an item is read as it would be alone
            content = APPLICATION.validate_json(json.dumps(item))
        except ValidationError as fault:
            faulty[k] = of_schema(RequestValidationError(placed(fault, item)))
            continue
        wrong = two_borrowers(content)
        if wrong is not None:
            faulty[k] = wrong
            continue
        before = first.setdefault(content["application_no"], k)
        if before == k:
            taken[k] = content
        else:
            faulty[k] = _twice(before)
    return taken, faulty


def _twice(before: int) -> Problem:
    wrong = Text(f"业务编号与第 {before} 项相同", f"has the number of item {before}")
    return Problem(
        409, "duplicate-in-batch", wrong,
        Text("同一业务只提交一次", "send an application once"),
        (Fault("/body/application_no", "duplicate", wrong),),
    )  # fmt: skip


def _work(
    caller: Caller, content: dict[str, Any], trace_id: str, key: str | None, read: Coded | None
) -> Work:  # fmt: skip
    """One application of a batch as the lane takes it."""
    remarks, asked = (read.remarks, read.asked) if read else ({}, None)
    return Work(caller, content, trace_id, _key(key, content), remarks, asked)


def _key(key: str | None, content: dict[str, Any]) -> str | None:
    """The idempotency key of one application of a batch."""
    if key is None:
        return None
    return "batch." + hashlib.sha256(f"{key}\n{content['application_no']}".encode()).hexdigest()


async def scored(state: State, works: dict[int, Work]) -> dict[int, Any]:
    """Score applications through the lane, a few at a time.

    Parameters
    ----------
    state : State
        The service.
    works : dict of int to Work
        Applications by place.

    Returns
    -------
    dict of int to Reply or Exception
        Outcomes by place.
    """
    places = list(works)
    outcomes: dict[int, Any] = {}
    for start in range(0, len(places), TOGETHER):
        some = places[start : start + TOGETHER]
        found = await asyncio.gather(*(_offered(state, works[k]) for k in some))
        outcomes |= dict(zip(some, found, strict=True))
    return outcomes


async def _offered(state: State, work: Work) -> Any:
    """Offer one application to the lane until it is taken."""
    for left in reversed(range(TRIES)):
        try:
            return await state.lane.submit(work, bulk=True)
        except Problem as full:
            if left == 0 or full.code != "busy":
                return full
        await asyncio.sleep(PAUSE_SECONDS)
    raise AssertionError("the last try returns")


def _told(
    place: int, item: dict[str, Any], outcome: Any, language: Language, trace_id: str
) -> dict[str, Any]:
    """The outcome of one application."""
    number = item.get("application_no")
    head = {"index": place, "application_no": number if isinstance(number, str) else None}
    if isinstance(outcome, Reply):
        return {
            **head, "status": 200, "replayed": outcome.replayed,
            "decision": orjson.Fragment(outcome.body), "problem": None,
        }  # fmt: skip
    problem = outcome if isinstance(outcome, Problem) else Problem(
        500, "internal", Text("内部错误", "an error inside the service"),
        Text("请凭跟踪号联系运维", "tell the operator the trace id"),
    )  # fmt: skip
    return {
        **head, "status": problem.status, "replayed": False, "decision": None,
        "problem": content_of(_within(problem, place), language, trace_id),
    }  # fmt: skip


def _within(problem: Problem, place: int) -> Problem:
    """The problem of one application, its place in the paths."""
    faults = [
        replace(one, path=f"/body/{place}{one.path.removeprefix('/body')}")
        for one in problem.faults
    ]
    return Problem(problem.status, problem.code, problem.wrong, problem.cure, faults)
