"""Real processes: start, a worker's death, a rolling restart, an ordered stop, under load."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import uvicorn

from service.auth.caller import Role
from service.examples import applications
from service.serving.serve import (
    MOST_UNASKED,
    children_of,
    demo_key,
    environment_of,
    listen,
    missing,
    processes_of,
)
from service.serving.web import MOST_DESCRIPTORS, Web
from service.settings import Settings
from service.sources import UNUSABLE

ROOT = Path(__file__).parents[3]
BODY = json.dumps(next(iter(applications().values())))
FEW = ("sh", "-c", 'ulimit -Sn 1024 && exec "$@"', "sh")
"""Descriptors as most systems give them to a program that does not ask for more."""
PATIENCE = 120.0
"""Longest wait for a process that may have to compile [s]."""


def free_port() -> int:
    """A port that nobody holds now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Server:
    """``python -m service`` with its output."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = free_port()
        names = {f"RISKENGINE_{name.upper()}": value for name, value in settings.items()}
        self.environment = {
            **os.environ, "RISKENGINE_PORT": str(self.port), "RISKENGINE_CACHE": "1",
            "RISKENGINE_DATA": str(folder / "data"), "RISKENGINE_WORKERS": "1",
            "RISKENGINE_JOB_WORKERS": "0", **names,
        }  # fmt: skip
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [*FEW, sys.executable, "-m", "service"], cwd=ROOT, env=self.environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        )  # fmt: skip
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def ask(
        self, method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """One request on a connection of its own; status 0 if there is no answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            given = {"Content-Type": "application/json", **headers}
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        except (OSError, HTTPException):
            return 0, {}, b""
        finally:
            connection.close()

    def ready(self) -> int:
        """Status of /ready."""
        return self.ask("GET", "/ready")[0]

    def score(self, key: str, idempotency_key: str) -> tuple[int, dict[str, str], bytes]:
        """Score the example."""
        headers = {"X-API-Key": key, "Idempotency-Key": idempotency_key}
        return self.ask("POST", "/v1/scores", BODY, **headers)

    def events(self, name: str) -> list[dict[str, Any]]:
        """Log lines of an event."""
        found = [json.loads(line) for line in list(self.lines) if line.startswith("{")]
        return [one for one in found if one["event"] == name]

    def until(self, what: Any) -> None:
        """Wait until something holds."""
        end = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < end, self.lines[-20:]
            assert self.process.poll() is None, self.lines[-20:]
            time.sleep(0.05)

    def web(self) -> int:
        """Process that answers now."""
        return int(self.events("process_ready")[-1].get("pid") or self._newest())

    def _newest(self) -> int:
        return int(self.events("process_started")[-1]["pid"])

    def end(self) -> None:
        """End whatever still runs."""
        family = [psutil.Process(self.process.pid)] if self.process.poll() is None else []
        family += [child for one in family for child in one.children(recursive=True)]
        for one in family:
            one.kill()
        self.process.wait(20)
        self.reader.join(20)
        assert self.process.stdout is not None
        self.process.stdout.close()


class Load:
    """Clients that score again and again, each request on a connection of its own."""

    def __init__(self, server: Server, key: str, clients: int = 2) -> None:
        self.server, self.key = server, key
        self.ended, self.found = threading.Event(), list[tuple[float, int]]()
        self.refused: list[bytes] = []
        self.threads = [threading.Thread(target=self._run, args=(k,)) for k in range(clients)]

    def _run(self, k: int) -> None:
        number = 0
        while not self.ended.is_set():
            began = time.monotonic()
            status, _, body = self.server.score(self.key, f"load-{id(self)}-{k}-{number}")
            self.found.append((began, status))
            self.refused += [body] if status != 200 else []
            number += 1
            time.sleep(0.1)  # the process that is to take over needs the processor too

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("serve"), drain_seconds="0.5")
    try:
        made.until(lambda: made.ask("GET", "/health")[0] == 200)
        yield made
    finally:
        made.end()


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    """The key that the embedded service prints when it is ready."""
    server.until(lambda: any("rk_" in line for line in server.lines))
    found = re.search(r"rk_\S+", next(line for line in server.lines if "rk_" in line))
    assert found is not None
    return found[0]


def test_it_is_up_before_it_is_ready_and_ready_once_warm(server: Server, key: str) -> None:
    assert server.events("warm")
    assert server.ready() == 200
    started = next(k for k, line in enumerate(server.lines) if '"event":"warm"' in line)
    told = next(k for k, line in enumerate(server.lines) if "/docs" in line)
    assert started < told


def test_a_process_takes_more_descriptors_than_it_is_given(server: Server, key: str) -> None:
    soft, hard = psutil.Process(server.web()).rlimit(psutil.RLIMIT_NOFILE)
    assert soft == (min(hard, MOST_DESCRIPTORS) if hard > 0 else MOST_DESCRIPTORS)


def test_the_line_that_it_prints_runs(server: Server, key: str) -> None:
    line = next(line for line in server.lines if "curl" in line)
    command = line[line.index(sys.executable) :].strip()
    done = subprocess.run(
        command, shell=True, cwd=ROOT, capture_output=True, check=True, timeout=60
    )
    assert json.loads(done.stdout)["decision"] in {"accept", "refer", "decline"}


