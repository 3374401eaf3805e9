"""The published cases: re-typed with their sources, handled as expected, traps stopped."""

import csv
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from riskengine.demo import published_cases
from riskengine.market import demonstration
from riskengine.rights import RIGHTS
from riskengine.single import value_records
from riskengine.valuation import STATUSES, statuses

FOLDER = Path("examples/published_cases")
DAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def cases():
    return published_cases(FOLDER, demonstration())


def test_at_least_fifty_published_deals_with_place_year_and_source(cases) -> None:
    assert len({case.right_id for case in cases}) >= 50
    for case in cases:
        assert case.place and case.source, case.right_id
        assert case.published > 0.0, case.right_id


def test_every_row_has_a_published_figure(cases) -> None:
    told = {(case.table, case.right_id) for case in cases}
    for table in RIGHTS:
        with (FOLDER / f"{table}.csv").open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                assert (table, row["right_id"]) in told


def test_every_case_is_handled_as_expected(cases) -> None:
    wrong = [(c.right_id, c.quantity, c.status, c.expected) for c in cases if not c.as_expected]
    assert wrong == []


def test_intervals_hold_the_published_values(cases) -> None:
    judged = [case for case in cases if case.covered is not None]
    assert len(judged) >= 5
    missed = [case.right_id for case in judged if not case.covered]
    assert len(missed) <= len(judged) // 5, missed


def traps():
    for table in RIGHTS:
        path = FOLDER / "traps" / f"{table}.csv"
        if path.exists():
            with path.open(encoding="utf-8-sig", newline="") as stream:
                for row in csv.DictReader(stream):
                    yield pytest.param(table, row, id=row["right_id"])


@pytest.mark.parametrize(("table", "row"), list(traps()))
def test_traps_are_rejected_or_sent_to_a_person(table: str, row: dict[str, str]) -> None:
    told = ("expected", "source", "note", "valued_on")
    facts = {k: v for k, v in row.items() if k not in told and v}
    day = date.fromisoformat(row["valued_on"]) if row.get("valued_on") else DAY
    checked, valuation = value_records(table, [facts], day, demonstration(), {})
    if valuation is None:
        status = "rejected"
        assert checked.faults
    else:
        status = STATUSES[int(statuses(valuation.flags)[0])]
    assert status != "valued", row["note"]
    assert status == row["expected"] or (row["expected"] == "refer" and status == "no_value")
    assert isinstance(checked.batch.ids, pa.Array)
