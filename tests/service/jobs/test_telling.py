"""What operators see of jobs: a line for every change of state, and times, of nobody's data."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from service.clock import now, stamp
from service.jobs import telling
from service.observe.logs import configure
from service.settings import Settings
from tests.service.jobs.conftest import ROOT, Desk, environment

ALLOWED = {"moment", "level", "event", "job_id", "tenant", "kind", "seconds"}


def lines(text: str) -> list[dict[str, Any]]:
    """Log lines about jobs."""
    found = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [one for one in found if one["event"].startswith("job_")]


def counted(kind: str, outcome: str) -> float:
    """How many jobs of a kind ended so in this process."""
    samples = next(iter(telling.TIMES.collect())).samples
    wanted = {"kind": kind, "outcome": outcome}
    return sum(s.value for s in samples if s.name.endswith("_count") and s.labels == wanted)


@pytest.mark.parametrize("state", ["done", "failed", "cancelled", "queued"])
def test_every_change_of_state_has_a_line(
    state: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(Settings(data=tmp_path))
    first = stamp(now() - timedelta(seconds=90))
    row: Any = SimpleNamespace(
        job_id="j1", tenant="bank", kind="revalue", started_at=first, arguments="110105194912310021"
    )
    before = counted("revalue", state)
    telling.begun(row, first)
    telling.begun(row, stamp(now()))
    telling.left(row, state)
    begun, again, left = lines(capsys.readouterr().out)
    assert begun["event"] == "job_started"
    assert again["event"] == "job_taken_up_again"
    assert left["event"] == ("job_waits_again" if state == "queued" else f"job_{state}")
    assert 90.0 <= left["seconds"] < 100.0
    assert {*begun, *again, *left} == ALLOWED
    assert (begun["job_id"], begun["tenant"], begun["kind"]) == ("j1", "bank", "revalue")
    assert counted("revalue", state) == before + (state != "queued")


def test_a_worker_tells_its_jobs_and_shares_their_times(
    desk: Desk, rights_only: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = desk.book(rights_only)
    waiting = desk.start(book, "check")
    configure(desk.settings)
    assert desk.ask("POST", f"/v1/jobs/{waiting}/cancel").status_code == 202
    told = [one for one in lines(capsys.readouterr().out) if one["job_id"] == waiting]
    assert [one["event"] for one in told] == ["job_cancelled"]
    job_id = desk.start(book, "check")
    worker = subprocess.Popen(
        [sys.executable, "-m", "service", "worker"], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env={**os.environ, **environment(desk.settings), "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
    )  # fmt: skip
    try:
        assert desk.ended(job_id)["state"] == "done"
    finally:
        worker.terminate()
        said = worker.communicate(timeout=60)[0]
    told = [one for one in lines(said) if one["job_id"] == job_id]
    assert [one["event"] for one in told] == ["job_started", "job_done"]
    assert all(one["tenant"] == desk.tenants["farm"] for one in told)
    script = (
        "from prometheus_client import CollectorRegistry, generate_latest, multiprocess as m;"
        "r = CollectorRegistry(); m.MultiProcessCollector(r); print(generate_latest(r).decode())"
    )
    text = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
    ).stdout  # fmt: skip
    assert 'riskengine_job_seconds_count{kind="check",outcome="done"} 1.0' in text
