"""Whether the process is up, and whether it is ready."""

from fastapi import APIRouter

from riskengine import __version__
from service.deps import Ready
from service.schemas.base import Schema, problems

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
def ready(_: Ready) -> Health:
    """Whether rules, market, models, kernels and store are ready 就绪."""
    return Health(status="ready", engine_version=__version__)
