"""The collateral record: its 15 fields, one value a collateral, certificates within 500 bytes."""

from datetime import date
from math import isnan, nan
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.exchange.collateral import FIELDS, OWN_FIELDS, collateral_sheet, joined_certificates
from riskengine.exchange.kinds import Asked, export_portfolio, export_records
from riskengine.exchange.mapping_file import read_mapping
from riskengine.exchange.pledge_rows import FAMILIES, newest_of, record_rows
from riskengine.exchange.sheet import Made, Sheet
from riskengine.methods import APPROACHES
from riskengine.pledgebook.run import judge_book

EXAMPLE = Path(__file__).parents[2] / "examples" / "mappings" / "county_guarantee.toml"
MADE = Made("0", "r", "m", "", "2026-11-24")


def cells(sheet: Sheet) -> list[dict[str, Any]]:
    names = [field.name for field in sheet.fields]
    return [dict(zip(names, row, strict=True)) for row in sheet.rows]


def row(**more: Any) -> dict[str, Any]:
    return {
        "pledge_id": "P-1", "loan_id": "L-1", "right_kind": "land", "right_id": "R-1",
        "certificate_no": "C-1", "rank": 1.0, "method": "income", "market_value_yuan": 100.0,
        "p05_yuan": 80.0, "p95_yuan": 130.0, "prior_claims_yuan": 5.0, "valued_on": "2026-11-24",
    } | more  # fmt: skip


def test_the_form_has_exactly_its_15_fields_then_the_engine_s_own() -> None:
    assert [field.title.zh for field in FIELDS] == [
        "金融机构代码", "内部机构号", "担保合同编码", "被担保合同编码", "担保物编码", "担保物类别",
        "权证编号", "是否第一顺位", "评估方式", "评估方法", "评估价值", "评估基准日",
        "担保物账面价值", "优先受偿权数额", "估值周期",
    ]  # fmt: skip
    assert [field.name for field in OWN_FIELDS] == ["p05_yuan", "p95_yuan", "value_source"]


def test_one_value_a_collateral() -> None:
    rows = [
        row(),
        row(pledge_id="P-2", loan_id="L-2", rank=2.0, prior_claims_yuan=55.0, certificate_no="C-2"),
        row(pledge_id="P-3", right_kind="forest"),  # the same id, another kind of right
        row(pledge_id="P-4", right_id="R-2", rank=nan, market_value_yuan=nan, method=""),
    ]
    found = cells(collateral_sheet(rows, MADE, read_mapping(EXAMPLE)))
    assert [one["value_yuan"] for one in found] == [100.0, 0.0, 100.0, None]
    assert [one["p95_yuan"] for one in found] == [130.0, 0.0, 130.0, 130.0]
    assert [one["first_rank"] for one in found] == ["1", "0", "1", None]  # never set to first
    assert [one["prior_claims_yuan"] for one in found] == [5.0, 55.0, 5.0, 5.0]
    assert [one["certificate_no"] for one in found] == ["C-1,C-2", "C-1,C-2", "C-1", "C-1"]
    assert [one["collateral_class"] for one in found] == ["B01", "B01", "B03", "B01"]
    assert [one["valuation_method"] for one in found] == ["01", "01", "01", None]
    assert {one["valuation_way"] for one in found} == {"02"}
    assert {one["revaluation_cycle"] for one in found} == {"99"}
    assert {one["book_value_yuan"] for one in found} == {None}
    assert {one["institution_code"] for one in found} == {"X0000000000001"}
    assert {one["value_source"] for one in found} == {"内部估值（非法定评估）"}


def test_classes_without_a_code_are_words_and_named() -> None:
    found = collateral_sheet([row(), row(right_id="R-2")], MADE)
    assert {one["collateral_class"] for one in cells(found)} == {"土地经营权"}
    assert [(one.subject, one.code) for one in found.unknown] == [("right_kind", "land")]
    assert not collateral_sheet([row()], MADE, read_mapping(EXAMPLE)).unknown


@given(
    st.lists(st.text("鲁渝(2024)不动产第0123456789号=,+A ", min_size=1, max_size=60), max_size=30)
)
def test_certificates_are_whole_and_fit(numbers: list[str]) -> None:
    joined, left_out = joined_certificates(numbers)
    assert len(joined.encode("gb18030")) + joined.startswith(("=", "+")) <= 500
    kept = joined.split(",") if joined else []
    wanted = [one for one in dict.fromkeys(n.strip().replace(",", "，") for n in numbers) if one]
    assert set(kept) <= set(wanted)
    assert len(kept) + left_out == len(wanted)


def test_500_bytes_are_bytes_and_what_has_no_room_is_counted() -> None:
    numbers = [f"{k:05d}" + "证" * 45 for k in range(10)]  # 95 bytes each, 96 with a comma
    joined, left_out = joined_certificates(numbers)
    assert joined.count(",") == 4
    assert left_out == 5
    found = collateral_sheet([row(certificate_no=numbers)], MADE)
    assert found.digest["certificates_left_out"] == "5"


