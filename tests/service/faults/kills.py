"""Kills at random moments: processes of the service, workers of jobs, the database."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import psutil

from service.clock import now
from tests.service.faults.running import Service, kill, until
from tests.service.servers import PostgreSQL


@dataclass(frozen=True, slots=True)
class Kill:
    """One process that was killed.

    Parameters
    ----------
    what : str
        ``web``, ``service``, ``worker``, ``postmaster`` or ``backend``.
    pid : int
        Which.
    moment : datetime.datetime
        When, by the clock of the log.
    ticks : float
        When, monotonic [s].
    """

    what: str
    pid: int
    moment: datetime
    ticks: float


@dataclass(slots=True)
class Kills:
    """Everything that was killed."""

    done: list[Kill] = field(default_factory=list)

    def strike(self, what: str, pid: int) -> bool:
        """Kill a process; whether it was there."""
        found = Kill(what, pid, now(), time.monotonic())
        if not kill(pid):
            return False
        self.done.append(found)
        return True


class Killer(threading.Thread):
    """Kills one kind of thing a number of times.

    Parameters
    ----------
    name : str
        Of the thread.
    strike : callable
        Kills once; whether it did.
    times : int
        How often.
    seed : int
        Of its moments.
    longest : float
        Longest pause after whatever it waits for [s].
    gate : callable
        What must hold before it strikes again.
    """

    def __init__(
        self, name: str, strike: Callable[[random.Random], bool], times: int, seed: int,
        longest: float, gate: Callable[[], bool],
    ) -> None:  # fmt: skip
        super().__init__(name=name, daemon=True)
        self.strike_once, self.times, self.longest, self.gate = strike, times, longest, gate
        self.draw = random.Random(seed)
        self.fault: BaseException | None = None

    def run(self) -> None:
        """Strike as often as told."""
        left = self.times
        try:
            while left:
                until(self.gate, 300.0, f"{self.name}: the service did not come back", 0.1)
                time.sleep(self.draw.uniform(0.0, self.longest))
                left -= self.strike_once(self.draw)
        except BaseException as fault:  # noqa: BLE001 - told by the thread that waits
            self.fault = fault


def of_service(service: Service, kills: Kills) -> Callable[[random.Random], bool]:
    """Kill a process that answers; one time in six the parent, half of those with all others."""

    def strike(draw: random.Random) -> bool:
        if draw.random() < 1.0 / 6.0:
            found = Kill("service", service.process.pid, now(), time.monotonic())
            if draw.random() < 0.5:
                service.kill_all()
            elif not kill(found.pid):
                return False
            kills.done.append(found)
            time.sleep(0.1)
            return True
        pids = service.pids("web")
        return bool(pids) and kills.strike("web", draw.choice(pids))

    return strike


def of_workers(service: Service, kills: Kills) -> Callable[[random.Random], bool]:
    """Kill the process that runs jobs."""

    def strike(draw: random.Random) -> bool:
        pids = service.pids("worker")
        return bool(pids) and kills.strike("worker", draw.choice(pids))

    return strike


def has_job(service: Service) -> bool:
    """Whether a worker runs a job now."""
    try:
        return any(psutil.Process(pid).children() for pid in service.pids("worker"))
    except psutil.Error:
        return False


def of_database(server: PostgreSQL, kills: Kills) -> Callable[[random.Random], bool]:
    """Kill the postmaster, whom an engine starts again, or the process of one connection."""

    def strike(draw: random.Random) -> bool:
        try:
            pid = postmaster(server)
            backends = psutil.Process(pid).children()
        except (psutil.Error, OSError, ValueError):
            return False
        if draw.random() < 0.4 or not backends:
            if not kills.strike("postmaster", pid):
                return False
            psutil.wait_procs(backends, timeout=10.0)
            until(lambda: _started(server), 60.0, "the database does not start again")
            return True
        return kills.strike("backend", draw.choice(backends).pid)

    return strike


def postmaster(server: PostgreSQL) -> int:
    """Process id of the server."""
    held = (server.folder / "data" / "postmaster.pid").read_text(encoding="utf-8")
    return int(held.splitlines()[0])


def _started(server: PostgreSQL) -> bool:
    try:
        server.start()
    except RuntimeError:
        time.sleep(0.2)
        return False
    return True


def recoveries(service: Service, kills: Kills, asked: list[float]) -> dict[str, list[float]]:
    """Return how long after each kill what was killed was there again.

    Parameters
    ----------
    service : Service
        With its log.
    kills : Kills
        What was killed.
    asked : list of float
        When each request that was acknowledged was sent, monotonic [s].

    Returns
    -------
    dict of str to list of float
        By what was killed [s]: until the process in its place was ready, for the database
        until a request was sent that was acknowledged.
    """
    names = {one["pid"]: one["process"] for one in service.events("process_started")}
    ready = [
        (datetime.fromisoformat(str(one["moment"])), str(one["process"]))
        for one in service.events("process_ready")
    ]
    found: dict[str, list[float]] = {}
    for one in kills.done:
        if one.what in ("postmaster", "backend"):
            later = [at - one.ticks for at in sorted(asked) if at > one.ticks]
        else:
            name = str(names.get(one.pid, "web-1"))
            later = [(at - one.moment).total_seconds() for at, who in ready
                     if at > one.moment and who == name]  # fmt: skip
        if later:
            found.setdefault(one.what, []).append(later[0])
    return found
