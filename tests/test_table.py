"""The door: every fault found, nothing lost, whatever the file."""

import csv
import io
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskengine.checking import check_portfolio
from riskengine.errors import PortfolioError
from riskengine.faults import FaultKind
from riskengine.headings import match_headings
from riskengine.revalue import revalue
from riskengine.rights.land import LAND
from riskengine.table import Batch, check, from_pandas

DAY = date(2026, 11, 24)
GOOD = {
    "right_id": "R-1", "kind": "lease_yearly", "region_code": "370983", "area_mu": "120",
    "land_use": "irrigated", "contract_end": "2028-12-31", "lease_end": "2035-12-31",
    "contract_rent_yuan_per_mu_year": "650",
}  # fmt: skip


def checked(**changes: object):
    """Check one row that differs from a good one."""
    row = {**GOOD, **changes}
    frame = pd.DataFrame({name: [cell] for name, cell in row.items()})
    return check(LAND, from_pandas(LAND, frame), DAY)


@pytest.mark.parametrize("ids", [["a", "b", "c"], ["a", None, None], [None] * 3, []])
def test_rows_are_taken_with_their_identifiers(ids: list[str | None]) -> None:
    size = len(ids)
    batch = Batch(
        LAND, pa.array(ids, pa.string()), np.arange(1, size + 1), {"area_mu": np.arange(size) * 1.0},
        ("370983",), np.zeros(size, dtype=np.int64),
    )  # fmt: skip
    rows = np.array([2, 0, 0] if size else [], dtype=np.int64)
    found = batch.take(rows)
    assert found.ids.type == pa.string()
    assert found.ids.to_pylist() == [ids[row] for row in rows]
    assert found.columns["area_mu"].tolist() == rows.tolist()


def test_good_row_passes() -> None:
    found = checked()
    assert not found.faults
    assert found.batch.columns["area_mu"].tolist() == [120.0]
    assert found.batch.columns["kind"].tolist() == [1]
    assert found.batch.regions == ("370983",)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"area_mu": None}, FaultKind.MISSING),
        ({"area_mu": float("nan")}, FaultKind.MISSING),
        ({"area_mu": float("inf")}, FaultKind.OUT_OF_RANGE),
        ({"area_mu": "-3"}, FaultKind.OUT_OF_RANGE),
        ({"area_mu": 0.0}, FaultKind.OUT_OF_RANGE),
        ({"area_mu": 2e6}, FaultKind.OUT_OF_RANGE),
        ({"area_mu": "12 亩"}, FaultKind.NOT_A_NUMBER),
        ({"area_mu": "1_000"}, FaultKind.NOT_A_NUMBER),
        ({"contract_rent_yuan_per_mu_year": "1e400"}, FaultKind.OUT_OF_RANGE),
        ({"kind": "leasehold"}, FaultKind.UNKNOWN_CODE),
        ({"land_use": "大麻"}, FaultKind.UNKNOWN_CODE),
        ({"land_use": ""}, FaultKind.MISSING),
        ({"region_code": "999999"}, FaultKind.UNKNOWN_REGION),
        ({"region_code": "370000"}, FaultKind.UNKNOWN_REGION),
        ({"region_code": "37098"}, FaultKind.UNKNOWN_REGION),
        ({"lease_end": "2035-02-30"}, FaultKind.NOT_A_DATE),
        ({"lease_end": "9999-12-31"}, FaultKind.OUT_OF_RANGE),
        ({"permanent_basic_farmland": "maybe"}, FaultKind.NOT_A_FLAG),
        ({"facilities_built_on": "2030-01-01"}, FaultKind.AFTER_VALUED_ON),
        ({"crop_cost_on": "2026-10-01", "crop_harvest_on": "2026-06-01"}, FaultKind.DATES_OUT_OF_ORDER),
        ({"kind": "lease_prepaid"}, FaultKind.MISSING),
        ({"right_id": "x" * 65}, FaultKind.TOO_LONG),
        ({"right_id": "a\x00b"}, FaultKind.UNPRINTABLE),
        ({"right_id": ""}, FaultKind.MISSING),
    ],
)  # fmt: skip
def test_each_bad_cell_is_one_fault_with_a_cure(change: dict[str, object], kind: FaultKind) -> None:
    found = checked(**change)
    assert [fault.kind for fault in found.faults] == [kind]
    assert found.rejected == 1
    assert found.batch.size == 0
    record = found.faults[0].record()
    assert record["message_zh"] and record["message_en"] and record["cure_zh"] and record["cure_en"]
    assert "{" not in f"{record['message_zh']}{record['message_en']}{record['cure_zh']}"


def test_all_faults_of_a_row_are_listed() -> None:
    found = checked(area_mu="x", kind="y", region_code="z", lease_end="w")
    assert {fault.column.name for fault in found.faults} == {
        "area_mu", "kind", "region_code", "lease_end",
    }  # fmt: skip
    assert found.rejected == 1


@pytest.mark.parametrize(
    "text", ["2028-12-31", "2028/12/31", "20281231", "2028年12月31日", "2028.12.31"]
)
def test_dates_as_people_type_them(text: str) -> None:
    assert checked(contract_end=text).batch.columns["contract_end"].tolist() == [
        (date(2028, 12, 31) - date(1970, 1, 1)).days
    ]


def test_full_width_digits_and_thousands() -> None:
    assert checked(area_mu="１，２３４.５").batch.columns["area_mu"].tolist() == [1234.5]


