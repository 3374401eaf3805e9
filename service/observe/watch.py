"""What lane and scorer tell: to metrics, and to traces where there are any."""

import time
from collections.abc import Sequence
from typing import Any, Protocol

from service.observe.logs import log_fault
from service.observe.metrics import Metrics
from service.observe.tracing import Tracing


class Watching(Protocol):
    """Who is told how scores are made; from the lane's thread."""

    def stage(self, name: str, began: float, ended: float) -> None:
        """A stage of a batch is over: ``parse``, ``score``, ``record`` or ``commit``."""

    def decided(self, scores: Sequence[Any], kit: Any) -> None:
        """Scores are durable."""


class Nobody:
    """Is told, and does nothing."""

    def stage(self, name: str, began: float, ended: float) -> None:
        """Do nothing."""

    def decided(self, scores: Sequence[Any], kit: Any) -> None:
        """Do nothing."""


class Watch:
    """Tells metrics and traces.

    Parameters
    ----------
    metrics : Metrics
        Where things are counted.
    tracing : Tracing or None
        Where spans go.
    """

    def __init__(self, metrics: Metrics, tracing: Tracing | None = None) -> None:
        self._metrics, self._tracing = metrics, tracing
        self.traces = tracing is not None
        self._stages: list[tuple[str, float, float]] = []
        self.took, self.refused = metrics.took, metrics.refused

    def decided(self, scores: Sequence[Any], kit: Any) -> None:
        """Count decisions; they are durable, so that no fault of counting may undo an answer."""
        try:
            self._metrics.decided(scores, kit)
        except Exception as fault:  # noqa: BLE001 - see above
            log_fault("not_counted", fault)

    def stage(self, name: str, began: float, ended: float) -> None:
        """Count the time of a stage, and keep it for the batch's spans [s, monotonic]."""
        self._metrics.stage(name, ended - began)
        if self.traces:
            self._stages.append((name, began, ended))

    def mark(self) -> Any:
        """Return the trace of the request that is being served."""
        return self._tracing.mark() if self._tracing is not None else None

    def answered(self, marks: list[tuple[Any, float]], began: float) -> None:
        """Make the spans of a batch; arguments as `service.observe.tracing.Tracing.answered`."""
        if self._tracing is not None:
            stages, self._stages = self._stages, []
            self._tracing.answered(marks, began, stages or [("batch", began, time.monotonic())])
