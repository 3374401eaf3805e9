"""From start to stop of one application: load, warm, be ready; then finish and close."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from riskengine.errors import RiskEngineError
from service.observe.logs import log, log_fault
from service.problems import Problem
from service.scoring.warm import warm_all
from service.sources import unreadable
from service.state import State
from service.store.database import PASSING

WAIT_SECONDS = 1.0
"""How often a store that is away is asked for again [s]."""


def lifespan_of(
    opened: Callable[[], State], wait: bool, patient: bool = False
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:  # fmt: skip
    """Return what loads an application before its first request and closes it after its last.

    Parameters
    ----------
    opened : callable
        Opens store, market and models.
    wait : bool
        Whether the application takes no request until it is ready; otherwise it answers
        ``/health`` at once and 503 elsewhere until it is.
    patient : bool
        Whether a store that is away is waited for until the process is told to stop.

    Returns
    -------
    callable
        As ``FastAPI(lifespan=...)`` takes it.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def load() -> None:
            try:
                app.state.ready = load_state(opened, patient, lambda: app.state.draining)
            except Exception as fault:  # noqa: BLE001 - told below, or by the parent process
                app.state.failed = fault
            if not loop.is_closed():
                loop.call_soon_threadsafe(done.set)

        # A daemon: a process that is told to stop while it compiles need not finish that.
        threading.Thread(target=load, name="load", daemon=True).start()
        if wait:
            await done.wait()
            if app.state.failed is not None:
                raise app.state.failed
        yield
        state: State | None = app.state.ready
        app.state.ready = None
        if state is not None:
            await close_state(state)

    return lifespan


def load_state(
    opened: Callable[[], State], patient: bool = False,
    told_to_stop: Callable[[], bool] = lambda: False,
) -> State:  # fmt: skip
    """Open and warm what every request shares.

    Parameters
    ----------
    opened : callable
        Opens store, market and models.
    patient : bool
        Whether a store that is away is waited for, however long that takes.
    told_to_stop : callable
        Whether to wait no longer.

    Returns
    -------
    State
        Its lane at work.

    Raises
    ------
    RiskEngineError, Problem
        If something is missing or damaged; it is logged.
    """
    try:
        state = _when_there(opened, told_to_stop) if patient else opened()
        seconds = warm_all(state.fleet.shared)
    except (RiskEngineError, Problem) as fault:
        log("not_loaded", level="error", wrong=fault.wrong.en, cure=fault.cure.en,
            wrong_zh=fault.wrong.zh, cure_zh=fault.cure.zh)  # fmt: skip
        raise
    except PermissionError as fault:
        wrong, cure = unreadable(fault)
        log("not_loaded", level="error", wrong=wrong.en, cure=cure.en, wrong_zh=wrong.zh,
            cure_zh=cure.zh)  # fmt: skip
        raise RiskEngineError(wrong, cure) from fault
    except Exception as fault:
        log_fault("not_loaded", fault)
        raise
    log("warm", seconds=round(seconds, 2))
    state.fleet.start()
    state.lane.start()
    return state


def _when_there(opened: Callable[[], State], told_to_stop: Callable[[], bool]) -> State:
    """Open, again and again while the store is away."""
    told = False
    while True:
        try:
            return opened()
        except Problem as fault:
            if fault.code not in PASSING or told_to_stop():
                raise
            if not told:
                log("store_away", level="warning", wrong=fault.wrong.en, wrong_zh=fault.wrong.zh)
            told = True
            time.sleep(WAIT_SECONDS)


async def close_state(state: State) -> None:
    """Finish what waits, then close the store.

    Parameters
    ----------
    state : State
        No request uses it any more.
    """
    await state.lane.close(state.settings.stop_seconds)
    await asyncio.to_thread(state.fleet.stop)
    state.engine.dispose()
    log("closed")
