"""How every list is read page by page: ``limit`` and ``cursor`` in, ``items`` and ``next`` out."""

from typing import Annotated

from fastapi import Query

from service.store.pages import MOST

Limit = Annotated[int, Query(ge=1, le=MOST, description="每页条数 rows of a page")]
Cursor = Annotated[
    str | None, Query(max_length=200, description="上一页的 next  next of the page before")
]
