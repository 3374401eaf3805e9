"""Jobs run by a real worker: the command line's bytes, answers, ends of every kind."""

import json
import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from riskengine.cli import app
from service.clock import now, stamp
from service.jobs.shelf import book_folder, job_folder
from service.jobs.worker import keep_house
from service.routes.rules import EXAMPLE
from service.store.database import reading, writing
from service.store.jobs import digest_of_results
from service.store.packing import unpack
from service.store.tables import books, jobs, ledger
from tests.service.jobs.conftest import DAY, Desk, tidied, timeless, two_tenants


@pytest.fixture(scope="module")
def desk(office: Desk) -> Iterator[Desk]:
    """The service with two tenants and a worker for all tests of this module."""
    with two_tenants(office) as desk:
        desk.hire()
        yield desk


@pytest.fixture(scope="module")
def finished(desk: Desk, rights_only: Path) -> str:
    """A revaluation that is done."""
    job_id = desk.start(desk.book(rights_only), "revalue")
    assert desk.ended(job_id)["state"] == "done"
    return job_id


def command(*words: str) -> str:
    """What the command line prints."""
    done = CliRunner().invoke(app, [*words, "--valued-on", DAY, "--json"])
    assert done.exit_code in (0, 1), done.output
    return done.stdout


def left(out: Path) -> dict[str, Any]:
    """Files of a folder by name, without the seconds of the run."""
    return {
        path.relative_to(out).as_posix(): timeless(path.name, path.read_bytes())
        for path in out.rglob("*") if path.is_file()
    }  # fmt: skip


