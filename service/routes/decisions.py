"""Decisions: found, listed, explained, made again, and what became of them."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal, NotRequired

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from riskengine.exchange.states import moves
from service.answers import NOT_MODIFIED, linked, tagged, wanted
from service.bodies import JsonBody
from service.clock import day_of, now, stamp
from service.deps import Reading, Ready, Scoring
from service.exchange.mappings import MappingName, mapping_named
from service.governance.case_states import may_be_granted, may_move, recorded_by
from service.governance.explain import HEADERS, Audience, data_of, page_of
from service.governance.keeping import LENT_OUTCOMES, LENT_STATES, keep_as_lent
from service.governance.outcomes import again, check
from service.governance.overlays import law_in_force
from service.governance.past import entries
from service.governance.reviews import found, told, with_effect
from service.governance.verdicts import effective
from service.problems import language_of
from service.routes.paging import Cursor, Limit
from service.routes.reviews import DecisionId, Moment
from service.schemas.base import COMMON, problems
from service.schemas.cells import Day, Instant, record
from service.schemas.decision import (
    CaseStateAnswer,
    DecisionAnswer,
    DecisionsPage,
    Explanation,
    OutcomeAnswer,
    ReplayAnswer,
)
from service.schemas.score import ScoreAnswer
from service.scoring.people import names_of
from service.scoring.replay import replay
from service.store import ledger
from service.store.database import reading, writing
from service.store.decisions import Decision, Filters, move_case, page, sealed_of

router = APIRouter(prefix="/v1/decisions", tags=["decisions"])
HTML = "text/html; charset=utf-8"
Outcome = Literal["accept", "refer", "decline"]
Code = Annotated[str, Field(max_length=100, pattern=r"^[\x21-\x7e]+$")]
Number = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9._/-]+$")]

Search = record("DecisionSearch", {
    "borrower_code": NotRequired[Annotated[str, Field(
        strict=True, min_length=1, max_length=64,
        description="借款人或抵押人的证件号码或统一社会信用代码，只用于查找"
        " ID number or USCC of a borrower or mortgagor: never in an address",
    )]],
    "decision": NotRequired[Outcome],
    "application_no": NotRequired[Number], "reason": NotRequired[Code],
    "valued_from": NotRequired[Day], "valued_to": NotRequired[Day],
    "made_from": NotRequired[Instant], "made_before": NotRequired[Instant],
    "reviewed": NotRequired[Annotated[bool, Field(strict=True)]],
    "cursor": NotRequired[Annotated[str, Field(max_length=64)]],
    "limit": NotRequired[Annotated[int, Field(strict=True, ge=1, le=200)]],
})  # fmt: skip
Became = record("LoanOutcome", {
    "outcome": Annotated[
        Literal["not_lent", "running", "repaid", "defaulted", "compensated", "recovered"],
        Field(description="后续结果 what became of it"),
    ],
    "on": Annotated[Day, Field(description="发生日 day on which it did")],
    "lost_yuan": NotRequired[Annotated[float, Field(
        strict=True, ge=0.0, allow_inf_nan=False, description="损失金额 amount lost",
        json_schema_extra={"x-unit": "yuan"},
    )]],
})  # fmt: skip
CaseState = record("CaseState", {"state": Annotated[str, Field(
    strict=True, pattern=r"^[a-z][a-z0-9_]{0,39}$",
    description="业务状态，引擎词汇 state of the case, in the engine's words",
)]})  # fmt: skip
Recorded = Annotated[MappingName | None, Query(
    description="代码对照表：只在其登记的状态之间检查"
    " mapping whose states the institution records; it passes through the others unseen",
)]  # fmt: skip
CASE_STATE = JsonBody(CaseState, "CaseState", {"accepted": {"state": "accepted"}})
SEARCH = JsonBody(Search, "DecisionSearch", {"referred": {"decision": "refer", "limit": 20}})
BECAME = JsonBody(Became, "LoanOutcome", {
    "defaulted": {"outcome": "defaulted", "on": "2027-09-30", "lost_yuan": 12000.0},
})  # fmt: skip
BODIES = (SEARCH, BECAME, CASE_STATE)


def filters(
    decision: Outcome | None = None,
    application_no: Annotated[Number | None, Query()] = None,
    reason: Annotated[Code | None, Query(description="理由代码 code of a reason")] = None,
    valued_from: Day | None = None, valued_to: Day | None = None,
    made_from: Moment = None, made_before: Moment = None,
    reviewed: bool | None = None,
) -> Filters:  # fmt: skip
    """Return which decisions are listed, from the query."""
    return _filters({
        "decision": decision, "application_no": application_no, "reason": reason,
        "valued_from": valued_from, "valued_to": valued_to, "made_from": made_from,
        "made_before": made_before, "reviewed": reviewed,
    })  # fmt: skip


@router.get("", responses={
    200: {"model": DecisionsPage}, **problems(*COMMON), **NOT_MODIFIED,
})  # fmt: skip
def listed(
    http: Request, caller: Reading, state: Ready, which: Annotated[Filters, Depends(filters)],
    cursor: Cursor = None, limit: Limit = 50,
) -> Response:  # fmt: skip
    """List decisions, the newest first; ``Link`` names the next page 决定清单."""
    with reading(state.engine) as connection:
        one = page(connection, caller.tenant, which, cursor, limit)
        rows = with_effect(connection, caller.tenant, one.rows, day_of(now()))
    return linked(http, {"items": rows, "next": one.cursor}, one.cursor)


@router.post(
    "/search", openapi_extra=SEARCH.openapi,
    responses={200: {"model": DecisionsPage}, **problems(*COMMON, 415)},
)  # fmt: skip
def search(caller: Reading, state: Ready, content: Annotated[Any, Depends(SEARCH)]) -> Any:
    """List decisions, also of one person, whose code stays out of addresses 查找决定.

    Found are decisions in which the person borrows, and those in which the person is named
    beside the borrower, such as a mortgagor.
    """
    code = content.get("borrower_code")
    which = _filters(content, names_of(state.secrets, caller.tenant, code) if code else None)
    with reading(state.engine) as connection:
        one = page(
            connection, caller.tenant, which, content.get("cursor"), content.get("limit", 50)
        )
        rows = with_effect(connection, caller.tenant, one.rows, day_of(now()))
    return {"items": rows, "next": one.cursor}


@router.get("/{decision_id}", responses={
    200: {"model": DecisionAnswer}, **problems(*COMMON, 404), **NOT_MODIFIED,
})  # fmt: skip
def decision(http: Request, caller: Reading, state: Ready, decision_id: DecisionId) -> Response:
    """One decision as it was answered, its place in the chain, its reviews 决定."""
    with reading(state.engine) as connection:
        one = found(connection, caller.tenant, decision_id)
        reviews = told(connection, caller.tenant, [decision_id])[decision_id]
        outcomes = entries(connection, caller.tenant, "outcome", [decision_id])
    content = {
        **_envelope(one), "effective": effective(one.row, reviews, day_of(now())),
        "reviews": reviews, "outcomes": [_became(each) for each in outcomes],
    }  # fmt: skip
    return tagged(http, content)


@router.get("/{decision_id}/answer", responses={
    200: {"model": ScoreAnswer}, **problems(*COMMON, 404), **NOT_MODIFIED,
})  # fmt: skip
def answer(http: Request, caller: Reading, state: Ready, decision_id: DecisionId) -> Response:
    """The bytes that were answered; their SHA-256 is the ETag and stands in the chain 原答复."""
    with reading(state.engine) as connection:
        one = found(connection, caller.tenant, decision_id)
    return tagged(http, one.answer)


@router.get("/{decision_id}/explanation", responses={
    200: {"model": Explanation, "content": {"text/html": {"schema": {"type": "string"}}}},
    **problems(*COMMON, 404, 409), **NOT_MODIFIED,
})  # fmt: skip
def explanation(
    http: Request, caller: Reading, state: Ready, decision_id: DecisionId,
    audience: Annotated[Audience, Query(description="信贷员或申请人 for whom")] = "borrower",
) -> Response:  # fmt: skip
    """Why it came out so, and how to ask for a person; a page or JSON by Accept 决定说明."""
    language = language_of(http)
    with reading(state.engine) as connection:
        one = found(connection, caller.tenant, decision_id)
        sealed, _ = sealed_of(connection, caller.tenant, decision_id)
        reviews = told(connection, caller.tenant, [decision_id])[decision_id]
    held = effective(one.row, reviews, day_of(now()))
    if wanted(http, "application/json", "text/html") == "text/html":
        shown = page_of(state, one, sealed, audience, language, held)
        return tagged(http, shown, HTML, headers={**HEADERS, "Content-Language": language})
    return tagged(http, data_of(orjson.loads(one.answer), audience, decision_id, held))


@router.post("/{decision_id}/replay", responses={
    200: {"model": ReplayAnswer}, **problems(*COMMON, 404),
})  # fmt: skip
def replayed(caller: Reading, state: Ready, decision_id: DecisionId) -> Any:
    """Make a decision again from its record and compare the bytes 重放."""
    one = replay(state, caller.tenant, decision_id)
    return {
        "decision_id": decision_id, "same": one.same, "proven": one.proven,
        "erased": one.erased, "answer_sha256": one.answer_sha256,
        "replayed_sha256": hashlib.sha256(one.body).hexdigest() if one.body else None,
        "differences": [asdict(each) for each in one.differences], "recipe": one.recipe,
        "failed": {"zh": one.failed.zh, "en": one.failed.en} if one.failed else None,
    }  # fmt: skip


@router.put(
    "/{decision_id}/state", openapi_extra=CASE_STATE.openapi,
    responses={200: {"model": CaseStateAnswer}, **problems(*COMMON, 404, 409, 415)},
)  # fmt: skip
def case_state(
    caller: Scoring, state: Ready, decision_id: DecisionId,
    content: Annotated[Any, Depends(CASE_STATE)], mapping: Recorded = None,
) -> Any:  # fmt: skip
    """Move the case to another state of the engine's vocabulary 业务状态."""
    at = now()
    moment, tenant = stamp(at), caller.tenant
    recorded = recorded_by(mapping_named(state, tenant, mapping)) if mapping else None
    law = law_in_force(state, tenant)[0] if content["state"] in LENT_STATES else None
    with writing(state.engine) as connection:
        ledger.alone(connection, tenant)
        one = found(connection, tenant, decision_id)
        before = one.row["case_state"] or ""
        may_move(before, content["state"], recorded)
        (held,) = with_effect(connection, tenant, [one.row], day_of(at))
        may_be_granted(content["state"], held["effective"])
        move_case(connection, caller.tenant, decision_id, content["state"], caller.key_id, moment)
        if law is not None:
            keep_as_lent(connection, caller, one, day_of(at), law, "case_state", at)
    return {
        "decision_id": decision_id, "before": before or None, "state": content["state"],
        "changed_at": moment, "next": sorted(moves()[content["state"]]),
    }  # fmt: skip


