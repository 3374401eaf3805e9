"""The batch: rows in = rows valued + rows rejected, resumable to the same bytes."""

import filecmp
import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from riskengine import revalue as batch
from riskengine.duplicates import duplicate_rows
from riskengine.errors import PortfolioError
from riskengine.folder import find_tables, open_table
from riskengine.kernels.check import hash_strings
from riskengine.report import write_report
from riskengine.revalue import revalue
from riskengine.rights import RIGHTS
from riskengine.sample.writer import write_sample

DAY = date(2026, 11, 24)
ROWS = 3000


def tables_of(folder: Path) -> list[Path]:
    """Files of the rights, without the comparable deals."""
    return sorted(path for path in folder.glob("*.parquet") if path.stem in RIGHTS)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic book in small row groups, with some rows spoilt."""
    folder = tmp_path_factory.mktemp("book")
    write_sample(folder, ROWS, 5, DAY)
    for path in tables_of(folder):
        table = pq.read_table(path)
        ids = table.column("right_id").to_pylist()
        ids[7] = ids[3]
        regions = table.column("region_code").cast(pa.string()).to_pylist()
        regions[11] = "000000"
        table = table.set_column(0, "right_id", pa.array(ids))
        place = table.schema.get_field_index("region_code")
        table = table.set_column(place, "region_code", pa.array(regions))
        pq.write_table(table, path, row_group_size=100)
    return folder


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch.cut, "__defaults__", (300,))


def files_of(folder: Path) -> dict[str, Path]:
    """Everything a run leaves but the timing."""
    return {
        str(path.relative_to(folder)): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def assert_same(left: Path, right: Path) -> None:
    """Two runs left the same bytes, and the same manifest but for its timing."""
    ours, theirs = files_of(left), files_of(right)
    assert list(ours) == list(theirs)
    for name in ours:
        assert filecmp.cmp(ours[name], theirs[name], shallow=False), name
    manifests = [json.loads((folder / "manifest.json").read_text()) for folder in (left, right)]
    for manifest in manifests:
        del manifest["seconds"], manifest["rows_per_second"]
    assert manifests[0] == manifests[1]


def test_every_row_is_valued_or_rejected(book: Path, tmp_path: Path) -> None:
    manifest = revalue(book, tmp_path, DAY)
    tables = len(tables_of(book))
    assert manifest["rows_in"] == ROWS
    assert manifest["rows_rejected"] == 3 * tables
    assert manifest["rows_valued"] == ROWS - 3 * tables
    rejected = pq.read_table(tmp_path / "rejected.parquet").to_pylist()
    assert {(fault["row"], fault["rule"]) for fault in rejected} == {
        (4, "duplicate"), (8, "duplicate"), (12, "unknown_region"),
    }  # fmt: skip
    text = (tmp_path / "rejected.csv").read_text(encoding="utf-8")
    assert text.count("unknown_region") == tables
    valued = sum(pq.read_table(folder).num_rows for folder in (tmp_path / "results").iterdir())
    assert valued == manifest["rows_valued"]


def test_workers_change_nothing(book: Path, tmp_path: Path, small_chunks: None) -> None:
    for jobs in (1, 2):
        out = tmp_path / str(jobs)
        write_report(out, revalue(book, out, DAY, jobs=jobs))
    assert_same(tmp_path / "1", tmp_path / "2")


def test_chunking_changes_no_value(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    revalue(book, tmp_path / "whole", DAY)
    monkeypatch.setattr(batch.cut, "__defaults__", (300,))
    monkeypatch.setattr(batch, "BATCH_ROWS", 77)
    revalue(book, tmp_path / "cut", DAY)
    for folder in (tmp_path / "whole" / "results").iterdir():
        left, right = (
            pq.read_table(tmp_path / run / "results" / folder.name).to_pandas()
            for run in ("whole", "cut")
        )
        text = left.select_dtypes(exclude="number").columns
        assert left[text].astype(str).equals(right[text].astype(str))
        numbers = left.select_dtypes("number").columns
        np.testing.assert_array_equal(left[numbers].to_numpy(), right[numbers].to_numpy())


def test_row_order_changes_no_value(book: Path, tmp_path: Path) -> None:
    shuffled = tmp_path / "book"
    shuffled.mkdir()
    order = np.random.default_rng(0)
    for path in book.glob("*.parquet"):
        table = pq.read_table(path)
        pq.write_table(
            table.take(pa.array(order.permutation(table.num_rows))), shuffled / path.name
        )
    revalue(book, tmp_path / "a", DAY)
    revalue(shuffled, tmp_path / "b", DAY)
    for folder in (tmp_path / "a" / "results").iterdir():
        left, right = (
            pq.read_table(tmp_path / run / "results" / folder.name)
            .to_pandas().set_index("right_id").sort_index()
            for run in ("a", "b")
        )  # fmt: skip
        numbers = left.select_dtypes("number").columns
        np.testing.assert_array_equal(left[numbers].to_numpy(), right[numbers].to_numpy())


def test_a_run_broken_in_any_chunk_resumes_to_the_same_bytes(
    book: Path, tmp_path: Path, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(tmp_path / "whole", revalue(book, tmp_path / "whole", DAY))
    real = batch.results
    calls = {"left": 0}

    def fails(valuation: object) -> pa.RecordBatch:
        calls["left"] -= 1
        if calls["left"] < 0:
            raise RuntimeError("killed")
        return real(valuation)  # type: ignore[arg-type]

    monkeypatch.setattr(batch, "results", fails)
    broken = tmp_path / "broken"
    for attempt in range(20):
        calls["left"] = 1 + attempt
        try:
            manifest = revalue(book, broken, DAY)
        except RuntimeError:
            assert not (broken / "manifest.json").exists()
            continue
        break
    write_report(broken, manifest)
    assert attempt > 1
    assert_same(tmp_path / "whole", broken)


def test_killed_processes_resume_to_the_same_bytes(
    book: Path, tmp_path: Path, small_chunks: None
) -> None:
    code = (
        "import sys, datetime, pathlib; from riskengine import revalue as b;"
        "b.cut.__defaults__ = (300,);"
        "b.revalue(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]),"
        " datetime.date(2026, 11, 24), jobs=int(sys.argv[3]))"
    )
    out = tmp_path / "killed"
    command = [sys.executable, "-c", code, str(book), str(out), "1"]
    kills = 0
    for patience in np.random.default_rng(3).uniform(0.8, 3.5, 6):
        process = subprocess.Popen(command, cwd=Path.cwd())
        time.sleep(float(patience))
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
    assert kills > 0
    subprocess.run(command, check=True)
    revalue(book, tmp_path / "whole", DAY)
    assert_same(tmp_path / "whole", out)


def test_another_plan_begins_anew(book: Path, tmp_path: Path) -> None:
    first = revalue(book, tmp_path, DAY)
    second = revalue(book, tmp_path, date(2026, 12, 31))
    assert first["valued_on"] != second["valued_on"]
    assert json.loads((tmp_path / "manifest.json").read_text())["valued_on"] == "2026-12-31"


def test_a_folder_with_other_peoples_results_is_left_alone(book: Path, tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "thesis.txt").write_text("years of work")
    with pytest.raises(PortfolioError, match="other results"):
        revalue(book, tmp_path, DAY)
    assert (tmp_path / "results" / "thesis.txt").read_text() == "years of work"


def test_duplicates_found_across_chunks_and_true_under_collisions(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = open_table(find_tables(book, (RIGHTS["land"],))[0], tmp_path)
    assert duplicate_rows(table, tmp_path).tolist() == [3, 7]
    monkeypatch.setattr(
        "riskengine.duplicates.hash_strings", lambda offsets, data, out: out.fill(1)
    )
    assert duplicate_rows(table, tmp_path).tolist() == [3, 7]
    monkeypatch.setattr("riskengine.duplicates.BUCKET_ROWS", 64)
    monkeypatch.setattr("riskengine.duplicates.hash_strings", hash_strings)
    assert duplicate_rows(table, tmp_path).tolist() == [3, 7]
    assert not list(tmp_path.glob("*.ids"))


def test_sample_is_seeded(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_sample(tmp_path / name, 500, seed, DAY)
    same, other = (
        filecmp.cmp(
            tmp_path / "a" / "land.parquet", tmp_path / name / "land.parquet", shallow=False
        )
        for name in ("b", "c")
    )
    assert same
    assert not other
    assert "SYNTHETIC" in (tmp_path / "a" / "README.md").read_text(encoding="utf-8")
    metadata = pq.read_schema(tmp_path / "a" / "land.parquet").metadata
    assert b"synthetic" in metadata
