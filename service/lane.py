"""The lane: requests that wait together are scored together and made durable together.

One thread a process takes what waits, up to a limit, scores it in one call of the engine,
commits it in one transaction and answers.  A full lane refuses at once.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from riskengine.words import Text
from service.problems import Problem

Run = Callable[[Sequence[Any]], Sequence[Any]]
"""Takes works, returns one outcome a work."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    work: Any
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


class Lane:
    """A bounded queue with one thread behind it.

    Parameters
    ----------
    run : callable
        What is done with works that waited together.
    length : int
        Most that may wait.
    most : int
        Most that are taken together.
    """

    def __init__(self, run: Run, length: int, most: int) -> None:
        self._run, self._most = run, most
        self._waiting: queue.Queue[_Waiting | None] = queue.Queue(length)
        self._thread = threading.Thread(target=self._work, name="lane", daemon=True)
        self._open = False

    def start(self) -> None:
        """Begin to work."""
        self._open = True
        self._thread.start()

    def stop(self) -> None:
        """Finish what waits, take nothing more."""
        self._open = False
        self._waiting.put(None)
        self._thread.join()

    @property
    def depth(self) -> int:
        """How many wait."""
        return self._waiting.qsize()

    async def submit(self, work: Any) -> Any:
        """Wait for the outcome of a work.

        Parameters
        ----------
        work : object
            What is to be done.

        Returns
        -------
        object
            Its outcome.

        Raises
        ------
        Problem
            503 with Retry-After when the lane is full or closing.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        try:
            if not self._open:
                raise queue.Full
            self._waiting.put_nowait(_Waiting(work, loop, future))
        except queue.Full:
            raise busy() from None
        return await future

    def _work(self) -> None:
        while True:
            first = self._waiting.get()
            if first is None:
                return
            taken, last = [first], False
            while len(taken) < self._most:
                try:
                    more = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    last = True
                    break
                taken.append(more)
            self._answer(taken)
            if last:
                return

    def _answer(self, taken: list[_Waiting]) -> None:
        outcomes: Sequence[Any]
        try:
            outcomes = self._run([one.work for one in taken])
        except Problem as problem:
            outcomes = [problem] * len(taken)
        except Exception as fault:  # noqa: BLE001 - a thread that ends would answer nobody
            outcomes = [fault] * len(taken)
        for one, outcome in zip(taken, outcomes, strict=True):
            one.loop.call_soon_threadsafe(_settle, one.future, outcome)


def _settle(future: asyncio.Future[Any], outcome: Any) -> None:
    if not future.done():  # the client may have gone
        future.set_result(outcome)


def busy() -> Problem:
    """Return the problem that sheds load.

    Returns
    -------
    Problem
        503 with Retry-After.
    """
    return Problem(
        503, "busy", Text("服务繁忙，本次未受理", "the service is busy: this was not taken on"),
        Text("请稍后以同一幂等键重试", "try again soon with the same idempotency key"),
        headers={"Retry-After": "1"},
    )  # fmt: skip
