"""Around every request: its time and outcome to log and metrics, its trace, its end."""

import asyncio
import time
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.observe.logs import flush, log_fault, write_access
from service.observe.metrics import Metrics
from service.observe.tracing import Tracing
from service.settings import Settings

UNMATCHED = "unmatched"
QUIET = frozenset({"/health", "/ready", "/metrics"})
"""Routes whose successes are not logged: probes ask them every second."""


class Access:
    """An ASGI application around another.

    Parameters
    ----------
    app : ASGI application
        The inner one.
    owner : FastAPI
        Whose ``state.draining`` tells that connections are to be closed.
    settings : Settings
        Which share of successes is logged.
    metrics : Metrics
        Where requests are counted.
    tracing : Tracing or None
        Where spans go.
    """

    def __init__(
        self, app: ASGIApp, owner: FastAPI, settings: Settings, metrics: Metrics,
        tracing: Tracing | None,
    ) -> None:  # fmt: skip
        self.app, self.owner, self.settings = app, owner, settings
        self.metrics, self.tracing = metrics, tracing
        self._owed, self._held = 0.0, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status, size = time.perf_counter(), 0, 0
        scope.setdefault("state", {})

        async def told(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                if self.owner.state.draining:
                    message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            else:
                size += len(message.get("body", b""))
            await send(message)

        span = self.tracing.begin(scope) if self.tracing is not None else None
        try:
            await self.app(scope, receive, told)
        except Exception as fault:
            log_fault("unhandled", fault, trace_id=scope["state"].get("trace_id"))
            status = status or 500
            if not size:
                raise
        finally:
            self._end(scope, status or 499, size, time.perf_counter() - began)
            if span is not None:
                span.end(scope, route_of(scope), status)

    def _end(self, scope: Scope, status: int, size: int, seconds: float) -> None:
        """Count and log an answered request; 499 for a client that went away."""
        route = route_of(scope)
        self.metrics.request(scope["method"], route, status, seconds)
        if 200 <= status < 300 and (route in QUIET or not self._due()):
            return
        state = scope["state"]
        caller: Any = state.get("caller")
        write_access({
            "trace_id": state.get("trace_id"), "request_id": state.get("request_id"),
            "tenant": caller.tenant if caller else None,
            "key_id": caller.key_id if caller else None, "method": scope["method"],
            "route": route, "status": status, "milliseconds": round(seconds * 1e3, 3),
            "bytes": size,
        })  # fmt: skip
        if not self._held:  # requests that are answered together leave in one call of the system
            self._held = True
            asyncio.get_running_loop().call_soon(self._let_go)

    def _let_go(self) -> None:
        """Let the lines of the requests go that were answered since the last time."""
        self._held = False
        flush()

    def _due(self) -> bool:
        """Whether this success is one of those that are logged."""
        self._owed += self.settings.log_share
        if self._owed < 1.0:
            return False
        self._owed -= 1.0
        return True


def route_of(scope: Scope) -> str:
    """Return the template of a request's path; the path itself may hold anything.

    Parameters
    ----------
    scope : ASGI scope
        After routing.

    Returns
    -------
    str
        Such as ``/v1/decisions/{decision_id}``; `UNMATCHED` where no route took it.
    """
    route = scope.get("route")
    return getattr(route, "path", UNMATCHED)


def install(
    app: FastAPI, settings: Settings, metrics: Metrics, tracing: Tracing | None
) -> None:  # fmt: skip
    """Put log, metrics and traces around an application; call it last, it is the outermost.

    Parameters
    ----------
    app : FastAPI
        The application.
    settings : Settings
        Settings.
    metrics : Metrics
        Where requests are counted.
    tracing : Tracing or None
        Where spans go.
    """
    app.add_middleware(Access, owner=app, settings=settings, metrics=metrics, tracing=tracing)
