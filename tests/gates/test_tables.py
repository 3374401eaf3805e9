"""The tables of pledges, loans and policies: every paper has its column, and nothing is lost."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskengine.casefile.read import tape_of
from riskengine.columns import Contract, blank_row
from riskengine.errors import PortfolioError
from riskengine.faults import FaultKind
from riskengine.folder import find_tables, open_table, read_rows, row_groups
from riskengine.gates.plan import plan_of
from riskengine.gates.tables import INSPECTION_WORDS, LOANS, ON, UNTIL, inspected, pledges, policies
from riskengine.gates.tapes import Tape, read_tape, rows_of
from riskengine.rights import RIGHTS
from riskengine.rules import statute
from riskengine.rules.facts import INSPECTIONS, declared_facts
from riskengine.template import write_templates

DAY = date(2026, 11, 23)
TABLES = {contract.table: contract for contract in (pledges(), policies(), LOANS)}
GOOD: dict[str, dict[str, Any]] = {
    "pledges": {"pledge_id": "P-1", "right_kind": "land", "right_id": "R-1", "loan_id": "L-1"},
    "policies": {"policy_id": "I-1", "right_kind": "land", "right_id": "R-1", "kind": "full_cost",
                 "sum_insured_yuan": "16000", "ends_on": "2027-06-30"},
    "loans": {"loan_id": "L-1", "balance_yuan": "100000", "matures_on": "2027-11-23"},
}  # fmt: skip


def tape(contract: Contract, *records: dict[str, Any]) -> Tape:
    """Records as a file would bring them, in words."""
    names = list(dict.fromkeys([*GOOD[contract.table], *(n for r in records for n in r)]))
    columns = [[record.get(name) for record in records] for name in names]
    arrays = [pa.array([None if c is None else str(c) for c in column], pa.string())
              for column in columns]  # fmt: skip
    return read_tape(contract, pa.RecordBatch.from_arrays(arrays, names=names), DAY)


def one(table: str, **changes: Any) -> Tape:
    return tape(TABLES[table], {**GOOD[table], **changes})


# What the tables hold.


@pytest.mark.parametrize(("source", "contract"), [("paper", pledges()), ("policy", policies())])
def test_every_fact_on_paper_has_its_column(source: str, contract: Contract) -> None:
    for fact in declared_facts().values():
        if fact.source != source:
            continue
        column = contract.by_name[fact.name]
        assert column.kind == fact.kind
        assert column.title == fact.title
        assert column.codes == tuple(fact.words or ())
        assert (column.low, column.high) == (fact.low, fact.high)
        assert not column.required
        for ending in (ON, UNTIL):
            if fact.dated:
                assert contract.by_name[fact.name + ending].kind == "date"


def test_every_inspection_has_its_day() -> None:
    assert tuple(INSPECTION_WORDS) == INSPECTIONS
    for name in INSPECTIONS:
        assert pledges().by_name[inspected(name)].kind == "date"
        assert inspected(name) in pledges().not_after_valued_on


@pytest.mark.parametrize("contract", TABLES.values(), ids=list(TABLES))
def test_headings_are_unique_in_every_way_of_writing_them(contract: Contract) -> None:
    for told in (
        [c.name for c in contract.columns], [c.title.zh for c in contract.columns],
        [c.title.en for c in contract.columns], [c.heading for c in contract.columns],
    ):  # fmt: skip
        assert sorted({t for t in told if told.count(t) > 1}) == []
    for column in contract.columns:
        for heading in (column.name, column.title.zh, column.heading, f" {column.heading} *"):
            assert contract.column_for(heading) is column, heading


@pytest.mark.parametrize("table", list(RIGHTS))
def test_no_cell_of_a_case_can_be_meant_for_the_right_and_for_its_pledge(table: str) -> None:
    both = set(RIGHTS[table].by_heading) & set(pledges().by_heading)
    meant = {RIGHTS[table].by_heading[heading].name for heading in both} - {"right_id"}
    assert meant == TWICE.get(table, set())
    plan = plan_of(statute(), table, DAY)
    assert not {name.removesuffix(ON) for name in meant} & {*plan.words, *plan.numbers}


TWICE = {"ecology": {"registered_on"}}
"""Of a carbon project the day of its own registration: no rule asks whether its pledge is."""


@pytest.mark.parametrize("contract", TABLES.values(), ids=list(TABLES))
def test_days_of_the_past_are_told_from_days_to_come(contract: Contract) -> None:
    dates = {column.name for column in contract.columns if column.kind == "date"}
    assert set(contract.not_after_valued_on) <= dates
    to_come = {name for name in dates if name.endswith(UNTIL)} | {
        "starts_on", "ends_on", "matures_on", "tenant_until", "compensation_fund_until",
    }  # fmt: skip
    assert dates - to_come == set(contract.not_after_valued_on)


# Templates.


def test_templates_write_and_read_back(tmp_path: Path) -> None:
    folder, spool = tmp_path / "templates", tmp_path / "spool"
    spool.mkdir()
    listed = list(TABLES.values())
    written = write_templates(folder, listed)
    assert {path.suffix for path in written} == {".xlsx", ".csv", ".json", ".md"}
    found = find_tables(folder / "templates.xlsx", listed)
    assert [file.contract for file in found] == listed
    found += [file for name in TABLES for file in find_tables(folder / f"{name}.csv", listed)]
    for file in found:
        table = open_table(file, spool)
        (raw,) = read_rows(table, range(len(row_groups(table))), 100)
        read = read_tape(file.contract, raw, DAY)
        assert (table.unknown, read.faults, read.size) == ((), (), 1)
        example = blank_row(file.contract)
        assert read.batch.ids.to_pylist() == [example[file.contract.identifier.name]]


@pytest.mark.parametrize("contract", TABLES.values(), ids=list(TABLES))
def test_template_and_schema_name_every_column(contract: Contract, tmp_path: Path) -> None:
    write_templates(tmp_path, [contract])
    with (tmp_path / f"{contract.table}.csv").open(encoding="utf-8-sig", newline="") as stream:
        _, names, cells = csv.reader(stream)
    assert names == [column.name for column in contract.columns]
    assert len(cells) == len(names)
    schema = json.loads((tmp_path / f"{contract.table}.schema.json").read_text("utf-8"))
    assert list(schema["properties"]) == names
    assert not any(np.isinf(v) for p in schema["properties"].values() for v in p.values()
                   if isinstance(v, float))  # fmt: skip


# Hostile cells.


HOSTILE: list[tuple[str, dict[str, Any], FaultKind]] = [
    ("pledges", {"pledged_area_mu": "inf"}, FaultKind.OUT_OF_RANGE),
    ("pledges", {"pledged_area_mu": "-1"}, FaultKind.OUT_OF_RANGE),
    ("pledges", {"secured_limit_yuan": "1e400"}, FaultKind.OUT_OF_RANGE),
    ("pledges", {"secured_limit_yuan": "-0.01"}, FaultKind.OUT_OF_RANGE),
    ("pledges", {"idle_years": "-inf"}, FaultKind.OUT_OF_RANGE),
    ("pledges", {"idle_years": "two"}, FaultKind.NOT_A_NUMBER),
    ("pledges", {"rank": "0"}, FaultKind.OUT_OF_RANGE),
    ("pledges", {"mortgagor_type": "farmer"}, FaultKind.UNKNOWN_CODE),
    ("pledges", {"right_kind": "house"}, FaultKind.UNKNOWN_CODE),
    ("pledges", {"right_kind": None}, FaultKind.MISSING),
    ("pledges", {"right_id": None}, FaultKind.MISSING),
    ("pledges", {"contractor_consent": "maybe"}, FaultKind.NOT_A_FLAG),
    ("pledges", {"contractor_consent_on": "2026-11-24"}, FaultKind.AFTER_VALUED_ON),
    ("pledges", {"contractor_consent_on": "2026-02-30"}, FaultKind.NOT_A_DATE),
    ("pledges", {"contractor_consent_until": "9999-01-01"}, FaultKind.OUT_OF_RANGE),
    ("pledges", {"site_inspected_on": "2026-11-24"}, FaultKind.AFTER_VALUED_ON),
    ("pledges", {"created_on": "2027-01-01"}, FaultKind.AFTER_VALUED_ON),
    ("pledges", {"certificate_no": "x" * 65}, FaultKind.TOO_LONG),
    ("pledges", {"certificate_no": "a\x00b"}, FaultKind.UNPRINTABLE),
    ("policies", {"sum_insured_yuan": None}, FaultKind.MISSING),
    ("policies", {"sum_insured_yuan": "nan"}, FaultKind.MISSING),
    ("policies", {"sum_insured_yuan": "inf"}, FaultKind.OUT_OF_RANGE),
    ("policies", {"kind": "weather"}, FaultKind.UNKNOWN_CODE),
    ("policies", {"expected_loss_share": "1.01"}, FaultKind.OUT_OF_RANGE),
    ("policies", {"starts_on": "2027-07-01"}, FaultKind.DATES_OUT_OF_ORDER),
    ("policies", {"insurer_notified_on": "2026-11-24"}, FaultKind.AFTER_VALUED_ON),
    ("loans", {"balance_yuan": "-1"}, FaultKind.OUT_OF_RANGE),
    ("loans", {"balance_yuan": "nan"}, FaultKind.MISSING),
    ("loans", {"rate_per_year": "3.85"}, FaultKind.OUT_OF_RANGE),
    ("loans", {"lender_type": "friend"}, FaultKind.UNKNOWN_CODE),
    ("loans", {"starts_on": "2028-01-01"}, FaultKind.DATES_OUT_OF_ORDER),
    ("loans", {"matures_on": None}, FaultKind.MISSING),
]  # fmt: skip


@pytest.mark.parametrize(("table", "change", "kind"), HOSTILE)
def test_each_bad_cell_is_one_fault_with_a_cure(
    table: str, change: dict[str, Any], kind: FaultKind
) -> None:
    found = tape(TABLES[table], {**GOOD[table], **change}, {**GOOD[table], **second(table)})
    assert [fault.kind for fault in found.faults] == [kind]
    assert (found.rejected, found.size) == (1, 1), "the other row goes on"
    record = found.faults[0].record()
    assert record["message_zh"] and record["cure_en"]


def second(table: str) -> dict[str, str]:
    """The identifier of a second row."""
    return {TABLES[table].identifier.name: "2"}


def test_not_a_number_in_an_optional_cell_is_not_known() -> None:
    found = one("pledges", idle_years="nan", contractor_consent="", mortgagor_type=None)
    assert found.faults == ()
    assert np.isnan(found.batch.columns["idle_years"][0])
    assert np.isnan(found.batch.columns["contractor_consent"][0])
    assert found.batch.columns["mortgagor_type"][0] == -1


@pytest.mark.parametrize("table", list(TABLES))
def test_the_same_identifier_twice_stops_both(table: str) -> None:
    found = tape(TABLES[table], GOOD[table], GOOD[table])
    assert {fault.kind for fault in found.faults} == {FaultKind.DUPLICATE}
    assert (found.size, found.rejected) == (0, 2)


@pytest.mark.parametrize("table", list(TABLES))
def test_an_empty_table_is_nothing_and_no_fault(table: str) -> None:
    found = tape(TABLES[table])
    assert (found.size, found.faults, found.rejected) == (0, (), 0)
    assert rows_of(pa.array(["1", None]), found.batch.ids).tolist() == [-1, -1]


def test_a_case_tells_every_fault_at_once() -> None:
    with pytest.raises(PortfolioError) as told:
        tape_of(LOANS, [{**GOOD["loans"], "balance_yuan": -1, "lender_type": "friend"}], DAY)
    assert "balance_yuan" in told.value.wrong.en
    assert "lender_type" in told.value.wrong.en


CELLS = st.one_of(
    st.none(), st.text(max_size=8), st.floats().map(repr), st.integers().map(str), st.dates(),
    st.sampled_from(["true", "是", "household", "land", "2026-11-23", "NaN", "-0", "1e999", "=1+1"]),
)  # fmt: skip


@settings(max_examples=40)
@given(st.data())
@pytest.mark.parametrize("table", list(TABLES))
def test_fuzz_rows_in_are_rows_kept_and_rows_told(table: str, data: st.DataObject) -> None:
    contract = TABLES[table]
    names = data.draw(st.lists(st.sampled_from(list(contract.by_name)), max_size=6, unique=True))
    cells = st.fixed_dictionaries(dict.fromkeys(names, CELLS))
    changes = data.draw(st.lists(cells, min_size=1, max_size=5))
    rows = [{**GOOD[table], contract.identifier.name: str(k), **c} for k, c in enumerate(changes)]
    found = tape(contract, *rows)
    assert found.size + found.rejected == len(rows)
    assert {f.row for f in found.faults}.isdisjoint(found.batch.rows.tolist())
    for name, column in found.batch.columns.items():
        declared = contract.by_name[name]
        if declared.kind == "number":
            kept = column[~np.isnan(column)]
            assert ((kept >= declared.low) & (kept <= declared.high) & np.isfinite(kept)).all()
        if declared.kind == "code":
            assert ((column >= -1) & (column < len(declared.codes))).all()
