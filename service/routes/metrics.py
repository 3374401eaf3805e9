"""Metrics for Prometheus, of all processes together."""

import os

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import Engine, func, select

from service.deps import Operating, Ready
from service.schemas.base import problems
from service.store.database import reading
from service.store.tables import jobs

router = APIRouter(tags=["operation"])


@router.get(
    "/metrics", response_class=Response, responses={
        200: {"description": "Prometheus text 指标", "content": {"text/plain": {}}},
        **problems(400, 401, 403, 429, 503),
    },
)  # fmt: skip
def metrics(state: Ready, _: Operating) -> Response:
    """Metrics of all processes 指标."""
    state.metrics.flush()
    text = generate_latest(_registry(state.metrics.registry))
    text += generate_latest(_of_store(state.engine))
    return Response(text, media_type=CONTENT_TYPE_LATEST)


def _registry(own: CollectorRegistry) -> CollectorRegistry:
    """All processes' where they share a folder, else this process's."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return own
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together


def _of_store(engine: Engine) -> CollectorRegistry:
    """Jobs by state, counted in the store over all tenants: numbers, no tenant's data."""
    query = select(jobs.c.state, func.count()).group_by(jobs.c.state)
    with reading(engine) as connection:
        found = [(str(state), int(number)) for state, number in connection.execute(query)]

    class Counted:
        def collect(self) -> list[GaugeMetricFamily]:
            family = GaugeMetricFamily("riskengine_jobs", "Jobs by state", labels=["state"])
            for state, number in found:
                family.add_metric([state], number)
            return [family]

    registry = CollectorRegistry()
    registry.register(Counted())
    return registry
