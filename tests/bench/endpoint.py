"""The scoring endpoint, authenticated and durably logged, against a bare FastAPI echo.

Both answer the same load generator on loopback.  First the service as it starts by itself, a
process a core, against the bare echo, which is one; then with as many processes each.  Every
request is another application under another idempotency key.
"""

import copy
import os
import resource
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import psutil

from service.auth.caller import Role
from service.auth.keys import make_key, make_tenant
from service.auth.sealing import secrets_of
from service.clock import now
from service.examples import applications
from service.settings import Settings
from service.store.database import open_database, writing
from tests.bench.load import Load, endless, load, request

ROOT = Path(__file__).parents[2]
BODIES = 3000
UNLIMITED = 60_000_000
"""Requests a minute."""


def free_port() -> int:
    """A port on loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def bodies(count: int) -> list[bytes]:
    """Applications that differ in sums, sizes and days."""
    examples = list(applications().values())
    made = []
    for k in range(count):
        one: dict[str, Any] = copy.deepcopy(examples[k % len(examples)])
        one["application_no"] = f"A-{k}"
        one["loan"]["balance_yuan"] = round(one["loan"]["balance_yuan"] * (0.6 + 0.8 * k / count))
        for right in one["rights"]:
            for size in ("area_mu", "certified_area_mu", "area_m2"):
                if size in right:
                    right[size] = round(right[size] * (1.0 + (k % 977) / 9770), 2)
        made.append(orjson.dumps(one))
    return made


@contextmanager
def started(command: list[str], port: int, path: str, env: dict[str, str]) -> Iterator[int]:
    """A server, from its first good answer to the end; its process id."""
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(port, path, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def _wait(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + 180.0
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the server is not ready")


@contextmanager
def service(folder: Path, workers: int = 1) -> Iterator[tuple[int, int, str]]:
    """The service on SQLite: port, process id, key."""
    port = free_port()
    env = {
        "RISKENGINE_DATA": str(folder), "RISKENGINE_PORT": str(port), "RISKENGINE_DEMO": "false",
        "RISKENGINE_WORKERS": str(workers), "RISKENGINE_JOB_WORKERS": "0",
    }  # fmt: skip
    command = [sys.executable, "-m", "service", "serve"]
    with started(command, port, "/ready", env) as pid:
        settings = Settings(data=folder)
        engine, secrets = open_database(settings), secrets_of(settings)
        with writing(engine) as connection:
            make_tenant(connection, "bench", "bench", now())
            key = make_key(
                connection, secrets.pepper, "bench", Role.LENDER, "bench", now(),
                requests_per_minute=UNLIMITED,
            )  # fmt: skip
        engine.dispose()
        yield port, pid, key


@contextmanager
def echo(answers: Path, processes: int = 1) -> Iterator[int]:
    """The bare echo: its port."""
    port = free_port()
    program = str(ROOT / "tests" / "bench" / "echo.py")
    command = [sys.executable, program, str(port), str(answers), str(processes)]
    with started(command, port, "/openapi.json", {"PYTHONPATH": str(ROOT)}):
        yield port


def requests(key: str, made: list[bytes]) -> Iterator[bytes]:
    """Scores under ever new idempotency keys, also from one load to the next."""
    begin = time.time_ns()

    def one(k: int) -> bytes:
        headers = {"x-api-key": key, "idempotency-key": f"{begin}-{k}"}
        return request("/v1/scores", headers, made[k % len(made)])

    return endless(one)


def memory(pid: int) -> float:
    """Resident memory of a process and its children [MiB]."""
    process = psutil.Process(pid)
    return sum(p.memory_info().rss for p in (process, *process.children(recursive=True))) / 2**20


def keep_answers(port: int, key: str, made: list[bytes], path: Path) -> None:
    """Keep real answers, for the echo."""
    answers = []
    for body in made:
        asked = urllib.request.Request(
            f"http://127.0.0.1:{port}/v1/scores", body,
            {"Content-Type": "application/json", "X-API-Key": key},
        )  # fmt: skip
        with urllib.request.urlopen(asked, timeout=60) as answer:
            answers.append(answer.read())
    path.write_bytes(b"[" + b",".join(answers) + b"]")


def bench_service(sustained_seconds: float = 300.0) -> list[tuple[str, str]]:
    """Requests a second and waits, side by side; five minutes at 80 %; overload."""
    made, cores = bodies(BODIES), os.cpu_count() or 1
    lines, capacity = [], 0.0
    with TemporaryDirectory() as temporary:
        answers = Path(temporary) / "answers.json"
        for processes, loads in ((cores, (16, 64, 256)), (1, (1, 16, 64, 256))):
            folder = Path(temporary) / str(processes)
            with service(folder, processes) as (port, pid, key):
                keep_answers(port, key, made[: len(applications())], answers)
                load(port, requests(key, made), 4.0, 64)
                for echoes in sorted({1, processes}):
                    with echo(answers, echoes) as bare:
                        load(bare, requests(key, made), 2.0, 64)
                        for connections in loads:
                            pairs = _pairs(port, bare, key, made, connections)
                            lines.append(_line(connections, processes, echoes, *pairs))
                if not capacity:
                    capacity = median(one.per_second for one in pairs[0])
                    lines += _sustained(port, pid, key, made, 0.8 * capacity, sustained_seconds)
                    lines += _overload(port, key, made, capacity)
    return lines


def _pairs(
    port: int, bare: int, key: str, made: list[bytes], connections: int
) -> tuple[list[Load], list[Load]]:
    """Loads of both servers, in turns."""
    ours, theirs = [], []
    for _ in range(3):
        theirs.append(load(bare, requests(key, made), 4.0, connections))
        ours.append(load(port, requests(key, made), 4.0, connections))
    return ours, theirs


def _line(
    connections: int, processes: int, echoes: int, ours: list[Load], theirs: list[Load]
) -> tuple[str, str]:
    """One row: requests a second and p99, ours and the echo's, and their ratios; medians."""
    figures = [
        tuple(median(of(one) for one in loads) for of in (
            lambda load: load.per_second, lambda load: load.wait(0.5), lambda load: load.wait(0.99)
        ))
        for loads in (ours, theirs)
    ]  # fmt: skip
    (good, half, slow), (bare, bare_half, bare_slow) = figures
    bad = sum(one.broken + one.answers - one.statuses[200] for one in (*ours, *theirs))
    title = (
        f"scores over HTTP, {connections} connections, processes {processes}; bare FastAPI echo of"
        f" the same schemas, processes {echoes} (aim >= 50 % of its requests/s, p99 <= 3x)"
    )
    return title, (
        f"{good / bare:.0%}, p99 {slow / bare_slow:.1f}x: {good:,.0f}/s, p50 {half:.1f} ms, p99"
        f" {slow:.1f} ms; echo {bare:,.0f}/s, {bare_half:.1f} ms, {bare_slow:.1f} ms"
        + (f"; {bad} not answered with 200" if bad else "")
    )


