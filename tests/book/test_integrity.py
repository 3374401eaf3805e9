"""Tables of a book held against one another: every fault told, nothing orphaned."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskengine.book.checking import check_whole
from riskengine.book.read import GuaranteeBook
from riskengine.errors import PortfolioError
from riskengine.gates.tapes import rows_of
from tests.book.conftest import DAY, Rows, read_rows_of, sound, write_rows

Read = Callable[[Rows], GuaranteeBook]


def told(book: GuaranteeBook) -> set[tuple[str, str, str, str]]:
    """Faults as table, row, column, kind."""
    return {(f.table, f.right_id, f.column.name, f.kind.name) for f in book.faults}


def asked(book: GuaranteeBook) -> set[tuple[str, str, str, str]]:
    """What a person looks at."""
    return {(f.table, f.right_id, f.column.name, f.kind.name) for f in book.referred}


def kept(book: GuaranteeBook, table: str) -> list[str]:
    tape = getattr(book, table)
    return list(tape.batch.ids.to_pylist())


def balanced(book: GuaranteeBook) -> None:
    """Rows in are rows kept and rows rejected, and no row stands without what it needs."""
    for table, rows in book.rows_in.items():
        assert rows == getattr(book, table).size + book.rows_rejected[table], table
    told_rows = {(fault.table, fault.row) for fault in book.faults}
    for table, rejected in book.rows_rejected.items():
        assert len([row for name, row in told_rows if name == table]) == rejected, table
    for tape in (book.guarantees, book.pledges):
        if tape is not None:
            named = tape.text("loan_id")
            row = rows_of(named, book.loans.batch.ids)
            assert ((row >= 0) | named.is_null().to_numpy(zero_copy_only=False)).all()


def test_a_sound_book_has_no_fault(rows: Rows, read: Read) -> None:
    book = read(rows)
    balanced(book)
    assert (book.faults, book.referred) == ((), ())
    assert book.rows_in == {name: len(lines) for name, lines in rows.items()}
    assert set(book.rows_rejected.values()) == {0}
    assert book.loans.text("region_code").to_pylist() == ["370983"] * 3


ALONE: list[tuple[str, int, dict[str, Any], str, str]] = [
    ("guarantees", 0, {"loan_id": "L-9"}, "loan_id", "UNKNOWN_LOAN"),
    ("guarantees", 0, {"programme_id": "PR-9"}, "programme_id", "UNKNOWN_PROGRAMME"),
    ("guarantees", 0, {"in_force_balance_yuan": "80000.02", "amount_yuan": "90000"},
     "in_force_balance_yuan", "ABOVE"),
    ("guarantees", 0, {"amount_yuan": "70000", "in_force_balance_yuan": "70000.02"},
     "in_force_balance_yuan", "ABOVE"),
    ("guarantees", 0, {"released_on": "2026-11-01"}, "released_on", "RELEASED_IN_FORCE"),
    ("guarantees", 2, {"released_on": ""}, "released_on", "RELEASED_STATE"),
    ("guarantees", 2, {"in_force_balance_yuan": "1", "released_yuan": "79999"},
     "in_force_balance_yuan", "RELEASED_BALANCE"),
    ("guarantees", 2, {"released_yuan": "80000.02"}, "released_yuan", "ABOVE"),
    ("guarantees", 0, {"released_yuan": "0.02"}, "released_yuan", "ABOVE"),
    ("guarantees", 2, {"state": "compensated_release"}, "compensated_on", "NOT_COMPENSATED"),
    ("guarantees", 2, {"compensated_yuan": "5"}, "compensated_yuan", "COMPENSATED_NORMAL"),
    ("guarantees", 2, {"state": "代偿解保", "compensated_on": "2026-09-01",
                       "compensated_yuan": "80000.02"}, "compensated_yuan", "ABOVE"),
    ("guarantees", 2, {"state": "代偿解保", "compensated_on": "2026-09-01",
                       "compensated_yuan": "80000", "recovered_yuan": "50000",
                       "written_off_yuan": "30000.02"}, "recovered_yuan", "ABOVE"),
    ("guarantees", 0, {"overdue_principal_yuan": "100000.02"}, "overdue_principal_yuan", "ABOVE"),
    ("guarantees", 0, {"own_share": "0.81"}, "own_share", "ABOVE"),
    ("guarantees", 0, {"bank_share": "0.3"}, "bank_share", "ABOVE"),
    ("statements", 0, {"other_yuan": "44"}, "total_assets_yuan", "ASSETS_DO_NOT_ADD_UP"),
    ("statements", 0, {"net_assets_yuan": "150.02"}, "net_assets_yuan", "ABOVE"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "row", "change", "column", "kind"), ALONE)
def test_each_contradiction_rejects_its_row_and_no_other(
    rows: Rows, read: Read, table: str, row: int, change: dict[str, Any], column: str, kind: str
) -> None:
    rows[table][row] |= change
    book = read(rows)
    balanced(book)
    name = next(iter(rows[table][row].values()))
    assert told(book) == {(table, name, column, kind)}
    assert sum(book.rows_rejected.values()) == 1
    record = book.faults[0].record()
    assert record["message_zh"] and record["message_en"] and record["cure_zh"] and record["cure_en"]
    assert "{" not in f"{record['message_zh']}{record['message_en']}"


@pytest.mark.parametrize(
    ("table", "row", "change"),
    [
        ("guarantees", 0, {"in_force_balance_yuan": "80000.01", "amount_yuan": "90000"}),
        ("guarantees", 2, {"released_yuan": "80000.01"}),
        ("guarantees", 0, {"own_share": "0.8"}),
        ("guarantees", 0, {"guaranteed_share": "1", "bank_share": "0"}),
        ("statements", 0, {"other_yuan": "43"}),
        ("statements", 0, {"cash_yuan": "", "other_yuan": ""}),
        ("statements", 0, {"net_assets_yuan": "-5"}),
    ],
)
def test_what_rounding_allows_is_no_fault(
    rows: Rows, read: Read, table: str, row: int, change: dict[str, Any]
) -> None:
    rows[table][row] |= change
    assert told(read(rows)) == set()


def test_a_loan_without_its_borrower_takes_guarantee_and_pledge_with_it(
    rows: Rows, read: Read
) -> None:
    rows["loans"][0]["borrower_id"] = "B-9"
    book = read(rows)
    balanced(book)
    assert told(book) == {
        ("loans", "L-1", "borrower_id", "UNKNOWN_BORROWER"),
        ("guarantees", "G-1", "loan_id", "REJECTED_LOAN"),
        ("pledges", "P-1", "loan_id", "REJECTED_LOAN"),
    }
    assert kept(book, "guarantees") == ["G-2", "G-3"]


def test_a_row_that_the_door_rejects_takes_the_same_with_it(rows: Rows, read: Read) -> None:
    rows["loans"][0]["balance_yuan"] = "-1"
    rows["borrowers"][1]["borrower_kind"] = "ship"
    book = read(rows)
    balanced(book)
    assert told(book) == {
        ("loans", "L-1", "balance_yuan", "OUT_OF_RANGE"),
        ("guarantees", "G-1", "loan_id", "REJECTED_LOAN"),
        ("pledges", "P-1", "loan_id", "REJECTED_LOAN"),
        ("borrowers", "B-2", "borrower_kind", "UNKNOWN_CODE"),
        ("loans", "L-2", "borrower_id", "UNKNOWN_BORROWER"),
        ("guarantees", "G-2", "loan_id", "REJECTED_LOAN"),
        ("pledges", "P-2", "loan_id", "REJECTED_LOAN"),
    }
    assert kept(book, "loans") == ["L-3"]


def test_a_loan_that_stands_twice_takes_its_guarantees_with_it(rows: Rows, read: Read) -> None:
    rows["loans"].append(dict(rows["loans"][0]))
    book = read(rows)
    balanced(book)
    assert ("guarantees", "G-1", "loan_id", "REJECTED_LOAN") in told(book)
    assert book.rows_rejected["loans"] == 2


def test_two_guarantees_of_more_than_all_of_a_loan(rows: Rows, read: Read) -> None:
    twin = rows["guarantees"][0] | {"guarantee_id": "G-4", "guaranteed_share": "0.3",
                                    "own_share": "0.3", "in_force_balance_yuan": "30000"}  # fmt: skip
    rows["guarantees"].append(twin)
    book = read(rows)
    balanced(book)
    assert {one[1:] for one in told(book)} == {
        ("G-1", "guaranteed_share", "SHARES_ABOVE_ONE"),
        ("G-4", "guaranteed_share", "SHARES_ABOVE_ONE"),
    }
    assert "1.1" in book.faults[0].record()["message_en"]
    twin |= {"guaranteed_share": "0.2", "own_share": "0.2", "in_force_balance_yuan": "20000"}
    assert told(read(rows)) == set(), "0.8 and 0.2 are all of it"
    twin |= {"guaranteed_share": "0.9", "in_force_balance_yuan": "0", "state": "normal_release",
             "released_on": "2026-02-01", "bank_share": "0.1"}  # fmt: skip
    assert told(read(rows)) == set(), "a released guarantee covers nothing"


def test_all_faults_of_a_row_at_once(rows: Rows, read: Read) -> None:
    rows["guarantees"][0] |= {
        "loan_id": "L-9", "programme_id": "PR-9", "released_on": "2026-11-01", "own_share": "0.9",
        "compensated_yuan": "90000",
    }  # fmt: skip
    book = read(rows)
    balanced(book)
    assert {one[3] for one in told(book)} == {
        "UNKNOWN_LOAN", "UNKNOWN_PROGRAMME", "RELEASED_IN_FORCE", "ABOVE",
    }  # fmt: skip
    assert len(book.faults) == 5
    assert book.rows_rejected["guarantees"] == 1


def test_a_broken_programme_stops_whole_and_its_guarantees_with_it(rows: Rows, read: Read) -> None:
    rows["layers"][1]["fund_id"] = "F-9"
    book = read(rows)
    balanced(book)
    assert told(book) == {
        ("layers", "B", "fund_id", "UNKNOWN_FUND"),
        ("layers", "A", "programme_id", "BROKEN_PROGRAMME"),
        ("layers", "C", "programme_id", "BROKEN_PROGRAMME"),
        ("guarantees", "G-1", "programme_id", "UNKNOWN_PROGRAMME"),
        ("guarantees", "G-2", "programme_id", "UNKNOWN_PROGRAMME"),
    }
    assert kept(book, "guarantees") == ["G-3"], "it names no programme"


def test_a_layer_stopped_at_the_door_breaks_its_programme(rows: Rows, read: Read) -> None:
    rows["layers"][0]["share"] = "1.4"
    book = read(rows)
    assert ("layers", "B", "programme_id", "BROKEN_PROGRAMME") in told(book)
    assert book.rows_rejected == dict.fromkeys(book.rows_in, 0) | {"layers": 3, "guarantees": 2}


def test_a_fund_that_is_rejected_or_of_another_party(rows: Rows, read: Read) -> None:
    rows["funds"][0]["party"] = "province"
    (fault,) = [f for f in read(rows).faults if f.table == "layers" and f.right_id == "B"]
    assert fault.kind.name == "FUND_OF_ANOTHER"
    assert "省级再担保" in str(fault.record()["message_zh"])
    rows["funds"][0] |= {"party": "county_fund", "balance_yuan": "-1"}
    assert ("layers", "B", "fund_id", "UNKNOWN_FUND") in told(read(rows))


TERMS: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    ({"order": "1"}, {}, "order", "same order"),
    ({"share": "0.5"}, {}, "share", "more than 1"),
    ({"share": ""}, {}, "share", "empty"),
    ({"kind": "excess", "share": "", "attach_yuan": "0", "limit_yuan": "100", "fund_id": ""},
     {"kind": "excess", "share": "", "attach_yuan": "150", "limit_yuan": "100"}, "attach_yuan",
     "gap"),
    ({"kind": "excess", "share": "", "attach_yuan": "0", "limit_yuan": "100", "fund_id": ""},
     {"kind": "excess", "share": "", "attach_yuan": "50", "limit_yuan": "100",
      "party": "province"}, "attach_yuan", "overlap"),
]  # fmt: skip


@pytest.mark.parametrize(("second", "third", "column", "words"), TERMS)
def test_terms_that_no_programme_can_have(
    rows: Rows, read: Read, second: dict[str, Any], third: dict[str, Any], column: str, words: str
) -> None:
    rows["layers"][1] |= second
    rows["layers"][2] |= third
    book = read(rows)
    balanced(book)
    found = [fault for fault in book.faults if fault.kind.name == "LAYER_TERMS"]
    assert {fault.column.name for fault in found} == {column}
    assert any(words in str(fault.record()["message_en"]) for fault in found)
    assert kept(book, "layers") == []


def test_two_statements_of_one_day_and_scope(rows: Rows, read: Read) -> None:
    first = rows["statements"][0]
    rows["statements"].append(first | {"statement_id": "S-2", "consolidated": "是"})
    assert told(read(rows)) == set(), "one of each scope"
    rows["statements"].append(first | {"statement_id": "S-3", "consolidated": ""})
    assert told(read(rows)) == {
        ("statements", name, "as_of", "SAME_DAY_TWICE") for name in ("S-1", "S-3")
    }


def test_what_may_be_true_is_kept_and_referred(rows: Rows, read: Read) -> None:
    rows["guarantees"][0]["ends_on"] = "2026-11-23"
    rows["guarantees"][1] |= {"fee_received_yuan": "100", "fee_income_to_date_yuan": "100.02"}
    rows["borrowers"][1]["identity_number"] = " 37a"
    rows["pledges"][0]["secured_limit_yuan"] = "99999.98"
    book = read(rows)
    balanced(book)
    assert book.faults == ()
    assert asked(book) == {
        ("guarantees", "G-1", "ends_on", "PAST_ITS_END"),
        ("guarantees", "G-2", "fee_income_to_date_yuan", "FEE_AHEAD"),
        ("borrowers", "B-1", "identity_number", "SAME_PERSON"),
        ("borrowers", "B-2", "identity_number", "SAME_PERSON"),
        ("loans", "L-1", "balance_yuan", "UNDER_BALANCE"),
    }
    assert not any("37" in fault.value for fault in book.referred if fault.table == "borrowers")
    rows["guarantees"][0]["ends_on"] = DAY.isoformat()
    rows["pledges"][0]["secured_limit_yuan"] = "99999.99"
    assert not any(one[3] in ("PAST_ITS_END", "UNDER_BALANCE") for one in asked(read(rows)))


def test_what_is_rejected_is_not_referred_too(rows: Rows, read: Read) -> None:
    rows["guarantees"][0] |= {"ends_on": "2026-11-23", "loan_id": "L-9"}
    assert asked(read(rows)) == set()


def test_pledges_secure_a_loan_together(rows: Rows, read: Read) -> None:
    rows["pledges"][0]["secured_limit_yuan"] = "40000"
    rows["pledges"][1] |= {"loan_id": "L-1", "secured_limit_yuan": "60000"}
    assert asked(read(rows)) == set()
    rows["pledges"][1]["secured_limit_yuan"] = ""
    assert asked(read(rows)) == set(), "one pledge states no limit: nothing is known"


@pytest.mark.parametrize("absent", ["borrowers", "guarantees", "layers", "funds", "statements",
                                    "pledges"])  # fmt: skip
def test_a_table_that_is_not_there_is_no_fault_of_the_others(
    rows: Rows, read: Read, absent: str
) -> None:
    del rows[absent]
    book = read(rows)
    assert (book.faults, getattr(book, absent)) == ((), None)
    assert absent not in book.rows_in


@pytest.mark.parametrize("empty", ["loans", "borrowers", "guarantees", "layers", "funds",
                                   "statements", "pledges"])  # fmt: skip
def test_an_empty_table_is_nothing(rows: Rows, tmp_path: Path, empty: str) -> None:
    folder = write_rows(tmp_path / "book", rows)
    head = (folder / f"{empty}.csv").read_text(encoding="utf-8").splitlines()[0]
    (folder / f"{empty}.csv").write_text(head + "\n", encoding="utf-8")
    book = read_rows_of(folder, tmp_path / "spool")
    balanced(book)
    assert (book.rows_in[empty], getattr(book, empty).size) == (0, 0)


def test_a_book_without_loans_is_refused(rows: Rows, read: Read) -> None:
    del rows["loans"]
    with pytest.raises(PortfolioError, match="no table of loans"):
        read(rows)


def test_a_line_that_is_cut_off_is_counted(rows: Rows, tmp_path: Path) -> None:
    folder = write_rows(tmp_path / "book", rows)
    with (folder / "funds.csv").open("a", encoding="utf-8") as stream:
        stream.write("F-2,county_fund\n")
    book = read_rows_of(folder, tmp_path / "spool")
    balanced(book)
    assert (book.rows_in["funds"], book.rows_rejected["funds"]) == (2, 1)


def test_check_tells_the_same_of_a_workbook(rows: Rows, read: Read, tmp_path: Path) -> None:
    rows["guarantees"][0]["loan_id"] = "L-9"
    rows["guarantees"][1]["ends_on"] = "2026-11-23"
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, lines in rows.items():
        sheet = workbook.create_sheet(name)
        heads = list(dict.fromkeys(head for row in lines for head in row))
        sheet.append(heads)
        for row in lines:
            sheet.append([row.get(head, "") for head in heads])
    workbook.save(tmp_path / "book.xlsx")
    found = check_whole(tmp_path / "book.xlsx", DAY)
    assert (found["rows_in"], found["rows_rejected"]) == (15, 1)
    assert [fault["rule"] for fault in found["faults"]] == ["unknown_loan"]
    assert [fault["rule"] for fault in found["referred"]] == ["past_its_end"]
    book = read(rows)
    assert [fault.record() for fault in book.faults] == found["faults"]


def test_check_of_one_table_looks_at_it_alone(rows: Rows, tmp_path: Path) -> None:
    rows["guarantees"][0]["loan_id"] = "L-9"
    folder = write_rows(tmp_path / "book", {"guarantees": rows["guarantees"]})
    assert check_whole(folder, DAY) == {
        "rows_in": 3, "rows_rejected": 0, "faults_found": 0, "faults": [], "referred_found": 0,
        "referred": [],
    }  # fmt: skip


CHANGES = st.dictionaries(
    st.tuples(
        st.sampled_from(["loans", "borrowers", "guarantees", "layers", "funds", "pledges"]),
        st.integers(0, 1),
        st.sampled_from([
            "loan_id", "borrower_id", "guarantee_id", "programme_id", "fund_id", "party", "order",
            "share", "balance_yuan", "in_force_balance_yuan", "state", "guaranteed_share",
            "released_on", "kind",
        ]),
    ),
    st.sampled_from(["", "L-1", "L-9", "B-2", "PR-9", "F-1", "bank", "1", "0.5", "-1", "1e9",
                     "in_force", "normal_release", "2026-09-01", "excess", "G-1"]),
    max_size=6,
)  # fmt: skip


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CHANGES)
def test_fuzz_nothing_is_lost_and_nothing_orphaned(
    tmp_path: Path, changes: dict[tuple[str, int, str], str]
) -> None:
    rows = sound()
    for (table, row, column), cell in changes.items():
        if row < len(rows[table]) and column in rows[table][0]:
            rows[table][row][column] = cell
    try:
        book = read_rows_of(write_rows(tmp_path / "book", rows), tmp_path / "spool")
    except PortfolioError:
        return
    balanced(book)
    again = [fault.record() for fault in book.faults]
    assert again == sorted(again, key=lambda one: (ORDER.index(str(one["table"])), one["row"]))


ORDER = ["loans", "borrowers", "guarantees", "layers", "funds", "statements", "pledges"]


def test_the_order_of_rows_changes_no_finding(rows: Rows, read: Read) -> None:
    rows["guarantees"][0]["loan_id"] = "L-9"
    rows["layers"][1]["fund_id"] = "F-9"
    rows["loans"][1]["borrower_id"] = "B-9"
    first = read(rows)
    turned = read({name: lines[::-1] for name, lines in rows.items()})
    assert told(first) == told(turned)
    assert first.rows_rejected == turned.rows_rejected
    assert np.array_equal(np.sort(kept(first, "loans")), np.sort(kept(turned, "loans")))
