"""The scoring endpoint in its plain case, past the framework's router and its solver.

Both take longer than everything else that HTTP does for a score.  The steps are those of
`service.routes.scores`, in the same order; whatever is not plain goes the framework's way.
"""

import re

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from service.auth.caller import Scope as Right
from service.problems import answer, of_schema
from service.routes import scores
from service.schemas.plain import names_somebody
from service.state import state_of

PLAIN_KEY = re.compile(rb"[\x21-\x7e]{1,128}")
PATH, KEY = scores.router.prefix, b"idempotency-key"
(ROUTE,) = (route for route in scores.router.routes if getattr(route, "path", "") == PATH)


class Quick:
    """An ASGI application in front of another, behind all guards.

    Parameters
    ----------
    app : ASGI application
        Answers whatever is not plain.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        key = next((value for name, value in scope["headers"] if name == KEY), None)
        if scope["query_string"] or not (key is None or plain(key)):
            await self.app(scope, receive, send)
            return
        scope["route"] = ROUTE
        request = Request(scope, receive, send)
        try:
            state = await state_of(request)
            caller = await state.gate.admit(request, Right.SCORE)
            given = await scores.application(request, caller, state)
            told = await scores.score(
                request, caller, state, given, None if key is None else key.decode()
            )
        except RequestValidationError as fault:
            told = answer(of_schema(fault), request)
        await told(scope, receive, send)


def plain(key: bytes) -> bool:
    """Whether an idempotency key is one that `scores.IdempotencyKey` takes."""
    return PLAIN_KEY.fullmatch(key) is not None and not names_somebody(key.decode())
