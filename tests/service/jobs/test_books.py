"""Books: uploads whole or not at all, inside their tenant's folder, unchanged under a job."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from service.jobs.shelf import tenant_folder
from service.jobs.uploads import Arriving
from service.problems import Problem
from tests.service.jobs.conftest import DAY, Desk

CSV = "权利编号,面积(亩)\nR-1,3\n"


@pytest.fixture
def place(desk: Desk) -> str:
    """Address of an empty book."""
    return str(desk.ask("POST", "/v1/books", json={"title": "book"}).headers["location"])


def files(desk: Desk, who: str = "farm") -> list[str]:
    """Every file of a tenant's books."""
    folder = tenant_folder(desk.settings.data, desk.tenants[who]) / "books"
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def put(desk: Desk, place: str, content: bytes, table: str = "land", **more: Any) -> Any:
    """Upload a table."""
    return desk.ask("PUT", f"{place}/tables/{table}", content=content, **more)


def test_tables_are_listed_with_size_and_digest(desk: Desk, place: str, rights_only: Path) -> None:
    raw = (rights_only / "land.parquet").read_bytes()
    answer = put(desk, place, raw, params={"format": "parquet"})
    digest = hashlib.sha256(raw).hexdigest()
    assert (answer.status_code, answer.headers["etag"]) == (201, f'"{digest}"')
    assert put(desk, place, CSV.encode("gb18030"), "forest").json()["format"] == "csv"
    book = desk.ask("GET", place).json()
    held = {one["table"]: (one["format"], one["bytes"]) for one in book["tables"]}
    assert held == {"land": ("parquet", len(raw)), "forest": ("csv", len(CSV.encode("gb18030")))}
    assert desk.ask("GET", "/v1/books").json()["items"][0]["book_id"] == book["book_id"]


def test_a_table_is_replaced_only_under_its_conditions(desk: Desk, place: str) -> None:
    first = put(desk, place, b"a,b\n1,2\n")
    tag = first.headers["etag"]
    wrong = {"If-Match": '"' + "0" * 64 + '"'}
    assert put(desk, place, b"a\n", headers={"If-None-Match": "*"}).status_code == 412
    assert put(desk, place, b"a\n", headers=wrong).status_code == 412
    assert put(desk, place, b"a\n", headers={"If-Match": f"W/{tag}"}).status_code == 412
    assert put(desk, place, b"a\n", "forest", headers={"If-Match": "*"}).status_code == 412
    assert desk.ask("GET", place).json()["tables"][0]["sha256"] == tag.strip('"')
    assert put(desk, place, b"a\n", headers={"If-Match": tag}).status_code == 200
    assert len([name for name in files(desk) if name.startswith("land")]) == 1


@pytest.mark.parametrize(
    ("content", "form"),
    [(b"", None), (b"PAR1 cut off", None), (b"\0\1\2", None), (b"a,b\n", "parquet"),
     (b"PK\x03\x04", "csv")],
)  # fmt: skip
def test_what_is_no_table_leaves_nothing(
    desk: Desk, place: str, content: bytes, form: str | None
) -> None:
    answer = put(desk, place, content, params={"format": form} if form else {})
    assert answer.status_code == 415
    assert answer.headers["content-type"] == "application/problem+json"
    assert files(desk) == []


@pytest.mark.parametrize("table", ["castle", "..", "%2e%2e%2fland", "land.parquet", "LAND"])
def test_only_known_tables_are_taken(desk: Desk, place: str, table: str) -> None:
    assert put(desk, place, b"a\n", table).status_code in (404, 405, 422)
    assert files(desk) == []


def test_tenants_do_not_see_each_other(desk: Desk, place: str) -> None:
    put(desk, place, b"a\n")
    for method, path in (("GET", place), ("DELETE", place), ("PUT", f"{place}/tables/land")):
        more = {"content": b"a\n"} if method == "PUT" else {}
        assert desk.ask(method, path, "bank", **more).status_code == 404
    body = {"kind": "check", "valued_on": DAY}
    assert desk.ask("POST", f"{place}/jobs", "bank", json=body).status_code == 404
    assert desk.ask("GET", "/v1/books", "bank").json()["items"] == []


def test_lists_are_read_page_by_page(desk: Desk) -> None:
    made = [desk.ask("POST", "/v1/books", json={"title": f"{k}"}).json() for k in range(5)]
    seen, cursor = [], None
    while True:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = desk.ask("GET", "/v1/books", params=query).json()
        seen += [one["book_id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [one["book_id"] for one in reversed(made)]
    for bad in ("x", "YQ", "é", "A" * 150):
        assert desk.ask("GET", "/v1/books", params={"cursor": bad}).status_code == 422


def test_a_book_under_a_job_is_left_as_it_is(desk: Desk, place: str, rights_only: Path) -> None:
    raw = (rights_only / "land.parquet").read_bytes()
    put(desk, place, raw)
    job_id = desk.start(place.rpartition("/")[2], "revalue")
    assert put(desk, place, b"a\n").status_code == 409
    assert desk.ask("DELETE", place).status_code == 409
    assert desk.ask("POST", f"/v1/jobs/{job_id}/cancel").json()["state"] == "cancelled"
    assert put(desk, place, b"a\n").status_code == 200
    assert desk.ask("DELETE", place).status_code == 204
    assert desk.ask("GET", place).status_code == 404
    assert files(desk) == []


def test_a_folder_is_pointed_to_by_name_alone(desk: Desk, rights_only: Path) -> None:
    own = desk.settings.portfolios
    assert own is not None
    farm, bank = own / desk.tenants["farm"], own / desk.tenants["bank"]
    shutil.copytree(rights_only, farm / "autumn")
    shutil.copytree(rights_only, bank / "secret")
    (farm / "link").symlink_to(bank / "secret")

    def point(folder: str) -> int:
        body = {"title": "t", "source": {"folder": folder}}
        return int(desk.ask("POST", "/v1/books", json=body).status_code)

    assert point("autumn") == 201
    for name in (
        "secret",
        "link",
        "..",
        f"../{bank.name}/secret",
        "autumn/../../bank",
        "",
        "/",
        ".",
    ):
        assert point(name) == 422
    book_id = desk.ask("GET", "/v1/books").json()["items"][0]["book_id"]
    assert desk.ask("PUT", f"/v1/books/{book_id}/tables/land", content=b"a\n").status_code == 409


def test_a_book_without_tables_starts_no_job(desk: Desk, place: str) -> None:
    answer = desk.ask("POST", f"{place}/jobs", json={"kind": "check", "valued_on": DAY})
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("empty-book")
    home = tenant_folder(desk.settings.data, desk.tenants["farm"])
    assert list(home.glob("jobs/*")) == []


async def _blocks(*blocks: bytes) -> Any:
    for block in blocks:
        yield block


def test_an_upload_ends_at_its_limit(tmp_path: Path) -> None:
    import asyncio

    arriving = Arriving(tmp_path, 10)
    with pytest.raises(Problem) as told:
        asyncio.run(arriving.take(_blocks(b"123456", b"789012")))
    arriving.drop()
    assert told.value.status == 413
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    import asyncio

    arriving = Arriving(tmp_path, 1 << 20)
    arriving._file.close()
    arriving._file = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115 - closed by drop
    with pytest.raises(Problem) as told:
        asyncio.run(arriving.take(_blocks(b"1")))
    arriving.drop()
    assert (told.value.status, told.value.code) == (503, "disk-full")
    assert int(told.value.headers["Retry-After"]) >= 1
