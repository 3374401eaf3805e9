"""One process that runs jobs, and stops when its parent is gone."""

import os
import signal
import threading
import time

from service.observe.logs import configure
from service.serving.needs import unusable
from service.serving.supervise import beat
from service.settings import Settings
from service.sources import UNUSABLE, tell


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
        Exit code: 0 after an ordered stop, 78 if something is missing.
    """
    configure(settings)
    faults = unusable(settings)
    if faults:
        tell(faults)
        return UNUSABLE
    loaded = threading.Event()
    threading.Thread(target=_beat_on, args=(pulse, loaded), name="pulse", daemon=True).start()
    from service.jobs.worker import run_worker

    loaded.set()
    run_worker(settings)
    return 0


def _beat_on(pulse: int, loaded: threading.Event) -> None:
    """Give signs of life; the one that it is ready once its code is loaded, not before."""
    while not loaded.wait(1.0):
        if not beat(pulse):
            os.kill(os.getpid(), signal.SIGTERM)
    ready = True
    while beat(pulse, ready):
        ready = False
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGTERM)
