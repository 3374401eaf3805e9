"""Connections that do not wait for ever: headers have a deadline and a size.

What is left of a body that was answered early has a deadline too.

The server's own protocol waits without end for the headers of the first request of a
connection, and keeps whatever comes; a few thousand idle clients would hold it.
"""

from asyncio import TimerHandle, Transport
from collections.abc import Callable
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.settings import Settings

SLOW = b"HTTP/1.1 408 Request Timeout\r\n"
LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
END = b"content-length: 0\r\nconnection: close\r\n\r\n"


class Connection(HttpToolsProtocol):
    """HTTP/1.1 with a deadline and a size for headers.

    Parameters
    ----------
    header_seconds : float
        Longest time from the connection, or from the first byte of a later request, to the
        end of its headers, and from an early answer to the end of the body [s].
    max_header_bytes : int
        Most bytes until the end of the headers [byte].
    **more
        As the server gives them.
    """

    def __init__(self, header_seconds: float, max_header_bytes: int, **more: Any) -> None:
        super().__init__(**more)
        self._patience, self._most = header_seconds, max_header_bytes
        self._in_head, self._head_bytes = True, 0
        self._deadline: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin to wait for headers."""
        super().connection_made(transport)
        self._await_head()

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of the headers of a request."""
        super().on_message_begin()
        if self._deadline is None:
            self._await_head()

    def on_headers_complete(self) -> None:
        """Wait no more."""
        self._in_head = False
        self._stop_waiting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait for the rest of a body no more."""
        self._stop_waiting()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait no longer for the rest of a body than for headers, once it is answered."""
        super().on_response_complete()
        if self.cycle.more_body and self._deadline is None:
            self._deadline = self.loop.call_later(self._patience, self.transport.close)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the headers are too large."""
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > self._most:
                self._refuse(LARGE)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._in_head, self._head_bytes = True, 0
        self._deadline = self.loop.call_later(self._patience, self._refuse, SLOW)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: bytes) -> None:
        """Close; an answer that is under way to an earlier request is not broken into."""
        self._stop_waiting()
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(status + END)
        self.transport.close()


def connection_of(settings: Settings) -> Callable[..., Connection]:
    """Return what the server takes as ``http``.

    Parameters
    ----------
    settings : Settings
        With deadline and size of headers.

    Returns
    -------
    callable
        Makes a connection; can be handed to worker processes.
    """
    return partial(
        Connection, header_seconds=settings.header_seconds,
        max_header_bytes=settings.max_header_bytes,
    )  # fmt: skip
