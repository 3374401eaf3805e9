"""One process that runs jobs, and stops when its parent is gone."""

import os
import signal
import threading
import time

from service.observe.logs import configure
from service.serving.supervise import beat
from service.settings import Settings


def run_jobs(settings: Settings, pulse: int = -1) -> int:
    """Run jobs until told to stop.

    Parameters
    ----------
    settings : Settings
        Settings.
    pulse : int
        Descriptor of the pulse; below 0 without a parent.

    Returns
    -------
    int
        Exit code.
    """
    configure(settings)
    threading.Thread(target=_beat_on, args=(pulse,), name="pulse", daemon=True).start()
    from service.jobs.worker import run_worker

    run_worker(settings)
    return 0


def _beat_on(pulse: int) -> None:
    ready = True
    while beat(pulse, ready):
        ready = False
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGTERM)
