"""The application: one factory that composes settings, state, problems and routes."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.telemetry import TelemetryConfig
from fastapi_offline import FastAPIOffline
from prometheus_client import CollectorRegistry

from riskengine import __version__
from service import bodies, problems
from service.auth.gate import gate_of
from service.auth.sealing import secrets_of
from service.observe import access
from service.observe.logs import log
from service.observe.metrics import Metrics
from service.observe.tracing import Tracing, tracing_of
from service.observe.watch import Watch
from service.problems import Problem
from service.routes import (
    batch,
    books,
    decisions,
    exports,
    health,
    jobs,
    keys,
    mappings,
    models,
    reviews,
    rules,
    scores,
    valuations,
)
from service.routes import metrics as metrics_routes
from service.routes.quick import Quick
from service.scoring.apart import apart
from service.scoring.archive import archived
from service.scoring.equipment import Shared, load_shared
from service.scoring.lane import Lane
from service.scoring.personal import personal_names
from service.scoring.promotion import Fleet
from service.scoring.scorer import Scorer
from service.scoring.warm import warm
from service.serving.guards import Guards
from service.serving.lifecycle import lifespan_of
from service.settings import Settings
from service.state import State
from service.store.database import open_database
from service.store.migrate import migrate

ROUTES = (
    health, metrics_routes, scores, keys, books, jobs, batch, reviews, decisions, valuations,
    rules, models, mappings, exports,
)  # fmt: skip
"""Every module of endpoints; those that read bodies list them in ``BODIES``."""


def create_app(
    settings: Settings | None = None, wait: bool = True, patient: bool = False
) -> FastAPI:
    """Build the application.

    Parameters
    ----------
    settings : Settings or None
        Settings; from the environment when None.
    wait : bool
        Whether nothing is answered before it is ready; otherwise ``/health`` is.
    patient : bool
        Whether a store that is away at the start is waited for.

    Returns
    -------
    FastAPI
        Ready to serve.
    """
    chosen = settings or Settings()
    metrics, tracing = Metrics(CollectorRegistry()), tracing_of(chosen)

    shape: dict[str, Any] = {
        "title": "Rural finance and collateral risk engine 农村产权融资与押品风险引擎",
        "version": __version__, "telemetry": SILENT, "redirect_slashes": False,
        "lifespan": lifespan_of(lambda: open_state(chosen, metrics, tracing), wait, patient),
    }  # fmt: skip
    if chosen.docs:  # pages that need nothing from outside: banks' networks reach no CDN
        app = FastAPIOffline(static_url="/docs/static", **shape)
    else:
        app = FastAPI(openapi_url=None, **shape)
    app.state.ready, app.state.failed, app.state.draining = None, None, False
    problems.install(app)
    app.add_middleware(Quick)
    app.add_middleware(Guards, settings=chosen)
    if chosen.cors_origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=list(chosen.cors_origins),
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "X-API-Key"],
        )  # fmt: skip
    for routes in ROUTES:
        app.include_router(routes.router)
    bodies.document(app, tuple(b for routes in ROUTES for b in getattr(routes, "BODIES", ())))
    access.install(app, chosen, metrics, tracing)
    return app


SILENT: TelemetryConfig = {
    "tracing": False, "metrics": False, "logs": False, "operation_spans": False,
    "auto_configure": False,
}  # fmt: skip
"""The framework's own telemetry tells query strings and what failed a check; ours does not."""


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
    migrate(engine)
    secrets, watch = secrets_of(settings), Watch(metrics, tracing)

    def loaded(before: Shared | None) -> Shared:
        return archived(engine, settings, load_shared(settings, before))

    def told(event: str, details: dict[str, Any]) -> None:
        log(event, details)
        metrics.event(event, details)

    fleet = Fleet(settings, engine, loaded, warm, told)
    scorer = Scorer(engine, secrets, personal_names(), watch)

    def run(works: Sequence[Any]) -> Sequence[Any]:
        outcomes: list[Any] = [None] * len(works)
        for tenant in dict.fromkeys(work.caller.tenant for work in works):
            places = [k for k, work in enumerate(works) if work.caller.tenant == tenant]
            answers: Sequence[Any]
            try:
                answering = partial(scorer, equipped=fleet.of(tenant))
                answers = apart([works[k] for k in places], answering)
            except Exception as fault:  # noqa: BLE001 - of one tenant: others are durable already
                answers = [fault] * len(places)
            if any(isinstance(one, Problem) and one.code.startswith("store-") for one in answers):
                metrics.store_failed()
            for k, answer in zip(places, answers, strict=True):
                outcomes[k] = answer
        return outcomes

    lane = Lane(
        run, settings.queue_length, settings.batch_size, lambda work: work.caller.tenant,
        settings.queue_seconds, watch=watch,
    )  # fmt: skip
    return State(
        settings, engine, secrets, fleet, lane, metrics, gate_of(settings, engine, secrets)
    )