def test_every_method_has_a_family() -> None:
    named = {method.name for one in APPROACHES.values() for method in one.methods}
    assert named == set(FAMILIES) & named
    assert set(FAMILIES.values()) == {"income", "market", "cost", "other"}


def test_the_portfolio_s_rows_are_those_of_the_judged_book(
    folder: Path, asked: Asked, pledged: list[dict[str, Any]], tmp_path: Path
) -> None:
    judge_book(
        folder, tmp_path / "out", asked.valued_on, market=asked.market, law=asked.law, learned={}
    )
    judged = {}
    for path in (tmp_path / "out" / "pledges").glob("*.parquet"):
        for one in pq.read_table(path).to_pylist():
            judged[one["pledge_id"]] = one
    assert len(judged) == len(pledged) > 300
    for one in pledged:
        other = judged[one["pledge_id"]]
        assert one["right_id"] == other["right_id"]
        assert one["loan_id"] == other["loan_id"]
        assert one["lending_value_yuan"] == other["lending_value_yuan"]
        value, step = one["market_value_yuan"], other["after_market_value_yuan"]
        assert step == pytest.approx(0.0 if isnan(value) else value, abs=0.005001)
        assert isnan(value) or one["p05_yuan"] <= value <= one["p95_yuan"]


def test_the_sheet_of_a_portfolio(
    folder: Path, asked: Asked, pledged: list[dict[str, Any]]
) -> None:
    found = cells(export_portfolio("collateral", folder, asked))
    assert [one["guarantee_contract_code"] for one in found] == [
        one["pledge_id"] for one in pledged
    ]
    twice = [one["right_id"] for one in pledged]
    repeated = {one for one in twice if twice.count(one) > 1}
    assert repeated
    for one in repeated:
        values = [r["value_yuan"] for r in found if r["collateral_code"] == one]
        assert all(value == 0.0 for value in values[1:])
    total = sum(one["value_yuan"] or 0.0 for one in found)
    alone = {(one["right_kind"], one["right_id"]): one["market_value_yuan"] for one in pledged}
    assert total == pytest.approx(sum(v for v in alone.values() if not isnan(v)), rel=1e-9)


def test_records_of_scores_give_the_same_columns() -> None:
    right = {"right_id": "R", "table": "land", "market_value_yuan": 9.0, "p05_yuan": 8.0,
             "p95_yuan": 10.0, "lending_value_yuan": 4.0}  # fmt: skip
    score = {
        "application_no": "A-1", "valued_on": "2026-11-24", "engine_version": "9",
        "rules_digest": "r", "market_digest": "m", "collateral": {"rights": [right]},
    }  # fmt: skip
    decision = {"valued_on": "2026-11-24", "rights": [right], "rules_digest": "q"}
    assert next(iter(record_rows([score])))["loan_id"] == "A-1"
    found = export_records("collateral", [score, decision])
    assert [one["value_yuan"] for one in cells(found)] == [9.0, 0.0]
    assert found.digest["rules_digest"] == "q r"
    assert found.digest["engine_version"] == "9"
    assert date.fromisoformat(found.digest["valued_on"]) == date(2026, 11, 24)


def scored(number: str, value: float, *names: str, day: str = "2026-11-24") -> dict[str, Any]:
    """A record of a score on some land."""
    rights = [
        {"right_id": name, "table": "land", "market_value_yuan": value, "p05_yuan": value,
         "p95_yuan": value, "lending_value_yuan": value}
        for name in names
    ]  # fmt: skip
    return {"application_no": number, "valued_on": day, "collateral": {"rights": rights}}


def test_rights_without_an_identifier_are_each_application_s_own() -> None:
    # the engine calls a right that was given no identifier by its place: "1", "2"
    rows = cells(export_records("collateral", [
        scored("A-1", 9.0, "1", "2"), scored("A-2", 7.0, "1"), scored("A-3", 5.0, "R-1"),
        scored("A-4", 5.0, "R-1"), {**scored("", 3.0, "1"), "application_no": None},
        {**scored("", 2.0, "1"), "application_no": None},
    ]))  # fmt: skip
    assert [one["value_yuan"] for one in rows] == [9.0, 9.0, 7.0, 5.0, 0.0, 3.0, 2.0]
    assert [one["collateral_code"] for one in rows] == [
        "A-1-1", "A-1-2", "A-2-1", "R-1", "R-1", "#5-1", "#6-1",
    ]  # fmt: skip


def test_of_one_application_the_newest_record_counts() -> None:
    first, other = scored("A-1", 9.0, "R-1"), scored("A-2", 7.0, "R-2")
    again = scored("A-1", 8.0, "R-1", day="2026-11-25")
    found = export_records("collateral", [first, other, again])
    rows = cells(found)
    assert [(one["guaranteed_contract_code"], one["value_yuan"]) for one in rows] == [
        ("A-2", 7.0), ("A-1", 8.0),
    ]  # fmt: skip
    assert [one["base_date"] for one in rows] == ["2026-11-24", "2026-11-25"]
    assert newest_of([{"rights": []}, {"rights": []}]) == [{"rights": []}, {"rights": []}]
