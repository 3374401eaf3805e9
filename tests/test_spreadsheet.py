"""Rejects and lists as CSV: no formula in them, nobody's number, every row, and back again."""

import csv
import io
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.book.checking import check_whole
from riskengine.cells import MOST_TOLD
from riskengine.checking import MOST_LISTED
from riskengine.files import Rejects, write_csv
from riskengine.folder import find_tables, open_table, read_whole
from riskengine.revalue import revalue
from riskengine.rights import RIGHTS
from riskengine.spreadsheet import guarded, guarded_batch, unguarded_batch

DAY = date(2026, 11, 24)
LAND = RIGHTS["land"]
NAMES = [column.name for column in LAND.columns]
EVIL = '=HYPERLINK("http://evil","x")'
PERSON = "11010519491231002X"


def land(folder: Path, rows: list[dict[str, str]]) -> Path:
    """A portfolio of land given as CSV."""
    folder.mkdir(exist_ok=True)
    with (folder / "land.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, NAMES, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return folder


def checked(folder: Path, out: Path) -> tuple[dict[str, object], list[dict[str, str]], pa.Table]:
    """What a check finds, and the rejected rows as CSV and as Parquet."""
    out.mkdir()
    with Rejects(out) as rejects:
        found = check_whole(folder, DAY, rejects.add)
    lines = list(csv.DictReader(io.StringIO((out / "rejected.csv").read_text(encoding="utf-8"))))
    return found, lines, pq.read_table(out / "rejected.parquet")


@given(st.lists(st.one_of(st.none(), st.text(max_size=6), st.sampled_from("=+-@＝'\t").map(
    lambda sign: f"{sign}1+1"))))  # fmt: skip
def test_no_cell_begins_like_a_formula_and_guarded_ones_come_back(texts: list[str | None]) -> None:
    plain = pa.array(texts, pa.string())
    batch = pa.RecordBatch.from_arrays([plain, plain.dictionary_encode()], ["a", "b"])
    found = guarded_batch(batch)
    for text in (*found["a"].to_pylist(), *found["b"].cast(pa.string()).to_pylist()):
        assert text is None or not text.strip().startswith(tuple("=+-@＝＋－＠"))
    back = unguarded_batch(found)["a"].to_pylist()
    for before, after in zip(texts, back, strict=True):
        if before is not None and guarded(before) == f"'{before}":
            assert after == before
    assert unguarded_batch(pa.RecordBatch.from_arrays([found["a"]], ["a"])) == (
        unguarded_batch(unguarded_batch(pa.RecordBatch.from_arrays([found["a"]], ["a"])))
    )


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_guarded_identifier_is_handed_in_again_as_it_was(tmp_path: Path, form: str) -> None:
    _, lines, parquet = checked(
        land(tmp_path / "a", [{"right_id": EVIL, "area_mu": "-3"}]), tmp_path / "out"
    )
    assert {line["right_id"] for line in lines} == {f"'{EVIL}"}
    assert set(parquet["right_id"].to_pylist()) == {EVIL}
    area = next(line for line in lines if line["column"] == "area_mu")
    assert area["value"] == "'-3"
    again = {"right_id": lines[0]["right_id"], "area_mu": area["value"]}
    folder = land(tmp_path / "b", [again])
    if form == "xlsx":
        (folder / "land.csv").unlink()
        book = openpyxl.Workbook()
        book.active.append(NAMES)
        book.active.append([again.get(name) for name in NAMES])
        book.save(folder / "land.xlsx")
    read = read_whole(open_table(find_tables(folder, [LAND])[0], tmp_path))
    assert read["right_id"].to_pylist() == [EVIL]
    assert read["area_mu"].cast(pa.string()).to_pylist() == ["-3"]


def test_a_revaluation_and_other_lists_are_guarded(tmp_path: Path) -> None:
    folder = land(tmp_path / "a", [{"right_id": EVIL, "area_mu": "x"}])
    revalue(folder, tmp_path / "out", DAY)
    assert f"'{EVIL}".replace('"', '""') in (tmp_path / "out" / "rejected.csv").read_text()
    write_csv(pa.table({"id": [EVIL, "a"], "n": [-1.0, 2.0]}), tmp_path / "list.csv")
    lines = list(csv.reader(io.StringIO((tmp_path / "list.csv").read_text())))
    assert lines[1:] == [[f"'{EVIL}", "-1"], ["a", "2"]]


def test_an_identity_number_in_a_wrong_column_is_masked(tmp_path: Path) -> None:
    other = "11010519491231002" + "1"  # its check character is wrong: a figure like others
    rows = [{"right_id": "R-1", "area_mu": PERSON}, {"right_id": PERSON, "area_mu": f"x {PERSON}"},
            {"right_id": "R-3", "land_use": PERSON, "area_mu": f"x{other}"}]  # fmt: skip
    found, lines, parquet = checked(land(tmp_path / "a", rows), tmp_path / "out")
    assert PERSON not in str(found) + str(lines) + str(parquet.to_pylist())
    values = {line["value"] for line in lines}
    assert {"110***********002X", "x 110***********002X", f"x{other}"} <= values
    assert "110***********002X" in {line["right_id"] for line in lines}


def test_a_row_tells_its_first_faults_and_counts_the_others_exactly(tmp_path: Path) -> None:
    rows, names = 3 * MOST_LISTED // MOST_TOLD, NAMES[1:]
    zero = pa.array(np.zeros(rows, dtype=np.int32))
    bad = pa.DictionaryArray.from_arrays(zero, pa.array(["?"]))
    ids = pa.array([f"R-{k}" for k in range(rows)])
    folder = tmp_path / "a"
    folder.mkdir()
    pq.write_table(
        pa.table({"right_id": ids, **dict.fromkeys(names, bad)}), folder / "land.parquet"
    )
    found, _, rejected = checked(folder, tmp_path / "out")
    one = tmp_path / "one"
    one.mkdir()
    pq.write_table(pa.table({"right_id": ids[:1], **dict.fromkeys(names, bad[:1])}),
                   one / "land.parquet")  # fmt: skip
    each = check_whole(one, DAY)["faults_found"]
    assert each > MOST_TOLD
    assert (found["rows_rejected"], found["faults_found"]) == (rows, rows * each)
    assert len(found["faults"]) == MOST_LISTED
    assert rejected.num_rows == rows * MOST_TOLD
    assert sorted(set(rejected["row"].to_pylist())) == list(range(1, rows + 1))
    last = rejected.slice(MOST_TOLD - 1, 1).to_pylist()[0]
    assert f"{each - MOST_TOLD} more faults of this row" in last["message_en"]
    assert f"另有 {each - MOST_TOLD} 处" in last["message_zh"]
    manifest = revalue(one, tmp_path / "values", DAY)
    assert sum(manifest["tally"]["faults"].values()) == each
    assert sum(manifest["tally"]["fault_columns"].values()) == each
