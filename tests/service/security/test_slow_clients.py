"""Slow and crooked clients on raw sockets against the real server; others are served."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
import uvicorn

from service.app import create_app
from service.auth.caller import Role
from service.auth.keybook import Order, enter_tenant, issue
from service.clock import now
from service.serving.connection import connection_of
from service.settings import Settings
from service.store.database import writing

PATIENCE = 0.5


class Server:
    """The service behind its own connections, in a thread."""

    def __init__(self, folder: Path) -> None:
        settings = Settings(
            data=folder, header_seconds=PATIENCE, body_seconds=PATIENCE,
            min_body_bytes_per_second=1_000_000, max_header_bytes=8192,
        )  # fmt: skip
        self.app = create_app(settings)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        config = uvicorn.Config(
            self.app, http=connection_of(settings), log_level="critical", server_header=False,
        )  # fmt: skip
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],))
        self.thread.start()
        self.address = f"http://127.0.0.1:{self.port}"
        until = time.monotonic() + 60.0
        while self.status() != 200:
            assert time.monotonic() < until
            time.sleep(0.02)
        state = self.app.state.ready
        with writing(state.engine) as connection:
            enter_tenant(connection, "north", "north", "tests", now())
            order = Order("t", Role.ADMIN)
            self.key = issue(connection, state.secrets, "north", order, "tests", now())

    def status(self) -> int:
        try:
            return httpx.get(f"{self.address}/ready", timeout=5.0).status_code
        except httpx.HTTPError:
            return 0

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=5.0)

    def close(self) -> None:
        self.server.should_exit = True
        self.thread.join()
        self.socket.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    one = Server(tmp_path_factory.mktemp("server"))
    yield one
    one.close()


def spoken(one: socket.socket) -> bytes:
    """Everything until the server closes."""
    found = b""
    with contextlib.suppress(ConnectionError):
        while part := one.recv(65536):
            found += part
    return found


def dribbled(one: socket.socket, begun: bytes, drop: bytes, seconds: float) -> bytes:
    """Send a beginning, then a little again and again; what came back."""
    one.sendall(begun)
    until = time.monotonic() + seconds
    with contextlib.suppress(ConnectionError):
        while time.monotonic() < until:
            one.sendall(drop)
            time.sleep(0.05)
            one.settimeout(0.01)
            with contextlib.suppress(TimeoutError):
                if not (part := one.recv(65536)):
                    return b"closed"
                return part
    return b"closed" if time.monotonic() < until else b""


def test_slow_headers_are_not_waited_for(server: Server) -> None:
    begun = time.monotonic()
    with server.connect() as one:
        found = dribbled(one, b"GET /health HTTP/1.1\r\nHost: x\r\n", b"X-a: b\r\n", 3.0)
    assert found.startswith(b"HTTP/1.1 408")
    assert PATIENCE - 0.1 < time.monotonic() - begun < PATIENCE + 1.0


def test_a_connection_that_says_nothing_is_closed(server: Server) -> None:
    with server.connect() as one:
        assert spoken(one).startswith(b"HTTP/1.1 408")


def test_slow_headers_of_a_second_request(server: Server) -> None:
    with server.connect() as one:
        one.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert one.recv(65536).startswith(b"HTTP/1.1 200")
        found = dribbled(one, b"GET /health HTTP/1.1\r\n", b"X-a: b\r\n", 3.0)
    assert found.startswith(b"HTTP/1.1 408")


def test_headers_without_end(server: Server) -> None:
    with server.connect() as one:
        one.sendall(b"GET /health HTTP/1.1\r\nX-Big: ")
        with contextlib.suppress(ConnectionError):
            for _ in range(10):
                one.sendall(b"a" * 4096)
                time.sleep(0.01)
        assert spoken(one)[:12] in {b"HTTP/1.1 431", b""}
    assert server.status() == 200


def head(server: Server, *lines: str, path: str = "/v1/keys") -> bytes:
    """A request line and headers of a caller who may."""
    fixed = ("Host: x", f"X-API-Key: {server.key}", "Content-Type: application/json")
    return "\r\n".join((f"POST {path} HTTP/1.1", *fixed, *lines, "", "")).encode()


@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_slow_bodies_are_not_waited_for(server: Server, framing: str) -> None:
    drop = b"1\r\n \r\n" if "chunked" in framing else b" "
    begun = time.monotonic()
    with server.connect() as one:
        found = dribbled(one, head(server, framing), drop, 4.0)
    assert found.startswith(b"HTTP/1.1 408")
    assert b"connection: close" in found.lower()
    assert time.monotonic() - begun < PATIENCE + 1.5


def test_others_are_served_meanwhile(server: Server) -> None:
    slow = [server.connect() for _ in range(100)]
    for k, one in enumerate(slow):
        one.sendall(b"GET / HTTP/1.1\r\n" if k % 2 else head(server, "Content-Length: 9"))
    waits = []
    for _ in range(20):
        begun = time.monotonic()
        answer = httpx.get(f"{server.address}/v1/keys", headers={"X-API-Key": server.key})
        waits.append(time.monotonic() - begun)
        assert answer.status_code == 200
    assert sorted(waits)[10] < 0.25
    assert all(spoken(one).startswith(b"HTTP/1.1 408") for one in slow)
    for one in slow:
        one.close()


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 2", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 2"),
        ("Content-Length: 2", "Content-Length: 3"), ("Content-Length: 2", "Content-Length: 2"),
        ("Content-Length: +2",), ("Content-Length: -1",), ("Content-Length: 0x2",),
        ("Content-Length: 2, 2",), ("Content-Length: 1_0",), ("Content-Length: 99999999999999999999",),
        ("Transfer-Encoding: xchunked",), ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding: identity",), ("Transfer-Encoding: gzip, chunked",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding : chunked",), ("Transfer-Encoding:\x0bchunked",),
        (" Content-Length: 2",), ("Content-Length : 2",), ("X: a\nContent-Length: 2",),
        ("X: a\rb",), ("X: a\x00b",), ("Content-Encoding: gzip", "Content-Length: 2"),
    ],
)  # fmt: skip
def test_smuggling_shapes(server: Server, lines: tuple[str, ...]) -> None:
    with server.connect() as one:
        one.sendall(head(server, *lines) + b"0\r\n\r\n" + SMUGGLED)
        found = spoken(one)
    assert found == b"" or int(found[9:12]) in {400, 404, 408, 413, 415, 422}, found[:200]
    assert b"HTTP/1.1 404" not in found  # nothing answered to what was smuggled
    assert server.status() == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET /health\r\n\r\n",
        b"GET /health HTTP/9.9\r\n\r\n", b"\r\n" * 50 + b"\x00" * 50, b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET http://evil.example/health HTTP/1.1\r\nHost: x\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /health HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)  # fmt: skip
def test_crooked_requests(server: Server, sent: bytes) -> None:
    with server.connect() as one:
        one.sendall(sent)
        one.shutdown(socket.SHUT_WR)
        found = spoken(one)
    assert found == b"" or found[9:10] in b"24", found[:200]
    assert server.status() == 200


def test_a_body_that_was_refused_is_not_read_as_a_request(server: Server) -> None:
    for lines in (
        ("Content-Length: 99999999",),
        ("Content-Encoding: gzip", f"Content-Length: {len(SMUGGLED)}"),
    ):
        with server.connect() as one:
            one.sendall(head(server, *lines) + SMUGGLED)
            found = spoken(one)
        assert found.count(b"HTTP/1.1") == 1
        assert found[9:12] in {b"413", b"415"}


@contextlib.contextmanager
def shedding(server: Server) -> Iterator[None]:
    """A server that answers 503 before it has read a body."""
    held, server.app.state.ready = server.app.state.ready, None
    try:
        yield
    finally:
        server.app.state.ready = held


def test_whoever_is_shed_comes_back_over_the_same_connection(server: Server) -> None:
    with server.connect() as one:
        with shedding(server):
            one.sendall(head(server, "Content-Length: 40", path="/v1/scores"))
            refused = one.recv(65536)
        assert refused.startswith(b"HTTP/1.1 503")
        assert b"connection: close" not in refused.lower()
        assert b"\r\nretry-after: " in refused.lower()
        one.sendall(b" " * 40)
        time.sleep(1.4 * PATIENCE)  # the body is there: nobody waits for the rest of it
        one.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert spoken(one).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "lines",
    [("Content-Length: 99999",), ("Transfer-Encoding: chunked",),
     ("Content-Length: 40", "Expect: 100-continue")],
)  # fmt: skip
def test_a_large_or_endless_body_is_not_let_pass(server: Server, lines: tuple[str, ...]) -> None:
    with server.connect() as one:
        with shedding(server):
            one.sendall(head(server, *lines, path="/v1/scores"))
            found = spoken(one)
        assert found.startswith(b"HTTP/1.1 503")
        assert b"connection: close" in found.lower()


def test_the_rest_of_a_body_that_was_shed_is_not_waited_for(server: Server) -> None:
    with server.connect() as one:
        with shedding(server):
            begun = time.monotonic()
            found = dribbled(
                one, head(server, "Content-Length: 60000", path="/v1/scores"), b" ", 4.0
            )
            assert found.startswith(b"HTTP/1.1 503")
            while found not in (b"", b"closed"):
                found = dribbled(one, b" ", b" ", 4.0)
        assert found == b"closed"
        assert time.monotonic() - begun < PATIENCE + 1.5
