"""Configurations: what is right is read, whatever is wrong is told, all of it at once."""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.config import Config, parse, read_config
from models.shape import CALIBRATION, FEATURE, TARGET, TOP
from riskengine.errors import ModelError
from tests.models.loans import TEXT, content, refusal, text_of

EXAMPLES = sorted(Path("examples/models").glob("*default.toml"))

WRONG: tuple[Any, ...] = (
    5, -1.5, 0.5, True, "", "x", "a / b", [], [1], ["a", "a"], [["a"]], [["a", "b"]], {}, {"a": 1},
    {"a": "x"}, {"a": ["x"]}, {"zh": 5}, {"folds": 0}, {"a": {"b": [{"c": [[1]]}]}},
    date(2020, 1, 1), datetime(2020, 1, 1), time(1, 0), float("nan"), float("inf"), 10**400,
    {"champion": {"champion": {}}}, {"auc_at_least": "0.7"}, [date(2020, 1, 1)], "\0", "9**9**9",
)  # fmt: skip
"""Values of every kind that TOML has."""


def places() -> Iterator[tuple[str, ...]]:
    """Path of every key that a configuration may have."""
    for key in (*TOP, "surprise"):
        yield (key,)
    for key in (*TARGET, "surprise"):
        yield "target", key
    for key in ("train_to", "calibrate_to", "test_to", "surprise"):
        yield "split", key
    for key in (*FEATURE, "surprise"):
        yield "features", "years", key
        yield "features", "crop", key
    for key in (*CALIBRATION, "surprise"):
        yield "calibration", key


def changed(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """The configuration with one value put in."""
    whole = content()
    inner = whole
    for name in path[:-1]:
        inner = inner.setdefault(name, {})
    inner[path[-1]] = value
    return whole


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_are_read(path: Path) -> None:
    assert read_config(path).features


def test_what_a_configuration_holds(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(TEXT, encoding="utf-8-sig")
    found = read_config(tmp_path / "a.toml")
    assert [feature.name for feature in found.features] == [
        "debt_to_income", "years", "income_yuan", "crop",
    ]  # fmt: skip
    assert (found.seed, found.reject_share, found.split.test_to) == (5, 0.0, date(2023, 12, 31))
    assert (found.target.low, found.target.high) == (0.0, 1.0)
    assert found.features[0].words.zh == "负债收入比"
    assert found.features[1].words.en == "years"  # no title: its name, never nothing
    assert found.digest == hashlib.sha256(TEXT.encode()).hexdigest()
    assert parse(content(), TEXT) == found


@pytest.mark.parametrize("path", list(places()), ids=".".join)
def test_any_value_anywhere_is_read_or_refused(path: tuple[str, ...]) -> None:
    """Nothing but a ModelError comes out, whatever is put in; bytes of no key are read."""
    for value in WRONG:
        try:
            assert isinstance(parse(changed(path, value)), Config)
        except ModelError as error:
            assert error.wrong.zh and error.wrong.en
    if path[-1] == "surprise":
        assert "unknown key" in refusal(lambda: parse(changed(path, 1)))


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (("id",), (5, ["a"], "", True)), (("date",), (5, {}, [])), (("place",), (5, ["a"])),
        (("weight",), (1.0, [])), (("keep",), (True, ["a"], "a +", "x" * 3000, "lambda: 1")),
        (("kind",), ("loss", ["default"], {})), (("form",), ("forest", [], 1)),
        (("origin",), ("here", [1])), (("name",), ("a/b", "..", "", "贷", 5)),
        (("seed",), (-1, 1.5, True, "5")), (("reject_share",), (1.0, -0.1, "0.1", float("nan"))),
        (("not_for",), (5, "farmers", {"fr": "non"}, {"zh": 5})),
        (("groups",), ("crop", [1], {})), (("fairness",), ("sex", [[]])),
        (("order",), (["a", "b"], [["a"]], [["a", "b", "c"]], "ab")),
        (("derive",), ({"a": 1}, [], {"a": "("})), (("allow",), ({"a": 1}, {"a": ""})),
        (("recode",), ({"a": 1}, {"a": {"b": 1}}, [])), (("missing",), ({"a": 0}, {"a": [[]]})),
        (("settings",), (5, {"a": date(2020, 1, 1)}, {"a": float("nan")}, {"a": 10**400})),
        (("calibration",), ({"method": 5}, {"sample_rate": 0.5}, {"target_rate": 2, "sample_rate": 0.5},
                            {"refit": "no"}, {"metod": "platt"})),
        (("search",), ({"leaves": 5}, {"leaves": []}, {"folds": 0}, {"folds": "3"}, {"folds": 1000})),
        (("bar",), ({"auc": 0.7}, {"auc_at_least": "0.7"}, {"auc_at_least": True}, {"champion": 1},
                    {"champion": {"champion": {}}}, {"auc_at_least": float("nan")})),
        (("target",), (5, {}, {"column": "bad"}, {"column": 5})),
        (("target", "low"), (2.0, "0", float("nan"))),
        (("split",), (5, {}, {"train_to": "2020-01-01"})),
        (("split", "train_to"), ("2021-12-31", datetime(2021, 1, 1), date(2022, 12, 31), date(2030, 1, 1))),
        (("features",), (5, {}, [], {"a": 1})),
        (("features", "years", "unit"), ("", 5)), (("features", "years", "codes"), (["a"],)),
        (("features", "years", "direction"), (2, "1", True, 0.5)),
        (("features", "years", "low"), ("0", True, float("nan"), float("inf"))),
        (("features", "crop", "direction"), (1,)), (("features", "crop", "kind"), ("text", ["number"])),
        (("features", "crop", "codes"), ("rice", [1, 2], ["a", "a"], [""])),
        (("features", "crop", "most_codes"), (0, "30", 1.5, 10**9)),
        (("features", "crop", "actionable"), (1, "yes")), (("features", "crop", "title"), ("crop", {"zh": 1})),
    ],
)  # fmt: skip
def test_wrong_values_are_refused(path: tuple[str, ...], values: tuple[Any, ...]) -> None:
    for value in values:
        assert refusal(lambda value=value: parse(changed(path, value)))


