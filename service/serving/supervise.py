"""A parent that keeps processes running: restarts what dies or hangs, stops all in order.

A child holds the writing end of a pipe, its pulse: it writes ``r`` when it is ready and ``.``
every second.  When the parent dies, the pipe breaks and the child stops too.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.sources import UNUSABLE

HUNG_SECONDS = 30.0
"""A child that was ready and gives no pulse for so long is killed [s]."""
SHORT_LIFE_SECONDS = 10.0
"""A child that lived shorter crashed at once: the next waits longer [s]."""
LONGEST_PAUSE = 30.0
MOST_CRASHES = 3
"""A first child that crashes so often before it was ever ready stops everything."""
READY = b"r"
BEAT = b"."

Told = Callable[[str, dict[str, Any]], None]
"""Is told an event and its details."""


@dataclass(slots=True, eq=False)
class Child:
    """One place that is to be filled by a running process.

    Parameters
    ----------
    name : str
        As logs call it.
    command : sequence of str
        Arguments after ``python``; ``{pulse}`` stands for the pulse's descriptor, ``{alone}``
        for ``1`` when no other of the children that share its work is ready, else ``0``.
    keep : tuple of int
        Descriptors that it inherits.
    """

    name: str
    command: Sequence[str]
    keep: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    pulse: int = -1
    ready: bool = False
    began: float = 0.0
    heard: float = 0.0
    crashes: int = 0
    due: float = 0.0

    def start(self, environment: dict[str, str], alone: bool) -> None:
        """Start the process."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        known = {"{pulse}": str(writing), "{alone}": str(int(alone))}
        words = [known.get(word, word) for word in self.command]
        try:
            self.process = subprocess.Popen(
                [sys.executable, *words], pass_fds=(*self.keep, writing), env=environment,
                start_new_session=True,  # Ctrl-C reaches the parent alone
            )  # fmt: skip
        except OSError:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        self.pulse, self.ready = reading, False
        self.began = self.heard = time.monotonic()

    def signal(self, number: int) -> None:
        """Send a signal, if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def listen(self) -> bool:
        """Read the pulse; tell whether it became ready just now."""
        said = b""
        with contextlib.suppress(BlockingIOError):
            said = os.read(self.pulse, 4096)
        if said:
            self.heard = time.monotonic()
        became = READY in said and not self.ready
        self.ready = self.ready or became
        return became

    def forget(self) -> None:
        """Close the pulse of a process that has ended."""
        if self.pulse >= 0:
            os.close(self.pulse)
        self.process, self.pulse, self.ready = None, -1, False


@dataclass(slots=True, eq=False)
class Supervisor:
    """What keeps children running.

    Parameters
    ----------
    children : list of Child
        The first is started alone; the others when it is ready, so that what it compiled
        is there for them.
    environment : dict
        Of every child.
    seconds : float
        How long a child may take to stop [s].
    told : callable
        Is told what happens.
    when_ready : callable
        Called once, when the first child is ready.
    rolling : tuple of str
        Names that share their work, which a hang-up signal replaces one after the other.
    later : tuple of str
        Names that it replaces after those, one after the other too.
    drain : float
        For how long children that are told to stop still serve [s].
    when_drained : callable
        Called once at a stop, so long after the children were told.
    """

    children: list[Child]
    environment: dict[str, str]
    seconds: float
    told: Told
    when_ready: Callable[[], None]
    rolling: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    drain: float = 0.0
    when_drained: Callable[[], None] = lambda: None
    _stop: bool = False
    _roll: bool = False
    _code: int = 0
    _served: bool = False
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _retiring: list[Child] = field(default_factory=list)

    def run(self) -> int:
        """Run until told to stop by SIGTERM or SIGINT.

        Returns
        -------
        int
            Exit code: 0 after an ordered stop.
        """
        before = {
            number: signal.signal(number, self._heed)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        }
        try:
            self._start(self.children[0])
            while not self._stop and not self.children[0].ready:
                self._tick()
            if not self._stop:
                self._served = True
                self.when_ready()
            for child in self.children[1:]:
                child.due = 1e-9
            while not self._stop:
                self._tick()
                if self._roll:
                    self._roll = False
                    self._replace_all()
            self._stop_all()
            return self._code
        finally:
            for child in (*self.children, *self._retiring):
                child.signal(signal.SIGKILL)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _heed(self, number: int, _frame: object) -> None:
        if number == signal.SIGHUP:
            self._roll = True
        else:
            self._stop = True

    def _start(self, child: Child) -> None:
        child.due = 0.0
        others = (one for one in (*self.children, *self._retiring) if one.name in self.rolling)
        try:
            child.start(self.environment, not any(one.ready for one in others))
        except OSError as fault:  # no process or descriptor to be had now
            child.due = time.monotonic() + 1.0
            self.told("process_not_started", {"process": child.name, "errno": fault.errno})
            return
        self._selector.register(child.pulse, selectors.EVENT_READ, child)
        self.told("process_started", {"process": child.name, "pid": _pid(child)})

    def _end(self, child: Child) -> int:
        """Take note that a child has ended."""
        assert child.process is not None
        code = child.process.wait()
        self._selector.unregister(child.pulse)
        child.forget()
        return code

    def _tick(self) -> None:
        """Hear pulses, then see to what ended, hangs or is due."""
        for key, _ in self._selector.select(0.1):
            child: Child = key.data
            if child.listen():
                child.crashes = 0 if child.began else child.crashes
                self.told("process_ready", {
                    "process": child.name, "seconds": round(time.monotonic() - child.began, 2),
                })  # fmt: skip
            elif child.process is not None and child.process.poll() is None and not child.ready:
                time.sleep(0.01)  # a broken pulse is readable all the time
        for child in list(self._retiring):
            if child.process is not None and child.process.poll() is not None:
                self._end(child)
                self._retiring.remove(child)
        now = time.monotonic()
        for child in self.children:
            if child.process is None:
                if child.due and now >= child.due and not self._stop:
                    self._start(child)
            elif child.process.poll() is not None:
                self._ended(child, now)
            elif child.ready and now - child.heard > HUNG_SECONDS:
                self.told("process_hung", {"process": child.name, "pid": _pid(child)})
                child.signal(signal.SIGKILL)

    def _ended(self, child: Child, now: float) -> None:
        """A child ended that was not told to: start it again, later each time."""
        lived, was_ready, pid = now - child.began, child.ready, _pid(child)
        code = self._end(child)
        child.crashes = child.crashes + 1 if lived < SHORT_LIFE_SECONDS else 1
        hopeless = child.crashes >= MOST_CRASHES
        if not self._served and not was_ready and (code == UNUSABLE or hopeless):
            self._stop, self._code = True, code or 1
            return
        pause = min(LONGEST_PAUSE, 0.1 * 2.0 ** (child.crashes - 1))
        child.due = now + pause
        self.told(
            "process_ended",
            {
                "process": child.name,
                "pid": pid,
                "code": code,
                "again_in": pause,
            },
        )

    def _replace_all(self) -> None:
        """Replace children one by one; the old one goes when the new one is ready."""
        for k, old in enumerate(self.children):
            replaced = old.name in self.rolling or old.name in self.later
            if replaced:
                self._await(old)
            if not replaced or old.process is None or self._stop:
                continue
            new = Child(old.name, old.command, old.keep)
            self._retiring.append(old)
            self._start(new)
            self.children[k] = new
            while not new.ready and not self._stop:
                self._tick()
                if new.process is None and not self._stop:
                    continue  # it is started again, the old one serves on
            old.signal(signal.SIGTERM)

    def _await(self, child: Child) -> None:
        """Wait for a child that has just begun: unheard, it would be taken for one not ready.

        Then the one that replaces it would answer while it loads, and refuse.
        """
        until = time.monotonic() + HUNG_SECONDS
        while child.process is not None and not (child.ready or self._stop):
            if time.monotonic() > until:
                return
            self._tick()

    def _stop_all(self) -> None:
        """Tell all to stop, wait, then end what has not."""
        left = [c for c in (*self.children, *self._retiring) if c.process is not None]
        for child in left:
            child.signal(signal.SIGTERM)
        told, drained = time.monotonic(), False
        while any(c.process and c.process.poll() is None for c in left):
            spent = time.monotonic() - told
            if not drained and spent >= self.drain:
                drained = True
                self.when_drained()
            if spent > self.seconds:
                break
            time.sleep(0.02)
        for child in left:
            if child.process is not None and child.process.poll() is None:
                self.told("process_killed", {"process": child.name, "pid": _pid(child)})
            child.signal(signal.SIGKILL)
        for child in left:
            self._end(child)
        self._retiring.clear()
        self.told("stopped", {})


def _pid(child: Child) -> int:
    return child.process.pid if child.process is not None else 0


def beat(pulse: int, ready: bool = False) -> bool:
    """Give a sign of life.

    Parameters
    ----------
    pulse : int
        Descriptor of the pulse; below 0 for a process without a parent.
    ready : bool
        Whether to say that it is ready.

    Returns
    -------
    bool
        False when the parent is gone.
    """
    if pulse < 0:
        return True
    try:
        os.write(pulse, READY if ready else BEAT)
    except OSError:
        return False
    return True
