"""How the client speaks HTTP: a kept connection, retries that are safe, problems as exceptions.

Of the standard library alone, so that an institution can copy this folder into its own system
as it stands.
"""

import json
import selectors
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

AGAIN = frozenset({429, 503})
"""Statuses of requests that were not taken on: with Retry-After they may be sent again."""
SAFE = frozenset({"GET", "PUT", "DELETE"})
"""Methods that may be sent again when a connection broke (RFC 9110, 9.2.2)."""
LONGEST_PAUSE = 60.0


class ServiceProblem(Exception):
    """An answer that is a problem (RFC 9457).

    Parameters
    ----------
    status : int
        HTTP status.
    content : mapping
        ``type``, ``title``, ``detail``, ``errors``, ``trace_id``, as far as they were sent.

    Attributes
    ----------
    status : int
        HTTP status.
    code : str
        Kind of problem, the last part of its type.
    title, detail : str
        What is wrong and what to do, in the client's language.
    errors : list of dict
        Every fault with the path of its field.
    trace_id : str
        What to tell the operator.
    """

    def __init__(self, status: int, content: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(content.get("type", "")).rpartition(":")[2]
        self.title, self.detail = str(content.get("title", "")), str(content.get("detail", ""))
        self.errors: list[dict[str, Any]] = list(content.get("errors") or ())
        self.trace_id = str(content.get("trace_id", ""))
        super().__init__(f"{status} {self.code}: {self.title} {self.detail} [{self.trace_id}]")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is no problem.

    Parameters
    ----------
    status : int
        HTTP status.
    headers : mapping of str to str
        By name in lower case.
    body : bytes
        What came.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        """JSON as plain data, anything else as bytes; None where there is no body."""
        if "json" in self.headers.get("content-type", ""):
            return json.loads(self.body)
        return self.body or None


class Transport:
    """A caller of the service; threads may share it, each has a connection of its own.

    Parameters
    ----------
    base_url : str
        Where the service is, such as ``https://risk.example``.
    key : str
        API key.
    language : {"zh", "en"}
        Language of titles and problems.
    tries : int
        How often a request is sent at most.
    timeout_seconds : float
        Longest wait for an answer [s].
    """

    def __init__(
        self, base_url: str, key: str, language: str = "zh", tries: int = 5,
        timeout_seconds: float = 60.0,
    ) -> None:  # fmt: skip
        where = urlsplit(base_url)
        if where.scheme not in ("http", "https") or not where.netloc:
            raise ValueError("base_url names http:// or https:// and a host")
        self._secure, self._host = where.scheme == "https", where.netloc
        self._prefix, self._tries, self._timeout = where.path.rstrip("/"), tries, timeout_seconds
        self._headers = {"X-API-Key": key, "Accept-Language": language}
        self._own = threading.local()

    def __repr__(self) -> str:
        """Where it calls; never its key."""
        return f"{type(self).__name__}({self._host!r})"

    def send(
        self, method: str, path: str, places: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None, headers: Mapping[str, str | None] | None = None,
        body: Any = None, form: str = "application/json",
    ) -> Answer:  # fmt: skip
        """Send a request, again where that is safe.

        Parameters
        ----------
        method, path : str
            Method, and path with ``{places}``.
        places : mapping of str to str or None
            What stands in the places of the path.
        query, headers : mapping or None
            What of them is None is not sent.
        body : object
            Plain data, or bytes where ``form`` is not JSON.
        form : str
            Media type of the body.

        Returns
        -------
        Answer
            Of status 200 to 399.

        Raises
        ------
        ServiceProblem
            If the service answers with a problem.
        ConnectionError
            If it cannot be reached.
        """
        cells = {name: quote(str(cell), safe="/") for name, cell in (places or {}).items()}
        target = self._prefix + path.format(**cells)
        given = {name: _text(cell) for name, cell in (query or {}).items() if cell is not None}
        target += "?" + urlencode(given) if given else ""
        sent = {**self._headers, **{n: c for n, c in (headers or {}).items() if c is not None}}
        raw = None
        if body is not None:
            sent["Content-Type"] = form
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._until_taken(method, target, raw, sent)

    def _until_taken(
        self, method: str, target: str, raw: bytes | None, headers: dict[str, str]
    ) -> Answer:
        """Send until it is taken on, or tried often enough."""
        repeatable = method in SAFE or "Idempotency-Key" in headers
        for left in reversed(range(self._tries)):
            try:
                answer = self._once(method, target, raw, headers)
            except (OSError, HTTPException) as fault:
                self._drop()
                if not repeatable or not left:
                    raise ConnectionError(f"no answer from {self._host}") from fault
                time.sleep(0.2)
                continue
            pause = answer.headers.get("retry-after", "")
            if answer.status not in AGAIN or not pause.isdigit() or not left:
                break
            time.sleep(min(float(pause), LONGEST_PAUSE))
        if answer.status >= 400:
            raise ServiceProblem(answer.status, _problem(answer))
        return answer

    def _once(self, method: str, target: str, raw: bytes | None, headers: dict[str, str]) -> Answer:
        connection: HTTPConnection | None = getattr(self._own, "connection", None)
        if connection is not None and _ended(connection):
            self._drop()
            connection = None
        if connection is None:
            connection = self._own.connection = self._opened()
        connection.request(method, target, raw, headers)
        got: HTTPResponse = connection.getresponse()
        body = got.read()
        return Answer(got.status, {name.lower(): cell for name, cell in got.getheaders()}, body)

    def _opened(self) -> HTTPConnection:
        if self._secure:
            context = ssl.create_default_context()
            return HTTPSConnection(self._host, timeout=self._timeout, context=context)
        return HTTPConnection(self._host, timeout=self._timeout)

    def _drop(self) -> None:
        connection: HTTPConnection | None = getattr(self._own, "connection", None)
        if connection is not None:
            connection.close()
        self._own.connection = None

    def close(self) -> None:
        """Close the connection of this thread."""
        self._drop()

    def pages(
        self, page: Callable[[str | None], Any], items: str
    ) -> Iterator[Any]:  # fmt: skip
        """Yield what a list holds, page after page.

        Parameters
        ----------
        page : callable
            From the cursor, None for the first, to a page.
        items : str
            What the page calls its items.

        Yields
        ------
        object
            Items in the order of the list.
        """
        cursor = None
        while True:
            found = page(cursor)
            yield from found[items]
            cursor = found.get("next")
            if cursor is None:
                return


def _ended(connection: HTTPConnection) -> bool:
    """Whether the other side has closed a kept connection, or said what nobody asked for.

    Between two requests nothing may arrive: what can be read is the end of the connection.
    Nothing was sent yet, so that any request may go over a new one.
    """
    if connection.sock is None:
        return False  # the last answer closed it: the next request opens it anew
    with selectors.DefaultSelector() as waiting:  # select() takes no descriptor above 1023
        waiting.register(connection.sock, selectors.EVENT_READ)
        return bool(waiting.select(0))


def _text(cell: Any) -> str:
    """A cell of a query."""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _problem(answer: Answer) -> Mapping[str, Any]:
    """What a problem says; little where something else than the service answered."""
    try:
        found = json.loads(answer.body)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"title": answer.body[:200].decode("latin-1")}
