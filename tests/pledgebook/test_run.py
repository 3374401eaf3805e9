"""A whole book: no row is lost, no result half written, the same bytes whatever the files."""

import csv
import filecmp
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from riskengine import cli, demo
from riskengine.checking import check_portfolio
from riskengine.errors import PortfolioError
from riskengine.folder import find_tables, open_table
from riskengine.pledgebook import run as batch
from riskengine.pledgebook.read import around
from riskengine.rights import RIGHTS
from riskengine.template import write_templates

DAY = date(2026, 11, 24)
Book = tuple[Path, dict[str, Any]]


def results(out: Path) -> dict[str, dict[str, Any]]:
    """Rows of every kind by identifier of the pledge."""
    found = {}
    for path in sorted((out / "pledges").iterdir()):
        for row in pq.read_table(path).to_pylist():
            assert row["pledge_id"] not in found
            found[row["pledge_id"]] = row
    return found


def rejects(out: Path) -> list[tuple[str, int, str, str]]:
    rows = pq.read_table(out / "rejected.parquet").to_pylist()
    return [(row["table"], row["row"], row["column"], row["rule"]) for row in rows]


def assert_same(left: Path, right: Path) -> None:
    """Two runs left the same bytes, and the same manifest but for inputs and timing."""
    ours, theirs = (
        {str(path.relative_to(top)): path for path in sorted(top.rglob("*")) if path.is_file()}
        for top in (left, right)
    )
    assert list(ours) == list(theirs)
    for name in ours:
        if name != "manifest.json":
            assert filecmp.cmp(ours[name], theirs[name], shallow=False), name
    notes = [json.loads((top / "manifest.json").read_bytes()) for top in (left, right)]
    for note in notes:
        for name in ("seconds", "rows_per_second", "inputs"):
            del note[name]
    assert notes[0] == notes[1]


@pytest.fixture
def copy(sample: Path, tmp_path: Path) -> Path:
    """The sample to be spoilt, its files written in another order."""
    folder = tmp_path / "copy"
    folder.mkdir()
    for path in sorted(sample.iterdir(), reverse=True):
        shutil.copy(path, folder / path.name)
    return folder


def change(path: Path, **columns: Callable[[list[Any]], list[Any]]) -> None:
    """Change columns of a Parquet file."""
    table = pq.read_table(path)
    for name, edit in columns.items():
        cells = table[name].to_pylist()
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pa.array(edit(cells)))
    pq.write_table(table, path, row_group_size=300)


def put(**cells: Any) -> Callable[[list[Any]], list[Any]]:
    """Put cells into rows: r3="x" puts x into the row 3, counted from 0."""

    def edit(column: list[Any]) -> list[Any]:
        for row, cell in cells.items():
            column[int(row[1:])] = cell
        return column

    return edit


def test_every_pledge_is_judged_once(judged: Book, sample: Path) -> None:
    out, manifest = judged
    ids = pq.read_table(sample / "pledges.parquet")["pledge_id"].to_pylist()
    assert sorted(results(out)) == sorted(ids)
    assert manifest["rows_in"] == manifest["rows_judged"] == len(ids)
    assert sum(manifest["outcomes"].values()) == len(ids)
    assert sum(kind[0] for kind in manifest["tally"]["kinds"].values()) == len(ids)
    assert sum(county[0] for county in manifest["tally"]["counties"].values()) == len(ids)
    assert not (out / ".work").exists()


def test_the_sums_are_those_of_the_rows(judged: Book) -> None:
    out, manifest = judged
    rows = list(results(out).values())
    tally = manifest["tally"]
    for place, column in ((1, "debt_yuan"), (2, "lending_value_yuan")):
        total = sum(kind[place] for kind in tally["kinds"].values())
        assert total == pytest.approx(sum(row[column] for row in rows), rel=1e-9)
    for mark, told in manifest["rules"].items():
        assert told["failed"] == sum(mark in row["failed"].split() for row in rows), mark
        assert told["unknown"] == sum(mark in row["unknown"].split() for row in rows), mark
        assert told["title_zh"], mark
        assert told["severity"] in ("haircut", "refer", "block"), mark
    below = sum(row["cover"] is not None and row["cover"] < 1.0 for row in rows)
    assert sum(sum(counts[:4]) for counts in tally["cover"].values()) == below