def test_duplicates_are_all_rejected() -> None:
    frame = pd.DataFrame([GOOD, GOOD, {**GOOD, "right_id": "R-2"}])
    found = check(LAND, from_pandas(LAND, frame), DAY)
    assert [fault.row for fault in found.faults] == [1, 2]
    assert found.batch.ids.to_pylist() == ["R-2"]


def test_chinese_headings_with_and_without_units() -> None:
    names, unknown = match_headings(
        LAND, ["权利编号", "权利类型*", "所在地区代码", "面积（亩）", "土地用途", "备注"]
    )
    assert list(names.values()) == ["right_id", "kind", "region_code", "area_mu", "land_use"]
    assert unknown == ["备注"]


def test_wrong_unit_missing_and_repeated_headings_are_told_at_once() -> None:
    with pytest.raises(PortfolioError) as told:
        match_headings(LAND, ["权利编号", "right_id", "kind", "region_code", "面积(公顷)"])
    english = told.value.wrong.en
    assert "hectare" not in english
    assert "must be in mu" in english
    assert "given twice" in english
    assert "land_use is missing" in english


def written(folder: Path, rows: list[dict[str, str]], encoding: str, mark: str = ",") -> Path:
    """A CSV file of the land table."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(GOOD), delimiter=mark)
    writer.writeheader()
    writer.writerows(rows)
    path = folder / "land.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, mark: str) -> None:
    row = {**GOOD, "land_use": "水浇地", "kind": "流转按年付租"}
    found = check_portfolio(
        written(tmp_path, [row, {**row, "right_id": "乙"}], encoding, mark), DAY
    )
    assert found["rows_in"] == 2
    assert found["faults"] == []


def test_truncated_line_is_a_row_in_rejected(tmp_path: Path) -> None:
    path = written(tmp_path, [GOOD, {**GOOD, "right_id": "R-2"}], "utf-8")
    path.write_bytes(path.read_bytes()[:-30])
    found = check_portfolio(path, DAY)
    assert (found["rows_in"], found["rows_rejected"]) == (2, 1)
    assert found["faults"][0]["rule"] == "broken_line"
    assert found["faults"][0]["row"] == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"\x00\x01\x02\x03",
        b'right_id,kind\n"unclosed',
        b"PK\x03\x04",
        b"\xff\xfe\x00",
    ],
)
def test_files_that_are_no_tables_are_refused_clearly(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "land.csv").write_bytes(content)
    with pytest.raises(PortfolioError):
        check_portfolio(tmp_path, DAY)


@pytest.mark.parametrize("name", ["land.parquet", "land.xlsx"])
def test_truncated_parquet_and_workbook_are_refused_clearly(tmp_path: Path, name: str) -> None:
    whole = pa.table({key: [cell] * 1000 for key, cell in GOOD.items()})
    if name.endswith("parquet"):
        pq.write_table(whole, tmp_path / name)
    else:
        whole.to_pandas().to_excel(tmp_path / name, index=False)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-400])
    with pytest.raises(PortfolioError, match="whole"):
        check_portfolio(tmp_path, DAY)


def test_empty_table_is_revalued_to_nothing(tmp_path: Path) -> None:
    written(tmp_path, [], "utf-8")
    manifest = revalue(tmp_path, tmp_path / "out", DAY)
    assert (manifest["rows_in"], manifest["rows_valued"], manifest["rows_rejected"]) == (0, 0, 0)


def test_a_folder_without_tables_and_one_with_a_table_twice(tmp_path: Path) -> None:
    with pytest.raises(PortfolioError, match="no table"):
        check_portfolio(tmp_path, DAY)
    written(tmp_path, [GOOD], "utf-8")
    (tmp_path / "土地经营权.csv").write_bytes((tmp_path / "land.csv").read_bytes())
    with pytest.raises(PortfolioError, match="twice"):
        check_portfolio(tmp_path, DAY)


def test_excel_with_numbers_dates_and_two_heading_lines(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        [
            {column: column for column in GOOD},
            {**GOOD, "region_code": 370983, "area_mu": 12.5, "lease_end": date(2030, 1, 1)},
        ]
    )
    frame.to_excel(tmp_path / "land.xlsx", index=False)
    found = check_portfolio(tmp_path, DAY)
    assert found == {"rows_in": 1, "rows_rejected": 0, "faults_found": 0, "faults": []}


CELLS = st.one_of(
    st.none(), st.text(max_size=8), st.floats(), st.integers(), st.booleans(), st.dates(),
    st.sampled_from(["household", "370983", "2028-12-31", "是", "=1+1", "NaN", "-0", "1e999"]),
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(GOOD, CELLS)), min_size=1, max_size=6))
def test_fuzz_rows_in_are_rows_valued_and_rows_rejected(rows: list[dict[str, object]]) -> None:
    frame = pd.DataFrame(rows, columns=list(GOOD), dtype=object)
    found = check(LAND, from_pandas(LAND, frame), DAY)
    assert found.batch.size + found.rejected == len(rows)
    assert {fault.row for fault in found.faults}.isdisjoint(found.batch.rows.tolist())
    for name in ("area_mu",):
        assert np.isfinite(found.batch.columns[name]).all()


@settings(max_examples=60)
@given(st.binary(max_size=400))
def test_fuzz_any_bytes_are_told_or_counted(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes
) -> None:
    folder = tmp_path_factory.mktemp("junk")
    head = ",".join(GOOD).encode() + b"\n"
    (folder / "land.csv").write_bytes(head + junk)
    try:
        found = check_portfolio(folder, DAY)
    except PortfolioError as told:
        assert told.wrong.zh
        assert told.cure.en
    else:
        assert found["rows_rejected"] <= found["rows_in"]