@router.post(
    "/{decision_id}/outcome", status_code=201, openapi_extra=BECAME.openapi,
    responses={201: {"model": OutcomeAnswer}, **problems(*COMMON, 404, 409, 415)},
)  # fmt: skip
def became(
    caller: Scoring, state: Ready, decision_id: DecisionId,
    content: Annotated[Any, Depends(BECAME)],
) -> Any:  # fmt: skip
    """Tell what became of the loan: it is what models are judged by 后续结果."""
    moment, tenant = now(), caller.tenant
    body = {
        **content, "on": content["on"].isoformat(), "by": caller.key_id, "made_at": stamp(moment)
    }  # fmt: skip
    law = law_in_force(state, tenant)[0] if content["outcome"] in LENT_OUTCOMES else None
    with writing(state.engine) as connection:
        ledger.alone(connection, tenant)
        one = found(connection, tenant, decision_id)
        before = entries(connection, tenant, "outcome", [decision_id])
        same = again(before, body)
        if same is not None:
            return {"decision_id": decision_id, "by": same["by"], **_became(same)}
        reviews = told(connection, tenant, [decision_id])[decision_id]
        check(before, body, one.row, effective(one.row, reviews, day_of(moment)))
        entry = ledger.Entry("outcome", decision_id, body["made_at"], body)
        (position,) = ledger.append(connection, tenant, [entry])
        if law is not None:
            on = min(content["on"], day_of(moment))  # a day to come is no end of anything yet
            keep_as_lent(connection, caller, one, on, law, "outcome", moment)
    news = {**body, "position": position}
    return {"decision_id": decision_id, "by": caller.key_id, **_became(news)}


