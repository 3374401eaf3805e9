"""A service with one book, and real workers beside it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from riskengine.sample.writer import write_sample
from service.app import create_app
from service.auth.caller import Role
from service.auth.keys import make_key, make_tenant
from service.clock import now
from service.settings import Settings
from service.store.database import writing

ROOT = Path(__file__).parents[3]
DAY = "2026-11-24"
WORKER = "from service.jobs.worker import run_worker; run_worker()"


@dataclass
class Desk:
    """A client of the service and its workers."""

    client: TestClient
    settings: Settings
    tenants: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def ask(self, method: str, path: str, who: str = "farm", **more: Any) -> Any:
        """Send a request with a tenant's key."""
        headers = {"X-API-Key": self.keys[who], **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **more)

    def book(self, folder: Path, who: str = "farm") -> str:
        """Make a book and upload the tables of a folder."""
        made = self.ask("POST", "/v1/books", who, json={"title": folder.name})
        assert made.status_code == 201, made.text
        for path in sorted(folder.iterdir()):
            if path.suffix in (".parquet", ".csv", ".xlsx"):
                place = f"{made.headers['location']}/tables/{path.stem}"
                put = self.ask("PUT", place, who, content=path.read_bytes())
                assert put.status_code == 201, put.text
        return str(made.json()["book_id"])

    def start(self, book_id: str, kind: str, **more: Any) -> str:
        """Start a job."""
        body = {"kind": kind, "valued_on": DAY, **more}
        answer = self.ask("POST", f"/v1/books/{book_id}/jobs", json=body)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["job_id"])

    def job(self, job_id: str) -> dict[str, Any]:
        """Read a job."""
        answer = self.ask("GET", f"/v1/jobs/{job_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def until(
        self, job_id: str, wanted: Callable[[dict[str, Any]], bool], seconds: float = 60.0
    ) -> dict[str, Any]:
        """Wait until a job is as wanted."""
        end = time.monotonic() + seconds
        while not wanted(found := self.job(job_id)):
            assert time.monotonic() < end, found
            time.sleep(0.03)
        return found

    def ended(self, job_id: str, seconds: float = 60.0) -> dict[str, Any]:
        """Wait for the end of a job."""
        over = ("done", "failed", "cancelled")
        return self.until(job_id, lambda found: found["state"] in over, seconds)

    def fetch(self, job_id: str) -> dict[str, bytes]:
        """Fetch all results of a job."""
        listed = self.ask("GET", f"/v1/jobs/{job_id}/results").json()["items"]
        return {
            one["file"]: self.ask("GET", f"/v1/jobs/{job_id}/results/{one['file']}").content
            for one in listed
        }

    def hire(self, **more: str) -> subprocess.Popen[bytes]:
        """Start a worker process."""
        env = {**os.environ, **environment(self.settings), **more}
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER], cwd=ROOT, env=env, stdin=subprocess.DEVNULL
        )
        self.workers.append(worker)
        return worker

    def dismiss(self, worker: subprocess.Popen[bytes], number: int = signal.SIGKILL) -> None:
        """End a worker."""
        worker.send_signal(number)
        worker.wait(timeout=30.0)
        self.workers.remove(worker)


def environment(settings: Settings) -> dict[str, str]:
    """What a worker of these settings is started with."""
    found = {
        "RISKENGINE_DATA": str(settings.data),
        "RISKENGINE_LEASE_SECONDS": str(settings.lease_seconds),
        "RISKENGINE_JOBS_AT_ONCE": str(settings.jobs_at_once),
    }
    if settings.portfolios is not None:
        found["RISKENGINE_PORTFOLIOS"] = str(settings.portfolios)
    if settings.database_url is not None:
        found["RISKENGINE_DATABASE_URL"] = settings.database_url.get_secret_value()
    if settings.secret is not None:
        found["RISKENGINE_SECRET"] = settings.secret.get_secret_value()
    return found


@contextmanager
def open_desk(data: Path, **more: Any) -> Iterator[Desk]:
    """Open a service with two tenants."""
    settings = Settings(
        data=data / "data",
        portfolios=data / "portfolios",
        default_model="",
        lease_seconds=2.0,
        **more,
    )
    with TestClient(create_app(settings)) as client:
        yield Desk(client, settings)


@contextmanager
def two_tenants(desk: Desk) -> Iterator[Desk]:
    """Give a service two new tenants; afterwards nobody works and nothing waits."""
    state = desk.client.app.state.ready  # type: ignore[attr-defined]
    with writing(state.engine) as connection:
        for name in ("farm", "bank"):
            tenant = desk.tenants[name] = f"{name}-{uuid.uuid4().hex[:8]}"
            make_tenant(connection, tenant, tenant, now())
            pepper = state.secrets.pepper
            desk.keys[name] = make_key(connection, pepper, tenant, Role.RISK, "test", now())
        farm = desk.tenants["farm"]
        desk.keys["admin"] = make_key(connection, pepper, farm, Role.ADMIN, "test", now())
    try:
        yield desk
    finally:
        for worker in list(desk.workers):
            desk.dismiss(worker)
        for who in list(desk.keys):
            for job in desk.ask("GET", "/v1/jobs", who, params={"limit": 200}).json()["items"]:
                desk.ask("POST", f"/v1/jobs/{job['job_id']}/cancel", who)


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One service for all tests."""
    with open_desk(tmp_path_factory.mktemp("office")) as desk:
        yield desk


@pytest.fixture
def desk(office: Desk) -> Iterator[Desk]:
    """The service with tenants of this test."""
    with two_tenants(office) as desk:
        yield desk


@pytest.fixture(scope="session")
def portfolio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic portfolio of some hundred rows, with pledges and guarantees."""
    folder = tmp_path_factory.mktemp("portfolio") / "sample"
    write_sample(folder, 200, 2026, date.fromisoformat(DAY))
    return folder


@pytest.fixture(scope="session")
def rights_only(portfolio: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tables of rights of the portfolio."""
    folder = tmp_path_factory.mktemp("rights") / "rights"
    folder.mkdir()
    for name in ("land", "forest"):
        shutil.copy(portfolio / f"{name}.parquet", folder)
    return folder


def tidied(home: Path, names: set[str]) -> None:
    """Wait until a job's folder holds nothing else: it is tidied after the end is recorded."""
    end = time.monotonic() + 10.0
    while (found := {path.name for path in home.iterdir()}) != names:
        assert time.monotonic() < end, found
        time.sleep(0.05)


def timeless(name: str, content: bytes) -> Any:
    """A result without what depends on how long the run took."""
    if name != "manifest.json":
        return content
    held = json.loads(content)
    return {key: held[key] for key in held if key not in ("seconds", "rows_per_second")}