def _sustained(
    port: int, pid: int, key: str, made: list[bytes], rate: float, seconds: float
) -> list[tuple[str, str]]:
    """A long load at a given rate: errors, waits, memory of each fifth."""
    parts, held = [], []
    for _ in range(5):
        parts.append(load(port, requests(key, made), seconds / 5.0, 256, rate))
        held.append(memory(pid))
    bad = sum(one.broken + one.answers - one.statuses[200] for one in parts)
    waits = sorted(wait for one in parts for wait in one.waits)
    title = (
        "a long load at 80 % of that, a process a core: minutes, requests/s; answers, errors; p50,"
        " p99, p99.9 ms; MiB after each fifth"
    )
    figures = (
        f"{seconds / 60:g}, {rate:,.0f}; {len(waits):,}, {bad}; "
        + ", ".join(f"{1e3 * waits[int(q * len(waits))]:.1f}" for q in (0.5, 0.99, 0.999))
        + "; " + ", ".join(f"{one:,.0f}" for one in held)
    )  # fmt: skip
    return [(title, figures)]


def _overload(port: int, key: str, made: list[bytes], rate: float) -> list[tuple[str, str]]:
    """Five times what it can do: what is shed, how fast, and how soon it is itself again.

    Twice as many connections as applications may be in the house, or none would be shed: each
    waits for its answer before it asks again.
    """
    settings, cores = Settings(), os.cpu_count() or 1
    connections = 2 * cores * (settings.queue_length + settings.batch_size)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    flood = load(port, requests(key, made), 8.0, connections, 5.0 * rate)
    began = time.perf_counter()
    calm = load(port, requests(key, made), 0.5, 4)
    while calm.statuses[200] < calm.answers or calm.wait(0.99) > 100.0:
        if time.perf_counter() - began > 30.0:
            break
        calm = load(port, requests(key, made), 0.5, 4)
    shed = flood.statuses[503] + flood.statuses[429]
    other = flood.answers - shed - flood.statuses[200]
    scored, refused = (
        ", ".join(f"{flood.wait_after_sending(status, share):,.0f}" for share in (0.5, 0.99))
        for status in (200, 503)
    )
    title = (
        f"overload for 8 s, requests due 5x, connections {connections:,}: scored/s and its share of"
        " what was scored without overload, shed/s, other answers, broken connections; ms from"
        " sending to the score and to the refusal, p50, p99 each; seconds until calm"
    )
    figures = (
        f"{flood.per_second:,.0f} ({flood.per_second / rate:.0%}), {shed / flood.seconds:,.0f},"
        f" {other}, {flood.broken}; {scored}, {refused}; {time.perf_counter() - began:.1f}"
    )
    return [(title, figures)]


if __name__ == "__main__":
    for name, figure in bench_service(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0):
        print(f"{name}: {figure}", flush=True)
