"""Guards in front of every route, as plain ASGI: shapes, sizes, times, headers, traces."""

import asyncio
import logging
import re
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from random import getrandbits
from typing import Any

from fastapi import Request

from riskengine.words import Text
from service.auth.gate import rate_headers
from service.clock import ticks
from service.observe.masking import masked
from service.problems import Problem, answer
from service.serving.giving_way import GivingWay
from service.settings import Settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SINGLE = frozenset({
    b"host", b"content-length", b"transfer-encoding", b"content-type", b"content-encoding",
    b"authorization", b"x-api-key", b"idempotency-key", b"traceparent", b"x-request-id",
})  # fmt: skip
"""Headers of which a second one would mean something else to somebody on the way."""
MOST_HEADERS = 100
SWEEP_SECONDS = 0.1
"""How often late bodies are looked for [s]."""
LONGEST_TARGET = 8192
PASSES_BY = 1 << 16
"""A body of so many bytes costs less than a new connection [byte]."""
SHED = (429, 503)
"""Statuses after which a client is to come back, best over the same connection."""
TRACE = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?")
"""traceparent of W3C Trace Context, 3.2; version ff and ids of zeros are refused."""
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
UPLOAD = re.compile(r"/v1/books/[^/]+/tables/[^/]+")
BATCHES = frozenset({"/v1/scores/batch"})
DOCS = ("/docs", "/redoc")
STRICT = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
PAGES = (
    b"default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    b"font-src 'self' data:; img-src 'self' data:; connect-src 'self'; worker-src blob:; "
    b"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""Policy of the pages of documentation: they show nobody's data."""
LOG = logging.getLogger("service.serving.guards")


@dataclass(slots=True)
class _Body:
    """How much of a request's body has come."""

    limit: int
    begun: float
    received: int = 0
    open: bool = True
    deadline: float = 0.0
    late: bool = False
    passing: bool = False
    """Whether so little of it can be left that it is let pass by, once it is answered."""


class Guards:
    """Refuses what no route should see, and puts on every answer what belongs there.

    Parameters
    ----------
    app : callable
        The application behind.
    settings : Settings
        Limits.
    """

    def __init__(self, app: App, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._hosts = frozenset(host.lower().encode() for host in settings.hosts)
        fixed: list[Header] = [
            (b"x-content-type-options", b"nosniff"), (b"x-frame-options", b"DENY"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-resource-policy", b"same-origin"),
        ]  # fmt: skip
        if settings.hsts_seconds:
            age = b"max-age=%d; includeSubDomains" % settings.hsts_seconds
            fixed.append((b"strict-transport-security", age))
        self._fixed = fixed
        self._watch, self._giving_way = _Watch(), GivingWay()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard a request; the lifespan passes, websockets are refused."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008})
            return
        headers: list[Header] = scope["headers"]
        state: dict[str, Any] = scope.setdefault("state", {})
        given = dict(headers)
        state["trace_id"] = trace_of(given.get(b"traceparent"))
        state["request_id"] = request_id_of(given.get(b"x-request-id")) or state["trace_id"]
        body = _Body(limit_of(scope["method"], scope["path"], self._settings), ticks())
        length = given.get(b"content-length", b"0")
        body.open = length != b"0" or b"transfer-encoding" in given
        body.passing = (
            length.isdigit() and len(length) < 10 and int(length) <= PASSES_BY
            and b"transfer-encoding" not in given and b"expect" not in given
        )  # fmt: skip
        sender = _Sender(send, scope, body, self._fixed)
        try:
            self._check(scope, headers, given, body.limit)
            await self._app(scope, self._metered(receive, body) if body.open else receive, sender)
        except Exception as fault:  # noqa: BLE001 - the last place where an error becomes an answer
            await _refuse(fault, scope, receive, sender)
        if sender.status >= 400 and _others_are_served(scope):
            self._giving_way.refused()

    def _check(
        self, scope: Scope, headers: list[Header], given: dict[bytes, bytes], limit: int
    ) -> None:
        """Refuse odd methods, targets, hosts, framing, encodings and sizes."""
        if scope["method"] not in METHODS:
            raise _bad(405, "method-not-allowed", "不支持这种方法", "this method is not allowed")
        target = scope.get("raw_path") or b""
        if len(target) + len(scope["query_string"]) > LONGEST_TARGET:
            raise _bad(400, "target-too-long", "网址过长", "the address is too long")
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            raise _bad(400, "null-character", "网址含空字符", "the address has a null character")
        size = sum(map(len, given)) + sum(map(len, given.values()))
        if len(headers) > MOST_HEADERS or size > self._settings.max_header_bytes:
            raise _bad(400, "headers-too-large", "请求头过大", "the headers are too large")
        if len(given) != len(headers):
            names = [name for name, _ in headers if name in SINGLE]
            if len(names) != len(set(names)):
                raise _bad(400, "header-twice", "请求头重复", "a header stands there twice")
        if self._hosts and host_name(given.get(b"host", b"")) not in self._hosts:
            raise _bad(400, "host", "不以此名称服务", "not served under this name")
        if given.get(b"content-encoding", b"identity").lower() != b"identity":
            raise _bad(415, "content-encoding", "不接受压缩的正文", "no compressed body is taken")
        _check_framing(given, limit)

    def _metered(self, receive: Receive, body: _Body) -> Receive:
        """Count a body as it comes, and wait for it no longer than its size deserves."""
        patience, rate = self._settings.body_seconds, self._settings.min_body_bytes_per_second
        watch = self._watch

        async def metered() -> Message:
            if not body.open:
                return await receive()
            body.deadline = body.begun + patience + body.received / rate
            message = await watch.wait(receive, body)
            body.received += len(message.get("body", b""))
            if body.received > body.limit:
                raise too_large(body.limit)
            body.open = message["type"] == "http.request" and message.get("more_body", False)
            return message

        return metered


class _Watch:
    """Ends the waiting for bodies that are late: one timer for all, not one for each."""

    __slots__ = ("loop", "waiting")

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self.waiting: dict[asyncio.Task[Any], _Body] = {}

    async def wait(self, receive: Receive, body: _Body) -> Message:
        """Return the next message; 408 if it does not come in time."""
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None
        self.waiting[task] = body
        if self.loop is not loop:
            self.loop = loop
            loop.call_later(SWEEP_SECONDS, self._sweep, loop)
        try:
            return await receive()
        except asyncio.CancelledError:
            if not body.late or task.uncancel() > 0:
                raise
            raise _bad(408, "too-slow", "正文迟迟未到", "the body came too slowly") from None
        finally:
            self.waiting.pop(task, None)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = ticks()
        for task, body in list(self.waiting.items()):
            if body.deadline <= now and not body.late:
                body.late = True
                task.cancel()
        if self.loop is loop and self.waiting:
            loop.call_later(SWEEP_SECONDS, self._sweep, loop)
        elif self.loop is loop:
            self.loop = None


class _Sender:
    """Puts on an answer what belongs on every answer."""

    __slots__ = ("body", "fixed", "scope", "send", "status")

    def __init__(self, send: Send, scope: Scope, body: _Body, fixed: list[Header]) -> None:
        self.send, self.scope, self.body, self.fixed = send, scope, body, fixed
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._more(message)]
        await self.send(message)

    def _more(self, message: Message) -> list[Header]:
        state, path = self.scope["state"], self.scope["path"]
        names = {name.lower() for name, _ in message.get("headers", ())}
        more = [
            *self.fixed, (b"x-trace-id", state["trace_id"].encode()),
            (b"x-request-id", state["request_id"].encode()),
        ]  # fmt: skip
        if b"content-security-policy" not in names:
            policy = PAGES if path.startswith(DOCS) else STRICT
            more.append((b"content-security-policy", policy))
        if b"cache-control" not in names and not path.startswith(DOCS):
            more.append((b"cache-control", b"no-store"))
        rate = state.get("rate")
        if rate is not None:
            more += rate_headers(rate)
        shed = self.body.passing and message["status"] in SHED
        if self.body.open and not shed and b"connection" not in names:
            more.append((b"connection", b"close"))  # the rest of the body is not waited for
        return more


def trace_of(given: bytes | None) -> str:
    """Return the trace that a request belongs to.

    Parameters
    ----------
    given : bytes or None
        traceparent.

    Returns
    -------
    str
        32 hexadecimal digits: those given, or new ones.

    Examples
    --------
    >>> trace_of(b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    '4bf92f3577b34da6a3ce929d0e0e4736'
    """
    found = TRACE.fullmatch(given) if given else None
    if (
        found is None or given is None or given[:2] == b"ff"
        or found[1] == b"0" * 32 or found[2] == b"0" * 16
    ):  # fmt: skip
        return f"{getrandbits(128):032x}"  # no secret, and no call of the system for it
    return found[1].decode()


def request_id_of(given: bytes | None) -> str | None:
    """Return the request id that a client gave; None for one that is not plain.

    Parameters
    ----------
    given : bytes or None
        X-Request-Id.

    Returns
    -------
    str or None
        1 to 64 letters, digits, dots, dashes, underscores; nothing that logs mask.
    """
    if not given or not REQUEST_ID.fullmatch(given):
        return None
    told = given.decode()
    return told if masked(told) == told else None  # it stands in logs as it came


def limit_of(method: str, path: str, settings: Settings) -> int:
    """Return how large a body a route takes.

    Parameters
    ----------
    method, path : str
        Of the request.
    settings : Settings
        With the limits.

    Returns
    -------
    int
        Most bytes [byte].
    """
    if method == "PUT" and UPLOAD.fullmatch(path):
        return settings.max_upload_bytes
    return settings.max_batch_bytes if path in BATCHES else settings.max_body_bytes


def host_name(host: bytes) -> bytes:
    """Return the name in a Host header, without port, in lower case."""
    name = host.rpartition(b":")[0] if host.rpartition(b":")[2].isdigit() else host
    return name.lower()


def too_large(limit: int) -> Problem:
    """Return the problem of a body beyond its limit.

    Parameters
    ----------
    limit : int
        Most bytes [byte].

    Returns
    -------
    Problem
        413.
    """
    return Problem(
        413, "too-large", Text("请求正文过大", "the body is too large"),
        Text(f"至多 {limit} 字节", f"at most {limit} bytes"),
    )  # fmt: skip


def _check_framing(given: dict[bytes, bytes], limit: int) -> None:
    """Refuse lengths that two readers could read in two ways (RFC 9112, 6.3)."""
    length, coding = given.get(b"content-length"), given.get(b"transfer-encoding")
    if coding is not None and (length is not None or coding.lower() != b"chunked"):
        raise _bad(400, "framing", "正文长度不明", "the length of the body is not clear")
    if length is None:
        return
    if not length.isdigit() or len(length) > 18:
        raise _bad(400, "framing", "正文长度不明", "the length of the body is not clear")
    if int(length) > limit:
        raise too_large(limit)


def _bad(status: int, code: str, zh: str, en: str) -> Problem:
    cure = Text("请核对请求的写法", "check how the request is written")
    headers = {"Allow": ", ".join(sorted(METHODS))} if status == 405 else {}
    return Problem(status, code, Text(zh, en), cure, headers=headers)


def _others_are_served(scope: Scope) -> bool:
    """Whether the lane works on somebody's application just now."""
    state = scope["app"].state.ready
    return state is not None and state.lane.at_work


async def _refuse(fault: Exception, scope: Scope, receive: Receive, sender: _Sender) -> None:
    """Answer with a problem; of an error nobody foresaw only its trace is told."""
    trace_id = scope["state"]["trace_id"]
    if not isinstance(fault, Problem):
        where = "".join(traceback.format_tb(fault.__traceback__))  # no message: it may quote data
        LOG.error("unhandled %s, trace %s\n%s", type(fault).__name__, trace_id, where)
        problem = Problem(
            500, "internal", Text("服务内部出错", "an error of the service"),
            Text(f"请将跟踪号告知运维：{trace_id}", f"tell operations this trace: {trace_id}"),
        )  # fmt: skip
    else:
        problem = fault
    if sender.status:
        raise fault
    await answer(problem, Request(scope))(scope, receive, sender)
