"""The synthetic pledges: mostly in order, with every kind of trouble, the same bytes."""

import filecmp
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from riskengine.sample.writer import write_sample

DAY = date(2026, 11, 24)


def test_most_pledges_are_in_order(judged: tuple[Path, dict[str, Any]]) -> None:
    _, manifest = judged
    outcomes, rows = manifest["outcomes"], manifest["rows_in"]
    assert manifest["rows_rejected"] == 0
    assert 0.65 < (outcomes["pass"] + outcomes["haircut"]) / rows < 0.85
    assert 0.13 < outcomes["refer"] / rows < 0.32
    assert 0 < outcomes["block"] / rows < 0.05


def test_every_kind_of_trouble_is_there(judged: tuple[Path, dict[str, Any]]) -> None:
    _, manifest = judged
    claims, kinds = manifest["tally"]["claims"], manifest["watch"]["kinds"]
    for claim in ("ranked", "unranked", "certificate", "area"):
        assert claims[claim][0], claim
    for what in ("right_ends_inside_loan", "sealed", "insurance_ends", "revaluation",
                 "cover_below_one", "value_fell", "inspections", "idle"):  # fmt: skip
        assert kinds[what]["pledges"], what
    assert any(what.endswith("_until") and kind["red_pledges"] for what, kind in kinds.items())
    assert manifest["tally"]["facts"], "papers are missing"
    assert "HOM-LOSS-01" in manifest["rules"], "houses without insurance"


def test_inspections_are_mostly_of_the_last_ten_months(sample: Path) -> None:
    made = pq.read_table(sample / "pledges.parquet")["site_inspected_on"].drop_null()
    recent = pc.greater_equal(made, pa.scalar(date(2026, 1, 24)))
    assert 0.88 < pc.mean(recent.cast("float64")).as_py() < 0.99


def test_the_same_seed_gives_the_same_bytes(sample: Path, tmp_path: Path) -> None:
    write_sample(tmp_path, 2000, 7, DAY)
    for name in ("pledges", "loans", "policies"):
        path = f"{name}.parquet"
        assert filecmp.cmp(sample / path, tmp_path / path, shallow=False), name
    write_sample(tmp_path, 2000, 8, DAY)
    assert not filecmp.cmp(sample / "pledges.parquet", tmp_path / "pledges.parquet", shallow=False)


def test_identifiers_say_that_they_are_invented(sample: Path) -> None:
    for name in ("pledges", "loans", "policies"):
        ids = pq.read_table(sample / f"{name}.parquet").column(0).to_pylist()
        assert all(one.startswith("SAMPLE-") for one in ids)
        assert len(set(ids)) == len(ids)


def test_a_sample_of_one_right_can_be_written(tmp_path: Path) -> None:
    assert write_sample(tmp_path, 1, 1, DAY)["rows"] == {"land": 1}
