"""The application: one factory that composes settings, state, problems and routes."""

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response

from riskengine import __version__
from service import bodies, problems
from service.auth.sealing import secrets_of
from service.equipment import Equipped, equip, load_shared
from service.lane import Lane
from service.personal import personal_names
from service.routes import books, exports, health, jobs, mappings, scores
from service.scorer import Scorer
from service.settings import Settings
from service.state import State
from service.store.database import open_database
from service.store.migrate import migrate

ROUTES = (health, scores, books, jobs, mappings, exports)
"""Every module of endpoints; those that read bodies list them in ``BODIES``."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application.

    Parameters
    ----------
    settings : Settings or None
        Settings; from the environment when None.

    Returns
    -------
    FastAPI
        Ready to serve.
    """
    chosen = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.ready = None
        state = open_state(chosen)
        state.lane.start()
        app.state.ready = state
        yield
        app.state.ready = None
        state.lane.stop()
        state.engine.dispose()

    app = FastAPI(
        title="Rural finance and collateral risk engine 农村产权融资与押品风险引擎",
        version=__version__, lifespan=lifespan,
    )  # fmt: skip
    app.state.ready = None
    problems.install(app)
    app.middleware("http")(_traced)
    for routes in ROUTES:
        app.include_router(routes.router)
    bodies.document(app, tuple(b for routes in ROUTES for b in getattr(routes, "BODIES", ())))
    return app


async def _traced(request: Request, call_next: Any) -> Response:
    """Give the request its trace."""
    request.state.trace_id = uuid.uuid4().hex
    response: Response = await call_next(request)
    response.headers["X-Trace-Id"] = request.state.trace_id
    return response


def open_state(settings: Settings) -> State:
    """Open the store, load market and models.

    Parameters
    ----------
    settings : Settings
        Where they are.

    Returns
    -------
    State
        Its lane not yet started.
    """
    engine = open_database(settings)
    migrate(engine)
    secrets, shared = secrets_of(settings), load_shared(settings)
    equipped: dict[str, Equipped] = {}
    scorer = Scorer(engine, secrets, personal_names())

    def run(works: Sequence[Any]) -> Sequence[Any]:
        outcomes: list[Any] = [None] * len(works)
        for tenant in dict.fromkeys(work.caller.tenant for work in works):
            places = [k for k, work in enumerate(works) if work.caller.tenant == tenant]
            kit = equipped.setdefault(tenant, equip(state.shared))
            answers = scorer([works[k] for k in places], kit)
            for k, answer in zip(places, answers, strict=True):
                outcomes[k] = answer
        return outcomes

    state = State(
        settings, engine, secrets, shared, equipped,
        Lane(run, settings.queue_length, settings.batch_size),
    )  # fmt: skip
    return state
