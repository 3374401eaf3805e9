"""The search: forward in time, resumable, and the same answer however it is run."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.config import Config
from models.frame import Frame, prepare
from models.search import MOST_CHOICES, best, candidates, forward_folds, search, validated
from tests.models.loans import config, loans, refusal

GRID = "\n[search]\nleaves = [3, 5]\niterations = [2, 4]\nfolds = 2\n"


@pytest.fixture(scope="module")
def frame() -> Frame:
    return prepare(loans(), config("boosting"))


@pytest.fixture
def how() -> Config:
    return config("boosting", GRID)


class Counting:
    """A scorer that is quick to ask, counts its calls, and may be killed."""

    def __init__(self, killed_after: int = 10**9) -> None:
        self.calls: list[tuple[int, int, int]] = []
        self.killed_after = killed_after

    def __call__(
        self, how: Config, first: Frame, second: Frame, settings: Mapping[str, Any]
    ) -> float:
        if len(self.calls) >= self.killed_after:
            raise KeyboardInterrupt
        self.calls.append((settings["leaves"], settings["iterations"], second.y.size))
        return quick(how, first, second, settings)


def quick(how: Config, first: Frame, second: Frame, settings: Mapping[str, Any]) -> float:
    """A score by formula: best at 5 leaves and 2 trees."""
    assert first.day.max() < second.day.min()
    return settings["leaves"] - settings["iterations"] + float(second.y.mean())


def test_candidates_are_the_configuration_and_every_other_choice(how: Config) -> None:
    found = candidates(how)
    assert found[0] == how.settings
    asked = [
        {**how.settings, "leaves": a, "iterations": b} for a, b in itertools.product((3, 5), (2, 4))
    ]
    assert list(found[1:]) == asked
    same = config("boosting", "\n[search]\nleaves = [6]\n")
    assert candidates(same) == (same.settings,)
    assert candidates(config("boosting")) == (config("boosting").settings,)


def test_more_choices_than_can_be_tried() -> None:
    many = "\n[search]\n" + "".join(f"s{k} = [1, 2, 3, 4]\n" for k in range(40))
    assert f"at most {MOST_CHOICES}" in refusal(lambda: candidates(config("boosting", many)))


def test_folds_look_forward_and_cover_the_second_half_once(frame: Frame, how: Config) -> None:
    train = frame.of("train")
    for folds in (1, 2, 5):
        found = forward_folds(config("boosting", f"\n[search]\nfolds = {folds}\n"), train)
        assert len(found) == folds
        looked = np.concatenate([fold.test for fold in found])
        assert np.unique(looked).size == looked.size
        assert looked.max() == train.y.size - 1
        assert looked.size == pytest.approx(train.y.size / 2, abs=8)
        for fold in found:
            assert train.day[fold.train].max() < train.day[fold.test].min()


def test_too_few_days(frame: Frame, how: Config) -> None:
    train = frame.of("train")
    one = train.take(train.day == train.day[0])
    assert "too few days" in refusal(lambda: forward_folds(how, one))


def test_the_best_mean_wins_and_of_equals_the_first(
    frame: Frame, how: Config, tmp_path: Path
) -> None:
    tried = search(how, frame.of("train"), quick, tmp_path)
    assert best(tried)["leaves"] == 5 and best(tried)["iterations"] == 2
    assert [one.mean for one in tried] == sorted((one.mean for one in tried), reverse=True)
    equal = [one.settings for one in tried if one.mean == pytest.approx(tried[1].mean)]
    assert [(s["leaves"], s["iterations"]) for s in equal] == [(3, 2), (5, 4)]
    assert all(one.mean == pytest.approx(np.mean(one.scores)) for one in tried)


def test_a_search_that_was_killed_goes_on(frame: Frame, how: Config, tmp_path: Path) -> None:
    train, killed = frame.of("train"), Counting(killed_after=4)
    with pytest.raises(KeyboardInterrupt):
        search(how, train, killed, tmp_path)
    (tmp_path / "0.json").write_text("{", encoding="utf-8")  # of no task
    again, told = Counting(), []
    found = search(how, train, again, tmp_path, progress=lambda *done: told.append(done))
    assert len(killed.calls) == 4 and len(again.calls) == 10 - 4
    assert not set(killed.calls) & set(again.calls)
    assert told == [(k, 10) for k in range(5, 11)]
    assert found == search(how, train, quick, tmp_path / "new")
    assert not Counting().calls and search(how, train, Counting(0), tmp_path) == found


def test_a_score_that_was_cut_is_done_again(frame: Frame, how: Config, tmp_path: Path) -> None:
    train = frame.of("train")
    found = search(how, train, quick, tmp_path)
    for path, content in zip(
        sorted(tmp_path.iterdir()), ["", "[]", '{"score": null}', "\xff"], strict=False
    ):
        path.write_text(content, encoding="latin-1")
    again = Counting()
    assert search(how, train, again, tmp_path) == found
    assert len(again.calls) == 4
    assert all(json.loads(path.read_text())["score"] for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 6}, {"form": "scorecard"}, {"settings": {"leaves": 3, "iterations": 3, "leaf_rows": 20}},
    ],
    ids=str,
)  # fmt: skip
def test_what_a_score_depends_on(
    change: dict[str, Any], frame: Frame, how: Config, tmp_path: Path
) -> None:
    """Another seed or form makes every score new; other settings only their own."""
    train = frame.of("train")
    search(how, train, quick, tmp_path)
    other = Counting()
    search(replace(how, **change), train, other, tmp_path)
    assert len(other.calls) == (2 if "settings" in change else 10)


def test_a_direction_turned_round_makes_every_score_new(
    frame: Frame, how: Config, tmp_path: Path
) -> None:
    search(how, frame.of("train"), quick, tmp_path)
    turned = {name: dict(one) for name, one in [("years", {"unit": "year", "direction": 1})]}
    features = {"debt_to_income": {"unit": "1", "low": 0}, **turned,
                "income_yuan": {"unit": "yuan", "low": 0},
                "crop": {"kind": "category", "codes": ["rice", "tea", "hogs"]}}  # fmt: skip
    other = config("boosting", GRID, features=features)
    again = Counting()
    search(other, prepare(loans(), other).of("train"), again, tmp_path)
    assert len(again.calls) == 10


def test_validated_looks_forward_and_at_new_places(frame: Frame) -> None:
    how = config("boosting", place="county")
    places = np.array([f"p{k % 7}" for k in range(frame.y.size)], dtype=object)
    seen = []

    def scorer(how: Config, first: Frame, second: Frame, settings: Mapping[str, Any]) -> float:
        seen.append((set(first.place), set(second.place)))
        return 0.5

    train = frame.__class__(**{**vars(frame), "place": places}).of("train")
    assert validated(how, train, scorer, {}) == {"score_forward": 0.5, "score_new_places": 0.5}
    assert len(seen) == 3 + 5
    assert all(not first & second for first, second in seen[3:])
    few = frame.of("train")
    assert set(validated(how, few, scorer, {})) == {"score_forward"}  # one place: no blocks
