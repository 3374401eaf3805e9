"""The typed client: what is committed is what the document gives, and how it bears failures."""

import json
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from service.app import create_app
from service.client import Client, ServiceProblem
from service.contract.cli import CLIENT
from service.contract.document import each
from service.contract.generate import client_files, operations_source
from service.settings import Settings

DOCUMENT = create_app(Settings()).openapi()
PROBLEM = {
    "type": "urn:riskengine:problem:busy", "title": "busy", "status": 503, "detail": "later",
    "trace_id": "f" * 32, "errors": [],
}  # fmt: skip


def test_the_committed_client_is_the_documents() -> None:
    """Renew it by: python -m service client."""
    for path, text in client_files(DOCUMENT, CLIENT).items():
        assert path.read_text(encoding="utf-8") == text, path.name


def test_every_operation_is_a_method_and_none_is_new() -> None:
    names = {one["operationId"] for _, one in each(DOCUMENT)}
    assert all(callable(getattr(Client, name)) for name in names)
    assert operations_source(DOCUMENT).count("self.send(") == len(names)


def test_the_client_is_typed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir=build/mypy", str(CLIENT)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_client_needs_the_standard_library_alone() -> None:
    code = (
        "import sys; import service.client; "
        "print([m for m in sys.modules if m.split('.')[0] in ('pydantic', 'fastapi', 'riskengine')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


class Scripted(ThreadingHTTPServer):
    """Answers what it is told, one after the other, and notes what came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[tuple[int, dict[str, str], Any]] = []
        self.came: list[tuple[str, dict[str, str], bytes]] = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Scripted

    def answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        given = {name.lower(): cell for name, cell in self.headers.items()}
        self.server.came.append((f"{self.command} {self.path}", given, self.rfile.read(size)))
        status, headers, content = self.server.script.pop(0)
        if status == 0:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        kind = "application/problem+json" if status >= 400 else "application/json"
        for name, cell in {
            "Content-Type": kind,
            **headers,
            "Content-Length": str(len(body)),
        }.items():
            self.send_header(name, cell)
        self.end_headers()
        self.wfile.write(body)
        if "X-Then" in headers:  # as a server does that was idle for long: no word of it before
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    server = Scripted()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client(scripted: Scripted) -> Iterator[Client]:
    one = Client(f"http://127.0.0.1:{scripted.server_port}/", "rk_secret", language="en")
    yield one
    one.close()


def test_a_busy_service_is_asked_again_with_the_same_key(
    scripted: Scripted, client: Client
) -> None:
    scripted.script = [(503, {"Retry-After": "0"}, PROBLEM), (200, {}, {"decision": "accept"})]
    assert client.score({"application_no": "A-1"})["decision"] == "accept"  # type: ignore[typeddict-item]
    first, second = scripted.came
    assert first[1]["idempotency-key"] == second[1]["idempotency-key"]
    assert len(first[1]["idempotency-key"]) == 32
    assert (first[1]["x-api-key"], first[1]["accept-language"]) == ("rk_secret", "en")
    assert first[2] == second[2] == b'{"application_no": "A-1"}'


def test_a_broken_connection_is_tried_again_only_where_that_is_safe(
    scripted: Scripted, client: Client
) -> None:
    scripted.script = [(0, {}, b""), (200, {}, {"status": "up"}), (0, {}, b"")]
    assert client.health()["status"] == "up"
    with pytest.raises(ConnectionError):
        client.make_key({"title": "core", "role": "lender"})
    assert len(scripted.came) == 3


def test_a_connection_that_ended_meanwhile_is_opened_anew(
    scripted: Scripted, client: Client
) -> None:
    made = {"key": "rk", "about": {}}
    scripted.script = [(200, {"X-Then": "close"}, {"status": "up"}), (201, {}, made)]
    assert client.health()["status"] == "up"
    connection = client._own.connection
    assert select.select([connection.sock], [], [], 5.0)[0], "the other side has not closed"
    assert client.make_key({"title": "core", "role": "lender"}) == made
    assert len(scripted.came) == 2
    assert client._own.connection is not connection


def test_a_kept_connection_is_used_again(scripted: Scripted, client: Client) -> None:
    scripted.script = [(200, {}, {"status": "up"})] * 2
    client.health()
    connection = client._own.connection
    client.health()
    assert client._own.connection is connection


def test_a_problem_is_an_exception_that_says_what_to_do(scripted: Scripted, client: Client) -> None:
    errors = [{"path": "/body/loan", "code": "missing"}]
    scripted.script = [(422, {}, {**PROBLEM, "status": 422, "errors": errors})]
    with pytest.raises(ServiceProblem) as caught:
        client.score({})  # type: ignore[typeddict-item]
    fault = caught.value
    assert (fault.status, fault.code, fault.errors) == (422, "busy", errors)
    assert fault.trace_id in str(fault)
    assert "rk_secret" not in repr(client) + str(fault)


def test_what_is_no_problem_of_the_service_is_told_too(scripted: Scripted, client: Client) -> None:
    scripted.script = [(502, {}, b"<html>bad gateway")]
    with pytest.raises(ServiceProblem, match="bad gateway"):
        client.health()


def test_pages_follow_each_other(scripted: Scripted, client: Client) -> None:
    scripted.script = [
        (200, {}, {"items": [{"decision_id": "d-1"}], "next": "x y"}),
        (200, {}, {"items": [{"decision_id": "d-2"}], "next": None}),
    ]
    found = [one["decision_id"] for one in client.each_of_list_decisions(reviewed=False)]
    assert found == ["d-1", "d-2"]
    targets = [target for target, _, _ in scripted.came]
    assert targets == [
        "GET /v1/decisions?reviewed=false", "GET /v1/decisions?reviewed=false&cursor=x+y",
    ] or set(targets[1].split("?")[1].split("&")) == {"reviewed=false", "cursor=x+y"}  # fmt: skip


def test_a_job_is_waited_for(scripted: Scripted, client: Client) -> None:
    scripted.script = [(200, {}, {"state": state}) for state in ("queued", "running", "done")]
    assert client.wait_for_job("j-1", pause_seconds=0.0)["state"] == "done"
    scripted.script = [(200, {}, {"state": "running"})]
    with pytest.raises(TimeoutError):
        client.wait_for_job("j-1", most_seconds=0.0)


def test_files_come_as_bytes_and_places_are_quoted(scripted: Scripted, client: Client) -> None:
    kind = {"Content-Type": "application/vnd.apache.parquet"}
    scripted.script = [(206, kind, b"PAR1")]
    assert client.fetch_result("j-1", "results/land/part 0.parquet", range_="bytes=0-3") == b"PAR1"
    target, headers, _ = scripted.came[0]
    assert target == "GET /v1/jobs/j-1/results/results/land/part%200.parquet"
    assert headers["range"] == "bytes=0-3"


@pytest.mark.parametrize("wrong", ["risk.example", "ftp://risk.example", "http://"])
def test_an_address_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        Client(wrong, "rk_secret")