CASES = {
    "revalue": ({}, []),
    "pledges": ({"within_days": 30.0}, ["--within-days", "30"]),
    "ratios": ({}, []),
    "book": ({"scenarios": 64, "blocks": 2, "months": 6, "seed": 7},
             ["--scenarios", "64", "--blocks", "2", "--months", "6", "--seed", "7"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(CASES))
def test_a_job_leaves_the_bytes_of_the_command_line(
    desk: Desk, portfolio: Path, tmp_path: Path, kind: str
) -> None:
    arguments, options = CASES[kind]
    job_id = desk.start(desk.book(portfolio), kind, arguments=arguments)
    job = desk.ended(job_id)
    assert (job["state"], job["problem"], job["done"]) == ("done", None, job["total"])
    command(kind, str(portfolio), str(tmp_path / "out"), *options)
    expected, got = left(tmp_path / "out"), desk.fetch(job_id)
    assert {name: timeless(name, raw) for name, raw in got.items()} == expected
    assert json.loads(got["manifest.json"]) == job["manifest"]


def test_a_tenants_rules_hold_as_on_the_command_line(
    desk: Desk, portfolio: Path, tmp_path: Path
) -> None:
    files = {"lending_practice.toml": EXAMPLE}
    put = desk.ask("PUT", "/v1/rules/overlay", "admin", json={"files": files})
    assert put.status_code in (200, 201), put.text
    job_id = desk.start(desk.book(portfolio), "pledges")
    tag = put.headers["etag"]
    none = {"files": {}}
    desk.ask("PUT", "/v1/rules/overlay", "admin", json=none, headers={"If-Match": tag})
    assert desk.ended(job_id)["state"] == "done"
    rules = tmp_path / "institution"
    rules.mkdir()
    (rules / "lending_practice.toml").write_text(EXAMPLE, encoding="utf-8")
    plain = json.loads(command("pledges", str(portfolio), str(tmp_path / "plain")))
    command("pledges", str(portfolio), str(tmp_path / "out"), "--institution", str(rules))
    got = {name: timeless(name, raw) for name, raw in desk.fetch(job_id).items()}
    assert got == left(tmp_path / "out")
    assert got["manifest.json"]["rules_digest"] != plain["rules_digest"]


def test_a_check_job_says_what_the_command_prints(
    desk: Desk, portfolio: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "faulty"
    folder.mkdir()
    shutil.copy(portfolio / "loans.parquet", folder)
    (folder / "land.csv").write_text("权利编号,面积(亩)\nR-1,-3\nR-2,x\n", encoding="utf-8")
    whole = folder / "land.csv"
    job_id = desk.start(desk.book(folder), "check")
    job = desk.ended(job_id)
    if job["state"] == "failed":  # the engine refuses a table without its required columns
        assert [one["path"] for one in job["problem"]["errors"]] == ["/tables/land"]
        whole.unlink()
        shutil.copy(portfolio / "land.parquet", folder)
        job_id = desk.start(desk.book(folder), "check")
        job = desk.ended(job_id)
    assert desk.fetch(job_id)["check.json"] == command("check", str(folder)).encode()
    assert job["manifest"]["rows_in"] > 0


def test_all_unusable_tables_are_told_at_once(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "bad"
    folder.mkdir()
    for name in ("land", "forest"):
        (folder / f"{name}.csv").write_text("nothing\n1\n", encoding="utf-8")
    job = desk.ended(desk.start(desk.book(folder), "revalue"))
    assert (job["state"], job["problem"]["code"], job["attempts"]) == ("failed", "unprocessable", 1)
    told = {one["path"]: one["message"] for one in job["problem"]["errors"]}
    assert set(told) == {"/tables/land", "/tables/forest"}
    assert all(text["zh"] and text["en"] for text in told.values())
    assert desk.ask("GET", f"/v1/jobs/{job['job_id']}/results").status_code == 409


def test_results_in_parts_and_only_when_changed(desk: Desk, finished: str) -> None:
    job_id = finished
    listed = desk.ask("GET", f"/v1/jobs/{job_id}/results").json()["items"]
    page = next(one for one in listed if one["file"] == "report.html")
    place = f"/v1/jobs/{job_id}/results/report.html"
    full = desk.ask("GET", place)
    tag = full.headers["etag"]
    assert tag == f'"{page["sha256"]}"'
    assert desk.ask("GET", place, headers={"If-None-Match": tag}).status_code == 304
    part = desk.ask("GET", place, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, full.content[10:20])
    tail = desk.ask("GET", place, headers={"Range": "bytes=-5", "If-Range": tag})
    assert (tail.status_code, tail.content) == (206, full.content[-5:])
    behind = desk.ask("GET", place, headers={"Range": f"bytes={page['bytes']}-"})
    assert (behind.status_code, behind.headers["content-range"]) == (
        416,
        f"bytes */{page['bytes']}",
    )
    for odd in ("bytes=9-1", "bytes=-", "lines=1-2", "bytes=1-2,4-5"):
        assert desk.ask("GET", place, headers={"Range": odd}).content == full.content
    for name in ("castle", "../order.json", "%2e%2e/lock", "results/../../lock", "/etc/passwd"):
        assert desk.ask("GET", f"/v1/jobs/{job_id}/results/{name}").status_code == 404
    assert desk.ask("GET", place, "bank").status_code == 404


def test_a_result_that_was_changed_is_not_served(desk: Desk, finished: str) -> None:
    job_id, gone = finished, "urn:riskengine:problem:result-damaged"
    out = job_folder(desk.settings.data, desk.tenants["farm"], job_id) / "out"
    place, path = f"/v1/jobs/{job_id}/results/report.html", out / "report.html"
    assert desk.ask("GET", place).status_code == 200
    bytes_before, moments = path.read_bytes(), path.stat()
    path.write_bytes(bytes_before[:-1] + b" ")
    os.utime(path, ns=(moments.st_atime_ns, moments.st_mtime_ns))
    for headers in ({}, {"Range": "bytes=0-9"}):
        answer = desk.ask("GET", place, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (409, gone)
        assert "请重新发起任务" in answer.text
    path.write_bytes(bytes_before)
    assert desk.ask("GET", place).content == bytes_before
    path.unlink()
    assert desk.ask("GET", place).json()["type"] == gone
    path.write_bytes(bytes_before)


def test_rejected_rows_page_by_page_and_whole(desk: Desk, tmp_path: Path, portfolio: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = pq.read_table(portfolio / "land.parquet")
    place = rows.schema.get_field_index("right_id")
    empty = pa.array([None] * rows.num_rows, rows.schema.field("right_id").type)
    folder = tmp_path / "rejected"
    folder.mkdir()
    pq.write_table(rows.set_column(place, "right_id", empty), folder / "land.parquet")
    job_id = desk.start(desk.book(folder), "revalue")
    assert desk.ended(job_id)["state"] == "done"
    seen, cursor = [], None
    while True:
        query = {"limit": 150, **({"cursor": cursor} if cursor else {})}
        answer = desk.ask("GET", f"/v1/jobs/{job_id}/rejected", params=query).json()
        seen += [one["row"] for one in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            break
    assert seen == list(range(1, rows.num_rows + 1))
    text = desk.ask("GET", f"/v1/jobs/{job_id}/rejected", headers={"Accept": "text/csv"})
    assert text.content == desk.fetch(job_id)["rejected.csv"]
    assert desk.ask("GET", f"/v1/jobs/{job_id}/rejected", params={"cursor": "x"}).status_code == 422


def test_the_same_key_is_the_same_job(desk: Desk, rights_only: Path) -> None:
    book_id = desk.book(rights_only)
    body, key = {"kind": "revalue", "valued_on": DAY}, {"Idempotency-Key": "k-1"}
    first, again = (
        desk.ask("POST", f"/v1/books/{book_id}/jobs", json=body, headers=key) for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.headers["location"] == first.headers["location"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    other = {**body, "valued_on": "2026-11-23"}
    assert desk.ask("POST", f"/v1/books/{book_id}/jobs", json=other, headers=key).status_code == 422
    listed = desk.ask("GET", "/v1/jobs", params={"book_id": book_id}).json()["items"]
    assert [one["job_id"] for one in listed] == [first.json()["job_id"]]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "castle"}, {"valued_on": "today"}, {"valued_on": 1}, {"arguments": {"x": 1}},
        {"kind": "book", "arguments": {"scenarios": 100}},
        {"kind": "book", "arguments": {"months": True}},
        {"kind": "stress", "arguments": {"target_yuan": "1"}}, {"more": 1},
    ],
)  # fmt: skip
def test_arguments_are_strict(desk: Desk, change: dict[str, Any]) -> None:
    body = {"kind": "revalue", "valued_on": DAY, **change}
    path = f"/v1/books/b-{'0' * 32}/jobs"
    assert desk.ask("POST", path, json=body).status_code == 422


def test_a_folder_is_copied_when_its_job_begins(desk: Desk, rights_only: Path) -> None:
    assert desk.settings.portfolios is not None
    folder = desk.settings.portfolios / desk.tenants["farm"] / "autumn"
    shutil.copytree(rights_only, folder)
    body = {"title": "t", "source": {"folder": "autumn"}}
    book_id = desk.ask("POST", "/v1/books", json=body).json()["book_id"]
    (folder / "homestead.csv").symlink_to("/etc/hostname")
    refused = desk.ended(desk.start(book_id, "revalue"))
    assert (refused["state"], refused["problem"]["code"]) == ("failed", "unprocessable")
    (folder / "homestead.csv").unlink()
    job = desk.ended(desk.start(book_id, "revalue"))
    assert job["state"] == "done"
    shutil.rmtree(folder)
    gone = desk.ask("POST", f"/v1/books/{book_id}/jobs", json={"kind": "check", "valued_on": DAY})
    assert gone.status_code == 422


def test_the_chain_tells_what_was_asked_begun_and_ended(desk: Desk, finished: str) -> None:
    job_id = finished
    state = desk.client.app.state.ready  # type: ignore[attr-defined]
    with reading(state.engine) as connection:
        rows = connection.execute(
            select(ledger.c.body).where(
                ledger.c.tenant == desk.tenants["farm"], ledger.c.subject == job_id
            ).order_by(ledger.c.position)
        ).all()  # fmt: skip
        row = connection.execute(select(jobs).where(jobs.c.job_id == job_id)).one()
    told = [orjson.loads(unpack(one.body)) for one in rows]
    assert [one["event"] for one in told] == ["asked", "start", "done"]
    assert told[-1]["results_sha256"] == digest_of_results(orjson.loads(row.manifest)["results"])
    tidied(job_folder(desk.settings.data, desk.tenants["farm"], job_id), {"lock", "out"})


def test_what_is_old_is_kept_no_longer(desk: Desk, finished: str) -> None:
    job_id = finished
    book_id = desk.job(job_id)["book_id"]
    state = desk.client.app.state.ready  # type: ignore[attr-defined]
    assert keep_house(state.engine, desk.settings) == 0
    old = now() - timedelta(days=400)
    with writing(state.engine) as connection:
        connection.execute(
            update(jobs)
            .where(jobs.c.job_id == job_id)
            .values(made_at=stamp(old), ended_at=stamp(old))
        )
        connection.execute(
            update(books).where(books.c.book_id == book_id).values(made_at=stamp(old))
        )
    folder = book_folder(desk.settings.data, desk.tenants["farm"], book_id)
    assert keep_house(state.engine, desk.settings) == 1  # its tables are new: the book stays
    for path in folder.iterdir():
        os.utime(path, (old.timestamp(), old.timestamp()))
    assert keep_house(state.engine, desk.settings) == 1
    assert not folder.exists()
    assert desk.ask("GET", f"/v1/books/{book_id}").status_code == 404
    gone = desk.ask("GET", f"/v1/jobs/{job_id}/results")
    assert (gone.status_code, gone.json()["type"]) == (
        404,
        "urn:riskengine:problem:results-expired",
    )
