"""The tables of a guarantee book: declared once, and nothing is lost or let through."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskengine.book.tables import (
    ASSET_COLUMNS,
    GUARANTEES,
    PARTIES,
    book_tables,
    guarantee_tables,
)
from riskengine.columns import Contract, blank_row
from riskengine.faults import FaultKind
from riskengine.folder import find_tables, open_table, read_whole
from riskengine.gates.tables import LOANS
from riskengine.gates.tapes import Tape, faults_at, read_tape
from riskengine.guarantee.terms import PARTIES as TERMS_PARTIES
from riskengine.rules import statute
from riskengine.template import write_templates

DAY = date(2026, 11, 24)
TABLES = {contract.table: contract for contract in (*guarantee_tables(), LOANS)}
EVERY = pytest.mark.parametrize("contract", TABLES.values(), ids=list(TABLES))


def tape(contract: Contract, *records: dict[str, Any]) -> Tape:
    """Template rows with changes, as a file would bring them."""
    base = {name: cell or None for name, cell in blank_row(contract).items()}
    columns = [[{**base, **record}[name] for record in records] for name in base]
    arrays = [pa.array([None if c is None else str(c) for c in column], pa.string())
              for column in columns]  # fmt: skip
    return read_tape(contract, pa.RecordBatch.from_arrays(arrays, names=list(base)), DAY)


@EVERY
def test_headings_are_unique_in_every_way_of_writing_them(contract: Contract) -> None:
    for told in (
        [c.name for c in contract.columns], [c.title.zh for c in contract.columns],
        [c.title.en for c in contract.columns], [c.heading for c in contract.columns],
    ):  # fmt: skip
        assert sorted({t for t in told if told.count(t) > 1}) == []
    for column in contract.columns:
        for heading in (column.name, column.title.zh, column.heading, *column.aliases):
            assert contract.column_for(heading) is column, heading
        words = [choice.title.zh for choice in column.choices] + list(column.codes)
        assert len(set(words)) == len(words), column.name


@EVERY
def test_the_example_row_passes_the_door(contract: Contract) -> None:
    found = tape(contract, {})
    assert (found.faults, found.size) == ((), 1)


def test_days_of_the_past_are_told_from_days_to_come() -> None:
    for contract in guarantee_tables():
        dates = {column.name for column in contract.columns if column.kind == "date"}
        assert dates - {"ends_on"} == set(contract.not_after_valued_on), contract.table
    assert LOANS.not_after_valued_on == ("restructured_on",)


def test_every_kind_of_asset_of_the_rules_has_its_column() -> None:
    rules = statute().at(DAY)
    kinds = [kind for name in ("tier_one_assets", "tier_two_assets", "tier_three_assets")
             for kind in rules.held(f"guarantee_assets.{name}")]  # fmt: skip
    columns = {column.name for column in ASSET_COLUMNS}
    assert columns == {f"{kind.removesuffix('_part')}_yuan" for kind in kinds}


def test_parties_are_those_of_the_terms() -> None:
    assert [party.code for party in PARTIES] == list(TERMS_PARTIES)


HOSTILE: list[tuple[str, dict[str, Any], FaultKind]] = [
    ("guarantees", {"guaranteed_share": "0"}, FaultKind.OUT_OF_RANGE),
    ("guarantees", {"guaranteed_share": "1.0001"}, FaultKind.OUT_OF_RANGE),
    ("guarantees", {"guaranteed_share": "nan"}, FaultKind.MISSING),
    ("guarantees", {"guaranteed_share": "80"}, FaultKind.OUT_OF_RANGE),
    ("guarantees", {"amount_yuan": "inf"}, FaultKind.OUT_OF_RANGE),
    ("guarantees", {"amount_yuan": "0"}, FaultKind.OUT_OF_RANGE),
    ("guarantees", {"fee_rate_per_year": "-0.008"}, FaultKind.OUT_OF_RANGE),
    ("guarantees", {"fee_rate_per_year": "0.8"}, FaultKind.OUT_OF_RANGE),
    ("guarantees", {"state": "open"}, FaultKind.UNKNOWN_CODE),
    ("guarantees", {"loan_id": None}, FaultKind.MISSING),
    ("guarantees", {"ends_on": "2026-05-31"}, FaultKind.DATES_OUT_OF_ORDER),
    ("guarantees", {"starts_on": "2026-11-25"}, FaultKind.AFTER_VALUED_ON),
    ("guarantees", {"released_on": "2026-05-31"}, FaultKind.DATES_OUT_OF_ORDER),
    ("guarantees", {"compensated_on": "2026-11-25"}, FaultKind.AFTER_VALUED_ON),
    ("guarantees", {"compensated_yuan": "-0.01"}, FaultKind.OUT_OF_RANGE),
    ("layers", {"order": "0"}, FaultKind.OUT_OF_RANGE),
    ("layers", {"share": "-0.1"}, FaultKind.OUT_OF_RANGE),
    ("layers", {"kind": "gift"}, FaultKind.UNKNOWN_CODE),
    ("layers", {"party": "friend"}, FaultKind.UNKNOWN_CODE),
    ("layers", {"limit_yuan": "-1"}, FaultKind.OUT_OF_RANGE),
    ("funds", {"balance_yuan": "-1"}, FaultKind.OUT_OF_RANGE),
    ("funds", {"balance_yuan": None}, FaultKind.MISSING),
    ("funds", {"region_code": "990101"}, FaultKind.UNKNOWN_REGION),
    ("funds", {"claim_delay_months": "-1"}, FaultKind.OUT_OF_RANGE),
    ("statements", {"as_of": "2026-11-25"}, FaultKind.AFTER_VALUED_ON),
    ("statements", {"net_assets_yuan": "1e400"}, FaultKind.OUT_OF_RANGE),
    ("statements", {"consolidated": "perhaps"}, FaultKind.NOT_A_FLAG),
    ("borrowers", {"default_chance": "1.5"}, FaultKind.OUT_OF_RANGE),
    ("borrowers", {"borrower_kind": "bank"}, FaultKind.UNKNOWN_CODE),
    ("loans", {"default_chance": "2"}, FaultKind.OUT_OF_RANGE),
    ("loans", {"loss_share": "-0.01"}, FaultKind.OUT_OF_RANGE),
    ("loans", {"overdue_days": "-1"}, FaultKind.OUT_OF_RANGE),
    ("loans", {"commodity": "gold"}, FaultKind.UNKNOWN_CODE),
    ("loans", {"region_code": "37"}, FaultKind.UNKNOWN_REGION),
    ("loans", {"restructured_on": "2026-12-01", "matures_on": "2029-01-01"},
     FaultKind.AFTER_VALUED_ON),
]  # fmt: skip


@pytest.mark.parametrize(("table", "change", "kind"), HOSTILE)
def test_each_bad_cell_is_one_fault_with_a_cure(
    table: str, change: dict[str, Any], kind: FaultKind
) -> None:
    other = {TABLES[table].identifier.name: "2"}
    found = tape(TABLES[table], change, other)
    assert [fault.kind for fault in found.faults] == [kind]
    assert (found.rejected, found.size) == (1, 1)
    record = found.faults[0].record()
    assert record["message_zh"] and record["message_en"] and record["cure_zh"] and record["cure_en"]


def test_chances_of_nothing_and_of_certainty_are_let_through() -> None:
    found = tape(LOANS, {"default_chance": "0", "loss_share": "1"},
                 {"loan_id": "2", "default_chance": "1", "loss_share": "0"})  # fmt: skip
    assert found.batch.columns["default_chance"].tolist() == [0.0, 1.0]
    assert found.batch.columns["loss_share"].tolist() == [1.0, 0.0]


def test_a_region_that_nobody_needs_may_be_missing() -> None:
    found = tape(LOANS, {"region_code": "370983"}, {"loan_id": "2", "region_code": None},
                 {"loan_id": "3", "region_code": " "}, {"loan_id": "4", "region_code": "511181"})  # fmt: skip
    assert found.faults == ()
    regions = [found.batch.regions[k] for k in found.batch.region_index]
    assert regions == ["370983", "", "", "511181"]
    nowhere = tape(LOANS, {"region_code": None})
    assert (nowhere.faults, nowhere.batch.regions) == ((), ("",))


def test_cells_are_shown_as_people_write_them_and_persons_masked() -> None:
    found = tape(GUARANTEES, {"own_share": "0.125"})
    every = np.ones(1, dtype=bool)

    def shown(name: str) -> str:
        (fault,) = faults_at(found, every, GUARANTEES.by_name[name], FaultKind.MISSING)
        return fault.value

    assert shown("own_share") == "0.125"
    assert shown("state") == "in_force"
    assert shown("ends_on") == "2027-11-23"
    assert shown("loan_id") == "L-0001"
    assert shown("released_on") == ""
    borrowers = TABLES["borrowers"]
    person = tape(borrowers, {"identity_number": "370983199001011234"})
    (fault,) = faults_at(person, every, borrowers.by_name["identity_number"], FaultKind.MISSING)
    assert fault.value == "*" * 8


def test_templates_write_and_read_back(tmp_path: Path) -> None:
    listed = book_tables()
    write_templates(tmp_path, listed)
    (tmp_path / "spool").mkdir()
    found = find_tables(tmp_path / "templates.xlsx", listed)
    assert [file.contract for file in found] == list(listed)
    for file in found:
        table = open_table(file, tmp_path / "spool")
        read = read_tape(file.contract, read_whole(table), DAY)
        assert (table.unknown, read.faults, read.size) == ((), (), 1)
        with (tmp_path / f"{file.contract.table}.csv").open(encoding="utf-8-sig", newline="") as s:
            assert next(csv.reader(s))[0].endswith("*")


CELLS = st.one_of(
    st.none(), st.text(max_size=6), st.floats().map(repr), st.integers().map(str), st.dates(),
    st.sampled_from(["true", "是", "in_force", "在保", "0.8", "370983", "NaN", "1e999", "=1+1"]),
)  # fmt: skip


@settings(max_examples=25)
@given(st.data())
@pytest.mark.parametrize("table", list(TABLES))
def test_fuzz_rows_in_are_rows_kept_and_rows_told(table: str, data: st.DataObject) -> None:
    contract = TABLES[table]
    names = data.draw(st.lists(st.sampled_from(list(contract.by_name)), max_size=5, unique=True))
    cells = st.fixed_dictionaries(dict.fromkeys(names, CELLS))
    changes = data.draw(st.lists(cells, min_size=1, max_size=4))
    rows = [{contract.identifier.name: str(k), **c} for k, c in enumerate(changes)]
    found = tape(contract, *rows)
    assert found.size + found.rejected == len(rows)
    for name, column in found.batch.columns.items():
        declared = contract.by_name[name]
        if declared.kind == "number":
            kept = column[~np.isnan(column)]
            assert ((kept >= declared.low) & (kept <= declared.high) & np.isfinite(kept)).all()
