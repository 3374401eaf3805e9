"""What the tests of the book share: one sample, judged once, and books made by hand."""

import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from riskengine.law import law_for
from riskengine.market import demonstration
from riskengine.pledgebook.run import judge_book
from riskengine.sample.writer import write_sample

DAY = date(2026, 11, 24)
ROWS = 2000
Rows = Sequence[Mapping[str, Any]]
Judge = Callable[..., dict[str, Any]]
HOUSEHOLD = {"kind": "household", "region_code": "370983", "area_mu": "30", "land_use": "irrigated",
             "contract_end": "2048-12-31"}  # fmt: skip


@pytest.fixture(scope="session")
def judge() -> Judge:
    """Judge a book with the engine's own law and the demonstration market."""

    def run(source: Path, out: Path, **options: Any) -> dict[str, Any]:
        return judge_book(
            source, out, DAY, **{"market": demonstration(), "law": law_for(None), "learned": {}}
            | options,
        )  # fmt: skip

    return run


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small synthetic book."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder, ROWS, 7, DAY)
    return folder


@pytest.fixture(scope="session")
def judged(
    sample: Path, judge: Judge, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    """The sample judged: folder and manifest."""
    out = tmp_path_factory.mktemp("judged")
    return out, judge(sample, out)


@pytest.fixture
def hand(tmp_path: Path) -> Callable[..., Path]:
    """Write a book by hand: tables of rows as CSV."""

    def write(**tables: Rows) -> Path:
        folder = tmp_path / "hand"
        folder.mkdir(exist_ok=True)
        for name, rows in tables.items():
            heads = list(dict.fromkeys(head for row in rows for head in row))
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, heads, restval="")
                writer.writeheader()
                writer.writerows(rows)
        return folder

    return write


@pytest.fixture
def household() -> Callable[..., dict[str, Any]]:
    """A right of a contracting household, with changes."""

    def right(right_id: str, **more: Any) -> dict[str, Any]:
        return {"right_id": right_id, **HOUSEHOLD, **more}

    return right


@pytest.fixture
def pledge() -> Callable[..., dict[str, Any]]:
    """A pledge on a land right, with changes."""

    def made(pledge_id: str, right_id: str, loan_id: str = "", **more: Any) -> dict[str, Any]:
        return {"pledge_id": pledge_id, "right_kind": "land", "right_id": right_id,
                "loan_id": loan_id, "appraised_on": "2026-11-01"} | more  # fmt: skip

    return made


@pytest.fixture
def loan() -> Callable[..., dict[str, Any]]:
    """A loan that runs for another year, with changes."""

    def made(loan_id: str, balance_yuan: float, **more: Any) -> dict[str, Any]:
        return {"loan_id": loan_id, "balance_yuan": balance_yuan, "lender_type": "rural_bank",
                "starts_on": "2026-01-10", "matures_on": "2027-11-30"} | more  # fmt: skip

    return made
