"""Published deals and traps of farmhouses and construction land end as their files say."""

import csv
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from riskengine.demo import published_cases
from riskengine.market import demonstration
from riskengine.rights import RIGHTS
from riskengine.rules import statute
from riskengine.table import check, from_pandas
from riskengine.valuation import STATUSES, statuses, value

FOLDER = Path(__file__).parents[2] / "examples" / "published_cases"
TABLES = ("homestead", "construction")
MONEY_ERROR = 0.25
"""How far arithmetic on the same published figures may lie from the deal, on logarithms."""


@pytest.fixture(scope="module")
def cases():
    found = published_cases(FOLDER, demonstration())
    return [case for case in found if case.table in TABLES]


def test_every_case_ends_as_expected(cases) -> None:
    assert len(cases) >= 19
    wrong = [(case.right_id, case.status, case.expected) for case in cases if not case.as_expected]
    assert not wrong


def test_deals_lie_within_their_intervals(cases) -> None:
    judged = {case.right_id: case for case in cases if case.covered is not None}
    assert {"CASE-28", "CASE-34", "CASE-35"} <= judged.keys()
    for name in ("CASE-28", "CASE-34", "CASE-35"):
        assert judged[name].covered, name
        assert abs(judged[name].engine / judged[name].published - 1.0) < MONEY_ERROR


def traps():
    for table in TABLES:
        with (FOLDER / "traps" / f"{table}.csv").open(encoding="utf-8") as stream:
            yield from (
                pytest.param(table, row, id=row["right_id"]) for row in csv.DictReader(stream)
            )


@pytest.mark.parametrize(("table", "row"), list(traps()))
def test_traps_are_rejected_or_referred(table: str, row: dict[str, str]) -> None:
    day = date.fromisoformat(row["valued_on"])
    facts = {name: cell for name, cell in row.items() if name in RIGHTS[table].by_name and cell}
    frame = pd.DataFrame([facts])
    found = check(RIGHTS[table], from_pandas(RIGHTS[table], frame), day)
    if row["expected"] == "rejected":
        assert found.rejected == 1
        return
    valuation = value(found.batch, demonstration().on(day), statute().at(day))
    assert STATUSES[int(statuses(valuation.flags)[0])] == row["expected"]
