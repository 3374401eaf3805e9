"""Jobs and their results as they are answered."""

import base64
import re
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
from fastapi import Request
from fastapi.responses import FileResponse, Response

from riskengine.words import Text
from service.answers import named
from service.jobs import schemas
from service.jobs.shelf import job_folder
from service.jobs.whole import need_whole
from service.problems import Problem
from service.refusals import JOB, absent, bad_cursor
from service.state import State
from service.store import jobs
from service.store.database import reading

MEDIA_TYPES = {
    ".parquet": "application/vnd.apache.parquet", ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8", ".json": "application/json",
}  # fmt: skip
RANGE = re.compile(r"\Abytes=(\d{0,18})-(\d{0,18})\Z")


def line(row: Any) -> schemas.JobLine:
    """Return a job as lists show it.

    Parameters
    ----------
    row : mapping
        Columns of ``jobs``.

    Returns
    -------
    JobLine
        Without its manifest.
    """
    given = orjson.loads(row["arguments"])
    problem = orjson.loads(row["problem"]) if row["problem"] else None
    same = ("job_id", "book_id", "kind", "state", "done", "total", "attempts", "cancel_asked",
            "made_at", "started_at", "ended_at")  # fmt: skip
    return schemas.JobLine(
        **{name: row[name] for name in same}, valued_on=given["valued_on"],
        arguments=given["arguments"],
        problem=schemas.JobProblem.model_validate(problem) if problem else None,
    )  # fmt: skip


def whole(row: Any) -> schemas.JobAnswer:
    """Return a job with what it came to.

    Parameters
    ----------
    row : mapping
        Columns of ``jobs``.

    Returns
    -------
    JobAnswer
        With the engine's manifest once it is done.
    """
    manifest = orjson.loads(row["manifest"])["manifest"] if row["manifest"] else None
    return schemas.JobAnswer(**dict(line(row)), manifest=manifest)


def need_job(state: State, tenant: str, job_id: str) -> Any:
    """Return a job of a tenant.

    Parameters
    ----------
    state : State
        The service.
    tenant, job_id : str
        Whose, which.

    Returns
    -------
    mapping
        Columns of ``jobs``.

    Raises
    ------
    Problem
        404 if there is none.
    """
    with reading(state.engine) as connection:
        row = jobs.find(connection, tenant, job_id)
    if row is None:
        raise absent(JOB)
    return row._mapping


def need_done(state: State, tenant: str, job_id: str) -> Any:
    """Return a job of a tenant that is done.

    Parameters
    ----------
    state : State
        The service.
    tenant, job_id : str
        Whose, which.

    Returns
    -------
    mapping
        Columns of ``jobs``.

    Raises
    ------
    Problem
        404 if there is none; 409 until it is done.
    """
    row = need_job(state, tenant, job_id)
    if row["state"] != "done":
        raise Problem(
            409, "job-not-done",
            Text("任务没有完成，没有结果", "the job is not done: there are no results"),
            Text("请看任务的 state 与 problem", "look at its state and problem"),
        )  # fmt: skip
    return row


def results_of(state: State, tenant: str, job_id: str) -> tuple[Path, list[dict[str, Any]]]:
    """Return the results of a job.

    Parameters
    ----------
    state : State
        The service.
    tenant, job_id : str
        Whose, which.

    Returns
    -------
    Path
        Folder of the results.
    list of dict
        file, bytes, sha256.

    Raises
    ------
    Problem
        404 if there is no such job, or its results are kept no longer; 409 until it is done.
    """
    row = need_done(state, tenant, job_id)
    out = job_folder(state.settings.data, tenant, job_id) / "out"
    if not out.is_dir():
        raise Problem(
            404, "results-expired",
            Text("结果已过保存期", "the results are kept no longer"),
            Text("请重新发起任务", "start the job again"),
        )  # fmt: skip
    return out, orjson.loads(row["manifest"])["results"]


def media_type(name: str) -> str:
    """Return the media type of a result, by its suffix."""
    return MEDIA_TYPES.get(Path(name).suffix, "application/octet-stream")


