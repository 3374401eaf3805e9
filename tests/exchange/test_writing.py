"""Files of exports: the digest holds in every format, nothing is a formula, bytes repeat."""

import csv
import hashlib
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from riskengine.exchange.sheet import Field, Made, Sheet, as_text, sheet_of
from riskengine.exchange.translate import UnknownCode
from riskengine.exchange.writing import MEDIA, file_bytes, pieces
from riskengine.spreadsheet import guarded
from riskengine.words import Text

MADE = Made("0.1", "rules", "market", "mapping", "2026-11-24")
FIELDS = (
    Field("name", Text("名称", "name")), Field("money_yuan", Text("金额", "money"), "yuan"),
    Field("share", Text("比例", "share"), "share"), Field("count", Text("数", "count"), "count"),
    Field("code", Text("证件", "identity"), personal=True),
)  # fmt: skip
UNKNOWN = UnknownCode("", "right_kind", "=land", "unwritten")


def made(rows: list[dict[str, Any]]) -> Sheet:
    return sheet_of("test", Text("测试", "test"), FIELDS, rows, MADE, unknown=[UNKNOWN])


ROWS = [
    {"name": "=1+1", "money_yuan": -5.005, "share": 1 / 3, "count": 2.0, "code": "11010519491231002X"},
    {"name": "甲,“乙”\n丙", "money_yuan": None, "share": float("nan"), "count": None, "code": None},
]  # fmt: skip


@pytest.mark.parametrize(("form", "encoding"), [("csv", "utf-8-sig"), ("csv-gb18030", "gb18030")])
def test_csv_carries_a_digest_that_anybody_can_check(form: str, encoding: str) -> None:
    found = file_bytes(made(ROWS), form)
    assert found.startswith(b"\xef\xbb\xbf") == (form == "csv")
    lines = found.decode(encoding).splitlines(keepends=True)
    digest = dict(cell.split("=", 1) for cell in next(csv.reader([lines[-1]]))[1:])
    assert digest["rows"] == "2"
    assert digest["valued_on"] == "2026-11-24"
    assert digest["mapping_digest"] == "mapping"
    assert digest["unknown"] == "right_kind:=land"
    assert digest["rows_sha256"] == hashlib.sha256("".join(lines[:-1]).encode()).hexdigest()
    assert list(csv.reader(lines[:-1])) == [
        ["名称", "金额", "比例", "数", "证件"],
        ["'=1+1", "-5.00", "0.333333", "2", "110***********002X"],
        ["甲,“乙” 丙", "", "", "", ""],
    ]


def test_a_workbook_holds_text_as_text_and_the_same_digest() -> None:
    sheet = made(ROWS)
    book = load_workbook(io.BytesIO(file_bytes(sheet, "xlsx")))
    first, second = book.worksheets
    assert [cell.value for cell in first[1]] == ["名称", "金额", "比例", "数", "证件"]
    assert first["A2"].value == "'=1+1"
    assert {cell.data_type for line in first.iter_rows() for cell in line} <= {"s", "n"}
    assert first["B2"].value == sheet.rows[0][1]
    said = {line[0].value.split()[0]: line[1].value for line in second.iter_rows()}
    assert said["数据行SHA-256"] == sheet.digest["rows_sha256"]
    assert said["未知代码"] == "=land"
    assert {cell.data_type for line in second.iter_rows() for cell in line} == {"s"}


def test_json_holds_numbers_and_nothing_for_nothing() -> None:
    found = json.loads(file_bytes(made(ROWS), "json"))
    assert found["digest"]["rows_sha256"] == made(ROWS).digest["rows_sha256"]
    assert found["rows"][0]["share"] == 0.333333
    assert found["rows"][1] == {
        "name": "甲,“乙” 丙", "money_yuan": None, "share": None, "count": None, "code": None
    }  # fmt: skip
    assert found["unknown_codes"][0]["code"] == "=land"
    assert found["fields"][1] == {
        "name": "money_yuan", "title": {"zh": "金额", "en": "money"}, "kind": "yuan"
    }  # fmt: skip


@pytest.mark.parametrize("form", MEDIA)
def test_bytes_depend_on_the_sheet_alone(form: str) -> None:
    assert file_bytes(made(ROWS), form) == file_bytes(made(ROWS), form)
    assert file_bytes(made(ROWS), form) != file_bytes(made(ROWS[:1]), form)
    empty = file_bytes(made([]), form)
    assert len(empty) > 50


def test_many_rows_come_in_pieces() -> None:
    sheet = made(ROWS * 2500)
    for form in ("csv", "json"):
        parts = list(pieces(sheet, form))
        assert len(parts) > 4
        assert max(map(len, parts)) < len(b"".join(parts)) / 2
    assert len(json.loads(file_bytes(sheet, "json"))["rows"]) == 5000


@given(st.text(max_size=20))
def test_no_text_begins_like_a_formula(text: str) -> None:
    found = guarded(text)
    assert not found.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert guarded(found) == found
    assert found.isprintable()


@given(st.lists(st.tuples(st.text(max_size=8), st.floats(-1e9, 1e9)), max_size=5))
def test_csv_reads_back_what_was_printed(rows: list[tuple[str, float]]) -> None:
    sheet = made([{"name": name, "money_yuan": money} for name, money in rows])
    lines = list(csv.reader(io.StringIO(file_bytes(sheet, "csv").decode("utf-8-sig"))))
    printed = [[as_text(f, c) for f, c in zip(FIELDS, row, strict=True)] for row in sheet.rows]
    assert lines[1:-1] == printed
    assert all(not line[1].startswith("-0.00") for line in lines[1:-1])


def test_there_are_no_other_formats() -> None:
    with pytest.raises(KeyError):
        file_bytes(made([]), "pdf")
