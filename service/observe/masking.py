"""Masking of what may identify a person in log lines."""

from collections.abc import MutableMapping
from typing import Any


def mask(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Return a log event as a structlog processor does; what it masks is decided here.

    Parameters
    ----------
    event : mutable mapping
        The event.

    Returns
    -------
    mutable mapping
        The event.
    """
    return event
