"""The queue that wakes workers: huey, with messages in JSON.  What it forgets, they find."""

import logging
from collections.abc import Callable
from typing import Any

import orjson
from huey import RedisHuey, SqliteHuey
from huey.api import Huey
from huey.registry import Message
from huey.serializer import Serializer

from riskengine.errors import RiskEngineError
from riskengine.words import Text
from service.settings import Settings

NAME = "riskengine"
TASK = "job"
FILE = "queue.sqlite3"
Handler = Callable[[str, str], None]
"""Called with tenant and id of a job."""
log = logging.getLogger("service.jobs")


class JsonSerializer(Serializer):
    """Messages as JSON lists: what arrives is data, never an object that runs (no pickle)."""

    def _serialize(self, data: Any) -> bytes:
        return orjson.dumps(list(data))

    def _deserialize(self, data: bytes) -> Message:
        held = orjson.loads(data)
        if not isinstance(held, list) or len(held) > len(Message._fields):
            raise ValueError("no message of the queue")
        return Message(*held)


def _nobody(tenant: str, job_id: str) -> None:
    """Refuse to work where messages are only sent."""
    raise RuntimeError(f"no worker here for {job_id} of {tenant}")


def make_queue(settings: Settings, handler: Handler = _nobody) -> Huey:
    """Open the queue.

    Parameters
    ----------
    settings : Settings
        Where it is.
    handler : callable
        What a worker does with a message.

    Returns
    -------
    Huey
        Results are not kept: the store has them.

    Raises
    ------
    RiskEngineError
        If it is in Redis and the client library is not installed.
    """
    chosen = {"results": False, "serializer": JsonSerializer(), "utc": True}
    if settings.queue_url is not None:
        queue = _redis(settings.queue_url.get_secret_value(), chosen)
    else:
        settings.data.mkdir(parents=True, exist_ok=True)
        queue = SqliteHuey(NAME, filename=str(settings.data / FILE), fsync=False, **chosen)

    def job(tenant: str, job_id: str) -> None:
        handler(tenant, job_id)

    queue.task(name=TASK)(job)
    return queue


def _redis(url: str, chosen: dict[str, Any]) -> Huey:
    """A queue in Redis, where its client is installed."""
    try:
        return RedisHuey(NAME, url=url, **chosen)
    except Exception as fault:
        if type(fault).__name__ != "ConfigurationError":
            raise
        raise RiskEngineError(
            Text("没有安装 redis 客户端", "the client library of Redis is not installed"),
            Text(
                "请安装 redis，或不设 RISKENGINE_QUEUE_URL",
                "install redis, or leave RISKENGINE_QUEUE_URL unset",
            ),
        ) from fault


def put(queue: Huey, tenant: str, job_id: str) -> None:
    """Send a message.

    Parameters
    ----------
    queue : Huey
        As `make_queue` returned it.
    tenant, job_id : str
        Whose, which.
    """
    task = queue._registry.string_to_task(f"{__name__}.{TASK}")
    queue.enqueue(task((tenant, job_id)))


def waiting(queue: Huey) -> set[str]:
    """Return the ids of jobs with a message in the queue.

    Parameters
    ----------
    queue : Huey
        As `make_queue` returned it.

    Returns
    -------
    set of str
        Ids.
    """
    return {str(task.args[1]) for task in queue.pending() if len(task.args) == 2}


def wake(settings: Settings, tenant: str, job_id: str) -> None:
    """Wake a worker for a job; if the queue is away, workers find the job by themselves.

    Parameters
    ----------
    settings : Settings
        Where the queue is.
    tenant, job_id : str
        Whose, which.
    """
    try:
        queue = make_queue(settings)
        put(queue, tenant, job_id)
        queue.storage.close()
    except Exception as fault:  # noqa: BLE001 - the job stands in the store already
        log.warning("the queue did not take %s: %s", job_id, type(fault).__name__)
