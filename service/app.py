"""The application: one factory that composes settings, state, problems and routes."""

import uuid
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from prometheus_client import CollectorRegistry

from riskengine import __version__
from service import bodies, problems
from service.auth.sealing import secrets_of
from service.equipment import load_shared
from service.lane import Lane
from service.lifecycle import lifespan_of
from service.observe import access
from service.observe.logs import log
from service.observe.metrics import Metrics
from service.observe.tracing import Tracing, tracing_of
from service.observe.watch import Watch
from service.personal import personal_names
from service.problems import Problem
from service.promotion import Fleet
from service.routes import health, scores
from service.routes import metrics as metrics_routes
from service.scorer import Scorer
from service.settings import Settings
from service.state import State
from service.store.database import open_database
from service.store.tables import metadata
from service.warm import warm

ROUTES = (health, metrics_routes, scores)
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
    metrics, tracing = Metrics(CollectorRegistry()), tracing_of(chosen)

    app = FastAPI(
        title="Rural finance and collateral risk engine 农村产权融资与押品风险引擎",
        version=__version__,
        lifespan=lifespan_of(lambda: open_state(chosen, metrics, tracing), wait),
    )  # fmt: skip
    app.state.ready, app.state.failed, app.state.draining = None, None, False
    problems.install(app)
    app.middleware("http")(_traced)
    for routes in ROUTES:
        app.include_router(routes.router)
    bodies.document(app, tuple(b for routes in ROUTES for b in getattr(routes, "BODIES", ())))
    access.install(app, chosen, metrics, tracing)
    return app


async def _traced(request: Request, call_next: Any) -> Response:
    """Give the request its trace."""
    request.state.trace_id = uuid.uuid4().hex
    response: Response = await call_next(request)
    response.headers["X-Trace-Id"] = request.state.trace_id
    return response


def open_state(settings: Settings, metrics: Metrics, tracing: Tracing | None) -> State:
    """Open the store, load market and models.

    Parameters
    ----------
    settings : Settings
        Where they are.
    metrics : Metrics
        What is counted.
    tracing : Tracing or None
        Where spans go.

    Returns
    -------
    State
        Its lane not yet started.
    """
    engine = open_database(settings)
    metadata.create_all(engine)
    secrets, watch = secrets_of(settings), Watch(metrics, tracing)

    def told(event: str, details: dict[str, Any]) -> None:
        log(event, details)
        metrics.event(event, details)

    fleet = Fleet(settings, engine, load_shared(settings), warm, told)
    scorer = Scorer(engine, secrets, personal_names(), watch)

    def run(works: Sequence[Any]) -> Sequence[Any]:
        outcomes: list[Any] = [None] * len(works)
        for tenant in dict.fromkeys(work.caller.tenant for work in works):
            places = [k for k, work in enumerate(works) if work.caller.tenant == tenant]
            answers: Sequence[Any]
            try:
                answers = scorer([works[k] for k in places], fleet.of(tenant))
            except Problem as problem:  # of one tenant: others are answered
                if problem.code == "store-unavailable":
                    metrics.store_failed()
                answers = [problem] * len(places)
            for k, answer in zip(places, answers, strict=True):
                outcomes[k] = answer
        return outcomes

    lane = Lane(
        run, settings.queue_length, settings.batch_size, lambda work: work.caller.tenant,
        settings.queue_seconds, watch=watch,
    )  # fmt: skip
    return State(settings, engine, secrets, fleet, lane, metrics)
