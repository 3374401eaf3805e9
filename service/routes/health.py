"""Whether the process is up, and whether it is ready."""

from fastapi import APIRouter, Request

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


@router.get("/ready", responses=problems(503))
def ready(request: Request, state: Ready) -> Health:
    """Whether rules, market, models, kernels and store are ready 就绪."""
    if request.app.state.draining or not state.lane.alive:
        raise closing(5)
    state.readiness.check()
    return Health(status="ready", engine_version=__version__)