def test_the_same_bytes_twice_whatever_the_order_and_the_layout_of_files(
    judged: Book, copy: Path, judge: Any, tmp_path: Path
) -> None:
    out, _ = judged
    for name in ("pledges", "loans", "policies"):
        pq.write_table(pq.read_table(copy / f"{name}.parquet"), copy / f"{name}.parquet",
                       row_group_size=111)  # fmt: skip
    judge(copy, tmp_path / "again")
    assert_same(out, tmp_path / "again")


def test_csv_in_gb18030_with_chinese_headings_and_excel(
    judged: Book, copy: Path, judge: Any, tmp_path: Path
) -> None:
    out, _ = judged
    contracts = {contract.table: contract for contract in (*RIGHTS.values(), *around())}
    for name in ("pledges", "land", "loans"):
        rows = pq.read_table(copy / f"{name}.parquet")
        heads = [contracts[name].by_name[column].title.zh for column in rows.column_names]
        lines = [list(row.values()) for row in rows.to_pylist()]
        (copy / f"{name}.parquet").unlink()
        if name == "loans":
            book = openpyxl.Workbook()
            sheet = book.active
            sheet.append(heads)
            for line in lines:
                sheet.append(line)
            book.save(copy / f"{contracts[name].title.zh}.xlsx")
        else:
            with (copy / f"{contracts[name].title.zh}.csv").open(
                "w", encoding="gb18030", newline=""
            ) as stream:
                writer = csv.writer(stream)
                writer.writerow(heads)
                writer.writerows([["" if c is None else c for c in line] for line in lines])
    judge(copy, tmp_path / "again")
    assert_same(out, tmp_path / "again")


def test_rows_that_cannot_be_judged_are_listed_with_every_fault(
    copy: Path, judge: Any, tmp_path: Path
) -> None:
    pledges = pq.read_table(copy / "pledges.parquet")
    on = pledges["right_id"].to_pylist()
    rights = pq.read_table(copy / "land.parquet")["right_id"].to_pylist()
    free = next(k for k, right in enumerate(rights) if right not in set(on))
    once = [k for k in range(60) if on.count(on[k]) == 1]
    lost, twin, bad, unknown_loan = once[:4]
    change(
        copy / "pledges.parquet",
        pledge_id=put(r900="SAME", r901="SAME", r902="=1+1", r903="<script>alert(1)</script>"),
        right_kind=put(r905="ship"), right_id=put(**{f"r{lost}": "NO SUCH RIGHT"}),
        loan_id=put(**{f"r{unknown_loan}": "NO SUCH LOAN"}, r906="a\x00b"),
        created_on=put(r907=date(2031, 1, 1)),
    )  # fmt: skip
    change(
        copy / "land.parquet",
        right_id=put(**{f"r{free}": rights[rights.index(on[twin])]}),
        region_code=put(**{f"r{rights.index(on[bad])}": "000000"}),
    )
    change(copy / "loans.parquet", balance_yuan=put(r5=-1.0))
    change(copy / "policies.parquet", sum_insured_yuan=put(r3=1e300))
    manifest = judge(copy, tmp_path / "out")
    assert manifest["rows_in"] == manifest["rows_judged"] + manifest["rows_rejected"] == len(on)
    found = rejects(tmp_path / "out")
    assert found == sorted(found, key=lambda fault: (fault[0], fault[1]))
    twins = sorted([free + 1, rights.index(on[twin]) + 1])
    for expected in [
        ("pledges", 901, "pledge_id", "duplicate"), ("pledges", 902, "pledge_id", "duplicate"),
        ("pledges", 906, "right_kind", "unknown_code"), ("pledges", 907, "loan_id", "unprintable"),
        ("pledges", 908, "created_on", "after_valued_on"),
        ("pledges", lost + 1, "right_id", "unknown_right"),
        ("pledges", twin + 1, "right_id", "unknown_right"),
        ("pledges", bad + 1, "right_id", "unknown_right"),
        ("pledges", unknown_loan + 1, "loan_id", "unknown_loan"),
        ("land", twins[0], "right_id", "duplicate"), ("land", twins[1], "right_id", "duplicate"),
        ("land", rights.index(on[bad]) + 1, "region_code", "unknown_region"),
        ("loans", 6, "balance_yuan", "out_of_range"),
        ("policies", 4, "sum_insured_yuan", "out_of_range"),
    ]:  # fmt: skip
        assert expected in found, expected
    told = {row for table, row, *_ in found if table == "pledges"}
    assert len(told) == manifest["rows_rejected"]
    faults = manifest["tally"]["faults"]
    assert sum(faults["kinds"].values()) == sum(faults["columns"].values()) == len(found)
    judged_ids = results(tmp_path / "out")
    assert "=1+1" in judged_ids
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<script>" not in page