def test_log_lines_are_json_and_tell_who_what_and_how_long(server: Server, key: str) -> None:
    status, headers, _ = server.score(key, "log-1")
    assert status == 200
    server.until(
        lambda: any(one["trace_id"] == headers["x-trace-id"] for one in server.events("request"))
    )
    line = next(o for o in server.events("request") if o["trace_id"] == headers["x-trace-id"])
    assert (line["tenant"], line["route"], line["status"]) == ("demo", "/v1/scores", 200)
    assert line["milliseconds"] > 0.0
    assert line["bytes"] > 1000
    assert line["key_id"]
    server.ask("GET", "/v1/models/%3Fsecret=1?secret=2", **{"X-API-Key": key})
    server.ask("GET", "/nowhere/secret")
    time.sleep(0.2)
    told = [one for one in server.lines if one.startswith("{")]
    assert not any("secret" in one or key in one or "640221" in one for one in told)
    assert any('"route":"unmatched"' in one for one in told)


def test_a_worker_that_is_killed_is_replaced_and_answers_again(server: Server, key: str) -> None:
    status, _, body = server.score(key, "kept-1")
    assert status == 200
    before = server._newest()
    os.kill(before, signal.SIGKILL)
    server.until(lambda: server._newest() != before and server.ready() == 200)
    status, headers, again = server.score(key, "kept-1")
    assert (status, again) == (200, body)
    assert headers["idempotency-replayed"] == "true"


def test_a_rolling_restart_drops_no_request(server: Server, key: str) -> None:
    before = server._newest()
    with Load(server, key) as load:
        server.process.send_signal(signal.SIGHUP)
        server.until(lambda: server._newest() != before)
        server.until(lambda: not psutil.pid_exists(before))
        time.sleep(0.3)
    assert load.refused == []
    assert len(load.found) > 5


def test_an_ordered_stop_answers_what_was_asked(server: Server, key: str) -> None:
    children = psutil.Process(server.process.pid).children(recursive=True)
    with Load(server, key) as load:
        time.sleep(0.5)
        told = time.monotonic()
        server.process.terminate()
        time.sleep(0.2)
        status, headers, _ = server.ask("GET", "/ready")
        assert (status, headers["connection"]) == (503, "close")
        assert server.ask("GET", "/health")[0] == 200
        load.ended.set()
        server.process.wait(30)
    assert server.process.returncode == 0
    assert {status for began, status in load.found if began < told + 0.3} == {200}
    assert not any(child.is_running() for child in children)
    assert server.events("closed")
    assert json.loads(server.lines[-1])["event"] == "stopped"


def test_a_batch_that_hangs_is_looked_for_with_every_pulse(tmp_path: Path) -> None:
    looked: list[float] = []
    lane = SimpleNamespace(alive=True, rescue=lambda: looked.append(time.monotonic()))
    state = SimpleNamespace(ready=SimpleNamespace(lane=lane), failed=None, draining=False)
    app: Any = SimpleNamespace(state=state)
    web = Web(app, uvicorn.Config(app), Settings(data=tmp_path), pulse=-1)
    web.said_ready, web.next_sweep = True, float("inf")
    for _ in range(3):
        asyncio.run(web.on_tick(1))
    assert len(looked) == 1
    web.next_beat = 0.0
    asyncio.run(web.on_tick(1))
    assert len(looked) == 2


def test_what_is_missing_is_told_in_both_languages(tmp_path: Path) -> None:
    exposed = missing(Settings(host="0.0.0.0", data=tmp_path))
    assert "RISKENGINE_SECRET" in exposed[0][0].en
    assert "RISKENGINE_SECRET" in exposed[0][0].zh
    assert missing(Settings(database_url="postgresql+psycopg://db/x", data=tmp_path))
    assert not missing(Settings(host="0.0.0.0", secret="s" * 32, data=tmp_path))
    assert not missing(Settings(data=tmp_path, host="localhost"))
    (tmp_path / "file").touch()
    assert "file" in missing(Settings(data=tmp_path / "file"))[0][0].zh


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        told = listen(Settings(port=port, data=tmp_path))
        assert isinstance(told, tuple)
        assert str(port) in told[0].en
        environment = {**os.environ, "RISKENGINE_PORT": str(port), "RISKENGINE_DATA": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-m", "service"], cwd=ROOT, env=environment, capture_output=True,
            text=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == UNUSABLE
    assert "Traceback" not in done.stderr
    assert "占用" in done.stderr


def test_a_process_a_core_where_nobody_says_how_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 1 <= processes_of(Settings()) <= MOST_UNASKED
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")  # as in a container of one core
    assert processes_of(Settings()) == 1
    assert processes_of(Settings(workers=7)) == 7
    assert environment_of(Settings(), 3, tmp_path)["RISKENGINE_WORKERS"] == "3"
    names = [child.name for child in children_of(Settings(job_workers=1), ("web-1", "web-2"), 5)]
    assert names == ["web-1", "web-2", "jobs-1"]


def test_the_demonstration_key_lapses_in_a_day(tmp_path: Path) -> None:
    from datetime import timedelta

    from service.auth.keys import caller_of
    from service.auth.sealing import secrets_of
    from service.clock import now
    from service.store.database import open_database, reading
    from service.store.migrate import migrate

    settings = Settings(data=tmp_path)
    engine = open_database(settings)
    migrate(engine)
    made = [demo_key(settings), demo_key(settings)]
    pepper = secrets_of(settings).pepper
    with reading(engine) as connection:
        for one in made:
            caller = caller_of(connection, pepper, one, now())
            assert caller is not None
            assert caller.role is Role.ADMIN
            assert caller_of(connection, pepper, one, now() + timedelta(hours=25)) is None
    engine.dispose()