@pytest.mark.parametrize("key", ["name", "kind", "form", "origin", "seed", "id", "date", "target",
                                 "split", "features"])  # fmt: skip
def test_what_is_needed(key: str) -> None:
    whole = content()
    del whole[key]
    assert f"{key} is missing" in refusal(lambda: parse(whole))


def test_every_fault_is_told_at_once() -> None:
    whole = {**content(), "seed": -1, "surprise": 1, "origin": "here"}
    whole["features"]["years"]["unit"] = 5
    told = refusal(lambda: parse(whole))
    for part in ("unknown key surprise", "seed must be", "features.years.unit must be"):
        assert part in told
    whole = content()
    whole["features"]["years"] |= {"unit": "", "low": 3, "high": 2}
    told = refusal(lambda: parse({**whole, "origin": "here", "form": "forest"}))
    for part in ("origin 'here'", "form 'forest'", "years.unit is missing", "low must be below"):
        assert part in told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"features": {"bad": {"unit": "1"}}}, "bad is the target"),
        ({"features": {"loan_no": {"unit": "1"}}}, "loan_no is the identifier"),
        ({"features": {"decided_on": {"unit": "1"}}}, "decided_on is the day"),
        ({"features": {"sex": {"kind": "category"}}}, "sex is for audit alone"),
        ({"features": {"off_on": {"unit": "1"}}, "outcome_on": "off_on"}, "the day of the outcome"),
        ({"features": {"f": {"unit": "1"}}, "derive": {"f": "bad * 2"}}, "derived from bad"),
        ({"features": {"f": {"unit": "1"}}, "derive": {"g": "bad * 2", "f": "g + 1"}},
         "f is derived from bad, which is the target"),
    ],
)  # fmt: skip
def test_what_a_model_must_not_look_at(changes: dict[str, Any], told: str) -> None:
    assert told in refusal(lambda: parse({**content(), **changes}))


def test_the_month_of_the_decision_may_be_looked_at() -> None:
    changes = {"features": {"m": {"unit": "1"}}, "derive": {"m": "month(decided_on)"}}
    assert parse({**content(), **changes}).derive


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\xff\xfe", b"name = ", b"a = " + b"[" * 20_000, b"\x00", TEXT.encode("utf-16"),
        (TEXT + "\n[features.years]\n").encode(), b"settings." + b"a." * 3000 + b"a = 1",
    ],
    ids=["empty", "bytes", "cut", "deep", "nul", "utf-16", "doubled", "dotted"],
)  # fmt: skip
def test_files_that_are_no_configuration(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(raw)
    assert refusal(lambda: read_config(tmp_path / "a.toml"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    told = refusal(lambda: read_config(tmp_path / "none.toml"))
    assert "none.toml" in told and str(tmp_path) not in told
    assert "cannot be opened" in refusal(lambda: read_config(tmp_path))


def test_deep_settings_are_refused_and_wide_ones_are_not() -> None:
    deep: Any = 1
    for _ in range(3000):
        deep = {"a": deep}
    for key in ("settings", "target", "features", "surprise", "name"):
        assert refusal(lambda key=key: parse({**content(), key: deep}))
    wide = {f"s{k}": k for k in np.arange(2000).tolist()}
    assert len(parse({**content(), "settings": wide}).settings) == 2000


def test_text_of_trees_is_a_configuration() -> None:
    assert "iterations" in text_of("boosting")
