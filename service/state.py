"""What every request of a process shares: opened, loaded and warm before the first."""

from dataclasses import dataclass, field

from fastapi import Request
from sqlalchemy import Engine

from riskengine.words import Text
from service.auth.gate import Gate
from service.auth.sealing import Secrets
from service.observe.metrics import Metrics
from service.problems import Problem
from service.scoring.equipment import Shared
from service.scoring.lane import Lane
from service.scoring.promotion import Fleet
from service.serving.readiness import Readiness
from service.settings import Settings


@dataclass(slots=True)
class State:
    """What every request shares.

    Parameters
    ----------
    settings : Settings
        As the process was started.
    engine : Engine
        The store.
    secrets : Secrets
        Keys.
    fleet : Fleet
        What each tenant is scored by, replaced by promotions.
    lane : Lane
        Where applications wait.
    metrics : Metrics
        What is counted.
    gate : Gate
        What every caller passes.
    """

    settings: Settings
    engine: Engine
    secrets: Secrets
    fleet: Fleet
    lane: Lane
    metrics: Metrics
    gate: Gate
    readiness: Readiness = field(init=False)
    """Whether the store takes what is written."""

    def __post_init__(self) -> None:
        self.readiness = Readiness(self.engine, self.settings)

    @property
    def shared(self) -> Shared:
        """Market and models that serve now."""
        return self.fleet.shared


async def state_of(request: Request) -> State:
    """Return the loaded state.

    Parameters
    ----------
    request : Request
        Any request.

    Returns
    -------
    State
        Loaded and warm.

    Raises
    ------
    Problem
        503 while it is loading.
    """
    state: State | None = request.app.state.ready
    if state is None:
        raise Problem(
            503, "not-ready", Text("服务尚未就绪", "the service is not ready"),
            Text("请稍后再试", "try again soon"), headers={"Retry-After": "5"},
        )  # fmt: skip
    return state
