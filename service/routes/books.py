"""Books: portfolios that are uploaded table by table, or lie in a folder of the operator."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from service import ids
from service.bodies import JsonBody
from service.clock import now, stamp
from service.deps import Bookkeeping, Ready
from service.jobs import schemas
from service.jobs.shelf import book_folder, pointed, tables_of
from service.jobs.uploads import Arriving, form_of, need_book, remove_book, take_over
from service.refusals import BOOK, absent
from service.routes.paging import Cursor, Limit
from service.schemas.base import COMMON, problems
from service.store import books
from service.store.database import reading, writing

router = APIRouter(prefix="/v1/books", tags=["books"])
EXAMPLES = {
    "upload": {"title": "2026年11月 November 2026", "source": "upload"},
}
NEW = JsonBody(schemas.NewBook, "NewBook", EXAMPLES)
BODIES = (NEW,)
BookId = Annotated[
    str, Path(pattern=ids.pattern_of(ids.BOOK), description="组合编号 id of the book")
]
TableName = Annotated[
    str, Path(pattern="^[a-z_]{1,40}$", description="表名 name of a table of the templates")
]
Condition = Annotated[str | None, Header(max_length=1000)]
FORMS = (
    "application/octet-stream", "application/vnd.apache.parquet", "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)  # fmt: skip
RAW = {
    "requestBody": {
        "required": True,
        "content": {form: {"schema": {"type": "string", "format": "binary"}} for form in FORMS},
    }
}


@router.post(
    "", status_code=201, openapi_extra=NEW.openapi, responses=problems(*COMMON, 415)
)  # fmt: skip
def make_book(
    caller: Bookkeeping, state: Ready, content: Annotated[Any, Depends(NEW)], response: Response
) -> schemas.BookAnswer:
    """Make a book, to be uploaded or in a folder 新建组合."""
    folder = "" if content.source == "upload" else content.source.folder
    if folder:
        pointed(state.settings.portfolios, caller.tenant, folder)
    row = {
        "book_id": ids.new_id(ids.BOOK), "tenant": caller.tenant, "title": content.title,
        "source": "folder" if folder else "upload", "folder": folder, "made_at": stamp(now()),
    }  # fmt: skip
    with writing(state.engine) as connection:
        books.add(connection, row)
    response.headers["Location"] = f"/v1/books/{row['book_id']}"
    return _book(row, [])


@router.get("", responses=problems(401, 403, 422, 429, 503))
def list_books(
    caller: Bookkeeping, state: Ready, cursor: Cursor = None, limit: Limit = 50
) -> schemas.BooksPage:
    """List books, newest first 组合列表."""
    with reading(state.engine) as connection:
        rows, behind = books.page(connection, caller.tenant, cursor, limit)
    return schemas.BooksPage(items=[_line(row._mapping) for row in rows], next=behind)


@router.get("/{book_id}", responses=problems(401, 403, 404, 422, 429, 503))
def show_book(book_id: BookId, caller: Bookkeeping, state: Ready) -> schemas.BookAnswer:
    """Show a book and its tables 组合."""
    with reading(state.engine) as connection:
        row = books.find(connection, caller.tenant, book_id)
    if row is None:
        raise absent(BOOK)
    held = tables_of(book_folder(state.settings.data, caller.tenant, book_id))
    return _book(row._mapping, list(held.values()))


@router.put(
    "/{book_id}/tables/{table}", openapi_extra=RAW,
    responses={**problems(*COMMON, 404, 409, 412, 415),
               201: {"description": "Made 已新增", "model": schemas.TableAnswer}},
)  # fmt: skip
async def put_table(
    request: Request, book_id: BookId, table: TableName, caller: Bookkeeping, state: Ready,
    response: Response, if_match: Condition = None, if_none_match: Condition = None,
    form: Annotated[
        Literal["parquet", "csv", "xlsx"] | None,
        Query(alias="format", description="文件格式，须与内容相符 format; must fit the content"),
    ] = None,
) -> schemas.TableAnswer:  # fmt: skip
    """Upload a table, Parquet, CSV (UTF-8, GB18030) or XLSX, whole or not at all 上传表."""
    folder = await run_in_threadpool(need_book, state, caller.tenant, book_id, table)
    arrived = Arriving(folder, state.settings.max_upload_bytes)
    try:
        await arrived.take(request.stream())
        found = await run_in_threadpool(form_of, arrived.path, form)
        made, new = await run_in_threadpool(
            take_over, state, caller, book_id, table, arrived, found, (if_match, if_none_match)
        )
    finally:
        arrived.drop()
    response.status_code = 201 if new else 200
    response.headers["ETag"] = f'"{made.sha256}"'
    return _table(made)


@router.delete(
    "/{book_id}", status_code=204, responses=problems(401, 403, 404, 409, 422, 429, 503)
)  # fmt: skip
def delete_book(book_id: BookId, caller: Bookkeeping, state: Ready) -> None:
    """Delete a book; jobs that have ended keep their results 删除组合."""
    remove_book(state, caller, book_id)


def _line(row: Any) -> schemas.BookLine:
    return schemas.BookLine(
        book_id=row["book_id"], title=row["title"], source=row["source"],
        folder=row["folder"] or None, made_at=row["made_at"],
    )  # fmt: skip


def _book(row: Any, tables: list[Any]) -> schemas.BookAnswer:
    return schemas.BookAnswer(**_line(row).model_dump(), tables=[_table(one) for one in tables])


def _table(one: Any) -> schemas.TableAnswer:
    return schemas.TableAnswer(
        table=one.table, format=one.form, bytes=one.bytes, sha256=one.sha256
    )  # fmt: skip
