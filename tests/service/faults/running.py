"""The real service as an engine of containers would keep it: started again whenever it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import orjson
import psutil

from service.auth.caller import Role
from service.auth.keybook import Order, enter_tenant, issue
from service.auth.sealing import secrets_of
from service.clock import now
from service.settings import Settings
from service.store.database import open_database, writing
from service.store.migrate import migrate

ROOT = Path(__file__).parents[3]
PATIENCE = 300.0
"""Longest wait for a process that may have to compile [s]."""
AGAIN_SECONDS = 0.2
"""How soon a service that ended is started again [s]."""


def free_port() -> int:
    """A port that nobody holds now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def until(
    what: Callable[[], Any], seconds: float = PATIENCE, told: Any = "", pause: float = 0.03
) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, told() if callable(told) else told
        time.sleep(pause)


class Service:
    """``python -m service``, kept running.

    Parameters
    ----------
    settings : Settings
        Data, database, workers; given on by the environment.
    log : Path
        What it prints.
    wrapper : tuple of str
        Command that runs the service, where it does not run as it is.
    """

    def __init__(
        self, settings: Settings, log: Path, wrapper: tuple[str, ...] = (), **environment: str
    ) -> None:  # fmt: skip
        self.settings, self.log, self.wrapper = settings, log, wrapper
        self.environment = {**os.environ, **environment_of(settings), **environment}
        self.starts, self.codes, self.keep = 0, list[int](), True
        self._stream = log.open("ab")
        self.process = self._start()
        self._keeper = threading.Thread(target=self._keep_on, daemon=True)
        self._keeper.start()

    def _start(self) -> subprocess.Popen[bytes]:
        self.starts += 1
        return subprocess.Popen(
            [*self.wrapper, sys.executable, "-m", "service"], cwd=ROOT, env=self.environment,
            stdin=subprocess.DEVNULL, stdout=self._stream, stderr=self._stream,
        )  # fmt: skip

    def _keep_on(self) -> None:
        while self.keep:
            code = self.process.poll()
            if code is None:
                time.sleep(0.02)
                continue
            self.codes.append(code)
            time.sleep(AGAIN_SECONDS)
            if self.keep:
                self.process = self._start()

    def ask(
        self, method: str, path: str, body: bytes | None = None, seconds: float = 30.0,
        **headers: str,
    ) -> tuple[int, dict[str, str], bytes]:  # fmt: skip
        """One request on a connection of its own; status 0 if there is no answer."""
        connection = HTTPConnection("127.0.0.1", self.settings.port, timeout=seconds)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, {"Content-Type": "application/json", **given})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        except (OSError, HTTPException):
            return 0, {}, b""
        finally:
            connection.close()

    def ready(self) -> bool:
        """Whether some process answers that it is ready."""
        return self.ask("GET", "/ready", seconds=5.0)[0] == 200

    def lines(self) -> list[str]:
        """What was printed."""
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()

    def events(self, name: str) -> list[dict[str, Any]]:
        """Log lines of an event."""
        told = [orjson.loads(line) for line in self.lines() if line.startswith("{")]
        return [one for one in told if one.get("event") == name]

    def wait_ready(self) -> None:
        """Wait until it serves."""
        until(self.ready, pause=0.25, told=lambda: "\n".join(self.lines()[-20:]))

    def pids(self, role: str) -> list[int]:
        """Processes of a role: ``web`` or ``worker``."""
        found = []
        for process in _children(self.process.pid, False):
            try:
                words = process.cmdline()
            except psutil.Error:
                continue
            if words[1:4] == ["-m", "service", role]:
                found.append(process.pid)
        return found

    def kill_all(self) -> None:
        """Kill the parent and everything that it started, as the end of a container does."""
        family = _children(self.process.pid, True)
        self.process.kill()
        for one in family:
            kill(one.pid)

    def stop(self) -> int:
        """Stop in order; return the exit code."""
        self.keep = False
        self._keeper.join(10.0)
        self.process.terminate()
        try:
            return self.process.wait(60.0)
        finally:
            self.end()

    def end(self) -> None:
        """End whatever still runs."""
        self.keep = False
        self._keeper.join(10.0)
        if self.process.poll() is None:
            self.kill_all()
        self.process.wait(20.0)
        for one in psutil.process_iter():  # those whose parent was killed
            try:
                mine = one.environ().get("RISKENGINE_DATA") == str(self.settings.data)
            except psutil.Error:
                continue
            if mine and one.pid != os.getpid():
                kill(one.pid)
        self._stream.close()


def _children(pid: int, deep: bool) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=deep)
    except psutil.Error:
        return []


def kill(pid: int, number: int = signal.SIGKILL) -> bool:
    """Send a signal; whether there was somebody to send it to."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def environment_of(settings: Settings) -> dict[str, str]:
    """What a process of these settings is started with."""
    found = {}
    for name in settings.model_fields_set:
        value = getattr(settings, name)
        if value is None:
            continue
        plain = value.get_secret_value() if hasattr(value, "get_secret_value") else value
        found[f"RISKENGINE_{name.upper()}"] = (
            str(plain).lower() if plain in (True, False) else str(plain)
        )
    return {"RISKENGINE_CACHE": "1", **found}


def enter(settings: Settings, names: tuple[str, ...]) -> dict[str, str]:
    """Make the store and its tenants; return a key of each."""
    engine = open_database(settings)
    try:
        migrate(engine)
        secrets, order, keys = secrets_of(settings), Order("test", Role.ADMIN), {}
        with writing(engine) as connection:
            for name in names:
                enter_tenant(connection, name, name, "tests", now())
                keys[name] = issue(connection, secrets, name, order, "tests", now())
        return keys
    finally:
        engine.dispose()


@contextmanager
def serving(
    settings: Settings, log: Path, wrapper: tuple[str, ...] = (), **environment: str
) -> Iterator[Service]:
    """A service that is ready; it is ended whatever happens."""
    service = Service(settings, log, wrapper, **environment)
    try:
        service.wait_ready()
        yield service
    finally:
        service.end()


def traces(service: Service) -> list[str]:
    """Lines of the log that show an error which nobody foresaw."""
    return [line for line in service.lines() if re.search(r"Traceback|unhandled error", line)]