def _filters(given: Any, borrower: tuple[str, ...] | None = None) -> Filters:
    """Which decisions are listed, from what was given."""
    days = {
        key: given[name].isoformat() if given.get(name) else None
        for key, name in (("valued_from", "valued_from"), ("valued_until", "valued_to"))
    }
    moments = {
        key: stamp(given[name]) if given.get(name) else None
        for key, name in (("made_from", "made_from"), ("made_until", "made_before"))
    }
    return Filters(
        decision=given.get("decision"), application_no=given.get("application_no"),
        borrower=borrower, reason=given.get("reason"), reviewed=given.get("reviewed"),
        **days, **moments,
    )  # fmt: skip


def _envelope(one: Decision) -> dict[str, Any]:
    """A decision with its place in the chain."""
    row, entry = one.row, one.entry
    return {
        "decision": orjson.Fragment(one.answer),
        "chain": {
            "position": row["position"], "entry_digest": one.digest,
            "answer_sha256": entry["answer_sha256"],
        },
        "by": entry["by"], "recipe": entry["recipe"], "case_state": row["case_state"],
    }  # fmt: skip


def _became(entry: Mapping[str, Any]) -> dict[str, Any]:
    """One word of what became of a loan."""
    return {key: entry.get(key) for key in ("outcome", "on", "lost_yuan", "made_at", "position")}
