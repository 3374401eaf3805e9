"""The published land deals: what the engine makes of each, and the arithmetic of their rents."""

import csv
import math
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from riskengine.demo import published_cases
from riskengine.kernels.lease import stepped_rent_value
from riskengine.market import demonstration
from riskengine.methods import APPROACHES
from riskengine.rights.land import LAND
from riskengine.rules import statute
from riskengine.table import check, from_pandas
from riskengine.valuation import results, value

CASES = Path(__file__).parents[2] / "examples" / "published_cases"
DAY = date(2026, 11, 24)
MONEY = 1e-9


def lines(name):
    with (CASES / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


ROWS = {row["right_id"]: row for row in lines("land.csv")}
PUBLISHED = lines("published/land.csv")


def number(row, name):
    return float(row[name]) if row[name] else math.nan


def test_every_case_is_told_once_and_has_a_figure() -> None:
    assert len(ROWS) == len(lines("land.csv"))
    assert {line["right_id"] for line in PUBLISHED} == set(ROWS)


def test_every_case_comes_out_as_its_note_says() -> None:
    cases = [case for case in published_cases(CASES, demonstration()) if case.table == "land"]
    assert len(cases) == len(PUBLISHED)
    odd = [(case.right_id, case.status, case.expected) for case in cases if not case.as_expected]
    assert not odd
    assert sum(case.status == "valued" for case in cases) >= 5


def test_the_prepaid_lease_is_near_its_arithmetic() -> None:
    cases = published_cases(CASES, demonstration())
    (case,) = [c for c in cases if c.right_id == "CASE-13" and c.quantity == "value_per_mu_yuan"]
    assert case.covered
    paid = next(line for line in PUBLISHED if line["quantity"] == "price_paid_yuan")
    assert float(paid["published"]) == pytest.approx(7000 * 15 * 700.0, rel=MONEY)
    annuity = (1.0 - 1.06**-15) / 0.06
    assert case.published == pytest.approx(700.0 * annuity, abs=0.6)


@pytest.mark.parametrize("line", [x for x in PUBLISHED if x["quantity"] == "first_year_rent_yuan"],
                         ids=lambda x: x["right_id"])  # fmt: skip
def test_area_times_rent_is_the_published_total(line) -> None:
    row = ROWS[line["right_id"]]
    total = number(row, "area_mu") * number(row, "contract_rent_yuan_per_mu_year")
    assert total == pytest.approx(float(line["published"]), rel=1e-4)


def test_the_stepped_rent_of_twenty_years_adds_up() -> None:
    row = ROWS["CASE-17"]
    total = stepped_rent_value(
        number(row, "contract_rent_yuan_per_mu_year"), 0.0,
        number(row, "rent_step_yuan_per_mu_year"), number(row, "rent_step_years"), 0.0, 0.0, 0.0,
        0.0, 20.0,
    )  # fmt: skip
    assert total == pytest.approx(21700.0, rel=MONEY)
    line = next(x for x in PUBLISHED if x["quantity"] == "rent_total_yuan")
    assert total * number(row, "area_mu") == pytest.approx(float(line["published"]), rel=MONEY)


def test_a_rent_near_the_market_leaves_nothing_to_pledge() -> None:
    row = ROWS["CASE-19-b"]
    frame = pd.DataFrame([{name: cell or None for name, cell in row.items()}])
    day = date(2014, 7, 1)
    batch = check(LAND, from_pandas(LAND, frame), day).batch
    found = value(batch, demonstration().on(day), statute().at(day))
    assert found.reconciled[0, 0] == 0.0
    assert found.methods[0][7, 0] > 0.0


@pytest.mark.parametrize("trap", lines("traps/land.csv"), ids=lambda x: x["right_id"])
def test_traps_are_caught(trap) -> None:
    frame = pd.DataFrame([{name: cell or None for name, cell in trap.items()}])
    found = check(LAND, from_pandas(LAND, frame), DAY)
    if trap["expected"] == "rejected":
        assert found.rejected == 1
        return
    assert found.rejected == 0
    answer = results(value(found.batch, demonstration().on(DAY), statute().at(DAY))).to_pylist()[0]
    assert answer["status"] == trap["expected"]


def contractor(**facts):
    row = {
        "right_id": "E4", "kind": "household", "region_code": "370983101200", "area_mu": 20.0,
        "land_use": "irrigated", "market_rent_yuan_per_mu_year": 800.0, **facts,
    }  # fmt: skip
    day = date(2026, 11, 23)
    batch = check(LAND, from_pandas(LAND, pd.DataFrame([row])), day).batch
    found = value(batch, demonstration().on(day), statute().at(day))
    names = [method.name for method in APPROACHES["land"].methods]
    return found.methods[names.index("income")][:, 0]


def test_the_ready_made_vectors_of_contracted_land() -> None:
    # Regulation notes E4: 20 mu at 800 for 31 years at 6 % are 222,900 yuan; ours at its own rate.
    assert pytest.approx(222900.0, rel=1e-3) == 16000.0 * (1.0 - 1.06**-31) / 0.06
    income = contractor(contract_end="2057-11-23")
    rate = demonstration().on(DAY).quote("land_discount_rate", "370983", "household").value
    expected = 20.0 * income[3] * (1.0 - (1.0 + rate) ** -31) / rate
    assert income[4] == pytest.approx(expected, rel=MONEY)


def test_rent_paid_to_the_end_of_the_year_only_is_nearly_nothing() -> None:
    income = contractor(
        kind="lease_prepaid", contract_end="2057-11-23", lease_end="2026-12-31",
        rent_prepaid_through="2026-12-31", contract_rent_yuan_per_mu_year=800.0,
    )  # fmt: skip
    assert 0.0 < income[0] < 0.11 * 20.0 * income[3]
