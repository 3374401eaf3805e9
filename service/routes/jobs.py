"""Jobs: long runs on a book, followed from the queue to their results."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from service import ids
from service.bodies import JsonBody
from service.deps import Bookkeeping, Ready
from service.jobs import schemas
from service.jobs.answers import (
    file_answer,
    line,
    media_type,
    need_job,
    no_rejected,
    rejected_page,
    results_of,
    whole,
)
from service.jobs.asking import ask, cancel
from service.routes.books import BookId
from service.routes.paging import Cursor, Limit
from service.routes.scores import IdempotencyKey
from service.schemas.base import COMMON, problems
from service.store import jobs
from service.store.database import reading

router = APIRouter(prefix="/v1", tags=["jobs"])
EXAMPLES = {
    "revalue": {"kind": "revalue", "valued_on": "2026-11-24"},
    "pledges": {"kind": "pledges", "valued_on": "2026-11-24", "arguments": {"within_days": 90.0}},
    "book": {"kind": "book", "valued_on": "2026-11-24", "arguments": {"months": 12, "seed": 2026}},
}
NEW = JsonBody(schemas.NewJob, "NewJob", EXAMPLES)
BODIES = (NEW,)
JobId = Annotated[str, Path(pattern=ids.pattern_of(ids.JOB), description="任务编号 id of the job")]
FileName = Annotated[
    str, Path(max_length=300, description="结果文件 as the list of results names it")
]
Accept = Annotated[str, Header(max_length=1000)]
READ = (401, 403, 404, 422, 429, 503)
BINARY = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
PARTS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file 文件", "content": BINARY},
    206: {"description": "A part of it 部分内容", "content": BINARY},
    304: {"description": "Unchanged 未更改"},
}


@router.post(
    "/books/{book_id}/jobs", status_code=202, openapi_extra=NEW.openapi,
    responses=problems(*COMMON, 404, 415),
)  # fmt: skip
def start_job(
    book_id: BookId, caller: Bookkeeping, state: Ready, content: Annotated[Any, Depends(NEW)],
    response: Response, idempotency_key: IdempotencyKey = None,
) -> schemas.JobAnswer:  # fmt: skip
    """Start a job on a book; it stands in the store before it is answered 发起任务."""
    job_id, again = ask(state, caller, book_id, content, idempotency_key)
    response.headers["Location"] = f"/v1/jobs/{job_id}"
    if again:
        response.headers["Idempotency-Replayed"] = "true"
    return whole(need_job(state, caller.tenant, job_id))


@router.get("/jobs", responses=problems(401, 403, 422, 429, 503))
def list_jobs(
    caller: Bookkeeping, state: Ready, cursor: Cursor = None, limit: Limit = 50,
    job_state: Annotated[schemas.JobState | None, Query(alias="state")] = None,
    kind: schemas.JobKind | None = None,
    book_id: Annotated[str | None, Query(pattern=ids.pattern_of(ids.BOOK))] = None,
) -> schemas.JobsPage:  # fmt: skip
    """List jobs, newest first 任务列表."""
    given = {"state": job_state, "kind": kind, "book_id": book_id}
    filters = {name: str(value) for name, value in given.items() if value is not None}
    with reading(state.engine) as connection:
        rows, behind = jobs.page(connection, caller.tenant, filters, cursor, limit)
    return schemas.JobsPage(items=[line(row._mapping) for row in rows], next=behind)


@router.get("/jobs/{job_id}", responses=problems(*READ))
def show_job(job_id: JobId, caller: Bookkeeping, state: Ready) -> schemas.JobAnswer:
    """Show how far a job is, and what it came to 任务进度."""
    return whole(need_job(state, caller.tenant, job_id))


@router.get("/jobs/{job_id}/results", responses=problems(*READ, 409))
def list_results(job_id: JobId, caller: Bookkeeping, state: Ready) -> schemas.ResultsAnswer:
    """List the files that a job left 结果文件."""
    _, held = results_of(state, caller.tenant, job_id)
    items = [schemas.ResultAnswer(**one, media_type=media_type(one["file"])) for one in held]
    return schemas.ResultsAnswer(items=items)


@router.get(
    "/jobs/{job_id}/results/{file:path}", response_class=Response,
    responses={**PARTS, **problems(*READ, 409, 416)},
)  # fmt: skip
def fetch_result(
    request: Request, job_id: JobId, file: FileName, caller: Bookkeeping, state: Ready
) -> Response:
    """Fetch a file that a job left, whole or a range of it 下载结果."""
    out, held = results_of(state, caller.tenant, job_id)
    return file_answer(request, out, held, file)


@router.get(
    "/jobs/{job_id}/rejected",
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
               206: PARTS[206], 304: PARTS[304], **problems(*READ, 409, 416)},
    response_model=schemas.RejectedPage,
)  # fmt: skip
def list_rejected(
    request: Request, job_id: JobId, caller: Bookkeeping, state: Ready, cursor: Cursor = None,
    limit: Limit = 50, accept: Accept = "application/json",
) -> Any:  # fmt: skip
    """List rejected rows with their cures; all of them as text/csv 被退回的行."""
    out, held = results_of(state, caller.tenant, job_id)
    if "text/csv" not in accept:
        return rejected_page(out, held, cursor, limit)
    if all(one["file"] != "rejected.csv" for one in held):
        raise no_rejected()
    return file_answer(request, out, held, "rejected.csv")


@router.post(
    "/jobs/{job_id}/cancel", status_code=202, responses=problems(*READ, 409)
)  # fmt: skip
def cancel_job(job_id: JobId, caller: Bookkeeping, state: Ready) -> schemas.JobAnswer:
    """Cancel a job: at once while it waits, soon while it runs 取消任务."""
    cancel(state, caller, job_id)
    return whole(need_job(state, caller.tenant, job_id))