def file_answer(request: Request, out: Path, held: list[dict[str, Any]], name: str) -> Response:
    """Return a result, or the part of it that is asked for, once it is found whole.

    Parameters
    ----------
    request : Request
        The request, with Range, If-Range and If-None-Match.
    out : Path
        Folder of the results.
    held : list of dict
        What is there: nothing else can be asked for.
    name : str
        Which file.

    Returns
    -------
    Response
        200, 206 or 304.

    Raises
    ------
    Problem
        404 if the job left no such file; 409 if it is damaged; 416 if the range lies behind its
        end.
    """
    found = next((one for one in held if one["file"] == name), None)
    if found is None:
        raise absent(Text("这个结果文件", "such file among the results"))
    tag = f'"{found["sha256"]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if named(request.headers.get("if-none-match", ""), found["sha256"]):
        return Response(status_code=304, headers=headers)
    _keep_range(request, found["bytes"])
    need_whole(out, found)
    return FileResponse(
        out / name, headers=headers, media_type=media_type(name), filename=Path(name).name
    )


def _keep_range(request: Request, size: int) -> None:
    """Leave one plain range in the request; others may be ignored (RFC 9110, 14.2)."""
    given = RANGE.match(request.headers.get("range", "").strip())
    first, last = given.groups() if given else ("", "")
    good = given is not None and (first or last) and not (first and last and int(first) > int(last))
    if not good:
        request.scope["headers"] = [h for h in request.scope["headers"] if h[0] != b"range"]
    elif (int(first) >= size) if first else (int(last) == 0 or size == 0):
        raise Problem(
            416, "range",
            Text("所要的范围超出文件", "the range lies behind the end of the file"),
            Text(f"文件共 {size} 字节", f"the file has {size} bytes"),
            headers={"Content-Range": f"bytes */{size}"},
        )  # fmt: skip


def rejected_page(
    out: Path, held: list[dict[str, Any]], cursor: str | None, limit: int
) -> schemas.RejectedPage:  # fmt: skip
    """Return a page of rejected rows.

    Parameters
    ----------
    out : Path
        Folder of the results.
    held : list of dict
        What is there.
    cursor : str or None
        Where the page before ended.
    limit : int
        Rows of a page.

    Returns
    -------
    RejectedPage
        The page; row groups before it are not read.

    Raises
    ------
    Problem
        404 if this kind of job lists none; 409 if they are damaged; 422 for a cursor that no
        page gave.
    """
    table = next((one for one in held if one["file"] == "rejected.parquet"), None)
    if table is None:
        raise no_rejected()
    need_whole(out, table)
    first = _offset(cursor)
    rows: list[dict[str, Any]] = []
    with pq.ParquetFile(out / "rejected.parquet") as parquet:
        begin, total = 0, parquet.metadata.num_rows
        for group in range(parquet.metadata.num_row_groups):
            size = parquet.metadata.row_group(group).num_rows
            if begin + size > first + len(rows) and len(rows) < limit:
                skip = max(0, first + len(rows) - begin)
                read = parquet.read_row_group(group)
                rows += read.slice(skip, limit - len(rows)).to_pylist()
            begin += size
    last = first + len(rows)
    behind = base64.urlsafe_b64encode(b"%d" % last).decode().rstrip("=") if last < total else None
    return schemas.RejectedPage(items=[schemas.RejectedRow(**row) for row in rows], next=behind)


def no_rejected() -> Problem:
    """Return the problem of a job that lists no rejected rows: 404."""
    return Problem(
        404, "no-rejected-rows",
        Text("这类任务不列出被退回的行", "this kind of job lists no rejected rows"),
        Text("请发起 check 任务", "start a check job"),
    )  # fmt: skip


def _offset(cursor: str | None) -> int:
    """Rows before a page."""
    if cursor is None:
        return 0
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raw = b""
    if not raw.isdigit() or len(raw) > 15:
        raise bad_cursor()
    return int(raw)
