"""Refusals give way to the work of those who are served.

A process has one interpreter.  The lane lets go of it at every call of a kernel, a digest or
the store, and gets it back only after the loop has had its slice; a loop with nothing but
refusals to write always wants it.  Without this, a flood of refusals leaves a tenth of the
scores that the process could have given.
"""

import time
from collections.abc import Callable

AT_ONCE_SECONDS = 0.005
"""Time spent on refusals after which as much is given away [s]; a thread's usual slice."""
MOST_EACH_SECONDS = 0.0005
"""Most that is counted for one refusal: what was done before it may have been no refusal [s]."""


class GivingWay:
    """Lets refusals have half of a thread's time at most.

    Parameters
    ----------
    spent : callable
        Time for which this thread has run [s].
    rest : callable
        Lets other threads run for some time [s].
    """

    __slots__ = ("_before", "_owed", "_rest", "_spent")

    def __init__(
        self, spent: Callable[[], float] = time.thread_time,
        rest: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self._spent, self._rest = spent, rest
        self._owed, self._before = 0.0, 0.0

    def refused(self) -> None:
        """Take note of a refusal while others are being served; rest when enough is owed."""
        now = self._spent()
        self._owed += min(now - self._before, MOST_EACH_SECONDS)
        self._before = now
        if self._owed >= AT_ONCE_SECONDS:
            self._rest(self._owed)
            self._owed = 0.0
