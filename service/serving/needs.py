"""What a process that serves or runs jobs needs beside its settings."""

from importlib.util import find_spec

from riskengine.words import Text
from service.jobs.queue import FILE
from service.settings import Settings
from service.sources import Fault, unreadable
from service.store.database import EMBEDDED


def unusable(settings: Settings) -> list[Fault]:
    """Return what is wrong with files in the data folder, and with the queue's client.

    Parameters
    ----------
    settings : Settings
        Where data and queue are.

    Returns
    -------
    list of (Text, Text)
        What is wrong, naming the file, and what to do; files that are not there are made.
    """
    modes = {"secret": "rb"} if settings.secret is None else {}
    if settings.database_url is None:
        modes |= {EMBEDDED: "r+b", f"{EMBEDDED}-wal": "r+b", f"{EMBEDDED}-shm": "r+b"}
    if settings.queue_url is None:
        modes |= {FILE: "r+b"}
    found = []
    for name, mode in modes.items():
        try:
            with (settings.data / name).open(mode):
                pass
        except FileNotFoundError:
            pass
        except OSError as fault:
            found.append(unreadable(fault))
    if settings.queue_url is not None and find_spec("redis") is None:
        found.append(NO_CLIENT)
    return found


NO_CLIENT = (
    Text("设了 RISKENGINE_QUEUE_URL，但没有安装 redis 客户端",
         "RISKENGINE_QUEUE_URL is set and the client library of Redis is not installed"),
    Text("运行 pip install redis，或删去 RISKENGINE_QUEUE_URL",
         "run pip install redis, or unset RISKENGINE_QUEUE_URL"),
)  # fmt: skip
