"""Splits forward in time and to places never seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluate import Fold, forward, out_of_fold, places, rolling_origin, spatial_blocks
from riskengine.errors import ModelError

DAYS = np.arange("2020-01-01", "2023-01-01", dtype="datetime64[D]")


def test_forward_parts_follow_each_other() -> None:
    found = forward(DAYS, "2020-12-31", "2021-06-30", "2022-06-30")
    assert str(DAYS[found.train].max()) == "2020-12-31"
    assert str(DAYS[found.calibrate].min()) == "2021-01-01"
    assert str(DAYS[found.test].min()) == "2021-07-01"
    assert str(DAYS[found.test].max()) == "2022-06-30"
    assert found.purged.size == 0
    assert forward(DAYS, "2020-12-31", "2020-12-31").test[-1] == DAYS.size - 1


def test_outcomes_that_were_not_known_are_purged() -> None:
    found = forward(DAYS, "2020-12-31", "2021-12-31", outcome_days=90, embargo_days=10)
    assert np.all(DAYS[found.train] + 90 <= np.datetime64("2020-12-31"))
    assert np.all(DAYS[found.calibrate] + 90 <= np.datetime64("2021-12-31"))
    assert str(DAYS[found.calibrate].min()) == "2021-01-11"
    assert str(DAYS[found.test].min()) == "2022-01-11"
    assert str(DAYS[found.test].max()) == "2022-12-31"
    parts = np.concatenate((found.train, found.calibrate, found.test, found.purged))
    assert np.array_equal(np.sort(parts), np.arange(DAYS.size))


@given(st.integers(0, 1000), st.integers(0, 200), st.integers(0, 50))
def test_no_row_is_in_two_parts_and_order_of_rows_is_nothing(
    seed: int, window: int, gap: int
) -> None:
    mixed = np.random.default_rng(seed).permutation(DAYS.size)
    found = forward(DAYS[mixed], "2021-06-30", "2021-12-31", None, window, gap)
    plain = forward(DAYS, "2021-06-30", "2021-12-31", None, window, gap)
    for name in ("train", "calibrate", "test", "purged"):
        rows = getattr(found, name)
        assert np.array_equal(np.sort(mixed[rows]), getattr(plain, name))
        assert np.array_equal(rows, np.sort(rows))
    joined = np.concatenate((found.train, found.calibrate, found.test, found.purged))
    assert np.unique(joined).size == joined.size


def test_rolling_origins_never_look_ahead() -> None:
    folds = rolling_origin(
        DAYS, ["2020-12-31", "2021-12-31", "2029-01-01"], 180, outcome_days=30, embargo_days=5
    )
    assert [fold.name for fold in folds] == ["2020-12-31", "2021-12-31"]
    for fold in folds:
        end = np.datetime64(fold.name)
        assert np.all(DAYS[fold.train] + 30 <= end)
        assert DAYS[fold.test].min() == end + 6
        assert fold.test.size == 180
    window = rolling_origin(DAYS, ["2021-12-31"], 30, window_days=100)
    assert window[0].train.size == 100
    with pytest.raises(ModelError):
        rolling_origin(DAYS, ["2019-01-01"], 30)


def codes(seed: int, n: int = 600) -> np.ndarray:
    """Codes of villages in three counties."""
    rng = np.random.default_rng(seed)
    county = rng.choice([110105, 320281, 510184], n)
    return np.array([f"{c}{t:03d}{v:03d}" for c, t, v in zip(
        county, rng.integers(1, 5, n), rng.integers(1, 4, n), strict=True)])  # fmt: skip


@pytest.mark.parametrize(("level", "digits"), [("village", 12), ("township", 9), ("county", 6)])
def test_blocks_hold_whole_places_out(level: str, digits: int) -> None:
    place = codes(1)
    folds = spatial_blocks(place, 3, seed=5, level=level)
    tested = np.concatenate([fold.test for fold in folds])
    assert np.array_equal(np.sort(tested), np.arange(place.size))
    for fold in folds:
        inside = {code[:digits] for code in place[fold.test]}
        assert not inside & {code[:digits] for code in place[fold.train]}
    sizes = [fold.test.size for fold in folds]
    if level != "county":
        assert max(sizes) < 1.3 * min(sizes)
    again = spatial_blocks(place, 3, seed=5, level=level)
    assert all(np.array_equal(a.test, b.test) for a, b in zip(folds, again, strict=True))


def test_seed_moves_places_and_columns_serve_as_places() -> None:
    place = codes(2)
    one, two = (spatial_blocks(place, 4, seed, "village")[0].test for seed in (0, 1))
    assert not np.array_equal(one, two)
    named = spatial_blocks(["east", "west", "east", "north"], 3)
    assert {fold.test.size for fold in named} == {1, 2}
    assert places([110105, 320281], "province").tolist() == ["11", "32"]


def test_predictions_out_of_fold() -> None:
    place = codes(3)
    y = np.random.default_rng(0).random(place.size)
    folds = spatial_blocks(place, 4, level="village")
    found = out_of_fold(y.size, folds, lambda train, test: np.full(test.size, y[train].mean()))
    for fold in folds:
        assert found[fold.test] == pytest.approx(y[fold.train].mean())
    some = out_of_fold(3, [Fold("a", np.array([0]), np.array([1]))], lambda _, test: test)
    assert np.isnan(some[[0, 2]]).all()
    for train, test in (([0, 1], [1]), ([0], [1])):
        twice = [Fold("a", np.array(train), np.array(test))] * 2
        with pytest.raises(ModelError):
            out_of_fold(3, twice, lambda _, rows: rows)


@pytest.mark.parametrize(
    "arguments",
    [
        ("2021-01-01", "2020-01-01"),
        ("2021-01-01", "2021-06-01", "2021-06-01"),
        ("2019-01-01", "2021-06-01"),
        ("2021-01-01", "2021-06-01", None, -1),
        ("2020-03-01", "2021-06-01", None, 500),
    ],
)
def test_ends_that_do_not_rise_are_refused(arguments: tuple) -> None:
    with pytest.raises(ModelError):
        forward(DAYS, *arguments)


def test_bad_days_codes_and_folds_are_refused() -> None:
    for days in (["2020-01-01", "NaT"], ["2020-01-01", "soon"]):
        with pytest.raises(ModelError):
            forward(days, "2020-01-01", "2020-02-01")
    for arguments in ((["1101"], "county"), (["110105"], "street")):
        with pytest.raises(ModelError):
            places(*arguments)
    for folds in (1, 3):
        with pytest.raises(ModelError):
            spatial_blocks(["a", "b"], folds)
