"""Whether the process is up, and whether it is ready."""

from fastapi import APIRouter, Request, Response

from riskengine import __version__
from service.deps import Ready
from service.schemas.base import Schema, problems
from service.scoring.lane_problems import closing

router = APIRouter(tags=["operation"])


class Health(Schema):
    """State of the process."""

    status: str
    engine_version: str


@router.get("/health")
def health() -> Health:
    """Whether the process is up 进程存活."""
    return Health(status="up", engine_version=__version__)


@router.head("/health", include_in_schema=False)
def health_alone() -> Response:
    """Whether the process is up, for probes that want no body 进程存活."""
    return Response(media_type="application/json")


@router.head("/ready", include_in_schema=False)
def ready_alone(request: Request, state: Ready) -> Response:
    """Whether everything is ready, for probes that want no body 就绪."""
    ready(request, state)
    return Response(media_type="application/json")


@router.get("/ready", responses=problems(503))
def ready(request: Request, state: Ready) -> Health:
    """Whether rules, market, models, kernels and store are ready 就绪."""
    if request.app.state.draining or not state.lane.alive:
        raise closing(5)
    state.readiness.check()
    return Health(status="ready", engine_version=__version__)
