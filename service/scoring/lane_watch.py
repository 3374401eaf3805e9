"""Who is told what a lane does."""

from typing import Any, Protocol


class Watch(Protocol):
    """Who is told what a lane does; from the lane's thread or the loop's."""

    def took(self, size: int, longest_wait: float, left: int) -> None:
        """A batch was taken: its size, its longest wait [s], how many still wait."""

    def refused(self, why: str, count: int) -> None:
        """Works were not scored: ``full``, ``late``, ``gone``, ``closing``, ``stalled``."""

    traces: bool
    """Whether the next two are to be called."""

    def mark(self) -> Any:
        """What to know the request again by that submits a work."""

    def answered(self, marks: list[tuple[Any, float]], began: float) -> None:
        """A batch is done: marks, since when each waited, when it was taken [s, monotonic]."""


class Unwatched:
    """Tells nobody."""

    traces = False

    def took(self, size: int, longest_wait: float, left: int) -> None:
        """Do nothing."""

    def refused(self, why: str, count: int) -> None:
        """Do nothing."""

    def mark(self) -> Any:
        """Return nothing."""

    def answered(self, marks: list[tuple[Any, float]], began: float) -> None:
        """Do nothing."""
