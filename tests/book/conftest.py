"""Small guarantee books made by hand, sound but for what a test changes."""

import csv
import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from riskengine.book.read import GuaranteeBook, read_guarantee_book
from riskengine.book.tables import book_tables
from riskengine.folder import find_tables

DAY = date(2026, 11, 24)
Rows = dict[str, list[dict[str, Any]]]


def _loan(loan_id: str, borrower_id: str, **more: Any) -> dict[str, Any]:
    return {"loan_id": loan_id, "borrower_id": borrower_id, "balance_yuan": "100000",
            "starts_on": "2026-01-10", "matures_on": "2027-11-30",
            "region_code": "370983"} | more  # fmt: skip


def _guarantee(guarantee_id: str, loan_id: str, **more: Any) -> dict[str, Any]:
    return {"guarantee_id": guarantee_id, "loan_id": loan_id, "programme_id": "PR-1",
            "kind": "loan_farm_household", "guaranteed_share": "0.8", "own_share": "0.4",
            "bank_share": "0.2", "amount_yuan": "80000", "in_force_balance_yuan": "80000",
            "starts_on": "2026-01-10", "ends_on": "2027-11-30", "state": "in_force"} | more  # fmt: skip


def sound() -> Rows:
    """A book of three loans in which everything agrees."""
    released = {"state": "normal_release", "released_on": "2026-09-01", "released_yuan": "80000",
                "in_force_balance_yuan": "0"}  # fmt: skip
    return {
        "loans": [_loan("L-1", "B-1"), _loan("L-2", "B-2"), _loan("L-3", "")],
        "borrowers": [{"borrower_id": "B-1", "borrower_kind": "农户", "identity_number": "37A"},
                      {"borrower_id": "B-2", "borrower_kind": "cooperative",
                       "identity_number": "37B"}],
        "guarantees": [_guarantee("G-1", "L-1"), _guarantee("G-2", "L-2"),
                       _guarantee("G-3", "L-3", programme_id="", **released)],
        "layers": [
            {"layer_id": "A", "programme_id": "PR-1", "order": "1", "kind": "quota_share",
             "party": "guarantor", "share": "0.4", "fund_id": ""},
            {"layer_id": "B", "programme_id": "PR-1", "order": "2", "kind": "quota_share",
             "party": "county_fund", "share": "0.4", "fund_id": "F-1"},
            {"layer_id": "C", "programme_id": "PR-1", "order": "3", "kind": "quota_share",
             "party": "bank", "share": "0.2"},
        ],
        "funds": [{"fund_id": "F-1", "party": "county_fund", "balance_yuan": "30000"}],
        "statements": [{"statement_id": "S-1", "as_of": "2026-10-31", "consolidated": "否",
                        "net_assets_yuan": "100", "total_assets_yuan": "150",
                        "cash_yuan": "100", "other_yuan": "40",
                        "compensation_receivable_yuan": "10"}],
        "pledges": [{"pledge_id": "P-1", "right_kind": "land", "right_id": "R-1",
                     "loan_id": "L-1"},
                    {"pledge_id": "P-2", "right_kind": "land", "right_id": "R-2",
                     "loan_id": "L-2"}],
    }  # fmt: skip


def write_rows(folder: Path, tables: Mapping[str, list[dict[str, Any]]]) -> Path:
    """Write tables as CSV."""
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        heads = list(dict.fromkeys(head for row in rows for head in row))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, heads, restval="")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def read_rows_of(folder: Path, spool: Path) -> GuaranteeBook:
    """Read a book."""
    spool.mkdir(exist_ok=True)
    return read_guarantee_book(find_tables(folder, book_tables()), spool, DAY)


@pytest.fixture
def rows() -> Rows:
    """A sound book, to be changed."""
    return sound()


@pytest.fixture
def read(tmp_path: Path) -> Callable[[Rows], GuaranteeBook]:
    """Write rows as CSV and read them as a book."""

    def run(tables: Rows) -> GuaranteeBook:
        shutil.rmtree(tmp_path / "book", ignore_errors=True)
        folder = write_rows(tmp_path / "book", tables)
        return read_rows_of(folder, tmp_path / "spool")

    return run