def test_faults_of_rights_without_pledges_are_not_told(
    hand: Any, household: Any, pledge: Any, judge: Any, tmp_path: Path
) -> None:
    rights = [household("A"), household("B", area_mu="-3")]
    judge(hand(land=rights, pledges=[pledge("P", "A")]), tmp_path / "out")
    assert rejects(tmp_path / "out") == []
    judge(hand(land=rights, pledges=[pledge("P", "B")]), tmp_path / "out")
    assert [fault[0] for fault in rejects(tmp_path / "out")] == ["land", "pledges"]


@pytest.mark.parametrize("empty", [("pledges",), ("loans", "policies"), ("land",)])
def test_empty_tables(
    empty: tuple[str, ...], hand: Any, household: Any, pledge: Any, loan: Any, judge: Any,
    tmp_path: Path,
) -> None:  # fmt: skip
    folder = hand(
        land=[household("A")], pledges=[pledge("P", "A", "L"), pledge("Q", "A")],
        loans=[loan("L", 1000.0)],
        policies=[{"policy_id": "I", "right_kind": "land", "right_id": "A", "kind": "full_cost",
                   "sum_insured_yuan": 1000, "ends_on": "2027-01-01"}],
    )  # fmt: skip
    for name in empty:
        path = folder / f"{name}.csv"
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    manifest = judge(folder, tmp_path / "out")
    counted = (manifest["rows_in"], manifest["rows_judged"], manifest["rows_rejected"])
    assert counted == {"pledges": (0, 0, 0), "loans": (2, 1, 1), "land": (2, 0, 2)}[empty[0]]
    assert (tmp_path / "out" / "report.html").exists()
    assert pq.read_table(tmp_path / "out" / "watch.parquet").num_rows == manifest["watched"]


def test_a_folder_without_pledges_is_refused(
    hand: Any, household: Any, judge: Any, tmp_path: Path
) -> None:
    with pytest.raises(PortfolioError, match="no table of pledges"):
        judge(hand(land=[household("A")]), tmp_path / "out")


