"""Exports: filings over a tenant's decisions, or over the tables of a finished job."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import Field

from riskengine.exchange.kinds import KINDS
from riskengine.exchange.sheet import LEAST_REASON
from riskengine.exchange.writing import MEDIA, SUFFIXES, pieces
from riskengine.words import Text
from service import ids
from service.answers import wanted as preferred
from service.auth.caller import Caller, Scope
from service.deps import Reading, Ready
from service.exchange.exports import Wanted, note, of_decisions, of_job
from service.exchange.mappings import MappingName, mapping_named
from service.problems import Problem
from service.schemas.base import COMMON, problems
from service.schemas.cells import Day
from service.schemas.plain import Impersonal

router = APIRouter(prefix="/v1/exports", tags=["exports"])
Kind = Literal[tuple(KINDS)]
Form = Literal[tuple(MEDIA)]
FORMS: dict[str, str] = {"application/json": "json", "text/csv": "csv", MEDIA["xlsx"]: "xlsx"}
"""Format by what Accept asks for; GB18030 is asked for by name."""
FILE: dict[int | str, dict[str, Any]] = {200: {
    "description": "The filing, with its digests 报送表与摘要",
    "content": {
        "application/json": {"schema": {"type": "object"}},
        "text/csv": {"schema": {"type": "string"}},
        MEDIA["xlsx"]: {"schema": {"type": "string", "format": "binary"}},
    },
}}  # fmt: skip
Reason = Annotated[
    str | None,
    Field(min_length=LEAST_REASON, max_length=200, pattern=r"\S{2}",
          description="显示证件号码的理由，限管理员，记入链"
          " why identity numbers are shown: administrators only, entered in the chain"),
    Impersonal,
]  # fmt: skip


@router.get("/{kind}", responses={**FILE, **problems(*COMMON, 404, 409)})
def export(
    request: Request, caller: Reading, state: Ready,
    kind: Annotated[Kind, Path(description="报送表 which filing")],
    job_id: Annotated[str | None, Query(
        pattern=ids.pattern_of(ids.JOB), description="组合任务；不填则为决定"
        " a finished job on a book; the tenant's decisions when left out",
    )] = None,
    mapping: Annotated[MappingName | None, Query(
        description="代码对照表 mapping by which it is coded",
    )] = None,
    form: Annotated[Form | None, Query(
        alias="format", description="格式；不填则按 Accept format; by Accept when left out",
    )] = None,
    valued_from: Day | None = None, valued_until: Day | None = None,
    decision: Literal["accept", "refer", "decline"] | None = None,
    show_identifiers_because: Annotated[Reason, Query()] = None,
) -> StreamingResponse:  # fmt: skip
    """Export a filing: collateral record, compensations, summary by bank, balances 报送表."""
    _allowed(caller, job_id, show_identifiers_because)
    codes = mapping_named(state, caller.tenant, mapping) if mapping else None
    asked = Wanted(
        kind, codes, show_identifiers_because or "", _day(valued_from), _day(valued_until),
        decision,
    )  # fmt: skip
    sheet = of_job(state, caller, job_id, asked) if job_id else of_decisions(state, caller, asked)
    if show_identifiers_because:
        note(state, caller, job_id or "decisions", sheet)
    chosen = form or FORMS[preferred(request, *FORMS)]
    return StreamingResponse(
        pieces(sheet, chosen), media_type=MEDIA[chosen],
        headers={
            "Content-Disposition": f'attachment; filename="{kind}{SUFFIXES[chosen]}"',
            "X-Rows-Sha256": sheet.digest["rows_sha256"], "Vary": "Accept, X-API-Key",
            "Cache-Control": "no-store",
        },
    )  # fmt: skip


def _allowed(caller: Caller, job_id: str | None, because: str | None) -> None:
    """Refuse what a reader of decisions may not have.

    Raises
    ------
    Problem
        403.
    """
    needed = {Scope.BOOKS} if job_id else set()
    needed |= {Scope.ADMIN} if because else set()
    if not needed <= caller.scopes:
        raise Problem(
            403, "forbidden", Text("此密钥无此权限", "this key may not do that"),
            Text("请向机构管理员申请相应角色", "ask your institution's administrator for the role"),
        )  # fmt: skip


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
