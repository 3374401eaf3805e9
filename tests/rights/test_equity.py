"""Contract of collective equity: what is stopped at the door."""

from datetime import date

import pandas as pd
import pytest

from riskengine.rights.equity import EQUITY
from riskengine.table import check, from_pandas

DAY = date(2026, 11, 24)
SHARE = {"right_id": "S1", "kind": "household_share", "region_code": "330206", "shares": 3.0}


def faults(**cells: object) -> list[tuple[str, str]]:
    frame = pd.DataFrame([{**SHARE, **cells}])
    found = check(EQUITY, from_pandas(EQUITY, frame), DAY)
    return [(fault.kind.name, fault.column.name) for fault in found.faults]


@pytest.mark.parametrize(
    ("kind", "missing"),
    [("fixed_dividend", "fixed_dividend_yuan_per_share_year"), ("land_share", "share_end")],
)
def test_some_kinds_need_more(kind: str, missing: str) -> None:
    assert faults(kind=kind) == [("MISSING", missing)]


def test_a_year_without_dividend_is_zero_and_no_fault() -> None:
    assert faults(dividend_1_yuan_per_share_year=0.0) == []
    assert faults(dividend_1_yuan_per_share_year=-1.0) == [
        ("OUT_OF_RANGE", "dividend_1_yuan_per_share_year")
    ]


@pytest.mark.parametrize("shares", [0.0, -1.0, None])
def test_no_shares_no_right(shares: float | None) -> None:
    assert [column for _, column in faults(shares=shares)] == ["shares"]


def test_chinese_headings_are_understood() -> None:
    frame = pd.DataFrame([{
        "编号": "S1", "股权类型": "户股", "地区代码": "330206", "股数": 3, "上一年每股分红(元/股·年)": 32,
        "转让限制": "仅限本集体内部转让",
    }])  # fmt: skip
    found = check(EQUITY, from_pandas(EQUITY, frame), DAY)
    assert found.faults == ()
    assert found.batch.columns["dividend_1_yuan_per_share_year"][0] == 32.0
    assert found.batch.columns["transfer_restriction"][0] == 0
