"""The door: what an application holds, and the path of what is wrong with it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.errors import RiskEngineError
from riskengine.scoring.application import (
    BORROWER,
    GUARANTEE,
    ApplicationError,
    application_of,
    read_application,
)
from riskengine.scoring.cells import _checked, at_once, typed_cells
from riskengine.scoring.record import record
from riskengine.scoring.score import Score, score, score_many
from tests.scoring.made import EXAMPLES, application, content, equipment

FORBIDDEN = (
    "sex",
    "gender",
    "nation",
    "ethnic",
    "relig",
    "marit",
    "educat",
    "性别",
    "民族",
    "宗教",
)


def changed(**parts: Any) -> dict[str, Any]:
    return {**content(), **parts}


def with_right(**cells: Any) -> dict[str, Any]:
    return changed(rights=[{**content()["rights"][0], **cells}])


WRONG = {
    "colour": changed(colour="blue"),
    "application_no": changed(application_no=""),
    "created_on": changed(created_on="23.11.2026"),
    "valued_on": changed(valued_on=None),
    "borrower": changed(borrower=[1]),
    "borrower.sex": changed(borrower={"borrower_type": "household", "sex": "f"}),
    "borrower.features": changed(borrower={"borrower_type": "household", "features": 3}),
    "borrower.资产总额": changed(borrower={"assets_yuan": 1, "资产总额": 2}),
    "loan.sum": changed(loan={"sum": 1}),
    "loan.balance_yuan": changed(loan={"balance_yuan": [1]}),
    "rights": changed(rights=[]),
    "rights[0]": changed(rights=["land"]),
    "rights[0].table": changed(rights=[{"table": "boat"}]),
    "rights[0].keel": with_right(keel=1),
    "rights[0].policies": with_right(policies="all"),
    "rights[0].policies[0]": with_right(policies=[1]),
    "rights[0].policies[0].keel": with_right(policies=[{"keel": 1}]),
    "guarantee.colour": changed(guarantee={"colour": 1}),
}  # fmt: skip


@pytest.mark.parametrize("path", WRONG)
def test_what_is_wrong_is_told_with_its_path(path: str) -> None:
    with pytest.raises(ApplicationError) as told:
        application_of(WRONG[path])
    assert told.value.path == path
    assert path in told.value.wrong.zh
    assert path in told.value.wrong.en
    assert told.value.cure.zh
    assert told.value.cure.en


@pytest.mark.parametrize(
    ("part", "cells", "path"),
    [
        ("borrower", {"borrower_type": "bank"}, "borrower.borrower_type"),
        ("borrower", {"borrower_type": None}, "borrower.borrower_type"),
        ("borrower", {"birth_year": 1492}, "borrower.birth_year"),
        ("borrower", {"assets_yuan": "a lot"}, "borrower.assets_yuan"),
        ("borrower", {"features": {"years_farming": "long"}}, "borrower.features.years_farming"),
        ("borrower", {"features": {"years_farming": float("inf")}}, "borrower.features.years_farming"),
        ("guarantee", {"guarantor_type": "commercial", "guaranteed_share": 0.0}, "guarantee.guaranteed_share"),
        ("guarantee", {"guaranteed_share": 0.8}, "guarantee.guarantor_type"),
    ],
)  # fmt: skip
def test_cells_are_checked_with_their_path(part: str, cells: dict[str, Any], path: str) -> None:
    with pytest.raises(ApplicationError) as told:
        score(application("001", **{part: cells}), equipment())
    assert told.value.path == path


def test_a_faulty_application_leaves_the_others_alone() -> None:
    good, bad = application(), application("001", borrower={"birth_year": 1492})
    worse = application("001", loan={"balance_yuan": -1})
    found = score_many([bad, good, worse], equipment())
    assert isinstance(found[0], ApplicationError)
    assert isinstance(found[2], RiskEngineError)
    assert isinstance(found[1], Score)
    assert record(found[1]) == record(score(good, equipment()))
    assert score_many([], equipment()) == []


def test_texts_stand_for_what_their_columns_hold() -> None:
    told = content()
    words = {"household": "农户", True: "是", False: "否"}
    told["borrower"] = {
        name: words.get(cell, cell) if isinstance(cell, str | bool) else cell
        for name, cell in told["borrower"].items()
    }
    told["borrower"]["资产总额(元)"] = "400,000"
    del told["borrower"]["assets_yuan"]
    assert score(application_of(told), equipment()).reasons == score(
        application(), equipment()
    ).reasons  # fmt: skip


def test_json_and_toml_say_the_same(tmp_path: Path) -> None:
    for path in EXAMPLES:
        told = json.loads(json.dumps(content(path.name[:3]), default=date.isoformat))
        (tmp_path / "a.json").write_text(json.dumps(told), encoding="utf-8")
        from_json, from_toml = read_application(tmp_path / "a.json"), read_application(path)
        assert from_json.created_on == from_toml.created_on
        assert from_json.borrower == from_toml.borrower
    for name, raw in (
        ("b.json", b"[1]"),
        ("c.json", b"{"),
        ("d.toml", b"\xff"),
        ("e.toml", b"= 1"),
    ):
        (tmp_path / name).write_bytes(raw)
        with pytest.raises(ApplicationError, match=name):
            read_application(tmp_path / name)
    with pytest.raises(ApplicationError, match=r"none\.toml"):
        read_application(tmp_path / "none.toml")


def test_nothing_that_may_not_count_has_a_column() -> None:
    for contract in (BORROWER, GUARANTEE):
        for column in contract.columns:
            said = f"{column.name} {column.title.zh} {column.title.en.lower()}"
            assert not [word for word in FORBIDDEN if word in said and "national" not in said], said
    assert [column.name for column in BORROWER.columns if column.personal] == ["borrower_code"]


@given(st.data())
def test_the_quick_door_lets_through_what_the_slow_one_does(data: st.DataObject) -> None:
    """Cells that are typed already come out as if they had been read."""
    for contract in (BORROWER, GUARANTEE):
        record = {}
        for column in contract.columns[1:]:
            kinds = {
                "flag": st.booleans(), "number": st.floats(-10.0, 2e12) | st.integers(-3, 2100),
                "code": st.sampled_from([*column.codes, "x"]), "text": st.sampled_from(["A1", "=1"]),
            }  # fmt: skip
            if data.draw(st.booleans()) or column.required:
                record[column.name] = data.draw(st.none() | kinds[column.kind])
        (slow,) = _checked(contract, [record], date(2026, 11, 23))
        quick = at_once(
            contract, record, [one.name for one in contract.columns[1:] if one.required]
        )
        assert quick is None or quick == slow
        (whole,) = typed_cells(contract, [record], date(2026, 11, 23))
        assert str(whole) == str(slow)