def test_a_refused_run_leaves_the_results_before_it(
    judged: Book, copy: Path, judge: Any, tmp_path: Path
) -> None:
    out, _ = judged
    shutil.copytree(out, tmp_path / "out")
    whole = (copy / "loans.parquet").read_bytes()
    (copy / "loans.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PortfolioError, match="not a whole Parquet file"):
        judge(copy, tmp_path / "out")
    assert_same(out, tmp_path / "out")


class Killed(BaseException):
    """What ends a run at once."""


def test_a_run_that_is_killed_while_it_judges_leaves_the_results_before_it(
    judged: Book, sample: Path, judge: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, _ = judged
    shutil.copytree(out, tmp_path / "out")

    def stop(done: int, rows: int) -> None:
        assert 0 < done <= rows
        raise Killed

    monkeypatch.setattr(batch.shutil, "rmtree", lambda *_, **__: None)  # as if nothing could tidy
    with pytest.raises(Killed):
        judge(sample, tmp_path / "out", progress=stop)
    monkeypatch.undo()
    assert (tmp_path / "out" / ".work").exists()
    judge(sample, tmp_path / "out")
    assert_same(out, tmp_path / "out")


def test_a_run_that_is_killed_while_it_moves_leaves_nothing_that_looks_whole(
    judged: Book, sample: Path, judge: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, _ = judged
    shutil.copytree(out, tmp_path / "out")
    monkeypatch.setattr(batch, "LEFT", (*batch.LEFT[:3], "no such file"))
    with pytest.raises(FileNotFoundError):
        judge(sample, tmp_path / "out")
    assert not (tmp_path / "out" / "manifest.json").exists()
    monkeypatch.undo()
    (tmp_path / "out" / ".work").mkdir(exist_ok=True)
    judge(sample, tmp_path / "out")
    assert_same(out, tmp_path / "out")


def test_results_of_another_command_are_not_overwritten(
    sample: Path, judge: Any, tmp_path: Path
) -> None:
    (tmp_path / "manifest.json").write_text('{"rows_valued": 3}', encoding="utf-8")
    with pytest.raises(PortfolioError, match="other results"):
        judge(sample, tmp_path)
    assert (tmp_path / "manifest.json").read_text(encoding="utf-8") == '{"rows_valued": 3}'


def test_progress_comes_to_all_pledges(sample: Path, judge: Any, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    manifest = judge(
        sample, tmp_path / "out", progress=lambda done, rows: steps.append((done, rows))
    )
    assert steps == sorted(steps)
    assert steps[-1] == (manifest["rows_in"], manifest["rows_in"])


def test_batches_of_any_size_come_to_the_same(
    judged: Book, sample: Path, judge: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, _ = judged
    monkeypatch.setattr(batch, "BATCH_ROWS", 97)
    judge(sample, tmp_path / "out")
    ours, theirs = results(out), results(tmp_path / "out")
    assert ours.keys() == theirs.keys()
    for name, row in ours.items():
        assert str(row) == str(theirs[name])
    assert pq.read_table(tmp_path / "out" / "watch.parquet").to_pylist() == pq.read_table(
        out / "watch.parquet"
    ).to_pylist()  # fmt: skip


def test_check_looks_at_the_tables_around_the_rights(copy: Path) -> None:
    assert check_portfolio(copy, DAY)["rows_rejected"] == 0
    change(copy / "pledges.parquet", right_kind=put(r4="ship"))
    change(copy / "loans.parquet", loan_id=put(r1="L", r2="L"))
    change(copy / "policies.parquet", ends_on=put(r0=None))
    found = check_portfolio(copy, DAY)
    told = [(fault["table"], fault["row"], fault["rule"]) for fault in found["faults"]]
    assert told == [
        ("pledges", 5, "unknown_code"), ("loans", 2, "duplicate"), ("loans", 3, "duplicate"),
        ("policies", 1, "missing"),
    ]  # fmt: skip
    assert found["rows_rejected"] == 4


def test_templates_of_the_tables_around_the_rights_can_be_read(tmp_path: Path) -> None:
    write_templates(tmp_path, around())
    (tmp_path / "templates.xlsx").unlink()
    (tmp_path / "spool").mkdir()
    files = find_tables(tmp_path, around())
    assert [file.contract.table for file in files] == ["pledges", "loans", "policies"]
    for file in files:
        table = open_table(file, tmp_path / "spool")
        assert not table.unknown
        assert not table.broken


def test_the_command(hand: Any, household: Any, pledge: Any, loan: Any, tmp_path: Path) -> None:
    folder = hand(land=[household("A")], pledges=[pledge("P", "A", "L"), pledge("Q", "B", "L")],
                  loans=[loan("L", 1000.0)])  # fmt: skip
    words = ["pledges", str(folder), str(tmp_path / "out"), "--valued-on", DAY.isoformat()]
    said = CliRunner().invoke(cli.app, words)
    assert said.exit_code == 0, said.output
    assert "2 押品 pledges = 1 已判 judged + 1 退回 rejected" in " ".join(said.output.split())
    told = json.loads(CliRunner().invoke(cli.app, [*words, "--json"]).output)
    assert told["rows_in"] == 2
    assert json.loads((tmp_path / "out" / "manifest.json").read_bytes()) == told


def test_the_demonstration_judges_its_pledges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "SAMPLE_ROWS", 300)
    lines: list[str] = []
    figures = demo.run(tmp_path, tmp_path / "no cases", DAY, lines.append)
    assert any("judging the pledges" in line for line in lines)
    assert figures["pledges"] == figures["pledges_judged"] + figures["pledges_rejected"] > 200
    assert (tmp_path / "pledges" / "report.html").exists()
