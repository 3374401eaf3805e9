"""A stop under a load of new connections: whole answers or refusals, never a broken one."""

import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.service.operation.test_serve import Server

ASKED = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def outcome(port: int) -> str:
    """What becomes of one new connection."""
    with socket.socket() as one:
        one.settimeout(20.0)
        try:
            one.connect(("127.0.0.1", port))
        except ConnectionRefusedError:
            return "refused"
        answer = b""
        try:
            one.sendall(ASKED)
            while part := one.recv(65_536):
                answer += part
        except ConnectionError:
            return "reset"
        return "whole" if answer.startswith(b"HTTP/1.1 200") and b'"up"' in answer else "broken"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path, drain_seconds="0.3", workers="2", job_workers="1")
    try:
        made.until(lambda: len(made.events("process_ready")) == 3)
        yield made
    finally:
        made.end()


def test_a_hang_up_replaces_all_and_a_stop_breaks_no_connection(server: Server) -> None:
    before = {one["process"]: one["pid"] for one in server.events("process_started")}
    assert set(before) == {"web-1", "web-2", "jobs-1"}
    server.process.send_signal(signal.SIGHUP)
    server.until(lambda: len(server.events("process_ready")) == 6)
    server.until(lambda: not any(map(psutil.pid_exists, before.values())))
    assert server.events("process_ended") == []

    found, over = list[str](), threading.Event()

    def ask() -> None:
        while not over.is_set():
            found.append(outcome(server.port))
            time.sleep(0.005)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    server.process.terminate()
    server.process.wait(60)
    time.sleep(0.2)
    over.set()
    for thread in threads:
        thread.join()
    counts = Counter(found)
    assert set(counts) == {"whole", "refused"}, counts
    assert server.process.returncode == 0
    for path in Path(server.environment["RISKENGINE_DATA"]).rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
