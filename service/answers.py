"""Answers that can be asked for again: JSON with an entity tag, 304 when nothing changed."""

import hashlib
from typing import Any

import orjson
from fastapi import Request, Response

from riskengine.words import Text
from service.problems import Problem
from service.refusals import changed_meanwhile

NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "Not changed 未变"}}
"""Documents that an endpoint answers 304 to If-None-Match."""

NOTHING = "none"
"""Entity tag of what may be in force and is not."""
MOST_TAGS = 20
"""Most entity tags of a header that are looked at."""


def tagged(
    request: Request, content: Any, media_type: str = "application/json", tag: str = "",
    headers: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    """Return content with its entity tag; 304 where the reader has it already.

    Parameters
    ----------
    request : Request
        The request, for If-None-Match (RFC 9110, 13.1.2).
    content : object
        Bytes, text, or plain data that is written as JSON.
    media_type : str
        Media type.
    tag : str
        Digest of the content; made from the bytes when empty.
    headers : dict or None
        More headers.

    Returns
    -------
    Response
        200 or 304, with ETag; to a request that changes something never 304.
    """
    if isinstance(content, str):
        content = content.encode()
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    digest = tag or hashlib.sha256(body).hexdigest()
    held = {
        **(headers or {}), "ETag": f'"{digest}"', "Vary": "Accept, Accept-Language, X-API-Key"
    }  # fmt: skip
    reads = request.method in ("GET", "HEAD")
    if reads and named(request.headers.get("if-none-match", ""), digest):
        return Response(None, 304, held)
    return Response(body, 200, held, media_type)


def unchanged(request: Request, present: str) -> None:
    """Refuse a change of what somebody else has changed since it was read.

    Parameters
    ----------
    request : Request
        With If-Match (RFC 9110, 13.1.1); or with If-None-Match (13.1.2): ``*`` for "only
        where there is nothing".
    present : str
        Digest of what is in force; empty for nothing, which needs no If-Match.

    Raises
    ------
    Problem
        428 without If-Match where something is in force; 412 where it is another, or where
        If-None-Match names it.
    """
    barred = request.headers.get("if-none-match", "")
    if barred and present and named(barred, present):
        raise changed_meanwhile(present)
    given = request.headers.get("if-match", "")
    if not given and present:
        raise Problem(
            428, "if-match-needed", Text("需要 If-Match", "If-Match is needed"),
            Text("请先读取现行内容，并带上其 ETag", "read what is in force and send its ETag"),
        )  # fmt: skip
    fits = named(given, present, weak=False) if present else given in ("", f'"{NOTHING}"')
    if not fits:
        raise changed_meanwhile(present)


def named(header: str, digest: str, weak: bool = True) -> bool:
    """Whether a header of conditions names a digest (RFC 9110, 8.8.3.2).

    Parameters
    ----------
    header : str
        If-Match or If-None-Match.
    digest : str
        Digest.
    weak : bool
        Whether a weak tag will do, as for If-None-Match.

    Returns
    -------
    bool
        True for ``*`` too.

    Examples
    --------
    >>> named('W/"a", "b"', "a"), named('W/"a", "b"', "a", weak=False), named("*", "c")
    (True, False, True)
    """
    tags = [one.strip() for one in header.split(",")[:MOST_TAGS]]
    if weak:
        tags = [one.removeprefix("W/") for one in tags]
    return "*" in tags or f'"{digest}"' in tags


def wanted(request: Request, *media_types: str) -> str:
    """Return which media type a reader prefers, by Accept (RFC 9110, 12.5.1).

    Parameters
    ----------
    request : Request
        The request.
    *media_types : str
        What there is, the usual one first.

    Returns
    -------
    str
        One of them; the first where nothing that is asked for is there.
    """
    best, chosen = 0.0, media_types[0]
    for part in request.headers.get("accept", "").split(",")[:20]:
        kind, _, rest = part.strip().lower().partition(";")
        try:
            weight = float(rest.strip().removeprefix("q=") or 1.0)
        except ValueError:
            weight = 0.0
        found = next((one for one in media_types if fits(one, kind)), None)
        if found is not None and best < weight <= 1.0:
            best, chosen = weight, found
    return chosen


def fits(media_type: str, asked: str) -> bool:
    """Whether a media type is one that is asked for, such as ``text/*``.

    Parameters
    ----------
    media_type, asked : str
        What there is, and what is asked for.

    Returns
    -------
    bool
        True where it fits.
    """
    return asked in (media_type, "*/*", media_type.partition("/")[0] + "/*")


def linked(request: Request, content: Any, cursor: str | None) -> Response:
    """Return one page of a list, with the address of the next in ``Link`` (RFC 8288).

    Parameters
    ----------
    request : Request
        The request.
    content : object
        Plain data.
    cursor : str or None
        Where the next page begins; None after the last.

    Returns
    -------
    Response
        200 or 304, with ETag.
    """
    headers = {}
    if cursor is not None:
        url = request.url.include_query_params(cursor=cursor)
        headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return tagged(request, content, headers=headers)
