"""Tenants take turns, one of them cannot fill the queue, and nothing of a job lies elsewhere."""

import time
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, update

from service.jobs.shelf import job_folder
from service.jobs.turns import next_turn
from service.store import jobs
from service.store.database import reading, writing
from service.store.tables import jobs as table
from tests.service.jobs.conftest import Desk, open_desk, tidied, two_tenants

NOW = "2026-11-24T10:00:00.000000Z"
UNTIL = "2026-11-24T10:00:30.000000Z"
LATER = "2026-11-24T10:01:00.000000Z"


def queued(engine: Engine, *names: str) -> None:
    """Jobs that wait, in this order; the first letter is the tenant's."""
    with writing(engine) as connection:
        for number, name in enumerate(names):
            jobs.add(connection, {
                "job_id": name, "tenant": name[0], "book_id": "b", "kind": "check",
                "arguments": "{}", "made_at": f"2026-11-24T09:00:00.{number:06d}Z",
            })  # fmt: skip


def turns(engine: Engine, count: int, now: str = NOW) -> list[str]:
    """Take jobs up and end them, each a moment after the one before."""
    found = []
    for number in range(count):
        moment = now.replace(".000000Z", f".{number:06d}Z")
        with reading(engine) as connection:
            turn = next_turn(connection, moment)
        if turn is None:
            break
        found.append(turn[1])
        with writing(engine) as connection:
            assert jobs.claim(connection, *turn, "w", moment, UNTIL) is not None
            assert jobs.claim(connection, *turn, "v", moment, UNTIL) is None
            assert jobs.leave(connection, *turn, "w", {"state": "done", "ended_at": moment})
    return found


def test_tenants_take_turns_and_each_keeps_its_order(engine: Engine) -> None:
    queued(engine, "a1", "a2", "a3", "a4", "b1", "b2", "c1")
    assert turns(engine, 9) == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]


def test_who_has_a_job_running_comes_after_those_who_have_none(engine: Engine) -> None:
    queued(engine, "a1", "a2", "b1", "b2")
    with writing(engine) as connection:
        assert jobs.claim(connection, "b", "b1", "w", NOW, UNTIL) is not None
    assert turns(engine, 3) == ["a1", "a2", "b2"]


def test_a_job_whose_worker_was_lost_has_its_turn_again(engine: Engine) -> None:
    queued(engine, "a1", "b1")
    with writing(engine) as connection:
        assert jobs.claim(connection, "a", "a1", "w", NOW, UNTIL) is not None
        assert jobs.claim(connection, "b", "b1", "w", NOW, UNTIL) is not None
    with reading(engine) as connection:
        assert next_turn(connection, NOW) is None
        assert next_turn(connection, LATER) == ("a", "a1")


@pytest.fixture
def desk(office: Desk) -> Any:
    """The service with tenants of this test."""
    with two_tenants(office) as desk:
        yield desk


def test_many_jobs_of_one_tenant_do_not_hold_up_another(desk: Desk, rights_only: Path) -> None:
    many = desk.book(rights_only)
    first = [desk.start(many, "check") for _ in range(8)]
    small = desk.book(rights_only, "bank")
    body = {"kind": "check", "valued_on": "2026-11-24"}
    asked = desk.ask("POST", f"/v1/books/{small}/jobs", "bank", json=body)
    desk.hire()
    ended = [desk.ended(job_id)["ended_at"] for job_id in first]
    other = desk.ask("GET", asked.headers["location"], "bank").json()
    assert other["state"] == "done"
    assert sum(moment < other["ended_at"] for moment in ended) <= 1


def test_a_tenant_has_no_more_jobs_waiting_than_it_may(tmp_path: Path, rights_only: Path) -> None:
    with open_desk(tmp_path, max_jobs_waiting=2) as office, two_tenants(office) as desk:
        book = desk.book(rights_only)
        body = {"kind": "check", "valued_on": "2026-11-24"}
        kept = [desk.start(book, "check") for _ in range(2)]
        refused = desk.ask("POST", f"/v1/books/{book}/jobs", json=body)
        assert (refused.status_code, refused.json()["type"]) == (
            429, "urn:riskengine:problem:too-many-jobs"
        )  # fmt: skip
        assert int(refused.headers["retry-after"]) > 0
        listed = desk.ask("GET", "/v1/jobs").json()["items"]
        assert {one["job_id"] for one in listed} == set(kept)
        folder = job_folder(desk.settings.data, desk.tenants["farm"], kept[0]).parent
        assert {path.name for path in folder.iterdir()} == set(kept)
        other = desk.book(rights_only, "bank")
        sent = desk.ask("POST", f"/v1/books/{other}/jobs", "bank", json=body)
        assert sent.status_code == 202
        desk.ask("POST", f"/v1/jobs/{kept[0]}/cancel")
        desk.start(book, "check")


def spooled(home: Path) -> Path:
    """Wait for a copy of a table among a job's temporary files."""
    end = time.monotonic() + 60.0
    while not (found := list(home.glob("spool/**/*.spool.parquet"))):
        assert time.monotonic() < end, list(home.iterdir())
        time.sleep(0.005)
    return found[0]


def test_what_a_killed_process_left_lies_in_the_jobs_folder_and_is_removed(
    desk: Desk, portfolio: Path, tmp_path: Path
) -> None:
    folder, elsewhere = tmp_path / "big", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    land = pq.read_table(portfolio / "land.parquet")
    pacsv.write_csv(pa.concat_tables([land] * (40_000 // land.num_rows)), folder / "land.csv")
    job_id = desk.start(desk.book(folder), "check")
    home = job_folder(desk.settings.data, desk.tenants["farm"], job_id)
    worker = desk.hire(TMPDIR=str(elsewhere))
    spooled(home)
    psutil.Process(worker.pid).children()[0].kill()
    desk.until(job_id, lambda job: job["attempts"] == 2)
    spooled(home)
    desk.dismiss(worker)  # its process ends with it, at once
    assert list(home.glob("spool/*"))
    with writing(desk.client.app.state.ready.engine) as connection:  # type: ignore[attr-defined]
        connection.execute(update(table).where(table.c.job_id == job_id).values(lease_until=NOW))
    desk.hire(TMPDIR=str(elsewhere))
    assert desk.ended(job_id)["state"] == "done"
    tidied(home, {"lock", "out"})
    assert list(elsewhere.rglob("*.spool.parquet")) == []
