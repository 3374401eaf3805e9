"""One process that answers requests: it listens on its parent's socket and stops in order."""

import asyncio
import contextlib
import gc
import os
import resource
import signal
import socket
import time
from types import FrameType

import uvicorn
from fastapi import FastAPI

from riskengine.errors import RiskEngineError
from service.app import create_app
from service.observe.logs import configure, log
from service.serving.connection import connection_of
from service.serving.supervise import beat
from service.settings import Settings
from service.sources import UNUSABLE

LINGER_SECONDS = 0.25
"""After the last accepted connection: for its request to arrive [s]."""
SWEEP_SECONDS = 10.0
"""How often cycles are looked for [s]."""
MOST_DESCRIPTORS = 65_536
"""Descriptors that a process takes where the system lets it: a connection needs one."""


class Web(uvicorn.Server):
    """A server that drains before it stops.

    Told to stop, it answers 503 on ``/ready`` and ``Connection: close`` on everything, and
    still serves for a while; then it takes no new connection, and finishes what it has.

    Parameters
    ----------
    app : FastAPI
        The application, whose ``state.draining`` is set.
    config : uvicorn.Config
        How it is served.
    settings : Settings
        How long to drain.
    pulse : int
        Descriptor of the pulse.
    """

    def __init__(
        self, app: FastAPI, config: uvicorn.Config, settings: Settings, pulse: int
    ) -> None:  # fmt: skip
        super().__init__(config)
        self.app, self.settings, self.pulse = app, settings, pulse
        self.said_ready, self.until = False, float("inf")
        self.next_beat, self.next_sweep = 0.0, 0.0

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Drain at the first signal, stop at the second; while it loads, end at once."""
        if not self.started:
            os._exit(0)
        if self.until < float("inf"):
            self.should_exit = True
            return
        self.app.state.draining = True
        serving = self.app.state.ready is not None
        self.until = time.monotonic() + (self.settings.drain_seconds if serving else 0.0)

    async def on_tick(self, counter: int) -> bool:
        """Give a pulse; see whether it is time to stop."""
        now, state = time.monotonic(), self.app.state
        if state.failed is not None or now >= self.until:
            self.should_exit = True
        ready = state.ready is not None and not self.said_ready
        if ready or now >= self.next_beat:
            self.next_beat = now + 1.0
            if not beat(self.pulse, ready) and not state.draining:
                self.handle_exit(signal.SIGTERM, None)  # the parent is gone
            if state.ready is not None:
                state.ready.lane.rescue()
        if self.said_ready and now >= self.next_sweep:
            self.next_sweep = now + SWEEP_SECONDS
            gc.collect()
        if ready:
            self.said_ready, self.next_sweep = True, now + SWEEP_SECONDS
            _settle_memory()
            log("ready", pid=os.getpid())
        if self.said_ready and not state.draining and not state.ready.lane.alive:
            log("lane_dead", level="error")
            self.handle_exit(signal.SIGTERM, None)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no new connection; let what has just connected ask; then stop."""
        for server in self.servers:
            server.close()
        for one in sockets or ():
            one.close()  # the system refuses who comes now, once all who hold it have done so
        await asyncio.sleep(LINGER_SECONDS)
        await super().shutdown(sockets)


def _settle_memory() -> None:
    """Leave what was loaded out of every later collection, and look for cycles by the clock.

    A collection over everything would stop all for 0.2 s.  By the count of what is made, as
    the interpreter does it, looking for cycles in answers that hold none takes a third of all.
    """
    gc.collect()
    gc.freeze()
    gc.disable()


def _take_descriptors() -> None:
    """Take as many descriptors as the system lets, not the 1,024 of programs that use select()."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def run_web(
    settings: Settings, listener: socket.socket, pulse: int = -1, alone: bool = True
) -> int:  # fmt: skip
    """Answer requests until told to stop.

    Parameters
    ----------
    settings : Settings
        Settings.
    listener : socket.socket
        Bound socket.
    pulse : int
        Descriptor of the pulse; below 0 without a parent.
    alone : bool
        Whether no other process answers on the socket: then it answers ``/health`` while it
        loads, and 503 elsewhere; otherwise it takes no connection before it is ready.

    Returns
    -------
    int
        Exit code: 0 after an ordered stop, `UNUSABLE` if something is wrong that no restart
        mends, 1 for other faults.
    """
    configure(settings)
    _take_descriptors()
    try:
        app = create_app(settings, wait=not alone, patient=True)
    except RiskEngineError as fault:
        log("not_started", level="error", wrong=fault.wrong.en, cure=fault.cure.en,
            wrong_zh=fault.wrong.zh, cure_zh=fault.cure.zh)  # fmt: skip
        return UNUSABLE
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, lifespan="on",
        timeout_graceful_shutdown=max(1, round(settings.stop_seconds)), backlog=2048,
        ws="none", http=connection_of(settings),  # type: ignore[arg-type]  # any maker will do
    )  # fmt: skip
    server = Web(app, config, settings, pulse)
    with contextlib.suppress(SystemExit):  # the server's own way to tell that it did not start
        server.run(sockets=[listener])
    failed = app.state.failed
    if failed is not None:
        return UNUSABLE if isinstance(failed, RiskEngineError) else 1
    return 0
