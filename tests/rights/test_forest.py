"""Contract of forest rights: what is stopped at the door."""

from datetime import date

import pandas as pd
import pytest

from riskengine.rights.forest import FOREST, SPECIES
from riskengine.rules import statute
from riskengine.table import check, from_pandas

DAY = date(2026, 11, 24)
STAND = {
    "right_id": "S1", "kind": "timber", "region_code": "350427", "area_mu": 100.0, "species": "fir",
    "stand_age_years": 18.0, "volume_m3_per_mu": 9.5,
}  # fmt: skip


def faults(**cells: object) -> list[tuple[str, str]]:
    frame = pd.DataFrame([{**STAND, **cells}])
    found = check(FOREST, from_pandas(FOREST, frame), DAY)
    return [(fault.kind.name, fault.column.name) for fault in found.faults]


def test_a_plain_stand_passes() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("column", "cell"),
    [("area_mu", 0.0), ("volume_m3_per_mu", 106.7), ("survival_share", 88.0),
     ("outturn_share", 70.0), ("permit_chance", 1.1), ("quota_share", 0.0)],
)  # fmt: skip
def test_slips_of_units_are_rejected(column: str, cell: float) -> None:
    assert faults(**{column: cell}) == [("OUT_OF_RANGE", column)]


def test_chinese_words_are_read() -> None:
    frame = pd.DataFrame([{
        "权利编号": "S1", "林权种类": "竹林", "所在地区代码": "330523", "面积(亩)": "20",
        "树种": "毛竹", "权利范围": "林地和林木", "使用期止": "2046年11月24日",
    }])  # fmt: skip
    found = check(FOREST, from_pandas(FOREST, frame), DAY)
    assert not found.faults
    assert found.batch.columns["right_scope"][0] == 0


def test_every_timber_species_has_all_its_tables() -> None:
    rules = statute().at(DAY)
    timber = {choice.code for choice in SPECIES[:6]}
    crops = {choice.code for choice in SPECIES[6:10]}
    for name in ("maturity_age", "yield_at_rotation", "outturn", "log_price_ceiling"):
        assert set(rules.table(f"forest.{name}")) == timber, name
    for name in ("first_bearing_age", "full_bearing_age", "life_end_age"):
        assert set(rules.table(f"forest.{name}")) == crops, name
    edges = ("young_until", "middle_until", "near_mature_until", "rotation_age", "mature_until")
    for zone in ("south", "north"):
        tables = [rules.table(f"forest.{edge}_{zone}") for edge in edges]
        for species in timber:
            ages = [table[species] for table in tables]
            assert ages == sorted(set(ages)), (zone, species)
