"""The lane: requests that wait together are scored together and made durable together.

One thread a process takes what waits, up to a limit, scores it in one call of the engine,
commits it in one transaction and answers.  Tenants take turns.  A full lane refuses at once;
the tenant that holds most of it gives way to one that holds less (longest queue drop: Suter,
Lakshman, Stiliadis and Choudhury, 1999, *Buffer management schemes for supporting TCP in
gigabit routers with per-flow queueing*).
"""

import asyncio
import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from service.problems import Problem
from service.scoring.lane_problems import busy, closing, gone, late, stalled
from service.scoring.lane_watch import Unwatched, Watch
from service.scoring.pace import GAP_SECONDS, LONGEST_SECONDS, Company, Pace

Run = Callable[[Sequence[Any]], Sequence[Any]]
"""Takes works, returns one outcome a work."""
PATIENCE = 1.0
"""Waits longer than this are watched for a client that goes away [s]."""
LONGEST_RETRY = 30
STALLED_SECONDS = 20.0
"""A batch that takes longer waits for a store that hangs: nobody waits with it [s]."""


@dataclass(slots=True, eq=False)
class _Waiting:
    work: Any
    key: Hashable
    since: float
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    watch: asyncio.TimerHandle | asyncio.Task[None] | None = None
    mark: Any = None


