"""The application: one factory that composes settings, state, problems and routes."""

import uuid
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request, Response

from riskengine import __version__
from service import bodies, problems
from service.auth.sealing import secrets_of
from service.equipment import load_shared
from service.lane import Lane
from service.lifecycle import lifespan_of
from service.observe.logs import log
from service.personal import personal_names
from service.problems import Problem
from service.promotion import Fleet
from service.routes import health, scores
from service.scorer import Scorer
from service.settings import Settings
from service.state import State
from service.store.database import open_database
from service.store.tables import metadata
from service.warm import warm

ROUTES = (health, scores)
"""Every module of endpoints; those that read bodies list them in ``BODIES``."""


def create_app(settings: Settings | None = None, wait: bool = True) -> FastAPI:
    """Build the application.

    Parameters
    ----------
    settings : Settings or None
        Settings; from the environment when None.
    wait : bool
        Whether nothing is answered before it is ready; otherwise ``/health`` is.

    Returns
    -------
    FastAPI
        Ready to serve.
    """
    chosen = settings or Settings()

    app = FastAPI(
        title="Rural finance and collateral risk engine 农村产权融资与押品风险引擎",
        version=__version__,
        lifespan=lifespan_of(chosen, open_state, wait),
    )  # fmt: skip
    app.state.ready, app.state.failed, app.state.draining = None, None, False
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
    metadata.create_all(engine)
    secrets, fleet = secrets_of(settings), Fleet(settings, engine, load_shared(settings), warm, log)
    scorer = Scorer(engine, secrets, personal_names())

    def run(works: Sequence[Any]) -> Sequence[Any]:
        outcomes: list[Any] = [None] * len(works)
        for tenant in dict.fromkeys(work.caller.tenant for work in works):
            places = [k for k, work in enumerate(works) if work.caller.tenant == tenant]
            answers: Sequence[Any]
            try:
                answers = scorer([works[k] for k in places], fleet.of(tenant))
            except Problem as problem:  # of one tenant: others are answered
                answers = [problem] * len(places)
            for k, answer in zip(places, answers, strict=True):
                outcomes[k] = answer
        return outcomes

    lane = Lane(
        run, settings.queue_length, settings.batch_size, lambda work: work.caller.tenant,
        settings.queue_seconds,
    )  # fmt: skip
    return State(settings, engine, secrets, fleet, lane)
