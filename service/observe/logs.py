"""Log lines: one JSON object a line on the standard output, the server's own included.

Never in them: bodies, query strings, headers, keys.
"""

import logging
import sys
import traceback
from typing import Any

import orjson
import structlog

from service.clock import now, stamp
from service.observe.masking import mask
from service.settings import Settings

LONGEST_TRACE = 20
"""Most frames of a traceback that are told."""


def configure(settings: Settings) -> None:
    """Set up logging of a process; called at its entry.

    Parameters
    ----------
    settings : Settings
        How lines are written.
    """
    ending: Any = structlog.processors.JSONRenderer(serializer=_json)
    if settings.log_format == "console":
        ending = structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    structlog.configure(
        processors=[_moment, mask, ending],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: _Output(),
        cache_logger_on_first_use=True,
    )  # fmt: skip
    root = logging.getLogger()
    root.handlers = [_Handler()]
    root.setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        server = logging.getLogger(name)
        server.handlers, server.propagate = [], True
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)


def log(
    event: str, details: dict[str, Any] | None = None, level: str = "info", **more: Any
) -> None:
    """Write a line.

    Parameters
    ----------
    event : str
        What happened, in snake case.
    details : dict or None
        What is to say of it, as plain data.
    level : {"info", "warning", "error"}
        How much it matters.
    **more : object
        Further details.
    """
    getattr(structlog.get_logger(), level)(event, **(details or {}), **more)


def write_access(details: dict[str, Any]) -> None:
    """Write the line of an answered request, past the processors: it is written every time.

    It leaves this process with `flush`, together with those of its neighbours.

    Parameters
    ----------
    details : dict
        Ids, template of the route, status, time: nothing that a client chose but its
        request id, which is checked where it is taken.
    """
    line = orjson.dumps({"moment": stamp(now()), "level": "info", "event": "request", **details})
    sys.stdout.write(line.decode() + "\n")


def flush() -> None:
    """Let lines leave this process."""
    sys.stdout.flush()


def log_fault(event: str, fault: BaseException, **more: Any) -> None:
    """Write a line of a fault that nobody foresaw: where it happened, never with what.

    Parameters
    ----------
    event : str
        What failed.
    fault : BaseException
        The fault; its message may quote what was sent, so that its kind and place are told.
    **more : object
        Further details.
    """
    frames = traceback.extract_tb(fault.__traceback__)[-LONGEST_TRACE:]
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    log(event, level="error", kind=type(fault).__name__, trace=places, **more)


class _Output:
    """Writes lines to the standard output, whatever that is when they are written."""

    def msg(self, line: str) -> None:
        """Write a line."""
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    info = warning = error = msg


class _Handler(logging.Handler):
    """Takes what libraries log the standard way."""

    def emit(self, record: logging.LogRecord) -> None:
        level = "error" if record.levelno >= logging.ERROR else "warning"
        fault = record.exc_info[1] if record.exc_info else None
        if fault is not None:  # the library's own words may quote what was sent
            log_fault("library", fault, logger=record.name)
        else:
            log("library", level=level, logger=record.name, said=record.getMessage())


def _moment(_logger: Any, name: str, event: Any) -> Any:
    return {"moment": stamp(now()), "level": name, "event": event.pop("event"), **event}


def _json(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()
