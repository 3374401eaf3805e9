"""Who was found good is held for a few seconds, and looked up again before that is over."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from service.clock import ticks

T = TypeVar("T")
PAUSE_SECONDS = 0.5
"""A renewal that came to nothing is tried again after so long [s]."""


@dataclass(slots=True)
class _One(Generic[T]):
    value: T
    good_until: float
    renew_at: float


class Holding(Generic[T]):
    """Values by name, each good for some seconds; the oldest are dropped first.

    Parameters
    ----------
    most : int
        How many are held, >= 10.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._ones: dict[Hashable, _One[T]] = {}

    def good(self, name: Hashable, at: float) -> T | None:
        """Return a value that is still good at a time of `service.clock.ticks` [s]."""
        one = self._ones.get(name)
        return one.value if one is not None and one.good_until > at else None

    def latest(self, name: Hashable) -> T | None:
        """Return a value, however long ago it was good."""
        one = self._ones.get(name)
        return one.value if one is not None else None

    def hold(self, name: Hashable, value: T, at: float, seconds: float) -> None:
        """Hold a value that was good at a time for some seconds from then [s]."""
        if name not in self._ones and len(self._ones) >= self._most:
            for oldest in list(self._ones)[: self._most // 10]:
                self._ones.pop(oldest, None)
        self._ones[name] = _One(value, at + seconds, at + seconds / 2.0)

    def drop(self, name: Hashable) -> None:
        """Hold a value no more."""
        self._ones.pop(name, None)

    def renewal(self, name: Hashable, at: float) -> bool:
        """Whether half of a value's time is over; who is told so once looks it up again."""
        one = self._ones.get(name)
        if one is None or at < one.renew_at:
            return False
        one.renew_at = at + PAUSE_SECONDS
        return True


class Flights(Generic[T]):
    """Look-ups under way in one event loop: who asks for the same waits for the same one.

    A thousand requests that find a key lapsed would each ask the store, and wait for the
    threads and the lock of all others.

    Parameters
    ----------
    seconds : float
        A look-up that began so long ago is joined no more: what it finds may be older than
        what may be held [s].
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._under_way: dict[Hashable, tuple[float, asyncio.Task[T]]] = {}

    def begin(self, name: Hashable, look_up: Callable[[], Awaitable[T]]) -> asyncio.Task[T]:
        """Return the look-up of a name that is under way, or begin it."""
        loop, at = asyncio.get_running_loop(), ticks()
        place = (loop, name)
        began, task = self._under_way.get(place, (0.0, None))
        if task is not None and at - began < self._seconds:
            return task
        task = loop.create_task(_awaited(look_up))
        self._under_way[place] = (at, task)
        task.add_done_callback(lambda ended: self._ended(place, ended))
        return task

    async def join(self, name: Hashable, look_up: Callable[[], Awaitable[T]]) -> T:
        """Return what the look-up of a name finds; it goes on when one who waits goes away."""
        return await asyncio.shield(self.begin(name, look_up))

    def _ended(self, place: Hashable, ended: asyncio.Task[T]) -> None:
        if self._under_way.get(place, (0.0, None))[1] is ended:
            del self._under_way[place]
        if not ended.cancelled():
            ended.exception()  # taken note of: of a renewal nobody else asks


async def _awaited(look_up: Callable[[], Awaitable[T]]) -> T:
    return await look_up()
