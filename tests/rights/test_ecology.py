"""Contract of ecological assets: what is stopped at the door."""

from datetime import date

import pandas as pd
import pytest

from riskengine.rights.ecology import ECOLOGY
from riskengine.table import check, from_pandas

DAY = date(2026, 11, 24)
COMING = {
    "right_id": "S1", "kind": "carbon_contracted", "region_code": "330523", "programme": "ccer",
    "stage": "registered", "crediting_end": "2046-11-24", "area_mu": 1000.0,
}  # fmt: skip


def faults(**cells: object) -> list[tuple[str, str]]:
    frame = pd.DataFrame([{**COMING, **cells}])
    found = check(ECOLOGY, from_pandas(ECOLOGY, frame), DAY)
    return [(fault.kind.name, fault.column.name) for fault in found.faults]


@pytest.mark.parametrize("tonnes", [0.39, 0.9, 2.0])
def test_yields_that_have_been_measured_pass(tonnes: float) -> None:
    assert faults(yield_t_per_mu_year=tonnes) == []


@pytest.mark.parametrize("tonnes", [2.1, 3.5, 24.5])
def test_slips_of_units_are_rejected(tonnes: float) -> None:
    assert faults(yield_t_per_mu_year=tonnes) == [("OUT_OF_RANGE", "yield_t_per_mu_year")]


@pytest.mark.parametrize(
    ("kind", "missing"),
    [("carbon_issued", "quantity_t"), ("carbon_contracted", "stage"),
     ("carbon_contracted", "crediting_end"), ("compensation", "income_yuan_per_year")],
)  # fmt: skip
def test_every_kind_has_what_it_cannot_do_without(kind: str, missing: str) -> None:
    assert ("MISSING", missing) in faults(kind=kind, **{missing: None})


def test_dates_must_agree() -> None:
    assert faults(crediting_start="2047-01-01") == [("DATES_OUT_OF_ORDER", "crediting_start")]
    assert faults(issued_through="2027-01-01") == [("AFTER_VALUED_ON", "issued_through")]
