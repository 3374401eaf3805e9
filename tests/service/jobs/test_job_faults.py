"""Workers killed, stopped and silenced at random moments: every job ends, with the same bytes."""

import random
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from service.clock import now, stamp
from service.jobs.queue import make_queue, waiting
from service.jobs.shelf import job_folder
from service.store import jobs
from service.store.database import writing
from tests.service.jobs.conftest import Desk, open_desk, tidied, timeless, two_tenants
from tests.service.servers import PostgreSQL

KINDS = ("revalue", "pledges", "check")


def children(worker: Any) -> list[psutil.Process]:
    """Processes of a worker's jobs."""
    try:
        return psutil.Process(worker.pid).children()
    except psutil.NoSuchProcess:
        return []


def at_work(desk: Desk) -> Any:
    """Wait for a worker that has a job, and return it."""
    end = time.monotonic() + 60.0
    while not (busy := [worker for worker in desk.workers if children(worker)]):
        assert time.monotonic() < end, "no worker takes a job up"
        time.sleep(0.02)
    return busy[0]


def disturbed(desk: Desk, book_id: str, kills: int, seed: int) -> dict[str, list[dict[str, Any]]]:
    """Run jobs of each kind while the workers that have them are killed; return their results."""
    draw = random.Random(seed)
    asked = {desk.start(book_id, kind): kind for kind in KINDS}
    shown = dict.fromkeys(asked, 0)
    desk.hire()
    desk.hire()
    for _ in range(kills):
        found = {job_id: desk.job(job_id) for job_id in asked}
        for job_id, job in found.items():
            assert job["state"] in ("queued", "running", "done"), job["problem"]
            assert job["done"] >= shown[job_id]
            shown[job_id] = job["done"]
        if all(job["state"] == "done" for job in found.values()):
            asked[job_id := desk.start(book_id, "revalue")] = "revalue"
            shown[job_id] = 0
        worker = at_work(desk)
        time.sleep(draw.uniform(0.0, 2.5))
        desk.dismiss(worker)
        desk.hire()
    results: dict[str, list[dict[str, Any]]] = {}
    attempts = 0
    for job_id, kind in asked.items():
        job = desk.ended(job_id, 120.0)
        assert job["state"] == "done", job["problem"]
        assert job["done"] == job["total"]
        attempts += job["attempts"]
        held = {name: timeless(name, raw) for name, raw in desk.fetch(job_id).items()}
        results.setdefault(kind, []).append(held)
    assert attempts > len(asked), "no kill struck a job"
    return results


def test_killed_workers_leave_the_bytes_of_an_undisturbed_run(
    desk: Desk, portfolio: Path, tmp_path: Path
) -> None:
    from service.jobs.order import Order
    from service.jobs.running import run

    found = disturbed(desk, desk.book(portfolio), kills=12, seed=1)
    for kind in KINDS:
        home = tmp_path / kind
        home.mkdir()
        (home / "input").symlink_to(portfolio)
        arguments = {"within_days": 90.0} if kind == "pledges" else {}
        order = Order(kind, "2026-11-24", arguments, str(home), None, None, [], 1, 1, 1.0)
        run(order, lambda done, total: None)
        expected = {
            path.relative_to(home / "out").as_posix(): timeless(path.name, path.read_bytes())
            for path in (home / "out").rglob("*") if path.is_file()
        }  # fmt: skip
        for results in found[kind]:
            if kind == "check":  # names of inputs carry no README
                assert results["check.json"] == expected["check.json"]
            else:
                assert results == expected


@pytest.fixture
def server_desk(postgresql: PostgreSQL, tmp_path: Path) -> Iterator[Desk]:
    """A service on a real PostgreSQL."""
    url = postgresql.fresh()
    with open_desk(tmp_path, database_url=url, secret="s" * 32) as desk, two_tenants(desk):
        yield desk


def test_killed_workers_on_a_real_server(server_desk: Desk, portfolio: Path) -> None:
    found = disturbed(server_desk, server_desk.book(portfolio), kills=3, seed=2)
    assert set(found) == set(KINDS)


def test_a_worker_that_is_told_to_stop_puts_its_job_back(desk: Desk, portfolio: Path) -> None:
    job_id = desk.start(desk.book(portfolio), "book")
    worker = desk.hire()
    desk.until(job_id, lambda job: job["state"] == "running" and len(children(worker)) == 1)
    process = children(worker)[0]
    desk.dismiss(worker, signal.SIGTERM)
    assert worker.returncode == 0
    assert not process.is_running()
    job = desk.job(job_id)
    assert (job["state"], job["attempts"]) == ("queued", 0)


def test_a_running_job_is_cancelled_and_shows_how_far_it_was(desk: Desk, portfolio: Path) -> None:
    job_id = desk.start(desk.book(portfolio), "stress")
    worker = desk.hire()
    seen: list[int] = []

    def far(job: dict[str, Any]) -> bool:
        seen.append(job["done"])
        return len({done for done in seen if done}) >= 2

    desk.until(job_id, far)
    assert seen == sorted(seen)
    answer = desk.ask("POST", f"/v1/jobs/{job_id}/cancel")
    assert (answer.status_code, answer.json()["cancel_asked"]) == (202, True)
    assert desk.ended(job_id, 20.0)["state"] == "cancelled"
    assert children(worker) == []
    home = job_folder(desk.settings.data, desk.tenants["farm"], job_id)
    tidied(home, {"lock"})
    assert desk.ask("POST", f"/v1/jobs/{job_id}/cancel").status_code == 202
    other = desk.start(desk.book(portfolio), "check")
    assert desk.ended(other)["state"] == "done"
    assert desk.ask("POST", f"/v1/jobs/{other}/cancel").status_code == 409
    assert desk.ask("POST", f"/v1/jobs/{other}/cancel", "bank").status_code == 404