class Lane:
    """A bounded queue with one thread behind it.

    Parameters
    ----------
    run : callable
        What is done with works that waited together.
    length : int
        Most that may wait, >= 1.
    most : int
        Most that are taken together, >= 1.
    key_of : callable or None
        From a work to whose it is: those of one key wait behind each other, keys take turns.
    seconds : float
        Longest wait [s]: what waited longer is refused, not scored.
    batch_seconds : float
        Time that one batch should not exceed [s].
    watch : Watch or None
        Who is told.
    """

    def __init__(
        self, run: Run, length: int, most: int, key_of: Callable[[Any], Hashable] | None = None,
        seconds: float = 5.0, batch_seconds: float = 0.5, watch: Watch | None = None,
    ) -> None:  # fmt: skip
        self._run, self._length, self._seconds = run, length, seconds
        self._key_of = key_of or (lambda _: "")
        self._watch: Watch = watch or Unwatched()
        self._pace, self._company = Pace(most, batch_seconds), Company()
        self._changed = threading.Condition(threading.Lock())
        self._queues: OrderedDict[Hashable, deque[_Waiting]] = OrderedDict()
        self._depth, self._wake_at, self._open = 0, 0, False
        self._writing = False
        self._under_way: tuple[float, list[_Waiting]] = (math.inf, [])
        self._thread = threading.Thread(target=self._work, name="lane", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._open = True
        self._thread.start()

    def stop(self, seconds: float = 30.0) -> None:
        """Take nothing more, finish what waits, refuse what cannot be finished in time.

        Parameters
        ----------
        seconds : float
            Longest time to finish in [s].
        """
        with self._changed:
            self._open = False
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(seconds)
        self._abandon()

    async def close(self, seconds: float = 30.0) -> None:
        """Stop without holding up the event loop, so that answers still go out.

        Parameters
        ----------
        seconds : float
            Longest time to finish in [s].
        """
        await asyncio.to_thread(self.stop, seconds)

    @property
    def depth(self) -> int:
        """How many wait."""
        return self._depth

    @property
    def alive(self) -> bool:
        """Whether what is submitted will be worked on."""
        return self._open and self._thread.is_alive()

    @property
    def at_work(self) -> bool:
        """Whether a batch is under way."""
        return self._under_way[0] < math.inf

    def rescue(self, seconds: float = STALLED_SECONDS) -> None:
        """Answer those who wait for a batch that hangs, and all behind it; called every second.

        Parameters
        ----------
        seconds : float
            How long a batch may take [s].
        """
        began, taken = self._under_way
        if time.monotonic() - began > seconds:
            left = [one for one in [*taken, *self._emptied()] if not one.future.done()]
            if left:
                self._watch.refused("stalled", len(left))
                _settle_from_anywhere([(one, _Refused(stalled(2))) for one in left])

    def room(self, key: Hashable, bulk: bool = False) -> None:
        """Refuse early what would be refused anyway, before its body is read.

        Parameters
        ----------
        key : hashable
            Whose the work will be, as ``key_of`` returns it.
        bulk : bool
            As for `submit`.

        Raises
        ------
        Problem
            503 with Retry-After.
        """
        if not self._open:
            raise self._refuse("closing")
        if self._depth >= self._room() and self._longest((key, bulk)) is None:
            raise self._refuse("full")

    async def submit(self, work: Any, bulk: bool = False, receive: Any = None) -> Any:
        """Wait for the outcome of a work.

        Parameters
        ----------
        work : object
            What is to be done.
        bulk : bool
            Whether it is one of many of one request; those wait behind each other and take
            turns with single ones.
        receive : callable or None
            The request's ``receive``, its body read: a client that goes away while its work
            waits is not served.

        Returns
        -------
        object
            Its outcome.

        Raises
        ------
        Problem
            503 with Retry-After when the lane is full or closing, or the wait was too long.
        """
        loop = asyncio.get_running_loop()
        key = (self._key_of(work), bulk)
        one = _Waiting(work, key, time.monotonic(), loop, loop.create_future())
        if self._watch.traces:
            one.mark = self._watch.mark()
        self._enter(one)
        if receive is not None:
            one.watch = loop.call_later(PATIENCE, _listen, one, receive)
        try:
            outcome = await one.future
        finally:
            if one.watch is not None:
                one.watch.cancel()
                one.watch = None  # the two know each other
        if isinstance(outcome, _Refused):
            raise outcome.problem
        return outcome

    def _enter(self, one: _Waiting) -> None:
        """Put a work behind those of its key; at the cost of the longest queue if need be."""
        pushed = None
        with self._changed:
            if not self._open:
                raise self._refuse("closing")
            if self._depth >= self._room():
                pushed = self._push_out(one.key)
                if pushed is None:
                    raise self._refuse("full")
            queue = self._queues.get(one.key)
            if queue is None:
                self._queues[one.key] = queue = deque()
            queue.append(one)
            self._depth += 1
            if self._depth == self._wake_at:
                self._changed.notify()
        if pushed is not None:
            _settle_from_anywhere([(pushed, _Refused(self._refuse("full")))])

    def _room(self) -> int:
        """How many may wait: no more than can be served in half of the longest wait."""
        each = self._pace.each()
        served = int(0.5 * self._seconds / each) if each else self._length
        return min(self._length, max(served, self._pace.most))

    def _longest(self, key: Hashable) -> deque[_Waiting] | None:
        """The longest queue, if one more of a key would still be shorter than it."""
        own = len(self._queues.get(key, ()))
        try:
            longest = max(self._queues.values(), key=len, default=None)
        except RuntimeError:  # asked without the lock, while the lane's thread took some
            return None
        return longest if longest is not None and own + 1 < len(longest) else None

    def _push_out(self, key: Hashable) -> _Waiting | None:
        """Take the newest work out of the longest queue."""
        longest = self._longest(key)
        if longest is None:
            return None
        self._depth -= 1
        return longest.pop()

    def _refuse(self, why: str, count: int = 1) -> Problem:
        """Count a refusal and say how long to wait."""
        self._watch.refused(why, count)
        wait = math.ceil(self._depth * self._pace.each())
        seconds = max(1, min(LONGEST_RETRY, wait))
        return {"full": busy, "late": late, "closing": closing, "gone": gone}[why](seconds)

    def _work(self) -> None:
        try:
            while taken := self._take():
                self._answer(taken)
        finally:
            self._open = False
            self._abandon()

    def _take(self) -> list[_Waiting]:
        """Wait for works; one of each key in turn.  Empty when the lane is closed and empty."""
        while True:
            with self._changed:
                while not self._depth:
                    if not self._open:
                        return []
                    self._wait_for(1, None)
                size = self._pace.size()
                self._gather(min(size, self._company.usual))
                found, left = self._in_turn(size), self._depth
            taken = self._still_wanted(found)
            if taken:
                self._watch.took(len(taken), time.monotonic() - taken[0].since, left)
                return taken

    def _wait_for(self, depth: int, seconds: float | None) -> None:
        """Let others in until so many wait, or some time [s] is over."""
        self._wake_at = depth
        self._changed.wait(seconds)
        self._wake_at = 0

    def _gather(self, usual: int) -> None:
        """Wait while works come one close behind the other, until as many wait as usual.

        Clients that get their answers just now cannot have asked again.
        """
        until = time.monotonic() + LONGEST_SECONDS
        while self._open and 0 < self._depth < usual and time.monotonic() < until:
            before, writing = self._depth, self._writing
            self._wait_for(usual, GAP_SECONDS)
            if self._depth <= before and not writing:
                return

    def _in_turn(self, size: int) -> list[_Waiting]:
        """Take up to a number of works, key by key."""
        taken: list[_Waiting] = []
        queues = self._queues
        while queues and len(taken) < size:
            key, queue = queues.popitem(last=False)
            if queue:
                taken.append(queue.popleft())
            if queue:
                queues[key] = queue
        self._depth -= len(taken)
        return taken

    def _still_wanted(self, found: list[_Waiting]) -> list[_Waiting]:
        """Leave out works whose client went away, and refuse those that waited too long."""
        oldest = time.monotonic() - self._seconds
        wanted = [one for one in found if one.since >= oldest and not one.future.done()]
        if len(wanted) < len(found):
            tardy = [one for one in found if one.since < oldest and not one.future.done()]
            if tardy:
                refused = _Refused(self._refuse("late", len(tardy)))
                _settle_from_anywhere([(one, refused) for one in tardy])
            if lost := len(found) - len(wanted) - len(tardy):
                self._watch.refused("gone", lost)
        return wanted

    def _answer(self, taken: list[_Waiting]) -> None:
        began = time.monotonic()
        self._under_way = (began, taken)
        outcomes: Sequence[Any]
        try:
            outcomes = self._run([one.work for one in taken])
        except Problem as problem:
            outcomes = [problem] * len(taken)
        except Exception as fault:  # noqa: BLE001 - a thread that ends would answer nobody
            outcomes = [fault] * len(taken)
        except BaseException:  # the thread ends: nobody may wait for it
            refused = _Refused(self._refuse("closing", len(taken)))
            _settle_from_anywhere([(one, refused) for one in taken])
            raise
        self._under_way = (math.inf, [])
        self._pace.observe(len(taken), time.monotonic() - began)
        self._company.observe(len(taken) + self._depth)  # before any of them asks again
        self._writing = True
        _settle_from_anywhere(list(zip(taken, outcomes, strict=True)), self._written)
        if self._watch.traces:
            self._watch.answered([(one.mark, one.since) for one in taken], began)

    def _written(self) -> None:
        """Take note that the answers of a batch are with the system."""
        self._writing = False

    def _abandon(self) -> None:
        """Refuse whatever still waits."""
        if left := self._emptied():
            refused = _Refused(self._refuse("closing", len(left)))
            _settle_from_anywhere([(one, refused) for one in left])

    def _emptied(self) -> list[_Waiting]:
        """Take everything that waits."""
        with self._changed:
            left = [one for queue in self._queues.values() for one in queue]
            self._queues.clear()
            self._depth = 0
        return left


@dataclass(frozen=True, slots=True)
class _Refused:
    """A work that was not done, and what its client is told."""

    problem: Problem


def _listen(one: _Waiting, receive: Any) -> None:
    """Begin to watch the client of a work that waits long."""

    async def until_gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        _settle([(one, _Refused(gone(1)))])

    if not one.future.done():
        one.watch = one.loop.create_task(until_gone())


def _settle_from_anywhere(
    pairs: list[tuple[_Waiting, Any]], then: Callable[[], None] | None = None
) -> None:  # fmt: skip
    """Hand outcomes to their loop, in one call a loop; tell when all who waited have gone on."""
    loops = {id(one.loop): one.loop for one, _ in pairs}
    for loop in loops.values():
        mine = pairs if len(loops) == 1 else [pair for pair in pairs if pair[0].loop is loop]
        try:
            loop.call_soon_threadsafe(_settle, mine, then)
        except RuntimeError:  # the loop is closed: nobody waits any more
            continue


def _settle(
    pairs: list[tuple[_Waiting, Any]], then: Callable[[], None] | None = None
) -> None:  # fmt: skip
    for one, outcome in pairs:
        if not one.future.done():  # the client may have gone
            one.future.set_result(outcome)
    if then is not None:  # behind those who were woken now
        asyncio.get_running_loop().call_soon(then)
