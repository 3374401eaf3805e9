"""Exports of jobs that a real worker ran: from the tables as the job read them, or a refusal."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from riskengine.exchange.kinds import KINDS, Asked, export_portfolio
from riskengine.exchange.writing import file_bytes
from riskengine.law import law_for
from service.jobs.shelf import book_folder, job_folder, tables_of
from service.store.database import writing
from service.store.tables import jobs
from tests.service.jobs.conftest import DAY, Desk, tidied, two_tenants


@pytest.fixture(scope="module")
def desk(office: Desk) -> Iterator[Desk]:
    """The service with two tenants and a worker for all tests of this module."""
    with two_tenants(office) as desk:
        desk.hire()
        yield desk


def state_of(desk: Desk) -> Any:
    """What the service holds."""
    return desk.client.app.state.ready  # type: ignore[attr-defined]


def done(desk: Desk, book_id: str, kind: str = "ratios") -> str:
    """A job that a worker ended, its folder tidied."""
    job_id = desk.start(book_id, kind)
    assert desk.ended(job_id)["state"] == "done"
    tidied(job_folder(desk.settings.data, desk.tenants["farm"], job_id), {"lock", "out"})
    return job_id


def export(desk: Desk, kind: str, job_id: str, **more: Any) -> Any:
    """Ask for an export of a job."""
    english = {"Accept-Language": "en"}
    return desk.ask("GET", f"/v1/exports/{kind}", params={"job_id": job_id, **more},
                    headers=english)  # fmt: skip


def replaced(desk: Desk, book_id: str, table: str, content: bytes) -> None:
    """Put another table in the place of one."""
    put = desk.ask("PUT", f"/v1/books/{book_id}/tables/{table}", content=content)
    assert put.status_code in (200, 201), put.text


@pytest.mark.parametrize("job_kind", ["pledges", "check"])
def test_every_export_is_made_after_a_real_worker_ended_the_job(
    desk: Desk, portfolio: Path, job_kind: str
) -> None:
    job_id = done(desk, desk.book(portfolio), job_kind)
    asked = Asked(date.fromisoformat(DAY), state_of(desk).shared.market, law_for(None), {})
    for kind in KINDS:
        found = export(desk, kind, job_id, format="csv")
        assert found.status_code == 200, found.text
        assert found.content == file_bytes(export_portfolio(kind, portfolio, asked), "csv")
        assert len(found.text.splitlines()) > 2
    home = job_folder(desk.settings.data, desk.tenants["farm"], job_id)
    assert {path.name for path in home.iterdir()} == {"lock", "out"}


def test_a_table_that_changed_since_the_job_is_named_and_nothing_is_exported(
    desk: Desk, portfolio: Path
) -> None:
    book_id = desk.book(portfolio)
    job_id = done(desk, book_id)
    whole = (portfolio / "loans.parquet").read_bytes()
    replaced(desk, book_id, "loans", (portfolio / "pledges.parquet").read_bytes())
    refused = export(desk, "balances", job_id)
    assert (refused.status_code, refused.json()["type"]) == (
        409, "urn:riskengine:problem:book-changed"
    )  # fmt: skip
    assert refused.json()["title"].endswith("loans.parquet")
    replaced(desk, book_id, "loans", whole)
    assert export(desk, "balances", job_id).status_code == 200
    folder = book_folder(desk.settings.data, desk.tenants["farm"], book_id)
    file = folder / tables_of(folder)["loans"].file
    raw = bytearray(file.read_bytes())
    raw[100] ^= 1  # as a disk may do it
    file.write_bytes(raw)
    assert export(desk, "balances", job_id).status_code == 409
    assert desk.ask("DELETE", f"/v1/books/{book_id}").status_code == 204
    assert "deleted" in export(desk, "balances", job_id).json()["title"]


def test_a_folder_is_exported_while_it_is_as_the_job_read_it(desk: Desk, portfolio: Path) -> None:
    assert desk.settings.portfolios is not None
    folder = desk.settings.portfolios / desk.tenants["farm"] / "november"
    shutil.copytree(portfolio, folder)
    made = desk.ask("POST", "/v1/books", json={"title": "x", "source": {"folder": "november"}})
    job_id = done(desk, made.json()["book_id"])
    assert export(desk, "compensation", job_id).status_code == 200
    (folder / "loans.parquet").unlink()
    (folder / "loans.parquet").symlink_to(portfolio / "loans.parquet")
    assert export(desk, "compensation", job_id).status_code == 409
    shutil.rmtree(folder)
    gone = export(desk, "compensation", job_id)
    assert (gone.status_code, gone.json()["type"]) == (409, "urn:riskengine:problem:book-changed")


def test_an_export_has_no_rules_once_the_results_are_kept_no_longer(
    desk: Desk, portfolio: Path
) -> None:
    job_id = done(desk, desk.book(portfolio))
    shutil.rmtree(job_folder(desk.settings.data, desk.tenants["farm"], job_id))
    assert export(desk, "balances", job_id).status_code == 404


def test_a_job_of_before_that_recorded_no_digests_says_so(desk: Desk, portfolio: Path) -> None:
    job_id = done(desk, desk.book(portfolio))
    with writing(state_of(desk).engine) as connection:
        old = orjson.dumps({"manifest": {}, "results": []}).decode()
        connection.execute(update(jobs).where(jobs.c.job_id == job_id).values(manifest=old))
    assert "no digests" in export(desk, "balances", job_id).json()["title"]