def test_a_queue_that_forgot_everything_costs_no_job(desk: Desk, rights_only: Path) -> None:
    job_id = desk.start(desk.book(rights_only), "check")
    queue = make_queue(desk.settings)
    assert job_id in waiting(queue)
    queue.flush()
    queue.storage.close()
    desk.hire()
    assert desk.ended(job_id)["state"] == "done"


def test_a_job_whose_process_keeps_dying_is_given_up(desk: Desk, portfolio: Path) -> None:
    job_id = desk.start(desk.book(portfolio), "stress")
    worker, killed = desk.hire(), set()

    def ended(job: dict[str, Any]) -> bool:
        for process in children(worker):
            if process.pid not in killed:
                killed.add(process.pid)
                process.kill()
        return bool(job["state"] not in ("queued", "running"))

    job = desk.until(job_id, ended)
    assert (job["state"], job["attempts"], len(killed)) == ("failed", 3, 3)
    assert job["problem"]["code"] == "job-crashed"
    assert "signal 9" in job["problem"]["wrong"]["en"]


def test_a_stuck_worker_loses_its_job_and_its_process(desk: Desk, portfolio: Path) -> None:
    job_id = desk.start(desk.book(portfolio), "stress")
    stuck = desk.hire()
    desk.until(job_id, lambda job: job["state"] == "running" and len(children(stuck)) == 1)
    process = children(stuck)[0]
    stuck.send_signal(signal.SIGSTOP)
    fresh = desk.hire()
    desk.until(job_id, lambda job: job["attempts"] == 2)
    gone, _ = psutil.wait_procs([process], timeout=10.0)
    assert gone or process.status() == psutil.STATUS_ZOMBIE
    stuck.send_signal(signal.SIGCONT)
    time.sleep(1.0)
    assert len(children(fresh)) == 1
    assert children(stuck) == []
    assert desk.job(job_id)["state"] == "running"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_fails_the_job_at_once(desk: Desk, rights_only: Path) -> None:
    job_id = desk.start(desk.book(rights_only), "revalue")
    out = job_folder(desk.settings.data, desk.tenants["farm"], job_id) / "out"
    out.mkdir()
    (out / "manifest.json.partial").symlink_to("/dev/full")
    desk.hire()
    job = desk.ended(job_id)
    assert (job["state"], job["problem"]["code"], job["attempts"]) == ("failed", "disk-full", 1)
    tidied(out.parent, {"lock"})


def test_one_worker_at_a_time_holds_a_job(desk: Desk, rights_only: Path) -> None:
    job_id = desk.start(desk.book(rights_only), "check")
    engine = desk.client.app.state.ready.engine  # type: ignore[attr-defined]
    farm, past = desk.tenants["farm"], "2000-01-01"
    future = stamp(now() + timedelta(hours=1))
    with writing(engine) as connection:
        assert (
            jobs.claim(connection, desk.tenants["bank"], job_id, "a", stamp(now()), future) is None
        )
        assert jobs.claim(connection, farm, job_id, "a", stamp(now()), future) is not None
        assert jobs.claim(connection, farm, job_id, "b", stamp(now()), future) is None
        assert jobs.beat(connection, farm, job_id, "b", future, (9, 9)) is None
        assert jobs.beat(connection, farm, job_id, "a", past, (5, 9)) is False
        lost = jobs.claim(connection, farm, job_id, "b", stamp(now()), future)
        assert lost is not None
        assert (lost.losses, lost.attempts, lost.done) == (1, 2, 5)
        assert not jobs.leave(connection, farm, job_id, "a", {"state": "done"})
        assert jobs.beat(connection, farm, job_id, "b", future, (3, 9)) is False
        row = jobs.find(connection, farm, job_id)
        assert row is not None
        assert (row.done, row.total) == (5, 9)
        assert jobs.leave(connection, farm, job_id, "b", {"state": "failed"})
        assert jobs.cancel(connection, farm, job_id, stamp(now())) is None


def test_a_cancelled_job_is_taken_up_by_nobody(desk: Desk, rights_only: Path) -> None:
    waits, runs = (desk.start(desk.book(rights_only), "check") for _ in range(2))
    engine = desk.client.app.state.ready.engine  # type: ignore[attr-defined]
    farm, moment, future = desk.tenants["farm"], stamp(now()), stamp(now() + timedelta(hours=1))
    with writing(engine) as connection:
        assert jobs.cancel(connection, farm, waits, moment) == "cancelled"
        assert jobs.claim(connection, farm, waits, "a", moment, future) is None
        assert jobs.claim(connection, farm, runs, "a", moment, future) is not None
        assert jobs.cancel(connection, desk.tenants["bank"], runs, moment) is None
        assert jobs.beat(connection, farm, runs, "a", future, (0, None)) is False
        assert jobs.cancel(connection, farm, runs, moment) == "running"
        assert jobs.beat(connection, farm, runs, "a", future, (0, None)) is True
        ended = {"state": "cancelled", "ended_at": moment}
        assert jobs.leave(connection, farm, runs, "a", ended)
        assert jobs.beat(connection, farm, runs, "a", future, (0, None)) is None
    assert [desk.job(job_id)["state"] for job_id in (waits, runs)] == ["cancelled"] * 2
